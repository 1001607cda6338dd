#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/result.h"
#include "engine/value/temporal.h"

/// Named time zones, from the machine's zone database (`TZDIR`, else the system's). This is the
/// only door to it, so that nothing else knows which library reads the files. Any thread.
namespace deed::value {

inline constexpr size_t kZoneNameBytesMax = 64;

/// Whether the text could be a zone's name: letters, digits, `_ + - /`, no leading slash, no `..`.
/// Says nothing of whether the zone exists, so stored values survive a change of the database.
[[nodiscard]] bool is_zone_name(std::string_view name);

/// Ok where the zone database has this zone; else "UNKNOWN_TIME_ZONE".
Status check_zone(std::string_view name);

/// The zone's offset from UTC at an instant.
Result<int32_t> zone_offset_at(std::string_view name, int64_t utc_seconds);

/// The instant at which the zone's clocks show `local`. Where they show it twice, the earlier;
/// where they skip it, the offset from before the gap is used, so the result lies behind the gap.
Result<DateTime> resolve_in_zone(LocalDateTime local, std::string_view name);

/// The same instant seen in the zone.
Result<DateTime> at_zone(const DateTime& instant, std::string_view name);

}  // namespace deed::value
