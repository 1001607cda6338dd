#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace deed::value {

inline constexpr int64_t kNanosPerSecond = 1'000'000'000;
inline constexpr int64_t kSecondsPerDay = 86'400;
inline constexpr int64_t kNanosPerDay = kSecondsPerDay * kNanosPerSecond;
inline constexpr int64_t kYearMin = -999'999'999;
inline constexpr int64_t kYearMax = 999'999'999;
/// -999999999-01-01 and 999999999-12-31 as days since 1970-01-01.
inline constexpr int64_t kEpochDayMin = -365'243'219'162;
inline constexpr int64_t kEpochDayMax = 365'241'780'471;
inline constexpr int64_t kEpochSecondMin = kEpochDayMin * kSecondsPerDay;
inline constexpr int64_t kEpochSecondMax = (kEpochDayMax + 1) * kSecondsPerDay - 1;
inline constexpr int32_t kOffsetSecondsMax = 18 * 3600;
/// The mean Gregorian month: 365.2425 days / 12.
inline constexpr int64_t kSecondsPerMonthMean = 2'629'746;

/// A day of the proleptic Gregorian calendar, as days since 1970-01-01.
///
/// Thread safety: the types of this header are value types. Invariants: those that `validate` below
/// states; every parser and every arithmetic function of this room keeps them.
struct Date {
    int64_t days = 0;
    friend auto operator<=>(const Date&, const Date&) = default;
};

/// A time of day without zone.
struct LocalTime {
    int64_t nanos_of_day = 0;
    friend auto operator<=>(const LocalTime&, const LocalTime&) = default;
};

/// A time of day with the offset of its clock from UTC; `nanos_of_day` is what that clock shows.
struct Time {
    int64_t nanos_of_day = 0;
    int32_t offset_seconds = 0;
    friend bool operator==(const Time&, const Time&) = default;
};

/// A day and a time of day without zone: what a clock shows, as if it stood at UTC.
struct LocalDateTime {
    int64_t seconds = 0;  // since 1970-01-01T00:00
    int32_t nanos = 0;    // 0 .. 999,999,999
    friend auto operator<=>(const LocalDateTime&, const LocalDateTime&) = default;
};

/// The IANA name of a time zone ("Europe/Stockholm"), or none. Copies share the text.
class ZoneName {
 public:
    ZoneName() = default;
    /// An empty name is no zone. The name is not looked up; see zone.h.
    explicit ZoneName(std::string_view name)
        : name_(name.empty() ? nullptr : std::make_shared<const std::string>(name)) {}

    [[nodiscard]] bool empty() const { return name_ == nullptr; }
    [[nodiscard]] std::string_view view() const {
        return name_ ? std::string_view(*name_) : std::string_view();
    }
    friend bool operator==(const ZoneName& a, const ZoneName& b) { return a.view() == b.view(); }

 private:
    std::shared_ptr<const std::string> name_;
};

/// An instant, with the offset and perhaps the zone in which it is shown. The offset is kept
/// beside the zone name so that a stored value reads the same under a newer zone database.
struct DateTime {
    int64_t seconds = 0;  // UTC, since 1970-01-01T00:00Z
    int32_t nanos = 0;    // 0 .. 999,999,999
    int32_t offset_seconds = 0;
    ZoneName zone;

    /// What the clock on the wall shows.
    [[nodiscard]] LocalDateTime local() const { return {seconds + offset_seconds, nanos}; }
    friend bool operator==(const DateTime&, const DateTime&) = default;
};

/// An amount of time in three parts that do not convert into each other: a month has no fixed
/// number of days, nor a day of seconds. `nanos` counts forward even where `seconds` is negative.
struct Duration {
    int64_t months = 0;
    int64_t days = 0;
    int64_t seconds = 0;
    int32_t nanos = 0;  // 0 .. 999,999,999
    friend bool operator==(const Duration&, const Duration&) = default;
};

/// Whether the fields lie in their ranges: for numbers that come from outside (wire, disk).
/// A date-time must be in range in UTC and on its local clock; its zone name, where there is one,
/// must have the form of a zone name.
Status validate(Date value);
Status validate(LocalTime value);
Status validate(Time value);
Status validate(LocalDateTime value);
Status validate(const DateTime& value);
Status validate(const Duration& value);

}  // namespace deed::value
