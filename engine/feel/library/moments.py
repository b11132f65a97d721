"""Built-in functions on dates and the clock. Source: DMN 1.5, 10.3.4.7 and table 80."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange

from engine.feel.library.registry import built_in
from engine.feel.runtime import Run
from engine.feel.temporal import LOCAL_ZONE
from engine.feel.wide import Date, DateTime, civil, make_date, near_day, ordinal_of

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
def day_of_year(run: Run, date: Date | DateTime) -> int:
    return near_day(date).timetuple().tm_yday


@built_in("day of week(date: date|date and time)")
def day_of_week(run: Run, date: Date | DateTime) -> str:
    return WEEKDAYS[near_day(date).weekday()]


@built_in("month of year(date: date|date and time)")
def month_of_year(run: Run, date: Date | DateTime) -> str:
    return MONTHS[near_day(date).month - 1]


@built_in("week of year(date: date|date and time)")
def week_of_year(run: Run, date: Date | DateTime) -> int:
    """The ISO 8601 week."""
    day = near_day(date)
    # The first days of year 1 belong to a week of the year before, which Python does not have.
    return day.replace(year=day.year + 2000).isocalendar().week


@built_in("last day of month(date: date|date and time)")
def last_day_of_month(run: Run, date: Date | DateTime) -> Date | None:
    year, month, _ = civil(date)
    return make_date(ordinal_of(year, month, monthrange(2000 + year % 400, month)[1]))
