#include "engine/txn/write_set.h"

#include <algorithm>
#include <utility>

#include "engine/base/assert.h"

namespace deed::txn {

namespace {

constexpr size_t kNodeBytes = sizeof(WriteSet::NodeEntry) + 16;
constexpr size_t kEdgeBytes = sizeof(WriteSet::EdgeEntry) + 16;

void erase_entry(OwnList& list, const ListEntry& entry) {
    for (size_t i = list.added.size(); i-- > 0;) {
        if (list.added[i] != entry) continue;
        list.added.erase(list.added.begin() + static_cast<ptrdiff_t>(i));
        if (i < list.sorted) --list.sorted;
        return;
    }
}

}  // namespace

size_t property_bytes(const catalog::PropertyList& properties) {
    size_t bytes = properties.capacity() * sizeof(catalog::PropertyList::value_type);
    for (const auto& [key, value] : properties) bytes += value.heap_bytes();
    return bytes;
}

bool WriteSet::empty() const {
    if (!removed_.empty() || !written_.empty()) return false;
    for (const NodeEntry& entry : nodes_)
        if (entry.state != NodeState::kUntouched) return false;
    for (const EdgeEntry& entry : added_)
        if (!entry.cancelled) return false;
    return true;
}

WriteSet::NodeState WriteSet::node_state(NodeId id) const {
    const uint32_t at = node_index_.find(id.raw());
    if (at == IdIndex::kAbsent) return NodeState::kUntouched;
    // A node created and deleted here stays in the list, so that its id is known to be gone.
    return nodes_[at].write.deleted ? NodeState::kDeleted : nodes_[at].state;
}

const catalog::NodeWrite* WriteSet::node(NodeId id) const {
    const uint32_t at = node_index_.find(id.raw());
    return at == IdIndex::kAbsent ? nullptr : &nodes_[at].write;
}

void WriteSet::create_node(NodeId id, std::vector<LabelId> labels,
                           catalog::PropertyList properties) {
    bytes_ += kNodeBytes + labels.capacity() * sizeof(LabelId) + property_bytes(properties);
    node_index_.add(id.raw());
    nodes_.push_back({{.node = id,
                       .deleted = false,
                       .labels = std::move(labels),
                       .properties = std::move(properties)},
                      NodeState::kCreated});
    touched_.push_back(id);
    touched_sorted_ = false;
}

void WriteSet::write_node(NodeId id, std::vector<LabelId> labels,
                          catalog::PropertyList properties) {
    const uint32_t at = node_index_.find(id.raw());
    if (at == IdIndex::kAbsent) {
        create_node(id, std::move(labels), std::move(properties));
        nodes_.back().state = NodeState::kWritten;
        return;
    }
    bytes_ += labels.capacity() * sizeof(LabelId) + property_bytes(properties);
    catalog::NodeWrite& write = nodes_[at].write;
    write.labels = std::move(labels);
    write.properties = std::move(properties);
}

void WriteSet::delete_node(NodeId id) {
    uint32_t at = node_index_.find(id.raw());
    if (at == IdIndex::kAbsent) {
        write_node(id, {}, {});
        at = static_cast<uint32_t>(nodes_.size() - 1);
    }
    NodeEntry& entry = nodes_[at];
    entry.write.deleted = true;
    entry.write.labels.clear();
    entry.write.properties.clear();
    if (entry.state == NodeState::kCreated) {
        entry.state = NodeState::kUntouched;
    } else {
        entry.state = NodeState::kDeleted;
        ++nodes_deleted_;
    }
}

const catalog::EdgeAdd* WriteSet::added(EdgeId id) const {
    const uint32_t at = added_index_.find(id.raw());
    return at == IdIndex::kAbsent || added_[at].cancelled ? nullptr : &added_[at].add;
}

bool WriteSet::removed(EdgeId id) const {
    if (removed_index_.find(id.raw()) != IdIndex::kAbsent) return true;
    const uint32_t at = added_index_.find(id.raw());
    return at != IdIndex::kAbsent && added_[at].cancelled;
}

const catalog::PropertyList* WriteSet::written(EdgeId id) const {
    const uint32_t at = written_index_.find(id.raw());
    return at == IdIndex::kAbsent ? nullptr : &written_[at].properties;
}

void WriteSet::add_edge(catalog::EdgeAdd edge) {
    bytes_ += kEdgeBytes + property_bytes(edge.properties);
    added_index_.add(edge.edge.raw());
    if (overlay_built_) note_list_add(edge);
    added_.push_back({std::move(edge)});
}

void WriteSet::remove_edge(const catalog::EdgeRemove& edge) {
    const uint32_t own = added_index_.find(edge.edge.raw());
    if (own != IdIndex::kAbsent) {
        EdgeEntry& entry = added_[own];
        entry.cancelled = true;
        entry.add.properties.clear();
        if (overlay_built_) note_list_cancel(entry.add);
        return;
    }
    const uint32_t at = written_index_.find(edge.edge.raw());
    if (at != IdIndex::kAbsent) {
        // The last entry takes the place; the index is rebuilt because this is rare.
        written_.erase(written_.begin() + at);
        written_index_.clear();
        for (const catalog::EdgeWrite& write : written_) written_index_.add(write.edge.raw());
    }
    bytes_ += sizeof(catalog::EdgeRemove) + 16;
    removed_index_.add(edge.edge.raw());
    removed_.push_back(edge);
    if (overlay_built_) note_list_removal(edge);
}

void WriteSet::write_edge(EdgeId id, catalog::PropertyList properties) {
    bytes_ += property_bytes(properties);
    const uint32_t own = added_index_.find(id.raw());
    if (own != IdIndex::kAbsent) {
        added_[own].add.properties = std::move(properties);
        return;
    }
    const uint32_t at = written_index_.find(id.raw());
    if (at != IdIndex::kAbsent) {
        written_[at].properties = std::move(properties);
        return;
    }
    bytes_ += sizeof(catalog::EdgeWrite) + 16;
    written_index_.add(id.raw());
    written_.push_back({id, std::move(properties)});
}

void WriteSet::note_list_add(const catalog::EdgeAdd& edge) {
    lists_[list_key(edge.start, Direction::kOut)].added.push_back({edge.type, edge.end, edge.edge});
    lists_[list_key(edge.end, Direction::kIn)].added.push_back({edge.type, edge.start, edge.edge});
}

void WriteSet::note_list_cancel(const catalog::EdgeAdd& edge) {
    erase_entry(lists_[list_key(edge.start, Direction::kOut)], {edge.type, edge.end, edge.edge});
    erase_entry(lists_[list_key(edge.end, Direction::kIn)], {edge.type, edge.start, edge.edge});
}

void WriteSet::note_list_removal(const catalog::EdgeRemove& edge) {
    lists_[list_key(edge.start, Direction::kOut)].removals = true;
    lists_[list_key(edge.end, Direction::kIn)].removals = true;
}

void WriteSet::build_overlay() {
    overlay_built_ = true;
    for (const EdgeEntry& entry : added_)
        if (!entry.cancelled) note_list_add(entry.add);
    for (const catalog::EdgeRemove& edge : removed_) note_list_removal(edge);
}

const OwnList* WriteSet::own_list(NodeId id, Direction direction) {
    if (added_.empty() && removed_.empty()) return nullptr;
    if (!overlay_built_) build_overlay();
    auto it = lists_.find(list_key(id, direction));
    if (it == lists_.end()) return nullptr;
    OwnList& list = it->second;
    if (list.sorted < list.added.size()) {
        const auto middle = list.added.begin() + static_cast<ptrdiff_t>(list.sorted);
        std::sort(middle, list.added.end());
        std::inplace_merge(list.added.begin(), middle, list.added.end());
        list.sorted = list.added.size();
    }
    return &list;
}

const std::vector<NodeId>& WriteSet::touched_nodes() {
    if (!touched_sorted_) {
        std::sort(touched_.begin(), touched_.end());
        touched_sorted_ = true;
    }
    return touched_;
}

void WriteSet::move_into(catalog::ChangeSet& changes) {
    for (NodeEntry& entry : nodes_)
        if (entry.state != NodeState::kUntouched) changes.nodes.push_back(std::move(entry.write));
    for (EdgeEntry& entry : added_)
        if (!entry.cancelled) changes.added.push_back(std::move(entry.add));
    changes.removed.insert(changes.removed.end(), removed_.begin(), removed_.end());
    for (catalog::EdgeWrite& write : written_) changes.written.push_back(std::move(write));
    clear();
}

void WriteSet::clear() {
    nodes_.clear();
    node_index_.clear();
    nodes_deleted_ = 0;
    added_.clear();
    added_index_.clear();
    removed_.clear();
    removed_index_.clear();
    written_.clear();
    written_index_.clear();
    bytes_ = 0;
    overlay_built_ = false;
    lists_.clear();
    touched_.clear();
    touched_sorted_ = true;
}

}  // namespace deed::txn
