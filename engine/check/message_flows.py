"""Where message flows may lead: from what sends to what receives, in another pool.

Sources: BPMN 2.0.2, 7.6.2 (connection rules), 9.3 (message flow), 10.5.1 (events that catch and
events that throw).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.check.document import Document, kind_of, process_of, spot
from engine.check.finding import Finding, found
from engine.check.metamodel import is_a

CATCHERS = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})
"""What only receives."""

THROWERS = frozenset({"endEvent", "intermediateThrowEvent", "sendTask"})
"""What only sends."""


def check_message_flows(document: Document) -> Iterator[Finding]:
    """Findings about the ends of message flows and the messages that they name."""
    for flow in document.all("messageFlow"):
        source = document.named(flow, flow.get("sourceRef", ""))
        target = document.named(flow, flow.get("targetRef", ""))
        if source is None or target is None:
            continue
        if pool_of(document, source) is pool_of(document, target):
            yield found(document.path, "message-in-one-pool", spot(flow))
        yield from _named(document, flow, (source, target))
        yield from _ends(document, flow, (source, target))


def _named(document: Document, flow: Any, ends: tuple[Any, Any]) -> Iterator[Finding]:
    messages = [m for m in (_messages(document, e) for e in (*ends, flow)) if m]
    if messages and not frozenset.intersection(*messages):
        names = ", ".join(sorted(frozenset.union(*messages)))
        yield found(document.path, "message-differs", spot(flow), messages=names)


def _ends(document: Document, flow: Any, ends: tuple[Any, Any]) -> Iterator[Finding]:
    """To turn a flow round helps only where both ends can then do what is asked of them."""
    path, where, (source, target) = document.path, spot(flow), ends
    if kind_of(source) in CATCHERS:
        can = kind_of(target) not in CATCHERS and _may_speak(document, target)
        sender = _name(target) if can else ""
        yield found(path, "message-from-catcher", where, other=_name(source), sender=sender)
    if kind_of(target) in THROWERS:
        can = kind_of(source) not in THROWERS and _may_speak(document, source)
        receiver = _name(source) if can else ""
        yield found(path, "message-to-thrower", where, other=_name(target), receiver=receiver)
    for end, wrong in ((source, CATCHERS), (target, THROWERS)):
        kind = kind_of(end)
        if not is_a(kind, "event") or kind in wrong or speaks(document, end):
            continue
        event = "" if not _may_speak(document, end) else _name(end)
        yield found(path, "message-at-other-event", where, other=_name(end), event=event)


def _messages(document: Document, item: Any) -> frozenset[str]:
    """Ids of the messages that an element or a message flow names."""
    named = [item, *(document.definitions_of(item) if is_a(kind_of(item), "event") else ())]
    return frozenset(document.id_of(e, "messageRef") for e in named if e.get("messageRef"))


def speaks(document: Document, event: Any) -> bool:
    """Whether an event sends or receives a message."""
    return any(kind_of(d) == "messageEventDefinition" for d in document.definitions_of(event))


def _may_speak(document: Document, end: Any) -> bool:
    """Whether an end can be given a message: no event that has another trigger already, or stands
    where none may have one, as the start of a sub-process.
    """
    if not is_a(kind_of(end), "event") or speaks(document, end):
        return True
    around = end.getparent()
    is_inner = is_a(kind_of(around), "subProcess") and kind_of(end) == "startEvent"
    return not is_inner and not document.definitions_of(end)


def pool_of(document: Document, end: Any) -> Any:
    """The process of an element or of a pool; a pool without a process is its own."""
    if kind_of(end) == "participant":
        process = document.named(end, end.get("processRef", ""))
        return end if process is None else process
    process = process_of(end)
    return end if process is None else process


def _name(element: Any) -> str:
    return " ".join((element.get("name") or "").split()) or element.get("id") or kind_of(element)
