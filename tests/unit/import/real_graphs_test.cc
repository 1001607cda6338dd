// Real graphs: counts, degrees and paths of two steps, compared with a plain reading of the files.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unordered_map>

#include "tests/unit/import/scratch.h"

namespace deed::storage::importer {
namespace {

std::string shared_folder() {
    const char* named = std::getenv("DEED_SHARED");
    for (const std::filesystem::path& path :
         {std::filesystem::path(named == nullptr ? "" : named),
          std::filesystem::path(__FILE__).parent_path() / "../../../../shared"}) {
        if (!path.empty() && std::filesystem::is_directory(path / "data")) return path / "data/";
    }
    std::printf("skipped: no shared folder\n");
    return {};
}

/// A file's lines cut at the delimiter, as simply as can be.
std::vector<std::vector<std::string>> plain_rows(const std::string& path, char delimiter) {
    std::ifstream file(path);
    std::vector<std::vector<std::string>> rows;
    for (std::string line; std::getline(file, line);) {
        rows.emplace_back(1);
        for (const char c : line) {
            if (c == delimiter) {
                rows.back().emplace_back();
            } else if (c != '\r') {
                rows.back().back() += c;
            }
        }
    }
    return rows;
}

struct Figures {
    uint64_t nodes = 0;
    uint64_t edges = 0;
    uint64_t out_squares = 0;  // of out degrees, summed
    uint64_t two_steps = 0;    // paths a -> b -> c
    uint64_t checksum = 0;     // of (out degree, in degree) by external id

    friend bool operator==(const Figures&, const Figures&) = default;
};

std::ostream& operator<<(std::ostream& out, const Figures& figures) {
    return out << figures.nodes << " nodes, " << figures.edges << " edges, " << figures.out_squares
               << ", " << figures.two_steps << ", " << figures.checksum;
}

using Degrees = std::unordered_map<std::string, std::pair<uint64_t, uint64_t>>;  // out, in

Figures figures_of(const Degrees& degrees, uint64_t nodes, uint64_t edges) {
    Figures figures{nodes, edges};
    for (const auto& [id, degree] : degrees) {
        const auto [out, in] = degree;
        figures.out_squares += out * out;
        figures.two_steps += in * out;
        figures.checksum += std::hash<std::string>()(id) * (out * 31 + in * 17 + 1);
    }
    return figures;
}

Figures plain_figures(const std::string& nodes, const std::string& edges) {
    Degrees degrees;
    const auto node_rows = plain_rows(nodes, ',');
    for (const auto& row : node_rows) degrees[row[0]];
    const auto edge_rows = plain_rows(edges, ',');
    for (const auto& row : edge_rows) {
        ++degrees.at(row[0]).first;
        ++degrees.at(row[1]).second;
    }
    return figures_of(degrees, node_rows.size(), edge_rows.size());
}

Figures imported_figures(const LoadedGraph& graph) {
    Degrees degrees;
    std::unordered_map<uint64_t, std::string> ids;
    for (const auto& [id, node] : graph.nodes) {
        ids[id] = std::to_string(node.properties.at("id").as_integer());
        degrees[ids[id]];
    }
    for (const auto& [id, edge] : graph.edges) {
        ++degrees.at(ids.at(edge.start)).first;
        ++degrees.at(ids.at(edge.end)).second;
    }
    return figures_of(degrees, graph.nodes.size(), graph.edges.size());
}

TEST(RealGraphs, VotesAgreeWithAPlainReading) {
    const std::string shared = shared_folder();
    if (shared.empty()) GTEST_SKIP() << "no shared folder";
    const Scratch scratch;
    ImportOptions options = options_for(scratch.path("data"));
    options.no_header = true;
    options.nodes.push_back({{"User"}, {shared + "wiki-Vote/nodes.csv"}});
    options.relationships.push_back({{"VOTED_FOR"}, {shared + "wiki-Vote/edges.csv"}});
    import_or_fail(options);
    const LoadedGraph graph = load(options.data_dir);
    EXPECT_EQ(graph.edges.size(), 103'689U);
    EXPECT_EQ(imported_figures(graph),
              plain_figures(shared + "wiki-Vote/nodes.csv", shared + "wiki-Vote/edges.csv"));
}

TEST(RealGraphs, TrustAgreesWithAPlainReading) {
    const std::string shared = shared_folder();
    if (shared.empty()) GTEST_SKIP() << "no shared folder";
    const Scratch scratch;
    ImportOptions options = options_for(scratch.path("data"));
    options.no_header = true;
    options.headers = {"source:START_ID,target:END_ID,rating:int,time:double"};
    options.nodes.push_back({{"User"}, {shared + "bitcoin-otc/nodes.csv"}});
    options.relationships.push_back({{"TRUSTS"}, {shared + "bitcoin-otc/edges.csv"}});
    import_or_fail(options);
    const LoadedGraph graph = load(options.data_dir);
    EXPECT_EQ(imported_figures(graph),
              plain_figures(shared + "bitcoin-otc/nodes.csv", shared + "bitcoin-otc/edges.csv"));
    const auto rows = plain_rows(shared + "bitcoin-otc/edges.csv", ',');
    ASSERT_EQ(graph.edges.size(), rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
        const auto& properties = graph.edges.at(i).properties;
        ASSERT_EQ(properties.at("rating").as_integer(), std::stoll(rows[i][2]));
        ASSERT_EQ(properties.at("time").as_float(), std::stod(rows[i][3]));
    }
}

TEST(RealGraphs, SocialNetworkAgreesWithAPlainReading) {
    const std::string shared = shared_folder();
    if (shared.empty()) GTEST_SKIP() << "no shared folder";
    const Scratch scratch;
    ImportOptions options = options_for(scratch.path("data"));
    options.dialect.delimiter = '|';
    // Id, space and number of every edge, by type.
    std::map<std::string, std::multiset<std::pair<std::string, std::string>>> expected;
    uint64_t nodes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(shared + "lsqb-sf0.003")) {
        const std::string name = entry.path().stem();
        const auto rows = plain_rows(entry.path(), '|');
        if (name.find('_') == std::string::npos) {
            nodes += rows.size() - 1;
            options.nodes.push_back({{name}, {entry.path()}});
            continue;
        }
        options.relationships.push_back({{name}, {entry.path()}});
        const std::string start = name.substr(0, name.find('_'));
        const std::string end = name.substr(name.rfind('_') + 1);
        for (size_t i = 1; i < rows.size(); ++i)
            expected[name].insert({start + rows[i][0], end + rows[i][1]});
    }
    EXPECT_EQ(options.nodes.size(), 11U);
    import_or_fail(options);
    const LoadedGraph graph = load(options.data_dir);
    EXPECT_EQ(graph.nodes.size(), nodes);
    std::map<std::string, std::multiset<std::pair<std::string, std::string>>> imported;
    const auto name_of = [&](uint64_t id) {
        const LoadedNode& node = graph.nodes.at(id);
        return *node.labels.begin() + std::string(node.properties.at("id").as_string());
    };
    for (const auto& [id, edge] : graph.edges)
        imported[edge.type].insert({name_of(edge.start), name_of(edge.end)});
    EXPECT_TRUE(imported == expected);
}

}  // namespace
}  // namespace deed::storage::importer
