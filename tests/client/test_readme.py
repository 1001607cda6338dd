"""The examples of the pages work when they are pasted."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from running_server import RunningServer

ROOT = Path(__file__).resolve().parents[2]


def examples(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page.read_text(), re.M | re.S)


@pytest.mark.parametrize("page", ["client/python/README.md", "README.md"])
def test_examples(start_server: Callable[..., RunningServer], page: str, tmp_path: Path) -> None:
    blocks = examples(ROOT / page)
    assert blocks
    server = start_server()
    # One session, as a reader would paste them one after the other.
    program = "\n".join(blocks).replace("127.0.0.1:7687", server.address)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
