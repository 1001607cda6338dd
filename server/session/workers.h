#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>

namespace deed::server {

/// Threads for work that may take long or wait: commits that sync, large batches, walks, scans.
/// Threads start when all others are busy, up to a maximum, and end after some idle seconds. They
/// may block (a commit waits for the disk, a walk for its reader), which is why there can be many
/// more than cores and why this is not the engine's pool of one thread per core.
///
/// Thread safety: every method from any thread. Lifetime: `stop()` or the destructor waits for all
/// jobs, the queued ones included.
class Workers {
 public:
    struct Options {
        uint32_t threads_max = 256;
        std::chrono::milliseconds idle{10'000};
    };
    explicit Workers(Options options) : options_(options) {}
    ~Workers() { stop(); }
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    /// Runs `job` on one of the threads, in the order of submission where all are busy. Jobs throw
    /// nothing.
    void submit(std::function<void()> job);
    /// Runs what is queued, then ends the threads. Jobs submitted later run on the caller's thread.
    void stop();

    [[nodiscard]] uint32_t thread_count() const;

 private:
    void run();

    const Options options_;
    mutable std::mutex mutex_;
    // All guarded by mutex_.
    std::condition_variable work_;
    std::condition_variable ended_;
    std::deque<std::function<void()>> queue_;
    uint32_t threads_ = 0;
    uint32_t idle_ = 0;
    bool stopping_ = false;
};

}  // namespace deed::server
