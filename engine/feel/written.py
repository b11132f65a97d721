"""Values as text: what `string()` gives and what people are shown. Source: DMN 1.5, 10.3.4.1."""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.feel.numbers import format_number
from engine.feel.order import check_nesting
from engine.feel.runtime import Run
from engine.feel.temporal import FORMS
from engine.feel.values import Range, Value, kind_of

PLAIN = re.compile(r"[^\W\d][\w\u0300-\u036f]*(?: [\w\u0300-\u036f]+)*")


def written(run: Run, value: Value, depth: int = 0) -> str:
    """The text of a value, as `string()` gives it; texts themselves are quoted."""
    check_nesting(depth)
    run.charge()
    kind = kind_of(value)
    if kind == "list":
        text = f"[{', '.join(written(run, item, depth + 1) for item in value)}]"
    elif kind == "context":
        entries = (
            f"{key_of(key)}: {written(run, item, depth + 1)}" for key, item in value.items()
        )
        text = f"{{{', '.join(entries)}}}"
    elif kind == "range":
        text = written_range(run, value, depth)
    else:
        text = SCALARS[kind](value)
    run.check_letters(len(text))
    return text


def text_of(value: Value) -> str:
    """The value as people read it in FEEL's own notation. Raises FeelBudgetExceeded."""
    return written(Run(), value)


def written_range(run: Run, value: Range, depth: int) -> str:
    start = "" if value.start is None else written(run, value.start, depth + 1)
    end = "" if value.end is None else written(run, value.end, depth + 1)
    opening = "[" if value.start_included else "("
    return f"{opening}{start}..{end}{']' if value.end_included else ')'}"


def key_of(key: str) -> str:
    """A key as a name where it is one, else as a text."""
    return key if PLAIN.fullmatch(key) else quoted(key)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


SCALARS: dict[str, Callable[[Value], str]] = {
    "null": lambda value: "null",
    "boolean": lambda value: "true" if value else "false",
    "number": format_number,
    "string": quoted,
    **FORMS,
    "function": lambda value: "function",
    "foreign": lambda value: "null",
}
