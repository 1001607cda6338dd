"""A gRPC server whose answers a test writes itself: for what a good one never does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

import grpc
from deed import _methods

Handler = Callable[[Any, grpc.ServicerContext], Any]


class MisbehavingServer(grpc.GenericRpcHandler):
    """Answers each method with the handler of its name; "Ingest" takes and gives a stream."""

    def __init__(self, **handlers: Handler) -> None:
        self._handlers = handlers
        self._server = grpc.server(ThreadPoolExecutor(8))
        self._server.add_generic_rpc_handlers((self,))
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def service(self, details: grpc.HandlerCallDetails) -> Any:
        for method in vars(_methods).values():
            if isinstance(method, _methods.Method) and method.path == details.method:
                handler = self._handlers.get(method.path.rpartition("/")[2])
                if handler is None:
                    return None
                make = (
                    grpc.stream_stream_rpc_method_handler
                    if method is _methods.INGEST
                    else grpc.unary_stream_rpc_method_handler
                    if method in (_methods.SCAN_COLLECTION, _methods.TRAVERSE)
                    else grpc.unary_unary_rpc_method_handler
                )
                return make(
                    handler,
                    request_deserializer=method.request.FromString,
                    response_serializer=method.response.SerializeToString,
                )
        return None

    def stop(self) -> None:
        """Cuts every connection at once."""
        self._server.stop(0).wait()

    def __enter__(self) -> MisbehavingServer:
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def answers(requests: Iterator[Any], answer: Callable[[int, Any], Any]) -> Iterator[Any]:
    """One answer a request, numbered from 0."""
    for number, request in enumerate(requests):
        yield answer(number, request)
