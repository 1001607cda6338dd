#include "engine/pheromone/deposit_sampler.h"

#include <array>
#include <atomic>
#include <cmath>
#include <limits>

#include "engine/base/assert.h"

namespace deed::pheromone {

namespace {

/// SplitMix64 (Steele, Lea, Flood 2014): an odd step and a mixing function; any state is good.
uint64_t next_random(uint64_t& state) {
    state += 0x9E3779B97F4A7C15ULL;
    uint64_t mixed = state;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBULL;
    return mixed ^ mixed >> 31;
}

uint64_t thread_random() {
    // Relaxed: only has to differ between threads.
    static std::atomic<uint64_t> threads{0};
    internal::SamplerState& state = internal::sampler_state;
    if (state.random == 0) {
        uint64_t seed = threads.fetch_add(1, std::memory_order_relaxed) + 1;
        state.random = next_random(seed) | 1;
    }
    return next_random(state.random);
}

using GapScales = std::array<double, DepositSampler::kShiftMax + 1>;

/// 1 / log(1 - 2^-shift), by shift: two of the three logarithms and powers that a gap takes.
const GapScales kGapScales = [] {
    GapScales scales{};
    for (uint32_t shift = 1; shift < scales.size(); ++shift) {
        scales[shift] = 1 / std::log1p(-std::exp2(-double(shift)));
    }
    return scales;
}();

}  // namespace

uint64_t random_bits() {
    return thread_random() >> 32;
}

void internal::draw_gap(uint32_t shift) {
    DEED_DEBUG_ASSERT(shift <= DepositSampler::kShiftMax, "a weight is at most 2^20");
    SamplerState& state = sampler_state;
    state.shift = shift;
    if (shift == 0) {
        state.countdown = 1;
        return;
    }
    // The geometric distribution by inversion: P(gap > n) = (1 - 2^-shift)^n.
    const double uniform = (static_cast<double>(thread_random() >> 11) + 1) * 0x1.0p-53;
    const double gap = std::floor(std::log(uniform) * kGapScales[shift]) + 1;
    constexpr double kLongest = std::numeric_limits<uint32_t>::max();
    state.countdown = static_cast<uint32_t>(gap < kLongest ? gap : kLongest);
}

}  // namespace deed::pheromone
