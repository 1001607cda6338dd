#include "client/cli/stats_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace deed::cli {
namespace {

using testing::HasSubstr;

TEST(StatsText, BytesAreShortAndNeverRoundUpToTheNextUnit) {
    EXPECT_EQ(format_bytes(0), "0 B");
    EXPECT_EQ(format_bytes(1023), "1023 B");
    EXPECT_EQ(format_bytes(1024), "1.00 KiB");
    EXPECT_EQ(format_bytes(10 * 1024), "10.0 KiB");
    EXPECT_EQ(format_bytes((1 << 20) - 1), "1.00 MiB");
    EXPECT_EQ(format_bytes(1536ULL << 20), "1.50 GiB");
    EXPECT_EQ(format_bytes(UINT64_MAX), "16.0 EiB");
}

TEST(StatsText, JsonEscapesNames) {
    EXPECT_EQ(json_string("plain"), "\"plain\"");
    EXPECT_EQ(json_string("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000a\"");
    EXPECT_EQ(json_string("\xc3\xa5"), "\"\xc3\xa5\"");
}

TEST(StatsText, JsonHoldsCountsByName) {
    RemoteStats stats;
    stats.engine.entity_count = 3;
    stats.engine.labels = {{"Per\"son", 2}, {"User", 1}};
    stats.requests_total = 9;
    const std::string json = stats_as_json(stats);
    EXPECT_THAT(json, HasSubstr("\"entity_count\": 3,"));
    EXPECT_THAT(json, HasSubstr(R"("labels": {"Per\"son": 2, "User": 1})"));
    EXPECT_THAT(json, HasSubstr("\"types\": {}}"));
}

TEST(StatsText, TextAlignsItsFigures) {
    RemoteStats stats;
    stats.engine.entity_count = 12;
    stats.engine.labels = {{"User", 12}};
    const std::string text = stats_as_text(stats);
    EXPECT_THAT(text, HasSubstr("nodes               12\n"));
    EXPECT_THAT(text, HasSubstr("  label User        12\n"));
}

}  // namespace
}  // namespace deed::cli
