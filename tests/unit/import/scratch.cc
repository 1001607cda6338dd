#include "tests/unit/import/scratch.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <tuple>
#include <zlib.h>

#include "engine/storage/store.h"

namespace deed::storage::importer {

Scratch::Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "deed-import-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
}

Scratch::~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string Scratch::write(const std::string& name, std::string_view text) const {
    std::ofstream file(path(name), std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    return path(name);
}

std::string Scratch::write_gzip(const std::string& name, std::string_view text) const {
    gzFile file = gzopen(path(name).c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    return path(name);
}

std::string Scratch::read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

uint64_t LoadedGraph::node_with(const std::string& property, const value::Value& value) const {
    std::vector<uint64_t> found;
    for (const auto& [id, node] : nodes) {
        const auto at = node.properties.find(property);
        if (at != node.properties.end() && identical(at->second, value)) found.push_back(id);
    }
    EXPECT_EQ(found.size(), 1U) << property << " = " << value.to_string();
    return found.empty() ? UINT64_MAX : found[0];
}

namespace {

using Entry = std::tuple<uint64_t, uint64_t, uint64_t, uint32_t>;  // node, neighbour, edge, type

class Reader final : public NodeVisitor, public EdgeVisitor {
 public:
    Reader(LoadedGraph* graph, const StoreState& state) : graph_(*graph) {
        for (const catalog::Token& token : state.tokens)
            names_[{token.kind, token.id}] = token.name;
    }

    Status on_node(const NodeRow& row) override {
        LoadedNode& node = graph_.nodes[row.id.raw()];
        for (const LabelId label : row.labels)
            node.labels.insert(names_.at({catalog::TokenKind::kLabel, label.raw()}));
        node.properties = named(row.properties);
        return {};
    }

    Status on_adjacency(NodeId id, Direction direction,
                        std::span<const AdjacencyEntry> entries) override {
        for (size_t i = 0; i < entries.size(); ++i) {
            EXPECT_TRUE(i == 0 || entries[i - 1] < entries[i]) << "list of node " << id.raw();
            auto& lists = direction == Direction::kOut ? out_ : in_;
            lists.insert({id.raw(), entries[i].neighbour.raw(), entries[i].edge.raw(),
                          entries[i].type.raw()});
        }
        return {};
    }

    Status on_edge(const EdgeRow& row) override {
        graph_.edges[row.id.raw()] = {row.start.raw(), row.end.raw(),
                                      names_.at({catalog::TokenKind::kType, row.type.raw()}),
                                      named(row.properties)};
        expected_out_.insert({row.start.raw(), row.end.raw(), row.id.raw(), row.type.raw()});
        expected_in_.insert({row.end.raw(), row.start.raw(), row.id.raw(), row.type.raw()});
        return {};
    }

    void check() const {
        EXPECT_TRUE(out_ == expected_out_) << "out lists and edges differ";
        EXPECT_TRUE(in_ == expected_in_) << "in lists and edges differ";
    }

 private:
    [[nodiscard]] std::map<std::string, value::Value> named(const PropertyList& list) const {
        std::map<std::string, value::Value> properties;
        for (const auto& [key, value] : list)
            properties[names_.at({catalog::TokenKind::kPropertyKey, key.raw()})] = value;
        return properties;
    }

    LoadedGraph& graph_;
    std::map<std::pair<catalog::TokenKind, uint32_t>, std::string> names_;
    std::set<Entry> out_;
    std::set<Entry> in_;
    std::set<Entry> expected_out_;
    std::set<Entry> expected_in_;
};

}  // namespace

LoadedGraph load(const std::string& data_dir) {
    LoadedGraph graph;
    StoreOptions options;
    options.data_dir = data_dir;
    options.create_if_missing = false;
    auto store = Store::open(options);
    EXPECT_TRUE(store.ok()) << store.error().to_string();
    if (!store.ok()) return graph;
    const StoreState& state = (*store)->state();
    graph.folded_through = state.folded_through.raw();
    graph.node_id_end = state.node_id_end;
    graph.edge_id_end = state.edge_id_end;
    Reader reader(&graph, state);
    const Status nodes = (*store)->load_nodes({}, reader);
    EXPECT_TRUE(nodes.ok()) << nodes.error().to_string();
    const Status edges = (*store)->load_edges({}, reader);
    EXPECT_TRUE(edges.ok()) << edges.error().to_string();
    reader.check();
    EXPECT_TRUE((*store)->close().ok());
    return graph;
}

ImportOptions options_for(const std::string& data_dir) {
    ImportOptions options;
    options.data_dir = data_dir;
    options.threads = 2;
    return options;
}

ImportSummary import_or_fail(const ImportOptions& options) {
    auto summary = run_import(options);
    EXPECT_TRUE(summary.ok()) << summary.error().to_string();
    return summary.ok() ? *summary : ImportSummary();
}

std::string text_of(const std::map<std::string, value::Value>& properties) {
    std::string text;
    for (const auto& [name, value] : properties)
        text += (text.empty() ? "" : ", ") + name + "=" + value.to_string();
    return text;
}

}  // namespace deed::storage::importer
