#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace deed::sync {

/// Memory for immutable versions: cut off the front of huge-page regions, given back to a free list
/// of its size class, never to the system before the arena dies. There is no header before an
/// allocation; whoever frees it knows its size.
///
///     bytes      1 .. 256    classes 8 bytes apart
///              257 .. 8192   classes 64 bytes apart
///             8193 ..        the general allocator, linked so that the arena can free what is left
///
/// Under AddressSanitizer everything that is not handed out is poisoned, so that a reader of a
/// version that was freed too early stops the test.
///
/// Thread safety: `allocate` and `release` from one thread at a time; `used` and `reserved` from
/// any. Lifetime: what it handed out dies with the arena. Memory may be released to another arena
/// of the same owner and thread; then only the sum of their `used` has a meaning, and they die
/// together. Invariants: every allocation is aligned to 8 bytes; `used` counts whole classes.
class Arena {
 public:
    Arena();
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    [[nodiscard]] void* allocate(size_t bytes);
    /// REQUIRES: `bytes` is what `memory` was allocated with.
    void release(void* memory, size_t bytes);

    /// Bytes handed out and not given back. May wrap below zero; see Lifetime.
    [[nodiscard]] uint64_t used() const { return used_.load(std::memory_order_relaxed); }
    /// Bytes mapped from the system.
    [[nodiscard]] uint64_t reserved() const { return reserved_.load(std::memory_order_relaxed); }

    /// What an allocation of `bytes` takes up.
    [[nodiscard]] static constexpr size_t class_bytes(size_t bytes) {
        if (bytes <= kFineMax) return (bytes + kFineStep - 1) / kFineStep * kFineStep;
        if (bytes <= kCoarseMax) return (bytes + kCoarseStep - 1) / kCoarseStep * kCoarseStep;
        return bytes;
    }

    static constexpr size_t kFineStep = 8;
    static constexpr size_t kFineMax = 256;
    static constexpr size_t kCoarseStep = 64;
    static constexpr size_t kCoarseMax = 8192;

 private:
    struct FreeBlock {
        FreeBlock* next;
    };
    /// Stands before an allocation above kCoarseMax; a ring, so that it can leave without its
    /// arena.
    struct Large {
        Large* previous;
        Large* next;
    };
    struct Region {
        std::byte* memory;
        size_t bytes;
    };
    static constexpr size_t kFineClasses = kFineMax / kFineStep;
    static constexpr size_t kClasses = kFineClasses + (kCoarseMax - kFineMax) / kCoarseStep;
    static constexpr size_t kRegionBytesMax = size_t{32} << 20;

    /// REQUIRES: 0 < bytes <= kCoarseMax.
    static constexpr size_t class_of(size_t bytes) {
        if (bytes <= kFineMax) return (bytes + kFineStep - 1) / kFineStep - 1;
        return kFineClasses + (bytes - kFineMax + kCoarseStep - 1) / kCoarseStep - 1;
    }

    void* allocate_large(size_t bytes);
    void release_large(void* memory, size_t bytes);
    void map_region();
    void push_free(std::byte* memory, size_t bytes);
    // Relaxed: figures for whoever asks; they order nothing. Only the owning thread writes them.
    void count(std::atomic<uint64_t>& figure, uint64_t delta) {
        figure.store(figure.load(std::memory_order_relaxed) + delta, std::memory_order_relaxed);
    }

    std::byte* next_ = nullptr;
    std::byte* end_ = nullptr;
    std::array<FreeBlock*, kClasses> free_{};
    std::vector<Region> regions_;
    Large large_;
    std::atomic<uint64_t> used_{0};
    std::atomic<uint64_t> reserved_{0};
};

}  // namespace deed::sync
