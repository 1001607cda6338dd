"""One gRPC channel for blocking callers: calls in, messages or our exceptions out."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Generic

import grpc

from deed._methods import Method, RequestT, ResponseT
from deed._settings import CHANNEL_OPTIONS, Settings
from deed._status import translate
from deed.errors import DeedError, FailedPreconditionError


class Connection:
    """Thread safety: every method from any thread. The channel is opened by the first call."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()  # guards the three below
        self._channel: grpc.Channel | None = None
        self._calls: dict[Method[Any, Any], Callable[..., Any]] = {}
        self._closed = False

    @property
    def address(self) -> str:
        return self._settings.address

    def unary(
        self,
        method: Method[RequestT, ResponseT],
        request: RequestT,
        timeout: float | None,
        *,
        writes: bool,
    ) -> ResponseT:
        call = self._call(method, "unary_unary")
        try:
            answer: ResponseT = call(request, timeout=timeout)
        except grpc.RpcError as error:
            raise self.translated(method, error, writes) from None
        except ValueError as error:
            raise self._closed_meanwhile(error) from None
        return answer

    def stream(
        self, method: Method[RequestT, ResponseT], request: RequestT, timeout: float | None
    ) -> Iterator[ResponseT]:
        """The call starts with the first item; it is cancelled when the iterator is closed."""
        call = self._call(method, "unary_stream")(request, timeout=timeout)
        try:
            yield from call
        except grpc.RpcError as error:
            raise self.translated(method, error, writes=False) from None
        finally:
            call.cancel()

    def exchange(self, method: Method[RequestT, ResponseT]) -> Exchange[RequestT, ResponseT]:
        return Exchange(self, method, self._call(method, "stream_stream"))

    def translated(self, method: Method[Any, Any], error: grpc.RpcError, writes: bool) -> DeedError:
        what = method.path.rpartition("/")[2]
        return translate(error, address=self.address, what=what, writes=writes)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            channel, self._channel = self._channel, None
            self._calls.clear()
        if channel is not None:
            channel.close()

    def _call(self, method: Method[Any, Any], arity: str) -> Callable[..., Any]:
        call = self._calls.get(method)
        if call is not None:
            return call
        with self._lock:
            if self._closed:
                raise self._closed_meanwhile(None)
            if self._channel is None:
                self._channel = self._open()
            made: Callable[..., Any] = getattr(self._channel, arity)(
                method.path,
                request_serializer=method.request.SerializeToString,
                response_deserializer=method.response.FromString,
            )
            self._calls[method] = made
        return made

    def _open(self) -> grpc.Channel:
        if self._settings.credentials is not None:
            return grpc.secure_channel(
                self.address, self._settings.credentials, options=CHANNEL_OPTIONS
            )
        return grpc.insecure_channel(self.address, options=CHANNEL_OPTIONS)

    def _closed_meanwhile(self, error: ValueError | None) -> Exception:
        if error is not None and not self._closed:
            return error
        return FailedPreconditionError(
            f"the client of {self.address} was closed; connect again", reason="CLIENT_CLOSED"
        )


class Exchange(Generic[RequestT, ResponseT]):
    """A call with a stream each way, driven by one thread: `send`, then `receive`.

    A context manager; leaving it ends the call.
    """

    def __init__(
        self,
        connection: Connection,
        method: Method[RequestT, ResponseT],
        call: Callable[..., Any],
    ) -> None:
        self._connection = connection
        self._method = method
        self._outbox: queue.SimpleQueue[RequestT | None] = queue.SimpleQueue()
        self._call = call(iter(self._outbox.get, None))

    def send(self, request: RequestT) -> None:
        self._outbox.put(request)

    def finish(self) -> None:
        """Nothing more will be sent."""
        self._outbox.put(None)

    def receive(self) -> ResponseT | None:
        """The next answer; None when the server has sent the last one."""
        try:
            answer: ResponseT = next(self._call)
        except StopIteration:
            return None
        except grpc.RpcError as error:
            raise self._connection.translated(self._method, error, self._method.writes) from None
        return answer

    def __enter__(self) -> Exchange[RequestT, ResponseT]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Ends the thread of gRPC that waits for something to send.
        self._outbox.put(None)
        self._call.cancel()
