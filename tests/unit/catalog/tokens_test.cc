#include "engine/catalog/tokens.h"

#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

namespace deed::catalog {
namespace {

TEST(TokenTable, GivesDenseNumbersInOrderAndTheSameOnesAgain) {
    TokenTable table(TokenKind::kLabel, 100);
    EXPECT_EQ(table.intern("Person").value(), 0U);
    EXPECT_EQ(table.intern("City").value(), 1U);
    EXPECT_EQ(table.intern("Person").value(), 0U);
    EXPECT_EQ(table.size(), 2U);
    EXPECT_EQ(table.name(0), "Person");
    EXPECT_EQ(table.name(1), "City");
    EXPECT_EQ(table.find("City"), 1U);
    EXPECT_EQ(table.find("city"), std::nullopt) << "names are case-sensitive";
    EXPECT_EQ(table.find(""), std::nullopt);
}

TEST(TokenTable, KeepsViewsValidWhileItGrows) {
    TokenTable table(TokenKind::kPropertyKey, 100'000);
    ASSERT_TRUE(table.intern("first").ok());
    const std::string_view first = table.name(0);
    for (int i = 0; i < 20'000; ++i) {
        ASSERT_EQ(table.intern("key" + std::to_string(i)).value(), static_cast<uint32_t>(i + 1));
    }
    EXPECT_EQ(first, "first");
    EXPECT_EQ(first.data(), table.name(0).data());
    for (int i = 0; i < 20'000; ++i) {
        const std::string name = "key" + std::to_string(i);
        ASSERT_EQ(table.find(name), static_cast<uint32_t>(i + 1));
        ASSERT_EQ(table.name(static_cast<uint32_t>(i + 1)), name);
    }
}

TEST(TokenTable, RefusesTheNameThatIsOneTooMany) {
    TokenTable table(TokenKind::kType, 2);
    ASSERT_TRUE(table.intern("A").ok());
    ASSERT_TRUE(table.intern("B").ok());
    const auto refused = table.intern("C");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), ErrorCode::kLimitExceeded);
    EXPECT_EQ(refused.error().reason(), "LIMIT_TYPES");
    EXPECT_EQ(refused.error().field(), "type");
    EXPECT_EQ(refused.error().message(),
              "the database has 2 relationship types, which is the most it can have; use one that "
              "exists instead of the new 'C'");
    EXPECT_EQ(table.intern("B").value(), 1U) << "known names still work";
}

TEST(TokenTable, TellsWhatACommitMustStore) {
    TokenTable table(TokenKind::kLabel, 10);
    for (const char* name : {"A", "B", "C"}) ASSERT_TRUE(table.intern(name).ok());
    const std::vector<Token> tokens = table.since(1);
    ASSERT_EQ(tokens.size(), 2U);
    EXPECT_EQ(tokens[0].id, 1U);
    EXPECT_EQ(tokens[0].name, "B");
    EXPECT_EQ(tokens[1].kind, TokenKind::kLabel);
    EXPECT_TRUE(table.since(3).empty());
}

TEST(TokenTable, RestoresWhatWasStoredAlsoTwice) {
    TokenTable table(TokenKind::kLabel, 10);
    EXPECT_TRUE(table.restore(0, "A").ok());
    EXPECT_TRUE(table.restore(1, "B").ok());
    EXPECT_TRUE(table.restore(0, "A").ok());
    EXPECT_EQ(table.find("B"), 1U);
}

TEST(TokenTable, ReportsAContradictionAsCorruption) {
    TokenTable table(TokenKind::kLabel, 10);
    ASSERT_TRUE(table.restore(0, "A").ok());
    for (const auto& [id, name] :
         {std::pair<uint32_t, std::string_view>{0, "B"}, {1, "A"}, {2, "C"}}) {
        const Status status = table.restore(id, name);
        ASSERT_FALSE(status.ok()) << id << " " << name;
        EXPECT_EQ(status.error().code(), ErrorCode::kCorruption);
        EXPECT_EQ(status.error().reason(), "CORRUPT_TOKEN");
    }
    EXPECT_EQ(
        table.restore(2, "C").error().message(),
        "the stored label number 2 is 'C', but number 1 was not stored before it; restore the "
        "database from a backup");
    EXPECT_EQ(table.size(), 1U);
}

TEST(Catalog, KeepsTheThreeKindsOfNamesApart) {
    Catalog catalog;
    EXPECT_EQ(catalog.labels.intern("X").value(), 0U);
    EXPECT_EQ(catalog.types.intern("X").value(), 0U);
    EXPECT_EQ(catalog.property_keys.intern("Y").value(), 0U);
    EXPECT_EQ(catalog.property_keys.find("X"), std::nullopt);
}

}  // namespace
}  // namespace deed::catalog
