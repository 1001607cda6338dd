"""Types and style of the client and of these tests; ./dev lint runs this file alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "client" / "python" / "pyproject.toml"
CHECKED = ["client/python", "tests/client"]


def run(*command: str, **environment: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    run("ruff", "check", "--no-cache", "--config", str(CONFIG), *CHECKED)


def test_files_are_formatted() -> None:
    run("ruff", "format", "--check", "--no-cache", "--config", str(CONFIG), *CHECKED)


def test_mypy_is_strict_and_content() -> None:
    # Types come from the installed package, which has the generated code; the sources do not.
    run(
        "mypy",
        "--config-file",
        str(CONFIG),
        "--cache-dir",
        str(ROOT / "build" / "mypy"),
        "-p",
        "deed",
        "-p",
        "deed_core",
    )
    run(
        "mypy",
        "--config-file",
        str(CONFIG),
        "--cache-dir",
        str(ROOT / "build" / "mypy"),
        "tests/client",
        MYPYPATH="tests/client",
    )


def test_a_users_mistake_is_seen_by_mypy(tmp_path: Path) -> None:
    """py.typed is installed: a stranger's program is checked against our types."""
    program = tmp_path / "program.py"
    program.write_text("import deed\n\ndeed.connect().add_entity('A').nonsense\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(program)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'program.py:3: error: "int" has no attribute "nonsense"' in done.stdout
