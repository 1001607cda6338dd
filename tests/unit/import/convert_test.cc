#include "engine/storage/import/convert.h"

#include <cmath>
#include <gtest/gtest.h>

namespace deed::storage::importer {
namespace {

using value::Value;

/// The value's text, "absent", or "!" and the message.
std::string converted(const std::string& column, const std::string& text, bool quoted = false,
                      ConvertOptions options = {}) {
    const std::vector<Field> fields = {{column, 1, false}};
    const auto header = parse_header(fields, EntityKind::kNode, false, "f.csv:1");
    if (!header.ok()) return "!" + header.error().message();
    const Converter converter(&header->columns[0], options);
    Value value;
    Fault fault;
    if (!converter.convert({text, 7, quoted}, false, value, fault)) {
        EXPECT_EQ(fault.column, 7U);
        EXPECT_EQ(fault.field, "p");
        return "!" + fault.message;
    }
    return value.is_null() ? "absent"
                           : std::string(value::type_name(value.type())) + " " + value.to_string();
}

struct Case {
    std::string column;
    std::string text;
    std::string value;
};

TEST(Convert, ReadsEveryType) {
    const std::vector<Case> cases = {
        {"p", "abc", "STRING 'abc'"},
        {"p", "", "absent"},
        {"p", " a ", "STRING ' a '"},
        {"p:int", "42", "INTEGER 42"},
        {"p:int", " -7 ", "INTEGER -7"},
        {"p:int", "+7", "INTEGER 7"},
        {"p:long", "9223372036854775807", "INTEGER 9223372036854775807"},
        {"p:long", "-9223372036854775808", "INTEGER -9223372036854775808"},
        {"p:long", "000000000000000000000042", "INTEGER 42"},
        {"p:byte", "300", "INTEGER 300"},
        {"p:short", "", "absent"},
        {"p:int", "  ", "absent"},
        {"p:double", "1.5", "FLOAT 1.5"},
        {"p:float", "-2e3", "FLOAT -2000.0"},
        {"p:double", "7", "FLOAT 7.0"},
        {"p:boolean", "true", "BOOLEAN true"},
        {"p:boolean", "FALSE", "BOOLEAN false"},
        {"p:char", "x", "STRING 'x'"},
        {"p:char", "\xC3\xA9", "STRING '\xC3\xA9'"},
        {"p:date", "2017-05-05", "DATE date('2017-05-05')"},
        {"p:localtime", "12:30:01", "LOCAL TIME localtime('12:30:01')"},
        {"p:time", "12:30+02:00", "ZONED TIME time('12:30+02:00')"},
        {"p:time{timezone:+02:00}", "12:30", "ZONED TIME time('12:30+02:00')"},
        {"p:time{timezone:+02:00}", "12:30Z", "ZONED TIME time('12:30Z')"},
        {"p:localdatetime", "2018-05-10T10:30", "LOCAL DATETIME localdatetime('2018-05-10T10:30')"},
        {"p:datetime", "2018-05-10T10:30Z", "ZONED DATETIME datetime('2018-05-10T10:30Z')"},
        {"p:datetime{timezone:+02:00}", "2018-05-10T10:30",
         "ZONED DATETIME datetime('2018-05-10T10:30+02:00')"},
        {"p:datetime{timezone:Europe/Stockholm}", "2018-05-10T10:30",
         "ZONED DATETIME datetime('2018-05-10T10:30+02:00[Europe/Stockholm]')"},
        {"p:datetime{timezone:Europe/Stockholm}", "2018-05-10T10:30Z",
         "ZONED DATETIME datetime('2018-05-10T10:30Z')"},
        {"p:duration", "P1Y2M3DT4H", "DURATION duration('P1Y2M3DT4H')"},
        {"p:int[]", "1;2;3", "LIST [1, 2, 3]"},
        {"p:string[]", "a;;b", "LIST ['a', '', 'b']"},
        {"p:string[]", "", "absent"},
        {"p:double[]", "1;2.5", "LIST [1.0, 2.5]"},
    };
    for (const Case& each : cases) {
        // Names of types are the value room's; what is compared is their value.
        const std::string got = converted(each.column, each.text);
        const auto tail = [](const std::string& text) {
            const size_t open = text.find_first_of("('[0123456789-tf");
            return open == std::string::npos ? text : text.substr(open);
        };
        EXPECT_EQ(tail(got), tail(each.value)) << each.column << " <- " << each.text << ": " << got;
    }
}

TEST(Convert, SaysWhatIsWrong) {
    const std::vector<Case> cases = {
        {"p:int", "12x", "\"12x\" is not an integer"},
        {"p:int", "1.5", "is not an integer; correct it, or declare the column as double"},
        {"p:long", "9223372036854775808", "does not fit into 64 bits"},
        {"p:int", "-", "is not an integer"},
        {"p:int", "+-5", "is not an integer"},
        {"p:int", "+-50000000000000000000", "is not an integer"},
        {"p:double", "1,5", "is not a number"},
        {"p:double", "x", "is not a number"},
        {"p:boolean", "yes", "neither true nor false"},
        {"p:char", "ab", "not one character"},
        {"p:date", "2017-13-05", "is not a date"},
        {"p:datetime", "soon", "is not a datetime"},
        {"p:duration", "5 days", "is not a duration"},
        {"p:point", "1,2", "a point is written"},
        {"p:point", "{x:1}", "needs x and y"},
        {"p:point", "{x:1, y:2, w:3}", "is no part of a point"},
        {"p:point", "{x:1, y:b}", "is not a number"},
        {"p:point", "{x:1, y:2, crs:'moon'}", "no coordinate system"},
        {"p:int[]", "1;x", "\"x\" is not an integer"},
        {"p:int[]", "1;;2", "element 2 of the list is empty"},
        {"p", std::string("a\0b", 3), "NUL byte"},
        {"p", "caf\xE9", "is not UTF-8"},
        {"p:int", "caf\xE9", "is not UTF-8"},
    };
    for (const Case& each : cases) {
        const std::string got = converted(each.column, each.text);
        EXPECT_TRUE(got.starts_with("!")) << each.column << " <- " << each.text << ": " << got;
        EXPECT_NE(got.find(each.value), std::string::npos) << got;
    }
}

TEST(Convert, ObeysItsOptions) {
    EXPECT_EQ(converted("p", "", true), "STRING ''");
    EXPECT_EQ(converted("p", "", true, {.ignore_empty_strings = true}), "absent");
    EXPECT_EQ(converted("p:int", "", true), "absent");
    EXPECT_EQ(converted("p", " a\t", false, {.trim_strings = true}), "STRING 'a'");
    EXPECT_EQ(converted("p:int[]", "1|2", false, {.array_delimiter = '|'}).substr(0, 4), "LIST");
    EXPECT_TRUE(converted("p:byte", "128", false, {.normalize_types = false}).starts_with("!"));
    EXPECT_EQ(converted("p:byte", "-128", false, {.normalize_types = false}), "INTEGER -128");
    EXPECT_TRUE(
        converted("p:int", "2147483648", false, {.normalize_types = false}).starts_with("!"));
}

TEST(Convert, ReadsPoints) {
    const auto flat = parse_point("{x: 1.5, y: -2}", "");
    ASSERT_TRUE(flat.ok()) << flat.error().to_string();
    EXPECT_EQ(flat->srid(), value::Srid::kCartesian);
    EXPECT_EQ(flat->y(), -2);
    const auto earth = parse_point("{latitude:55.6121514, longitude:12.9950357}", "");
    ASSERT_TRUE(earth.ok());
    EXPECT_EQ(earth->srid(), value::Srid::kWgs84);
    EXPECT_EQ(earth->x(), 12.9950357);
    const auto defaulted = parse_point("{y:51.507222, x:-0.1275}", "WGS-84");
    ASSERT_TRUE(defaulted.ok());
    EXPECT_EQ(defaulted->srid(), value::Srid::kWgs84);
    const auto high =
        parse_point("{latitude:37.55, longitude:-122.31, height: 100, crs:'WGS-84-3D'}", "WGS-84");
    ASSERT_TRUE(high.ok()) << high.error().to_string();
    EXPECT_EQ(high->srid(), value::Srid::kWgs84_3d);
    EXPECT_EQ(high->z(), 100);
    const auto numbered = parse_point("{x:1, y:2, srid:4326}", "");
    ASSERT_TRUE(numbered.ok());
    EXPECT_EQ(numbered->srid(), value::Srid::kWgs84);
    EXPECT_FALSE(parse_point("{latitude: 91, longitude: 0}", "").ok());
}

TEST(Convert, ShowsFieldsSafely) {
    EXPECT_EQ(shown("a\nb"), "\"a\\x0ab\"");
    EXPECT_EQ(shown("\xFF"), "\"\\xff\"");
    EXPECT_EQ(shown(std::string(200, 'x')), "\"" + std::string(60, 'x') + "...\"");
}

}  // namespace
}  // namespace deed::storage::importer
