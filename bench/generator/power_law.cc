#include "bench/generator/power_law.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "engine/base/assert.h"

namespace deed::bench {

namespace {

constexpr uint64_t kSingleRanks = 64;
constexpr uint64_t kBucketsPerOctave = 64;

/// ln(x) for x >= 1 by the series of artanh. The C library's may differ between machines in the
/// last bit, and one bit is enough to make another graph.
double natural_log(double x) {
    constexpr double kLn2 = 0.693147180559945309417;
    int exponent = 0;
    const double mantissa = std::frexp(x, &exponent);  // exact
    const double t = (mantissa - 1) / (mantissa + 1);
    double term = t;
    double sum = 0;
    for (int n = 1; n < 60; n += 2) {
        sum += term / n;
        term *= t * t;
    }
    return 2 * sum + exponent * kLn2;
}

/// e^x for x <= 0: the Taylor series after halving x until it is small, squared back.
double exponential(double x) {
    constexpr int kHalvings = 10;
    const double small = std::ldexp(x, -kHalvings);  // exact
    double term = 1;
    double sum = 1;
    for (int n = 1; n < 20; ++n) {
        term *= small / n;
        sum += term;
    }
    for (int i = 0; i < kHalvings; ++i) sum *= sum;
    return sum;
}

}  // namespace

PowerLaw::PowerLaw(uint64_t count, double exponent, uint64_t seed) : count_(count) {
    DEED_ASSERT(count > 0 && count <= 0xFFFF'FFFFULL, "ranks and their products fit");
    DEED_ASSERT(exponent == 0 || exponent > 1, "a power law falls faster than 1/d");
    Random random(seed, 0x506F776572);
    // Near the golden ratio neighbouring ranks land far apart; a factor without a common divisor
    // makes it a permutation.
    factor_ = count / 21 * 13 + random.next() % (count / 64 + 1) + 1;
    while (std::gcd(factor_, count) != 1) ++factor_;
    shift_ = random.next() % count;
    make_buckets(exponent);
}

void PowerLaw::make_buckets(double exponent) {
    std::vector<double> weights;
    const double slope = exponent == 0 ? 0 : 1 / (exponent - 1);
    uint64_t first = 0;
    uint64_t width = 1;
    while (first < count_) {
        // Rank 64 opens the first octave: [64, 128) in 64 buckets of 1, [128, 256) of 2 ...
        if (first >= 2 * kSingleRanks && (first & (first - 1)) == 0) {
            width = first / kBucketsPerOctave;
        }
        const uint64_t end = std::min(first + width, count_);
        const double middle = static_cast<double>(first + end + 1) / 2;  // ranks count from 1
        first_rank_.push_back(static_cast<uint32_t>(first));
        weights.push_back(static_cast<double>(end - first) *
                          exponential(-slope * natural_log(middle)));
        first = end;
    }
    first_rank_.push_back(static_cast<uint32_t>(count_));
    make_cells(std::move(weights));
}

void PowerLaw::make_cells(std::vector<double> weights) {
    double total = 0;
    for (const double weight : weights) total += weight;
    std::vector<uint32_t> small;
    std::vector<uint32_t> large;
    for (uint32_t i = 0; i < weights.size(); ++i) {
        weights[i] = weights[i] / total * static_cast<double>(weights.size());
        (weights[i] < 1 ? small : large).push_back(i);
    }
    cells_.resize(weights.size());
    while (!small.empty() && !large.empty()) {
        const uint32_t poor = small.back();
        const uint32_t rich = large.back();
        small.pop_back();
        cells_[poor] = {static_cast<uint32_t>(weights[poor] * 0x1p32), rich};
        weights[rich] -= 1 - weights[poor];
        if (weights[rich] >= 1) continue;
        large.pop_back();
        small.push_back(rich);
    }
    // What is left has weight 1 but for rounding.
    for (const uint32_t i : small) cells_[i] = {0xFFFF'FFFF, i};
    for (const uint32_t i : large) cells_[i] = {0xFFFF'FFFF, i};
}

}  // namespace deed::bench
