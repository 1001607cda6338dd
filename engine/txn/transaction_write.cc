#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "engine/base/limits.h"
#include "engine/txn/transaction.h"

namespace deed::txn {

namespace {

Error no_such_node(NodeId id, const char* field) {
    return Error(ErrorCode::kNotFound, "NODE_NOT_FOUND",
                 fmt::format("there is no node {}", id.raw()), field);
}

Error no_such_edge(EdgeId id) {
    return Error(ErrorCode::kNotFound, "EDGE_NOT_FOUND",
                 fmt::format("there is no relationship {}", id.raw()), "id");
}

/// Lays `set` over `properties`; both sorted by key, nulls in `set` remove.
catalog::PropertyList merged(catalog::PropertyList properties, catalog::PropertyList set) {
    catalog::PropertyList result;
    result.reserve(properties.size() + set.size());
    auto old = properties.begin();
    for (auto& [key, value] : set) {
        for (; old != properties.end() && old->first < key; ++old)
            result.push_back(std::move(*old));
        if (old != properties.end() && old->first == key) ++old;
        if (!value.is_null()) result.emplace_back(key, std::move(value));
    }
    std::move(old, properties.end(), std::back_inserter(result));
    return result;
}

Status check_property_count(const catalog::PropertyList& properties) {
    if (properties.size() > limits::kPropertiesPerEntityMax)
        return Error(ErrorCode::kLimitExceeded, "LIMIT_PROPERTIES",
                     fmt::format("{} properties are more than the {} that one node or relationship "
                                 "can have; split it or use a map",
                                 properties.size(), limits::kPropertiesPerEntityMax),
                     "properties");
    return {};
}

Status check_label_count(size_t labels) {
    if (labels > limits::kLabelsPerNodeMax)
        return Error(ErrorCode::kLimitExceeded, "LIMIT_LABELS_PER_NODE",
                     fmt::format("{} labels are more than the {} that one node can have", labels,
                                 limits::kLabelsPerNodeMax),
                     "labels");
    return {};
}

void sort_unique(std::vector<LabelId>& labels) {
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
}

void drop_nulls(catalog::PropertyList& properties) {
    std::erase_if(properties, [](const auto& entry) { return entry.second.is_null(); });
}

}  // namespace

Status Transaction::check_writable() const {
    if (options_.read_only)
        return Error(ErrorCode::kInvalidArgument, "READ_ONLY",
                     "the transaction is read-only; begin one that is not to write");
    return {};
}

Status Transaction::check_size(size_t more) const {
    const size_t reads = reads_ == nullptr ? 0 : reads_->bytes();
    if (writes_.bytes() + reads + more <= limits::kTransactionBytesMax) [[likely]]
        return {};
    return Error(ErrorCode::kLimitExceeded, "LIMIT_TRANSACTION_BYTES",
                 fmt::format("the transaction holds more than {} MiB of changes; commit in smaller "
                             "pieces",
                             limits::kTransactionBytesMax >> 20));
}

Result<NodeId> Transaction::create_node(std::vector<LabelId> labels,
                                        catalog::PropertyList properties) {
    DEED_RETURN_IF_ERROR(check_writable());
    drop_nulls(properties);
    sort_unique(labels);
    DEED_RETURN_IF_ERROR(check_label_count(labels.size()));
    DEED_RETURN_IF_ERROR(check_property_count(properties));
    DEED_RETURN_IF_ERROR(check_size(property_bytes(properties)));
    DEED_ASSIGN_OR_RETURN(const NodeId id, parts_.graph.allocate_nodes(1));
    writes_.create_node(id, std::move(labels), std::move(properties));
    return id;
}

Status Transaction::update_node(NodeId id, NodePatch patch) {
    DEED_RETURN_IF_ERROR(check_writable());
    const NodeView before = node(id);
    if (!before.exists()) return no_such_node(id, "id");
    catalog::PropertyList properties;
    if (!patch.replace_properties) properties = before.properties();
    properties = merged(std::move(properties), std::move(patch.set));
    std::vector<LabelId> labels(before.labels().begin(), before.labels().end());
    std::erase_if(labels, [&](LabelId label) {
        return std::ranges::find(patch.remove_labels, label) != patch.remove_labels.end();
    });
    labels.insert(labels.end(), patch.add_labels.begin(), patch.add_labels.end());
    sort_unique(labels);
    DEED_RETURN_IF_ERROR(check_label_count(labels.size()));
    DEED_RETURN_IF_ERROR(check_property_count(properties));
    DEED_RETURN_IF_ERROR(check_size(property_bytes(properties)));
    writes_.write_node(id, std::move(labels), std::move(properties));
    return {};
}

Status Transaction::delete_node(NodeId id, bool detach) {
    DEED_RETURN_IF_ERROR(check_writable());
    if (!node_exists(id)) return no_such_node(id, "id");
    std::vector<catalog::EdgeRemove> edges;
    for (const Direction direction : {Direction::kOut, Direction::kIn}) {
        each_neighbour(id, direction, {}, [&](TypeId type, NodeId neighbour, EdgeId edge) {
            const bool out = direction == Direction::kOut;
            if (out || neighbour != id)  // a self-loop is in both lists and removed once
                edges.push_back({edge, out ? id : neighbour, out ? neighbour : id, type});
            return detach;  // one is enough to refuse
        });
    }
    if (!detach && !edges.empty())
        return Error(ErrorCode::kFailedPrecondition, "NODE_HAS_EDGES",
                     fmt::format("node {} still has relationships; delete them first or delete it "
                                 "with detach",
                                 id.raw()),
                     "id");
    DEED_RETURN_IF_ERROR(check_size(edges.size() * sizeof(catalog::EdgeRemove) * 2));
    for (const catalog::EdgeRemove& edge : edges) writes_.remove_edge(edge);
    writes_.delete_node(id);
    return {};
}

Result<EdgeId> Transaction::create_edge(NodeId start, NodeId end, TypeId type,
                                        catalog::PropertyList properties) {
    DEED_RETURN_IF_ERROR(check_writable());
    if (!node_exists(start)) return no_such_node(start, "start");
    if (end != start && !node_exists(end)) return no_such_node(end, "end");
    drop_nulls(properties);
    DEED_RETURN_IF_ERROR(check_property_count(properties));
    DEED_RETURN_IF_ERROR(check_size(property_bytes(properties)));
    DEED_ASSIGN_OR_RETURN(const EdgeId id, parts_.graph.allocate_edges(1));
    writes_.add_edge({id, start, end, type, std::move(properties)});
    return id;
}

Status Transaction::update_edge(EdgeId id, EdgePatch patch) {
    DEED_RETURN_IF_ERROR(check_writable());
    const std::optional<EdgeView> before = edge(id);
    if (!before.has_value()) return no_such_edge(id);
    catalog::PropertyList properties;
    if (!patch.replace_properties) {
        if (before->own != nullptr)
            properties = *before->own;
        else if (before->record != nullptr)
            before->record->for_each(parts_.graph.shapes(),
                                     [&](PropertyKeyId key, value::Value value) {
                                         properties.emplace_back(key, std::move(value));
                                     });
    }
    properties = merged(std::move(properties), std::move(patch.set));
    DEED_RETURN_IF_ERROR(check_property_count(properties));
    DEED_RETURN_IF_ERROR(check_size(property_bytes(properties)));
    writes_.write_edge(id, std::move(properties));
    return {};
}

Status Transaction::delete_edge(EdgeId id) {
    DEED_RETURN_IF_ERROR(check_writable());
    const std::optional<EdgeView> before = edge(id);
    if (!before.has_value()) return no_such_edge(id);
    writes_.remove_edge({before->id, before->start, before->end, before->type});
    return {};
}

}  // namespace deed::txn
