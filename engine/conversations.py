"""Plain, key-based correlation: keys that a conversation gets from its own messages (BPMN 2.0.2,
8.4.2).

A message belongs to each correlation key for all of whose properties it has a retrieval
expression. The first message of a conversation that a case sends or receives populates those of
its keys that the message gives a value for every property; a key that a later message gives
first is added. What is received afterwards belongs to the conversation when a key that it gives
is populated there, and every such key has its value. While none of its keys is, any value will do.

The first correlation key of a file is spelled as its values alone, as those who subscribe to it or
give it themselves spell it; the others also hold their name, lest 5 of one be 5 of another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
Wait = Mapping[str, Any]
"""What is written down of a message that is awaited: name, correlation; in a conversation `keys`,
its ways, and `populated`, the texts of those keys by name, where there are several.
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
    whole = correlation.in_order(event, event.retrieval, view, world, element)
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


@dataclass(frozen=True)
class Message:
    """A message on its way; `key`: the one that it has been given, if any."""

    name: str
    key: Key | None
    data: Record


def takes(wait: Wait, message: Message, events: Sequence[EventDefinition], now: datetime) -> bool:
    """Whether the message is the one that is awaited so, as one of the events. Raises StepFailed
    where its properties cannot be worked out.
    """
    if wait.get("name") != message.name:
        return False
    key = message.key or key_at(events, message.name, message.data, now)
    if not meets(wait, key):
        return False
    return not contradicts(wait, message.data, key, World(now, {}), message.name)


def meets(wait: Wait, key: Key | None) -> bool:
    """Whether a message under the key is awaited under one of its texts."""
    awaited = texts_of(wait)
    if key is None:
        return awaited == (None,)
    return not {*awaited}.isdisjoint(key.texts) or (awaited == (ANY,) and key.is_known)


def texts_of(wait: Wait) -> tuple[Any, ...]:
    """Under what is awaited: one text, several where several keys are populated, None for none."""
    return tuple(dict.fromkeys((wait.get("correlation"), *others_of(wait))))


def others_of(wait: Wait) -> tuple[str, ...]:
    """Under what is awaited beside its first key."""
    first, populated = wait.get("correlation"), wait.get("populated", {})
    return tuple(text for text in populated.values() if text != first)


def contradicts(wait: Wait, data: Record, key: Key | None, world: World, element: str) -> bool:
    """Whether the message gives another value for a key that is populated, though it has that of
    another one (8.4.2: each must match).
    """
    populated = wait.get("populated")
    if not populated:
        return False
    given = () if key is None else key.texts
    derived = values_of(wait["keys"], data, world, element)
    return any(
        name in derived and derived[name].text != text and text not in given
        for name, text in populated.items()
    )


def populated(event: EventDefinition, data: Record, now: datetime, element: str) -> Record:
    """What is written down of the keys of the conversation that a message begins, where it gives
    several of them; else nothing.
    """
    found = values_of(event.conversation, data, World(now, {}), element)
    return {"populated": {n: k.text for n, k in found.items()}} if len(found) > 1 else {}


def agrees(begun: Wait, message: Wait) -> bool:
    """Whether what has begun has no other value of a key than the message."""
    before: Mapping[str, str] = begun.get("populated", {})
    given: Mapping[str, str] = message.get("populated", {})
    return all(before.get(name, text) == text for name, text in given.items())
