"""Why a value is null: what an evaluation notes beside its result when somebody asks for it.

The standard lets most mistakes come to null. An owner who tries an expression wants to know which
name or operation that was, so that `Expression.ask` gathers it; `evaluate`, which runs cases, does
not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from engine.errors import Sentence
from engine.feel.values import Value, kind_of

if TYPE_CHECKING:
    from engine.feel.runtime import Run, Scope

MAX_WARNINGS = 20
# Comparing spellings costs the product of their lengths.
MAX_NAME = 60
MAX_CANDIDATES = 500


@dataclass(frozen=True)
class Warning:
    """position: the offset of the letter in the text at which the null arose."""

    position: int
    sentence: Sentence


@dataclass(frozen=True)
class Answer:
    """A value, and what made it or parts of it null, in the order in which it happened."""

    value: Value
    warnings: tuple[Warning, ...]


def warn(run: Run, position: int, template: str, **fields: object) -> None:
    """Note that something is null, once a place; only a run that was asked to gathers it."""
    noted = run.warnings
    if noted is None or len(noted) >= MAX_WARNINGS:
        return
    warning = Warning(position, Sentence(template, fields))
    if warning not in noted:
        noted.append(warning)


def no_result(run: Run, position: int, sign: str, operands: tuple[Value, Value]) -> None:
    left, right = map(kind_of, operands)
    warn(
        run,
        position,
        "“{sign}” has no result for {left} and {right}.",
        sign=sign,
        left=left,
        right=right,
    )


def no_name(scope: Scope, position: int, name: str) -> None:
    """Note that a name is unknown, with the one that was probably meant."""
    if scope.run.warnings is None or scope.knows(name):
        return
    meant = nearest(name, scope.names())
    if meant is None:
        warn(scope.run, position, "There is no “{name}” here.", name=name)
        return
    template = "There is no “{name}” here; did you mean “{meant}”?"
    warn(scope.run, position, template, name=name, meant=meant)


def no_function(run: Run, position: int, name: str, known: Iterable[str]) -> None:
    """Note that a function is unknown, with the one that was probably meant."""
    if run.warnings is None:
        return
    if not name:
        warn(run, position, "What is called here is no function.")
        return
    meant = nearest(name, {*known, *run.functions})
    if meant is None:
        warn(run, position, "There is no function “{name}”.", name=name)
        return
    template = "There is no function “{name}”; did you mean “{meant}”?"
    warn(run, position, template, name=name, meant=meant)


def no_value(run: Run, position: int, name: str, arguments: Iterable[Value]) -> None:
    """Note that a function gives null for its arguments."""
    if run.warnings is None:
        return
    given = ", ".join(map(kind_of, arguments))
    template = "“{name}” has no result for these arguments: {given}."
    warn(run, position, template, name=name, given=given or "–")


def no_entry(run: Run, position: int, key: str, source: Value) -> None:
    """Note that nothing stands at a path's key."""
    if run.warnings is not None and source is not None:
        template = "This {kind} has no “{key}”."
        warn(run, position, template, key=key, kind=kind_of(source))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is spelt most like this one, if one is near at all."""
    if len(name) > MAX_NAME:
        return None
    candidates = [other for other in known if len(other) <= MAX_NAME][:MAX_CANDIDATES]
    found = get_close_matches(name, candidates, 1, 0.7)
    return found[0] if found else None
