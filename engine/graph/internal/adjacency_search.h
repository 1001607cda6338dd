#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "engine/graph/adjacency.h"

namespace deed::graph {

/// The order within one type: by neighbour, parallel edges by edge id.
struct EntryKey {
    uint32_t neighbour;
    uint32_t edge;

    friend constexpr auto operator<=>(const EntryKey&, const EntryKey&) = default;
};

/// The place of the first entry >= key in a sorted run.
inline size_t lower_bound_entry(std::span<const uint32_t> neighbours,
                                std::span<const uint32_t> edges, EntryKey key) {
    size_t place = static_cast<size_t>(
        std::lower_bound(neighbours.begin(), neighbours.end(), key.neighbour) - neighbours.begin());
    // Parallel edges are few; where they are many this is still a walk over one block.
    while (place < neighbours.size() && neighbours[place] == key.neighbour &&
           edges[place] < key.edge) {
        ++place;
    }
    return place;
}

inline uint32_t first_edge_of_block(const AdjacencyRef& block) {
    return static_cast<const uint32_t*>(block.target)[block.count];
}
inline uint32_t first_edge_of_page(const AdjacencyRef& page) {
    return first_edge_of_block(*static_cast<const AdjacencyRef*>(page.target));
}

/// The last ref whose first entry is <= key, or the first one where all begin behind it. Touches
/// a block only to tell parallel edges apart. REQUIRES: refs is not empty.
template <class FirstEdge>
size_t find_ref(std::span<const AdjacencyRef> refs, EntryKey key, FirstEdge first_edge) {
    auto behind = [&](EntryKey sought, const AdjacencyRef& ref) {
        if (ref.min_neighbour != sought.neighbour) return sought.neighbour < ref.min_neighbour;
        return sought.edge < first_edge(ref);
    };
    auto found = std::upper_bound(refs.begin(), refs.end(), key, behind);
    return found == refs.begin() ? 0 : static_cast<size_t>(found - refs.begin()) - 1;
}

}  // namespace deed::graph
