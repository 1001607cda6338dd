"""From arguments to protocol requests, with the mistakes that can be seen without the server.

Pure functions: the blocking and the asynchronous client share them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from deed._values import check_text, encode_properties, encode_value
from deed.errors import InvalidArgumentError
from deed.model import (
    Direction,
    Edge,
    EdgeLike,
    Isolation,
    Labels,
    Node,
    NodeLike,
    Properties,
    TraverseMode,
    Types,
    Where,
)
from deed.v1 import graph_pb2 as pb

ID_MAX = 2**64 - 1  # the number itself names nothing

_DIRECTIONS = {
    Direction.OUT: pb.DIRECTION_OUT,
    Direction.IN: pb.DIRECTION_IN,
    Direction.BOTH: pb.DIRECTION_BOTH,
}
_MODES = {
    TraverseMode.DISTINCT: pb.TraverseRequest.MODE_DISTINCT,
    TraverseMode.PATHS: pb.TraverseRequest.MODE_PATHS,
}
_ISOLATIONS = {
    Isolation.SNAPSHOT: pb.ISOLATION_SNAPSHOT,
    Isolation.SERIALIZABLE: pb.ISOLATION_SERIALIZABLE,
}
_OPERATORS = {
    "=": pb.PropertyFilter.OP_EQUAL,
    "==": pb.PropertyFilter.OP_EQUAL,
    "<>": pb.PropertyFilter.OP_NOT_EQUAL,
    "!=": pb.PropertyFilter.OP_NOT_EQUAL,
    "<": pb.PropertyFilter.OP_LESS,
    "<=": pb.PropertyFilter.OP_LESS_EQUAL,
    ">": pb.PropertyFilter.OP_GREATER,
    ">=": pb.PropertyFilter.OP_GREATER_EQUAL,
    "exists": pb.PropertyFilter.OP_EXISTS,
}


def _refuse(message: str, reason: str, field: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{field}: {message}", reason=reason, field=field)


def _id(value: object, field: str, noun: str) -> int:
    number = value
    if not isinstance(value, int) and hasattr(value, "__index__"):
        number = value.__index__()  # the whole numbers of numpy and the like
    if isinstance(number, bool) or not isinstance(number, int):
        raise _refuse(
            f"expected {noun} or its id, not a {type(value).__qualname__}", "INVALID_ID", field
        )
    if not 0 <= number < ID_MAX:
        raise _refuse(f"{number} is outside 0 to 2**64 - 2", "INVALID_ID", field)
    return number


def node_id(value: NodeLike, field: str = "id") -> int:
    return value.id if isinstance(value, Node) else _id(value, field, "a node")


def edge_id(value: EdgeLike, field: str = "id") -> int:
    return value.id if isinstance(value, Edge) else _id(value, field, "a relationship")


def count(value: int, field: str, maximum: int = 2**32 - 1) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= maximum:
        raise _refuse(
            f"expected a number from 0 to {maximum}, not {value!r}", "INVALID_COUNT", field
        )
    return value


def name(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise _refuse(f"expected a name, not a {type(value).__qualname__}", "INVALID_NAME", field)
    return check_text(value, field)


def names(value: Labels | Types | None, field: str) -> list[str]:
    """One name or several."""
    if value is None:
        return []
    if isinstance(value, str):
        return [name(value, field)]
    try:
        return [name(each, field) for each in value]
    except TypeError:
        raise _refuse(
            f"expected a name or several, not a {type(value).__qualname__}", "INVALID_NAME", field
        ) from None


def _milliseconds(seconds: float | None, field: str) -> int:
    if seconds is None:
        return 0
    if not seconds > 0:
        raise _refuse(
            f"expected seconds above 0 or None, not {seconds!r}", "INVALID_TIMEOUT", field
        )
    return max(1, round(seconds * 1000))


def _choice(table: dict[Any, Any], kind: type[Any], value: object, field: str) -> Any:
    try:
        return table[kind(value)]
    except ValueError:
        known = ", ".join(repr(each.value) for each in kind)
        raise _refuse(f"expected one of {known}, not {value!r}", "INVALID_CHOICE", field) from None


def add_entity(
    labels: Labels, properties: Properties | None, transaction: bytes
) -> pb.AddEntityRequest:
    request = pb.AddEntityRequest(labels=names(labels, "labels"), transaction=transaction)
    encode_properties(request.properties, properties, "properties")
    return request


def get_entity(node: NodeLike, transaction: bytes) -> pb.GetEntityRequest:
    return pb.GetEntityRequest(id=node_id(node), transaction=transaction)


def update_entity(
    node: NodeLike,
    properties: Properties | None,
    replace: bool,
    add_labels: Labels,
    remove_labels: Labels,
    transaction: bytes,
) -> pb.UpdateEntityRequest:
    request = pb.UpdateEntityRequest(
        id=node_id(node),
        add_labels=names(add_labels, "add_labels"),
        remove_labels=names(remove_labels, "remove_labels"),
        replace_properties=replace,
        transaction=transaction,
    )
    encode_properties(request.set, properties, "set")
    return request


def delete_entity(node: NodeLike, detach: bool, transaction: bytes) -> pb.DeleteEntityRequest:
    return pb.DeleteEntityRequest(id=node_id(node), detach=detach, transaction=transaction)


def add_edge(
    start: NodeLike, end: NodeLike, type_: str, properties: Properties | None, transaction: bytes
) -> pb.AddEdgeRequest:
    request = pb.AddEdgeRequest(
        start=node_id(start, "start"),
        end=node_id(end, "end"),
        type=name(type_, "type"),
        transaction=transaction,
    )
    encode_properties(request.properties, properties, "properties")
    return request


def get_edge(edge: EdgeLike, transaction: bytes) -> pb.GetEdgeRequest:
    return pb.GetEdgeRequest(id=edge_id(edge), transaction=transaction)


def update_edge(
    edge: EdgeLike, properties: Properties | None, replace: bool, transaction: bytes
) -> pb.UpdateEdgeRequest:
    request = pb.UpdateEdgeRequest(
        id=edge_id(edge), replace_properties=replace, transaction=transaction
    )
    encode_properties(request.set, properties, "set")
    return request


def delete_edge(edge: EdgeLike, transaction: bytes) -> pb.DeleteEdgeRequest:
    return pb.DeleteEdgeRequest(id=edge_id(edge), transaction=transaction)


def get_entities(nodes: Sequence[NodeLike], transaction: bytes) -> pb.BatchGetEntitiesRequest:
    return pb.BatchGetEntitiesRequest(
        ids=[node_id(node, "ids") for node in nodes], transaction=transaction
    )


def get_edges(edges: Sequence[EdgeLike], transaction: bytes) -> pb.BatchGetEdgesRequest:
    return pb.BatchGetEdgesRequest(
        ids=[edge_id(edge, "ids") for edge in edges], transaction=transaction
    )


def neighbours(
    node: NodeLike,
    types: Types | None,
    direction: Direction | str,
    limit: int,
    edge_properties: bool,
    transaction: bytes,
) -> pb.NeighboursRequest:
    return pb.NeighboursRequest(
        id=node_id(node),
        types=names(types, "types"),
        direction=_choice(_DIRECTIONS, Direction, direction, "direction"),
        limit=count(limit, "limit", ID_MAX),
        with_edge_properties=edge_properties,
        transaction=transaction,
    )


def traverse(
    start: NodeLike,
    types: Types | None,
    direction: Direction | str,
    depth_min: int,
    depth_max: int,
    mode: TraverseMode | str,
    limit: int,
    transaction: bytes,
) -> pb.TraverseRequest:
    return pb.TraverseRequest(
        start=node_id(start, "start"),
        types=names(types, "types"),
        direction=_choice(_DIRECTIONS, Direction, direction, "direction"),
        depth_min=count(depth_min, "depth_min"),
        depth_max=count(depth_max, "depth_max"),
        mode=_choice(_MODES, TraverseMode, mode, "mode"),
        limit=count(limit, "limit", ID_MAX),
        transaction=transaction,
    )


def _filter(where: Where, index: int) -> pb.PropertyFilter:
    field = f"where[{index}]"
    if not isinstance(where, tuple | list) or len(where) not in (2, 3):
        raise _refuse(
            f"expected (property, operator, value) or (property, 'exists'), not {where!r}",
            "INVALID_FILTER",
            field,
        )
    operator = _OPERATORS.get(where[1]) if isinstance(where[1], str) else None
    if operator is None:
        raise _refuse(
            f"{where[1]!r} is no operator; use one of {', '.join(_OPERATORS)}",
            "INVALID_FILTER",
            field,
        )
    if (operator == pb.PropertyFilter.OP_EXISTS) != (len(where) == 2):
        raise _refuse(
            "'exists' stands without a value, every other operator with one",
            "INVALID_FILTER",
            field,
        )
    message = pb.PropertyFilter(property=name(where[0], field), op=operator)
    if len(where) == 3:
        message.value.CopyFrom(encode_value(where[2], field))
    return message


def scan(
    label: str,
    projection: Iterable[str] | None,
    where: Iterable[Where],
    page_size: int,
    page_token: bytes | None,
    pages_max: int,
    one_snapshot: bool,
    transaction: bytes,
) -> pb.ScanCollectionRequest:
    return pb.ScanCollectionRequest(
        label=name(label, "label"),
        projection=names(projection, "projection"),
        only_projection=projection is not None,
        filters=[_filter(each, index) for index, each in enumerate(where)],
        page_token=page_token or b"",
        page_size=count(page_size, "page_size"),
        pages_max=count(pages_max, "pages_max"),
        one_snapshot=one_snapshot,
        transaction=transaction,
    )


def begin(
    isolation: Isolation | str, read_only: bool, timeout: float | None, idle_timeout: float | None
) -> pb.BeginTransactionRequest:
    return pb.BeginTransactionRequest(
        isolation=_choice(_ISOLATIONS, Isolation, isolation, "isolation"),
        timeout_ms=_milliseconds(timeout, "timeout"),
        idle_timeout_ms=_milliseconds(idle_timeout, "idle_timeout"),
        read_only=read_only,
    )


def mark_followed(edges: Iterable[EdgeLike], weight: float) -> pb.MarkFollowedRequest:
    return pb.MarkFollowedRequest(edges=[edge_id(edge, "edges") for edge in edges], weight=weight)


def pheromones(nodes: Iterable[NodeLike], edges: Iterable[EdgeLike]) -> pb.GetPheromonesRequest:
    return pb.GetPheromonesRequest(
        nodes=[node_id(node, "nodes") for node in nodes],
        edges=[edge_id(edge, "edges") for edge in edges],
    )


def evaporate(epochs: int) -> pb.EvaporatePheromonesRequest:
    return pb.EvaporatePheromonesRequest(epochs=count(epochs, "epochs"))
