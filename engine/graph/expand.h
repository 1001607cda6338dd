#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "engine/base/ids.h"
#include "engine/graph/graph.h"

// The lists of many nodes, one after the other, with their cache misses overlapped. A list is two
// dependent loads, slot and header, and how long it is, is known only after the second: asked for
// one by one, each node costs two full misses, and the processor, which guesses where the walk over
// a list ends and is nearly always wrong, learns that only once the header has come.
//
// So the work goes in batches. While a batch is visited, the lists of the next and the slots of the
// one after are on their way; and all headers of a batch are read before its first entry.

namespace deed::graph {

/// Whether an expansion leaves a trail on the lists it reads, as traversals by users do.
enum class Trail : bool { kNone, kLeave };

namespace internal {

/// How many nodes are in work at once. Neighbouring ones need fewer: the hardware sees them coming.
inline constexpr size_t kExpandAnywhere = 32;
inline constexpr size_t kExpandInARow = 16;

/// `node_at(i)` for i below count; `visit(i, AdjacencyView)`.
template <size_t kBatch, class NodeAt, class Visit>
void expand(const Graph& graph, size_t count, NodeAt&& node_at, Direction direction,
            CommitTs snapshot, Trail trail, Visit&& visit) {
    std::array<AdjacencyView, kBatch> views;
    size_t first = 0;
    const auto prefetch_slots = [&](size_t from, size_t batch) {
        if constexpr (kBatch == kExpandInARow) return;
        for (size_t i = 0; i < batch; ++i) graph.prefetch_slot(node_at(from + i));
    };
    const auto prefetch_lists = [&](size_t from, size_t batch) {
        for (size_t i = 0; i < batch; ++i) graph.prefetch_list(node_at(from + i), direction);
    };
    // Inlined into both loops: the visitor is the inner loop of a scan.
    const auto visit_lists = [&](size_t batch) __attribute__((always_inline)) {
        for (size_t i = 0; i < batch; ++i) {
            views[i] = graph.adjacency(node_at(first + i), direction, snapshot);
        }
        if (trail == Trail::kLeave) {
            graph.traversed(
                batch, [&](size_t i) { return node_at(first + i); }, direction);
        }
        for (size_t i = 0; i < batch; ++i) visit(first + i, views[i]);
        first += batch;
    };
    prefetch_slots(0, std::min(2 * kBatch, count));
    prefetch_lists(0, std::min(kBatch, count));
    // As long as there are whole batches ahead, all loops have a fixed length.
    for (size_t whole = count / kBatch; whole > 2; --whole) {
        prefetch_slots(first + 2 * kBatch, kBatch);
        prefetch_lists(first + kBatch, kBatch);
        visit_lists(kBatch);
    }
    while (first < count) {
        const size_t batch = std::min(kBatch, count - first);
        const size_t next = std::min(kBatch, count - first - batch);
        const size_t after = std::min(kBatch, count - first - batch - next);
        prefetch_slots(first + batch + next, after);
        prefetch_lists(first + batch, next);
        visit_lists(batch);
    }
}

}  // namespace internal

/// Calls `visit(i, AdjacencyView)` with the list of `nodes[i]` at the snapshot, for each i in
/// order. REQUIRES: direction kOut or kIn; the snapshot is registered.
template <class Visit>
void expand(const Graph& graph, std::span<const NodeId> nodes, Direction direction,
            CommitTs snapshot, Trail trail, Visit&& visit) {
    internal::expand<internal::kExpandAnywhere>(
        graph, nodes.size(), [&](size_t i) { return nodes[i]; }, direction, snapshot, trail,
        std::forward<Visit>(visit));
}

/// The same for nodes as they stand in adjacency: the second hop.
template <class Visit>
void expand(const Graph& graph, std::span<const uint32_t> nodes, Direction direction,
            CommitTs snapshot, Trail trail, Visit&& visit) {
    internal::expand<internal::kExpandAnywhere>(
        graph, nodes.size(), [&](size_t i) { return NodeId{nodes[i]}; }, direction, snapshot, trail,
        std::forward<Visit>(visit));
}

/// The same for the ids from `first` to below `end`: a scan of the whole graph.
template <class Visit>
void expand(const Graph& graph, NodeId first, NodeId end, Direction direction, CommitTs snapshot,
            Trail trail, Visit&& visit) {
    if (end <= first) return;
    internal::expand<internal::kExpandInARow>(
        graph, end.raw() - first.raw(), [&](size_t i) { return NodeId{first.raw() + i}; },
        direction, snapshot, trail, std::forward<Visit>(visit));
}

}  // namespace deed::graph
