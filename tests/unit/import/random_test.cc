// Random graphs, written as files in random ways and imported with random threads and memory, must
// come back as they were.
#include <algorithm>
#include <gtest/gtest.h>
#include <random>

#include "engine/storage/rows.h"
#include "tests/unit/import/scratch.h"

namespace deed::storage::importer {
namespace {

using value::Value;

struct Edge {
    size_t start;
    size_t end;
    std::string type;
    std::map<std::string, Value> properties;
};

/// A graph and the text of its files.
class RandomGraph {
 public:
    explicit RandomGraph(unsigned seed) : random_(seed) {
        make_nodes();
        make_edges();
    }

    void write(const Scratch& scratch, ImportOptions& options) {
        options.nodes.push_back({{"N"}, write_parts(scratch, "n", node_header(), node_lines_)});
        options.relationships.push_back(
            {{"FIRST"}, write_parts(scratch, "r", edge_header(), edge_lines_)});
    }

    void compare(const LoadedGraph& graph) const {
        ASSERT_EQ(graph.nodes.size(), nodes_.size());
        ASSERT_EQ(graph.edges.size(), edges_.size());
        for (size_t i = 0; i < nodes_.size(); ++i)
            EXPECT_EQ(text_of(graph.nodes.at(i).properties), text_of(nodes_[i])) << "node " << i;
        for (size_t i = 0; i < edges_.size(); ++i) {
            const LoadedEdge& edge = graph.edges.at(i);
            EXPECT_EQ(edge.start, edges_[i].start);
            EXPECT_EQ(edge.end, edges_[i].end);
            EXPECT_EQ(edge.type, edges_[i].type);
            EXPECT_EQ(text_of(edge.properties), text_of(edges_[i].properties)) << "edge " << i;
        }
    }

 private:
    static std::string node_header() { return "key:ID,name,score:double"; }
    static std::string edge_header() { return "since:long,:START_ID,:TYPE,:END_ID,note"; }

    /// A field as it is, or in quotes.
    std::string field(const std::string& text) {
        const bool must = text.find_first_of(",\"\n\r") != std::string::npos || text.empty();
        if (!must && random_() % 4 != 0) return text;
        std::string quoted = "\"";
        for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
        return quoted + "\"";
    }

    std::string random_text() {
        static const std::vector<std::string> kParts = {"a",  "bc",       " ", ",",
                                                        "\"", "\xC3\xA9", "0", "xyz"};
        std::string text;
        for (size_t i = random_() % 6; i > 0; --i) text += kParts[random_() % kParts.size()];
        return text;
    }

    void make_nodes() {
        const size_t count = 1 + random_() % 400;
        for (size_t i = 0; i < count; ++i) {
            std::string key = random_() % 2 == 0 ? std::to_string(i * 37) : "k" + random_text();
            key += "#" + std::to_string(i);
            if (random_() % 3 == 0) key = std::to_string(i * 1'000'003);
            std::map<std::string, Value> properties = {{"key", Value::string(key)}};
            std::string line = field(key) + ",";
            if (random_() % 3 != 0) {
                const std::string name = random_text();
                properties["name"] = Value::string(name);
                line += field(name);
            }
            line += ",";
            if (random_() % 3 != 0) {
                const double score = static_cast<double>(random_() % 1000) / 8;
                properties["score"] = Value::floating(score);
                line += std::to_string(score);
            }
            keys_.push_back(key);
            nodes_.push_back(std::move(properties));
            node_lines_.push_back(std::move(line));
        }
    }

    void make_edges() {
        const size_t count = random_() % 3000;
        for (size_t i = 0; i < count; ++i) {
            // Squares make hubs; the same pair comes more than once, and loops too.
            const size_t start =
                (random_() % nodes_.size()) * (random_() % nodes_.size()) / nodes_.size();
            Edge edge{start, random_() % nodes_.size(), "FIRST", {}};
            std::string since;
            std::string note;
            if (random_() % 2 == 0) {
                const auto year = static_cast<int64_t>(random_() % 4000) - 2000;
                edge.properties["since"] = Value::integer(year);
                since = std::to_string(year);
            }
            std::string type;
            if (random_() % 3 == 0) {
                type = "T" + std::to_string(random_() % 5);
                edge.type = type;
            }
            if (random_() % 4 == 0) {
                edge.properties["note"] = Value::string(random_text());
                note = field(std::string(edge.properties["note"].as_string()));
            }
            edge_lines_.push_back(since + "," + field(keys_[edge.start]) + "," + type + "," +
                                  field(keys_[edge.end]) + "," + note);
            edges_.push_back(std::move(edge));
        }
    }

    std::vector<std::string> write_parts(const Scratch& scratch, const std::string& name,
                                         const std::string& header,
                                         const std::vector<std::string>& lines) {
        std::vector<std::string> files;
        std::string text = header + "\n";
        const auto flush = [&](bool last) {
            const std::string file = name + std::to_string(files.size()) + ".csv";
            // A file may lack its last line end.
            if (!last && random_() % 2 == 0 && text.ends_with('\n') && !text.ends_with("\r\n"))
                text.pop_back();
            files.push_back(random_() % 3 == 0 ? scratch.write_gzip(file + ".gz", text)
                                               : scratch.write(file, text));
            text.clear();
        };
        for (const std::string& line : lines) {
            text += line + (random_() % 8 == 0 ? "\r\n" : "\n");
            if (random_() % 20 == 0) text += "\n";
            if (random_() % 300 == 0) flush(false);
        }
        flush(true);
        return files;
    }

    std::mt19937 random_;
    std::vector<std::string> keys_;
    std::vector<std::map<std::string, Value>> nodes_;
    std::vector<Edge> edges_;
    std::vector<std::string> node_lines_;
    std::vector<std::string> edge_lines_;
};

TEST(Random, GraphsComeBackAsTheyWere) {
    const unsigned seed = std::random_device{}();
    for (unsigned round = 0; round < 12; ++round) {
        SCOPED_TRACE("seed " + std::to_string(seed + round));
        const Scratch scratch;
        RandomGraph graph(seed + round);
        ImportOptions options = options_for(scratch.path("data"));
        options.threads = 1 + round % 4;
        options.dialect.multiline_fields = round % 3 == 2;
        graph.write(scratch, options);
        const ImportSummary summary = import_or_fail(options);
        EXPECT_EQ(summary.bad, 0U);
        graph.compare(load(options.data_dir));
    }
}

/// More nodes than a partition has, more bytes than a chunk, less memory than the half edges take.
TEST(Random, LargeGraphsComeBackFromSpilledPartitions) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const Scratch scratch;
    constexpr uint32_t kNodes = 150'000;
    constexpr uint32_t kEdges = 900'000;
    std::string nodes = "id:ID,name\n";
    for (uint32_t i = 0; i < kNodes; ++i)
        nodes += std::to_string(i) + ",a name of some length " + std::to_string(i) + "\n";
    std::string edges = ":START_ID,:END_ID,w:int\n";
    std::vector<std::pair<uint32_t, uint32_t>> expected;
    for (uint32_t i = 0; i < kEdges; ++i) {
        expected.emplace_back(random() % 3 == 0 ? 77'777 : random() % kNodes, random() % kNodes);
        edges += std::to_string(expected.back().first) + "," +
                 std::to_string(expected.back().second) + "," + std::to_string(i) + "\n";
    }
    ImportOptions options = options_for(scratch.path("data"));
    options.memory_bytes = 24ULL << 20;
    options.nodes.push_back({{"N"}, {scratch.write("n.csv", nodes)}});
    options.relationships.push_back({{"R"}, {scratch.write("e.csv", edges)}});
    const ImportSummary summary = import_or_fail(options);
    EXPECT_GT(summary.bytes_spilled, 0U);
    const LoadedGraph graph = load(options.data_dir);
    ASSERT_EQ(graph.nodes.size(), kNodes);
    ASSERT_EQ(graph.edges.size(), kEdges);
    for (uint32_t i = 0; i < kEdges; ++i) {
        const LoadedEdge& edge = graph.edges.at(i);
        ASSERT_EQ(edge.start, expected[i].first);
        ASSERT_EQ(edge.end, expected[i].second);
        ASSERT_EQ(edge.properties.at("w").as_integer(), i);
    }
    EXPECT_EQ(graph.nodes.at(149'999).properties.at("name").as_string(),
              "a name of some length 149999");
}

TEST(Random, PartitionsThatDoNotFitAreRefused) {
    const Scratch scratch;
    ImportOptions options = options_for(scratch.path("data"));
    options.memory_bytes = 16ULL << 20;
    std::string edges = ":START_ID,:END_ID\n";
    for (int i = 0; i < 800'000; ++i) edges += "1,2\n";
    options.nodes.push_back({{"N"}, {scratch.write("n.csv", "id:ID\n1\n2\n")}});
    options.relationships.push_back({{"R"}, {scratch.write("e.csv", edges)}});
    const auto summary = run_import(options);
    ASSERT_FALSE(summary.ok());
    EXPECT_EQ(summary.error().reason(), "IMPORT_MEMORY");
    EXPECT_NE(summary.error().message().find("give at least --memory=37M"), std::string::npos)
        << summary.error().message();
}

}  // namespace
}  // namespace deed::storage::importer
