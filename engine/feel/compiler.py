"""Turning a syntax tree into Python closures: read once, run often.

`code_of(node)` is a function from a scope to a value. Closures call closures, so that nothing is
looked up by node type while an expression runs.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from engine.feel import arithmetic, calls, loops, properties
from engine.feel.errors import FeelError
from engine.feel.order import ORDERS, conjunction, equal, less_or_equal, unequal, within
from engine.feel.runtime import Scope, cost_of
from engine.feel.tree import (
    Arithmetic,
    Between,
    Call,
    Choice,
    ContextOf,
    Definition,
    Filter,
    For,
    In,
    InstanceOf,
    ListOf,
    Literal,
    Logic,
    Mistake,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
    RangeOf,
    Relation,
    Test,
    Tests,
)
from engine.feel.typing import is_instance
from engine.feel.unary import holds
from engine.feel.values import Range, Value, kind_of
from engine.feel.warnings import no_entry, no_name, no_result, warn

Code: TypeAlias = Callable[[Scope], Value]


def code_of(node: Node) -> Code:
    """The closure that evaluates a node."""
    return COMPILERS[type(node)](node)


def placed(code: Code, position: int) -> Code:
    """The same code; what goes wrong in it is told to have done so at that letter."""

    def run(scope: Scope) -> Value:
        try:
            return code(scope)
        except FeelError as problem:
            problem.stand_at(position)
            raise

    return run


def literal(node: Literal) -> Code:
    value = node.value
    return lambda scope: value


def mistake(node: Mistake) -> Code:
    position, said = node.position, node.sentence

    def tell(scope: Scope) -> Value:
        warn(scope.run, position, said.template, **said.fields)
        return None

    return tell


def name(node: Name) -> Code:
    wanted, position = node.name, node.position
    built_in = calls.built_in_value(wanted)

    def find(scope: Scope) -> Value:
        values = scope.values
        if wanted in values:
            return values[wanted]
        found = scope.find(wanted) if scope.outer is not None or not wanted.isascii() else None
        if found is not None:
            return found
        if built_in is None:
            no_name(scope, position, wanted)
        return built_in

    return find


def path(node: Path) -> Code:
    source, key, position = code_of(node.source), node.key, node.position

    def reach(scope: Scope) -> Value:
        value = source(scope)
        found = properties.path(scope.run, value, key)
        if found is None and not (kind_of(value) == "context" and key in value):
            no_entry(scope.run, position, key, value)
        return found

    return reach


def arithmetic_of(node: Arithmetic) -> Code:
    left, right = code_of(node.left), code_of(node.right)
    operate = arithmetic.OPERATORS[node.operator]
    position, sign = node.position, node.operator

    def compute(scope: Scope) -> Value:
        first, second = left(scope), right(scope)
        try:
            found = operate(scope.run, first, second)
        except FeelError as problem:
            problem.stand_at(position)
            raise
        if found is None and scope.run.warnings is not None:
            no_result(scope.run, position, sign, (first, second))
        return found

    return compute


def negation(node: Negation) -> Code:
    value = code_of(node.value)
    return lambda scope: arithmetic.negate(value(scope))


# The usual case, texts and whole numbers, is compared without a detour.
DIRECTLY: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def relation(node: Relation) -> Code:
    left, right = code_of(node.left), code_of(node.right)
    if node.operator in ("=", "!="):
        return equality(node, left, right)
    relate, directly = ORDERS[node.operator], DIRECTLY[node.operator]
    position, sign = node.position, node.operator

    def compare(scope: Scope) -> bool | None:
        first, second = left(scope), right(scope)
        kind = type(first)
        if kind is type(second) and (kind is int or kind is str):
            return directly(first, second)
        answer = relate(first, second)
        if answer is None and scope.run.warnings is not None:
            no_result(scope.run, position, sign, (first, second))
        return answer

    return compare


def equality(node: Relation, left: Code, right: Code) -> Code:
    """= and !=; texts and whole numbers, the usual case, are compared without a detour."""

    position, sign, positive = node.position, node.operator, node.operator == "="

    def compare(scope: Scope) -> bool | None:
        first, second = left(scope), right(scope)
        kind = type(first)
        if kind is type(second) and (kind is str or kind is int):
            return (first == second) is positive
        try:
            answer = equal(scope.run, first, second)
        except FeelError as problem:
            problem.stand_at(position)
            raise
        if answer is None and scope.run.warnings is not None:
            no_result(scope.run, position, sign, (first, second))
        return answer if answer is None or positive else not answer

    return compare


def logic(node: Logic) -> Code:
    """and, or: three-valued; what is no boolean counts as null."""
    parts = [code_of(part) for part in node.parts]
    decisive = node.operator == "or"

    def combine(scope: Scope) -> bool | None:
        answer: bool | None = not decisive
        for part in parts:
            value: object = part(scope)
            if value is decisive:
                return decisive
            if value is not answer:
                answer = None
        return answer

    return combine


def between(node: Between) -> Code:
    value, low, high = code_of(node.value), code_of(node.low), code_of(node.high)

    def inside(scope: Scope) -> bool | None:
        found = value(scope)
        return conjunction(
            less_or_equal(low(scope), found),
            less_or_equal(found, high(scope)),
        )

    return inside


def test(node: Test) -> Code:
    """One unary test of the value that the scope knows as `?`."""
    value, sign, asks = code_of(node.value), node.operator, node.asks
    if sign in ("=", "!="):
        compare = equal if sign == "=" else unequal
        return lambda scope: compare(scope.run, scope.find("?"), value(scope))
    if sign is not None:
        relate = ORDERS[sign]
        return lambda scope: relate(scope.find("?"), value(scope))
    if isinstance(node.value, Name) and node.value.name == "?":
        return lambda scope: True
    if asks:
        return lambda scope: as_truth(value(scope))
    if isinstance(node.value, RangeOf):
        return lambda scope: in_range(scope.find("?"), value(scope))
    return lambda scope: holds(scope.run, scope.find("?"), value(scope))


def as_truth(value: Value) -> bool | None:
    return value if isinstance(value, bool) else None


def in_range(value: Value, span: Range | None) -> bool | None:
    return None if span is None else within(value, span)


def any_of(tests: list[Test]) -> Code:
    """Whether one of several tests holds: true wins, then null."""
    codes = [test(node) for node in tests]

    def decide(scope: Scope) -> bool | None:
        answer: bool | None = False
        for code in codes:
            found = code(scope)
            if found is True:
                return True
            if found is None:
                answer = None
        return answer

    return decide


def tests(node: Tests) -> Code:
    """All unary tests of a cell; no test at all holds for every value."""
    if not node.tests:
        return lambda scope: True
    decide, negated = any_of(node.tests), node.negated

    def answer(scope: Scope) -> bool | None:
        found: bool | None = decide(scope)
        return found if found is None or not negated else not found

    return answer


def in_tests(node: In) -> Code:
    value, decide = code_of(node.value), any_of(node.tests)
    return lambda scope: decide(Scope({"?": value(scope)}, scope, scope.run))


def choice(node: Choice) -> Code:
    condition, yes, no = code_of(node.condition), code_of(node.yes), code_of(node.no)
    position = node.position

    def choose(scope: Scope) -> Value:
        found = condition(scope)
        if found is True:
            return yes(scope)
        if found is not False and scope.run.warnings is not None:
            template = "The condition is {kind}, neither true nor false."
            warn(scope.run, position, template, kind=kind_of(found))
        return no(scope)

    return choose


def list_of(node: ListOf) -> Code:
    items = [code_of(item) for item in node.items]
    return lambda scope: [item(scope) for item in items]


def context_of(node: ContextOf) -> Code:
    entries = [(key, code_of(value)) for key, value in node.entries]

    def build(scope: Scope) -> Value:
        made: dict[str, Value] = {}
        inner = Scope(made, scope, scope.run)
        for key, value in entries:
            made[key] = value(inner)
        return made

    return build


def range_of(node: RangeOf) -> Code:
    start = code_of(node.start) if node.start else None
    end = code_of(node.end) if node.end else None
    included = node.start_included, node.end_included

    def build(scope: Scope) -> Range | None:
        first = start(scope) if start else None
        last = end(scope) if end else None
        # An end that is given and null is unknown, which is not the same as open.
        if (start and first is None) or (end and last is None):
            return None
        return Range(first, last, *included)

    return build


def filter_of(node: Filter) -> Code:
    source, condition = code_of(node.source), code_of(node.test)
    if isinstance(node.test, Literal) and kind_of(node.test.value) == "number":
        position = node.test.value
        return lambda scope: loops.item_at(source(scope), position)
    cost = cost_of(node.test.weight)
    return placed(
        lambda scope: loops.select(scope, source(scope), condition, cost=cost), node.position
    )


def instance_of(node: InstanceOf) -> Code:
    value, wanted = code_of(node.value), node.type
    return lambda scope: is_instance(scope.run, value(scope), wanted, allowing=False)


def loop(node: For) -> Code:
    iterators = loops.sources(node.iterators, code_of)
    body = loops.charged(code_of(node.body), cost_of(node.weight))
    partial = node.partial
    return placed(
        lambda scope: loops.collect(scope, iterators, body, partial=partial), node.position
    )


def quantified(node: Quantified) -> Code:
    iterators = loops.sources(node.iterators, code_of)
    condition = loops.charged(code_of(node.condition), cost_of(node.weight))
    every = node.every
    return placed(
        lambda scope: loops.quantify(scope, iterators, condition, every=every), node.position
    )


def call(node: Call) -> Code:
    if node.named is not None:
        named = {key: code_of(value) for key, value in node.named.items()}
        return calls.named_call(node, named, code_of)
    arguments = [code_of(argument) for argument in node.arguments]
    return calls.positional_call(node, arguments, code_of)


def definition(node: Definition) -> Code:
    body = loops.charged(code_of(node.body), cost_of(node.body.weight))
    return calls.definition(node, body)


COMPILERS: dict[type[Node], Callable[[Any], Code]] = {
    Literal: literal,
    Mistake: mistake,
    Name: name,
    Path: path,
    Filter: filter_of,
    Call: call,
    Arithmetic: arithmetic_of,
    Negation: negation,
    Relation: relation,
    Logic: logic,
    Between: between,
    In: in_tests,
    Tests: tests,
    Choice: choice,
    For: loop,
    Quantified: quantified,
    ListOf: list_of,
    ContextOf: context_of,
    RangeOf: range_of,
    Definition: definition,
    InstanceOf: instance_of,
}
