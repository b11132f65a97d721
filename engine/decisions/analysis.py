"""What is likely wrong with a table though it can be read: overlaps, gaps, rules never reached.

Each column is cut into pieces (see `pieces`); a rule is then a box of pieces, and two rules
overlap where their boxes do. Rules with cells that speak of other data cannot be judged and are
left out; their tables are not searched for gaps. The work is bounded: what a huge table has
beyond the bound is not found.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

from engine.decisions.graph import Decisions
from engine.decisions.pieces import OTHER, Column, Stretches, Unknown, cut
from engine.decisions.tables import Input, Rule, Table, shown
from engine.errors import Sentence
from engine.feel import FeelError, Value, YearsMonths, parse
from engine.feel.tree import Literal

MAX_PAIRS = 1_000_000
MAX_STEPS = 50_000
MAX_FINDINGS = 20
MAX_GAPS = 3
ONE_OF_MANY = ("UNIQUE", "ANY", "FIRST", "PRIORITY")


@dataclass(frozen=True)
class Finding:
    """A likely mistake: kind "overlap", "gap" or "unreachable", rules by id, a sentence.

    decision: the id of the decision or function; element, line: what to mend, in the file;
    place: the table in words.
    """

    decision: str
    kind: str
    rules: tuple[str, ...]
    message: str
    fields: dict[str, str]
    element: str = ""
    line: int | None = None
    place: Sentence | None = None

    def __str__(self) -> str:
        return self.message.format(**self.fields)


@dataclass(frozen=True)
class Box:
    """A rule with the pieces for which it holds, column by column: stretches, and as bits."""

    rule: Rule
    sides: list[Stretches]
    bits: list[int]


def analyse(decisions: Decisions) -> list[Finding]:
    """What is likely wrong with the tables of a file, table by table."""
    return [finding for table in decisions.tables() for finding in findings_of(table)]


def findings_of(table: Table) -> Iterator[Finding]:
    has_default = any(output.default is not None for output in table.outputs)
    if not table.rules and not has_default and table.is_whole:
        yield empty(table)
    columns = [cut(table, index) for index in range(len(table.inputs))]
    boxes = [box for rule in table.rules if (box := box_of(rule, columns)) is not None]
    live = [box for box in boxes if all(box.bits)]
    yield from (never(table, box) for box in boxes if not all(box.bits))
    if table.policy in ("UNIQUE", "ANY"):
        yield from overlaps(table, live, columns)
    if table.policy == "FIRST":
        yield from unreachable(table, live)
    complete = table.is_whole and len(boxes) == len(table.rules) and boxes
    if table.policy in ONE_OF_MANY and not has_default and complete:
        yield from gaps(table, boxes, columns)


def box_of(rule: Rule, columns: Sequence[Column | None]) -> Box | None:
    """The box of a rule; None where a cell cannot be read, or judged without a case's data."""
    sides: list[Stretches] = []
    if not rule.is_whole:
        return None
    for test, column in zip(rule.tests, columns, strict=True):
        if column is None:
            if test.tree is None or test.tree.tests:
                return None
            sides.append([(0, 0)])
            continue
        try:
            sides.append(column.holds(test))
        except Unknown:
            return None
    bits = [
        sum((1 << high + 1) - (1 << low) for low, high in side)
        & (1 if column is None else column.bits)
        for side, column in zip(sides, columns, strict=True)
    ]
    return Box(rule, sides, bits)


def empty(table: Table) -> Finding:
    return Finding(
        table.owner,
        "gap",
        (),
        "The table has no rule; add one or a default.",
        {},
        table.element,
        table.line,
        table.place,
    )


def never(table: Table, box: Box) -> Finding:
    return Finding(
        table.owner,
        "unreachable",
        (box.rule.id,),
        "Rule {rule} never applies: no value that may come meets its cells; mend or remove it.",
        {"rule": str(box.rule.number)},
        box.rule.id,
        box.rule.line,
        table.place,
    )


def overlaps(
    table: Table, boxes: list[Box], columns: Sequence[Column | None]
) -> Iterator[Finding]:
    """Pairs of rules that apply at once; under the policy ANY, those that contradict each other
    (DMN 1.5, 8.2.8).
    """
    found = 0
    for first, second in pairs(boxes):
        common = [mine & theirs for mine, theirs in zip(first.bits, second.bits, strict=True)]
        if all(common) and (table.policy != "ANY" or differ(first.rule, second.rule)):
            found += 1
            yield Finding(
                table.owner,
                "overlap",
                (first.rule.id, second.rule.id),
                "Rules {first} and {second} both apply when {case}; narrow one of them down.",
                {
                    "first": str(first.rule.number),
                    "second": str(second.rule.number),
                    "case": described(table, [lowest(side) for side in common], columns),
                },
                second.rule.id,
                second.rule.line,
                table.place,
            )
        if found == MAX_FINDINGS:
            return


def differ(first: Rule, second: Rule) -> bool:
    """Whether two rules give different values by what is written, not by the data of a case."""
    for one, other in zip(first.written, second.written, strict=True):
        values = [lone(text) for text in (one, other) if text and one != other]
        if len(values) == 2 and None not in values and values[0] != values[1]:
            return True
    return False


@lru_cache(maxsize=4096)
def lone(text: str) -> Value:
    """The value that a text writes out; None where it is to be worked out."""
    try:
        tree = parse(text).tree
    except FeelError:
        return None
    return tree.value if isinstance(tree, Literal) else None


def lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def pairs(boxes: list[Box]) -> Iterator[tuple[Box, Box]]:
    """Pairs of rules that may overlap, each once, at most MAX_PAIRS of them.

    They share a piece in every column, so that the column in which the fewest do tells most: a
    table of ten thousand rules about as many bands has as many pairs, not fifty million.
    """
    if not boxes or not boxes[0].bits:
        yield from ((boxes[0], other) for other in boxes[1:2])
        return
    spans = min((spans_of(boxes, at) for at in range(len(boxes[0].bits))), key=shared)
    left = MAX_PAIRS
    reaching: list[tuple[int, Box]] = []
    for (start, end), box in sorted(zip(spans, boxes, strict=True), key=lambda pair: pair[0]):
        reaching = [(last, other) for last, other in reaching if last >= start]
        left -= len(reaching) + 1
        if left < 0:
            return
        for _, other in reaching:
            yield (other, box) if other.rule.number < box.rule.number else (box, other)
        reaching.append((end, box))


def spans_of(boxes: list[Box], column: int) -> list[tuple[int, int]]:
    """From the first to the last piece of each box in a column."""
    return [(box.sides[column][0][0], box.sides[column][-1][1]) for box in boxes]


def shared(spans: list[tuple[int, int]]) -> int:
    """How many pairs of spans have a piece in common."""
    starts = sorted(start for start, _ in spans)
    return sum(bisect_right(starts, end) for _, end in spans)


def unreachable(table: Table, boxes: list[Box]) -> Iterator[Finding]:
    """Rules of which an earlier one takes every case."""
    left, found = MAX_PAIRS, 0
    for index, box in enumerate(boxes):
        left -= index
        if left < 0 or found == MAX_FINDINGS:
            return
        for earlier in boxes[:index]:
            if all(
                mine & ~theirs == 0 for mine, theirs in zip(box.bits, earlier.bits, strict=True)
            ):
                found += 1
                yield Finding(
                    table.owner,
                    "unreachable",
                    (box.rule.id, earlier.rule.id),
                    "Rule {rule} never applies, because rule {earlier} comes first; move it up.",
                    {"rule": str(box.rule.number), "earlier": str(earlier.rule.number)},
                    box.rule.id,
                    box.rule.line,
                    table.place,
                )
                break


def gaps(table: Table, boxes: list[Box], columns: Sequence[Column | None]) -> Iterator[Finding]:
    """The first few cases for which there is no rule."""
    choices = [
        list(alternatives(column, [box.sides[at] for box in boxes]))
        for at, column in enumerate(columns)
    ]
    steps, found = count(1), 0
    seen: set[tuple[int, int]] = set()
    stack: list[tuple[list[int], int]] = [([], (1 << len(boxes)) - 1)]
    while stack and found < MAX_GAPS and next(steps) < MAX_STEPS:
        path, rules = stack.pop()
        if not rules:
            found += 1
            yield Finding(
                table.owner,
                "gap",
                (),
                "No rule applies when {case}; add a rule or a default.",
                {"case": described(table, path, columns)},
                table.element,
                table.line,
                table.place,
            )
        elif len(path) < len(columns) and (len(path), rules) not in seen:
            seen.add((len(path), rules))
            stack += [
                ([*path, piece], rules & those) for piece, those in reversed(choices[len(path)])
            ]


def alternatives(column: Column | None, sides: list[Stretches]) -> Iterator[tuple[int, int]]:
    """The pieces of a column that some rule tells apart, each with the bits of its rules."""
    pieces = [0] if column is None else column.possible
    ends: dict[int, int] = {}
    for number, side in enumerate(sides):
        for low, high in side:
            ends[low] = ends.get(low, 0) ^ (1 << number)
            ends[high + 1] = ends.get(high + 1, 0) ^ (1 << number)
    rules, seen = 0, set()
    wanted = set(pieces)
    for piece in range(max(pieces, default=-1) + 1):
        rules ^= ends.get(piece, 0)
        if piece in wanted and rules not in seen:
            seen.add(rules)
            yield piece, rules


def described(table: Table, path: list[int], columns: Sequence[Column | None]) -> str:
    """The case that samples stand for: `amount = 5, kind = "a"`."""
    parts: list[str] = []
    for column, at, pieces in zip(table.inputs, path, columns, strict=False):
        if pieces is not None and len(pieces.samples) > 1:
            parts.append(f"{column.label} = {shown(usable(column, pieces.samples[at]))}")
    others = (f"{column.label} = {shown(usable(column, OTHER))}" for column in table.inputs)
    return ", ".join(parts or others)


EXAMPLES: dict[str, Value] = {
    "number": 0,
    "boolean": True,
    "date": dt.date(2026, 1, 1),
    "time": dt.time(8),
    "date and time": dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC),
    "days and time duration": dt.timedelta(days=1),
    "years and months duration": YearsMonths(12),
}


def usable(column: Input, sample: Value) -> Value:
    """A value of the column's type for a sample: a text may stand for all that no cell names."""
    kind = column.known.root().kind
    return EXAMPLES.get(kind, sample) if isinstance(sample, str) else sample
