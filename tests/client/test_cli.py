"""The `deed` command, as a shell sees it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import deed
import pytest
from running_server import RunningServer


def run(cli: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(cli), *arguments], capture_output=True, text=True, check=False, timeout=120
    )


def test_help_names_every_command(cli: Path) -> None:
    top = run(cli, "--help")
    assert top.returncode == 0
    for command in ("ping", "stats", "check", "recover", "import"):
        assert re.search(rf"^\s+{command}\s+\w", top.stdout, re.M), command
        of_its_own = run(cli, command, "--help")
        assert of_its_own.returncode == 0
        assert f"deed {command}" in of_its_own.stdout
        assert "--" in of_its_own.stdout
    assert run(cli, "--version").stdout.startswith("deed 0.")
    nothing = run(cli)
    assert nothing.returncode == 64
    assert "ping" in nothing.stdout + nothing.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pnig"], "there is no command pnig; did you mean ping?"),
        (["ping", "--sever", "x"], "unknown flag --sever; did you mean --server?"),
        (["ping", "--tiemout=3"], "unknown flag --tiemout; did you mean --timeout?"),
        (["ping", "extra"], "unknown argument extra"),
        (["--verbos"], "unknown flag --verbos"),
        (["ping", "--timeout", "soon"], "deed ping: "),
        (["import", "--data-dir", "d", "Person=a.csv"], "unknown argument Person=a.csv"),
        (["check"], "--data-dir"),
        (["check", "--data-dir", "/no/such/folder"], "deed check: --data-dir: "),
        (["recover", "--data-dir", "."], "--accept-data-loss"),
    ],
)
def test_wrong_usage_is_told(cli: Path, arguments: list[str], said: str) -> None:
    done = run(cli, *arguments)
    assert done.returncode == 64
    assert said in done.stderr
    assert done.stdout == ""


def test_ping(cli: Path, server: RunningServer) -> None:
    done = run(cli, "ping", "--server", server.address)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(
        rf"{re.escape(server.address)} serves, deed-server \S+, answered in \d+\.\d+ ms\n",
        done.stdout,
    )


def test_ping_where_nobody_is(cli: Path) -> None:
    done = run(cli, "ping", "--server", "127.0.0.1:1")
    assert done.returncode == 1
    assert "nothing answers at 127.0.0.1:1" in done.stderr
    assert "Connection refused" in done.stderr
    bad = run(cli, "ping", "--server", "http://x")
    assert bad.returncode == 1
    assert "HOST:PORT" in bad.stderr


def test_stats(cli: Path, db: deed.Client, label: str) -> None:
    db.add_entity(label)
    done = run(cli, "stats", "--server", db.address, "--json")
    assert done.returncode == 0, done.stderr
    stats = json.loads(done.stdout)
    assert stats["labels"][label] == 1
    assert stats["entity_count"] == db.stats().entity_count
    text = run(cli, "stats", "--server", db.address)
    assert re.search(rf"^  label {label} +1$", text.stdout, re.M)


def test_check(cli: Path, start_server: Callable[..., RunningServer]) -> None:
    server = start_server()
    with deed.connect(server.address) as db:
        a = db.add_entity("User")
        db.add_edge(a, db.add_entity("User"), "KNOWS")
    online = run(cli, "check", "--server", server.address)
    assert online.returncode == 0, online.stderr
    assert "nodes=2 relationships=1 faults=0" in online.stdout

    in_use = run(cli, "check", "--data-dir", str(server.data))
    assert in_use.returncode == 1
    assert "--server" in in_use.stderr
    assert str(server.process.pid) in in_use.stderr

    assert server.stop() == 0
    offline = run(cli, "check", "--data-dir", str(server.data))
    assert offline.returncode == 0, offline.stderr
    assert "nodes=2 relationships=1 faults=0" in offline.stdout


def test_check_of_a_directory_without_a_store(cli: Path, tmp_path: Path) -> None:
    done = run(cli, "check", "--data-dir", str(tmp_path))
    assert done.returncode == 1
    assert str(tmp_path) in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_check_and_recover_of_a_damaged_store(
    cli: Path, start_server: Callable[..., RunningServer]
) -> None:
    server = start_server()
    with deed.connect(server.address) as db:
        for round_ in range(4):
            db.ingest([("User", {"text": f"{round_}-{i}" * 20}) for i in range(5_000)])
            db.checkpoint()
    assert server.stop() == 0
    tables = sorted(server.data.rglob("*.sst"), key=lambda path: path.stat().st_size)
    assert tables, "a checkpoint writes tables"
    damaged = bytearray(tables[-1].read_bytes())
    for at in range(len(damaged) // 4, len(damaged) // 4 + 2_000):
        damaged[at] ^= 0xFF
    tables[-1].write_bytes(damaged)

    found = run(cli, "check", "--data-dir", str(server.data))
    assert found.returncode == 2, found.stdout + found.stderr
    assert ".sst" in found.stdout + found.stderr

    refused = run(cli, "recover", "--data-dir", str(server.data))
    assert refused.returncode == 64
