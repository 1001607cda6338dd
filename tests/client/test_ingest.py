"""Loads: keys, refusals, back-pressure."""

from __future__ import annotations

from collections.abc import Iterator

import deed
import pytest


def test_nodes_and_relationships_by_key(db: deed.Client, label: str) -> None:
    total = 5_000

    def nodes() -> Iterator[deed.NewNode]:
        for i in range(total):
            yield deed.NewNode(label, {"i": i}, key=f"n{i}")

    def edges() -> Iterator[tuple[str, str, str, dict[str, int]]]:
        for i in range(total):
            yield (f"n{i}", f"n{(i + 1) % total}", "NEXT", {"i": i})

    ids: dict[str, int] = {}

    def remember(item: deed.NewNode | deed.NewEdge, id: int) -> None:
        if isinstance(item, deed.NewNode):
            ids[item.key] = id

    summary = db.ingest(nodes(), edges(), batch_size=300, on_accepted=remember)
    assert (summary.nodes, summary.edges, summary.refused) == (total, total, 0)
    assert summary.batches >= 2 * total // 300
    assert len(ids) == total
    assert db.neighbours(ids["n17"], "NEXT").nodes == [ids["n18"]]
    assert db.stats().labels[label] == total


def test_relationships_to_nodes_that_are_there(db: deed.Client, label: str) -> None:
    a = db.add_entity(label)
    summary = db.ingest(
        [(label, {"new": True}, "b")], [(a, "b", "R"), ("b", db.get_entity(a), "R"), (a, a, "R")]
    )
    assert (summary.nodes, summary.edges) == (1, 3)
    assert sorted(n["new"] for n in db.scan(label, where=[("new", "exists")])) == [True]


def test_the_wrong_ones_are_refused_and_the_rest_goes_on(db: deed.Client, label: str) -> None:
    told: list[deed.Refusal] = []
    nodes: list[deed.NewNode | tuple[object, ...]] = [
        deed.NewNode(label, {"n": 1}, key="a"),
        deed.NewNode(label, {"n": 2}, key="a"),  # the key again
        (label, {"n": 2**70}),  # what Python's side sees
        deed.NewNode("", {"n": 4}),  # what only the server sees
        (label, {"n": 5}, "b"),
        (),
    ]
    edges: list[deed.NewEdge | tuple[object, ...]] = [
        deed.NewEdge("a", "b", "R"),
        deed.NewEdge("a", "nobody", "R"),
        deed.NewEdge("a", 2**40, "R"),
        (1.5, "a", "R"),
    ]
    summary = db.ingest(nodes, edges, on_refused=told.append)
    assert (summary.nodes, summary.edges, summary.refused) == (2, 1, 7)
    assert [n["n"] for n in db.scan(label)] == [1, 5]
    assert summary.refusals == told
    reasons = {refusal.reason for refusal in told}
    assert {"DUPLICATE_KEY", "INTEGER_OUT_OF_RANGE", "UNKNOWN_KEY", "INVALID_ID"} <= reasons
    assert all(refusal.message for refusal in told)


def test_an_empty_load(db: deed.Client) -> None:
    summary = db.ingest()
    assert (summary.nodes, summary.edges, summary.batches) == (0, 0, 0)


def test_an_exception_of_the_iterable_passes_through(db: deed.Client, label: str) -> None:
    def nodes() -> Iterator[deed.NewNode]:
        for i in range(250):
            yield deed.NewNode(label, {"i": i})
        raise RuntimeError("the file ended early")

    with pytest.raises(RuntimeError, match="ended early"):
        db.ingest(nodes(), batch_size=10)
    assert db.ping()


def test_the_iterable_is_read_no_faster_than_the_server_takes_it(
    db: deed.Client, label: str
) -> None:
    accepted = 0
    furthest_ahead = 0

    def count(item: object, id: int) -> None:
        nonlocal accepted
        accepted += 1

    def nodes() -> Iterator[deed.NewNode]:
        nonlocal furthest_ahead
        for i in range(3_000):
            furthest_ahead = max(furthest_ahead, i - accepted)
            yield deed.NewNode(label)

    db.ingest(nodes(), batch_size=100, on_accepted=count)
    assert accepted == 3_000
    assert furthest_ahead <= 500
