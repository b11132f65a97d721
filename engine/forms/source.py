"""Decodes the JSON of a form file, whatever it holds.

Python's reader takes NaN, keeps the last of two equal names without a word, and reads numbers and
nestings that later cost all memory; here each of these is a finding.
"""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import Any

from engine.forms.errors import Finding
from engine.forms.findings import Reading

MAX_FILE = 1_000_000
MAX_NESTING = 60
MAX_EXPONENT = 60
"""Of a number; what is larger or finer says nothing on a form, and written out fills the memory.
"""


class _Refused(Exception):
    """The text is no JSON that a form may be made of: a message, a remedy and fields."""


def decode(text: str, reading: Reading) -> dict[str, Any] | None:
    """The record of a form file; None, with findings, where there is none.

    Numbers with a point are exact. Names given twice in one record are findings, the last stands.
    """
    if len(text) > MAX_FILE:
        reading.note(
            "size",
            None,
            "The file has {size} letters; {most} are allowed.",
            "Divide the form into several tasks, or take pictures out of it.",
            size=len(text),
            most=MAX_FILE,
        )
        return None
    raw = _decoded(text, reading)
    if raw is ...:
        return None
    if not isinstance(raw, dict):
        reading.note("json", None, "The file holds no form.", _AGAIN)
    elif _is_too_deep(raw):
        _note_deep(reading)
    elif _has_halves(text, raw):
        reading.note(
            "json",
            None,
            "The file has half of a letter (\\ud800 to \\udfff), which cannot be shown or kept.",
            "Type the letter anew in the form editor and save the file again.",
        )
    else:
        return raw
    return None


_TOO_LARGE = "The number {number} is too large or too fine."
_AGAIN = "Save it from the form editor again."


def _decoded(text: str, reading: Reading) -> Any:
    """The JSON of the text; an ellipsis, with findings, where it is none."""
    twice: set[str] = set()

    def record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            counted = Counter(name for name, _ in pairs)
            twice.update(name for name, count in counted.items() if count > 1)
        return made

    try:
        raw = json.loads(
            text.removeprefix("\ufeff"),
            parse_float=_number,
            parse_int=_whole,
            parse_constant=_constant,
            object_pairs_hook=record,
        )
    except _Refused as problem:
        message, fields = problem.args
        reading.note("json", None, message, "Correct the number, or take it out.", **fields)
        return ...
    except RecursionError:
        _note_deep(reading)
        return ...
    except ValueError as problem:
        reading.findings.append(_broken(problem))
        return ...
    for name in sorted(twice):
        reading.note(
            "duplicate-name",
            None,
            'The file gives "{name}" twice for one thing; editors keep one of them unasked.',
            "Take one of the two out.",
            name=name,
        )
    return raw


def _broken(problem: ValueError) -> Finding:
    line, column = getattr(problem, "lineno", 1), getattr(problem, "colno", 1)
    return Finding(
        "json",
        None,
        "The file is not JSON from line {line}, column {column} on.",
        "Open it in the form editor and save it again.",
        line=line,
        fields={"line": line, "column": column},
    )


def _number(text: str) -> Decimal:
    found = Decimal(text)
    if found and abs(found.adjusted()) > MAX_EXPONENT:
        raise _Refused(_TOO_LARGE, {"number": text})
    return found


def _whole(text: str) -> int:
    if len(text) > MAX_EXPONENT:
        raise _Refused(_TOO_LARGE, {"number": f"{text[:MAX_EXPONENT]}…"})
    return int(text)


def _constant(name: str) -> None:
    raise _Refused("The file holds {name}, which is no number of JSON.", {"name": name})


def _note_deep(reading: Reading) -> None:
    reading.note(
        "size",
        None,
        "The file is nested more than {most} levels deep.",
        "Divide the form into several tasks.",
        most=MAX_NESTING,
    )


def _is_too_deep(raw: Any) -> bool:
    level = [raw]
    for _ in range(MAX_NESTING):
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def _has_halves(text: str, raw: dict[str, Any]) -> bool:
    """Whether a text of the record holds half of a surrogate pair."""
    if "\\ud" not in text.lower() and text.isascii():
        return False
    try:
        json.dumps(raw, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return True
    return False
