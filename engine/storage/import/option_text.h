#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/storage/import/options.h"

/// The values of `deed import`'s options as they are typed. Errors are INVALID_ARGUMENT /
/// IMPORT_BAD_OPTION, their field the option's name. Any thread.
namespace deed::storage::importer {

/// One ASCII character: itself, `TAB`, `\t`, `U+007C`, or `\124` (its decimal number).
Result<char> parse_character(std::string_view text, std::string_view option);

/// `[<name>[:<name>]...=]<file>[,<file>]...`. A comma inside braces or single quotes is part of a
/// pattern; a file name that holds `=` needs `./` or another path in front, or a name.
Result<InputGroup> parse_group(std::string_view text, std::string_view option);

/// A number of bytes: `10000000`, `512M`, `20G`, or a share of the machine's free memory: `70%`.
Result<uint64_t> parse_memory(std::string_view text, std::string_view option);

/// `string`, `integer`, `actual`.
Result<IdType> parse_id_type(std::string_view text);

/// `glob`, `regex`, `none`.
Result<PathPatterns> parse_path_patterns(std::string_view text);

}  // namespace deed::storage::importer
