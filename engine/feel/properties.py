"""What a dot reaches: entries of contexts, parts of dates, times, durations and ranges.

Source: DMN 1.5, 10.3.2.5 and table 65.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel.order import check_nesting
from engine.feel.runtime import Run
from engine.feel.values import Value, kind_of
from engine.feel.wide import SECOND, Span, civil, clock_of, nanos_of, near_day, offset_of


def whole_units(span: Span) -> dict[str, int]:
    """Days, hours, minutes and seconds of a duration, each with the duration's sign."""
    nanos = nanos_of(span)
    sign = -1 if nanos < 0 else 1
    seconds = abs(nanos) // SECOND
    return {
        "days": sign * (seconds // 86_400),
        "hours": sign * (seconds // 3_600 % 24),
        "minutes": sign * (seconds // 60 % 60),
        "seconds": sign * (seconds % 60),
    }


def zone_name(value: Any) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


DATE: dict[str, Callable[[Any], Value]] = {
    "year": lambda value: civil(value)[0],
    "month": lambda value: civil(value)[1],
    "day": lambda value: civil(value)[2],
    "weekday": lambda value: near_day(value).isoweekday(),
}
TIME: dict[str, Callable[[Any], Value]] = {
    "hour": lambda value: clock_of(value) // SECOND // 3600,
    "minute": lambda value: clock_of(value) // SECOND // 60 % 60,
    "second": lambda value: clock_of(value) // SECOND % 60,
    "time offset": offset_of,
    "timezone": zone_name,
}
PROPERTIES: dict[str, dict[str, Callable[[Any], Value]]] = {
    "date": DATE,
    "time": TIME,
    "date and time": {**DATE, **TIME},
    "days and time duration": {
        unit: lambda value, unit=unit: whole_units(value)[unit]  # type: ignore[misc]  # bound
        for unit in ("days", "hours", "minutes", "seconds")
    },
    "years and months duration": {
        "years": lambda value: value.years,
        "months": lambda value: value.months,
    },
    "range": {
        "start": lambda value: value.start,
        "end": lambda value: value.end,
        "start included": lambda value: value.start_included,
        "end included": lambda value: value.end_included,
    },
}


def path(run: Run, value: Value, key: str, depth: int = 0) -> Value:
    """value.key; of a list, the list of what each item has there; null where there is none."""
    if type(value) is dict:
        return value.get(key)
    if isinstance(value, list):
        check_nesting(depth)
        run.charge(3 + len(value) // 4)
        return [path(run, item, key, depth + 1) for item in value]
    kind = kind_of(value)
    if kind == "context":
        return value.get(key)
    read = PROPERTIES.get(kind, {}).get(key)
    return None if read is None else read(value)
