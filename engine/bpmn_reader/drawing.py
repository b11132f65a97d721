"""Processes, their elements and sequence flows."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

from engine.bpmn import (
    ACTIVITIES,
    BPMN,
    BPMNDI,
    EVENTS,
    GATEWAYS,
    SCOPES,
    AdHoc,
    Drawing,
    Flow,
    Node,
    Process,
    Scope,
)
from engine.bpmn_reader.data import data_in, data_out, declared
from engine.bpmn_reader.definitions import Definitions
from engine.bpmn_reader.events import definition_elements, events_of
from engine.bpmn_reader.extensions import camunda, input_output, mappings, properties
from engine.bpmn_reader.loops import loop_of
from engine.bpmn_reader.xml import child, children, is_in, is_true, local, plain_id, text_of

NODES = ACTIVITIES | GATEWAYS | EVENTS
GLOBAL_TASKS = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}
Lanes = dict[str, str]
Ends = dict[str, list[str]]


def read_drawing(root: Any, path: str) -> Drawing:
    """The drawing under a bpmn:definitions element."""
    definitions = Definitions(root)
    reader = _Reader(definitions)
    shapes = frozenset(
        plain_id(e.get("bpmnElement")) or ""
        for e in root.iter(f"{{{BPMNDI}}}BPMNShape", f"{{{BPMNDI}}}BPMNEdge")
        if e.get("bpmnElement")
    )
    return Drawing(
        path,
        tuple(reader.process(e) for e in root if local(e) == "process"),
        bool(shapes),
        shapes,
        _repeated(root),
        tuple(reader.global_task(e) for e in root if local(e) in GLOBAL_TASKS),
    )


class _Reader:
    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.keys: dict[str, str] = {}

    def process(self, element: Any) -> Process:
        self.keys = self.definitions.keys(element)
        scopes: dict[str, Scope] = {}
        self._scope(element, scopes, _lanes(element), None)
        return Process(
            id=element.get("id", ""),
            name=element.get("name", "") or self.definitions.pools.get(element.get("id", ""), ""),
            executable=is_true(element, "isExecutable", True),
            scopes=scopes,
            properties=properties(element),
            camunda=camunda(element),
            documentation=text_of(child(element, "documentation")) or "",
            line=element.sourceline or 0,
        )

    def global_task(self, element: Any) -> Process:
        """A process of that task alone, so that a call activity may call it."""
        task_id = element.get("id", "")
        node = replace(
            self._node(element, task_id, {}, {}), kind=GLOBAL_TASKS[local(element)], data_in=()
        )
        return Process(
            id=task_id,
            name=node.name,
            executable=True,
            scopes={task_id: Scope(task_id, {node.id: node}, {})},
            properties=properties(element),
            camunda=camunda(element),
            documentation=node.documentation,
            line=node.line,
            is_task=True,
        )

    def _scope(
        self, element: Any, scopes: dict[str, Scope], lanes: Lanes, lane: str | None
    ) -> None:
        """Reads a process or sub-process; `lane` is the lane that it lies in as a whole."""
        scope_id = element.get("id", "")
        flows = {f.get("id", ""): _flow(f) for f in children(element, "sequenceFlow")}
        ends = _ends(flows)
        nodes: dict[str, Node] = {}
        data = declared(element, self.definitions)
        scopes[scope_id] = Scope(scope_id, nodes, flows, data)
        for inner in element:
            if is_in(inner, BPMN) and local(inner) in NODES:
                node = self._node(inner, scope_id, ends, lanes)
                if lane and not node.lane:
                    node = replace(node, lane=lane)
                nodes[node.id] = node
                if node.kind in SCOPES:
                    self._scope(inner, scopes, lanes, node.lane)

    def _node(self, element: Any, scope: str, ends: dict[str, Ends], lanes: Lanes) -> Node:
        node_id = element.get("id", "")
        inputs, outputs = input_output(element)
        kind = local(element)
        interrupting = "isInterrupting" if kind == "startEvent" else "cancelActivity"
        return Node(
            id=node_id,
            kind=kind,
            scope=scope,
            name=" ".join((element.get("name") or "").split()),
            line=element.sourceline or 0,
            incoming=tuple(ends.get("in", {}).get(node_id, ())),
            outgoing=tuple(ends.get("out", {}).get(node_id, ())),
            default=element.get("default"),
            events=tuple(events_of(element, self.definitions, self.keys)),
            attached_to=plain_id(element.get("attachedToRef")),
            interrupting=is_true(element, interrupting, True),
            by_event=is_true(element, "triggeredByEvent"),
            lane=lanes.get(node_id),
            loop=loop_of(element, self.definitions),
            properties=properties(element),
            camunda=self._camunda(element),
            inputs=inputs,
            outputs=outputs,
            mappings=tuple(mappings(element)),
            script=text_of(child(element, "script")),
            script_format=element.get("scriptFormat") or element.get("scriptLanguage"),
            called=plain_id(element.get("calledElement")),
            documentation=text_of(child(element, "documentation")) or "",
            outward=self.definitions.leads_outward(node_id),
            **self._semantics(element, kind),
        )

    def _camunda(self, element: Any) -> dict[str, str]:
        """Camunda writes what a message event calls at its definition."""
        found = camunda(element)
        if local(element) in {"intermediateThrowEvent", "endEvent"}:
            for definition in definition_elements(element, self.definitions):
                if local(definition) == "messageEventDefinition":
                    found = {**camunda(definition), **found}
        return found

    def _semantics(self, element: Any, kind: str) -> dict[str, Any]:
        """Attributes that few elements have and that change how they run."""
        found: dict[str, Any] = {
            "compensation": is_true(element, "isForCompensation"),
            "compensates": self._compensates(element),
            "parallel": is_true(element, "parallelMultiple")
            or element.get("eventGatewayType") == "Parallel",
            "instantiates": is_true(element, "instantiate"),
            "needs": _quantity(element, "startQuantity"),
            "gives": _quantity(element, "completionQuantity"),
            "activation": text_of(child(element, "activationCondition")),
            "data_in": data_in(element, self.definitions),
            "data_out": data_out(element, self.definitions),
        }
        if kind == "boundaryEvent":
            found["handler"] = self.definitions.handlers.get(element.get("id", ""))
        if kind == "adHocSubProcess":
            found["ad_hoc"] = AdHoc(
                sequential=element.get("ordering") == "Sequential",
                completion=text_of(child(element, "completionCondition")),
                cancel_remaining=is_true(element, "cancelRemainingInstances", True),
            )
        return found

    def _compensates(self, element: Any) -> bool:
        if local(element) not in {"boundaryEvent", "startEvent"}:
            starts = (
                children(element, "startEvent") if is_true(element, "triggeredByEvent") else []
            )
            return any(self._compensates(start) for start in starts)
        found = definition_elements(element, self.definitions)
        return any(local(d) == "compensateEventDefinition" for d in found)


def _quantity(element: Any, name: str) -> int:
    text = element.get(name, "1").strip()
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 5 else 1


def _ends(flows: dict[str, Flow]) -> dict[str, Ends]:
    """Ids of the flows that lead into and out of each element, in document order."""
    found: dict[str, Ends] = {"in": defaultdict(list), "out": defaultdict(list)}
    for flow in flows.values():
        found["in"][flow.target].append(flow.id)
        found["out"][flow.source].append(flow.id)
    return found


def _lanes(process: Any) -> Lanes:
    """The innermost lane of each element: its name, else that of the lane around it."""
    lanes: Lanes = {}

    def walk(lane_set: Any, around: str | None) -> None:
        for lane in children(lane_set, "lane"):
            name = lane.get("name") or around or lane.get("id", "")
            for ref in children(lane, "flowNodeRef"):
                lanes[plain_id(ref.text) or ""] = name
            inner = child(lane, "childLaneSet")
            if inner is not None:
                walk(inner, name)

    for lane_set in process.iter(f"{{{BPMN}}}laneSet"):
        walk(lane_set, None)
    return lanes


def _repeated(root: Any) -> tuple[tuple[str, int], ...]:
    """Ids that more than one element of the model has."""
    ids = Counter(e.get("id") for e in root.iter(f"{{{BPMN}}}*") if e.get("id"))
    return tuple((name, count) for name, count in ids.items() if count > 1)


def _flow(element: Any) -> Flow:
    return Flow(
        id=element.get("id", ""),
        source=plain_id(element.get("sourceRef")) or "",
        target=plain_id(element.get("targetRef")) or "",
        name=" ".join((element.get("name") or "").split()),
        condition=text_of(child(element, "conditionExpression")),
        line=element.sourceline or 0,
    )
