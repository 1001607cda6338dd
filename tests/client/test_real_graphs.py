"""Real graphs, imported, then asked over gRPC; the answers are compared with plain Python over the
same files. The files lie in the folder that DEED_SHARED names, or in ../shared beside the checkout.
"""

from __future__ import annotations

import collections
import csv
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import deed
import pytest
from running_server import ROOT, RunningServer

SEED = int(os.environ.get("DEED_SEED", "20240229"))
SAMPLE = 150


def shared_data() -> Path | None:
    named = os.environ.get("DEED_SHARED", "")
    folder = Path(named) if named else ROOT.parent / "shared"
    return folder / "data" if (folder / "data").is_dir() else None


DATA = shared_data()
if DATA is None:
    print("skipped: no shared folder")
    pytest.skip("skipped: no shared folder", allow_module_level=True)


class Expected(NamedTuple):
    """A graph as the files say: ids as written, edges as (start, end) with repetitions."""

    nodes: list[str]
    edges: list[tuple[str, str]]

    def neighbours(self, *, outgoing: bool) -> dict[str, list[str]]:
        lists = collections.defaultdict(list)
        for start, end in self.edges:
            if outgoing:
                lists[start].append(end)
            else:
                lists[end].append(start)
        return lists


def rows(path: Path, *, delimiter: str = ",", header: bool = False) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))[1 if header else 0 :]


def run_import(cli: Path, data_dir: Path, *flags: str) -> None:
    done = subprocess.run(
        [str(cli), "import", "--data-dir", str(data_dir), *flags],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr


class Imported(NamedTuple):
    db: deed.Client
    expected: Expected
    type: str
    ids: dict[str, int]  # id as written -> id in the graph


def serve(
    server_binary: Path, data_dir: Path, label: str, type_: str, expected: Expected
) -> Iterator[Imported]:
    server = RunningServer(server_binary, data_dir)
    with deed.connect(server.address) as db:
        ids = {str(node["id"]): node.id for node in db.scan(label)}
        yield Imported(db, expected, type_, ids)
    assert server.stop() == 0


@pytest.fixture(scope="module")
def wiki_vote(
    cli: Path, server_binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Imported]:
    assert DATA is not None
    files = DATA / "wiki-Vote"
    data_dir = tmp_path_factory.mktemp("wiki") / "data"
    run_import(
        cli,
        data_dir,
        "--no-header",
        f"--nodes=User={files / 'nodes.csv'}",
        f"--relationships=VOTED_FOR={files / 'edges.csv'}",
    )
    expected = Expected(
        [row[0] for row in rows(files / "nodes.csv")],
        [(row[0], row[1]) for row in rows(files / "edges.csv")],
    )
    yield from serve(server_binary, data_dir, "User", "VOTED_FOR", expected)


@pytest.fixture(scope="module")
def bitcoin(
    cli: Path, server_binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Imported]:
    assert DATA is not None
    files = DATA / "bitcoin-otc"
    data_dir = tmp_path_factory.mktemp("bitcoin") / "data"
    run_import(
        cli,
        data_dir,
        "--no-header",
        f"--nodes=User={files / 'nodes.csv'}",
        f"--relationships=TRUSTS={files / 'edges.csv'}",
    )
    expected = Expected(
        [row[0] for row in rows(files / "nodes.csv")],
        [(row[0], row[1]) for row in rows(files / "edges.csv")],
    )
    yield from serve(server_binary, data_dir, "User", "TRUSTS", expected)


@pytest.fixture(params=["wiki_vote", "bitcoin"])
def graph(request: pytest.FixtureRequest) -> Imported:
    imported: Imported = request.getfixturevalue(request.param)
    return imported


def sample(graph: Imported) -> list[str]:
    """The nodes with the longest lists, and some at random."""
    print(f"seed {SEED}")
    degrees = collections.Counter(start for start, _ in graph.expected.edges)
    largest = [node for node, _ in degrees.most_common(10)]
    return largest + random.Random(SEED).sample(graph.expected.nodes, SAMPLE)


def test_counts(graph: Imported) -> None:
    stats = graph.db.stats()
    assert stats.entity_count == len(graph.expected.nodes) == len(graph.ids)
    assert stats.edge_count == len(graph.expected.edges) == stats.types[graph.type]
    assert stats.labels == {"User": len(graph.expected.nodes)}
    assert set(graph.ids) == set(graph.expected.nodes)


def test_degrees(graph: Imported) -> None:
    name_of = {id_: name for name, id_ in graph.ids.items()}
    for outgoing, direction in ((True, "out"), (False, "in")):
        expected = graph.expected.neighbours(outgoing=outgoing)
        for node in sample(graph):
            found = graph.db.neighbours(graph.ids[node], graph.type, direction)
            assert sorted(name_of[id_] for id_ in found.nodes) == sorted(expected[node]), node


def test_two_hops(graph: Imported) -> None:
    out = graph.expected.neighbours(outgoing=True)
    for node in sample(graph):
        first = set(out[node]) - {node}
        second = {far for near in first for far in out[near]} - first - {node}
        visits = list(graph.db.traverse(graph.ids[node], graph.type, depth_max=2))
        assert collections.Counter(visit.depth for visit in visits) == collections.Counter(
            {depth: len(nodes) for depth, nodes in ((1, first), (2, second)) if nodes}
        ), node


def test_two_hop_paths(graph: Imported) -> None:
    out = graph.expected.neighbours(outgoing=True)
    for node in sample(graph)[10:40]:
        # Two relationships that differ: only a self-loop followed twice is no path.
        loops = out[node].count(node)
        expected = sum(len(out[near]) for near in out[node]) - loops
        walk = graph.db.traverse(
            graph.ids[node], graph.type, depth_min=2, depth_max=2, mode="paths"
        )
        assert sum(1 for _ in walk) == expected, node


def test_properties_of_relationships(bitcoin: Imported) -> None:
    assert DATA is not None
    expected = collections.Counter(
        (row[0], row[1], int(row[2])) for row in rows(DATA / "bitcoin-otc" / "edges.csv")
    )
    name_of = {id_: name for name, id_ in bitcoin.ids.items()}
    found: collections.Counter[tuple[str, str, int]] = collections.Counter()
    for node in bitcoin.ids.values():
        for each in bitcoin.db.neighbours(node, edge_properties=True):
            assert each.properties is not None
            found[name_of[node], name_of[each.node], int(each.properties["property1"])] += 1
    assert found == expected


NODES = ["City", "Comment", "Company", "Continent", "Country", "Forum", "Person", "Post", "Tag"]
NODES += ["TagClass", "University"]


def relationship_files(files: Path) -> Iterator[tuple[Path, str, str, str]]:
    """(file, start label, type, end label), from the files' names."""
    for path in sorted(files.glob("*_*_*.csv")):
        start, verb, end = path.stem.split("_")
        type_ = "".join("_" + c if c.isupper() else c.upper() for c in verb)
        yield path, start, type_.replace("__", "_"), end


@pytest.fixture(scope="module")
def social_network(
    cli: Path, server_binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[deed.Client]:
    assert DATA is not None
    files = DATA / "lsqb-sf0.003"
    data_dir = tmp_path_factory.mktemp("lsqb") / "data"
    run_import(
        cli,
        data_dir,
        "--delimiter=|",
        *(f"--nodes={label}={files / label}.csv" for label in NODES),
        *(f"--relationships={type_}={path}" for path, _, type_, _ in relationship_files(files)),
    )
    server = RunningServer(server_binary, data_dir)
    with deed.connect(server.address) as db:
        yield db
    assert server.stop() == 0


def test_social_network_counts(social_network: deed.Client) -> None:
    assert DATA is not None
    files = DATA / "lsqb-sf0.003"
    stats = social_network.stats()
    labels = {label: len(rows(files / f"{label}.csv", header=True)) for label in NODES}
    assert stats.labels == labels
    types: collections.Counter[str] = collections.Counter()
    for path, _, type_, _ in relationship_files(files):
        types[type_] += len(rows(path, header=True))
    assert stats.types == dict(types)
    assert stats.entity_count == sum(labels.values())
    assert stats.edge_count == sum(types.values())
    assert social_network.check().faults == 0


def test_social_network_relationships(social_network: deed.Client) -> None:
    """Every relationship of four kinds, by the ids in the files."""
    assert DATA is not None
    files = DATA / "lsqb-sf0.003"
    names: dict[str, dict[int, str]] = {
        label: {node.id: str(node["id"]) for node in social_network.scan(label)} for label in NODES
    }
    for path, start, type_, end in relationship_files(files):
        if path.stem not in (
            "Person_knows_Person",
            "Comment_replyOf_Post",
            "Forum_hasMember_Person",
            "City_isPartOf_Country",
        ):
            continue
        expected = collections.Counter(
            (row[0], row[1]) for row in rows(path, delimiter="|", header=True)
        )
        found: collections.Counter[tuple[str, str]] = collections.Counter()
        for node, name in names[start].items():
            for other in social_network.neighbours(node, type_).nodes:
                if other in names[end]:
                    found[name, names[end][other]] += 1
        assert found == expected, path.stem


def test_friends_of_friends(social_network: deed.Client) -> None:
    assert DATA is not None
    path = DATA / "lsqb-sf0.003" / "Person_knows_Person.csv"
    knows = collections.defaultdict(set)
    for start, end in rows(path, delimiter="|", header=True):
        knows[start].add(end)
        knows[end].add(start)
    for person in social_network.scan("Person"):
        me = str(person["id"])
        friends = knows[me] - {me}
        far = {other for friend in friends for other in knows[friend]} - friends - {me}
        found = collections.Counter(
            visit.depth for visit in social_network.traverse(person, "KNOWS", "both", depth_max=2)
        )
        assert (found[1], found[2]) == (len(friends), len(far))
