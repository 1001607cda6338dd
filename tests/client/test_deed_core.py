"""The names of the earlier in-process API."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from deed_core import PyDeedGraph
from running_server import RunningServer


def test_the_line_that_people_paste(start_server: Callable[..., RunningServer]) -> None:
    server = start_server()
    line = (
        f"from deed_core import PyDeedGraph; db = PyDeedGraph('{server.address}'); "
        "a = db.add_entity('User', {'name': 'Alice', 'age': 28}); "
        "b = db.add_entity('User', {'name': 'Bob', 'age': 35}); "
        "db.add_edge(a, b, 'FOLLOWS', {}); "
        "print(db.get_outgoing_neighbors(a, 'FOLLOWS'), len(db.scan_collection('User')), "
        "db.stats()['edge_count'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", line], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    with PyDeedGraph(server.address) as db:
        (bob,) = [n["id"] for n in db.scan_collection("User") if n["properties"]["name"] == "Bob"]
    assert done.stdout == f"[{bob}] 2 1\n"


def test_shapes(server: RunningServer, label: str) -> None:
    with PyDeedGraph(server.address) as db:
        a = db.add_entity(label, {"name": "Alice"})
        assert db.add_edge(a, a, label, {"x": 1}) >= 0
        assert db.get_outgoing_neighbors(a, label) == [a]
        assert db.get_outgoing_neighbors(a) == [a]
        assert db.scan_collection(label) == [
            {"id": a, "labels": [label], "properties": {"name": "Alice"}}
        ]
        stats = db.stats()
        assert stats["labels"][label] == stats["types"][label] == 1
        assert stats["entity_count"] > 0
        assert db.evaporate_pheromones() == stats["pheromone_epoch"] + 1
        assert db.client.get_entity(a)["name"] == "Alice"
