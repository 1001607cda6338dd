#pragma once

#include <vector>

#include "bench/core/figure.h"

namespace deed::bench {

/// lookups, scan (with the cost of pheromone), memory.
std::vector<Section> graph_sections();

}  // namespace deed::bench
