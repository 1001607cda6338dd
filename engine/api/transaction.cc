#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "engine/api/internal/impl.h"
#include "engine/api/internal/names.h"

/// One call of a user: opens an operation, or returns why it cannot.
#define DEED_OPERATION(name)                       \
    txn::Transaction::Operation name(*impl_->txn); \
    if (!name.status().ok()) return std::move(name.status()).error()

namespace deed::api {

namespace {

Error no_such_node(NodeId id) {
    return Error(ErrorCode::kNotFound, "NODE_NOT_FOUND",
                 fmt::format("there is no node {}", id.raw()), "id");
}

std::vector<Direction> lists_of(Direction direction) {
    if (direction == Direction::kBoth) return {Direction::kOut, Direction::kIn};
    return {direction};
}

}  // namespace

Error cancelled() {
    return Error(ErrorCode::kCancelled, "CANCELLED", "the caller asked to stop");
}

Transaction::Transaction(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Transaction::Transaction(Transaction&&) noexcept = default;
Transaction& Transaction::operator=(Transaction&&) noexcept = default;
Transaction::~Transaction() = default;

TxnId Transaction::id() const {
    return impl_->txn->id();
}

CommitTs Transaction::snapshot() const {
    return impl_->txn->snapshot();
}

bool Transaction::has_writes() const {
    return impl_->txn->has_writes();
}

Result<NodeId> Transaction::create_node(std::span<const std::string_view> labels,
                                        const Properties& properties) {
    DEED_OPERATION(operation);
    if (impl_->txn->read_only()) return impl_->txn->create_node({}, {});
    DEED_ASSIGN_OR_RETURN(auto label_ids, intern_labels(impl_->catalog(), labels));
    DEED_ASSIGN_OR_RETURN(auto list, intern_properties(impl_->catalog(), properties));
    return impl_->txn->create_node(std::move(label_ids), std::move(list));
}

Result<Node> Transaction::node(NodeId id) {
    DEED_OPERATION(operation);
    const txn::NodeView view = impl_->txn->node(id);
    if (!view.exists()) return no_such_node(id);
    return to_node(impl_->catalog(), id, view, Projection{});
}

Result<std::vector<std::optional<Node>>> Transaction::nodes(std::span<const NodeId> ids,
                                                            uint64_t bytes_max) {
    DEED_OPERATION(operation);
    std::vector<txn::NodeView> views;
    impl_->txn->nodes(ids, views);
    std::vector<std::optional<Node>> nodes(ids.size());
    uint64_t bytes = 0;
    for (size_t i = 0; i < ids.size(); ++i) {
        if (!views[i].exists()) continue;
        nodes[i] = to_node(impl_->catalog(), ids[i], views[i], Projection{});
        bytes += bytes_of(nodes[i]->properties);
        if (bytes > bytes_max) {
            nodes.resize(i + 1);
            break;
        }
    }
    return nodes;
}

Status Transaction::update_node(NodeId id, const NodeChange& change) {
    DEED_OPERATION(operation);
    if (impl_->txn->read_only()) return impl_->txn->update_node(id, {});
    txn::NodePatch patch;
    patch.replace_properties = change.replace_properties;
    DEED_ASSIGN_OR_RETURN(patch.add_labels, intern_labels(impl_->catalog(), change.add_labels));
    for (const std::string& name : change.remove_labels)
        if (const auto label = impl_->catalog().labels.find(name))
            patch.remove_labels.emplace_back(*label);
    DEED_ASSIGN_OR_RETURN(patch.set, intern_properties(impl_->catalog(), change.set));
    return impl_->txn->update_node(id, std::move(patch));
}

Status Transaction::delete_node(NodeId id, DeleteOptions options) {
    DEED_OPERATION(operation);
    return impl_->txn->delete_node(id, options.detach);
}

Result<EdgeId> Transaction::create_edge(NodeId start, NodeId end, std::string_view type,
                                        const Properties& properties) {
    DEED_OPERATION(operation);
    if (impl_->txn->read_only()) return impl_->txn->create_edge(start, end, TypeId{0}, {});
    Result<uint32_t> type_id = impl_->catalog().types.intern(type);
    if (!type_id.ok()) {
        const Error& error = type_id.error();
        return Error(error.code(), error.reason(), error.message(), "type");
    }
    DEED_ASSIGN_OR_RETURN(auto list, intern_properties(impl_->catalog(), properties));
    return impl_->txn->create_edge(start, end, TypeId{*type_id}, std::move(list));
}

Result<Edge> Transaction::edge(EdgeId id) {
    DEED_OPERATION(operation);
    const auto view = impl_->txn->edge(id);
    if (!view.has_value())
        return Error(ErrorCode::kNotFound, "EDGE_NOT_FOUND",
                     fmt::format("there is no relationship {}", id.raw()), "id");
    return to_edge(impl_->txn->graph(), *view);
}

Result<std::vector<std::optional<Edge>>> Transaction::edges(std::span<const EdgeId> ids,
                                                            uint64_t bytes_max) {
    DEED_OPERATION(operation);
    std::vector<std::optional<Edge>> edges(ids.size());
    uint64_t bytes = 0;
    for (size_t i = 0; i < ids.size(); ++i) {
        const auto view = impl_->txn->edge(ids[i]);
        if (!view) continue;
        edges[i] = to_edge(impl_->txn->graph(), *view);
        bytes += bytes_of(edges[i]->properties);
        if (bytes > bytes_max) {
            edges.resize(i + 1);
            break;
        }
    }
    return edges;
}

Status Transaction::update_edge(EdgeId id, const EdgeChange& change) {
    DEED_OPERATION(operation);
    if (impl_->txn->read_only()) return impl_->txn->update_edge(id, {});
    txn::EdgePatch patch;
    patch.replace_properties = change.replace_properties;
    DEED_ASSIGN_OR_RETURN(patch.set, intern_properties(impl_->catalog(), change.set));
    return impl_->txn->update_edge(id, std::move(patch));
}

Status Transaction::delete_edge(EdgeId id) {
    DEED_OPERATION(operation);
    return impl_->txn->delete_edge(id);
}

Result<std::vector<Neighbour>> Transaction::neighbours(NodeId id, const NeighbourOptions& options) {
    DEED_OPERATION(operation);
    txn::Transaction& txn = *impl_->txn;
    if (!txn.node_exists(id)) return no_such_node(id);
    std::vector<Neighbour> neighbours;
    const TypeFilter filter = find_types(impl_->catalog(), options.types);
    if (filter.none || options.limit == 0) return neighbours;
    const bool both = options.direction == Direction::kBoth;
    TypeId last_type;
    std::string_view type_name;
    for (const Direction direction : lists_of(options.direction)) {
        txn.graph().traversed(id, direction);
        txn.each_neighbour(id, direction, filter.types,
                           [&](TypeId type, NodeId neighbour, EdgeId edge) {
                               if (both && direction == Direction::kIn && neighbour == id)
                                   return true;  // a self-loop has been shown as an outgoing one
                               if (type != last_type) {
                                   last_type = type;
                                   type_name = impl_->catalog().types.name(type.raw());
                               }
                               neighbours.push_back({neighbour, edge, type, direction, type_name});
                               return neighbours.size() < options.limit;
                           });
        if (neighbours.size() >= options.limit) break;
    }
    return neighbours;
}

Result<uint64_t> Transaction::degree(NodeId id, const NeighbourOptions& options) {
    DEED_OPERATION(operation);
    txn::Transaction& txn = *impl_->txn;
    if (!txn.node_exists(id)) return no_such_node(id);
    const TypeFilter filter = find_types(impl_->catalog(), options.types);
    uint64_t degree = 0;
    if (filter.none) return degree;
    for (const Direction direction : lists_of(options.direction))
        degree += txn.degree(id, direction, filter.types);
    if (options.direction == Direction::kBoth) degree -= txn.self_loops(id, filter.types);
    return degree;
}

Result<CommitTs> Transaction::commit() {
    return impl_->txn->commit();
}

void Transaction::rollback() {
    impl_->txn->rollback();
}

}  // namespace deed::api
