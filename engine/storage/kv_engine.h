#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
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

/// What has happened to a batch when `write` returns.
enum class WriteMode : uint8_t {
    kSynced,    // survives a power failure, and so does everything logged before it
    kLogged,    // survives the end of the process; a later sync makes it durable
    kUnlogged,  // lost with the process unless `flush` came in between
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
/// Thread safety: all methods from any thread. Lifetime: cursors die before their engine.
class KvEngine {
 public:
    virtual ~KvEngine() = default;
    virtual std::unique_ptr<KvBatch> new_batch() = 0;
    /// Bytes that every batch leaves in the write-ahead log besides its rows. Before any write.
    virtual void tag_log(std::string_view tag) = 0;
    /// OUTCOME_UNKNOWN once a sync has failed, for this and every later write. DISK_FULL: the batch
    /// is absent and stays absent; later writes succeed once there is space again.
    virtual Status write(KvBatch& batch, WriteMode mode) = 0;
    /// Makes all logged batches durable.
    virtual Status sync() = 0;
    /// Makes all of these key spaces durable, unlogged batches too.
    virtual Status flush(std::span<const KeySpace> spaces) = 0;
    virtual Result<std::string> get(KeySpace space, std::string_view key) const = 0;  // NOT_FOUND
    virtual std::unique_ptr<KvCursor> cursor(KeySpace space, const KeyRange& range) const = 0;
    /// Cuts the space into about equal parts at 8-byte keys, from the tables' own statistics.
    [[nodiscard]] virtual std::vector<KeyRange> split(KeySpace space, uint32_t parts) const = 0;
    /// Takes over finished, sorted table files made by `SortedTableWriter`; all of them or none.
    /// The files are moved where the file system can.
    virtual Status ingest(KeySpace space, const std::vector<std::string>& files) = 0;
    [[nodiscard]] virtual uint64_t disk_bytes() const = 0;
    /// The bytes of the engine's own write-ahead log, all of it read again by the next start.
    [[nodiscard]] virtual uint64_t wal_bytes() const = 0;
    /// True once a sync has failed: what memory holds may never reach the disk.
    [[nodiscard]] virtual bool sync_failed() const = 0;
    virtual Status close() = 0;
};

/// What an engine may do with the end of its write-ahead log when it is opened.
enum class DamagedTail : uint8_t {
    kRefuse,  // only a record that was cut short may be dropped
    kDrop,    // everything from the first damaged record on
};

struct KvOpenOptions {
    std::string directory;
    bool create_if_missing = false;
    bool read_only = false;  // writes nothing at all
    DamagedTail damaged_tail = DamagedTail::kRefuse;
    uint64_t block_cache_bytes = 64ULL << 20;
    uint64_t write_buffer_bytes = 64ULL << 20;
};

/// Where a write-ahead log stops being what was written.
struct KvLogDamage {
    std::string file;
    uint64_t offset = 0;
    std::string what;
    /// Whole records stand in an order in which they were never written, as after files have been
    /// exchanged. The engine must not be asked to read such a log.
    bool out_of_order = false;
};

/// Is shown the write-ahead log's bytes before the engine opens it.
class KvLogVisitor {
 public:
    virtual ~KvLogVisitor() = default;
    /// One file's bytes, the engine's own framing taken out. `intact`: everything before this many
    /// of the bytes has been verified; damage begins there, if it is less than all.
    virtual void on_file(const std::string& file, std::string_view bytes, size_t intact) = 0;
};

/// Opens engines, and reads and writes the small files beside them through the same file system, so
/// that a test that loses unsynced bytes loses them everywhere.
///
/// Thread safety: all methods from any thread.
class KvEngineFactory {
 public:
    virtual ~KvEngineFactory() = default;
    virtual Result<std::unique_ptr<KvEngine>> open(const KvOpenOptions& options) = 0;
    /// Whether an engine has ever been created there.
    virtual Result<bool> exists(const std::string& directory) = 0;
    /// Reads the write-ahead log without changing anything; returns its first damage, if any.
    virtual Result<std::optional<KvLogDamage>> scan_log(const std::string& directory,
                                                        KvLogVisitor& visitor) = 0;
    /// NOT_FOUND where there is none; LIMIT_EXCEEDED above 1 MiB.
    virtual Result<std::string> read_file(const std::string& path) = 0;
    /// Replaces the file durably: all of the new bytes or all of the old, whenever the power fails.
    virtual Status replace_file(const std::string& path, std::string_view bytes) = 0;
};

}  // namespace deed::storage
