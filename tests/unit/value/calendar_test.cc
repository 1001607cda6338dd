#include "engine/value/calendar.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "engine/value/temporal_text.h"

namespace deed::value {
namespace {

TEST(Calendar, KnownDays) {
    EXPECT_EQ(make_date(CivilDate{1970, 1, 1})->days, 0);
    EXPECT_EQ(make_date(CivilDate{1969, 12, 31})->days, -1);
    EXPECT_EQ(make_date(CivilDate{2000, 3, 1})->days, 11'017);
    EXPECT_EQ(make_date(CivilDate{0, 1, 1})->days, -719'528);
    EXPECT_EQ(make_date(CivilDate{kYearMin, 1, 1})->days, kEpochDayMin);
    EXPECT_EQ(make_date(CivilDate{kYearMax, 12, 31})->days, kEpochDayMax);
}

TEST(Calendar, LeapYears) {
    EXPECT_TRUE(is_leap_year(2024));
    EXPECT_TRUE(is_leap_year(2000));
    EXPECT_TRUE(is_leap_year(0));
    EXPECT_TRUE(is_leap_year(-4));
    EXPECT_FALSE(is_leap_year(1900));
    EXPECT_FALSE(is_leap_year(2023));
    EXPECT_FALSE(is_leap_year(-1));
    EXPECT_EQ(days_in_month(2024, 2), 29);
    EXPECT_EQ(days_in_month(2023, 2), 28);
    EXPECT_TRUE(make_date(CivilDate{2024, 2, 29}).ok());
    EXPECT_FALSE(make_date(CivilDate{2023, 2, 29}).ok());
}

/// Walks day by day with nothing but month lengths, and compares every way to name the day.
TEST(Calendar, AgreesWithCountingDays) {
    CivilDate civil{-5, 1, 1};
    int64_t day = make_date(civil)->days;
    int32_t ordinal = 1;
    int32_t day_of_quarter = 1;
    const int64_t end = make_date(CivilDate{2030, 1, 1})->days;
    for (; day < end; ++day) {
        const Date date{day};
        ASSERT_EQ(civil_date(date), civil) << to_iso(date);
        ASSERT_EQ(*make_date(civil), date) << to_iso(date);
        ASSERT_EQ(ordinal_date(date), (OrdinalDate{civil.year, ordinal})) << to_iso(date);
        ASSERT_EQ(*make_date(ordinal_date(date)), date) << to_iso(date);
        ASSERT_EQ(quarter_date(date),
                  (QuarterDate{civil.year, (civil.month - 1) / 3 + 1, day_of_quarter}));
        ASSERT_EQ(*make_date(quarter_date(date)), date) << to_iso(date);
        ASSERT_EQ(*make_date(week_date(date)), date) << to_iso(date);
        ++ordinal;
        ++day_of_quarter;
        if (++civil.day <= days_in_month(civil.year, civil.month)) continue;
        civil.day = 1;
        if (civil.month % 3 == 0) day_of_quarter = 1;
        if (++civil.month <= 12) continue;
        civil.month = 1;
        ordinal = 1;
        ++civil.year;
    }
}

TEST(Calendar, WeeksFollowTheStandard) {
    struct Case {
        CivilDate civil;
        WeekDate week;
    };
    const std::vector<Case> cases = {
        {{2005, 1, 1}, {2004, 53, 6}},  {{2005, 12, 31}, {2005, 52, 6}},
        {{2007, 1, 1}, {2007, 1, 1}},   {{2007, 12, 31}, {2008, 1, 1}},
        {{2008, 12, 29}, {2009, 1, 1}}, {{2010, 1, 3}, {2009, 53, 7}},
        {{2015, 7, 21}, {2015, 30, 2}}, {{1970, 1, 1}, {1970, 1, 4}},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(week_date(*make_date(c.civil)), c.week);
        EXPECT_EQ(civil_date(*make_date(c.week)), c.civil);
    }
    EXPECT_EQ(weeks_in_year(2004), 53);
    EXPECT_EQ(weeks_in_year(2005), 52);
    EXPECT_FALSE(make_date(WeekDate{2005, 53, 1}).ok());
}

TEST(Calendar, RefusesPartsOutOfRange) {
    EXPECT_FALSE(make_date(CivilDate{kYearMax + 1, 1, 1}).ok());
    EXPECT_FALSE(make_date(CivilDate{2020, 0, 1}).ok());
    EXPECT_FALSE(make_date(CivilDate{2020, 13, 1}).ok());
    EXPECT_FALSE(make_date(CivilDate{2020, 4, 31}).ok());
    EXPECT_FALSE(make_date(CivilDate{2020, 4, 0}).ok());
    EXPECT_FALSE(make_date(OrdinalDate{2023, 366}).ok());
    EXPECT_TRUE(make_date(OrdinalDate{2024, 366}).ok());
    EXPECT_FALSE(make_date(QuarterDate{2023, 1, 91}).ok());
    EXPECT_TRUE(make_date(QuarterDate{2024, 1, 91}).ok());
    EXPECT_FALSE(make_date(QuarterDate{2024, 5, 1}).ok());
    EXPECT_FALSE(make_date(WeekDate{2024, 1, 8}).ok());
    // The last days of the last year's last week belong to a year beyond the range.
    EXPECT_FALSE(make_date(WeekDate{kYearMax, 52, 7}).ok() &&
                 make_date(WeekDate{kYearMax, 53, 7}).ok());
    EXPECT_EQ(make_date(CivilDate{2023, 2, 29}).error().reason(), "INVALID_TEMPORAL");
}

TEST(Calendar, ClocksTakeApartAndPutTogether) {
    const ClockTime clock{23, 59, 58, 999'999'999};
    EXPECT_EQ(clock_time(*make_local_time(clock)), clock);
    EXPECT_FALSE(make_local_time(ClockTime{24, 0, 0, 0}).ok());
    EXPECT_FALSE(make_local_time(ClockTime{0, 60, 0, 0}).ok());
    EXPECT_FALSE(make_local_time(ClockTime{0, 0, 60, 0}).ok());
    EXPECT_FALSE(make_local_time(ClockTime{0, 0, 0, 1'000'000'000}).ok());
    const LocalDateTime before{-1, 5};
    EXPECT_EQ(date_of(before), Date{-1});
    EXPECT_EQ(clock_time(time_of(before)), (ClockTime{23, 59, 59, 5}));
    EXPECT_EQ(make_local_date_time(date_of(before), time_of(before)), before);
}

TEST(Temporal, ValidatesRanges) {
    EXPECT_TRUE(validate(Date{kEpochDayMax}).ok());
    EXPECT_FALSE(validate(Date{kEpochDayMax + 1}).ok());
    EXPECT_FALSE(validate(LocalTime{kNanosPerDay}).ok());
    EXPECT_FALSE(validate(Time{0, kOffsetSecondsMax + 1}).ok());
    EXPECT_FALSE(validate(LocalDateTime{0, -1}).ok());
    EXPECT_FALSE(validate(LocalDateTime{kEpochSecondMin - 1, 0}).ok());
    EXPECT_TRUE(validate(DateTime{kEpochSecondMax, 0, 0, ZoneName()}).ok());
    EXPECT_FALSE(validate(DateTime{kEpochSecondMax, 0, 1, ZoneName()}).ok());
    EXPECT_FALSE(validate(DateTime{std::numeric_limits<int64_t>::max(), 0, 1, ZoneName()}).ok());
    EXPECT_FALSE(validate(DateTime{0, 0, 0, ZoneName("no/../zone")}).ok());
    EXPECT_FALSE(validate(Duration{0, 0, 0, 1'000'000'000}).ok());
}

}  // namespace
}  // namespace deed::value
