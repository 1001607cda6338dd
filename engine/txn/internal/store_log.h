#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "engine/base/clock.h"
#include "engine/storage/store.h"
#include "engine/txn/change_batch.h"
#include "engine/txn/commit_log.h"
#include "engine/txn/internal/token_journal.h"

namespace deed::txn {

/// Each group straight into the store: synced before the answer, or by the next tick.
///
/// Thread safety: see CommitLog.
class StoreLog final : public CommitLog {
 public:
    struct Options {
        bool sync_each = true;
        std::chrono::nanoseconds interval{0};  // of the syncs where not each one is synced
        CommitTs recovered{0};
    };
    StoreLog(storage::Store& store, const catalog::Catalog& catalog, const Clock& clock,
             const Options& options);

    Status append(const GroupHeader& group, const catalog::ChangeSet& changes) override;
    void applied(const GroupHeader&, catalog::ChangeSet&) override {}
    Status sync() override;
    Status tick() override;
    // The release of whoever synced pairs with this acquire.
    [[nodiscard]] CommitTs durable_through() const override {
        return CommitTs{durable_.load(std::memory_order_acquire)};
    }
    [[nodiscard]] bool syncs_commits() const override { return options_.sync_each; }

 private:
    void durable(uint64_t ts);

    storage::Store& store_;
    const Clock& clock_;
    const Options options_;
    TokenJournal tokens_;
    // The release of `append` pairs with the acquire of `sync`, which then covers the record.
    std::atomic<uint64_t> appended_;
    std::atomic<uint64_t> durable_;
    std::mutex sync_mutex_;
    std::chrono::nanoseconds synced_at_{0};  // guarded by sync_mutex_
};

/// Groups are collected in memory and handed over by the background: for those who would rather
/// lose the last moments than wait. Consecutive groups that do not overlap become one record.
///
/// Thread safety: see CommitLog.
class BufferedLog final : public CommitLog {
 public:
    struct Options {
        std::chrono::nanoseconds interval{0};
        CommitTs recovered{0};
    };
    BufferedLog(storage::Store& store, const catalog::Catalog& catalog, const Clock& clock,
                const Options& options);

    Status append(const GroupHeader& group, const catalog::ChangeSet& changes) override;
    void applied(const GroupHeader& group, catalog::ChangeSet& changes) override;
    Status sync() override;
    Status tick() override;
    [[nodiscard]] CommitTs durable_through() const override {
        return CommitTs{durable_.load(std::memory_order_acquire)};
    }
    [[nodiscard]] bool syncs_commits() const override { return false; }

 private:
    /// Past this the background is called to hand over at once.
    static constexpr size_t kHandOverBytes = 1U << 20;
    /// Past this the committer does it itself: the disk is slower than the commits.
    static constexpr size_t kBufferBytesMax = 64U << 20;

    struct Piece {
        ChangeBatch batch;
        GroupHeader last;  // of its groups
        CommitTs first{0};
        uint32_t transactions = 0;
    };
    Status hand_over();
    Status write(const Piece& piece);

    storage::Store& store_;
    const Clock& clock_;
    const Options options_;

    std::mutex buffer_mutex_;
    std::vector<std::unique_ptr<Piece>> pieces_;  // guarded by buffer_mutex_, oldest first
    std::vector<std::unique_ptr<Piece>> spare_;   // guarded by buffer_mutex_, memory to use again
    // Written under buffer_mutex_, read relaxed to decide whether to hand over.
    std::atomic<size_t> buffered_{0};

    std::mutex write_mutex_;  // one thread hands over at a time; taken before buffer_mutex_
    std::vector<std::unique_ptr<Piece>> writing_;  // guarded by write_mutex_: not yet in the store
    TokenJournal tokens_;                          // guarded by write_mutex_
    uint64_t appended_ = 0;                        // guarded by write_mutex_
    std::chrono::nanoseconds handed_over_at_{0};   // guarded by write_mutex_
    std::atomic<uint64_t> durable_;
};

}  // namespace deed::txn
