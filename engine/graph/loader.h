#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/catalog/change_set.h"
#include "engine/graph/adjacency.h"
#include "engine/graph/graph_state.h"

namespace deed::graph {

/// Fills the graph from stored rows before anybody reads it. Each thread that loads has a lane: an
/// arena of its own, so that lists lie in memory in the order in which their nodes were loaded, and
/// a scan in that order runs straight through it.
///
/// Thread safety: all methods from any thread; each node (load_node, load_adjacency) and each range
/// of EdgeDirectory::kRangeEdges ids (load_edge) is loaded by one thread only.
/// Lifetime: what it loaded lives in its lanes; the writer frees it into its own arenas, so loader
/// and writer die together, after the last reader.
class Loader {
 public:
    explicit Loader(GraphState& state);
    ~Loader();

    void load_node(NodeId id, std::span<const LabelId> labels,
                   const catalog::PropertyList& properties, CommitTs ts);
    void load_adjacency(NodeId id, Direction direction, std::span<const LoadEntry> entries,
                        CommitTs ts);
    void load_edge(EdgeId id, EdgeEnds ends, const catalog::PropertyList& properties, CommitTs ts);

    [[nodiscard]] uint64_t used() const;
    [[nodiscard]] uint64_t reserved() const;

 private:
    struct Lane;
    Lane& lane();

    GraphState& state_;
    const uint64_t serial_;  // tells loaders apart that lived at the same address
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<Lane>> lanes_;  // guarded by mutex_; one for each thread
};

}  // namespace deed::graph
