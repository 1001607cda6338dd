#include "engine/storage/import/convert.h"

#include <fmt/format.h>
#include <limits>
#include <optional>

#include "engine/base/limits.h"
#include "engine/storage/import/internal/numbers.h"
#include "engine/value/codec.h"
#include "engine/value/temporal_text.h"
#include "engine/value/utf8.h"
#include "engine/value/zone.h"

namespace deed::storage::importer {

namespace {

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        if ((text[i] | 0x20) != lower[i]) return false;
    }
    return true;
}

int64_t integer_max(FieldType type) {
    switch (type) {
        case FieldType::kByte:
            return std::numeric_limits<int8_t>::max();
        case FieldType::kShort:
            return std::numeric_limits<int16_t>::max();
        case FieldType::kInt:
            return std::numeric_limits<int32_t>::max();
        default:
            return std::numeric_limits<int64_t>::max();
    }
}

size_t code_points(std::string_view utf8) {
    size_t count = 0;
    for (const char c : utf8) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
    return count;
}

/// The numbers and the coordinate system that a point's text names.
struct PointParts {
    std::optional<double> x;
    std::optional<double> y;
    std::optional<double> z;
    bool geographic = false;  // said by the names of the coordinates
    std::string_view crs;
    std::optional<int64_t> srid;
};

Error point_error(std::string message) {
    return {ErrorCode::kInvalidArgument, "IMPORT_BAD_VALUE", std::move(message)};
}

Status take_point_entry(std::string_view name, std::string_view text, PointParts& parts) {
    if (equals_ignoring_case(name, "crs")) {
        parts.crs = text;
        return {};
    }
    if (equals_ignoring_case(name, "srid")) {
        parts.srid = parse_integer(text);
        if (!parts.srid) return point_error(fmt::format("srid {} is no number", shown(text)));
        return {};
    }
    std::optional<double>* target = nullptr;
    if (name == "x" || equals_ignoring_case(name, "longitude")) target = &parts.x;
    if (name == "y" || equals_ignoring_case(name, "latitude")) target = &parts.y;
    if (name == "z" || equals_ignoring_case(name, "height")) target = &parts.z;
    if (target == nullptr)
        return point_error(
            fmt::format("{} is no part of a point; use x, y, z or longitude, "
                        "latitude, height, and crs or srid",
                        shown(name)));
    if (name.size() > 1) parts.geographic = true;
    *target = parse_float(text);
    if (!*target) return point_error(fmt::format("{} is not a number", shown(text)));
    return {};
}

Result<uint32_t> point_srid(const PointParts& parts, std::string_view crs_default) {
    if (parts.srid) return static_cast<uint32_t>(*parts.srid);
    const std::string_view crs = parts.crs.empty() ? crs_default : parts.crs;
    const bool three = parts.z.has_value();
    using value::Srid;
    if (crs.empty()) {
        if (parts.geographic) return static_cast<uint32_t>(three ? Srid::kWgs84_3d : Srid::kWgs84);
        return static_cast<uint32_t>(three ? Srid::kCartesian3d : Srid::kCartesian);
    }
    for (const Srid srid : {Srid::kWgs84, Srid::kWgs84_3d, Srid::kCartesian, Srid::kCartesian3d}) {
        if (equals_ignoring_case(crs, value::srid_name(srid))) return static_cast<uint32_t>(srid);
    }
    return point_error(
        fmt::format("{} is no coordinate system; use WGS-84, WGS-84-3D, cartesian or "
                    "cartesian-3D",
                    shown(crs)));
}

std::string_view without_quotes(std::string_view text) {
    text = trimmed(text);
    if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"') &&
        text.back() == text.front())
        return text.substr(1, text.size() - 2);
    return text;
}

}  // namespace

std::string shown(std::string_view text) {
    constexpr size_t kBytesMax = 60;
    std::string out = "\"";
    size_t used = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        // Cut between characters, not inside one.
        if (used >= kBytesMax && (byte & 0xC0U) != 0x80U) {
            out += "...";
            break;
        }
        ++used;
        if (byte < 0x20 || byte == 0x7F) {
            out += fmt::format("\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
    if (!value::is_utf8(out)) {
        out = "\"";
        for (const char c : text.substr(0, kBytesMax)) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte < 0x20 || byte >= 0x7F) {
                out += fmt::format("\\x{:02x}", byte);
            } else {
                out += c;
            }
        }
    }
    out += '"';
    return out;
}

Result<value::Point> parse_point(std::string_view text, std::string_view crs_default) {
    text = trimmed(text);
    if (text.size() < 2 || text.front() != '{' || text.back() != '}')
        return point_error(
            "a point is written {x: 1.5, y: 2.5} or {longitude: 13, latitude: 55.6}");
    std::string_view inside = text.substr(1, text.size() - 2);
    PointParts parts;
    while (!trimmed(inside).empty()) {
        const size_t comma = inside.find(',');
        const std::string_view entry = inside.substr(0, comma);
        inside = comma == std::string_view::npos ? std::string_view() : inside.substr(comma + 1);
        const size_t colon = entry.find(':');
        if (colon == std::string_view::npos)
            return point_error(fmt::format("{} is not name: value", shown(entry)));
        DEED_RETURN_IF_ERROR(take_point_entry(without_quotes(entry.substr(0, colon)),
                                              without_quotes(entry.substr(colon + 1)), parts));
    }
    if (!parts.x || !parts.y)
        return point_error("a point needs x and y, or longitude and latitude");
    DEED_ASSIGN_OR_RETURN(const uint32_t srid, point_srid(parts, crs_default));
    return parts.z ? value::Point::make_3d(srid, *parts.x, *parts.y, *parts.z)
                   : value::Point::make_2d(srid, *parts.x, *parts.y);
}

Converter::Converter(const Column* column, const ConvertOptions& options)
    : column_(column), options_(options) {
    const std::string_view zone = column->option("timezone");
    if (zone.empty()) return;
    // The header was checked: what is no offset is a zone.
    if (auto offset = value::parse_offset(zone); offset.ok()) {
        offset_seconds_ = offset.value();
    } else {
        zone_ = zone;
    }
}

bool Converter::fail(const Field& field, std::string reason, std::string message,
                     Fault& fault) const {
    fault.reason = std::move(reason);
    fault.message = std::move(message);
    fault.column = field.column;
    fault.field = column_->name.empty() ? column_->title : column_->name;
    return false;
}

bool Converter::convert(const Field& field, bool checked, value::Value& out, Fault& fault) const {
    out = value::Value();
    if (field.text.empty()) {
        const bool empty_string = field.quoted && column_->type == FieldType::kString &&
                                  !column_->array && !options_.ignore_empty_strings;
        if (empty_string) out = value::Value::string({});
        return true;
    }
    if (!checked) {
        if (field.text.find('\0') != std::string_view::npos)
            return fail(field, "IMPORT_NUL_BYTE",
                        "the field holds a NUL byte; remove it, or check that the file is text in "
                        "UTF-8",
                        fault);
        if (!value::is_utf8(field.text))
            return fail(field, "IMPORT_NOT_UTF8",
                        fmt::format("{} is not UTF-8; convert the file, for example with iconv -f "
                                    "latin1 -t utf-8",
                                    shown(field.text)),
                        fault);
    }
    return column_->array ? array(field.text, field, out, fault)
                          : scalar(field.text, field, out, fault);
}

bool Converter::integer(std::string_view text, const Field& field, value::Value& out,
                        Fault& fault) const {
    const auto number = parse_integer(text);
    if (!number && is_integer_text(text))
        return fail(field, "IMPORT_INTEGER_OVERFLOW",
                    fmt::format("{} does not fit into 64 bits; declare the column as double or "
                                "string",
                                shown(text)),
                    fault);
    if (!number)
        return fail(field, "IMPORT_BAD_VALUE",
                    fmt::format("{} is not an integer; correct it, or declare the column as double "
                                "or string",
                                shown(text)),
                    fault);
    const int64_t largest = integer_max(column_->type);
    if (!options_.normalize_types && (*number > largest || *number < -largest - 1))
        return fail(field, "IMPORT_INTEGER_OVERFLOW",
                    fmt::format("{} does not fit into a {}; declare the column as long, or leave "
                                "--normalize-types on",
                                shown(text), field_type_word(column_->type)),
                    fault);
    out = value::Value::integer(*number);
    return true;
}

bool Converter::scalar(std::string_view text, const Field& field, value::Value& out,
                       Fault& fault) const {
    const FieldType type = column_->type;
    if (type == FieldType::kString) {
        if (options_.trim_strings) text = trimmed(text);
        if (text.size() > limits::kValueBytesMax)
            return fail(field, "IMPORT_VALUE_TOO_LONG",
                        fmt::format("the string has {} bytes, the most is {}", text.size(),
                                    limits::kValueBytesMax),
                        fault);
        out = value::Value::string(text);
        return true;
    }
    if (type == FieldType::kChar) {
        if (code_points(text) != 1)
            return fail(
                field, "IMPORT_BAD_VALUE",
                fmt::format("{} is not one character; declare the column as string", shown(text)),
                fault);
        out = value::Value::string(text);
        return true;
    }
    text = trimmed(text);
    if (text.empty()) return true;
    switch (type) {
        case FieldType::kByte:
        case FieldType::kShort:
        case FieldType::kInt:
        case FieldType::kLong:
            return integer(text, field, out, fault);
        case FieldType::kFloat: {
            const auto number = parse_float(text);
            if (!number)
                return fail(field, "IMPORT_BAD_VALUE",
                            fmt::format("{} is not a number; correct it, or declare the column as "
                                        "string",
                                        shown(text)),
                            fault);
            out = value::Value::floating(*number);
            return true;
        }
        case FieldType::kBoolean: {
            const bool yes = equals_ignoring_case(text, "true");
            if (!yes && !equals_ignoring_case(text, "false"))
                return fail(field, "IMPORT_BAD_VALUE",
                            fmt::format("{} is neither true nor false", shown(text)), fault);
            out = value::Value::boolean(yes);
            return true;
        }
        default:
            return temporal(text, field, out, fault);
    }
}

bool Converter::temporal(std::string_view text, const Field& field, value::Value& out,
                         Fault& fault) const {
    // Each branch has another result type; the failure is the same for all.
    const auto take = [&](auto result, auto make) {
        if (!result.ok()) {
            return fail(field, "IMPORT_BAD_VALUE",
                        fmt::format("{} is not a {}: {}", shown(text),
                                    field_type_word(column_->type), result.error().message()),
                        fault);
        }
        out = make(std::move(result).value());
        return true;
    };
    using value::Value;
    switch (column_->type) {
        case FieldType::kPoint:
            return take(parse_point(text, column_->option("crs")), &Value::point);
        case FieldType::kDate:
            return take(value::parse_date(text), &Value::date);
        case FieldType::kLocalTime:
            return take(value::parse_local_time(text), &Value::local_time);
        case FieldType::kTime:
            return take(value::parse_time(text, offset_seconds_), &Value::time);
        case FieldType::kLocalDateTime:
            return take(value::parse_local_date_time(text), &Value::local_date_time);
        case FieldType::kDuration:
            return take(value::parse_duration(text), &Value::duration);
        default:
            break;
    }
    if (offset_seconds_ == 0 && zone_.empty())
        return take(value::parse_date_time(text), &Value::date_time);
    // The column's zone holds only where the text names none.
    auto local = value::parse_local_date_time(text);
    if (!local.ok()) return take(value::parse_date_time(text), &Value::date_time);
    if (!zone_.empty()) return take(value::resolve_in_zone(*local, zone_), &Value::date_time);
    value::DateTime moment;
    moment.seconds = local->seconds - offset_seconds_;
    moment.nanos = local->nanos;
    moment.offset_seconds = offset_seconds_;
    out = Value::date_time(std::move(moment));
    return true;
}

bool Converter::array(std::string_view text, const Field& field, value::Value& out,
                      Fault& fault) const {
    value::List elements;
    size_t begin = 0;
    for (;;) {
        const size_t end = text.find(options_.array_delimiter, begin);
        const std::string_view part = text.substr(begin, end - begin);
        value::Value element;
        if (part.empty() && column_->type == FieldType::kString) {
            element = value::Value::string({});
        } else if (!scalar(part, field, element, fault)) {
            return false;
        } else if (element.is_null()) {
            return fail(field, "IMPORT_BAD_VALUE",
                        fmt::format("element {} of the list is empty; lists of {} hold no nulls",
                                    elements.size() + 1, field_type_word(column_->type)),
                        fault);
        }
        elements.push_back(std::move(element));
        if (end == std::string_view::npos) break;
        begin = end + 1;
    }
    if (elements.size() > limits::kListElementsMax)
        return fail(field, "IMPORT_VALUE_TOO_LONG",
                    fmt::format("the list has {} elements, the most is {}", elements.size(),
                                limits::kListElementsMax),
                    fault);
    out = value::Value::list(std::move(elements));
    if (const Status fits = value::check_limits(out); !fits.ok())
        return fail(field, "IMPORT_VALUE_TOO_LONG", fits.error().message(), fault);
    return true;
}

}  // namespace deed::storage::importer
