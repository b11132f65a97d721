"""Correlation keys and who subscribes to them: each property of a key is needed at every end.

Sources: BPMN 2.0.2, 8.4.2 (a key is populated only when all of its properties are; a subscription
binds those of its key).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.check.document import Document, children, is_true, kind_of, spot, texts
from engine.check.finding import Finding, found


def check_subscriptions(document: Document) -> Iterator[Finding]:
    """Findings about keys that nothing can populate, and subscriptions that miss their key."""
    ways = {p.get("id", ""): _read_from(document, p) for p in document.all("correlationProperty")}
    for key in document.all("correlationKey"):
        properties = _properties(document, key)
        if not properties:
            yield found(document.path, "key-empty", spot(key))
        read = set().union(*(ways.get(one, {}) for one in properties))
        begins = _beginning(document, key)
        if properties and not begins & _read_by_any(document, key, ways):
            read |= begins
        for one in properties:
            missing = sorted(_name(document, m) for m in read - ways.get(one, set()))
            if missing and one in ways:
                yield found(
                    document.path, "key-part-unread", spot(document.by_id[one]),
                    key=_name(document, key.get("id", "")), messages=", ".join(missing),
                )  # fmt: skip
    for subscription in document.all("correlationSubscription"):
        yield from _subscription(document, subscription)


def _beginning(document: Document, key: Any) -> set[str]:
    """The messages that begin a case of who takes part in the collaboration of a key: its
    conversation begins with them.
    """
    around = key.getparent()
    if kind_of(around) != "collaboration":
        return set()
    parties = {document.id_of(one, "processRef") for one in children(around, "participant")}
    events = [
        definition
        for start in document.all("startEvent")
        if kind_of(start.getparent()) == "process"
        and (not parties or start.getparent().get("id") in parties)
        for definition in document.definitions_of(start)
        if kind_of(definition) == "messageEventDefinition"
    ]
    tasks = [task for task in document.all("receiveTask") if is_true(task, "instantiate")]
    found = {document.id_of(one, "messageRef") for one in (*events, *tasks)}
    return {one for one in found if one in document.by_id}


def _read_by_any(document: Document, key: Any, ways: dict[str, set[str]]) -> set[str]:
    """The messages of which a key of the same collaboration reads a part."""
    beside = children(key.getparent(), "correlationKey")
    found = (ways.get(one, set()) for other in beside for one in _properties(document, other))
    return set[str]().union(*found)


def _subscription(document: Document, subscription: Any) -> Iterator[Finding]:
    key = document.named(subscription, subscription.get("correlationKeyRef", ""))
    if key is None:
        return
    wanted = _properties(document, key)
    bound = [
        document.id_of(one, "correlationPropertyRef")
        for one in children(subscription, "correlationPropertyBinding")
    ]
    if sorted(bound) != sorted(wanted):
        names = ", ".join(_name(document, one) for one in wanted)
        yield found(
            document.path, "subscription-differs", spot(subscription),
            key=_name(document, key.get("id", "")), properties=names,
        )  # fmt: skip


def _properties(document: Document, key: Any) -> list[str]:
    """Ids of the properties of a key, as far as they are there."""
    named = (document.named(key, ref) for ref in texts(key, "correlationPropertyRef"))
    return [one.get("id", "") for one in named if one is not None]


def _read_from(document: Document, one: Any) -> set[str]:
    """The messages that give a value of a property."""
    ways = children(one, "correlationPropertyRetrievalExpression")
    return {document.id_of(way, "messageRef") for way in ways}


def _name(document: Document, key: str) -> str:
    element = document.by_id.get(key)
    return key if element is None else element.get("name") or key
