#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/catalog/tokens.h"
#include "engine/graph/adjacency.h"
#include "engine/catalog/change_set.h"
#include "engine/graph/record.h"

namespace deed::graph {

struct GraphOptions {
    uint32_t shards = 2;                  // a power of two
    uint32_t pheromone_sample_shift = 6;
};

/// The two ends of an edge. They never change, so they carry no version.
struct EdgeEnds {
    NodeId start;
    NodeId end;
};

/// One adjacency entry to load at start.
struct LoadEntry {
    TypeId type;
    NodeId neighbour;
    EdgeId edge;
};

struct GraphMemory {
    uint64_t used = 0;       // bytes handed out by the arenas
    uint64_t reserved = 0;   // bytes mapped
    uint64_t retired = 0;    // superseded versions waiting for old snapshots
};

class LabelIndex;
class ShapeTable;

/// The property graph in memory: shards of node slots, immutable versions behind atomics, adjacency
/// as copy-on-write sorted blocks. `engine/graph/README.md` draws it.
///
/// Reading: from any thread, without locks, at the snapshot given. REQUIRES: the snapshot is
/// registered with the SnapshotRegistry (and entered) for as long as anything returned is used.
/// Writing (`apply`, `collect`, `load_*`): one thread at a time; concurrently with all readers.
/// Invariants: what a reader can reach is never changed, only superseded; every version's timestamp
/// is smaller than that of the one which superseded it.
class Graph {
 public:
    Graph(const GraphOptions& options, catalog::Catalog& catalog);
    ~Graph();

    // --- ids ------------------------------------------------------------------------------------
    /// `count` new ids in a row, the first returned. LIMIT_EXCEEDED when used up. Any thread.
    Result<NodeId> allocate_nodes(uint64_t count);
    Result<EdgeId> allocate_edges(uint64_t count);
    /// One more than the largest id ever given; ids go on from here after a restart.
    [[nodiscard]] uint64_t node_id_end() const;
    [[nodiscard]] uint64_t edge_id_end() const;
    /// At recovery: ids below these have been given. Never lowers them.
    void reserve_ids(uint64_t node_end, uint64_t edge_end);

    // --- reading --------------------------------------------------------------------------------
    /// The version of the node at the snapshot, or nullptr where there is none.
    [[nodiscard]] const NodeRecord* node(NodeId id, CommitTs snapshot) const;
    /// `out[i]` = node(ids[i]); keeps many cache misses in flight. REQUIRES: equal sizes.
    void nodes(std::span<const NodeId> ids, CommitTs snapshot,
               std::span<const NodeRecord*> out) const;
    /// The list at the snapshot; empty where the node has none. Direction kOut or kIn.
    [[nodiscard]] AdjacencyView adjacency(NodeId id, Direction direction, CommitTs snapshot) const;
    /// Starts loading what `adjacency` will touch: first the slot, then (later) the list.
    void prefetch_slot(NodeId id) const;
    void prefetch_list(NodeId id, Direction direction) const;

    /// The ends of an edge that some snapshot may see; existence at a snapshot is whether the list
    /// of its start holds it: `edge_type`.
    [[nodiscard]] std::optional<EdgeEnds> edge_ends(EdgeId id) const;
    /// The type of the edge if it exists at the snapshot.
    [[nodiscard]] std::optional<TypeId> edge_type(EdgeId id, EdgeEnds ends, CommitTs snapshot) const;
    /// Its properties at the snapshot, nullptr where it has none. REQUIRES: it exists there.
    [[nodiscard]] const EdgeRecord* edge_record(EdgeId id, CommitTs snapshot) const;

    /// Calls `visit(NodeId, const NodeRecord*)` for every node with the label that exists at the
    /// snapshot, ids ascending, from `first` on, until it returns false. Invalid label: all nodes.
    /// The template lives in scan.h; it walks the label's bitmap and prefetches ahead.
    template <class Visit>
    void scan(LabelId label, NodeId first, CommitTs snapshot, Visit&& visit) const;

    /// Candidate nodes by label, for `scan`.
    [[nodiscard]] const LabelIndex& label_index() const;
    /// How the records lie in memory, for `record->get(key, graph.shapes())` and typed reads.
    [[nodiscard]] const ShapeTable& shapes() const;

    // --- what a committer asks of the newest state -------------------------------------------------
    /// When the node's record was last written (created, changed or deleted); 0 if never.
    [[nodiscard]] CommitTs node_changed(NodeId id) const;
    [[nodiscard]] bool node_exists_now(NodeId id) const;
    /// When either adjacency list of the node last changed; 0 if never.
    [[nodiscard]] CommitTs adjacency_changed(NodeId id) const;
    [[nodiscard]] CommitTs adjacency_changed(NodeId id, Direction direction) const;
    /// When the edge's properties were last written; 0 if never.
    [[nodiscard]] CommitTs edge_changed(EdgeId id) const;
    [[nodiscard]] bool edge_exists_now(EdgeId id) const;

    // --- writing --------------------------------------------------------------------------------
    /// Publishes the group's changes as versions of `ts`. Readers at older snapshots are not
    /// disturbed; readers see them once the caller has published `ts` as visible.
    /// REQUIRES: ts is larger than any before; the ids were allocated; see ChangeSet.
    void apply(const catalog::ChangeSet& changes, CommitTs ts);

    /// Frees versions superseded at or before `floor` (`SnapshotRegistry::oldest`), at most
    /// `budget` of them; returns how many.
    size_t collect(CommitTs floor, size_t budget);

    // --- loading at start, before any reader -----------------------------------------------------
    // May be called from several threads at once as long as each node (load_node, load_adjacency)
    // resp. each 4096-aligned range of edge ids (load_edge) is loaded by one thread only.
    void load_node(NodeId id, std::span<const LabelId> labels, const catalog::PropertyList& properties,
                   CommitTs ts);
    /// REQUIRES: sorted by (type, neighbour, edge).
    void load_adjacency(NodeId id, Direction direction, std::span<const LoadEntry> entries,
                        CommitTs ts);
    void load_edge(EdgeId id, EdgeEnds ends, const catalog::PropertyList& properties, CommitTs ts);

    // --- pheromone --------------------------------------------------------------------------------
    /// One traversal went over this list: a thread-local counter, and for one in 2^k a relaxed load
    /// and store with weight 2^k. Never an atomic read-modify-write.
    void traversed(NodeId id, Direction direction) const;
    /// These edges were followed (the caller has sampled).
    void followed(std::span<const EdgeId> edges, float weight) const;
    [[nodiscard]] double list_intensity(NodeId id, Direction direction) const;
    [[nodiscard]] double edge_intensity(EdgeId id) const;
    uint64_t evaporate(uint32_t epochs);
    [[nodiscard]] uint64_t pheromone_epoch() const;
    /// For persistence: all intensities above a floor, as (key, value) pairs of a stable form.
    struct ListIntensity { NodeId node; Direction direction; float value; };
    struct EdgeIntensity { EdgeId edge; float value; };
    void each_list_intensity(const std::function<void(const ListIntensity&)>& visit) const;
    void each_edge_intensity(const std::function<void(const EdgeIntensity&)>& visit) const;
    void load_intensity(const ListIntensity& intensity);
    void load_intensity(const EdgeIntensity& intensity);

    // --- figures ----------------------------------------------------------------------------------
    /// Of the newest applied state. Any thread.
    [[nodiscard]] uint64_t node_count() const;
    [[nodiscard]] uint64_t edge_count() const;
    [[nodiscard]] uint64_t label_count(LabelId label) const;
    [[nodiscard]] uint64_t type_count(TypeId type) const;
    [[nodiscard]] GraphMemory memory() const;
    [[nodiscard]] uint32_t shard_count() const;
    [[nodiscard]] catalog::Catalog& catalog() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace deed::graph
