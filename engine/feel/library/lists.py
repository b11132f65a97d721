"""Built-in functions that sum up a list in one value. Source: DMN 1.5, 10.3.4.4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from engine.feel.calendar import add_temporal, divide_temporal
from engine.feel.library.registry import built_in
from engine.feel.numbers import CONTEXT, Number, add, divide, guarded, multiply, whole
from engine.feel.order import compare, equal, identity
from engine.feel.runtime import Run
from engine.feel.values import Value, kind_of

SUMMED = "number/days and time duration/years and months duration"
ORDERED = f"string/date/time/date and time/{SUMMED}"


@built_in("list contains(list: list, element: any)")
def list_contains(run: Run, items: list[Value], element: Value) -> bool:
    run.charge(len(items) // 4)
    return any(equal(run, item, element) is True for item in items)


@built_in("count(list: list)")
def count(run: Run, items: list[Value]) -> int:
    return len(items)


def extreme(items: list[Value], sign: int) -> Value:
    """The first item that no other surpasses; null for none or for items without one order."""
    best: Value = None
    for index, item in enumerate(items):
        order = 0 if index == 0 else compare(item, best)
        if order is None or (index == 0 and compare(item, item) is None):
            return None
        if index == 0 or order * sign > 0:
            best = item
    return best


@built_in(f"min(*list: list of {ORDERED})")
def minimum(run: Run, items: list[Value]) -> Value:
    run.charge(len(items) // 4)
    return extreme(items, -1)


@built_in(f"max(*list: list of {ORDERED})")
def maximum(run: Run, items: list[Value]) -> Value:
    run.charge(len(items) // 4)
    return extreme(items, 1)


def numbers(items: list[Value]) -> bool:
    return bool(items) and all(kind_of(item) == "number" for item in items)


def folded(items: list[Value], step: Callable[[Number, Number], Number | None]) -> Number | None:
    total: Number | None = items[0]
    for item in items[1:]:
        if total is None:
            return None
        total = step(total, item)
    return total


@built_in(f"sum(*list: list of {SUMMED})")
def total(run: Run, items: list[Value]) -> Value:
    """The sum of numbers, or of durations of one kind; null for an empty list."""
    run.charge(len(items) // 4)
    if numbers(items):
        return folded(items, add)
    return sum_of_durations(items)


def sum_of_durations(items: list[Value]) -> Value:
    if not items or "duration" not in kind_of(items[0]):
        return None
    whole_span: Value = items[0]
    for item in items[1:]:
        whole_span = None if kind_of(item) != kind_of(items[0]) else add_temporal(whole_span, item)
        if whole_span is None:
            return None
    return whole_span


@built_in(f"mean(*list: list of {SUMMED})")
def mean(run: Run, items: list[Value]) -> Value:
    whole_sum = total(run, items)
    if whole_sum is None:
        return None
    if isinstance(whole_sum, (int, Decimal)):
        return divide(whole_sum, len(items))
    return divide_temporal(whole_sum, len(items))


@built_in("product(*list: list of number)")
def product(run: Run, items: list[Value]) -> Number | None:
    run.charge(len(items) // 4)
    return folded(items, multiply) if numbers(items) else None


@built_in("median(*list: list of number)")
def median(run: Run, items: list[Value]) -> Number | None:
    run.charge(len(items))
    if not numbers(items):
        return None
    ranked = sorted(items)
    middle = len(ranked) // 2
    if len(ranked) % 2:
        found: Number = ranked[middle]
        return found
    pair = add(ranked[middle - 1], ranked[middle])
    return None if pair is None else divide(pair, 2)


@built_in("stddev(*list: list of number)")
def standard_deviation(run: Run, items: list[Value]) -> Number | None:
    """The sample standard deviation; null for fewer than two numbers."""
    run.charge(len(items))
    if len(items) < 2 or not numbers(items):
        return None

    def deviation() -> Number:
        average = CONTEXT.divide(sum_exactly(items), Decimal(len(items)))
        squares = Decimal(0)
        for item in items:
            difference = CONTEXT.subtract(Decimal(item), average)
            squares = CONTEXT.add(squares, CONTEXT.multiply(difference, difference))
        return whole(CONTEXT.sqrt(CONTEXT.divide(squares, Decimal(len(items) - 1))))

    return guarded(deviation)


def sum_exactly(items: list[Value]) -> Decimal:
    result = Decimal(0)
    for item in items:
        result = CONTEXT.add(result, Decimal(item))
    return result


@built_in("mode(*list: list of number)")
def mode(run: Run, items: list[Value]) -> list[Value] | None:
    """The most frequent numbers in ascending order; [] for an empty list."""
    run.charge(len(items))
    if not items:
        return []
    if not numbers(items):
        return None
    counts = Counter(identity(run, item) for item in items)
    most = max(counts.values())
    firsts = {identity(run, item): item for item in reversed(items)}
    return sorted(firsts[key] for key, number in counts.items() if number == most)


@built_in("all(*list: list with boolean)")
def all_of(run: Run, items: list[Value]) -> bool | None:
    """False if one is false; true if all are true; otherwise null."""
    run.charge(len(items) // 4)
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


@built_in("any(*list: list with boolean)")
def any_of(run: Run, items: list[Value]) -> bool | None:
    """True if one is true; false if all are false; otherwise null."""
    run.charge(len(items) // 4)
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


@built_in("is empty(list: list)")
def is_empty(run: Run, items: list[Value]) -> bool:
    return not items
