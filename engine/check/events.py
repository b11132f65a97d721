"""Which event may stand where. Sources: BPMN 2.0.2, 10.5 (events), 10.3.5 and 10.7 (sub-processes,
compensation), tables 10.84 to 10.101.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from engine.check.document import (
    Document,
    children,
    first,
    is_executable,
    is_true,
    kind_of,
    process_of,
    spot,
    text_of,
    texts,
)
from engine.check.finding import Finding, found
from engine.check.metamodel import is_a

_SUFFIX = "EventDefinition"
ALLOWED = {
    "top": {"message", "timer", "conditional", "signal"},
    "inner": set(),
    "by-event": {"message", "timer", "escalation", "error", "compensate", "conditional", "signal"},
    "intermediateCatchEvent": {"message", "timer", "conditional", "link", "signal"},
    "intermediateThrowEvent": {"message", "escalation", "compensate", "link", "signal"},
    "boundaryEvent": {
        "message", "timer", "escalation", "error", "cancel", "compensate", "conditional", "signal",
    },
    "endEvent": {"message", "escalation", "error", "cancel", "compensate", "signal", "terminate"},
}  # fmt: skip
"""Which triggers the standard allows where (table 10.93); start events by what they are in."""

ALWAYS_INTERRUPT = {"error", "cancel", "compensate"}


def check_events(document: Document) -> Iterator[Finding]:
    """Findings about the definitions of events, where they stand and what belongs to them."""
    for node in document.flow_nodes():
        if is_a(kind_of(node), "event"):
            yield from _event(document, node)
    for scope in document.all("subProcess", "transaction", "adHocSubProcess"):
        if is_true(scope, "triggeredByEvent"):
            yield from _event_sub_process(document, scope)
    yield from _links(document)
    yield from _shared(document)
    yield from _called(document)
    for definition in document.all("compensateEventDefinition"):
        yield from _compensated(document, definition)


def triggers(document: Document, event: Any) -> list[str]:
    """What an event waits for or throws: "message", "timer", and so on."""
    return [kind_of(d).removesuffix(_SUFFIX) for d in document.definitions_of(event)]


def _place(event: Any) -> str:
    kind = kind_of(event)
    if kind != "startEvent":
        return kind
    around = event.getparent()
    if not is_a(kind_of(around), "subProcess"):
        return "top"
    return "by-event" if is_true(around, "triggeredByEvent") else "inner"


def _event(document: Document, event: Any) -> Iterator[Finding]:
    path, place, kinds = document.path, _place(event), triggers(document, event)
    allowed = ALLOWED.get(place)
    for kind in kinds:
        if allowed is not None and kind not in allowed:
            useful = allowed if _has_transaction(document, event) else allowed - {"cancel"}
            words = ", ".join(sorted(useful))
            yield found(path, "event-not-here", spot(event), kind=kind, allowed=words)
    if place in {"boundaryEvent", "intermediateCatchEvent", "by-event"} and not kinds:
        yield found(path, "no-event", spot(event))
    if place in {"boundaryEvent", "by-event"}:
        name = "cancelActivity" if place == "boundaryEvent" else "isInterrupting"
        for kind in set(kinds) & ALWAYS_INTERRUPT if not is_true(event, name, "true") else ():
            yield found(path, "must-interrupt", spot(event), kind=kind)
    if place == "boundaryEvent":
        yield from _boundary(document, event, kinds)
    if place == "endEvent" and "cancel" in kinds:
        yield from _cancelled(document, event)
    yield from _payload(document, event)


def _has_transaction(document: Document, event: Any) -> bool:
    """Whether there is a transaction for the event to cancel, or whose cancelling it catches."""
    host = document.named(event, event.get("attachedToRef", ""))
    if host is not None:
        return kind_of(host) == "transaction"
    return _inside(event, "transaction") is not None


def _inside(element: Any, kind: str) -> Any:
    """The innermost element of that kind around one, None without one."""
    around = element.getparent()
    while around is not None and kind_of(around) != kind:
        around = around.getparent()
    return around


def _cancelled(document: Document, event: Any) -> Iterator[Finding]:
    """A cancel end event stands in a transaction, which is left by its cancel event (10.3.5)."""
    transaction = _inside(event, "transaction")
    if transaction is None:
        yield found(document.path, "cancel-outside", spot(event))
        return
    border = document.attached.get(transaction.get("id", ""), ())
    if not any("cancel" in triggers(document, one) for one in border):
        ref = transaction.get("name") or transaction.get("id")
        yield found(document.path, "cancel-uncaught", spot(event), ref=ref)


def _boundary(document: Document, event: Any, kinds: list[str]) -> Iterator[Finding]:
    path, host = document.path, document.named(event, event.get("attachedToRef", ""))
    if host is None:
        yield found(path, "boundary-alone", spot(event))
    else:
        if not is_a(kind_of(host), "activity") or is_true(host, "triggeredByEvent"):
            yield found(path, "boundary-alone", spot(event))
        elif host.getparent() is not event.getparent():
            yield found(path, "boundary-elsewhere", spot(event))
        if "cancel" in kinds and kind_of(host) != "transaction":
            yield found(path, "cancel-outside", spot(event))
    if "compensate" in kinds:
        handlers = [
            document.named(a, a.get("targetRef", ""))
            for a in document.associations.get(event.get("id", ""), ())
        ]
        if not any(h is not None and is_a(kind_of(h), "activity") for h in handlers):
            yield found(path, "no-compensation", spot(event))
        if len(handlers) > 1:
            yield found(path, "handlers-several", spot(event))
        for handler in handlers:
            if handler is None or not is_a(kind_of(handler), "activity"):
                continue
            if not is_true(handler, "isForCompensation"):
                yield found(path, "not-for-compensation", spot(handler))


def _payload(document: Document, event: Any) -> Iterator[Finding]:
    """An event with data has as many of them as it has definitions (10.5.1)."""
    name = "dataInput" if is_a(kind_of(event), "throwEvent") else "dataOutput"
    count = sum(1 for _ in children(event, name))
    if count and count != len(document.definitions_of(event)):
        yield found(document.path, "event-data", spot(event), count=count)


def _event_sub_process(document: Document, scope: Any) -> Iterator[Finding]:
    count = sum(1 for _ in children(scope, "startEvent"))
    if count != 1:
        yield found(document.path, "event-sub-process-start", spot(scope), count=count)
    key = scope.get("id", "")
    if document.incoming.get(key) or document.outgoing.get(key) or (
        texts(scope, "incoming") or texts(scope, "outgoing")
    ):  # fmt: skip
        yield found(document.path, "event-sub-process-flow", spot(scope), other=scope.get("id"))


def _links(document: Document) -> Iterator[Finding]:
    """A link that is thrown is caught once in the same scope (10.5.4)."""
    catches: dict[tuple[Any, str], int] = defaultdict(int)
    throws: list[tuple[Any, Any]] = []
    thrown: set[tuple[Any, str]] = set()
    for definition in document.all("linkEventDefinition"):
        event = definition.getparent()
        key = (event.getparent(), (definition.get("name") or "").strip())
        if not key[1]:
            named = any(children(definition, "source", "target"))
            rule = "missing-formality" if named else "link-unnamed"
            kind = "linkEventDefinition"
            yield found(document.path, rule, spot(event), kind=kind, key="name")
        if kind_of(event) == "intermediateCatchEvent":
            catches[key] += 1
        elif kind_of(event) == "intermediateThrowEvent":
            throws.append((event, definition))
            thrown.add(key)
    for event, definition in throws:
        key = (event.getparent(), (definition.get("name") or "").strip())
        yield from _thrown_link(document, event, (definition, catches[key]))
    for definition in document.all("linkEventDefinition"):
        event = definition.getparent()
        key = (event.getparent(), (definition.get("name") or "").strip())
        if kind_of(event) != "intermediateCatchEvent":
            continue
        sources = [document.named(event, t) for t in texts(definition, "source")]
        if any(s is not None and _goes_to(document, s, definition) for s in sources):
            continue
        if key not in thrown:
            yield found(document.path, "link-not-thrown", spot(event), link=key[1])
        elif sources:
            yield found(document.path, "link-one-sided", spot(event), link=key[1])
        elif catches[key] > 1:
            yield found(document.path, "link-caught-twice", spot(event), link=key[1])


def _goes_to(document: Document, source: Any, target: Any) -> bool:
    """Whether a link that is thrown names the one that catches it, or none and both are called
    alike.
    """
    named = first(source, "target")
    if named is None:
        return (source.get("name") or "").strip() == (target.get("name") or "").strip()
    return document.named(source, text_of(named)) is target


def _thrown_link(document: Document, event: Any, link: tuple[Any, int]) -> Iterator[Finding]:
    definition, catches = link
    name = definition.get("name") or ""
    named = first(definition, "target")
    if named is None:
        if catches == 0:
            yield found(document.path, "link-not-caught", spot(event), link=name)
        return
    target = document.named(event, text_of(named))
    if target is None:
        return
    sources = [document.named(target, text) for text in texts(target, "source")]
    if definition not in sources:
        yield found(document.path, "link-one-sided", spot(event), link=name)
    if target.getparent().getparent() is not event.getparent():
        yield found(document.path, "link-leaves", spot(event), link=name)


def _shared(document: Document) -> Iterator[Finding]:
    """A definition inside an event that throws belongs to that event alone (10.5.5)."""
    for reference in document.all("eventDefinitionRef"):
        target = document.named(reference, text_of(reference))
        if target is not None and is_a(kind_of(target.getparent()), "throwEvent"):
            yield found(document.path, "definition-shared", spot(reference), ref=target.get("id"))


def _called(document: Document) -> Iterator[Finding]:
    """A process that is called begins with a start event without a trigger (10.3.6)."""
    called = {c.get("calledElement") for c in document.all("callActivity")}
    for process in document.all("process"):
        starts = list(children(process, "startEvent"))
        if process.get("id") not in called or not starts:
            continue
        if all(triggers(document, start) for start in starts):
            yield found(document.path, "called-start", spot(process))


def _compensated(document: Document, definition: Any) -> Iterator[Finding]:
    """What is thrown to be undone lies in the same process as the event."""
    target = document.named(definition, definition.get("activityRef", ""))
    if target is None or not is_executable(definition):
        return
    if process_of(target) is not process_of(definition):
        yield found(document.path, "compensation-elsewhere", spot(definition),
                    ref=definition.get("activityRef"))  # fmt: skip
