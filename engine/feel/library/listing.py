"""Built-in functions that make lists from lists. Source: DMN 1.5, 10.3.4.4, 10.3.4.8."""

from __future__ import annotations

from functools import cmp_to_key

from engine.feel.library.lists import ORDERED
from engine.feel.library.registry import built_in, call_function
from engine.feel.order import check_nesting, compare, equal, identity
from engine.feel.runtime import Run
from engine.feel.values import Function, Value


@built_in("sublist(list: list, start position: whole|cut, length?: whole|cut)")
def sublist(run: Run, items: list[Value], start: int, length: int | None) -> list[Value] | None:
    """The items from a 1-based position, or from the end if it is negative."""
    if start == 0 or abs(start) > len(items) or (length is not None and length < 0):
        return None
    first = start - 1 if start > 0 else len(items) + start
    if length is None:
        return items[first:]
    return items[first : first + length] if first + length <= len(items) else None


@built_in("append(list: list, *item: any)")
def append(run: Run, items: list[Value], more: list[Value]) -> list[Value]:
    run.check_items(len(items) + len(more))
    return items + more


@built_in("concatenate(*list: any)")
def concatenate(run: Run, lists: list[Value]) -> list[Value] | None:
    joined: list[Value] = []
    for part in lists:
        if part is None:
            return None
        joined += part if isinstance(part, list) else [part]
        run.check_items(len(joined))
    return joined


@built_in("union(*list: any)")
def union(run: Run, lists: list[Value]) -> list[Value] | None:
    joined = concatenate(run, lists)
    return None if joined is None else distinct(run, joined)


@built_in("distinct values(list: list)")
def distinct(run: Run, items: list[Value]) -> list[Value]:
    run.charge(len(items))
    return firsts(run, items)


def firsts(run: Run, items: list[Value]) -> list[Value]:
    """Each value once, where it first stands."""
    seen: set[object] = set()
    found: list[Value] = []
    for item in items:
        key = identity(run, item)
        if key not in seen:
            seen.add(key)
            found.append(item)
    return found


@built_in("duplicate values(list: list)")
def duplicates(run: Run, items: list[Value]) -> list[Value]:
    """Each value that stands more than once, where it first stands."""
    run.charge(len(items))
    counts: dict[object, int] = {}
    for item in items:
        key = identity(run, item)
        counts[key] = counts.get(key, 0) + 1
    return [item for item in firsts(run, items) if counts[identity(run, item)] > 1]


@built_in("insert before(list: list, position: whole|cut, newItem: any)")
def insert_before(run: Run, items: list[Value], position: int, new: Value) -> Value:
    if position == 0 or not -len(items) <= position <= len(items) + 1:
        return None
    at = position - 1 if position > 0 else len(items) + position
    run.check_items(len(items) + 1)
    return [*items[:at], new, *items[at:]]


@built_in("remove(list: list, position: whole|cut)")
def remove(run: Run, items: list[Value], position: int) -> list[Value] | None:
    if position == 0 or abs(position) > len(items):
        return None
    at = position - 1 if position > 0 else len(items) + position
    return items[:at] + items[at + 1 :]


@built_in("list replace(list: list, position: whole, newItem: any)")
def replace_at(run: Run, items: list[Value], position: int, new: Value) -> list[Value] | None:
    if position == 0 or abs(position) > len(items):
        return None
    at = position - 1 if position > 0 else len(items) + position
    return [*items[:at], new, *items[at + 1 :]]


@built_in("list replace(list: list, match: function, newItem: any)")
def replace_where(run: Run, items: list[Value], match: Function, new: Value) -> list[Value] | None:
    """The list with a new item for each that `match(item, newItem)` says true of."""
    changed: list[Value] = []
    for item in items:
        answer = call_function(run, match, [item, new])
        if not isinstance(answer, bool):
            return None
        changed.append(new if answer else item)
    return changed


@built_in("reverse(list: list)")
def reverse(run: Run, items: list[Value]) -> list[Value]:
    return items[::-1]


@built_in("index of(list: list, match: any)")
def index_of(run: Run, items: list[Value], match: Value) -> list[int]:
    """The 1-based positions of all items that equal the match."""
    run.charge(len(items) // 4)
    return [at for at, item in enumerate(items, 1) if equal(run, item, match) is True]


@built_in("flatten(list: list)")
def flatten(run: Run, items: list[Value]) -> list[Value]:
    """All items of all lists within, at one level."""
    flat: list[Value] = []
    flatten_into(run, flat, items, 0)
    return flat


def flatten_into(run: Run, flat: list[Value], items: list[Value], depth: int) -> None:
    check_nesting(depth)
    run.charge()
    for item in items:
        if isinstance(item, list):
            flatten_into(run, flat, item, depth + 1)
        else:
            flat.append(item)
    run.check_items(len(flat))


@built_in(f"sort(list: list of {ORDERED})", "sort(list: list, precedes: function|null)")
def sort(run: Run, items: list[Value], precedes: Function | None = None) -> list[Value] | None:
    """The items in the order in which `precedes(a, b)` is true; equal ones keep their places.

    Without a function the items' own order serves; null if they have none in common, and for a
    function that does not take two.
    """
    run.charge(len(items))
    if precedes is not None and precedes.parameters is not None and len(precedes.parameters) != 2:
        return None
    if precedes is None:
        if any(compare(items[0], item) is None for item in items):
            return None
        return sorted(items, key=cmp_to_key(lambda a, b: compare(a, b) or 0))

    def order(first: Value, second: Value) -> int:
        if call_function(run, precedes, [first, second]) is True:
            return -1
        return 1 if call_function(run, precedes, [second, first]) is True else 0

    return sorted(items, key=cmp_to_key(order))


@built_in("partition(list: list, size: whole|cut)")
def partition(run: Run, items: list[Value], size: int) -> list[list[Value]] | None:
    """The list cut into lists of `size` items; the last may be shorter."""
    if size < 1:
        return None
    return [items[at : at + size] for at in range(0, len(items), size)]
