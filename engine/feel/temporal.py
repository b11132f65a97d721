"""Reading and writing dates, times, zoned date-times and durations as ISO 8601 text.

Zones are offsets (`+07:00`, `Z`) or names (`@Asia/Ho_Chi_Minh`). Fractions of a second beyond
nanoseconds are cut off. Text that is not exactly in form has no value: the readers return None.
Source: DMN 1.5, 10.3.2.3.4 to 10.3.2.3.8; XML Schema part 2 for the lexical forms.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.feel.numbers import format_number
from engine.feel.values import Value, YearsMonths, kind_of
from engine.feel.wide import (
    DAY,
    SECOND,
    Date,
    DateTime,
    Span,
    Time,
    civil,
    clock_of,
    combine,
    make_date,
    make_span,
    make_time,
    nanos_of,
    offset_of,
    ordinal_of,
)

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WIDEST_OFFSET = dt.timedelta(hours=18)

DATE = re.compile(r"(-?(?:\d{4}|[1-9]\d{4,8}))-(\d{2})-(\d{2})", re.ASCII)
TIME = re.compile(
    r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,40}))?"
    r"(?:([Zz]|[+-]\d{2}:\d{2}(?::\d{2})?)|@([A-Za-z][A-Za-z0-9_+/-]{0,60}))?",
    re.ASCII,
)
DAYS_TIME = re.compile(
    r"(-)?P(?:(\d{1,12})D)?"
    r"(?:T(?=\d)(?:(\d{1,14})H)?(?:(\d{1,16})M)?(?:(\d{1,18})(?:\.(\d{0,40}))?S)?)?",
    re.ASCII,
)
YEARS_MONTHS = re.compile(r"(-)?P(?:(\d{1,11})Y)?(?:(\d{1,12})M)?", re.ASCII)


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo | None:
    """The zone of that name in the zone database, or None."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_of(offset: str | None, name: str | None) -> dt.tzinfo | None:
    """The zone of a time's ending; raises ValueError for one that does not exist."""
    if name is not None:
        zone = zone_named(name)
        if zone is None:
            raise ValueError(name)
        return zone
    if offset is None:
        return None
    if offset in ("Z", "z"):
        return dt.UTC
    hours, minutes, *seconds = (int(part) for part in offset[1:].split(":"))
    span = dt.timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)
    if minutes > 59 or span > WIDEST_OFFSET:
        raise ValueError(offset)
    return fixed_zone(-span if offset[0] == "-" else span)


def fixed_zone(offset: dt.timedelta) -> dt.tzinfo:
    return dt.UTC if not offset else dt.timezone(offset)


def parse_date(text: str) -> Date | None:
    found = DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return make_date(ordinal_of(int(found[1]), int(found[2]), int(found[3])))
    except ValueError:
        return None


def fraction(digits: str | None) -> int:
    """The nanoseconds that digits after the point of a second stand for."""
    return int(((digits or "") + "0" * 9)[:9])


def parse_time(text: str) -> Time | None:
    found = TIME.fullmatch(text)
    if found is None:
        return None
    seconds = (int(found[1]) * 60 + int(found[2])) * 60 + int(found[3])
    try:
        return make_time(seconds * SECOND + fraction(found[4]), zone_of(found[5], found[6]))
    except ValueError:
        return None


def parse_date_time(text: str) -> DateTime | None:
    """`2026-11-22T08:00:00+07:00`; a date alone is its midnight, without a zone."""
    day, mark, rest = text.partition("T")
    date = parse_date(day)
    if date is None or (mark and not rest):
        return None
    time = parse_time(rest) if mark else dt.time()
    return None if time is None else combine(date, time)


def parse_duration(text: str) -> Span | YearsMonths | None:
    """`P1DT2H` is a days and time duration, `P1Y2M` a years and months one."""
    if not any(letter.isdigit() for letter in text):
        return None
    found = YEARS_MONTHS.fullmatch(text)
    if found is not None:
        total = int(found[2] or 0) * 12 + int(found[3] or 0)
        return YearsMonths(-total if found[1] else total)
    found = DAYS_TIME.fullmatch(text)
    if found is None:
        return None
    hours = int(found[2] or 0) * 24 + int(found[3] or 0)
    seconds = (hours * 60 + int(found[4] or 0)) * 60 + int(found[5] or 0)
    nanos = seconds * SECOND + fraction(found[6])
    return make_span(-nanos if found[1] else nanos)


def parse_temporal(text: str) -> Value:
    """The value of `@"..."`: whichever temporal kind the text has the form of, else None."""
    for read in (parse_date, parse_date_time, parse_time, parse_duration):
        value: Value = read(text)
        if value is not None:
            return value
    return None


def format_date(value: Date | DateTime) -> str:
    year, month, day = civil(value)
    return f"{'-' if year < 0 else ''}{abs(year):04}-{month:02}-{day:02}"


def format_clock(value: Time | DateTime) -> str:
    seconds, rest = divmod(clock_of(value), SECOND)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{rest:09}".rstrip("0") if rest else text


def format_time(value: Time | DateTime) -> str:
    return format_clock(value) + format_zone(value.tzinfo)


def format_zone(zone: dt.tzinfo | None) -> str:
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    return format_offset(zone.utcoffset(None))


def format_offset(offset: dt.timedelta | None) -> str:
    if not offset:
        return "Z"
    seconds = abs(int(offset.total_seconds()))
    text = f"{'-' if offset < dt.timedelta() else '+'}{seconds // 3600:02}"
    text += f":{seconds // 60 % 60:02}"
    return text if seconds % 60 == 0 else f"{text}:{seconds % 60:02}"


def format_date_time(value: DateTime) -> str:
    return f"{format_date(value)}T{format_time(value)}"


def format_days_time(value: Span) -> str:
    """The canonical form: `P1DT2H3M4.5S`, `-PT1H`; nothing at all is `PT0S`."""
    nanos = nanos_of(value)
    days, rest = divmod(abs(nanos), DAY)
    minutes, seconds = divmod(rest, 60 * SECOND)
    amount = format_number(Decimal(seconds) / SECOND) if seconds else ""
    parts = [(minutes // 60, "H"), (minutes % 60, "M"), (amount, "S")]
    clock = "".join(f"{number}{unit}" for number, unit in parts if number)
    if not days and not clock:
        return "PT0S"
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return f"{'-' if nanos < 0 else ''}P{text}"


def format_years_months(value: YearsMonths) -> str:
    """The canonical form: `P1Y2M`, `-P3M`; nothing at all is `P0M`."""
    sign = "-" if value.total < 0 else ""
    years, months = divmod(abs(value.total), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return f"{sign}P{text or '0M'}"


FORMS: dict[str, Callable[[Any], str]] = {
    "date": format_date,
    "time": format_time,
    "date and time": format_date_time,
    "days and time duration": format_days_time,
    "years and months duration": format_years_months,
}


def format_iso(value: Value) -> str:
    """A temporal value as ISO 8601 has it: a named zone is written as the offset it has then."""
    kind = kind_of(value)
    if kind not in ("time", "date and time"):
        return FORMS[kind](value)
    day = f"{format_date(value)}T" if kind == "date and time" else ""
    zone = "" if value.tzinfo is None else format_offset(offset_of(value))
    return f"{day}{format_clock(value)}{zone}"
