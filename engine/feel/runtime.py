"""What an evaluation carries with it: its budget, its clock, the names in scope.

An expression comes from strangers, so that all that can grow is counted: steps of loops and
calls, depth of calls, items of a list, letters of a string.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any, Protocol
from unicodedata import normalize

from engine.feel.errors import FeelBudgetExceeded, FeelError
from engine.feel.order import MAX_NESTING
from engine.feel.values import Value
from engine.feel.warnings import Warning


@dataclass(frozen=True)
class Budget:
    """The most that one evaluation may take: steps, call depth, items and letters of a value."""

    steps: int = 100_000
    depth: int = 48
    items: int = 20_000
    letters: int = 200_000

    def wider(self, times: int) -> Budget:
        """So many times as much of everything but depth, which Python's own stack bounds."""
        steps, items, letters = self.steps * times, self.items * times, self.letters * times
        return Budget(steps, self.depth, items, letters)


DEFAULT_BUDGET = Budget()
PLAIN = frozenset((str, int, bool, Decimal, dt.date, dt.datetime, type(None)))
"""Types of values that hold no others."""
PARTS, HOLDER = 32, 48
"""Parts of a value that take as long to measure as one step; and by how many a list or context
among them counts for more than its own parts.
"""
NO_FUNCTIONS: Mapping[str, Callable[..., Value]] = {}


class DeclaredType(Protocol):
    """A type that somebody else declares, as DMN's item definitions do."""

    def conforms(self, value: Value, run: Run, *, allowing: bool = True) -> bool:
        """Whether a value is of this type; null may stand anywhere.

        allowing: false where allowed values and other tests of the type are not asked.
        """


NO_TYPES: Mapping[str, DeclaredType] = {}


def cost_of(weight: int) -> int:
    """The steps that one evaluation of an expression of so many nodes counts for."""
    return 1 + weight // 4


class Run:
    """One evaluation under way. `steps_left` and `depth` count against the budget.

    `types` are the declared types by name, `instance of` and typed parameters ask for them.
    `warnings` gathers why values are null, where somebody asks for it.
    """

    __slots__ = (
        "budget",
        "depth",
        "functions",
        "measured",
        "now",
        "steps_left",
        "types",
        "warnings",
    )

    def __init__(
        self,
        functions: Mapping[str, Callable[..., Value]] = NO_FUNCTIONS,
        now: dt.datetime | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.functions = functions
        self.now = now
        self.types: Mapping[str, DeclaredType] = NO_TYPES
        self.budget = budget or DEFAULT_BUDGET
        self.steps_left = self.budget.steps
        self.depth = 0
        self.measured = 0
        self.warnings: list[Warning] | None = None

    @property
    def spent(self) -> int:
        """The work so far, in steps, that of measuring the value included."""
        return self.budget.steps - self.steps_left + self.measured // PARTS

    def charge(self, steps: int = 1) -> None:
        """Count steps; raises FeelBudgetExceeded when none are left."""
        self.steps_left -= steps
        if self.steps_left < 0:
            raise FeelBudgetExceeded(
                "The expression takes more than {limit} steps; let it look at fewer items.",
                limit=self.budget.steps,
            )

    def check_items(self, count: int) -> None:
        """Refuse a list of `count` items if the budget allows no such list; counts the items."""
        if count > self.budget.items:
            raise FeelBudgetExceeded(
                "A list has {count} items; {limit} are allowed.",
                count=count,
                limit=self.budget.items,
            )
        self.charge(count // 8 + 1)

    def check_letters(self, count: int) -> None:
        """Refuse a string of `count` letters if the budget allows no such string."""
        if count > self.budget.letters:
            raise FeelBudgetExceeded(
                "A text has {count} letters; {limit} are allowed.",
                count=count,
                limit=self.budget.letters,
            )
        self.charge(count // 256 + 1)

    def descend(self) -> None:
        """Enter a function; raises FeelBudgetExceeded when calls are nested too deep."""
        self.depth += 1
        if self.depth > self.budget.depth:
            raise FeelBudgetExceeded(
                "Functions call each other more than {limit} levels deep.",
                limit=self.budget.depth,
            )

    def clock(self) -> dt.datetime:
        """The instant of this evaluation; raises FeelError where none was given."""
        if self.now is None:
            raise FeelError("No instant was given here, so that now() and today() have no value.")
        return self.now

    def measure(self, value: Value) -> None:
        """Refuse a value that is small in memory and huge when written out.

        Lists may share their parts: sixty doublings of a list take no room and no time, but
        nobody could ever store or print the outcome.
        """
        most, level = self.budget.items * 8, 0
        parts: list[Any] = [value]
        while not PLAIN.issuperset(map(type, parts)):
            lists = [part for part in parts if type(part) is list]
            contexts = [part for part in parts if type(part) is dict]
            inside = sum(map(len, lists)) + sum(map(len, contexts))
            self.measured += (len(lists) + len(contexts)) * HOLDER + inside
            most -= inside
            if most < 0 or (level > MAX_NESTING and (lists or contexts)):
                raise FeelBudgetExceeded("The value of the expression is too large to keep.")
            deeper = chain(lists, map(dict.values, contexts))
            parts, level = list(chain.from_iterable(deeper)), level + 1


class Scope:
    """The names in reach at one point of an expression: own values first, then the outer ones."""

    __slots__ = ("outer", "run", "values")

    def __init__(self, values: Mapping[str, Value], outer: Scope | None, run: Run) -> None:
        self.values = values
        self.outer = outer
        self.run = run

    def find(self, name: str) -> Value:
        """The value of a name; None (FEEL's null) for one that nobody has given.

        What others sent may be named in decomposed letters (NFD); an expression's names are NFC.
        """
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.outer
        other = "" if name.isascii() else normalize("NFD", name)
        return self.find(other) if other not in ("", name) else None

    def knows(self, name: str) -> bool:
        """Whether somebody has given the name, be it null."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return True
            scope = scope.outer
        other = "" if name.isascii() else normalize("NFD", name)
        return other not in ("", name) and self.knows(other)

    def names(self) -> set[str]:
        """All names in reach."""
        found: set[str] = set()
        scope: Scope | None = self
        while scope is not None:
            found.update(name for name in scope.values if isinstance(name, str))
            scope = scope.outer
        return found
