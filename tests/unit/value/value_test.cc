#include "engine/value/value.h"

#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/limits.h"
#include "engine/value/arithmetic.h"
#include "engine/value/temporal_text.h"

namespace deed::value {
namespace {

TEST(Value, IsSixteenBytesAndStartsAsNull) {
    static_assert(sizeof(Value) == 16);
    const Value value;
    EXPECT_TRUE(value.is_null());
    EXPECT_EQ(value.type(), Type::kNull);
}

TEST(Value, GivesBackWhatItWasMadeFrom) {
    EXPECT_TRUE(Value::boolean(true).as_boolean());
    EXPECT_EQ(Value::integer(std::numeric_limits<int64_t>::min()).as_integer(),
              std::numeric_limits<int64_t>::min());
    EXPECT_EQ(Value::floating(-2.5).as_float(), -2.5);
    EXPECT_EQ(Value::date({-7}).as_date(), Date{-7});
    EXPECT_EQ(Value::time({5, -3600}).as_time(), (Time{5, -3600}));
    EXPECT_EQ(Value::local_time({9}).as_local_time(), LocalTime{9});
    EXPECT_EQ(Value::local_date_time({-3, 4}).as_local_date_time(), (LocalDateTime{-3, 4}));
    EXPECT_EQ(Value::duration({1, 2, 3, 4}).as_duration(), (Duration{1, 2, 3, 4}));
    const DateTime instant{1, 2, 3600, ZoneName("Europe/Paris")};
    EXPECT_EQ(Value::date_time(instant).as_date_time(), instant);
    EXPECT_EQ(Value::point(*Point::make_2d(7203, 1, 2)).as_point().y(), 2);
    const std::vector<float> floats = {1, 2};
    EXPECT_EQ(Value::vector(*Vector::of<float>(floats)).as_vector().dimension(), 2U);
}

TEST(Value, KeepsStringsAndBytesOfEveryLength) {
    for (size_t size = 0; size < 40; ++size) {
        const std::string text(size, 'x');
        const Value string = Value::string(text);
        const Value bytes = Value::bytes(std::as_bytes(std::span(text)));
        const Value copy = string;
        EXPECT_EQ(string.as_string(), text);
        EXPECT_EQ(copy.as_string(), text);
        EXPECT_EQ(bytes.as_bytes().size(), size);
    }
}

TEST(Value, MovingLeavesNullBehind) {
    Value list = Value::list({Value::integer(1)});
    const Value taken = std::move(list);
    EXPECT_TRUE(list.is_null());  // NOLINT: what a moved-from value is, is promised
    EXPECT_EQ(taken.as_list().size(), 1U);
    Value self = Value::string("a string on the heap");
    Value& alias = self;
    self = alias;
    EXPECT_EQ(self.as_string(), "a string on the heap");
    self = std::move(alias);
    EXPECT_EQ(self.as_string(), "a string on the heap");
}

TEST(Value, AnElementMayReplaceItsOwnList) {
    Value value = Value::list({Value::list({Value::string("inner, long enough for the heap")})});
    value = value.as_list()[0];
    value = value.as_list()[0];
    EXPECT_EQ(value.as_string(), "inner, long enough for the heap");
}

TEST(Value, MapsSortTheirKeysAndKeepTheLastOfEqualOnes) {
    const Value map = Value::map({{"b", Value::integer(1)},
                                  {"a", Value::integer(2)},
                                  {"b", Value::integer(3)},
                                  {"", Value::integer(4)},
                                  {"a", Value::integer(5)}});
    EXPECT_EQ(map.to_string(), "{``: 4, a: 5, b: 3}");
    EXPECT_EQ(map.find("a")->as_integer(), 5);
    EXPECT_EQ(map.find("c"), nullptr);
}

TEST(Value, CopiesMayDieOnOtherThreads) {
    for (int round = 0; round < 50; ++round) {
        Value shared = Value::list({Value::string("a string on the heap"), Value::integer(1)});
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([copy = shared] {
                for (int j = 0; j < 200; ++j) {
                    const Value again = copy.as_list()[0];
                    EXPECT_EQ(again.as_string().size(), 20U);
                }
            });
        }
        shared = Value::null();
        for (std::thread& thread : threads) thread.join();
    }
}

TEST(Value, KnowsItsDepthAndRefusesTooMuchOfIt) {
    Value nested = Value::integer(1);
    EXPECT_EQ(nested.depth(), 0U);
    for (uint32_t depth = 1; depth <= limits::kValueDepthMax; ++depth) {
        auto next = depth % 2 == 0 ? make_list({nested}) : make_map({{"k", nested}});
        ASSERT_TRUE(next.ok());
        nested = std::move(next).value();
        EXPECT_EQ(nested.depth(), depth);
    }
    EXPECT_EQ(make_list({nested}).error().reason(), "LIMIT_VALUE_DEPTH");
    EXPECT_EQ(make_map({{"k", nested}}).error().reason(), "LIMIT_VALUE_DEPTH");
    EXPECT_EQ(add(nested, Value::integer(1)).ok(), true);
    EXPECT_EQ(add(Value::list({}), Value::map({{"k", nested.as_list()[0]}})).error().reason(),
              "LIMIT_VALUE_DEPTH");
}

TEST(Value, CountsTheHeapItKeeps) {
    EXPECT_EQ(Value::integer(1).heap_bytes(), 0U);
    EXPECT_EQ(Value::string("short").heap_bytes(), 0U);
    EXPECT_GE(Value::string(std::string(1000, 'x')).heap_bytes(), 1000U);
    EXPECT_LE(Value::string(std::string(1000, 'x')).heap_bytes(), 1040U);
    const Value list = Value::list(List(10, Value::string(std::string(100, 'x'))));
    EXPECT_GE(list.heap_bytes(), 10 * (16 + 100));
}

TEST(Value, IdenticalMeansSameTypeAndBits) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(identical(Value::floating(nan), Value::floating(nan)));
    EXPECT_TRUE(identical(Value::floating(nan), Value::floating(-nan)));
    EXPECT_FALSE(identical(Value::floating(0.0), Value::floating(-0.0)));
    EXPECT_FALSE(identical(Value::integer(1), Value::floating(1)));
    EXPECT_TRUE(identical(Value::null(), Value::null()));
    EXPECT_TRUE(identical(Value::list({Value::null()}), Value::list({Value::null()})));
    EXPECT_FALSE(identical(Value::list({Value::null()}), Value::list({})));
    EXPECT_FALSE(identical(Value::string("a"), Value::bytes(std::as_bytes(std::span("a", 1)))));
    EXPECT_TRUE(
        identical(Value::map({{"a", Value::integer(1)}}), Value::map({{"a", Value::integer(1)}})));
    EXPECT_FALSE(
        identical(Value::map({{"a", Value::integer(1)}}), Value::map({{"b", Value::integer(1)}})));
}

TEST(Value, PrintsAsCypherWould) {
    EXPECT_EQ(Value::null().to_string(), "null");
    EXPECT_EQ(Value::boolean(false).to_string(), "false");
    EXPECT_EQ(Value::integer(-42).to_string(), "-42");
    EXPECT_EQ(Value::string("it's a \\ \n").to_string(), "'it\\'s a \\\\ \\n'");
    EXPECT_EQ(Value::list({Value::integer(1), Value::floating(2)}).to_string(), "[1, 2.0]");
    EXPECT_EQ(Value::map({{"a", Value::integer(1)}, {"b c", Value::null()}}).to_string(),
              "{a: 1, `b c`: null}");
    EXPECT_EQ(Value::date(*parse_date("2024-02-29")).to_string(), "date('2024-02-29')");
    EXPECT_EQ(Value::duration({0, 0, 1, 0}).to_string(), "duration('PT1S')");
    EXPECT_EQ(Value::point(*Point::make_3d(4979, 1, 2, 3.5)).to_string(),
              "point({srid: 4979, x: 1.0, y: 2.0, z: 3.5})");
    const std::vector<int8_t> numbers = {-1, 2};
    EXPECT_EQ(Value::vector(*Vector::of<int8_t>(numbers)).to_string(),
              "vector([-1, 2], 2, INTEGER8)");
    EXPECT_EQ(Value::bytes(std::as_bytes(std::span("\x0A\xFF", 2))).to_string(), "0x0aff");
}

TEST(Value, FloatsPrintTheShortestTextThatReadsBack) {
    const std::vector<std::pair<double, std::string>> cases = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1.0, "1.0"},
        {0.1, "0.1"},
        {100'000.0, "100000.0"},
        {1e14, "100000000000000.0"},
        {1e15, "1e15"},
        {1e300, "1e300"},
        {1.5e-7, "1.5e-7"},
        {0.0001, "0.0001"},
        {1.0 / 3, "0.3333333333333333"},
        {std::numeric_limits<double>::infinity(), "Infinity"},
        {-std::numeric_limits<double>::infinity(), "-Infinity"},
        {std::numeric_limits<double>::quiet_NaN(), "NaN"}};
    for (const auto& [number, text] : cases) EXPECT_EQ(Value::floating(number).to_string(), text);
}

TEST(Value, TypesHaveTheNamesOfCypher) {
    EXPECT_EQ(type_name(Type::kInteger), "INTEGER");
    EXPECT_EQ(type_name(Type::kLocalDateTime), "LOCAL DATETIME");
    EXPECT_EQ(type_name(Type::kDateTime), "ZONED DATETIME");
}

}  // namespace
}  // namespace deed::value
