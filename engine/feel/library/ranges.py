"""Built-in functions on points and ranges (Allen's interval relations).

Source: DMN 1.5, 10.3.4.9 (table 78): `before`, `after`, `meets`, ... as the table defines them.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.feel.library.registry import built_in
from engine.feel.order import compare
from engine.feel.runtime import Run
from engine.feel.values import Range, Value, kind_of

POINT = "number|string|date|time|date and time|days and time duration|years and months duration"


class NoOrder(Exception):
    """Two ends have no common order, so that the relation is null."""


def order(left: Value, right: Value) -> int:
    found = compare(left, right)
    if found is None:
        raise NoOrder
    return found


def relation(body: Callable[..., bool]) -> Callable[..., bool | None]:
    """The same relation, null where two ends have no common order."""

    def answer(run: Run, *values: Value) -> bool | None:
        try:
            return body(*values)
        except NoOrder:
            return None

    return answer


def as_range(value: Value) -> Range:
    """A point as the range of that one point."""
    return value if isinstance(value, Range) else Range(value, value)


@built_in(
    f"before(point1: {POINT}, point2: {POINT})",
    f"before(point: {POINT}, range: range)",
    f"before(range: range, point: {POINT})",
    "before(range1: range, range2: range)",
)
@relation
def before(left: Value, right: Value) -> bool:
    first, second = as_range(left), as_range(right)
    found = order(first.end, second.start)
    touching = first.end_included and second.start_included
    return found < 0 or (found == 0 and not touching)


@built_in(
    f"after(point1: {POINT}, point2: {POINT})",
    f"after(point: {POINT}, range: range)",
    f"after(range: range, point: {POINT})",
    "after(range1: range, range2: range)",
)
@relation
def after(left: Value, right: Value) -> bool:
    first, second = as_range(left), as_range(right)
    found = order(first.start, second.end)
    touching = first.start_included and second.end_included
    return found > 0 or (found == 0 and not touching)


@built_in("meets(range1: range, range2: range)")
@relation
def meets(range1: Range, range2: Range) -> bool:
    return range1.end_included and range2.start_included and order(range1.end, range2.start) == 0


@built_in("met by(range1: range, range2: range)")
@relation
def met_by(range1: Range, range2: Range) -> bool:
    return range1.start_included and range2.end_included and order(range1.start, range2.end) == 0


def reaches(first: Range, second: Range) -> bool:
    """Whether the first ends at or after the start of the second, with a common point."""
    found = order(first.end, second.start)
    return found > 0 or (found == 0 and first.end_included and second.start_included)


@built_in("overlaps(range1: range, range2: range)")
@relation
def overlaps(range1: Range, range2: Range) -> bool:
    return reaches(range1, range2) and reaches(range2, range1)


def starts_earlier(first: Range, second: Range) -> bool:
    found = order(first.start, second.start)
    return found < 0 or (found == 0 and first.start_included and not second.start_included)


def ends_earlier(first: Range, second: Range) -> bool:
    found = order(first.end, second.end)
    return found < 0 or (found == 0 and second.end_included and not first.end_included)


@built_in("overlaps before(range1: range, range2: range)")
@relation
def overlaps_before(range1: Range, range2: Range) -> bool:
    return (
        starts_earlier(range1, range2)
        and reaches(range1, range2)
        and (ends_earlier(range1, range2) or same_end(range1, range2))
    )


@built_in("overlaps after(range1: range, range2: range)")
@relation
def overlaps_after(range1: Range, range2: Range) -> bool:
    return (
        reaches(range2, range1)
        and (starts_earlier(range2, range1))
        and (ends_earlier(range2, range1) or same_end(range1, range2))
    )


def same_end(first: Range, second: Range) -> bool:
    return order(first.end, second.end) == 0 and first.end_included == second.end_included


def same_start(first: Range, second: Range) -> bool:
    return order(first.start, second.start) == 0 and first.start_included == second.start_included


@built_in(f"finishes(point: {POINT}, range: range)", "finishes(range1: range, range2: range)")
@relation
def finishes(left: Value, right: Range) -> bool:
    if not isinstance(left, Range):
        return right.end_included and order(left, right.end) == 0
    return same_end(left, right) and not starts_earlier(left, right)


@built_in(
    f"finished by(range: range, point: {POINT})", "finished by(range1: range, range2: range)"
)
@relation
def finished_by(left: Range, right: Value) -> bool:
    if not isinstance(right, Range):
        return left.end_included and order(left.end, right) == 0
    return same_end(left, right) and not starts_earlier(right, left)


@built_in(f"includes(range: range, point: {POINT})", "includes(range1: range, range2: range)")
@relation
def includes(left: Range, right: Value) -> bool:
    inner = as_range(right)
    return not starts_earlier(inner, left) and not ends_earlier(left, inner)


@built_in(f"during(point: {POINT}, range: range)", "during(range1: range, range2: range)")
@relation
def during(left: Value, right: Range) -> bool:
    inner = as_range(left)
    return not starts_earlier(inner, right) and not ends_earlier(right, inner)


@built_in(f"starts(point: {POINT}, range: range)", "starts(range1: range, range2: range)")
@relation
def starts(left: Value, right: Range) -> bool:
    if not isinstance(left, Range):
        return right.start_included and order(left, right.start) == 0
    return same_start(left, right) and not ends_earlier(right, left)


@built_in(f"started by(range: range, point: {POINT})", "started by(range1: range, range2: range)")
@relation
def started_by(left: Range, right: Value) -> bool:
    if not isinstance(right, Range):
        return left.start_included and order(left.start, right) == 0
    return same_start(left, right) and not ends_earlier(left, right)


@built_in(
    f"coincides(point1: {POINT}, point2: {POINT})", "coincides(range1: range, range2: range)"
)
@relation
def coincides(left: Value, right: Value) -> bool:
    if isinstance(left, Range) and isinstance(right, Range):
        return same_start(left, right) and same_end(left, right)
    return kind_of(left) == kind_of(right) and order(left, right) == 0
