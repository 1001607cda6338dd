#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/value/temporal.h"

/// Sums of temporal values and durations. Months are added first (the day is cut to the month's
/// length), then days, then seconds. Results outside the range of years or of 64 bits fail with
/// "TEMPORAL_OVERFLOW". Any thread.
namespace deed::value {

/// Adds or takes away.
enum class Sign : int8_t { kPlus = 1, kMinus = -1 };

/// Seconds count only as whole days, rounded towards zero.
Result<Date> add(Date date, const Duration& duration, Sign sign = Sign::kPlus);
/// Months and days do not matter; the clock goes round.
Result<LocalTime> add(LocalTime time, const Duration& duration, Sign sign = Sign::kPlus);
Result<Time> add(Time time, const Duration& duration, Sign sign = Sign::kPlus);
Result<LocalDateTime> add(LocalDateTime value, const Duration& duration, Sign sign = Sign::kPlus);
/// Months and days move the local clock, seconds the instant: a day over a change to summer time
/// keeps the hour, 24 hours do not.
Result<DateTime> add(const DateTime& value, const Duration& duration, Sign sign = Sign::kPlus);
Result<Duration> add(const Duration& a, const Duration& b, Sign sign = Sign::kPlus);

/// The factor scales each part; fractions of months become days of the mean month, fractions of
/// days seconds. Fractions of nanoseconds are cut off.
Result<Duration> multiply(const Duration& duration, int64_t factor);
Result<Duration> multiply(const Duration& duration, double factor);
/// Fails with "DIVISION_BY_ZERO" on 0.
Result<Duration> divide(const Duration& duration, int64_t divisor);
Result<Duration> divide(const Duration& duration, double divisor);

/// From parts that may have fractions, which flow into the next smaller part as above.
struct DurationParts {
    double months = 0;
    double days = 0;
    double seconds = 0;
    double nanos = 0;
};
Result<Duration> make_duration(const DurationParts& parts);

}  // namespace deed::value
