#include "engine/value/compare.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

#include "engine/value/temporal_text.h"
#include "tests/unit/value/random_values.h"

namespace deed::value {
namespace {

constexpr std::weak_ordering kSame = std::weak_ordering::equivalent;
const double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

Value n() {
    return Value::null();
}
Value i(int64_t number) {
    return Value::integer(number);
}
Value f(double number) {
    return Value::floating(number);
}
Value s(std::string_view text) {
    return Value::string(text);
}
Value b(bool value) {
    return Value::boolean(value);
}
Value l(List elements) {
    return Value::list(std::move(elements));
}
Value m(Map entries) {
    return Value::map(std::move(entries));
}
Value date(std::string_view text) {
    return Value::date(*parse_date(text));
}
Value time(std::string_view text) {
    return Value::time(*parse_time(text));
}
Value date_time(std::string_view text) {
    return Value::date_time(*parse_date_time(text));
}
Value duration(std::string_view text) {
    return Value::duration(*parse_duration(text));
}

constexpr Ternary kFalse = Ternary::kFalse;
constexpr Ternary kTrue = Ternary::kTrue;
constexpr Ternary kNull = Ternary::kNull;

struct EqualsCase {
    Value left;
    Value right;
    Ternary expected;
};

TEST(Equals, FollowsTheTable) {
    const std::vector<EqualsCase> cases = {
        {n(), n(), kNull},
        {n(), i(1), kNull},
        {n(), f(kNaN), kNull},
        {n(), l({}), kNull},
        {i(1), i(1), kTrue},
        {i(1), f(1.0), kTrue},
        {f(0.0), f(-0.0), kTrue},
        {i(1), s("1"), kFalse},
        {f(1.0), s("1.0"), kFalse},
        {i(1), b(true), kFalse},
        {f(kNaN), f(kNaN), kFalse},
        {f(kNaN), i(1), kFalse},
        {f(kNaN), s("a"), kFalse},
        // Lists: the size first, then any difference, then any unknown.
        {l({i(1), i(2)}), l({i(1)}), kFalse},
        {l({n()}), l({i(1)}), kNull},
        {l({s("a")}), l({i(1)}), kFalse},
        {l({l({i(1)})}), l({l({i(1)}), l({n()})}), kFalse},
        {l({l({i(1)}), l({i(2)})}), l({l({i(1)}), l({n()})}), kNull},
        {l({l({i(1)}), l({i(2), i(3)})}), l({l({i(1)}), l({n()})}), kFalse},
        {l({n(), i(1)}), l({n(), i(2)}), kFalse},
        {l({f(kNaN)}), l({f(kNaN)}), kFalse},
        {l({i(1)}), l({f(1.0)}), kTrue},
        {l({}), m({}), kFalse},
        // Maps: the keys first.
        {m({}), m({}), kTrue},
        {m({}), m({{"k", n()}}), kFalse},
        {m({{"k", i(1)}}), m({{"k", i(1)}, {"l", n()}}), kFalse},
        {m({{"k", n()}}), m({{"k", n()}}), kNull},
        {m({{"k", i(1)}}), m({{"k", n()}}), kNull},
        {m({{"k", i(1)}, {"l", n()}}), m({{"k", n()}, {"l", i(1)}}), kNull},
        {m({{"k", i(1)}, {"l", n()}}), m({{"k", i(2)}, {"l", n()}}), kFalse},
        {m({{"k", s("a")}, {"l", i(2)}}), m({{"l", f(2)}, {"k", s("a")}}), kTrue},
        // Durations by their parts, also against other kinds.
        {duration("P12Y5M14DT16H12M70S"), duration("P12Y5M14DT16H13M10S"), kTrue},
        {duration("P12Y5M14DT16H12M70S"), duration("P12Y5M13DT40H13M10S"), kFalse},
        {duration("P1D"), date("1984-10-11"), kFalse},
        // One instant at two offsets is two values.
        {time("10:00+01:00"), time("09:00Z"), kFalse},
        {time("10:00+01:00"), time("10:00+01:00"), kTrue},
        {date_time("2020-01-01T01:00+01:00"), date_time("2020-01-01T00:00Z"), kFalse},
        {date_time("2020-01-01T01:00+01:00"), date_time("2020-01-01T01:00[Europe/Paris]"), kFalse},
        {Value::point(*Point::make_2d(7203, 1, 2)), Value::point(*Point::make_2d(7203, 1, 2)),
         kTrue},
        {Value::point(*Point::make_2d(7203, 1, 2)), Value::point(*Point::make_2d(4326, 1, 2)),
         kFalse},
        {Value::point(*Point::make_2d(7203, 0.0, 2)), Value::point(*Point::make_2d(7203, -0.0, 2)),
         kTrue},
    };
    for (const EqualsCase& c : cases) {
        EXPECT_EQ(equals(c.left, c.right), c.expected)
            << c.left.to_string() << " = " << c.right.to_string();
        EXPECT_EQ(equals(c.right, c.left), c.expected)
            << c.right.to_string() << " = " << c.left.to_string();
    }
}

TEST(Equivalent, GroupsNullsAndNaNAtEveryDepth) {
    EXPECT_TRUE(equivalent(n(), n()));
    EXPECT_TRUE(equivalent(f(kNaN), f(-kNaN)));
    EXPECT_TRUE(equivalent(i(1), f(1.0)));
    EXPECT_TRUE(equivalent(f(0.0), f(-0.0)));
    EXPECT_TRUE(equivalent(l({n(), f(kNaN), i(2)}), l({n(), f(kNaN), f(2.0)})));
    EXPECT_TRUE(equivalent(m({{"k", n()}}), m({{"k", n()}})));
    EXPECT_FALSE(equivalent(n(), f(kNaN)));
    EXPECT_FALSE(equivalent(i(1), s("1")));
    EXPECT_FALSE(equivalent(l({n()}), l({})));
    EXPECT_FALSE(equivalent(m({{"k", n()}}), m({})));
}

struct LessCase {
    Value left;
    Value right;
    Ternary less;
    Ternary less_or_equal;
    Ternary greater;
    Ternary greater_or_equal;
};

TEST(Compare, FollowsTheTable) {
    const std::vector<LessCase> cases = {
        {i(1), i(2), kTrue, kTrue, kFalse, kFalse},
        {i(1), f(1.0), kFalse, kTrue, kFalse, kTrue},
        {i(1), f(3.14), kTrue, kTrue, kFalse, kFalse},
        {f(kNaN), i(1), kFalse, kFalse, kFalse, kFalse},
        {f(kNaN), f(kNaN), kFalse, kFalse, kFalse, kFalse},
        {f(kNaN), s("a"), kNull, kNull, kNull, kNull},
        {s("1"), i(1), kNull, kNull, kNull, kNull},
        {n(), i(1), kNull, kNull, kNull, kNull},
        {n(), n(), kNull, kNull, kNull, kNull},
        {b(false), b(true), kTrue, kTrue, kFalse, kFalse},
        {s("a"), s("ab"), kTrue, kTrue, kFalse, kFalse},
        {s("\xEF\xBF\xBD"), s("\xF0\x9F\x90\x9C"), kTrue, kTrue, kFalse, kFalse},
        {l({i(1), i(0)}), l({i(1)}), kFalse, kFalse, kTrue, kTrue},
        {l({i(1), n()}), l({i(1)}), kFalse, kFalse, kTrue, kTrue},
        {l({i(1), i(2)}), l({i(1), n()}), kNull, kNull, kNull, kNull},
        {l({i(1), s("a")}), l({i(1), n()}), kNull, kNull, kNull, kNull},
        {l({i(1), i(2)}), l({i(3), n()}), kTrue, kTrue, kFalse, kFalse},
        {l({f(kNaN)}), l({i(1)}), kFalse, kFalse, kFalse, kFalse},
        {m({{"k", i(1)}}), m({{"k", i(2)}}), kNull, kNull, kNull, kNull},
        {duration("P1D"), duration("P2D"), kNull, kNull, kNull, kNull},
        {date("1980-12-24"), date("1984-10-11"), kTrue, kTrue, kFalse, kFalse},
        {date("1980-12-24"), time("10:00Z"), kNull, kNull, kNull, kNull},
        {time("10:00+01:00"), time("09:35:14.645876123Z"), kTrue, kTrue, kFalse, kFalse},
        {date_time("2020-01-01T00:00+02:00"), date_time("2020-01-01T00:00Z"), kTrue, kTrue, kFalse,
         kFalse},
        {Value::point(*Point::make_2d(7203, 1, 2)), Value::point(*Point::make_2d(7203, 3, 4)),
         kNull, kNull, kNull, kNull},
    };
    for (const LessCase& c : cases) {
        const std::string what = c.left.to_string() + " with " + c.right.to_string();
        EXPECT_EQ(less(c.left, c.right), c.less) << what;
        EXPECT_EQ(less_or_equal(c.left, c.right), c.less_or_equal) << what;
        EXPECT_EQ(greater(c.left, c.right), c.greater) << what;
        EXPECT_EQ(greater_or_equal(c.left, c.right), c.greater_or_equal) << what;
    }
}

TEST(Compare, WholeNumbersAndFloatsWithoutLoss) {
    const double two_to_53 = 9'007'199'254'740'992.0;
    const int64_t odd = (int64_t{1} << 53) + 1;
    // As doubles these two would be equal.
    EXPECT_EQ(equals(i(odd), f(two_to_53)), kFalse);
    EXPECT_EQ(less(f(two_to_53), i(odd)), kTrue);
    EXPECT_EQ(less(i(odd), f(two_to_53 + 2)), kTrue);
    EXPECT_EQ(equals(i(kMax), f(9'223'372'036'854'775'808.0)), kFalse);
    EXPECT_EQ(less(i(kMax), f(9'223'372'036'854'775'808.0)), kTrue);
    EXPECT_EQ(equals(i(kMin), f(-9'223'372'036'854'775'808.0)), kTrue);
    EXPECT_EQ(less(f(-9'223'372'036'854'777'856.0), i(kMin)), kTrue);
    EXPECT_EQ(less(i(0), f(5e-324)), kTrue);
    EXPECT_EQ(less(f(-5e-324), i(0)), kTrue);
    EXPECT_EQ(less(i(-1), f(-0.5)), kTrue);
    EXPECT_EQ(less(f(-1.5), i(-1)), kTrue);
    const double infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(less(i(kMax), f(infinity)), kTrue);
    EXPECT_EQ(less(f(-infinity), i(kMin)), kTrue);
}

TEST(Order, PutsTheKindsInTheirPlaces) {
    const std::vector<int8_t> element = {1};
    const std::vector<Value> ascending = {
        m({{"a", s("map")}}),
        l({s("list")}),
        Value::vector(*Vector::of<int8_t>(element)),
        date_time("2020-01-01T00:00Z"),
        Value::local_date_time(*parse_local_date_time("2020-01-01T00:00")),
        date("2020-01-01"),
        time("00:00Z"),
        Value::local_time(*parse_local_time("00:00")),
        duration("PT0S"),
        Value::point(*Point::make_2d(7203, 0, 0)),
        Value::bytes({}),
        s("text"),
        b(false),
        f(1.5),
        f(kNaN),
        n(),
    };
    for (size_t x = 0; x < ascending.size(); ++x) {
        for (size_t y = 0; y < ascending.size(); ++y) {
            EXPECT_EQ(order(ascending[x], ascending[y]), x <=> y)
                << ascending[x].to_string() << " with " << ascending[y].to_string();
        }
    }
    EXPECT_LT(order_rank(Type::kMap), OrderRank::kNode);
    EXPECT_LT(OrderRank::kNode, OrderRank::kRelationship);
    EXPECT_LT(OrderRank::kRelationship, order_rank(Type::kList));
    EXPECT_LT(order_rank(Type::kList), OrderRank::kPath);
    EXPECT_LT(OrderRank::kPath, order_rank(Type::kDateTime));
}

TEST(Order, SortsListsAsTheLanguageSays) {
    std::vector<Value> lists = {l({n(), i(2)}), l({i(1)}),      l({}),       l({s("a"), i(1)}),
                                l({i(1), n()}), l({n(), i(1)}), l({s("a")}), l({i(1), s("a")})};
    std::sort(lists.begin(), lists.end(),
              [](const Value& x, const Value& y) { return order(x, y) < 0; });
    EXPECT_EQ(Value::list(lists).to_string(),
              "[[], ['a'], ['a', 1], [1], [1, 'a'], [1, null], [null, 1], [null, 2]]");
}

TEST(Order, SortsOffsetsOfOneInstant) {
    EXPECT_TRUE(order(time("10:00+01:00"), time("11:00+02:00")) < 0);
    EXPECT_TRUE(order(date_time("2020-01-01T01:00+01:00"), date_time("2020-01-01T02:00+02:00")) <
                0);
    EXPECT_TRUE(order(date_time("2020-01-01T01:00+01:00"),
                      date_time("2020-01-01T01:00[Europe/Paris]")) < 0);
}

TEST(Order, SortsDurationsByMeanLength) {
    EXPECT_TRUE(order(duration("P30D"), duration("P1M")) < 0);
    EXPECT_TRUE(order(duration("P1M"), duration("P31D")) < 0);
    EXPECT_TRUE(order(duration("P1D"), duration("PT24H")) != 0);
    const Value huge = Value::duration({kMax, kMax, kMax, 999'999'999});
    const Value tiny = Value::duration({kMin, kMin, kMin, 0});
    EXPECT_TRUE(order(tiny, huge) < 0);
}

TEST(Ternaries, NegateAndBecomeValues) {
    EXPECT_EQ(negate(kTrue), kFalse);
    EXPECT_EQ(negate(kFalse), kTrue);
    EXPECT_EQ(negate(kNull), kNull);
    EXPECT_TRUE(to_value(kNull).is_null());
    EXPECT_TRUE(to_value(kTrue).as_boolean());
    EXPECT_FALSE(to_value(kFalse).as_boolean());
}

// --- properties
// -----------------------------------------------------------------------------------

bool contains_null_or_nan(const Value& value) {
    if (value.is_null()) return true;
    if (value.type() == Type::kFloat) return std::isnan(value.as_float());
    if (value.type() == Type::kList) {
        return std::ranges::any_of(value.as_list(), contains_null_or_nan);
    }
    if (value.type() == Type::kMap) {
        return std::ranges::any_of(value.as_map(),
                                   [](const auto& e) { return contains_null_or_nan(e.second); });
    }
    return false;
}

void expect_pair_holds(const Value& a, const Value& b) {
    const std::string what = a.to_string() + " with " + b.to_string();
    const std::weak_ordering there = order(a, b);
    ASSERT_EQ(there, 0 <=> order(b, a)) << what;
    ASSERT_EQ(equivalent(a, b), there == 0) << what;
    if (there == 0) {
        ASSERT_EQ(hash(a), hash(b)) << what;
    }
    if (identical(a, b)) {
        ASSERT_EQ(there, kSame) << what;
    }
    const Ternary equal = equals(a, b);
    ASSERT_EQ(equal, equals(b, a)) << what;
    if (equal == kTrue) {
        ASSERT_EQ(there, kSame) << what;
    }
    if (!contains_null_or_nan(a) && !contains_null_or_nan(b)) {
        ASSERT_EQ(equal, ternary(there == 0)) << what;
    }
    const auto compared = compare(a, b);
    const auto turned = compare(b, a);
    ASSERT_EQ(compared.has_value(), turned.has_value()) << what;
    if (!compared) return;
    ASSERT_EQ(*compared, 0 <=> *turned) << what;
    if (*compared != std::partial_ordering::unordered) {
        ASSERT_EQ(*compared, there) << what;
    }
}

TEST(Relations, HoldBetweenAllEdges) {
    const std::vector<Value> values = edge_values();
    for (const Value& a : values) {
        for (const Value& b : values) expect_pair_holds(a, b);
    }
}

TEST(Relations, OrderIsTransitiveOverEdges) {
    std::vector<Value> values = edge_values();
    std::sort(values.begin(), values.end(),
              [](const Value& x, const Value& y) { return order(x, y) < 0; });
    for (size_t x = 0; x < values.size(); ++x) {
        for (size_t y = x; y < values.size(); ++y) {
            ASSERT_TRUE(order(values[x], values[y]) <= 0)
                << values[x].to_string() << " with " << values[y].to_string();
        }
    }
}

TEST(Relations, HoldBetweenRandomValues) {
    RandomValues random(RandomValues::printed_seed());
    std::vector<Value> values;
    for (int k = 0; k < 600; ++k) values.push_back(random.any());
    for (const Value& a : values) {
        for (const Value& b : values) {
            expect_pair_holds(a, b);
            if (testing::Test::HasFatalFailure()) return;
        }
    }
    std::sort(values.begin(), values.end(),
              [](const Value& x, const Value& y) { return order(x, y) < 0; });
    for (size_t x = 0; x < values.size(); ++x) {
        for (size_t y = x; y < values.size(); ++y) ASSERT_TRUE(order(values[x], values[y]) <= 0);
    }
}

TEST(Relations, NumbersAgreeWithWiderArithmetic) {
    RandomValues random(RandomValues::printed_seed());
    const auto wide = [](const Value& number) -> long double {
        return number.type() == Type::kInteger ? static_cast<long double>(number.as_integer())
                                               : static_cast<long double>(number.as_float());
    };
    for (int k = 0; k < 200'000; ++k) {
        const Value a = random.number();
        const Value b = random.number();
        ASSERT_EQ(*compare(a, b), wide(a) <=> wide(b)) << a.to_string() << " " << b.to_string();
    }
}

TEST(Hash, SpreadsNeighbours) {
    std::vector<uint64_t> low;
    for (int64_t k = 0; k < 4096; ++k) low.push_back(hash(i(k)) & 0xFFF);
    std::sort(low.begin(), low.end());
    const auto distinct = std::unique(low.begin(), low.end()) - low.begin();
    // Random places would fill 63 % of the buckets.
    EXPECT_GT(distinct, 2400);
    EXPECT_NE(hash(l({i(1), i(2)})), hash(l({i(2), i(1)})));
    EXPECT_NE(hash(l({})), hash(m({})));
}

}  // namespace
}  // namespace deed::value
