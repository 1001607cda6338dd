#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "engine/base/assert.h"
#include "engine/base/ids.h"
#include "engine/base/limits.h"

namespace deed::graph {

/// The nodes that may have one label: a bit for each node id, in chunks of 4,096 bits under three
/// levels of pointers, made where a bit is set. `label_index.md` draws it.
///
/// Thread safety: all methods from any thread; reading takes no lock and writes nothing.
/// Lifetime: chunks live as long as the bitmap, so that a reader never loses one.
class LabelBitmap {
 public:
    static constexpr uint32_t kChunkBits = 12;
    static constexpr uint64_t kChunkNodes = uint64_t{1} << kChunkBits;

    LabelBitmap() = default;
    ~LabelBitmap();
    LabelBitmap(const LabelBitmap&) = delete;
    LabelBitmap& operator=(const LabelBitmap&) = delete;

    /// REQUIRES: node.raw() < limits::kNodesMax.
    void set(NodeId node);
    void clear(NodeId node);
    [[nodiscard]] bool test(NodeId node) const;

    /// Writes the ids of set bits, ascending, from `*from` on; returns how many. Fewer than
    /// `out.size()` only at the end. `*from` becomes where to go on.
    size_t collect(uint64_t* from, std::span<NodeId> out) const;

    // Relaxed: a figure.
    [[nodiscard]] uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
    static constexpr size_t kWordBits = 64;
    static constexpr size_t kWords = kChunkNodes / kWordBits;
    /// Words: relaxed everywhere. A set bit says "look at the record", and who may see the record
    /// learns of it through the commit timestamp, whose release and acquire come after and before.
    struct Chunk {
        std::array<std::atomic<uint64_t>, kWords> words{};
    };
    /// Pointers: release in `make`, acquire in `find`, so that what they lead to is zeroed.
    template <class Child, uint32_t kBits>
    struct Level {
        static constexpr uint64_t kChildren = uint64_t{1} << kBits;
        std::array<std::atomic<Child*>, kChildren> children{};
        ~Level() {
            for (std::atomic<Child*>& child : children) {
                std::unique_ptr<Child>(child.load(std::memory_order_relaxed)).reset();
            }
        }
    };
    using Leaf = Level<Chunk, 7>;
    using Branch = Level<Leaf, 7>;
    using Root = Level<Branch, 6>;
    static constexpr uint32_t kLeafShift = kChunkBits + 7;
    static constexpr uint32_t kBranchShift = kLeafShift + 7;
    static_assert(limits::kNodesMax <= uint64_t{1} << (kBranchShift + 6));

    [[nodiscard]] Chunk* find(uint64_t id) const;
    /// The first chunk at or behind the one of `*id` that exists; moves `*id` up to its beginning
    /// if it is a later one. nullptr at the end.
    [[nodiscard]] const Chunk* next_chunk(uint64_t* id) const;
    Chunk& make(uint64_t id);
    template <class Child>
    Child& make_child(std::atomic<Child*>& place);

    Root root_;
    std::atomic<uint64_t> bytes_{sizeof(LabelBitmap)};
};

/// Candidate nodes by label. A superset: whether a node has the label at a snapshot is said by its
/// record only. Bits are set when a version with the label is made and cleared when the last such
/// version is freed, so no snapshot misses a node.
///
/// Thread safety and Lifetime: as LabelBitmap; bitmaps are made by `set` and live as long as the
/// index.
class LabelIndex {
 public:
    LabelIndex() = default;
    ~LabelIndex();
    LabelIndex(const LabelIndex&) = delete;
    LabelIndex& operator=(const LabelIndex&) = delete;

    /// REQUIRES: label.raw() < limits::kLabelsMax, node.raw() < limits::kNodesMax.
    void set(LabelId label, NodeId node) { make(label).set(node); }
    void clear(LabelId label, NodeId node);
    [[nodiscard]] bool test(LabelId label, NodeId node) const;

    /// nullptr where no node ever had the label.
    [[nodiscard]] const LabelBitmap* find(LabelId label) const { return bitmap(label); }

    [[nodiscard]] uint64_t bytes() const;

 private:
    static constexpr uint32_t kPageBits = 8;
    static constexpr uint32_t kPageLabels = 1U << kPageBits;
    static constexpr uint32_t kPages = (limits::kLabelsMax + kPageLabels - 1) / kPageLabels;
    struct Page {
        // Release in make, acquire in find: the bitmap is built.
        std::array<std::atomic<LabelBitmap*>, kPageLabels> bitmaps{};
        ~Page();
    };

    [[nodiscard]] LabelBitmap* bitmap(LabelId label) const;
    LabelBitmap& make(LabelId label);

    // Release in make, acquire in find: the page is zeroed.
    std::array<std::atomic<Page*>, kPages> pages_{};
};

}  // namespace deed::graph
