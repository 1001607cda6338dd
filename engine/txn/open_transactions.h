#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/sync/snapshot_registry.h"

namespace deed::txn {

/// How long a transaction may live; zero: for ever.
struct TransactionTimes {
    std::chrono::nanoseconds idle{0};
    std::chrono::nanoseconds total{0};
};

/// The transactions that are open, each beside its slot in the snapshot registry, so that a
/// background sweep can end those that were forgotten. A transaction writes its own cache line and
/// reads a clock that the sweep turns; it takes no lock and asks no operating system.
///
/// Thread safety: `begin`, `touch`, `end` from the transaction's thread, `sweep` from one
/// background thread, the rest from any. Lifetime: as the registry.
class OpenTransactions {
 public:
    OpenTransactions(sync::SnapshotRegistry& registry, const Clock& clock, uint32_t open_max);

    /// What a transaction holds while it is open.
    struct Ticket {
        sync::SnapshotRegistry::Registration registration;
        TxnId id;
    };
    /// Errors: LIMIT_EXCEEDED / LIMIT_OPEN_TRANSACTIONS.
    Result<Ticket> begin(const std::atomic<uint64_t>& visible, const TransactionTimes& times);
    void end(Ticket& ticket);

    /// An operation begins or ends; what is running is not idle.
    void touch(const Ticket& ticket, bool running);
    /// Why the registration was ended by somebody else.
    [[nodiscard]] Error doomed_error(const Ticket& ticket) const;

    /// Turns the clock and ends what is past its time; returns how many were ended.
    uint32_t sweep();
    [[nodiscard]] uint32_t open() const { return open_.load(std::memory_order_relaxed); }

 private:
    enum class Why : uint64_t { kSnapshotTooOld = 0, kIdle = 1, kTotal = 2 };

    // One slot's line. The owner writes all but `verdict`; the sweep reads. Relaxed everywhere but
    // for `id`, whose release and acquire make the fields of a beginning visible; a sweep that
    // mixes two transactions' fields finds out when it dooms by snapshot and asks for the id again.
    struct alignas(64) Line {
        std::atomic<uint64_t> id{0};  // 0: nobody
        std::atomic<uint64_t> snapshot{0};
        std::atomic<int64_t> started{0};
        std::atomic<int64_t> active{0};
        std::atomic<int64_t> idle_max{0};
        std::atomic<int64_t> total_max{0};
        std::atomic<bool> running{false};
        uint64_t serial = 0;               // how many had the slot; the owner's
        std::atomic<uint64_t> verdict{0};  // id * 4 + Why of the transaction that was ended
    };

    sync::SnapshotRegistry& registry_;
    const Clock& clock_;
    const uint32_t open_max_;
    std::unique_ptr<Line[]> lines_;
    // Relaxed: a bound that may be overshot by the threads that begin at the same instant.
    alignas(64) std::atomic<uint32_t> open_{0};
    // Relaxed: how far a sweep has to look.
    std::atomic<uint32_t> slots_used_{0};
    // Relaxed: what `clock_` said at the last sweep.
    alignas(64) std::atomic<int64_t> coarse_now_{0};
};

}  // namespace deed::txn
