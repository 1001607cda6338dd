#include "engine/storage/import/header.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

#include "engine/base/limits.h"
#include "engine/storage/import/internal/numbers.h"
#include "engine/value/temporal_text.h"
#include "engine/value/utf8.h"
#include "engine/value/zone.h"

namespace deed::storage::importer {

namespace {

struct TypeWord {
    std::string_view word;
    FieldType type;
};
constexpr std::array kTypeWords = {
    TypeWord{"byte", FieldType::kByte},
    TypeWord{"short", FieldType::kShort},
    TypeWord{"int", FieldType::kInt},
    TypeWord{"long", FieldType::kLong},
    TypeWord{"float", FieldType::kFloat},
    TypeWord{"double", FieldType::kFloat},
    TypeWord{"boolean", FieldType::kBoolean},
    TypeWord{"char", FieldType::kChar},
    TypeWord{"string", FieldType::kString},
    TypeWord{"point", FieldType::kPoint},
    TypeWord{"date", FieldType::kDate},
    TypeWord{"localtime", FieldType::kLocalTime},
    TypeWord{"time", FieldType::kTime},
    TypeWord{"localdatetime", FieldType::kLocalDateTime},
    TypeWord{"datetime", FieldType::kDateTime},
    TypeWord{"duration", FieldType::kDuration},
};

struct KindWord {
    std::string_view word;
    ColumnKind kind;
};
constexpr std::array kKindWords = {
    KindWord{"ID", ColumnKind::kId},
    KindWord{"LABEL", ColumnKind::kLabel},
    KindWord{"START_ID", ColumnKind::kStartId},
    KindWord{"END_ID", ColumnKind::kEndId},
    KindWord{"TYPE", ColumnKind::kType},
    KindWord{"IGNORE", ColumnKind::kIgnore},
};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::optional<FieldType> find_type(std::string_view word) {
    const std::string wanted = lower(word);
    for (const TypeWord& entry : kTypeWords) {
        if (entry.word == wanted) return entry.type;
    }
    return std::nullopt;
}

std::optional<ColumnKind> find_kind(std::string_view word) {
    for (const KindWord& entry : kKindWords) {
        if (entry.word == word) return entry.kind;
    }
    return std::nullopt;
}

Error header_error(std::string_view where, uint32_t column, std::string_view message) {
    return {ErrorCode::kInvalidArgument, "IMPORT_HEADER",
            fmt::format("{}:{}: {}", where, column, message)};
}

std::string_view unquoted(std::string_view text) {
    text = trimmed(text);
    if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"') &&
        text.back() == text.front())
        return text.substr(1, text.size() - 2);
    return text;
}

/// `{a: b, c: 'd'}` at the end of `text`; cut off. False where the braces are not well formed.
bool take_options(std::string_view& text, Column& column) {
    if (!text.ends_with('}')) return true;
    const size_t open = text.rfind('{');
    if (open == std::string_view::npos) return false;
    std::string_view inside = text.substr(open + 1, text.size() - open - 2);
    text = text.substr(0, open);
    while (!trimmed(inside).empty()) {
        const size_t comma = inside.find(',');
        const std::string_view pair = inside.substr(0, comma);
        inside = comma == std::string_view::npos ? std::string_view() : inside.substr(comma + 1);
        const size_t colon = pair.find(':');
        if (colon == std::string_view::npos) return false;
        column.options.emplace_back(lower(unquoted(pair.substr(0, colon))),
                                    std::string(unquoted(pair.substr(colon + 1))));
    }
    return true;
}

/// `START_ID(Person)`: the word and, in parentheses, the space. Nothing where it is no such word.
std::optional<ColumnKind> take_kind(std::string_view text, std::string& space) {
    std::string_view word = text;
    const size_t open = text.find('(');
    if (open != std::string_view::npos && text.ends_with(')')) {
        word = text.substr(0, open);
        space = std::string(text.substr(open + 1, text.size() - open - 2));
    }
    const std::optional<ColumnKind> kind = find_kind(word);
    const bool has_space =
        kind == ColumnKind::kId || kind == ColumnKind::kStartId || kind == ColumnKind::kEndId;
    if (!has_space) {
        if (!space.empty()) return std::nullopt;
        space.clear();
    }
    return kind;
}

Status check_options(const Column& column, std::string_view where, uint32_t at) {
    const std::string_view zone = column.option("timezone");
    if (!zone.empty()) {
        const bool offset_ok = value::parse_offset(zone).ok();
        if (column.type == FieldType::kTime && !offset_ok)
            return header_error(where, at,
                                fmt::format("\"{}\": a time needs an offset such as +02:00 as its "
                                            "timezone, because a named zone has no offset without "
                                            "a date",
                                            column.title));
        if (column.type == FieldType::kDateTime && !offset_ok && !value::check_zone(zone).ok())
            return header_error(
                where, at,
                fmt::format("\"{}\": \"{}\" is neither an offset such as +02:00 nor "
                            "a zone that the machine's zone database knows",
                            column.title, zone));
    }
    const std::string_view id_type = column.option("id-type");
    if (!id_type.empty()) {
        const std::optional<FieldType> type = find_type(id_type);
        if (column.kind != ColumnKind::kId || !type ||
            (*type > FieldType::kLong && *type != FieldType::kString))
            return header_error(where, at,
                                fmt::format("\"{}\": id-type must be int, long or string, and "
                                            "belongs to an :ID column",
                                            column.title));
    }
    return {};
}

Result<Column> parse_column(const Field& field, std::string_view where) {
    Column column;
    column.title = std::string(trimmed(field.text));
    std::string_view text = column.title;
    if (!value::is_utf8(text))
        return header_error(where, field.column,
                            "the header is not UTF-8; convert the file, for example with iconv");
    if (!take_options(text, column))
        return header_error(
            where, field.column,
            fmt::format("\"{}\": options in braces are written {{key:value}}", column.title));
    const size_t colon = text.rfind(':');
    const std::string_view left = colon == std::string_view::npos ? text : text.substr(0, colon);
    std::string_view word =
        colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    // `:START_ID:int` says nothing more than `:START_ID`.
    if (const size_t inner = left.rfind(':'); inner != std::string_view::npos && find_type(word)) {
        std::string space;
        if (take_kind(left.substr(inner + 1), space)) {
            text = left;
            word = left.substr(inner + 1);
        }
    }
    const std::string_view name =
        colon == std::string_view::npos ? text : text.substr(0, text.rfind(':'));
    if (const auto kind = take_kind(word, column.space)) {
        column.kind = *kind;
        if (*kind == ColumnKind::kId) column.name = std::string(name);
        DEED_RETURN_IF_ERROR(check_options(column, where, field.column));
        return column;
    }
    column.name = std::string(name);
    if (!word.empty()) {
        if (word.ends_with("[]")) {
            column.array = true;
            word.remove_suffix(2);
        }
        const std::optional<FieldType> type = find_type(word);
        if (!type)
            return header_error(
                where, field.column,
                fmt::format("\"{}\": there is no type \"{}\"; use byte, short, int, long, float, "
                            "double, boolean, char, string, point, date, localtime, time, "
                            "localdatetime, datetime, duration, each also with [], or :ID, :LABEL, "
                            ":START_ID, :END_ID, :TYPE, :IGNORE. If the file has no header line, "
                            "give --no-header or --header",
                            column.title, word));
        column.type = *type;
        column.type_given = true;
    }
    if (column.name.empty())
        return header_error(where, field.column,
                            column.title.empty()
                                ? std::string("the column has no name; name it, or write :IGNORE")
                                : fmt::format("\"{}\": the property has no name", column.title));
    DEED_RETURN_IF_ERROR(check_options(column, where, field.column));
    return column;
}

Status check_kinds(const Header& header, bool type_on_command_line, std::string_view where,
                   const std::vector<Field>& fields) {
    const bool nodes = header.entity == EntityKind::kNode;
    for (size_t i = 0; i < header.columns.size(); ++i) {
        const Column& column = header.columns[i];
        const ColumnKind kind = column.kind;
        const uint32_t at = i < fields.size() ? fields[i].column : 1;
        const bool of_nodes = kind == ColumnKind::kId || kind == ColumnKind::kLabel;
        const bool of_relationships =
            kind == ColumnKind::kStartId || kind == ColumnKind::kEndId || kind == ColumnKind::kType;
        if (nodes && of_relationships)
            return header_error(where, at,
                                fmt::format("\"{}\" belongs to relationships, but the file was "
                                            "given with --nodes; give it with --relationships",
                                            column.title));
        if (!nodes && of_nodes)
            return header_error(where, at,
                                fmt::format("\"{}\" belongs to nodes, but the file was given with "
                                            "--relationships; give it with --nodes",
                                            column.title));
        for (size_t k = 0; k < i; ++k) {
            const Column& other = header.columns[k];
            const bool twice =
                kind == other.kind && kind != ColumnKind::kProperty && kind != ColumnKind::kIgnore;
            if (twice && kind == ColumnKind::kId)
                return header_error(where, at,
                                    fmt::format("there are two :ID columns, \"{}\" and \"{}\"; "
                                                "keep one and make the other a property",
                                                other.title, column.title));
            if (twice && kind != ColumnKind::kLabel)
                return header_error(where, at,
                                    fmt::format("there are two columns \"{}\"", column.title));
            if (!column.name.empty() && column.name == other.name)
                return header_error(where, at,
                                    fmt::format("two columns are both the property \"{}\"; rename "
                                                "one, or write :IGNORE",
                                                column.name));
        }
    }
    if (nodes) return {};
    const auto missing = [&](std::string_view what, std::string_view remedy) {
        return header_error(where, 1, fmt::format("the header has no {} column; {}", what, remedy));
    };
    const std::string_view add =
        "add it, or give --no-header if the file's first line is already data";
    if (header.find(ColumnKind::kStartId) < 0) return missing(":START_ID", add);
    if (header.find(ColumnKind::kEndId) < 0) return missing(":END_ID", add);
    if (header.find(ColumnKind::kType) < 0 && !type_on_command_line)
        return missing(":TYPE", "add it, or name the type: --relationships=TYPE=file");
    return {};
}

FieldType type_of_samples(const std::vector<std::vector<std::string>>& samples, size_t column) {
    bool integer = false;
    bool number = false;
    for (const auto& row : samples) {
        if (column >= row.size() || row[column].empty()) continue;
        const std::string_view text = trimmed(row[column]);
        if (!parse_float(text)) return FieldType::kString;
        integer = (integer || !number) && parse_integer(text).has_value();
        number = true;
    }
    return !number ? FieldType::kString : integer ? FieldType::kLong : FieldType::kFloat;
}

}  // namespace

std::string_view field_type_word(FieldType type) {
    if (type == FieldType::kFloat) return "double";
    for (const TypeWord& entry : kTypeWords) {
        if (entry.type == type) return entry.word;
    }
    return "string";
}

std::string_view Column::option(std::string_view key) const {
    for (const auto& [name, value] : options) {
        if (name == key) return value;
    }
    return {};
}

int Header::find(ColumnKind kind) const {
    for (size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].kind == kind) return static_cast<int>(i);
    }
    return -1;
}

Result<Header> parse_header(const std::vector<Field>& fields, EntityKind entity,
                            bool type_on_command_line, std::string_view where) {
    Header header;
    header.entity = entity;
    for (const Field& field : fields) {
        DEED_ASSIGN_OR_RETURN(Column column, parse_column(field, where));
        header.columns.push_back(std::move(column));
    }
    DEED_RETURN_IF_ERROR(check_kinds(header, type_on_command_line, where, fields));
    return header;
}

Result<Header> header_of_bare_files(const std::vector<std::vector<std::string>>& samples,
                                    EntityKind entity, bool type_on_command_line,
                                    std::string_view where) {
    size_t width = entity == EntityKind::kNode ? 1 : 2;
    if (!samples.empty()) {
        if (samples[0].size() < width)
            return header_error(where, 1,
                                "a line of relationships needs a start and an end; is --delimiter "
                                "right?");
        width = samples[0].size();
    }
    Header header;
    header.entity = entity;
    const size_t keys = entity == EntityKind::kNode ? 1 : 2;
    for (size_t i = 0; i < width; ++i) {
        Column column;
        if (i < keys) {
            column.kind = entity == EntityKind::kNode ? ColumnKind::kId
                          : i == 0                    ? ColumnKind::kStartId
                                                      : ColumnKind::kEndId;
            if (entity == EntityKind::kNode) column.name = "id";
            column.title = entity == EntityKind::kNode ? "id" : i == 0 ? "start" : "end";
        } else {
            column.name = fmt::format("property{}", i - keys + 1);
            column.title = column.name;
            column.type = type_of_samples(samples, i);
            column.type_given = true;
        }
        header.columns.push_back(std::move(column));
    }
    DEED_RETURN_IF_ERROR(check_kinds(header, type_on_command_line, where, {}));
    return header;
}

}  // namespace deed::storage::importer
