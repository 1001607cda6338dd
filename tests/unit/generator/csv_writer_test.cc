#include "bench/generator/csv_writer.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <unistd.h>

namespace deed::bench {
namespace {

class CsvWriter : public testing::Test {
 protected:
    CsvWriter()
        : directory_(std::filesystem::temp_directory_path() /
                     ("deed-generator-" + std::to_string(::getpid()))) {}
    ~CsvWriter() override { std::filesystem::remove_all(directory_); }

    CsvSummary write(const GeneratorOptions& options, CsvOptions csv = {}) {
        csv.directory = directory_.string();
        const auto generator = Generator::create(options);
        EXPECT_TRUE(generator.ok());
        const auto written = write_csv(*generator, csv);
        EXPECT_TRUE(written.ok());
        return *written;
    }
    std::string read(const char* name) const {
        std::ifstream file(directory_ / name, std::ios::binary);
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }

    std::filesystem::path directory_;
};

TEST_F(CsvWriter, TheSameSeedMakesTheSameBytes) {
    const GeneratorOptions options{.nodes = 70'000, .edges = 140'000, .seed = 42};
    const CsvSummary first = write(options, {.properties = true});
    const CsvSummary second = write(options, {.properties = true});
    EXPECT_EQ(first.node_checksum, second.node_checksum);
    EXPECT_EQ(first.edge_checksum, second.edge_checksum);
    EXPECT_EQ(std::filesystem::file_size(directory_ / "edges.csv"), first.edge_bytes);
    GeneratorOptions other = options;
    other.seed = 43;
    const CsvSummary third = write(other, {.properties = true});
    EXPECT_NE(first.node_checksum, third.node_checksum);
    EXPECT_NE(first.edge_checksum, third.edge_checksum);
}

/// Results of benchmarks are compared over years: the graph of a seed may not change. Whoever means
/// to change it changes these numbers and throws the old results away.
TEST_F(CsvWriter, TheGraphOfASeedNeverChanges) {
    const CsvSummary summary =
        write({.nodes = 10'000, .edges = 100'000, .seed = 1}, {.properties = true});
    EXPECT_EQ(summary.node_checksum, 1246943166683510838ULL);
    EXPECT_EQ(summary.edge_checksum, 12964531556951325502ULL);
}

TEST_F(CsvWriter, WritesHeaderLinesForTheImporter) {
    write({.nodes = 2, .edges = 1, .labels = 1, .types = 1});
    EXPECT_EQ(read("nodes.csv"), "id:ID,:LABEL\n0,Label0\n1,Label0\n");
    const std::string bare = read("edges.csv");
    EXPECT_EQ(bare.substr(0, bare.find('\n')), ":START_ID,:END_ID,:TYPE");
    EXPECT_EQ(bare.substr(bare.size() - 6), "TYPE0\n");
    write({.nodes = 1, .edges = 1}, {.delimiter = '\t', .properties = true});
    const std::string nodes = read("nodes.csv");
    EXPECT_EQ(nodes.substr(0, nodes.find('\n')),
              "id:ID\tname:string\tborn:int\tscore:double\t:LABEL");
    const std::string edges = read("edges.csv");
    EXPECT_EQ(edges.substr(0, edges.find('\n')),
              ":START_ID\t:END_ID\t:TYPE\tsince:int\tweight:double");
    EXPECT_EQ(edges.substr(edges.find('\n') + 1, 8), "0\t0\tTYPE");
}

TEST_F(CsvWriter, RefusesADelimiterThatOccursInValues) {
    const auto generator = Generator::create({.nodes = 1, .edges = 1});
    ASSERT_TRUE(generator.ok());
    for (const char delimiter : {'a', '7', '.', '\n', '"'}) {
        const auto written =
            write_csv(*generator, {.directory = directory_.string(), .delimiter = delimiter});
        ASSERT_FALSE(written.ok());
        EXPECT_EQ(written.error().code(), ErrorCode::kInvalidArgument);
        EXPECT_EQ(written.error().field(), "delimiter");
    }
}

TEST_F(CsvWriter, SaysWhereItCannotWrite) {
    const auto generator = Generator::create({.nodes = 1, .edges = 1});
    ASSERT_TRUE(generator.ok());
    const auto written = write_csv(*generator, {.directory = "/proc/deed-nowhere"});
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().code(), ErrorCode::kIoError);
    EXPECT_NE(written.error().message().find("/proc/deed-nowhere"), std::string::npos);
}

}  // namespace
}  // namespace deed::bench
