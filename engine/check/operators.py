"""What FEEL's signs give for values of given kinds: `+ - * / **`, `=` and `<`.

Source: DMN 1.5, 10.3.2.11 (tables 55 to 60) and 10.3.2.3 (tables 52 to 54).
"""

from __future__ import annotations

from functools import lru_cache

from engine.check.kinds import SPANS, TIMES

_DAYS = "days and time duration"
_MOMENTS = {"date", "date and time"}
_ORDERED = {"number", "string"} | TIMES | SPANS
_KINDS = ("boolean", "context", "function", "list", "range", *sorted(_ORDERED))


def compare(operator: str, one: str | None, other: str | None) -> bool:
    """Whether `=` or `<` of values of two kinds, None where one is not known, may be an answer."""
    known = {kind for kind in (one, other) if kind is not None}
    if operator not in ("=", "!="):
        return known <= _ORDERED and len(known) < 2
    return len(known) < 2


def results(operator: str, left: str | None, right: str | None) -> frozenset[str]:
    """The kinds that a sign may give for values of two kinds, None where one is not known; none
    where it always gives null.
    """
    return _results(operator, _word(left), _word(right))


def _word(kind: str | None) -> str | None:
    return None if kind is None else str.__str__(kind)


@lru_cache(maxsize=2048)
def _results(operator: str, left: str | None, right: str | None) -> frozenset[str]:
    found = {
        _result(operator, one, other)
        for one in (_KINDS if left is None else (left,))
        for other in (_KINDS if right is None else (right,))
    }
    return frozenset(kind for kind in found if kind is not None)


def _result(operator: str, left: str, right: str) -> str | None:
    if left == right == "number":
        return "number"
    if operator == "+":
        if left == right == "string":
            return "string"
        return _moved(left, right) or _moved(right, left)
    if operator == "-":
        if left == right == "time" or {left, right} <= _MOMENTS:
            return _DAYS
        return _moved(left, right)
    if operator == "*" and left == "number":
        left, right = right, left
    if operator in ("*", "/") and left in SPANS and right == "number":
        return left
    if operator == "/" and left == right and left in SPANS:
        return "number"
    return None


def _moved(kind: str, by: str) -> str | None:
    """What a moment or span gives that is moved or lengthened by a span."""
    if kind == "time":
        return kind if by == _DAYS else None
    return kind if by in SPANS and (kind in _MOMENTS or kind == by) else None
