// Keys whose memcmp order is `order()`: every part is written so that its first differing byte
// decides. Signed numbers have their top bit flipped; floats have all bits flipped where negative;
// texts end with 00 00, and a 00 within them is 00 FF; lists end with 00, which no element begins
// with.

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/base/limits.h"
#include "engine/value/codec.h"
#include "engine/value/compare.h"
#include "engine/value/internal/bytes.h"
#include "engine/value/internal/int128.h"
#include "engine/value/internal/numbers.h"
#include "engine/value/utf8.h"

namespace deed::value {

using internal::append_big_endian;
using internal::ByteReader;
using internal::Int128;
using internal::Uint128;

namespace {

constexpr char kEscape = '\0';
constexpr char kEscapedZero = '\xFF';
constexpr char kTextEnd = '\0';
constexpr char kListEnd = '\0';
constexpr uint64_t kTopBit = 1ULL << 63;

template <class Unsigned, class Signed>
Unsigned flip_sign(Signed number) {
    return static_cast<Unsigned>(static_cast<Unsigned>(number) ^
                                 (Unsigned{1} << (sizeof(Unsigned) * 8 - 1)));
}

template <class Unsigned, class Float>
Unsigned ordered_bits(Float number) {
    constexpr Unsigned kTop = Unsigned{1} << (sizeof(Unsigned) * 8 - 1);
    const auto bits = std::bit_cast<Unsigned>(number + Float{0});  // -0.0 becomes 0.0
    return (bits & kTop) != 0 ? static_cast<Unsigned>(~bits) : static_cast<Unsigned>(bits | kTop);
}

template <class Float, class Unsigned>
Float from_ordered_bits(Unsigned ordered) {
    constexpr Unsigned kTop = Unsigned{1} << (sizeof(Unsigned) * 8 - 1);
    const Unsigned bits = (ordered & kTop) != 0 ? ordered ^ kTop : ~ordered;
    return std::bit_cast<Float>(bits);
}

/// Whether several whole numbers of 64 bits lie between this float and the next.
bool has_residue(double floor) {
    return std::abs(floor) >= internal::kTwoTo53 && floor >= -internal::kTwoTo63 &&
           floor < internal::kTwoTo63;
}

/// The largest float not above the number, then, where floats are sparse, the distance from there.
void append_number(std::string& out, double floor, uint16_t residue) {
    append_big_endian(out, ordered_bits<uint64_t>(floor));
    if (has_residue(floor)) append_big_endian(out, residue);
}

void append_whole(std::string& out, int64_t whole) {
    const double floor = internal::floor_to_double(whole);
    append_number(out, floor, static_cast<uint16_t>(whole - static_cast<int64_t>(floor)));
}

void append_text(std::string& out, std::string_view text) {
    size_t begin = 0;
    for (size_t zero = text.find('\0'); zero != std::string_view::npos;
         zero = text.find('\0', begin)) {
        out += text.substr(begin, zero - begin);
        out += kEscape;
        out += kEscapedZero;
        begin = zero + 1;
    }
    out += text.substr(begin);
    out += kEscape;
    out += kTextEnd;
}

void append_duration(std::string& out, const Duration& value) {
    const Int128 length = Int128{value.months} * kSecondsPerMonthMean +
                          Int128{value.days} * kSecondsPerDay + value.seconds;
    const auto wide = static_cast<Uint128>(length);
    append_big_endian(out, static_cast<uint64_t>(wide >> 64) ^ kTopBit);
    append_big_endian(out, static_cast<uint64_t>(wide));
    append_big_endian(out, static_cast<uint32_t>(value.nanos));
    append_big_endian(out, flip_sign<uint64_t>(value.months));
    append_big_endian(out, flip_sign<uint64_t>(value.days));
}

void append_point(std::string& out, const Point& point) {
    append_big_endian(out, static_cast<uint16_t>(point.srid()));
    append_big_endian(out, ordered_bits<uint64_t>(point.x()));
    append_big_endian(out, ordered_bits<uint64_t>(point.y()));
    if (point.is_3d()) append_big_endian(out, ordered_bits<uint64_t>(point.z()));
}

template <class Unsigned, class T>
void append_elements(std::string& out, const Vector& vector) {
    for (const T element : vector.elements<T>()) {
        if constexpr (std::is_floating_point_v<T>) {
            append_big_endian(out, ordered_bits<Unsigned>(element));
        } else {
            append_big_endian(out, flip_sign<Unsigned>(element));
        }
    }
}

void append_vector(std::string& out, const Vector& vector) {
    append_big_endian(out, static_cast<uint16_t>(vector.dimension()));
    out += static_cast<char>(vector.element_type());
    switch (vector.element_type()) {
        case ElementType::kInt8:
            append_elements<uint8_t, int8_t>(out, vector);
            return;
        case ElementType::kInt16:
            append_elements<uint16_t, int16_t>(out, vector);
            return;
        case ElementType::kInt32:
            append_elements<uint32_t, int32_t>(out, vector);
            return;
        case ElementType::kInt64:
            append_elements<uint64_t, int64_t>(out, vector);
            return;
        case ElementType::kFloat32:
            append_elements<uint32_t, float>(out, vector);
            return;
        case ElementType::kFloat64:
            append_elements<uint64_t, double>(out, vector);
            return;
    }
}

void append_instant(std::string& out, int64_t seconds, int32_t nanos) {
    append_big_endian(out, flip_sign<uint64_t>(seconds));
    append_big_endian(out, static_cast<uint32_t>(nanos));
}

void append_date_time(std::string& out, const DateTime& value) {
    append_instant(out, value.seconds, value.nanos);
    append_big_endian(out, flip_sign<uint32_t>(value.offset_seconds));
    append_text(out, value.zone.view());
}

void append_time(std::string& out, Time value) {
    const int64_t instant = value.nanos_of_day - value.offset_seconds * kNanosPerSecond;
    append_big_endian(out, flip_sign<uint64_t>(instant));
    append_big_endian(out, flip_sign<uint32_t>(value.offset_seconds));
}

void append_list(std::string& out, const List& list) {
    for (const Value& element : list) encode_key(element, out);
    out += kListEnd;
}

void append_map(std::string& out, const Map& map) {
    append_big_endian(out, static_cast<uint32_t>(map.size()));
    for (const auto& entry : map) append_text(out, entry.first);
    for (const auto& entry : map) encode_key(entry.second, out);
}

void append_float_key(std::string& out, double number) {
    // All NaN are one key, above infinity.
    append_number(out, std::isnan(number) ? std::numeric_limits<double>::quiet_NaN() : number, 0);
}

}  // namespace

void encode_key(const Value& value, std::string& out) {
    out += static_cast<char>(order_rank(value.type()));
    switch (value.type()) {
        case Type::kNull:
            return;
        case Type::kBoolean:
            out += static_cast<char>(value.as_boolean() ? 1 : 0);
            return;
        case Type::kInteger:
            append_whole(out, value.as_integer());
            return;
        case Type::kFloat:
            append_float_key(out, value.as_float());
            return;
        case Type::kString:
            append_text(out, value.as_string());
            return;
        case Type::kBytes: {
            const auto bytes = value.as_bytes();
            append_text(out, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
            return;
        }
        case Type::kList:
            append_list(out, value.as_list());
            return;
        case Type::kMap:
            append_map(out, value.as_map());
            return;
        case Type::kDate:
            append_big_endian(out, flip_sign<uint64_t>(value.as_date().days));
            return;
        case Type::kTime:
            append_time(out, value.as_time());
            return;
        case Type::kLocalTime:
            append_big_endian(out, static_cast<uint64_t>(value.as_local_time().nanos_of_day));
            return;
        case Type::kDateTime:
            append_date_time(out, value.as_date_time());
            return;
        case Type::kLocalDateTime: {
            const LocalDateTime local = value.as_local_date_time();
            append_instant(out, local.seconds, local.nanos);
            return;
        }
        case Type::kDuration:
            append_duration(out, value.as_duration());
            return;
        case Type::kPoint:
            append_point(out, value.as_point());
            return;
        case Type::kVector:
            append_vector(out, value.as_vector());
            return;
    }
}

namespace {

Error corrupt(const std::string& what) {
    return {ErrorCode::kCorruption, "VALUE_ENCODING", "encoded key: " + what};
}

Error cut_short() {
    return corrupt("the bytes end too early or are not what a key holds");
}

/// Reads one key; each method takes what its `append_` counterpart writes.
class KeyDecoder {
 public:
    explicit KeyDecoder(std::string_view bytes) : in_(bytes) {}

    [[nodiscard]] std::string_view rest() const { return in_.rest(); }

    Result<Value> value(uint32_t depth_left) {
        const auto rank = in_.u8();
        if (!rank) return cut_short();
        switch (static_cast<OrderRank>(*rank)) {
            case OrderRank::kNull:
                return Value::null();
            case OrderRank::kBoolean:
                return boolean();
            case OrderRank::kNumber:
                return number();
            case OrderRank::kString:
                return string();
            case OrderRank::kBytes:
                return bytes();
            case OrderRank::kList:
                return list(depth_left);
            case OrderRank::kMap:
                return map(depth_left);
            case OrderRank::kDate:
                return date();
            case OrderRank::kTime:
                return time();
            case OrderRank::kLocalTime:
                return local_time();
            case OrderRank::kDateTime:
                return date_time();
            case OrderRank::kLocalDateTime:
                return local_date_time();
            case OrderRank::kDuration:
                return duration();
            case OrderRank::kPoint:
                return point();
            case OrderRank::kVector:
                return vector();
            default:
                return corrupt("there is no kind " + std::to_string(*rank));
        }
    }

 private:
    Result<Value> boolean() {
        const auto byte = in_.u8();
        if (!byte || *byte > 1) return cut_short();
        return Value::boolean(*byte == 1);
    }
    Result<Value> number() {
        const auto ordered = in_.big_endian<uint64_t>();
        if (!ordered) return cut_short();
        const auto floor = from_ordered_bits<double>(*ordered);
        if (!has_residue(floor)) {
            const auto whole = internal::as_whole(floor);
            return whole ? Value::integer(*whole) : Value::floating(floor);
        }
        const auto residue = in_.big_endian<uint16_t>();
        if (!residue) return cut_short();
        int64_t whole = 0;
        if (__builtin_add_overflow(static_cast<int64_t>(floor), int64_t{*residue}, &whole)) {
            return cut_short();
        }
        return Value::integer(whole);
    }
    std::optional<std::string> text() {
        std::string out;
        const std::string_view all = in_.rest();
        size_t at = 0;
        while (true) {
            const size_t zero = all.find('\0', at);
            if (zero == std::string_view::npos || zero + 1 == all.size()) return std::nullopt;
            out += all.substr(at, zero - at);
            at = zero + 2;
            if (all[zero + 1] == kTextEnd) break;
            if (all[zero + 1] != kEscapedZero) return std::nullopt;
            out += '\0';
        }
        if (out.size() > limits::kValueBytesMax) return std::nullopt;
        in_ = ByteReader(all.substr(at));
        return out;
    }
    Result<Value> string() {
        const auto content = text();
        if (!content) return cut_short();
        if (!is_utf8(*content)) return corrupt("a string is not UTF-8");
        return Value::string(*content);
    }
    Result<Value> bytes() {
        const auto content = text();
        if (!content) return cut_short();
        return Value::bytes(std::as_bytes(std::span(*content)));
    }
    Result<Value> list(uint32_t depth_left) {
        if (depth_left == 0) return corrupt("lists and maps nest too deep");
        List list;
        while (!in_.rest().empty() && in_.rest().front() != kListEnd) {
            if (list.size() == limits::kListElementsMax) return cut_short();
            DEED_ASSIGN_OR_RETURN(Value element, value(depth_left - 1));
            list.push_back(std::move(element));
        }
        if (!in_.u8()) return cut_short();
        return Value::list(std::move(list));
    }
    Result<Value> map(uint32_t depth_left) {
        if (depth_left == 0) return corrupt("lists and maps nest too deep");
        const auto count = in_.big_endian<uint32_t>();
        if (!count || *count > in_.rest().size() || *count > limits::kListElementsMax) {
            return cut_short();
        }
        Map map;
        for (uint32_t i = 0; i < *count; ++i) {
            auto key = text();
            if (!key || !is_utf8(*key)) return cut_short();
            if (i > 0 && map.back().first >= *key) return corrupt("a map's keys are not ascending");
            map.emplace_back(std::move(*key), Value::null());
        }
        for (auto& entry : map) {
            DEED_ASSIGN_OR_RETURN(entry.second, value(depth_left - 1));
        }
        return Value::map(std::move(map));
    }
    Result<Value> date() {
        const auto days = signed_number<uint64_t, int64_t>();
        if (!days) return cut_short();
        return checked(Date{*days}, Value::date);
    }
    Result<Value> time() {
        const auto instant = signed_number<uint64_t, int64_t>();
        const auto offset = signed_number<uint32_t, int32_t>();
        if (!instant || !offset || std::abs(*instant / 2) > kNanosPerDay) return cut_short();
        return checked(Time{*instant + *offset * kNanosPerSecond, *offset}, Value::time);
    }
    Result<Value> local_time() {
        const auto nanos = in_.big_endian<uint64_t>();
        if (!nanos) return cut_short();
        return checked(LocalTime{static_cast<int64_t>(*nanos)}, Value::local_time);
    }
    Result<Value> date_time() {
        const auto seconds = signed_number<uint64_t, int64_t>();
        const auto nanos = nanos_of_second();
        const auto offset = signed_number<uint32_t, int32_t>();
        if (!seconds || !nanos || !offset) return cut_short();
        // The numbers first: `validate` adds them.
        if (*seconds < kEpochSecondMin || *seconds > kEpochSecondMax) return cut_short();
        const auto zone = text();
        if (!zone) return cut_short();
        return checked(DateTime{*seconds, *nanos, *offset, ZoneName(*zone)}, Value::date_time);
    }
    Result<Value> local_date_time() {
        const auto seconds = signed_number<uint64_t, int64_t>();
        const auto nanos = nanos_of_second();
        if (!seconds || !nanos) return cut_short();
        return checked(LocalDateTime{*seconds, *nanos}, Value::local_date_time);
    }
    Result<Value> duration() {
        const auto high = in_.big_endian<uint64_t>();
        const auto low = in_.big_endian<uint64_t>();
        const auto nanos = nanos_of_second();
        const auto months = signed_number<uint64_t, int64_t>();
        const auto days = signed_number<uint64_t, int64_t>();
        if (!high || !low || !nanos || !months || !days) return cut_short();
        const Uint128 wide = (static_cast<Uint128>(*high ^ kTopBit) << 64) | *low;
        const Uint128 calendar = static_cast<Uint128>(Int128{*months} * kSecondsPerMonthMean +
                                                      Int128{*days} * kSecondsPerDay);
        const auto seconds = static_cast<Int128>(wide - calendar);
        if (seconds != static_cast<int64_t>(seconds)) return cut_short();
        return checked(Duration{*months, *days, static_cast<int64_t>(seconds), *nanos},
                       Value::duration);
    }
    Result<Value> point() {
        const auto srid = in_.big_endian<uint16_t>();
        const auto x = coordinate();
        const auto y = coordinate();
        if (!srid || !x || !y) return cut_short();
        const bool flat = *srid == static_cast<uint16_t>(Srid::kWgs84) ||
                          *srid == static_cast<uint16_t>(Srid::kCartesian);
        const auto z = flat ? std::optional(0.0) : coordinate();
        if (!z) return cut_short();
        auto made = flat ? Point::make_2d(*srid, *x, *y) : Point::make_3d(*srid, *x, *y, *z);
        if (!made.ok()) return corrupt(made.error().message());
        return Value::point(*made);
    }
    Result<Value> vector() {
        const auto dimension = in_.big_endian<uint16_t>();
        const auto element = in_.u8();
        if (!dimension || !element || !is_element_type(*element)) return cut_short();
        if (*dimension * element_size(static_cast<ElementType>(*element)) > in_.rest().size()) {
            return cut_short();
        }
        switch (static_cast<ElementType>(*element)) {
            case ElementType::kInt8:
                return elements<uint8_t, int8_t>(*dimension);
            case ElementType::kInt16:
                return elements<uint16_t, int16_t>(*dimension);
            case ElementType::kInt32:
                return elements<uint32_t, int32_t>(*dimension);
            case ElementType::kInt64:
                return elements<uint64_t, int64_t>(*dimension);
            case ElementType::kFloat32:
                return elements<uint32_t, float>(*dimension);
            case ElementType::kFloat64:
                return elements<uint64_t, double>(*dimension);
        }
        return cut_short();
    }
    /// REQUIRES: the bytes of all elements are there.
    template <class Unsigned, class T>
    Result<Value> elements(uint16_t dimension) {
        std::vector<T> items(dimension);
        for (T& item : items) {
            const Unsigned raw = *in_.big_endian<Unsigned>();
            if constexpr (std::is_floating_point_v<T>) {
                item = from_ordered_bits<T>(raw);
            } else {
                item = static_cast<T>(flip_sign<Unsigned>(raw));
            }
        }
        auto made = Vector::of<T>(items);
        if (!made.ok()) return corrupt(made.error().message());
        return Value::vector(std::move(made).value());
    }

    template <class Unsigned, class Signed>
    std::optional<Signed> signed_number() {
        const auto raw = in_.big_endian<Unsigned>();
        if (!raw) return std::nullopt;
        return static_cast<Signed>(flip_sign<Unsigned>(*raw));
    }
    std::optional<int32_t> nanos_of_second() {
        const auto number = in_.big_endian<uint32_t>();
        if (!number || *number >= static_cast<uint64_t>(kNanosPerSecond)) return std::nullopt;
        return static_cast<int32_t>(*number);
    }
    std::optional<double> coordinate() {
        const auto ordered = in_.big_endian<uint64_t>();
        return ordered ? std::optional(from_ordered_bits<double>(*ordered)) : std::nullopt;
    }
    template <class T>
    Result<Value> checked(T parts, Value (*wrap)(T)) {
        if (const Status status = validate(parts); !status.ok()) {
            return corrupt(status.error().message());
        }
        return wrap(std::move(parts));
    }

    ByteReader in_;
};

}  // namespace

Result<Value> decode_key(std::string_view& in) {
    KeyDecoder decoder(in);
    auto value = decoder.value(limits::kValueDepthMax);
    if (!value.ok()) return value;
    // A key has one form: what reads as a value but would be written differently is damage.
    std::string again;
    encode_key(*value, again);
    const std::string_view taken = in.substr(0, in.size() - decoder.rest().size());
    if (taken != again) return corrupt("no value has this key");
    in = decoder.rest();
    return value;
}

}  // namespace deed::value
