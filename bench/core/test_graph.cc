#include "bench/core/test_graph.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <jemalloc/jemalloc.h>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <sys/mman.h>

namespace deed::bench {
namespace {

constexpr uint32_t kDegreeMax = 10'000;

struct Pair {
    uint32_t from;
    uint32_t to;
    uint32_t edge;
};

Csr build(uint64_t nodes, std::vector<Pair>& pairs) {
    std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
        return std::tie(a.from, a.to, a.edge) < std::tie(b.from, b.to, b.edge);
    });
    Csr csr;
    csr.offsets.assign(nodes + 1, 0);
    csr.neighbours.reserve(pairs.size());
    csr.edges.reserve(pairs.size());
    for (const Pair& pair : pairs) {
        ++csr.offsets[pair.from + 1];
        csr.neighbours.push_back(pair.to);
        csr.edges.push_back(pair.edge);
    }
    onto_huge_pages(csr.neighbours);
    std::partial_sum(csr.offsets.begin(), csr.offsets.end(), csr.offsets.begin());
    onto_huge_pages(csr.offsets);
    return csr;
}

}  // namespace

TestGraph make_test_graph(uint64_t nodes, uint64_t seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> uniform(1e-9, 1.0);
    std::vector<uint32_t> place(nodes);
    std::iota(place.begin(), place.end(), 0U);
    std::shuffle(place.begin(), place.end(), random);
    std::vector<Pair> pairs;
    pairs.reserve(nodes * 11);
    for (uint32_t from = 0; from < nodes; ++from) {
        // Pareto with exponent 3 and mean 10.5.
        const auto degree = std::min<uint64_t>(
            kDegreeMax, static_cast<uint64_t>(5.25 / std::sqrt(uniform(random)) + 0.5));
        for (uint64_t i = 0; i < degree; ++i) {
            const double u = uniform(random);
            const uint32_t to = place[std::min(
                nodes - 1, static_cast<uint64_t>(static_cast<double>(nodes) * u * u))];
            pairs.push_back({from, to, static_cast<uint32_t>(pairs.size())});
        }
    }
    TestGraph graph;
    graph.nodes = nodes;
    graph.out = build(nodes, pairs);
    for (Pair& pair : pairs) std::swap(pair.from, pair.to);
    graph.in = build(nodes, pairs);
    return graph;
}

void load_nodes(graph::Graph& graph, catalog::Catalog& catalog, uint64_t count, CommitTs ts) {
    if (!graph.allocate_nodes(count).ok()) throw std::runtime_error("no ids left");
    const LabelId label{catalog.labels.intern("Person").value()};
    const PropertyKeyId age{catalog.property_keys.intern("age").value()};
    const PropertyKeyId name{catalog.property_keys.intern("name").value()};
    for (uint64_t i = 0; i < count; ++i) {
        const catalog::PropertyList properties{
            {age, value::Value::integer(static_cast<int64_t>(i % 90))},
            {name, value::Value::string("u" + std::to_string(i))}};
        graph.load_node(NodeId{i}, {&label, 1}, properties, ts);
    }
}

void load_edges(graph::Graph& graph, catalog::Catalog& catalog, const TestGraph& data,
                CommitTs ts) {
    if (!graph.allocate_edges(data.out.neighbours.size()).ok()) throw std::runtime_error("no ids");
    const TypeId type{catalog.types.intern("KNOWS").value()};
    std::vector<graph::LoadEntry> entries;
    const auto load = [&](const Csr& csr, Direction direction) {
        for (uint64_t v = 0; v < data.nodes; ++v) {
            entries.clear();
            for (uint32_t e = csr.offsets[v]; e < csr.offsets[v + 1]; ++e) {
                entries.push_back({type, NodeId{csr.neighbours[e]}, EdgeId{csr.edges[e]}});
                if (direction == Direction::kOut) {
                    graph.load_edge(EdgeId{csr.edges[e]}, {NodeId{v}, NodeId{csr.neighbours[e]}},
                                    {}, ts);
                }
            }
            graph.load_adjacency(NodeId{v}, direction, entries, ts);
        }
    };
    load(data.out, Direction::kOut);
    load(data.in, Direction::kIn);
}

uint64_t allocated_bytes() {
    uint64_t epoch = 1;
    size_t size = sizeof epoch;
    mallctl("epoch", &epoch, &size, &epoch, size);
    size_t bytes = 0;
    size = sizeof bytes;
    mallctl("stats.allocated", &bytes, &size, nullptr, 0);
    return bytes;
}

void onto_huge_pages(void* memory, size_t bytes) {
    constexpr uintptr_t kHuge = uintptr_t{2} << 20;
    auto* const first = static_cast<std::byte*>(memory);
    const auto begin = (reinterpret_cast<uintptr_t>(first) + kHuge - 1) / kHuge * kHuge;
    const auto end = reinterpret_cast<uintptr_t>(first + bytes) / kHuge * kHuge;
    if (begin >= end) return;
    auto* const aligned = reinterpret_cast<std::byte*>(begin);
    const std::vector<std::byte> copy(aligned, aligned + (end - begin));
    madvise(aligned, copy.size(), MADV_HUGEPAGE);
    madvise(aligned, copy.size(), MADV_DONTNEED);
    std::copy(copy.begin(), copy.end(), aligned);
}

}  // namespace deed::bench
