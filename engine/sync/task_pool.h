#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace deed::sync {

/// The engine's worker threads: a bounded number, shared by all queries and by loading.
///
/// Plain threads behind one queue: work comes in morsels of tens of microseconds and more, which
/// one lock carries easily, and ThreadSanitizer sees every hand-over (it cannot see into oneTBB,
/// which is not built with it, and would have to be told to ignore all that runs there).
///
/// Thread safety: all methods from any thread. Lifetime: `stop()` (or the destructor) refuses new
/// work and waits for what is running; what was accepted always runs.
/// Invariants: at most `threads` workers; one `for_each_index` is at most `threads` wide, its
/// caller included.
class TaskPool {
 public:
    /// REQUIRES: threads > 0.
    explicit TaskPool(uint32_t threads);
    ~TaskPool();
    TaskPool(const TaskPool&) = delete;
    TaskPool& operator=(const TaskPool&) = delete;

    /// Runs `work` on some worker. False once stopped: it will not run. `work` must not throw.
    [[nodiscard]] bool submit(std::function<void()> work);

    /// Calls `work(i)` for each i below `count`, in parallel, and returns when all are done. The
    /// caller works too, so work of the pool may call it. `work` must not throw. False once
    /// stopped: nothing ran.
    [[nodiscard]] bool for_each_index(size_t count, const std::function<void(size_t)>& work);

    [[nodiscard]] uint32_t threads() const { return thread_count_; }
    /// Pieces of work accepted and not yet finished.
    [[nodiscard]] uint64_t pending() const;

    /// No new work in, wait for the old. REQUIRES: not called from work of this pool.
    void stop();

 private:
    struct Loop;

    void run_worker();
    bool enter();
    void leave();

    const uint32_t thread_count_;
    mutable std::mutex mutex_;
    std::condition_variable work_came_;
    std::condition_variable emptied_;
    std::deque<std::function<void()>> queue_;  // guarded by mutex_
    uint64_t pending_ = 0;                     // guarded by mutex_: let in and not yet left
    bool closed_ = false;                      // guarded by mutex_
    std::vector<std::thread> workers_;         // joined by the one stop() that finds them
};

}  // namespace deed::sync
