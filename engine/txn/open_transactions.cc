#include "engine/txn/open_transactions.h"

#include <fmt/format.h>
#include <utility>

namespace deed::txn {

namespace {

double seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace

OpenTransactions::OpenTransactions(sync::SnapshotRegistry& registry, const Clock& clock,
                                   uint32_t open_max)
    : registry_(registry),
      clock_(clock),
      open_max_(open_max),
      lines_(std::make_unique<Line[]>(registry.slot_count())) {
    coarse_now_.store(clock.monotonic().count(), std::memory_order_relaxed);
}

Result<OpenTransactions::Ticket> OpenTransactions::begin(const std::atomic<uint64_t>& visible,
                                                         const TransactionTimes& times) {
    const auto too_many = [this] {
        return Error(ErrorCode::kLimitExceeded, "LIMIT_OPEN_TRANSACTIONS",
                     fmt::format("{} transactions are open already; commit or roll back some of "
                                 "them first, or raise the limit",
                                 open_max_));
    };
    if (open_.fetch_add(1, std::memory_order_relaxed) >= open_max_) {
        open_.fetch_sub(1, std::memory_order_relaxed);
        return too_many();
    }
    auto registration = registry_.acquire(visible);
    if (!registration.ok()) {
        open_.fetch_sub(1, std::memory_order_relaxed);
        return too_many();
    }
    const uint32_t slot = registration->slot();
    uint32_t used = slots_used_.load(std::memory_order_relaxed);
    while (used <= slot &&
           !slots_used_.compare_exchange_weak(used, slot + 1, std::memory_order_relaxed)) {
    }
    Line& line = lines_[slot];
    // The verdict of whoever had the slot before is told from ours by the id, so ids never repeat
    // within a slot: its number stands below, a count above.
    const int64_t now = coarse_now_.load(std::memory_order_relaxed);
    const uint64_t serial = line.serial++;
    const uint64_t id = serial * registry_.slot_count() + slot + 1;
    line.snapshot.store(registration->snapshot().raw(), std::memory_order_relaxed);
    line.started.store(now, std::memory_order_relaxed);
    line.active.store(now, std::memory_order_relaxed);
    line.idle_max.store(times.idle.count(), std::memory_order_relaxed);
    line.total_max.store(times.total.count(), std::memory_order_relaxed);
    line.running.store(false, std::memory_order_relaxed);
    line.id.store(id, std::memory_order_release);
    return Ticket{std::move(*registration), TxnId{id}};
}

void OpenTransactions::end(Ticket& ticket) {
    if (!ticket.registration.held()) return;
    lines_[ticket.registration.slot()].id.store(0, std::memory_order_relaxed);
    ticket.registration.release();
    open_.fetch_sub(1, std::memory_order_relaxed);
}

void OpenTransactions::touch(const Ticket& ticket, bool running) {
    Line& line = lines_[ticket.registration.slot()];
    line.active.store(coarse_now_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    line.running.store(running, std::memory_order_relaxed);
}

Error OpenTransactions::doomed_error(const Ticket& ticket) const {
    const Line& line = lines_[ticket.registration.slot()];
    const uint64_t verdict = line.verdict.load(std::memory_order_acquire);
    const Why why =
        verdict >> 2 == ticket.id.raw() ? static_cast<Why>(verdict & 3) : Why::kSnapshotTooOld;
    if (why == Why::kIdle)
        return Error(
            ErrorCode::kTransactionTimedOut, "TRANSACTION_IDLE",
            fmt::format(
                "the transaction did nothing for {:g} s and was rolled back; begin again",
                seconds(std::chrono::nanoseconds{line.idle_max.load(std::memory_order_relaxed)})));
    if (why == Why::kTotal)
        return Error(
            ErrorCode::kTransactionTimedOut, "TRANSACTION_TIMED_OUT",
            fmt::format(
                "the transaction ran for longer than its {:g} s and was rolled back; do "
                "less in one transaction or give it more time",
                seconds(std::chrono::nanoseconds{line.total_max.load(std::memory_order_relaxed)})));
    return Error(ErrorCode::kSnapshotTooOld, "SNAPSHOT_TOO_OLD",
                 "the transaction held its snapshot for so long that the versions kept for it "
                 "outgrew their memory, and was rolled back; run it again, in smaller pieces");
}

uint32_t OpenTransactions::sweep() {
    const int64_t now = clock_.monotonic().count();
    coarse_now_.store(now, std::memory_order_relaxed);
    if (open() == 0) return 0;
    uint32_t ended = 0;
    const uint32_t slots = slots_used_.load(std::memory_order_relaxed);
    for (uint32_t slot = 0; slot < slots; ++slot) {
        Line& line = lines_[slot];
        const uint64_t id = line.id.load(std::memory_order_acquire);
        if (id == 0) continue;
        const int64_t idle_max = line.idle_max.load(std::memory_order_relaxed);
        const int64_t total_max = line.total_max.load(std::memory_order_relaxed);
        const bool total =
            total_max > 0 && now - line.started.load(std::memory_order_relaxed) > total_max;
        const bool idle = idle_max > 0 && !line.running.load(std::memory_order_relaxed) &&
                          now - line.active.load(std::memory_order_relaxed) > idle_max;
        if (!total && !idle) continue;
        const uint64_t why = static_cast<uint64_t>(total ? Why::kTotal : Why::kIdle);
        const CommitTs snapshot{line.snapshot.load(std::memory_order_relaxed)};
        // Said before it is done, so that whoever finds itself ended finds the reason. The id is
        // asked once more because the slot may have changed hands while we looked.
        line.verdict.store(id << 2 | why, std::memory_order_release);
        if (line.id.load(std::memory_order_acquire) == id && registry_.doom(slot, snapshot))
            ++ended;
    }
    return ended;
}

}  // namespace deed::txn
