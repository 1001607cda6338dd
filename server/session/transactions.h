#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/api/database.h"
#include "engine/api/types.h"
#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "server/session/limits.h"

namespace deed::server {

/// Open transactions by handle: 16 random bytes, so that only who began one can name it. A handle
/// belongs to no connection; one that nobody uses is ended after its idle time-out.
///
/// Thread safety: every method from any thread; calls in one transaction take turns (`lease`).
/// Lifetime: `close()` before the Database goes; leases are given back before that.
class TransactionRegistry {
    struct Entry {
        std::timed_mutex turn;
        std::optional<api::Transaction> transaction;  // guarded by turn; empty once it ended
        std::chrono::nanoseconds idle_timeout{0};
        // Nanoseconds of the clock; relaxed, a hint for `sweep`, which looks again under `turn`.
        std::atomic<int64_t> last_used{0};
    };

 public:
    static constexpr size_t kHandleBytes = 16;

    TransactionRegistry(api::Database& database, const Limits& limits,
                        std::chrono::milliseconds idle_timeout, const Clock& clock)
        : database_(database), limits_(limits), idle_timeout_(idle_timeout), clock_(clock) {}
    ~TransactionRegistry() { close(); }
    TransactionRegistry(const TransactionRegistry&) = delete;
    TransactionRegistry& operator=(const TransactionRegistry&) = delete;

    struct Begun {
        std::string handle;
        CommitTs snapshot;
    };
    /// LIMIT_EXCEEDED / LIMIT_OPEN_TRANSACTIONS, or what `Database::begin` answers.
    Result<Begun> begin(const api::TransactionOptions& options);

    /// The right to use a transaction, until destroyed; on one thread.
    class Lease {
     public:
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease();
        [[nodiscard]] api::Transaction& transaction() { return *entry_->transaction; }
        /// Commits or rolls back; the handle is gone afterwards.
        Result<CommitTs> commit();
        void rollback();

     private:
        friend class TransactionRegistry;
        Lease(TransactionRegistry& registry, std::string handle, std::shared_ptr<Entry> entry,
              std::unique_lock<std::timed_mutex> turn)
            : registry_(&registry),
              handle_(std::move(handle)),
              entry_(std::move(entry)),
              turn_(std::move(turn)) {}
        TransactionRegistry* registry_;
        std::string handle_;
        std::shared_ptr<Entry> entry_;
        std::unique_lock<std::timed_mutex> turn_;  // after entry_: released before it is destroyed
    };

    /// Waits for earlier calls at most `patience`. NOT_FOUND / TRANSACTION_NOT_FOUND,
    /// TRANSACTION_TIMED_OUT, FAILED_PRECONDITION / TRANSACTION_BUSY.
    Result<Lease> lease(std::string_view handle, std::chrono::milliseconds patience);

    /// Ends the transactions that stood idle for too long; call it every second or so.
    void sweep();
    /// Rolls back everything that is open.
    void close();

    [[nodiscard]] size_t open_count() const;

 private:
    void forget(const std::string& handle);
    [[nodiscard]] std::shared_ptr<Entry> find(const std::string& handle) const;
    [[nodiscard]] Error unknown(const std::string& handle) const;

    api::Database& database_;
    const Limits& limits_;
    const std::chrono::nanoseconds idle_timeout_;
    const Clock& clock_;

    mutable std::mutex mutex_;
    // Guarded by mutex_.
    std::unordered_map<std::string, std::shared_ptr<Entry>> open_;
    uint64_t beginning_ = 0;  // being begun, not yet in `open_`
    std::deque<std::string>
        timed_out_;  // the newest handles that `sweep` ended, for better messages
};

}  // namespace deed::server
