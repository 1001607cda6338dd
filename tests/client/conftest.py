from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import deed
import pytest
from hypothesis import HealthCheck, settings
from running_server import RunningServer, find_binary

# Calls take as long as the machine lets them; a slow example is no fault.
settings.register_profile(
    "deed",
    deadline=None,
    max_examples=60,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("deed")


@pytest.fixture(scope="session")
def server_binary() -> Path:
    binary = find_binary("DEED_SERVER", "deed-server")
    if binary is None:
        pytest.skip("no deed-server in build/release or build/dev; ./dev build makes one")
    return binary


@pytest.fixture(scope="session")
def cli() -> Path:
    binary = find_binary("DEED_CLI", "deed")
    if binary is None:
        pytest.skip("no deed in build/release or build/dev; ./dev build makes one")
    return binary


@pytest.fixture(scope="session")
def server(
    server_binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    """One for all tests that do not harm it."""
    running = RunningServer(server_binary, tmp_path_factory.mktemp("deed") / "data")
    yield running
    assert running.process.poll() is None, "the server ended under the tests"
    assert running.stop() == 0


@pytest.fixture
def db(server: RunningServer) -> Iterator[deed.Client]:
    with deed.connect(server.address) as client:
        yield client


@pytest.fixture
def label() -> str:
    """A collection that no other test uses."""
    return f"L{uuid.uuid4().hex}"


@pytest.fixture
def start_server(server_binary: Path, tmp_path: Path) -> Iterator[Callable[..., RunningServer]]:
    """Starts servers that the test may stop or kill."""
    started: list[RunningServer] = []

    def start(*flags: str, data: str = "data") -> RunningServer:
        started.append(RunningServer(server_binary, tmp_path / data, *flags))
        return started[-1]

    yield start
    for running in started:
        running.clean_up()
