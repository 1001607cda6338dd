"""The package is built from proto/, from a checkout and from a source distribution."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def copy_of_the_checkout(target: Path) -> Path:
    """The files that a clean clone would have, as far as the package needs them."""
    ignore = shutil.ignore_patterns("v1", "__pycache__", "build", "*.egg-info")
    shutil.copytree(ROOT / "client" / "python", target / "client" / "python", ignore=ignore)
    shutil.copytree(ROOT / "proto", target / "proto")
    return target / "client" / "python"


def listing(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_sdist_and_wheel_hold_what_they_need(tmp_path: Path) -> None:
    package = copy_of_the_checkout(tmp_path)
    before = listing(tmp_path)
    out = tmp_path / "dist"
    subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(out), str(package)],
        check=True,
        capture_output=True,
        timeout=250,
    )
    assert {path for path in listing(tmp_path) if not path.startswith("dist")} == before

    (sdist,) = out.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"proto/deed/v1/graph.proto", "src/deed/py.typed", "setup.py"} <= names
    assert not any(name.endswith("_pb2.py") for name in names)

    # `build` makes the wheel from the source distribution, far from the repository.
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {
        "deed/v1/graph_pb2.py",
        "deed/v1/graph_pb2.pyi",
        "deed/v1/value_pb2.py",
        "deed/v1/admin_pb2.py",
        "deed/v1/__init__.py",
        "deed/py.typed",
        "deed/aio.py",
        "deed_core/__init__.py",
        "deed_core/py.typed",
    } <= names


def test_generated_code_is_not_in_the_repository() -> None:
    if not (ROOT / ".git").exists():
        return
    done = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "client/python"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not [name for name in done.stdout.split() if "_pb2" in name]
