#include "engine/txn/dirty_set.h"

#include "engine/storage/rows.h"

namespace deed::txn {

uint64_t& DirtySet::word(Chunks& chunks, uint64_t index) {
    const uint64_t chunk = index / kWords;
    if (chunk >= chunks.size()) chunks.resize(chunk + 1);
    if (chunks[chunk] == nullptr) chunks[chunk] = std::make_unique<Chunk>();
    return (*chunks[chunk])[index % kWords];
}

void DirtySet::note_node(NodeId id, uint8_t what) {
    word(node_chunks_, id.raw() / 16) |= static_cast<uint64_t>(what) << (id.raw() % 16 * 4);
}

void DirtySet::note_edge_page(uint64_t page) {
    word(page_chunks_, page / 64) |= 1ULL << (page % 64);
}

void DirtySet::note(const catalog::ChangeSet& changes) {
    for (const catalog::NodeWrite& write : changes.nodes) note_node(write.node, kRecord);
    for (const catalog::EdgeAdd& edge : changes.added) {
        note_node(edge.start, kOut);
        note_node(edge.end, kIn);
        note_edge_page(edge.edge.raw() / storage::kEdgesPerPage);
    }
    for (const catalog::EdgeRemove& edge : changes.removed) {
        note_node(edge.start, kOut);
        note_node(edge.end, kIn);
        note_edge_page(edge.edge.raw() / storage::kEdgesPerPage);
    }
    for (const catalog::EdgeWrite& edge : changes.written)
        note_edge_page(edge.edge.raw() / storage::kEdgesPerPage);
}

void DirtySet::merge(Chunks& into, const Chunks& from) {
    for (size_t chunk = 0; chunk < from.size(); ++chunk) {
        if (from[chunk] == nullptr) continue;
        for (size_t i = 0; i < kWords; ++i)
            if ((*from[chunk])[i] != 0) word(into, chunk * kWords + i) |= (*from[chunk])[i];
    }
}

void DirtySet::merge(const DirtySet& other) {
    merge(node_chunks_, other.node_chunks_);
    merge(page_chunks_, other.page_chunks_);
}

}  // namespace deed::txn
