#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

#include "engine/storage/internal/meta.h"
#include "engine/storage/kv_engine.h"
#include "engine/storage/store.h"

namespace deed::storage {

/// One fold of the log into the base rows. Rows are written unlogged, a few MiB at a time: they are
/// flushed as tables before the checkpoint moves, and until then the log can make them again.
///
///     first row: sync the log, note in the checkpoint that rows may hold what the log holds
///     rows ...   unlogged batches
///     finish:    flush the tables, then move the checkpoint (synced), then remove log records
///
/// Thread safety: one thread. Invariants: no row reaches the disk before the commits in it do.
class FoldWriter : public Store::Folder {
 public:
    struct Options {
        KvEngine* engine = nullptr;
        Checkpoint checkpoint;       // as it stands
        CommitTs log_oldest_key{0};  // 0: the log is empty
        /// The newest commit appended, whenever it is asked.
        std::function<CommitTs()> appended;
        /// Told the new checkpoint, once it is durable.
        std::function<void(const Checkpoint&)> finished;
        std::function<void()> released;
    };
    explicit FoldWriter(Options options);
    ~FoldWriter() override { options_.released(); }
    FoldWriter(const FoldWriter&) = delete;
    FoldWriter& operator=(const FoldWriter&) = delete;

    Status put_node(const NodeRow& row) override;
    Status delete_node(NodeId id) override;
    Status put_adjacency(NodeId id, Direction direction,
                         std::span<const AdjacencyEntry> entries) override;
    Status put_edge_page(uint64_t page, std::span<const EdgeRow> rows) override;
    Status put_pheromone(std::string_view encoded) override;
    Status put_token(const catalog::Token& token) override;
    Status finish(CommitTs folded_through, uint64_t node_id_end, uint64_t edge_id_end,
                  uint64_t pheromone_epoch) override;

 private:
    Status put(KeySpace space, std::string_view key, std::string_view value);
    Status remove(KeySpace space, std::string_view key);
    Status begin_rows();
    Status write_batch();
    Status write_if_large();
    Status remove_stale_pheromone();
    Status remove_log(CommitTs through);

    Options options_;
    std::unique_ptr<KvBatch> batch_;
    std::string scratch_;
    std::unordered_set<std::string> lists_in_batch_;  // heads not yet visible to a read
    uint32_t pheromone_parts_ = 0;
    bool rows_begun_ = false;
};

}  // namespace deed::storage
