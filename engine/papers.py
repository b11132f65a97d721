"""Templates of papers: where they lie, which a drawing names, what they read, and data for them.

A template is a text of typst, `forms/KEY/NAME.typ`; it may import others by their place from the
root on ("/forms/_layout/nd30.typ") or beside it. Who sets papers is an adapter; the engine keeps
templates in bundles and has them examined.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.calendar import ZONE
from engine.errors import Sentence

if TYPE_CHECKING:
    from engine.bpmn import Node

PARAMETER = "template"
"""An operation's input parameter of this name names a template "KEY/NAME"."""

LAYOUTS = "forms/_layout"
"""Where the layouts lie that templates of all processes import."""

_NAME = re.compile(r"^[\w.-]+/[\w.-]+$")
_QUOTED = re.compile(r'"([^"\n]*)"')
_MOST_FILES = 400


def template_path(name: str) -> str:
    """Where the template "KEY/NAME" lies."""
    return f"forms/{name}.typ"


def named(node: Node) -> list[str]:
    """The templates that an element names: the one, or those that its expression chooses from.

    What is no name of a template comes as it stands, so that it can be told.
    """
    given = [str(source) for name, source in node.inputs if name == PARAMETER]
    found: list[str] = []
    for source in given:
        if source.startswith("="):
            texts = [text for text in _QUOTED.findall(source) if _NAME.match(text)]
            found += texts or [source]
        else:
            found.append(source)
    return list(dict.fromkeys(found))


def add(root: Path, name: str, files: dict[str, str]) -> None:
    """The template and all that it imports are among the files; what is not there is left out,
    and the check says so.
    """
    waiting = [template_path(name)] if _NAME.match(name) else []
    while waiting and len(files) < _MOST_FILES:
        path = waiting.pop()
        if path in files or not (root / path).is_file():
            continue
        files[path] = (root / path).read_text(encoding="utf-8")
        waiting += imported(path, files[path])


def completed(root: Path, files: Mapping[str, str]) -> dict[str, str]:
    """The files, with the layouts below `root` that their templates import and they lack."""
    found = dict(files)
    waiting = [path for path in files if path.endswith(".typ")]
    while waiting:
        path = waiting.pop()
        for place in imported(path, found[path]):
            if place.startswith(f"{LAYOUTS}/") and place not in found and (root / place).is_file():
                found[place] = (root / place).read_text(encoding="utf-8")
                waiting.append(place)
    return found


def layouts(root: Path) -> frozenset[str]:
    """What the shipped layouts are called."""
    return frozenset(path.name for path in (root / LAYOUTS).glob("*.typ"))


def imported(path: str, text: str) -> Iterator[str]:
    """The templates that a template names in its text, by their paths within the bundle."""
    for quoted in _QUOTED.findall(text):
        if not quoted.endswith(".typ") or quoted.startswith("@"):
            continue
        around = "/" if quoted.startswith("/") else f"/{posixpath.dirname(path)}"
        place = posixpath.normpath(posixpath.join(around, quoted)).lstrip("/")
        if place.startswith("forms/"):
            yield place


@dataclass(frozen=True)
class Examined:
    """What is wrong with a template, and where; None when it can be set with its example.

    keys: the names that its `example` has, which is all that it may read; None without one.
    """

    problem: str | Sentence | None = None
    path: str = ""
    line: int | None = None
    keys: frozenset[str] | None = None


Examine = Callable[[Mapping[str, str], str], Examined]
"""Sets the template at a path, one of the files, with its own example."""


def plain(value: Any) -> Any:
    """A case's value as a template reads it: days "2026-11-23", moments in the agency's zone
    "2026-11-23T08:00:00", numbers as numbers, nothing as none.
    """
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime):
        local = value.astimezone(ZONE) if value.tzinfo else value
        return local.replace(tzinfo=None, microsecond=0).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)
