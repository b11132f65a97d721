"""Expressions and unary tests as the rest of the engine holds them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import TypeVar

from engine.feel.compiler import Code, code_of
from engine.feel.errors import FeelBudgetExceeded, FeelError, FeelSyntaxError
from engine.feel.grammar import read_expression, read_unary
from engine.feel.names import Bindings
from engine.feel.reader import Vocabulary
from engine.feel.runtime import NO_FUNCTIONS, Budget, Run, Scope
from engine.feel.tree import Node, Tests
from engine.feel.values import Value
from engine.feel.warnings import Answer

LARGE = (list, dict)

P = TypeVar("P", "Expression", "UnaryTests")


class Expression:
    """A FEEL expression, read and compiled once, evaluated as often as needed.

    variables  the names that it takes from the context
    possible   names within filters: a field of the item filtered, or a name of the context
    calls      the functions that it calls and that are not FEEL's own
    mistakes   what the grammar reads and no value can be made of; it is null
    weight     how many nodes its tree has: what a round of a loop around it costs
    """

    def __init__(self, source: str, code: Code, bindings: Bindings) -> None:
        self.source = source
        self.code = code
        self.variables = frozenset(bindings.variables)
        self.possible = frozenset(bindings.possible)
        self.calls = frozenset(bindings.calls)
        self.mistakes = tuple(bindings.mistakes)
        self.weight = 1
        self.tree: Node | None = None

    def evaluate(
        self,
        context: Mapping[str, Value],
        functions: Mapping[str, Callable[..., Value]] = NO_FUNCTIONS,
        *,
        now: dt.datetime | None = None,
        budget: Budget | None = None,
    ) -> Value:
        """The value in a context.

        functions: those lent beside FEEL's own, called with positional arguments.
        now: aware; what now() and today() go by.
        Raises FeelBudgetExceeded, and FeelError where the clock or a lent function's arguments
        are missing. All else that is wrong is null, as the standard has it.
        """
        if now is not None:
            check_clock(now)
        return self.run(context, Run(functions, now, budget))

    def weigh(
        self,
        context: Mapping[str, Value],
        functions: Mapping[str, Callable[..., Value]],
        *,
        now: dt.datetime,
        budget: Budget | None = None,
    ) -> tuple[int, Value]:
        """The same value; before it, how much work it took, in steps of its budget."""
        check_clock(now)
        run = Run(functions, now, budget)
        value = self.run(context, run)
        return run.spent, value

    def ask(
        self,
        context: Mapping[str, Value],
        functions: Mapping[str, Callable[..., Value]] = NO_FUNCTIONS,
        *,
        now: dt.datetime | None = None,
    ) -> Answer:
        """The same value, with the reasons why it or parts of it are null."""
        check_clock(now)
        run = asking(functions, now)
        return answered(self.run(context, run), run)

    def run(self, context: Mapping[str, Value], run: Run) -> Value:
        """The value in a context as a part of a run that has begun: on the same budget."""
        try:
            value = self.code(Scope(context, None, run))
            if isinstance(value, LARGE):
                run.measure(value)
        except RecursionError:
            raise too_deep() from None
        except FeelError as problem:
            problem.stand_at(0)
            raise
        return value


class UnaryTests:
    """The tests of a cell of a decision table; `variables`, `mistakes` as in Expression."""

    def __init__(self, source: str, code: Code, bindings: Bindings) -> None:
        self.source = source
        self.code = code
        self.variables = frozenset(bindings.variables)
        self.possible = frozenset(bindings.possible)
        self.calls = frozenset(bindings.calls)
        self.mistakes = tuple(bindings.mistakes)
        self.tree: Tests | None = None

    def matches(
        self,
        value: Value,
        context: Mapping[str, Value],
        functions: Mapping[str, Callable[..., Value]] = NO_FUNCTIONS,
        *,
        now: dt.datetime | None = None,
        budget: Budget | None = None,
    ) -> bool | None:
        """Whether a value meets the tests; null where it cannot be compared with them."""
        check_clock(now)
        return self.run(value, context, Run(functions, now, budget))

    def ask(
        self,
        value: Value,
        context: Mapping[str, Value],
        functions: Mapping[str, Callable[..., Value]] = NO_FUNCTIONS,
        *,
        now: dt.datetime | None = None,
    ) -> Answer:
        """The same answer, with the reasons why it is null."""
        check_clock(now)
        run = asking(functions, now)
        return answered(self.run(value, context, run), run)

    def run(self, value: Value, context: Mapping[str, Value], run: Run) -> bool | None:
        """The same as a part of a run that has begun."""
        scope = Scope({"?": value}, Scope(context, None, run), run)
        try:
            answer: bool | None = self.code(scope)
        except RecursionError:
            raise too_deep() from None
        except FeelError as problem:
            problem.stand_at(0)
            raise
        return answer


def asking(functions: Mapping[str, Callable[..., Value]], now: dt.datetime | None) -> Run:
    """A run that gathers warnings."""
    run = Run(functions, now)
    run.warnings = []
    return run


def answered(value: Value, run: Run) -> Answer:
    return Answer(value, tuple(run.warnings or ()))


def too_deep() -> FeelBudgetExceeded:
    return FeelBudgetExceeded("The expression is nested too deep to evaluate.", position=0)


def check_clock(now: dt.datetime | None) -> None:
    if now is not None and now.tzinfo is None:
        raise FeelError("The instant of an evaluation needs a zone.")


def parse(
    text: str,
    *,
    names: Collection[str] = (),
    functions: Collection[str] = (),
    types: Collection[str] = (),
    fields: Collection[str] = (),
    strict: bool = True,
) -> Expression:
    """The expression that a text writes; the same text is read once.

    A leading `=`, as Camunda's forms and drawings have it, is left out.
    names: those of the context that hold blanks or signs (`ngày sinh`, `a-b`); others do no harm.
    functions: names of functions lent, where they hold blanks or signs.
    types: names of declared types; a run knows what they mean (`Run.types`).
    fields: keys of contexts that hold signs, known after a dot and in a filter.
    strict: refuse what the grammar reads and the standard makes null, such as `@"no date"`;
    otherwise `mistakes` tells it. Raises FeelSyntaxError with the position in the text as given.
    """
    if not names and not functions and not types and not fields:
        found = parsed_plainly(text)
    else:
        found = parsed(text, vocabulary(names, functions, types, fields))
    return unmistaken(found) if strict and found.mistakes else found


def parse_unary(
    text: str,
    *,
    names: Collection[str] = (),
    functions: Collection[str] = (),
    types: Collection[str] = (),
    fields: Collection[str] = (),
    strict: bool = True,
) -> UnaryTests:
    """The unary tests that a cell writes; an empty cell means the same as `-`."""
    found = parsed_unary(text, vocabulary(names, functions, types, fields))
    return unmistaken(found) if strict and found.mistakes else found


def unmistaken(found: P) -> P:
    """What was read if it has no mistakes; else raises the first of them."""
    for problem in found.mistakes:
        # A new one each time: what is cached is shared by threads, and would keep their frames.
        raise FeelSyntaxError(problem.template, position=problem.position or 0, **problem.fields)
    return found


def vocabulary(
    names: Collection[str] = (),
    functions: Collection[str] = (),
    types: Collection[str] = (),
    fields: Collection[str] = (),
) -> Vocabulary:
    return frozenset(names), frozenset(functions), frozenset(types), frozenset(fields)


@lru_cache(maxsize=4096)
def parsed_plainly(text: str) -> Expression:
    """The usual case, found with one key."""
    return parsed(text, vocabulary())


@lru_cache(maxsize=4096)
def parsed(text: str, known: Vocabulary) -> Expression:
    node, bindings = read_expression(without_equals(text), known)
    made = Expression(text, code_of(node), bindings)
    made.weight = node.weight
    made.tree = node
    return made


@lru_cache(maxsize=4096)
def parsed_unary(text: str, known: Vocabulary) -> UnaryTests:
    tests, bindings = read_unary(text if text.strip() else "-", known)
    made = UnaryTests(text, code_of(tests), bindings)
    made.tree = tests
    return made


def without_equals(text: str) -> str:
    """The text with a leading `=` blanked, so that positions stay those of the text as given."""
    stripped = text.lstrip()
    if not stripped.startswith("="):
        return text
    return " " * (len(text) - len(stripped) + 1) + stripped[1:]
