#include "engine/storage/import/row_reader.h"

#include <algorithm>
#include <deque>
#include <fmt/format.h>

#include "engine/base/limits.h"
#include "engine/storage/import/internal/bad_lines.h"
#include "engine/storage/import/internal/line_tracker.h"
#include "engine/storage/import/internal/plan.h"

namespace deed::storage::importer {

namespace {

/// Reads all sets of one kind, row by row.
class RowReader {
 public:
    RowReader(ImportPlan* plan, BadLines* bad, RowVisitor* visitor, RowSummary* summary,
              const std::function<void(const ImportProgress&)>& progress)
        : plan_(*plan),
          bad_(*bad),
          visitor_(*visitor),
          summary_(*summary),
          progress_(progress),
          labels_(plan->catalog->labels, plan->dialect.array_delimiter),
          types_(plan->catalog->types, ';') {}

    Status read(EntityKind entity, bool& guess_failed);

 private:
    enum class Outcome : uint8_t { kGood, kFault };

    Result<Outcome> node_row(const SetPlan& plan, bool checked, bool& guess_failed);
    Result<Outcome> edge_row(const SetPlan& plan, bool checked);
    Outcome find_end(const SetPlan& plan, int column, IdReading reading, const IdSpace& space,
                     bool checked, uint32_t& node);
    bool convert(const SetPlan& plan, bool checked, const ExternalId& id);
    Status read_chunk(EntityKind entity, const SetPlan& plan, uint64_t first_line,
                      const std::string& path, std::string_view bytes, uint64_t& lines,
                      bool& guess_failed);

    ImportPlan& plan_;
    BadLines& bad_;
    RowVisitor& visitor_;
    RowSummary& summary_;
    const std::function<void(const ImportProgress&)>& progress_;
    NameCache labels_;
    NameCache types_;
    std::vector<Field> fields_;
    RowProperties properties_;
    std::vector<std::string_view> names_;
    Fault fault_;
    FaultKind fault_kind_ = FaultKind::kLine;
};

bool RowReader::convert(const SetPlan& plan, bool checked, const ExternalId& id) {
    properties_.clear();
    for (const PropertyPlan& property : plan.properties) {
        value::Value value;
        if (property.is_id) {
            value = plan.reading == IdReading::kText
                        ? value::Value::string(fields_[property.column].text)
                        : value::Value::integer(id.integer);
        } else if (!property.converter.convert(fields_[property.column], checked, value, fault_)) {
            return false;
        }
        if (value.is_null()) continue;
        properties_.emplace_back(plan_.catalog->property_keys.name(property.key.raw()),
                                 std::move(value));
    }
    return true;
}

Result<RowReader::Outcome> RowReader::node_row(const SetPlan& plan, bool checked,
                                               bool& guess_failed) {
    ExternalId id;
    if (plan.id_column >= 0) {
        const auto column = static_cast<size_t>(plan.id_column);
        const std::string& title = plan.set->header.columns[column].title;
        if (!read_id(fields_[column], plan.reading, title, checked, id, fault_, guess_failed))
            return Outcome::kFault;
    }
    names_.clear();
    for (const LabelId label : plan.labels)
        names_.push_back(plan_.catalog->labels.name(label.raw()));
    if (plan.name_column >= 0) {
        const Field& field = fields_[static_cast<size_t>(plan.name_column)];
        auto numbers = labels_.names(field.text, {});
        if (!numbers.ok()) {
            fault_ = {"IMPORT_BAD_LABEL", numbers.error().message(), field.column, ":LABEL"};
            return Outcome::kFault;
        }
        for (const uint32_t label : **numbers) {
            const std::string_view name = plan_.catalog->labels.name(label);
            if (std::find(names_.begin(), names_.end(), name) == names_.end())
                names_.push_back(name);
        }
    }
    if (!convert(plan, checked, id)) return Outcome::kFault;
    if (summary_.nodes >= limits::kNodesMax)
        return Error(ErrorCode::kLimitExceeded, "LIMIT_NODES",
                     fmt::format("the import has more than {} nodes", limits::kNodesMax));
    if (plan.space != nullptr &&
        plan.space->insert(id, static_cast<uint32_t>(summary_.nodes)) != kNoNode) {
        const Field& field = fields_[static_cast<size_t>(plan.id_column)];
        fault_ = {"IMPORT_DUPLICATE_ID",
                  fmt::format("the id {} was given before; remove the row, put the files into "
                              "different id spaces, or give --skip-duplicate-nodes",
                              shown(field.text)),
                  field.column,
                  plan.set->header.columns[static_cast<size_t>(plan.id_column)].title};
        fault_kind_ = FaultKind::kDuplicate;
        return Outcome::kFault;
    }
    DEED_RETURN_IF_ERROR(visitor_.on_node(names_, properties_));
    ++summary_.nodes;
    return Outcome::kGood;
}

RowReader::Outcome RowReader::find_end(const SetPlan& plan, int column, IdReading reading,
                                       const IdSpace& space, bool checked, uint32_t& node) {
    const Field& field = fields_[static_cast<size_t>(column)];
    const std::string& title = plan.set->header.columns[static_cast<size_t>(column)].title;
    ExternalId id;
    bool guess_failed = false;
    if (!read_id(field, reading, title, checked, id, fault_, guess_failed)) {
        if (!guess_failed) return Outcome::kFault;
        id = ExternalId::of_text(trimmed(field.text));
    }
    space.find_all({&id, 1}, {&node, 1});
    if (node != kNoNode) return Outcome::kGood;
    fault_ = {"IMPORT_NO_SUCH_NODE",
              fmt::format("there is no node with the id {}; add the node, correct the id, or give "
                          "--skip-bad-relationships",
                          shown(field.text)),
              field.column, title};
    fault_kind_ = FaultKind::kDangling;
    return Outcome::kFault;
}

Result<RowReader::Outcome> RowReader::edge_row(const SetPlan& plan, bool checked) {
    uint32_t start = kNoNode;
    uint32_t end = kNoNode;
    if (find_end(plan, plan.id_column, plan.reading, *plan.space, checked, start) ==
            Outcome::kFault ||
        find_end(plan, plan.end_column, plan.end_reading, *plan.end_space, checked, end) ==
            Outcome::kFault)
        return Outcome::kFault;
    uint32_t type = plan.type.raw();
    if (plan.name_column >= 0) {
        const Field& field = fields_[static_cast<size_t>(plan.name_column)];
        if (!field.text.empty()) {
            auto number = types_.name(field.text);
            if (!number.ok()) {
                fault_ = {"IMPORT_BAD_TYPE", number.error().message(), field.column, ":TYPE"};
                return Outcome::kFault;
            }
            type = *number;
        } else if (!plan.type.valid()) {
            fault_ = {"IMPORT_EMPTY_TYPE",
                      "the relationship has no type; fill the column, or name a type for rows "
                      "without one: --relationships=TYPE=file",
                      field.column, ":TYPE"};
            return Outcome::kFault;
        }
    }
    if (!convert(plan, checked, {})) return Outcome::kFault;
    DEED_RETURN_IF_ERROR(
        visitor_.on_relationship(start, end, plan_.catalog->types.name(type), properties_));
    ++summary_.relationships;
    return Outcome::kGood;
}

Status RowReader::read_chunk(EntityKind entity, const SetPlan& plan, uint64_t first_line,
                             const std::string& path, std::string_view bytes, uint64_t& lines,
                             bool& guess_failed) {
    RowScanner scanner(bytes, plan_.dialect);
    for (;;) {
        const RowScanner::Outcome scanned = scanner.next(fields_);
        if (scanned == RowScanner::Outcome::kEnd) break;
        fault_kind_ = FaultKind::kLine;
        Outcome outcome = Outcome::kFault;
        if (scanned == RowScanner::Outcome::kFault) {
            fault_ = scanner.fault();
        } else if (check_width(fields_, plan, plan_.ignore_extra_columns, fault_)) {
            const bool checked = !scanner.seen_high() && !scanner.seen_nul();
            auto read = entity == EntityKind::kNode ? node_row(plan, checked, guess_failed)
                                                    : edge_row(plan, checked);
            if (!read.ok()) return std::move(read).error();
            outcome = *read;
        }
        if (guess_failed)
            return Error(ErrorCode::kInvalidArgument, "IMPORT_BAD_VALUE",
                         "an id is not an integer");
        if (outcome == Outcome::kGood) {
            summary_.properties += properties_.size();
            continue;
        }
        const LineFault fault{fault_kind_, scanner.line(), fault_,
                              std::string(scanner.row_bytes())};
        DEED_RETURN_IF_ERROR(bad_.add(path, first_line + scanner.line(), fault));
    }
    lines = scanner.lines();
    return {};
}

Status RowReader::read(EntityKind entity, bool& guess_failed) {
    const bool nodes = entity == EntityKind::kNode;
    const std::vector<InputSet>& sets = nodes ? plan_.node_sets : plan_.edge_sets;
    ChunkReader reader(sets, plan_.dialect);
    LineTracker tracker(&sets);
    Chunk chunk;
    for (;;) {
        DEED_ASSIGN_OR_RETURN(const bool more, reader.next(chunk));
        if (!more) return {};
        const SetPlan& plan = (nodes ? plan_.nodes : plan_.edges)[chunk.set];
        // The lines of a chunk are counted beforehand, so that its faults have their numbers.
        const uint64_t first_line = tracker.pass(chunk, count_lines(chunk.bytes));
        uint64_t lines = 0;
        DEED_RETURN_IF_ERROR(read_chunk(entity, plan, first_line,
                                        sets[chunk.set].files[chunk.file].path, chunk.bytes, lines,
                                        guess_failed));
        if (!progress_) continue;
        progress_({nodes ? ImportStage::kNodes : ImportStage::kRelationships, reader.bytes_done(),
                   reader.bytes_total(), summary_.nodes, summary_.relationships, bad_.count()});
    }
}

/// Learns before anything is sent whether bare ids are numbers: a server cannot begin again.
class Nothing final : public RowVisitor {
 public:
    Status on_node(std::span<const std::string_view> /*labels*/,
                   const RowProperties& /*properties*/) override {
        return {};
    }
    Status on_nodes_end() override { return {}; }
    Status on_relationship(uint64_t /*start*/, uint64_t /*end*/, std::string_view /*type*/,
                           const RowProperties& /*properties*/) override {
        return {};
    }
};

Status read_all(const ImportOptions& options, bool ids_are_text, bool nodes_only,
                RowVisitor& visitor, RowSummary& summary, bool& guess_failed,
                const std::function<void(const ImportProgress&)>& progress) {
    catalog::Catalog catalog;
    ImportPlan plan;
    plan.catalog = &catalog;
    DEED_RETURN_IF_ERROR(make_plan(options, ids_are_text, plan));
    ImportOptions quiet = options;
    if (nodes_only) {
        quiet.bad_lines.clear();
        quiet.max_bad = UINT64_MAX - 1;
    }
    DEED_ASSIGN_OR_RETURN(const auto bad, BadLines::create(quiet));
    RowReader reader(&plan, bad.get(), &visitor, &summary, progress);
    DEED_RETURN_IF_ERROR(reader.read(EntityKind::kNode, guess_failed));
    if (nodes_only) return {};
    for (auto& [name, space] : plan.spaces) space.freeze();
    DEED_RETURN_IF_ERROR(visitor.on_nodes_end());
    DEED_RETURN_IF_ERROR(reader.read(EntityKind::kRelationship, guess_failed));
    summary.bad = bad->count();
    return bad->finish();
}

}  // namespace

Result<RowSummary> read_rows(const ImportOptions& options, RowVisitor& visitor,
                             const std::function<void(const ImportProgress&)>& progress) {
    bool ids_are_text = false;
    if (options.no_header && options.id_type == IdType::kDefault) {
        Nothing nothing;
        RowSummary ignored;
        const Status guessed = read_all(options, false, true, nothing, ignored, ids_are_text, {});
        if (!guessed.ok() && !ids_are_text) return guessed.error();
    }
    RowSummary summary;
    bool guess_failed = false;
    DEED_RETURN_IF_ERROR(
        read_all(options, ids_are_text, false, visitor, summary, guess_failed, progress));
    return summary;
}

}  // namespace deed::storage::importer
