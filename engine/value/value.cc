#include "engine/value/value.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <new>

#include "engine/base/limits.h"

namespace deed::value {

using internal::HeapBlob;
using internal::HeapBox;
using internal::HeapHead;

std::string_view type_name(Type type) {
    switch (type) {
        case Type::kNull:
            return "NULL";
        case Type::kBoolean:
            return "BOOLEAN";
        case Type::kInteger:
            return "INTEGER";
        case Type::kFloat:
            return "FLOAT";
        case Type::kString:
            return "STRING";
        case Type::kBytes:
            return "BYTES";
        case Type::kList:
            return "LIST";
        case Type::kMap:
            return "MAP";
        case Type::kDate:
            return "DATE";
        case Type::kTime:
            return "ZONED TIME";
        case Type::kLocalTime:
            return "LOCAL TIME";
        case Type::kDateTime:
            return "ZONED DATETIME";
        case Type::kLocalDateTime:
            return "LOCAL DATETIME";
        case Type::kDuration:
            return "DURATION";
        case Type::kPoint:
            return "POINT";
        case Type::kVector:
            return "VECTOR";
    }
    return "UNKNOWN";
}

namespace {

uint32_t depth_above(uint32_t depth_of_children) {
    DEED_ASSERT(depth_of_children < limits::kValueDepthMax, "a value nests too deep");
    return depth_of_children + 1;
}

uint32_t list_depth(const List& elements) {
    uint32_t depth = 0;
    for (const Value& element : elements) depth = std::max(depth, element.depth());
    return depth_above(depth);
}

uint32_t map_depth(const Map& entries) {
    uint32_t depth = 0;
    for (const auto& [key, value] : entries) depth = std::max(depth, value.depth());
    return depth_above(depth);
}

/// Sorted by key, each key once, the last of equal keys kept.
void normalise(Map& entries) {
    const auto by_key = [](const auto& a, const auto& b) { return a.first < b.first; };
    const auto not_below = [](const auto& a, const auto& b) { return a.first >= b.first; };
    if (std::adjacent_find(entries.begin(), entries.end(), not_below) == entries.end()) return;
    std::stable_sort(entries.begin(), entries.end(), by_key);
    size_t kept = 0;
    for (size_t i = 0; i < entries.size(); ++i) {
        if (i + 1 < entries.size() && entries[i].first == entries[i + 1].first) continue;
        if (kept != i) entries[kept] = std::move(entries[i]);
        ++kept;
    }
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(kept), entries.end());
}

template <class T>
const T& boxed(const HeapHead* head) {
    return static_cast<const HeapBox<T>*>(head)->value;
}

}  // namespace

Value Value::blob(Type type, const void* data, size_t size) {
    if (size <= kInlineBytes) {
        Value result(type);
        if (size > 0) std::memcpy(result.rep_.raw, data, size);
        result.rep_.size = static_cast<uint8_t>(size);
        return result;
    }
    void* memory = ::operator new(sizeof(HeapBlob) + size);
    auto* part = new (memory) HeapBlob(size);
    std::memcpy(static_cast<char*>(memory) + sizeof(HeapBlob), data, size);
    return {type, part};
}

Value Value::string(std::string_view utf8) {
    return blob(Type::kString, utf8.data(), utf8.size());
}
Value Value::bytes(std::span<const std::byte> bytes) {
    return blob(Type::kBytes, bytes.data(), bytes.size());
}
Value Value::list(List elements) {
    const uint32_t depth = list_depth(elements);
    return {Type::kList, new HeapBox<List>(std::move(elements), depth)};
}
Value Value::map(Map entries) {
    normalise(entries);
    const uint32_t depth = map_depth(entries);
    return {Type::kMap, new HeapBox<Map>(std::move(entries), depth)};
}
Value Value::date(Date value) {
    Value result(Type::kDate);
    result.store(0, value.days);
    return result;
}
Value Value::time(Time value) {
    Value result(Type::kTime);
    result.store(0, value.nanos_of_day);
    result.store(8, value.offset_seconds);
    return result;
}
Value Value::local_time(LocalTime value) {
    Value result(Type::kLocalTime);
    result.store(0, value.nanos_of_day);
    return result;
}
Value Value::local_date_time(LocalDateTime value) {
    Value result(Type::kLocalDateTime);
    result.store(0, value.seconds);
    result.store(8, value.nanos);
    return result;
}
Value Value::date_time(DateTime value) {
    return {Type::kDateTime, new HeapBox<DateTime>(std::move(value))};
}
Value Value::duration(Duration value) {
    return {Type::kDuration, new HeapBox<Duration>(value)};
}
Value Value::point(Point value) {
    return {Type::kPoint, new HeapBox<Point>(value)};
}
Value Value::vector(Vector value) {
    return {Type::kVector, new HeapBox<Vector>(std::move(value))};
}

void Value::destroy() {
    const HeapHead* part = head();
    switch (type()) {
        case Type::kString:
        case Type::kBytes: {
            const auto* blob = static_cast<const HeapBlob*>(part);
            blob->~HeapBlob();
            ::operator delete(const_cast<HeapBlob*>(blob));
            return;
        }
        case Type::kList:
            delete static_cast<const HeapBox<List>*>(part);
            return;
        case Type::kMap:
            delete static_cast<const HeapBox<Map>*>(part);
            return;
        case Type::kDateTime:
            delete static_cast<const HeapBox<DateTime>*>(part);
            return;
        case Type::kDuration:
            delete static_cast<const HeapBox<Duration>*>(part);
            return;
        case Type::kPoint:
            delete static_cast<const HeapBox<Point>*>(part);
            return;
        case Type::kVector:
            delete static_cast<const HeapBox<Vector>*>(part);
            return;
        default:
            DEED_ASSERT(false, "a value of this type has no heap part");
    }
}

std::span<const std::byte> Value::as_bytes() const {
    DEED_DEBUG_ASSERT(type() == Type::kBytes, "as_bytes() of another type");
    if (!on_heap()) return {rep_.raw, rep_.size};
    const auto* blob = static_cast<const HeapBlob*>(head());
    return {reinterpret_cast<const std::byte*>(blob->data()), blob->size};
}
Date Value::as_date() const {
    DEED_DEBUG_ASSERT(type() == Type::kDate, "as_date() of another type");
    return {load<int64_t>(0)};
}
Time Value::as_time() const {
    DEED_DEBUG_ASSERT(type() == Type::kTime, "as_time() of another type");
    return {load<int64_t>(0), load<int32_t>(8)};
}
LocalTime Value::as_local_time() const {
    DEED_DEBUG_ASSERT(type() == Type::kLocalTime, "as_local_time() of another type");
    return {load<int64_t>(0)};
}
LocalDateTime Value::as_local_date_time() const {
    DEED_DEBUG_ASSERT(type() == Type::kLocalDateTime, "as_local_date_time() of another type");
    return {load<int64_t>(0), load<int32_t>(8)};
}
const DateTime& Value::as_date_time() const {
    DEED_DEBUG_ASSERT(type() == Type::kDateTime, "as_date_time() of another type");
    return boxed<DateTime>(head());
}
const Duration& Value::as_duration() const {
    DEED_DEBUG_ASSERT(type() == Type::kDuration, "as_duration() of another type");
    return boxed<Duration>(head());
}
const Point& Value::as_point() const {
    DEED_DEBUG_ASSERT(type() == Type::kPoint, "as_point() of another type");
    return boxed<Point>(head());
}
const Vector& Value::as_vector() const {
    DEED_DEBUG_ASSERT(type() == Type::kVector, "as_vector() of another type");
    return boxed<Vector>(head());
}

const Value* Value::find(std::string_view key) const {
    const Map& entries = as_map();
    const auto at =
        std::lower_bound(entries.begin(), entries.end(), key,
                         [](const auto& entry, std::string_view k) { return entry.first < k; });
    return at != entries.end() && at->first == key ? &at->second : nullptr;
}

size_t Value::heap_bytes() const {
    if (!on_heap()) return 0;
    switch (type()) {
        case Type::kString:
            return sizeof(HeapBlob) + as_string().size();
        case Type::kBytes:
            return sizeof(HeapBlob) + as_bytes().size();
        case Type::kList: {
            size_t total = sizeof(HeapBox<List>) + as_list().capacity() * sizeof(Value);
            for (const Value& element : as_list()) total += element.heap_bytes();
            return total;
        }
        case Type::kMap: {
            size_t total = sizeof(HeapBox<Map>) + as_map().capacity() * sizeof(Map::value_type);
            const size_t inside = std::string().capacity();
            for (const auto& [key, value] : as_map()) {
                total += value.heap_bytes() + (key.capacity() > inside ? key.capacity() + 1 : 0);
            }
            return total;
        }
        case Type::kDateTime:
            return sizeof(HeapBox<DateTime>) + as_date_time().zone.view().size();
        case Type::kDuration:
            return sizeof(HeapBox<Duration>);
        case Type::kPoint:
            return sizeof(HeapBox<Point>);
        case Type::kVector:
            return sizeof(HeapBox<Vector>) + as_vector().bytes().size();
        default:
            return 0;
    }
}

namespace {

bool same_bits(double a, double b) {
    return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b) ||
           (std::isnan(a) && std::isnan(b));
}

bool identical_points(const Point& a, const Point& b) {
    return a.srid() == b.srid() && same_bits(a.x(), b.x()) && same_bits(a.y(), b.y()) &&
           same_bits(a.z(), b.z());
}

bool identical_maps(const Map& a, const Map& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.first == y.first && identical(x.second, y.second);
    });
}

}  // namespace

bool identical(const Value& a, const Value& b) {
    if (a.type() != b.type()) return false;
    if (a.on_heap() && b.on_heap() && a.head() == b.head()) return true;
    switch (a.type()) {
        case Type::kNull:
            return true;
        case Type::kBoolean:
            return a.as_boolean() == b.as_boolean();
        case Type::kInteger:
            return a.as_integer() == b.as_integer();
        case Type::kFloat:
            return same_bits(a.as_float(), b.as_float());
        case Type::kString:
            return a.as_string() == b.as_string();
        case Type::kBytes:
            return std::ranges::equal(a.as_bytes(), b.as_bytes());
        case Type::kList: {
            const auto same = [](const Value& x, const Value& y) { return identical(x, y); };
            return std::ranges::equal(a.as_list(), b.as_list(), same);
        }
        case Type::kMap:
            return identical_maps(a.as_map(), b.as_map());
        case Type::kDate:
            return a.as_date() == b.as_date();
        case Type::kTime:
            return a.as_time() == b.as_time();
        case Type::kLocalTime:
            return a.as_local_time() == b.as_local_time();
        case Type::kDateTime:
            return a.as_date_time() == b.as_date_time();
        case Type::kLocalDateTime:
            return a.as_local_date_time() == b.as_local_date_time();
        case Type::kDuration:
            return a.as_duration() == b.as_duration();
        case Type::kPoint:
            return identical_points(a.as_point(), b.as_point());
        case Type::kVector:
            return identical(a.as_vector(), b.as_vector());
    }
    return false;
}

}  // namespace deed::value
