#include <algorithm>
#include <array>

#include "engine/base/assert.h"
#include "engine/txn/transaction.h"

namespace deed::txn {

namespace {

/// Enough slots in flight to hide a cache miss; see Graph::nodes.
constexpr size_t kBatch = 256;

}  // namespace

NodeView Transaction::own_or_base(NodeId id, const graph::NodeRecord* base) const {
    return {parts_.graph, base, writes_.untouched() ? nullptr : writes_.node(id)};
}

NodeView Transaction::node(NodeId id) {
    read_node(id);
    if (!writes_.untouched())
        if (const catalog::NodeWrite* own = writes_.node(id); own != nullptr)
            return {parts_.graph, nullptr, own};
    return {parts_.graph, parts_.graph.node(id, snapshot_), nullptr};
}

void Transaction::nodes(std::span<const NodeId> ids, std::vector<NodeView>& out) {
    out.clear();
    out.reserve(ids.size());
    std::array<const graph::NodeRecord*, kBatch> records;
    while (!ids.empty()) {
        const auto some = ids.first(std::min(ids.size(), kBatch));
        parts_.graph.nodes(some, snapshot_, std::span(records).first(some.size()));
        for (size_t i = 0; i < some.size(); ++i) {
            read_node(some[i]);
            out.push_back(own_or_base(some[i], records[i]));
        }
        ids = ids.subspan(some.size());
    }
}

bool Transaction::visible_in_base(NodeId id) const {
    return parts_.graph.node(id, snapshot_) != nullptr;
}

bool Transaction::node_exists(NodeId id) {
    switch (writes_.untouched() ? WriteSet::NodeState::kUntouched : writes_.node_state(id)) {
        case WriteSet::NodeState::kCreated:
        case WriteSet::NodeState::kWritten:
            return true;
        case WriteSet::NodeState::kDeleted:
            return false;
        case WriteSet::NodeState::kUntouched:
            break;
    }
    const bool exists = visible_in_base(id);
    if (reads_ != nullptr) {
        if (exists)
            reads_->presence(id);
        else
            reads_->node(id);
    }
    return exists;
}

std::optional<EdgeView> Transaction::edge(EdgeId id) {
    if (!writes_.untouched()) {
        if (const catalog::EdgeAdd* own = writes_.added(id); own != nullptr)
            return EdgeView{own->edge, own->start, own->end, own->type, nullptr, &own->properties};
        if (writes_.removed(id)) return std::nullopt;
    }
    const std::optional<graph::EdgeEnds> ends = parts_.graph.edge_ends(id);
    std::optional<TypeId> type;
    if (ends.has_value()) type = parts_.graph.edge_type(id, *ends, snapshot_);
    if (reads_ != nullptr) reads_->edge(id, type.has_value());
    if (!type.has_value()) return std::nullopt;
    EdgeView view{id, ends->start, ends->end, *type};
    view.own = writes_.untouched() ? nullptr : writes_.written(id);
    if (view.own == nullptr) view.record = parts_.graph.edge_record(id, snapshot_);
    return view;
}

uint64_t Transaction::degree(NodeId id, Direction direction, std::span<const TypeId> types) {
    read_list(id, direction);
    const graph::AdjacencyView view = parts_.graph.adjacency(id, direction, snapshot_);
    const OwnList* own = writes_.own_list(id, direction);
    if (own != nullptr && own->removals) {
        uint64_t count = 0;
        each_neighbour(id, direction, types, [&](TypeId, NodeId, EdgeId) {
            ++count;
            return true;
        });
        return count;
    }
    uint64_t count = types.empty() ? view.degree() : 0;
    for (const TypeId type : types) count += view.degree(type);
    if (own != nullptr)
        for (const ListEntry& entry : own->added)
            count += internal::wanted(types, entry.type) ? 1 : 0;
    return count;
}

uint64_t Transaction::self_loops(NodeId id, std::span<const TypeId> types) {
    uint64_t count = 0;
    if (writes_.own_list(id, Direction::kOut) != nullptr) {
        each_neighbour(id, Direction::kOut, types, [&](TypeId, NodeId neighbour, EdgeId) {
            count += neighbour == id ? 1 : 0;
            return true;
        });
        return count;
    }
    // Runs ascend by neighbour, so the loops of each lie together.
    internal::each_run_of(
        parts_.graph.adjacency(id, Direction::kOut, snapshot_), types,
        [&](TypeId, std::span<const uint32_t> neighbours, std::span<const uint32_t>) {
            const auto loops = std::equal_range(neighbours.begin(), neighbours.end(), id.raw());
            count += static_cast<uint64_t>(loops.second - loops.first);
            return true;
        });
    return count;
}

void Transaction::note_unknown_label() {
    // Whoever uses the label first writes a node, and that is what all readers of all nodes watch.
    if (reads_ != nullptr) reads_->all_nodes();
}

}  // namespace deed::txn
