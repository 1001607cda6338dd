#!/usr/bin/env python3
"""Shows that the style check bites: a small tree with one fault of each kind, each of them found."""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True
import check_style  # noqa: E402

ROOMS = "engine/base:\nengine/value: engine/base\nengine/storage: engine/base\ntests: engine\n"
CLEAN = "#pragma once\n\n/// A thing.\nclass Thing {};\n"


class CheckStyleTest(unittest.TestCase):
    def faults_of(self, files: dict[str, str]) -> str:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve()
            everything = {"tests/style/rooms.txt": ROOMS, **files}
            for name, text in everything.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            check_style.ROOT = root
            check_style.faults.clear()
            check_style.main()
            return "\n".join(check_style.faults)

    def assert_found(self, expected: str, files: dict[str, str]) -> None:
        self.assertIn(expected, self.faults_of(files))

    def test_a_clean_tree_has_no_faults(self) -> None:
        self.assertEqual("", self.faults_of({
            "engine/base/thing.h": CLEAN, "engine/base/README.md": "See `engine/base/thing.h`.\n",
            "engine/base/thing.cc": '#include "engine/base/thing.h"\n',
            "engine/base/CMakeLists.txt": "thing.cc\n"}))

    def test_an_upward_include(self) -> None:
        self.assert_found("engine/base may not include engine/value", {
            "engine/base/low.h": '#pragma once\n#include "engine/value/high.h"\n',
            "engine/value/high.h": CLEAN})

    def test_a_library_outside_of_its_room(self) -> None:
        self.assert_found("includes rocksdb/db.h", {
            "engine/value/thing.h": "#pragma once\n#include <rocksdb/db.h>\n"})

    def test_a_fence_a_note_and_a_host(self) -> None:
        found = self.faults_of({"engine/base/thing.h": CLEAN + "// TO" "DO later\n"
                                "inline void f() { std::atomic_thread_fence(std::memory_order_seq_cst); }\n",
                                "docker/x.sh": "curl https://py" "pi.org/simple\n"})
        self.assertIn("TO" "DO", found)
        self.assertIn("atomic_thread_fence", found)
        self.assertIn("registry's host", found)

    def test_a_long_function(self) -> None:
        body = "    int x = 0;\n" * 80
        self.assert_found("function of", {"engine/base/thing.h": "#pragma once\nvoid f(int a) {\n" + body + "}\n"})

    def test_a_long_python_function(self) -> None:
        self.assert_found("function of", {"bench/x.py": "def f():\n" + "    x = 1\n" * 80})

    def test_a_long_file(self) -> None:
        self.assert_found("split the file", {"engine/base/thing.h": CLEAN + "\n" * 900})

    def test_a_source_outside_of_the_build(self) -> None:
        self.assert_found("stands in no CMakeLists.txt", {"tests/unit/base/lost_test.cc": "int x;\n"})

    def test_a_path_that_is_not_there(self) -> None:
        self.assert_found("does not exist", {"README.md": "See `engine/base/gone.h`.\n"})

    def test_a_room_without_a_page(self) -> None:
        self.assert_found("without README.md", {"engine/value/thing.h": CLEAN})

    def test_a_class_without_its_contract(self) -> None:
        self.assert_found("without its contract", {"engine/base/thing.h": "#pragma once\n\nclass Thing {};\n"})

    def test_a_name_that_says_nothing(self) -> None:
        self.assert_found("says nothing", {"engine/base/string_utils.h": CLEAN})


if __name__ == "__main__":
    unittest.main()
