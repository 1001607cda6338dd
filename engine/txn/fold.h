#pragma once

#include <cstdint>
#include <functional>
#include <mutex>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/graph/graph.h"
#include "engine/storage/store.h"
#include "engine/sync/snapshot_registry.h"
#include "engine/txn/commit_log.h"
#include "engine/txn/commit_pipeline.h"
#include "engine/txn/dirty_set.h"

namespace deed::txn {

/// Folds the log into base rows while commits go on (a checkpoint):
///
///  1. With the graph held still for a moment: take the set of what is dirty, note the newest
///  commit
///     S and the ends of the ids.
///  2. Write every dirty row as some snapshot at or after S sees it. The snapshot is renewed every
///     few rows, so that a fold never keeps old versions alive; rows newer than S are right as
///     well, because the log behind S stays and is replayed over them.
///  3. Before any row of a snapshot is written, the log up to that snapshot is durable: a row must
///     never survive a power failure that the commits in it did not.
///  4. Write the pheromone, then say in one synced batch that the rows hold all up to S, and drop
///     that part of the log.
///
/// A crash anywhere leaves the old S and the whole log behind it.
///
/// Thread safety: `run` from any thread; one runs at a time.
class Fold {
 public:
    struct Parts {
        graph::Graph& graph;
        storage::Store& store;
        CommitLog& log;
        CommitPipeline& pipeline;
        sync::SnapshotRegistry& registry;
        const std::atomic<uint64_t>& visible;
    };
    Fold(const Parts& parts, CommitTs folded_through)
        : parts_(parts), folded_through_(folded_through.raw()) {}

    Status run();
    // Relaxed: a figure.
    [[nodiscard]] CommitTs folded_through() const {
        return CommitTs{folded_through_.load(std::memory_order_relaxed)};
    }

 private:
    struct Start {
        DirtySet dirty;
        CommitTs through{0};
        uint64_t node_id_end = 0;
        uint64_t edge_id_end = 0;
    };
    class Reader;

    [[nodiscard]] Start start();
    Status write_rows(const Start& start);
    Status write_node(storage::Store::Folder& folder, CommitTs snapshot, NodeId id, uint8_t what);
    Status write_list(storage::Store::Folder& folder, CommitTs snapshot, NodeId id,
                      Direction direction);
    Status write_edge_page(storage::Store::Folder& folder, CommitTs snapshot, uint64_t page);
    Status write_pheromone(storage::Store::Folder& folder);

    Parts parts_;
    std::mutex mutex_;
    std::atomic<uint64_t> folded_through_;
    std::vector<storage::AdjacencyEntry> entries_;  // guarded by mutex_, as what follows
    std::vector<storage::EdgeRow> edge_rows_;
};

}  // namespace deed::txn
