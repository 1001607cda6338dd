"""Nodes, relationships, batches and what reads them."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import deed
import pytest
from running_server import RunningServer, found_again


def test_nodes(db: deed.Client, label: str) -> None:
    a = db.add_entity([label, "B"], {"name": "Alice", "age": 28})
    node = db.get_entity(a)
    assert node.id == a
    assert node.labels == tuple(sorted([label, "B"]))
    assert node["name"] == "Alice"
    assert node.get("none", 5) == 5

    db.update_entity(a, {"age": None, "city": "Rome"}, add_labels="C", remove_labels=["B"])
    assert db.get_entity(node) == deed.Node(
        a, tuple(sorted([label, "C"])), {"name": "Alice", "city": "Rome"}
    )
    db.update_entity(a, {"only": 1}, replace=True)
    assert db.get_entity(a).properties == {"only": 1}

    db.delete_entity(a)
    with pytest.raises(deed.NotFoundError) as caught:
        db.get_entity(a)
    assert caught.value.reason == "NODE_NOT_FOUND"


def test_a_node_needs_neither_label_nor_properties(db: deed.Client) -> None:
    node = db.get_entity(db.add_entity())
    assert (node.labels, node.properties) == ((), {})


def test_edges(db: deed.Client, label: str) -> None:
    a, b = db.add_entity(label), db.add_entity(label)
    e = db.add_edge(a, db.get_entity(b), "KNOWS", {"since": 1999})
    assert db.get_edge(e) == deed.Edge(e, a, b, "KNOWS", {"since": 1999})
    db.update_edge(e, {"weight": 0.5})
    assert db.get_edge(e).properties == {"since": 1999, "weight": 0.5}
    db.update_edge(e, {"weight": 1.5}, replace=True)
    assert db.get_edge(e)["weight"] == 1.5

    with pytest.raises(deed.FailedPreconditionError) as caught:
        db.delete_entity(a)
    assert caught.value.reason == "NODE_HAS_EDGES"
    db.delete_edge(e)
    with pytest.raises(deed.NotFoundError) as missing:
        db.get_edge(e)
    assert missing.value.reason == "EDGE_NOT_FOUND"
    db.delete_entity(a)

    db.add_edge(b, b, "SELF")
    db.delete_entity(b, detach=True)


def test_an_edge_to_nowhere_is_refused(db: deed.Client) -> None:
    a = db.add_entity()
    with pytest.raises(deed.NotFoundError):
        db.add_edge(a, 2**40, "KNOWS")


def test_many_nodes_at_once_in_the_order_asked(db: deed.Client, label: str) -> None:
    wanted = [
        db.add_entity(
            [label, f"G{i % 3}"] if i % 2 else label, {"i": i} if i % 5 else {"j": str(i)}
        )
        for i in range(40)
    ]
    gone = wanted[7]
    db.delete_entity(gone)
    ids = [wanted[3], *reversed(wanted), 2**40, wanted[3]]
    nodes = db.get_entities(ids)
    assert [node and node.id for node in nodes] == [
        None if id_ in (gone, 2**40) else id_ for id_ in ids
    ]
    for node in nodes:
        if node is not None:
            assert node == db.get_entity(node.id)
    assert db.get_entities([]) == []


def test_many_edges_at_once(db: deed.Client) -> None:
    a = db.add_entity()
    edges = [db.add_edge(a, a, "R", {"i": i}) for i in range(5)]
    found = db.get_edges([edges[4], 2**40, edges[0]])
    assert [edge and edge["i"] for edge in found] == [4, None, 0]


def test_a_batch_refers_to_its_own_nodes(db: deed.Client, label: str) -> None:
    old = db.add_entity(label, {"old": True})
    batch = deed.Batch()
    a = batch.add_entity(label, {"name": "a"})
    b = batch.add_entity([], {})
    edge = batch.add_edge(a, b, "R", {"n": 1})
    batch.add_edge(b, old, "R")
    batch.update_entity(b, {"late": True}, add_labels=label)
    batch.update_entity(old, {"old": None})
    result = db.write(batch)
    assert len(result) == len(batch) == 6
    assert result.commit > 0
    assert db.get_entity(result[b]) == deed.Node(result[b], (label,), {"late": True})
    assert db.get_edge(result[edge]).properties == {"n": 1}
    assert db.neighbours(result[b]).nodes == [old]
    assert db.get_entity(old).properties == {}

    undo = deed.Batch()
    undo.delete_edge(result[edge])
    undo.delete_entity(result[a])
    undo.delete_entity(old, detach=True)
    db.write(undo)
    assert [node.id for node in db.scan(label)] == [result[b]]


def test_a_batch_takes_place_wholly_or_not_at_all(db: deed.Client, label: str) -> None:
    batch = deed.Batch()
    batch.add_entity(label)
    batch.delete_entity(2**40)
    with pytest.raises(deed.NotFoundError) as caught:
        db.write(batch)
    assert caught.value.metadata["operation"] == "1"
    assert list(db.scan(label)) == []


def test_a_batch_refers_to_no_other_batch(db: deed.Client) -> None:
    stranger = deed.Batch().add_entity()
    with pytest.raises(deed.InvalidArgumentError) as caught:
        deed.Batch().add_edge(stranger, 1, "R")
    assert caught.value.field == "start"


def test_neighbours(db: deed.Client, label: str) -> None:
    a, b, c = (db.add_entity(label) for _ in range(3))
    ab = db.add_edge(a, b, "X", {"w": 1})
    ab2 = db.add_edge(a, b, "X")
    ca = db.add_edge(c, a, "Y")
    aa = db.add_edge(a, a, "X")

    out = db.neighbours(a, "X")
    assert sorted(out.nodes) == sorted([a, b, b])
    assert len(out) == 3
    assert {n.edge for n in out} == {ab, ab2, aa}
    assert all(n.outgoing and n.type == "X" and n.properties is None for n in out)
    assert db.neighbours(a, ["Y"]).nodes == []
    assert db.neighbours(a, "NEVER_USED").nodes == []
    both = db.neighbours(a, direction="both", edge_properties=True)
    assert sorted(both.edges) == sorted([ab, ab2, ca, aa])
    assert {n.edge: n.properties for n in both}[ab] == {"w": 1}
    incoming = db.neighbours(a, direction=deed.Direction.IN)
    assert sorted(incoming.edges) == sorted([ca, aa])
    assert len(db.neighbours(a, direction="both", limit=2)) == 2
    assert out[0] == out[:1][0]


def test_traverse(db: deed.Client, label: str) -> None:
    # 0 -> 1 -> 2 -> 3 -> 0, and 0 -> 2.
    nodes = [db.add_entity(label, {"i": i}) for i in range(4)]
    for start, end in ((0, 1), (1, 2), (2, 3), (3, 0), (0, 2)):
        db.add_edge(nodes[start], nodes[end], "R")
    at = {id_: i for i, id_ in enumerate(nodes)}

    distinct = [(v.depth, at[v.node]) for v in db.traverse(nodes[0], "R", depth_max=3)]
    assert sorted(distinct) == [(1, 1), (1, 2), (2, 3)]
    first = next(iter(db.traverse(nodes[0], depth_min=0, depth_max=0)))
    assert first == deed.Visit(0, (nodes[0],), ())

    paths = list(db.traverse(nodes[0], "R", depth_min=2, depth_max=3, mode="paths"))
    walked = sorted([at[n] for n in visit.nodes] for visit in paths)
    assert walked == [[0, 1, 2], [0, 1, 2, 3], [0, 2, 3], [0, 2, 3, 0]]
    for visit in paths:
        assert len(visit.edges) == visit.depth
        for edge, (a, b) in zip(visit.edges, itertools.pairwise(visit.nodes), strict=True):
            assert (db.get_edge(edge).start, db.get_edge(edge).end) == (a, b)

    backwards = {at[v.node] for v in db.traverse(nodes[0], direction="in", depth_max=1)}
    assert backwards == {3}
    assert len(list(db.traverse(nodes[0], depth_max=3, limit=2))) == 2


def test_scan_filters_and_projects(db: deed.Client, label: str) -> None:
    for i in range(20):
        db.add_entity(label, {"i": i, "name": f"n{i}"} if i % 2 else {"i": i})
    everything = list(db.scan(label))
    assert [node["i"] for node in everything] == list(range(20))
    assert [n.id for n in everything] == sorted(n.id for n in everything)

    def found(*where: deed.Where) -> list[int]:
        return [node["i"] for node in db.scan(label, where=where)]

    assert found(("i", ">=", 18)) == [18, 19]
    assert found(("i", "<", 3), ("name", "exists")) == [1]
    assert found(("i", "<>", 0), ("i", "<=", 2.0)) == [1, 2]
    assert found(("name", "=", "n5")) == [5]
    assert found(("nothing", "=", 1)) == []

    assert {frozenset(n.properties) for n in db.scan(label, projection=["name"])} == {
        frozenset(),
        frozenset({"name"}),
    }
    assert all(n.properties == {} for n in db.scan(label, projection=()))


def test_a_scan_goes_on_from_a_token(db: deed.Client, label: str) -> None:
    batch = deed.Batch()
    for i in range(1000):
        batch.add_entity(label, {"i": i})
    ids = db.write(batch).ids

    seen: list[int] = []
    token: bytes | None = None
    while True:
        scan = db.scan(label, page_size=64, page_token=token, pages_max=3)
        seen += [node.id for node in scan]
        token = scan.page_token
        if scan.finished or token is None:
            break
        # Another client, and the graph changes in between: behind the token only.
        with deed.connect(db.address) as other:
            other.update_entity(seen[-1], {"seen": True})
    assert seen == ids

    # Left in the middle of a page, that page comes again: nothing is missed.
    with db.scan(label, page_size=100) as scan:
        for count, _node in enumerate(scan):
            if count == 250:
                break
        assert not scan.finished
        token = scan.page_token
    assert [n.id for n in db.scan(label, page_token=token)] == ids[200:]


def test_scan_pages(db: deed.Client, label: str) -> None:
    for _ in range(5):
        db.add_entity(label)
    pages = list(db.scan(label, page_size=2).pages())
    assert [len(page.nodes) for page in pages] == [2, 2, 1]
    assert pages[-1].page_token is None
    assert list(db.scan("NoSuchLabelAnywhere")) == []


def test_an_abandoned_stream_stops_the_server(db: deed.Client, label: str) -> None:
    batch = deed.Batch()
    for _ in range(20_000):
        batch.add_entity(label)
    db.write(batch)
    for _ in range(200):  # more than the server's streams at once
        scan = db.scan(label, page_size=10)
        next(scan)
        scan.close()
    walk = db.traverse(db.add_entity(), depth_min=0)
    next(walk)
    del walk
    assert db.stats().requests_active < 100


def test_pheromones(db: deed.Client) -> None:
    a, b = db.add_entity(), db.add_entity()
    edge = db.add_edge(a, b, "R")
    assert db.pheromones([a], [edge]).edges == [0.0]
    db.mark_followed([edge], weight=8.0)
    before = db.pheromones(edges=[edge]).edges[0]
    assert before > 0
    epoch = db.evaporate_pheromones()
    assert db.evaporate_pheromones(3) == epoch + 3
    assert 0 < db.pheromones(edges=[edge]).edges[0] < before


def test_stats_ping_check(db: deed.Client, label: str) -> None:
    before = db.stats()
    a = db.add_entity(label)
    db.add_edge(a, a, label)
    after = db.stats()
    assert after.entity_count - before.entity_count == 1
    assert after["edge_count"] - before["edge_count"] == 1
    assert after.labels[label] == 1
    assert after.types[label] == 1
    ping = db.ping()
    assert ping.version
    assert 0 < ping.seconds < 30
    report = db.check()
    assert (report.faults, report.messages) == (0, [])
    assert report.nodes == after.entity_count
    assert db.checkpoint() >= after.visible


def test_many_threads_share_a_client(db: deed.Client, label: str) -> None:
    hub = db.add_entity(label)

    def work(number: int) -> list[int]:
        made = []
        for i in range(50):
            node = db.add_entity(label, {"n": number, "i": i})
            db.add_edge(hub, node, "HAS")
            assert db.get_entity(node)["i"] == i
            made.append(node)
        return made

    with ThreadPoolExecutor(8) as pool:
        made = [node for part in pool.map(work, range(8)) for node in part]
    assert sorted(db.neighbours(hub).nodes) == sorted(made)
    counts = collections.Counter(node.get("n") for node in db.scan(label))
    assert all(counts[n] == 50 for n in range(8))


def test_everything_is_there_after_a_restart(start_server: Callable[..., RunningServer]) -> None:
    server = start_server()
    with deed.connect(server.address) as db:
        a = db.add_entity("User", {"name": "Alice", "v": deed.Vector([1, 2])})
        edge = db.add_edge(a, a, "SELF", {"since": 2})
        scan = db.scan("User", page_size=1, pages_max=1)
        b = db.add_entity("User")
        list(scan)
        server.kill()
        server = server.again()
        assert found_again(db).get_entity(a)["v"] == deed.Vector([1, 2])
        assert db.get_edge(edge)["since"] == 2
        # A page token holds after a restart, too.
        assert [n.id for n in db.scan("User", page_token=scan.page_token)] == [b]
        server.stop()
