#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "engine/value/value.h"

namespace deed::value {

/// Makes values of every type, with the edges of each far more often than chance would.
///
/// Thread safety: one thread. Lifetime: none beyond itself.
class RandomValues {
 public:
    explicit RandomValues(uint64_t seed) : engine_(seed) {}

    /// Lists and maps nest at most `depth` deep.
    Value any(uint32_t depth = 3);
    Value number();

    /// A seed that differs between runs, printed so that a failure can be repeated; the environment
    /// variable DEED_TEST_SEED sets it.
    static uint64_t printed_seed();

    /// 0 .. bound - 1.
    uint64_t below(uint64_t bound) { return engine_() % bound; }

 private:
    int64_t integer();
    double floating();
    Value string();
    Value bytes();
    Value list(uint32_t depth);
    Value map(uint32_t depth);
    Value temporal();
    Value point();
    Value vector();
    std::string text();

    std::mt19937_64 engine_;
};

/// Values in which edges meet, each against each.
std::vector<Value> edge_values();

}  // namespace deed::value
