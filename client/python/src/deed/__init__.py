"""Client of the Deed graph database.

    import deed

    with deed.connect("127.0.0.1:7687") as db:
        alice = db.add_entity("User", {"name": "Alice", "age": 28})

`deed.connect` gives a blocking client, `deed.aio.connect` the same for asyncio.
"""

from deed.batch import Batch, BatchResult, Created
from deed.client import Client, Graph, Scan, Transaction, connect
from deed.errors import (
    AlreadyExistsError,
    AuthenticationError,
    CancelledError,
    ConflictError,
    DeadlineExceededError,
    DeedError,
    FailedPreconditionError,
    InvalidArgumentError,
    LimitError,
    NotFoundError,
    OutcomeUnknownError,
    ProtocolError,
    ServerError,
    SnapshotTooOldError,
    TransactionEndedError,
    UnavailableError,
)
from deed.model import (
    CheckReport,
    Direction,
    Edge,
    IngestSummary,
    Isolation,
    Neighbour,
    Neighbours,
    NewEdge,
    NewNode,
    Node,
    Page,
    Pheromones,
    Ping,
    Properties,
    Refusal,
    Stats,
    TraverseMode,
    Value,
    Visit,
    Where,
)
from deed.spatial import Point, Vector
from deed.temporal import Date, DateTime, Duration, LocalDateTime, LocalTime, Time

__version__ = "0.1.0"

__all__ = [
    "AlreadyExistsError",
    "AuthenticationError",
    "Batch",
    "BatchResult",
    "CancelledError",
    "CheckReport",
    "Client",
    "ConflictError",
    "Created",
    "Date",
    "DateTime",
    "DeadlineExceededError",
    "DeedError",
    "Direction",
    "Duration",
    "Edge",
    "FailedPreconditionError",
    "Graph",
    "IngestSummary",
    "InvalidArgumentError",
    "Isolation",
    "LimitError",
    "LocalDateTime",
    "LocalTime",
    "Neighbour",
    "Neighbours",
    "NewEdge",
    "NewNode",
    "Node",
    "NotFoundError",
    "OutcomeUnknownError",
    "Page",
    "Pheromones",
    "Ping",
    "Point",
    "Properties",
    "ProtocolError",
    "Refusal",
    "Scan",
    "ServerError",
    "SnapshotTooOldError",
    "Stats",
    "Time",
    "Transaction",
    "TransactionEndedError",
    "TraverseMode",
    "UnavailableError",
    "Value",
    "Vector",
    "Visit",
    "Where",
    "connect",
]
