"""What a process needs so that it can be run here, by its drawing alone."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn import EVENTS, GATEWAYS, Drawing, Node, Process, Scope
from engine.bundles import form_name
from engine.check.compensation import check_compensation
from engine.check.finding import Finding, found
from engine.check.passing import Passages
from engine.check.reach import check_reach


def check_structure(
    drawing: Drawing,
    passages: Passages,
    *,
    is_deployed: bool = True,
    is_other: bool = False,
) -> Iterator[Finding]:
    """Findings of a drawing by itself, and of what it passes in processes that it calls. That its
    elements lack a legal basis is told of one that is to be deployed; of another one, that the
    process lacks it. `is_other`: that the file holds what cannot be run instead of a process is
    told already.
    """
    path = drawing.path
    if not any(p.executable for p in drawing.processes) and not is_other:
        yield found(path, "no-process")
    for process in drawing.processes:
        if not drawing.has_diagram:
            yield found(path, "no-diagram", process)
        if not process.properties.get("legal_basis"):
            yield found(path, "no-legal-basis", process)
        if any(not node.id for node in process.nodes()):
            yield found(path, "no-id", process)
        yield from _beginning(path, process)
        yield from _lengths(path, process)
        yield from check_compensation(path, process)
        for scope in process.scopes.values():
            yield from _scope(path, process, scope, passages)
        for node in process.nodes() if is_deployed else ():
            if not node.properties.get("legal_basis"):
                yield found(path, "no-legal-basis", node)


_CATCHES = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})
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


def _beginning(path: str, process: Process) -> Iterator[Finding]:
    """A process without a start event begins at what nothing leads to (10.5.2), if anything."""
    top = process.top
    if not top.nodes:
        yield found(path, "empty-process", process)
    elif not (top.starts() or top.entries() or any(n.instantiates for n in top.nodes.values())):
        yield found(path, "no-beginning", process)


def _scope(path: str, process: Process, scope: Scope, passages: Passages) -> Iterator[Finding]:
    around = process.node(scope.id)
    ad_hoc = around is not None and around.kind == "adHocSubProcess"
    for node in scope.nodes.values():
        yield from _node(path, scope, node)
    yield from check_reach(path, process, scope, passages, ad_hoc=ad_hoc)


def _mappings(path: str, node: Node) -> Iterator[Finding]:
    """Input and output parameters of elements that have no use for them."""
    thrown = {event.kind for event in node.events}
    if node.inputs and (node.kind in GATEWAYS | _CATCHES or (
        node.kind in EVENTS and not thrown & {"message", "signal"}
    )):  # fmt: skip
        yield found(path, "mapping-unused", node, parameter="inputParameter")
    if node.outputs and (node.kind in GATEWAYS or (
        node.kind == "endEvent" and thrown & {"error", "escalation"}
    )):  # fmt: skip
        yield found(path, "mapping-unused", node, parameter="outputParameter")


def _node(path: str, scope: Scope, node: Node) -> Iterator[Finding]:
    yield from _mappings(path, node)
    if node.kind == "receiveTask" and not node.events:
        yield found(path, "no-awaited", node)
    if node.kind == "exclusiveGateway" and len(node.outgoing) > 1:
        yield from _exclusive(path, scope, node)
    elif node.default in node.outgoing and node.kind != "parallelGateway":
        beside = [scope.flows[f] for f in node.outgoing if f != node.default]
        always = next((flow for flow in beside if not flow.condition), None)
        if always is not None:
            other = always.name or always.id
            yield found(path, "default-unused", scope.flows[node.default], other=other)
    if node.kind == "complexGateway" and len(node.incoming) > 1 and not node.activation:
        yield found(path, "no-activation", node)
    loop = node.loop
    if loop is not None and loop.kind != "standard" and not (loop.cardinality or loop.collection):
        yield found(path, "no-collection", node)


def _exclusive(path: str, scope: Scope, node: Node) -> Iterator[Finding]:
    for flow_id in node.outgoing:
        flow = scope.flows[flow_id]
        if not flow.condition and flow.id != node.default:
            yield found(path, "no-condition", flow)
    if node.default is None:
        yield found(path, "no-default", node)
