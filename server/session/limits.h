#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/limits.h"
#include "engine/base/result.h"

namespace deed::server {

/// What one request, one stream or the whole server may take. The numbers come from the section
/// `[limits]` of the configuration.
struct Limits {
    uint64_t batch_items = limits::kBatchItemsMax;
    uint64_t message_bytes = limits::kMessageBytesMax;
    uint64_t traversal_depth = limits::kTraversalDepthMax;
    uint64_t concurrent_requests = limits::kConcurrentRequestsMax;
    uint64_t concurrent_streams = 128;  // walks and scans under way; each holds a worker
    uint64_t open_transactions = 4096;
    uint64_t neighbours = 1ULL << 20;        // in one answer
    uint64_t ingest_key_bytes = 1ULL << 30;  // external keys of one stream
    uint64_t scan_filters = 64;
    std::chrono::milliseconds reader_stall{300'000};     // a stream whose reader takes nothing
    std::chrono::milliseconds transaction_wait{30'000};  // behind an earlier call of the same one
};

/// The present value of the limit with this name ("batch_items"), for error details.
std::optional<uint64_t> limit_value(const Limits& limits, std::string_view name);

/// LIMIT_EXCEEDED with reason "LIMIT_" + upper-case name; the message says what was asked, what is
/// allowed and which setting decides.
Error limit_error(std::string_view name, uint64_t asked, uint64_t allowed, std::string_view field);

/// OK, or `limit_error`.
Status check_limit(std::string_view name, uint64_t asked, uint64_t allowed, std::string_view field);

}  // namespace deed::server
