"""The book-keeping of a load: what was sent, answered, refused, to be sent again. No input or
output happens here; both clients drive it.

Nodes go first and are all answered before the first relationship is sent, so that a batch of nodes
which met a conflict can be sent again before anything refers to it.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from deed import _requests, errors
from deed._values import encode_properties
from deed.model import IngestSummary, NewEdge, NewNode, Node, Refusal
from deed.v1 import graph_pb2 as pb

WINDOW = 3
"""Batches that may be without an answer; the server itself holds two."""
_BYTES_PER_BATCH = 8 << 20
_REFUSALS_KEPT = 1000
_ATTEMPTS_MAX = 10
_REFUSED_ID = 2**64 - 1

OnRefused = Callable[[Refusal], object]
OnAccepted = Callable[[NewNode | NewEdge, int], object]

_ERRORS: dict[str, type[errors.DeedError]] = {
    "INVALID_ARGUMENT": errors.InvalidArgumentError,
    "NOT_FOUND": errors.NotFoundError,
    "ALREADY_EXISTS": errors.AlreadyExistsError,
    "FAILED_PRECONDITION": errors.FailedPreconditionError,
    "CONFLICT": errors.ConflictError,
    "SNAPSHOT_TOO_OLD": errors.SnapshotTooOldError,
    "TRANSACTION_TIMED_OUT": errors.TransactionEndedError,
    "LIMIT_EXCEEDED": errors.LimitError,
    "CANCELLED": errors.CancelledError,
    "DEADLINE_EXCEEDED": errors.DeadlineExceededError,
    "UNAVAILABLE": errors.UnavailableError,
    "OUTCOME_UNKNOWN": errors.OutcomeUnknownError,
}


@dataclass
class Pending:
    """A batch, and the items that it was made from."""

    request: pb.IngestRequest = field(default_factory=pb.IngestRequest)
    nodes: list[NewNode] = field(default_factory=list)
    edges: list[NewEdge] = field(default_factory=list)
    size: int = 0
    attempts: int = 0


def _as_node(item: Any) -> NewNode:
    return item if isinstance(item, NewNode) else NewNode(*item)


def _as_edge(item: Any) -> NewEdge:
    return item if isinstance(item, NewEdge) else NewEdge(*item)


def _refer(reference: pb.NodeRef, end: Any, field_name: str) -> None:
    if isinstance(end, str):
        reference.key = _requests.name(end, field_name)
    elif isinstance(end, Node):
        reference.id = end.id
    else:
        reference.id = _requests.node_id(end, field_name)


class Load:
    """One call of Ingest.

    Not for several threads at once. Invariant: `waiting` holds the batches that were sent and not
    answered, in the order in which they were sent, which is the order of the answers.
    """

    def __init__(
        self, batch_size: int, on_refused: OnRefused | None, on_accepted: OnAccepted | None
    ) -> None:
        self.batch_size = max(1, _requests.count(batch_size, "batch_size"))
        self.on_refused = on_refused
        self.on_accepted = on_accepted
        self.summary = IngestSummary()
        self.waiting: deque[Pending] = deque()
        self._next = Pending()
        self._sequence = 0

    def add_node(self, item: Any) -> Pending | None:
        """Takes one item; returns a batch when one became full."""
        try:
            node = _as_node(item)
            message = pb.IngestNode(
                key=_requests.name(node.key, "key"), labels=_requests.names(node.labels, "labels")
            )
            encode_properties(message.properties, node.properties, "properties")
        except (errors.DeedError, TypeError) as error:
            self._refuse_here(item, error)
            return None
        self._next.request.nodes.append(message)
        self._next.nodes.append(node)
        return self._grown(message.ByteSize())

    def add_edge(self, item: Any) -> Pending | None:
        try:
            edge = _as_edge(item)
            message = pb.IngestEdge(type=_requests.name(edge.type, "type"))
            _refer(message.start, edge.start, "start")
            _refer(message.end, edge.end, "end")
            encode_properties(message.properties, edge.properties, "properties")
        except (errors.DeedError, TypeError) as error:
            self._refuse_here(item, error)
            return None
        self._next.request.edges.append(message)
        self._next.edges.append(edge)
        return self._grown(message.ByteSize())

    def rest(self) -> Pending | None:
        """The batch that is not full, if there is anything in it."""
        if not (self._next.nodes or self._next.edges):
            return None
        return self._cut()

    def sent(self, pending: Pending) -> pb.IngestRequest:
        """Notes that the batch is on its way; returns what to send."""
        self._sequence += 1
        pending.request.sequence = self._sequence
        pending.attempts += 1
        self.waiting.append(pending)
        return pending.request

    def answered(self, answer: pb.IngestResponse) -> tuple[Pending, float] | None:
        """Takes the answer to the oldest batch. Returns the batch and the seconds to wait first
        where it should be sent again; raises where the batch failed for good."""
        pending = self.waiting.popleft()
        if answer.sequence != pending.request.sequence:
            raise errors.ProtocolError(
                f"the answer to batch {answer.sequence} came instead of "
                f"{pending.request.sequence}'s",
                reason="ANSWER_OUT_OF_ORDER",
            )
        if answer.HasField("error"):
            return self._failed(pending, answer.error)
        summary = self.summary
        summary.batches += 1
        summary.nodes += answer.nodes_accepted
        summary.edges += answer.edges_accepted
        summary.refused += answer.refused
        for refusal in answer.refusals:
            is_node = refusal.kind == pb.IngestResponse.Refusal.KIND_NODE
            item: NewNode | NewEdge
            item = pending.nodes[refusal.index] if is_node else pending.edges[refusal.index]
            self._refused(Refusal(item, refusal.reason, refusal.message, refusal.field))
        if self.on_accepted is not None:
            self._tell_accepted(pending, answer)
        return None

    def _grown(self, size: int) -> Pending | None:
        pending = self._next
        pending.size += size
        items = len(pending.nodes) + len(pending.edges)
        full = items >= self.batch_size or pending.size >= _BYTES_PER_BATCH
        return self._cut() if full else None

    def _cut(self) -> Pending:
        full, self._next = self._next, Pending()
        return full

    def _failed(
        self, pending: Pending, error: pb.IngestResponse.Error
    ) -> tuple[Pending, float] | None:
        if error.retryable and pending.attempts < _ATTEMPTS_MAX:
            self.summary.retried += 1
            return pending, random.uniform(0, 0.005 * 2**pending.attempts)
        kind = _ERRORS.get(error.code, errors.ServerError)
        raise kind(error.message, reason=error.reason)

    def _refuse_here(self, item: Any, error: Exception) -> None:
        self.summary.refused += 1
        if isinstance(error, errors.DeedError):
            refusal = Refusal(item, error.reason, error.message, error.field)
        else:
            refusal = Refusal(item, "INVALID_ITEM", f"no node or relationship to load: {error}", "")
        self._refused(refusal)

    def _refused(self, refusal: Refusal) -> None:
        if len(self.summary.refusals) < _REFUSALS_KEPT:
            self.summary.refusals.append(refusal)
        if self.on_refused is not None:
            self.on_refused(refusal)

    def _tell_accepted(self, pending: Pending, answer: pb.IngestResponse) -> None:
        assert self.on_accepted is not None
        for node, id_ in zip(pending.nodes, answer.node_ids, strict=True):
            if id_ != _REFUSED_ID:
                self.on_accepted(node, id_)
        for edge, id_ in zip(pending.edges, answer.edge_ids, strict=True):
            if id_ != _REFUSED_ID:
                self.on_accepted(edge, id_)
