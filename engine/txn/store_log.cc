#include "engine/txn/internal/store_log.h"

#include <algorithm>
#include <utility>

namespace deed::txn {

StoreLog::StoreLog(storage::Store& store, const catalog::Catalog& catalog, const Clock& clock,
                   const Options& options)
    : store_(store),
      clock_(clock),
      options_(options),
      tokens_(catalog),
      appended_(options.recovered.raw()),
      durable_(options.recovered.raw()),
      synced_at_(clock.monotonic()) {}

Status StoreLog::append(const GroupHeader& group, const catalog::ChangeSet& changes) {
    const storage::LogRecordView record{.ts = group.ts,
                                        .durable_through = durable_through(),
                                        .wall_us = clock_.wall_us(),
                                        .transactions = group.transactions,
                                        .node_id_end = group.node_id_end,
                                        .edge_id_end = group.edge_id_end,
                                        .changes = &changes};
    const std::vector<catalog::Token> tokens = tokens_.pending();
    DEED_RETURN_IF_ERROR(store_.append(record, tokens, options_.sync_each));
    tokens_.written(tokens);
    appended_.store(group.ts.raw(), std::memory_order_release);
    if (options_.sync_each) durable(group.ts.raw());
    return {};
}

void StoreLog::durable(uint64_t ts) {
    durable_.store(ts, std::memory_order_release);
    store_.acknowledged(CommitTs{ts});
}

Status StoreLog::sync() {
    const std::lock_guard lock(sync_mutex_);
    const uint64_t through = appended_.load(std::memory_order_acquire);
    if (through <= durable_.load(std::memory_order_relaxed)) return {};
    DEED_RETURN_IF_ERROR(store_.sync());
    // With a sync for each commit the committer is the only one who moves the mark.
    if (!options_.sync_each) durable(through);
    return {};
}

Status StoreLog::tick() {
    if (options_.sync_each) return {};
    {
        const std::lock_guard lock(sync_mutex_);
        const auto now = clock_.monotonic();
        if (now - synced_at_ < options_.interval) return {};
        synced_at_ = now;
    }
    return sync();
}

BufferedLog::BufferedLog(storage::Store& store, const catalog::Catalog& catalog, const Clock& clock,
                         const Options& options)
    : store_(store),
      clock_(clock),
      options_(options),
      tokens_(catalog),
      appended_(options.recovered.raw()),
      handed_over_at_(clock.monotonic()),
      durable_(options.recovered.raw()) {}

Status BufferedLog::append(const GroupHeader&, const catalog::ChangeSet&) {
    // Nothing to do before the group is in memory, but for refusing it where the buffer is full
    // because the disk takes nothing.
    if (buffered_.load(std::memory_order_relaxed) < kBufferBytesMax) [[likely]]
        return {};
    return hand_over();
}

void BufferedLog::applied(const GroupHeader& group, catalog::ChangeSet& changes) {
    const std::lock_guard lock(buffer_mutex_);
    const auto fresh = [this] {
        if (spare_.empty()) {
            pieces_.push_back(std::make_unique<Piece>());
        } else {
            pieces_.push_back(std::move(spare_.back()));
            spare_.pop_back();
        }
    };
    if (pieces_.empty() || pieces_.back()->batch.bytes() > kHandOverBytes) fresh();
    const size_t before = pieces_.back()->batch.bytes();
    size_t grown = 0;
    if (pieces_.back()->batch.merge(changes)) {
        grown = pieces_.back()->batch.bytes() - before;
    } else {
        fresh();
        pieces_.back()->batch.merge(changes);
        grown = pieces_.back()->batch.bytes();
    }
    Piece& piece = *pieces_.back();
    if (piece.transactions == 0) piece.first = group.ts;
    piece.last = group;
    piece.transactions += group.transactions;
    buffered_.store(buffered_.load(std::memory_order_relaxed) + grown, std::memory_order_relaxed);
}

Status BufferedLog::hand_over() {
    const std::lock_guard write_lock(write_mutex_);
    {
        const std::lock_guard lock(buffer_mutex_);
        std::move(pieces_.begin(), pieces_.end(), std::back_inserter(writing_));
        pieces_.clear();
    }
    size_t done = 0;
    Status status;
    for (; done < writing_.size() && status.ok(); ++done) {
        status = write(*writing_[done]);
        if (!status.ok()) break;
    }
    const std::lock_guard lock(buffer_mutex_);
    size_t bytes = 0;
    for (size_t i = 0; i < done; ++i) {
        bytes += writing_[i]->batch.bytes();
        writing_[i]->batch.clear();
        writing_[i]->transactions = 0;
        if (spare_.size() < 2) spare_.push_back(std::move(writing_[i]));
    }
    writing_.erase(writing_.begin(), writing_.begin() + static_cast<ptrdiff_t>(done));
    buffered_.store(buffered_.load(std::memory_order_relaxed) - bytes, std::memory_order_relaxed);
    return status;
}

Status BufferedLog::write(const Piece& piece) {
    const storage::LogRecordView record{
        .ts = piece.last.ts,
        .durable_through = durable_through(),
        .wall_us = clock_.wall_us(),
        .transactions = piece.transactions,
        .commits = static_cast<uint32_t>(piece.last.ts.raw() - piece.first.raw() + 1),
        .node_id_end = piece.last.node_id_end,
        .edge_id_end = piece.last.edge_id_end,
        .changes = &piece.batch.changes()};
    const std::vector<catalog::Token> tokens = tokens_.pending();
    DEED_RETURN_IF_ERROR(store_.append(record, tokens, false));
    tokens_.written(tokens);
    appended_ = piece.last.ts.raw();
    return {};
}

Status BufferedLog::sync() {
    DEED_RETURN_IF_ERROR(hand_over());
    const std::lock_guard lock(write_mutex_);
    if (appended_ <= durable_.load(std::memory_order_relaxed)) return {};
    DEED_RETURN_IF_ERROR(store_.sync());
    durable_.store(appended_, std::memory_order_release);
    store_.acknowledged(CommitTs{appended_});
    return {};
}

Status BufferedLog::tick() {
    if (buffered_.load(std::memory_order_relaxed) < kHandOverBytes) {
        const std::lock_guard lock(write_mutex_);
        const auto now = clock_.monotonic();
        if (now - handed_over_at_ < options_.interval) return {};
        handed_over_at_ = now;
    }
    return hand_over();
}

}  // namespace deed::txn
