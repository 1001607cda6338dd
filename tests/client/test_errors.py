"""The server's refusals, by class, reason and field."""

from __future__ import annotations

from collections.abc import Callable

import deed
import pytest
from running_server import RunningServer

Call = Callable[[deed.Client], object]

REFUSED: list[tuple[Call, type[deed.DeedError], str, str]] = [
    (lambda db: db.get_entity(2**40), deed.NotFoundError, "NODE_NOT_FOUND", "id"),
    (lambda db: db.get_edge(2**40), deed.NotFoundError, "EDGE_NOT_FOUND", "id"),
    (lambda db: db.delete_entity(2**40), deed.NotFoundError, "NODE_NOT_FOUND", "id"),
    (lambda db: db.update_edge(2**40, {}), deed.NotFoundError, "EDGE_NOT_FOUND", "id"),
    (lambda db: db.neighbours(2**40), deed.NotFoundError, "NODE_NOT_FOUND", "id"),
    (lambda db: list(db.traverse(2**40)), deed.NotFoundError, "NODE_NOT_FOUND", "start"),
    (lambda db: db.pheromones([2**40]), deed.NotFoundError, "NODE_NOT_FOUND", ""),
    (
        lambda db: list(db.traverse(0, depth_min=3, depth_max=2)),
        deed.InvalidArgumentError,
        "DEPTH_RANGE_EMPTY",
        "depth_min",
    ),
    (
        lambda db: list(db.traverse(0, depth_max=65)),
        deed.LimitError,
        "LIMIT_TRAVERSAL_DEPTH",
        "depth_max",
    ),
    (
        lambda db: list(db.scan(page_token=b"nonsense")),
        deed.InvalidArgumentError,
        "PAGE_TOKEN_MALFORMED",
        "page_token",
    ),
    (
        lambda db: db.get_entities(range(65_537)),
        deed.LimitError,
        "LIMIT_BATCH_ITEMS",
        "ids",
    ),
]


@pytest.mark.parametrize(("call", "kind", "reason", "field"), REFUSED, ids=lambda v: str(v)[:30])
def test_refusals(
    db: deed.Client, call: Call, kind: type[deed.DeedError], reason: str, field: str
) -> None:
    with pytest.raises(kind) as caught:
        call(db)
    assert caught.value.reason == reason
    if field:
        assert caught.value.field == field
    assert caught.value.message
    assert not caught.value.retryable


def test_names_that_are_none(db: deed.Client) -> None:
    calls: list[Callable[[], object]] = [
        lambda: db.add_entity(""),
        lambda: db.add_entity("A", {"": 1}),
        lambda: db.add_entity("x" * 16_384),
        lambda: db.add_edge(0, 0, ""),
    ]
    for call in calls:
        with pytest.raises(deed.DeedError) as caught:
            call()
        assert isinstance(caught.value, deed.InvalidArgumentError | deed.LimitError)
        assert caught.value.field


def test_a_limit_says_what_it_is(db: deed.Client) -> None:
    batch = deed.Batch()
    for _ in range(65_537):
        batch.delete_edge(1)
    with pytest.raises(deed.LimitError) as caught:
        db.write(batch)
    assert caught.value.metadata["limit"] == "batch_items"
    assert caught.value.metadata["value"] == "65536"


def test_limits_are_settings(start_server: Callable[..., RunningServer]) -> None:
    server = start_server("--set", "limits.batch_items=3", "--set", "limits.open_transactions=2")
    with deed.connect(server.address) as db:
        with pytest.raises(deed.LimitError, match="3"):
            db.get_entities(range(4))
        one, two = db.transaction().begin(), db.transaction().begin()
        with pytest.raises(deed.LimitError) as caught:
            db.transaction().begin()
        assert caught.value.reason == "LIMIT_OPEN_TRANSACTIONS"
        one.rollback()
        db.transaction().begin().commit()
        two.commit()


def test_what_is_seen_without_the_server() -> None:
    nowhere = deed.connect("127.0.0.1:1")
    mistakes: list[tuple[Callable[[], object], str]] = [
        (lambda: nowhere.get_entity(-1), "id"),
        (lambda: nowhere.get_entity(2**64 - 1), "id"),
        (lambda: nowhere.get_entity(True), "id"),
        (lambda: nowhere.get_entity("7"), "id"),  # type: ignore[arg-type]
        (lambda: nowhere.add_edge(1, None, "R"), "end"),  # type: ignore[arg-type]
        (lambda: nowhere.add_edge(1, 2, 3), "type"),  # type: ignore[arg-type]
        (lambda: nowhere.add_entity(7), "labels"),  # type: ignore[arg-type]
        (lambda: nowhere.add_entity(["a", 7]), "labels"),  # type: ignore[list-item]
        (lambda: nowhere.add_entity("A", [1]), "properties"),  # type: ignore[arg-type]
        (lambda: nowhere.neighbours(1, direction="up"), "direction"),
        (lambda: nowhere.neighbours(1, limit=-1), "limit"),
        (lambda: nowhere.traverse(1, mode="all"), "mode"),
        (lambda: nowhere.scan("A", where=[("a", "~", 1)]), "where[0]"),
        (lambda: nowhere.scan("A", where=[("a", "=", 1), ("a", "=")]), "where[1]"),
        (lambda: nowhere.scan("A", where=[("a", "exists", 1)]), "where[0]"),
        (lambda: nowhere.transaction(timeout=0), "timeout"),
        (lambda: nowhere.with_timeout(-1), "timeout"),
    ]
    for call, field in mistakes:
        with pytest.raises(deed.InvalidArgumentError) as caught:
            call()
        assert caught.value.field == field
        assert field in str(caught.value)
