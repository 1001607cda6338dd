#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/catalog/tokens.h"
#include "engine/storage/kv_engine.h"
#include "engine/storage/log_record.h"
#include "engine/storage/rows.h"

namespace deed::storage {

/// What is asked of the store when it opens.
struct StoreOptions {
    std::string data_dir;
    bool create_if_missing = true;
    bool read_only = false;
    bool accept_data_loss = false;
    uint64_t block_cache_bytes = 64ULL << 20;
    uint64_t write_buffer_bytes = 64ULL << 20;
    /// Commits are refused with DISK_FULL while less than this is free behind them, so that the
    /// disk is never full in the middle of a record: RocksDB 7.8.3 cannot go on with a log whose
    /// write failed when nothing was in memory yet, and aborts the process at the next one.
    uint64_t disk_reserve_bytes = 32ULL << 20;
    /// How often WATERMARK is refreshed; zero: within `acknowledged` itself.
    std::chrono::milliseconds watermark_interval{1000};
    /// nullptr: RocksDB on the machine's files. Tests put a file system of their own underneath.
    /// Must outlive the store.
    KvEngineFactory* engine_factory = nullptr;
};

/// What the store knew when it opened.
struct StoreState {
    std::string database_uuid;
    CommitTs folded_through{0};  // base rows hold at least all commits up to here
    CommitTs recovered{0};       // the newest commit found (log or base)
    uint64_t node_id_end = 0;    // ids below these were given before the last checkpoint; the log
    uint64_t edge_id_end = 0;    //   records behind it may have given more
    uint64_t pheromone_epoch = 0;
    std::vector<catalog::Token> tokens;
    std::string note;  // a torn unacknowledged tail was dropped, ...; empty: all clean
};

/// The durable side of a database: base rows, the commit log, names, pheromone; one directory, one
/// process. Knows nothing of the graph in memory.
///
///     <data_dir>/            0700
///       LOCK.deed            flock + pid; held while open
///       WATERMARK            newest acknowledged commit, refreshed lazily
///       rocks/               RocksDB
///
/// Thread safety: `append`, `sync` and the batch of a checkpoint each from one thread at a time
/// (not the same one); readers from any thread.
class Store {
 public:
    static Result<std::unique_ptr<Store>> open(const StoreOptions& options);
    ~Store();

    [[nodiscard]] const StoreState& state() const;

    // --- the log
    // -----------------------------------------------------------------------------------
    /// Appends one group: its record and the names that it uses for the first time, one atomic
    /// write batch. With `sync` it is on disk when this returns. OUTCOME_UNKNOWN after a failed
    /// sync: the store refuses every later write; DISK_FULL where little space is left or the write
    /// itself failed: the group is absent.
    Status append(const LogRecordView& record, std::span<const catalog::Token> new_tokens,
                  bool sync);
    /// Makes everything appended durable.
    Status sync();
    /// The newest commit in the log; the next one to append is the one behind it. Any thread.
    [[nodiscard]] CommitTs appended() const;
    /// Notes that commits up to `ts` were acknowledged as durable; written to WATERMARK at most
    /// once a second.
    void acknowledged(CommitTs ts);
    /// Calls `visit` for each record after `from`, oldest first; it may move out of the record.
    /// CORRUPTION names file and place, also where a record is missing in between.
    Status replay(CommitTs from, const std::function<Status(LogRecord&)>& visit) const;
    [[nodiscard]] uint64_t log_bytes() const;

    // --- base rows: folding the log into them
    // ------------------------------------------------------
    /// Writes rows in batches (atomic each, unsynced). A crash between two is harmless: the log is
    /// replayed over whatever was written.
    class Folder {
     public:
        virtual ~Folder() = default;
        virtual Status put_node(const NodeRow& row) = 0;
        virtual Status delete_node(NodeId id) = 0;
        /// The whole list of one node and direction; empty deletes it.
        virtual Status put_adjacency(NodeId id, Direction direction,
                                     std::span<const AdjacencyEntry> entries) = 0;
        /// The whole page of edges with `page = edge id / kEdgesPerPage`.
        virtual Status put_edge_page(uint64_t page, std::span<const EdgeRow> rows) = 0;
        /// Replaces all pheromone parts of the fold before; called once per part, in order.
        virtual Status put_pheromone(std::string_view encoded) = 0;
        /// For bulk import, which has no log record to bring its names.
        virtual Status put_token(const catalog::Token& token) = 0;
        /// Makes the rows durable, then sets `folded_through`, id ends and epoch, and removes log
        /// records up to it, in one synced batch.
        virtual Status finish(CommitTs folded_through, uint64_t node_id_end, uint64_t edge_id_end,
                              uint64_t pheromone_epoch) = 0;
    };
    /// One at a time. Take the snapshot to be folded after this call.
    Result<std::unique_ptr<Folder>> begin_fold();
    /// For bulk import: takes over files of base rows made by `SortedTableWriter`. They count from
    /// the next `Folder::finish` on. REQUIRES: a store that holds no rows yet.
    Status ingest(KeySpace space, const std::vector<std::string>& files);

    // --- base rows: loading
    // ------------------------------------------------------------------------
    /// Cuts the key space into `parts` ranges of about equal size, for parallel loading.
    [[nodiscard]] std::vector<KeyRange> split_nodes(uint32_t parts) const;
    [[nodiscard]] std::vector<KeyRange> split_edges(uint32_t parts) const;
    /// Visits the rows of a range in key order. Any thread, several at once.
    Status load_nodes(const KeyRange& range, NodeVisitor& visitor) const;
    Status load_edges(const KeyRange& range, EdgeVisitor& visitor) const;
    Status load_pheromone(const std::function<Status(std::string_view)>& visit) const;

    [[nodiscard]] uint64_t disk_bytes() const;
    /// True after a failed sync.
    [[nodiscard]] bool failed() const;
    Status close();

 private:
    struct Impl;
    explicit Store(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace deed::storage
