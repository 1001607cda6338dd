#include "engine/txn/fold.h"

#include <memory>
#include <string>
#include <utility>

#include "engine/base/assert.h"
#include "engine/txn/internal/pheromone_rows.h"

namespace deed::txn {

/// A registered snapshot whose commits are durable, renewed as it goes.
class Fold::Reader {
 public:
    explicit Reader(const Parts& parts) : parts_(parts) {}
    ~Reader() { drop(); }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    /// The snapshot to read the next rows at.
    Result<CommitTs> next() {
        if (rows_++ % kRowsPerSnapshot == 0) DEED_RETURN_IF_ERROR(renew());
        return registration_.snapshot();
    }

 private:
    static constexpr uint64_t kRowsPerSnapshot = 2048;

    Status renew() {
        drop();
        DEED_ASSIGN_OR_RETURN(registration_, parts_.registry.acquire(parts_.visible));
        entered_ = registration_.enter();
        // The oldest snapshot may be ended for its memory in the very moment between the two.
        if (!entered_) return renew();
        while (parts_.log.durable_through() < registration_.snapshot())
            DEED_RETURN_IF_ERROR(parts_.log.sync());
        return {};
    }
    void drop() {
        if (entered_) registration_.leave();
        entered_ = false;
        registration_.release();
    }

    const Parts& parts_;
    sync::SnapshotRegistry::Registration registration_;
    bool entered_ = false;
    uint64_t rows_ = 0;
};

Fold::Start Fold::start() {
    Start start;
    parts_.pipeline.run_exclusive([&] {
        start.dirty = std::exchange(parts_.pipeline.dirty(), DirtySet{});
        start.through = CommitTs{parts_.visible.load(std::memory_order_relaxed)};
        start.node_id_end = parts_.graph.node_id_end();
        start.edge_id_end = parts_.graph.edge_id_end();
    });
    return start;
}

Status Fold::run() {
    const std::lock_guard lock(mutex_);
    if (parts_.pipeline.failed())
        return Error(ErrorCode::kOutcomeUnknown, "OUTCOME_UNKNOWN",
                     "an earlier commit could not be synced; no checkpoint is written any more");
    Start begun = start();
    Status status = write_rows(begun);
    if (!status.ok()) {
        parts_.pipeline.run_exclusive([&] { parts_.pipeline.dirty().merge(begun.dirty); });
        return status;
    }
    folded_through_.store(begun.through.raw(), std::memory_order_relaxed);
    return {};
}

Status Fold::write_rows(const Start& start) {
    DEED_ASSIGN_OR_RETURN(std::unique_ptr<storage::Store::Folder> folder,
                          parts_.store.begin_fold());
    Reader reader(parts_);
    Status status;
    const auto write = [&](auto&& one) {
        Result<CommitTs> snapshot = reader.next();
        status = snapshot.ok() ? one(*snapshot) : Status(snapshot.error());
        return status.ok();
    };
    start.dirty.each_node([&](NodeId id, uint8_t what) {
        return write([&](CommitTs snapshot) { return write_node(*folder, snapshot, id, what); });
    });
    DEED_RETURN_IF_ERROR(std::move(status));
    start.dirty.each_edge_page([&](uint64_t page) {
        return write([&](CommitTs snapshot) { return write_edge_page(*folder, snapshot, page); });
    });
    DEED_RETURN_IF_ERROR(std::move(status));
    DEED_RETURN_IF_ERROR(write_pheromone(*folder));
    while (parts_.log.durable_through() < start.through) DEED_RETURN_IF_ERROR(parts_.log.sync());
    return folder->finish(start.through, start.node_id_end, start.edge_id_end,
                          parts_.graph.pheromone_epoch());
}

Status Fold::write_node(storage::Store::Folder& folder, CommitTs snapshot, NodeId id,
                        uint8_t what) {
    if ((what & DirtySet::kRecord) != 0) {
        const graph::NodeRecord* record = parts_.graph.node(id, snapshot);
        if (record == nullptr) {
            DEED_RETURN_IF_ERROR(folder.delete_node(id));
        } else {
            storage::NodeRow row;
            row.id = id;
            const auto labels = parts_.graph.catalog().label_sets.labels(record->label_set());
            row.labels.assign(labels.begin(), labels.end());
            record->for_each(parts_.graph.shapes(), [&](PropertyKeyId key, value::Value value) {
                row.properties.emplace_back(key, std::move(value));
            });
            DEED_RETURN_IF_ERROR(folder.put_node(row));
        }
    }
    if ((what & DirtySet::kOut) != 0)
        DEED_RETURN_IF_ERROR(write_list(folder, snapshot, id, Direction::kOut));
    if ((what & DirtySet::kIn) != 0)
        DEED_RETURN_IF_ERROR(write_list(folder, snapshot, id, Direction::kIn));
    return {};
}

Status Fold::write_list(storage::Store::Folder& folder, CommitTs snapshot, NodeId id,
                        Direction direction) {
    entries_.clear();
    parts_.graph.adjacency(id, direction, snapshot)
        .for_each_run([&](TypeId type, std::span<const uint32_t> neighbours,
                          std::span<const uint32_t> edges) {
            for (size_t i = 0; i < neighbours.size(); ++i)
                entries_.push_back({type, NodeId{neighbours[i]}, EdgeId{edges[i]}});
        });
    return folder.put_adjacency(id, direction, entries_);
}

Status Fold::write_edge_page(storage::Store::Folder& folder, CommitTs snapshot, uint64_t page) {
    edge_rows_.clear();
    for (uint64_t i = 0; i < storage::kEdgesPerPage; ++i) {
        const EdgeId id{page * storage::kEdgesPerPage + i};
        if (id.raw() >= parts_.graph.edge_id_end()) break;
        const auto ends = parts_.graph.edge_ends(id);
        if (!ends.has_value()) continue;
        const auto type = parts_.graph.edge_type(id, *ends, snapshot);
        if (!type.has_value()) continue;
        storage::EdgeRow row{id, ends->start, ends->end, *type, {}};
        if (const graph::EdgeRecord* record = parts_.graph.edge_record(id, snapshot))
            record->for_each(parts_.graph.shapes(), [&](PropertyKeyId key, value::Value value) {
                row.properties.emplace_back(key, std::move(value));
            });
        edge_rows_.push_back(std::move(row));
    }
    return folder.put_edge_page(page, edge_rows_);
}

Status Fold::write_pheromone(storage::Store::Folder& folder) {
    PheromoneRows rows([&](std::string_view bytes) { return folder.put_pheromone(bytes); });
    parts_.graph.each_list_intensity(
        [&](const graph::Graph::ListIntensity& one) { rows.add(one); });
    parts_.graph.each_edge_intensity(
        [&](const graph::Graph::EdgeIntensity& one) { rows.add(one); });
    return rows.finish();
}

}  // namespace deed::txn
