#!/usr/bin/env python3
"""./dev bench core: every figure beside its limit, measured in the same run.

Runs each section in a process of its own, watches how much CPU *others* used meanwhile, repeats a
section when that was more than 10 %, then flags it. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from core_services import SERVICE_SECTIONS  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
OTHERS_PERCENT_MAX = 10.0
TRIES = 3


def busy_seconds() -> float:
    """CPU seconds that all processes together have used since boot (idle and stolen time apart)."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _idle, _iowait, irq, softirq, steal = (int(f) for f in fields[:8])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def own_seconds() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def watched(run) -> tuple[list[dict], float]:
    """The figures of `run()`, and the share of the machine (in percent of all cores) others used."""
    wall, busy, own = time.monotonic(), busy_seconds(), own_seconds()
    figures = run()
    wall, busy, own = time.monotonic() - wall, busy_seconds() - busy, own_seconds() - own
    return figures, max(0.0, 100.0 * (busy - own) / (wall * (os.cpu_count() or 1)))


def run_native(section: str, quick: bool) -> list[dict]:
    command = [str(ROOT / "build/release/deed-bench-core"), section] + (["--quick"] if quick else [])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench: section {section} failed ({done.returncode}):\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def judge(figure: dict, others: float) -> dict:
    """Adds ratio and verdict. Bounds apply to the ratio where there is a limit, else to the value."""
    limit = figure["limit"]
    ratio = figure["value"] / limit if limit else None
    judged = ratio if ratio is not None else figure["value"]

    def reached(bound: float) -> bool:
        return judged <= bound if figure["smaller_is_better"] else judged >= bound

    met = "none"
    if figure["reach"]:
        met = "stretch" if reached(figure["stretch"]) else "reach" if reached(figure["reach"]) else "missed"
    return {"figure": figure["figure"], "value": figure["value"], "unit": figure["unit"], "limit": limit or None,
            "ratio": ratio, "reach": figure["reach"] or None, "stretch": figure["stretch"] or None, "met": met,
            "others_cpu_percent": round(others, 1), "note": figure.get("note", "")}


def number(value: float | None) -> str:
    if value is None:
        return "-"
    magnitude = abs(value)
    if magnitude >= 1e6:
        return f"{value / 1e6:.2f} M"
    if magnitude >= 1e4:
        return f"{value / 1e3:.1f} k"
    return f"{value:.3g}" if magnitude < 100 else f"{value:.0f}"


def print_row(row: dict) -> None:
    flag = "" if row["others_cpu_percent"] <= OTHERS_PERCENT_MAX else "  (others were busy)"
    print(f"{row['figure']:<52} {number(row['value']):>9} {row['unit']:<12} limit {number(row['limit']):>9} "
          f"ratio {number(row['ratio']):>6} reach {number(row['reach']):>7} stretch {number(row['stretch']):>7} "
          f"{row['met']:<7} others {row['others_cpu_percent']:>4.1f} %{flag}", flush=True)


def machine() -> dict:
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True,
                            text=True, check=False).stdout.strip()
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(), "commit": commit,
            "date": time.strftime("%Y-%m-%d")}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench core", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller data; ends in 40 s")
    parser.add_argument("--json", metavar="FILE", help="also write the figures to FILE")
    parser.add_argument("--only", metavar="SECTION", action="append", help="only this section; may be repeated")
    options = parser.parse_args()
    native = subprocess.run([str(ROOT / "build/release/deed-bench-core"), "list"], capture_output=True,
                            text=True, check=True).stdout.split()
    sections = [(name, lambda name=name: run_native(name, options.quick)) for name in native]
    sections += [(name, lambda run=run: run(ROOT, options.quick)) for name, run in SERVICE_SECTIONS]
    unknown = set(options.only or []) - {name for name, _ in sections}
    if unknown:
        parser.error(f"no such section: {', '.join(sorted(unknown))}; there are: "
                     f"{', '.join(name for name, _ in sections)}")
    print(json.dumps(machine()), flush=True)
    rows = []
    for name, run in sections:
        if options.only and name not in options.only:
            continue
        figures, others = watched(run)
        for _ in range(0 if options.quick else TRIES - 1):
            if others <= OTHERS_PERCENT_MAX:
                break
            again, others_again = watched(run)
            if others_again < others:
                figures, others = again, others_again
        for figure in figures:
            rows.append(judge(figure, others))
            print_row(rows[-1])
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
