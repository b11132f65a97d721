"""for, some, every and filters. Source: DMN 1.5, 10.3.2.5, 10.3.2.12 to 10.3.2.14."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from engine.feel import tree
from engine.feel.order import is_whole
from engine.feel.runtime import Run, Scope
from engine.feel.values import Range, Value, kind_of
from engine.feel.wide import day_of, make_date

Code: TypeAlias = Callable[[Scope], Value]


class Source(NamedTuple):
    """`name in values`, or `name in values..end` where `end` is given."""

    name: str
    values: Code
    end: Code | None


def sources(
    iterators: list[tree.Iterator], code_of: Callable[[tree.Node], Code]
) -> tuple[Source, ...]:
    return tuple(
        Source(part.name, code_of(part.source), code_of(part.end) if part.end else None)
        for part in iterators
    )


def charged(code: Code, cost: int) -> Code:
    """The same code, counted in the budget each time that it runs."""

    def run(scope: Scope) -> Value:
        scope.run.charge(cost)
        return code(scope)

    return run


def values_of(scope: Scope, source: Source) -> Iterable[Value] | None:
    """The values that an iterator runs through; None if it can run through nothing."""
    first = source.values(scope)
    if source.end is not None:
        return steps_between(scope.run, first, source.end(scope))
    if isinstance(first, list):
        return first
    if isinstance(first, Range):
        return steps_of(scope.run, first)
    return None if first is None else [first]


def steps_between(run: Run, first: Value, last: Value) -> Iterable[Value] | None:
    """Whole numbers or days from first to last, upwards or downwards, both included."""
    if is_whole(first) and is_whole(last):
        start, end = int(first), int(last)
        run.check_items(abs(end - start) + 1)
        return range(start, end + 1) if start <= end else range(start, end - 1, -1)
    if kind_of(first) == kind_of(last) == "date":
        start, end = day_of(first), day_of(last)
        run.check_items(abs(end - start) + 1)
        numbers = range(start, end + 1) if start <= end else range(start, end - 1, -1)
        return [make_date(number) for number in numbers]
    return None


def steps_of(run: Run, span: Range) -> Iterable[Value] | None:
    """The whole numbers or days within a range; None if an end is open or of another kind."""
    found = steps_between(run, span.start, span.end)
    if found is None:
        return None
    inside = list(found)
    if not span.start_included:
        inside = inside[1:]
    return inside if span.end_included else inside[:-1]


def rounds(scope: Scope, iterators: Sequence[Source]) -> Iterator[Scope | None]:
    """One scope for each combination of values, the last iterator fastest; None if one fails."""
    source, *rest = iterators
    values = values_of(scope, source)
    if values is None:
        yield None
        return
    for value in values:
        inner = Scope({source.name: value}, scope, scope.run)
        if rest:
            scope.run.charge()
            yield from rounds(inner, rest)
        else:
            yield inner


def collect(
    scope: Scope, iterators: Sequence[Source], body: Code, *, partial: bool
) -> list[Value] | None:
    """The values of a for; null if an iterator has nothing to run through.

    `partial` hands a copy of the results so far to the body, at the price of the copying.
    """
    results: list[Value] = []
    for inner in rounds(scope, iterators):
        if inner is None:
            return None
        if partial:
            scope.run.charge(len(results) // 16)
            inner = Scope({"partial": results[:]}, inner, scope.run)
        results.append(body(inner))
        if len(results) % 256 == 0:
            scope.run.check_items(len(results))
    return results


def quantify(
    scope: Scope, iterators: Sequence[Source], condition: Code, *, every: bool
) -> bool | None:
    """Whether the condition holds for one (or every) combination: three-valued or (and)."""
    answer: bool | None = every
    for inner in rounds(scope, iterators):
        if inner is None:
            return None
        found = condition(inner)
        if found is (not every):
            return not every
        if found is not every:
            answer = None
    return answer


def item_at(items: Value, position: Value) -> Value:
    """The item at a 1-based position, or counted from the end if it is negative."""
    if not isinstance(items, list):
        items = [] if items is None else [items]
    if not is_whole(position) or position == 0 or abs(position) > len(items):
        return None
    at = int(position)
    return items[at - 1 if at > 0 else at]


def select(scope: Scope, source: Value, condition: Code, *, cost: int) -> Value:
    """source[condition]: the items for which it is true, or the item at a position.

    Whether the filter is a position shows when it is evaluated with the first item in scope.
    """
    items = source if isinstance(source, list) else ([] if source is None else [source])
    if not items:
        position = condition(scope)
        return None if kind_of(position) == "number" else []
    kept: list[Value] = []
    for index, item in enumerate(items):
        scope.run.charge(cost)
        found = condition(item_scope(scope, item))
        if index == 0 and kind_of(found) == "number":
            return item_at(items, found)
        if found is True:
            kept.append(item)
    return kept


def item_scope(scope: Scope, item: Value) -> Scope:
    """The scope of a filter: the item's own entries, and the item as `item`."""
    if kind_of(item) == "context":
        return Scope({"item": item, **item}, scope, scope.run)
    return Scope({"item": item}, scope, scope.run)
