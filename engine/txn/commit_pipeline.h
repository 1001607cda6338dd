#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/catalog/change_set.h"
#include "engine/graph/graph.h"
#include "engine/sync/mpsc_stack.h"
#include "engine/txn/collector.h"
#include "engine/txn/commit_log.h"
#include "engine/txn/dirty_set.h"
#include "engine/txn/read_set.h"
#include "engine/txn/validator.h"
#include "engine/txn/write_set.h"

namespace deed::txn {

/// One transaction (or one piece of exclusive work) waiting for the committer. Lives on the stack
/// of the thread that waits.
struct CommitRequest : sync::MpscNode<CommitRequest> {
    WriteSet* writes = nullptr;
    const ReadSet* reads = nullptr;
    CommitTs snapshot{0};
    const std::function<void()>* task = nullptr;

    std::optional<Error> error;
    CommitTs ts{0};
    bool member = false;

    [[nodiscard]] bool done() const { return done_.load(std::memory_order_acquire); }
    /// The last touch of the committer: the request may be gone right after.
    void set_done() { done_.store(true, std::memory_order_release); }

 private:
    // set_done's release pairs with done's acquire: the waiter sees `error` and `ts`.
    std::atomic<bool> done_{false};
};

/// Turns waiting transactions into groups and groups into visible commits. `pipeline.md` draws it.
///
///  1. A transaction pushes itself on a lock-free stack and tries to become the leader.
///  2. The leader takes all that wait, oldest first, and asks the validator about each.
///  3. The members' changes become one change set, one log record, one sync.
///  4. The graph publishes it as versions of one timestamp, and one store makes that visible.
///  5. All in the group are told, with one wake-up, and the leader resigns.
///
/// Whoever leads is the only one who changes the graph, so collection and everything else that
/// needs that (`run_exclusive`) goes through here as well.
///
/// Thread safety: `commit`, `run_exclusive`, `fail`, `failed` and the figures from any thread.
/// Invariants: `visible` only grows, by one a group; nothing is committed once `failed`.
class CommitPipeline {
 public:
    struct Parts {
        graph::Graph& graph;
        CommitLog& log;
        Collector& collector;
        std::atomic<uint64_t>& visible;
        std::function<void(const std::string& why)> on_fatal;
    };
    explicit CommitPipeline(Parts parts);

    /// Commits what `writes` holds, which is empty afterwards. Errors: see
    /// `api::Transaction::commit`.
    Result<CommitTs> commit(WriteSet& writes, const ReadSet* reads, CommitTs snapshot);

    /// Runs `task` while nobody else changes the graph. Not from within a task.
    void run_exclusive(const std::function<void()>& task);

    /// A sync failed: nothing is committed from here on. Calls `on_fatal` the first time.
    void fail(const std::string& why);
    // The release of `fail` pairs with this acquire, so that what led to it is visible too.
    [[nodiscard]] bool failed() const { return failed_.load(std::memory_order_acquire); }
    /// Commits are refused with UNAVAILABLE from here on.
    void stop() { stopped_.store(true, std::memory_order_release); }

    /// What changed since the last fold. REQUIRES: inside `run_exclusive` (or before any commit).
    [[nodiscard]] DirtySet& dirty() { return dirty_; }

    // Figures; relaxed, they order nothing.
    [[nodiscard]] uint64_t commits() const { return commits_.load(std::memory_order_relaxed); }
    [[nodiscard]] uint64_t conflicts() const { return conflicts_.load(std::memory_order_relaxed); }
    [[nodiscard]] uint64_t groups() const { return groups_.load(std::memory_order_relaxed); }

 private:
    struct alignas(64) WaitWord {
        // Counts the signals to those who wait for a round. Whoever waits reads it (acquire) before
        // it looks whether it is done or may lead, so that a signal in between is not lost.
        std::atomic<uint32_t> signals{0};
    };

    void submit(CommitRequest& request);
    void wait(CommitRequest& request, uint64_t round);
    bool try_lead();
    void resign();
    void lead();
    void lead_round();
    CommitRequest* lead_group(CommitRequest* oldest);
    void admit_members(CommitRequest* oldest, const CommitRequest* end, CommitTs ts);
    void publish(CommitRequest* oldest, const CommitRequest* end, CommitTs ts);
    void gather();
    void signal(uint64_t round, bool everyone);

    Parts parts_;
    Validator validator_;
    sync::MpscStack<CommitRequest> queue_;
    // Exchanged to 1 by who leads, to 0 when it resigns; both are read-modify-writes, so that
    // either the one who resigns sees a push or the one who pushed finds the place free.
    alignas(64) std::atomic<uint32_t> leader_{0};
    // How many times the stack was taken (rounds). Read (acquire) before a push, stored (release)
    // after the taking: a reader who saw n is taken in round n or later.
    alignas(64) std::atomic<uint64_t> taken_{0};
    // Rounds told. Stored (release) before the signal of the round; read (acquire) by who waits.
    std::atomic<uint64_t> finished_{0};
    // How many wait, for a guess at how much company to expect. Relaxed: a hint.
    std::atomic<uint32_t> waiting_{0};
    std::array<WaitWord, 4> words_;
    std::atomic<bool> failed_{false};
    std::atomic<bool> stopped_{false};
    std::atomic<uint64_t> commits_{0};
    std::atomic<uint64_t> conflicts_{0};
    std::atomic<uint64_t> groups_{0};

    // The leader's.
    catalog::ChangeSet changes_;
    uint32_t members_ = 0;   // of the group at hand
    uint32_t told_ = 0;      // requests answered in this round
    uint32_t expected_ = 0;  // requests that the next round may expect
    int64_t recent_sync_ns_ = 0;
    DirtySet dirty_;
};

}  // namespace deed::txn
