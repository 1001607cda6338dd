#include <utility>
#include <vector>

#include "server/grpc/entity_convert.h"
#include "server/grpc/graph_calls.h"

namespace deed::server::calls {
namespace {

/// Look-ups above this many go to a worker: about 100 us of work.
constexpr int kInlineIdsMax = 512;

}  // namespace

Status add_entity(CallContext& call, const v1::AddEntityRequest& request,
                  v1::AddEntityResponse* response) {
    DEED_ASSIGN_OR_RETURN(const auto properties,
                          properties_from_wire(request.properties(), "properties"));
    const auto labels = views_from_wire(request.labels());
    uint64_t committed = 0;
    DEED_RETURN_IF_ERROR(
        call.write(request.transaction(), &committed, [&](api::Transaction& txn) -> Status {
            DEED_ASSIGN_OR_RETURN(const NodeId id, txn.create_node(labels, properties));
            response->set_id(id.raw());
            return {};
        }));
    response->set_commit(committed);
    return {};
}

Status get_entity(CallContext& call, const v1::GetEntityRequest& request,
                  v1::GetEntityResponse* response) {
    DEED_ASSIGN_OR_RETURN(const NodeId id, required_node(request.has_id(), request.id(), "id"));
    return call.read(request.transaction(), [&](api::Transaction& txn) -> Status {
        DEED_ASSIGN_OR_RETURN(const api::Node node, txn.node(id));
        node_to_wire(node, response->mutable_node());
        return {};
    });
}

Status update_entity(CallContext& call, const v1::UpdateEntityRequest& request,
                     v1::UpdateEntityResponse* response) {
    DEED_ASSIGN_OR_RETURN(const NodeId id, required_node(request.has_id(), request.id(), "id"));
    api::NodeChange change;
    change.add_labels = strings_from_wire(request.add_labels());
    change.remove_labels = strings_from_wire(request.remove_labels());
    DEED_ASSIGN_OR_RETURN(change.set, properties_from_wire(request.set(), "set"));
    change.replace_properties = request.replace_properties();
    uint64_t committed = 0;
    DEED_RETURN_IF_ERROR(call.write(request.transaction(), &committed, [&](api::Transaction& txn) {
        return txn.update_node(id, change);
    }));
    response->set_commit(committed);
    return {};
}

Status delete_entity(CallContext& call, const v1::DeleteEntityRequest& request,
                     v1::DeleteEntityResponse* response) {
    DEED_ASSIGN_OR_RETURN(const NodeId id, required_node(request.has_id(), request.id(), "id"));
    // Detaching a hub rewrites the lists of all its neighbours.
    if (request.detach() && !call.on_worker()) return call.move_to_worker();
    uint64_t committed = 0;
    DEED_RETURN_IF_ERROR(call.write(request.transaction(), &committed, [&](api::Transaction& txn) {
        return txn.delete_node(id, {.detach = request.detach()});
    }));
    response->set_commit(committed);
    return {};
}

Status batch_get_entities(CallContext& call, const v1::BatchGetEntitiesRequest& request,
                          v1::BatchGetEntitiesResponse* response) {
    DEED_RETURN_IF_ERROR(check_limit("batch_items", static_cast<uint64_t>(request.ids_size()),
                                     call.limits().batch_items, "ids"));
    if (request.ids_size() > kInlineIdsMax && !call.on_worker()) return call.move_to_worker();
    std::vector<NodeId> ids;
    ids.reserve(static_cast<size_t>(request.ids_size()));
    for (const uint64_t raw : request.ids()) ids.emplace_back(raw);
    return call.read(request.transaction(), [&](api::Transaction& txn) -> Status {
        for (size_t done = 0; done < ids.size();) {
            DEED_ASSIGN_OR_RETURN(const auto nodes,
                                  txn.nodes(std::span(ids).subspan(done), kPieceBytes));
            nodes_to_groups(nodes, static_cast<uint32_t>(done), response);
            done += nodes.size();
            if (done == ids.size()) break;
            DEED_RETURN_IF_ERROR(call.check_stop());
            DEED_RETURN_IF_ERROR(check_limit("message_bytes", response->ByteSizeLong(),
                                             call.limits().message_bytes, "ids"));
        }
        return {};
    });
}

}  // namespace deed::server::calls
