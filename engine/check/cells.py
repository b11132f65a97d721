"""Cells of decision tables whose values can never be what their columns ask for.

Only what is written out, or follows from it and from the types of inputs, is judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from decimal import Decimal

from engine.check.given import Given
from engine.check.kinds import mismatch
from engine.check.types import Reading
from engine.decisions import Decisions
from engine.decisions.misfits import misfits
from engine.decisions.pieces import Unknown, constant, ends_of, is_constant, tests_of
from engine.decisions.shapes import Shape
from engine.decisions.strays import declared, strays
from engine.decisions.tables import Input, Output, Rule, Table, shown
from engine.errors import Sentence
from engine.feel import FeelError, UnaryTests, kind_of, parse
from engine.feel.order import is_whole
from engine.feel.runtime import Run, Scope
from engine.feel.tree import Literal, Negation, Node

MAX_TEXTS = 20_000
_MEND = "Write a value that the column takes, or mend the type or the values of the column."
_LISTED = "Write one of the values that the column lists, {values}, or add this one to them."
_ADDED = "Give the output the type number and write its values without quotes."
_ALSO = {("date", "date and time")}
_OF_MANY = {"list", "range", "function"}
_ADDABLE = {"number", "days and time duration", "years and months duration", "list"}


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell: in a rule, None for the default of an output; on a line.

    is_error: it can never work; otherwise it runs, and hardly as meant.
    """

    table: Table
    rule: Rule | None
    place: Sentence
    said: Sentence
    is_error: bool
    line: int | None
    remedy: str = _MEND


def faults(decisions: Decisions) -> Iterator[Fault]:
    """The faults of all cells of a file, table by table and rule by rule."""
    known, given = declared(decisions), Given(decisions)
    for table in decisions.tables():
        yield from _Judge(decisions, table, known, given).faults()


class _Judge:
    """Judges the cells of one table; each text is read once."""

    def __init__(self, decisions: Decisions, table: Table, known: Set[str], given: Given) -> None:
        self.decisions = decisions
        self.known = known
        self.table = table
        self.given, self.types = given, given.of_table(table)
        self.names = [*decisions.names, *self.types, *(i.text for i in table.inputs)]
        self.run = Run()
        self.trees: dict[str, Node | None] = {}

    def faults(self) -> Iterator[Fault]:
        for output in self.table.outputs:
            for said, is_error in self.result(output, output.written):
                where = Sentence("default of the output “{name}”", {"name": output.label})
                yield Fault(self.table, None, self.placed(where), said, is_error, output.line)
        yield from self.added()
        yield from self.listed()
        for rule in self.table.rules:
            yield from self.rule(rule)
        for stray in strays(self.decisions, self.table, self.known):
            yield Fault(
                self.table, stray.rule, stray.place, stray.said, False, stray.line, stray.remedy
            )

    def added(self) -> Iterator[Fault]:
        """A sum of what are no numbers: it is null (DMN 1.5, 8.2.10)."""
        if (self.table.policy, self.table.aggregation) != ("COLLECT", "SUM"):
            return
        output = self.table.outputs[0]
        trees = [self.tree(rule.written[0]) for rule in self.table.rules]
        kinds = {self.reading().of(tree) for tree in trees if tree is not None} - {None}
        kinds = kinds or {kind_in(output.shape)} - {None}
        for kind in sorted(str(each) for each in kinds - _ADDABLE):
            said = Sentence(
                'SUM adds numbers, and the output “{name}” gives a "{kind}": the sum is null.',
                {"name": output.label, "kind": kind},
            )
            where = Sentence("output “{name}”", {"name": output.label})
            yield Fault(self.table, None, self.placed(where), said, False, output.line, _ADDED)

    def listed(self) -> Iterator[Fault]:
        """Lists of values at the head of a column that are of another kind than the column."""
        columns: list[tuple[Sentence, Input | Output, Shape, bool]] = []
        for each in self.table.inputs:
            where = Sentence("input “{name}”", {"name": each.label})
            columns.append((where, each, each.known, each.known.named))
        for output in self.table.outputs:
            where = Sentence("output “{name}”", {"name": output.label})
            held = output.shape.named or output.shape.kind != "string"
            columns.append((where, output, output.shape, held))
        for where, column, shape, held in columns:
            kind = kind_in(shape)
            allowed = column.allowed
            strange, is_all = ([], False) if allowed is None else misfits(allowed.tests, kind)
            if strange:
                fields = {"kind": kind, "others": ", ".join(strange)}
                said = Sentence("The column is of {kind} and lists values of {others}.", fields)
                line = column.line or self.table.line
                yield Fault(self.table, None, self.placed(where), said, held and is_all, line)

    def rule(self, rule: Rule) -> Iterator[Fault]:
        """The faults of the cells of a rule."""
        split = len(self.table.inputs)
        tests = zip(self.table.inputs, rule.tests, rule.lines[:split], strict=True)
        for column, cell, line in tests:
            fields = {"number": rule.number, "name": column.label}
            where = Sentence("rule {number}, input “{name}”", fields)
            for said, is_error in self.condition(column, cell):
                yield Fault(self.table, rule, self.placed(where), said, is_error, line)
            for said in self.unlisted(column, cell):
                yield Fault(self.table, rule, self.placed(where), said, False, line, _LISTED)
        results = zip(self.table.outputs, rule.written, rule.lines[split:], strict=True)
        for output, text, line in results:
            fields = {"number": rule.number, "name": output.label}
            where = Sentence("rule {number}, output “{name}”", fields)
            for said, is_error in self.result(output, text):
                yield Fault(self.table, rule, self.placed(where), said, is_error, line)

    def reading(self) -> Reading:
        return self.given.reading(self.types)

    def placed(self, where: Sentence) -> Sentence:
        outer = self.table.place
        return Sentence("{outer}, {inner}", {"outer": outer, "inner": where}) if outer else where

    def result(self, output: Output, text: str) -> Iterator[tuple[Sentence, bool]]:
        """What is wrong with the text of a result, and whether it can never work."""
        tree = self.tree(text)
        if tree is None:
            return
        reading = self.reading()
        kind = reading.of(tree)
        yield from ((said, True) for said in reading.problems)
        wanted = kind_in(output.shape)
        wrong = [] if (kind, wanted) in _ALSO else list(mismatch(kind, wanted))
        # Editors write `string` where nobody chose a type; such values are kept.
        kept = wanted == "string" and not output.shape.named
        yield from ((said, not kept) for said in wrong)
        if not wrong and isinstance(tree, Literal) and not self.takes(output, tree):
            fields = {"column": output.label, "value": shown(tree.value)}
            template = "The output “{column}” does not declare the value {value}; null is taken."
            yield Sentence(template, fields), True
        if output.whole:
            yield from self.broken(output.label, _number_of(tree))

    @staticmethod
    def broken(label: str, values: Iterable[object]) -> Iterator[tuple[Sentence, bool]]:
        """The numbers with a fraction in a column of whole numbers: FEEL keeps them, other engines
        do not, and no whole number is equal to one.
        """
        for value in values:
            if isinstance(value, Decimal) and not is_whole(value):
                fields = {"column": label, "value": shown(value)}
                template = "The column “{column}” is of whole numbers, and {value} is none."
                yield Sentence(template, fields), False

    def takes(self, output: Output, tree: Literal) -> bool:
        """Whether a column may hold a value, as far as that does not depend on a case."""
        if output.allowed is not None and not is_constant(output.allowed.tests):
            return True
        try:
            found = output.checked(tree.value, Scope({}, None, self.run))
        except FeelError:
            return True
        return tree.value is None or found is not None

    def condition(self, column: Input, cell: UnaryTests) -> Iterator[tuple[Sentence, bool]]:
        """What is wrong with the tests of a cell."""
        wanted, kinds = kind_in(column.known), _compared(cell)
        for test in tests_of(cell):
            # Editors write `string` where nobody chose a type: such a value may be any.
            loose = wanted == "string" and not column.known.named
            reading = self.reading().about(None if loose else wanted)
            kind = reading.asked(test)
            yield from ((said, True) for said in reading.problems)
            if kind is not None and not is_constant(cell):
                kinds |= set() if kind in _OF_MANY else {kind}
        for kind in sorted(kinds):
            if wanted is not None and {kind, wanted} != {"date", "date and time"}:
                yield from ((said, False) for said in mismatch(kind, wanted))
        if column.whole:
            yield from self.broken(column.label, _equalled(cell))

    def unlisted(self, column: Input, cell: UnaryTests) -> Iterator[Sentence]:
        """The values that a cell asks for and the list of the column does not hold."""
        allowed = column.allowed
        if allowed is None or not is_constant(allowed.tests):
            return
        if cell.tree is not None and cell.tree.negated:
            return
        for value in _equalled(cell):
            lone = isinstance(value, str | int | Decimal) and not isinstance(value, bool)
            if lone and not allowed.allows(value, self.run):
                yield Sentence(
                    "The input “{column}” does not list the value {value}.",
                    {
                        "column": column.label,
                        "value": shown(value),
                        "values": allowed.tests.source,
                    },
                )

    def tree(self, text: str) -> Node | None:
        """The tree of a text; None for one that is empty, or too much."""
        if text not in self.trees and len(self.trees) < MAX_TEXTS:
            try:
                found = parse(text, names=frozenset(self.names), strict=False) if text else None
            except FeelError:
                found = None
            self.trees[text] = None if found is None else found.tree
        return self.trees.get(text)


def kind_in(shape: Shape) -> str | None:
    """What one value of a type is; None where that may be anything."""
    kind = shape.root().kind
    return None if shape.takes_lists() or kind == "any" else kind


def _equalled(cell: UnaryTests) -> list[object]:
    """The values that a cell asks its input to be equal to, as far as they are constant."""
    if not is_constant(cell):
        return []
    try:
        return [constant(test) for test in tests_of(cell) if test.operator in (None, "=", "!=")]
    except Unknown:
        return []


def _number_of(tree: Node) -> list[object]:
    """The value of a number that is written out, perhaps with its sign."""
    literal = tree.value if isinstance(tree, Negation) else tree
    return [literal.value] if isinstance(literal, Literal) else []


def _compared(cell: UnaryTests) -> set[str]:
    """The kinds of the values that a cell compares with; a condition of its own is none."""
    if not is_constant(cell):
        return set()
    try:
        values: Iterable[object] = [
            end for test in tests_of(cell) for end in ends_of(constant(test))
        ]
    except Unknown:
        return set()
    return {kind_of(one) for one in values if one is not None and not isinstance(one, bool)}
