#include "engine/storage/import/option_text.h"

#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <vector>

#include "engine/storage/import/internal/machine.h"

namespace deed::storage::importer {

namespace {

Error option_error(std::string_view option, std::string message) {
    return {ErrorCode::kInvalidArgument, "IMPORT_BAD_OPTION",
            fmt::format("{}: {}", option, message), std::string(option)};
}

std::optional<uint64_t> number(std::string_view digits, int base) {
    uint64_t value = 0;
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error != std::errc() || stop != digits.data() + digits.size()) return std::nullopt;
    return value;
}

/// Cuts at commas that stand outside braces and single quotes; takes such quotes away.
std::vector<std::string> split_files(std::string_view text) {
    std::vector<std::string> files(1);
    bool quoted = false;
    int braces = 0;
    for (const char c : text) {
        if (c == '\'') {
            quoted = !quoted;
            continue;
        }
        if (c == '{') ++braces;
        if (c == '}' && braces > 0) --braces;
        if (c == ',' && !quoted && braces == 0) {
            files.emplace_back();
        } else {
            files.back() += c;
        }
    }
    return files;
}

}  // namespace

Result<char> parse_character(std::string_view text, std::string_view option) {
    std::optional<uint64_t> code;
    if (text.size() == 1) return text[0];
    if (text == "TAB" || text == "tab" || text == "\\t") return '\t';
    if (text.starts_with("U+") || text.starts_with("u+")) {
        code = number(text.substr(2), 16);
    } else if (text.starts_with('\\')) {
        code = number(text.substr(1), 10);
    }
    if (!code)
        return option_error(option,
                            fmt::format("\"{}\" is not one character; write it as it is, or "
                                        "as TAB, \\t, U+007C or \\124",
                                        text));
    if (*code >= 0x80)
        return option_error(
            option, fmt::format("\"{}\" is not ASCII; choose a character below U+0080", text));
    return static_cast<char>(*code);
}

Result<InputGroup> parse_group(std::string_view text, std::string_view option) {
    InputGroup group;
    const size_t equals = text.find('=');
    std::string_view files = text;
    if (equals != std::string_view::npos &&
        text.substr(0, equals).find_first_of("/,") == std::string_view::npos) {
        std::string_view names = text.substr(0, equals);
        files = text.substr(equals + 1);
        if (names.starts_with(':')) names.remove_prefix(1);
        while (!names.empty()) {
            const size_t colon = names.find(':');
            const std::string_view name = names.substr(0, colon);
            names = colon == std::string_view::npos ? std::string_view() : names.substr(colon + 1);
            if (name.empty())
                return option_error(option,
                                    fmt::format("\"{}\" names an empty label or type", text));
            group.names.emplace_back(name);
        }
    }
    group.files = split_files(files);
    for (const std::string& file : group.files) {
        if (file.empty())
            return option_error(
                option,
                fmt::format("\"{}\" lacks a file name; write {}=Name=file,file", text, option));
    }
    return group;
}

Result<uint64_t> parse_memory(std::string_view text, std::string_view option) {
    const auto bad = [&] {
        return option_error(option, fmt::format("\"{}\" is no amount of memory; write for example "
                                                "512M, 20G or 70%",
                                                text));
    };
    std::string_view digits = text;
    uint64_t unit = 1;
    if (!digits.empty()) {
        const char last = static_cast<char>(digits.back() | 0x20);
        unit = last == 'k' ? 1ULL << 10 : last == 'm' ? 1ULL << 20 : last == 'g' ? 1ULL << 30 : 1;
        if (unit != 1 || digits.back() == '%') digits.remove_suffix(1);
    }
    const std::optional<uint64_t> amount = number(digits, 10);
    if (!amount) return bad();
    if (text.back() == '%') {
        if (*amount == 0 || *amount > 100) return bad();
        return free_memory() / 100 * *amount;
    }
    if (*amount > UINT64_MAX / unit) return bad();
    return *amount * unit;
}

Result<IdType> parse_id_type(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    if (lower == "string") return IdType::kString;
    if (lower == "integer" || lower == "int" || lower == "long") return IdType::kInteger;
    if (lower == "actual") return IdType::kActual;
    return option_error("--id-type",
                        fmt::format("\"{}\" is none of string, integer, actual", text));
}

Result<PathPatterns> parse_path_patterns(std::string_view text) {
    if (text == "glob") return PathPatterns::kGlob;
    if (text == "regex") return PathPatterns::kRegex;
    if (text == "none") return PathPatterns::kNone;
    return option_error("--path-pattern-style",
                        fmt::format("\"{}\" is none of glob, regex, none", text));
}

}  // namespace deed::storage::importer
