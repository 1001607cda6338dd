"""One gRPC channel for an event loop: calls in, messages or our exceptions out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Generic

import grpc
import grpc.aio

from deed._methods import Method, RequestT, ResponseT
from deed._settings import CHANNEL_OPTIONS, Settings
from deed._status import translate
from deed.errors import DeedError, FailedPreconditionError


class Connection:
    """Belongs to the event loop in which the first call is made, which opens the channel."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._channel: grpc.aio.Channel | None = None
        self._calls: dict[Method[Any, Any], Callable[..., Any]] = {}
        self._closed = False

    @property
    def address(self) -> str:
        return self._settings.address

    async def unary(
        self,
        method: Method[RequestT, ResponseT],
        request: RequestT,
        timeout: float | None,
        *,
        writes: bool,
    ) -> ResponseT:
        call = self._call(method, "unary_unary")
        try:
            answer: ResponseT = await call(request, timeout=timeout)
        except grpc.RpcError as error:
            raise self.translated(method, error, writes) from None
        except grpc.aio.UsageError as error:
            raise self._closed_meanwhile(error) from None
        return answer

    async def stream(
        self, method: Method[RequestT, ResponseT], request: RequestT, timeout: float | None
    ) -> AsyncIterator[ResponseT]:
        """The call starts with the first item; it is cancelled when the iterator is closed."""
        call = self._call(method, "unary_stream")(request, timeout=timeout)
        try:
            async for answer in call:
                yield answer
        except grpc.RpcError as error:
            raise self.translated(method, error, writes=False) from None
        finally:
            call.cancel()

    def exchange(self, method: Method[RequestT, ResponseT]) -> Exchange[RequestT, ResponseT]:
        return Exchange(self, method, self._call(method, "stream_stream"))

    def translated(self, method: Method[Any, Any], error: Any, writes: bool) -> DeedError:
        what = method.path.rpartition("/")[2]
        return translate(error, address=self.address, what=what, writes=writes)

    async def close(self) -> None:
        self._closed = True
        channel, self._channel = self._channel, None
        self._calls.clear()
        if channel is not None:
            await channel.close()

    def _call(self, method: Method[Any, Any], arity: str) -> Callable[..., Any]:
        call = self._calls.get(method)
        if call is not None:
            return call
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

    def _open(self) -> grpc.aio.Channel:
        if self._settings.credentials is not None:
            return grpc.aio.secure_channel(
                self.address, self._settings.credentials, options=CHANNEL_OPTIONS
            )
        return grpc.aio.insecure_channel(self.address, options=CHANNEL_OPTIONS)

    def _closed_meanwhile(self, error: Exception | None) -> Exception:
        if error is not None and not self._closed:
            return error
        return FailedPreconditionError(
            f"the client of {self.address} was closed; connect again", reason="CLIENT_CLOSED"
        )


class Exchange(Generic[RequestT, ResponseT]):
    """A call with a stream each way, driven by one task: `send`, then `receive`.

    An asynchronous context manager; leaving it ends the call.
    """

    def __init__(
        self,
        connection: Connection,
        method: Method[RequestT, ResponseT],
        call: Callable[..., Any],
    ) -> None:
        self._connection = connection
        self._method = method
        self._call = call()

    async def send(self, request: RequestT) -> None:
        """Waits while the server reads more slowly than we write."""
        try:
            await self._call.write(request)
        except asyncio.InvalidStateError:
            # The call is over; reading tells why.
            await self.receive()
        except grpc.RpcError as error:
            raise self._translated(error) from None

    async def finish(self) -> None:
        """Nothing more will be sent."""
        try:
            await self._call.done_writing()
        except asyncio.InvalidStateError:
            await self.receive()
        except grpc.RpcError as error:
            raise self._translated(error) from None

    async def receive(self) -> ResponseT | None:
        """The next answer; None when the server has sent the last one."""
        try:
            answer = await self._call.read()
        except grpc.RpcError as error:
            raise self._translated(error) from None
        return None if answer is grpc.aio.EOF else answer

    def _translated(self, error: grpc.RpcError) -> DeedError:
        return self._connection.translated(self._method, error, self._method.writes)

    async def __aenter__(self) -> Exchange[RequestT, ResponseT]:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._call.cancel()
