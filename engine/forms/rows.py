"""Patterns that are letters in a row over the whole text, which most patterns of forms are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.forms.patterns import Node

Test = Callable[[str], bool]
Repeated = tuple[Test, int, int | None]
"""A letter's test, and how often it stands in a row: at least, at most or without end."""


def row_of(node: Node) -> tuple[Repeated, ...] | None:
    """A pattern of the whole text that is letters in a row, such as "^[A-Z]{2}[0-9]*$".

    With at most one part of no fixed length there is one way only to lay it over a text. None for
    every other pattern.
    """
    parts = node.parts if node.kind == "then" else (node,)
    if len(parts) < 3 or parts[0].kind != "start" or parts[-1].kind != "end":
        return None
    found: list[Repeated] = []
    for part in parts[1:-1]:
        one, least = part, 1
        most: int | None = 1
        if part.kind == "repeat":
            one, least, most = part.parts[0], part.least, part.most
        if one.kind != "one" or one.test is None:
            return None
        found.append((one.test, least, most))
    loose = [one for one in found if one[1] != one[2]]
    return tuple(found) if len(loose) <= 1 else None


def matches_row(row: tuple[Repeated, ...], text: str) -> bool:
    """Whether the text is such a row: each letter is tested once."""
    spare = len(text) - sum(least for _test, least, _most in row)
    if spare < 0:
        return False
    at = 0
    for test, least, most in row:
        length = least
        if least != most:
            length, spare = least + spare, 0
            if most is not None and length > most:
                return False
        if not all(map(test, text[at : at + length])):
            return False
        at += length
    return spare == 0
