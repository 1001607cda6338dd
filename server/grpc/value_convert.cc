#include "server/grpc/value_convert.h"

#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>

#include "engine/base/limits.h"
#include "engine/value/temporal.h"
#include "engine/value/zone.h"

namespace deed::server {
namespace {

static_assert(std::endian::native == std::endian::little,
              "vectors travel in little-endian order and are kept in the machine's");

Error invalid(std::string reason, std::string message, std::string field = {}) {
    return Error(ErrorCode::kInvalidArgument, std::move(reason), std::move(message),
                 std::move(field));
}

Result<value::Value> decode(const v1::Value& wire, uint32_t depth);

Status check_depth(uint32_t depth) {
    if (depth < kWireDepthMax) return {};
    return invalid("VALUE_TOO_DEEP", "lists and maps may lie within each other " +
                                         std::to_string(kWireDepthMax) +
                                         " deep; store the inner part as a node of its own");
}

Result<value::Value> decode_list(const v1::List& wire, uint32_t depth) {
    DEED_RETURN_IF_ERROR(check_depth(depth));
    if (static_cast<size_t>(wire.elements_size()) > limits::kListElementsMax) {
        return invalid("LIST_TOO_LONG",
                       "a list has at most " + std::to_string(limits::kListElementsMax) +
                           " elements, this one has " + std::to_string(wire.elements_size()));
    }
    value::List list;
    list.reserve(static_cast<size_t>(wire.elements_size()));
    for (int i = 0; i < wire.elements_size(); ++i) {
        auto element = decode(wire.elements(i), depth + 1);
        if (!element.ok()) {
            return within_field(std::move(element).error(), "[" + std::to_string(i) + "]");
        }
        list.push_back(std::move(element).value());
    }
    return value::Value::list(std::move(list));
}

Result<value::Value> decode_map(const v1::Map& wire, uint32_t depth) {
    DEED_RETURN_IF_ERROR(check_depth(depth));
    value::Map map;
    map.reserve(wire.entries().size());
    for (const auto& [key, entry] : wire.entries()) {
        auto decoded = decode(entry, depth + 1);
        if (!decoded.ok()) return within_field(std::move(decoded).error(), key);
        map.emplace_back(key, std::move(decoded).value());
    }
    return value::Value::map(std::move(map));
}

/// Nanoseconds as they come in: unsigned, so that no negative number can be written.
Result<int64_t> nanos_of_day(uint64_t wire) {
    if (wire >= static_cast<uint64_t>(value::kNanosPerDay)) {
        return invalid("TIME_OUT_OF_RANGE",
                       std::to_string(wire) +
                           " nanoseconds are a day or more; a time of day has "
                           "0 to 86399999999999",
                       "nanoseconds");
    }
    return static_cast<int64_t>(wire);
}

Result<int32_t> nanos_of_second(uint32_t wire) {
    if (wire >= static_cast<uint32_t>(value::kNanosPerSecond)) {
        return invalid("NANOSECONDS_OUT_OF_RANGE",
                       std::to_string(wire) +
                           " nanoseconds are a second or more; use 0 to "
                           "999999999",
                       "nanoseconds");
    }
    return static_cast<int32_t>(wire);
}

Result<value::Value> decode_time(const v1::Time& wire) {
    DEED_ASSIGN_OR_RETURN(const int64_t nanos, nanos_of_day(wire.nanoseconds()));
    const value::Time time{.nanos_of_day = nanos, .offset_seconds = wire.offset_seconds()};
    DEED_RETURN_IF_ERROR(value::validate(time));
    return value::Value::time(time);
}

Result<value::Value> decode_date_time(const v1::DateTime& wire) {
    DEED_ASSIGN_OR_RETURN(const int32_t nanos, nanos_of_second(wire.nanoseconds()));
    value::DateTime date_time{.seconds = wire.epoch_seconds(),
                              .nanos = nanos,
                              .offset_seconds = wire.offset_seconds(),
                              .zone = value::ZoneName(wire.zone())};
    if (!wire.zone().empty()) {
        date_time.offset_seconds = 0;
        DEED_RETURN_IF_ERROR(value::validate(date_time));
        DEED_ASSIGN_OR_RETURN(date_time.offset_seconds,
                              value::zone_offset_at(wire.zone(), wire.epoch_seconds()));
    }
    DEED_RETURN_IF_ERROR(value::validate(date_time));
    return value::Value::date_time(std::move(date_time));
}

Result<value::Value> decode_local_date_time(const v1::LocalDateTime& wire) {
    DEED_ASSIGN_OR_RETURN(const int32_t nanos, nanos_of_second(wire.nanoseconds()));
    const value::LocalDateTime local{.seconds = wire.epoch_seconds(), .nanos = nanos};
    DEED_RETURN_IF_ERROR(value::validate(local));
    return value::Value::local_date_time(local);
}

Result<value::Value> decode_duration(const v1::Duration& wire) {
    const value::Duration duration{.months = wire.months(),
                                   .days = wire.days(),
                                   .seconds = wire.seconds(),
                                   .nanos = wire.nanoseconds()};
    DEED_RETURN_IF_ERROR(value::validate(duration));
    return value::Value::duration(duration);
}

Result<value::Value> decode_point(const v1::Point& wire) {
    const bool three = wire.srid() == static_cast<uint32_t>(value::Srid::kWgs84_3d) ||
                       wire.srid() == static_cast<uint32_t>(value::Srid::kCartesian3d);
    if (!three && wire.z() != 0) {
        return invalid("INVALID_POINT",
                       "a point with srid " + std::to_string(wire.srid()) +
                           " has no z; use srid 9157 or 4979 for three dimensions",
                       "z");
    }
    auto point = three ? value::Point::make_3d(wire.srid(), wire.x(), wire.y(), wire.z())
                       : value::Point::make_2d(wire.srid(), wire.x(), wire.y());
    if (!point.ok()) return std::move(point).error();
    return value::Value::point(*point);
}

Result<value::Value> decode_vector(const v1::Vector& wire) {
    const int type = static_cast<int>(wire.element_type());
    if (type <= 0 || type > std::numeric_limits<uint8_t>::max() ||
        !value::is_element_type(static_cast<uint8_t>(type))) {
        return invalid("INVALID_VECTOR",
                       "element type " + std::to_string(type) +
                           " is unknown; use INTEGER8, 16, 32, 64, FLOAT32 or FLOAT64",
                       "element_type");
    }
    auto vector = value::Vector::from_bytes(static_cast<value::ElementType>(type),
                                            std::as_bytes(std::span(wire.elements())));
    if (!vector.ok()) return within_field(std::move(vector).error(), "elements");
    return value::Value::vector(std::move(vector).value());
}

Result<value::Value> decode_scalar_heavy(const v1::Value& wire) {
    switch (wire.kind_case()) {
        case v1::Value::kDate: {
            const value::Date date{.days = wire.date().days()};
            DEED_RETURN_IF_ERROR(value::validate(date));
            return value::Value::date(date);
        }
        case v1::Value::kTime:
            return decode_time(wire.time());
        case v1::Value::kLocalTime: {
            DEED_ASSIGN_OR_RETURN(const int64_t nanos,
                                  nanos_of_day(wire.local_time().nanoseconds()));
            return value::Value::local_time(value::LocalTime{.nanos_of_day = nanos});
        }
        case v1::Value::kDateTime:
            return decode_date_time(wire.date_time());
        case v1::Value::kLocalDateTime:
            return decode_local_date_time(wire.local_date_time());
        case v1::Value::kDuration:
            return decode_duration(wire.duration());
        case v1::Value::kPoint:
            return decode_point(wire.point());
        case v1::Value::kVector:
            return decode_vector(wire.vector());
        default:
            return invalid("VALUE_KIND_MISSING",
                           "no kind of value is set (or one that this server does not know); for "
                           "null set `null`");
    }
}

Result<value::Value> decode(const v1::Value& wire, uint32_t depth) {
    switch (wire.kind_case()) {
        case v1::Value::kNull:
            return value::Value::null();
        case v1::Value::kBoolean:
            return value::Value::boolean(wire.boolean());
        case v1::Value::kInteger:
            return value::Value::integer(wire.integer());
        case v1::Value::kFloat:
            return value::Value::floating(wire.float_());
        case v1::Value::kString:
            return value::Value::string(wire.string());
        case v1::Value::kBytes:
            return value::Value::bytes(std::as_bytes(std::span(wire.bytes())));
        case v1::Value::kList:
            return decode_list(wire.list(), depth);
        case v1::Value::kMap:
            return decode_map(wire.map(), depth);
        default:
            return decode_scalar_heavy(wire);
    }
}

void encode_date_time(const value::DateTime& value, v1::DateTime* wire) {
    wire->set_epoch_seconds(value.seconds);
    wire->set_nanoseconds(static_cast<uint32_t>(value.nanos));
    wire->set_offset_seconds(value.offset_seconds);
    const std::string_view zone = value.zone.view();
    wire->set_zone(zone.data(), zone.size());
}

void encode_duration(const value::Duration& value, v1::Duration* wire) {
    wire->set_months(value.months);
    wire->set_days(value.days);
    wire->set_seconds(value.seconds);
    wire->set_nanoseconds(value.nanos);
}

void encode_point(const value::Point& value, v1::Point* wire) {
    wire->set_srid(static_cast<uint32_t>(value.srid()));
    wire->set_x(value.x());
    wire->set_y(value.y());
    wire->set_z(value.z());
}

void encode_vector(const value::Vector& value, v1::Vector* wire) {
    wire->set_element_type(static_cast<v1::Vector::ElementType>(value.element_type()));
    wire->set_elements(value.bytes().data(), value.bytes().size());
}

}  // namespace

Error within_field(Error error, std::string_view prefix) {
    std::string field(prefix);
    if (!error.field().empty()) {
        if (!field.empty() && error.field().front() != '[') field.push_back('.');
        field.append(error.field());
    }
    return Error(error.code(), error.reason(), error.message(), std::move(field));
}

Result<value::Value> from_wire(const v1::Value& wire, std::string_view field) {
    auto decoded = decode(wire, 0);
    if (!decoded.ok()) return within_field(std::move(decoded).error(), field);
    return decoded;
}

void to_wire(const value::Value& value, v1::Value* wire) {
    switch (value.type()) {
        case value::Type::kNull:
            wire->set_null(v1::NULL_VALUE);
            return;
        case value::Type::kBoolean:
            wire->set_boolean(value.as_boolean());
            return;
        case value::Type::kInteger:
            wire->set_integer(value.as_integer());
            return;
        case value::Type::kFloat:
            wire->set_float_(value.as_float());
            return;
        case value::Type::kString:
            wire->set_string(value.as_string().data(), value.as_string().size());
            return;
        case value::Type::kBytes:
            wire->set_bytes(value.as_bytes().data(), value.as_bytes().size());
            return;
        case value::Type::kList: {
            auto* elements = wire->mutable_list()->mutable_elements();
            elements->Reserve(static_cast<int>(value.as_list().size()));
            for (const auto& element : value.as_list()) to_wire(element, elements->Add());
            return;
        }
        case value::Type::kMap: {
            auto* entries = wire->mutable_map()->mutable_entries();
            for (const auto& [key, entry] : value.as_map()) to_wire(entry, &(*entries)[key]);
            return;
        }
        case value::Type::kDate:
            wire->mutable_date()->set_days(value.as_date().days);
            return;
        case value::Type::kTime: {
            auto* time = wire->mutable_time();
            time->set_nanoseconds(static_cast<uint64_t>(value.as_time().nanos_of_day));
            time->set_offset_seconds(value.as_time().offset_seconds);
            return;
        }
        case value::Type::kLocalTime:
            wire->mutable_local_time()->set_nanoseconds(
                static_cast<uint64_t>(value.as_local_time().nanos_of_day));
            return;
        case value::Type::kDateTime:
            encode_date_time(value.as_date_time(), wire->mutable_date_time());
            return;
        case value::Type::kLocalDateTime: {
            auto* local = wire->mutable_local_date_time();
            local->set_epoch_seconds(value.as_local_date_time().seconds);
            local->set_nanoseconds(static_cast<uint32_t>(value.as_local_date_time().nanos));
            return;
        }
        case value::Type::kDuration:
            encode_duration(value.as_duration(), wire->mutable_duration());
            return;
        case value::Type::kPoint:
            encode_point(value.as_point(), wire->mutable_point());
            return;
        case value::Type::kVector:
            encode_vector(value.as_vector(), wire->mutable_vector());
            return;
    }
}

}  // namespace deed::server
