"""Keys of messages as they were spelled before 2026-11-23: the parts as Python writes them, joined
by "|".

Cases still wait under such keys, and messages kept for them lie in errands. The spelling does not
say of which kind a value was, nor where a part ends; so whoever waited is met as loosely as then:
by every key that was spelled so, and an early message meets everyone whom it may have meant.
"""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from itertools import islice, product
from typing import Any

from engine import expressions, feel, values
from engine.errors import ValueRefused

MOST_READINGS = 64
"""How many keys one spelling is taken for at most."""
LONGEST_LITERAL = 2000
_NUMBER = re.compile(r"-?\d+(\.\d+)?(E[+-]\d+)?\Z", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?[+-]\d\d:\d\d\Z", re.ASCII)

_NO_LITERAL = (ValueError, TypeError, SyntaxError, MemoryError, RecursionError, ValueRefused)


def spelled(parts: Sequence[Any]) -> str:
    """A key as it was spelled."""
    return "|".join(map(str, parts))


def spellings(parts: Sequence[Any]) -> tuple[str, ...]:
    """How a key of these parts may have been spelled; in no way if no case kept such values then.

    The parts are taken as the journal keeps them, with names in their order and instants in UTC:
    a case that is run again must come to the same texts. Numbers are spelled in their shortest
    form too, and instants in local time.
    """
    try:
        kept = values.decode(values.encode(values.check(feel.narrowed(list(parts)))))
    except ValueRefused:
        return ()
    return tuple(dict.fromkeys((spelled(kept), spelled([_as_often(part) for part in kept]))))


def _as_often(part: Any) -> Any:
    if isinstance(part, Decimal):
        return feel.canonical(part)
    if isinstance(part, datetime):
        with suppress(OverflowError):
            return part.astimezone(expressions.ZONE)
    return part


def readings(text: str) -> list[list[Any]]:
    """The parts of which a key may have been spelled so; the text alone comes first."""
    found = (parts for cut in _cuts(text.split("|")) for parts in product(*map(_kinds, cut)))
    return [list(parts) for parts in islice(found, MOST_READINGS)]


def _cuts(pieces: list[str]) -> Iterator[list[str]]:
    """Every way to join neighbours, from one part to as many as there are pieces."""
    yield ["|".join(pieces)]
    for end in range(1, len(pieces)):
        for rest in _cuts(pieces[end:]):
            yield ["|".join(pieces[:end]), *rest]


def _kinds(text: str) -> list[Any]:
    """The values that were spelled so, the text itself first."""
    found: list[Any] = [text]
    with suppress(ValueError, ArithmeticError):
        if _NUMBER.match(text):
            found.append(Decimal(text))
        elif _DAY.match(text):
            found.append(date.fromisoformat(text))
        elif _INSTANT.match(text):
            found.append(datetime.fromisoformat(text))
    if text in ("True", "False"):
        found.append(text == "True")
    if text[:1] in ("[", "{") and len(text) <= LONGEST_LITERAL:
        with suppress(*_NO_LITERAL):
            found.append(values.check(literal_eval(text)))
    return found
