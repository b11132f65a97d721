"""Keys of messages: what a message and the case that waits for it have to agree on.

The values of all parts must match (BPMN 2.0.2, 8.4.2), and they match when FEEL calls them equal
(DMN 1.5, 10.3.2.3.2): 1.0 is 1, but the number 1 is not the text "1", and the list ["a|b", "c"]
is not ["a", "b|c"]. A part that is null is equal to nothing. So that databases can compare keys,
each is one text, and two texts are the same exactly when the keys are:

- A key of one text alone is that text, for callers that know nothing of this: "VT-2026-0001".
- Every other key begins with MARK, which no text alone may do: a text that does, or that looks
  like another value or a key of several parts, is written as FEEL writes texts, behind the mark.

Before 2026-11-23 a key was its parts as Python writes them, joined by "|". Cases still wait under
such keys: none of the texts that `_OTHERS` finds is a key on its own now, so that whoever waits
under one began to before. A sender offers it beside the key of today.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine import expressions, feel
from engine.values import Record
from engine.world import World

MARK = "≡"
LONGEST = 300
"""Letters that a key may have; a longer one is known by its SHA-256."""
AWAITED, SENT = "awaited", "sent"
_OTHERS = re.compile(r"[-0-9\[{?≡]|(True|False)\Z|[^|]*\|")
_TAKEN = (MARK, "? ")
"""How no text alone may begin that is to be told from other keys, those of before too."""
_UNKNOWN = {f"{MARK}?{AWAITED}", f"{MARK}?{SENT}", f"? {AWAITED}", f"? {SENT}"}
_SPELLED = (str, int, Decimal, date, datetime, list, dict)


@dataclass(frozen=True)
class Key:
    """A key as text, and how the same was spelled before where that was another text that could
    be told from others: rows and cases that are older wait under that.
    """

    text: str
    formerly: str | tuple[str, ...] | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts under which its receivers may wait."""
        if self.formerly is None or isinstance(self.formerly, str):
            return (self.text,) if self.formerly is None else (self.text, self.formerly)
        return (self.text, *self.formerly)

    @property
    def is_known(self) -> bool:
        """Whether no part of it is null: no other key is equal to one that is not known."""
        return self.text not in _UNKNOWN

    @property
    def record(self) -> Record:
        """What an errand holds of it; `of_errand` reads it."""
        found: Record = {"correlation": self.text}
        if self.formerly is None or isinstance(self.formerly, str):
            return found if self.formerly is None else {**found, "formerly": self.formerly}
        return {**found, "formerly": list(self.formerly)}


def evaluated(
    sources: Sequence[str], view: Record, world: World, element: str, *, side: str = SENT
) -> Key:
    """The key whose parts those expressions give. Raises StepFailed, also for what has no equal,
    such as a function.

    side: on which an unknown key is; one that is awaited is not the same as one that is sent.
    """
    parts = [expressions.comparable(text, view, world, element) for text in sources]
    if world.by_value:
        key = of_parts(parts, side)
        if key.text.startswith(MARK):
            world.note_by_value()
        return key
    return Key(_spelled(parts, side))


def of_parts(parts: Sequence[Any], side: str = SENT) -> Key:
    """The key of values that FEEL can compare."""
    if None in parts:
        return Key(f"{MARK}?{side}")
    spelled = _spelled(parts, side)
    if len(parts) == 1 and isinstance(parts[0], str) and _is_plain(parts[0]):
        return Key(parts[0])
    text = MARK + "|".join(feel.canonical(part) for part in parts)
    if len(text) > LONGEST:
        text = f"{MARK}#{hashlib.sha256(text.encode()).hexdigest()}"
    return Key(text, spelled if _could_be_told(parts, spelled) else None)


def of_text(text: str) -> Key:
    """The key of a text alone, as callers from outside and the operation `cases.message` give
    it.
    """
    return of_parts([text])


def in_errand(text: str) -> str:
    """What an errand holds of the key of a text alone: the text, as ever, unless `of_errand` would
    take it for another key.
    """
    return of_text(text).text if text.startswith(_TAKEN) else text


def of_errand(order: Mapping[str, Any]) -> Key | None:
    """The key in the order of an errand, None without any. What is not marked is a text, which
    meets those too who wait under what was spelled like it before.
    """
    text = order.get("correlation")
    if text is None:
        return None
    return Key(text, order.get("formerly")) if text.startswith(_TAKEN) else of_text(text)


def _is_plain(text: str) -> bool:
    return len(text) <= LONGEST and not _OTHERS.match(text)


def _spelled(parts: Sequence[Any], side: str) -> str:
    """A key as it was spelled before."""
    if None in parts:
        return f"? {side}"
    return "|".join(str(feel.narrowed(part)) for part in parts)


def _could_be_told(parts: Sequence[Any], spelled: str) -> bool:
    """Whether the spelling was that of no other key of its kind, nor is it one of today."""
    if spelled.startswith(_TAKEN) or not all(isinstance(p, _SPELLED) for p in parts):
        return False
    return len(parts) == 1 or not any("|" in str(part) for part in parts)
