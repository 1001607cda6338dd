"""The blocking client. `deed.aio` has the same surface for asyncio."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from deed import _answers, _methods, _requests
from deed._connection import Connection
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
    """A client of the server at `address` ("host:port").

    timeout       seconds that a single call may take; streams (scan, traverse, ingest) have none.
                  `Client.with_timeout` gives a client with another one.
    credentials   as grpc.ssl_channel_credentials() makes them, for a server with TLS

    Nothing is sent yet: the first call connects, and raises `UnavailableError` where nothing
    answers. Use `ping()` to find out now.
    """
    chosen = settings(address, timeout, credentials)
    return Client(Connection(chosen), chosen)


class Graph:
    """Reading and writing, as a `Client` (each call a transaction of its own, durable when it
    returns) and a `Transaction` (nothing is seen by others before the commit) both do it.

    Where a node or a relationship is asked for, its id or the `Node` or `Edge` itself will do.
    """

    def _transaction(self) -> bytes:
        raise NotImplementedError

    def _invoke(self, method: Method[RequestT, ResponseT], request: RequestT) -> ResponseT:
        raise NotImplementedError

    def _stream(
        self, method: Method[RequestT, ResponseT], request: RequestT
    ) -> Iterator[ResponseT]:
        raise NotImplementedError

    # --- nodes ------------------------------------------------------------------------------------

    def add_entity(self, labels: Labels = (), properties: Properties | None = None) -> int:
        """Creates a node with one label (a collection), several or none; returns its id."""
        request = _requests.add_entity(labels, properties, self._transaction())
        return self._invoke(_methods.ADD_ENTITY, request).id

    def get_entity(self, id: NodeLike) -> Node:
        """Raises `NotFoundError` where there is no such node."""
        request = _requests.get_entity(id, self._transaction())
        return _answers.node(self._invoke(_methods.GET_ENTITY, request).node)

    def get_entities(self, ids: Iterable[NodeLike]) -> list[Node | None]:
        """Many nodes at one snapshot, in the order of `ids`; None where there is no such node."""
        wanted = list(ids)
        request = _requests.get_entities(wanted, self._transaction())
        return _answers.entities(self._invoke(_methods.BATCH_GET_ENTITIES, request), len(wanted))

    def update_entity(
        self,
        id: NodeLike,
        set: Properties | None = None,
        *,
        replace: bool = False,
        add_labels: Labels = (),
        remove_labels: Labels = (),
    ) -> None:
        """Sets properties (None removes one), leaving the others unless `replace`."""
        request = _requests.update_entity(
            id, set, replace, add_labels, remove_labels, self._transaction()
        )
        self._invoke(_methods.UPDATE_ENTITY, request)

    def delete_entity(self, id: NodeLike, *, detach: bool = False) -> None:
        """Raises `FailedPreconditionError` where relationships remain, unless `detach`."""
        request = _requests.delete_entity(id, detach, self._transaction())
        self._invoke(_methods.DELETE_ENTITY, request)

    # --- relationships ----------------------------------------------------------------------------

    def add_edge(
        self,
        start: NodeLike,
        end: NodeLike,
        type: str,
        properties: Properties | None = None,
    ) -> int:
        """Creates a relationship; returns its id."""
        request = _requests.add_edge(start, end, type, properties, self._transaction())
        return self._invoke(_methods.ADD_EDGE, request).id

    def get_edge(self, id: EdgeLike) -> Edge:
        """Raises `NotFoundError` where there is no such relationship."""
        request = _requests.get_edge(id, self._transaction())
        return _answers.edge(self._invoke(_methods.GET_EDGE, request).edge)

    def get_edges(self, ids: Iterable[EdgeLike]) -> list[Edge | None]:
        """Many relationships at one snapshot, in the order of `ids`; None where there is none."""
        wanted = list(ids)
        request = _requests.get_edges(wanted, self._transaction())
        return _answers.edges(self._invoke(_methods.BATCH_GET_EDGES, request), len(wanted))

    def update_edge(
        self,
        id: EdgeLike,
        set: Properties | None = None,
        *,
        replace: bool = False,
    ) -> None:
        """Sets properties (None removes one), leaving the others unless `replace`."""
        request = _requests.update_edge(id, set, replace, self._transaction())
        self._invoke(_methods.UPDATE_EDGE, request)

    def delete_edge(self, id: EdgeLike) -> None:
        request = _requests.delete_edge(id, self._transaction())
        self._invoke(_methods.DELETE_EDGE, request)

    # --- many at once -----------------------------------------------------------------------------

    def write(self, batch: Batch) -> BatchResult:
        """Performs the batch wholly or not at all. In a transaction, a batch that fails ends it."""
        answer = self._invoke(_methods.BATCH, batch.to_request(self._transaction()))
        return BatchResult(batch, list(answer.ids), answer.commit)

    # --- reading on -------------------------------------------------------------------------------

    def neighbours(
        self,
        id: NodeLike,
        types: Types | None = None,
        direction: Direction | str = Direction.OUT,
        *,
        limit: int = 0,
        edge_properties: bool = False,
    ) -> Neighbours:
        """The relationships at one node and the nodes at their other ends; `limit` 0 means all."""
        request = _requests.neighbours(
            id, types, direction, limit, edge_properties, self._transaction()
        )
        return _answers.neighbours(self._invoke(_methods.NEIGHBOURS, request), edge_properties)

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
    ) -> Iterator[Visit]:
        """Walks breadth first and yields what it visits while the server goes on walking.

        In mode "distinct" each node comes once, at its smallest depth; in mode "paths" every path
        without a repeated relationship. Leaving the loop stops the server's work.
        """
        request = _requests.traverse(
            start, types, direction, depth_min, depth_max, mode, limit, self._transaction()
        )
        return self._visits(request)

    def _visits(self, request: pb.TraverseRequest) -> Iterator[Visit]:
        paths = request.mode == pb.TraverseRequest.MODE_PATHS
        chunks = self._stream(_methods.TRAVERSE, request)
        try:
            for chunk in chunks:
                yield from _answers.visits(chunk, paths)
        finally:
            _close(chunks)

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
        """The nodes with a label ("" means all), in the order of their ids, as they arrive.

        projection    names of the properties to answer with; None means all, () means none
        where         `("age", ">=", 18)`, all must hold; see `Where`
        page_token    go on behind a page of an earlier scan; see `Scan.page_token`
        pages_max     stop after so many pages; 0 means never
        one_snapshot  all pages from one moment; otherwise each page is the newest state
        """
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


class Scan(Iterator[Node]):
    """The nodes of a scan, one by one; or a page at a time with `pages()`.

    `page_token` goes on behind the last page of which every node was handed out, so nothing is
    missed (nodes of a page that was begun come again); None before the first such page, and when
    `finished`. A context manager; `close()` ends the call on the server.
    """

    def __init__(
        self, start: Callable[[], Iterator[pb.ScanCollectionChunk]], page_token: bytes | None
    ) -> None:
        self.page_token = page_token
        self.finished = False
        """Everything was handed out."""
        self._chunks: Iterator[pb.ScanCollectionChunk] | None = None
        self._start = start
        self._nodes = self._one_by_one()

    def pages(self) -> Iterator[Page]:
        """The rest of the scan, a page at a time."""
        if self._chunks is None:
            self._chunks = self._start()
        try:
            for chunk in self._chunks:
                page = _answers.page(chunk)
                yield page
                self.page_token = page.page_token
                self.finished = page.page_token is None
        finally:
            _close(self._chunks)

    def _one_by_one(self) -> Iterator[Node]:
        for page in self.pages():
            yield from page.nodes

    def __iter__(self) -> Scan:
        return self

    def __next__(self) -> Node:
        return next(self._nodes)

    def close(self) -> None:
        if self._chunks is not None:
            _close(self._nodes)
            _close(self._chunks)

    def __enter__(self) -> Scan:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _close(iterator: Iterator[object]) -> None:
    close = getattr(iterator, "close", None)
    if close is not None:
        close()


class Client(Graph):
    """A connection to one server.

    Thread safety: every method from any thread. A context manager; leaving it closes the
    connection. Not to be carried over a fork.
    """

    def __init__(self, connection: Connection, chosen: Settings) -> None:
        self._connection = connection
        self._settings = chosen

    @property
    def address(self) -> str:
        return self._settings.address

    def with_timeout(self, timeout: float | None) -> Client:
        """The same connection with another limit for single calls, in seconds; None for none."""
        return Client(self._connection, self._settings.with_timeout(timeout))

    def close(self) -> None:
        """Ends the connection, also for the clients that `with_timeout` gave."""
        self._connection.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<deed.Client of {self.address}>"

    # --- transactions -----------------------------------------------------------------------------

    def transaction(
        self,
        *,
        isolation: Isolation | str = Isolation.SNAPSHOT,
        read_only: bool = False,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> Transaction:
        """A transaction for a `with` block: begun on entering it, committed at its end, rolled
        back when an exception leaves it.

        timeout        seconds after which the server ends it; None means none
        idle_timeout   seconds without a call after which the server ends it; None means the
                       server's setting
        """
        request = _requests.begin(isolation, read_only, timeout, idle_timeout)
        return Transaction(self, request)

    def run(
        self,
        work: Callable[[Transaction], T],
        *,
        retries: int = 10,
        isolation: Isolation | str = Isolation.SNAPSHOT,
        timeout: float | None = None,
    ) -> T:
        """Calls `work` with a transaction and commits; does both again, at most `retries` times
        and after a short random wait, when it met a conflict. Returns what `work` returned.

        `work` may be called several times, so it should change nothing but the graph.
        """
        for attempt in range(1, retries + 2):
            try:
                with self.transaction(isolation=isolation, timeout=timeout) as tx:
                    return work(tx)
            except ConflictError as error:
                if attempt > retries:
                    raise
                time.sleep(backoff(attempt, error.retry_delay))
        raise AssertionError("not reached")

    # --- loading ----------------------------------------------------------------------------------

    def ingest(
        self,
        nodes: Iterable[NewNode | tuple[object, ...]] = (),
        edges: Iterable[NewEdge | tuple[object, ...]] = (),
        *,
        batch_size: int = 5000,
        on_refused: OnRefused | None = None,
        on_accepted: OnAccepted | None = None,
    ) -> IngestSummary:
        """Loads nodes, then relationships, in transactions of `batch_size` items.

        nodes         `NewNode`s, or tuples (labels, properties, key) of which the last may lack
        edges         `NewEdge`s, or tuples (start, end, type, properties) of which the last may
                      lack; start and end are ids, nodes, or keys (str) of nodes of this load
        on_refused    called with a `Refusal` for an item that was not taken; the rest goes on
        on_accepted   called with the item and its id

        The iterables are read no faster than the server takes the items. Where the load breaks
        off, the exception's `summary` says what was committed before.
        """
        load = Load(batch_size, on_refused, on_accepted)
        begun = time.monotonic()
        try:
            with self._connection.exchange(_methods.INGEST) as exchange:

                def send(pending: Pending | None) -> None:
                    if pending is not None:
                        settle(WINDOW - 1)
                        exchange.send(load.sent(pending))

                def settle(unanswered: int) -> None:
                    while len(load.waiting) > unanswered:
                        answer = exchange.receive()
                        if answer is None:
                            raise ProtocolError("the server ended the load early")
                        again = load.answered(answer)
                        if again is not None:
                            pending, delay = again
                            time.sleep(delay)
                            exchange.send(load.sent(pending))

                for node in nodes:
                    send(load.add_node(node))
                send(load.rest())
                settle(0)
                for edge in edges:
                    send(load.add_edge(edge))
                send(load.rest())
                settle(0)
                exchange.finish()
                exchange.receive()
        except DeedError as error:
            error.summary = load.summary
            raise
        finally:
            load.summary.seconds = time.monotonic() - begun
        return load.summary

    # --- pheromone --------------------------------------------------------------------------------

    def mark_followed(self, edges: Iterable[EdgeLike], weight: float = 1.0) -> None:
        """Says that a result really used these relationships; strengthens their trails."""
        self._invoke(_methods.MARK_FOLLOWED, _requests.mark_followed(edges, weight))

    def pheromones(
        self, nodes: Iterable[NodeLike] = (), edges: Iterable[EdgeLike] = ()
    ) -> Pheromones:
        """The present intensities at nodes (per direction) and on relationships."""
        answer = self._invoke(_methods.GET_PHEROMONES, _requests.pheromones(nodes, edges))
        return _answers.pheromones(answer)

    def evaporate_pheromones(self, epochs: int = 1) -> int:
        """Weakens every trail by some epochs; returns the new epoch."""
        return self._invoke(_methods.EVAPORATE_PHEROMONES, _requests.evaporate(epochs)).epoch

    # --- the server -------------------------------------------------------------------------------

    def stats(self) -> Stats:
        return _answers.stats(self._invoke(_methods.STATS, pb.StatsRequest()))

    def ping(self) -> Ping:
        """Raises `UnavailableError` where nothing answers."""
        begun = time.perf_counter()
        answer = self._invoke(_methods.PING, admin.PingRequest())
        return Ping(answer.version, time.perf_counter() - begun)

    def check(self) -> CheckReport:
        """Compares the graph in memory with itself; takes a while on a large one."""
        return _answers.check(self._invoke(_methods.CHECK, admin.CheckRequest()))

    def checkpoint(self) -> int:
        """Folds the log, so that the next start is fast; returns the last commit in it."""
        return self._invoke(_methods.CHECKPOINT, admin.CheckpointRequest()).folded_through

    def _transaction(self) -> bytes:
        return b""

    def _invoke(self, method: Method[RequestT, ResponseT], request: RequestT) -> ResponseT:
        return self._connection.unary(method, request, self._settings.timeout, writes=method.writes)

    def _stream(
        self, method: Method[RequestT, ResponseT], request: RequestT
    ) -> Iterator[ResponseT]:
        return self._connection.stream(method, request, None)


class Transaction(Graph):
    """Reads at one snapshot, its own writes laid over it, and a commit that takes place wholly or
    not at all. Made by `Client.transaction()`.

        new --begin()--> active --commit()--> committed
                           |  \\--commit() fails--> rolled back, or outcome unknown
                           \\---rollback(), exception--> rolled back

    A call that fails leaves the transaction active and unchanged, except for a batch, which ends
    it. Not for several threads at once.
    """

    def __init__(self, client: Client, request: pb.BeginTransactionRequest) -> None:
        self._client = client
        self._request = request
        self._handle = b""
        self._ended = ""
        self.snapshot = 0
        """The newest commit that it sees."""
        self.commit_id = 0
        """Its own place in the order of commits, once it is committed."""

    @property
    def active(self) -> bool:
        return bool(self._handle)

    def begin(self) -> Transaction:
        if self._handle or self._ended:
            raise TransactionEndedError(
                "the transaction was begun before; make another with Client.transaction()",
                reason="TRANSACTION_ENDED",
            )
        answer = self._client._invoke(_methods.BEGIN_TRANSACTION, self._request)
        self._handle, self.snapshot = answer.transaction, answer.snapshot
        return self

    def commit(self) -> int:
        """Makes the writes durable and visible; returns the commit's place in the order of commits.

        Raises `ConflictError` where another transaction committed first, `OutcomeUnknownError`
        where it was sent and no answer came.
        """
        request = pb.CommitRequest(transaction=self._transaction())
        self._handle, self._ended = b"", "a failed commit"
        self.commit_id = self._client._invoke(_methods.COMMIT, request).commit
        self._ended = "its commit"
        return self.commit_id

    def rollback(self) -> None:
        """Forgets the writes. Of no effect on a transaction that is over."""
        if not self._handle:
            return
        request = pb.RollbackRequest(transaction=self._handle)
        self._handle, self._ended = b"", "its rollback"
        try:
            self._client._invoke(_methods.ROLLBACK, request)
        except TransactionEndedError:
            return

    def __enter__(self) -> Transaction:
        return self if self._handle else self.begin()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._handle:
            return
        if kind is None:
            self.commit()
            return
        try:
            self.rollback()
        except DeedError:
            # The exception on its way says more; the server forgets an idle transaction itself.
            return

    def _transaction(self) -> bytes:
        if not self._handle:
            raise TransactionEndedError(
                f"the transaction is over since {self._ended}"
                if self._ended
                else "the transaction was not begun; use it in a `with` block or call begin()",
                reason="TRANSACTION_ENDED",
            )
        return self._handle

    def _invoke(self, method: Method[RequestT, ResponseT], request: RequestT) -> ResponseT:
        # Until the commit nothing takes place, so no answer means nothing was done.
        return self._client._connection.unary(
            method, request, self._client._settings.timeout, writes=False
        )

    def _stream(
        self, method: Method[RequestT, ResponseT], request: RequestT
    ) -> Iterator[ResponseT]:
        return self._client._connection.stream(method, request, None)
