"""The part of the build that pyproject.toml cannot say: Python code is made from proto/.

The protocol's files lie in the repository's proto/ folder, outside of this one; a source
distribution carries a copy of them, so that it builds without the repository. Nothing is
written into the source tree except by an editable install, which runs from it.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

from setuptools import Command, setup
from setuptools.command.build import build
from setuptools.command.build_py import build_py
from setuptools.command.egg_info import egg_info
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent


def proto_root() -> Path:
    """The folder below which deed/v1/*.proto lie: our own copy first, then the repository's."""
    for root in (HERE / "proto", HERE.parent.parent / "proto"):
        if any((root / "deed" / "v1").glob("*.proto")):
            return root
    raise SystemExit(
        f"deed: no deed/v1/*.proto in {HERE / 'proto'} nor in {HERE.parent.parent / 'proto'}; "
        "build from a whole checkout of the repository or from a source distribution"
    )


def generate(package_root: Path) -> None:
    """Writes deed/v1/*_pb2.py and their type stubs below `package_root`."""
    import grpc_tools
    from grpc_tools import protoc

    root = proto_root()
    sources = sorted(str(path) for path in (root / "deed" / "v1").glob("*.proto"))
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    target = package_root / "deed" / "v1"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    status = protoc.main(
        [
            "protoc",
            f"--proto_path={root}",
            f"--proto_path={well_known}",
            f"--python_out={package_root}",
            f"--pyi_out={package_root}",
            *sources,
        ]
    )
    if status != 0:
        raise SystemExit(f"deed: protoc failed with status {status} on {', '.join(sources)}")
    (target / "__init__.py").write_text(
        '"""The protocol as generated code; the classes of `deed` are the friendlier way in."""\n'
    )


def scratch_folder() -> str:
    """A folder that goes away with the build, so that a checkout stays as it was."""
    folder = tempfile.mkdtemp(prefix="deed-build-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


class BuildElsewhere(build):
    def initialize_options(self) -> None:
        super().initialize_options()
        self.build_base = scratch_folder()


class EggInfoElsewhere(egg_info):
    def initialize_options(self) -> None:
        super().initialize_options()
        self.egg_base = scratch_folder()


class BuildWithStubs(build_py):
    def run(self) -> None:
        super().run()
        generate(HERE / "src" if self.editable_mode else Path(self.build_lib))


class SdistWithProtos(sdist):
    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        super().make_release_tree(base_dir, files)
        target = Path(base_dir) / "proto" / "deed" / "v1"
        target.mkdir(parents=True, exist_ok=True)
        for source in (proto_root() / "deed" / "v1").glob("*.proto"):
            shutil.copy(source, target)


COMMANDS: dict[str, type[Command]] = {
    "build": BuildElsewhere,
    "build_py": BuildWithStubs,
    "egg_info": EggInfoElsewhere,
    "sdist": SdistWithProtos,
}

setup(cmdclass=COMMANDS)
