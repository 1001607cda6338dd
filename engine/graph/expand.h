#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "engine/base/ids.h"
#include "engine/graph/graph.h"

// The lists of many nodes, one after the other, with their cache misses overlapped. A list is two
// dependent loads, slot and header; asked for one by one, each node costs two full misses. Here the
// slot of the node 32 places ahead and the list of the one 16 places ahead are on their way while
// the one in work is visited. For nodes in any order, or lists that were
// built edge by edge and lie anywhere, that is several times faster. A graph that was just loaded
// has its lists in the order of their nodes: there a plain loop over `adjacency` is the faster one.

namespace deed::graph {

namespace internal {

inline constexpr size_t kExpandSlotAhead = 32;
inline constexpr size_t kExpandListAhead = 16;

/// `node_at(i)` for i below count; `visit(i, AdjacencyView)`.
template <class NodeAt, class Visit>
void expand(const Graph& graph, size_t count, NodeAt&& node_at, Direction direction,
            CommitTs snapshot, Visit&& visit) {
    for (size_t i = 0; i < std::min(kExpandSlotAhead, count); ++i) graph.prefetch_slot(node_at(i));
    for (size_t i = 0; i < std::min(kExpandListAhead, count); ++i) {
        graph.prefetch_list(node_at(i), direction);
    }
    // The last nodes have nobody ahead of them; a loop of their own spares the others the question.
    size_t i = 0;
    for (; i + kExpandSlotAhead < count; ++i) {
        graph.prefetch_slot(node_at(i + kExpandSlotAhead));
        graph.prefetch_list(node_at(i + kExpandListAhead), direction);
        visit(i, graph.adjacency(node_at(i), direction, snapshot));
    }
    for (; i < count; ++i) {
        if (i + kExpandListAhead < count) {
            graph.prefetch_list(node_at(i + kExpandListAhead), direction);
        }
        visit(i, graph.adjacency(node_at(i), direction, snapshot));
    }
}

}  // namespace internal

/// Calls `visit(i, AdjacencyView)` with the list of `nodes[i]` at the snapshot, for each i in
/// order. REQUIRES: direction kOut or kIn; the snapshot is registered.
template <class Visit>
void expand(const Graph& graph, std::span<const NodeId> nodes, Direction direction,
            CommitTs snapshot, Visit&& visit) {
    internal::expand(
        graph, nodes.size(), [&](size_t i) { return nodes[i]; }, direction, snapshot,
        std::forward<Visit>(visit));
}

/// The same for nodes as they stand in adjacency: the second hop.
template <class Visit>
void expand(const Graph& graph, std::span<const uint32_t> nodes, Direction direction,
            CommitTs snapshot, Visit&& visit) {
    internal::expand(
        graph, nodes.size(), [&](size_t i) { return NodeId{nodes[i]}; }, direction, snapshot,
        std::forward<Visit>(visit));
}

/// The same for the ids from `first` to below `end`: a scan of the whole graph.
template <class Visit>
void expand(const Graph& graph, NodeId first, NodeId end, Direction direction, CommitTs snapshot,
            Visit&& visit) {
    if (end <= first) return;
    internal::expand(
        graph, end.raw() - first.raw(), [&](size_t i) { return NodeId{first.raw() + i}; },
        direction, snapshot, std::forward<Visit>(visit));
}

}  // namespace deed::graph
