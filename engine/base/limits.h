#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of the engine in one place. Those that a user may change are the defaults of the
/// configuration; those that shape the data in memory or on disk are fixed here.
namespace deed::limits {

// --- shape of the graph in memory -------------------------------------------------------------
/// Adjacency blocks hold neighbours and edge ids as 32-bit numbers.
inline constexpr uint64_t kNodesMax = 0xFFFF'FF00ULL;
inline constexpr uint64_t kEdgesMax = 0xFFFF'FF00ULL;
inline constexpr uint32_t kShardsMax = 256;
inline constexpr uint32_t kLabelsMax = 65'000;
inline constexpr uint32_t kTypesMax = 65'000;
inline constexpr uint32_t kPropertyKeysMax = 1'000'000;

// --- names and values ---------------------------------------------------------------------------
inline constexpr size_t kNameBytesMax = 16'383;        // label, type, property key
inline constexpr size_t kValueBytesMax = 64ULL << 20;  // one encoded value
inline constexpr size_t kListElementsMax = 1ULL << 24;
inline constexpr uint32_t kValueDepthMax = 128;  // lists in maps in lists ...
inline constexpr uint32_t kVectorDimensionsMax = 4096;
inline constexpr size_t kPropertiesPerEntityMax = 65'000;
inline constexpr size_t kLabelsPerNodeMax = 1'000;

// --- transactions -------------------------------------------------------------------------------
inline constexpr uint32_t kSnapshotsMax = 8192;             // open at once
inline constexpr size_t kTransactionBytesMax = 1ULL << 30;  // private delta of one transaction
inline constexpr size_t kGroupTransactionsMax = 4096;       // committed together
inline constexpr size_t kGroupBytesMax = 64ULL << 20;       // one commit record

// --- requests -----------------------------------------------------------------------------------
inline constexpr size_t kBatchItemsMax = 65'536;         // default of `limits.batch_items`
inline constexpr size_t kMessageBytesMax = 64ULL << 20;  // default of `limits.message_bytes`
inline constexpr uint32_t kTraversalDepthMax = 64;       // default of `limits.traversal_depth`
inline constexpr uint32_t kConcurrentRequestsMax =
    10'000;  // default of `limits.concurrent_requests`

static_assert(kTransactionBytesMax > kGroupBytesMax);
static_assert(kValueBytesMax <= kGroupBytesMax);
static_assert(kMessageBytesMax <= kGroupBytesMax);
static_assert((kShardsMax & (kShardsMax - 1)) == 0);

}  // namespace deed::limits
