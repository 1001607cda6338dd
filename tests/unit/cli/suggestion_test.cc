#include "client/cli/suggestion.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace deed::cli {
namespace {

const std::vector<std::string> kFlags = {"--server", "--timeout", "--data-dir", "--json"};

TEST(Suggestion, FindsSlipsOfTheFinger) {
    EXPECT_EQ(suggestion("--sever", kFlags), "--server");     // a letter missing
    EXPECT_EQ(suggestion("--serverr", kFlags), "--server");   // one too many
    EXPECT_EQ(suggestion("--tiemout", kFlags), "--timeout");  // two swapped
    EXPECT_EQ(suggestion("--data_dir", kFlags), "--data-dir");
    EXPECT_EQ(suggestion("pnig", std::vector<std::string>{"check", "ping"}), "ping");
}

TEST(Suggestion, SaysNothingWhereNothingIsNear) {
    EXPECT_EQ(suggestion("--verbose", kFlags), std::nullopt);
    EXPECT_EQ(suggestion("xyz", std::vector<std::string>{"ping"}), std::nullopt);
    EXPECT_EQ(suggestion("", kFlags), std::nullopt);
    EXPECT_EQ(suggestion(std::string(100'000, 'a'), kFlags), std::nullopt);
    EXPECT_EQ(suggestion("ping", std::vector<std::string>{}), std::nullopt);
}

TEST(Suggestion, PrefersTheNearest) {
    const std::vector<std::string> near = {"--limits", "--limit"};
    EXPECT_EQ(suggestion("--limt", near), "--limit");
}

}  // namespace
}  // namespace deed::cli
