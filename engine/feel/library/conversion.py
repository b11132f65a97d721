"""Built-in functions that make one kind of value from another. Source: DMN 1.5, 10.3.4.1."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from engine.feel.calendar import months_between, with_offset
from engine.feel.library.registry import built_in
from engine.feel.numbers import Number, parse_number
from engine.feel.runtime import Run
from engine.feel.temporal import (
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
    zone_named,
)
from engine.feel.values import Value, YearsMonths
from engine.feel.wide import (
    SECOND,
    Date,
    DateTime,
    Time,
    at_instant,
    combine,
    date_of,
    instant_of,
    is_date_time,
    is_time,
    local_of,
    make_date,
    make_date_time,
    make_time,
    ordinal_of,
    time_of,
)
from engine.feel.written import written

NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
MAX_NUMBER_TEXT = 400


@built_in("date(from: string)")
def date_from_text(run: Run, text: str) -> Date | None:
    return parse_date(text)


@built_in("date(from: date|date and time)")
def date_from_moment(run: Run, moment: Value) -> Date:
    found: Date = date_of(moment) if is_date_time(moment) else moment
    return found


@built_in("date(year: whole, month: whole, day: whole)")
def date_from_parts(run: Run, year: int, month: int, day: int) -> Date | None:
    try:
        return make_date(ordinal_of(year, month, day))
    except (ValueError, OverflowError):
        return None


@built_in("date and time(from: string)")
def date_time_from_text(run: Run, text: str) -> DateTime | None:
    return parse_date_time(text)


@built_in("date and time(from: date|date and time)")
def date_time_from_moment(run: Run, moment: Value) -> Value:
    """The moment itself; midnight of a date, without a zone."""
    return moment if is_date_time(moment) else combine(moment, dt.time())


@built_in("date and time(date: date|date and time, time: time)")
def date_time_from_both(run: Run, date: Date | DateTime, time: Time) -> DateTime | None:
    return combine(date, time)


@built_in("date and time(from: date|date and time, timezone: string)")
def date_time_in_zone(run: Run, moment: Value, name: str) -> DateTime | None:
    """The same instant on the clock of another zone; a local moment is taken to be there."""
    zone = zone_named(name)
    if zone is None:
        return None
    local = date_time_from_moment(run, moment)
    if local.tzinfo is None:
        return make_date_time(local_of(local), zone)
    return at_instant(instant_of(local), zone)


@built_in(
    "date and time(year: whole, month: whole, day: whole, hour: whole, minute: whole,"
    " second: whole, offset?: days and time duration)"
)
def date_time_from_parts(run: Run, *parts: Value) -> DateTime | None:
    date = date_from_parts(run, *parts[:3])
    time = time_from_parts(run, *parts[3:])
    return None if date is None or time is None else combine(date, time)


@built_in("time(from: string)")
def time_from_text(run: Run, text: str) -> Time | None:
    return parse_time(text)


@built_in("time(from: time|date|date and time)")
def time_from_moment(run: Run, moment: Value) -> Value:
    """The time of day of a moment; midnight in UTC for a date."""
    if is_time(moment):
        return moment
    return time_of(moment) if is_date_time(moment) else dt.time(tzinfo=dt.UTC)


@built_in("time(hour: whole, minute: whole, second: number, offset?: days and time duration)")
def time_from_parts(run: Run, *parts: Value) -> Time | None:
    hour, minute, second, offset = parts
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return None
    nanos = (hour * 60 + minute) * 60 * SECOND + int(Decimal(second) * SECOND)
    try:
        return with_offset(make_time(nanos, None), offset)
    except ValueError:
        return None


@built_in("number(from: string)")
def number_from_text(run: Run, text: str) -> Number | None:
    """The number that a text writes; null for any other text."""
    if len(text) > MAX_NUMBER_TEXT or not NUMBER.fullmatch(text):
        return None
    return parse_number(text)


@built_in("number(from: number)")
def number_from_number(run: Run, number: Number) -> Number:
    return number


@built_in("number(from: string, grouping separator: string|null, decimal separator: string|null)")
def number_with_separators(
    run: Run, text: str, grouping: str | None, point: str | None
) -> Number | None:
    """`1.250.000,5` with "." and ",": a separator is a blank, comma, point or null."""
    if grouping not in (" ", ",", ".", None) or point not in (",", ".", None):
        return None
    if grouping is not None and grouping == point:
        return None
    if (point or ".") != "." and "." in text and grouping != ".":
        return None
    plain = text.replace(grouping, "") if grouping else text
    number: Number | None = number_from_text(run, plain.replace(point, ".") if point else plain)
    return number


@built_in("string(from: any)")
def string(run: Run, value: Value) -> str | None:
    """A value as text; texts inside lists and contexts are quoted; null stays null."""
    if value is None or isinstance(value, str):
        return value
    return written(run, value)


@built_in("duration(from: string)")
def duration(run: Run, text: str) -> Value:
    return parse_duration(text)


@built_in("duration(from: days and time duration|years and months duration)")
def duration_itself(run: Run, span: Value) -> Value:
    return span


@built_in("years and months duration(from: date|date and time, to: date|date and time)")
def years_and_months(run: Run, first: Value, last: Value) -> YearsMonths:
    """The whole months between two days, negative if the second is earlier."""
    return months_between(first, last)
