"""Allowed values: of types, of inputs and of outputs. Source: DMN 1.5, 7.3.3, 8.3.2 and 8.3.3."""

from __future__ import annotations

from collections.abc import Callable

from engine.feel import UnaryTests, Value
from engine.feel.compiler import code_of, test
from engine.feel.runtime import Run, Scope
from engine.feel.tree import Test


class Constraint:
    """The unary tests that a value must meet one of.

    Stricter than a cell of a rule: a condition that does not ask about the value (`1 = 1`)
    allows nothing but itself.
    """

    def __init__(self, tests: UnaryTests) -> None:
        self.tests = tests
        listed = tests.tree.tests if tests.tree is not None else []
        self.negated = tests.tree is not None and tests.tree.negated
        self.codes = [strict(one) for one in listed]
        self.listed = [
            code_of(one.value) for one in listed if one.operator is None and not one.asks
        ]

    def allows(self, value: Value, run: Run, outer: Scope | None = None) -> bool:
        """Whether a value meets a test; no tests at all allow everything."""
        if not self.codes:
            return True
        cell = Scope({"?": value, "cellInput": value}, outer, run)
        answers = [code(cell) for code in self.codes]
        if self.negated:
            return all(answer is False for answer in answers)
        return any(answer is True for answer in answers)

    def values(self, scope: Scope) -> list[Value]:
        """The values listed, in their order, which is the order of priority of outputs."""
        return [code(scope) for code in self.listed]


def strict(one: Test) -> Callable[[Scope], Value]:
    """The code of a test, where a boolean stands for itself and not for a condition."""
    code = test(one)
    if one.operator is not None or one.asks:
        return code
    source = code_of(one.value)

    def answer(scope: Scope) -> Value:
        found = source(scope)
        return scope.find("?") is found if isinstance(found, bool) else code(scope)

    return answer
