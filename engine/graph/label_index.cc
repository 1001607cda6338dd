#include "engine/graph/label_index.h"

#include <algorithm>

namespace deed::graph {

namespace {

/// Puts a new object where there is none; of two threads that try, both get the one that won.
/// Returns whether it was this thread's.
template <class Object>
bool publish_new(std::atomic<Object*>& place) {
    auto made = std::make_unique<Object>();
    Object* expected = nullptr;
    // Release: whoever loads the pointer with acquire sees the object built.
    const bool mine = place.compare_exchange_strong(expected, made.get(), std::memory_order_release,
                                                    std::memory_order_relaxed);
    if (mine) static_cast<void>(made.release());
    return mine;
}

}  // namespace

LabelBitmap::~LabelBitmap() = default;

template <class Child>
Child& LabelBitmap::make_child(std::atomic<Child*>& place) {
    Child* child = place.load(std::memory_order_acquire);
    if (child != nullptr) [[likely]]
        return *child;
    if (publish_new(place)) bytes_.fetch_add(sizeof(Child), std::memory_order_relaxed);
    return *place.load(std::memory_order_acquire);
}

LabelBitmap::Chunk& LabelBitmap::make(uint64_t id) {
    DEED_ASSERT(id < limits::kNodesMax, "node ids in memory are below kNodesMax");
    Branch& branch = make_child(root_.children[id >> kBranchShift]);
    Leaf& leaf = make_child(branch.children[id >> kLeafShift & (Branch::kChildren - 1)]);
    return make_child(leaf.children[id >> kChunkBits & (Leaf::kChildren - 1)]);
}

LabelBitmap::Chunk* LabelBitmap::find(uint64_t id) const {
    if (id >= limits::kNodesMax) return nullptr;
    const Branch* branch = root_.children[id >> kBranchShift].load(std::memory_order_acquire);
    if (branch == nullptr) return nullptr;
    const Leaf* leaf = branch->children[id >> kLeafShift & (Branch::kChildren - 1)].load(
        std::memory_order_acquire);
    if (leaf == nullptr) return nullptr;
    return leaf->children[id >> kChunkBits & (Leaf::kChildren - 1)].load(std::memory_order_acquire);
}

void LabelBitmap::set(NodeId node) {
    const uint64_t id = node.raw();
    std::atomic<uint64_t>& word = make(id).words[id % kChunkNodes / kWordBits];
    // Relaxed, see Chunk; a read-modify-write because loading threads share words.
    word.fetch_or(uint64_t{1} << (id % kWordBits), std::memory_order_relaxed);
}

void LabelBitmap::clear(NodeId node) {
    const uint64_t id = node.raw();
    Chunk* chunk = find(id);
    if (chunk == nullptr) return;
    std::atomic<uint64_t>& word = chunk->words[id % kChunkNodes / kWordBits];
    word.fetch_and(~(uint64_t{1} << (id % kWordBits)), std::memory_order_relaxed);
}

bool LabelBitmap::test(NodeId node) const {
    const uint64_t id = node.raw();
    const Chunk* chunk = find(id);
    if (chunk == nullptr) return false;
    const uint64_t word =
        chunk->words[id % kChunkNodes / kWordBits].load(std::memory_order_relaxed);
    return (word >> (id % kWordBits) & 1) != 0;
}

const LabelBitmap::Chunk* LabelBitmap::next_chunk(uint64_t* id) const {
    const auto skip_to_next = [id](uint32_t shift) { *id = ((*id >> shift) + 1) << shift; };
    while (*id < limits::kNodesMax) {
        const Branch* branch = root_.children[*id >> kBranchShift].load(std::memory_order_acquire);
        if (branch == nullptr) {
            skip_to_next(kBranchShift);
            continue;
        }
        const Leaf* leaf = branch->children[*id >> kLeafShift & (Branch::kChildren - 1)].load(
            std::memory_order_acquire);
        if (leaf == nullptr) {
            skip_to_next(kLeafShift);
            continue;
        }
        const Chunk* chunk = leaf->children[*id >> kChunkBits & (Leaf::kChildren - 1)].load(
            std::memory_order_acquire);
        if (chunk != nullptr) return chunk;
        skip_to_next(kChunkBits);
    }
    return nullptr;
}

size_t LabelBitmap::collect(uint64_t* from, std::span<NodeId> out) const {
    size_t count = 0;
    while (count < out.size()) {
        const Chunk* chunk = next_chunk(from);
        if (chunk == nullptr) return count;
        const uint64_t chunk_first = *from & ~(kChunkNodes - 1);
        uint64_t skipped = *from % kWordBits;  // bits of the first word below `from`
        for (size_t at = *from % kChunkNodes / kWordBits; at < kWords; ++at, skipped = 0) {
            uint64_t word = chunk->words[at].load(std::memory_order_relaxed);
            word &= ~uint64_t{0} << skipped;
            while (word != 0) {
                const uint64_t id =
                    chunk_first + at * kWordBits + static_cast<uint64_t>(std::countr_zero(word));
                if (count == out.size()) {
                    *from = id;
                    return count;
                }
                out[count++] = NodeId{id};
                word &= word - 1;
            }
        }
        *from = chunk_first + kChunkNodes;
    }
    return count;
}

LabelIndex::Page::~Page() {
    for (std::atomic<LabelBitmap*>& bitmap : bitmaps) {
        std::unique_ptr<LabelBitmap>(bitmap.load(std::memory_order_relaxed)).reset();
    }
}

LabelIndex::~LabelIndex() {
    for (std::atomic<Page*>& page : pages_) {
        std::unique_ptr<Page>(page.load(std::memory_order_relaxed)).reset();
    }
}

LabelBitmap* LabelIndex::bitmap(LabelId label) const {
    if (label.raw() >= limits::kLabelsMax) return nullptr;
    const Page* page = pages_[label.raw() >> kPageBits].load(std::memory_order_acquire);
    if (page == nullptr) return nullptr;
    return page->bitmaps[label.raw() & (kPageLabels - 1)].load(std::memory_order_acquire);
}

LabelBitmap& LabelIndex::make(LabelId label) {
    DEED_ASSERT(label.raw() < limits::kLabelsMax, "label ids are below kLabelsMax");
    std::atomic<Page*>& place = pages_[label.raw() >> kPageBits];
    if (place.load(std::memory_order_acquire) == nullptr) publish_new(place);
    Page* page = place.load(std::memory_order_acquire);
    std::atomic<LabelBitmap*>& bitmap = page->bitmaps[label.raw() & (kPageLabels - 1)];
    if (bitmap.load(std::memory_order_acquire) == nullptr) publish_new(bitmap);
    return *bitmap.load(std::memory_order_acquire);
}

void LabelIndex::clear(LabelId label, NodeId node) {
    if (LabelBitmap* found = bitmap(label)) found->clear(node);
}

bool LabelIndex::test(LabelId label, NodeId node) const {
    const LabelBitmap* bitmap = find(label);
    return bitmap != nullptr && bitmap->test(node);
}

uint64_t LabelIndex::bytes() const {
    uint64_t total = sizeof(*this);
    for (const std::atomic<Page*>& place : pages_) {
        const Page* page = place.load(std::memory_order_acquire);
        if (page == nullptr) continue;
        total += sizeof(Page);
        for (const std::atomic<LabelBitmap*>& bitmap : page->bitmaps) {
            const LabelBitmap* found = bitmap.load(std::memory_order_acquire);
            if (found != nullptr) total += found->bytes();
        }
    }
    return total;
}

}  // namespace deed::graph
