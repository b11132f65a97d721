"""Texts with holes: "Dear {{name}}", {{#if late}}..{{/if}}, {{#loop list}}{{this}}{{/loop}}.

This is the templating of Camunda's forms. A text that begins with "=" is one expression instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from engine.calendar import ZONE
from engine.forms.expressions import Expression, Scope, is_expression

_MARK = re.compile(
    r"\{\{\s*(?P<code>#if\b|#loop\b|/if\b|/loop\b)?(?P<text>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}\}"
)
MAX_ROUNDS = 1000
Escape = Callable[[str], str]


class TemplateBroken(Exception):
    """The text's {{#if}} and {{#loop}} do not close each other."""


@dataclass(frozen=True)
class Hole:
    """A value put into the text."""

    expression: Expression


@dataclass(frozen=True)
class Block:
    """A part that stands when its expression is true, or once for each item of a list."""

    kind: str
    expression: Expression
    parts: tuple[Part, ...]


Part = str | Hole | Block


@dataclass(frozen=True)
class Template:
    """A text of the page, ready to be filled from a scope."""

    source: str
    parts: tuple[Part, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Raises TemplateBroken, or feel.FeelError for an expression that cannot be read."""
        if is_expression(text):
            return cls(text, (Hole(Expression.parse(text)),))
        marks = list(_MARK.finditer(text))
        parts, rest = _parts(text, marks, 0, None)
        if rest != len(marks):
            raise TemplateBroken(text)
        return cls(text, parts)

    @property
    def is_plain(self) -> bool:
        return all(isinstance(part, str) for part in self.parts)

    def render(self, scope: Scope, escape: Escape = str) -> str:
        """The text with its holes filled; each filled-in value passes through `escape`."""
        return "".join(_rendered(self.parts, scope, escape))

    def expressions(self) -> Iterator[Expression]:
        """Every expression of the text, in order."""
        return _expressions(self.parts)


def _parts(
    text: str, marks: list[re.Match[str]], index: int, inside: str | None
) -> tuple[tuple[Part, ...], int]:
    """The parts from mark `index` up to the end of the block we are in, and the mark after it."""
    parts: list[Part] = []
    at = marks[index - 1].end() if index else 0
    while index < len(marks):
        mark = marks[index]
        parts.append(text[at : mark.start()])
        at = mark.end()
        index += 1
        code = mark["code"]
        if code is None:
            parts.append(Hole(Expression.parse(mark["text"])))
        elif code.startswith("#"):
            inner, index = _parts(text, marks, index, code[1:])
            parts.append(Block(code[1:], Expression.parse(mark["text"]), inner))
            at = marks[index - 1].end()
        elif code[1:] == inside:
            return tuple(parts), index
        else:
            raise TemplateBroken(text)
    if inside is not None:
        raise TemplateBroken(text)
    parts.append(text[at:])
    return tuple(part for part in parts if part != ""), index


def _expressions(parts: tuple[Part, ...]) -> Iterator[Expression]:
    for part in parts:
        if isinstance(part, (Hole, Block)):
            yield part.expression
        if isinstance(part, Block):
            yield from _expressions(part.parts)


def _rendered(parts: tuple[Part, ...], scope: Scope, escape: Escape) -> Iterator[str]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Hole):
            yield escape(in_words(part.expression.evaluate(scope)))
        else:
            yield from _block(part, scope, escape)


def _block(block: Block, scope: Scope, escape: Escape) -> Iterator[str]:
    value = block.expression.evaluate(scope)
    if block.kind == "if":
        if value is True:
            yield from _rendered(block.parts, scope, escape)
        return
    for item in (value if isinstance(value, list) else [])[:MAX_ROUNDS]:
        names = item if isinstance(item, dict) else {}
        inner = scope.within({**names, "this": item, "parent": dict(scope.names)})
        yield from _rendered(block.parts, inner, escape)


def in_words(value: Any) -> str:
    """A value as a reader of Vietnamese sees it: 22/11/2026, 1.234,5."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return number(value)
    if isinstance(value, datetime):
        return value.astimezone(ZONE).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, list):
        return ", ".join(in_words(item) for item in value)
    return str(value)


def number(value: int | Decimal) -> str:
    """1234.50 as 1.234,50: the point groups, the comma begins the decimals."""
    text = format(value, ",f") if isinstance(value, Decimal) else format(value, ",d")
    return text.translate(str.maketrans(",.", ".,"))
