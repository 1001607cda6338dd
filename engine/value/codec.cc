#include "engine/value/codec.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/limits.h"
#include "engine/value/internal/bytes.h"
#include "engine/value/utf8.h"

namespace deed::value {

using internal::append_little_endian;
using internal::append_varint;
using internal::ByteReader;
using internal::varint_size;
using internal::zigzag;

namespace {

constexpr size_t kTypeBytes = 1;

void append_sized(std::string& out, std::string_view bytes) {
    append_varint(out, bytes.size());
    out += bytes;
}

std::string_view text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void encode_point(const Point& point, std::string& out) {
    append_little_endian(out, static_cast<uint16_t>(point.srid()));
    append_little_endian(out, point.x());
    append_little_endian(out, point.y());
    if (point.is_3d()) append_little_endian(out, point.z());
}

void encode_vector(const Vector& vector, std::string& out) {
    out += static_cast<char>(vector.element_type());
    append_varint(out, vector.dimension());
    out += text_of(vector.bytes());
}

void encode_date_time(const DateTime& value, std::string& out) {
    append_varint(out, zigzag(value.seconds));
    append_varint(out, static_cast<uint64_t>(value.nanos));
    append_varint(out, zigzag(value.offset_seconds));
    append_sized(out, value.zone.view());
}

void encode_duration(const Duration& value, std::string& out) {
    append_varint(out, zigzag(value.months));
    append_varint(out, zigzag(value.days));
    append_varint(out, zigzag(value.seconds));
    append_varint(out, static_cast<uint64_t>(value.nanos));
}

void encode_list(const List& list, std::string& out) {
    append_varint(out, list.size());
    for (const Value& element : list) encode(element, out);
}

void encode_map(const Map& map, std::string& out) {
    append_varint(out, map.size());
    for (const auto& [key, value] : map) {
        append_sized(out, key);
        encode(value, out);
    }
}

size_t sized(size_t bytes) {
    return varint_size(bytes) + bytes;
}

size_t list_size(const List& list) {
    size_t total = varint_size(list.size());
    for (const Value& element : list) total += encoded_size(element);
    return total;
}

size_t map_size(const Map& map) {
    size_t total = varint_size(map.size());
    for (const auto& [key, value] : map) total += sized(key.size()) + encoded_size(value);
    return total;
}

/// The size of the kinds whose parts are a handful of numbers: by writing them.
size_t small_size(const Value& value) {
    std::string out;
    encode(value, out);
    return out.size() - kTypeBytes;
}

}  // namespace

void encode(const Value& value, std::string& out) {
    out += static_cast<char>(value.type());
    switch (value.type()) {
        case Type::kNull:
            return;
        case Type::kBoolean:
            out += static_cast<char>(value.as_boolean() ? 1 : 0);
            return;
        case Type::kInteger:
            append_varint(out, zigzag(value.as_integer()));
            return;
        case Type::kFloat:
            append_little_endian(out, value.as_float());
            return;
        case Type::kString:
            append_sized(out, value.as_string());
            return;
        case Type::kBytes:
            append_sized(out, text_of(value.as_bytes()));
            return;
        case Type::kList:
            encode_list(value.as_list(), out);
            return;
        case Type::kMap:
            encode_map(value.as_map(), out);
            return;
        case Type::kDate:
            append_varint(out, zigzag(value.as_date().days));
            return;
        case Type::kTime:
            append_varint(out, static_cast<uint64_t>(value.as_time().nanos_of_day));
            append_varint(out, zigzag(value.as_time().offset_seconds));
            return;
        case Type::kLocalTime:
            append_varint(out, static_cast<uint64_t>(value.as_local_time().nanos_of_day));
            return;
        case Type::kDateTime:
            encode_date_time(value.as_date_time(), out);
            return;
        case Type::kLocalDateTime:
            append_varint(out, zigzag(value.as_local_date_time().seconds));
            append_varint(out, static_cast<uint64_t>(value.as_local_date_time().nanos));
            return;
        case Type::kDuration:
            encode_duration(value.as_duration(), out);
            return;
        case Type::kPoint:
            encode_point(value.as_point(), out);
            return;
        case Type::kVector:
            encode_vector(value.as_vector(), out);
            return;
    }
}

size_t encoded_size(const Value& value) {
    switch (value.type()) {
        case Type::kNull:
            return kTypeBytes;
        case Type::kBoolean:
            return kTypeBytes + 1;
        case Type::kInteger:
            return kTypeBytes + varint_size(zigzag(value.as_integer()));
        case Type::kFloat:
            return kTypeBytes + sizeof(double);
        case Type::kString:
            return kTypeBytes + sized(value.as_string().size());
        case Type::kBytes:
            return kTypeBytes + sized(value.as_bytes().size());
        case Type::kList:
            return kTypeBytes + list_size(value.as_list());
        case Type::kMap:
            return kTypeBytes + map_size(value.as_map());
        case Type::kVector: {
            const Vector& vector = value.as_vector();
            return kTypeBytes + 1 + varint_size(vector.dimension()) + vector.bytes().size();
        }
        default:
            return kTypeBytes + small_size(value);
    }
}

namespace {

Error corrupt(const std::string& what) {
    return {ErrorCode::kCorruption, "VALUE_ENCODING", "encoded value: " + what};
}

Error cut_short() {
    return corrupt("the bytes end too early or a number is malformed");
}

/// Reads one value; each method takes what its `encode_` counterpart writes.
class Decoder {
 public:
    explicit Decoder(std::string_view bytes) : in_(bytes) {}

    [[nodiscard]] std::string_view rest() const { return in_.rest(); }

    /// `depth_left` is how many lists and maps may still nest.
    Result<Value> value(uint32_t depth_left) {
        const auto type = in_.u8();
        if (!type) return cut_short();
        switch (static_cast<Type>(*type)) {
            case Type::kNull:
                return Value::null();
            case Type::kBoolean:
                return boolean();
            case Type::kInteger:
                return integer();
            case Type::kFloat:
                return floating();
            case Type::kString:
                return string();
            case Type::kBytes:
                return bytes();
            case Type::kList:
                return list(depth_left);
            case Type::kMap:
                return map(depth_left);
            case Type::kDate:
                return date();
            case Type::kTime:
                return time();
            case Type::kLocalTime:
                return local_time();
            case Type::kDateTime:
                return date_time();
            case Type::kLocalDateTime:
                return local_date_time();
            case Type::kDuration:
                return duration();
            case Type::kPoint:
                return point();
            case Type::kVector:
                return vector();
        }
        return corrupt("there is no type " + std::to_string(*type));
    }

 private:
    Result<Value> boolean() {
        const auto byte = in_.u8();
        if (!byte || *byte > 1) return cut_short();
        return Value::boolean(*byte == 1);
    }
    Result<Value> integer() {
        const auto number = in_.signed_varint();
        if (!number) return cut_short();
        return Value::integer(*number);
    }
    Result<Value> floating() {
        const auto number = in_.little_endian<double>();
        if (!number) return cut_short();
        return Value::floating(*number);
    }
    Result<Value> string() {
        DEED_ASSIGN_OR_RETURN(const std::string_view text, utf8());
        return Value::string(text);
    }
    Result<Value> bytes() {
        const auto taken = in_.sized_bytes();
        if (!taken || taken->size() > limits::kValueBytesMax) return cut_short();
        return Value::bytes(std::as_bytes(std::span(*taken)));
    }
    Result<std::string_view> utf8() {
        const auto text = in_.sized_bytes();
        if (!text || text->size() > limits::kValueBytesMax) return cut_short();
        if (!is_utf8(*text)) return corrupt("a string is not UTF-8");
        return *text;
    }
    /// How many elements follow. Each takes a byte at least, which bounds what a lie can cost.
    Result<size_t> count(uint32_t depth_left) {
        if (depth_left == 0) return corrupt("lists and maps nest too deep");
        const auto number = in_.varint();
        if (!number || *number > in_.rest().size() || *number > limits::kListElementsMax) {
            return cut_short();
        }
        return static_cast<size_t>(*number);
    }
    Result<Value> list(uint32_t depth_left) {
        DEED_ASSIGN_OR_RETURN(const size_t elements, count(depth_left));
        List list;
        list.reserve(std::min(elements, kReservedMax));
        for (size_t i = 0; i < elements; ++i) {
            DEED_ASSIGN_OR_RETURN(Value element, value(depth_left - 1));
            list.push_back(std::move(element));
        }
        return Value::list(std::move(list));
    }
    Result<Value> map(uint32_t depth_left) {
        DEED_ASSIGN_OR_RETURN(const size_t entries, count(depth_left));
        Map map;
        map.reserve(std::min(entries, kReservedMax));
        for (size_t i = 0; i < entries; ++i) {
            DEED_ASSIGN_OR_RETURN(const std::string_view key, utf8());
            if (i > 0 && map.back().first >= key) return corrupt("a map's keys are not ascending");
            DEED_ASSIGN_OR_RETURN(Value entry, value(depth_left - 1));
            map.emplace_back(std::string(key), std::move(entry));
        }
        return Value::map(std::move(map));
    }
    Result<Value> date() {
        const auto days = in_.signed_varint();
        if (!days) return cut_short();
        return checked(Date{*days}, Value::date);
    }
    Result<Value> time() {
        const auto nanos = in_.varint();
        const auto offset = small_signed();
        if (!nanos || !offset) return cut_short();
        return checked(Time{static_cast<int64_t>(*nanos), *offset}, Value::time);
    }
    Result<Value> local_time() {
        const auto nanos = in_.varint();
        if (!nanos) return cut_short();
        return checked(LocalTime{static_cast<int64_t>(*nanos)}, Value::local_time);
    }
    Result<Value> date_time() {
        const auto seconds = in_.signed_varint();
        const auto nanos = nanos_of_second();
        const auto offset = small_signed();
        const auto zone = in_.sized_bytes();
        if (!seconds || !nanos || !offset || !zone) return cut_short();
        // The numbers first: `validate` adds them.
        if (*seconds < kEpochSecondMin || *seconds > kEpochSecondMax) return cut_short();
        return checked(DateTime{*seconds, *nanos, *offset, ZoneName(*zone)}, Value::date_time);
    }
    Result<Value> local_date_time() {
        const auto seconds = in_.signed_varint();
        const auto nanos = nanos_of_second();
        if (!seconds || !nanos) return cut_short();
        return checked(LocalDateTime{*seconds, *nanos}, Value::local_date_time);
    }
    Result<Value> duration() {
        const auto months = in_.signed_varint();
        const auto days = in_.signed_varint();
        const auto seconds = in_.signed_varint();
        const auto nanos = nanos_of_second();
        if (!months || !days || !seconds || !nanos) return cut_short();
        return checked(Duration{*months, *days, *seconds, *nanos}, Value::duration);
    }
    Result<Value> point() {
        const auto srid = in_.little_endian<uint16_t>();
        const auto x = in_.little_endian<double>();
        const auto y = in_.little_endian<double>();
        if (!srid || !x || !y) return cut_short();
        const bool flat = *srid == static_cast<uint16_t>(Srid::kWgs84) ||
                          *srid == static_cast<uint16_t>(Srid::kCartesian);
        const auto z = flat ? std::optional(0.0) : in_.little_endian<double>();
        if (!z) return cut_short();
        auto made = flat ? Point::make_2d(*srid, *x, *y) : Point::make_3d(*srid, *x, *y, *z);
        if (!made.ok()) return corrupt(made.error().message());
        if (made->x() != *x) return corrupt("a longitude goes round the earth");
        return Value::point(*made);
    }
    Result<Value> vector() {
        const auto element = in_.u8();
        if (!element || !is_element_type(*element)) return cut_short();
        const auto type = static_cast<ElementType>(*element);
        const auto dimension = in_.varint();
        if (!dimension || *dimension > limits::kVectorDimensionsMax) return cut_short();
        const auto raw = in_.bytes(*dimension * element_size(type));
        if (!raw) return cut_short();
        auto made = Vector::from_bytes(type, std::as_bytes(std::span(*raw)));
        if (!made.ok()) return corrupt(made.error().message());
        return Value::vector(std::move(made).value());
    }

    std::optional<int32_t> small_signed() {
        const auto number = in_.signed_varint();
        if (!number || *number != static_cast<int32_t>(*number)) return std::nullopt;
        return static_cast<int32_t>(*number);
    }
    std::optional<int32_t> nanos_of_second() {
        const auto number = in_.varint();
        if (!number || *number >= static_cast<uint64_t>(kNanosPerSecond)) return std::nullopt;
        return static_cast<int32_t>(*number);
    }
    template <class T>
    Result<Value> checked(T parts, Value (*wrap)(T)) {
        if (const Status status = validate(parts); !status.ok()) {
            return corrupt(status.error().message());
        }
        return wrap(std::move(parts));
    }

    /// More is reserved only as elements really come.
    static constexpr size_t kReservedMax = 64;

    ByteReader in_;
};

Status check_lists(const Value& value) {
    if (value.type() == Type::kList) {
        if (value.as_list().size() > limits::kListElementsMax) {
            return Error(
                ErrorCode::kLimitExceeded, "LIMIT_LIST_ELEMENTS",
                "a list has at most " + std::to_string(limits::kListElementsMax) + " elements");
        }
        for (const Value& element : value.as_list()) DEED_RETURN_IF_ERROR(check_lists(element));
    } else if (value.type() == Type::kMap) {
        if (value.as_map().size() > limits::kListElementsMax) {
            return Error(
                ErrorCode::kLimitExceeded, "LIMIT_LIST_ELEMENTS",
                "a map has at most " + std::to_string(limits::kListElementsMax) + " entries");
        }
        for (const auto& entry : value.as_map()) DEED_RETURN_IF_ERROR(check_lists(entry.second));
    }
    return {};
}

}  // namespace

Result<Value> decode(std::string_view& in) {
    Decoder decoder(in);
    auto value = decoder.value(limits::kValueDepthMax);
    if (value.ok()) in = decoder.rest();
    return value;
}

Status check_limits(const Value& value) {
    const size_t size = encoded_size(value);
    if (size > limits::kValueBytesMax) {
        return Error(ErrorCode::kLimitExceeded, "LIMIT_VALUE_BYTES",
                     "a value takes at most " + std::to_string(limits::kValueBytesMax) +
                         " bytes, not " + std::to_string(size));
    }
    if (value.depth() == 0) return {};
    return check_lists(value);
}

}  // namespace deed::value
