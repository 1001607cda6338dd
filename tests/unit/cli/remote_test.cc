#include "client/cli/remote.h"

#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace deed::cli {
namespace {

using testing::HasSubstr;

TEST(RemoteAddress, ThePortMayBeLeftOut) {
    EXPECT_EQ(parse_address("localhost").value(), "localhost:7687");
    EXPECT_EQ(parse_address("10.0.0.7:1234").value(), "10.0.0.7:1234");
    EXPECT_EQ(parse_address("[::1]").value(), "[::1]:7687");
    EXPECT_EQ(parse_address("[::1]:80").value(), "[::1]:80");
}

TEST(RemoteAddress, WhatIsNoAddressIsRefused) {
    for (const char* bad : {"", ":7687", "host:", "host:0", "host:65536", "host:12x", "::1",
                            "http://host:7687", "[::1", "[::1]x:80", "host:999999999999"}) {
        const auto parsed = parse_address(bad);
        ASSERT_FALSE(parsed.ok()) << bad;
        EXPECT_EQ(parsed.error().reason(), "INVALID_ADDRESS") << bad;
        EXPECT_EQ(parsed.error().field(), "server") << bad;
    }
}

TEST(Remote, WhereNothingListensTheErrorSaysWhatToDo) {
    // Port 1 is reserved and nothing listens there.
    Remote remote("127.0.0.1:1", std::chrono::seconds(30));
    const auto answer = remote.ping();
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().code(), ErrorCode::kUnavailable);
    EXPECT_EQ(answer.error().reason(), "CONNECTION_FAILED");
    EXPECT_THAT(answer.error().message(), HasSubstr("nothing answers at 127.0.0.1:1"));
    EXPECT_THAT(answer.error().message(), HasSubstr("deed-server"));
    EXPECT_THAT(answer.error().message(), HasSubstr("--server"));
}

}  // namespace
}  // namespace deed::cli
