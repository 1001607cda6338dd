"""What a caller hears when something breaks, and whether a write may have happened."""

from __future__ import annotations

import asyncio
import multiprocessing
import pickle
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import deed
import deed.aio
import grpc
import pytest
from deed.v1 import graph_pb2 as pb
from misbehaving_server import MisbehavingServer, answers
from running_server import RunningServer, found_again


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_nobody_listens() -> None:
    address = f"127.0.0.1:{free_port()}"
    begun = time.monotonic()
    with deed.connect(address) as db:
        for call in (db.ping, lambda: db.add_entity("A"), lambda: list(db.scan("A")), db.ingest):
            with pytest.raises(deed.UnavailableError) as caught:
                call()
            assert caught.value.reason == "CONNECTION_FAILED"
            assert f"nothing answers at {address} (Connection refused)" in str(caught.value)
            assert "deed-server --data-dir" in str(caught.value)
            assert isinstance(caught.value, ConnectionError)
    assert time.monotonic() - begun < 60


def test_nobody_listens_asynchronously() -> None:
    async def main() -> None:
        async with deed.aio.connect(f"127.0.0.1:{free_port()}") as db:
            with pytest.raises(deed.UnavailableError, match="nothing answers"):
                await db.ping()
            with pytest.raises(deed.UnavailableError, match="nothing answers"):
                await db.ingest([("A",)])
            with pytest.raises(deed.UnavailableError, match="nothing answers"):
                async for _ in db.scan("A"):
                    pass

    asyncio.run(main())


def test_no_such_host() -> None:
    with (
        deed.connect("no-such-host.invalid") as db,
        pytest.raises(
            deed.UnavailableError, match=r"nothing answers at no-such-host\.invalid:7687"
        ),
    ):
        db.ping()


@pytest.mark.parametrize(
    "address", ["", ":1", "h:", "h:0", "h:65536", "h:x", "::1", "http://h:1", "[::1", "[::1]x:80"]
)
def test_what_is_no_address_is_refused_at_once(address: str) -> None:
    with pytest.raises(deed.InvalidArgumentError) as caught:
        deed.connect(address)
    assert caught.value.reason == "INVALID_ADDRESS"


def test_the_port_may_be_left_out() -> None:
    assert deed.connect("localhost").address == "localhost:7687"
    assert deed.connect("[::1]").address == "[::1]:7687"
    assert deed.connect().address == "127.0.0.1:7687"


def test_something_else_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with deed.connect(address, timeout=1) as db, pytest.raises(deed.DeedError) as caught:
            db.ping()
        assert isinstance(caught.value, deed.DeadlineExceededError | deed.UnavailableError)
        assert address in str(caught.value)
    with (
        MisbehavingServer() as stranger,
        deed.connect(stranger.address) as db,
        pytest.raises(deed.ProtocolError, match="does not know Ping"),
    ):
        db.ping()


def test_a_server_killed_during_a_stream(start_server: Callable[..., RunningServer]) -> None:
    server = start_server()
    with deed.connect(server.address) as db:
        batch = deed.Batch()
        for _ in range(60_000):
            batch.add_entity("Many", {"text": "x" * 100})
        db.write(batch)
        scan = db.scan("Many", page_size=100)
        next(scan)
        server.kill()
        with pytest.raises(deed.UnavailableError) as caught:
            for _ in scan:
                pass
        assert caught.value.reason == "CONNECTION_LOST"
        assert server.address in str(caught.value)
        # What was handed out whole need not be read again.
        assert scan.page_token is None or isinstance(scan.page_token, bytes)
        with pytest.raises(deed.UnavailableError):
            db.ping()
        server.again()
        assert found_again(db).stats().labels["Many"] == 60_000


def test_a_server_killed_during_a_load(start_server: Callable[..., RunningServer]) -> None:
    server = start_server()
    accepted: list[int] = []

    def endless() -> Iterator[deed.NewNode]:
        while True:
            yield deed.NewNode("Many", {"n": 1})

    def note(item: object, id: int) -> None:
        accepted.append(id)
        if len(accepted) == 5_000:
            threading.Thread(target=server.kill).start()

    with deed.connect(server.address) as db:
        with pytest.raises(deed.DeedError) as caught:
            db.ingest(endless(), batch_size=100, on_accepted=note)
        assert isinstance(caught.value, deed.OutcomeUnknownError | deed.UnavailableError)
        assert caught.value.summary is not None
        assert caught.value.summary.nodes == len(accepted)
        server.process.wait(60)
        server.again()
        found_again(db)
        # Everything that was acknowledged is there; of the last batches, perhaps.
        there = {node.id for node in db.scan("Many")}
        assert there >= set(accepted)
        assert len(there) <= len(accepted) + 300


def test_a_server_killed_while_many_write(start_server: Callable[..., RunningServer]) -> None:
    server = start_server()
    acknowledged: list[int] = []
    heard: list[deed.DeedError] = []

    def write() -> None:
        with deed.connect(server.address) as db:
            try:
                while True:
                    acknowledged.append(db.add_entity("Written"))
            except deed.DeedError as error:
                heard.append(error)

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    while len(acknowledged) < 100:
        time.sleep(0.01)
    server.kill()
    for writer in writers:
        writer.join()
    assert len(heard) == 6
    assert {type(error) for error in heard} <= {deed.OutcomeUnknownError, deed.UnavailableError}
    again = server.again()
    with deed.connect(again.address) as db:
        there = {node.id for node in db.scan("Written")}
    assert there >= set(acknowledged)
    unsure = sum(isinstance(error, deed.OutcomeUnknownError) for error in heard)
    assert len(there) <= len(acknowledged) + unsure


def refuse(code: grpc.StatusCode, message: str = "no") -> Callable[[Any, Any], Any]:
    def handler(request: Any, context: grpc.ServicerContext) -> Any:
        context.abort(code, message)

    return handler


def test_a_write_without_an_answer_has_an_unknown_outcome() -> None:
    stop = threading.Event()

    def never(request: Any, context: grpc.ServicerContext) -> Any:
        stop.wait(30)
        return pb.AddEntityResponse()

    with MisbehavingServer(AddEntity=never, GetEntity=never, Commit=never) as server:
        db = deed.connect(server.address, timeout=0.3)
        with pytest.raises(deed.OutcomeUnknownError) as caught:
            db.add_entity()
        assert "AddEntity" in str(caught.value)
        assert not caught.value.retryable
        with pytest.raises(deed.DeadlineExceededError) as read:
            db.get_entity(1)
        assert isinstance(read.value, TimeoutError)

        threading.Timer(0.3, server.stop).start()
        with pytest.raises(deed.OutcomeUnknownError):
            db.with_timeout(None).add_entity()
        stop.set()
        db.close()


def test_a_lost_commit_is_unknown_and_is_not_repeated() -> None:
    runs = []

    def begin(request: Any, context: Any) -> Any:
        return pb.BeginTransactionResponse(transaction=b"h" * 16)

    handlers = {"BeginTransaction": begin, "AddEntity": lambda r, c: pb.AddEntityResponse(id=1)}
    with (
        MisbehavingServer(**handlers, Commit=refuse(grpc.StatusCode.UNAVAILABLE)) as server,
        deed.connect(server.address) as db,
        pytest.raises(deed.OutcomeUnknownError),
    ):
        db.run(lambda tx: runs.append(tx.add_entity()))
    assert runs == [1]
    # Within the transaction nothing has happened yet, so an operation's loss is plain.
    with (
        MisbehavingServer(
            BeginTransaction=begin, AddEntity=refuse(grpc.StatusCode.UNAVAILABLE)
        ) as server,
        deed.connect(server.address) as db,
        pytest.raises(deed.UnavailableError),
        db.transaction() as tx,
    ):
        tx.add_entity()


def failing_once(code: str, retryable: bool) -> Callable[[Any, Any], Iterator[Any]]:
    """Fails the second batch the first time, accepts the others."""

    def answer(number: int, request: Any) -> Any:
        if number == 1:
            return pb.IngestResponse(
                sequence=request.sequence,
                error=pb.IngestResponse.Error(
                    code=code, reason="WHY", message="not now", retryable=retryable
                ),
            )
        return pb.IngestResponse(
            sequence=request.sequence,
            nodes_accepted=len(request.nodes),
            edges_accepted=len(request.edges),
            node_ids=range(len(request.nodes)),
            edge_ids=range(len(request.edges)),
        )

    return lambda requests, context: answers(requests, answer)


def test_a_batch_that_met_a_conflict_is_sent_again() -> None:
    with (
        MisbehavingServer(Ingest=failing_once("CONFLICT", True)) as server,
        deed.connect(server.address) as db,
    ):
        summary = db.ingest([("A",)] * 10, [(0, 1, "R")] * 10, batch_size=2)
    assert (summary.nodes, summary.edges, summary.batches) == (10, 10, 10)
    assert summary.retried == 1


def test_a_batch_that_fails_for_good_ends_the_load() -> None:
    for code, kind in (("LIMIT_EXCEEDED", deed.LimitError), ("INTERNAL", deed.ServerError)):
        with (
            MisbehavingServer(Ingest=failing_once(code, False)) as server,
            deed.connect(server.address) as db,
            pytest.raises(kind) as caught,
        ):
            db.ingest([("A",)] * 10, batch_size=2)
        assert caught.value.reason == "WHY"
        assert caught.value.summary is not None
        assert caught.value.summary.nodes == 2


def test_a_load_that_the_server_ends_is_no_success() -> None:
    def one_answer(requests: Iterator[Any], context: Any) -> Iterator[Any]:
        yield pb.IngestResponse(sequence=next(requests).sequence, nodes_accepted=1, node_ids=[1])

    async def load(address: str) -> None:
        async with deed.aio.connect(address) as db:
            await db.ingest([("A",)] * 10, batch_size=1)

    with MisbehavingServer(Ingest=one_answer) as server, deed.connect(server.address) as db:
        with pytest.raises(deed.DeedError):
            db.ingest([("A",)] * 10, batch_size=1)
        with pytest.raises(deed.DeedError):
            asyncio.run(load(server.address))


def test_an_answer_of_a_later_version_is_told() -> None:
    def unknown_kind(request: Any, context: Any) -> Any:
        answer = pb.GetEntityResponse()
        answer.node.properties["x"].SetInParent()
        return answer

    with (
        MisbehavingServer(GetEntity=unknown_kind) as server,
        deed.connect(server.address) as db,
        pytest.raises(deed.ProtocolError, match="update it"),
    ):
        db.get_entity(1)


def test_damaged_details_do_not_hide_the_failure() -> None:
    def handler(request: Any, context: grpc.ServicerContext) -> Any:
        context.set_trailing_metadata((("grpc-status-details-bin", b"\x0a\xff\xff\xff"),))
        context.abort(grpc.StatusCode.NOT_FOUND, "node 1 is not there")

    with (
        MisbehavingServer(GetEntity=handler) as server,
        deed.connect(server.address) as db,
        pytest.raises(deed.NotFoundError, match="node 1 is not there"),
    ):
        db.get_entity(1)


def test_a_closed_client_says_so() -> None:
    db = deed.connect("127.0.0.1:1")
    db.close()
    db.close()
    with pytest.raises(deed.FailedPreconditionError) as caught:
        db.ping()
    assert caught.value.reason == "CLIENT_CLOSED"


def test_exceptions_cross_processes() -> None:
    error = deed.NotFoundError("node 7 is not there", reason="NODE_NOT_FOUND", field="id")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is deed.NotFoundError
    assert (str(copy), copy.reason, copy.field) == (str(error), "NODE_NOT_FOUND", "id")


def ping_in_child(address: str) -> bool:
    with deed.connect(address) as db:
        return bool(db.ping().version)


def test_each_process_has_a_client_of_its_own(server: RunningServer, db: deed.Client) -> None:
    db.ping()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(ping_in_child, [server.address] * 4) == [True] * 4
