"""Structural rules of BPMN 2.0: which element may stand where, what flows join, what can be reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from engine.bpmn import Drawing, Flow, Node, Process, Scope
from engine.check.finding import Finding
from engine.spiff.build import KINDS

EVENTS_BY_KIND = {
    "startEvent": {"message", "timer", "signal", "error", "escalation"},
    "intermediateCatchEvent": {"message", "timer", "signal", "link"},
    "intermediateThrowEvent": {"signal", "escalation", "link"},
    "boundaryEvent": {"message", "timer", "signal", "error", "escalation"},
    "endEvent": {"signal", "error", "escalation", "terminate"},
    "receiveTask": {"message"},
    "sendTask": {"message"},
}


class _Scan:
    """Makes findings of one drawing."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing

    def at(
        self, node: Node | Flow, rule: str, message: str, remedy: str, **fields: str
    ) -> Finding:
        severity = fields.pop("severity", "error")
        name = node.name or node.id
        return Finding(
            self.drawing.path, node.line, node.id, rule, severity, message, remedy,
            {"name": name, **fields},
        )  # fmt: skip

    def process(self, process: Process, rule: str, message: str, remedy: str) -> Finding:
        severity = "warning" if rule.startswith("no-legal") or rule == "no-diagram" else "error"
        return Finding(
            self.drawing.path, process.line, process.id or None, rule, severity, message, remedy,
            {"name": process.name or process.id},
        )  # fmt: skip


def check_structure(drawing: Drawing) -> list[Finding]:
    """Findings of a drawing by itself."""
    scan = _Scan(drawing)
    found: list[Finding] = []
    if not any(p.executable for p in drawing.processes):
        found.append(
            Finding(drawing.path, None, None, "no-process", "error",
                    "The file has no process that is marked executable.",
                    "Tick “Executable” in the properties of the process."))  # fmt: skip
    found += _duplicates(drawing)
    for process in drawing.processes:
        if not process.executable:
            continue
        if not drawing.has_diagram:
            found.append(scan.process(
                process, "no-diagram", '"{name}" has no diagram, so nobody can see where it stands.',
                "Open it in a BPMN editor, lay it out and save it."))  # fmt: skip
        if not process.properties.get("legal_basis"):
            found.append(scan.process(
                process, "no-legal-basis", '"{name}" names no legal basis.',
                "Add the property legal_basis with the clause that it carries out."))  # fmt: skip
        for scope in process.scopes.values():
            found += _scope(scan, process, scope)
    return found


def _duplicates(drawing: Drawing) -> Iterator[Finding]:
    counted = Counter(n.id for p in drawing.processes for n in p.nodes())
    for node_id, count in counted.items():
        if count > 1 or not node_id:
            yield Finding(
                drawing.path, None, node_id or None, "duplicate-id", "error",
                'The id "{id}" is used {count} times.', "Give each element an id of its own.",
                {"id": node_id, "count": count},
            )  # fmt: skip


def _scope(scan: _Scan, process: Process, scope: Scope) -> Iterator[Finding]:
    name = process.name if scope.id == process.id else scope.id
    if not scope.starts() and scope.id == process.id:
        yield Finding(scan.drawing.path, process.line, scope.id, "no-start", "error",
                      '"{name}" has no start event.', "Draw the start event.", {"name": name})  # fmt: skip
    if not any(n.kind == "endEvent" for n in scope.nodes.values()):
        yield Finding(scan.drawing.path, process.line, scope.id, "no-end", "warning",
                      '"{name}" has no end event.', "Draw at least one end event.", {"name": name})  # fmt: skip
    for flow in scope.flows.values():
        yield from _flow(scan, scope, flow)
    for node in scope.nodes.values():
        yield from _node(scan, scope, node)
    yield from _unreachable(scan, scope)


def _flow(scan: _Scan, scope: Scope, flow: Flow) -> Iterator[Finding]:
    for end in (flow.source, flow.target):
        if end not in scope.nodes:
            yield scan.at(
                flow, "dangling-flow",
                'The sequence flow "{name}" leads from or to "{end}", which is not in the same process.',
                "Draw the flow anew, or use a message between processes.", end=end,
            )  # fmt: skip
    source, target = scope.nodes.get(flow.source), scope.nodes.get(flow.target)
    if source is not None and source.kind == "endEvent":
        yield scan.at(source, "end-goes-on", 'The end event "{name}" has a flow going out.',
                      "Remove the flow, or use an intermediate event.")  # fmt: skip
    if target is not None and target.kind in {"startEvent", "boundaryEvent"}:
        yield scan.at(target, "flow-into-start", 'A flow leads into "{name}", which begins by its event.',
                      "Let the flow lead to another element.")  # fmt: skip


def _node(scan: _Scan, scope: Scope, node: Node) -> Iterator[Finding]:
    if node.kind not in KINDS:
        yield scan.at(node, "not-run", '"{name}" is a {kind}, which is not run.',
                      "Draw it with another element; the manual lists those that run.", kind=node.kind)  # fmt: skip
        return
    allowed = EVENTS_BY_KIND.get(node.kind, set())
    for event in node.events:
        if event.kind not in allowed:
            yield scan.at(node, "event-not-run",
                          '"{name}" has an event of kind {kind}, which is not run there.',
                          "Use one of: {allowed}.", kind=event.kind,
                          allowed=", ".join(sorted(allowed)))  # fmt: skip
    if len(node.events) > 1:
        yield scan.at(node, "several-events", '"{name}" waits for several events at once.',
                      "Draw one event each, after an event-based gateway.")  # fmt: skip
    if node.kind in {"boundaryEvent", "intermediateCatchEvent", "receiveTask"} and not node.events:
        yield scan.at(node, "no-event", '"{name}" does not say which event it waits for.',
                      "Choose a message, a timer or a signal.")  # fmt: skip
    if node.kind == "boundaryEvent":
        yield from _boundary(scan, scope, node)
    if node.kind == "exclusiveGateway":
        yield from _exclusive(scan, scope, node)
    if node.default and node.default not in node.outgoing:
        yield scan.at(node, "default-elsewhere", 'The default flow of "{name}" does not leave it.',
                      "Choose one of its own flows as the default.")  # fmt: skip
    if node.loop is not None and node.loop.kind != "standard":
        if not (node.loop.cardinality or node.loop.collection):
            yield scan.at(node, "no-collection", '"{name}" is repeated, but not for what.',
                          "Give it a collection or a number of instances.")  # fmt: skip
    if not node.properties.get("legal_basis"):
        yield scan.at(node, "no-legal-basis", '"{name}" names no legal basis.',
                      "Add the property legal_basis with the clause that it carries out.",
                      severity="warning")  # fmt: skip
    if node.kind.endswith("Task") and not node.name:
        yield scan.at(node, "no-name", 'The task "{name}" has no name.', "Name it by what is done.",
                      severity="warning")  # fmt: skip


def _boundary(scan: _Scan, scope: Scope, node: Node) -> Iterator[Finding]:
    host = scope.nodes.get(node.attached_to or "")
    if host is None or not host.is_activity:
        yield scan.at(node, "boundary-alone", '"{name}" is attached to no task or sub-process.',
                      "Drop it on the border of the element that it interrupts.")  # fmt: skip
    if not node.outgoing:
        yield scan.at(node, "boundary-ends", '"{name}" leads nowhere.', "Draw what follows it.",
                      severity="warning")  # fmt: skip


def _exclusive(scan: _Scan, scope: Scope, node: Node) -> Iterator[Finding]:
    if len(node.outgoing) < 2:
        return
    for flow_id in node.outgoing:
        flow = scope.flows[flow_id]
        if not flow.condition and flow.id != node.default:
            yield scan.at(flow, "no-condition",
                          'The flow "{name}" leaves an exclusive gateway without a condition.',
                          "Give it a condition, or make it the default.")  # fmt: skip
    if node.default is None:
        yield scan.at(node, "no-default", '"{name}" has no default flow: a case may get stuck in it.',
                      "Make one of its flows the default.", severity="warning")  # fmt: skip


def _unreachable(scan: _Scan, scope: Scope) -> Iterator[Finding]:
    seen: set[str] = set()
    begins = [n.id for n in scope.nodes.values() if n.kind == "startEvent" or n.by_event]
    if not any(n.kind == "startEvent" for n in scope.nodes.values()):
        begins += [n.id for n in scope.nodes.values() if not n.incoming and not n.attached_to]
    while begins:
        node = scope.nodes.get(begins.pop())
        if node is None or node.id in seen:
            continue
        seen.add(node.id)
        begins += [scope.flows[f].target for f in node.outgoing]
        begins += [b.id for b in scope.boundaries(node.id)]
        if node.event is not None and node.event.kind == "link":
            begins += [n.id for n in scope.nodes.values() if n.event and n.event.kind == "link"]
    for node in scope.nodes.values():
        if node.id not in seen and node.kind in KINDS:
            yield scan.at(node, "unreachable", 'No path leads to "{name}".',
                          "Connect it, or remove it.")  # fmt: skip
