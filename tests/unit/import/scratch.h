#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/storage/import/options.h"
#include "engine/value/value.h"

namespace deed::storage::importer {

/// A directory that goes away with the test.
class Scratch {
 public:
    Scratch();
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
    /// Writes a file and returns its path.
    std::string write(const std::string& name, std::string_view text) const;
    std::string write_gzip(const std::string& name, std::string_view text) const;
    /// What a file holds.
    [[nodiscard]] static std::string read(const std::string& path);

 private:
    std::string folder_;
};

struct LoadedNode {
    std::set<std::string> labels;
    std::map<std::string, value::Value> properties;
};

struct LoadedEdge {
    uint64_t start = 0;
    uint64_t end = 0;
    std::string type;
    std::map<std::string, value::Value> properties;
};

/// A store's base rows in plain containers.
struct LoadedGraph {
    std::map<uint64_t, LoadedNode> nodes;
    std::map<uint64_t, LoadedEdge> edges;
    uint64_t folded_through = 0;
    uint64_t node_id_end = 0;
    uint64_t edge_id_end = 0;

    /// The one node whose property has the value; fails the test where there is not exactly one.
    [[nodiscard]] uint64_t node_with(const std::string& property, const value::Value& value) const;
};

/// Reads all rows and fails the test where lists and edges do not agree or lists are not sorted.
LoadedGraph load(const std::string& data_dir);

/// Options for small files of a test.
ImportOptions options_for(const std::string& data_dir);

/// Imports, and fails the test if that fails.
ImportSummary import_or_fail(const ImportOptions& options);

/// "name=value, ..." of properties, for comparing.
std::string text_of(const std::map<std::string, value::Value>& properties);

}  // namespace deed::storage::importer
