#include "client/cli/suggestion.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace deed::cli {
namespace {

/// Edit distance with swaps of neighbours (optimal string alignment), by dynamic programming over
/// three rows.
size_t distance(std::string_view a, std::string_view b) {
    std::vector<size_t> two_back(b.size() + 1);
    std::vector<size_t> previous(b.size() + 1);
    std::vector<size_t> current(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) {
        previous[j] = j;
    }
    for (size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                current[j] = std::min(current[j], two_back[j - 2] + 1);
            }
        }
        std::swap(two_back, previous);
        std::swap(previous, current);
    }
    return previous[b.size()];
}

}  // namespace

std::optional<std::string> suggestion(std::string_view typed,
                                      std::span<const std::string> candidates) {
    // Nobody mistypes a word this long; the bound keeps the work small for any argument.
    constexpr size_t kLengthMax = 64;
    if (typed.size() > kLengthMax) {
        return std::nullopt;
    }
    std::optional<std::string> best;
    size_t best_distance = std::max<size_t>(1, typed.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        const size_t steps = distance(typed, candidate);
        if (steps < best_distance) {
            best_distance = steps;
            best = candidate;
        }
    }
    return best;
}

}  // namespace deed::cli
