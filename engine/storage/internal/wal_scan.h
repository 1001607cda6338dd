#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace deed::storage {

/// What a look at one file of RocksDB's write-ahead log found.
struct WalScan {
    /// The bytes without the frame header at the start of each 32 KiB block, so that what a record
    /// holds is contiguous also where it runs over blocks.
    std::string bytes;
    /// So many of `bytes` belong to records that are whole and whose checksums hold.
    size_t intact = 0;
    /// Where in the file the first record that is not whole begins, and what is wrong with it.
    std::optional<uint64_t> damage_offset;
    std::string damage;
    /// The sequence numbers of the first and the last whole record; 0 where there is none.
    uint64_t first_sequence = 0;
    uint64_t last_sequence = 0;
    /// The damage is a record that is older than the one before it.
    bool out_of_order = false;
};

/// Checks the frames of a log file as RocksDB writes it (no recycling, no compression): see
/// https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format. Stops at the first record
/// that is damaged or cut short; never reads past the end.
WalScan scan_wal(std::string_view file);

}  // namespace deed::storage
