"""Arithmetic of dates, times and durations.

A zoned date-time moves along the time line when days and time are added, and along the calendar
when years and months are; the 31st becomes the last day of a shorter month.
Source: DMN 1.5, 10.3.2.11.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from decimal import Decimal

from engine.feel.numbers import CONTEXT, Number, guarded, whole
from engine.feel.temporal import fixed_zone
from engine.feel.values import Value, YearsMonths, kind_of
from engine.feel.wide import (
    DAY,
    Date,
    DateTime,
    Span,
    Time,
    at_instant,
    civil,
    clock_of,
    day_of,
    instant_of,
    is_date,
    is_date_time,
    is_span,
    is_time,
    local_of,
    make_date,
    make_date_time,
    make_span,
    make_time,
    nanos_of,
    ordinal_of,
    time_instant,
)

MAX_MONTHS = 10**12


def add_months(value: Date | DateTime, months: int) -> Value:
    """A date or date-time `months` later; None where the calendar ends."""
    start, month, day = civil(value)
    year, month = divmod(start * 12 + month - 1 + months, 12)
    # The years repeat their lengths of months every 400 years.
    last = monthrange(2000 + year % 400, month + 1)[1]
    try:
        moved = ordinal_of(year, month + 1, min(day, last))
    except ValueError:
        return None
    if isinstance(value, dt.datetime) or is_date_time(value):
        return make_date_time(moved * DAY + clock_of(value), value.tzinfo)  # type: ignore[arg-type, union-attr]  # a date and time
    return make_date(moved)


def add_span(value: Value, span: Span) -> Value:
    """A date, date-time or time `span` later; a date stays a date, a time turns the clock."""
    nanos = nanos_of(span)
    if is_date_time(value):
        if value.tzinfo is None:
            return make_date_time(local_of(value) + nanos, None)
        return at_instant(instant_of(value) + nanos, value.tzinfo)
    if is_time(value):
        return make_time((clock_of(value) + nanos) % DAY, value.tzinfo)
    return make_date((day_of(value) * DAY + nanos) // DAY)


def add_temporal(left: Value, right: Value) -> Value:
    """left + right where at least one is temporal; None for kinds that do not add."""
    if is_span(right):
        if is_span(left):
            return make_span(nanos_of(left) + nanos_of(right))
        if is_point(left):
            return add_span(left, right)
    elif isinstance(right, YearsMonths):
        if isinstance(left, YearsMonths):
            return bounded_months(left.total + right.total)
        if is_date(left) or is_date_time(left):
            return add_months(left, right.total)
    elif (is_span(left) or isinstance(left, YearsMonths)) and is_point(right):
        return add_temporal(right, left)
    return None


def is_point(value: Value) -> bool:
    return is_date(value) or is_date_time(value) or is_time(value)


def bounded_months(total: int) -> YearsMonths | None:
    return YearsMonths(total) if -MAX_MONTHS < total < MAX_MONTHS else None


def subtract_temporal(left: Value, right: Value) -> Value:
    """left - right: a moved point in time, or the span between two of the same kind."""
    if is_span(right):
        if is_span(left):
            return make_span(nanos_of(left) - nanos_of(right))
        return add_span(left, negate_span(right)) if is_point(left) else None
    if isinstance(right, YearsMonths):
        if is_span(left):
            return None
        return add_temporal(left, YearsMonths(-right.total))
    if is_time(left) and is_time(right):
        return between_times(left, right)
    if is_time(left) or is_time(right) or not (is_point(left) and is_point(right)):
        return None
    return between_dates(left, right)


def between_times(left: Time, right: Time) -> Span | None:
    if (left.tzinfo is None) != (right.tzinfo is None):
        return None
    return make_span(time_instant(left) - time_instant(right))


def between_dates(left: Date | DateTime, right: Date | DateTime) -> Span | None:
    """The span between two days or instants; a day beside an instant is its UTC midnight."""
    if is_date(left) and is_date(right):
        return make_span((day_of(left) - day_of(right)) * DAY)
    first, second = point_of(left), point_of(right)
    if first[0] != second[0]:
        return None
    return make_span(first[1] - second[1])


def point_of(value: Value) -> tuple[bool, int]:
    """(whether it has a zone, its instant)."""
    if is_date(value):
        return True, day_of(value) * DAY
    return value.tzinfo is not None, instant_of(value)


def negate_span(span: Span) -> Span:
    negative = make_span(-nanos_of(span))
    assert negative is not None  # as long as its opposite
    return negative


def rounded_span(nanos: Decimal | None, parts: int) -> Span | None:
    """A duration towards zero, to the microsecond where the one it comes from had no less."""
    if nanos is None or abs(nanos) > 10**30:
        return None
    exact = int(nanos)
    if parts % 1000 == 0:
        exact = abs(exact) // 1000 * 1000 * (1 if exact >= 0 else -1)
    return make_span(exact)


def scale_span(span: Span, factor: Number) -> Span | None:
    nanos = nanos_of(span)
    product = guarded(lambda: CONTEXT.multiply(Decimal(nanos), Decimal(factor)))
    return rounded_span(None if product is None else Decimal(product), nanos)


def divide_span(span: Span, divisor: Number) -> Span | None:
    nanos = nanos_of(span)
    quotient = guarded(lambda: CONTEXT.divide(Decimal(nanos), Decimal(divisor)))
    return rounded_span(None if quotient is None else Decimal(quotient), nanos)


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
    if is_span(left):
        return scale_span(left, right)
    return scale_months(left, right) if isinstance(left, YearsMonths) else None


def divide_temporal(left: Value, right: Value) -> Value:
    """A duration by a number is a duration; by a duration of its kind it is a number."""
    if is_span(right) and is_span(left):
        return ratio(nanos_of(left), nanos_of(right))
    if isinstance(right, YearsMonths) and isinstance(left, YearsMonths):
        return ratio(left.total, right.total)
    if kind_of(right) != "number" or right == 0:
        return None
    if is_span(left):
        return divide_span(left, right)
    if isinstance(left, YearsMonths):
        months = guarded(lambda: CONTEXT.divide(Decimal(left.total), Decimal(right)))
        if months is None or not -MAX_MONTHS < months < MAX_MONTHS:
            return None
        return YearsMonths(int(months))
    return None


def ratio(left: int, right: int) -> Number | None:
    if right == 0:
        return None
    return guarded(lambda: whole(CONTEXT.divide(Decimal(left), Decimal(right))))


def months_between(first: Date | DateTime, last: Date | DateTime) -> YearsMonths:
    """Whole months from one day to another, negative if the last is earlier.

    The time of day does not count: the standard's function is one of dates.
    """
    if day_of(last) < day_of(first):
        return YearsMonths(-months_between(last, first).total)
    (year, month, day), (end_year, end_month, end_day) = civil(first), civil(last)
    months = (end_year - year) * 12 + end_month - month
    return YearsMonths(months - 1 if end_day < day else months)


def with_offset(value: Time, offset: Span | None) -> Time:
    """The same time in the zone of an offset; raises ValueError for one of a day or more."""
    if offset is None:
        return value
    if not isinstance(offset, dt.timedelta):
        raise ValueError(offset)
    return make_time(clock_of(value), fixed_zone(offset))
