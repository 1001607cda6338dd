#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/ids.h"
#include "engine/catalog/change_set.h"

namespace deed::txn {

/// Which base rows on disk no longer say what memory says: records and lists of nodes, pages of
/// edges. Bits in chunks that exist where something changed.
///
/// Thread safety: none; the committer fills it, a fold takes it from there.
class DirtySet {
 public:
    static constexpr uint8_t kRecord = 1;
    static constexpr uint8_t kOut = 2;
    static constexpr uint8_t kIn = 4;

    void note(const catalog::ChangeSet& changes);
    void note_node(NodeId id, uint8_t what);
    void note_edge_page(uint64_t page);
    /// Adds what `other` holds (a fold that failed gives back what it took).
    void merge(const DirtySet& other);
    [[nodiscard]] bool empty() const { return node_chunks_.empty() && page_chunks_.empty(); }

    /// Calls `visit(NodeId, uint8_t what)`, ids ascending, until it returns false.
    template <class Visit>
    bool each_node(Visit&& visit) const {
        for (size_t chunk = 0; chunk < node_chunks_.size(); ++chunk) {
            if (node_chunks_[chunk] == nullptr) continue;
            for (size_t word = 0; word < kWords; ++word) {
                uint64_t bits = (*node_chunks_[chunk])[word];
                for (size_t i = 0; bits != 0; ++i, bits >>= 4) {
                    const auto what = static_cast<uint8_t>(bits & 15);
                    if (what != 0 && !visit(NodeId{(chunk * kWords + word) * 16 + i}, what))
                        return false;
                }
            }
        }
        return true;
    }
    /// Calls `visit(uint64_t page)`, ascending, until it returns false.
    template <class Visit>
    bool each_edge_page(Visit&& visit) const {
        for (size_t chunk = 0; chunk < page_chunks_.size(); ++chunk) {
            if (page_chunks_[chunk] == nullptr) continue;
            for (size_t word = 0; word < kWords; ++word) {
                uint64_t bits = (*page_chunks_[chunk])[word];
                for (; bits != 0; bits &= bits - 1) {
                    const auto bit = static_cast<uint64_t>(__builtin_ctzll(bits));
                    if (!visit((chunk * kWords + word) * 64 + bit)) return false;
                }
            }
        }
        return true;
    }

 private:
    static constexpr size_t kWords = 4096;  // 32 KiB: 65,536 nodes or 16.7 million edges
    using Chunk = std::array<uint64_t, kWords>;
    using Chunks = std::vector<std::unique_ptr<Chunk>>;

    static uint64_t& word(Chunks& chunks, uint64_t index);
    static void merge(Chunks& into, const Chunks& from);

    Chunks node_chunks_;  // four bits a node
    Chunks page_chunks_;  // one bit a page
};

}  // namespace deed::txn
