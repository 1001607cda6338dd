"""The client for asyncio: `deed.aio.connect` has the surface of `deed.connect`, with `await`,
`async with` and `async for`. What each call does is said at its blocking twin in `deed.client`.

    import asyncio, deed.aio

    async def main():
        async with deed.aio.connect("127.0.0.1:7687") as db:
            alice = await db.add_entity("User", {"name": "Alice"})
            async for node in db.scan("User"):
                print(node["name"])

    asyncio.run(main())
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from deed import _answers, _methods, _requests
from deed._aio_connection import Connection
from deed._ingest import WINDOW, Load, OnAccepted, OnRefused, Pending
from deed._methods import Method, RequestT, ResponseT
from deed._settings import DEFAULT_ADDRESS, Settings, backoff, settings
from deed.batch import Batch, BatchResult
from deed.errors import ConflictError, DeedError, ProtocolError, TransactionEndedError
from deed.model import (
    CheckReport,
    Direction,
    Edge,
    EdgeLike,
    IngestSummary,
    Isolation,
    Labels,
    Neighbours,
    NewEdge,
    NewNode,
    Node,
    NodeLike,
    Page,
    Pheromones,
    Ping,
    Properties,
    Stats,
    TraverseMode,
    Types,
    Visit,
    Where,
)
from deed.v1 import admin_pb2 as admin
from deed.v1 import graph_pb2 as pb

if TYPE_CHECKING:
    import grpc

__all__ = ["Client", "Graph", "Scan", "Transaction", "connect"]

T = TypeVar("T")


def connect(
    address: str = DEFAULT_ADDRESS,
    *,
    timeout: float | None = 30.0,
    credentials: grpc.ChannelCredentials | None = None,
) -> Client:
    """As `deed.connect`; the client belongs to the event loop of its first call."""
    chosen = settings(address, timeout, credentials)
    return Client(Connection(chosen), chosen)


class Graph:
    """As `deed.Graph`."""

    def _transaction(self) -> bytes:
        raise NotImplementedError

    async def _invoke(self, method: Method[RequestT, ResponseT], request: RequestT) -> ResponseT:
        raise NotImplementedError

    def _stream(
        self, method: Method[RequestT, ResponseT], request: RequestT
    ) -> AsyncIterator[ResponseT]:
        raise NotImplementedError

    async def add_entity(self, labels: Labels = (), properties: Properties | None = None) -> int:
        request = _requests.add_entity(labels, properties, self._transaction())
        return (await self._invoke(_methods.ADD_ENTITY, request)).id

    async def get_entity(self, id: NodeLike) -> Node:
        request = _requests.get_entity(id, self._transaction())
        return _answers.node((await self._invoke(_methods.GET_ENTITY, request)).node)

    async def get_entities(self, ids: Iterable[NodeLike]) -> list[Node | None]:
        wanted = list(ids)
        request = _requests.get_entities(wanted, self._transaction())
        answer = await self._invoke(_methods.BATCH_GET_ENTITIES, request)
        return _answers.entities(answer, len(wanted))

    async def update_entity(
        self,
        id: NodeLike,
        set: Properties | None = None,
        *,
        replace: bool = False,
        add_labels: Labels = (),
        remove_labels: Labels = (),
    ) -> None:
        request = _requests.update_entity(
            id, set, replace, add_labels, remove_labels, self._transaction()
        )
        await self._invoke(_methods.UPDATE_ENTITY, request)

    async def delete_entity(self, id: NodeLike, *, detach: bool = False) -> None:
        request = _requests.delete_entity(id, detach, self._transaction())
        await self._invoke(_methods.DELETE_ENTITY, request)

    async def add_edge(
        self,
        start: NodeLike,
        end: NodeLike,
        type: str,
        properties: Properties | None = None,
    ) -> int:
        request = _requests.add_edge(start, end, type, properties, self._transaction())
        return (await self._invoke(_methods.ADD_EDGE, request)).id

    async def get_edge(self, id: EdgeLike) -> Edge:
        request = _requests.get_edge(id, self._transaction())
        return _answers.edge((await self._invoke(_methods.GET_EDGE, request)).edge)

    async def get_edges(self, ids: Iterable[EdgeLike]) -> list[Edge | None]:
        wanted = list(ids)
        request = _requests.get_edges(wanted, self._transaction())
        answer = await self._invoke(_methods.BATCH_GET_EDGES, request)
        return _answers.edges(answer, len(wanted))

    async def update_edge(
        self,
        id: EdgeLike,
        set: Properties | None = None,
        *,
        replace: bool = False,
    ) -> None:
        request = _requests.update_edge(id, set, replace, self._transaction())
        await self._invoke(_methods.UPDATE_EDGE, request)

    async def delete_edge(self, id: EdgeLike) -> None:
        request = _requests.delete_edge(id, self._transaction())
        await self._invoke(_methods.DELETE_EDGE, request)

    async def write(self, batch: Batch) -> BatchResult:
        answer = await self._invoke(_methods.BATCH, batch.to_request(self._transaction()))
        return BatchResult(batch, list(answer.ids), answer.commit)

    async def neighbours(
        self,
        id: NodeLike,
        types: Types | None = None,
        direction: Direction | str = Direction.OUT,
        *,
        limit: int = 0,
        edge_properties: bool = False,
    ) -> Neighbours:
        request = _requests.neighbours(
            id, types, direction, limit, edge_properties, self._transaction()
        )
        answer = await self._invoke(_methods.NEIGHBOURS, request)
        return _answers.neighbours(answer, edge_properties)

    def traverse(
        self,
        start: NodeLike,
        types: Types | None = None,
        direction: Direction | str = Direction.OUT,
        *,
        depth_min: int = 1,
        depth_max: int = 1,
        mode: TraverseMode | str = TraverseMode.DISTINCT,
        limit: int = 0,
    ) -> AsyncIterator[Visit]:
        request = _requests.traverse(
            start, types, direction, depth_min, depth_max, mode, limit, self._transaction()
        )
        return self._visits(request)

    async def _visits(self, request: pb.TraverseRequest) -> AsyncIterator[Visit]:
        paths = request.mode == pb.TraverseRequest.MODE_PATHS
        chunks = self._stream(_methods.TRAVERSE, request)
        try:
            async for chunk in chunks:
                for visit in _answers.visits(chunk, paths):
                    yield visit
        finally:
            await _close(chunks)

    def scan(
        self,
        label: str = "",
        *,
        projection: Iterable[str] | None = None,
        where: Iterable[Where] = (),
        page_size: int = 0,
        page_token: bytes | None = None,
        pages_max: int = 0,
        one_snapshot: bool = False,
    ) -> Scan:
        request = _requests.scan(
            label,
            projection,
            where,
            page_size,
            page_token,
            pages_max,
            one_snapshot,
            self._transaction(),
        )
        return Scan(lambda: self._stream(_methods.SCAN_COLLECTION, request), page_token)


class Scan(AsyncIterator[Node]):
    """As `deed.Scan`."""

    def __init__(
        self,
        start: Callable[[], AsyncIterator[pb.ScanCollectionChunk]],
        page_token: bytes | None,
    ) -> None:
        self.page_token = page_token
        self.finished = False
        self._chunks: AsyncIterator[pb.ScanCollectionChunk] | None = None
        self._start = start
        self._nodes = self._one_by_one()

    async def pages(self) -> AsyncIterator[Page]:
        if self._chunks is None:
            self._chunks = self._start()
        try:
            async for chunk in self._chunks:
                page = _answers.page(chunk)
                yield page
                self.page_token = page.page_token
                self.finished = page.page_token is None
        finally:
            await _close(self._chunks)

    async def _one_by_one(self) -> AsyncIterator[Node]:
        async for page in self.pages():
            for node in page.nodes:
                yield node

    def __aiter__(self) -> Scan:
        return self

    async def __anext__(self) -> Node:
        return await self._nodes.__anext__()

    async def close(self) -> None:
        if self._chunks is not None:
            await _close(self._nodes)
            await _close(self._chunks)

    async def __aenter__(self) -> Scan:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


async def _close(iterator: AsyncIterator[object]) -> None:
    close = getattr(iterator, "aclose", None)
    if close is not None:
        await close()


async def _each(items: Iterable[Any] | AsyncIterable[Any]) -> AsyncIterator[Any]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


class Client(Graph):
    """As `deed.Client`, for one event loop."""

    def __init__(self, connection: Connection, chosen: Settings) -> None:
        self._connection = connection
        self._settings = chosen

    @property
    def address(self) -> str:
        return self._settings.address

    def with_timeout(self, timeout: float | None) -> Client:
        return Client(self._connection, self._settings.with_timeout(timeout))

    async def close(self) -> None:
        await self._connection.close()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<deed.aio.Client of {self.address}>"

    def transaction(
        self,
        *,
        isolation: Isolation | str = Isolation.SNAPSHOT,
        read_only: bool = False,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> Transaction:
        request = _requests.begin(isolation, read_only, timeout, idle_timeout)
        return Transaction(self, request)

    async def run(
        self,
        work: Callable[[Transaction], Awaitable[T]],
        *,
        retries: int = 10,
        isolation: Isolation | str = Isolation.SNAPSHOT,
        timeout: float | None = None,
    ) -> T:
        for attempt in range(1, retries + 2):
            try:
                async with self.transaction(isolation=isolation, timeout=timeout) as tx:
                    return await work(tx)
            except ConflictError as error:
                if attempt > retries:
                    raise
                await asyncio.sleep(backoff(attempt, error.retry_delay))
        raise AssertionError("not reached")

    async def ingest(
        self,
        nodes: Iterable[NewNode | tuple[object, ...]]
        | AsyncIterable[NewNode | tuple[object, ...]] = (),
        edges: Iterable[NewEdge | tuple[object, ...]]
        | AsyncIterable[NewEdge | tuple[object, ...]] = (),
        *,
        batch_size: int = 5000,
        on_refused: OnRefused | None = None,
        on_accepted: OnAccepted | None = None,
    ) -> IngestSummary:
        """As `deed.Client.ingest`; the iterables may be asynchronous."""
        load = Load(batch_size, on_refused, on_accepted)
        begun = time.monotonic()
        try:
            async with self._connection.exchange(_methods.INGEST) as exchange:

                async def send(pending: Pending | None) -> None:
                    if pending is not None:
                        await settle(WINDOW - 1)
                        await exchange.send(load.sent(pending))

                async def settle(unanswered: int) -> None:
                    while len(load.waiting) > unanswered:
                        answer = await exchange.receive()
                        if answer is None:
                            raise ProtocolError("the server ended the load early")
                        again = load.answered(answer)
                        if again is not None:
                            pending, delay = again
                            await asyncio.sleep(delay)
                            await exchange.send(load.sent(pending))

                async for node in _each(nodes):
                    await send(load.add_node(node))
                await send(load.rest())
                await settle(0)
                async for edge in _each(edges):
                    await send(load.add_edge(edge))
                await send(load.rest())
                await settle(0)
                await exchange.finish()
                await exchange.receive()
        except DeedError as error:
            error.summary = load.summary
            raise
        finally:
            load.summary.seconds = time.monotonic() - begun
        return load.summary

    async def mark_followed(self, edges: Iterable[EdgeLike], weight: float = 1.0) -> None:
        await self._invoke(_methods.MARK_FOLLOWED, _requests.mark_followed(edges, weight))

    async def pheromones(
        self, nodes: Iterable[NodeLike] = (), edges: Iterable[EdgeLike] = ()
    ) -> Pheromones:
        answer = await self._invoke(_methods.GET_PHEROMONES, _requests.pheromones(nodes, edges))
        return _answers.pheromones(answer)

    async def evaporate_pheromones(self, epochs: int = 1) -> int:
        answer = await self._invoke(_methods.EVAPORATE_PHEROMONES, _requests.evaporate(epochs))
        return answer.epoch

    async def stats(self) -> Stats:
        return _answers.stats(await self._invoke(_methods.STATS, pb.StatsRequest()))

    async def ping(self) -> Ping:
        begun = time.perf_counter()
        answer = await self._invoke(_methods.PING, admin.PingRequest())
        return Ping(answer.version, time.perf_counter() - begun)

    async def check(self) -> CheckReport:
        return _answers.check(await self._invoke(_methods.CHECK, admin.CheckRequest()))

    async def checkpoint(self) -> int:
        answer = await self._invoke(_methods.CHECKPOINT, admin.CheckpointRequest())
        return answer.folded_through

    def _transaction(self) -> bytes:
        return b""

    async def _invoke(self, method: Method[RequestT, ResponseT], request: RequestT) -> ResponseT:
        return await self._connection.unary(
            method, request, self._settings.timeout, writes=method.writes
        )

    def _stream(
        self, method: Method[RequestT, ResponseT], request: RequestT
    ) -> AsyncIterator[ResponseT]:
        return self._connection.stream(method, request, None)


class Transaction(Graph):
    """As `deed.Transaction`, for `async with`."""

    def __init__(self, client: Client, request: pb.BeginTransactionRequest) -> None:
        self._client = client
        self._request = request
        self._handle = b""
        self._ended = ""
        self.snapshot = 0
        self.commit_id = 0

    @property
    def active(self) -> bool:
        return bool(self._handle)

    async def begin(self) -> Transaction:
        if self._handle or self._ended:
            raise TransactionEndedError(
                "the transaction was begun before; make another with Client.transaction()",
                reason="TRANSACTION_ENDED",
            )
        answer = await self._client._invoke(_methods.BEGIN_TRANSACTION, self._request)
        self._handle, self.snapshot = answer.transaction, answer.snapshot
        return self

    async def commit(self) -> int:
        request = pb.CommitRequest(transaction=self._transaction())
        self._handle, self._ended = b"", "a failed commit"
        self.commit_id = (await self._client._invoke(_methods.COMMIT, request)).commit
        self._ended = "its commit"
        return self.commit_id

    async def rollback(self) -> None:
        if not self._handle:
            return
        request = pb.RollbackRequest(transaction=self._handle)
        self._handle, self._ended = b"", "its rollback"
        try:
            await self._client._invoke(_methods.ROLLBACK, request)
        except TransactionEndedError:
            return

    async def __aenter__(self) -> Transaction:
        return self if self._handle else await self.begin()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._handle:
            return
        if kind is None:
            await self.commit()
            return
        try:
            await self.rollback()
        except DeedError:
            # The exception on its way says more; the server forgets an idle transaction itself.
            return

    def _transaction(self) -> bytes:
        if not self._handle:
            raise TransactionEndedError(
                f"the transaction is over since {self._ended}"
                if self._ended
                else "the transaction was not begun; use it in `async with` or call begin()",
                reason="TRANSACTION_ENDED",
            )
        return self._handle

    async def _invoke(self, method: Method[RequestT, ResponseT], request: RequestT) -> ResponseT:
        # Until the commit nothing takes place, so no answer means nothing was done.
        return await self._client._connection.unary(
            method, request, self._client._settings.timeout, writes=False
        )

    def _stream(
        self, method: Method[RequestT, ResponseT], request: RequestT
    ) -> AsyncIterator[ResponseT]:
        return self._client._connection.stream(method, request, None)
