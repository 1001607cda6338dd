#pragma once

#include <cstdint>
#include <string>

namespace deed::bench {

/// Synced commits a second that RocksDB's own group commit reaches with `threads` threads, each
/// commit one put of `bytes` under a rising key, during about `seconds`.
double rocks_commit_rate(const std::string& folder, uint32_t threads, uint64_t bytes,
                         double seconds);

}  // namespace deed::bench
