"""Cuts the columns of a table at all values that their cells name.

Between two neighbouring values no cell can tell one value from another, so that one sample
stands for all of them; a cell is then the pieces for which it holds. What cannot be cut this
way, because a cell speaks of other data, is None.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeAlias

from engine.decisions.constraints import Constraint
from engine.decisions.shapes import MAX_DEPTH
from engine.decisions.tables import Input, Table
from engine.feel import FeelError, Range, UnaryTests, Value, YearsMonths, kind_of
from engine.feel.compiler import code_of
from engine.feel.order import sortable
from engine.feel.runtime import Run, Scope
from engine.feel.tree import Test

# Makes a text that the table does not name out of those that it names.
OTHER = "x"
DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)

# First and last piece of each stretch, in order.
Stretches: TypeAlias = list[tuple[int, int]]


class Unknown(Exception):
    """The cell or column cannot be judged without the data of a case."""


@dataclass
class Column:
    """samples: one value a piece; at: the number of the piece of each value named, by its key.

    nothing: the number of the piece of null, where it counts as a case of its own.
    possible: the numbers of the pieces that may come at all; bits: the same as bits.
    """

    samples: list[Value] = field(default_factory=list)
    at: dict[Any, int] = field(default_factory=dict)
    nothing: int | None = None
    possible: list[int] = field(default_factory=list)
    bits: int = 0

    @property
    def last(self) -> int:
        """The last piece that is no null."""
        return len(self.samples) - (self.nothing is not None) - 1

    def holds(self, cell: UnaryTests) -> Stretches:
        """The pieces for which a cell holds. Raises Unknown."""
        tests = tests_of(cell)
        if not tests:
            return [(0, len(self.samples) - 1)]
        found = merged(stretch for test in tests for stretch in self.stretches(test))
        if cell.tree is not None and cell.tree.negated:
            found = list(self.complement(found))
        return self.with_null(cell, found)

    def with_null(self, cell: UnaryTests, found: Stretches) -> Stretches:
        """The same with null asked for by itself: it has no place in any order."""
        if self.nothing is None:
            return found
        found = [(low, min(high, self.last)) for low, high in found if low <= self.last]
        if cell.matches(None, {}) is True:
            found.append((self.nothing, self.nothing))
        return found

    def complement(self, stretches: Stretches) -> Iterator[tuple[int, int]]:
        start = 0
        for low, high in stretches:
            if low > start:
                yield start, low - 1
            start = high + 1
        if start <= self.last:
            yield start, self.last

    def stretches(self, test: Test) -> Iterator[tuple[int, int]]:
        """The pieces of values that one test holds for."""
        value = constant(test)
        if test.operator is None:
            yield from self.of_value(value)
        elif value is not None:
            at = self.place(value)
            yield from {
                "=": [(at, at)],
                "!=": [(0, at - 1), (at + 1, self.last)],
                "<": [(0, at - 1)],
                "<=": [(0, at)],
                ">": [(at + 1, self.last)],
                ">=": [(at, self.last)],
            }[test.operator]
        elif test.operator == "!=":
            yield 0, self.last

    def of_value(self, value: Value) -> Iterator[tuple[int, int]]:
        """The pieces that a test without an operator holds for: a value, a range, or a list."""
        if isinstance(value, list):
            for item in value:
                yield from self.of_value(item)
        elif isinstance(value, Range):
            low = (
                0 if value.start is None else self.place(value.start) + (not value.start_included)
            )
            high = self.last if value.end is None else self.place(value.end)
            yield low, high - (value.end is not None and not value.end_included)
        elif isinstance(value, bool) and not isinstance(self.samples[0], bool):
            # A condition that does not ask about the value: it holds for all or none.
            yield from [(0, self.last)] if value else []
        elif value is not None:
            at = self.place(value)
            yield at, at

    def place(self, value: Value) -> int:
        try:
            return self.at[key_of(value)]
        except KeyError:
            raise Unknown from None


def key_of(value: Value) -> Any:
    """A key that two values share if they are equal; two of one kind compare by it."""
    if isinstance(value, bool):
        return "boolean", value
    key = sortable(value)
    if key is None:
        raise Unknown
    return key


def merged(stretches: Iterable[tuple[int, int]]) -> Stretches:
    """The stretches in order, with those that touch joined."""
    found: Stretches = []
    for low, high in sorted(stretches):
        if high < low:
            continue
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return found


def tests_of(cell: UnaryTests) -> list[Test]:
    return cell.tree.tests if cell.tree is not None else []


def constant(test: Test) -> Value:
    """What a test compares with. Raises Unknown where that takes the data of a case."""
    if test.asks:
        raise Unknown
    try:
        return code_of(test.value)(Scope({}, None, Run()))
    except FeelError:  # now() in a cell: only a case can tell
        raise Unknown from None


def is_constant(cell: UnaryTests) -> bool:
    return not (cell.variables or cell.possible or cell.calls) and not any(
        test.asks for test in tests_of(cell)
    )


def cut(table: Table, index: int) -> Column | None:
    """A column in pieces, None where it cannot be cut; one with one piece says nothing."""
    column = table.inputs[index]
    named: list[Value] = []
    odd: list[Value] = []
    ordered = False
    allowed = allowed_of(column)
    cells = [rule.tests[index] for rule in table.rules]
    try:
        for cell in {
            id(cell): cell for cell in [*cells, *([allowed] if allowed else [])]
        }.values():
            if is_constant(cell):
                for test in tests_of(cell):
                    value = constant(test)
                    if is_odd(column, value):
                        odd.append(value)
                        continue
                    ordered = ordered or has_order(value) or test.operator not in (None, "=", "!=")
                    named += ends_of(value)
        return in_pieces(named or odd, column, allowed, ordered=ordered)
    except Unknown:
        return None


def is_odd(column: Input, value: Value) -> bool:
    """Whether a value is of another kind than its column: its cell alone cannot be judged."""
    wanted = column.known.root().kind
    simple = wanted in ("number", "string") and isinstance(value, str | int | Decimal)
    return simple and not isinstance(value, bool) and kind_of(value) != wanted


def has_order(value: Value) -> bool:
    if isinstance(value, list):
        return any(map(has_order, value))
    return isinstance(value, Range)


def allowed_of(column: Input) -> UnaryTests | None:
    """The tests of the values that may come: the column's own, or its type's."""
    shape = column.known
    found: Constraint | None = column.allowed or shape.allowed
    # A type may be made from itself, so that the way down is bounded.
    for _ in range(MAX_DEPTH):
        if found is not None or shape.base is None or shape.collection:
            break
        shape = shape.base
        found = shape.allowed
    return None if found is None or not is_constant(found.tests) else found.tests


def ends_of(value: Value) -> list[Value]:
    if isinstance(value, Range):
        return [end for end in (value.start, value.end) if end is not None]
    if isinstance(value, list):
        return [end for item in value for end in ends_of(item)]
    return [value]


def in_pieces(
    named: list[Value], column: Input, allowed: UnaryTests | None, *, ordered: bool
) -> Column:
    """The pieces of a column whose cells name these values. Raises Unknown."""
    kinds = {kind_of(value) for value in named if value is not None}
    if kinds == {"boolean", column.known.root().kind}:
        kinds -= {"boolean"}
    found = Column()
    if not kinds and column.known.root().kind == "boolean":
        kinds = {"boolean"}
    if kinds == {"boolean"}:
        found.samples = [True, False]
    elif kinds == {"string"} and not ordered:
        texts = dict.fromkeys(value for value in named if isinstance(value, str))
        unnamed = OTHER
        while unnamed in texts:
            unnamed += OTHER
        found.samples = [*texts, unnamed]
    elif kinds:
        values = [value for value in named if value is not None and not isinstance(value, bool)]
        found.samples = list(with_between(values))
    else:
        found.samples = [OTHER]
    named_keys = {key_of(value) for value in named if value is not None}
    for at, sample in enumerate(found.samples):
        if not isinstance(sample, Between) and key_of(sample) in named_keys:
            found.at[key_of(sample)] = at
    found.samples = [s.sample if isinstance(s, Between) else s for s in found.samples]
    if kinds == {"boolean"}:
        found.at = {("boolean", True): 0, ("boolean", False): 1}
    if None in named:
        found.nothing = len(found.samples)
        found.samples.append(None)
    found.possible = list(possible(found, column, allowed))
    marks = bytearray(len(found.samples) // 8 + 1)
    for at in found.possible:
        marks[at // 8] |= 1 << at % 8
    found.bits = int.from_bytes(marks, "little")
    return found


@dataclass(frozen=True)
class Between:
    """A sample for all values between two that are named; None where there is none."""

    sample: Value


def with_between(values: list[Value]) -> Iterator[Value]:
    """The values in order, each once, with a sample before, between and after them."""
    keyed = {key_of(value): value for value in values}
    if len({kind for kind, _ in keyed}) > 1:
        raise Unknown
    points = [keyed[key] for key in sorted(keyed)]
    if not all(type(point) in STEPS for point in points):
        raise Unknown
    yield Between(beyond(points[0], -1))
    for first, second in pairwise(points):
        yield first
        yield Between(between(first, second))
    yield points[-1]
    yield Between(beyond(points[-1], 1))


STEPS: dict[type, Any] = {
    int: 1,
    Decimal: 1,
    str: None,
    dt.date: DAY,
    dt.datetime: SECOND,
    dt.timedelta: SECOND,
    dt.time: SECOND,
    YearsMonths: 1,
}


def beyond(value: Value, sign: int) -> Value:
    """A value beyond the first or last one, None where there is none."""
    if isinstance(value, str):
        return value + OTHER if sign > 0 else "" if value else None
    if isinstance(value, YearsMonths):
        return YearsMonths(value.total + sign)
    if isinstance(value, dt.time):
        moment = dt.datetime.combine(dt.date(2000, 1, 1), value)
        moved = moment + SECOND * sign
        return moved.timetz() if moved.date() == moment.date() else None
    try:
        return value + STEPS[type(value)] * sign
    except OverflowError:
        return None


def between(first: Value, second: Value) -> Value:
    """A value between two, None where there is none (two neighbouring days)."""
    if isinstance(first, str):
        return first + OTHER if first + OTHER < second else None
    if isinstance(first, (int, Decimal)):
        middle = (Decimal(first) + Decimal(second)) / 2
        return int(middle) if middle == int(middle) else middle
    if isinstance(first, YearsMonths):
        return YearsMonths(first.total + 1) if second.total - first.total > 1 else None
    if isinstance(first, dt.time):
        moved = beyond(first, 1)
        return moved if moved is not None and key_of(moved) < key_of(second) else None
    if kind_of(first) == "date":
        return first + DAY if second - first > DAY else None
    return first + (second - first) / 2


def possible(found: Column, column: Input, allowed: UnaryTests | None) -> Iterator[int]:
    """The pieces that may come: those that are allowed, whole ones for a whole number."""
    inside = (
        {at for low, high in found.holds(allowed) for at in range(low, high + 1)}
        if (allowed is not None)
        else set(range(len(found.samples)))
    )
    for at, sample in enumerate(found.samples):
        if at == found.nothing:
            yield at
        elif at in inside and sample is not None:
            fraction = isinstance(sample, Decimal) and sample % 1 != 0
            if not (column.whole and fraction):
                yield at
