"""The names of Deed's earlier in-process API, on a running server.

    from deed_core import PyDeedGraph

    db = PyDeedGraph("127.0.0.1:7687")
    a = db.add_entity("User", {"name": "Alice", "age": 28})
    b = db.add_entity("User", {"name": "Bob", "age": 35})
    db.add_edge(a, b, "FOLLOWS", {})
    db.get_outgoing_neighbors(a, "FOLLOWS")    # [b]

The module `deed` has everything else: transactions, scans, loads, typed results.
"""

from __future__ import annotations

import dataclasses
from types import TracebackType
from typing import Any

import deed

__all__ = ["PyDeedGraph"]


class PyDeedGraph:
    """A graph on the server at `address`. Errors are those of `deed.errors`.

    Thread safety: every method from any thread.
    """

    def __init__(self, address: str = "127.0.0.1:7687", *, timeout: float | None = 30.0) -> None:
        self._client = deed.connect(address, timeout=timeout)

    @property
    def client(self) -> deed.Client:
        """The same connection with the whole API."""
        return self._client

    def add_entity(self, collection: str, properties: deed.Properties | None = None) -> int:
        """Creates a node with the label `collection`; returns its id."""
        return self._client.add_entity(collection, properties)

    def add_edge(
        self,
        source: int,
        target: int,
        type: str,
        properties: deed.Properties | None = None,
    ) -> int:
        """Creates a relationship; returns its id."""
        return self._client.add_edge(source, target, type, properties)

    def get_outgoing_neighbors(
        self,
        id: int,
        type: str | None = None,
    ) -> list[int]:
        """The ids of the nodes at the ends of outgoing relationships of one type (None: all),
        sorted by type and id; one entry per relationship, so parallel ones repeat an id."""
        return self._client.neighbours(id, type).nodes

    def scan_collection(self, name: str) -> list[dict[str, Any]]:
        """All nodes with the label, in the order of their ids, each as
        {"id": 7, "labels": ["User"], "properties": {"name": "Alice"}}."""
        return [
            {"id": node.id, "labels": list(node.labels), "properties": node.properties}
            for node in self._client.scan(name)
        ]

    def evaporate_pheromones(self) -> int:
        """Weakens every trail by one epoch; returns the new epoch."""
        return self._client.evaporate_pheromones()

    def stats(self) -> dict[str, Any]:
        """Counts, memory and disk: "entity_count", "edge_count" and the fields of `deed.Stats`."""
        return dataclasses.asdict(self._client.stats())

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> PyDeedGraph:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
