#!/usr/bin/env python3
"""The house style as a test: prints `file:line: what, use instead` for each fault and exits 1.

Standard library only. Rules that need a compiler live elsewhere: headers that compile alone and link
tests in CMake, identifier naming in `./dev lint`.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 70
FOLDER_FILES_MAX = 30
COLUMNS_MAX = 100

# (pattern, where it may stand as path prefixes, what to use instead)
BANNED_INCLUDES = [
    (r"^rocksdb/", ("engine/storage", "tests/unit/storage", "tests/crash", "bench"),
     "the storage room's interfaces"),
    (r"^(grpc|grpcpp)/", ("server/grpc", "client/cli/remote", "tests/protocol", "tests/unit/server", "bench"),
     "the narrow headers of server/grpc"),
    (r"^(boost/asio|boost/beast)", ("server/", "tests/protocol"), "the server rooms"),
    (r"^google/protobuf|\.pb\.h$", ("server/grpc", "client/cli/remote", "tests/protocol", "tests/unit/server",
                                    "tests/fuzz", "bench"),
     "engine types"),
    (r"^jemalloc/", ("engine/api", "server/daemon", "bench"), "Stats"),
]
BANNED_WORDS = [
    (r"\batomic_thread_fence\b", "acquire/release on the variables; ThreadSanitizer models no fences"),
    (r"\bfriend class \w*Test\b", "a public function, or test through the interface"),
    (r"\b(TODO|FIXME|XXX|HACK)\b", "do it, or say in the README what is not there"),
    (r"\bGTEST_SKIP\b(?!.*<<)", "GTEST_SKIP() << the reason"),
    (r"\bDISABLED_", "a test that runs"),
]
BANNED_NAMES = re.compile(r"(^|[/_])(utils?|common|misc|helpers?)([_./]|$)|_v\d+\.")
HOSTS = re.compile(r"deb\.debian\.org|pypi\.org|registry\.npmjs|pythonhosted|repo1?\.maven|"
                   r"proxy\.golang|crates\.io")

faults: list[str] = []


def fault(path: Path, line: int, what: str) -> None:
    faults.append(f"{path.relative_to(ROOT)}:{line}: {what}")


def tracked_files() -> list[Path]:
    """Files that git tracks or would track; every file of the folder outside of a checkout."""
    try:
        listing = subprocess.run(
            ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others",
             "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
        names = listing.stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*")
                 if not p.is_relative_to(ROOT / "build") and ".git" not in p.parts]
    return sorted(ROOT / name for name in names if name and (ROOT / name).is_file())


def load_rooms() -> dict[str, set[str]]:
    rooms: dict[str, set[str]] = {}
    for line in (ROOT / "tests/style/rooms.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            room, _, allowed = line.partition(":")
            rooms[room.strip()] = set(allowed.split())
    return rooms


def room_of(path: str, rooms: dict[str, set[str]]) -> str | None:
    best = None
    for room in rooms:
        if path.startswith(room + "/") and (best is None or len(room) > len(best)):
            best = room
    return best


def check_include(path: Path, number: int, target: str, rooms: dict[str, set[str]]) -> None:
    relative = str(path.relative_to(ROOT))
    for pattern, places, instead in BANNED_INCLUDES:
        if re.search(pattern, target) and not relative.startswith(places):
            fault(path, number, f"includes {target}; only {', '.join(places)} may, use {instead}")
    if not target.startswith(("engine/", "server/", "client/", "bench/")):
        return
    if not (ROOT / target).exists():
        fault(path, number, f"includes {target}, which does not exist")
        return
    mine, theirs = room_of(relative, rooms), room_of(target, rooms)
    if mine is None or theirs is None:
        fault(path, number, f"the room of {relative if mine is None else target} is not in "
                            "tests/style/rooms.txt; add it there")
        return
    allowed = rooms[mine]
    if theirs != mine and not any(theirs == a or theirs.startswith(a + "/") and "/" not in a
                                  for a in allowed):
        fault(path, number, f"{mine} may not include {theirs}; the order is in tests/style/rooms.txt")
    if "/internal/" in target and theirs != mine:
        fault(path, number, f"{target} is internal to {theirs}; use its public headers")


def strip_cpp(text: str) -> str:
    """Blanks comments, strings and character literals; keeps line numbers."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^(\s]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'',
        re.S)
    digit_separator = re.compile(r"(?<=[0-9A-Fa-f])'(?=[0-9A-Fa-f])")
    text = digit_separator.sub("", text)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


FUNCTION_START = re.compile(r"\)\s*(const|noexcept|override|final|mutable|&&?|->[\w:<>,&*\s]+|requires[^{;]*|"
                            r":\s*[\w:]+[({][^;]*)*\s*$", re.S)


def check_functions(path: Path, text: str) -> None:
    """Every brace block that follows a parameter list is a function; its length is what counts."""
    code = strip_cpp(text)
    stack: list[tuple[int, bool]] = []
    head_start = 0
    line = 1
    for position, char in enumerate(code):
        if char == "\n":
            line += 1
        elif char == "{":
            head = code[head_start:position]
            is_function = bool(FUNCTION_START.search(head)) and not re.match(
                r"\s*(\}\s*)?(else\s+)?(if|for|while|switch|catch|namespace|class|struct|enum|union)\b", head)
            stack.append((line, is_function))
            head_start = position + 1
        elif char == "}":
            if stack:
                started, is_function = stack.pop()
                if is_function and line - started > FUNCTION_LINES_MAX:
                    fault(path, started, f"function of {line - started} lines; split it below "
                                         f"{FUNCTION_LINES_MAX}")
            head_start = position + 1
        elif char == ";":
            head_start = position + 1


def check_cpp(path: Path, rooms: dict[str, set[str]]) -> None:
    text = path.read_text(errors="replace")
    lines = text.splitlines()
    relative = str(path.relative_to(ROOT))
    if path.suffix == ".h" and "#pragma once" not in text:
        fault(path, 1, "no #pragma once")
    for number, line in enumerate(lines, 1):
        include = re.match(r'#include\s+[<"]([^>"]+)[>"]', line)
        if include:
            check_include(path, number, include.group(1), rooms)
        if len(line) > COLUMNS_MAX and not include:
            fault(path, number, f"{len(line)} columns; break the line at {COLUMNS_MAX}")
        if re.match(r"\s*//\s*(if|for|while|return|auto|int|const)\b.*[;{]\s*$", line):
            fault(path, number, "commented-out code; delete it, git remembers")
        if path.suffix == ".h" and re.match(r"\s*using namespace\b", line):
            fault(path, number, "using namespace in a header; name what is used")
    if relative.startswith(("engine/", "server/", "client/")):
        check_class_contracts(path, lines)
    check_functions(path, text)


def check_class_contracts(path: Path, lines: list[str]) -> None:
    """A class in a public header opens with a comment (rule 15)."""
    if path.suffix != ".h" or "internal" in path.parts:
        return
    for number, line in enumerate(lines, 1):
        if re.match(r"(class|struct) (alignas\(.*\) )?\w+(?!\w*;)", line) and number > 1 \
                and not re.match(r"(class|struct) \w+;", line):
            before = number - 2
            while before >= 0 and lines[before].startswith(("template", "    requires", "requires")):
                before -= 1
            if not lines[before].lstrip().startswith(("//", "*", "*/")) and line.startswith("class"):
                fault(path, number, "a public class without its contract; say purpose, thread safety, "
                                    "lifetime, invariants above it")


def check_python(path: Path) -> None:
    try:
        tree = ast.parse(path.read_text())
    except SyntaxError as error:
        fault(path, error.lineno or 1, f"does not parse: {error.msg}")
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                fault(path, node.lineno, f"function of {length} lines; split it below {FUNCTION_LINES_MAX}")


def check_text(path: Path) -> None:
    relative = str(path.relative_to(ROOT))
    text = path.read_text(errors="replace")
    this = relative.startswith("tests/style/")
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, instead in BANNED_WORDS:
            if not this and re.search(pattern, line):
                fault(path, number, f"{re.search(pattern, line).group()}; use instead: {instead}")
        if not this and HOSTS.search(line):
            fault(path, number, "names a package registry's host; use the client as it is set up")
        if not this and re.search(r"/work/(main|shared)|/root/\.|/tmp/deed", line):
            fault(path, number, "names a path of one machine; use a relative path or a flag")
    if path.suffix in {".h", ".cc", ".py"} and len(text.splitlines()) > FILE_LINES_MAX:
        fault(path, 1, f"{len(text.splitlines())} lines; split the file below {FILE_LINES_MAX}")


MARKDOWN_PATH = re.compile(r"`((?:engine|server|client|proto|config|docker|tests|bench|cmake)/[\w./{},*-]+)`")


def check_markdown(path: Path) -> None:
    """Every path of the project that a page names exists."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for name in MARKDOWN_PATH.findall(line):
            for one in expand_braces(name):
                found = any(ROOT.glob(one.rstrip("/"))) if "*" in one else (ROOT / one).exists()
                if not found and not (path.parent / one).exists():
                    fault(path, number, f"names {one}, which does not exist")
        for name in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", line):
            if not (path.parent / name).exists() and not (ROOT / name).exists():
                fault(path, number, f"links to {name}, which does not exist")


def expand_braces(name: str) -> list[str]:
    match = re.search(r"\{([^{}]*)\}", name)
    if not match:
        return [name]
    return [one for choice in match.group(1).split(",")
            for one in expand_braces(name[:match.start()] + choice + name[match.end():])]


def check_folders(files: list[Path], rooms: dict[str, set[str]]) -> None:
    counts: dict[Path, int] = {}
    for path in files:
        relative = str(path.relative_to(ROOT))
        if path.suffix in {".h", ".cc", ".py"}:
            counts[path.parent] = counts.get(path.parent, 0) + 1
        if path.suffix in {".h", ".cc"} and not re.fullmatch(r"[a-z0-9_]+", path.stem):
            fault(path, 1, "file name is not snake_case")
        if path.suffix in {".h", ".cc", ".py"} and BANNED_NAMES.search(relative):
            fault(path, 1, "a name that says nothing (utils, common, misc, helper) or a version; say what it is")
    for folder, count in counts.items():
        if count > FOLDER_FILES_MAX and folder.parts[len(ROOT.parts):][:1] != ("tests",) \
                and "corpus" not in folder.parts and "decisions" not in folder.parts:
            fault(folder, 1, f"{count} source files in one folder; make a sub-room at {FOLDER_FILES_MAX}")
    for room in rooms:
        folder = ROOT / room
        if folder.is_dir() and any(folder.glob("*.h")) and not (folder / "README.md").exists():
            fault(folder, 1, "a room without README.md")


def check_build_lists(files: list[Path]) -> None:
    """Every source file is named by the CMakeLists.txt beside it or above it: no test is forgotten."""
    lists = {path.parent: path.read_text() for path in files if path.name == "CMakeLists.txt"}
    lists[ROOT] = "".join(path.read_text() for path in files
                          if path.suffix == ".cmake" or path == ROOT / "CMakeLists.txt")
    for path in files:
        relative = str(path.relative_to(ROOT))
        if path.suffix != ".cc" or not relative.startswith(("engine/", "server/", "client/", "tests/", "bench/")):
            continue
        folder, named = path.parent, False
        while folder.is_relative_to(ROOT) and not named:
            named = folder in lists and path.name in lists[folder]
            folder = folder.parent
        if not named:
            fault(path, 1, "stands in no CMakeLists.txt; add it to a target")


def main() -> int:
    rooms = load_rooms()
    files = tracked_files()
    for path in files:
        if path.suffix in {".h", ".cc"}:
            check_cpp(path, rooms)
        elif path.suffix == ".py":
            check_python(path)
        elif path.suffix == ".md":
            check_markdown(path)
        if path.suffix in {".h", ".cc", ".py", ".md", ".proto", ".sh", ".toml", ".txt", ".cmake"} \
                or path.name in {"dev", "Dockerfile", "run"}:
            check_text(path)
    check_folders(files, rooms)
    check_build_lists(files)
    for line in faults:
        print(line)
    print(f"style: files={len(files)} faults={len(faults)}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
