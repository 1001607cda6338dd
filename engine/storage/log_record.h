#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/catalog/change_set.h"

namespace deed::storage {

/// One group of transactions, self-contained: it could be shipped to a replica as it is.
struct LogRecord {
    uint64_t epoch = 1;  // of the primary that wrote it; 1 on a single server
    CommitTs ts{0};
    CommitTs durable_through{0};  // newest commit known to be synced when this was written
    int64_t wall_us = 0;          // microseconds since 1970 UTC
    uint32_t transactions = 0;    // how many were grouped
    uint64_t node_id_end = 0;     // ids below these had been given
    uint64_t edge_id_end = 0;
    catalog::ChangeSet changes;
};

/// The same to be written, without owning the changes.
struct LogRecordView {
    uint64_t epoch = 1;
    CommitTs ts{0};
    CommitTs durable_through{0};
    int64_t wall_us = 0;
    uint32_t transactions = 0;
    uint64_t node_id_end = 0;
    uint64_t edge_id_end = 0;
    const catalog::ChangeSet* changes = nullptr;
};

/// The record's bytes as `formats.md` lays them out, appended to `out`.
void encode_log_record(const LogRecordView& record, std::string& out);
/// CORRUPTION where a checksum, a length or a value is wrong; never reads past the end.
Result<LogRecord> decode_log_record(std::string_view bytes);

}  // namespace deed::storage
