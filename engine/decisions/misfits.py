"""Allowed values of another kind than their type, which no value can ever be.

Source: DMN 1.5, 7.3.3 (allowed values restrict the values of the type), 8.3.2 and 8.3.3.
"""

from __future__ import annotations

from engine.decisions.pieces import Unknown, constant, ends_of, tests_of
from engine.feel import UnaryTests, kind_of
from engine.feel.tree import Test

_ALIKE = {"date", "date and time"}
_OPEN = {"any", "list", "function", "range"}
"""Kinds whose values are asked for in other ways than by being equal or between."""


def misfits(tests: UnaryTests, kind: str | None) -> tuple[list[str], bool]:
    """The kinds that constants of a list are of and its type is not, and whether they leave no
    value at all that would do. Null fits every type; what takes other data is not judged.
    """
    if kind is None or kind in _OPEN or tests.variables or tests.possible or tests.calls:
        return [], False
    listed = tests_of(tests)
    strange = [kinds for test in listed if (kinds := _kinds(test)) and not _fits(kinds, kind)]
    found = sorted({other for kinds in strange for other in kinds if not _fits({other}, kind)})
    is_negated = tests.tree is not None and tests.tree.negated
    return found, bool(strange) and (is_negated or len(strange) == len(listed))


def _kinds(test: Test) -> set[str]:
    """The kinds that a test compares with, empty where that is not known."""
    try:
        value = constant(test)
    except Unknown:
        return set()
    return {kind_of(end) for end in ends_of(value) if end is not None}


def _fits(kinds: set[str], kind: str) -> bool:
    return kind in kinds or (kind in _ALIKE and not _ALIKE.isdisjoint(kinds))
