"""Dates, times and durations with the whole range and precision of the database.

Python's own `datetime` types are understood everywhere and are what a result holds **whenever they
can hold the value exactly**. The types here exist for what they cannot hold: nanoseconds, years
outside 1 to 9999, durations with months. Each has `of()`, which takes either kind, and
`to_python()`, which gives Python's kind, cut off at the microsecond.

    DateTime.of(node["seen"]).nanosecond      # works whatever arrived

| database        | Python's type                   | type here       |
|-----------------|---------------------------------|-----------------|
| DATE            | datetime.date                   | Date            |
| ZONED TIME      | datetime.time with tzinfo       | Time            |
| LOCAL TIME      | datetime.time without tzinfo    | LocalTime       |
| ZONED DATETIME  | datetime.datetime with tzinfo   | DateTime        |
| LOCAL DATETIME  | datetime.datetime without tzinfo| LocalDateTime   |
| DURATION        | datetime.timedelta              | Duration        |
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass
from functools import lru_cache

from deed.errors import InvalidArgumentError

__all__ = ["Date", "DateTime", "Duration", "LocalDateTime", "LocalTime", "Time"]

_EPOCH_ORDINAL = dt.date(1970, 1, 1).toordinal()
_EPOCH = dt.datetime(1970, 1, 1)
_NS_PER_SECOND = 1_000_000_000
_NS_PER_DAY = 86_400 * _NS_PER_SECOND
_SECONDS_PER_DAY = 86_400
_MICROSECOND = dt.timedelta(microseconds=1)


def _refuse(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(message, reason="INVALID_TEMPORAL")


def _civil(days: int) -> tuple[int, int, int]:
    """Year, month and day of a count of days since 1970-01-01, for any year.

    Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    """
    z = days + 719_468
    era, day_of_era = divmod(z, 146_097)
    year_of_era = (
        day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    return year_of_era + era * 400 + (1 if month <= 2 else 0), month, day


def _format_date(days: int) -> str:
    year, month, day = _civil(days)
    sign = "-" if year < 0 else "+" if year > 9999 else ""
    return f"{sign}{abs(year):04d}-{month:02d}-{day:02d}"


def _format_clock(nanoseconds: int) -> str:
    seconds, fraction = divmod(nanoseconds, _NS_PER_SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    text = f"{hour:02d}:{minute:02d}:{second:02d}"
    return text + (f".{fraction:09d}".rstrip("0") if fraction else "")


def _format_offset(offset_seconds: int) -> str:
    if offset_seconds == 0:
        return "Z"
    minutes, second = divmod(abs(offset_seconds), 60)
    text = f"{'-' if offset_seconds < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return text + (f":{second:02d}" if second else "")


def _offset_of(value: dt.time | dt.datetime) -> int:
    offset = value.utcoffset()
    if offset is None:
        raise _refuse(
            f"{value!r} has a time zone whose offset depends on the date; "
            "use a datetime, or a time with a fixed offset"
        )
    seconds, rest = divmod(offset, dt.timedelta(seconds=1))
    if rest:
        raise _refuse(f"the offset of {value!r} is not a whole number of seconds")
    return seconds


@lru_cache(maxsize=1024)
def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _clock_to_python(nanoseconds: int, zone: dt.tzinfo | None) -> dt.time:
    seconds, fraction = divmod(nanoseconds, _NS_PER_SECOND)
    minutes, second = divmod(seconds, 60)
    return dt.time(minutes // 60, minutes % 60, second, fraction // 1_000, tzinfo=zone)


def _clock_of(value: dt.time) -> int:
    seconds = value.hour * 3_600 + value.minute * 60 + value.second
    return seconds * _NS_PER_SECOND + value.microsecond * 1_000


class _Clock:
    """The fields of a time of day, whichever class holds it."""

    __slots__ = ()

    def _nanoseconds_of_day(self) -> int:
        raise NotImplementedError

    @property
    def hour(self) -> int:
        return self._nanoseconds_of_day() // (3_600 * _NS_PER_SECOND)

    @property
    def minute(self) -> int:
        return self._nanoseconds_of_day() // (60 * _NS_PER_SECOND) % 60

    @property
    def second(self) -> int:
        return self._nanoseconds_of_day() // _NS_PER_SECOND % 60

    @property
    def nanosecond(self) -> int:
        """The part below a second, 0 to 999,999,999."""
        return self._nanoseconds_of_day() % _NS_PER_SECOND


class _Calendar:
    """The fields of a date, whichever class holds it."""

    __slots__ = ()

    def _day_number(self) -> int:
        raise NotImplementedError

    @property
    def year(self) -> int:
        return _civil(self._day_number())[0]

    @property
    def month(self) -> int:
        return _civil(self._day_number())[1]

    @property
    def day(self) -> int:
        return _civil(self._day_number())[2]


@dataclass(frozen=True, order=True, slots=True)
class Date(_Calendar):
    """A day of the proleptic Gregorian calendar."""

    days: int
    """Days since 1970-01-01; may be negative."""

    @classmethod
    def of(cls, value: Date | dt.date) -> Date:
        return value if isinstance(value, Date) else cls(value.toordinal() - _EPOCH_ORDINAL)

    def to_python(self) -> dt.date:
        """Raises InvalidArgumentError for a year outside 1 to 9999."""
        try:
            return dt.date.fromordinal(self.days + _EPOCH_ORDINAL)
        except (ValueError, OverflowError):
            raise _refuse(f"{self} is outside the years 1 to 9999 of datetime.date") from None

    def _day_number(self) -> int:
        return self.days

    def __str__(self) -> str:
        return _format_date(self.days)


@dataclass(frozen=True, order=True, slots=True)
class LocalTime(_Clock):
    """A time of day without a zone."""

    nanoseconds: int
    """Since midnight, 0 to 86,399,999,999,999."""

    def __post_init__(self) -> None:
        if not 0 <= self.nanoseconds < _NS_PER_DAY:
            raise _refuse(f"{self.nanoseconds} nanoseconds is not within one day")

    @classmethod
    def of(cls, value: LocalTime | dt.time) -> LocalTime:
        if isinstance(value, LocalTime):
            return value
        if value.tzinfo is not None:
            raise _refuse(f"{value!r} has a time zone; use deed.Time")
        return cls(_clock_of(value))

    def to_python(self) -> dt.time:
        return _clock_to_python(self.nanoseconds, None)

    def _nanoseconds_of_day(self) -> int:
        return self.nanoseconds

    def __str__(self) -> str:
        return _format_clock(self.nanoseconds)


@dataclass(frozen=True, order=True, slots=True)
class Time(_Clock):
    """A time of day with an offset from UTC."""

    nanoseconds: int
    """Since midnight at that offset."""
    offset_seconds: int
    """East of UTC is positive."""

    def __post_init__(self) -> None:
        if not 0 <= self.nanoseconds < _NS_PER_DAY:
            raise _refuse(f"{self.nanoseconds} nanoseconds is not within one day")

    @classmethod
    def of(cls, value: Time | dt.time) -> Time:
        if isinstance(value, Time):
            return value
        if value.tzinfo is None:
            raise _refuse(f"{value!r} has no time zone; use deed.LocalTime, or give it tzinfo")
        return cls(_clock_of(value), _offset_of(value))

    def to_python(self) -> dt.time:
        return _clock_to_python(self.nanoseconds, _fixed_zone(self.offset_seconds))

    def _nanoseconds_of_day(self) -> int:
        return self.nanoseconds

    def __str__(self) -> str:
        return _format_clock(self.nanoseconds) + _format_offset(self.offset_seconds)


def _fixed_zone(offset_seconds: int) -> dt.timezone:
    if offset_seconds == 0:
        return dt.timezone.utc
    try:
        return dt.timezone(dt.timedelta(seconds=offset_seconds))
    except ValueError:
        raise _refuse(f"an offset of {offset_seconds} seconds is a day or more") from None


@dataclass(frozen=True, order=True, slots=True)
class LocalDateTime(_Calendar, _Clock):
    """A date and a time of day without a zone."""

    seconds: int
    """Since 1970-01-01T00:00:00 of the same unnamed place; may be negative."""
    nanosecond: int = 0
    """The part below a second, 0 to 999,999,999."""

    def __post_init__(self) -> None:
        if not 0 <= self.nanosecond < _NS_PER_SECOND:
            raise _refuse(f"nanosecond {self.nanosecond} is not below one second")

    @classmethod
    def of(cls, value: LocalDateTime | dt.datetime) -> LocalDateTime:
        if isinstance(value, LocalDateTime):
            return value
        if value.tzinfo is not None:
            raise _refuse(f"{value!r} has a time zone; use deed.DateTime")
        since = value - _EPOCH
        return cls(since.days * _SECONDS_PER_DAY + since.seconds, since.microseconds * 1_000)

    def to_python(self) -> dt.datetime:
        """Raises InvalidArgumentError for a year outside 1 to 9999."""
        try:
            return _EPOCH + dt.timedelta(
                seconds=self.seconds, microseconds=self.nanosecond // 1_000
            )
        except OverflowError:
            raise _refuse(f"{self} is outside the years 1 to 9999 of datetime") from None

    def _day_number(self) -> int:
        return self.seconds // _SECONDS_PER_DAY

    def _nanoseconds_of_day(self) -> int:
        return self.seconds % _SECONDS_PER_DAY * _NS_PER_SECOND + self.nanosecond

    def __str__(self) -> str:
        return f"{_format_date(self._day_number())}T{_format_clock(self._nanoseconds_of_day())}"


@dataclass(frozen=True, order=True, slots=True)
class DateTime(_Calendar, _Clock):
    """A moment, with the offset or the named zone in which it was given."""

    seconds: int
    """Since 1970-01-01T00:00:00Z; may be negative."""
    nanosecond: int = 0
    """The part below a second, 0 to 999,999,999."""
    offset_seconds: int = 0
    """East of UTC is positive; what the zone says at this moment where a zone is named."""
    zone: str = ""
    """A name of the IANA time zone database, or "" for a plain offset."""

    def __post_init__(self) -> None:
        if not 0 <= self.nanosecond < _NS_PER_SECOND:
            raise _refuse(f"nanosecond {self.nanosecond} is not below one second")

    @classmethod
    def of(cls, value: DateTime | dt.datetime) -> DateTime:
        if isinstance(value, DateTime):
            return value
        if value.tzinfo is None:
            raise _refuse(f"{value!r} has no time zone; use deed.LocalDateTime, or give it tzinfo")
        offset = _offset_of(value)
        local = value.replace(tzinfo=None) - _EPOCH
        seconds = local.days * _SECONDS_PER_DAY + local.seconds - offset
        key = getattr(value.tzinfo, "key", None)
        return cls(seconds, local.microseconds * 1_000, offset, key if isinstance(key, str) else "")

    def to_python(self) -> dt.datetime:
        """Raises InvalidArgumentError for a year outside 1 to 9999. A zone that this machine does
        not know becomes its offset."""
        zone = (_zone(self.zone) if self.zone else None) or _fixed_zone(self.offset_seconds)
        try:
            moment = _EPOCH + dt.timedelta(
                seconds=self.seconds, microseconds=self.nanosecond // 1_000
            )
            return moment.replace(tzinfo=dt.timezone.utc).astimezone(zone)
        except (OverflowError, ValueError):
            raise _refuse(f"{self} is outside the years 1 to 9999 of datetime") from None

    def _local_seconds(self) -> int:
        return self.seconds + self.offset_seconds

    def _day_number(self) -> int:
        return self._local_seconds() // _SECONDS_PER_DAY

    def _nanoseconds_of_day(self) -> int:
        return self._local_seconds() % _SECONDS_PER_DAY * _NS_PER_SECOND + self.nanosecond

    def __str__(self) -> str:
        text = f"{_format_date(self._day_number())}T{_format_clock(self._nanoseconds_of_day())}"
        text += _format_offset(self.offset_seconds)
        return f"{text}[{self.zone}]" if self.zone else text


@dataclass(frozen=True, slots=True)
class Duration:
    """Months, days and seconds kept apart, for they have no common measure."""

    months: int = 0
    days: int = 0
    seconds: int = 0
    nanosecond: int = 0
    """0 to 999,999,999, added to the seconds also where those are negative."""

    def __post_init__(self) -> None:
        if not 0 <= self.nanosecond < _NS_PER_SECOND:
            raise _refuse(f"nanosecond {self.nanosecond} is not below one second")

    @classmethod
    def of(cls, value: Duration | dt.timedelta) -> Duration:
        if isinstance(value, Duration):
            return value
        return cls(0, value.days, value.seconds, value.microseconds * 1_000)

    def to_python(self) -> dt.timedelta:
        """A day counts 24 hours. Raises InvalidArgumentError where there are months."""
        if self.months:
            raise _refuse(f"{self} holds months, which datetime.timedelta cannot")
        try:
            return dt.timedelta(
                days=self.days, seconds=self.seconds, microseconds=self.nanosecond // 1_000
            )
        except OverflowError:
            raise _refuse(f"{self} is longer than datetime.timedelta can hold") from None

    def __str__(self) -> str:
        total = self.seconds * _NS_PER_SECOND + self.nanosecond
        whole, fraction = divmod(abs(total), _NS_PER_SECOND)
        sign = "-" if total < 0 else ""
        parts = []
        if self.months:
            parts.append(f"{self.months}M")
        if self.days:
            parts.append(f"{self.days}D")
        if total:
            decimals = f".{fraction:09d}".rstrip("0") if fraction else ""
            parts.append(f"T{sign}{whole}{decimals}S")
        return "P" + ("".join(parts) or "T0S")


def simplest_date(value: Date) -> Date | dt.date:
    """Python's type where it holds the value exactly, else the value itself; so below."""
    ordinal = value.days + _EPOCH_ORDINAL
    if 1 <= ordinal <= dt.date.max.toordinal():
        return dt.date.fromordinal(ordinal)
    return value


def simplest_local_time(value: LocalTime) -> LocalTime | dt.time:
    return value.to_python() if value.nanoseconds % 1_000 == 0 else value


def simplest_time(value: Time) -> Time | dt.time:
    exact = value.nanoseconds % 1_000 == 0 and abs(value.offset_seconds) < _SECONDS_PER_DAY
    return value.to_python() if exact else value


def simplest_local_date_time(value: LocalDateTime) -> LocalDateTime | dt.datetime:
    if value.nanosecond % 1_000:
        return value
    try:
        return value.to_python()
    except InvalidArgumentError:
        return value


def simplest_date_time(value: DateTime) -> DateTime | dt.datetime:
    if value.nanosecond % 1_000 or (value.zone and _zone(value.zone) is None):
        return value
    try:
        return value.to_python()
    except InvalidArgumentError:
        return value


def simplest_duration(value: Duration) -> Duration | dt.timedelta:
    fits = (
        value.months == 0
        and 0 <= value.seconds < _SECONDS_PER_DAY
        and value.nanosecond % 1_000 == 0
        and abs(value.days) <= 999_999_999
    )
    return value.to_python() if fits else value
