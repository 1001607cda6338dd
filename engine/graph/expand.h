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
    std::array<const AdjacencyList*, kBatch> lists;
    std::array<AdjacencyView, kBatch> views;
    const auto prefetch_slots = [&](size_t first) {
        if constexpr (kBatch == kExpandInARow) return;
        const size_t end = std::min(first + kBatch, count);
        for (size_t i = first; i < end; ++i) graph.prefetch_slot(node_at(i));
    };
    const auto fetch_lists = [&](size_t first) {
        const size_t end = std::min(first + kBatch, count);
        for (size_t i = first; i < end; ++i) {
            lists[i - first] = graph.fetch_list(node_at(i), direction);
        }
    };
    prefetch_slots(0);
    prefetch_slots(kBatch);
    fetch_lists(0);
    for (size_t first = 0; first < count; first += kBatch) {
        const size_t batch = std::min(kBatch, count - first);
        for (size_t i = 0; i < batch; ++i) views[i] = Graph::visible(lists[i], snapshot);
        prefetch_slots(first + 2 * kBatch);
        fetch_lists(first + kBatch);
        if (trail == Trail::kLeave) {
            graph.traversed(
                batch, [&](size_t i) { return node_at(first + i); }, direction);
        }
        for (size_t i = 0; i < batch; ++i) visit(first + i, views[i]);
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
