#pragma once

#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>

/// Intensities as numbers: how strong a trail is, and since when nobody refreshed it. Pure but for
/// `deposit_into`; any thread.
///
///     cell: | 31..16 epoch of the last change, modulo 65,536 | 15..10 exponent | 9..0 mantissa |
///
/// The lower half is zero for "no trail", else (1 + mantissa / 1024) * 2^(exponent - 16): from
/// 2^-16 to 2.8e14, with a relative error of at most 2^-11. Evaporation is lazy: a cell is never
/// touched because time passes, its age is applied when it is read.
///
/// Epochs wrap around. An age counts up to kAncientEpochs; a cell that looks older has evaporated;
/// one that looks as if it came from the next kFutureEpochs was written by a thread that saw the
/// clock move first, and has age 0. So that no cell grows older than the numbers can tell, the
/// owner calls `scrubbed` on every cell once in kScrubEpochs (EvaporationClock::scrub_due).
namespace deed::pheromone {

using Cell = uint32_t;

inline constexpr uint32_t kMantissaBits = 10;
inline constexpr int kExponentBias = 16;
inline constexpr uint32_t kAncientEpochs = 1U << 15;
inline constexpr uint32_t kFutureEpochs = 1U << 10;
inline constexpr uint32_t kScrubEpochs = 1U << 14;
static_assert(kAncientEpochs + kScrubEpochs < (1U << 16) - kFutureEpochs,
              "a cell is scrubbed before its age is mistaken for the future");

/// How far evaporation has come: the present epoch, and what one epoch leaves of an intensity,
/// `1 - rho`, as its binary logarithm (-1/8 halves in eight epochs).
struct Decay {
    uint64_t epoch = 0;
    double log2_keep = 0;
};

/// "Round to the nearest" in place of 32 random bits.
inline constexpr uint64_t kToNearest = uint64_t{1} << 31;

/// The float of 16 bits. `random` is added below the last kept bit and carries into it: with 32
/// random bits the expectation is exactly `value`, so that small deposits into a large intensity
/// are not all lost.
[[nodiscard]] inline uint32_t encode_intensity(double value, uint64_t random = kToNearest) {
    constexpr uint32_t kDropped = 52 - kMantissaBits;
    constexpr uint64_t kFirst = uint64_t{1023 - kExponentBias} << kMantissaBits;
    constexpr uint64_t kLargest = 0xFFFF;
    if (!(value > 0)) return 0;  // Not a number is no trail either.
    const uint64_t code =
        (std::bit_cast<uint64_t>(value) + (random << (kDropped - 32))) >> kDropped;
    if (code <= kFirst) return 0;
    return static_cast<uint32_t>(code - kFirst > kLargest ? kLargest : code - kFirst);
}

[[nodiscard]] inline double decode_intensity(uint32_t code) {
    if (code == 0) return 0;
    constexpr uint64_t kFirst = uint64_t{1023 - kExponentBias} << kMantissaBits;
    return std::bit_cast<double>((kFirst + code) << (52 - kMantissaBits));
}

[[nodiscard]] inline Cell make_cell(double value, uint64_t epoch, uint64_t random = kToNearest) {
    const uint32_t code = encode_intensity(value, random);
    return code == 0 ? 0 : static_cast<uint32_t>(epoch & 0xFFFF) << 16 | code;
}

/// Epochs since the cell was written; kAncientEpochs where it is too long ago to tell.
[[nodiscard]] inline uint32_t age(Cell cell, uint64_t epoch) {
    const uint32_t distance = (static_cast<uint32_t>(epoch) - (cell >> 16)) & 0xFFFF;
    if (distance >= (1U << 16) - kFutureEpochs) return 0;
    return distance < kAncientEpochs ? distance : kAncientEpochs;
}

/// What is left now: `stored * (1 - rho)^age`.
[[nodiscard]] inline double decayed(Cell cell, const Decay& now) {
    if ((cell & 0xFFFF) == 0) return 0;
    const uint32_t epochs = age(cell, now.epoch);
    if (epochs == 0) return decode_intensity(cell & 0xFFFF);
    if (epochs == kAncientEpochs) return 0;
    return decode_intensity(cell & 0xFFFF) * std::exp2(now.log2_keep * epochs);
}

/// The cell after a deposit; saturates at 2.8e14. `random`: 32 random bits, see encode_intensity.
[[nodiscard]] inline Cell deposited(Cell cell, double weight, const Decay& now, uint64_t random) {
    return make_cell(decayed(cell, now) + weight, now.epoch, random);
}

/// The cell as it must be rewritten before the epoch wraps around: 0 where less than `floor` is
/// left, the same trail under the present epoch where it is old, else unchanged.
[[nodiscard]] inline Cell scrubbed(Cell cell, const Decay& now, double floor) {
    const double left = decayed(cell, now);
    if (left <= 0 || left < floor) return 0;
    return age(cell, now.epoch) < kScrubEpochs / 2 ? cell : make_cell(left, now.epoch);
}

/// A deposit into a shared cell: a relaxed load and a relaxed store. Of two deposits at once one
/// may be lost; the trail is a little weaker for it, and nothing else depends on it.
inline void deposit_into(std::atomic<Cell>& cell, double weight, const Decay& now,
                         uint64_t random) {
    const Cell before = cell.load(std::memory_order_relaxed);
    cell.store(deposited(before, weight, now, random), std::memory_order_relaxed);
}

}  // namespace deed::pheromone
