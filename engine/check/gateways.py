"""Gateways, default flows and ad-hoc sub-processes. Sources: BPMN 2.0.2, 10.6, 10.3.5, 8.4.13."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.check.document import Document, children, is_true, kind_of, spot, texts
from engine.check.finding import Finding, found
from engine.check.metamodel import is_a

_AFTER_EVENTS = {
    "messageEventDefinition",
    "signalEventDefinition",
    "timerEventDefinition",
    "conditionalEventDefinition",
}


def check_gateways(document: Document) -> Iterator[Finding]:
    """Findings about gateways, defaults and what lies directly inside ad-hoc sub-processes."""
    for node in document.flow_nodes():
        if node.get("default"):
            yield from _default(document, node)
        if is_a(kind_of(node), "gateway"):
            yield from _gateway(document, node)
    for gateway in document.all("eventBasedGateway"):
        yield from _event_gateway(document, gateway)
    for task in document.all("receiveTask"):
        if is_true(task, "instantiate") and _into(document, task):
            yield found(document.path, "instantiating-reached", spot(task))
    for scope in document.all("adHocSubProcess"):
        yield from _ad_hoc(document, scope)
    yield from _choreographies(document)


def _into(document: Document, node: Any) -> int:
    key = node.get("id", "")
    return max(len(document.incoming.get(key, ())), len(texts(node, "incoming")))


def _out(document: Document, node: Any) -> int:
    key = node.get("id", "")
    return max(len(document.outgoing.get(key, ())), len(texts(node, "outgoing")))


def _default(document: Document, node: Any) -> Iterator[Finding]:
    flow = document.named(node, node.get("default"))
    if flow is None or kind_of(flow) != "sequenceFlow":
        return
    if document.id_of(flow, "sourceRef") != node.get("id"):
        yield found(document.path, "default-elsewhere", spot(node))


def _gateway(document: Document, node: Any) -> Iterator[Finding]:
    path, into, out = document.path, _into(document, node), _out(document, node)
    if into < 2 and out < 2:
        yield found(path, "gateway-one-way", spot(node))
    direction = node.get("gatewayDirection")
    wrong = {
        "Converging": out > 1,
        "Diverging": into > 1,
        "Mixed": into < 2 or out < 2,
    }
    if direction is not None and wrong.get(direction, False):
        yield found(path, "gateway-direction", spot(node), direction=direction, into=into, out=out)


def _event_gateway(document: Document, gateway: Any) -> Iterator[Finding]:
    path = document.path
    flows = document.outgoing.get(gateway.get("id", ""), [])
    if _out(document, gateway) < 2:
        yield found(path, "event-gateway-one-way", spot(gateway))
    if gateway.get("eventGatewayType") == "Parallel" and not is_true(gateway, "instantiate"):
        yield found(path, "bad-attribute", spot(gateway), kind="eventBasedGateway",
                    key="eventGatewayType", value="Parallel", allowed="Exclusive")  # fmt: skip
    if is_true(gateway, "instantiate") and _into(document, gateway):
        yield found(path, "instantiating-reached", spot(gateway))
    ends = (document.id_of(flow, "targetRef") for flow in flows)
    targets = [document.by_id[end] for end in ends if end in document.by_id]
    for target in targets:
        yield from _awaited(document, target)
    messages = [t for t in targets if kind_of(t) == "intermediateCatchEvent" and any(
        kind_of(d) == "messageEventDefinition" for d in document.definitions_of(t))]  # fmt: skip
    if messages and any(kind_of(t) == "receiveTask" for t in targets):
        yield found(path, "event-gateway-mixed", spot(gateway))


def _awaited(document: Document, target: Any) -> Iterator[Finding]:
    """What an event-based gateway waits for is a receive task or an event, on its own."""
    path, kind = document.path, kind_of(target)
    if kind == "intermediateCatchEvent":
        kinds = {kind_of(d) for d in document.definitions_of(target)}
        # One event that happens decides; an element that awaits several cannot be decided by one.
        if not kinds or kinds - _AFTER_EVENTS or is_true(target, "parallelMultiple"):
            yield found(path, "event-gateway-target", spot(target))
    elif kind != "receiveTask":
        yield found(path, "event-gateway-target", spot(target))
    elif document.attached.get(target.get("id", "")):
        yield found(path, "event-gateway-boundary", spot(target))
    if len(document.incoming.get(target.get("id", ""), ())) > 1:
        yield found(path, "event-gateway-shared", spot(target))


def _ad_hoc(document: Document, scope: Any) -> Iterator[Finding]:
    if not any(is_a(kind_of(c), "activity") for c in scope):
        yield found(document.path, "ad-hoc-empty", spot(scope))
    if is_true(scope, "triggeredByEvent"):
        return
    for event in children(scope, "startEvent", "endEvent"):
        yield found(document.path, "ad-hoc-event", spot(event), other=scope.get("id") or "")


def _choreographies(document: Document) -> Iterator[Finding]:
    for kind in ("choreographyTask", "callChoreography", "subChoreography"):
        for activity in document.all(kind):
            around = kind_of(activity.getparent())
            if around == "process" or is_a(around, "subProcess"):
                yield found(document.path, "choreography-inside", spot(activity), kind=kind)
