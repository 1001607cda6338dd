"""What both clients need to open a channel."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import grpc

from deed.errors import InvalidArgumentError

PORT = 7687
DEFAULT_ADDRESS = f"127.0.0.1:{PORT}"

CHANNEL_OPTIONS: list[tuple[str, int]] = [
    # The server decides how large a message may be.
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # Each client has a connection of its own, and its closing closes that.
    ("grpc.use_local_subchannel_pool", 1),
    # A server that was restarted is found again within a quarter of a second, not after gRPC's two
    # minutes; until then calls fail at once, as they do where nothing listens.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1000),
    ("grpc.max_reconnect_backoff_ms", 250),
    # A database is not reached through the proxy for web pages.
    ("grpc.enable_http_proxy", 0),
]


@dataclass(frozen=True)
class Settings:
    """How to reach the server, and how long to wait for an answer."""

    address: str
    timeout: float | None
    credentials: grpc.ChannelCredentials | None

    def with_timeout(self, timeout: float | None) -> Settings:
        return replace(self, timeout=check_timeout(timeout))


def check_timeout(timeout: float | None) -> float | None:
    if timeout is not None and not timeout > 0:
        raise InvalidArgumentError(
            f"timeout: expected seconds above 0, or None to wait for ever, not {timeout!r}",
            reason="INVALID_TIMEOUT",
            field="timeout",
        )
    return timeout


def settings(
    address: str, timeout: float | None, credentials: grpc.ChannelCredentials | None
) -> Settings:
    return Settings(_with_port(address), check_timeout(timeout), credentials)


def _with_port(address: str) -> str:
    """`host`, `host:port`, `[::1]` or `[::1]:port`; the port is 7687 where none is given."""
    if not isinstance(address, str) or not address or "://" in address or "/" in address:
        raise _bad_address(address)
    host, colon, port = address.rpartition(":")
    if address.startswith("["):
        if address.endswith("]"):
            return f"{address}:{PORT}"
        if not host.endswith("]"):
            raise _bad_address(address)
    elif not colon:
        return f"{address}:{PORT}"
    elif ":" in host or not host:
        raise _bad_address(address)
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise _bad_address(address)
    return address


def _bad_address(address: object) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"address: {address!r} is not HOST:PORT, such as '127.0.0.1:7687' or '[::1]:7687'",
        reason="INVALID_ADDRESS",
        field="address",
    )


def backoff(attempt: int, asked: float | None) -> float:
    """Seconds to wait before attempt number `attempt` (1 is the first repetition): random, so that
    those who met in a conflict do not meet again."""
    ceiling = min(1.0, 0.004 * 2**attempt)
    return (asked or 0.0) + random.uniform(0.0, ceiling)
