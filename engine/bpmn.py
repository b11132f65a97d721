"""Reads a BPMN 2.0 file into plain values: processes, their elements and sequence flows.

Nothing is judged here beyond what makes a file unreadable; `engine.check` judges. Hostile XML is
refused:
no document type, no entities, no network, at most 20 MB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import Refusal

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
MAX_BYTES = 20_000_000

ACTIVITIES = frozenset(
    "task userTask manualTask scriptTask serviceTask sendTask receiveTask businessRuleTask "
    "subProcess transaction adHocSubProcess callActivity".split()
)
GATEWAYS = frozenset(
    "exclusiveGateway parallelGateway inclusiveGateway eventBasedGateway complexGateway".split()
)
EVENTS = frozenset(
    "startEvent endEvent intermediateCatchEvent intermediateThrowEvent boundaryEvent".split()
)
SCOPES = frozenset({"subProcess", "transaction", "adHocSubProcess"})


class DrawingUnreadable(Refusal):
    """{path} cannot be read as a BPMN drawing: {reason}"""

    status = 422


@dataclass(frozen=True)
class EventDefinition:
    """What an event waits for or throws.

    kind: message, timer, signal, error, escalation, conditional, compensate, cancel, link,
    terminate.
    name: the message's, signal's, link's name; code: the error's or escalation's code.
    timer: "date", "duration" or "cycle", its expression in `text`; text also holds a condition.
    """

    kind: str
    name: str | None = None
    code: str | None = None
    timer: str | None = None
    text: str | None = None
    ref: str | None = None


@dataclass(frozen=True)
class Loop:
    """Multi-instance or standard-loop characteristics; expressions are FEEL."""

    kind: str  # parallel, sequential, standard
    cardinality: str | None = None
    collection: str | None = None
    item: str | None = None
    output_collection: str | None = None
    output_item: str | None = None
    completion: str | None = None
    condition: str | None = None
    maximum: int | None = None
    test_before: bool = False


@dataclass(frozen=True)
class DataMapping:
    """One camunda:in or camunda:out of a call activity."""

    direction: str
    source: str | None = None
    expression: str | None = None
    target: str | None = None
    everything: bool = False


@dataclass(frozen=True)
class Flow:
    """One sequence flow."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str | None = None
    line: int = 0


@dataclass(frozen=True)
class Node:
    """One flow node: an event, an activity or a gateway."""

    id: str
    kind: str
    scope: str
    name: str = ""
    line: int = 0
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default: str | None = None
    events: tuple[EventDefinition, ...] = ()
    attached_to: str | None = None
    interrupting: bool = True
    by_event: bool = False
    lane: str | None = None
    loop: Loop | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    camunda: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[tuple[str, Any], ...] = ()
    outputs: tuple[tuple[str, Any], ...] = ()
    mappings: tuple[DataMapping, ...] = ()
    script: str | None = None
    script_format: str | None = None
    called: str | None = None
    documentation: str = ""

    @property
    def event(self) -> EventDefinition | None:
        """Its only event definition, if it has just one."""
        return self.events[0] if len(self.events) == 1 else None

    @property
    def is_activity(self) -> bool:
        return self.kind in ACTIVITIES

    @property
    def is_scope(self) -> bool:
        return self.kind in SCOPES


@dataclass(frozen=True)
class Scope:
    """What runs as one: a process or an embedded sub-process, with the elements
    directly inside.
    """

    id: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]

    def starts(self) -> list[Node]:
        """Start events of the scope itself, in document order."""
        return [n for n in self.nodes.values() if n.kind == "startEvent"]

    def boundaries(self, activity: str) -> list[Node]:
        """Boundary events attached to an activity."""
        return [n for n in self.nodes.values() if n.attached_to == activity]

    def event_subprocesses(self) -> list[Node]:
        return [n for n in self.nodes.values() if n.kind == "subProcess" and n.by_event]


@dataclass(frozen=True)
class Process:
    """One process of a drawing, with all its scopes by id (its own first)."""

    id: str
    name: str
    executable: bool
    scopes: Mapping[str, Scope]
    properties: Mapping[str, str]
    camunda: Mapping[str, str]
    documentation: str = ""
    line: int = 0

    @property
    def top(self) -> Scope:
        return self.scopes[self.id]

    def nodes(self) -> Iterator[Node]:
        """Every element of the process, of its sub-processes too."""
        for scope in self.scopes.values():
            yield from scope.nodes.values()

    def node(self, node_id: str) -> Node | None:
        for scope in self.scopes.values():
            if node_id in scope.nodes:
                return scope.nodes[node_id]
        return None


@dataclass(frozen=True)
class Drawing:
    """One BPMN file. `repeated`: ids that several elements have, with how many do."""

    path: str
    processes: tuple[Process, ...]
    has_diagram: bool
    shapes: frozenset[str]
    repeated: tuple[tuple[str, int], ...] = ()

    def process(self, process_id: str) -> Process | None:
        return next((p for p in self.processes if p.id == process_id), None)
