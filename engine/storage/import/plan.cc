#include "engine/storage/import/internal/plan.h"

#include <algorithm>
#include <fmt/format.h>

#include "engine/base/limits.h"
#include "engine/value/utf8.h"

namespace deed::storage::importer {

namespace {

Error option_error(std::string field, std::string message) {
    return {ErrorCode::kInvalidArgument, "IMPORT_BAD_OPTION", std::move(message), std::move(field)};
}

Status check_import_options(const ImportOptions& options) {
    const CsvDialect& dialect = options.dialect;
    if (options.nodes.empty())
        return option_error("nodes",
                            "no node files were given; relationships need their nodes: "
                            "--nodes=Label=file");
    for (const auto& [name, c] : {std::pair<std::string_view, char>{"delimiter", dialect.delimiter},
                                  {"array-delimiter", dialect.array_delimiter},
                                  {"quote", dialect.quote}}) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80 || c == '\n' || c == '\r' || c == '\0')
            return option_error(
                std::string(name),
                fmt::format("--{} must be one ASCII character and no line end", name));
    }
    if (dialect.quoting &&
        (dialect.quote == dialect.delimiter || dialect.quote == dialect.array_delimiter))
        return option_error("quote", "--quote must differ from the delimiters");
    if (dialect.delimiter == dialect.array_delimiter)
        return option_error("array_delimiter",
                            "--delimiter and --array-delimiter are the same; choose another "
                            "--array-delimiter");
    if (options.memory_bytes != 0 && options.memory_bytes < kMemoryMin)
        return option_error("memory", "--memory must be at least 16M");
    if (options.threads > kThreadsMax)
        return option_error("threads", fmt::format("--threads must be at most {}", kThreadsMax));
    for (const InputGroup& group : options.relationships) {
        if (group.names.size() > 1)
            return option_error("relationships", "a relationship has one type");
    }
    return {};
}

Error plan_error(std::string message) {
    return {ErrorCode::kInvalidArgument, "IMPORT_HEADER", std::move(message)};
}

IdReading reading_of(const Column& column, bool bare, const ImportOptions& options,
                     bool ids_are_text) {
    const std::string_view own = column.option("id-type");
    if (own == "string") return IdReading::kText;
    if (!own.empty()) return IdReading::kInteger;
    switch (options.id_type) {
        case IdType::kString:
            return IdReading::kText;
        case IdType::kInteger:
        case IdType::kActual:
            return IdReading::kInteger;
        case IdType::kDefault:
            break;
    }
    return bare && !ids_are_text ? IdReading::kGuess : IdReading::kText;
}

Status plan_names(const InputSet& set, EntityKind entity, catalog::Catalog& catalog,
                  SetPlan& plan) {
    if (entity == EntityKind::kNode) {
        for (const std::string& name : set.names) {
            DEED_ASSIGN_OR_RETURN(const uint32_t label, catalog.labels.intern(name));
            plan.labels.emplace_back(label);
        }
        std::sort(plan.labels.begin(), plan.labels.end());
        plan.labels.erase(std::unique(plan.labels.begin(), plan.labels.end()), plan.labels.end());
    } else if (!set.names.empty()) {
        DEED_ASSIGN_OR_RETURN(const uint32_t type, catalog.types.intern(set.names[0]));
        plan.type = TypeId(type);
    }
    return {};
}

Result<SetPlan> plan_set(const InputSet& set, EntityKind entity, const ImportOptions& options,
                         catalog::Catalog& catalog) {
    SetPlan plan;
    plan.set = &set;
    DEED_RETURN_IF_ERROR(plan_names(set, entity, catalog, plan));
    const ConvertOptions convert{options.dialect.array_delimiter, options.trim_strings,
                                 options.ignore_empty_strings, options.normalize_types};
    for (uint32_t i = 0; i < set.header.columns.size(); ++i) {
        const Column& column = set.header.columns[i];
        const bool is_id = column.kind == ColumnKind::kId && !column.name.empty();
        if (column.kind != ColumnKind::kProperty && !is_id) continue;
        auto key = catalog.property_keys.intern(column.name);
        if (!key.ok())
            return std::move(key).error().with_context(
                fmt::format("{}:1: \"{}\"", set.files[0].path, column.title));
        plan.properties.push_back({PropertyKeyId(*key), i, is_id, Converter(&column, convert)});
    }
    std::sort(plan.properties.begin(), plan.properties.end(),
              [](const PropertyPlan& a, const PropertyPlan& b) { return a.key < b.key; });
    const bool nodes = entity == EntityKind::kNode;
    plan.id_column = set.header.find(nodes ? ColumnKind::kId : ColumnKind::kStartId);
    plan.end_column = set.header.find(ColumnKind::kEndId);
    plan.name_column = set.header.find(nodes ? ColumnKind::kLabel : ColumnKind::kType);
    return plan;
}

/// What comes out of a pipe is gone once it has been read.
bool can_begin_again(const ImportPlan& plan) {
    for (const auto* sets : {&plan.node_sets, &plan.edge_sets}) {
        for (const InputSet& set : *sets) {
            for (const InputFile& file : set.files) {
                if (!file.reopens) return false;
            }
        }
    }
    return true;
}

Status plan_node_space(const ImportOptions& options, bool ids_are_text, ImportPlan& plan,
                       SetPlan& nodes) {
    if (nodes.id_column < 0) return {};
    const Column& column = nodes.set->header.columns[static_cast<size_t>(nodes.id_column)];
    nodes.reading = reading_of(column, nodes.set->bare, options, ids_are_text);
    if (nodes.reading == IdReading::kGuess && !can_begin_again(plan))
        nodes.reading = IdReading::kText;
    const auto [known, fresh] = plan.readings.try_emplace(column.space, nodes.reading);
    if (!fresh && known->second != nodes.reading)
        return plan_error(fmt::format(
            "{}: \"{}\": the ids of one id space must be read in one way, but other files of the "
            "space \"{}\" say otherwise; give all of them the same id-type",
            nodes.set->files[0].path, column.title, column.space));
    nodes.space = &plan.spaces.try_emplace(column.space, column.space).first->second;
    return {};
}

/// Every label column is read for itself, so one is enough.
Status check_label_columns(const InputSet& set) {
    size_t labels = 0;
    for (const Column& column : set.header.columns) {
        if (column.kind == ColumnKind::kLabel && ++labels > 1)
            return plan_error(
                fmt::format("{}:1: there are two :LABEL columns; put the labels into "
                            "one, separated by the array delimiter",
                            set.files[0].path));
    }
    return {};
}

Result<IdSpace*> edge_space(ImportPlan& plan, const SetPlan& edges, int column_index,
                            IdReading& reading) {
    const Column& column = edges.set->header.columns[static_cast<size_t>(column_index)];
    const auto found = plan.spaces.find(column.space);
    if (found == plan.spaces.end()) {
        std::string known;
        for (const auto& [name, space] : plan.spaces) {
            known += fmt::format("{}\"{}\"", known.empty() ? "" : ", ", name);
        }
        return plan_error(fmt::format(
            "{}:1: \"{}\": no nodes of this import have ids in the space \"{}\"; {}",
            edges.set->files[0].path, column.title, column.space,
            known.empty() ? std::string("give their files with --nodes, with an :ID column")
                          : fmt::format("the spaces are {}", known)));
    }
    reading = plan.readings.find(column.space)->second;
    return &found->second;
}

}  // namespace

Status make_plan(const ImportOptions& options, bool ids_are_text, ImportPlan& plan) {
    DEED_RETURN_IF_ERROR(check_import_options(options));
    plan.dialect = options.dialect;
    plan.ignore_extra_columns = options.ignore_extra_columns;
    for (const InputGroup& group : options.nodes) {
        DEED_ASSIGN_OR_RETURN(InputSet set, open_input(group, EntityKind::kNode, options));
        DEED_RETURN_IF_ERROR(check_label_columns(set));
        plan.node_sets.push_back(std::move(set));
    }
    for (const InputGroup& group : options.relationships) {
        DEED_ASSIGN_OR_RETURN(InputSet set, open_input(group, EntityKind::kRelationship, options));
        plan.edge_sets.push_back(std::move(set));
    }
    for (const InputSet& set : plan.node_sets) {
        DEED_ASSIGN_OR_RETURN(SetPlan nodes,
                              plan_set(set, EntityKind::kNode, options, *plan.catalog));
        DEED_RETURN_IF_ERROR(plan_node_space(options, ids_are_text, plan, nodes));
        plan.nodes.push_back(std::move(nodes));
    }
    for (const InputSet& set : plan.edge_sets) {
        DEED_ASSIGN_OR_RETURN(SetPlan edges,
                              plan_set(set, EntityKind::kRelationship, options, *plan.catalog));
        DEED_ASSIGN_OR_RETURN(edges.space, edge_space(plan, edges, edges.id_column, edges.reading));
        DEED_ASSIGN_OR_RETURN(edges.end_space,
                              edge_space(plan, edges, edges.end_column, edges.end_reading));
        plan.edges.push_back(std::move(edges));
    }
    return {};
}

bool read_id(const Field& field, IdReading reading, std::string_view column, bool checked,
             ExternalId& id, Fault& fault, bool& guess_failed) {
    const auto fail = [&](std::string reason, std::string message) {
        fault = {std::move(reason), std::move(message), field.column, std::string(column)};
        return false;
    };
    if (field.text.empty()) return fail("IMPORT_EMPTY_ID", "the id is empty; every row needs one");
    if (reading == IdReading::kText) {
        if (!checked && field.text.find('\0') != std::string_view::npos)
            return fail("IMPORT_NUL_BYTE",
                        "the id holds a NUL byte; remove it, or check that the file is text in "
                        "UTF-8");
        if (!checked && !value::is_utf8(field.text))
            return fail("IMPORT_NOT_UTF8",
                        fmt::format("the id {} is not UTF-8; convert the file, for example with "
                                    "iconv -f latin1 -t utf-8",
                                    shown(field.text)));
        if (field.text.size() > limits::kValueBytesMax)
            return fail("IMPORT_VALUE_TOO_LONG", "the id is too long");
        id = ExternalId::of_text(field.text);
        return true;
    }
    const std::string_view text = trimmed(field.text);
    const auto number =
        reading == IdReading::kGuess ? parse_canonical_integer(text) : parse_integer(text);
    if (number) {
        id = ExternalId::of_integer(*number);
        return true;
    }
    guess_failed = reading == IdReading::kGuess;
    if (is_integer_text(text) && !guess_failed)
        return fail("IMPORT_INTEGER_OVERFLOW",
                    fmt::format("the id {} does not fit into 64 bits; give --id-type=string",
                                shown(field.text)));
    return fail("IMPORT_BAD_VALUE",
                fmt::format("the id {} is not an integer; correct it, or give --id-type=string",
                            shown(field.text)));
}

bool check_width(const std::vector<Field>& fields, const SetPlan& plan, bool ignore_extra,
                 Fault& fault) {
    const size_t width = plan.set->header.columns.size();
    if (fields.size() == width || (fields.size() > width && ignore_extra)) [[likely]]
        return true;
    fault.field.clear();
    if (fields.size() < width) {
        fault.reason = "IMPORT_TOO_FEW_FIELDS";
        fault.column = fields.back().column;
        fault.message = fmt::format(
            "the line has {} of {} fields, \"{}\" is missing; write empty fields, and check "
            "--delimiter and --quote",
            fields.size(), width, plan.set->header.columns[fields.size()].title);
    } else {
        fault.reason = "IMPORT_TOO_MANY_FIELDS";
        fault.column = fields[width].column;
        fault.message = fmt::format(
            "the line has {} fields, the header {}; quote fields that hold the delimiter, or give "
            "--ignore-extra-columns",
            fields.size(), width);
    }
    return false;
}

Result<const std::vector<uint32_t>*> NameCache::names(std::string_view text,
                                                      const std::vector<uint32_t>& fixed) {
    const auto found = lists_.find(text);
    if (found != lists_.end()) return &found->second;
    std::vector<uint32_t> numbers = fixed;
    size_t begin = 0;
    while (begin <= text.size()) {
        const size_t end = std::min(text.find(separator_, begin), text.size());
        const std::string_view name = trimmed(text.substr(begin, end - begin));
        begin = end + 1;
        if (name.empty()) continue;
        DEED_ASSIGN_OR_RETURN(const uint32_t number, table_.intern(name));
        numbers.push_back(number);
    }
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    if (numbers.size() > limits::kLabelsPerNodeMax)
        return Error(ErrorCode::kLimitExceeded, "LIMIT_LABELS",
                     fmt::format("a node has {} labels, the most is {}", numbers.size(),
                                 limits::kLabelsPerNodeMax));
    return &lists_.emplace(std::string(text), std::move(numbers)).first->second;
}

Result<uint32_t> NameCache::name(std::string_view text) {
    const auto found = single_.find(text);
    if (found != single_.end()) return found->second;
    DEED_ASSIGN_OR_RETURN(const uint32_t number, table_.intern(text));
    single_.emplace(std::string(text), number);
    return number;
}

}  // namespace deed::storage::importer
