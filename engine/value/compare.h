#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/value/value.h"

/// Cypher's four relations between values, each one function. Pure; any thread.
///
/// |              | null with null | NaN with NaN | 1 with 1.0 | 1 with 'a' |
/// |--------------|----------------|--------------|------------|------------|
/// | `equals`     | null           | false        | true       | false      |
/// | `equivalent` | same group     | same group   | same group | two groups |
/// | `compare`    | null           | unordered    | equal      | null       |
/// | `order`      | equal          | equal        | equal      | 'a' first  |
namespace deed::value {

/// Cypher's truth: yes, no, unknown.
enum class Ternary : uint8_t { kFalse = 0, kTrue = 1, kNull = 2 };

[[nodiscard]] constexpr Ternary ternary(bool value) {
    return value ? Ternary::kTrue : Ternary::kFalse;
}
[[nodiscard]] constexpr Ternary negate(Ternary value) {
    return value == Ternary::kNull ? value : ternary(value == Ternary::kFalse);
}
[[nodiscard]] Value to_value(Ternary truth);

/// `a = b`. Null with anything is unknown; lists and maps are unknown where an element is, unless
/// another element or their size already tells them apart.
[[nodiscard]] Ternary equals(const Value& a, const Value& b);

/// Whether both fall into one group under DISTINCT and aggregation: as `equals`, but null is one
/// with null and NaN with NaN, at every depth. The same as `order(a, b) == 0`.
[[nodiscard]] bool equivalent(const Value& a, const Value& b);

/// What `<`, `<=`, `>`, `>=` ask. Empty: the answer is null (null, kinds that do not compare: maps,
/// durations, points, vectors, or two different kinds). `unordered`: NaN with a number, each of the
/// four is false.
[[nodiscard]] std::optional<std::partial_ordering> compare(const Value& a, const Value& b);

[[nodiscard]] Ternary less(const Value& a, const Value& b);
[[nodiscard]] Ternary less_or_equal(const Value& a, const Value& b);
[[nodiscard]] inline Ternary greater(const Value& a, const Value& b) {
    return less(b, a);
}
[[nodiscard]] inline Ternary greater_or_equal(const Value& a, const Value& b) {
    return less_or_equal(b, a);
}

/// Ascending ORDER BY: total over all values. Kinds follow their `order_rank`; `equal` is
/// equivalence. Agrees with `compare` wherever that has an answer.
[[nodiscard]] std::weak_ordering order(const Value& a, const Value& b);

/// The place of a kind in ORDER BY. Nodes, relationships and paths are no values of this room, but
/// their places are kept here so that there is one list.
enum class OrderRank : uint8_t {
    kMap = 0x10,
    kNode = 0x18,
    kRelationship = 0x20,
    kList = 0x28,
    kPath = 0x30,
    kVector = 0x38,
    kDateTime = 0x40,
    kLocalDateTime = 0x48,
    kDate = 0x50,
    kTime = 0x58,
    kLocalTime = 0x60,
    kDuration = 0x68,
    kPoint = 0x70,
    kBytes = 0x78,
    kString = 0x80,
    kBoolean = 0x88,
    kNumber = 0x90,
    kNull = 0x98,
};
[[nodiscard]] OrderRank order_rank(Type type);

/// Equal for equivalent values. Not stable across versions: never store it.
[[nodiscard]] uint64_t hash(const Value& value);

/// For unordered containers keyed by groups.
struct EquivalenceHash {
    size_t operator()(const Value& value) const { return static_cast<size_t>(hash(value)); }
};
struct Equivalence {
    bool operator()(const Value& a, const Value& b) const { return equivalent(a, b); }
};

}  // namespace deed::value
