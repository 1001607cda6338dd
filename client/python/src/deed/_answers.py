"""From protocol answers to what callers get; shared by both clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from deed._values import decode_properties, decode_value
from deed.errors import ProtocolError
from deed.model import CheckReport, Edge, Neighbours, Node, Page, Pheromones, Stats, Visit
from deed.v1 import admin_pb2 as admin
from deed.v1 import graph_pb2 as pb
from deed.v1 import value_pb2 as values


def node(message: values.Node) -> Node:
    return Node(message.id, tuple(message.labels), decode_properties(message.properties))


def edge(message: values.Edge) -> Edge:
    return Edge(
        message.id,
        message.start,
        message.end,
        message.type,
        decode_properties(message.properties),
    )


def _column(column: pb.Column) -> list[Any]:
    kind = column.WhichOneof("values")
    if kind == "mixed":
        return [decode_value(value) for value in column.mixed.elements]
    if kind is None:
        raise ProtocolError("the answer has a kind of column that this client cannot read")
    return list(getattr(column, kind).values)


def entities(answer: pb.BatchGetEntitiesResponse, size: int) -> list[Node | None]:
    result: list[Node | None] = [None] * size
    for group in answer.groups:
        labels = tuple(group.labels)
        property_names = list(group.property_names)
        columns = [_column(column) for column in group.columns]
        rows: Iterator[tuple[Any, ...]]
        rows = zip(*columns, strict=True) if columns else iter([()] * len(group.ids))
        for position, id_, row in zip(group.positions, group.ids, rows, strict=True):
            # A null stands for a property that this node does not have.
            properties = {
                key: value
                for key, value in zip(property_names, row, strict=True)
                if value is not None
            }
            result[position] = Node(id_, labels, properties)
    return result


def edges(answer: pb.BatchGetEdgesResponse, size: int) -> list[Edge | None]:
    absent = set(answer.absent)
    found = map(edge, answer.edges)
    return [None if position in absent else next(found) for position in range(size)]


def neighbours(answer: pb.NeighboursResponse, with_properties: bool) -> Neighbours:
    type_names = list(answer.type_names)
    return Neighbours(
        list(answer.nodes),
        list(answer.edges),
        [type_names[index] for index in answer.types],
        list(answer.outgoing),
        [decode_properties(each.properties) for each in answer.edge_properties]
        if with_properties
        else None,
    )


def visits(chunk: pb.TraverseChunk, paths: bool) -> Iterator[Visit]:
    nodes, edge_ids = list(chunk.nodes), list(chunk.edges)
    at_node = at_edge = 0
    for depth in chunk.depths:
        node_count = depth + 1 if paths else 1
        edge_count = depth if paths else min(depth, 1)
        yield Visit(
            depth,
            tuple(nodes[at_node : at_node + node_count]),
            tuple(edge_ids[at_edge : at_edge + edge_count]),
        )
        at_node += node_count
        at_edge += edge_count


def page(chunk: pb.ScanCollectionChunk) -> Page:
    return Page([node(each) for each in chunk.nodes], chunk.page_token or None)


def pheromones(answer: pb.GetPheromonesResponse) -> Pheromones:
    return Pheromones(list(answer.nodes_out), list(answer.nodes_in), list(answer.edges))


def check(answer: admin.CheckResponse) -> CheckReport:
    return CheckReport(answer.nodes, answer.edges, answer.faults, list(answer.messages))


def stats(answer: pb.StatsResponse) -> Stats:
    plain = {
        name: getattr(answer, name)
        for name in Stats.__dataclass_fields__
        if name not in ("labels", "types")
    }
    return Stats(
        labels={each.name: each.count for each in answer.labels},
        types={each.name: each.count for each in answer.types},
        **plain,
    )
