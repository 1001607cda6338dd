#pragma once

#include <cstdint>
#include <limits>

#include "engine/base/result.h"
#include "engine/value/internal/errors.h"
#include "engine/value/internal/int128.h"
#include "engine/value/temporal.h"

namespace deed::value::internal {

/// Adds up the parts of a duration exactly. Fractions are given in billionths and flow down: of a
/// year into months, of a month into days of the mean month, of a day into seconds.
///
/// Thread safety: none needed; a local variable. Invariants: no sum can overflow 128 bits, because
/// at most a handful of amounts of at most 19 digits are added.
class DurationSum {
 public:
    void add_years(Int128 whole, int64_t billionths) {
        months_ += whole * 12;
        month_billionths_ += Int128{billionths} * 12;
    }
    void add_months(Int128 whole, int64_t billionths) {
        months_ += whole;
        month_billionths_ += billionths;
    }
    void add_weeks(Int128 whole, int64_t billionths) {
        days_ += whole * 7;
        day_billionths_ += Int128{billionths} * 7;
    }
    void add_days(Int128 whole, int64_t billionths) {
        days_ += whole;
        day_billionths_ += billionths;
    }
    void add_hours(Int128 whole, int64_t billionths) { add_clock(whole, billionths, 3600); }
    void add_minutes(Int128 whole, int64_t billionths) { add_clock(whole, billionths, 60); }
    void add_seconds(Int128 whole, int64_t billionths) { add_clock(whole, billionths, 1); }
    void add_nanos(int64_t nanos) { nanos_ += nanos; }

    void negate() {
        months_ = -months_;
        month_billionths_ = -month_billionths_;
        days_ = -days_;
        day_billionths_ = -day_billionths_;
        nanos_ = -nanos_;
    }

    /// The duration, or "TEMPORAL_OVERFLOW" where a part leaves 64 bits.
    [[nodiscard]] Result<Duration> finish() const {
        constexpr Int128 kBillion = 1'000'000'000;
        const Int128 months = months_ + month_billionths_ / kBillion;
        // A billionth of a second is a nanosecond, so these products are exact.
        const Int128 below_day =
            month_billionths_ % kBillion * kSecondsPerMonthMean + day_billionths_ * kSecondsPerDay;
        const Int128 days = days_ + below_day / kNanosPerDay;
        return make(months, days, nanos_ + below_day % kNanosPerDay);
    }

    /// From whole parts, of which the last is in nanoseconds.
    static Result<Duration> make(Int128 months, Int128 days, Int128 nanos) {
        Int128 seconds = nanos / kNanosPerSecond;
        Int128 rest = nanos % kNanosPerSecond;
        if (rest < 0) {
            rest += kNanosPerSecond;
            --seconds;
        }
        if (!fits(months) || !fits(days) || !fits(seconds)) {
            return temporal_overflow("a duration's months, days and seconds each have 64 bits");
        }
        return Duration{static_cast<int64_t>(months), static_cast<int64_t>(days),
                        static_cast<int64_t>(seconds), static_cast<int32_t>(rest)};
    }

    [[nodiscard]] static bool fits(Int128 number) {
        return number >= std::numeric_limits<int64_t>::min() &&
               number <= std::numeric_limits<int64_t>::max();
    }

 private:
    void add_clock(Int128 whole, int64_t billionths, int64_t seconds) {
        nanos_ += whole * seconds * kNanosPerSecond + Int128{billionths} * seconds;
    }

    Int128 months_ = 0;
    Int128 month_billionths_ = 0;
    Int128 days_ = 0;
    Int128 day_billionths_ = 0;
    Int128 nanos_ = 0;
};

}  // namespace deed::value::internal
