#pragma once

#include <cstdint>
#include <vector>

#include "bench/generator/random.h"

namespace deed::bench {

/// Draws nodes so that their degrees follow a power law: the number of nodes with degree d falls as
/// d^-exponent. In social and web graphs the exponent lies between 2 and 3; 0 draws uniformly.
///
/// 1. A node's weight is `rank^-s`, s = 1 / (exponent - 1): the ranks of a power law.
/// 2. Ranks up to 64 have a bucket each, every octave behind is cut into 64 buckets of equal weight
///    within, so that there are at most about 1,800 whatever the size of the graph.
/// 3. A bucket is drawn by Walker's alias method (1977), a rank in it uniformly.
/// 4. Ranks are strewn over the ids by a permutation `rank * a + b mod n`, so that hubs are
///    everywhere. Another seed is another permutation.
///
/// Only additions, multiplications and divisions of doubles: the same draws on every machine.
///
/// Thread safety: `draw` from any thread, each with a Random of its own.
class PowerLaw {
 public:
    /// REQUIRES: 0 < count < 2^32; exponent is 0 or more than 1.
    PowerLaw(uint64_t count, double exponent, uint64_t seed);

    uint64_t draw(Random& random) const {
        const uint64_t bits = random.next();
        auto bucket = static_cast<uint32_t>((bits >> 32) * cells_.size() >> 32);
        if (static_cast<uint32_t>(bits) >= cells_[bucket].keep) bucket = cells_[bucket].alias;
        const uint32_t width = first_rank_[bucket + 1] - first_rank_[bucket];
        uint64_t rank = first_rank_[bucket];
        if (width > 1) rank += random.below(width);
        return (rank * factor_ + shift_) % count_;
    }

 private:
    struct Cell {
        uint32_t keep;   // of 2^32: how often the bucket itself is meant
        uint32_t alias;  // which one otherwise
    };

    void make_buckets(double exponent);
    void make_cells(std::vector<double> weights);

    uint64_t count_;
    uint64_t factor_;
    uint64_t shift_;
    std::vector<uint32_t> first_rank_;  // of each bucket, from 0; one more for the end
    std::vector<Cell> cells_;
};

}  // namespace deed::bench
