#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/pheromone/intensity.h"

namespace deed::pheromone {

/// How much memory the trails of edges may take.
struct EdgeTableOptions {
    uint32_t pages_max = 1U << 18;  // of 1 KiB: 256 MiB
};

/// Intensities of single edges, kept by edge id and so untouched when an adjacency block is copied.
/// Cells lie in pages of 256 edge ids, made when the first of them is followed: most edges never
/// are, and have none. `edge_table.md` draws it.
///
/// Thread safety: all methods from any thread. Reading and depositing use relaxed loads and stores
/// and no read-modify-write; only the deposit that needs a new page takes a lock, and if another
/// thread holds it, the deposit is dropped instead of waiting.
/// Lifetime: pages live as long as the table. A page whose trails have evaporated is given to other
/// edges; a thread that still holds it then reads or strengthens a wrong edge once, which does no
/// more harm than a lost deposit.
/// Invariants: at most `pages_max` pages.
class EdgeTable {
 public:
    static constexpr uint32_t kPageBits = 8;
    static constexpr uint32_t kPageEdges = 1U << kPageBits;

    explicit EdgeTable(const EdgeTableOptions& options = {});
    ~EdgeTable();
    EdgeTable(const EdgeTable&) = delete;
    EdgeTable& operator=(const EdgeTable&) = delete;

    /// What is left of the edge's trail; 0 where there is none.
    [[nodiscard]] double intensity(EdgeId edge, const Decay& now) const {
        const Page* page = find_page(edge);
        if (page == nullptr) return 0;
        // Relaxed: see intensity.h.
        return decayed(page->cells[cell_of(edge)].load(std::memory_order_relaxed), now);
    }

    /// The edge was followed by `weight` traversals. Dropped, and counted, when the table is full.
    void deposit(EdgeId edge, double weight, const Decay& now);

    /// At recovery: the intensity that was stored.
    void restore(EdgeId edge, double intensity, const Decay& now);

    /// Calls `visit(EdgeId, double)` for every edge with more than `floor` left, ids ascending.
    template <class Visit>
    void for_each(const Decay& now, double floor, Visit&& visit) const;

    /// Rewrites every cell (see `scrubbed`), takes back the pages that are empty then; returns how
    /// many. For a background thread; beside readers and depositors.
    size_t scrub(const Decay& now, double floor);

    /// No page is left for edges without one: scrub with a higher floor, or trails stop spreading.
    [[nodiscard]] bool full() const { return pages_in_use() >= options_.pages_max; }
    // Relaxed: figures.
    [[nodiscard]] uint32_t pages_in_use() const {
        return pages_in_use_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
    [[nodiscard]] uint64_t bytes() const {
        return sizeof(*this) + bytes_.load(std::memory_order_relaxed);
    }

 private:
    struct Page {
        std::array<std::atomic<Cell>, kPageEdges> cells{};
    };
    static constexpr uint32_t kLeafBits = 12;
    static constexpr size_t kLeafPages = size_t{1} << kLeafBits;
    static constexpr size_t kLeaves = size_t{1} << (32 - kPageBits - kLeafBits);
    static_assert(limits::kEdgesMax <= uint64_t{1} << 32);
    struct Leaf {
        // Release in make_page, acquire in find_page: the page is zeroed.
        std::array<std::atomic<Page*>, kLeafPages> pages{};
    };

    static uint32_t cell_of(EdgeId edge) { return edge.raw() & (kPageEdges - 1); }
    static size_t leaf_of(EdgeId edge) { return edge.raw() >> (kPageBits + kLeafBits); }
    static size_t page_of(EdgeId edge) { return edge.raw() >> kPageBits & (kLeafPages - 1); }

    [[nodiscard]] Page* find_page(EdgeId edge) const {
        if (edge.raw() >= limits::kEdgesMax) return nullptr;
        const Leaf* leaf = leaves_[leaf_of(edge)].load(std::memory_order_acquire);
        if (leaf == nullptr) return nullptr;
        return leaf->pages[page_of(edge)].load(std::memory_order_acquire);
    }
    Page* make_page(EdgeId edge);
    Page* make_page_locked(EdgeId edge);
    Page* take_page();
    void count_dropped();
    static bool scrub_page(Page& page, const Decay& now, double floor);

    const EdgeTableOptions options_;
    // Release in make_page_locked, acquire in find_page: the leaf is zeroed.
    std::array<std::atomic<Leaf*>, kLeaves> leaves_{};
    std::atomic<uint32_t> pages_in_use_{0};
    std::atomic<uint64_t> bytes_{0};
    std::atomic<uint64_t> dropped_{0};

    std::mutex mutex_;
    std::vector<std::unique_ptr<Page>> pages_;         // guarded by mutex_: all that were ever made
    std::vector<Page*> free_;                          // guarded by mutex_
    std::vector<std::unique_ptr<Leaf>> owned_leaves_;  // guarded by mutex_
};

template <class Visit>
void EdgeTable::for_each(const Decay& now, double floor, Visit&& visit) const {
    for (size_t leaf_at = 0; leaf_at < kLeaves; ++leaf_at) {
        const Leaf* leaf = leaves_[leaf_at].load(std::memory_order_acquire);
        if (leaf == nullptr) continue;
        for (size_t page_at = 0; page_at < kLeafPages; ++page_at) {
            const Page* page = leaf->pages[page_at].load(std::memory_order_acquire);
            if (page == nullptr) continue;
            const uint64_t first = (leaf_at << kLeafBits | page_at) << kPageBits;
            for (uint32_t cell = 0; cell < kPageEdges; ++cell) {
                const double left = decayed(page->cells[cell].load(std::memory_order_relaxed), now);
                if (left > floor) visit(EdgeId{first + cell}, left);
            }
        }
    }
}

}  // namespace deed::pheromone
