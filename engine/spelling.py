"""How texts in drawings are spelt: lists, plain numbers, and times in ISO 8601."""

from __future__ import annotations

import re
from functools import lru_cache

_NO_SECONDS = re.compile(r"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(?=Z|[+\-@]|\Z)")


def is_iso(text: str) -> bool:
    """Whether a timer's text is plain ISO 8601 rather than FEEL."""
    return (
        (text[:1] == "P" and text[1:2] in "0123456789T")
        or is_number(text[:1])
        or (text[:1] == "R" and (text[1:2] == "/" or is_number(text[1:2])))
    )


def with_seconds(text: str) -> str:
    """A written time with its seconds: ISO 8601 lets them be left out, FEEL does not."""
    return _NO_SECONDS.sub(r"\1:00", text)


def is_number(text: str) -> bool:
    """Whether it is 1 to 9 digits from 0 to 9: "²" is a digit, and yet `int` does not read it."""
    return text.isascii() and text.isdecimal() and len(text) < 10


def split(text: str) -> list[str]:
    """Parts of a comma-separated list, commas inside brackets left alone."""
    return list(_parts(text))


@lru_cache(maxsize=2048)
def _parts(text: str) -> tuple[str, ...]:
    """The same, worked out once: drawings are few, and each of their steps asks again."""
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return tuple(p.strip() for p in [*parts, text[start:]] if p.strip())


BEGAN = "$began"
"""Beside the performers of elements: who began the case, after another has taken their place."""
