#include "engine/value/zone.h"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>
#include <algorithm>
#include <cstdlib>
#include <string>
#include <sys/stat.h>

#include "engine/value/internal/errors.h"

namespace deed::value {

namespace {

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '/';
}

Error unknown_zone(std::string_view name) {
    return {ErrorCode::kInvalidArgument, "UNKNOWN_TIME_ZONE",
            "no time zone '" + std::string(name.substr(0, kZoneNameBytesMax)) +
                "'; use an IANA name such as Europe/Stockholm, or an offset such as +01:00"};
}

/// Whether the zone database has a file of this name. Asked before the library, because the library
/// remembers every name that it was ever asked for, and would read files anywhere on the disk.
bool has_zone_file(const std::string& name) {
    const char* folder = std::getenv("TZDIR");
    const std::string path =
        std::string(folder != nullptr && *folder != '\0' ? folder : "/usr/share/zoneinfo") + "/" +
        name;
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

Result<absl::TimeZone> find_zone(std::string_view name) {
    if (name == "UTC") return absl::UTCTimeZone();
    // `localtime` is whatever this machine is set to: no zone that a stored value could mean.
    if (!is_zone_name(name) || name == "localtime" || name == "posixrules")
        return unknown_zone(name);
    const std::string text(name);
    absl::TimeZone zone;
    if (!has_zone_file(text) || !absl::LoadTimeZone(text, &zone)) return unknown_zone(name);
    return zone;
}

absl::CivilSecond civil_second(int64_t seconds) {
    return absl::CivilSecond(1970, 1, 1) + seconds;
}

}  // namespace

bool is_zone_name(std::string_view name) {
    return !name.empty() && name.size() <= kZoneNameBytesMax && name.front() != '/' &&
           std::all_of(name.begin(), name.end(), is_name_character);
}

Status check_zone(std::string_view name) {
    auto zone = find_zone(name);
    if (!zone.ok()) return std::move(zone).error();
    return {};
}

Result<int32_t> zone_offset_at(std::string_view name, int64_t utc_seconds) {
    DEED_ASSIGN_OR_RETURN(const absl::TimeZone zone, find_zone(name));
    return zone.At(absl::FromUnixSeconds(utc_seconds)).offset;
}

Result<DateTime> resolve_in_zone(LocalDateTime local, std::string_view name) {
    DEED_ASSIGN_OR_RETURN(const absl::TimeZone zone, find_zone(name));
    const absl::Time instant = zone.At(civil_second(local.seconds)).pre;
    DateTime result{absl::ToUnixSeconds(instant), local.nanos, zone.At(instant).offset,
                    ZoneName(name)};
    DEED_RETURN_IF_ERROR(validate(result));
    return result;
}

Result<DateTime> at_zone(const DateTime& instant, std::string_view name) {
    DEED_ASSIGN_OR_RETURN(const int32_t offset, zone_offset_at(name, instant.seconds));
    DateTime result{instant.seconds, instant.nanos, offset, ZoneName(name)};
    DEED_RETURN_IF_ERROR(validate(result));
    return result;
}

}  // namespace deed::value
