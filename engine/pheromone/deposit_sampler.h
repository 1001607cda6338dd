#pragma once

#include <cstdint>

namespace deed::pheromone {

namespace internal {

/// Of one thread, all samplers together. Zero-initialised, so that reaching it costs no guard.
struct SamplerState {
    uint32_t countdown = 0;
    uint32_t shift = 0;
    uint64_t random = 0;
};
inline thread_local constinit SamplerState sampler_state;

/// Decides after how many traversals the next one is counted.
void draw_gap(uint32_t shift);

}  // namespace internal

/// 32 random bits of the calling thread, for rounding; not for secrets.
[[nodiscard]] uint64_t random_bits();

/// Picks one traversal in 2^shift, at random and independently, and says what it weighs: 2^shift.
/// So the expected sum of weights is the number of traversals, also where they come in a rhythm
/// that a plain counter would fall in step with.
///
/// Costs a decrement of a thread-local number; the random gap is drawn once in 2^shift calls.
///
/// Thread safety: all methods from any thread. REQUIRES: shift <= 20.
class DepositSampler {
 public:
    static constexpr uint32_t kShiftMax = 20;

    explicit DepositSampler(uint32_t shift)
        : shift_(shift), weight_(static_cast<float>(1U << shift)) {}

    /// The weight to deposit for this traversal; 0 for most.
    [[nodiscard]] float sample() const {
        internal::SamplerState& state = internal::sampler_state;
        // A new gap; also on a thread that comes from a sampler of another shift. Gaps have no
        // memory, so one may be drawn anew at any time.
        if (state.countdown == 0 || state.shift != shift_) [[unlikely]] {
            internal::draw_gap(shift_);
        }
        return --state.countdown == 0 ? weight_ : 0.0F;
    }

    /// The same for `count` traversals at once: `hit(i, weight)` for each that is picked, i below
    /// count. What is not picked costs nothing, so that a scan which knows its next lists pays one
    /// subtraction for all of them.
    template <class Hit>
    void sample_each(uint32_t count, Hit&& hit) const {
        internal::SamplerState& state = internal::sampler_state;
        if (state.countdown == 0 || state.shift != shift_) [[unlikely]] {
            internal::draw_gap(shift_);
        }
        uint32_t at = 0;
        while (state.countdown <= count - at) [[unlikely]] {
                at += state.countdown;
                hit(at - 1, weight_);
                internal::draw_gap(shift_);
            }
        state.countdown -= count - at;
    }

    [[nodiscard]] uint32_t shift() const { return shift_; }

 private:
    uint32_t shift_;
    float weight_;
};

}  // namespace deed::pheromone
