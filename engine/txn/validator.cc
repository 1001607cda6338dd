#include "engine/txn/validator.h"

#include <fmt/format.h>
#include <string>

namespace deed::txn {

namespace {

Error write_conflict(std::string what) {
    return Error(ErrorCode::kConflict, "WRITE_CONFLICT",
                 std::move(what) + "; run the transaction again");
}

Error read_conflict(std::string what) {
    return Error(ErrorCode::kConflict, "READ_CONFLICT",
                 std::move(what) +
                     " after this SERIALIZABLE transaction read it; "
                     "run the transaction again");
}

}  // namespace

void Validator::begin_group(CommitTs ts, GroupTraits traits) {
    ts_ = ts;
    traits_ = traits;
    if (!nodes_.empty()) nodes_.clear();
    if (!edges_.empty()) edges_.clear();
    if (!lists_.empty()) lists_.clear();
}

std::optional<Error> Validator::admit(const WriteSet& writes, const ReadSet* reads,
                                      CommitTs snapshot) {
    if (auto error = check_nodes(writes, snapshot)) return error;
    if (auto error = check_edges(writes, snapshot)) return error;
    if (reads != nullptr)
        if (auto error = check_reads(*reads, snapshot)) return error;
    if (traits_.several) remember(writes);
    note_labels(writes);
    return std::nullopt;
}

std::optional<Error> Validator::check_nodes(const WriteSet& writes, CommitTs snapshot) const {
    for (const WriteSet::NodeEntry& entry : writes.node_entries()) {
        if (entry.state != WriteSet::NodeState::kWritten &&
            entry.state != WriteSet::NodeState::kDeleted)
            continue;
        const NodeId id = entry.write.node;
        if (graph_.node_changed(id) > snapshot || nodes_.contains(id.raw()))
            return write_conflict(
                fmt::format("node {} was changed by a transaction that committed first", id.raw()));
        if (entry.state != WriteSet::NodeState::kDeleted) continue;
        if (graph_.adjacency_changed(id) > snapshot ||
            lists_.contains(list_key(id, Direction::kOut)) ||
            lists_.contains(list_key(id, Direction::kIn)))
            return write_conflict(fmt::format(
                "relationships of node {}, which this transaction deletes, were changed by a "
                "transaction that committed first",
                id.raw()));
    }
    return std::nullopt;
}

std::optional<Error> Validator::check_edges(const WriteSet& writes, CommitTs snapshot) const {
    for (const WriteSet::EdgeEntry& entry : writes.added_entries()) {
        if (entry.cancelled) continue;
        for (const NodeId end : {entry.add.start, entry.add.end}) {
            const auto in_group = nodes_.find(end.raw());
            const bool deleted_in_group = in_group != nodes_.end() && in_group->second;
            if (!deleted_in_group && graph_.node_exists_now(end)) [[likely]]
                continue;
            if (!deleted_in_group && writes.node_state(end) == WriteSet::NodeState::kCreated)
                continue;
            return write_conflict(fmt::format(
                "node {}, which this transaction connects, was deleted by a transaction that "
                "committed first",
                end.raw()));
        }
    }
    const auto changed = [&](EdgeId id) {
        return !graph_.edge_exists_now(id) || graph_.edge_changed(id) > snapshot ||
               edges_.contains(id.raw());
    };
    const auto conflict = [](EdgeId id) {
        return write_conflict(fmt::format(
            "relationship {} was changed or deleted by a transaction that committed first",
            id.raw()));
    };
    for (const catalog::EdgeRemove& edge : writes.removed_entries())
        if (changed(edge.edge)) return conflict(edge.edge);
    for (const catalog::EdgeWrite& edge : writes.written_entries())
        if (changed(edge.edge)) return conflict(edge.edge);
    return std::nullopt;
}

std::optional<Error> Validator::check_node_read(NodeId id, uint8_t flags, CommitTs snapshot) const {
    const auto in_group = nodes_.find(id.raw());
    if ((flags & ReadSet::kRecord) != 0 &&
        (graph_.node_changed(id) > snapshot || in_group != nodes_.end()))
        return read_conflict(fmt::format("node {} was changed", id.raw()));
    if ((flags & ReadSet::kPresent) != 0 &&
        (!graph_.node_exists_now(id) || (in_group != nodes_.end() && in_group->second)))
        return read_conflict(fmt::format("node {} was deleted", id.raw()));
    for (const Direction direction : {Direction::kOut, Direction::kIn}) {
        const uint8_t flag = direction == Direction::kOut ? ReadSet::kOutList : ReadSet::kInList;
        if ((flags & flag) != 0 && (graph_.adjacency_changed(id, direction) > snapshot ||
                                    lists_.contains(list_key(id, direction))))
            return read_conflict(fmt::format("relationships of node {} were changed", id.raw()));
    }
    return std::nullopt;
}

std::optional<Error> Validator::check_reads(const ReadSet& reads, CommitTs snapshot) const {
    for (const auto& [id, flags] : reads.nodes())
        if (auto error = check_node_read(NodeId{id}, flags, snapshot)) return error;
    for (const auto& [id, flags] : reads.edges()) {
        const EdgeId edge{id};
        if ((flags & ReadSet::kEdgePresent) != 0 &&
            (!graph_.edge_exists_now(edge) || graph_.edge_changed(edge) > snapshot ||
             edges_.contains(id)))
            return read_conflict(fmt::format("relationship {} was changed or deleted", id));
        if ((flags & ReadSet::kEdgeAbsent) != 0 &&
            (graph_.edge_exists_now(edge) || edges_.contains(id)))
            return read_conflict(fmt::format("relationship {} was created", id));
    }
    for (const LabelId label : reads.labels())
        if (label_changed(label) > snapshot)
            return read_conflict("a node with a label that was scanned was changed");
    if (reads.reads_all_nodes() && any_node_changed_ > snapshot)
        return read_conflict("a node was changed");
    return std::nullopt;
}

void Validator::remember(const WriteSet& writes) {
    for (const WriteSet::NodeEntry& entry : writes.node_entries())
        if (entry.state != WriteSet::NodeState::kUntouched)
            nodes_[entry.write.node.raw()] |= entry.write.deleted;
    for (const catalog::EdgeRemove& edge : writes.removed_entries()) edges_.insert(edge.edge.raw());
    for (const catalog::EdgeWrite& edge : writes.written_entries()) edges_.insert(edge.edge.raw());
    if (!traits_.deletes_nodes && !traits_.reads) return;
    for (const WriteSet::EdgeEntry& entry : writes.added_entries()) {
        if (entry.cancelled) continue;
        edges_.insert(entry.add.edge.raw());
        lists_.insert(list_key(entry.add.start, Direction::kOut));
        lists_.insert(list_key(entry.add.end, Direction::kIn));
    }
    for (const catalog::EdgeRemove& edge : writes.removed_entries()) {
        lists_.insert(list_key(edge.start, Direction::kOut));
        lists_.insert(list_key(edge.end, Direction::kIn));
    }
}

CommitTs Validator::label_changed(LabelId label) const {
    return label.raw() < label_changed_.size() ? label_changed_[label.raw()] : CommitTs{0};
}

void Validator::note_label(LabelId label) {
    if (label.raw() >= label_changed_.size()) label_changed_.resize(label.raw() + 1, CommitTs{0});
    label_changed_[label.raw()] = ts_;
}

void Validator::note_labels(const WriteSet& writes) {
    for (const WriteSet::NodeEntry& entry : writes.node_entries()) {
        if (entry.state == WriteSet::NodeState::kUntouched) continue;
        any_node_changed_ = ts_;
        for (const LabelId label : entry.write.labels) note_label(label);
        if (entry.state == WriteSet::NodeState::kCreated) continue;
        const graph::NodeRecord* before = graph_.node(entry.write.node, CommitTs{ts_.raw() - 1});
        if (before == nullptr) continue;
        for (const LabelId label : graph_.catalog().label_sets.labels(before->label_set()))
            note_label(label);
    }
}

}  // namespace deed::txn
