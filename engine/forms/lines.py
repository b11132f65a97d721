"""Where components and their properties stand in a form file, for what is said about them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

_MARK = re.compile(r'("(?:[^"\\\n]|\\.)*")(\s*:)?|[{}\[\]]')
_IDS = ("id", "key", "path")


@dataclass
class _Component:
    """The lines of its properties, and of the texts that they hold, parts of parts included."""

    names: dict[str, int] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)


class Lines:
    """The lines of one file, read in one walk over it; what is no JSON gives what can be told."""

    def __init__(self, text: str) -> None:
        self._found: dict[tuple[str, str], tuple[int, _Component]] = {}
        self._open = [_Component()]
        self._within: list[tuple[str, str]] = []  # Brackets that are open, and under which name.
        self._walk(text)

    def of(self, raw: Mapping[str, Any], names: tuple[str, ...], text: Any) -> int | None:
        """The line of the first of the component's properties that holds the text or has one of
        the names; else that of the first of its id, key and path that the file has as it is.
        """
        for name in _IDS:
            given = raw.get(name)
            if isinstance(given, str) and given and (name, given) in self._found:
                line, component = self._found[name, given]
                if isinstance(text, str) and _bare(text) in component.texts:
                    return component.texts[_bare(text)]
                return next((component.names[n] for n in names if n in component.names), line)
        return None

    def _walk(self, text: str) -> None:
        line, at, name = 1, 0, ""
        for mark in _MARK.finditer(text):
            line += text.count("\n", at, mark.start())
            at = mark.start()
            sign = mark[0][0]
            if sign in "{[":
                self._begin(sign, name)
                name = ""
            elif sign in "}]":
                self._end()
            else:
                with suppress(ValueError):
                    name = self._text(json.loads(mark[1]), name, line, is_name=bool(mark[2]))

    def _begin(self, sign: str, name: str) -> None:
        around = self._within[-1][1] if self._within else ""
        self._within.append((sign, name or (around if sign == "{" else "")))
        if self._is_component():
            self._open.append(_Component())

    def _is_component(self) -> bool:
        return self._within[-1] == ("{", "components")

    def _end(self) -> None:
        if self._within:
            if self._is_component() and len(self._open) > 1:
                self._open.pop()
            self._within.pop()

    def _text(self, text: str, name: str, line: int, *, is_name: bool) -> str:
        """Notes a name or a text; the name under which what follows stands."""
        component = self._open[-1]
        if is_name:
            component.names.setdefault(text, line)
            return text
        component.texts.setdefault(_bare(text), line)
        if name in _IDS:
            self._found.setdefault((name, text), (line, component))
        return ""


def _bare(text: str) -> str:
    """An expression without the sign before it."""
    return text.strip().removeprefix("=").strip()
