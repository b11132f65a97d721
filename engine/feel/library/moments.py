"""Built-in functions on dates and the clock. Source: DMN 1.5, 10.3.4.7 and table 80."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange

from engine.feel.library.registry import built_in
from engine.feel.runtime import Run
from engine.feel.temporal import LOCAL_ZONE

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@built_in("now()")
def now(run: Run) -> dt.datetime:
    """The instant of the evaluation as it was handed in; never the wall clock."""
    return run.clock()


@built_in("today()")
def today(run: Run) -> dt.date:
    """The day of that instant in Vietnam."""
    return run.clock().astimezone(LOCAL_ZONE).date()


@built_in("day of year(date: date|date and time)")
def day_of_year(run: Run, date: dt.date) -> int:
    return date.timetuple().tm_yday


@built_in("day of week(date: date|date and time)")
def day_of_week(run: Run, date: dt.date) -> str:
    return WEEKDAYS[date.weekday()]


@built_in("month of year(date: date|date and time)")
def month_of_year(run: Run, date: dt.date) -> str:
    return MONTHS[date.month - 1]


@built_in("week of year(date: date|date and time)")
def week_of_year(run: Run, date: dt.date) -> int:
    """The ISO 8601 week."""
    return date.isocalendar().week


@built_in("last day of month(date: date|date and time)")
def last_day_of_month(run: Run, date: dt.date) -> dt.date:
    return dt.date(date.year, date.month, monthrange(date.year, date.month)[1])
