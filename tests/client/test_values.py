"""Every type of value, to the server and back."""

from __future__ import annotations

import datetime as dt
import math
import zoneinfo
from typing import Any

import deed
import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

UTC = dt.timezone.utc
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")

# What comes back as it went.
EXACT: list[Any] = [
    True,
    False,
    0,
    1,
    -1,
    2**31,
    2**63 - 1,
    -(2**63),
    0.0,
    -0.0,
    1.5,
    1e308,
    5e-324,
    math.inf,
    -math.inf,
    "",
    "plain",
    "å∂ 日本 🦌 \u0000 end",
    "x" * 100_000,
    b"",
    b"\x00\xff\x80",
    [],
    [1, 2, 3],
    ["a", "b"],
    [1.5, 2.5],
    [True, False],
    [1, "two", 3.0, None],
    [[1], [2, [3]]],
    {},
    {"a": 1, "b": [1, {"c": "d"}], "ø": None},
    dt.date(1, 1, 1),
    dt.date(1970, 1, 1),
    dt.date(9999, 12, 31),
    dt.time(0, 0),
    dt.time(23, 59, 59, 999_999),
    dt.time(12, 30, tzinfo=UTC),
    dt.time(12, 30, 0, 1, tzinfo=dt.timezone(dt.timedelta(hours=-3, minutes=-30))),
    dt.datetime(1, 1, 1),
    dt.datetime(1969, 12, 31, 23, 59, 59, 999_999),
    dt.datetime(9999, 12, 31, 23, 59, 59, 999_999),
    dt.datetime(2024, 2, 29, 12, 0, tzinfo=UTC),
    dt.datetime(2024, 2, 29, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=45))),
    dt.datetime(2024, 7, 1, 12, 0, tzinfo=BERLIN),
    dt.timedelta(0),
    dt.timedelta(days=1, seconds=2, microseconds=3),
    dt.timedelta(microseconds=-1),
    deed.Date(3_000_000),
    deed.Date(-1_000_000),
    deed.LocalTime(86_399_999_999_999),
    deed.Time(1, 3600),
    deed.LocalDateTime(0, 1),
    deed.LocalDateTime(400_000_000_000),
    deed.DateTime(0, 999_999_999, -3600),
    deed.DateTime(1_720_000_000, 1, 7200, "Europe/Berlin"),
    deed.Duration(months=14),
    deed.Duration(1, -2, 3, 4),
    deed.Duration(seconds=-1, nanosecond=999_999_999),
    deed.Duration(seconds=86_400),
    deed.Point(1.0, 2.0),
    deed.Point(1.0, 2.0, 3.0),
    deed.Point.wgs84(13.4, 52.5),
    deed.Point.wgs84(13.4, 52.5, 34.0),
    deed.Vector([1.0, -2.5, 0.0]),
    deed.Vector([1.0, 2.0], "float64"),
    deed.Vector([-128, 127], "int8"),
    deed.Vector([-(2**63), 2**63 - 1], "int64"),
    deed.Vector(range(4096), "int16"),
]


def there_and_back(db: deed.Client, value: Any) -> Any:
    node = db.add_entity((), {"value": value})
    try:
        return db.get_entity(node).properties["value"]
    finally:
        db.delete_entity(node)


def same(a: Any, b: Any) -> bool:
    """Equal and of the same type, all the way down; NaN is the same as NaN."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, float):
        return (a == b and math.copysign(1, a) == math.copysign(1, b)) or (a != a and b != b)
    if isinstance(a, dt.datetime | dt.time):
        return bool(a == b and a.utcoffset() == b.utcoffset())
    return bool(a == b)


@pytest.mark.parametrize("value", EXACT, ids=lambda value: repr(value)[:40])
def test_comes_back_as_it_went(db: deed.Client, value: Any) -> None:
    assert same(there_and_back(db, value), value)


def test_nan_is_a_value(db: deed.Client) -> None:
    assert math.isnan(there_and_back(db, math.nan))


def test_a_null_property_is_not_kept(db: deed.Client) -> None:
    node = db.add_entity((), {"kept": 1, "gone": None})
    assert db.get_entity(node).properties == {"kept": 1}


def test_relatives_of_types_are_understood(db: deed.Client) -> None:
    assert there_and_back(db, (1, 2)) == [1, 2]
    assert there_and_back(db, range(3)) == [0, 1, 2]
    assert there_and_back(db, bytearray(b"ab")) == b"ab"
    assert there_and_back(db, memoryview(b"ab")) == b"ab"
    assert same(there_and_back(db, numpy.int64(7)), 7)
    assert same(there_and_back(db, numpy.float64(1.5)), 1.5)
    assert same(there_and_back(db, numpy.float32(0.5)), 0.5)
    assert same(there_and_back(db, numpy.bool_(True)), True)


def test_a_duration_that_timedelta_holds_is_one(db: deed.Client) -> None:
    assert same(there_and_back(db, deed.Duration(0, 1, 2, 3000)), dt.timedelta(1, 2, 3))


def test_both_hours_of_a_repeated_hour_are_told_apart(db: deed.Client) -> None:
    first = dt.datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN)
    second = first.replace(fold=1)
    assert there_and_back(db, first).utcoffset() == dt.timedelta(hours=2)
    assert there_and_back(db, second).utcoffset() == dt.timedelta(hours=1)


def test_vectors_and_numpy(db: deed.Client) -> None:
    array = numpy.array([0.25, -1.0, 3.5], dtype=numpy.float32)
    vector = there_and_back(db, deed.Vector.from_numpy(array))
    assert vector.dtype == "float32"
    assert numpy.array_equal(vector.to_numpy(), array)
    assert list(vector) == [0.25, -1.0, 3.5]


def test_an_exact_type_gives_its_parts() -> None:
    moment = deed.DateTime(0, 123_456_789, 3600)
    assert (moment.year, moment.month, moment.day, moment.hour) == (1970, 1, 1, 1)
    assert moment.nanosecond == 123_456_789
    assert str(moment) == "1970-01-01T01:00:00.123456789+01:00"
    assert deed.DateTime.of(moment.to_python()).nanosecond == 123_456_000
    assert str(deed.Date(2_932_897)) == "+10000-01-01"
    assert str(deed.Duration(14, -3, 1, 500_000_000)) == "P14M-3DT1.5S"
    assert str(deed.Duration(seconds=-1, nanosecond=500_000_000)) == "PT-0.5S"


@given(st.integers(-4_000_000, 4_000_000))
def test_the_calendar_agrees_with_python(days: int) -> None:
    date = deed.Date(days)
    try:
        plain = date.to_python()
    except deed.InvalidArgumentError:
        assert not 1 <= date.year <= 9999
        return
    assert (date.year, date.month, date.day) == (plain.year, plain.month, plain.day)
    assert deed.Date.of(plain) == date
    assert str(date) == plain.isoformat()


zones: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.just(UTC),
    st.integers(-18 * 60, 18 * 60).map(lambda m: dt.timezone(dt.timedelta(minutes=m))),
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
scalars = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    texts,
    st.binary(max_size=50),
    st.dates(),
    st.times(timezones=zones),
    st.datetimes(
        min_value=dt.datetime(2, 1, 1), max_value=dt.datetime(9998, 12, 31), timezones=zones
    ),
    st.timedeltas(min_value=dt.timedelta(days=-1_000_000), max_value=dt.timedelta(days=1_000_000)),
    st.builds(
        deed.Duration,
        st.integers(-1000, 1000),
        st.integers(-1000, 1000),
        st.integers(-(10**6), -1),
        st.integers(0, 999_999_999),
    ),
    st.builds(
        deed.Point,
        st.floats(allow_nan=False, allow_infinity=False),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    st.lists(
        st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=9
    ).map(deed.Vector),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)
# A property's name has no NUL inside; a map's key may.
names = texts.filter(lambda name: 0 < len(name.encode()) < 1000 and "\0" not in name)


@given(st.dictionaries(names, values, max_size=6))
def test_any_properties_come_back(db: deed.Client, properties: dict[str, Any]) -> None:
    node = db.add_entity("Any", properties)
    assert same(db.get_entity(node).properties, properties)
    # The batch read answers by column, with an encoding of its own.
    (batched,) = db.get_entities([node])
    assert batched is not None
    assert same(batched.properties, properties)
    db.delete_entity(node)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (2**63, "INTEGER_OUT_OF_RANGE"),
        (-(2**63) - 1, "INTEGER_OUT_OF_RANGE"),
        ("\ud800", "INVALID_UTF8"),
        (object(), "UNSUPPORTED_TYPE"),
        ({1, 2}, "UNSUPPORTED_TYPE"),
        (1j, "UNSUPPORTED_TYPE"),
        (numpy.array([1.0]), "UNSUPPORTED_TYPE"),
        ({1: "a"}, "KEY_NOT_STRING"),
        (dt.time(12, tzinfo=BERLIN), "INVALID_TEMPORAL"),
    ],
    ids=repr,
)
def test_what_is_no_value_is_refused_before_it_is_sent(value: Any, reason: str) -> None:
    with deed.connect("127.0.0.1:1") as nowhere, pytest.raises(deed.InvalidArgumentError) as caught:
        nowhere.add_entity((), {"deep": [{"bad": value}]})
    assert caught.value.reason == reason
    assert caught.value.field.startswith("properties.deep[0].bad")


def test_depth_is_limited_here_as_there(db: deed.Client) -> None:
    def nested(depth: int) -> Any:
        value: Any = 1
        for _ in range(depth):
            value = [value]
        return value

    assert there_and_back(db, nested(30)) == nested(30)
    endless: list[Any] = []
    endless.append(endless)
    for bad in (nested(31), endless):
        with pytest.raises(deed.InvalidArgumentError) as caught:
            db.add_entity((), {"x": bad})
        assert caught.value.reason == "VALUE_TOO_DEEP"
        assert caught.value.field == "properties.x"


def test_bad_points_and_vectors_cannot_be_made() -> None:
    with pytest.raises(deed.InvalidArgumentError):
        deed.Point(1, 2, srid=4979)
    with pytest.raises(deed.InvalidArgumentError):
        deed.Vector([300], "int8")
    with pytest.raises(deed.InvalidArgumentError):
        deed.Vector([1e300])
    with pytest.raises(deed.InvalidArgumentError):
        deed.Vector([1.0], "float16")
