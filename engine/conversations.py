"""Plain, key-based correlation: keys that a conversation gets from its own messages (BPMN 2.0.2,
8.4.2).

A message belongs to each correlation key for all of whose properties it has a retrieval
expression. The first message of a conversation that a case sends or receives populates those of
its keys that the message gives a value for every property; a key that a later message gives
first is added. What is received afterwards must have the value of the first key, in the order of
the file, that it belongs to and that is populated. While none is, any value will do.

The first correlation key of a file is spelled as its values alone, as those who subscribe to it or
give it themselves spell it; the others also hold their name, lest 5 of one be 5 of another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from engine import correlation
from engine.bpmn import EventDefinition
from engine.correlation import MARK, Key
from engine.values import Record
from engine.world import World

ANY = f"{MARK}?any"
"""Under which a case waits for a message that will populate a key; no key is spelled like it."""

Ways = Sequence[tuple[str, Sequence[str]]]
"""The keys to which a message belongs: the name of each, "" for the first of the file, with FEEL
over the message for each of its properties.
"""


def values_of(ways: Ways, view: Record, world: World, element: str) -> dict[str, Key]:
    """The keys for which the message has all values, by their names. Raises StepFailed."""
    found = {}
    for name, paths in ways:
        sources = [*paths, *([_literal(name)] if name else [])]
        key = correlation.evaluated(sources, view, world, element)
        if key.is_known:
            found[name] = key
    return found


def _literal(name: str) -> str:
    return '"{}"'.format(name.replace("\\", "\\\\").replace('"', '\\"'))


def key_of(event: EventDefinition, view: Record, world: World, element: str) -> Key | None:
    """The key of a message that has none of its own, by the properties of its drawing; None
    without any. It is met by who waits under any key of the conversation to which it belongs.
    """
    if not event.retrieval:
        return None
    whole = correlation.evaluated(event.retrieval, view, world, element)
    keys = list(values_of(event.conversation, view, world, element).values())
    return together([whole, *keys] if whole.is_known else keys or [whole])


def key_at(
    events: Sequence[EventDefinition], message: str, data: Record, now: datetime
) -> Key | None:
    """The key that a message without one has for who waits for it as one of the events."""
    event = next((e for e in events if e.kind == "message" and e.name == message), None)
    return None if event is None else key_of(event, data, World(now, {}), message)


def together(keys: Sequence[Key]) -> Key:
    """One key that is met by who waits under any of them."""
    if len({key.text for key in keys}) == 1:
        return keys[0]
    first, *others = dict.fromkeys(text for key in keys for text in key.texts)
    return Key(first, tuple(others))


def meets(wait: Mapping[str, object], key: Key | None) -> bool:
    """Whether a message under the key is one that is awaited so."""
    awaited = wait.get("correlation")
    if key is None:
        return awaited is None
    return awaited in key.texts or (awaited == ANY and key.is_known)
