#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace deed::sync {

/// The engine's worker threads: a bounded number, shared by all queries and by loading.
///
/// Thread safety: all methods from any thread. Lifetime: `stop()` (or the destructor) refuses new
/// work and waits for what is running; what was submitted and accepted always runs.
/// Invariants: at most `threads` pieces of work run at once, the callers of `for_each_index`
/// included.
class TaskPool {
 public:
    /// REQUIRES: threads > 0.
    explicit TaskPool(uint32_t threads);
    ~TaskPool();
    TaskPool(const TaskPool&) = delete;
    TaskPool& operator=(const TaskPool&) = delete;

    /// Runs `work` on some worker. False once stopped: it will not run. `work` must not throw.
    [[nodiscard]] bool submit(std::function<void()> work);

    /// Calls `work(i)` for each i below `count`, in parallel, and returns when all are done; the
    /// caller works too. `work` must not throw. False once stopped: nothing ran.
    [[nodiscard]] bool for_each_index(size_t count, const std::function<void(size_t)>& work);

    [[nodiscard]] uint32_t threads() const;
    /// Pieces of work accepted and not yet finished.
    [[nodiscard]] uint64_t pending() const;

    /// No new work in, wait for the old. REQUIRES: not called from work of this pool.
    void stop();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace deed::sync
