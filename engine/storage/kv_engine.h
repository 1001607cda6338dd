#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace deed::storage {

/// The key spaces of the store. Their numbers name RocksDB's column families for ever.
enum class KeySpace : uint8_t { kMeta = 0, kLog = 1, kNode = 2, kEdge = 3 };
inline constexpr int kKeySpaces = 4;

/// [begin, end) in byte order; an empty end means to the end of the key space.
struct KeyRange {
    std::string begin;
    std::string end;
};

/// Writes that take effect together or not at all.
class KvBatch {
 public:
    virtual ~KvBatch() = default;
    virtual void put(KeySpace space, std::string_view key, std::string_view value) = 0;
    virtual void remove(KeySpace space, std::string_view key) = 0;
    virtual void clear() = 0;
    [[nodiscard]] virtual size_t bytes() const = 0;
};

/// A cursor over one key space, ascending; sees the state at its creation.
class KvCursor {
 public:
    virtual ~KvCursor() = default;
    virtual void seek(std::string_view key) = 0;
    [[nodiscard]] virtual bool valid() const = 0;
    virtual void next() = 0;
    [[nodiscard]] virtual std::string_view key() const = 0;    // until the next call
    [[nodiscard]] virtual std::string_view value() const = 0;  // until the next call
    /// Why `valid()` is false, if not for the end.
    [[nodiscard]] virtual Status status() const = 0;
};

/// An ordered key-value store with atomic batches and snapshot cursors: all that Deed asks of what
/// lies under it. RocksDB today; a distributed ordered store can stand under the same keys later.
///
/// Thread safety: all methods from any thread.
class KvEngine {
 public:
    virtual ~KvEngine() = default;
    virtual std::unique_ptr<KvBatch> new_batch() = 0;
    /// OUTCOME_UNKNOWN once a sync has failed, for this and every later write.
    virtual Status write(KvBatch& batch, bool sync) = 0;
    virtual Status sync() = 0;
    virtual Result<std::string> get(KeySpace space, std::string_view key) const = 0;  // NOT_FOUND
    virtual std::unique_ptr<KvCursor> cursor(KeySpace space, const KeyRange& range) const = 0;
    /// Keys that cut the space into about equal parts, from the tables' own statistics.
    [[nodiscard]] virtual std::vector<KeyRange> split(KeySpace space, uint32_t parts) const = 0;
    /// Takes over finished, sorted table files made by `SortedTableWriter`.
    virtual Status ingest(KeySpace space, const std::vector<std::string>& files) = 0;
    [[nodiscard]] virtual uint64_t disk_bytes() const = 0;
    virtual Status close() = 0;
};

class KvEngineFactory {
 public:
    virtual ~KvEngineFactory() = default;
};

}  // namespace deed::storage
