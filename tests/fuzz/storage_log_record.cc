// Arbitrary bytes as a commit's log record, and its body behind a header that fits. What decodes
// must be written again as the bytes that it came from.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/assert.h"
#include "engine/storage/log_record.h"

namespace {

using deed::storage::LogRecord;
using deed::storage::LogRecordView;

std::string encode(const LogRecord& record) {
    LogRecordView view;
    view.epoch = record.epoch;
    view.ts = record.ts;
    view.durable_through = record.durable_through;
    view.wall_us = record.wall_us;
    view.transactions = record.transactions;
    view.node_id_end = record.node_id_end;
    view.edge_id_end = record.edge_id_end;
    view.commits = record.commits;
    view.changes = &record.changes;
    view.database = record.database;
    std::string bytes;
    deed::storage::encode_log_record(view, bytes);
    return bytes;
}

void check(std::string_view bytes) {
    const auto record = deed::storage::decode_log_record(bytes);
    if (!record.ok()) {
        DEED_ASSERT(record.error().code() == deed::ErrorCode::kCorruption, "damage is CORRUPTION");
        return;
    }
    DEED_ASSERT(encode(*record) == bytes, "a record has one encoding");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check(bytes);
    // No fuzzer guesses two checksums, so the body also comes with a header that is right for it.
    check(deed::storage::seal_log_body(bytes));
    size_t headers = 0;
    deed::storage::find_log_headers(bytes, [&](size_t offset, const auto&) {
        DEED_ASSERT(offset < size, "a header lies in the bytes");
        ++headers;
    });
    DEED_ASSERT(headers <= size / 96, "headers do not overlap");
    return 0;
}
