#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <utility>

#include "engine/api/database.h"
#include "engine/base/result.h"
#include "server/session/gate.h"
#include "server/session/limits.h"
#include "server/session/transactions.h"
#include "server/session/workers.h"

namespace deed::server {

/// What the calls work with; one for the whole server.
struct Services {
    api::Database& database;
    TransactionRegistry& transactions;
    const Limits& limits;
    Gate& gate;
    Workers& workers;
    /// Commits wait for the disk, so they do not belong on a thread that reads sockets.
    bool commits_wait = true;
    std::string_view version;
    /// Streaming walks and scans under way. Relaxed: a count against a limit, it orders nothing.
    mutable std::atomic<uint64_t> streams{0};
};

/// One call while it runs.
///
/// A call starts on the thread that read it. What turns out to be long there asks to be run again
/// from the beginning on a worker (`move_to_worker`), before it has changed anything.
///
/// Thread safety: one thread at a time.
class CallContext {
 public:
    using Deadline = std::chrono::system_clock::time_point;

    CallContext(const Services& services, api::StopToken stop, Deadline deadline, bool on_worker)
        : services_(services), stop_(stop), deadline_(deadline), on_worker_(on_worker) {}

    [[nodiscard]] const Services& services() const { return services_; }
    [[nodiscard]] const Limits& limits() const { return services_.limits; }
    [[nodiscard]] const api::StopToken& stop() const { return stop_; }
    [[nodiscard]] bool on_worker() const { return on_worker_; }

    /// `return call.move_to_worker();` - whatever the call returns then is not looked at.
    Status move_to_worker() {
        wants_worker_ = true;
        return {};
    }
    [[nodiscard]] bool wants_worker() const { return wants_worker_; }

    /// CANCELLED where the caller went away or its deadline passed.
    [[nodiscard]] Status check_stop() const;

    /// The transaction behind a handle. Where another call holds it, waits on a worker only; a
    /// failed result with `wants_worker()` set is no answer.
    Result<TransactionRegistry::Lease> lease(std::string_view handle);

    /// Runs `work(transaction)` in the caller's transaction, or at a snapshot of its own.
    template <std::invocable<api::Transaction&> Work>
    Status read(std::string_view handle, Work&& work) {
        if (!handle.empty()) {
            DEED_ASSIGN_OR_RETURN(auto held, lease(handle));
            return work(held.transaction());
        }
        DEED_ASSIGN_OR_RETURN(auto transaction, services_.database.begin({.read_only = true}));
        return work(transaction);
    }

    /// Runs `work(transaction)` in the caller's transaction (`commit` is 0 then), or in one of its
    /// own that is committed; a conflict there is tried again a few times, so `work` may run often.
    template <std::invocable<api::Transaction&> Work>
    Status write(std::string_view handle, uint64_t* commit, Work&& work) {
        if (!handle.empty()) {
            DEED_ASSIGN_OR_RETURN(auto held, lease(handle));
            return work(held.transaction());
        }
        if (services_.commits_wait && !on_worker_) return move_to_worker();
        for (int attempt = 1;; ++attempt) {
            DEED_RETURN_IF_ERROR(check_stop());
            DEED_ASSIGN_OR_RETURN(auto transaction, services_.database.begin());
            DEED_RETURN_IF_ERROR(work(transaction));
            DEED_RETURN_IF_ERROR(check_stop());
            auto committed = transaction.commit();
            if (committed.ok()) {
                *commit = committed->raw();
                return {};
            }
            if (!committed.error().retryable() || attempt == kAttemptsMax) {
                return std::move(committed).error();
            }
        }
    }

 private:
    static constexpr int kAttemptsMax = 4;

    const Services& services_;
    const api::StopToken stop_;
    const Deadline deadline_;
    const bool on_worker_;
    bool wants_worker_ = false;
};

}  // namespace deed::server
