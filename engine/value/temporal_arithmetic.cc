#include "engine/value/temporal_arithmetic.h"

#include <algorithm>
#include <cmath>

#include "engine/value/calendar.h"
#include "engine/value/internal/duration_sum.h"
#include "engine/value/internal/errors.h"
#include "engine/value/internal/int128.h"
#include "engine/value/zone.h"

namespace deed::value {

using internal::DurationSum;
using internal::Int128;
using internal::temporal_overflow;

namespace {

/// A duration with its sign applied, wide enough that nothing can overflow.
struct Shift {
    Int128 months = 0;
    Int128 days = 0;
    Int128 nanos = 0;
};

Int128 nanos_of(const Duration& duration) {
    return Int128{duration.seconds} * kNanosPerSecond + duration.nanos;
}

Shift shift_by(const Duration& duration, Sign sign) {
    const int factor = static_cast<int>(sign);
    return {Int128{duration.months} * factor, Int128{duration.days} * factor,
            nanos_of(duration) * factor};
}

Error out_of_years() {
    return temporal_overflow("the result lies outside the years -999999999 to 999999999");
}

Result<Date> checked_date(Int128 days) {
    if (days < kEpochDayMin || days > kEpochDayMax) return out_of_years();
    return Date{static_cast<int64_t>(days)};
}

/// The same day of another month, or that month's last day.
Result<Date> add_months(Date date, Int128 months) {
    if (months == 0) return date;
    const CivilDate civil = civil_date(date);
    const Int128 total = Int128{civil.year} * 12 + (civil.month - 1) + months;
    Int128 year = total / 12;
    auto month = static_cast<int32_t>(total % 12);
    if (month < 0) {
        month += 12;
        --year;
    }
    if (year < kYearMin || year > kYearMax) return out_of_years();
    const auto year_number = static_cast<int64_t>(year);
    const int32_t day = std::min(civil.day, days_in_month(year_number, month + 1));
    return Date{epoch_day(year_number, month + 1, day)};
}

Result<Date> add_months_and_days(Date date, const Shift& shift) {
    DEED_ASSIGN_OR_RETURN(const Date moved, add_months(date, shift.months));
    return checked_date(moved.days + shift.days);
}

int64_t turn_clock(int64_t nanos_of_day, Int128 nanos) {
    const auto turned = static_cast<int64_t>((nanos_of_day + nanos) % kNanosPerDay);
    return turned < 0 ? turned + kNanosPerDay : turned;
}

Result<LocalDateTime> add_nanos(LocalDateTime value, Int128 nanos) {
    const Int128 total = Int128{value.seconds} * kNanosPerSecond + value.nanos + nanos;
    Int128 seconds = total / kNanosPerSecond;
    auto rest = static_cast<int32_t>(total % kNanosPerSecond);
    if (rest < 0) {
        rest += static_cast<int32_t>(kNanosPerSecond);
        --seconds;
    }
    if (seconds < kEpochSecondMin || seconds > kEpochSecondMax) return out_of_years();
    return LocalDateTime{static_cast<int64_t>(seconds), rest};
}

Result<LocalDateTime> add_calendar_part(LocalDateTime value, const Shift& shift) {
    DEED_ASSIGN_OR_RETURN(const Date date, add_months_and_days(date_of(value), shift));
    return make_local_date_time(date, time_of(value));
}

/// Finds the instant of a local time in the zone of `like`, whose offset is kept where it still
/// holds.
Result<DateTime> place_local(LocalDateTime local, const DateTime& like) {
    DateTime kept{local.seconds - like.offset_seconds, local.nanos, like.offset_seconds, like.zone};
    if (like.zone.empty()) return kept;
    DEED_ASSIGN_OR_RETURN(const int32_t offset, zone_offset_at(like.zone.view(), kept.seconds));
    if (offset == like.offset_seconds) return kept;
    return resolve_in_zone(local, like.zone.view());
}

/// Cuts towards zero, forgiving the last bits of a product such as 0.3 * 10^9.
Int128 cut(long double number) {
    constexpr long double kForgiven = 1.0L / 1024;
    return static_cast<Int128>(number < 0 ? number - kForgiven : number + kForgiven);
}

struct WideParts {
    long double months = 0;
    long double days = 0;
    long double seconds = 0;
    long double nanos = 0;
};

Result<Duration> from_wide(const WideParts& parts) {
    // 2^64: what is larger cannot fit, and the conversions below stay defined.
    constexpr long double kMax = 18'446'744'073'709'551'616.0L;
    const auto bounded = [](long double number) {
        return std::abs(number) < kMax;
    };  // false for NaN
    if (!bounded(parts.months) || !bounded(parts.days) || !bounded(parts.seconds) ||
        !bounded(parts.nanos)) {
        return temporal_overflow("a duration's months, days and seconds each have 64 bits");
    }
    const long double months = std::trunc(parts.months);
    const long double days = std::trunc(parts.days);
    const long double seconds = std::trunc(parts.seconds);
    const Int128 below_day = cut(
        ((parts.months - months) * kSecondsPerMonthMean + (parts.days - days) * kSecondsPerDay) *
        kNanosPerSecond);
    const Int128 clock = static_cast<Int128>(seconds) * kNanosPerSecond +
                         cut((parts.seconds - seconds) * kNanosPerSecond + parts.nanos);
    return DurationSum::make(static_cast<Int128>(months),
                             static_cast<Int128>(days) + below_day / kNanosPerDay,
                             clock + below_day % kNanosPerDay);
}

}  // namespace

Result<Date> add(Date date, const Duration& duration, Sign sign) {
    Shift shift = shift_by(duration, sign);
    shift.days += shift.nanos / kNanosPerDay;
    return add_months_and_days(date, shift);
}

Result<LocalTime> add(LocalTime time, const Duration& duration, Sign sign) {
    return LocalTime{turn_clock(time.nanos_of_day, shift_by(duration, sign).nanos)};
}

Result<Time> add(Time time, const Duration& duration, Sign sign) {
    return Time{turn_clock(time.nanos_of_day, shift_by(duration, sign).nanos), time.offset_seconds};
}

Result<LocalDateTime> add(LocalDateTime value, const Duration& duration, Sign sign) {
    const Shift shift = shift_by(duration, sign);
    DEED_ASSIGN_OR_RETURN(const LocalDateTime moved, add_calendar_part(value, shift));
    return add_nanos(moved, shift.nanos);
}

Result<DateTime> add(const DateTime& value, const Duration& duration, Sign sign) {
    const Shift shift = shift_by(duration, sign);
    DateTime moved = value;
    if (shift.months != 0 || shift.days != 0) {
        DEED_ASSIGN_OR_RETURN(const LocalDateTime local, add_calendar_part(value.local(), shift));
        DEED_ASSIGN_OR_RETURN(moved, place_local(local, value));
    }
    DEED_ASSIGN_OR_RETURN(const LocalDateTime instant,
                          add_nanos({moved.seconds, moved.nanos}, shift.nanos));
    moved.seconds = instant.seconds;
    moved.nanos = instant.nanos;
    if (!moved.zone.empty()) {
        DEED_ASSIGN_OR_RETURN(moved.offset_seconds,
                              zone_offset_at(moved.zone.view(), moved.seconds));
    }
    if (!validate(moved).ok()) return out_of_years();
    return moved;
}

Result<Duration> add(const Duration& a, const Duration& b, Sign sign) {
    const Shift shift = shift_by(b, sign);
    return DurationSum::make(a.months + shift.months, a.days + shift.days,
                             nanos_of(a) + shift.nanos);
}

Result<Duration> multiply(const Duration& duration, int64_t factor) {
    const Int128 seconds = Int128{duration.seconds} * factor;
    constexpr Int128 kMax = Int128{1} << 64;
    if (seconds > kMax || seconds < -kMax) {
        return temporal_overflow("a duration's months, days and seconds each have 64 bits");
    }
    return DurationSum::make(Int128{duration.months} * factor, Int128{duration.days} * factor,
                             seconds * kNanosPerSecond + Int128{duration.nanos} * factor);
}

Result<Duration> multiply(const Duration& duration, double factor) {
    const long double wide = factor;
    return from_wide({wide * duration.months, wide * duration.days, wide * duration.seconds,
                      wide * duration.nanos});
}

Result<Duration> divide(const Duration& duration, int64_t divisor) {
    if (divisor == 0) return internal::division_by_zero();
    // What the whole months and days leave over, as nanoseconds times the divisor: nothing is
    // rounded before the last step.
    const Int128 left_over =
        Int128{duration.months % Int128{divisor}} * kSecondsPerMonthMean * kNanosPerSecond +
        Int128{duration.days % Int128{divisor}} * kNanosPerDay;
    const Int128 carried_days = left_over / divisor / kNanosPerDay;
    const Int128 below_day = left_over - carried_days * kNanosPerDay * divisor;
    return DurationSum::make(Int128{duration.months} / divisor,
                             Int128{duration.days} / divisor + carried_days,
                             (nanos_of(duration) + below_day) / divisor);
}

Result<Duration> divide(const Duration& duration, double divisor) {
    if (divisor == 0) return internal::division_by_zero();
    const long double wide = divisor;
    return from_wide({duration.months / wide, duration.days / wide, duration.seconds / wide,
                      duration.nanos / wide});
}

Result<Duration> make_duration(const DurationParts& parts) {
    return from_wide({parts.months, parts.days, parts.seconds, parts.nanos});
}

}  // namespace deed::value
