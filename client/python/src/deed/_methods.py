"""The calls of the protocol as typed constants; both clients make their stubs from these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message

from deed.v1 import admin_pb2 as admin
from deed.v1 import graph_pb2 as graph

RequestT = TypeVar("RequestT", bound=Message)
ResponseT = TypeVar("ResponseT", bound=Message)


@dataclass(frozen=True, eq=False)
class Method(Generic[RequestT, ResponseT]):
    """One call. `writes`: where no answer comes, it may have taken place all the same."""

    path: str
    request: type[RequestT]
    response: type[ResponseT]
    writes: bool = False


_GRAPH = "/deed.v1.GraphService/"
_ADMIN = "/deed.v1.AdminService/"

ADD_ENTITY = Method(
    _GRAPH + "AddEntity", graph.AddEntityRequest, graph.AddEntityResponse, writes=True
)
GET_ENTITY = Method(_GRAPH + "GetEntity", graph.GetEntityRequest, graph.GetEntityResponse)
UPDATE_ENTITY = Method(
    _GRAPH + "UpdateEntity", graph.UpdateEntityRequest, graph.UpdateEntityResponse, writes=True
)
DELETE_ENTITY = Method(
    _GRAPH + "DeleteEntity", graph.DeleteEntityRequest, graph.DeleteEntityResponse, writes=True
)
ADD_EDGE = Method(_GRAPH + "AddEdge", graph.AddEdgeRequest, graph.AddEdgeResponse, writes=True)
GET_EDGE = Method(_GRAPH + "GetEdge", graph.GetEdgeRequest, graph.GetEdgeResponse)
UPDATE_EDGE = Method(
    _GRAPH + "UpdateEdge", graph.UpdateEdgeRequest, graph.UpdateEdgeResponse, writes=True
)
DELETE_EDGE = Method(
    _GRAPH + "DeleteEdge", graph.DeleteEdgeRequest, graph.DeleteEdgeResponse, writes=True
)
BATCH_GET_ENTITIES = Method(
    _GRAPH + "BatchGetEntities", graph.BatchGetEntitiesRequest, graph.BatchGetEntitiesResponse
)
BATCH_GET_EDGES = Method(
    _GRAPH + "BatchGetEdges", graph.BatchGetEdgesRequest, graph.BatchGetEdgesResponse
)
BATCH = Method(_GRAPH + "Batch", graph.BatchRequest, graph.BatchResponse, writes=True)
INGEST = Method(_GRAPH + "Ingest", graph.IngestRequest, graph.IngestResponse, writes=True)
NEIGHBOURS = Method(_GRAPH + "Neighbours", graph.NeighboursRequest, graph.NeighboursResponse)
TRAVERSE = Method(_GRAPH + "Traverse", graph.TraverseRequest, graph.TraverseChunk)
SCAN_COLLECTION = Method(
    _GRAPH + "ScanCollection", graph.ScanCollectionRequest, graph.ScanCollectionChunk
)
BEGIN_TRANSACTION = Method(
    _GRAPH + "BeginTransaction", graph.BeginTransactionRequest, graph.BeginTransactionResponse
)
COMMIT = Method(_GRAPH + "Commit", graph.CommitRequest, graph.CommitResponse, writes=True)
ROLLBACK = Method(_GRAPH + "Rollback", graph.RollbackRequest, graph.RollbackResponse)
MARK_FOLLOWED = Method(
    _GRAPH + "MarkFollowed", graph.MarkFollowedRequest, graph.MarkFollowedResponse
)
GET_PHEROMONES = Method(
    _GRAPH + "GetPheromones", graph.GetPheromonesRequest, graph.GetPheromonesResponse
)
EVAPORATE_PHEROMONES = Method(
    _GRAPH + "EvaporatePheromones",
    graph.EvaporatePheromonesRequest,
    graph.EvaporatePheromonesResponse,
    writes=True,
)
STATS = Method(_GRAPH + "Stats", graph.StatsRequest, graph.StatsResponse)

PING = Method(_ADMIN + "Ping", admin.PingRequest, admin.PingResponse)
CHECK = Method(_ADMIN + "Check", admin.CheckRequest, admin.CheckResponse)
CHECKPOINT = Method(_ADMIN + "Checkpoint", admin.CheckpointRequest, admin.CheckpointResponse)
