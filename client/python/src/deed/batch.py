"""Many writes in one call, wholly or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from deed import _requests
from deed._values import encode_properties
from deed.errors import InvalidArgumentError
from deed.model import EdgeLike, Labels, NodeLike, Properties
from deed.v1 import graph_pb2 as pb

__all__ = ["Batch", "BatchResult", "Created"]


@dataclass(frozen=True, slots=True, eq=False)
class Created:
    """A place in a batch: stands for a node before it has an id, and finds the id afterwards."""

    batch: Batch
    position: int
    is_node: bool


Target: TypeAlias = NodeLike | Created


class Batch:
    """Writes collected for `Client.write()`; later ones may refer to nodes of earlier ones.

        batch = deed.Batch()
        alice = batch.add_entity("User", {"name": "Alice"})
        batch.add_edge(alice, 7, "FOLLOWS")
        ids = db.write(batch)
        ids[alice]

    Not for several threads at once. May be written again, which does everything a second time.
    """

    def __init__(self) -> None:
        self._operations: list[pb.Operation] = []

    def __len__(self) -> int:
        return len(self._operations)

    def add_entity(self, labels: Labels = (), properties: Properties | None = None) -> Created:
        operation = pb.Operation()
        operation.add_node.labels.extend(_requests.names(labels, "labels"))
        operation.add_node.SetInParent()
        encode_properties(operation.add_node.properties, properties, "properties")
        return self._append(operation, is_node=True)

    def update_entity(
        self,
        node: Target,
        set: Properties | None = None,
        *,
        replace: bool = False,
        add_labels: Labels = (),
        remove_labels: Labels = (),
    ) -> Created:
        operation = pb.Operation()
        change = operation.update_node
        self._refer(change.node, node, "id")
        change.add_labels.extend(_requests.names(add_labels, "add_labels"))
        change.remove_labels.extend(_requests.names(remove_labels, "remove_labels"))
        change.replace_properties = replace
        encode_properties(change.set, set, "set")
        return self._append(operation)

    def delete_entity(self, node: Target, *, detach: bool = False) -> Created:
        operation = pb.Operation()
        self._refer(operation.delete_node.node, node, "id")
        operation.delete_node.detach = detach
        return self._append(operation)

    def add_edge(
        self,
        start: Target,
        end: Target,
        type: str,
        properties: Properties | None = None,
    ) -> Created:
        operation = pb.Operation()
        self._refer(operation.add_edge.start, start, "start")
        self._refer(operation.add_edge.end, end, "end")
        operation.add_edge.type = _requests.name(type, "type")
        encode_properties(operation.add_edge.properties, properties, "properties")
        return self._append(operation)

    def update_edge(
        self, edge: EdgeLike, set: Properties | None = None, *, replace: bool = False
    ) -> Created:
        operation = pb.Operation()
        operation.update_edge.id = _requests.edge_id(edge)
        operation.update_edge.replace_properties = replace
        encode_properties(operation.update_edge.set, set, "set")
        return self._append(operation)

    def delete_edge(self, edge: EdgeLike) -> Created:
        operation = pb.Operation()
        operation.delete_edge.id = _requests.edge_id(edge)
        return self._append(operation)

    def _append(self, operation: pb.Operation, *, is_node: bool = False) -> Created:
        self._operations.append(operation)
        return Created(self, len(self._operations) - 1, is_node)

    def _refer(self, reference: pb.NodeRef, target: Target, field: str) -> None:
        if not isinstance(target, Created):
            reference.id = _requests.node_id(target, field)
            return
        if target.batch is not self or not target.is_node:
            raise InvalidArgumentError(
                f"{field}: refers to no node that this batch creates",
                reason="INVALID_REFERENCE",
                field=field,
            )
        reference.created = target.position

    def to_request(self, transaction: bytes) -> pb.BatchRequest:
        return pb.BatchRequest(operations=self._operations, transaction=transaction)


class BatchResult:
    """The ids that the operations of a batch created, changed or removed, in their order.

    `result[created]` finds the id of what `Batch.add_entity` or `add_edge` returned.
    """

    __slots__ = ("_batch", "commit", "ids")

    def __init__(self, batch: Batch, ids: list[int], commit: int) -> None:
        self._batch = batch
        self.ids = ids
        self.commit = commit
        """The commit's place in the order of commits; 0 within a transaction."""

    def __getitem__(self, created: Created) -> int:
        if created.batch is not self._batch:
            raise KeyError("the result of another batch")
        return self.ids[created.position]

    def __len__(self) -> int:
        return len(self.ids)
