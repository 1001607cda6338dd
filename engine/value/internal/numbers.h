#pragma once

#include <cmath>
#include <compare>
#include <cstdint>
#include <optional>

/// Whole numbers against floats, without rounding either.
namespace deed::value::internal {

inline constexpr double kTwoTo53 = 9'007'199'254'740'992.0;
inline constexpr double kTwoTo63 = 9'223'372'036'854'775'808.0;

/// The whole number that a float is, where it is one and has 64 bits.
[[nodiscard]] inline std::optional<int64_t> as_whole(double number) {
    if (!(number >= -kTwoTo63 && number < kTwoTo63)) return std::nullopt;
    const auto whole = static_cast<int64_t>(number);
    if (static_cast<double>(whole) != number) return std::nullopt;
    return whole;
}

[[nodiscard]] inline std::partial_ordering compare_exactly(int64_t whole, double number) {
    if (std::isnan(number)) return std::partial_ordering::unordered;
    if (number >= kTwoTo63) return std::partial_ordering::less;
    if (number < -kTwoTo63) return std::partial_ordering::greater;
    const auto cut = static_cast<int64_t>(number);
    if (whole != cut) return whole <=> cut;
    // What was cut off decides; a float with a fraction is small enough for this to be exact.
    return 0.0 <=> number - static_cast<double>(cut);
}

/// The largest float that is not above the number.
[[nodiscard]] inline double floor_to_double(int64_t whole) {
    const auto near = static_cast<double>(whole);
    const bool above = compare_exactly(whole, near) == std::partial_ordering::less;
    return above ? std::nextafter(near, -kTwoTo63 * 2) : near;
}

}  // namespace deed::value::internal
