#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/value/temporal.h"

/// Arithmetic of the proleptic Gregorian calendar: between days since the epoch and the ways to
/// name a day. Pure functions; any thread.
namespace deed::value {

struct CivilDate {
    int64_t year = 1970;
    int32_t month = 1;  // 1 .. 12
    int32_t day = 1;    // 1 .. 31
    friend bool operator==(const CivilDate&, const CivilDate&) = default;
};

/// ISO 8601 week date: week 1 is the one that holds the year's first Thursday.
struct WeekDate {
    int64_t week_year = 1970;
    int32_t week = 1;     // 1 .. 53
    int32_t weekday = 1;  // 1 (Monday) .. 7
    friend bool operator==(const WeekDate&, const WeekDate&) = default;
};

struct OrdinalDate {
    int64_t year = 1970;
    int32_t day_of_year = 1;  // 1 .. 366
    friend bool operator==(const OrdinalDate&, const OrdinalDate&) = default;
};

struct QuarterDate {
    int64_t year = 1970;
    int32_t quarter = 1;         // 1 .. 4
    int32_t day_of_quarter = 1;  // 1 .. 92
    friend bool operator==(const QuarterDate&, const QuarterDate&) = default;
};

struct ClockTime {
    int32_t hour = 0;
    int32_t minute = 0;
    int32_t second = 0;
    int32_t nano = 0;
    friend bool operator==(const ClockTime&, const ClockTime&) = default;
};

[[nodiscard]] bool is_leap_year(int64_t year);
/// REQUIRES: month in 1 .. 12.
[[nodiscard]] int32_t days_in_month(int64_t year, int32_t month);
/// 52 or 53.
[[nodiscard]] int32_t weeks_in_year(int64_t week_year);

/// Days since the epoch, without a check of the range. REQUIRES: month in 1 .. 12, day in 1 .. 31,
/// |year| at most 10^15.
[[nodiscard]] int64_t epoch_day(int64_t year, int32_t month, int32_t day);

/// Each fails with "INVALID_TEMPORAL" where a part is out of range ("2023-02-29").
Result<Date> make_date(const CivilDate& parts);
Result<Date> make_date(const WeekDate& parts);
Result<Date> make_date(const OrdinalDate& parts);
Result<Date> make_date(const QuarterDate& parts);
Result<LocalTime> make_local_time(const ClockTime& parts);
[[nodiscard]] LocalDateTime make_local_date_time(Date date, LocalTime time);

[[nodiscard]] CivilDate civil_date(Date date);
[[nodiscard]] WeekDate week_date(Date date);
[[nodiscard]] OrdinalDate ordinal_date(Date date);
[[nodiscard]] QuarterDate quarter_date(Date date);
[[nodiscard]] ClockTime clock_time(LocalTime time);
[[nodiscard]] Date date_of(LocalDateTime value);
[[nodiscard]] LocalTime time_of(LocalDateTime value);

}  // namespace deed::value
