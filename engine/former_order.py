"""Who waits under a key whose parts stand in the order in which its process subscribes to them.

Until 2026-11-23 a key was spelled so; today its parts stand in the order of the file, for everyone
alike. A case that waits since before is met by what its text meant then, and by nothing else: the
text may be, by today's order, that of other values. Its journal says by which order it waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import conversations, correlation
from engine.bpmn import EventDefinition
from engine.conversations import Message
from engine.correlation import MARK, Key
from engine.tables import Entry, Wait
from engine.values import Value
from engine.world import KEYS_IN_ORDER, World

MANY = f"{MARK}%|%"
"""What keys of several parts are like; those too long to be kept as they are begin with "≡#"."""
HASHED = f"{MARK}#%"


def is_of_parts(key: Key) -> bool:
    """Whether a key may have several parts."""
    return key.text.startswith((f"{MARK}#", f"{MARK}?")) or (
        key.text.startswith(MARK) and "|" in key.text
    )


def has_parts() -> sa.ColumnElement[bool]:
    """The rows of `Wait` that are under such a key."""
    return sa.or_(Wait.correlation.like(MANY), Wait.correlation.like(HASHED))


@dataclass(frozen=True)
class Then:
    """A message, as it was met before."""

    session: Session
    message: Message
    now: datetime

    def key(
        self, case_id: int, element: str, awaited: Value, events: Sequence[EventDefinition]
    ) -> Key | None:
        """The key that the message has for a case which waits for it under a text of the former
        order; None for a case that does not. Raises StepFailed as its properties do.
        """
        message, world = self.message, World(self.now, {})
        event = next((e for e in events if e.kind == "message" and e.name == message.name), None)
        if event is None or not event.formerly:
            return None
        before = [event.retrieval[number] for number in event.formerly]
        today, former = (
            correlation.evaluated(sources, message.data, world, message.name)
            for sources in (event.retrieval, before)
        )
        if today == former or awaited not in (today.text, former.text):
            return None
        if message.key is not None and today.text not in message.key.texts:
            return None
        return Key(former.text) if _waits_since_then(self.session, case_id, element) else None

    def meant(
        self,
        case_id: int,
        element: str,
        wait: conversations.Wait,
        events: Sequence[EventDefinition],
    ) -> Message:
        """The message under the key that it has for whoever waits so."""
        key = self.key(case_id, element, wait.get("correlation"), events)
        return self.message if key is None else replace(self.message, key=key)


def _waits_since_then(session: Session, case_id: int, element: str) -> bool:
    """Whether a case has waited there since before its first step by the order of today."""
    noted = sa.type_coerce(Entry.facts, sa.Text).contains(f'"{KEYS_IN_ORDER}"')
    own = sa.select(Entry.seq).where(Entry.case_id == case_id)
    first = session.scalar(own.where(noted).order_by(Entry.seq).limit(1))
    if first is None:
        return True
    since = sa.select(Entry.rest).where(Entry.case_id == case_id, Entry.seq >= first - 1)
    return first > 1 and all(
        any(place == element for place, _state in rest["marking"])
        for rest in session.scalars(since)
        if "marking" in rest
    )
