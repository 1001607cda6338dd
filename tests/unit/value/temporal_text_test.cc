#include "engine/value/temporal_text.h"

#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace deed::value {
namespace {

using Cases = std::vector<std::pair<std::string, std::string>>;

/// What the text parses to, printed; or the reason why it does not.
template <class Parse>
std::string shown(Parse parse, const std::string& text) {
    const auto value = parse(text);
    return value.ok() ? to_iso(*value) : value.error().reason();
}

template <class Parse>
void expect_all(Parse parse, const Cases& cases) {
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(shown(parse, text), expected) << text;
        if (expected != "INVALID_TEMPORAL") {
            EXPECT_EQ(shown(parse, expected), expected);
        }
    }
}

template <class Parse>
void expect_none(Parse parse, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) EXPECT_EQ(shown(parse, text), "INVALID_TEMPORAL") << text;
}

Result<Time> time_at_utc(std::string_view text) {
    return parse_time(text);
}

TEST(DateText, EveryFormOfADate) {
    expect_all(parse_date, {{"2015-07-21", "2015-07-21"},
                            {"20150721", "2015-07-21"},
                            {"2015-07", "2015-07-01"},
                            {"201507", "2015-07-01"},
                            {"2015-W30-2", "2015-07-21"},
                            {"2015W302", "2015-07-21"},
                            {"2015-W30", "2015-07-20"},
                            {"2015W30", "2015-07-20"},
                            {"2015-202", "2015-07-21"},
                            {"2015202", "2015-07-21"},
                            {"2015-Q2-60", "2015-05-30"},
                            {"2015Q260", "2015-05-30"},
                            {"2015-Q2", "2015-04-01"},
                            {"2015", "2015-01-01"},
                            {"-0044-03-15", "-0044-03-15"},
                            {"-44-03-15", "-0044-03-15"},
                            {"0000-01-01", "0000-01-01"},
                            {"+2015-07-21", "2015-07-21"},
                            {"+12345-01-01", "+12345-01-01"},
                            {"-999999999-01-01", "-999999999-01-01"},
                            {"+999999999-12-31", "+999999999-12-31"}});
}

TEST(DateText, RefusesEverythingElse) {
    expect_none(parse_date, {"",
                             "x",
                             "2015-",
                             "2015-7-1",
                             "2015-13-01",
                             "2015-02-29",
                             "2015-00-01",
                             "2015-01-32",
                             "2015-W54-1",
                             "2015-W30-8",
                             "2015-W3",
                             "2015-366",
                             "2015-000",
                             "2015-Q5",
                             "2015-Q2-92",
                             "2015-07-21 ",
                             " 2015",
                             "15-07-21",
                             "2015-07-21T",
                             "2015-0721",
                             "201507-21",
                             "2015W30-2",
                             "+1234567890",
                             "12345-01-01",
                             "2015-07-2\xC3",
                             std::string("2015\0", 5)});
}

TEST(LocalTimeText, EveryForm) {
    expect_all(parse_local_time, {{"21:40:32.142", "21:40:32.142"},
                                  {"214032.142", "21:40:32.142"},
                                  {"21:40:32", "21:40:32"},
                                  {"214032", "21:40:32"},
                                  {"21:40", "21:40"},
                                  {"2140", "21:40"},
                                  {"21", "21:00"},
                                  {"21:40:32,5", "21:40:32.500"},
                                  {"00:00:00.000001", "00:00:00.000001"},
                                  {"23:59:59.999999999", "23:59:59.999999999"}});
    expect_none(parse_local_time,
                {"", "2", "24", "21:60", "21:40:60", "21:4", "21:40:32.", "21:40:32.1234567890",
                 "21:40:", "214", "21403", "21:40Z", "-1:00"});
}

TEST(TimeText, OffsetsOfEveryForm) {
    expect_all(time_at_utc, {{"21:40:32.142+0100", "21:40:32.142+01:00"},
                             {"214032.142Z", "21:40:32.142Z"},
                             {"21:40:32+01:00", "21:40:32+01:00"},
                             {"214032-0100", "21:40:32-01:00"},
                             {"21:40-01:30", "21:40-01:30"},
                             {"2140-00:00", "21:40Z"},
                             {"2140-02", "21:40-02:00"},
                             {"22+18:00", "22:00+18:00"},
                             {"21:40", "21:40Z"},
                             {"21:40+00:53:28", "21:40+00:53:28"},
                             {"21:40-005328", "21:40-00:53:28"}});
    expect_none(time_at_utc, {"21:40+18:01", "21:40+1", "21:40+01:60", "21:40+", "21:40Zx", "Z"});
    EXPECT_EQ(parse_time("21:40", 7200)->offset_seconds, 7200);
    EXPECT_EQ(parse_offset("-18:00").value(), -64'800);
    EXPECT_FALSE(parse_offset("+19").ok());
    EXPECT_EQ(offset_to_iso(-3208), "-00:53:28");
}

TEST(LocalDateTimeText, JoinsDatesAndTimes) {
    expect_all(parse_local_date_time, {{"2015-07-21T21:40:32.142", "2015-07-21T21:40:32.142"},
                                       {"2015-W30-2T214032.142", "2015-07-21T21:40:32.142"},
                                       {"2015-202T21:40:32", "2015-07-21T21:40:32"},
                                       {"2015T214032", "2015-01-01T21:40:32"},
                                       {"20150721T21:40", "2015-07-21T21:40"},
                                       {"2015-W30T2140", "2015-07-20T21:40"},
                                       {"2015202T21", "2015-07-21T21:00"},
                                       {"2015-07-21", "2015-07-21T00:00"},
                                       {"1969-12-31T23:59:59.9", "1969-12-31T23:59:59.900"}});
    expect_none(parse_local_date_time,
                {"2015-07-21T", "2015-07-21 21:40", "2015-07-21T25", "2015-07-21T21:40Z"});
}

TEST(DateTimeText, OffsetsAndZones) {
    expect_all(parse_date_time, {{"2015-07-21T21:40:32.142+0100", "2015-07-21T21:40:32.142+01:00"},
                                 {"2015-W30-2T214032.142Z", "2015-07-21T21:40:32.142Z"},
                                 {"2015T214032-0100", "2015-01-01T21:40:32-01:00"},
                                 {"2015-W30T2140-00:00", "2015-07-20T21:40Z"},
                                 {"2015202T21+18:00", "2015-07-21T21:00+18:00"},
                                 {"2015-07-21", "2015-07-21T00:00Z"},
                                 {"2015-07-21T21:40:32.142+02:00[Europe/Stockholm]",
                                  "2015-07-21T21:40:32.142+02:00[Europe/Stockholm]"},
                                 {"2015-07-21T21:40:32.142+0845[Australia/Eucla]",
                                  "2015-07-21T21:40:32.142+08:45[Australia/Eucla]"},
                                 {"2015-07-21T21:40:32.142-04[America/New_York]",
                                  "2015-07-21T21:40:32.142-04:00[America/New_York]"},
                                 {"2015-07-21T21:40:32.142[Europe/London]",
                                  "2015-07-21T21:40:32.142+01:00[Europe/London]"},
                                 {"1818-07-21T21:40:32.142[Europe/Berlin]",
                                  "1818-07-21T21:40:32.142+00:53:28[Europe/Berlin]"},
                                 {"2015-07-21T21:40[UTC]", "2015-07-21T21:40Z[UTC]"}});
    expect_none(parse_date_time, {"2015-07-21T21:40+03:00[Europe/Stockholm]", "2015-07-21T21:40[",
                                  "2015-07-21T21:40[]", "2015-07-21T21:40+01:00x",
                                  "2015-07-21+01:00", "+999999999-12-31T23:59:59-18:00"});
    for (const char* zone :
         {"Nowhere/Land", "../../etc/passwd", "/etc/passwd", "localtime", "+01:00"}) {
        EXPECT_EQ(shown(parse_date_time, std::string("2015-07-21T21:40[") + zone + "]"),
                  "UNKNOWN_TIME_ZONE");
    }
}

TEST(DateTimeText, AnOffsetChoosesBetweenEqualClockReadings) {
    // On 2015-10-25 the clocks of Stockholm showed 02:30 twice.
    expect_all(
        parse_date_time,
        {{"2015-10-25T02:30[Europe/Stockholm]", "2015-10-25T02:30+02:00[Europe/Stockholm]"},
         {"2015-10-25T02:30+01:00[Europe/Stockholm]", "2015-10-25T02:30+01:00[Europe/Stockholm]"},
         // On 2015-03-29 they never showed 02:30.
         {"2015-03-29T02:30[Europe/Stockholm]", "2015-03-29T03:30+02:00[Europe/Stockholm]"}});
}

TEST(DurationText, UnitsSignsAndFractions) {
    expect_all(parse_duration, {{"P14DT16H12M", "P14DT16H12M"},
                                {"P5M1.5D", "P5M1DT12H"},
                                {"P0.75M", "P22DT19H51M49.5S"},
                                {"PT0.75M", "PT45S"},
                                {"P2.5W", "P17DT12H"},
                                {"P12Y5M14DT16H12M70S", "P12Y5M14DT16H13M10S"},
                                {"P2012-02-02T14:37:21.545", "P2012Y2M2DT14H37M21.545S"},
                                {"P20120202T143721.545", "P2012Y2M2DT14H37M21.545S"},
                                {"P2012-02-02", "P2012Y2M2D"},
                                {"P0.5Y", "P6M"},
                                {"P0.3Y", "P3M18DT6H17M27.6S"},
                                {"P-1D", "P-1D"},
                                {"-P1DT2H", "P-1DT-2H"},
                                {"-P-1D", "P1D"},
                                {"+P1D", "P1D"},
                                {"PT-0.5S", "PT-0.5S"},
                                {"PT-1.5S", "PT-1.5S"},
                                {"PT1M-0.000000001S", "PT59.999999999S"},
                                {"PT-1H30M", "PT-30M"},
                                {"P0D", "PT0S"},
                                {"pt1h", "PT1H"},
                                {"PT1,5S", "PT1.5S"},
                                {"PT9223372036854775807S", "PT2562047788015215H30M7S"},
                                {"P9223372036854775807D", "P9223372036854775807D"},
                                {"P-9223372036854775808D", "P-9223372036854775808D"}});
    expect_none(parse_duration, {"", "P", "PT", "P1", "1D", "P1DT", "P1H", "PT1D", "P1D1Y", "P1D1D",
                                 "P1.D", "P.5D", "P1.1234567890D", "P1D ", "P12345678901234567890D",
                                 "PT1S1M", "P2012-13-02", "P2012-02-02T25", "P2012-02"});
    EXPECT_EQ(shown(parse_duration, "P9223372036854775808D"), "TEMPORAL_OVERFLOW");
    EXPECT_EQ(shown(parse_duration, "P9223372036854775807Y"), "TEMPORAL_OVERFLOW");
}

TEST(DurationText, PrintsEveryPartWithItsOwnSign) {
    EXPECT_EQ(to_iso(Duration{}), "PT0S");
    EXPECT_EQ(to_iso(Duration{149, 14, 58'390, 1}), "P12Y5M14DT16H13M10.000000001S");
    EXPECT_EQ(to_iso(Duration{-6, -15, -63'904, 499'999'998}), "P-6M-15DT-17H-45M-3.500000002S");
    EXPECT_EQ(to_iso(Duration{0, 0, -1, 999'999'999}), "PT-0.000000001S");
    EXPECT_EQ(to_iso(Duration{1, -1, 0, 100'000'000}), "P1M-1DT0.1S");
    const Duration lowest{std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::min(),
                          std::numeric_limits<int64_t>::min(), 0};
    EXPECT_EQ(parse_duration(to_iso(lowest)).value(), lowest);
}

TEST(TemporalText, MessagesNameTheTextButNeverRepeatItsBytes) {
    const auto error = parse_date("x\n\xFF" + std::string(500, 'y')).error();
    EXPECT_LT(error.message().size(), 120U);
    EXPECT_EQ(error.message().substr(0, 6), "'x\?\?yy");
}

}  // namespace
}  // namespace deed::value
