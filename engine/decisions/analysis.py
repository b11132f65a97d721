"""What is likely wrong with a table though it can be read: overlaps, gaps, rules never reached.

Each column is cut at all values that its cells name; one sample stands for each piece, and the
cells themselves are asked about it. Cells that speak of other data cannot be judged this way:
rules with such cells are left out, and their tables are not searched for gaps.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise

from engine.decisions.graph import Decisions
from engine.decisions.tables import Input, Rule, Table
from engine.feel import FeelError, Range, UnaryTests, Value, YearsMonths, kind_of
from engine.feel.compiler import code_of
from engine.feel.library import BUILT_INS
from engine.feel.order import compare
from engine.feel.runtime import Run, Scope
from engine.feel.tree import Test

# Beyond these a table is not analysed: the work grows with the square, or faster.
MAX_RULES = 500
MAX_STEPS = 20_000
MAX_GAPS = 3
# Stands for any text that the table does not name.
OTHER = "…"
ONE_OF_MANY = ("UNIQUE", "ANY", "FIRST", "PRIORITY")


@dataclass(frozen=True)
class Finding:
    """A likely mistake: kind "overlap", "gap" or "unreachable", rules by id, a sentence."""

    decision: str
    kind: str
    rules: tuple[str, ...]
    message: str
    fields: dict[str, str]

    def __str__(self) -> str:
        return self.message.format(**self.fields)


def analyse(decisions: Decisions) -> list[Finding]:
    """What is likely wrong with the tables of a file, table by table."""
    return [
        finding
        for table in decisions.tables()
        if len(table.rules) <= MAX_RULES
        for finding in findings_of(table)
    ]


def findings_of(table: Table) -> Iterator[Finding]:
    pieces = [samples(table, index) for index in range(len(table.inputs))]
    boxes = [box_of(rule, pieces) for rule in table.rules]
    known = [(rule, box) for rule, box in zip(table.rules, boxes, strict=True) if box is not None]
    if table.policy == "UNIQUE":
        yield from overlaps(table, known, pieces)
    if table.policy == "FIRST":
        yield from unreachable(table, known)
    has_default = any(output.default is not None for output in table.outputs)
    if table.policy in ONE_OF_MANY and not has_default and len(known) == len(boxes) and known:
        yield from gaps(table, [box for _, box in known], pieces)


Box = tuple[frozenset[int], ...]


def box_of(rule: Rule, pieces: Sequence[list[Value] | None]) -> Box | None:
    """For each column the numbers of the pieces for which the rule's cell holds.

    None where a cell cannot be judged without the data of a case.
    """
    sides: list[frozenset[int]] = []
    for test, column in zip(rule.tests, pieces, strict=True):
        if not tests_of(test):
            sides.append(frozenset(range(len(column or [None]))))
        elif column is None or not is_constant(test):
            return None
        else:
            sides.append(
                frozenset(at for at, value in enumerate(column) if test.matches(value, {}) is True)
            )
    return tuple(sides)


def tests_of(cell: UnaryTests) -> list[Test]:
    return cell.tree.tests if cell.tree is not None else []


def is_constant(cell: UnaryTests) -> bool:
    return not (cell.variables or cell.possible or cell.calls) and not any(
        test.asks for test in tests_of(cell)
    )


def samples(table: Table, index: int) -> list[Value] | None:
    """A value for each piece of a column, None where the column cannot be cut into pieces."""
    column = table.inputs[index]
    named: list[Value] = []
    ordered = False
    allowed = column.allowed.tests if column.allowed is not None else None
    for cell in [*(rule.tests[index] for rule in table.rules), allowed]:
        if cell is None or not is_constant(cell):
            continue
        try:
            for test in tests_of(cell):
                value = code_of(test.value)(Scope({}, None, Run()))
                ordered = ordered or isinstance(value, Range) or test.operator not in (None, "=")
                named += ends_of(value)
        except FeelError:  # now() in a cell: only a case can tell
            return None
    return allowed_only(pieces_of(named, ordered=ordered), column)


def ends_of(value: Value) -> list[Value]:
    if isinstance(value, Range):
        return [end for end in (value.start, value.end) if end is not None]
    if isinstance(value, list):
        return [end for item in value for end in ends_of(item)]
    return [value]


def pieces_of(named: list[Value], *, ordered: bool) -> list[Value] | None:
    """Samples that cover a column: the values named, and what lies between and around them."""
    nulls = [None] if None in named else []
    kinds = {kind_of(value) for value in named if value is not None}
    if not kinds:
        return nulls or None
    if kinds == {"boolean"}:
        return [True, False, *nulls]
    if kinds == {"string"} and not ordered:
        return [*dict.fromkeys(value for value in named if value is not None), OTHER, *nulls]
    if len(kinds) > 1 or not kinds <= set(STEPS):
        return None
    points = sorted_points([value for value in named if value is not None])
    step = STEPS[next(iter(kinds))]
    found = [shifted(points[0], step, -1)]
    for first, second in pairwise(points):
        found += [first, between(first, second)]
    found += [points[-1], shifted(points[-1], step, 1)]
    return [value for value in found if value is not None] + nulls


STEPS: dict[str, Value] = {
    "number": 1,
    "date": dt.timedelta(days=1),
    "date and time": dt.timedelta(seconds=1),
    "days and time duration": dt.timedelta(seconds=1),
    "years and months duration": YearsMonths(1),
}


def sorted_points(values: list[Value]) -> list[Value]:
    """The values in order, each once."""
    points: list[Value] = []
    for value in values:
        at = 0
        while at < len(points) and compare(points[at], value) == -1:
            at += 1
        if at == len(points) or compare(points[at], value) != 0:
            points.insert(at, value)
    return points


def shifted(value: Value, step: Value, sign: int) -> Value:
    if isinstance(value, YearsMonths):
        return YearsMonths(value.total + sign)
    try:
        return value + step * sign
    except OverflowError:
        return None


def between(first: Value, second: Value) -> Value:
    """A value between two, None where none is (two neighbouring days)."""
    if isinstance(first, (int, Decimal)):
        middle = (Decimal(first) + Decimal(second)) / 2
        return int(middle) if middle == int(middle) else middle
    if isinstance(first, YearsMonths):
        return YearsMonths(first.total + 1) if second.total - first.total > 1 else None
    if kind_of(first) == "date":
        return first + dt.timedelta(days=1) if (second - first).days > 1 else None
    if kind_of(first) == "date and time" and (first.tzinfo is None) != (second.tzinfo is None):
        return None
    return first + (second - first) / 2


def allowed_only(pieces: list[Value] | None, column: Input) -> list[Value] | None:
    """The samples that may come: those the owner allows, whole ones for a whole number."""
    if pieces is None:
        return None
    if column.whole:
        pieces = [value for value in pieces if not isinstance(value, Decimal) or value % 1 == 0]
    allowed = column.allowed
    if allowed is None or not is_constant(allowed.tests):
        return pieces
    run = Run()
    return [value for value in pieces if value is None or allowed.allows(value, run)]


def overlaps(
    table: Table, known: list[tuple[Rule, Box]], pieces: list[list[Value] | None]
) -> Iterator[Finding]:
    for (first, box), (second, other) in combinations(known, 2):
        common = [mine & theirs for mine, theirs in zip(box, other, strict=True)]
        if all(common):
            yield Finding(
                table.owner,
                "overlap",
                (first.id, second.id),
                "The rules {first} and {second} both apply when {case}; narrow one of them down.",
                {
                    "first": first.id,
                    "second": second.id,
                    "case": described(table, [min(side) for side in common], pieces),
                },
            )


def unreachable(table: Table, known: list[tuple[Rule, Box]]) -> Iterator[Finding]:
    for index, (rule, box) in enumerate(known):
        for earlier, other in known[:index]:
            if all(mine <= theirs for mine, theirs in zip(box, other, strict=True)):
                yield Finding(
                    table.owner,
                    "unreachable",
                    (rule.id, earlier.id),
                    "The rule {rule} never applies, because {earlier} comes first; move it up.",
                    {"rule": rule.id, "earlier": earlier.id},
                )
                break


def gaps(table: Table, boxes: list[Box], pieces: list[list[Value] | None]) -> Iterator[Finding]:
    """The first few combinations for which there is no rule."""
    steps = found = 0
    seen: set[tuple[int, frozenset[int]]] = set()
    stack: list[tuple[list[int], frozenset[int]]] = [([], frozenset(range(len(boxes))))]
    while stack and steps < MAX_STEPS and found < MAX_GAPS:
        steps += 1
        path, rules = stack.pop()
        if not rules:
            found += 1
            yield Finding(
                table.owner,
                "gap",
                (),
                "No rule applies when {case}; add a rule or a default.",
                {"case": described(table, path, pieces)},
            )
            continue
        column = len(path)
        if column == len(table.inputs) or (column, rules) in seen:
            continue
        seen.add((column, rules))
        count = len(pieces[column] or [None])
        for at in reversed(range(count)):
            here = frozenset(rule for rule in rules if at in boxes[rule][column])
            stack.append(([*path, at], here))


def described(table: Table, path: list[int], pieces: list[list[Value] | None]) -> str:
    """The case that samples stand for: `amount = 5, kind = "a"`."""
    parts: list[str] = []
    for column, at, samples_of in zip(table.inputs, path, pieces, strict=False):
        if samples_of is not None and len(samples_of) > 1:
            text = BUILT_INS["string"].call(Run(), [[samples_of[at]]])
            parts.append(f"{column.label} = {text[1:-1]}")
    return ", ".join(parts) or "…"
