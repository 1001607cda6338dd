#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "engine/base/clock.h"
#include "engine/pheromone/intensity.h"

namespace deed::pheromone {

/// How fast trails fade.
struct EvaporationOptions {
    /// An untouched intensity is halved in this time; 0: only `advance` lets it fade.
    std::chrono::nanoseconds half_life = std::chrono::hours(1);
    /// A half-life is cut into so many epochs. REQUIRES: 1 to 1,024.
    uint32_t epochs_per_half_life = 8;
};

/// Counts evaporation in epochs; every cell's age is a difference of two of them. Advancing is
/// O(1), whatever the size of the graph.
///
/// Thread safety: all methods from any thread; `now` is one relaxed load. Lifetime: not longer than
/// the Clock. Invariants: the epoch never goes back.
class EvaporationClock {
 public:
    EvaporationClock(const EvaporationOptions& options, const Clock& clock);

    [[nodiscard]] Decay now() const { return {epoch(), log2_keep_}; }
    // Relaxed: an intensity that is one epoch old or new is as good.
    [[nodiscard]] uint64_t epoch() const { return epoch_.load(std::memory_order_relaxed); }
    /// The part that one epoch takes away.
    [[nodiscard]] double rho() const;

    /// Lets trails evaporate by so many epochs; more than kAncientEpochs at once count as that
    /// many, which leave nothing. Returns the epoch reached.
    uint64_t advance(uint32_t epochs);

    /// Catches up with the time that has passed. Call it several times per half-life; how often
    /// makes no difference to the result. Returns the epoch reached.
    uint64_t tick();

    /// At recovery: goes on from the epoch that was stored. Never goes back.
    void restore(uint64_t epoch);

    /// True once the cells must be rewritten (`scrubbed`) so that the epoch may wrap around.
    [[nodiscard]] bool scrub_due() const;
    /// All cells were rewritten after `epoch` was reached.
    void scrub_done(uint64_t epoch);

 private:
    uint64_t advance_locked(uint64_t epochs);

    const EvaporationOptions options_;
    const Clock& clock_;
    const double log2_keep_;
    const std::chrono::nanoseconds started_;
    std::atomic<uint64_t> epoch_{0};
    std::atomic<uint64_t> scrubbed_at_{0};  // relaxed: a hint when to scrub
    std::mutex mutex_;
    uint64_t ticked_ = 0;  // guarded by mutex_: epochs that time alone has brought
};

}  // namespace deed::pheromone
