#include "engine/value/zone.h"

#include <gtest/gtest.h>
#include <string>

#include "engine/value/temporal_text.h"

namespace deed::value {
namespace {

TEST(Zone, NamesHaveAForm) {
    for (const char* name :
         {"UTC", "Europe/Stockholm", "America/Argentina/Buenos_Aires", "Etc/GMT+1"}) {
        EXPECT_TRUE(is_zone_name(name)) << name;
    }
    for (const char* name : {"", "/Europe", "Europe/..", "a b", "+01:00", "Fixed/UTC+01:00:00"}) {
        EXPECT_FALSE(is_zone_name(name)) << name;
    }
    EXPECT_FALSE(is_zone_name(std::string(kZoneNameBytesMax + 1, 'a')));
}

TEST(Zone, FindsOnlyWhatTheDatabaseHas) {
    EXPECT_TRUE(check_zone("Asia/Tokyo").ok());
    EXPECT_TRUE(check_zone("UTC").ok());
    EXPECT_EQ(check_zone("Asia").error().reason(), "UNKNOWN_TIME_ZONE");
    EXPECT_EQ(check_zone("Asia/Nowhere").error().reason(), "UNKNOWN_TIME_ZONE");
}

TEST(Zone, OffsetsChangeWithTheInstant) {
    EXPECT_EQ(zone_offset_at("Europe/Stockholm", 1'420'070'400).value(), 3600);  // 2015-01-01
    EXPECT_EQ(zone_offset_at("Europe/Stockholm", 1'435'708'800).value(), 7200);  // 2015-07-01
    // Far beyond the table's last entry its rule goes on.
    EXPECT_EQ(zone_offset_at("Europe/Stockholm", kEpochSecondMax).value(), 3600);
    EXPECT_TRUE(zone_offset_at("Europe/Stockholm", kEpochSecondMin).ok());
}

TEST(Zone, AnInstantMovesBetweenZones) {
    const DateTime instant = *parse_date_time("2015-07-21T21:40+02:00[Europe/Stockholm]");
    EXPECT_EQ(to_iso(*at_zone(instant, "America/New_York")),
              "2015-07-21T15:40-04:00[America/New_York]");
    EXPECT_FALSE(at_zone(DateTime{kEpochSecondMax, 0, 0, ZoneName()}, "Asia/Tokyo").ok());
}

}  // namespace
}  // namespace deed::value
