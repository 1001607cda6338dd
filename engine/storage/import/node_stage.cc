// Reading nodes, in chunks, on several threads:
//   1. Each thread takes a chunk, cuts it into rows and encodes each row's record (labels and
//      properties): nothing of that depends on other chunks.
//   2. In the order of the chunks, one thread at a time: ids are entered into their space, rows
//   whose
//      id is taken are dropped, and the records go to the spool. A node's number is its place
//      there.
#include <algorithm>
#include <fmt/format.h>

#include "engine/base/limits.h"
#include "engine/storage/import/internal/line_tracker.h"
#include "engine/storage/import/internal/stages.h"
#include "engine/storage/import/internal/turnstile.h"
#include "engine/storage/rows.h"

namespace deed::storage::importer {

namespace {

/// What is common to the threads; written in turn.
struct Shared {
    Work& work;
    ChunkReader reader;
    Turnstile turn;
    LineTracker lines;
    std::atomic<bool> guess_failed{false};

    explicit Shared(Work& all)
        : work(all), reader(all.plan.node_sets, all.plan.dialect), lines(&all.plan.node_sets) {}
};

class NodeWorker {
 public:
    explicit NodeWorker(Shared* shared) : shared_(*shared), plan_(shared->work.plan) {}

    void run() {
        for (;;) {
            auto more = shared_.reader.next(chunk_);
            if (more.ok() && !more.value()) return;
            if (more.ok()) parse();
            if (!shared_.turn.enter(chunk_.sequence)) return;
            Status status = more.ok() ? accept() : Status(more.error());
            if (!status.ok()) {
                shared_.turn.fail(std::move(status).error());
                return;
            }
            shared_.turn.leave();
        }
    }

 private:
    void parse();
    bool parse_row(const SetPlan& plan, bool checked, Fault& fault);
    bool parse_labels(const SetPlan& plan, bool checked, Fault& fault);
    void add_fault(FaultKind kind, uint64_t line, Fault fault, std::string_view text);
    Status accept();
    void enter_ids(IdSpace& space);
    void drop_rows(const std::vector<uint32_t>& dropped);

    Shared& shared_;
    ImportPlan& plan_;
    Chunk chunk_;
    std::vector<Field> fields_;
    const SetPlan* names_of_ = nullptr;
    std::unique_ptr<NameCache> names_;
    std::vector<uint32_t> fixed_labels_;

    // The rows of the chunk.
    NodeRow row_;
    std::string records_;
    std::vector<uint32_t> ends_;
    std::vector<ExternalId> ids_;
    std::vector<uint64_t> row_lines_;
    std::deque<std::string> kept_ids_;  // ids whose text does not stay in the chunk
    std::vector<uint32_t> property_counts_;
    std::vector<LineFault> faults_;
    uint64_t lines_ = 0;
    bool guess_failed_ = false;
};

void NodeWorker::add_fault(FaultKind kind, uint64_t line, Fault fault, std::string_view text) {
    if (faults_.size() > shared_.work.bad->worth_collecting()) return;
    faults_.push_back({kind, line, std::move(fault), std::string(text)});
}

bool NodeWorker::parse_labels(const SetPlan& plan, bool checked, Fault& fault) {
    if (plan.name_column < 0) return true;
    const Field& field = fields_[static_cast<size_t>(plan.name_column)];
    if (field.text.empty()) {
        row_.labels = plan.labels;
        return true;
    }
    (void)checked;  // the token table checks names itself
    auto labels = names_->names(field.text, fixed_labels_);
    if (!labels.ok()) {
        fault = {"IMPORT_BAD_LABEL", labels.error().message(), field.column, ":LABEL"};
        return false;
    }
    row_.labels.clear();
    for (const uint32_t label : **labels) row_.labels.emplace_back(label);
    return true;
}

/// Encodes one row at the end of `records_`.
bool NodeWorker::parse_row(const SetPlan& plan, bool checked, Fault& fault) {
    if (!check_width(fields_, plan, plan_.ignore_extra_columns, fault)) return false;
    ExternalId id;
    if (plan.id_column >= 0) {
        const auto column = static_cast<size_t>(plan.id_column);
        if (!read_id(fields_[column], plan.reading, plan.set->header.columns[column].title, checked,
                     id, fault, guess_failed_))
            return false;
        // Texts that the scanner put together live only until the next row.
        if (!id.is_integer() && fields_[column].quoted)
            id = ExternalId::of_text(kept_ids_.emplace_back(fields_[column].text));
    }
    if (!parse_labels(plan, checked, fault)) return false;
    row_.properties.clear();
    for (const PropertyPlan& property : plan.properties) {
        value::Value value;
        if (property.is_id) {
            value = plan.reading == IdReading::kText
                        ? value::Value::string(fields_[property.column].text)
                        : value::Value::integer(id.integer);
        } else if (!property.converter.convert(fields_[property.column], checked, value, fault)) {
            return false;
        }
        if (!value.is_null()) row_.properties.emplace_back(property.key, std::move(value));
    }
    encode_node_row(row_, records_);
    ends_.push_back(static_cast<uint32_t>(records_.size()));
    property_counts_.push_back(static_cast<uint32_t>(row_.properties.size()));
    ids_.push_back(id);
    return true;
}

void NodeWorker::parse() {
    records_.clear();
    ends_.clear();
    ids_.clear();
    row_lines_.clear();
    kept_ids_.clear();
    property_counts_.clear();
    faults_.clear();
    guess_failed_ = false;
    const SetPlan& plan = plan_.nodes[chunk_.set];
    if (names_of_ != &plan) {
        names_of_ = &plan;
        names_ = std::make_unique<NameCache>(plan_.catalog->labels, plan_.dialect.array_delimiter);
        fixed_labels_.clear();
        for (const LabelId label : plan.labels) fixed_labels_.push_back(label.raw());
    }
    row_.labels = plan.labels;
    RowScanner scanner(chunk_.bytes, plan_.dialect);
    Fault fault;
    for (;;) {
        const RowScanner::Outcome outcome = scanner.next(fields_);
        if (outcome == RowScanner::Outcome::kEnd) break;
        if (outcome == RowScanner::Outcome::kFault) {
            add_fault(FaultKind::kLine, scanner.line(), scanner.fault(), scanner.row_bytes());
        } else if (parse_row(plan, !scanner.seen_high() && !scanner.seen_nul(), fault)) {
            row_lines_.push_back(scanner.line());
        } else {
            add_fault(FaultKind::kLine, scanner.line(), fault, scanner.row_bytes());
        }
        if (guess_failed_ || faults_.size() > shared_.work.bad->worth_collecting()) break;
    }
    lines_ = scanner.lines();
}

/// Removes some rows, given by ascending index.
void NodeWorker::drop_rows(const std::vector<uint32_t>& dropped) {
    std::string records;
    std::vector<uint32_t> ends;
    std::vector<uint32_t> counts;
    records.reserve(records_.size());
    size_t next = 0;
    for (uint32_t i = 0; i < ends_.size(); ++i) {
        if (next < dropped.size() && dropped[next] == i) {
            ++next;
            continue;
        }
        const uint32_t begin = i == 0 ? 0 : ends_[i - 1];
        records.append(records_, begin, ends_[i] - begin);
        ends.push_back(static_cast<uint32_t>(records.size()));
        counts.push_back(property_counts_[i]);
    }
    records_ = std::move(records);
    ends_ = std::move(ends);
    property_counts_ = std::move(counts);
}

void NodeWorker::enter_ids(IdSpace& space) {
    constexpr size_t kAhead = 16;
    const SetPlan& plan = plan_.nodes[chunk_.set];
    const std::string& title = plan.set->header.columns[static_cast<size_t>(plan.id_column)].title;
    const auto first = static_cast<uint32_t>(shared_.work.records->size());
    std::vector<uint32_t> dropped;
    for (uint32_t i = 0; i < ids_.size(); ++i) {
        if (i + kAhead < ids_.size()) space.prefetch(ids_[i + kAhead]);
        const auto place = first + i - static_cast<uint32_t>(dropped.size());
        const uint32_t taken = space.insert(ids_[i], place);
        if (taken == kNoNode) continue;
        dropped.push_back(i);
        const std::string text =
            ids_[i].is_integer() ? fmt::format("{}", ids_[i].integer) : shown(ids_[i].text());
        add_fault(FaultKind::kDuplicate, row_lines_[i],
                  {"IMPORT_DUPLICATE_ID",
                   fmt::format("the id {} was given before, to node {} of the import{}; remove the "
                               "row, put the files into different id spaces, or give "
                               "--skip-duplicate-nodes",
                               text, static_cast<uint64_t>(taken) + 1,
                               space.name().empty() ? std::string()
                                                    : fmt::format(" (space {})", space.name())),
                   1, title},
                  text);
    }
    if (dropped.empty()) return;
    drop_rows(dropped);
    std::stable_sort(faults_.begin(), faults_.end(),
                     [](const LineFault& a, const LineFault& b) { return a.line < b.line; });
}

Status NodeWorker::accept() {
    Work& work = shared_.work;
    if (guess_failed_) {
        shared_.guess_failed = true;
        return Error(ErrorCode::kInvalidArgument, "IMPORT_BAD_VALUE", "an id is not an integer");
    }
    if (work.records->size() + ends_.size() > limits::kNodesMax)
        return Error(ErrorCode::kLimitExceeded, "LIMIT_NODES",
                     fmt::format("the import has more than {} nodes", limits::kNodesMax));
    if (IdSpace* space = plan_.nodes[chunk_.set].space) enter_ids(*space);
    const uint64_t first_line = shared_.lines.pass(chunk_, lines_);
    DEED_RETURN_IF_ERROR(shared_.lines.report(chunk_, first_line, faults_, *work.bad));
    DEED_RETURN_IF_ERROR(work.records->append(records_, ends_));
    uint64_t properties = 0;
    for (const uint32_t count : property_counts_) properties += count;
    work.counters.nodes.fetch_add(ends_.size(), std::memory_order_relaxed);
    work.counters.properties.fetch_add(properties, std::memory_order_relaxed);
    work.counters.bad.store(work.bad->count(), std::memory_order_relaxed);
    return {};
}

}  // namespace

Status run_node_stage(Work& work, bool& guess_failed) {
    Shared shared(work);
    work.reader = &shared.reader;
    run_threads(work.threads, work.tick, [&](uint32_t) { NodeWorker(&shared).run(); });
    work.reader = nullptr;
    work.bytes_read += shared.reader.bytes_read();
    guess_failed = shared.guess_failed;
    DEED_RETURN_IF_ERROR(shared.turn.status());
    for (auto& [name, space] : work.plan.spaces) {
        space.freeze();
        work.budget.force(space.memory_bytes());
    }
    return {};
}

}  // namespace deed::storage::importer
