"""A failed call to the exception that says what, where, and what to do.

The server sends a google.rpc.Status in the trailer `grpc-status-details-bin`. The three messages
inside it that matter here are small and fixed, so they are read directly rather than through
another package.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Protocol

import grpc

from deed import errors

_DETAILS_KEY = "grpc-status-details-bin"


class FailedCall(Protocol):
    """What grpc.RpcError of a call and grpc.aio.AioRpcError have in common."""

    def code(self) -> grpc.StatusCode: ...
    def details(self) -> str | None: ...
    def trailing_metadata(self) -> object: ...


@dataclasses.dataclass
class Details:
    """What the server said beyond code and message."""

    reason: str = ""
    field: str = ""
    metadata: dict[str, str] = dataclasses.field(default_factory=dict)
    retry_delay: float | None = None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, at
        shift += 7


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a protobuf message, by number; raises IndexError where it is cut short."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            number, at = _varint(data, at)
            yield tag >> 3, number
        elif kind == 2:
            size, at = _varint(data, at)
            if at + size > len(data):
                raise IndexError
            yield tag >> 3, data[at : at + size]
            at += size
        else:
            at += 8 if kind == 1 else 4


def _entry(data: bytes) -> tuple[str, str]:
    parts = {number: value for number, value in _fields(data) if isinstance(value, bytes)}
    return parts.get(1, b"").decode(), parts.get(2, b"").decode()


def _read_error_info(details: Details, data: bytes) -> None:
    for number, value in _fields(data):
        if number == 1 and isinstance(value, bytes):
            details.reason = value.decode()
        elif number == 3 and isinstance(value, bytes):
            key, text = _entry(value)
            details.metadata[key] = text


def _read_bad_request(details: Details, data: bytes) -> None:
    for number, value in _fields(data):
        if number == 1 and isinstance(value, bytes) and not details.field:
            details.field = _entry(value)[0]


def _read_retry_info(details: Details, data: bytes) -> None:
    for number, value in _fields(data):
        if number == 1 and isinstance(value, bytes):
            parts = dict(_fields(value))
            seconds, nanoseconds = parts.get(1, 0), parts.get(2, 0)
            if isinstance(seconds, int) and isinstance(nanoseconds, int):
                details.retry_delay = seconds + nanoseconds / 1e9


_READERS = {
    "type.googleapis.com/google.rpc.ErrorInfo": _read_error_info,
    "type.googleapis.com/google.rpc.BadRequest": _read_bad_request,
    "type.googleapis.com/google.rpc.RetryInfo": _read_retry_info,
}


def read_details(trailing_metadata: object) -> Details:
    """What the trailer holds; empty where there is none, or where it cannot be read."""
    details = Details()
    if not isinstance(trailing_metadata, tuple | list) and not hasattr(
        trailing_metadata, "__iter__"
    ):
        return details
    for key, value in trailing_metadata:
        if key != _DETAILS_KEY or not isinstance(value, bytes):
            continue
        try:
            for number, detail in _fields(value):
                if number == 3 and isinstance(detail, bytes):
                    parts = {n: v for n, v in _fields(detail) if isinstance(v, bytes)}
                    reader = _READERS.get(parts.get(1, b"").decode())
                    if reader is not None:
                        reader(details, parts.get(2, b""))
        except (IndexError, UnicodeDecodeError):
            return details
    return details


_BY_CODE: dict[grpc.StatusCode, type[errors.DeedError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: errors.InvalidArgumentError,
    grpc.StatusCode.OUT_OF_RANGE: errors.InvalidArgumentError,
    grpc.StatusCode.NOT_FOUND: errors.NotFoundError,
    grpc.StatusCode.ALREADY_EXISTS: errors.AlreadyExistsError,
    grpc.StatusCode.FAILED_PRECONDITION: errors.FailedPreconditionError,
    grpc.StatusCode.ABORTED: errors.ConflictError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: errors.LimitError,
    grpc.StatusCode.DEADLINE_EXCEEDED: errors.DeadlineExceededError,
    grpc.StatusCode.CANCELLED: errors.CancelledError,
    grpc.StatusCode.UNAVAILABLE: errors.UnavailableError,
    grpc.StatusCode.UNAUTHENTICATED: errors.AuthenticationError,
    grpc.StatusCode.PERMISSION_DENIED: errors.AuthenticationError,
    grpc.StatusCode.UNIMPLEMENTED: errors.ProtocolError,
}

_BY_REASON: dict[str, type[errors.DeedError]] = {
    "OUTCOME_UNKNOWN": errors.OutcomeUnknownError,
    "SNAPSHOT_TOO_OLD": errors.SnapshotTooOldError,
    "TRANSACTION_NOT_FOUND": errors.TransactionEndedError,
    "TRANSACTION_TIMED_OUT": errors.TransactionEndedError,
    "TRANSACTION_IDLE": errors.TransactionEndedError,
    "TRANSACTION_CLOSED": errors.TransactionEndedError,
    "DISK_FULL": errors.ServerError,
}

# Words of grpc's own messages when it never got as far as sending the request.
_NOT_SENT = ("failed to connect", "connection refused", "dns resolution failed", "errors resolving")

# Codes that also arise on this side of the wire, when nothing was heard from the server.
_SILENT = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.INTERNAL,
)


def translate(call: FailedCall, *, address: str, what: str, writes: bool) -> errors.DeedError:
    """The exception for a failed call.

    what    the call's name, for the message
    writes  the call may have taken place on the server although no answer came
    """
    code = call.code()
    message = call.details() or ""
    details = read_details(call.trailing_metadata())
    if details.reason:
        kind = _BY_REASON.get(details.reason) or _BY_CODE.get(code, errors.ServerError)
        error = kind(message, reason=details.reason, field=details.field)
        error.metadata = details.metadata
        error.retry_delay = details.retry_delay
        return error
    return _without_word_of_the_server(code, message, address, what, writes)


def _without_word_of_the_server(
    code: grpc.StatusCode, message: str, address: str, what: str, writes: bool
) -> errors.DeedError:
    not_sent = any(words in message.lower() for words in _NOT_SENT)
    if code is grpc.StatusCode.UNAVAILABLE and not_sent:
        return errors.UnavailableError(
            f"nothing answers at {address} ({_shorten(message)}); is deed-server running there? "
            "Start it with `deed-server --data-dir DIR --listen HOST:PORT --insecure-no-auth`, or "
            "connect to the address that it printed",
            reason="CONNECTION_FAILED",
        )
    if writes and code in _SILENT:
        return errors.OutcomeUnknownError(
            f"{what} was sent to {address} and no answer came ({code.name}: {_shorten(message)}); "
            "it may or may not have taken place, read before you repeat it",
            reason="OUTCOME_UNKNOWN",
        )
    if code is grpc.StatusCode.UNAVAILABLE:
        return errors.UnavailableError(
            f"the connection to {address} broke during {what} ({_shorten(message)}); "
            "the server stopped, or something between us cut it",
            reason="CONNECTION_LOST",
        )
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return errors.DeadlineExceededError(
            f"{what} at {address} took longer than its timeout", reason="DEADLINE_EXCEEDED"
        )
    if code is grpc.StatusCode.CANCELLED:
        return errors.CancelledError(f"{what} was cancelled", reason="CANCELLED")
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return errors.ProtocolError(
            f"the server at {address} does not know {what}; "
            "it is older than this client, or no deed-server",
            reason="UNIMPLEMENTED",
        )
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return errors.LimitError(f"{what}: {message}", reason="LIMIT_MESSAGE_BYTES")
    kind = _BY_CODE.get(code, errors.ServerError)
    return kind(f"{what} at {address} failed: {message}", reason=code.name)


def _shorten(message: str) -> str:
    """grpc's message without its list of every address and its source lines."""
    tail = message.rpartition("last error: ")[2].rpartition("to remote host: ")[2]
    return tail if len(tail) <= 200 else tail[:197] + "..."
