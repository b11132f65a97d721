"""What a dot reaches: entries of contexts, parts of dates, times, durations and ranges.

Source: DMN 1.5, 10.3.2.5 and table 65.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel.calendar import offset_of
from engine.feel.order import check_nesting
from engine.feel.runtime import Run
from engine.feel.temporal import MICROSECOND
from engine.feel.values import Value, kind_of


def whole_units(span: dt.timedelta) -> dict[str, int]:
    """Days, hours, minutes and seconds of a duration, each with the duration's sign."""
    sign = -1 if span < dt.timedelta() else 1
    seconds = abs(span // MICROSECOND) // 1_000_000
    return {
        "days": sign * (seconds // 86_400),
        "hours": sign * (seconds // 3_600 % 24),
        "minutes": sign * (seconds // 60 % 60),
        "seconds": sign * (seconds % 60),
    }


def zone_name(value: Any) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


DATE: dict[str, Callable[[Any], Value]] = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "weekday": lambda value: value.isoweekday(),
}
TIME: dict[str, Callable[[Any], Value]] = {
    "hour": lambda value: value.hour,
    "minute": lambda value: value.minute,
    "second": lambda value: value.second,
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
        run.charge(1 + len(value) // 8)
        return [path(run, item, key, depth + 1) for item in value]
    kind = kind_of(value)
    if kind == "context":
        return value.get(key)
    read = PROPERTIES.get(kind, {}).get(key)
    return None if read is None else read(value)
