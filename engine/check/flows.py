"""Where sequence flows may lead, and which flows an element must have.

Sources: BPMN 2.0.2, 7.6 (connection rules), 8.4.13 (sequence flow), 10.5.2
to 10.5.4 (events), 10.3.5 (event sub-process).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.check.document import (
    Document,
    children,
    first,
    is_executable,
    is_true,
    kind_of,
    spot,
    texts,
)
from engine.check.finding import Finding, found
from engine.check.metamodel import is_a

_SCOPES = ("process", "subProcess", "transaction", "adHocSubProcess", "subChoreography",
           "choreography", "globalChoreographyTask")  # fmt: skip


def check_flows(document: Document) -> Iterator[Finding]:
    """Findings about flows and about elements that flows do not reach or leave as they must."""
    yield from _lists(document)
    for flow in document.all("sequenceFlow"):
        yield from _sequence_flow(document, flow)
    for node in document.flow_nodes():
        yield from _listed(document, node)
        yield from _node(document, node)
    for scope in document.all(*_SCOPES):
        yield from _scope(document, scope)


def _lists(document: Document) -> Iterator[Finding]:
    """Flows that an element at their end does not list, though elements of the file list theirs.

    Where most are not listed, those that are listed were added by another hand, and are told once.
    """
    listing: list[Any] = []
    missing: list[tuple[Any, Any, str]] = []
    kept = 0
    for list_name, end, flows in (
        ("incoming", "targetRef", document.incoming),
        ("outgoing", "sourceRef", document.outgoing),
    ):
        for node in document.flow_nodes():
            listed = {r.rpartition(":")[2] for r in texts(node, list_name)}
            if listed:
                listing.append(node)
            for flow in flows.get(node.get("id", ""), ()):
                if not flow.get("id") or flow.getparent() is not node.getparent():
                    continue
                if flow.get("id") in listed:
                    kept += 1
                elif _both_ends(document, flow, end):
                    missing.append((flow, node, list_name))
    if not listing or not missing:
        return
    if len(missing) > kept:
        yield found(document.path, "flows-half-listed", spot(listing[0]), count=len(missing))
        return
    for flow, node, list_name in missing:
        other = _name(node)
        yield found(document.path, "flow-not-listed", spot(flow), other=other, list=list_name)


def _both_ends(document: Document, flow: Any, end: str) -> bool:
    """Whether the flow joins two elements beside it; of another one more is wrong than lists."""
    far = "sourceRef" if end == "targetRef" else "targetRef"
    other = document.by_id.get(document.id_of(flow, far))
    return other is not None and other.getparent() is flow.getparent()


def _sequence_flow(document: Document, flow: Any) -> Iterator[Finding]:
    path, where = document.path, spot(flow)
    source = document.by_id.get(document.id_of(flow, "sourceRef"))
    target = document.by_id.get(document.id_of(flow, "targetRef"))
    for end in (source, target):
        if end is not None and is_true(end, "triggeredByEvent"):
            yield found(path, "event-sub-process-flow", where, other=_name(end))
    if source is None or target is None:
        return
    if source.getparent() is not target.getparent() or (
        flow.getparent() is not source.getparent()
    ):
        if is_a(kind_of(source), "flowNode") and is_a(kind_of(target), "flowNode"):
            yield found(path, "flow-crosses", where, source=_name(source), target=_name(target))
        return
    yield from _condition(document, flow, source)
    if flow.get("isImmediate") == "false" and is_executable(flow):
        yield found(path, "not-immediate", where)


def _condition(document: Document, flow: Any, source: Any) -> Iterator[Finding]:
    """A condition may leave an activity that has another flow too, or a gateway that chooses."""
    if first(flow, "conditionExpression") is None:
        return
    kind = kind_of(source)
    if kind in {"parallelGateway", "eventBasedGateway"} or is_a(kind, "event"):
        yield found(
            document.path, "condition-not-allowed", spot(flow), source=_name(source), kind=kind
        )
    elif is_a(kind, "activity") and len(document.outgoing[source.get("id")]) == 1:
        yield found(document.path, "lonely-condition", spot(flow), source=_name(source))
    if flow.get("id") and document.id_of(source, "default") == flow.get("id"):
        yield found(document.path, "default-condition", spot(flow))


def _listed(document: Document, node: Any) -> Iterator[Finding]:
    """What an element lists as its flows really comes in or goes out there."""
    for list_name, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
        for reference in texts(node, list_name):
            flow = document.named(node, reference)
            if flow is None or kind_of(flow) != "sequenceFlow":
                continue
            if document.id_of(flow, end) != node.get("id"):
                where = spot(node)
                yield found(
                    document.path, "flow-listed-wrongly", where, ref=reference, list=list_name
                )


def _node(document: Document, node: Any) -> Iterator[Finding]:
    path, kind, key = document.path, kind_of(node), node.get("id", "")
    into = document.incoming.get(key, []) or texts(node, "incoming")
    out = document.outgoing.get(key, []) or texts(node, "outgoing")
    if kind == "startEvent":
        if into:
            yield found(path, "flow-into-start", spot(node))
        if not out:
            yield found(path, "start-leads-nowhere", spot(node))
    elif kind == "boundaryEvent":
        if into:
            yield found(path, "flow-into-start", spot(node))
        kinds = {kind_of(d) for d in document.definitions_of(node)}
        compensates = "compensateEventDefinition" in kinds
        if compensates and out:
            yield found(path, "compensation-goes-on", spot(node))
        elif not compensates and not out:
            yield found(path, "boundary-ends", spot(node))
    elif kind == "endEvent":
        if out:
            yield found(path, "end-goes-on", spot(node))
        if not into:
            yield found(path, "end-not-reached", spot(node))
    elif kind in {"intermediateCatchEvent", "intermediateThrowEvent"}:
        yield from _intermediate(document, node, (bool(into), bool(out)))
    if is_true(node, "isForCompensation") and (into or out):
        yield found(path, "compensation-in-flow", spot(node))


def _intermediate(document: Document, node: Any, flows: tuple[bool, bool]) -> Iterator[Finding]:
    into, out = flows
    kinds = {kind_of(d) for d in document.definitions_of(node)}
    catches = kind_of(node) == "intermediateCatchEvent"
    linked = "linkEventDefinition" in kinds
    if linked and ((catches and into) or (not catches and out)):
        yield found(document.path, "link-both-ways", spot(node))
    if not into and not (linked and catches):
        yield found(document.path, "event-not-reached", spot(node))
    if not out and not (linked and not catches):
        yield found(document.path, "event-leads-nowhere", spot(node))


def _scope(document: Document, scope: Any) -> Iterator[Finding]:
    """A level with start events has end events, and then all that lies between them is joined."""
    path = document.path
    starts = list(children(scope, "startEvent"))
    ends = list(children(scope, "endEvent"))
    if kind_of(scope) == "adHocSubProcess":
        return
    if ends and not starts and not _instantiated(scope):
        yield found(path, "no-start", spot(scope))
    if starts and not ends:
        yield found(path, "no-end", spot(scope))
    plain = [start for start in starts if not document.definitions_of(start)]
    if len(plain) > 1 and is_a(kind_of(scope), "subProcess"):
        yield found(path, "sub-process-starts", spot(scope), count=len(plain))
    for node in scope:
        kind = kind_of(node)
        if not (is_a(kind, "activity") or is_a(kind, "gateway")):
            continue
        if is_true(node, "isForCompensation") or is_true(node, "triggeredByEvent"):
            continue
        key = node.get("id", "")
        if not key:
            continue  # Told of already; no flow can name it.
        if starts and not document.incoming.get(key) and not is_true(node, "instantiate"):
            yield found(path, "no-incoming", spot(node))
        if ends and not document.outgoing.get(key):
            yield found(path, "no-outgoing", spot(node))


def _instantiated(scope: Any) -> bool:
    """Whether something other than a start event begins the process."""
    return any(is_true(c, "instantiate") for c in children(scope, "receiveTask",
                                                           "eventBasedGateway"))  # fmt: skip


def _name(element: Any) -> str:
    return " ".join((element.get("name") or "").split()) or element.get("id") or kind_of(element)
