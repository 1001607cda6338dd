#pragma once

#include <cstdint>

namespace deed::bench {

/// SplitMix64 (Steele, Lea, Flood 2014). The same numbers on every machine, unlike the standard
/// library's distributions.
///
/// Thread safety: one thread each.
class Random {
 public:
    explicit Random(uint64_t seed) : state_(seed) {}
    /// Streams of one seed that have nothing to do with each other.
    Random(uint64_t seed, uint64_t stream) : state_(mix(seed + kStep) ^ mix(stream * kStep + 1)) {}

    uint64_t next() { return mix(state_ += kStep); }

    /// Below `bound`, by the upper half of a product: no division.
    uint32_t below(uint32_t bound) { return static_cast<uint32_t>((next() >> 32) * bound >> 32); }

 private:
    static constexpr uint64_t kStep = 0x9E3779B97F4A7C15ULL;
    static uint64_t mix(uint64_t value) {
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ULL;
        value = (value ^ value >> 27) * 0x94D049BB133111EBULL;
        return value ^ value >> 31;
    }

    uint64_t state_;
};

}  // namespace deed::bench
