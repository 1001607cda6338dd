#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/catalog/change_set.h"

namespace deed::storage {

/// Names one database for ever, in every file of it.
using DatabaseUuid = std::array<uint8_t, 16>;

/// One group of transactions, self-contained: it could be shipped to a replica as it is.
struct LogRecord {
    uint64_t epoch = 1;  // of the primary that wrote it; 1 on a single server
    CommitTs ts{0};
    CommitTs durable_through{0};  // newest commit known to be synced when this was written
    int64_t wall_us = 0;          // microseconds since 1970 UTC
    uint32_t transactions = 0;    // how many were grouped
    uint32_t commits = 1;         // how many commits in a row it holds, the last of which is `ts`
    uint64_t node_id_end = 0;     // ids below these had been given
    uint64_t edge_id_end = 0;
    catalog::ChangeSet changes;
    DatabaseUuid database{};
};

/// The same to be written, without owning the changes.
struct LogRecordView {
    uint64_t epoch = 1;
    CommitTs ts{0};
    CommitTs durable_through{0};
    int64_t wall_us = 0;
    uint32_t transactions = 0;
    uint32_t commits = 1;
    uint64_t node_id_end = 0;
    uint64_t edge_id_end = 0;
    const catalog::ChangeSet* changes = nullptr;
    DatabaseUuid database{};  // filled in by the store
};

/// What a record's header says on its own, without the rest of the record.
struct LogRecordHeader {
    DatabaseUuid database{};
    uint64_t epoch = 0;
    CommitTs ts{0};
    CommitTs durable_through{0};
    int64_t wall_us = 0;
    uint32_t transactions = 0;
    uint32_t commits = 1;
    uint64_t node_id_end = 0;
    uint64_t edge_id_end = 0;
    uint32_t body_bytes = 0;
    uint32_t body_sum = 0;
};

/// Whether a record of `commits` commits up to `ts` goes on from `last` without a gap. It may begin
/// earlier: applying a commit once more changes nothing.
[[nodiscard]] constexpr bool follows(CommitTs ts, uint32_t commits, CommitTs last) {
    return ts > last && ts.raw() - last.raw() <= commits;
}

/// The record's bytes as formats.md lays them out, appended to `out`.
void encode_log_record(const LogRecordView& record, std::string& out);
/// A record with these bytes as its body, whatever they are, and a header that is right for them.
std::string seal_log_body(std::string_view body);
/// CORRUPTION where a checksum, a length or a value is wrong; never reads past the end.
Result<LogRecord> decode_log_record(std::string_view bytes);

/// What every batch of a database leaves in the engine's log, so that a log file of another one is
/// recognised even where it holds no commit.
std::string log_tag(const DatabaseUuid& database);
/// Calls `visit(database)` for every tag in `bytes`.
void find_log_tags(std::string_view bytes, const std::function<void(const DatabaseUuid&)>& visit);

/// The header at the front of `bytes`, if there is a whole one whose checksum holds.
std::optional<LogRecordHeader> decode_log_header(std::string_view bytes);
/// Calls `visit(offset, header)` for every whole header in `bytes` that does not lie in another
/// record's body: finds what a damaged log still says of itself.
void find_log_headers(std::string_view bytes,
                      const std::function<void(size_t, const LogRecordHeader&)>& visit);

}  // namespace deed::storage
