"""Decision tables and their hit policies. Source: DMN 1.5, 8.2.8 to 8.2.11."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.decisions.constraints import Constraint
from engine.decisions.errors import DecisionFailed
from engine.decisions.shapes import Code, Shape
from engine.errors import Sentence
from engine.feel import UnaryTests, Value, kind_of
from engine.feel.library import BUILT_INS
from engine.feel.order import equal
from engine.feel.runtime import Run, Scope
from engine.feel.warnings import warn

POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
AGGREGATIONS = ("SUM", "COUNT", "MIN", "MAX")


class Trace(Run):
    """A run that notes each rule that gave a result: (decision id, rule id)."""

    __slots__ = ("fired",)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came
        self.fired: list[tuple[str, str]] = []


@dataclass(frozen=True)
class Input:
    """A column of conditions; a value that `allowed` does not allow counts as null.

    `variable` is a name of the value within the cells, beside `?` and Camunda's `cellInput`.
    `known` is what is known of the type of its values, `whole` that they are whole numbers;
    `text` is the expression that gives them, `line` where the column stands.
    """

    id: str
    label: str
    variable: str
    value: Code
    allowed: Constraint | None
    known: Shape
    whole: bool
    text: str = ""
    line: int | None = None


@dataclass(frozen=True)
class Output:
    """A column of results; one that `allowed` does not allow is null.

    `ranking` lists the values in order of priority, those of its type where the column lists
    none; `default` stands where no rule fits, and `written` is its text, on `line`; `label` is
    what the column shows at its head; `whole` says that its numbers have no fractions.
    """

    id: str
    name: str
    shape: Shape
    allowed: Constraint | None
    ranking: Constraint | None
    default: Code | None
    label: str = ""
    written: str = ""
    line: int | None = None
    whole: bool = False

    def checked(self, value: Value, scope: Scope) -> Value:
        """The value where the column may hold it, else null, which is told.

        A value of another kind stays in a column of the type `string`: editors write that type
        where nobody chose one. Source: DMN 1.5, 8.3.3 and 10.3.2.9.4.
        """
        shape = self.shape
        if value is None:
            return None
        if shape.named or (shape.kind != "any" and shape.kind != kind_of(value)):
            found = shape.coerced(value, scope.run)
            if found is None:
                return self.mistyped(value, scope)
            value = found
        if self.allowed is None or self.allowed.allows(value, scope.run, scope):
            return value
        undeclared(scope, value, UNLISTED_OUTPUT, self.label)
        return None

    def mistyped(self, value: Value, scope: Scope) -> Value:
        """What stands for a value that is not of the column's type: null, or itself for texts."""
        if self.shape.named:
            undeclared(scope, value, MISTYPED, self.label)
            return None
        kind, wanted = kind_of(value), self.shape.kind
        if wanted != "string":
            warn(scope.run, 0, OTHER_KIND, output=self.label, one=kind, other=wanted)
            return None
        warn(scope.run, 0, KEPT_KIND, output=self.label, one=kind, other=wanted)
        return allowed_only(value, self.allowed, scope, told=(UNLISTED_OUTPUT, self.label))


@dataclass(frozen=True)
class Rule:
    """A row: one cell of tests an input, one expression an output.

    `number` counts from 1, `line` is that of the file, `notes` are the owner's words beside it;
    `written` are the texts of its results, `lines` where each of its cells stands, inputs first;
    `is_whole` says that all of its cells could be read.
    """

    id: str
    number: int
    line: int | None
    tests: tuple[UnaryTests, ...]
    results: tuple[Code, ...]
    notes: tuple[str, ...]
    written: tuple[str, ...] = ()
    lines: tuple[int | None, ...] = ()
    is_whole: bool = True


@dataclass(frozen=True)
class Table:
    """A decision table; `owner` is the id of the decision or function whose logic it is.

    `element` is the id of the table, or of what is around it, `line` where it stands, and
    `place` the same in words; `is_whole` says that all of its rules could be read.
    """

    owner: str
    element: str
    line: int | None
    policy: str
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    place: Sentence | None = None
    is_whole: bool = True

    def __call__(self, scope: Scope) -> Value:
        """The value of the table: of one output its value, of several a context by name.

        A list of such values for RULE ORDER, OUTPUT ORDER and COLLECT without an aggregation.
        Raises DecisionFailed where rules contradict each other.
        """
        found = self.matching(scope)
        if not found:
            return self.unmatched(scope)
        return SINGLE.get(self.policy, several)(self, scope, found)

    def matching(self, scope: Scope) -> list[Rule]:
        """The rules all of whose tests hold, in the order of the table."""
        cells = [self.cell_scope(column, scope) for column in self.inputs]
        found: list[Rule] = []
        for rule in self.rules:
            scope.run.charge(1 + len(cells) // 4)
            if all(test.code(cell) is True for test, cell in zip(rule.tests, cells, strict=True)):
                found.append(rule)
                if self.policy == "FIRST":
                    break
        return found

    def cell_scope(self, column: Input, scope: Scope) -> Scope:
        """The scope of a column's cells, where the input is `?`."""
        told = (UNLISTED_INPUT, column.label)
        value = allowed_only(column.value(scope), column.allowed, scope, told=told)
        names = {"?": value, "cellInput": value}
        if column.variable:
            names[column.variable] = value
        return Scope(names, scope, scope.run)

    def result(self, rule: Rule, scope: Scope) -> Value:
        """What a rule gives: one value, or a context of the outputs by name."""
        columns = zip(self.outputs, rule.results, strict=True)
        return self.boxed([output.checked(code(scope), scope) for output, code in columns])

    def boxed(self, values: list[Value]) -> Value:
        if len(self.outputs) == 1:
            return values[0]
        return {output.name: value for output, value in zip(self.outputs, values, strict=True)}

    def note(self, scope: Scope, rules: list[Rule]) -> None:
        if isinstance(scope.run, Trace):
            scope.run.fired += [(self.owner, rule.id) for rule in rules]

    def unmatched(self, scope: Scope) -> Value:
        """The defaults; without any, null, or what no values come to under the policy."""
        if any(output.default is not None for output in self.outputs):
            values = [
                None if output.default is None else output.checked(output.default(scope), scope)
                for output in self.outputs
            ]
            return self.boxed(values)
        if self.policy == "COLLECT" and self.aggregation:
            return 0 if self.aggregation == "COUNT" else None
        return [] if self.policy in ("COLLECT", "RULE ORDER", "OUTPUT ORDER") else None

    def ranks(self, scope: Scope, rule: Rule) -> tuple[int, ...]:
        """Where a rule's outputs stand in the lists of output values; unlisted ones come last."""
        found: list[int] = []
        for output, code in zip(self.outputs, rule.results, strict=True):
            listed = output.ranking.values(scope) if output.ranking is not None else []
            value = code(scope)
            places = [
                at for at, item in enumerate(listed) if equal(scope.run, item, value) is True
            ]
            found.append(places[0] if places else len(listed))
        return tuple(found)

    def by_priority(self, scope: Scope, rules: list[Rule]) -> list[Rule]:
        return sorted(rules, key=lambda rule: self.ranks(scope, rule))


UNLISTED_OUTPUT = "The output “{column}” does not declare the value {value}; null is taken."
UNLISTED_INPUT = "The input “{column}” does not declare the value {value}; null is taken."
MISTYPED = "The value {value} is not of the type of the output “{column}”; null is taken."
OTHER_KIND = 'The output “{output}” gives a "{one}" where a "{other}" is needed; null is taken.'
KEPT_KIND = 'The output “{output}” gives a "{one}" where a "{other}" is declared; it is kept.'
NOT_ADDED = "{aggregation} makes no value of results of the type {kinds}; null is taken."
MAX_SHOWN = 60


def allowed_only(
    value: Value, allowed: Constraint | None, scope: Scope, *, told: tuple[str, str]
) -> Value:
    """The value where it is allowed, else null. Source: DMN 1.5, 7.3.3 and 8.3.2.

    told: the sentence that says so, and the name of the column.
    """
    if allowed is None or value is None or allowed.allows(value, scope.run, scope):
        return value
    undeclared(scope, value, *told)
    return None


def undeclared(scope: Scope, value: Value, template: str, column: str) -> None:
    """Note that a column does not take a value."""
    if scope.run.warnings is not None:
        warn(scope.run, 0, template, column=column, value=shown(value))


def shown(value: Value) -> str:
    """A value as FEEL writes it, cut where it is long."""
    written: str = BUILT_INS["string"].call(Run(), [[value]])[1:-1]
    return written if len(written) <= MAX_SHOWN else f"{written[:MAX_SHOWN]}…"


def unique(table: Table, scope: Scope, rules: list[Rule]) -> Value:
    if len(rules) > 1:
        raise DecisionFailed(
            table.owner,
            "Rules {numbers} of “{decision}” apply at once, and only one may; narrow them down.",
            rules=tuple(rule.id for rule in rules),
            numbers=", ".join(str(rule.number) for rule in rules),
        )
    return first(table, scope, rules)


def first(table: Table, scope: Scope, rules: list[Rule]) -> Value:
    table.note(scope, rules[:1])
    return table.result(rules[0], scope)


def priority(table: Table, scope: Scope, rules: list[Rule]) -> Value:
    return first(table, scope, table.by_priority(scope, rules))


def any_of(table: Table, scope: Scope, rules: list[Rule]) -> Value:
    results = [table.result(rule, scope) for rule in rules]
    if any(equal(scope.run, results[0], other) is not True for other in results[1:]):
        raise DecisionFailed(
            table.owner,
            "Rules {numbers} of “{decision}” apply at once and give different results;"
            " make them agree.",
            rules=tuple(rule.id for rule in rules),
            numbers=", ".join(str(rule.number) for rule in rules),
        )
    table.note(scope, rules)
    return results[0]


def several(table: Table, scope: Scope, rules: list[Rule]) -> Value:
    """COLLECT, RULE ORDER and OUTPUT ORDER: all results, or what they add up to."""
    if table.policy == "OUTPUT ORDER":
        rules = table.by_priority(scope, rules)
    table.note(scope, rules)
    results = [table.result(rule, scope) for rule in rules]
    if table.policy != "COLLECT" or not table.aggregation:
        return results
    found = BUILT_INS[table.aggregation.lower()].call(scope.run, [results])
    if found is None and None not in results:
        kinds = ", ".join(sorted({kind_of(one) for one in results}))
        warn(scope.run, 0, NOT_ADDED, aggregation=table.aggregation, kinds=kinds)
    return found


SINGLE: dict[str, Callable[[Table, Scope, list[Rule]], Value]] = {
    "UNIQUE": unique,
    "FIRST": first,
    "PRIORITY": priority,
    "ANY": any_of,
}
