"""What goes in and out of a client: nodes, relationships, pages, results, summaries."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias, overload

from deed.spatial import Point, Vector
from deed.temporal import Date, DateTime, Duration, LocalDateTime, LocalTime, Time

__all__ = [
    "CheckReport",
    "Direction",
    "Edge",
    "IngestSummary",
    "Isolation",
    "Labels",
    "Neighbour",
    "Neighbours",
    "NewEdge",
    "NewNode",
    "Node",
    "NodeLike",
    "Page",
    "Ping",
    "Properties",
    "Refusal",
    "Stats",
    "TraverseMode",
    "Value",
    "Visit",
    "Where",
]

Value: TypeAlias = (
    bool
    | int
    | float
    | str
    | bytes
    | bytearray
    | memoryview
    | Sequence["Value"]
    | Mapping[str, "Value"]
    | dt.date
    | dt.time
    | dt.datetime
    | dt.timedelta
    | Date
    | Time
    | LocalTime
    | DateTime
    | LocalDateTime
    | Duration
    | Point
    | Vector
    | None
)
"""What may be written as a property."""

Properties: TypeAlias = Mapping[str, Value]
Labels: TypeAlias = str | Iterable[str]
"""One label (a collection), or several."""


class Direction(str, enum.Enum):
    """Which relationships of a node: those that start at it, those that end at it, or both."""

    OUT = "out"
    IN = "in"
    BOTH = "both"


class Isolation(str, enum.Enum):
    SNAPSHOT = "snapshot"
    SERIALIZABLE = "serializable"


class TraverseMode(str, enum.Enum):
    DISTINCT = "distinct"
    """Each node once, at its smallest depth."""
    PATHS = "paths"
    """Every path without a repeated relationship."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node as it was at one snapshot; `node["name"]` reads a property."""

    id: int
    labels: tuple[str, ...]
    """Sorted."""
    properties: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.properties[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.properties.get(name, default)

    def __hash__(self) -> int:
        return hash(("node", self.id))


@dataclass(frozen=True, slots=True)
class Edge:
    """A relationship as it was at one snapshot; `edge["since"]` reads a property."""

    id: int
    start: int
    end: int
    type: str
    properties: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.properties[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.properties.get(name, default)

    def __hash__(self) -> int:
        return hash(("edge", self.id))


NodeLike: TypeAlias = int | Node
EdgeLike: TypeAlias = int | Edge
Types: TypeAlias = str | Iterable[str]
"""One type of relationship, or several; none means all."""


class Neighbour(NamedTuple):
    """One relationship of the asked node, and the node at its other end."""

    node: int
    edge: int
    type: str
    outgoing: bool
    """The relationship starts at the asked node."""
    properties: dict[str, Any] | None
    """Those of the relationship, where they were asked for."""


class Neighbours(Sequence[Neighbour]):
    """The relationships at one node: a list of `Neighbour`, and its columns as plain lists.

    Sorted by direction (out before in), type, neighbour, relationship.
    """

    __slots__ = ("_properties", "_types", "edges", "nodes", "outgoing", "types")

    def __init__(
        self,
        nodes: list[int],
        edges: list[int],
        types: list[str],
        outgoing: list[bool],
        properties: list[dict[str, Any]] | None,
    ) -> None:
        self.nodes = nodes
        self.edges = edges
        self.types = types
        self.outgoing = outgoing
        self._properties = properties

    def _at(self, index: int) -> Neighbour:
        properties = self._properties[index] if self._properties is not None else None
        return Neighbour(
            self.nodes[index],
            self.edges[index],
            self.types[index],
            self.outgoing[index],
            properties,
        )

    def __len__(self) -> int:
        return len(self.nodes)

    @overload
    def __getitem__(self, index: int) -> Neighbour: ...
    @overload
    def __getitem__(self, index: slice) -> list[Neighbour]: ...
    def __getitem__(self, index: int | slice) -> Neighbour | list[Neighbour]:
        if isinstance(index, slice):
            return [self._at(i) for i in range(*index.indices(len(self.nodes)))]
        return self._at(index)

    def __iter__(self) -> Iterator[Neighbour]:
        return (self._at(i) for i in range(len(self.nodes)))

    def __repr__(self) -> str:
        return f"Neighbours({list(self[:8])!r}{', ...' if len(self) > 8 else ''})"


class Visit(NamedTuple):
    """One step of a traversal.

    nodes   the path from the start to this node (paths mode), or this node alone (distinct mode)
    edges   the path's relationships, or the one that first reached the node; none at the start
    """

    depth: int
    nodes: tuple[int, ...]
    edges: tuple[int, ...]

    @property
    def node(self) -> int:
        return self.nodes[-1]


class Page(NamedTuple):
    """A run of nodes of a scan, and the token that goes on behind it (None behind the last)."""

    nodes: list[Node]
    page_token: bytes | None


Where: TypeAlias = tuple[str, str] | tuple[str, str, Value]
"""`("age", ">=", 18)`; one of = <> < <= > >=, or `("age", "exists")`."""


@dataclass(frozen=True, slots=True)
class NewNode:
    """A node to load; `key` is a name by which later relationships of the load refer to it."""

    labels: Labels
    properties: Properties = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True, slots=True)
class NewEdge:
    """A relationship to load; its ends are ids (int), nodes, or keys (str) of the same load."""

    start: NodeLike | str
    end: NodeLike | str
    type: str
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An item of a load that the server did not take, and why."""

    item: NewNode | NewEdge
    reason: str
    message: str
    field: str


@dataclass(slots=True)
class IngestSummary:
    """What a load did."""

    nodes: int = 0
    """Accepted."""
    edges: int = 0
    """Accepted."""
    refused: int = 0
    batches: int = 0
    """Committed."""
    retried: int = 0
    """Batches that met a conflict and were sent again."""
    seconds: float = 0.0
    refusals: list[Refusal] = field(default_factory=list)
    """The first 1,000; `on_refused` sees those that the server explains, all counted above."""


@dataclass(frozen=True, slots=True)
class Ping:
    version: str
    """The server's."""
    seconds: float
    """There and back."""


@dataclass(frozen=True, slots=True)
class Pheromones:
    """Present intensities, in the order in which nodes and edges were asked for."""

    nodes_out: list[float]
    nodes_in: list[float]
    edges: list[float]


@dataclass(frozen=True, slots=True)
class CheckReport:
    nodes: int
    edges: int
    faults: int
    messages: list[str]
    """The first 100 faults, each with what and where."""


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts, memory, disk and transactions at one moment; sizes are bytes."""

    entity_count: int
    edge_count: int
    labels: dict[str, int]
    types: dict[str, int]
    shards: int
    visible: int
    commits: int
    conflicts: int
    open_transactions: int
    oldest_snapshot: int
    version_bytes: int
    graph_bytes: int
    graph_bytes_reserved: int
    allocated_bytes: int
    resident_bytes: int
    log_bytes: int
    disk_bytes: int
    folded_through: int
    pheromone_epoch: int
    recovery_seconds: float
    requests_active: int
    requests_total: int

    def __getitem__(self, name: str) -> Any:
        """`stats["edge_count"]` reads as `stats.edge_count`."""
        if name not in self.__dataclass_fields__:
            raise KeyError(name)
        return getattr(self, name)
