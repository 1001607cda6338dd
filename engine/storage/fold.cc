#include "engine/storage/internal/fold.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/base/clock.h"
#include "engine/storage/keys.h"

namespace deed::storage {

namespace {

constexpr size_t kBatchBytes = 4ULL << 20;
// The log is removed in small batches, because commits wait while one is being written.
constexpr uint64_t kLogKeysPerBatch = 1000;
// A log of the engine's own that is longer than this is emptied after the fold, for a quick start.
constexpr uint64_t kWalBytesKept = 16ULL << 20;

}  // namespace

FoldWriter::FoldWriter(Options options)
    : options_(std::move(options)), batch_(options_.engine->new_batch()) {}

Status FoldWriter::begin_rows() {
    if (rows_begun_) return {};
    Checkpoint checkpoint = options_.checkpoint;
    checkpoint.rows_through = std::max(checkpoint.rows_through, options_.appended());
    const auto batch = options_.engine->new_batch();
    batch->put(KeySpace::kMeta, keys::checkpoint(), encode_checkpoint(checkpoint));
    DEED_RETURN_IF_ERROR(options_.engine->write(*batch, WriteMode::kSynced));
    options_.checkpoint = checkpoint;
    rows_begun_ = true;
    return {};
}

Status FoldWriter::put(KeySpace space, std::string_view key, std::string_view value) {
    DEED_RETURN_IF_ERROR(begin_rows());
    batch_->put(space, key, value);
    return {};
}

Status FoldWriter::remove(KeySpace space, std::string_view key) {
    DEED_RETURN_IF_ERROR(begin_rows());
    batch_->remove(space, key);
    return {};
}

Status FoldWriter::write_batch() {
    lists_in_batch_.clear();
    const Status written = options_.engine->write(*batch_, WriteMode::kUnlogged);
    batch_->clear();
    return written;
}

Status FoldWriter::write_if_large() {
    if (batch_->bytes() < kBatchBytes) return {};
    return write_batch();
}

Status FoldWriter::put_node(const NodeRow& row) {
    scratch_.clear();
    encode_node_row(row, scratch_);
    DEED_RETURN_IF_ERROR(put(KeySpace::kNode, keys::node_record(row.id), scratch_));
    return write_if_large();
}

Status FoldWriter::delete_node(NodeId id) {
    DEED_RETURN_IF_ERROR(remove(KeySpace::kNode, keys::node_record(id)));
    DEED_RETURN_IF_ERROR(put_adjacency(id, Direction::kOut, {}));
    return put_adjacency(id, Direction::kIn, {});
}

Status FoldWriter::put_adjacency(NodeId id, Direction direction,
                                 std::span<const AdjacencyEntry> entries) {
    const std::string head_key = keys::adjacency_head(id, direction);
    if (lists_in_batch_.contains(head_key)) DEED_RETURN_IF_ERROR(write_batch());

    // What a long list leaves behind must go, and what stays the same need not be written again.
    std::map<std::string, std::string, std::less<>> old_pieces;
    const Result<std::string> old_head = options_.engine->get(KeySpace::kNode, head_key);
    if (old_head.ok()) {
        std::vector<AdjacencyEntry> unused;
        DEED_ASSIGN_OR_RETURN(const AdjacencyHead head, decode_adjacency_head(*old_head, unused));
        if (head.pieces > 0) {
            const auto cursor = options_.engine->cursor(
                KeySpace::kNode, {head_key + '\0', keys::prefix_end(head_key)});
            for (; cursor->valid(); cursor->next())
                old_pieces.emplace(cursor->key(), cursor->value());
            DEED_RETURN_IF_ERROR(cursor->status());
        }
    } else if (old_head.error().code() != ErrorCode::kNotFound) {
        return old_head.error();
    }

    if (!entries.empty()) {
        DEED_RETURN_IF_ERROR(encode_adjacency(
            id, direction, entries, [&](std::string_view key, std::string_view value) -> Status {
                if (const auto old = old_pieces.find(key); old != old_pieces.end()) {
                    const bool same = old->second == value;
                    old_pieces.erase(old);
                    if (same) return {};
                }
                return put(KeySpace::kNode, key, value);
            }));
    } else if (old_head.ok()) {
        DEED_RETURN_IF_ERROR(remove(KeySpace::kNode, head_key));
    }
    for (const auto& [key, value] : old_pieces) DEED_RETURN_IF_ERROR(remove(KeySpace::kNode, key));
    lists_in_batch_.insert(head_key);
    return write_if_large();
}

Status FoldWriter::put_edge_page(uint64_t page, std::span<const EdgeRow> rows) {
    if (rows.empty()) {
        DEED_RETURN_IF_ERROR(remove(KeySpace::kEdge, keys::edge_page(page)));
        return write_if_large();
    }
    scratch_.clear();
    encode_edge_page(page, rows, scratch_);
    DEED_RETURN_IF_ERROR(put(KeySpace::kEdge, keys::edge_page(page), scratch_));
    return write_if_large();
}

Status FoldWriter::put_pheromone(std::string_view encoded) {
    DEED_RETURN_IF_ERROR(put(KeySpace::kMeta, keys::pheromone(pheromone_parts_++), encoded));
    return write_if_large();
}

Status FoldWriter::put_token(const catalog::Token& token) {
    DEED_RETURN_IF_ERROR(put(KeySpace::kMeta, keys::token(token), token.name));
    return write_if_large();
}

Status FoldWriter::remove_stale_pheromone() {
    if (pheromone_parts_ == 0) return {};
    const auto cursor = options_.engine->cursor(
        KeySpace::kMeta,
        {keys::pheromone(pheromone_parts_), keys::prefix_end(keys::pheromone_prefix())});
    for (; cursor->valid(); cursor->next())
        DEED_RETURN_IF_ERROR(remove(KeySpace::kMeta, cursor->key()));
    return cursor->status();
}

Status FoldWriter::remove_log(CommitTs through) {
    uint64_t next = options_.log_oldest_key.raw();
    while (next != 0 && next <= through.raw()) {
        const uint64_t end = std::min(next + kLogKeysPerBatch, through.raw() + 1);
        const auto batch = options_.engine->new_batch();
        for (; next < end; ++next) batch->remove(KeySpace::kLog, keys::log(CommitTs(next)));
        DEED_RETURN_IF_ERROR(options_.engine->write(*batch, WriteMode::kLogged));
    }
    return {};
}

Status FoldWriter::finish(CommitTs folded_through, uint64_t node_id_end, uint64_t edge_id_end,
                          uint64_t pheromone_epoch) {
    DEED_ASSERT(folded_through >= options_.checkpoint.folded_through,
                "a checkpoint never goes back");
    DEED_RETURN_IF_ERROR(begin_rows());
    DEED_RETURN_IF_ERROR(remove_stale_pheromone());
    // A number that no fold before has used, also not one that was cut short.
    DEED_ASSIGN_OR_RETURN(const uint64_t mark, read_fold_mark(*options_.engine));
    const uint64_t fold = std::max(mark, options_.checkpoint.fold) + 1;
    for (const KeySpace space : kRowSpaces)
        DEED_RETURN_IF_ERROR(put(space, keys::fold_mark(), encode_fold_mark(fold)));
    DEED_RETURN_IF_ERROR(write_batch());
    DEED_RETURN_IF_ERROR(options_.engine->flush(kRowSpaces));

    Checkpoint checkpoint;
    checkpoint.folded_through = folded_through;
    checkpoint.node_id_end = node_id_end;
    checkpoint.edge_id_end = edge_id_end;
    checkpoint.pheromone_epoch = pheromone_epoch;
    checkpoint.wall_us = Clock::system().wall_us();
    checkpoint.rows_through = options_.checkpoint.rows_through;
    checkpoint.fold = fold;
    const auto batch = options_.engine->new_batch();
    batch->put(KeySpace::kMeta, keys::checkpoint(), encode_checkpoint(checkpoint));
    DEED_RETURN_IF_ERROR(options_.engine->write(*batch, WriteMode::kSynced));
    options_.finished(checkpoint);
    // What is left of the log if the power fails now is removed by the next fold.
    DEED_RETURN_IF_ERROR(remove_log(folded_through));
    if (options_.engine->wal_bytes() > kWalBytesKept) {
        constexpr KeySpace kLoggedSpaces[] = {KeySpace::kLog, KeySpace::kMeta};
        DEED_RETURN_IF_ERROR(options_.engine->flush(kLoggedSpaces));
    }
    options_.checkpoint = checkpoint;
    return {};
}

}  // namespace deed::storage
