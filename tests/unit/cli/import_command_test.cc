#include "client/cli/import_command.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "client/cli/import_progress.h"

namespace deed::cli {
namespace {

struct Outcome {
    int code = 0;
    std::string out;
    std::string err;
};

class ImportCommandTest : public testing::Test {
 protected:
    ImportCommandTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "deed-cli-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~ImportCommandTest() override {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    std::string write(const std::string& name, const std::string& text) {
        std::ofstream(folder_ + "/" + name) << text;
        return folder_ + "/" + name;
    }

    [[nodiscard]] std::string data() const { return folder_ + "/data"; }

    static Outcome run(std::vector<std::string> words) {
        CLI::App app("test");
        ImportCommand command;
        command.declare(app);
        words.insert(words.begin(), "import");
        std::vector<const char*> arguments;
        for (const std::string& word : words) arguments.push_back(word.c_str());
        app.parse(static_cast<int>(arguments.size()), arguments.data());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        Outcome outcome;
        outcome.code = command.run();
        outcome.out = testing::internal::GetCapturedStdout();
        outcome.err = testing::internal::GetCapturedStderr();
        return outcome;
    }

 private:
    std::string folder_;
};

TEST_F(ImportCommandTest, ImportsAndSaysWhatItDid) {
    const Outcome outcome = run(
        {"--data-dir", data(), "--delimiter=|",
         "--nodes=Person:Actor=" + write("h.csv", "a:ID|b\n") + "," + write("p.csv", "1|x\n2|y\n"),
         "--relationships=KNOWS=" + write("k.csv", ":START_ID|:END_ID\n1|2\n"), "--relationships",
         write("l.csv", ":START_ID|:END_ID|:TYPE\n2|1|LIKES\n")});
    EXPECT_EQ(outcome.code, kExitGood) << outcome.err;
    EXPECT_NE(outcome.out.find("nodes=2 relationships=2 properties=4 labels=2 types=2 bad=0"),
              std::string::npos)
        << outcome.out;
}

TEST_F(ImportCommandTest, NamesTheFirstBadLineAndLeavesNothing) {
    const Outcome outcome =
        run({"--data-dir=" + data(), "--nodes", write("n.csv", "id:ID,age:int\n1,2\n2,old\n")});
    EXPECT_EQ(outcome.code, kExitFailed);
    EXPECT_NE(outcome.err.find("n.csv:3:3: age: \"old\" is not an integer"), std::string::npos)
        << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(data()));
}

TEST_F(ImportCommandTest, TakesFlagsWithValues) {
    const std::string nodes = write("n.csv", "id:ID,age:byte\n1,200\n1,3\n");
    EXPECT_EQ(run({"--data-dir=" + data(), "--nodes=" + nodes, "--normalize-types=false",
                   "--skip-duplicate-nodes"})
                  .code,
              kExitFailed);
    const Outcome good = run({"--data-dir=" + data(), "--nodes=" + nodes,
                              "--skip-duplicate-nodes=true", "--threads=1", "--memory=64M"});
    EXPECT_EQ(good.code, kExitGood) << good.err;
    EXPECT_NE(good.out.find("nodes=1 "), std::string::npos) << good.out;
}

TEST_F(ImportCommandTest, RefusesWhatItCannotUnderstand) {
    const std::string nodes = "--nodes=" + write("n.csv", "id:ID\n1\n");
    EXPECT_EQ(run({nodes}).code, kExitUsage);
    EXPECT_EQ(run({nodes, "--data-dir=" + data(), "--server=localhost"}).code, kExitUsage);
    const Outcome delimiter = run({nodes, "--data-dir=" + data(), "--delimiter=ab"});
    EXPECT_EQ(delimiter.code, kExitUsage);
    EXPECT_NE(delimiter.err.find("--delimiter: \"ab\" is not one character"), std::string::npos)
        << delimiter.err;
    EXPECT_EQ(run({nodes, "--data-dir=" + data(), "--memory=lots"}).code, kExitUsage);
    EXPECT_EQ(run({nodes, "--data-dir=" + data(), "--id-type=uuid"}).code, kExitUsage);
}

TEST(ImportProgress, ShowsShareRateAndTimeLeft) {
    storage::importer::ImportProgress progress;
    progress.stage = storage::importer::ImportStage::kRelationships;
    progress.bytes_done = 50;
    progress.bytes_total = 100;
    progress.relationships = 6'000'000;
    EXPECT_EQ(progress_line(progress, 2, 0),
              "relationships   [============            ]  50 %  6,000,000  3.0 M/s  2 s left");
    progress.bad = 7;
    EXPECT_TRUE(progress_line(progress, 2, 0).ends_with("  7 bad"));
}

}  // namespace
}  // namespace deed::cli
