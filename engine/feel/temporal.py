"""Reading and writing dates, times, zoned date-times and durations as ISO 8601 text.

Zones are offsets (`+07:00`, `Z`) or names (`@Asia/Ho_Chi_Minh`). Fractions of a second beyond
microseconds are cut off. Text that is not exactly in form has no value: the readers return None.
Source: DMN 1.5, 10.3.2.3.4 to 10.3.2.3.8; XML Schema part 2 for the lexical forms.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.feel.numbers import format_number
from engine.feel.values import Value, YearsMonths

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MICROSECOND = dt.timedelta(microseconds=1)
DAY = dt.timedelta(days=1)

DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
TIME = re.compile(
    r"(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?"
    r"(?:(Z|[+-]\d{2}:\d{2}(?::\d{2})?)|@([A-Za-z][A-Za-z0-9_+/-]{0,60}))?",
    re.ASCII,
)
DAYS_TIME = re.compile(
    r"(-)?P(?:(\d{1,10})D)?"
    r"(?:T(?=\d)(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,14})(?:\.(\d{1,12}))?S)?)?",
    re.ASCII,
)
YEARS_MONTHS = re.compile(r"(-)?P(?:(\d{1,9})Y)?(?:(\d{1,10})M)?", re.ASCII)


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
    if offset == "Z":
        return dt.UTC
    hours, minutes, *seconds = (int(part) for part in offset[1:].split(":"))
    if hours > 18 or minutes > 59:
        raise ValueError(offset)
    span = dt.timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)
    return fixed_zone(-span if offset[0] == "-" else span)


def fixed_zone(offset: dt.timedelta) -> dt.tzinfo:
    return dt.UTC if not offset else dt.timezone(offset)


def parse_date(text: str) -> dt.date | None:
    found = DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def parse_time(text: str) -> dt.time | None:
    found = TIME.fullmatch(text)
    if found is None:
        return None
    micro = int(((found[4] or "") + "000000")[:6])
    try:
        zone = zone_of(found[5], found[6])
        return dt.time(int(found[1]), int(found[2]), int(found[3]), micro, zone)
    except ValueError:
        return None


def parse_date_time(text: str) -> dt.datetime | None:
    """`2026-11-22T08:00:00+07:00`; a date alone is its midnight, without a zone."""
    day, mark, rest = text.partition("T")
    date = parse_date(day)
    if date is None or (mark and not rest):
        return None
    time = parse_time(rest) if mark else dt.time()
    return None if time is None else dt.datetime.combine(date, time)


def parse_duration(text: str) -> dt.timedelta | YearsMonths | None:
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
    micro = int(((found[6] or "") + "000000")[:6])
    try:
        span = dt.timedelta(
            days=int(found[2] or 0),
            hours=int(found[3] or 0),
            minutes=int(found[4] or 0),
            seconds=int(found[5] or 0),
            microseconds=micro,
        )
    except OverflowError:
        return None
    return -span if found[1] else span


def parse_temporal(text: str) -> Value:
    """The value of `@"..."`: whichever temporal kind the text has the form of, else None."""
    for read in (parse_date, parse_date_time, parse_time, parse_duration):
        value: Value = read(text)
        if value is not None:
            return value
    return None


def format_date(value: dt.date) -> str:
    return f"{value.year:04}-{value.month:02}-{value.day:02}"


def format_time(value: dt.time | dt.datetime) -> str:
    text = f"{value.hour:02}:{value.minute:02}:{value.second:02}"
    if value.microsecond:
        text += f".{value.microsecond:06}".rstrip("0")
    return text + format_zone(value.tzinfo)


def format_zone(zone: dt.tzinfo | None) -> str:
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    offset = zone.utcoffset(None)
    if not offset:
        return "Z"
    seconds = abs(int(offset.total_seconds()))
    text = f"{'-' if offset < dt.timedelta() else '+'}{seconds // 3600:02}"
    text += f":{seconds // 60 % 60:02}"
    return text if seconds % 60 == 0 else f"{text}:{seconds % 60:02}"


def format_date_time(value: dt.datetime) -> str:
    return f"{format_date(value)}T{format_time(value)}"


def format_days_time(value: dt.timedelta) -> str:
    """The canonical form: `P1DT2H3M4.5S`, `-PT1H`; nothing at all is `PT0S`."""
    sign, span = ("-", -value) if value < dt.timedelta() else ("", value)
    hours, rest = divmod(span.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    amount = Decimal(seconds) + Decimal(span.microseconds) / 1_000_000
    parts = [(Decimal(hours), "H"), (Decimal(minutes), "M"), (amount, "S")]
    clock = "".join(f"{format_number(number)}{unit}" for number, unit in parts if number)
    days = f"{span.days}D" if span.days else ""
    if not days and not clock:
        return "PT0S"
    return f"{sign}P{days}" + (f"T{clock}" if clock else "")


def format_years_months(value: YearsMonths) -> str:
    """The canonical form: `P1Y2M`, `-P3M`; nothing at all is `P0M`."""
    sign = "-" if value.total < 0 else ""
    years, months = divmod(abs(value.total), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return f"{sign}P{text or '0M'}"
