#include "engine/storage/import/option_text.h"

#include <gtest/gtest.h>

namespace deed::storage::importer {
namespace {

TEST(OptionText, ReadsCharacters) {
    for (const auto& [text, c] : std::vector<std::pair<std::string, char>>{{",", ','},
                                                                           {";", ';'},
                                                                           {"|", '|'},
                                                                           {"TAB", '\t'},
                                                                           {"\\t", '\t'},
                                                                           {"\t", '\t'},
                                                                           {"U+007C", '|'},
                                                                           {"U+9", '\t'},
                                                                           {"\\44", ','},
                                                                           {"\\", '\\'}}) {
        const auto got = parse_character(text, "--delimiter");
        ASSERT_TRUE(got.ok()) << text;
        EXPECT_EQ(*got, c) << text;
    }
    for (const std::string text : {"", "ab", "U+20AC", "U+", "\xE2\x82\xAC", "\\x"}) {
        const auto got = parse_character(text, "--delimiter");
        ASSERT_FALSE(got.ok()) << text;
        EXPECT_TRUE(got.error().message().starts_with("--delimiter: ")) << got.error().message();
    }
}

TEST(OptionText, ReadsGroups) {
    const auto plain = parse_group("a.csv", "--nodes");
    ASSERT_TRUE(plain.ok());
    EXPECT_TRUE(plain->names.empty());
    const auto named = parse_group("Person:Actor=h.csv,dir/p1.csv", "--nodes");
    ASSERT_TRUE(named.ok());
    EXPECT_EQ(named->names, (std::vector<std::string>{"Person", "Actor"}));
    EXPECT_EQ(named->files, (std::vector<std::string>{"h.csv", "dir/p1.csv"}));
    EXPECT_EQ(parse_group(":Person=p.csv", "--nodes")->names[0], "Person");
    EXPECT_EQ(parse_group("./a=b.csv", "--nodes")->files[0], "./a=b.csv");
    EXPECT_EQ(parse_group("T='x{1,2}.csv',y{a,b}.csv", "--nodes")->files,
              (std::vector<std::string>{"x{1,2}.csv", "y{a,b}.csv"}));
    EXPECT_FALSE(parse_group("Person=", "--nodes").ok());
    EXPECT_FALSE(parse_group("Person=a,,b", "--nodes").ok());
    EXPECT_FALSE(parse_group("A::B=a", "--nodes").ok());
}

TEST(OptionText, ReadsMemory) {
    EXPECT_EQ(*parse_memory("10000000", "--memory"), 10'000'000U);
    EXPECT_EQ(*parse_memory("512M", "--memory"), 512ULL << 20);
    EXPECT_EQ(*parse_memory("2g", "--memory"), 2ULL << 30);
    EXPECT_GT(*parse_memory("10%", "--memory"), 0U);
    for (const std::string text : {"", "x", "%", "101%", "0%", "1.5G", "99999999999999999999", "M"})
        EXPECT_FALSE(parse_memory(text, "--memory").ok()) << text;
}

TEST(OptionText, ReadsWords) {
    EXPECT_EQ(*parse_id_type("INTEGER"), IdType::kInteger);
    EXPECT_EQ(*parse_id_type("string"), IdType::kString);
    EXPECT_FALSE(parse_id_type("uuid").ok());
    EXPECT_EQ(*parse_path_patterns("regex"), PathPatterns::kRegex);
    EXPECT_FALSE(parse_path_patterns("sql").ok());
}

}  // namespace
}  // namespace deed::storage::importer
