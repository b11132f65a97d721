"""Keys of messages: what a message and the case that waits for it have to agree on.

The values of all parts must match (BPMN 2.0.2, 8.4.2), and they match when FEEL calls them equal
(DMN 1.5, 10.3.2.3.2): 1.0 is 1, but the number 1 is not the text "1", and the list ["a|b", "c"]
is not ["a", "b|c"]. A part that is null is equal to nothing. So that databases can compare keys,
each is one text, and two texts are the same exactly when the keys are:

- A key of one text alone is that text, for callers that know nothing of this: "VT-2026-0001".
- Every other key is MARK and what FEEL writes for its parts. So is a text alone that begins with
  MARK, is too long, or looks like another value or a key of several parts: ≡"5" is the text "5".

Keys of before 2026-11-23 are read by `engine.former_keys`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import expressions, feel, former_keys
from engine.bpmn import EventDefinition
from engine.values import Record, check
from engine.world import KEYS_IN_ORDER, World

MARK = "≡"
LONGEST = 300
"""Letters that a key may have; a longer one is known by its SHA-256."""
AWAITED, SENT = "awaited", "sent"
_OTHERS = re.compile(r"[-0-9\[{?≡]|(True|False)\Z|[^|]*\|")
_TODAY = re.compile(
    r'≡(["\-0-9\[{?]|(null|true|false)(\||\Z)|(date|time|days|years|range) |#[0-9a-f]{64}\Z)'
)
"""How keys of today begin that have the mark; a text of before may have begun otherwise."""
_UNKNOWN = {f"{MARK}?{AWAITED}", f"{MARK}?{SENT}", f"? {AWAITED}", f"? {SENT}"}


@dataclass(frozen=True)
class Key:
    """A key as text, and the other texts under which those who wait for it may be: as it was
    spelled before, where that is no key of today; of a key of before, all that it may have been.
    """

    text: str
    others: tuple[str, ...] | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts under which its receivers may wait; none of a key that is not known, though
        somebody may have waited for that very text since before.
        """
        if self.others is None:
            return (self.text,)
        return (self.text, *self.others) if self.is_known else ()

    @property
    def is_known(self) -> bool:
        """Whether no part of it is null: no other key is equal to one that is not known."""
        return self.text not in _UNKNOWN

    @property
    def record(self) -> Record:
        """What an errand holds of it; `of_errand` reads it. One that is no plain text says what
        it was before, be it nothing: an errand that does not say so was written then.
        """
        found: Record = {"correlation": self.text}
        return found if self.others is None else {**found, "formerly": list(self.others)}


def evaluated(
    sources: Sequence[str], view: Record, world: World, element: str, *, side: str = SENT
) -> Key:
    """The key whose parts those expressions give.

    side: on which an unknown key is; one that is awaited is not the same as one that is sent.
    Raises StepFailed where an expression cannot be worked out, ValueRefused for what has no equal,
    such as a function.
    """
    if not world.by_value:
        parts = [expressions.value(text, view, world, element) for text in sources]
        return Key(f"? {side}" if None in parts else former_keys.spelled(parts))
    parts = [expressions.comparable(text, view, world, element) for text in sources]
    key = of_parts(parts, side)
    if key.text.startswith(MARK):
        world.note_by_value()
    return key


def in_order(
    event: EventDefinition,
    sources: Sequence[str],
    view: Record,
    world: World,
    element: str,
    *,
    side: str = SENT,
) -> Key:
    """Like `evaluated`, of the expressions of an event's properties: a step of older rules
    had them in the order in which its process subscribes to them.
    """
    found = evaluated(sources, view, world, element, side=side)
    if not event.formerly:
        return found
    before = [sources[number] for number in event.formerly]
    former = evaluated(before, view, world, element, side=side)
    return found if former == found or world.follows(KEYS_IN_ORDER) else former


def of_parts(parts: Sequence[Any], side: str = SENT) -> Key:
    """The key of values that FEEL can compare."""
    if any(part is None for part in parts):
        return Key(f"{MARK}?{side}", ())
    if len(parts) == 1 and isinstance(parts[0], str) and _is_plain(parts[0]):
        return Key(parts[0])
    text = MARK + "|".join(feel.canonical(part) for part in parts)
    if len(text) > LONGEST:
        text = f"{MARK}#{hashlib.sha256(text.encode()).hexdigest()}"
    return Key(text, tuple(filter(_is_former, former_keys.spellings(parts))))


def of_text(text: str) -> Key:
    """The key of a text alone, as callers from outside give it: "5" is a text and not the number.

    Raises ValueRefused for what no database keeps: the character NUL, half of a surrogate pair.
    """
    check(text, "correlation")
    return of_parts([text])


def of_errand(order: Mapping[str, Any]) -> Key | None:
    """The key in the order of an errand, None without any."""
    text = order.get("correlation")
    if text is None:
        return None
    formerly = order.get("formerly")
    return _of_before(text) if formerly is None else Key(text, tuple(formerly))


def of_start(sent: Key | None, said: Key | None) -> Key | None:
    """The key of a message that may begin a case: the one it was `sent` under, unless that is but
    another spelling of what the message itself `said`, as texts from outside are of numbers.
    """
    if sent is None or said is None or not said.is_known:
        return said if sent is None else sent
    return sent if {*sent.texts}.isdisjoint(said.texts) else said


def _of_before(text: str) -> Key:
    """The key in an errand of before, which does not say what its parts were: every key that was
    spelled so.
    """
    if _is_plain(text) or text in _UNKNOWN:
        return Key(text)
    first, *rest = (of_parts(parts).text for parts in former_keys.readings(text))
    return Key(first, tuple(dict.fromkeys((*rest, *filter(_is_former, [text])))))


def _is_plain(text: str) -> bool:
    return len(text) <= LONGEST and not _OTHERS.match(text)


def _is_former(text: str) -> bool:
    """Whether a spelling of before is no key of today, nor stands for one that is not known."""
    return text not in _UNKNOWN and not _TODAY.match(text) and not _is_plain(text)
