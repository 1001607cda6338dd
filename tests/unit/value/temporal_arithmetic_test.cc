#include "engine/value/temporal_arithmetic.h"

#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

#include "engine/value/temporal_text.h"

namespace deed::value {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

Duration duration(std::string_view text) {
    return parse_duration(text).value();
}

template <class T>
std::string shown(const Result<T>& result) {
    return result.ok() ? to_iso(*result) : result.error().reason();
}

struct Case {
    std::string amount;
    std::string sum;
    std::string difference;
};

const std::string kPlain = "P12Y5M14DT16H12M70.000000002S";
const std::string kMixed = "P1M-14DT16H-12M70S";
const std::string kFractions = "P12.5Y5.5M14.5DT16.5H12.5M70.500000003S";

TEST(TemporalArithmetic, DatesAndDurations) {
    const Date date = *parse_date("1984-10-11");
    for (const Case& c : std::vector<Case>{{kPlain, "1997-03-25", "1972-04-27"},
                                           {kMixed, "1984-10-28", "1984-09-25"},
                                           {kFractions, "1997-10-11", "1971-10-12"}}) {
        EXPECT_EQ(shown(add(date, duration(c.amount))), c.sum);
        EXPECT_EQ(shown(add(date, duration(c.amount), Sign::kMinus)), c.difference);
    }
}

TEST(TemporalArithmetic, TimesGoRound) {
    const LocalTime time = *parse_local_time("12:31:14.000000001");
    for (const Case& c :
         std::vector<Case>{{kPlain, "04:44:24.000000003", "20:18:03.999999999"},
                           {kMixed, "04:20:24.000000001", "20:42:04.000000001"},
                           {kFractions, "22:29:27.500000004", "02:33:00.499999998"}}) {
        EXPECT_EQ(shown(add(time, duration(c.amount))), c.sum);
        EXPECT_EQ(shown(add(time, duration(c.amount), Sign::kMinus)), c.difference);
        const Time zoned{time.nanos_of_day, 3600};
        EXPECT_EQ(shown(add(zoned, duration(c.amount))), c.sum + "+01:00");
    }
}

TEST(TemporalArithmetic, DateTimesAndDurations) {
    const LocalDateTime local = *parse_local_date_time("1984-10-11T12:31:14.000000001");
    const DateTime zoned = *parse_date_time("1984-10-11T12:31:14.000000001+01:00");
    for (const Case& c : std::vector<Case>{
             {kPlain, "1997-03-26T04:44:24.000000003", "1972-04-26T20:18:03.999999999"},
             {kMixed, "1984-10-29T04:20:24.000000001", "1984-09-24T20:42:04.000000001"},
             {kFractions, "1997-10-11T22:29:27.500000004", "1971-10-12T02:33:00.499999998"}}) {
        EXPECT_EQ(shown(add(local, duration(c.amount))), c.sum);
        EXPECT_EQ(shown(add(local, duration(c.amount), Sign::kMinus)), c.difference);
        EXPECT_EQ(shown(add(zoned, duration(c.amount))), c.sum + "+01:00");
        EXPECT_EQ(shown(add(zoned, duration(c.amount), Sign::kMinus)), c.difference + "+01:00");
    }
}

TEST(TemporalArithmetic, DaysKeepTheHourOverSummerTimeAndHoursDoNot) {
    const DateTime before = *parse_date_time("2015-10-24T12:00[Europe/Stockholm]");
    EXPECT_EQ(shown(add(before, duration("P1D"))), "2015-10-25T12:00+01:00[Europe/Stockholm]");
    EXPECT_EQ(shown(add(before, duration("PT24H"))), "2015-10-25T11:00+01:00[Europe/Stockholm]");
}

TEST(TemporalArithmetic, TheSecondOfTwoEqualReadingsStaysTheSecond) {
    const DateTime day_before = *parse_date_time("2015-10-26T02:30+01:00[Europe/Stockholm]");
    // Its offset is winter's, and 02:30 exists at that offset on the 25th as well.
    EXPECT_EQ(shown(add(day_before, duration("P1D"), Sign::kMinus)),
              "2015-10-25T02:30+01:00[Europe/Stockholm]");
}

TEST(TemporalArithmetic, MonthsEndWhereTheMonthDoes) {
    EXPECT_EQ(shown(add(*parse_date("2024-01-31"), duration("P1M"))), "2024-02-29");
    EXPECT_EQ(shown(add(*parse_date("2023-01-31"), duration("P1M"))), "2023-02-28");
    EXPECT_EQ(shown(add(*parse_date("2024-02-29"), duration("P1Y"))), "2025-02-28");
    EXPECT_EQ(shown(add(*parse_date("2024-03-31"), duration("P1M"), Sign::kMinus)), "2024-02-29");
    EXPECT_EQ(shown(add(*parse_date("0001-01-01"), duration("P13M"), Sign::kMinus)), "-0001-12-01");
}

TEST(TemporalArithmetic, OverflowFails) {
    const Duration huge{kMax, kMax, kMax, 999'999'999};
    const Duration tiny{kMin, kMin, kMin, 0};
    for (const Duration& amount : {huge, tiny, Duration{0, kMax, 0, 0}, Duration{0, 0, kMax, 0}}) {
        for (const Sign sign : {Sign::kPlus, Sign::kMinus}) {
            EXPECT_EQ(shown(add(Date{}, amount, sign)), "TEMPORAL_OVERFLOW");
            EXPECT_EQ(shown(add(LocalDateTime{}, amount, sign)), "TEMPORAL_OVERFLOW");
            EXPECT_EQ(shown(add(DateTime{}, amount, sign)), "TEMPORAL_OVERFLOW");
            EXPECT_TRUE(add(LocalTime{}, amount, sign).ok());
        }
    }
    EXPECT_EQ(shown(add(Date{kEpochDayMax}, duration("P1D"))), "TEMPORAL_OVERFLOW");
    EXPECT_EQ(shown(add(Date{kEpochDayMin}, duration("P1M"), Sign::kMinus)), "TEMPORAL_OVERFLOW");
    EXPECT_EQ(shown(add(huge, huge)), "TEMPORAL_OVERFLOW");
    EXPECT_EQ(shown(add(huge, tiny, Sign::kMinus)), "TEMPORAL_OVERFLOW");
    EXPECT_EQ(shown(multiply(huge, int64_t{2})), "TEMPORAL_OVERFLOW");
    EXPECT_EQ(shown(multiply(tiny, kMin)), "TEMPORAL_OVERFLOW");
    EXPECT_EQ(shown(multiply(huge, 1e300)), "TEMPORAL_OVERFLOW");
    EXPECT_EQ(shown(multiply(huge, std::numeric_limits<double>::quiet_NaN())), "TEMPORAL_OVERFLOW");
    EXPECT_EQ(shown(divide(tiny, int64_t{-1})), "TEMPORAL_OVERFLOW");
    EXPECT_EQ(shown(divide(huge, 1e-300)), "TEMPORAL_OVERFLOW");
}

TEST(TemporalArithmetic, SumsOfDurations) {
    struct Row {
        std::string left;
        std::string right;
        std::string sum;
        std::string difference;
    };
    const std::string plain = "P12Y5M14DT16H12M70.000000001S";
    const std::vector<Row> rows = {
        {plain, plain, "P24Y10M28DT32H26M20.000000002S", "PT0S"},
        {plain, kMixed, "P12Y6MT32H2M20.000000001S", "P12Y4M28DT24M0.000000001S"},
        {plain, kFractions, "P25Y4M43DT50H11M23.500000004S", "P-6M-15DT-17H-45M-3.500000002S"},
        {kMixed, plain, "P12Y6MT32H2M20.000000001S", "P-12Y-4M-28DT-24M-0.000000001S"},
        {kMixed, kMixed, "P2M-28DT31H38M20S", "PT0S"},
        {kFractions, kMixed, "P13Y15DT49H47M23.500000003S", "P12Y10M43DT18H9M3.500000003S"},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(shown(add(duration(row.left), duration(row.right))), row.sum);
        EXPECT_EQ(shown(add(duration(row.left), duration(row.right), Sign::kMinus)),
                  row.difference);
    }
}

TEST(TemporalArithmetic, DurationsScale) {
    const Duration amount = duration("P12Y5M14DT16H12M70.000000001S");
    const std::string same = "P12Y5M14DT16H13M10.000000001S";
    const std::string twice = "P24Y10M28DT32H26M20.000000002S";
    const std::string half = "P6Y2M22DT13H21M8S";
    EXPECT_EQ(shown(multiply(amount, int64_t{1})), same);
    EXPECT_EQ(shown(divide(amount, int64_t{1})), same);
    EXPECT_EQ(shown(multiply(amount, int64_t{2})), twice);
    EXPECT_EQ(shown(divide(amount, int64_t{2})), half);
    EXPECT_EQ(shown(multiply(amount, 0.5)), half);
    EXPECT_EQ(shown(divide(amount, 0.5)), twice);
    EXPECT_EQ(shown(divide(duration("PT1S"), int64_t{3})), "PT0.333333333S");
    EXPECT_EQ(shown(divide(duration("PT-1S"), int64_t{3})), "PT-0.333333333S");
    EXPECT_EQ(shown(divide(duration("P1D"), int64_t{-2})), "PT-12H");
    EXPECT_EQ(shown(multiply(duration("P1D"), 0.1)), "PT2H24M");
    EXPECT_EQ(shown(divide(amount, int64_t{0})), "DIVISION_BY_ZERO");
    EXPECT_EQ(shown(divide(amount, 0.0)), "DIVISION_BY_ZERO");
    EXPECT_EQ(shown(divide(Duration{kMin, kMin, kMin, 0}, kMin)), "P1M1DT1S");
}

TEST(TemporalArithmetic, FractionsOfPartsFlowDown) {
    EXPECT_EQ(shown(make_duration(
                  {.months = 155.5, .days = 14.5, .seconds = 59'400 + 750 + 70.5, .nanos = 3})),
              to_iso(duration(kFractions)));
    EXPECT_EQ(shown(make_duration({.months = 0.75})), "P22DT19H51M49.5S");
    EXPECT_EQ(shown(make_duration({.seconds = 0.3})), "PT0.3S");
    EXPECT_EQ(shown(make_duration({.days = -1.5})), "P-1DT-12H");
    EXPECT_EQ(shown(make_duration({.seconds = std::numeric_limits<double>::infinity()})),
              "TEMPORAL_OVERFLOW");
}

}  // namespace
}  // namespace deed::value
