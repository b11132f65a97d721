"""`range("[1..5)")`: a range from the text that writes it. Source: DMN 1.5, 10.3.4.1, table 73.

Its ends are literals: a number, a text, `@"..."`, or a call that makes a date, time or duration of
literals. No name is read and nothing else is called.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.feel.library.conversion import MAX_NUMBER_TEXT, NUMBER
from engine.feel.library.registry import built_in
from engine.feel.numbers import parse_number
from engine.feel.order import compare, sortable
from engine.feel.runtime import Run
from engine.feel.temporal import (
    parse_date,
    parse_date_time,
    parse_duration,
    parse_temporal,
    parse_time,
)
from engine.feel.values import Range, Value
from engine.feel.wide import combine, is_date, is_date_time, is_time

TWO_ENDS = re.compile(r"\s*([\[\](])(.*)([\])\[])\s*", re.DOTALL)
ONE_END = re.compile(r"\s*(<=|>=|<|>)(.*)", re.DOTALL)
LITERAL = re.compile(
    r'(@|(?:date|time|date and time|duration)\s*(?=\())?\s*\(?\s*"([^"\\]*)"\s*\)?'
)
OF_BOTH = re.compile(r"date and time\s*\((.*)\)", re.DOTALL)
READERS: dict[str, Callable[[str], Value]] = {
    "": lambda text: text,
    "@": parse_temporal,
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "duration": parse_duration,
}


@built_in("range(from: string)")
def range_from_text(run: Run, text: str) -> Range | None:
    """`[1..5)`, `(..@"2026-12-31"]`, `>= 5`; null if the ends are no literals with an order."""
    if len(text) > MAX_NUMBER_TEXT:
        return None
    found = ONE_END.fullmatch(text)
    if found is not None:
        return with_one_end(found[1], literal(found[2].strip()))
    found = TWO_ENDS.fullmatch(text)
    if found is None:
        return None
    ends = (between(found[1], ends, found[3]) for ends in cut(found[2], ".."))
    return next((end for end in ends if end is not None), None)


def cut(text: str, mark: str) -> list[tuple[str, str]]:
    """The text before and after each place of a mark: a quoted text may hold it too."""
    places = [found.start() for found in re.finditer(re.escape(mark), text)]
    return [(text[:at].strip(), text[at + len(mark) :].strip()) for at in places]


def with_one_end(operator: str, end: Value) -> Range | None:
    if sortable(end) is None:
        return None
    closed = operator.endswith("=")
    if operator.startswith(">"):
        return Range(end, None, closed, False)
    return Range(None, end, False, closed)


def between(opening: str, ends: tuple[str, str], closing: str) -> Range | None:
    """The range of two ends of which one may be missing; a missing one cannot be included."""
    start, end = literal(ends[0]), literal(ends[1])
    opened, closed = opening == "[", closing == "]"
    if (ends[0] and start is None) or (ends[1] and end is None) or start is end is None:
        return None
    if (opened and start is None) or (closed and end is None):
        return None
    if start is not None and end is not None and compare(start, end) not in (-1, 0):
        return None
    return Range(start, end, opened, closed)


def literal(text: str) -> Value:
    """The value of a number, a quoted text, `@"..."`, `date("...")`; None for anything else."""
    if NUMBER.fullmatch(text):
        return parse_number(text)
    found = LITERAL.fullmatch(text)
    if found is not None:
        return READERS[(found[1] or "").strip()](found[2])
    found = OF_BOTH.fullmatch(text)
    for day, time in cut(found[1], ",") if found else ():
        date, clock = literal(day), literal(time)
        if (is_date(date) or is_date_time(date)) and is_time(clock):
            return combine(date, clock)
    return None
