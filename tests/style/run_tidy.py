#!/usr/bin/env python3
"""Runs clang-tidy over the sources of a build's compile_commands.json, two at a time.

A file whose content, configuration and project headers are unchanged since it last passed is skipped.
Usage: run_tidy.py BUILD_DIR
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def fingerprint(source: Path, headers: bytes) -> str:
    return hashlib.sha256(source.read_bytes() + headers + (ROOT / ".clang-tidy").read_bytes()).hexdigest()


def check(build: Path, source: Path) -> tuple[Path, int, str]:
    # clang does not know all of gcc's warnings; what gcc alone warns of is not clang-tidy's to say.
    done = subprocess.run(["clang-tidy", "-p", str(build), "--quiet", "--extra-arg=-Wno-everything",
                           str(source)], capture_output=True, text=True, check=False)
    return source, done.returncode, done.stdout


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    entries = json.loads((build / "compile_commands.json").read_text())
    sources = sorted({Path(e["file"]) for e in entries
                      if Path(e["file"]).is_relative_to(ROOT)
                      and not Path(e["file"]).is_relative_to(ROOT / "build")})
    headers = b"".join(p.read_bytes() for p in sorted(ROOT.glob("engine/**/*.h")))
    cache_file = build / "tidy_passed.json"
    passed = set(json.loads(cache_file.read_text())) if cache_file.exists() else set()
    todo = [s for s in sources if fingerprint(s, headers) not in passed]
    failed = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for source, status, output in pool.map(lambda s: check(build, s), todo):
            if status == 0:
                passed.add(fingerprint(source, headers))
            else:
                failed += 1
                print(output)
    cache_file.write_text(json.dumps(sorted(passed)))
    print(f"clang-tidy: files={len(sources)} checked={len(todo)} failed={failed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
