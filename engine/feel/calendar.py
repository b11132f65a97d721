"""Arithmetic and properties of dates, times and durations.

A zoned date-time moves along the time line when days and time are added, and along the calendar
when years and months are; the 31st becomes the last day of a shorter month.
Source: DMN 1.5, 10.3.2.11.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from decimal import Decimal

from engine.feel.numbers import CONTEXT, Number, guarded, whole
from engine.feel.temporal import DAY, MICROSECOND, fixed_zone
from engine.feel.values import Value, YearsMonths, kind_of

# A time of day with a named zone has no offset of its own; any day without a change of clocks
# serves to give it one.
MAX_MONTHS = 10**12
REFERENCE_DAY = dt.date(1970, 1, 1)


def is_date_time(value: Value) -> bool:
    return isinstance(value, dt.datetime)


def add_months(value: Value, months: int) -> Value:
    """A date or date-time `months` later; None where the calendar of years 1-9999 ends."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    day = min(value.day, monthrange(year, month + 1)[1])
    return value.replace(year=year, month=month + 1, day=day)


def add_span(value: Value, span: dt.timedelta) -> Value:
    """A date, date-time or time `span` later; a date stays a date, a time turns the clock."""
    try:
        if isinstance(value, dt.datetime):
            if value.tzinfo is None:
                return value + span
            return (value.astimezone(dt.UTC) + span).astimezone(value.tzinfo)
        if isinstance(value, dt.date):
            return (dt.datetime.combine(value, dt.time()) + span).date()
        moved = dt.datetime.combine(REFERENCE_DAY, value.replace(tzinfo=None))
        turn = span % DAY
        return (moved + turn).time().replace(tzinfo=value.tzinfo)
    except OverflowError:
        return None


def add_temporal(left: Value, right: Value) -> Value:
    """left + right where at least one is temporal; None for kinds that do not add."""
    if isinstance(right, dt.timedelta):
        if isinstance(left, dt.timedelta):
            return spans(left, right, 1)
        if isinstance(left, (dt.date, dt.time)):
            return add_span(left, right)
    elif isinstance(right, YearsMonths):
        if isinstance(left, YearsMonths):
            return YearsMonths(left.total + right.total)
        if isinstance(left, dt.date):
            return add_months(left, right.total)
    elif isinstance(left, (dt.timedelta, YearsMonths)) and isinstance(right, (dt.date, dt.time)):
        return add_temporal(right, left)
    return None


def subtract_temporal(left: Value, right: Value) -> Value:
    """left - right: a moved point in time, or the span between two of the same kind."""
    if isinstance(right, dt.timedelta):
        if isinstance(left, dt.timedelta):
            return spans(left, right, -1)
        return add_temporal(left, negate_span(right))
    if isinstance(right, YearsMonths):
        return add_temporal(left, YearsMonths(-right.total))
    if isinstance(left, dt.date) and isinstance(right, dt.date):
        return between_dates(left, right)
    if isinstance(left, dt.time) and isinstance(right, dt.time):
        first, second = time_instant(left), time_instant(right)
        return None if (first.tzinfo is None) != (second.tzinfo is None) else first - second
    return None


def between_dates(left: dt.date, right: dt.date) -> dt.timedelta | None:
    """The span between two days or instants; a day beside an instant is its UTC midnight."""
    mixed = is_date_time(left) != is_date_time(right)
    first, second = as_instant(left, mixed), as_instant(right, mixed)
    if (first.tzinfo is None) != (second.tzinfo is None):
        return None
    return first - second


def as_instant(value: dt.date, in_utc: bool) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return instant(value)
    return dt.datetime.combine(value, dt.time(), dt.UTC if in_utc else None)


def instant(value: dt.datetime) -> dt.datetime:
    """The same instant in UTC, because Python compares the clocks of two equal zones only."""
    if value.tzinfo is None:
        return value
    try:
        return value.astimezone(dt.UTC)
    except OverflowError:  # within a day of the first or the last moment of the calendar
        return value.replace(tzinfo=dt.UTC)


def time_instant(value: dt.time) -> dt.datetime:
    """A time of day as an instant that others may be compared with or subtracted from."""
    moment = dt.datetime.combine(REFERENCE_DAY, value)
    if moment.tzinfo is None:
        return moment
    offset = moment.utcoffset() or dt.timedelta()
    return (moment.replace(tzinfo=None) - offset).replace(tzinfo=dt.UTC)


def spans(left: dt.timedelta, right: dt.timedelta, sign: int) -> dt.timedelta | None:
    try:
        return left + right * sign
    except OverflowError:
        return None


def negate_span(span: dt.timedelta) -> dt.timedelta:
    # The longest timedelta has no opposite; in 2.7 million years one day less is as good.
    return -min(span, -dt.timedelta.min)


def scale_span(span: dt.timedelta, factor: Number) -> dt.timedelta | None:
    """span * factor, to the microsecond towards zero."""
    product = guarded(lambda: CONTEXT.multiply(Decimal(span // MICROSECOND), Decimal(factor)))
    try:
        return None if product is None else dt.timedelta(microseconds=int(product))
    except OverflowError:
        return None


def scale_months(span: YearsMonths, factor: Number) -> YearsMonths | None:
    """span * factor in whole months, towards zero."""
    product = guarded(lambda: CONTEXT.multiply(Decimal(span.total), Decimal(factor)))
    if product is None or not -MAX_MONTHS < product < MAX_MONTHS:
        return None
    return YearsMonths(int(product))


def multiply_temporal(left: Value, right: Value) -> Value:
    if kind_of(left) == "number":
        left, right = right, left
    if kind_of(right) != "number":
        return None
    if isinstance(left, dt.timedelta):
        return scale_span(left, right)
    return scale_months(left, right) if isinstance(left, YearsMonths) else None


def divide_temporal(left: Value, right: Value) -> Value:
    """A duration by a number is a duration; by a duration of its kind it is a number."""
    if isinstance(right, dt.timedelta) and isinstance(left, dt.timedelta):
        return ratio(left // MICROSECOND, right // MICROSECOND)
    if isinstance(right, YearsMonths) and isinstance(left, YearsMonths):
        return ratio(left.total, right.total)
    if kind_of(right) != "number" or right == 0:
        return None
    if isinstance(left, dt.timedelta):
        return divide_span(left // MICROSECOND, right)
    if isinstance(left, YearsMonths):
        months = guarded(lambda: CONTEXT.divide(Decimal(left.total), Decimal(right)))
        if months is None or not -MAX_MONTHS < months < MAX_MONTHS:
            return None
        return YearsMonths(int(months))
    return None


def divide_span(micros: int, divisor: Number) -> dt.timedelta | None:
    quotient = guarded(lambda: CONTEXT.divide(Decimal(micros), Decimal(divisor)))
    try:
        return None if quotient is None else dt.timedelta(microseconds=int(quotient))
    except OverflowError:
        return None


def ratio(left: int, right: int) -> Number | None:
    if right == 0:
        return None
    return guarded(lambda: whole(CONTEXT.divide(Decimal(left), Decimal(right))))


def months_between(first: dt.date, last: dt.date) -> YearsMonths:
    """Whole months from first to last, negative if last is earlier."""
    if last < first:
        return YearsMonths(-months_between(last, first).total)
    months = (last.year - first.year) * 12 + last.month - first.month
    return YearsMonths(months - 1 if last.day < first.day else months)


def offset_of(value: dt.datetime | dt.time) -> dt.timedelta | None:
    if isinstance(value, dt.time):
        return dt.datetime.combine(REFERENCE_DAY, value).utcoffset()
    return value.utcoffset()


def with_offset(value: dt.time, offset: dt.timedelta | None) -> dt.time:
    return value if offset is None else value.replace(tzinfo=fixed_zone(offset))
