#include "engine/value/compare.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string_view>
#include <xxhash.h>

#include "engine/value/internal/int128.h"
#include "engine/value/internal/numbers.h"

namespace deed::value {

using internal::Int128;

namespace {

// --- one kind with itself
// -------------------------------------------------------------------------

std::partial_ordering compare_numbers(const Value& a, const Value& b) {
    const bool a_whole = a.type() == Type::kInteger;
    const bool b_whole = b.type() == Type::kInteger;
    if (a_whole && b_whole) return a.as_integer() <=> b.as_integer();
    if (a_whole) return internal::compare_exactly(a.as_integer(), b.as_float());
    if (b_whole) return 0 <=> internal::compare_exactly(b.as_integer(), a.as_float());
    return a.as_float() <=> b.as_float();
}

bool is_nan(const Value& value) {
    return value.type() == Type::kFloat && std::isnan(value.as_float());
}

std::weak_ordering order_numbers(const Value& a, const Value& b) {
    const std::partial_ordering result = compare_numbers(a, b);
    if (result == std::partial_ordering::unordered) return is_nan(a) <=> is_nan(b);
    if (result == 0) return std::weak_ordering::equivalent;
    return result < 0 ? std::weak_ordering::less : std::weak_ordering::greater;
}

/// REQUIRES: neither is NaN.
std::weak_ordering order_finite(double a, double b) {
    if (a == b) return std::weak_ordering::equivalent;
    return a < b ? std::weak_ordering::less : std::weak_ordering::greater;
}

/// By instant; one instant at two offsets is two values, the smaller offset first.
std::weak_ordering order_times(Time a, Time b) {
    const auto instant = [](Time t) { return t.nanos_of_day - t.offset_seconds * kNanosPerSecond; };
    if (const auto result = instant(a) <=> instant(b); result != 0) return result;
    return a.offset_seconds <=> b.offset_seconds;
}

std::weak_ordering order_date_times(const DateTime& a, const DateTime& b) {
    if (const auto result = a.seconds <=> b.seconds; result != 0) return result;
    if (const auto result = a.nanos <=> b.nanos; result != 0) return result;
    if (const auto result = a.offset_seconds <=> b.offset_seconds; result != 0) return result;
    return a.zone.view() <=> b.zone.view();
}

/// By length with mean months and days of 24 hours; equal lengths by their months, then days.
std::weak_ordering order_durations(const Duration& a, const Duration& b) {
    const auto length = [](const Duration& d) {
        return Int128{d.months} * kSecondsPerMonthMean + Int128{d.days} * kSecondsPerDay +
               d.seconds;
    };
    const Int128 a_length = length(a);
    const Int128 b_length = length(b);
    if (a_length != b_length) {
        return a_length < b_length ? std::weak_ordering::less : std::weak_ordering::greater;
    }
    if (const auto result = a.nanos <=> b.nanos; result != 0) return result;
    if (const auto result = a.months <=> b.months; result != 0) return result;
    return a.days <=> b.days;
}

std::weak_ordering order_points(const Point& a, const Point& b) {
    if (const auto result = a.srid() <=> b.srid(); result != 0) return result;
    if (const auto result = order_finite(a.x(), b.x()); result != 0) return result;
    if (const auto result = order_finite(a.y(), b.y()); result != 0) return result;
    return order_finite(a.z(), b.z());
}

std::weak_ordering order_vectors(const Vector& a, const Vector& b) {
    if (const auto result = a.dimension() <=> b.dimension(); result != 0) return result;
    if (const auto result = a.element_type() <=> b.element_type(); result != 0) return result;
    if (a.element_type() == ElementType::kInt64) {
        const auto x = a.elements<int64_t>();
        const auto y = b.elements<int64_t>();
        return std::lexicographical_compare_three_way(x.begin(), x.end(), y.begin(), y.end());
    }
    for (uint32_t i = 0; i < a.dimension(); ++i) {
        if (const auto result = order_finite(a.at(i), b.at(i)); result != 0) return result;
    }
    return std::weak_ordering::equivalent;
}

std::weak_ordering order_bytes(const Value& a, const Value& b) {
    const auto text = [](std::span<const std::byte> bytes) {
        return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    };
    return text(a.as_bytes()) <=> text(b.as_bytes());
}

std::weak_ordering order_lists(const List& a, const List& b) {
    return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end(), order);
}

/// By size, then all keys, then the values in the order of the keys.
std::weak_ordering order_maps(const Map& a, const Map& b) {
    if (const auto result = a.size() <=> b.size(); result != 0) return result;
    for (size_t i = 0; i < a.size(); ++i) {
        if (const auto result = a[i].first <=> b[i].first; result != 0) return result;
    }
    for (size_t i = 0; i < a.size(); ++i) {
        if (const auto result = order(a[i].second, b[i].second); result != 0) return result;
    }
    return std::weak_ordering::equivalent;
}

// --- with unknowns
// --------------------------------------------------------------------------------

Ternary equal_lists(const List& a, const List& b) {
    if (a.size() != b.size()) return Ternary::kFalse;
    Ternary result = Ternary::kTrue;
    for (size_t i = 0; i < a.size(); ++i) {
        const Ternary element = equals(a[i], b[i]);
        if (element == Ternary::kFalse) return element;
        if (element == Ternary::kNull) result = element;
    }
    return result;
}

Ternary equal_maps(const Map& a, const Map& b) {
    if (a.size() != b.size()) return Ternary::kFalse;
    for (size_t i = 0; i < a.size(); ++i) {
        if (a[i].first != b[i].first) return Ternary::kFalse;
    }
    Ternary result = Ternary::kTrue;
    for (size_t i = 0; i < a.size(); ++i) {
        const Ternary value = equals(a[i].second, b[i].second);
        if (value == Ternary::kFalse) return value;
        if (value == Ternary::kNull) result = value;
    }
    return result;
}

/// Lexicographic; the first pair that is not equal decides, also when it decides on null.
std::optional<std::partial_ordering> compare_lists(const List& a, const List& b) {
    const size_t both = std::min(a.size(), b.size());
    for (size_t i = 0; i < both; ++i) {
        const auto result = compare(a[i], b[i]);
        if (!result || *result != 0) return result;
    }
    return a.size() <=> b.size();
}

// --- hashing
// --------------------------------------------------------------------------------------

/// Every bit of the result depends on every bit of both.
uint64_t mix(uint64_t seed, uint64_t bits) {
    uint64_t z = seed * 0x9E3779B97F4A7C15ULL + bits + 0x632BE59BD9B4E019ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

uint64_t mix(uint64_t seed, int64_t number) {
    return mix(seed, static_cast<uint64_t>(number));
}

uint64_t seed_of(Type type) {
    return static_cast<uint64_t>(type) + 1;
}

uint64_t hash_bytes(uint64_t seed, const void* data, size_t size) {
    return XXH3_64bits_withSeed(data, size, seed);
}

uint64_t hash_text(uint64_t seed, std::string_view text) {
    return hash_bytes(seed, text.data(), text.size());
}

/// One hash for what is equal as a number: 1 and 1.0, 0.0 and -0.0, all NaN.
uint64_t hash_float(double number) {
    if (const auto whole = internal::as_whole(number)) return mix(seed_of(Type::kInteger), *whole);
    if (std::isnan(number)) return mix(seed_of(Type::kFloat), uint64_t{0});
    return mix(seed_of(Type::kFloat), std::bit_cast<uint64_t>(number));
}

uint64_t hash_point(const Point& point) {
    uint64_t result = mix(seed_of(Type::kPoint), static_cast<uint64_t>(point.srid()));
    for (const double part : {point.x(), point.y(), point.z()}) {
        result = mix(result, hash_float(part));
    }
    return result;
}

uint64_t hash_vector(const Vector& vector) {
    const uint64_t seed = mix(seed_of(Type::kVector), static_cast<uint64_t>(vector.element_type()));
    const bool whole = vector.element_type() <= ElementType::kInt64;
    if (whole) return hash_bytes(seed, vector.bytes().data(), vector.bytes().size());
    uint64_t result = seed;
    for (uint32_t i = 0; i < vector.dimension(); ++i)
        result = mix(result, hash_float(vector.at(i)));
    return result;
}

uint64_t hash_date_time(const DateTime& value) {
    uint64_t result = mix(seed_of(Type::kDateTime), value.seconds);
    result = mix(result, int64_t{value.nanos});
    result = mix(result, int64_t{value.offset_seconds});
    return hash_text(result, value.zone.view());
}

uint64_t hash_duration(const Duration& value) {
    uint64_t result = mix(seed_of(Type::kDuration), value.months);
    result = mix(result, value.days);
    result = mix(result, value.seconds);
    return mix(result, int64_t{value.nanos});
}

uint64_t hash_list(const List& list) {
    uint64_t result = mix(seed_of(Type::kList), static_cast<uint64_t>(list.size()));
    for (const Value& element : list) result = mix(result, hash(element));
    return result;
}

uint64_t hash_map(const Map& map) {
    uint64_t result = mix(seed_of(Type::kMap), static_cast<uint64_t>(map.size()));
    for (const auto& [key, value] : map) result = mix(hash_text(result, key), hash(value));
    return result;
}

}  // namespace

Value to_value(Ternary truth) {
    return truth == Ternary::kNull ? Value::null() : Value::boolean(truth == Ternary::kTrue);
}

Ternary equals(const Value& a, const Value& b) {
    if (a.is_null() || b.is_null()) return Ternary::kNull;
    if (a.is_number() && b.is_number()) return ternary(compare_numbers(a, b) == 0);
    if (a.type() != b.type()) return Ternary::kFalse;
    if (a.type() == Type::kString) return ternary(a.as_string() == b.as_string());
    if (a.type() == Type::kList) return equal_lists(a.as_list(), b.as_list());
    if (a.type() == Type::kMap) return equal_maps(a.as_map(), b.as_map());
    return ternary(order(a, b) == 0);
}

bool equivalent(const Value& a, const Value& b) {
    if (a.type() == Type::kString && b.type() == Type::kString) {
        return a.as_string() == b.as_string();
    }
    return order(a, b) == 0;
}

std::optional<std::partial_ordering> compare(const Value& a, const Value& b) {
    if (a.is_number() && b.is_number()) return compare_numbers(a, b);
    if (a.type() != b.type()) return std::nullopt;
    switch (a.type()) {
        case Type::kBoolean:
        case Type::kString:
        case Type::kBytes:
        case Type::kDate:
        case Type::kTime:
        case Type::kLocalTime:
        case Type::kDateTime:
        case Type::kLocalDateTime:
            return order(a, b);
        case Type::kList:
            return compare_lists(a.as_list(), b.as_list());
        default:
            return std::nullopt;
    }
}

Ternary less(const Value& a, const Value& b) {
    const auto result = compare(a, b);
    return result ? ternary(*result < 0) : Ternary::kNull;
}

Ternary less_or_equal(const Value& a, const Value& b) {
    const auto result = compare(a, b);
    return result ? ternary(*result <= 0) : Ternary::kNull;
}

OrderRank order_rank(Type type) {
    switch (type) {
        case Type::kMap:
            return OrderRank::kMap;
        case Type::kList:
            return OrderRank::kList;
        case Type::kVector:
            return OrderRank::kVector;
        case Type::kDateTime:
            return OrderRank::kDateTime;
        case Type::kLocalDateTime:
            return OrderRank::kLocalDateTime;
        case Type::kDate:
            return OrderRank::kDate;
        case Type::kTime:
            return OrderRank::kTime;
        case Type::kLocalTime:
            return OrderRank::kLocalTime;
        case Type::kDuration:
            return OrderRank::kDuration;
        case Type::kPoint:
            return OrderRank::kPoint;
        case Type::kBytes:
            return OrderRank::kBytes;
        case Type::kString:
            return OrderRank::kString;
        case Type::kBoolean:
            return OrderRank::kBoolean;
        case Type::kInteger:
        case Type::kFloat:
            return OrderRank::kNumber;
        case Type::kNull:
            return OrderRank::kNull;
    }
    return OrderRank::kNull;
}

std::weak_ordering order(const Value& a, const Value& b) {
    const OrderRank rank = order_rank(a.type());
    if (const auto result = rank <=> order_rank(b.type()); result != 0) return result;
    switch (a.type()) {
        case Type::kNull:
            return std::weak_ordering::equivalent;
        case Type::kBoolean:
            return a.as_boolean() <=> b.as_boolean();
        case Type::kInteger:
        case Type::kFloat:
            return order_numbers(a, b);
        case Type::kString:
            return a.as_string() <=> b.as_string();
        case Type::kBytes:
            return order_bytes(a, b);
        case Type::kList:
            return order_lists(a.as_list(), b.as_list());
        case Type::kMap:
            return order_maps(a.as_map(), b.as_map());
        case Type::kDate:
            return a.as_date() <=> b.as_date();
        case Type::kTime:
            return order_times(a.as_time(), b.as_time());
        case Type::kLocalTime:
            return a.as_local_time() <=> b.as_local_time();
        case Type::kDateTime:
            return order_date_times(a.as_date_time(), b.as_date_time());
        case Type::kLocalDateTime:
            return a.as_local_date_time() <=> b.as_local_date_time();
        case Type::kDuration:
            return order_durations(a.as_duration(), b.as_duration());
        case Type::kPoint:
            return order_points(a.as_point(), b.as_point());
        case Type::kVector:
            return order_vectors(a.as_vector(), b.as_vector());
    }
    return std::weak_ordering::equivalent;
}

uint64_t hash(const Value& value) {
    const uint64_t seed = seed_of(value.type());
    switch (value.type()) {
        case Type::kNull:
            return mix(seed, uint64_t{0});
        case Type::kBoolean:
            return mix(seed, uint64_t{value.as_boolean()});
        case Type::kInteger:
            return mix(seed, value.as_integer());
        case Type::kFloat:
            return hash_float(value.as_float());
        case Type::kString:
            return hash_text(seed, value.as_string());
        case Type::kBytes:
            return hash_bytes(seed, value.as_bytes().data(), value.as_bytes().size());
        case Type::kList:
            return hash_list(value.as_list());
        case Type::kMap:
            return hash_map(value.as_map());
        case Type::kDate:
            return mix(seed, value.as_date().days);
        case Type::kTime: {
            const Time time = value.as_time();
            return mix(mix(seed, time.nanos_of_day), int64_t{time.offset_seconds});
        }
        case Type::kLocalTime:
            return mix(seed, value.as_local_time().nanos_of_day);
        case Type::kDateTime:
            return hash_date_time(value.as_date_time());
        case Type::kLocalDateTime: {
            const LocalDateTime local = value.as_local_date_time();
            return mix(mix(seed, local.seconds), int64_t{local.nanos});
        }
        case Type::kDuration:
            return hash_duration(value.as_duration());
        case Type::kPoint:
            return hash_point(value.as_point());
        case Type::kVector:
            return hash_vector(value.as_vector());
    }
    return seed;
}

}  // namespace deed::value
