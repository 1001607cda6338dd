#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/base/result.h"

namespace deed::sync {

/// Who reads at which snapshot. One mechanism for two jobs: it fixes what a transaction sees, and
/// it keeps the versions that the transaction can reach from being freed.
///
/// A reader claims a slot, which is a cache line of its own:
///
///     free --acquire--> pinning (counts as snapshot 0) --visible timestamp read--> idle
///     idle <--enter/leave--> busy        (an operation is running on the snapshot)
///     idle --doom--> doomed              (the slot no longer holds anything back)
///     busy --doom--> busy+doomed --leave--> doomed
///     any --release--> free
///
/// Why nothing is freed too early: a reader stores "pinning" before it loads the visible timestamp,
/// a collector loads the visible timestamp before it scans the slots, and all four are sequentially
/// consistent. So a reader that the scan missed reads a timestamp at least as new as the
/// collector's.
///
/// Thread safety: all methods from any thread; a Registration belongs to one thread at a time.
/// Invariants: `oldest(v) <= snapshot` of every registration that is not doomed.
class SnapshotRegistry {
 public:
    class Registration {
     public:
        Registration() = default;
        Registration(Registration&& other) noexcept;
        Registration& operator=(Registration&& other) noexcept;
        ~Registration() { release(); }

        [[nodiscard]] bool held() const { return registry_ != nullptr; }
        [[nodiscard]] CommitTs snapshot() const { return snapshot_; }
        /// The number of the slot, below `slot_count()`: callers keep their own data beside it.
        [[nodiscard]] uint32_t slot() const { return slot_; }
        /// False once doomed. While entered, nothing that the snapshot can reach is freed.
        [[nodiscard]] bool enter();
        void leave();
        /// Cheap; for long operations between two chunks of work.
        [[nodiscard]] bool doomed() const;
        void release();

     private:
        friend class SnapshotRegistry;
        Registration(SnapshotRegistry* registry, uint32_t slot, CommitTs snapshot)
            : registry_(registry), slot_(slot), snapshot_(snapshot) {}

        SnapshotRegistry* registry_ = nullptr;
        uint32_t slot_ = 0;
        CommitTs snapshot_{0};
    };

    explicit SnapshotRegistry(uint32_t slots = limits::kSnapshotsMax);
    ~SnapshotRegistry();
    SnapshotRegistry(const SnapshotRegistry&) = delete;
    SnapshotRegistry& operator=(const SnapshotRegistry&) = delete;

    /// Registers at the timestamp that `visible` holds. Fails with LIMIT_SNAPSHOTS when full.
    Result<Registration> acquire(const std::atomic<uint64_t>& visible);

    /// The smallest snapshot in use, at most `visible` (read before the call, sequentially
    /// consistent). Versions superseded at or before it can be freed.
    [[nodiscard]] CommitTs oldest(CommitTs visible) const;

    /// Ends the registration with the smallest snapshot below `newest`; true if there was one.
    bool doom_oldest(CommitTs newest);
    /// Ends the registration in `slot` if it is held and its snapshot is `snapshot` (a timed-out
    /// transaction); true if it was there and not doomed before.
    bool doom(uint32_t slot, CommitTs snapshot);
    [[nodiscard]] uint32_t in_use() const;
    [[nodiscard]] uint32_t slot_count() const { return slot_count_; }

 private:
    struct Slot;
    void raise_high_water(uint32_t slots);
    [[nodiscard]] std::atomic<uint64_t>& word(uint32_t slot) const;

    std::unique_ptr<Slot[]> slots_;
    uint32_t slot_count_;
    std::atomic<uint32_t> high_water_{0};
};

}  // namespace deed::sync
