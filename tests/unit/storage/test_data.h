#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <unistd.h>
#include <vector>

#include "engine/storage/store.h"

namespace deed::storage::testing {

/// A directory of its own for one test, gone afterwards.
class TempDir {
 public:
    TempDir() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "deed-storage-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

 private:
    std::string path_;
};

/// Gathers base rows into maps that compare.
struct Rows : NodeVisitor, EdgeVisitor {
    std::map<uint64_t, std::string> nodes;
    std::map<std::pair<uint64_t, int>, std::vector<AdjacencyEntry>> lists;
    std::map<uint64_t, std::string> edges;

    static std::string text(const PropertyList& properties) {
        std::string out;
        for (const auto& [key, value] : properties)
            out += std::to_string(key.raw()) + "=" + value.to_string() + ";";
        return out;
    }
    Status on_node(const NodeRow& row) override {
        std::string out;
        for (const LabelId label : row.labels) out += ":" + std::to_string(label.raw());
        nodes[row.id.raw()] = out + "{" + text(row.properties) + "}";
        return {};
    }
    Status on_adjacency(NodeId id, Direction direction,
                        std::span<const AdjacencyEntry> entries) override {
        lists[{id.raw(), static_cast<int>(direction)}].assign(entries.begin(), entries.end());
        return {};
    }
    Status on_edge(const EdgeRow& row) override {
        edges[row.id.raw()] = std::to_string(row.start.raw()) + "-" +
                              std::to_string(row.type.raw()) + "->" +
                              std::to_string(row.end.raw()) + "{" + text(row.properties) + "}";
        return {};
    }
};

inline LogRecordView record_of(uint64_t ts, const catalog::ChangeSet& changes) {
    LogRecordView view;
    view.ts = CommitTs(ts);
    view.durable_through = CommitTs(ts - 1);
    view.wall_us = static_cast<int64_t>(1'700'000'000'000'000ULL + ts * 1000);
    view.transactions = 1;
    view.node_id_end = ts;
    view.changes = &changes;
    return view;
}

inline catalog::ChangeSet one_node(uint64_t id, int64_t value) {
    catalog::ChangeSet changes;
    changes.nodes.push_back({.node = NodeId(id),
                             .deleted = false,
                             .labels = {LabelId(0)},
                             .properties = {{PropertyKeyId(0), value::Value::integer(value)}}});
    return changes;
}

}  // namespace deed::storage::testing
