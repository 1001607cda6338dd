"""Points and vectors: values that Python has no type of its own for."""

from __future__ import annotations

import array
import math
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from deed.errors import InvalidArgumentError

if TYPE_CHECKING:
    import numpy

__all__ = ["Point", "Vector"]

_WGS84_2D, _WGS84_3D = 4326, 4979
_CARTESIAN_2D, _CARTESIAN_3D = 7203, 9157
_DIMENSIONS = {_WGS84_2D: 2, _WGS84_3D: 3, _CARTESIAN_2D: 2, _CARTESIAN_3D: 3}


def _refuse(message: str, reason: str) -> InvalidArgumentError:
    return InvalidArgumentError(message, reason=reason)


@dataclass(frozen=True, slots=True)
class Point:
    """A place, Cartesian by default; `Point.wgs84(longitude, latitude)` for one on the globe."""

    x: float
    y: float
    z: float | None = None
    srid: int = 0
    """Number of the coordinate reference system: 7203, 9157 (Cartesian), 4326, 4979 (WGS-84)."""

    def __post_init__(self) -> None:
        size = 2 if self.z is None else 3
        if self.srid == 0:
            object.__setattr__(self, "srid", _CARTESIAN_2D if size == 2 else _CARTESIAN_3D)
        if _DIMENSIONS.get(self.srid) != size:
            raise _refuse(
                f"srid {self.srid} does not name a system of {size} coordinates; "
                "use 7203 or 4326 for two, 9157 or 4979 for three",
                "INVALID_POINT",
            )
        for name in ("x", "y", "z"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, float(value))

    @classmethod
    def wgs84(cls, longitude: float, latitude: float, height: float | None = None) -> Point:
        return cls(longitude, latitude, height, _WGS84_2D if height is None else _WGS84_3D)

    @property
    def is_geographic(self) -> bool:
        return self.srid in (_WGS84_2D, _WGS84_3D)

    @property
    def longitude(self) -> float:
        return self.x

    @property
    def latitude(self) -> float:
        return self.y

    @property
    def height(self) -> float | None:
        return self.z

    def __iter__(self) -> Iterator[float]:
        yield self.x
        yield self.y
        if self.z is not None:
            yield self.z


# Element type by name: code of the `array` and `struct` modules.
_CODES = {"int8": "b", "int16": "h", "int32": "i", "int64": "q", "float32": "f", "float64": "d"}


class Vector(Sequence[float]):
    """Numbers of one type, as embeddings are stored: immutable and compact.

    dtype is one of int8, int16, int32, int64, float32 (the default), float64. Elements are read
    back as Python's int or float; `to_numpy()` gives an array where numpy is installed.
    """

    __slots__ = ("_data", "dtype")

    dtype: str

    def __init__(self, elements: Iterable[float], dtype: str = "float32") -> None:
        code = _CODES.get(dtype)
        if code is None:
            raise _refuse(
                f"a vector of {dtype} does not exist; use one of {', '.join(_CODES)}",
                "INVALID_VECTOR",
            )
        try:
            data = array.array(code, elements)
        except (TypeError, OverflowError) as error:
            raise _refuse(
                f"not the elements of a {dtype} vector: {error}", "INVALID_VECTOR"
            ) from None
        if code == "f" and any(map(math.isinf, data)):
            # array.array turns what is too large for 32 bits into infinity without a word.
            raise _refuse("an element is infinite or beyond the range of float32", "INVALID_VECTOR")
        self._data = data
        self.dtype = dtype

    @classmethod
    def from_numpy(cls, values: numpy.ndarray[Any, Any]) -> Vector:
        """A one-dimensional array of a type that vectors know, as it is."""
        if values.ndim != 1:
            raise _refuse(f"a vector has one dimension, not {values.ndim}", "INVALID_VECTOR")
        return cls(values.tolist(), str(values.dtype))

    @classmethod
    def from_bytes(cls, data: bytes, dtype: str) -> Vector:
        """Little-endian elements one after the other."""
        code = _CODES[dtype]
        size = struct.calcsize("<" + code)
        if len(data) % size:
            raise _refuse(f"{len(data)} bytes are no whole number of {dtype}", "INVALID_VECTOR")
        vector = cls.__new__(cls)
        vector._data = array.array(code, struct.unpack(f"<{len(data) // size}{code}", data))
        vector.dtype = dtype
        return vector

    def to_bytes(self) -> bytes:
        return struct.pack(f"<{len(self._data)}{_CODES[self.dtype]}", *self._data)

    def to_numpy(self) -> numpy.ndarray[Any, Any]:
        """Raises ModuleNotFoundError where numpy is not installed."""
        import numpy

        return numpy.array(self._data, dtype=self.dtype)

    def __len__(self) -> int:
        return len(self._data)

    @overload
    def __getitem__(self, index: int) -> float: ...
    @overload
    def __getitem__(self, index: slice) -> Vector: ...
    def __getitem__(self, index: int | slice) -> float | Vector:
        if isinstance(index, slice):
            return Vector(self._data[index], self.dtype)
        element: float = self._data[index]
        return element

    def __iter__(self) -> Iterator[float]:
        return iter(self._data)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vector):
            return NotImplemented
        return self.dtype == other.dtype and self._data == other._data

    def __hash__(self) -> int:
        return hash((self.dtype, self._data.tobytes()))

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self._data[:8])) + (", ..." if len(self._data) > 8 else "")
        return f"Vector([{shown}], dtype={self.dtype!r})"
