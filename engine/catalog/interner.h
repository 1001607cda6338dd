#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/base/assert.h"

namespace deed::catalog {

/// Gives equal keys the same dense number, for ever: number by key, key by number. Names, label
/// sets and record shapes are kept this way. `interner.md` draws it.
///
/// `Traits` names `Key` (what is kept), `View` (what is looked up; cheap to copy), and has static
/// `uint64_t hash(View)` and `bool equal(const Key&, View)`.
///
/// Thread safety: all methods from any thread. `find`, `at` and `size` take no lock; `intern` takes
/// one only where the key is new. A `find` that runs beside the `intern` of the same key may miss
/// it. Lifetime: entries never move and live as long as the interner. Invariants: numbers are 0, 1,
/// 2 ... in the order of interning; at most `count_max` of them.
template <class Traits>
class Interner {
 public:
    using Key = typename Traits::Key;
    using View = typename Traits::View;

    struct Entry {
        uint64_t hash;
        uint32_t id;
        Key key;
    };

    explicit Interner(uint32_t count_max) : count_max_(count_max) { grow(kCellsMin); }
    Interner(const Interner&) = delete;
    Interner& operator=(const Interner&) = delete;

    /// The entry of an equal key, or nullptr.
    [[nodiscard]] const Entry* find(View view) const { return find(view, Traits::hash(view)); }

    /// The entry of the key; `make(view)` builds the key if it is new. nullptr when full.
    template <class Make>
    const Entry* intern(View view, Make&& make) {
        const uint64_t hash = Traits::hash(view);
        if (const Entry* known = find(view, hash)) return known;
        const std::lock_guard lock(mutex_);
        if (const Entry* known = find(view, hash)) return known;
        if (entries_.size() >= count_max_) return nullptr;
        const auto id = static_cast<uint32_t>(entries_.size());
        const Entry& entry = entries_.emplace_back(Entry{hash, id, std::forward<Make>(make)(view)});
        publish(entry);
        return &entry;
    }

    /// REQUIRES: `id` was given by this interner.
    [[nodiscard]] const Key& at(uint32_t id) const {
        const Place place = place_of(id);
        // Pairs with the release stores in publish(): the entry is complete.
        const Chunk* chunk = chunks_[place.chunk].load(std::memory_order_acquire);
        DEED_DEBUG_ASSERT(chunk != nullptr, "the number was never given");
        const Entry* entry = (*chunk)[place.offset].load(std::memory_order_acquire);
        DEED_DEBUG_ASSERT(entry != nullptr, "the number was never given");
        return entry->key;
    }

    /// How many keys there are; numbers below it can be passed to at(). Pairs with publish().
    [[nodiscard]] uint32_t size() const { return size_.load(std::memory_order_acquire); }
    [[nodiscard]] uint32_t count_max() const { return count_max_; }

 private:
    using Cells = std::vector<std::atomic<const Entry*>>;
    using Chunk = std::vector<std::atomic<const Entry*>>;
    struct Place {
        uint32_t chunk;
        uint32_t offset;
    };

    static constexpr size_t kCellsMin = 64;
    static constexpr uint32_t kChunkFirst = 64;  // chunk i has 64 << i numbers
    static constexpr uint32_t kChunkFirstBits = 6;
    static constexpr uint32_t kChunks = 33 - kChunkFirstBits;

    static Place place_of(uint32_t id) {
        const uint64_t shifted = uint64_t{id} + kChunkFirst;
        const auto chunk = static_cast<uint32_t>(std::bit_width(shifted)) - kChunkFirstBits - 1;
        return {chunk, static_cast<uint32_t>(shifted - (uint64_t{kChunkFirst} << chunk))};
    }

    const Entry* find(View view, uint64_t hash) const {
        // Pairs with the release store in grow(): the table's cells are filled.
        const Cells& cells = *table_.load(std::memory_order_acquire);
        const size_t mask = cells.size() - 1;
        for (size_t at = hash & mask;; at = (at + 1) & mask) {
            // Pairs with the release stores in insert().
            const Entry* entry = cells[at].load(std::memory_order_acquire);
            if (entry == nullptr) return nullptr;
            if (entry->hash == hash && Traits::equal(entry->key, view)) return entry;
        }
    }

    static void insert(Cells& cells, const Entry& entry) {
        const size_t mask = cells.size() - 1;
        size_t at = entry.hash & mask;
        // Relaxed: only the holder of the mutex writes cells.
        while (cells[at].load(std::memory_order_relaxed) != nullptr) at = (at + 1) & mask;
        cells[at].store(&entry, std::memory_order_release);
    }

    // The next three run under the mutex (or in the constructor).
    void grow(size_t capacity) {
        auto next = std::make_unique<Cells>(capacity);
        for (const Entry& entry : entries_) insert(*next, entry);
        table_.store(next.get(), std::memory_order_release);
        // Readers may still walk the outgrown tables; together they are no larger than the newest.
        tables_.push_back(std::move(next));
    }

    void publish(const Entry& entry) {
        const Place place = place_of(entry.id);
        if (chunks_[place.chunk].load(std::memory_order_relaxed) == nullptr) {
            owned_chunks_.push_back(std::make_unique<Chunk>(size_t{kChunkFirst} << place.chunk));
            chunks_[place.chunk].store(owned_chunks_.back().get(), std::memory_order_release);
        }
        // By number first: whoever finds the entry by key may ask for it by number.
        (*owned_chunks_[place.chunk])[place.offset].store(&entry, std::memory_order_release);
        size_.store(entry.id + 1, std::memory_order_release);
        if (entries_.size() * 2 > tables_.back()->size()) {
            grow(tables_.back()->size() * 2);  // inserts the new entry as well
        } else {
            insert(*tables_.back(), entry);
        }
    }

    const uint32_t count_max_;
    std::atomic<const Cells*> table_{nullptr};
    std::array<std::atomic<const Chunk*>, kChunks> chunks_{};
    std::atomic<uint32_t> size_{0};

    std::mutex mutex_;
    std::deque<Entry> entries_;                         // guarded by mutex_
    std::vector<std::unique_ptr<Cells>> tables_;        // guarded by mutex_; the last is current
    std::vector<std::unique_ptr<Chunk>> owned_chunks_;  // guarded by mutex_
};

}  // namespace deed::catalog
