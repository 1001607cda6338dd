"""Python values to protocol values and back.

The rule of `temporal.py`: what Python's own types hold exactly comes back as those, the rest as
ours; writing back what was read never changes it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

from deed import temporal
from deed.errors import InvalidArgumentError, ProtocolError
from deed.spatial import Point, Vector
from deed.v1 import value_pb2 as pb

INTEGER_MIN = -(2**63)
INTEGER_MAX = 2**63 - 1
DEPTH_MAX = 30
"""Lists in maps in lists ...; the protocol's limit."""

_Encoder = Callable[[pb.Value, Any, str, int], None]


def check_text(text: str, field: str) -> str:
    """The text, unless it cannot be UTF-8: half a surrogate pair, as from a bad decoding."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidArgumentError(
            f"{field}: the string holds half a surrogate pair at position {error.start} "
            "and is no Unicode text; decode its source with errors='replace', or store bytes",
            reason="INVALID_UTF8",
            field=field,
        ) from None
    return text


def _encode_null(target: pb.Value, _value: None, _field: str, _depth: int) -> None:
    target.null = pb.NULL_VALUE


def _encode_boolean(target: pb.Value, value: bool, _field: str, _depth: int) -> None:
    target.boolean = value


def _encode_integer(target: pb.Value, value: int, field: str, _depth: int) -> None:
    if not INTEGER_MIN <= value <= INTEGER_MAX:
        raise InvalidArgumentError(
            f"{field}: {value} does not fit into 64 bits ({INTEGER_MIN} to {INTEGER_MAX}); "
            "store it as a string or a float",
            reason="INTEGER_OUT_OF_RANGE",
            field=field,
        )
    target.integer = value


def _encode_float(target: pb.Value, value: float, _field: str, _depth: int) -> None:
    target.float = value


def _encode_string(target: pb.Value, value: str, field: str, _depth: int) -> None:
    target.string = value if value.isascii() else check_text(value, field)


def _encode_bytes(
    target: pb.Value, value: bytes | bytearray | memoryview, _field: str, _depth: int
) -> None:
    target.bytes = bytes(value)


def _check_depth(field: str, depth: int) -> None:
    if depth >= DEPTH_MAX:
        outermost = ".".join(field.partition("[")[0].split(".")[:2])
        raise InvalidArgumentError(
            f"{outermost}: lists and maps lie within each other more than {DEPTH_MAX} deep, "
            "or one contains itself; store the inner part as a node of its own",
            reason="VALUE_TOO_DEEP",
            field=outermost,
        )


def _encode_list(target: pb.Value, value: Sequence[Any], field: str, depth: int) -> None:
    _check_depth(field, depth)
    target.list.SetInParent()
    add = target.list.elements.add
    for index, element in enumerate(value):
        _encode(add(), element, f"{field}[{index}]", depth + 1)


def _encode_map(target: pb.Value, value: Mapping[str, Any], field: str, depth: int) -> None:
    _check_depth(field, depth)
    target.map.SetInParent()
    entries = target.map.entries
    for key, element in value.items():
        name = _key(key, field)
        _encode(entries[name], element, f"{field}.{name}", depth + 1)


def _encode_date(target: pb.Value, value: dt.date | temporal.Date, _f: str, _d: int) -> None:
    target.date.days = temporal.Date.of(value).days
    target.date.SetInParent()


def _encode_stdlib_time(target: pb.Value, value: dt.time, field: str, depth: int) -> None:
    if value.tzinfo is None:
        _encode_local_time(target, temporal.LocalTime.of(value), field, depth)
    else:
        _encode_time(target, temporal.Time.of(value), field, depth)


def _encode_time(target: pb.Value, value: temporal.Time, _field: str, _depth: int) -> None:
    target.time.nanoseconds = value.nanoseconds
    target.time.offset_seconds = value.offset_seconds
    target.time.SetInParent()


def _encode_local_time(target: pb.Value, value: temporal.LocalTime, _f: str, _d: int) -> None:
    target.local_time.nanoseconds = value.nanoseconds
    target.local_time.SetInParent()


def _encode_stdlib_date_time(target: pb.Value, value: dt.datetime, field: str, depth: int) -> None:
    if value.tzinfo is None:
        _encode_local_date_time(target, temporal.LocalDateTime.of(value), field, depth)
    else:
        _encode_date_time(target, temporal.DateTime.of(value), field, depth)


def _encode_date_time(target: pb.Value, value: temporal.DateTime, _f: str, _d: int) -> None:
    message = target.date_time
    message.SetInParent()
    message.epoch_seconds = value.seconds
    message.nanoseconds = value.nanosecond
    message.offset_seconds = value.offset_seconds
    message.zone = value.zone


def _encode_local_date_time(
    target: pb.Value, value: temporal.LocalDateTime, _field: str, _depth: int
) -> None:
    target.local_date_time.SetInParent()
    target.local_date_time.epoch_seconds = value.seconds
    target.local_date_time.nanoseconds = value.nanosecond


def _encode_duration(
    target: pb.Value, value: temporal.Duration | dt.timedelta, _field: str, _depth: int
) -> None:
    exact = temporal.Duration.of(value)
    message = target.duration
    message.SetInParent()
    message.months = exact.months
    message.days = exact.days
    message.seconds = exact.seconds
    message.nanoseconds = exact.nanosecond


def _encode_point(target: pb.Value, value: Point, _field: str, _depth: int) -> None:
    message = target.point
    message.srid = value.srid
    message.x = value.x
    message.y = value.y
    message.z = value.z or 0.0


_VECTOR_TYPES = {
    "int8": pb.Vector.ELEMENT_TYPE_INTEGER8,
    "int16": pb.Vector.ELEMENT_TYPE_INTEGER16,
    "int32": pb.Vector.ELEMENT_TYPE_INTEGER32,
    "int64": pb.Vector.ELEMENT_TYPE_INTEGER64,
    "float32": pb.Vector.ELEMENT_TYPE_FLOAT32,
    "float64": pb.Vector.ELEMENT_TYPE_FLOAT64,
}
_VECTOR_NAMES = {number: name for name, number in _VECTOR_TYPES.items()}


def _encode_vector(target: pb.Value, value: Vector, _field: str, _depth: int) -> None:
    target.vector.element_type = _VECTOR_TYPES[value.dtype]
    target.vector.elements = value.to_bytes()


# In the order in which a subclass is matched: bool is an int, datetime is a date, Vector is a
# sequence, str is a sequence too.
_ENCODERS: dict[type[Any], _Encoder] = {
    type(None): _encode_null,
    bool: _encode_boolean,
    int: _encode_integer,
    float: _encode_float,
    str: _encode_string,
    bytes: _encode_bytes,
    bytearray: _encode_bytes,
    memoryview: _encode_bytes,
    list: _encode_list,
    tuple: _encode_list,
    dict: _encode_map,
    dt.datetime: _encode_stdlib_date_time,
    dt.date: _encode_date,
    dt.time: _encode_stdlib_time,
    dt.timedelta: _encode_duration,
    temporal.Date: _encode_date,
    temporal.Time: _encode_time,
    temporal.LocalTime: _encode_local_time,
    temporal.DateTime: _encode_date_time,
    temporal.LocalDateTime: _encode_local_date_time,
    temporal.Duration: _encode_duration,
    Point: _encode_point,
    Vector: _encode_vector,
    Mapping: _encode_map,
    Sequence: _encode_list,
}


def _encode(target: pb.Value, value: Any, field: str, depth: int) -> None:
    encoder = _ENCODERS.get(type(value))
    if encoder is None:
        encoder, value = _encoder_of_kin(value, field)
    try:
        encoder(target, value, field, depth)
    except InvalidArgumentError as error:
        if not error.field:
            raise InvalidArgumentError(
                f"{field}: {error.message}", reason=error.reason, field=field
            ) from None
        raise


def _encoder_of_kin(value: Any, field: str) -> tuple[_Encoder, Any]:
    """The encoder of the first class that the value is an instance of, and what to give it."""
    kind = type(value)
    if kind.__module__ == "numpy" and kind.__name__ != "ndarray" and hasattr(value, "item"):
        plain = value.item()
        encoder = _ENCODERS.get(type(plain))
        if encoder is not None:
            return encoder, plain
    for base, encoder in _ENCODERS.items():
        if isinstance(value, base):
            return encoder, value
    hint = ""
    if kind.__module__ == "numpy":
        hint = "; say what you mean: deed.Vector.from_numpy(array), or array.tolist()"
    elif isinstance(value, set | frozenset):
        hint = "; a set has no order, use a list"
    else:
        hint = "; convert it to a string, number, list or map first"
    raise InvalidArgumentError(
        f"{field}: a {kind.__module__}.{kind.__qualname__} is no value of the database{hint}",
        reason="UNSUPPORTED_TYPE",
        field=field,
    )


def _key(key: object, field: str) -> str:
    if not isinstance(key, str):
        raise InvalidArgumentError(
            f"{field}: the key {key!r} is not a string", reason="KEY_NOT_STRING", field=field
        )
    return key if key.isascii() else check_text(key, field)


def encode_properties(
    target: MutableMapping[str, pb.Value], properties: Mapping[str, Any] | None, field: str
) -> None:
    """Fills a protobuf map; nulls are kept (they remove a property in an update)."""
    if properties is None:
        return
    if not isinstance(properties, Mapping):
        raise InvalidArgumentError(
            f"{field}: expected a map of names to values, not a {type(properties).__qualname__}",
            reason="NOT_A_MAP",
            field=field,
        )
    for key, value in properties.items():
        name = _key(key, field)
        _encode(target[name], value, f"{field}.{name}", 0)


def encode_value(value: Any, field: str = "value") -> pb.Value:
    message = pb.Value()
    _encode(message, value, field, 0)
    return message


def _decode_point(message: pb.Point) -> Point:
    return Point(
        message.x, message.y, message.z if message.srid in (9157, 4979) else None, message.srid
    )


def _decode_vector(message: pb.Vector) -> Vector:
    name = _VECTOR_NAMES.get(message.element_type)
    if name is None:
        raise ProtocolError(f"a vector of the unknown element type {message.element_type}")
    return Vector.from_bytes(message.elements, name)


def _decode_date_time(message: pb.DateTime) -> temporal.DateTime | dt.datetime:
    return temporal.simplest_date_time(
        temporal.DateTime(
            message.epoch_seconds, message.nanoseconds, message.offset_seconds, message.zone
        )
    )


_DECODERS: dict[str, Callable[[pb.Value], Any]] = {
    "null": lambda value: None,
    "boolean": lambda value: value.boolean,
    "integer": lambda value: value.integer,
    "float": lambda value: value.float,
    "string": lambda value: value.string,
    "bytes": lambda value: value.bytes,
    "list": lambda value: [decode_value(element) for element in value.list.elements],
    "map": lambda value: decode_properties(value.map.entries),
    "date": lambda value: temporal.simplest_date(temporal.Date(value.date.days)),
    "time": lambda value: temporal.simplest_time(
        temporal.Time(value.time.nanoseconds, value.time.offset_seconds)
    ),
    "local_time": lambda value: temporal.simplest_local_time(
        temporal.LocalTime(value.local_time.nanoseconds)
    ),
    "date_time": lambda value: _decode_date_time(value.date_time),
    "local_date_time": lambda value: temporal.simplest_local_date_time(
        temporal.LocalDateTime(
            value.local_date_time.epoch_seconds, value.local_date_time.nanoseconds
        )
    ),
    "duration": lambda value: temporal.simplest_duration(
        temporal.Duration(
            value.duration.months,
            value.duration.days,
            value.duration.seconds,
            value.duration.nanoseconds,
        )
    ),
    "point": lambda value: _decode_point(value.point),
    "vector": lambda value: _decode_vector(value.vector),
}


def decode_value(value: pb.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind is None:
        raise ProtocolError(
            "the server answered with a kind of value that this client does not know; update it",
            reason="VALUE_KIND_MISSING",
        )
    return _DECODERS[kind](value)


def decode_properties(properties: Mapping[str, pb.Value]) -> dict[str, Any]:
    return {name: decode_value(value) for name, value in properties.items()}
