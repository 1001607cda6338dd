#pragma once

#include <cstdint>
#include <vector>

#include "engine/catalog/tokens.h"
#include "engine/graph/graph.h"

namespace deed::bench {

/// A graph as plain arrays: the neighbours of v are neighbours[offsets[v] .. offsets[v + 1]).
struct Csr {
    std::vector<uint32_t> offsets;
    std::vector<uint32_t> neighbours;
    std::vector<uint32_t> edges;
};

/// Both directions of one graph; lists sorted by (neighbour, edge).
struct TestGraph {
    uint64_t nodes = 0;
    Csr out;
    Csr in;
};

/// Power-law out-degrees with a mean of about 10 (at most 10,000), skewed ends; the same for a
/// seed.
TestGraph make_test_graph(uint64_t nodes, uint64_t seed);

/// Nodes 0 .. count - 1 with one label, an integer and a short string, there since `ts`.
void load_nodes(graph::Graph& graph, catalog::Catalog& catalog, uint64_t count,
                CommitTs ts = CommitTs{1});
void load_edges(graph::Graph& graph, catalog::Catalog& catalog, const TestGraph& data,
                CommitTs ts = CommitTs{1});

/// What the allocator has handed out in this process, in bytes.
uint64_t allocated_bytes();

/// Moves what the vector holds onto huge pages, as the engine's own arenas are, so that a limit is
/// not handicapped by small ones. REQUIRES: nobody uses the memory meanwhile.
void onto_huge_pages(void* memory, size_t bytes);
template <class T>
void onto_huge_pages(std::vector<T>& values) {
    onto_huge_pages(values.data(), values.size() * sizeof(T));
}

}  // namespace deed::bench
