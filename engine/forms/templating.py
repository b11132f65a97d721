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
from engine.errors import Sentence
from engine.forms.expressions import Expression, Scope, is_expression

_MARK = re.compile(
    r"\{\{\s*(?P<code>#if\b|#loop\b|/if\b|/loop\b)?(?P<text>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}\}"
)
_LINE_END = re.compile(r"\r?\n")
MAX_ROUNDS = 10_000
MAX_MARKS = 500
MAX_NESTING = 10
_UNCLOSED = "A {{{{#if}}}} or {{{{#loop}}}} is not closed, or closed twice."
Escape = Callable[[str], str]


class TemplateBroken(Exception):
    """The text's {{#if}} and {{#loop}} do not close each other; `problem` says so."""

    def __init__(self, template: str, **fields: Any) -> None:
        self.problem = Sentence(template, fields)
        super().__init__(str(self.problem))


@dataclass(frozen=True)
class Hole:
    """A value put into the text."""

    expression: Expression


@dataclass(frozen=True)
class Block:
    """A part that stands when its expression is true, or once for each item of a list.

    ends_line: whether its closing mark ends a line, so that what it gives must end one too.
    """

    kind: str
    expression: Expression
    parts: tuple[Part, ...]
    ends_line: bool = False


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
        if len(marks) > MAX_MARKS:
            raise TemplateBroken(
                "It has {count} places to fill in; {most} are allowed.",
                count=len(marks),
                most=MAX_MARKS,
            )
        parts, rest = _parts(text, marks, 0, ())
        if rest != len(marks):
            raise TemplateBroken(_UNCLOSED)
        return cls(text, parts)

    @property
    def is_open(self) -> bool:
        """Whether a "{{" is not closed, so that it is shown as it stands."""
        return not is_expression(self.source) and "{{" in _MARK.sub("", self.source)

    @property
    def is_plain(self) -> bool:
        return all(isinstance(part, str) for part in self.parts)

    def render(self, scope: Scope, escape: Escape = str) -> str:
        """The text with its holes filled; each filled-in value passes through `escape`."""
        return "".join(_rendered(self.parts, scope, escape, iter(range(MAX_ROUNDS))))

    def expressions(self) -> Iterator[Expression]:
        """Every expression of the text, in order."""
        return _expressions(self.parts)


def _parts(
    text: str, marks: list[re.Match[str]], index: int, inside: tuple[str, ...]
) -> tuple[tuple[Part, ...], int]:
    """The parts from mark `index` up to the end of the block we are in, and the mark after it.

    inside: the kinds of the blocks around, the innermost last.
    """
    if len(inside) > MAX_NESTING:
        raise TemplateBroken(
            "Its {{{{#if}}}} and {{{{#loop}}}} are nested more than {most} deep.", most=MAX_NESTING
        )
    parts: list[Part] = []
    at = _after(text, marks[index - 1]) if index else 0
    while index < len(marks):
        mark = marks[index]
        parts.append(text[at : mark.start()])
        at = _after(text, mark)
        index += 1
        code = mark["code"]
        if code is None:
            if mark["text"].strip():
                parts.append(Hole(Expression.parse(mark["text"])))
        elif code.startswith("#"):
            inner, index = _parts(text, marks, index, (*inside, code[1:]))
            closing = marks[index - 1]
            at = _after(text, closing)
            ends_line = at > closing.end()
            parts.append(Block(code[1:], Expression.parse(mark["text"]), inner, ends_line))
        elif inside and code[1:] == inside[-1]:
            return _whole(parts), index
        else:
            raise TemplateBroken(_UNCLOSED)
    if inside:
        raise TemplateBroken(_UNCLOSED)
    parts.append(text[at:])
    return _whole(parts), index


def _after(text: str, mark: re.Match[str]) -> int:
    """Where the text goes on after a mark; that of a block takes the end of its line with it."""
    line_end = _LINE_END.match(text, mark.end()) if mark["code"] else None
    return line_end.end() if line_end else mark.end()


def _whole(parts: list[Part]) -> tuple[Part, ...]:
    return tuple(part for part in parts if part != "")


def _expressions(parts: tuple[Part, ...]) -> Iterator[Expression]:
    for part in parts:
        if isinstance(part, (Hole, Block)):
            yield part.expression
        if isinstance(part, Block):
            yield from _expressions(part.parts)


def _rendered(
    parts: tuple[Part, ...], scope: Scope, escape: Escape, left: Iterator[int]
) -> Iterator[str]:
    """left: the rounds that loops may still take, all of the text together."""
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Hole):
            yield escape(in_words(part.expression.evaluate(scope)))
        else:
            yield from _block(part, scope, escape, left)


def _block(block: Block, scope: Scope, escape: Escape, left: Iterator[int]) -> Iterator[str]:
    value = block.expression.evaluate(scope)
    given = ""
    if block.kind == "if":
        if value is not True:
            return
        given = "".join(_rendered(block.parts, scope, escape, left))
    # The list comes first: zip would take a round for the end of it otherwise.
    for item, _ in zip(value if isinstance(value, list) else [], left, strict=False):
        names = item if isinstance(item, dict) else {}
        outer = dict(scope.names)
        own = {"_this_": item, "_parent_": outer}
        inner = scope.within({"this": item, "parent": outer, **names, **own})
        given += "".join(_rendered(block.parts, inner, escape, left))
    yield given
    if block.ends_line and not given.endswith("\n"):
        yield "\n"


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
    if isinstance(value, dict):
        return "; ".join(f"{name}: {in_words(item)}" for name, item in value.items())
    return str(value)


def number(value: int | Decimal) -> str:
    """1234.50 as 1.234,50: the point groups, the comma begins the decimals."""
    text = format(value, ",f") if isinstance(value, Decimal) else format(value, ",d")
    return text.translate(str.maketrans(",.", ".,"))
