#include <charconv>
#include <cmath>
#include <string>

#include "engine/value/number_text.h"
#include "engine/value/temporal_text.h"
#include "engine/value/value.h"

namespace deed::value {

namespace {

void append_value(std::string& out, const Value& value);

void append_quoted(std::string& out, std::string_view text) {
    out += '\'';
    for (const char c : text) {
        switch (c) {
            case '\'':
                out += "\\'";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                out += c;
        }
    }
    out += '\'';
}

bool is_plain_name(std::string_view name) {
    if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
    for (const char c : name) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!plain) return false;
    }
    return true;
}

void append_key(std::string& out, std::string_view key) {
    if (is_plain_name(key)) {
        out += key;
        return;
    }
    out += '`';
    for (const char c : key) {
        if (c == '`') out += c;
        out += c;
    }
    out += '`';
}

void append_bytes(std::string& out, std::span<const std::byte> bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    out += "0x";
    for (const std::byte byte : bytes) {
        out += kDigits[std::to_integer<unsigned>(byte) >> 4];
        out += kDigits[std::to_integer<unsigned>(byte) & 15];
    }
}

void append_list(std::string& out, const List& list) {
    out += '[';
    for (size_t i = 0; i < list.size(); ++i) {
        if (i > 0) out += ", ";
        append_value(out, list[i]);
    }
    out += ']';
}

void append_map(std::string& out, const Map& map) {
    out += '{';
    for (size_t i = 0; i < map.size(); ++i) {
        if (i > 0) out += ", ";
        append_key(out, map[i].first);
        out += ": ";
        append_value(out, map[i].second);
    }
    out += '}';
}

void append_point(std::string& out, const Point& point) {
    out += "point({srid: " + std::to_string(static_cast<unsigned>(point.srid())) + ", x: ";
    append_float(out, point.x());
    out += ", y: ";
    append_float(out, point.y());
    if (point.is_3d()) {
        out += ", z: ";
        append_float(out, point.z());
    }
    out += "})";
}

void append_vector(std::string& out, const Vector& vector) {
    const bool whole = vector.element_type() <= ElementType::kInt64;
    out += "vector([";
    for (uint32_t i = 0; i < vector.dimension(); ++i) {
        if (i > 0) out += ", ";
        if (vector.element_type() == ElementType::kInt64) {
            out += std::to_string(vector.elements<int64_t>()[i]);
        } else if (whole) {
            out += std::to_string(static_cast<int64_t>(vector.at(i)));
        } else {
            append_float(out, vector.at(i));
        }
    }
    out += "], " + std::to_string(vector.dimension()) + ", ";
    out += element_type_name(vector.element_type());
    out += ')';
}

template <class T>
void append_temporal(std::string& out, const char* function, const T& value) {
    out += function;
    out += "('";
    out += to_iso(value);
    out += "')";
}

void append_value(std::string& out, const Value& value) {
    switch (value.type()) {
        case Type::kNull:
            out += "null";
            return;
        case Type::kBoolean:
            out += value.as_boolean() ? "true" : "false";
            return;
        case Type::kInteger:
            out += std::to_string(value.as_integer());
            return;
        case Type::kFloat:
            append_float(out, value.as_float());
            return;
        case Type::kString:
            append_quoted(out, value.as_string());
            return;
        case Type::kBytes:
            append_bytes(out, value.as_bytes());
            return;
        case Type::kList:
            append_list(out, value.as_list());
            return;
        case Type::kMap:
            append_map(out, value.as_map());
            return;
        case Type::kDate:
            append_temporal(out, "date", value.as_date());
            return;
        case Type::kTime:
            append_temporal(out, "time", value.as_time());
            return;
        case Type::kLocalTime:
            append_temporal(out, "localtime", value.as_local_time());
            return;
        case Type::kDateTime:
            append_temporal(out, "datetime", value.as_date_time());
            return;
        case Type::kLocalDateTime:
            append_temporal(out, "localdatetime", value.as_local_date_time());
            return;
        case Type::kDuration:
            append_temporal(out, "duration", value.as_duration());
            return;
        case Type::kPoint:
            append_point(out, value.as_point());
            return;
        case Type::kVector:
            append_vector(out, value.as_vector());
            return;
    }
}

}  // namespace

void append_float(std::string& out, double number) {
    if (std::isnan(number)) {
        out += "NaN";
        return;
    }
    if (std::isinf(number)) {
        out += number < 0 ? "-Infinity" : "Infinity";
        return;
    }
    // Numbers of everyday size without an exponent; both forms are the shortest that read back.
    constexpr double kPlainMin = 1e-4;
    constexpr double kPlainMax = 1e15;
    const double size = std::abs(number);
    const bool plain = size == 0 || (size >= kPlainMin && size < kPlainMax);
    char text[40];
    const auto end = std::to_chars(text, text + sizeof(text), number,
                                   plain ? std::chars_format::fixed : std::chars_format::scientific)
                         .ptr;
    const std::string_view shortest(text, static_cast<size_t>(end - text));
    const size_t mark = shortest.find('e');
    out += shortest.substr(0, mark);
    if (mark == std::string_view::npos) {
        if (shortest.find('.') == std::string_view::npos) out += ".0";
        return;
    }
    // The exponent without plus and leading zeros: `e+05` becomes `e5`.
    out += 'e';
    size_t at = mark + 1;
    if (shortest[at] == '-') out += '-';
    ++at;
    while (at + 1 < shortest.size() && shortest[at] == '0') ++at;
    out += shortest.substr(at);
}

std::string Value::to_string() const {
    std::string out;
    append_value(out, *this);
    return out;
}

}  // namespace deed::value
