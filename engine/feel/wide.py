"""Points in time and durations as whole numbers, and those that Python's own types cannot hold.

FEEL knows years from -999,999,999 to 999,999,999 and nanoseconds; Python years from 1 to 9999 and
microseconds. Arithmetic is done in whole days and nanoseconds; its result is a Python value where
one can hold it, otherwise one of the wide classes. The calendar repeats every 400 years, weekdays
included, so that a far day has a near one that Python can answer for.
Source: DMN 1.5, 10.3.2.3.4 to 10.3.2.3.8.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TypeAlias
from zoneinfo import ZoneInfo

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
CYCLE_YEARS = 400
CYCLE_DAYS = 146_097
MAX_YEAR = 999_999_999
# Wider than the span between the first and the last day there is.
MAX_SPAN = MAX_YEAR * 800 * DAY
FIRST, LAST = dt.date.min.toordinal(), dt.date.max.toordinal()
LONGEST = dt.timedelta.max // dt.timedelta(microseconds=1) * 1000
# A time of day with a named zone has no offset of its own: it has the zone's standard time, which
# is in force on one of these days. Earlier ones had another zone in Saigon, and summer time all
# winter in London.
REFERENCE_DAYS = (dt.date(2000, 1, 1), dt.date(2000, 7, 1))


@dataclass(frozen=True)
class WideDate:
    """A day by its number; day 1 is 0001-01-01."""

    ordinal: int


@dataclass(frozen=True)
class WideTime:
    """A time of day by its nanoseconds since midnight."""

    nanos: int
    tzinfo: dt.tzinfo | None


@dataclass(frozen=True)
class WideDateTime:
    """A date and time by the nanoseconds on its own clock since the midnight before day 0."""

    nanos: int
    tzinfo: dt.tzinfo | None


@dataclass(frozen=True)
class WideSpan:
    """A days and time duration by its nanoseconds."""

    nanos: int


Date: TypeAlias = dt.date | WideDate
Time: TypeAlias = dt.time | WideTime
DateTime: TypeAlias = dt.datetime | WideDateTime
Span: TypeAlias = dt.timedelta | WideSpan


def is_date_time(value: object) -> bool:
    return isinstance(value, (dt.datetime, WideDateTime))


def is_date(value: object) -> bool:
    """Whether it is a day and no date and time."""
    return isinstance(value, (dt.date, WideDate)) and not isinstance(value, dt.datetime)


def is_time(value: object) -> bool:
    return isinstance(value, (dt.time, WideTime))


def is_span(value: object) -> bool:
    return isinstance(value, (dt.timedelta, WideSpan))


def ordinal_of(year: int, month: int, day: int) -> int:
    """The number of a day; raises ValueError for one that the calendar does not have."""
    if abs(year) > MAX_YEAR:
        raise ValueError(year)
    cycles, within = divmod(year - 1, CYCLE_YEARS)
    return dt.date(within + 1, month, day).toordinal() + cycles * CYCLE_DAYS


def near(ordinal: int) -> tuple[int, dt.date]:
    """(years to add, the day between 0001 and 0400 at the same place of the calendar)."""
    cycles, within = divmod(ordinal - 1, CYCLE_DAYS)
    return cycles * CYCLE_YEARS, dt.date.fromordinal(within + 1)


def day_of(value: Date | DateTime) -> int:
    """The number of the day of a date, or of a date and time on its own clock."""
    if isinstance(value, WideDateTime):
        return value.nanos // DAY
    return value.ordinal if isinstance(value, WideDate) else value.toordinal()


def civil(value: Date | DateTime) -> tuple[int, int, int]:
    """Year, month and day."""
    if isinstance(value, dt.date):
        return value.year, value.month, value.day
    years, day = near(day_of(value))
    return years + day.year, day.month, day.day


def near_day(value: Date | DateTime) -> dt.date:
    """A Python day of the same weekday, month and day, in a year of the same length."""
    return near(day_of(value))[1]


def clock_of(value: Time | DateTime) -> int:
    """The nanoseconds since midnight on the value's own clock."""
    if isinstance(value, (WideTime, WideDateTime)):
        return value.nanos % DAY
    seconds = value.hour * 3600 + value.minute * 60 + value.second
    return seconds * SECOND + value.microsecond * 1000


def local_of(value: DateTime) -> int:
    """The nanoseconds of a date and time on its own clock."""
    if isinstance(value, WideDateTime):
        return value.nanos
    return value.toordinal() * DAY + clock_of(value)


def nanos_of(span: Span) -> int:
    if isinstance(span, WideSpan):
        return span.nanos
    return (span.days * 86_400 + span.seconds) * SECOND + span.microseconds * 1000


def make_date(ordinal: int) -> Date | None:
    """The day of that number; None beyond the years that FEEL has."""
    if FIRST <= ordinal <= LAST:
        return dt.date.fromordinal(ordinal)
    years, day = near(ordinal)
    return WideDate(ordinal) if abs(years + day.year) <= MAX_YEAR else None


def make_time(nanos: int, zone: dt.tzinfo | None) -> Time:
    """The time of day so many nanoseconds after midnight."""
    if nanos % 1000:
        return WideTime(nanos, zone)
    seconds, rest = divmod(nanos, SECOND)
    return dt.time(seconds // 3600, seconds // 60 % 60, seconds % 60, rest // 1000, zone)


def make_date_time(nanos: int, zone: dt.tzinfo | None, fold: int = 0) -> DateTime | None:
    """The date and time whose clock shows that; None beyond the years that FEEL has."""
    ordinal, clock = divmod(nanos, DAY)
    day = make_date(ordinal)
    if day is None:
        return None
    if isinstance(day, WideDate) or nanos % 1000:
        return WideDateTime(nanos, zone)
    time = make_time(clock, zone)
    assert isinstance(time, dt.time)
    return dt.datetime.combine(day, time.replace(fold=fold))


def combine(day: Date | DateTime, time: Time) -> DateTime | None:
    """The date and time of a day and a time of day."""
    return make_date_time(day_of(day) * DAY + clock_of(time), time.tzinfo)


def make_span(nanos: int) -> Span | None:
    """The duration of so many nanoseconds; None if it is longer than all time."""
    if nanos % 1000 == 0 and -LONGEST < nanos <= LONGEST:
        return dt.timedelta(microseconds=nanos // 1000)
    return WideSpan(nanos) if -MAX_SPAN <= nanos <= MAX_SPAN else None


def date_of(value: DateTime) -> Date:
    if isinstance(value, dt.datetime):
        return value.date()
    day = make_date(value.nanos // DAY)
    assert day is not None
    return day


def time_of(value: DateTime) -> Time:
    if isinstance(value, dt.datetime):
        return value.timetz()
    return make_time(value.nanos % DAY, value.tzinfo)


def offset_of(value: Time | DateTime) -> dt.timedelta | None:
    """How far the value's clock is ahead of UTC; None for a local one."""
    if value.tzinfo is None:
        return None
    if isinstance(value, dt.datetime):
        return value.utcoffset()
    if isinstance(value, WideDateTime):
        # Rules of zones are known for recent years only; the same day of those serves.
        day = near_day(value)
        moment = dt.datetime.combine(day.replace(year=day.year + 2000), dt.time())
        return (moment + (value.nanos % DAY) // 1000 * dt.timedelta(microseconds=1)).replace(
            tzinfo=value.tzinfo
        ).utcoffset()  # fmt: skip
    days = (dt.datetime.combine(day, dt.time(tzinfo=value.tzinfo)) for day in REFERENCE_DAYS)
    return min(offset for day in days if (offset := day.utcoffset()) is not None)


def instant_of(value: DateTime) -> int:
    """The nanoseconds in UTC, or those on its clock for a local date and time."""
    offset = offset_of(value)
    return local_of(value) - (nanos_of(offset) if offset else 0)


def at_instant(nanos: int, zone: dt.tzinfo | None) -> DateTime | None:
    """The date and time in a zone at an instant in UTC."""
    if isinstance(zone, ZoneInfo):
        plain = make_date_time(nanos - nanos % 1000, dt.UTC)
        if isinstance(plain, dt.datetime) and FIRST < nanos // DAY < LAST:
            there = plain.astimezone(zone)
            return make_date_time(local_of(there) + nanos % 1000, zone, there.fold)
    offset = offset_of(WideDateTime(nanos, zone))
    return make_date_time(nanos + (nanos_of(offset) if offset else 0), zone)


def time_instant(value: Time) -> int:
    """A time of day in nanoseconds of UTC; below zero or above a day where the zone says so."""
    offset = offset_of(value)
    return clock_of(value) - (nanos_of(offset) if offset else 0)
