#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

/// Numbers as text files write them. Inline, because they run once per field.
namespace deed::storage::importer {

inline bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

inline std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

/// A whole number of 64 bits with an optional sign; nothing else around it. Nothing where the text
/// is no number or the number does not fit; `is_integer_text` tells these apart.
inline std::optional<int64_t> parse_integer(std::string_view text) {
    const char* at = text.data();
    const char* end = at + text.size();
    bool negative = false;
    if (at < end && (*at == '-' || *at == '+')) negative = *at++ == '-';
    if (at == end) return std::nullopt;
    if (end - at <= 18) [[likely]] {
        int64_t number = 0;
        for (; at < end; ++at) {
            const auto digit = static_cast<unsigned>(*at) - '0';
            if (digit > 9) return std::nullopt;
            number = number * 10 + static_cast<int64_t>(digit);
        }
        return negative ? -number : number;
    }
    if (*at == '-' || *at == '+') return std::nullopt;
    if (negative) --at;  // from_chars knows '-' but not '+'
    int64_t number = 0;
    const auto [stop, error] = std::from_chars(at, end, number);
    if (error != std::errc() || stop != end) return std::nullopt;
    return number;
}

/// Whether the text has the form of a whole number, of whatever size.
inline bool is_integer_text(std::string_view text) {
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
    if (text.empty()) return false;
    for (const char c : text) {
        if (c < '0' || c > '9') return false;
    }
    return true;
}

/// The integer that is written exactly so ("7", never "+7", "007" or "-0"): text and number then
/// stand for each other.
inline std::optional<int64_t> parse_canonical_integer(std::string_view text) {
    if (text.empty() || text.size() > 20) return std::nullopt;
    const bool negative = text[0] == '-';
    const std::string_view digits = negative ? text.substr(1) : text;
    if (digits.empty() || digits[0] < '0' || digits[0] > '9') return std::nullopt;
    if (digits[0] == '0' && (digits.size() > 1 || negative)) return std::nullopt;
    return parse_integer(text);
}

/// A decimal number, also with an exponent, `NaN`, `Infinity`, `-inf`.
inline std::optional<double> parse_float(std::string_view text) {
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    double number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (stop != text.data() + text.size()) return std::nullopt;
    if (error != std::errc()) return std::nullopt;
    return number;
}

}  // namespace deed::storage::importer
