#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>

#include "engine/base/result.h"

namespace deed::server {

/// Counts the requests that are inside, refuses new ones past a limit or once stopping, and tells
/// when the last has left.
///
///     open --stop()--> stopping --last leave()--> drained
///
/// Thread safety: every method from any thread. Lifetime: outlives every request that entered.
/// Invariants: each successful `enter` is followed by exactly one `leave`.
class Gate {
 public:
    using Listeners = std::list<std::function<void()>>;

    explicit Gate(uint64_t inside_max) : inside_max_(inside_max) {}
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    /// UNAVAILABLE / SHUTTING_DOWN, or LIMIT_EXCEEDED / LIMIT_CONCURRENT_REQUESTS.
    Status enter();
    void leave();

    /// Refuses from now on and calls the listeners, on this thread.
    void stop();
    [[nodiscard]] bool stopping() const;
    /// True when the last request left before `patience` had passed.
    bool wait_drained(std::chrono::milliseconds patience);

    /// `listener` is called once when the gate stops (at once where it already has); for streams
    /// that may stand idle for ever. It must not call into the gate.
    Listeners::iterator listen(std::function<void()> listener);
    /// After return the listener is not running and will not run. Not from within a listener.
    void unlisten(Listeners::iterator listener);

    [[nodiscard]] uint64_t inside() const;
    [[nodiscard]] uint64_t entered_total() const;

 private:
    const uint64_t inside_max_;
    // Counters, touched by every request; pair with nothing, for the mutex orders what matters.
    std::atomic<uint64_t> inside_{0};
    std::atomic<uint64_t> entered_{0};
    // Written by `stop`, read by `enter`. Sequentially consistent, as is `inside_`: either `enter`
    // sees the stop, or `wait_drained` sees the request.
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::condition_variable drained_;
    std::mutex listeners_mutex_;
    Listeners listeners_;  // guarded by listeners_mutex_
};

}  // namespace deed::server
