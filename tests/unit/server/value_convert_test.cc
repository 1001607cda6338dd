#include "server/grpc/value_convert.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <random>

namespace deed::server {
namespace {

using testing::HasSubstr;
using value::Value;

/// Random values of every kind, lists and maps within each other.
class RandomValues {
 public:
    explicit RandomValues(uint64_t seed) : random_(seed) {}

    Value any(int depth) {
        const int kinds = depth > 0 ? 16 : 14;
        switch (below(kinds)) {
            case 0:
                return Value::null();
            case 1:
                return Value::boolean(below(2) == 1);
            case 2:
                return Value::integer(static_cast<int64_t>(random_()));
            case 3:
                return floating();
            case 4:
                return Value::string(text());
            case 5: {
                const std::string raw = text();
                return Value::bytes(std::as_bytes(std::span(raw)));
            }
            case 6:
                return Value::date({.days = below(2'000'000) - 1'000'000});
            case 7:
                return Value::time(
                    {.nanos_of_day = below(value::kNanosPerDay), .offset_seconds = offset()});
            case 8:
                return Value::local_time({.nanos_of_day = below(value::kNanosPerDay)});
            case 9:
                return date_time();
            case 10:
                return Value::local_date_time(
                    {.seconds = below(1LL << 40) - (1LL << 39), .nanos = nanos()});
            case 11:
                return Value::duration({.months = below(1000) - 500,
                                        .days = below(1000) - 500,
                                        .seconds = below(100'000) - 50'000,
                                        .nanos = nanos()});
            case 12:
                return point();
            case 13:
                return vector();
            case 14: {
                value::List list(static_cast<size_t>(below(5)));
                for (auto& element : list) element = any(depth - 1);
                return Value::list(std::move(list));
            }
            default: {
                value::Map map;
                for (int64_t i = below(5); i > 0; --i) {
                    map.emplace_back("key" + std::to_string(i), any(depth - 1));
                }
                return Value::map(std::move(map));
            }
        }
    }

 private:
    int64_t below(int64_t end) {
        return std::uniform_int_distribution<int64_t>(0, end - 1)(random_);
    }
    int32_t nanos() { return static_cast<int32_t>(below(value::kNanosPerSecond)); }
    int32_t offset() { return static_cast<int32_t>(below(129'601) - 64'800); }
    std::string text() {
        static const std::vector<std::string> kPieces = {"a", "é", "語", "🐝", "\n", "\"", ""};
        std::string made;
        for (int64_t i = below(6); i > 0; --i) made += kPieces[static_cast<size_t>(below(7))];
        return made;
    }
    Value floating() {
        const double choices[] = {0.0,
                                  -0.0,
                                  1.5,
                                  std::nan(""),
                                  std::numeric_limits<double>::infinity(),
                                  std::numeric_limits<double>::denorm_min()};
        return Value::floating(choices[below(6)]);
    }
    Value date_time() {
        const bool zoned = below(2) == 1;
        value::DateTime made{.seconds = below(1LL << 33),
                             .nanos = nanos(),
                             .offset_seconds = zoned ? 0 : offset(),
                             .zone = value::ZoneName(zoned ? "UTC" : "")};
        return Value::date_time(made);
    }
    Value point() {
        const double x = static_cast<double>(below(180)) - 90;
        switch (below(4)) {
            case 0:
                return Value::point(value::Point::make_2d(7203, x, 2.5).value());
            case 1:
                return Value::point(value::Point::make_2d(4326, x, x).value());
            case 2:
                return Value::point(value::Point::make_3d(9157, x, 1, -1).value());
            default:
                return Value::point(value::Point::make_3d(4979, x, x, 100).value());
        }
    }
    Value vector() {
        std::vector<float> floats;
        for (int64_t i = below(8) + 1; i > 0; --i) floats.push_back(static_cast<float>(i) / 3);
        if (below(2) == 1) return Value::vector(value::Vector::of<float>(floats).value());
        const std::vector<int16_t> shorts(static_cast<size_t>(below(8) + 1), int16_t{-7});
        return Value::vector(value::Vector::of<int16_t>(shorts).value());
    }

    std::mt19937_64 random_;
};

TEST(ValueConvert, RandomValuesComeBackIdenticalAfterTheWire) {
    const uint64_t seed = std::random_device{}();
    RecordProperty("seed", std::to_string(seed));
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomValues values(seed);
    for (int i = 0; i < 20'000; ++i) {
        const Value before = values.any(4);
        v1::Value wire;
        to_wire(before, &wire);
        v1::Value received;
        ASSERT_TRUE(received.ParseFromString(wire.SerializeAsString()));
        auto after = from_wire(received, "value");
        ASSERT_TRUE(after.ok()) << before.to_string() << ": " << after.error().to_string();
        ASSERT_TRUE(identical(before, *after)) << before.to_string() << " / " << after->to_string();
    }
}

void expect_refused(const v1::Value& wire, const std::string& reason, const std::string& field) {
    auto made = from_wire(wire, "properties.p");
    ASSERT_FALSE(made.ok()) << wire.ShortDebugString();
    EXPECT_EQ(made.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(made.error().reason(), reason);
    EXPECT_EQ(made.error().field(), field);
    EXPECT_FALSE(made.error().message().empty());
}

TEST(ValueConvert, AValueWithoutKindIsRefusedRatherThanTakenForNull) {
    expect_refused(v1::Value(), "VALUE_KIND_MISSING", "properties.p");
    v1::Value list;
    list.mutable_list()->add_elements()->set_integer(1);
    list.mutable_list()->add_elements();
    expect_refused(list, "VALUE_KIND_MISSING", "properties.p[1]");
}

TEST(ValueConvert, DepthIsLimitedAndTheLimitItselfFits) {
    v1::Value fits;
    v1::Value* inner = &fits;
    for (uint32_t i = 0; i < kWireDepthMax; ++i) {
        inner = &(*inner->mutable_map()->mutable_entries())["k"];
    }
    inner->set_integer(1);
    EXPECT_TRUE(from_wire(fits, "").ok());
    // A client with protobuf's default guard can read it back in the deepest message that holds
    // one.
    v1::Value copy;
    EXPECT_TRUE(copy.ParseFromString(fits.SerializeAsString()));
    v1::Value deeper;
    *deeper.mutable_list()->add_elements() = fits;
    EXPECT_EQ(from_wire(deeper, "").error().reason(), "VALUE_TOO_DEEP");
}

TEST(ValueConvert, NumbersOutOfRangeAreRefused) {
    v1::Value wire;
    wire.mutable_local_time()->set_nanoseconds(86'400'000'000'000);
    expect_refused(wire, "TIME_OUT_OF_RANGE", "properties.p.nanoseconds");
    wire.mutable_local_date_time()->set_nanoseconds(1'000'000'000);
    expect_refused(wire, "NANOSECONDS_OUT_OF_RANGE", "properties.p.nanoseconds");
    wire.mutable_time()->set_offset_seconds(64'801);
    EXPECT_FALSE(from_wire(wire, "").ok());
    wire.mutable_date()->set_days(std::numeric_limits<int64_t>::max());
    EXPECT_FALSE(from_wire(wire, "").ok());
    wire.mutable_duration()->set_nanoseconds(-1);
    EXPECT_FALSE(from_wire(wire, "").ok());
    wire.mutable_date_time()->set_epoch_seconds(std::numeric_limits<int64_t>::min());
    EXPECT_FALSE(from_wire(wire, "").ok());
}

TEST(ValueConvert, UnknownZonesSridsAndElementTypesAreRefused) {
    v1::Value wire;
    wire.mutable_date_time()->set_zone("Mars/Olympus");
    EXPECT_FALSE(from_wire(wire, "").ok());
    wire.mutable_date_time()->set_zone("../../etc/passwd");
    EXPECT_FALSE(from_wire(wire, "").ok());
    wire.mutable_point()->set_srid(1);
    EXPECT_FALSE(from_wire(wire, "").ok());
    wire.mutable_point()->set_srid(7203);
    wire.mutable_point()->set_x(std::nan(""));
    EXPECT_FALSE(from_wire(wire, "").ok());
    wire.mutable_point()->set_x(1);
    wire.mutable_point()->set_z(1);
    expect_refused(wire, "INVALID_POINT", "properties.p.z");
    wire.mutable_vector()->set_element_type(static_cast<v1::Vector::ElementType>(1000));
    expect_refused(wire, "INVALID_VECTOR", "properties.p.element_type");
    wire.mutable_vector()->set_element_type(v1::Vector::ELEMENT_TYPE_FLOAT32);
    wire.mutable_vector()->set_elements("abc");
    EXPECT_FALSE(from_wire(wire, "").ok());
}

TEST(ValueConvert, AZoneGivesTheOffsetOfItsInstant) {
    v1::Value wire;
    wire.mutable_date_time()->set_epoch_seconds(1'720'000'000);  // July 2024
    wire.mutable_date_time()->set_zone("Europe/Stockholm");
    wire.mutable_date_time()->set_offset_seconds(-3600);  // not looked at
    auto summer = from_wire(wire, "");
    if (!summer.ok())
        GTEST_SKIP() << "skipped: no time zone database: " << summer.error().message();
    EXPECT_EQ(summer->as_date_time().offset_seconds, 7200);
}

TEST(ValueConvert, AFieldIsPrefixed) {
    const Error inner(ErrorCode::kInvalidArgument, "R", "m", "age");
    EXPECT_EQ(within_field(inner, "operations[7]").field(), "operations[7].age");
    EXPECT_EQ(within_field(Error(inner.code(), "R", "m"), "ids").field(), "ids");
}

}  // namespace
}  // namespace deed::server
