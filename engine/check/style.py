"""Advice on how a drawing reads: the usual rules of modelling, warnings all of them.

The rules carry the names, and see the same, as the recommended set of bpmnlint, which editors show
while one draws; `tests/engine/check` holds both against each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from engine.check.document import (
    Document,
    children,
    first,
    is_true,
    kind_of,
    spot,
    text_of,
)
from engine.check.finding import Finding, found
from engine.check.metamodel import is_a

_CONTAINERS = ("process", "subProcess", "transaction", "adHocSubProcess")
_NAMED = {"message": "messageRef", "signal": "signalRef", "error": "errorRef",
          "escalation": "escalationRef"}  # fmt: skip


def check_style(document: Document) -> Iterator[Finding]:
    """Advice on all processes of a drawing."""
    look = _Look(document)
    for node in document.flow_nodes():
        # What is said of an element without an id would name another.
        for rule in look.node(node) if node.get("id") else ():
            yield found(document.path, rule, spot(node))
    for container in document.all(*_CONTAINERS):
        yield from look.container(container)
    for kind in ("participant", "lane"):
        for element in document.all(kind):
            if not (element.get("name") or "").strip():
                yield found(document.path, "label-required", spot(element))
    yield from look.flows()
    yield from look.named()


class _Look:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.path = document.path

    def into(self, node: Any) -> list[Any]:
        return self.document.incoming.get(node.get("id", ""), [])

    def out(self, node: Any) -> list[Any]:
        return self.document.outgoing.get(node.get("id", ""), [])

    def node(self, node: Any) -> Iterator[str]:
        """The rules that an event, an activity or a gateway does not keep."""
        kind, into, out = kind_of(node), self.into(node), self.out(node)
        works = is_a(kind, "activity") or is_a(kind, "event")
        definitions = [c for c in node if is_a(kind_of(c), "eventDefinition")]
        if self._lacks_label(node, len(out)):
            yield "label-required"
        if works and len(into) > 1:
            yield "fake-join"
        if (
            works
            and sum(1 for f in out if not _conditional(f) and f is not self._default(node)) > 1
        ):
            yield "no-implicit-split"
        if is_a(kind, "gateway"):
            if len(into) > 1 and len(out) > 1:
                yield "no-gateway-join-fork"
            if len(into) == 1 and len(out) == 1:
                yield "superfluous-gateway"
        if kind in {"complexGateway", "inclusiveGateway"}:
            yield "no-complex-gateway" if kind == "complexGateway" else "no-inclusive-gateway"
        if len(definitions) > 1:
            yield "single-event-definition"
        if self._is_free(node):
            return
        undoes = kind == "boundaryEvent" and _only(node, "compensate")
        if not (into or out or undoes or kind == "callActivity"):
            yield "no-disconnected"
        if not into and not _begins_rightly(node):
            yield "no-implicit-start"
        if not out and not self._ends_rightly(node):
            yield "no-implicit-end"

    def _ends_rightly(self, node: Any) -> bool:
        kind = kind_of(node)
        if kind == "intermediateThrowEvent":
            return _only(node, "link")
        return kind == "endEvent" or (kind == "boundaryEvent" and _only(node, "compensate"))

    def _is_free(self, node: Any) -> bool:
        """Whether an element needs no flow: for compensation, begun by an event, or ad hoc."""
        return (
            is_true(node, "isForCompensation")
            or is_true(node, "triggeredByEvent")
            or kind_of(node.getparent()) == "adHocSubProcess"
            or not (is_a(kind_of(node), "activity") or is_a(kind_of(node), "event")
                    or is_a(kind_of(node), "gateway"))
        )  # fmt: skip

    def _lacks_label(self, node: Any, out: int) -> bool:
        kind = kind_of(node)
        if (node.get("name") or "").strip() or is_a(kind, "subProcess"):
            return False
        if is_a(kind, "gateway"):
            return kind not in {"parallelGateway", "eventBasedGateway"} and out > 1
        return True

    def _default(self, node: Any) -> Any | None:
        key = self.document.id_of(node, "default")
        return self.document.by_id.get(key) if key else None

    def container(self, container: Any) -> Iterator[Finding]:
        """The rules that a process or sub-process does not keep."""
        kind = kind_of(container)
        starts = list(children(container, "startEvent"))
        if kind != "adHocSubProcess":
            if not starts:
                yield found(self.path, "start-event-required", spot(container))
            if first(container, "endEvent") is None:
                yield found(self.path, "end-event-required", spot(container))
        if sum(1 for s in starts if not _definitions(s)) > 1:
            yield found(self.path, "single-blank-start-event", spot(container))
        yield from self._termination(container)

    def _termination(self, container: Any) -> Iterator[Finding]:
        ends = [c for c in container if is_a(kind_of(c), "flowNode") and not self.out(c)]
        terminates = [e for e in ends if kind_of(e) == "endEvent" and (
            "terminateEventDefinition" in _definitions(e))]  # fmt: skip
        others = [e for e in ends if e not in terminates and not _interrupts(e)]
        if len(terminates) == 1 and not others:
            yield found(self.path, "superfluous-termination", spot(terminates[0]))

    def flows(self) -> Iterator[Finding]:
        """Flows that are there twice, lack a condition, or have one and no name."""
        seen: set[tuple[str, str, str]] = set()
        for flow in self.document.all("sequenceFlow"):
            condition = text_of(first(flow, "conditionExpression"))
            key = (flow.get("sourceRef", ""), flow.get("targetRef", ""), condition)
            if key in seen:
                yield found(self.path, "no-duplicate-sequence-flows", spot(flow))
            seen.add(key)
            named = bool((flow.get("name") or "").strip())
            if _conditional(flow) and not named:
                yield found(self.path, "label-required", spot(flow))
            elif named and not _conditional(flow) and not self._is_choice(flow):
                yield found(self.path, "superfluous-label", spot(flow))
        for node in self.document.flow_nodes():
            out = self.out(node)
            if self._default(node) is None and not any(_conditional(f) for f in out):
                continue
            for flow in out:
                if not _conditional(flow) and flow is not self._default(node):
                    yield found(self.path, "conditional-flows", spot(flow))

    def _is_choice(self, flow: Any) -> bool:
        """Whether a flow is one of several that a gateway chooses from, or a default."""
        source = self.document.by_id.get(self.document.id_of(flow, "sourceRef"))
        if source is None:
            return False
        decides = kind_of(source) in {"exclusiveGateway", "inclusiveGateway"}
        return self._default(source) is flow or (decides and len(self.out(source)) > 1)

    def named(self) -> Iterator[Finding]:
        """Messages, signals, errors and escalations without a name, not used, or named alike."""
        used: set[str] = set()
        for element in self.document.elements:
            named = (k for k in element.attrib if k in _NAMED.values())
            used.update(self.document.id_of(element, k) for k in named)
        for kind in _NAMED:
            elements = list(self.document.all(kind))
            names = Counter(e.get("name") for e in elements)
            for element in elements:
                name = element.get("name")
                if name is not None and not name.strip():
                    yield found(self.path, "global-name", spot(element), kind=kind)
                if element.get("id") not in used:
                    yield found(self.path, "global-unused", spot(element), kind=kind)
                if names[name] > 1:
                    yield found(self.path, "global-twice", spot(element), kind=kind)


def _begins_rightly(node: Any) -> bool:
    """Whether nothing need lead to an element: events that begin, or catch a link."""
    if kind_of(node) == "intermediateCatchEvent":
        return _only(node, "link")
    return kind_of(node) in {"startEvent", "boundaryEvent"}


def _conditional(flow: Any) -> bool:
    return first(flow, "conditionExpression") is not None


def _definitions(event: Any) -> list[str]:
    return [kind_of(c) for c in event if is_a(kind_of(c), "eventDefinition")]


def _only(event: Any, trigger: str) -> bool:
    kinds = _definitions(event)
    return bool(kinds) and all(k == f"{trigger}EventDefinition" for k in kinds)


def _interrupts(end: Any) -> bool:
    """Whether it is an event sub-process that begins by interrupting."""
    return is_true(end, "triggeredByEvent") and any(
        is_true(s, "isInterrupting", "true") for s in children(end, "startEvent")
    )
