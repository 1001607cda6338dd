"""A deed-server of our own, on a port of its own choice."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import deed

ROOT = Path(__file__).resolve().parents[2]


def find_binary(variable: str, name: str) -> Path | None:
    """The binary that an environment variable names, else the newest build's."""
    named = os.environ.get(variable, "")
    if named:
        if not Path(named).is_file():
            raise RuntimeError(f"{variable} names {named}, which is not there")
        return Path(named).resolve()
    for preset in ("release", "dev"):
        candidate = ROOT / "build" / preset / name
        if candidate.is_file():
            return candidate
    return None


class RunningServer:
    """Started by the constructor, which returns when the server answers."""

    def __init__(self, binary: Path, data: Path, *flags: str, listen: str = "127.0.0.1:0") -> None:
        self.binary = binary
        self.data = data
        self.next: RunningServer | None = None
        self.log = data.parent / f"{data.name}.log"
        with self.log.open("ab") as errors:
            self.process = subprocess.Popen(
                [
                    str(binary),
                    "--data-dir",
                    str(data),
                    "--listen",
                    listen,
                    "--insecure-no-auth",
                    *flags,
                ],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"ready on (\S+:\d+)", line)
        if found is None:
            self.process.wait(timeout=60)
            tail = self.log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"deed-server did not start: {line!r}\n{tail}")
        self.address = found.group(1)

    def stop(self) -> int:
        """Asks it to end; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self._wait()

    def kill(self) -> None:
        self.process.kill()
        self._wait()

    def again(self, *flags: str) -> RunningServer:
        """Another process over the same directory, at the same address."""
        self.next = RunningServer(self.binary, self.data, *flags, listen=self.address)
        return self.next

    def clean_up(self) -> None:
        """Ends what a test left running: this process, and those that came after it."""
        if self.process.poll() is None:
            self.kill()
        elif self.process.stdout is not None:
            self.process.stdout.close()
        if self.next is not None:
            self.next.clean_up()

    def _wait(self) -> int:
        code = self.process.wait(timeout=90)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


def found_again(db: deed.Client) -> deed.Client:
    """A client that has seen its server die tries the address again before long."""
    give_up = time.monotonic() + 30
    while True:
        try:
            db.ping()
        except deed.UnavailableError:
            assert time.monotonic() < give_up
            time.sleep(0.02)
        else:
            return db
