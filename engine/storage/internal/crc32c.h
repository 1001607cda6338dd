#pragma once

#include <cstdint>
#include <string_view>

namespace deed::storage {

/// CRC-32C (Castagnoli), as RocksDB's log and Deed's own headers use it. `seed`: the sum of the
/// bytes before, or 0.
uint32_t crc32c(std::string_view bytes, uint32_t seed = 0);

}  // namespace deed::storage
