#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/core/figure.h"

namespace deed::bench {

/// inserts, commits, collection.
std::vector<Section> api_sections();

/// Makes a store whose `edges` edges lie in the log only, and leaves the process as a kill would.
[[noreturn]] void fill_log(const std::string& folder, uint64_t edges);
/// Opens it: the seconds that loading and replaying took.
double replay_seconds(const std::string& folder);

}  // namespace deed::bench
