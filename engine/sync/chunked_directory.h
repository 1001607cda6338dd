#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <type_traits>

#include "engine/base/assert.h"
#include "engine/sync/pages.h"

namespace deed::sync {

/// An array that grows by whole chunks and never moves: `chunked_directory.md` draws it. An index
/// is two loads away, the first of which stays in the cache.
///
/// `Cell` is what a reader finds in zeroed memory; it is never constructed or destroyed, so it is
/// made of atomics whose zero means "nothing here".
///
/// Thread safety: all methods from any thread; two threads that make the same chunk agree on one.
/// Lifetime: chunks live as long as the directory.
template <class Cell, uint32_t kChunkBits, uint64_t kCellsMax>
class ChunkedDirectory {
 public:
    static constexpr uint64_t kChunkCells = uint64_t{1} << kChunkBits;
    static constexpr size_t kChunkBytes = kChunkCells * sizeof(Cell);
    static constexpr uint64_t kChunks = (kCellsMax + kChunkCells - 1) >> kChunkBits;
    static_assert(std::is_trivially_destructible_v<Cell>);

    ChunkedDirectory() : chunks_(static_cast<Chunk*>(map_sparse(kChunks * sizeof(Chunk)))) {}
    ~ChunkedDirectory() {
        for (uint64_t chunk = 0; chunk < chunk_end(); ++chunk) {
            Cell* cells = chunks_[chunk].load(std::memory_order_relaxed);
            if (cells != nullptr) delete_chunk(cells);
        }
        unmap(chunks_, kChunks * sizeof(Chunk));
    }
    ChunkedDirectory(const ChunkedDirectory&) = delete;
    ChunkedDirectory& operator=(const ChunkedDirectory&) = delete;

    /// The cell, or nullptr where its chunk was never made.
    [[nodiscard]] Cell* find(uint64_t index) const {
        if (index >= kCellsMax) [[unlikely]]
            return nullptr;
        Cell* cells = chunk(index >> kChunkBits);
        return cells == nullptr ? nullptr : cells + (index & (kChunkCells - 1));
    }

    /// The cell, its chunk made if need be. REQUIRES: index < kCellsMax.
    Cell& make(uint64_t index) {
        DEED_ASSERT(index < kCellsMax, "the index is within the directory");
        Cell* cell = find(index);
        if (cell != nullptr) [[likely]]
            return *cell;
        return make_chunk(index >> kChunkBits)[index & (kChunkCells - 1)];
    }

    /// The cells of a chunk, or nullptr. REQUIRES: chunk < kChunks.
    [[nodiscard]] Cell* chunk(uint64_t chunk) const {
        // Acquire pairs with the release in make_chunk: the chunk's zeroes are seen.
        return chunks_[chunk].load(std::memory_order_acquire);
    }
    /// One more than the number of the last chunk made.
    [[nodiscard]] uint64_t chunk_end() const { return chunk_end_.load(std::memory_order_acquire); }
    /// Bytes of the chunks made.
    [[nodiscard]] uint64_t bytes() const {
        return chunk_count_.load(std::memory_order_relaxed) * kChunkBytes;
    }

 private:
    using Chunk = std::atomic<Cell*>;

    // Chunks of whole huge pages are mapped as such; smaller ones come from the general allocator.
    static constexpr bool kHuge = kChunkBytes % kHugePageBytes == 0;

    static Cell* new_chunk() {
        void* memory = kHuge ? map_huge(kChunkBytes) : std::calloc(kChunkCells, sizeof(Cell));
        DEED_ASSERT(memory != nullptr, "the machine has no memory left");
        return static_cast<Cell*>(memory);
    }
    static void delete_chunk(Cell* cells) {
        if constexpr (kHuge) {
            unmap(cells, kChunkBytes);
        } else {
            std::free(cells);
        }
    }

    Cell* make_chunk(uint64_t number) {
        Cell* made = new_chunk();
        Cell* expected = nullptr;
        if (!chunks_[number].compare_exchange_strong(expected, made, std::memory_order_acq_rel,
                                                     std::memory_order_acquire)) {
            delete_chunk(made);  // Another thread was faster.
            return expected;
        }
        // Relaxed: a figure.
        chunk_count_.fetch_add(1, std::memory_order_relaxed);
        uint64_t end = chunk_end_.load(std::memory_order_relaxed);
        while (end <= number &&
               !chunk_end_.compare_exchange_weak(end, number + 1, std::memory_order_release,
                                                 std::memory_order_relaxed)) {
        }
        return made;
    }

    Chunk* chunks_;  // never moves; zero pages until touched
    std::atomic<uint64_t> chunk_end_{0};
    std::atomic<uint64_t> chunk_count_{0};
};

}  // namespace deed::sync
