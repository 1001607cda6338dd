#include "engine/graph/adjacency.h"

#include "engine/graph/internal/adjacency_search.h"

namespace deed::graph {
namespace {

bool holds(const AdjacencyRun& run, EntryKey key) {
    size_t place = lower_bound_entry(run.neighbours, run.edges, key);
    return place < run.neighbours.size() && run.neighbours[place] == key.neighbour &&
           run.edges[place] == key.edge;
}

/// In memory ids are 32 bits wide; no list holds a larger one.
bool in_memory(uint64_t raw_id) {
    return raw_id <= 0xFFFF'FFFFULL;
}

}  // namespace

AdjacencyRun AdjacencyView::run_around(uint32_t index, uint32_t neighbour, uint32_t edge) const {
    if (list_->single()) return run(TypeId{list_->kind});
    if (list_->kind == AdjacencyList::kMany) return segment_run(index);
    std::span<const AdjacencyRef> pages = segment_pages(index);
    EntryKey key{neighbour, edge};
    const AdjacencyRef& page = pages[find_ref(pages, key, first_edge_of_page)];
    std::span blocks{static_cast<const AdjacencyRef*>(page.target), page.count};
    const AdjacencyRef& block = blocks[find_ref(blocks, key, first_edge_of_block)];
    const auto* neighbours = static_cast<const uint32_t*>(block.target);
    return {type(index), {neighbours, block.count}, {neighbours + block.count, block.count}};
}

bool AdjacencyView::contains(TypeId type, NodeId neighbour) const {
    if (list_ == nullptr || !in_memory(neighbour.raw())) return false;
    uint32_t index = 0;
    if (list_->single()) {
        if (list_->kind != type.raw()) return false;
    } else if (index = find_segment(type); index == kNone) {
        return false;
    }
    auto sought = static_cast<uint32_t>(neighbour.raw());
    // The block where the neighbour's last possible entry belongs holds one of its entries if there
    // are any; the block of its first possible entry may end just before them.
    AdjacencyRun run = run_around(index, sought, 0xFFFF'FFFF);
    return std::binary_search(run.neighbours.begin(), run.neighbours.end(), sought);
}

bool AdjacencyView::contains(TypeId type, NodeId neighbour, EdgeId edge) const {
    if (list_ == nullptr || !in_memory(neighbour.raw()) || !in_memory(edge.raw())) return false;
    uint32_t index = 0;
    if (list_->single()) {
        if (list_->kind != type.raw()) return false;
    } else if (index = find_segment(type); index == kNone) {
        return false;
    }
    EntryKey key{static_cast<uint32_t>(neighbour.raw()), static_cast<uint32_t>(edge.raw())};
    return holds(run_around(index, key.neighbour, key.edge), key);
}

TypeId AdjacencyView::type_of(NodeId neighbour, EdgeId edge) const {
    if (list_ == nullptr || !in_memory(neighbour.raw()) || !in_memory(edge.raw())) {
        return TypeId::invalid();
    }
    EntryKey key{static_cast<uint32_t>(neighbour.raw()), static_cast<uint32_t>(edge.raw())};
    for (uint32_t i = 0; i < list_->segments; ++i) {
        if (holds(run_around(i, key.neighbour, key.edge), key)) return type(i);
    }
    return TypeId::invalid();
}

}  // namespace deed::graph
