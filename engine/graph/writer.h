#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/catalog/change_set.h"
#include "engine/graph/adjacency_builder.h"
#include "engine/graph/graph_state.h"
#include "engine/graph/internal/list_change.h"
#include "engine/graph/record_builder.h"
#include "engine/sync/arena.h"
#include "engine/sync/retire_queue.h"

namespace deed::graph {

/// Applies groups of changes as new versions, and frees old ones.
///
///  1. Ends of new edges go to the edge directory; nobody finds them yet.
///  2. Every edge is a change of two lists. All changes are sorted by shard, node, direction, type,
///     entry; each list that occurs gets one new version, published with one release store.
///  3. Records of edges, then of nodes, get their new versions the same way.
///  4. What each version superseded waits in its shard's queue until no snapshot can reach it.
///     Emptiness is a version like any other (an empty list, a deleted record); once it is all that
///     a snapshot can see, the slot forgets it.
///
/// Thread safety: one thread at a time, beside all readers; the figures from any thread.
class Writer {
 public:
    /// REQUIRES: shards is a power of two.
    Writer(GraphState& state, uint32_t shards);
    ~Writer();

    void apply(const catalog::ChangeSet& changes, CommitTs ts);
    size_t collect(CommitTs floor, size_t budget);

    /// Sums over the shards. `used` may wrap below zero where the memory came from the Loader.
    [[nodiscard]] uint64_t used() const;
    [[nodiscard]] uint64_t reserved() const;
    [[nodiscard]] uint64_t retired() const;

 private:
    /// A part of the graph with its own memory, so that parts could be written side by side.
    struct Shard {
        sync::Arena arena;
        sync::RetireQueue retired;
        AdjacencyBuilder adjacency{arena, retired};
    };
    /// What waits in a shard's queue, and what its payload is.
    enum Kind : uint32_t {
        kMemory = AdjacencyBuilder::kMemory,  // a pointer
        kEmptyList,                           // direction << 32 | node
        kDeletedNode,                         // node
        kRemovedEdge,                         // type << 32 | edge
        kLostLabels,                          // label set << 32 | node
    };

    Shard& shard_of(uint64_t raw_id) { return *shards_[raw_id & (shards_.size() - 1)]; }

    void apply_lists(const catalog::ChangeSet& changes);
    void sort_changes(const catalog::ChangeSet& changes);
    void apply_list(std::span<ListChange> changes);
    void prefetch(size_t change) const;
    void count_edges(std::span<const ListChange> changes);
    void apply_node(const catalog::NodeWrite& write);
    void relabel(NodeId node, LabelSetId before, LabelSetId after);
    void write_edge_record(EdgeId edge, const catalog::PropertyList& properties);

    void dispose(Shard& shard, const sync::Retired& entry, CommitTs floor);
    void forget_list(Shard& shard, NodeId node, Direction direction, CommitTs floor);
    void forget_node(Shard& shard, NodeId node, CommitTs floor);
    void forget_edge(Shard& shard, EdgeId edge, TypeId type);
    void clear_labels(NodeId node, LabelSetId lost, CommitTs floor);

    /// `memory` can be reached from `superseded_at` on by nobody.
    static void retire(Shard& shard, CommitTs superseded_at, const void* memory, size_t bytes);
    /// The first timestamp at which nobody can hold what was just unlinked: readers that may have
    /// loaded it are registered at the newest applied commit or before.
    [[nodiscard]] CommitTs after_all_readers() const { return CommitTs{ts_.raw() + 1}; }

    GraphState& state_;
    const uint32_t shard_bits_;
    std::vector<std::unique_ptr<Shard>> shards_;
    RecordBuilder records_;
    CommitTs ts_{0};                   // newest applied
    std::vector<ListChange> changes_;  // of the group in work
};

}  // namespace deed::graph
