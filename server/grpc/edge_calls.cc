#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/grpc/entity_convert.h"
#include "server/grpc/graph_calls.h"
#include "server/grpc/value_convert.h"

namespace deed::server::calls {
namespace {

constexpr int kInlineIdsMax = 512;
/// A list that is longer is read on a worker.
constexpr uint64_t kInlineNeighboursMax = 4096;

Status fill_neighbours(const std::vector<api::Neighbour>& found, v1::NeighboursResponse* response) {
    const int count = static_cast<int>(found.size());
    response->mutable_nodes()->Reserve(count);
    response->mutable_edges()->Reserve(count);
    response->mutable_types()->Reserve(count);
    response->mutable_outgoing()->Reserve(count);
    std::unordered_map<uint32_t, uint32_t> names;
    // The list is sorted by type within a direction, so the table is asked a few times only.
    TypeId last_type;
    uint32_t last_name = 0;
    for (const api::Neighbour& neighbour : found) {
        if (neighbour.type != last_type || names.empty()) {
            const auto [at, fresh] =
                names.try_emplace(neighbour.type.raw(), static_cast<uint32_t>(names.size()));
            if (fresh) {
                response->add_type_names(neighbour.type_name.data(), neighbour.type_name.size());
            }
            last_type = neighbour.type;
            last_name = at->second;
        }
        response->mutable_nodes()->AddAlreadyReserved(neighbour.node.raw());
        response->mutable_edges()->AddAlreadyReserved(neighbour.edge.raw());
        response->mutable_types()->AddAlreadyReserved(last_name);
        response->mutable_outgoing()->AddAlreadyReserved(neighbour.direction == Direction::kOut);
    }
    return {};
}

/// Shows `edges` at `ids`, piece after piece, to `add(position, edge)`, as long as `response` can
/// be sent.
template <class Add>
Status add_edges(CallContext& call, api::Transaction& txn, const std::vector<EdgeId>& ids,
                 const google::protobuf::MessageLite& response, Add&& add) {
    for (size_t done = 0; done < ids.size();) {
        DEED_ASSIGN_OR_RETURN(const auto edges,
                              txn.edges(std::span(ids).subspan(done), kPieceBytes));
        for (const auto& edge : edges) add(static_cast<uint32_t>(done++), edge);
        if (done == ids.size()) break;
        DEED_RETURN_IF_ERROR(call.check_stop());
        DEED_RETURN_IF_ERROR(
            check_limit("message_bytes", response.ByteSizeLong(), call.limits().message_bytes, ""));
    }
    return {};
}

Status add_edge_properties(CallContext& call, api::Transaction& txn,
                           const std::vector<api::Neighbour>& found,
                           v1::NeighboursResponse* response) {
    std::vector<EdgeId> ids;
    ids.reserve(found.size());
    for (const api::Neighbour& neighbour : found) ids.push_back(neighbour.edge);
    response->mutable_edge_properties()->Reserve(static_cast<int>(ids.size()));
    return add_edges(call, txn, ids, *response, [&](uint32_t, const auto& edge) {
        auto* wire = response->add_edge_properties();
        if (edge.has_value()) properties_to_wire(edge->properties, wire->mutable_properties());
    });
}

}  // namespace

Status add_edge(CallContext& call, const v1::AddEdgeRequest& request,
                v1::AddEdgeResponse* response) {
    DEED_ASSIGN_OR_RETURN(const NodeId start,
                          required_node(request.has_start(), request.start(), "start"));
    DEED_ASSIGN_OR_RETURN(const NodeId end, required_node(request.has_end(), request.end(), "end"));
    DEED_ASSIGN_OR_RETURN(const auto properties,
                          properties_from_wire(request.properties(), "properties"));
    uint64_t committed = 0;
    DEED_RETURN_IF_ERROR(
        call.write(request.transaction(), &committed, [&](api::Transaction& txn) -> Status {
            DEED_ASSIGN_OR_RETURN(const EdgeId id,
                                  txn.create_edge(start, end, request.type(), properties));
            response->set_id(id.raw());
            return {};
        }));
    response->set_commit(committed);
    return {};
}

Status get_edge(CallContext& call, const v1::GetEdgeRequest& request,
                v1::GetEdgeResponse* response) {
    DEED_ASSIGN_OR_RETURN(const EdgeId id, required_edge(request.has_id(), request.id(), "id"));
    return call.read(request.transaction(), [&](api::Transaction& txn) -> Status {
        DEED_ASSIGN_OR_RETURN(const api::Edge edge, txn.edge(id));
        edge_to_wire(edge, response->mutable_edge());
        return {};
    });
}

Status update_edge(CallContext& call, const v1::UpdateEdgeRequest& request,
                   v1::UpdateEdgeResponse* response) {
    DEED_ASSIGN_OR_RETURN(const EdgeId id, required_edge(request.has_id(), request.id(), "id"));
    api::EdgeChange change;
    DEED_ASSIGN_OR_RETURN(change.set, properties_from_wire(request.set(), "set"));
    change.replace_properties = request.replace_properties();
    uint64_t committed = 0;
    DEED_RETURN_IF_ERROR(call.write(request.transaction(), &committed, [&](api::Transaction& txn) {
        return txn.update_edge(id, change);
    }));
    response->set_commit(committed);
    return {};
}

Status delete_edge(CallContext& call, const v1::DeleteEdgeRequest& request,
                   v1::DeleteEdgeResponse* response) {
    DEED_ASSIGN_OR_RETURN(const EdgeId id, required_edge(request.has_id(), request.id(), "id"));
    uint64_t committed = 0;
    DEED_RETURN_IF_ERROR(call.write(request.transaction(), &committed,
                                    [&](api::Transaction& txn) { return txn.delete_edge(id); }));
    response->set_commit(committed);
    return {};
}

Status batch_get_edges(CallContext& call, const v1::BatchGetEdgesRequest& request,
                       v1::BatchGetEdgesResponse* response) {
    DEED_RETURN_IF_ERROR(check_limit("batch_items", static_cast<uint64_t>(request.ids_size()),
                                     call.limits().batch_items, "ids"));
    if (request.ids_size() > kInlineIdsMax && !call.on_worker()) return call.move_to_worker();
    std::vector<EdgeId> ids;
    ids.reserve(static_cast<size_t>(request.ids_size()));
    for (const uint64_t raw : request.ids()) ids.emplace_back(raw);
    return call.read(request.transaction(), [&](api::Transaction& txn) -> Status {
        return add_edges(call, txn, ids, *response, [&](uint32_t position, const auto& edge) {
            if (edge.has_value()) {
                edge_to_wire(*edge, response->add_edges());
            } else {
                response->add_absent(position);
            }
        });
    });
}

Status neighbours(CallContext& call, const v1::NeighboursRequest& request,
                  v1::NeighboursResponse* response) {
    DEED_ASSIGN_OR_RETURN(const NodeId id, required_node(request.has_id(), request.id(), "id"));
    api::NeighbourOptions options;
    DEED_ASSIGN_OR_RETURN(options.direction, direction_from_wire(request.direction()));
    options.types = strings_from_wire(request.types());
    const uint64_t allowed = call.limits().neighbours;
    if (request.limit() > 0) {
        DEED_RETURN_IF_ERROR(check_limit("neighbours", request.limit(), allowed, "limit"));
        options.limit = request.limit();
    }
    return call.read(request.transaction(), [&](api::Transaction& txn) -> Status {
        if (request.limit() == 0 || request.limit() > kInlineNeighboursMax) {
            DEED_ASSIGN_OR_RETURN(uint64_t degree, txn.degree(id, options));
            if (request.limit() == 0) {
                DEED_RETURN_IF_ERROR(check_limit("neighbours", degree, allowed, "limit"));
            }
            if (degree > kInlineNeighboursMax && !call.on_worker()) return call.move_to_worker();
        }
        DEED_ASSIGN_OR_RETURN(const auto found, txn.neighbours(id, options));
        DEED_RETURN_IF_ERROR(fill_neighbours(found, response));
        if (request.with_edge_properties()) return add_edge_properties(call, txn, found, response);
        return {};
    });
}

}  // namespace deed::server::calls
