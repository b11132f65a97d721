"""Kinds of values as FEEL names them: what functions give, and what may stand where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.errors import Sentence
from engine.feel.listed import Fielded, Listed

Types = Mapping[str, str | None]
TIMES = {"date", "time", "date and time"}
SPANS = {"days and time duration", "years and months duration"}
MOMENT, PERSON, KEPT = "date, date and time or duration", "string or list", "value"
CYCLE, CHOOSING = "string or duration", "boolean or number"
"""What may be wanted besides a type: a time from now on, who does a task, what a case keeps, when
a timer comes back, what chooses items of a list.
"""

SUITS = {
    MOMENT: {"string", "date", "date and time"} | SPANS,
    PERSON: {"string", "list"},
    CHOOSING: {"boolean", "number"},
    CYCLE: {"string", "days and time duration"},
    KEPT: {"string", "number", "boolean", "context", "list", "date", "date and time"},
}
MOST_TOLD = 5
"""As many entries of a context are told as a sentence can hold."""

LONE = {"number", "string", "boolean"}

RESULTS = {
    "string": {
        "string", "substring", "substring before", "substring after", "upper case", "lower case",
        "replace", "string join",
    },
    "number": {
        "number", "string length", "count", "median", "stddev", "product", "floor",
        "ceiling", "round up", "round down", "round half up", "round half down", "decimal",
        "modulo", "sqrt", "log", "exp", "day of year", "week of year",
    },
    "boolean": {
        "not", "contains", "starts with", "ends with", "matches", "list contains", "all", "any",
        "odd", "even", "before", "after", "meets", "met by", "overlaps", "includes", "during",
        "is", "coincides",
    },
    "list": {
        "split", "sublist", "append", "concatenate", "insert before", "remove", "reverse",
        "index of", "union", "distinct values", "flatten", "sort", "get entries", "mode",
        "list replace",
    },
    "date": {"date", "today"},
    "time": {"time"},
    "date and time": {"date and time", "now"},
    "years and months duration": {"years and months duration"},
    "context": {"context", "context put", "context merge"},
}  # fmt: skip
"""What FEEL's own functions give; those that give several kinds are left out."""

ITEMS = {"split": "string", "index of": "number", "get entries": "context", "mode": "number"}
SAME_ITEMS = {"sublist", "reverse", "sort", "distinct values", "remove"}
SAME_KIND = {"sum", "mean", "abs", "min", "max"}
"""What the lists hold that functions give, where it is always the same or what they are given;
and functions that give a value of the kind that they are given.
"""

_RESULT_OF = {name: kind for kind, names in RESULTS.items() for name in names}


def comparable(one: str | None, other: str | None) -> bool:
    """Whether values of two types may compare; a list of one stands for its item."""
    if one is None or other is None or one == other:
        return True
    return not {"list", "function", "range"}.isdisjoint((one, other))


def result_of(name: str, given: Sequence[str | None]) -> str | None:
    """What a function gives for values of these kinds."""
    first = given[0] if given else None
    if name in SAME_KIND:
        kinds = {kind.item if isinstance(kind, Listed) else kind for kind in given}
        return kinds.pop() if len(kinds) == 1 and "list" not in kinds else None
    if name in ITEMS:
        return Listed([ITEMS[name]])
    if name in SAME_ITEMS and isinstance(first, Listed):
        return Listed(first.items)
    return _RESULT_OF.get(name)


def may_be(kind: str | None, wanted: str | None) -> bool:
    """Whether a value of a kind may stand where another is declared, after the implicit
    conversions (DMN 1.5, 10.3.2.9.4): a list of one for its item, an item for a list of one, a
    date for its midnight. Of a list that may be empty, nothing is said.
    """
    if kind is None or wanted is None:
        return True
    if wanted == "list":
        item = wanted.item if isinstance(wanted, Listed) else None
        if kind == "list":
            known = isinstance(kind, Listed) and kind.size is not None
            return not known or all(may_be(each, item) for each in items_of(kind))
        return may_be(kind, item)
    if kind == "list":
        if not isinstance(kind, Listed) or kind.size is None:
            return True
        return kind.size == 1 and all(may_be(each, wanted) for each in kind.items)
    if isinstance(kind, Fielded) and isinstance(wanted, Fielded):
        given = kind.fields
        if kind.is_whole and not wanted.fields.keys() <= given.keys():
            return False
        return all(may_be(given.get(name), each) for name, each in wanted.fields.items())
    return kind == wanted or (kind, wanted) == ("date", "date and time")


def items_of(kind: str) -> Iterable[str | None]:
    return kind.items if isinstance(kind, Listed) else ()


def written(kind: str | None) -> str:
    """A kind as FEEL writes it: `list<number>`, `context<a: number>`."""
    if isinstance(kind, Listed) and kind.item is not None:
        return f"list<{written(kind.item)}>"
    if isinstance(kind, Fielded) and kind.fields and None not in kind.fields.values():
        fields = [f"{name}: {written(each)}" for name, each in kind.fields.items()]
        return f"context<{', '.join(fields[:MOST_TOLD])}{', …' * (len(fields) > MOST_TOLD)}>"
    return "Any" if kind is None else str.__str__(kind)


def unfit(kind: str | None, wanted: str) -> Iterator[Sentence]:
    """What to say of an expression that gives what can be no value of a declared type."""
    if wanted in SUITS:
        yield from mismatch(kind, wanted)
    elif not may_be(kind, wanted):
        fields = {"one": written(kind), "other": written(wanted)}
        yield Sentence('It gives a "{one}" where a "{other}" is needed.', fields)


def not_taken(parameter: str, kind: str | None, wanted: str | None) -> Sentence:
    """What to say of a value of another kind than a parameter declares."""
    template = 'The parameter "{name}" takes a "{other}", not a "{one}"; null is taken.'
    return Sentence(template, {"name": parameter, "other": written(wanted), "one": written(kind)})


def suits(kind: str | None, wanted: str) -> bool:
    """Whether a type that is known may stand where another, or one of several, is wanted."""
    return kind is not None and kind in SUITS.get(wanted, {wanted, "list"})


def mismatch(kind: str | None, wanted: str | None) -> Iterator[Sentence]:
    """What to say of an expression that gives one type where another is wanted."""
    if kind is None or wanted is None or suits(kind, wanted):
        return
    if wanted == KEPT:
        yield Sentence('It gives a "{one}", which no case can keep.', {"one": kind})
        return
    yield Sentence('It gives a "{one}" where a "{other}" is needed.',
                      {"one": kind, "other": wanted})  # fmt: skip
