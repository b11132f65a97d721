"""How texts in drawings are spelt: lists, plain numbers, and times in ISO 8601."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

_SPAN = re.compile(
    r"P(?=.)(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?(T(?=\d).+)?\Z", re.ASCII
)
_FRACTION = re.compile(r"([0-9]{1,9}[.,][0-9]{1,9})([WDHM])\Z")
_SECONDS = {"W": 604_800, "D": 86_400, "H": 3_600, "M": 60}
_REPEATED = re.compile(r"=\s*cycle\s*\((?:(?P<times>[^,()]*),)?(?P<span>.*)\)\s*\Z", re.DOTALL)
_WRITTEN = re.compile(r"""\s*(?:duration\s*\(\s*|@\s*)"(P[^"\\]*)"\s*\)?\s*\Z""")
_NO_SECONDS = re.compile(r"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(?=Z|[+\-@]|\Z)")


def is_iso(text: str) -> bool:
    """Whether a timer's text is plain ISO 8601 rather than FEEL."""
    return (
        (text[:1] == "P" and text[1:2] in "0123456789T")
        or is_number(text[:1])
        or (text[:1] == "R" and (text[1:2] == "/" or is_number(text[1:2])))
    )


def repeated(text: str) -> str | None:
    """What a timer says in the words of Camunda 8, =cycle(3, duration("PT1H")), as ISO 8601 or as
    FEEL that gives it; None for any other text.
    """
    found = _REPEATED.match(text.strip())
    if found is None:
        return None
    times, span = (found["times"] or "").strip(), found["span"].strip()
    written = _WRITTEN.match(span)
    if found["times"] is None and "," in span:
        return None
    plain = not times or is_number(times)
    if written is not None and plain:
        return f"R{times}/{written[1]}"
    many = f'"R{times}/"' if plain else f'"R" + string({times}) + "/"'
    return f"={many} + string({span})"


def with_seconds(text: str) -> str:
    """A written time with its seconds: ISO 8601 lets them be left out, FEEL does not."""
    return _NO_SECONDS.sub(r"\1:00", text)


def spans(text: str) -> tuple[str, ...]:
    """A span of ISO 8601 in the parts that FEEL reads, to be added one after the other: years and
    months, then days and times; a week is seven days. Any other text is the only part.
    """
    found = _SPAN.match(_unbroken(text))
    if found is None:
        return (text,)
    years, months, weeks, days, clock = found.groups()
    whole = "" if weeks is None and days is None else f"{int(weeks or 0) * 7 + int(days or 0)}D"
    late = f"P{whole}{(clock or '').replace(',', '.')}" if whole or clock else ""
    early = f"P{years or 0}Y{months or 0}M" if years or months else ""
    return tuple(part for part in (early, late) if part)


def _unbroken(text: str) -> str:
    """The span with a fraction of its last part in seconds: ISO 8601 lets any part have one."""
    broken = _FRACTION.search(text)
    if broken is None:
        return text
    number, unit = broken.groups()
    has_clock = "T" in text
    if has_clock != (unit in "HM"):
        return text  # A part of a month is of no certain length.
    seconds = Decimal(number.replace(",", ".")) * _SECONDS[unit]
    return f"{text[: broken.start()]}{'' if has_clock else 'T'}{seconds.normalize():f}S"


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
"""Beside the performers of elements: the person who began the case, and by which account after
another has taken their place."""

DONE_BY = "done_by"
"""What the outputs of a task for people may name: {"account", "whose", "at"} of who has done it.
whose: for whom they acted, null for themselves."""
