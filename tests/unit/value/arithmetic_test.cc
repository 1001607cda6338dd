#include "engine/value/arithmetic.h"

#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

#include "engine/base/limits.h"
#include "engine/value/temporal_text.h"

namespace deed::value {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

Value i(int64_t number) {
    return Value::integer(number);
}
Value f(double number) {
    return Value::floating(number);
}
Value s(std::string_view text) {
    return Value::string(text);
}
Value duration(std::string_view text) {
    return Value::duration(*parse_duration(text));
}
Value date(std::string_view text) {
    return Value::date(*parse_date(text));
}

/// What the operation prints, or the reason why it failed.
std::string shown(const Result<Value>& result) {
    return result.ok() ? result->to_string() : result.error().reason();
}

TEST(Arithmetic, WholeNumbersNeverWrap) {
    EXPECT_EQ(shown(add(i(2), i(3))), "5");
    EXPECT_EQ(shown(subtract(i(2), i(3))), "-1");
    EXPECT_EQ(shown(multiply(i(2), i(3))), "6");
    EXPECT_EQ(shown(add(i(kMax), i(1))), "INTEGER_OVERFLOW");
    EXPECT_EQ(shown(add(i(kMin), i(-1))), "INTEGER_OVERFLOW");
    EXPECT_EQ(shown(subtract(i(kMin), i(1))), "INTEGER_OVERFLOW");
    EXPECT_EQ(shown(multiply(i(kMax), i(2))), "INTEGER_OVERFLOW");
    EXPECT_EQ(shown(multiply(i(kMin), i(-1))), "INTEGER_OVERFLOW");
    EXPECT_EQ(shown(divide(i(kMin), i(-1))), "INTEGER_OVERFLOW");
    EXPECT_EQ(shown(negate(i(kMin))), "INTEGER_OVERFLOW");
    EXPECT_EQ(shown(negate(i(kMax))), std::to_string(-kMax));
}

TEST(Arithmetic, DivisionCutsTowardsZeroAndRefusesZero) {
    EXPECT_EQ(shown(divide(i(7), i(2))), "3");
    EXPECT_EQ(shown(divide(i(-7), i(2))), "-3");
    EXPECT_EQ(shown(divide(i(7), f(2))), "3.5");
    EXPECT_EQ(shown(divide(i(1), i(0))), "DIVISION_BY_ZERO");
    EXPECT_EQ(shown(modulo(i(1), i(0))), "DIVISION_BY_ZERO");
    EXPECT_EQ(shown(divide(f(1), i(0))), "Infinity");
    EXPECT_EQ(shown(divide(f(0), f(0))), "NaN");
    EXPECT_EQ(shown(modulo(i(7), i(-3))), "1");
    EXPECT_EQ(shown(modulo(i(-7), i(3))), "-1");
    EXPECT_EQ(shown(modulo(i(kMin), i(-1))), "0");
    EXPECT_EQ(shown(modulo(f(7.5), i(2))), "1.5");
}

TEST(Arithmetic, PowersAndMixedNumbersAreFloats) {
    EXPECT_EQ(shown(power(i(2), i(10))), "1024.0");
    EXPECT_EQ(shown(power(i(4), f(0.5))), "2.0");
    EXPECT_EQ(shown(add(i(1), f(0.5))), "1.5");
    EXPECT_EQ(shown(multiply(f(2), i(3))), "6.0");
    EXPECT_EQ(shown(negate(f(0.0))), "-0.0");
}

TEST(Arithmetic, NullComesThroughEverything) {
    const Value null;
    for (const Value& other : {null, i(1), s("a"), Value::list({i(1)}), duration("P1D")}) {
        for (const auto operation : {add, subtract, multiply, divide, modulo, power}) {
            EXPECT_EQ(shown(operation(null, other)), "null");
            EXPECT_EQ(shown(operation(other, null)), "null");
        }
    }
    EXPECT_EQ(shown(negate(null)), "null");
}

TEST(Arithmetic, StringsAndListsJoin) {
    EXPECT_EQ(shown(add(s("a"), s("b"))), "'ab'");
    EXPECT_EQ(shown(add(s("a"), i(1))), "'a1'");
    EXPECT_EQ(shown(add(f(1.5), s("a"))), "'1.5a'");
    const Value list = Value::list({i(1)});
    EXPECT_EQ(shown(add(list, Value::list({i(2), i(3)}))), "[1, 2, 3]");
    EXPECT_EQ(shown(add(list, i(2))), "[1, 2]");
    EXPECT_EQ(shown(add(s("a"), list)), "['a', 1]");
    EXPECT_EQ(shown(add(list, Value::list({Value::null()}))), "[1, null]");
    const std::string half(limits::kValueBytesMax / 2 + 1, 'x');
    EXPECT_EQ(shown(add(s(half), s(half))), "LIMIT_VALUE_BYTES");
}

TEST(Arithmetic, TemporalValuesMoveByDurations) {
    EXPECT_EQ(shown(add(date("2024-01-31"), duration("P1M"))), "date('2024-02-29')");
    EXPECT_EQ(shown(add(duration("P1M"), date("2024-01-31"))), "date('2024-02-29')");
    EXPECT_EQ(shown(subtract(date("2024-03-01"), duration("P1D"))), "date('2024-02-29')");
    EXPECT_EQ(shown(add(duration("P1D"), duration("PT1H"))), "duration('P1DT1H')");
    EXPECT_EQ(shown(subtract(duration("P1D"), duration("P1D"))), "duration('PT0S')");
    EXPECT_EQ(shown(multiply(i(2), duration("P1D"))), "duration('P2D')");
    EXPECT_EQ(shown(multiply(duration("P1D"), f(0.5))), "duration('PT12H')");
    EXPECT_EQ(shown(divide(duration("P1M"), i(0))), "DIVISION_BY_ZERO");
    EXPECT_EQ(shown(divide(duration("P1D"), i(2))), "duration('PT12H')");
    EXPECT_EQ(shown(negate(duration("P1DT0.5S"))), "duration('P-1DT-0.5S')");
    EXPECT_EQ(shown(subtract(duration("P1D"), date("2024-01-01"))), "TYPE_MISMATCH");
}

TEST(Arithmetic, OtherPairsAreMismatches) {
    const Value map = Value::map({});
    EXPECT_EQ(shown(add(map, i(1))), "TYPE_MISMATCH");
    EXPECT_EQ(shown(add(Value::boolean(true), i(1))), "TYPE_MISMATCH");
    EXPECT_EQ(shown(add(Value::boolean(true), s("a"))), "TYPE_MISMATCH");
    EXPECT_EQ(shown(subtract(s("a"), s("b"))), "TYPE_MISMATCH");
    EXPECT_EQ(shown(multiply(Value::list({}), i(2))), "TYPE_MISMATCH");
    EXPECT_EQ(shown(power(s("a"), i(2))), "TYPE_MISMATCH");
    EXPECT_EQ(shown(modulo(duration("P1D"), i(2))), "TYPE_MISMATCH");
    EXPECT_EQ(shown(negate(s("a"))), "TYPE_MISMATCH");
    EXPECT_EQ(add(map, i(1)).error().message(), "there is no MAP + INTEGER");
}

}  // namespace
}  // namespace deed::value
