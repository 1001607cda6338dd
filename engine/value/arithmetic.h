#pragma once

#include "engine/base/result.h"
#include "engine/value/value.h"

/// Cypher's arithmetic operators. Null with anything is null. A whole number that leaves 64 bits
/// fails with "INTEGER_OVERFLOW", a whole number divided by whole zero with "DIVISION_BY_ZERO",
/// kinds that do not go together with "TYPE_MISMATCH"; floats follow IEEE 754. Pure; any thread.
namespace deed::value {

/// Numbers; strings (also with a number, which is printed); lists (also with a value, which is
/// put in); a temporal value and a duration; two durations.
Result<Value> add(const Value& a, const Value& b);
/// Numbers; a temporal value less a duration; two durations.
Result<Value> subtract(const Value& a, const Value& b);
/// Numbers; a duration and a number.
Result<Value> multiply(const Value& a, const Value& b);
/// Numbers (two whole ones give a whole one, cut towards zero); a duration by a number.
Result<Value> divide(const Value& a, const Value& b);
/// Numbers; the sign is that of `a`.
Result<Value> modulo(const Value& a, const Value& b);
/// Numbers; always a float.
Result<Value> power(const Value& a, const Value& b);
/// Numbers and durations.
Result<Value> negate(const Value& value);

/// A list or map whose depth and size are checked against limits.h ("LIMIT_VALUE_DEPTH",
/// "LIMIT_LIST_ELEMENTS"): for what a user's expression builds.
Result<Value> make_list(List elements);
Result<Value> make_map(Map entries);

}  // namespace deed::value
