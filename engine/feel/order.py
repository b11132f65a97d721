"""Equality and order between values.

Values of different kinds are neither equal nor unequal: the answer is null. Everything equals or
does not equal null. Whoever walks lists and contexts counts each in the budget of the run: lists
may share their parts, so that a small value takes an endless walk.
Source: DMN 1.5, 10.3.2.3.2 and tables 52 to 54.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.feel.errors import FeelBudgetExceeded
from engine.feel.values import Range, Value, kind_of
from engine.feel.wide import DateTime, Time, day_of, instant_of, nanos_of, offset_of, time_instant

if TYPE_CHECKING:
    from engine.feel.runtime import Run

# Deeper values than this are only made to exhaust the stack of whoever walks them.
MAX_NESTING = 60


def equal(run: Run, left: Value, right: Value, depth: int = 0) -> bool | None:
    """True or false, or None for values of different kinds."""
    if left is None or right is None:
        return left is right
    kind = kind_of(left)
    if kind != kind_of(right):
        return None
    if kind == "list":
        run.charge(3 + len(left) // 4)
        return equal_lists(run, left, right, depth)
    if kind == "context":
        run.charge(3 + len(left) // 4)
        return equal_contexts(run, left, right, depth)
    if kind == "range":
        return equal_ranges(run, left, right)
    if kind in KEYS:
        return bool(KEYS[kind](left) == KEYS[kind](right))
    return bool(left == right)


def equal_lists(run: Run, left: list[Value], right: list[Value], depth: int) -> bool:
    check_nesting(depth)
    return len(left) == len(right) and all(
        equal(run, first, second, depth + 1) is True
        for first, second in zip(left, right, strict=True)
    )


def equal_contexts(run: Run, left: dict[str, Value], right: dict[str, Value], depth: int) -> bool:
    check_nesting(depth)
    return left.keys() == right.keys() and all(
        equal(run, value, right[key], depth + 1) is True for key, value in left.items()
    )


def equal_ranges(run: Run, left: Range, right: Range) -> bool:
    return (
        left.start_included == right.start_included
        and left.end_included == right.end_included
        and equal(run, left.start, right.start) is True
        and equal(run, left.end, right.end) is True
    )


def check_nesting(depth: int) -> None:
    if depth > MAX_NESTING:
        raise FeelBudgetExceeded(
            "A value is nested more than {limit} levels deep.", limit=MAX_NESTING
        )


def sortable(value: Value) -> tuple[str, Any] | None:
    """(kind, key): two values of one kind compare by their keys; None if it has no order."""
    cls = type(value)
    if cls is int or cls is Decimal:
        return "number", value
    if cls is str:
        return "string", value
    kind = kind_of(value)
    if kind in ZONED:
        zoned, key = KEYS[kind](value)
        return ("" if zoned else "local ") + kind, key
    if kind in KEYS:
        return kind, KEYS[kind](value)
    return (kind, value) if kind == "years and months duration" else None


# What equals and orders values of a kind; a local clock and a zoned one have nothing in common.
KEYS: dict[str, Callable[[Any], Any]] = {
    "date": day_of,
    "time": lambda value: (value.tzinfo is not None, time_instant(value)),
    "date and time": lambda value: (value.tzinfo is not None, instant_of(value)),
    "days and time duration": nanos_of,
}
ZONED = frozenset(("time", "date and time"))


def ordered(left: Value, right: Value) -> tuple[Any, Any] | None:
    """Keys that Python may compare, or None where the two have no common order."""
    first = sortable(left)
    if first is None:
        return None
    second = sortable(right)
    if second is None or first[0] != second[0]:
        return None
    return first[1], second[1]


def compare(left: Value, right: Value) -> int | None:
    """-1, 0 or 1; None where the two have no common order."""
    keys = ordered(left, right)
    if keys is None:
        return None
    return -1 if keys[0] < keys[1] else int(keys[0] > keys[1])


def less(left: Value, right: Value) -> bool | None:
    keys = ordered(left, right)
    return None if keys is None else bool(keys[0] < keys[1])


def less_or_equal(left: Value, right: Value) -> bool | None:
    keys = ordered(left, right)
    return None if keys is None else bool(keys[0] <= keys[1])


def greater(left: Value, right: Value) -> bool | None:
    return less(right, left)


def greater_or_equal(left: Value, right: Value) -> bool | None:
    return less_or_equal(right, left)


def unequal(run: Run, left: Value, right: Value) -> bool | None:
    answer = equal(run, left, right)
    return None if answer is None else not answer


ORDERS: dict[str, Callable[[Value, Value], bool | None]] = {
    "<": less,
    "<=": less_or_equal,
    ">": greater,
    ">=": greater_or_equal,
}


def conjunction(left: Value, right: Value) -> bool | None:
    """Three-valued and: false wins, then null."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def within(value: Value, span: Range) -> bool | None:
    """Whether a value lies in a range; None where it has no order with the range's ends."""
    lower = upper = True
    if span.start is None and span.end is None:
        return None
    if span.start is not None:
        found = (less_or_equal if span.start_included else less)(span.start, value)
        if found is None:
            return None
        lower = found
    if span.end is not None:
        found = (less_or_equal if span.end_included else less)(value, span.end)
        if found is None:
            return None
        upper = found
    return lower and upper


def identity(run: Run, value: Value, depth: int = 0) -> Any:
    """A hashable key that two values share exactly if they are equal."""
    check_nesting(depth)
    kind = kind_of(value)
    if kind == "list":
        run.charge(8 + len(value) // 2)
        return kind, tuple(identity(run, item, depth + 1) for item in value)
    if kind == "context":
        run.charge(8 + len(value) // 2)
        entries = ((key, identity(run, item, depth + 1)) for key, item in value.items())
        return kind, frozenset(entries)
    if kind == "range":
        ends = identity(run, value.start, depth + 1), identity(run, value.end, depth + 1)
        return kind, ends, value.start_included, value.end_included
    if kind in KEYS:
        return kind, KEYS[kind](value)
    return (kind, id(value)) if kind == "foreign" else (kind, value)


def is_whole(value: Value) -> bool:
    """Whether a value is a whole number, whichever of the two types carries it."""
    return (type(value) is int) or (
        isinstance(value, Decimal) and value == value.to_integral_value()
    )


def zone_key(value: Time | DateTime) -> tuple[bool, dt.timedelta | None]:
    """What tells zones apart: whether there is one, and how far it is ahead of UTC then."""
    return value.tzinfo is None, offset_of(value)
