"""What can go wrong, as classes that programs can catch.

Every failure is a `DeedError`. `reason` is a stable upper-case word (for example
"NODE_NOT_FOUND") and is what programs should test beyond the class; the message is for people
and may change.

    DeedError
      InvalidArgumentError      the call can never succeed as it stands; `field` says which part
      LimitError                a size, count or depth beyond what is allowed
      NotFoundError             no such node, relationship or transaction
      AlreadyExistsError
      FailedPreconditionError   a legal call in the wrong state, such as deleting a connected node
      ConflictError             retryable: another transaction committed first
        SnapshotTooOldError     retryable: the transaction held its snapshot for too long
      TransactionEndedError     the transaction is over: committed, rolled back, or timed out
      DeadlineExceededError     no answer within the time that the caller gave
      CancelledError            the caller or the server stopped the call
      AuthenticationError       the server wants credentials, or other ones
      UnavailableError          nothing answers at the address, or the server is shutting down
      OutcomeUnknownError       a commit was sent and no answer came: it may have taken place
      ServerError               the server's own trouble: disk full, input/output, corruption, bug
      ProtocolError             an answer that this version of the client cannot read
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deed.model import IngestSummary

__all__ = [
    "AlreadyExistsError",
    "AuthenticationError",
    "CancelledError",
    "ConflictError",
    "DeadlineExceededError",
    "DeedError",
    "FailedPreconditionError",
    "InvalidArgumentError",
    "LimitError",
    "NotFoundError",
    "OutcomeUnknownError",
    "ProtocolError",
    "ServerError",
    "SnapshotTooOldError",
    "TransactionEndedError",
    "UnavailableError",
]


class DeedError(Exception):
    """Any failure of this package.

    reason      a stable upper-case word, for programs
    field       the argument at fault, in the words of the API, or ""
    retryable   True where the same work may succeed if it is done again from its start
    metadata    further facts from the server, such as the "limit" that was met and its "value"
    retry_delay seconds that the server asks to wait before trying again, or None
    summary     of an interrupted load, what it had done until then; else None
    """

    retryable = False

    def __init__(self, message: str, *, reason: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.field = field
        self.metadata: dict[str, str] = {}
        self.retry_delay: float | None = None
        self.summary: IngestSummary | None = None

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}" if self.reason else self.message

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions cross process borders (multiprocessing); keyword arguments need a helper.
        return (_rebuild, (type(self), self.message, self.reason, self.field))


def _rebuild(kind: type[DeedError], message: str, reason: str, field: str) -> DeedError:
    return kind(message, reason=reason, field=field)


class InvalidArgumentError(DeedError, ValueError):
    """The call can never succeed as it stands."""


class LimitError(DeedError):
    """A size, count or depth beyond what is allowed; `metadata` names the limit."""


class NotFoundError(DeedError, LookupError):
    """No such node, relationship or transaction."""


class AlreadyExistsError(DeedError):
    """What was to be created is there already."""


class FailedPreconditionError(DeedError):
    """A legal call in the wrong state."""


class ConflictError(DeedError):
    """Another transaction committed first; done again, the same work may succeed."""

    retryable = True


class SnapshotTooOldError(ConflictError):
    """The transaction held its snapshot for too long; done again, the work may succeed."""


class TransactionEndedError(DeedError):
    """The transaction is over: committed, rolled back, or idle for too long."""


class DeadlineExceededError(DeedError, TimeoutError):
    """No answer within the time that the caller gave."""


class CancelledError(DeedError):
    """The caller or the server stopped the call."""


class AuthenticationError(DeedError):
    """The server wants credentials, or other ones."""


class UnavailableError(DeedError, ConnectionError):
    """Nothing answers at the address, or the connection broke, or the server is shutting down."""

    # Reading again is safe; whether writing again is safe, only the caller can know.
    retryable = True


class OutcomeUnknownError(DeedError):
    """A commit was sent and its answer did not come: it may or may not have taken place.

    Read back what the transaction wrote before doing it again.
    """


class ServerError(DeedError):
    """The server's own trouble: disk full, input or output failed, stored bytes damaged, a bug."""


class ProtocolError(DeedError):
    """An answer that this version of the client cannot read."""
