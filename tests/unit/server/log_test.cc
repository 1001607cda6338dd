#include "engine/base/log.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <unistd.h>

namespace deed {
namespace {

std::string read_all(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class LogFile : public testing::Test {
 protected:
    void SetUp() override {
        dir_ =
            std::filesystem::path(testing::TempDir()) / ("deed-log-" + std::to_string(::getpid()));
        std::filesystem::create_directories(dir_);
    }
    void TearDown() override {
        EXPECT_EQ(configure_logging({}), "");
        std::filesystem::remove_all(dir_);
    }
    std::filesystem::path dir_;
};

TEST_F(LogFile, JsonEscapesWhatWouldBreakALine) {
    ASSERT_EQ(configure_logging({.format = "json", .file = dir_ / "a.log"}), "");
    log()->info("a \"quoted\" \\ line\nand more");
    const std::string text = read_all(dir_ / "a.log");
    EXPECT_NE(text.find(R"("level":"info")"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("message":"a \"quoted\" \\ line\u000aand more"})"), std::string::npos)
        << text;
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST_F(LogFile, AMovedFileIsOpenedAgainUnderItsName) {
    ASSERT_EQ(configure_logging({.file = dir_ / "a.log"}), "");
    log()->info("first");
    std::filesystem::rename(dir_ / "a.log", dir_ / "a.log.1");
    log()->info("second");
    reopen_log();
    log()->info("third");
    EXPECT_NE(read_all(dir_ / "a.log.1").find("second"), std::string::npos);
    EXPECT_NE(read_all(dir_ / "a.log").find("third"), std::string::npos);
    EXPECT_EQ(read_all(dir_ / "a.log").find("second"), std::string::npos);
}

TEST_F(LogFile, LevelsHold) {
    ASSERT_EQ(configure_logging({.level = "warn", .file = dir_ / "a.log"}), "");
    log()->info("quiet");
    log()->warn("loud");
    EXPECT_EQ(read_all(dir_ / "a.log").find("quiet"), std::string::npos);
    EXPECT_NE(read_all(dir_ / "a.log").find("loud"), std::string::npos);
}

TEST_F(LogFile, WrongOptionsAreNamed) {
    EXPECT_NE(configure_logging({.level = "noisy"}).find("noisy"), std::string::npos);
    EXPECT_NE(configure_logging({.format = "xml"}).find("xml"), std::string::npos);
    EXPECT_NE(configure_logging({.file = dir_ / "no/such/dir.log"}).find("cannot be opened"),
              std::string::npos);
}

}  // namespace
}  // namespace deed
