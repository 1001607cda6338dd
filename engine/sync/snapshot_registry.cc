#include "engine/sync/snapshot_registry.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/assert.h"

// All accesses of slots, high_water_ and the caller's visible timestamp that decide what may be
// freed are sequentially consistent (the default of std::atomic); snapshot_registry.md has the
// proof.

namespace deed::sync {
namespace {

constexpr uint64_t kFree = ~uint64_t{0};
constexpr uint64_t kPinning = uint64_t{1} << 62;
constexpr uint64_t kDoomed = uint64_t{1} << 61;
constexpr uint64_t kBusy = uint64_t{1} << 60;
constexpr uint64_t kSnapshotMask = kBusy - 1;

/// True where the word's snapshot must be kept readable.
bool holds_back(uint64_t word) {
    return word != kFree && (word & (kDoomed | kBusy)) != kDoomed;
}

/// Where this thread found a slot last time: most likely free again and in its cache.
uint32_t& slot_hint() {
    static std::atomic<uint32_t> threads{0};
    // Relaxed: only spreads the threads over the slots.
    thread_local uint32_t hint = threads.fetch_add(1, std::memory_order_relaxed);
    return hint;
}

}  // namespace

struct alignas(64) SnapshotRegistry::Slot {
    std::atomic<uint64_t> word{kFree};
};

SnapshotRegistry::SnapshotRegistry(uint32_t slots)
    : slots_(std::make_unique<Slot[]>(slots)), slot_count_(slots) {
    DEED_ASSERT(slots > 0, "a registry without slots registers nobody");
}

SnapshotRegistry::~SnapshotRegistry() {
    DEED_ASSERT(in_use() == 0, "a snapshot outlives its registry");
}

Result<SnapshotRegistry::Registration> SnapshotRegistry::acquire(
    const std::atomic<uint64_t>& visible) {
    uint32_t& hint = slot_hint();
    uint32_t start = hint % slot_count_;
    for (uint32_t i = 0; i < slot_count_; ++i) {
        uint32_t number = start + i < slot_count_ ? start + i : start + i - slot_count_;
        std::atomic<uint64_t>& word = slots_[number].word;
        // Relaxed: a guess that the compare-exchange checks.
        if (word.load(std::memory_order_relaxed) != kFree) continue;
        // Before the slot is pinned, so that a collector whose scan stops short of it has read the
        // visible timestamp before this thread does.
        raise_high_water(number + 1);
        uint64_t expected = kFree;
        if (!word.compare_exchange_strong(expected, kPinning)) continue;
        uint64_t snapshot = visible.load();
        DEED_DEBUG_ASSERT(snapshot <= kSnapshotMask, "timestamps leave room for the flags");
        word.store(snapshot);
        hint = number;
        return Registration(this, number, CommitTs{snapshot});
    }
    return Error(ErrorCode::kLimitExceeded, "LIMIT_SNAPSHOTS",
                 "all " + std::to_string(slot_count_) +
                     " snapshots are in use; end transactions that are no longer needed");
}

void SnapshotRegistry::raise_high_water(uint32_t slots) {
    uint32_t high_water = high_water_.load();
    while (high_water < slots && !high_water_.compare_exchange_weak(high_water, slots)) {
    }
}

CommitTs SnapshotRegistry::oldest(CommitTs visible) const {
    uint64_t oldest = visible.raw();
    uint32_t end = high_water_.load();
    for (uint32_t i = 0; i < end; ++i) {
        uint64_t word = slots_[i].word.load();
        if (!holds_back(word)) continue;
        if (word == kPinning) return CommitTs{0};
        oldest = std::min(oldest, word & kSnapshotMask);
    }
    return CommitTs{oldest};
}

bool SnapshotRegistry::doom_oldest(CommitTs newest) {
    for (;;) {
        uint64_t oldest = newest.raw();
        uint64_t oldest_word = kFree;
        uint32_t oldest_slot = 0;
        uint32_t end = high_water_.load();
        for (uint32_t i = 0; i < end; ++i) {
            uint64_t word = slots_[i].word.load();
            if (word == kFree || (word & (kPinning | kDoomed)) != 0) continue;
            if ((word & kSnapshotMask) >= oldest) continue;
            oldest = word & kSnapshotMask;
            oldest_word = word;
            oldest_slot = i;
        }
        if (oldest_word == kFree) return false;
        if (slots_[oldest_slot].word.compare_exchange_strong(oldest_word, oldest_word | kDoomed)) {
            return true;
        }
        // It was entered, left or released meanwhile: look again. Each turn means that another
        // thread made progress.
    }
}

bool SnapshotRegistry::doom(uint32_t slot, CommitTs snapshot) {
    DEED_ASSERT(slot < slot_count_, "the slot is one of this registry");
    uint64_t word = slots_[slot].word.load();
    while (word != kFree && (word & (kPinning | kDoomed)) == 0 &&
           (word & kSnapshotMask) == snapshot.raw()) {
        if (slots_[slot].word.compare_exchange_weak(word, word | kDoomed)) return true;
    }
    return false;
}

uint32_t SnapshotRegistry::in_use() const {
    uint32_t count = 0;
    uint32_t end = high_water_.load();
    for (uint32_t i = 0; i < end; ++i) {
        if (slots_[i].word.load() != kFree) ++count;
    }
    return count;
}

std::atomic<uint64_t>& SnapshotRegistry::word(uint32_t slot) const {
    return slots_[slot].word;
}

SnapshotRegistry::Registration::Registration(Registration&& other) noexcept
    : registry_(std::exchange(other.registry_, nullptr)),
      slot_(other.slot_),
      snapshot_(other.snapshot_) {}

SnapshotRegistry::Registration& SnapshotRegistry::Registration::operator=(
    Registration&& other) noexcept {
    if (this != &other) {
        release();
        registry_ = std::exchange(other.registry_, nullptr);
        slot_ = other.slot_;
        snapshot_ = other.snapshot_;
    }
    return *this;
}

bool SnapshotRegistry::Registration::enter() {
    DEED_DEBUG_ASSERT(held(), "only a registration that is held can be entered");
    uint64_t idle = snapshot_.raw();
    return registry_->word(slot_).compare_exchange_strong(idle, idle | kBusy);
}

void SnapshotRegistry::Registration::leave() {
    uint64_t before = registry_->word(slot_).fetch_and(~kBusy);
    DEED_DEBUG_ASSERT((before & kBusy) != 0, "leave() follows enter()");
    (void)before;
}

bool SnapshotRegistry::Registration::doomed() const {
    // Relaxed: a hint to stop soon. What is read while entered stays valid either way.
    return (registry_->word(slot_).load(std::memory_order_relaxed) & kDoomed) != 0;
}

void SnapshotRegistry::Registration::release() {
    if (registry_ == nullptr) return;
    std::exchange(registry_, nullptr)->word(slot_).store(kFree);
}

}  // namespace deed::sync
