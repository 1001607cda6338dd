#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/catalog/change_set.h"
#include "engine/catalog/tokens.h"
#include "engine/graph/adjacency.h"
#include "engine/graph/graph_state.h"
#include "engine/graph/loader.h"
#include "engine/graph/record.h"
#include "engine/graph/writer.h"
#include "engine/pheromone/deposit_sampler.h"
#include "engine/pheromone/edge_table.h"
#include "engine/pheromone/evaporation_clock.h"

namespace deed::graph {

struct GraphOptions {
    uint32_t shards = 2;  // a power of two
    uint32_t pheromone_sample_shift = 6;
    pheromone::EvaporationOptions evaporation{};
    pheromone::EdgeTableOptions trails{};
    const Clock* clock = &Clock::system();
};

struct GraphMemory {
    uint64_t used = 0;      // versions, slots and directory entries of ids given, label bitmaps
    uint64_t reserved = 0;  // the same and what is mapped for more of them
    uint64_t versions = 0;  // part of used: records and lists, those that are retired included
    uint64_t retired = 0;   // part of versions: superseded, waiting for old snapshots
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
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;

    // --- ids ---------------------------------------------------------------------------------
    /// `count` new ids in a row, the first returned. LIMIT_EXCEEDED when used up. Any thread.
    Result<NodeId> allocate_nodes(uint64_t count);
    Result<EdgeId> allocate_edges(uint64_t count);
    /// One more than the largest id ever given; ids go on from here after a restart.
    [[nodiscard]] uint64_t node_id_end() const;
    [[nodiscard]] uint64_t edge_id_end() const;
    /// At recovery: ids below these have been given. Never lowers them.
    void reserve_ids(uint64_t node_end, uint64_t edge_end);

    // --- reading -----------------------------------------------------------------------------
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
    [[nodiscard]] std::optional<TypeId> edge_type(EdgeId id, EdgeEnds ends,
                                                  CommitTs snapshot) const;
    /// Its properties at the snapshot, nullptr where it has none. REQUIRES: it exists there.
    [[nodiscard]] const EdgeRecord* edge_record(EdgeId id, CommitTs snapshot) const;

    /// Calls `visit(NodeId, const NodeRecord*)` for every node with the label that exists at the
    /// snapshot, ids ascending, from `first` on, until it returns false. Invalid label: all nodes.
    /// The template lives in scan.h; it walks the label's bitmap and prefetches ahead.
    template <class Visit>
    void scan(LabelId label, NodeId first, CommitTs snapshot, Visit&& visit) const;

    /// Candidate nodes by label, for `scan`.
    [[nodiscard]] const LabelIndex& label_index() const { return state_.labels; }
    /// How the records lie in memory, for `record->get(key, graph.shapes())` and typed reads.
    [[nodiscard]] const ShapeTable& shapes() const { return state_.shapes; }

    // --- what a committer asks of the newest state -------------------------------------------
    /// When the node's record was last written (created, changed or deleted); 0 if never.
    [[nodiscard]] CommitTs node_changed(NodeId id) const;
    [[nodiscard]] bool node_exists_now(NodeId id) const;
    /// When either adjacency list of the node last changed; 0 if never.
    [[nodiscard]] CommitTs adjacency_changed(NodeId id) const;
    [[nodiscard]] CommitTs adjacency_changed(NodeId id, Direction direction) const;
    /// When the edge's properties were last written; 0 if never.
    [[nodiscard]] CommitTs edge_changed(EdgeId id) const;
    [[nodiscard]] bool edge_exists_now(EdgeId id) const;

    // --- writing -----------------------------------------------------------------------------
    /// Publishes the group's changes as versions of `ts`. Readers at older snapshots are not
    /// disturbed; readers see them once the caller has published `ts` as visible.
    /// REQUIRES: ts is larger than any before; the ids were allocated; see ChangeSet.
    void apply(const catalog::ChangeSet& changes, CommitTs ts);

    /// Frees versions superseded at or before `floor` (`SnapshotRegistry::oldest`), at most
    /// `budget` of them; returns how many.
    size_t collect(CommitTs floor, size_t budget);

    // --- loading at start, before any reader -------------------------------------------------
    // From several threads at once as long as each node (load_node, load_adjacency) and each range
    // of EdgeDirectory::kRangeEdges edge ids (load_edge) is loaded by one thread only. Threads that
    // load nodes in the order of their ids get lists that a scan in that order runs straight
    // through.
    void load_node(NodeId id, std::span<const LabelId> labels,
                   const catalog::PropertyList& properties, CommitTs ts);
    /// REQUIRES: sorted by (type, neighbour, edge).
    void load_adjacency(NodeId id, Direction direction, std::span<const LoadEntry> entries,
                        CommitTs ts);
    void load_edge(EdgeId id, EdgeEnds ends, const catalog::PropertyList& properties, CommitTs ts);

    // --- pheromone ---------------------------------------------------------------------------
    // From any thread; relaxed loads and stores only, never an atomic read-modify-write.

    /// One traversal went over this list. One in 2^k, drawn at random, deposits 2^k.
    void traversed(NodeId id, Direction direction) const;
    /// The same for the lists of `node_at(i)`, i below `count`: cheaper than one call for each.
    template <class NodeAt>
    void traversed(size_t count, NodeAt&& node_at, Direction direction) const;
    /// These edges were followed (the caller has sampled).
    void followed(std::span<const EdgeId> edges, float weight) const;
    [[nodiscard]] double list_intensity(NodeId id, Direction direction) const;
    [[nodiscard]] double edge_intensity(EdgeId id) const;
    /// Lets all trails fade by so many epochs, at once; returns the epoch reached.
    uint64_t evaporate(uint32_t epochs);
    [[nodiscard]] uint64_t pheromone_epoch() const;
    /// At recovery: goes on from the epoch that was stored.
    void restore_pheromone_epoch(uint64_t epoch);
    /// For a background thread, several times per half-life: catches up with the clock, and now and
    /// then rewrites all cells so that epochs may wrap around; forgets trails below `floor` then.
    void tend_pheromone(double floor);
    /// For persistence: all intensities above `floor`, as (key, value) pairs of a stable form.
    struct ListIntensity {
        NodeId node;
        Direction direction;
        float value;
    };
    struct EdgeIntensity {
        EdgeId edge;
        float value;
    };
    void each_list_intensity(const std::function<void(const ListIntensity&)>& visit,
                             double floor = 0) const;
    void each_edge_intensity(const std::function<void(const EdgeIntensity&)>& visit,
                             double floor = 0) const;
    void load_intensity(const ListIntensity& intensity);
    void load_intensity(const EdgeIntensity& intensity);

    // --- figures -----------------------------------------------------------------------------
    /// Of the newest applied state. Any thread.
    [[nodiscard]] uint64_t node_count() const;
    [[nodiscard]] uint64_t edge_count() const;
    [[nodiscard]] uint64_t label_count(LabelId label) const;
    [[nodiscard]] uint64_t type_count(TypeId type) const;
    [[nodiscard]] GraphMemory memory() const;
    [[nodiscard]] uint32_t shard_count() const;
    [[nodiscard]] catalog::Catalog& catalog() const { return *state_.catalog; }

 private:
    template <class Id>
    static Result<Id> allocate(std::atomic<uint64_t>& next, uint64_t count, uint64_t max,
                               const char* what);
    void deposit(NodeId id, Direction direction, float weight) const;
    /// The version of a node that the snapshot sees, nullptr where it sees none.
    static const NodeRecord* visible(const NodeRecord* newest, CommitTs snapshot);
    /// The newest versions of the ids, each on its way into the cache. REQUIRES: enough room.
    void newest(std::span<const NodeId> ids, std::span<const NodeRecord*> out) const;

    GraphState state_;
    Loader loader_;
    Writer writer_;
    // Relaxed: an id means nothing before the edge or node is published under it.
    std::atomic<uint64_t> next_node_{0};
    std::atomic<uint64_t> next_edge_{0};
    uint32_t shard_count_;
    pheromone::DepositSampler sampler_;
    pheromone::EvaporationClock evaporation_;
    mutable pheromone::EdgeTable trails_;
};

// --- what must be inlined into a scan --------------------------------------------------------

inline const NodeRecord* Graph::node(NodeId id, CommitTs snapshot) const {
    const NodeSlot* slot = state_.nodes.find(id.raw());
    if (slot == nullptr) return nullptr;
    return visible(slot->record(), snapshot);
}

inline const NodeRecord* Graph::visible(const NodeRecord* newest, CommitTs snapshot) {
    const NodeRecord* record = newest;
    while (record != nullptr && record->ts() > snapshot) record = record->previous();
    return record == nullptr || record->deleted() ? nullptr : record;
}

inline void Graph::newest(std::span<const NodeId> ids, std::span<const NodeRecord*> out) const {
    for (size_t i = 0; i < ids.size(); ++i) {
        const NodeSlot* slot = state_.nodes.find(ids[i].raw());
        out[i] = slot == nullptr ? nullptr : slot->record();
        __builtin_prefetch(out[i]);
    }
}

inline AdjacencyView Graph::adjacency(NodeId id, Direction direction, CommitTs snapshot) const {
    const NodeSlot* slot = state_.nodes.find(id.raw());
    if (slot == nullptr) return {};
    const AdjacencyList* list = slot->list(direction);
    while (list != nullptr && list->ts > snapshot.raw()) list = list->previous;
    return AdjacencyView(list);
}

inline void Graph::prefetch_slot(NodeId id) const {
    const NodeSlot* slot = state_.nodes.find(id.raw());
    __builtin_prefetch(slot);
}

inline void Graph::prefetch_list(NodeId id, Direction direction) const {
    const NodeSlot* slot = state_.nodes.find(id.raw());
    if (slot == nullptr) return;
    // Two lines hold the header and ten entries or more; the rest follows by itself.
    const auto* list = reinterpret_cast<const std::byte*>(slot->list(direction));
    __builtin_prefetch(list);
    __builtin_prefetch(list + 64);
}

inline void Graph::traversed([[maybe_unused]] NodeId id,
                             [[maybe_unused]] Direction direction) const {
#ifndef DEED_NO_PHEROMONE
    float weight = sampler_.sample();
    if (weight > 0) [[unlikely]]
        deposit(id, direction, weight);
#endif
}

template <class NodeAt>
void Graph::traversed([[maybe_unused]] size_t count, [[maybe_unused]] NodeAt&& node_at,
                      [[maybe_unused]] Direction direction) const {
#ifndef DEED_NO_PHEROMONE
    sampler_.sample_each(static_cast<uint32_t>(count),
                         [&](uint32_t i, float weight) { deposit(node_at(i), direction, weight); });
#endif
}

}  // namespace deed::graph
