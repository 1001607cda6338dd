#include "engine/storage/import/internal/paths.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fmt/format.h>
#include <glob.h>
#include <regex>

namespace deed::storage::importer {

namespace {

Error no_match(const std::string& name, PathPatterns patterns) {
    const bool looks_like_pattern = name.find_first_of("*?[\\+{") != std::string::npos;
    return {ErrorCode::kNotFound, "IMPORT_FILE_NOT_FOUND",
            looks_like_pattern && patterns != PathPatterns::kNone
                ? fmt::format("{}: no file matches; check the pattern and the directory from which "
                              "it is looked up",
                              name)
                : fmt::format("{}: no such file; check the path. Several files of one group are "
                              "separated by commas",
                              name),
            "files"};
}

Result<std::vector<std::string>> by_regex(const std::string& name) {
    const size_t slash = name.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : name.substr(0, slash + 1);
    const std::string pattern = slash == std::string::npos ? name : name.substr(slash + 1);
    std::vector<std::string> found;
    try {
        const std::regex expression(pattern);
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            const std::string file = entry.path().filename().string();
            if (!std::regex_match(file, expression)) continue;
            found.push_back(slash == std::string::npos ? file : folder + file);
        }
    } catch (const std::regex_error& error) {
        return Error(ErrorCode::kInvalidArgument, "IMPORT_BAD_PATTERN",
                     fmt::format("{}: \"{}\" is not a regular expression ({}); without "
                                 "--path-pattern-style=regex names are shell patterns",
                                 name, pattern, error.what()),
                     "files");
    } catch (const std::filesystem::filesystem_error& error) {
        return Error(ErrorCode::kNotFound, "IMPORT_FILE_NOT_FOUND",
                     fmt::format("{}: {}", folder, error.code().message()), "files");
    }
    return found;
}

}  // namespace

bool natural_less(const std::string& a, const std::string& b) {
    size_t i = 0;
    size_t k = 0;
    const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    while (i < a.size() && k < b.size()) {
        if (!digit(a[i]) || !digit(b[k])) {
            if (a[i] != b[k]) return a[i] < b[k];
            ++i;
            ++k;
            continue;
        }
        while (i < a.size() && a[i] == '0') ++i;
        while (k < b.size() && b[k] == '0') ++k;
        const size_t a_begin = i;
        const size_t b_begin = k;
        while (i < a.size() && digit(a[i])) ++i;
        while (k < b.size() && digit(b[k])) ++k;
        if (i - a_begin != k - b_begin) return i - a_begin < k - b_begin;
        const int order = a.compare(a_begin, i - a_begin, b, b_begin, k - b_begin);
        if (order != 0) return order < 0;
    }
    if (i < a.size() || k < b.size()) return i >= a.size();
    return a < b;
}

Result<std::vector<std::string>> expand_path(const std::string& name, PathPatterns patterns) {
    std::error_code ignored;
    if (patterns == PathPatterns::kNone || std::filesystem::exists(name, ignored)) {
        if (!std::filesystem::exists(name, ignored)) return no_match(name, patterns);
        return std::vector<std::string>{name};
    }
    std::vector<std::string> found;
    if (patterns == PathPatterns::kRegex) {
        DEED_ASSIGN_OR_RETURN(found, by_regex(name));
    } else {
        glob_t matches{};
        if (glob(name.c_str(), GLOB_BRACE | GLOB_TILDE, nullptr, &matches) == 0)
            found.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
        globfree(&matches);
    }
    if (found.empty()) return no_match(name, patterns);
    std::sort(found.begin(), found.end(), natural_less);
    return found;
}

}  // namespace deed::storage::importer
