"""Structural rules of BPMN 2.0: what may stand where, what flows join, what can be reached."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn import Drawing, Flow, Node, Process, Scope
from engine.bundles import form_name
from engine.check.finding import Finding, found
from engine.spiff.build import EVENTS, KINDS

WAITING_KINDS = {"userTask", "manualTask", "receiveTask", "intermediateCatchEvent"}
"""Elements at which a case rests until somebody or something moves it."""


def check_structure(drawing: Drawing) -> list[Finding]:
    """Findings of a drawing by itself."""
    path = drawing.path
    findings = [] if any(p.executable for p in drawing.processes) else [found(path, "no-process")]
    findings += _duplicates(drawing)
    for process in drawing.processes:
        if not process.executable:
            continue
        if not drawing.has_diagram:
            findings.append(found(path, "no-diagram", process))
        if not process.properties.get("legal_basis"):
            findings.append(found(path, "no-legal-basis", process))
        if not process.top.starts() and not process.top.triggers():
            findings.append(found(path, "no-start", process))
        findings += _lengths(path, process)
        for scope in process.scopes.values():
            findings += _scope(path, process, scope)
    return findings


MOST = {"long-key": 80, "long-id": 200, "long-name": 300}
"""How many characters the tables keep of a process key, an element's id, and any name."""


def _lengths(path: str, process: Process) -> Iterator[Finding]:
    """What would not fit into its column when a version, a case or a task is written."""
    texts: list[tuple[str, Process | Node, str]] = [
        ("long-key", process, process.id),
        ("long-name", process, process.name),
    ]
    texts.append(("long-name", process, process.properties.get("name_en", "")))
    for node in process.nodes():
        texts += [("long-id", node, node.id), ("long-name", node, node.name)]
        for name in ("name_en", "label", "label_en"):
            texts.append(("long-name", node, node.properties.get(name, "")))
        texts += [("long-id", node, event.name or "") for event in node.events]
        texts += [("long-id", node, form_name(node) or "")]
    for rule, item, text in texts:
        if len(text) > MOST[rule]:
            shown = f"{text[:60]}…"
            yield found(path, rule, item, name=shown, count=len(text), most=MOST[rule])


def _duplicates(drawing: Drawing) -> Iterator[Finding]:
    for name, count in drawing.repeated:
        yield found(drawing.path, "duplicate-id", id=name, count=count)
    for process in drawing.processes:
        if any(not node.id for node in process.nodes()):
            yield found(drawing.path, "no-id", process)


def _scope(path: str, process: Process, scope: Scope) -> Iterator[Finding]:
    owner = process.node(scope.id)
    ad_hoc = owner is not None and owner.ad_hoc is not None
    if not ad_hoc and not any(n.kind == "endEvent" for n in scope.nodes.values()):
        yield found(path, "no-end", process.node(scope.id) or process)
    for flow in scope.flows.values():
        yield from _flow(path, scope, flow)
    for node in scope.nodes.values():
        yield from _node(path, scope, node)
    yield from _unreachable(path, scope)
    yield from _endless(path, scope)


def _flow(path: str, scope: Scope, flow: Flow) -> Iterator[Finding]:
    for end in (flow.source, flow.target):
        if end not in scope.nodes:
            yield found(path, "dangling-flow", flow, end=end)
    source, target = scope.nodes.get(flow.source), scope.nodes.get(flow.target)
    if source is not None and source.kind == "endEvent":
        yield found(path, "end-goes-on", source)
    if target is not None and target.kind in {"startEvent", "boundaryEvent"}:
        yield found(path, "flow-into-start", target)


def _node(path: str, scope: Scope, node: Node) -> Iterator[Finding]:
    if node.kind not in KINDS:
        yield found(path, "not-run", node, kind=node.kind)
        return
    yield from _events(path, node)
    if node.kind == "boundaryEvent":
        host = scope.nodes.get(node.attached_to or "")
        if host is None or not host.is_activity:
            yield found(path, "boundary-alone", node)
        if not node.outgoing and not node.compensates:
            yield found(path, "boundary-ends", node)
    if node.kind == "exclusiveGateway" and len(node.outgoing) > 1:
        yield from _exclusive(path, scope, node)
    if node.default and node.default not in node.outgoing:
        yield found(path, "default-elsewhere", node)
    loop = node.loop
    if node.kind == "complexGateway" and len(node.incoming) > 1 and not node.activation:
        yield found(path, "no-activation", node)
    if loop is not None and loop.kind != "standard" and not (loop.cardinality or loop.collection):
        yield found(path, "no-collection", node)
    if not node.properties.get("legal_basis"):
        yield found(path, "no-legal-basis", node)
    if node.kind.endswith("Task") and not node.name:
        yield found(path, "no-name", node)


def _events(path: str, node: Node) -> Iterator[Finding]:
    allowed = EVENTS.get(node.kind, frozenset())
    for event in node.events:
        if event.kind not in allowed:
            names = ", ".join(sorted(allowed))
            yield found(path, "event-not-run", node, kind=event.kind, allowed=names)
    if node.kind in {"boundaryEvent", "intermediateCatchEvent", "receiveTask"} and not node.events:
        yield found(path, "no-event", node)


def _exclusive(path: str, scope: Scope, node: Node) -> Iterator[Finding]:
    for flow_id in node.outgoing:
        flow = scope.flows[flow_id]
        if not flow.condition and flow.id != node.default:
            yield found(path, "no-condition", flow)
    if node.default is None:
        yield found(path, "no-default", node)


def _targets(scope: Scope, node: Node) -> list[str]:
    """Elements to which a token may go from here in one step."""
    targets = [scope.flows[f].target for f in node.outgoing]
    targets += [b.id for b in scope.nodes.values() if b.attached_to == node.id]
    if node.kind == "intermediateThrowEvent" and node.event and node.event.kind == "link":
        name = node.event.name
        targets += [
            n.id
            for n in scope.nodes.values()
            if n.kind == "intermediateCatchEvent" and n.event and n.event.name == name
        ]
    return targets


def _unreachable(path: str, scope: Scope) -> Iterator[Finding]:
    nodes = scope.nodes.values()
    begins = [n.id for n in nodes if n.kind == "startEvent" or n.by_event or n.compensation]
    begins += [n.id for n in nodes if n.instantiates and not n.incoming]
    if not scope.starts():
        begins += [n.id for n in scope.entries()]
    seen: set[str] = set()
    while begins:
        node = scope.nodes.get(begins.pop())
        if node is not None and node.id not in seen:
            seen.add(node.id)
            begins += _targets(scope, node)
    for node in nodes:
        if node.id not in seen and node.kind in KINDS:
            yield found(path, "unreachable", node)


def _endless(path: str, scope: Scope) -> Iterator[Finding]:
    """A circle of elements that never wait, with no condition that could lead out of it."""
    done: set[str] = set()
    for node in scope.nodes.values():
        seen: set[str] = set()
        here: Node | None = node
        while here is not None and here.id not in done:
            if here.id in seen:
                yield found(path, "endless", here)
                return
            seen.add(here.id)
            waits = here.kind in WAITING_KINDS or here.is_scope or here.kind == "callActivity"
            if waits or len(here.outgoing) != 1:
                break
            here = scope.nodes.get(scope.flows[here.outgoing[0]].target)
        done |= seen
