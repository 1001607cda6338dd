#include "engine/base/log.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <unistd.h>

namespace deed {
namespace {

class LogTest : public testing::Test {
 protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() /
                  ("deed-log-test-" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
        file_ = folder_ / "deed.log";
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    static std::string read(const std::filesystem::path& path) {
        std::stringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }

    std::filesystem::path folder_;
    std::filesystem::path file_;
};

TEST_F(LogTest, JsonLinesEscapeWhatTheMessageHolds) {
    ASSERT_EQ(configure_logging({.level = "info", .format = "json", .file = file_.string()}), "");
    log()->info("said \"hello\"\nand left");
    log()->debug("below the level");
    log()->flush();
    const std::string text = read(file_);
    EXPECT_NE(text.find("said \\\"hello\\\""), std::string::npos) << text;
    EXPECT_EQ(text.find("below"), std::string::npos);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST_F(LogTest, ReopenFollowsTheNameAfterRotation) {
    ASSERT_EQ(configure_logging({.level = "info", .format = "text", .file = file_.string()}), "");
    log()->info("before");
    log()->flush();
    std::filesystem::rename(file_, folder_ / "deed.log.1");
    reopen_log();
    log()->info("after");
    log()->flush();
    EXPECT_NE(read(folder_ / "deed.log.1").find("before"), std::string::npos);
    EXPECT_NE(read(file_).find("after"), std::string::npos);
    EXPECT_EQ(read(file_).find("before"), std::string::npos);
}

TEST_F(LogTest, BadOptionsAreNamed) {
    EXPECT_NE(configure_logging({.level = "loud"}).find("loud"), std::string::npos);
    EXPECT_NE(configure_logging({.format = "xml"}).find("xml"), std::string::npos);
    EXPECT_NE(configure_logging({.file = "/nonexistent-folder/x.log"}).find("nonexistent-folder"),
              std::string::npos);
}

}  // namespace
}  // namespace deed
