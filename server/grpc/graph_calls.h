#pragma once

#include "deed/v1/admin.pb.h"
#include "deed/v1/graph.pb.h"
#include "engine/base/result.h"
#include "server/grpc/call_context.h"

/// What each unary call does, free of gRPC: a request in, a response filled or an error. The
/// responses are empty when a call starts. Any thread; see CallContext for which.
namespace deed::server::calls {

// entity_calls.cc
Status add_entity(CallContext&, const v1::AddEntityRequest&, v1::AddEntityResponse*);
Status get_entity(CallContext&, const v1::GetEntityRequest&, v1::GetEntityResponse*);
Status update_entity(CallContext&, const v1::UpdateEntityRequest&, v1::UpdateEntityResponse*);
Status delete_entity(CallContext&, const v1::DeleteEntityRequest&, v1::DeleteEntityResponse*);
Status batch_get_entities(CallContext&, const v1::BatchGetEntitiesRequest&,
                          v1::BatchGetEntitiesResponse*);

// edge_calls.cc
Status add_edge(CallContext&, const v1::AddEdgeRequest&, v1::AddEdgeResponse*);
Status get_edge(CallContext&, const v1::GetEdgeRequest&, v1::GetEdgeResponse*);
Status update_edge(CallContext&, const v1::UpdateEdgeRequest&, v1::UpdateEdgeResponse*);
Status delete_edge(CallContext&, const v1::DeleteEdgeRequest&, v1::DeleteEdgeResponse*);
Status batch_get_edges(CallContext&, const v1::BatchGetEdgesRequest&, v1::BatchGetEdgesResponse*);
Status neighbours(CallContext&, const v1::NeighboursRequest&, v1::NeighboursResponse*);

// batch_calls.cc
Status batch(CallContext&, const v1::BatchRequest&, v1::BatchResponse*);

// transaction_calls.cc
Status begin_transaction(CallContext&, const v1::BeginTransactionRequest&,
                         v1::BeginTransactionResponse*);
Status commit(CallContext&, const v1::CommitRequest&, v1::CommitResponse*);
Status rollback(CallContext&, const v1::RollbackRequest&, v1::RollbackResponse*);

// pheromone_calls.cc
Status mark_followed(CallContext&, const v1::MarkFollowedRequest&, v1::MarkFollowedResponse*);
Status get_pheromones(CallContext&, const v1::GetPheromonesRequest&, v1::GetPheromonesResponse*);
Status evaporate_pheromones(CallContext&, const v1::EvaporatePheromonesRequest&,
                            v1::EvaporatePheromonesResponse*);

// admin_calls.cc
Status stats(CallContext&, const v1::StatsRequest&, v1::StatsResponse*);
Status ping(CallContext&, const v1::PingRequest&, v1::PingResponse*);
Status check(CallContext&, const v1::CheckRequest&, v1::CheckResponse*);
Status checkpoint(CallContext&, const v1::CheckpointRequest&, v1::CheckpointResponse*);

}  // namespace deed::server::calls
