"""The sections of `./dev bench core` that need whole processes: gRPC, import, start after a kill."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path


def figure(name: str, value: float, unit: str, *, limit: float = 0, reach: float = 0, stretch: float = 0,
           smaller: bool = False, note: str = "") -> dict:
    return {"figure": name, "value": value, "unit": unit, "limit": limit, "reach": reach, "stretch": stretch,
            "smaller_is_better": smaller, "note": note}


@contextmanager
def server(root: Path, data: Path):
    """A release deed-server on a free port: yields (process, address, seconds until it answered)."""
    started = time.monotonic()
    process = subprocess.Popen(
        [str(root / "build/release/deed-server"), "--data-dir", str(data), "--listen", "127.0.0.1:0",
         "--insecure-no-auth", "--log-level", "warn"], stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        address = re.search(r"[\d.]+:\d+", line)
        if address is None:
            raise SystemExit(f"bench: deed-server did not start: {line!r}")
        yield process, address.group(), time.monotonic() - started
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def load(root: Path, address: str, pid: int, call: str, ids: int, seconds: float, *extra: str) -> dict:
    done = subprocess.run(
        [str(root / "build/release/deed-grpc-load"), "--server", address, "--server-pid", str(pid), "--call", call,
         "--ids", str(ids), "--seconds", str(seconds), *extra], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench: deed-grpc-load --call {call} failed: {done.stderr}")
    return json.loads(done.stdout)


@contextmanager
def scratch(root: Path):
    folder = Path(tempfile.mkdtemp(prefix="deed-bench-", dir=root / "build"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def generate(root: Path, folder: Path, nodes: int, edges: int, properties: bool) -> Path:
    out = folder / f"csv-{nodes}-{edges}-{int(properties)}"
    if not out.exists():
        subprocess.run([str(root / "build/release/deed-generate"), "--nodes", str(nodes), "--edges", str(edges),
                        "--seed", "7", "--out", str(out)] + (["--properties"] if properties else []), check=True,
                       stdout=subprocess.DEVNULL)
    return out


def import_csv(root: Path, csv: Path, data: Path) -> float:
    started = time.monotonic()
    done = subprocess.run([str(root / "build/release/deed"), "import", "--data-dir", str(data),
                           f"--nodes={csv / 'nodes.csv'}", f"--relationships={csv / 'edges.csv'}"],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench: deed import failed: {done.stderr}")
    return time.monotonic() - started


def parse_limit(csv: Path) -> float:
    """Edges a second of a program that only reads the same bytes and counts the lines (wc -l)."""
    path = csv / "edges.csv"
    started = time.monotonic()
    lines = int(subprocess.run(["wc", "-l", str(path)], capture_output=True, text=True, check=True).stdout.split()[0])
    return lines / (time.monotonic() - started)


def grpc(root: Path, quick: bool) -> list[dict]:
    nodes, seconds = (20_000, 1.5) if quick else (1_000_000, 5)
    with scratch(root) as folder:
        csv = generate(root, folder, nodes, nodes, True)
        import_csv(root, csv, folder / "data")
        with server(root, folder / "data") as (process, address, _):
            run = lambda call, *extra: load(root, address, process.pid, call, nodes, seconds, *extra)  # noqa: E731
            run("get")  # warm-up
            null, get, batch = run("ping"), run("get"), run("batch", "--in-flight", "8")
            eight = run("get", "--in-flight", "8")
            half = run("get", "--rate", str(get["per_second"] / 2), "--in-flight", "256")
    return [
        figure("grpc: unary look-up, server CPU per call", get["server_cpu_us_per_call"], "us", reach=20, stretch=14,
               smaller=True, note=f"a null call in the same run: {null['server_cpu_us_per_call']:.1f} us"),
        figure("grpc: unary look-up, server CPU per call, 8 in flight", eight["server_cpu_us_per_call"], "us",
               reach=20, stretch=14, smaller=True,
               note=f"{eight['per_second']:.0f} calls/s, p99 {eight['p99_us']:.0f} us"),
        figure("grpc: unary look-ups, 64 in flight", get["per_second"], "calls/s", limit=null["per_second"],
               note="limit: null calls"),
        figure("grpc: look-ups in batches of 64", batch["per_second"] * 64, "ids/s", reach=1e6, stretch=3e6),
        figure("grpc: unary look-up at half load, p99", half["p99_us"] / 1000, "ms", reach=1, stretch=0.5,
               smaller=True, note=f"p50 {half['p50_us']:.0f} us at {half['per_second']:.0f} calls/s on a schedule, client and "
                    "server on the same two cores"),
    ]


def imports(root: Path, quick: bool) -> list[dict]:
    nodes, edges = (50_000, 500_000) if quick else (1_000_000, 10_000_000)
    figures = []
    with scratch(root) as folder:
        csv = generate(root, folder, nodes, edges, True)
        seconds = import_csv(root, csv, folder / "data")
        rate = edges / seconds
        figures.append(figure("import: edges with properties", rate, "edges/s", reach=2e6, stretch=5e6,
                              note=f"{nodes} nodes too; counting lines alone: {parse_limit(csv):.3g} edges/s"))
        figures += restart(root, folder, edges, rate)
    return figures


def restart(root: Path, folder: Path, edges: int, import_rate: float) -> list[dict]:
    """Kills a server over the imported graph, then over the same graph lying in the log."""
    with server(root, folder / "data") as (process, _, _):
        process.kill()
        process.wait()
    with server(root, folder / "data") as (process, address, started):
        load(root, address, process.pid, "get", 1, 0.1, "--in-flight", "1")
        base = started
    done = subprocess.run([str(root / "build/release/deed-bench-core"), "fill-log", str(folder / "log-data"),
                           str(min(edges, 2_000_000))], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench: filling a log failed: {done.stderr}")
    replayed = json.loads(done.stdout)
    return [
        figure("restart: kill -9 to the first answered read", base, "s", reach=2, stretch=1, smaller=True,
               note=f"{edges} edges in base rows"),
        figure("restart: log replay", replayed["edges_per_second"], "edges/s", limit=import_rate, reach=0.5, stretch=1,
               note="limit: the import rate of the same run"),
    ]


SERVICE_SECTIONS = [("grpc", grpc), ("import", imports)]
