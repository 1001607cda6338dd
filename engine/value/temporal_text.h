#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/value/temporal.h"

/// Temporal values as ISO 8601 text, in the extended and basic forms that Cypher's temporal
/// functions read. Parsers take the whole text or fail with "INVALID_TEMPORAL"; they accept any
/// bytes. Every formatter writes what the matching parser reads back to the same value. Any thread.
namespace deed::value {

/// `2015-07-21`, `20150721`, `2015-07`, `2015-W30-2`, `2015-202`, `2015-Q2-60`, `2015`, and years
/// with sign and up to nine digits.
Result<Date> parse_date(std::string_view text);
/// `21:40:32.142`, `214032.142`, `21:40`, `21`.
Result<LocalTime> parse_local_time(std::string_view text);
/// A local time and an offset (`Z`, `+01`, `+0100`, `+01:00`, `+01:00:30`); `default_offset` where
/// the text has none.
Result<Time> parse_time(std::string_view text, int32_t default_offset = 0);
/// Date, `T`, time; midnight where only the date is given.
Result<LocalDateTime> parse_local_date_time(std::string_view text);
/// Date, `T`, time, offset, `[Zone/Name]`; UTC where neither offset nor zone is given. A given
/// offset must be one that the zone has at that moment; it chooses between two equal clock
/// readings.
Result<DateTime> parse_date_time(std::string_view text);
/// `P1Y2M3W4DT5H6M7.8S`, each part with its own sign and fraction, or `P2012-02-02T14:37:21.545`.
Result<Duration> parse_duration(std::string_view text);
/// An offset alone, in seconds.
Result<int32_t> parse_offset(std::string_view text);

[[nodiscard]] std::string to_iso(Date value);
[[nodiscard]] std::string to_iso(LocalTime value);
[[nodiscard]] std::string to_iso(Time value);
[[nodiscard]] std::string to_iso(LocalDateTime value);
[[nodiscard]] std::string to_iso(const DateTime& value);
[[nodiscard]] std::string to_iso(const Duration& value);
/// `Z`, `+01:00`, `-00:53:28`.
[[nodiscard]] std::string offset_to_iso(int32_t offset_seconds);

}  // namespace deed::value
