#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/storage/import/csv.h"
#include "engine/storage/import/options.h"

namespace deed::storage::importer {

enum class EntityKind : uint8_t { kNode, kRelationship };

enum class ColumnKind : uint8_t { kProperty, kId, kLabel, kStartId, kEndId, kType, kIgnore };

/// What the text of a property is read as. The integers differ in range only, and only where
/// `normalize_types` is off.
enum class FieldType : uint8_t {
    kByte,
    kShort,
    kInt,
    kLong,
    kFloat,
    kBoolean,
    kChar,
    kString,
    kPoint,
    kDate,
    kLocalTime,
    kTime,
    kLocalDateTime,
    kDateTime,
    kDuration,
};

/// The word that a header uses: "int", "localdatetime".
std::string_view field_type_word(FieldType type);

/// One column as its header field describes it.
struct Column {
    ColumnKind kind = ColumnKind::kProperty;
    std::string name;   // of the property; of the property that keeps the id; else empty
    std::string space;  // of kId, kStartId, kEndId; the nameless space is ""
    FieldType type = FieldType::kString;
    bool type_given = false;
    bool array = false;
    std::vector<std::pair<std::string, std::string>> options;  // {crs: WGS-84}
    std::string title;  // as it stands in the header, for messages

    [[nodiscard]] std::string_view option(std::string_view key) const;
};

/// The columns of one group of files.
struct Header {
    EntityKind entity = EntityKind::kNode;
    std::vector<Column> columns;

    /// The first column of that kind, or -1.
    [[nodiscard]] int find(ColumnKind kind) const;
};

/// Reads `name:type[]{option:value}`, `:ID(Space)`, `:START_ID` and so on. `where` begins messages
/// ("people.csv:1"). `type_on_command_line`: relationships need no :TYPE column.
/// Errors: INVALID_ARGUMENT / IMPORT_HEADER.
Result<Header> parse_header(const std::vector<Field>& fields, EntityKind entity,
                            bool type_on_command_line, std::string_view where);

/// The header of files that have none: an id, or start and end, then `property1`, `property2` ...
/// of the types that `samples` (rows from the files' begin) allow.
Result<Header> header_of_bare_files(const std::vector<std::vector<std::string>>& samples,
                                    EntityKind entity, bool type_on_command_line,
                                    std::string_view where);

}  // namespace deed::storage::importer
