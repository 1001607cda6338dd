#include "engine/pheromone/evaporation_clock.h"

#include <algorithm>
#include <cmath>

#include "engine/base/assert.h"

namespace deed::pheromone {

namespace {

__extension__ using Wide = unsigned __int128;

}  // namespace

EvaporationClock::EvaporationClock(const EvaporationOptions& options, const Clock& clock)
    : options_(options),
      clock_(clock),
      log2_keep_(-1.0 / options.epochs_per_half_life),
      started_(clock.monotonic()) {
    DEED_ASSERT(options.epochs_per_half_life >= 1 && options.epochs_per_half_life <= 1024,
                "a half-life has 1 to 1,024 epochs");
    DEED_ASSERT(options.half_life.count() >= 0, "a half-life is not negative");
}

double EvaporationClock::rho() const {
    return 1.0 - std::exp2(log2_keep_);
}

uint64_t EvaporationClock::advance_locked(uint64_t epochs) {
    // Relaxed: written under the mutex only; readers need no order.
    const uint64_t reached = epoch() + std::min<uint64_t>(epochs, kAncientEpochs);
    epoch_.store(reached, std::memory_order_relaxed);
    return reached;
}

uint64_t EvaporationClock::advance(uint32_t epochs) {
    const std::lock_guard lock(mutex_);
    return advance_locked(epochs);
}

uint64_t EvaporationClock::tick() {
    if (options_.half_life.count() == 0) return epoch();
    const std::lock_guard lock(mutex_);
    const std::chrono::nanoseconds elapsed = clock_.monotonic() - started_;
    if (elapsed.count() <= 0) return epoch();
    // From the start, not from the last tick, so that no remainder is lost: exact after any time.
    const auto half_life = static_cast<uint64_t>(options_.half_life.count());
    const auto nanoseconds = static_cast<uint64_t>(elapsed.count());
    const uint64_t whole = nanoseconds / half_life * options_.epochs_per_half_life;
    const uint64_t rest_of_half_life = nanoseconds % half_life;
    const auto part =
        static_cast<uint64_t>(Wide{rest_of_half_life} * options_.epochs_per_half_life / half_life);
    const uint64_t due = whole + part;
    const uint64_t reached = advance_locked(due - ticked_);
    ticked_ = due;
    return reached;
}

void EvaporationClock::restore(uint64_t epoch) {
    const std::lock_guard lock(mutex_);
    if (epoch <= this->epoch()) return;
    epoch_.store(epoch, std::memory_order_relaxed);
    scrub_done(epoch);
}

bool EvaporationClock::scrub_due() const {
    return epoch() - scrubbed_at_.load(std::memory_order_relaxed) >= kScrubEpochs;
}

void EvaporationClock::scrub_done(uint64_t epoch) {
    scrubbed_at_.store(epoch, std::memory_order_relaxed);
}

}  // namespace deed::pheromone
