// Years are counted from March, so that the leap day is the last of its year, and in eras of 400
// years, after which the calendar repeats (146,097 days). With both, days and dates convert without
// tables.

#include "engine/value/calendar.h"

#include <string>

#include "engine/value/internal/errors.h"

namespace deed::value {

using internal::invalid_temporal;

namespace {

constexpr int64_t kDaysPerEra = 146'097;
constexpr int64_t kYearsPerEra = 400;
/// Days from 0000-03-01 to 1970-01-01.
constexpr int64_t kEpochFromMarchZero = 719'468;

constexpr int64_t floor_div(int64_t a, int64_t b) {
    const int64_t quotient = a / b;
    return a % b < 0 ? quotient - 1 : quotient;
}
constexpr int64_t floor_mod(int64_t a, int64_t b) {
    return a - floor_div(a, b) * b;
}

int32_t weekday_of(int64_t day) {
    // 1970-01-01 was a Thursday.
    return static_cast<int32_t>(floor_mod(day + 3, 7)) + 1;
}

/// The Monday of week 1.
int64_t first_week_start(int64_t week_year) {
    const int64_t fourth = epoch_day(week_year, 1, 4);
    return fourth - (weekday_of(fourth) - 1);
}

int32_t days_in_quarter(int64_t year, int32_t quarter) {
    const int32_t first = quarter * 3 - 2;
    return days_in_month(year, first) + days_in_month(year, first + 1) +
           days_in_month(year, first + 2);
}

Status check(bool holds, const char* what, int64_t given) {
    if (holds) return {};
    return invalid_temporal(std::string(what) + ", not " + std::to_string(given));
}

Status check_year(int64_t year) {
    return check(year >= kYearMin && year <= kYearMax,
                 "a year lies within -999999999 and 999999999", year);
}

Result<Date> checked(int64_t day) {
    const Date date{day};
    DEED_RETURN_IF_ERROR(validate(date));
    return date;
}

}  // namespace

bool is_leap_year(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int32_t days_in_month(int64_t year, int32_t month) {
    constexpr int8_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    DEED_DEBUG_ASSERT(month >= 1 && month <= 12, "no such month");
    return month == 2 && is_leap_year(year) ? 29 : kDays[month - 1];
}

int32_t weeks_in_year(int64_t week_year) {
    const int64_t days = first_week_start(week_year + 1) - first_week_start(week_year);
    return static_cast<int32_t>(days / 7);
}

int64_t epoch_day(int64_t year, int32_t month, int32_t day) {
    const int64_t march_year = month > 2 ? year : year - 1;
    const int64_t march_month = month > 2 ? month - 3 : month + 9;
    const int64_t era = floor_div(march_year, kYearsPerEra);
    const int64_t year_of_era = march_year - era * kYearsPerEra;
    // 153 days are five months from March on: 31, 30, 31, 30, 31, and again.
    const int64_t day_of_year = (153 * march_month + 2) / 5 + day - 1;
    const int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * kDaysPerEra + day_of_era - kEpochFromMarchZero;
}

Result<Date> make_date(const CivilDate& parts) {
    DEED_RETURN_IF_ERROR(check_year(parts.year));
    DEED_RETURN_IF_ERROR(
        check(parts.month >= 1 && parts.month <= 12, "a month lies within 1 and 12", parts.month));
    DEED_RETURN_IF_ERROR(
        check(parts.day >= 1 && parts.day <= days_in_month(parts.year, parts.month),
              "a day lies within its month", parts.day));
    return Date{epoch_day(parts.year, parts.month, parts.day)};
}

Result<Date> make_date(const WeekDate& parts) {
    DEED_RETURN_IF_ERROR(check_year(parts.week_year));
    DEED_RETURN_IF_ERROR(check(parts.week >= 1 && parts.week <= weeks_in_year(parts.week_year),
                               "a week lies within 1 and the last of its year", parts.week));
    DEED_RETURN_IF_ERROR(check(parts.weekday >= 1 && parts.weekday <= 7,
                               "a day of the week lies within 1 and 7", parts.weekday));
    return checked(first_week_start(parts.week_year) + (parts.week - 1) * 7 + parts.weekday - 1);
}

Result<Date> make_date(const OrdinalDate& parts) {
    DEED_RETURN_IF_ERROR(check_year(parts.year));
    const int32_t last = is_leap_year(parts.year) ? 366 : 365;
    DEED_RETURN_IF_ERROR(check(parts.day_of_year >= 1 && parts.day_of_year <= last,
                               "a day of the year lies within 1 and 365 (leap years: 366)",
                               parts.day_of_year));
    return Date{epoch_day(parts.year, 1, 1) + parts.day_of_year - 1};
}

Result<Date> make_date(const QuarterDate& parts) {
    DEED_RETURN_IF_ERROR(check_year(parts.year));
    DEED_RETURN_IF_ERROR(check(parts.quarter >= 1 && parts.quarter <= 4,
                               "a quarter lies within 1 and 4", parts.quarter));
    DEED_RETURN_IF_ERROR(
        check(parts.day_of_quarter >= 1 &&
                  parts.day_of_quarter <= days_in_quarter(parts.year, parts.quarter),
              "a day of the quarter lies within its quarter", parts.day_of_quarter));
    return Date{epoch_day(parts.year, parts.quarter * 3 - 2, 1) + parts.day_of_quarter - 1};
}

Result<LocalTime> make_local_time(const ClockTime& parts) {
    DEED_RETURN_IF_ERROR(
        check(parts.hour >= 0 && parts.hour <= 23, "an hour lies within 0 and 23", parts.hour));
    DEED_RETURN_IF_ERROR(check(parts.minute >= 0 && parts.minute <= 59,
                               "a minute lies within 0 and 59", parts.minute));
    DEED_RETURN_IF_ERROR(check(parts.second >= 0 && parts.second <= 59,
                               "a second lies within 0 and 59", parts.second));
    DEED_RETURN_IF_ERROR(check(parts.nano >= 0 && parts.nano < kNanosPerSecond,
                               "nanoseconds lie within 0 and 999999999", parts.nano));
    const int64_t seconds = parts.hour * 3600 + parts.minute * 60 + parts.second;
    return LocalTime{seconds * kNanosPerSecond + parts.nano};
}

LocalDateTime make_local_date_time(Date date, LocalTime time) {
    return {date.days * kSecondsPerDay + time.nanos_of_day / kNanosPerSecond,
            static_cast<int32_t>(time.nanos_of_day % kNanosPerSecond)};
}

CivilDate civil_date(Date date) {
    const int64_t shifted = date.days + kEpochFromMarchZero;
    const int64_t era = floor_div(shifted, kDaysPerEra);
    const int64_t day_of_era = shifted - era * kDaysPerEra;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t march_month = (5 * day_of_year + 2) / 153;
    const auto day = static_cast<int32_t>(day_of_year - (153 * march_month + 2) / 5 + 1);
    const auto month = static_cast<int32_t>(march_month < 10 ? march_month + 3 : march_month - 9);
    return {era * kYearsPerEra + year_of_era + (month <= 2 ? 1 : 0), month, day};
}

WeekDate week_date(Date date) {
    const int32_t weekday = weekday_of(date.days);
    // A week belongs to the year of its Thursday.
    const int64_t thursday = date.days - weekday + 4;
    const OrdinalDate ordinal = ordinal_date(Date{thursday});
    return {ordinal.year, (ordinal.day_of_year - 1) / 7 + 1, weekday};
}

OrdinalDate ordinal_date(Date date) {
    const int64_t year = civil_date(date).year;
    return {year, static_cast<int32_t>(date.days - epoch_day(year, 1, 1)) + 1};
}

QuarterDate quarter_date(Date date) {
    const CivilDate civil = civil_date(date);
    const int32_t quarter = (civil.month - 1) / 3 + 1;
    const int64_t start = epoch_day(civil.year, quarter * 3 - 2, 1);
    return {civil.year, quarter, static_cast<int32_t>(date.days - start) + 1};
}

ClockTime clock_time(LocalTime time) {
    const auto seconds = static_cast<int32_t>(time.nanos_of_day / kNanosPerSecond);
    return {seconds / 3600, seconds / 60 % 60, seconds % 60,
            static_cast<int32_t>(time.nanos_of_day % kNanosPerSecond)};
}

Date date_of(LocalDateTime value) {
    return {floor_div(value.seconds, kSecondsPerDay)};
}

LocalTime time_of(LocalDateTime value) {
    return {floor_mod(value.seconds, kSecondsPerDay) * kNanosPerSecond + value.nanos};
}

}  // namespace deed::value
