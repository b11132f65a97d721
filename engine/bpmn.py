"""Reads a BPMN 2.0 file into plain values: processes, their elements and sequence flows.

Nothing is judged here beyond what makes a file unreadable; `engine.check` judges. Hostile XML is
refused:
no document type, no entities, no network, at most 20 MB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
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
BY_PEOPLE = frozenset({"userTask", "manualTask"})
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
    name: the message's, signal's, link's name; code: the error's or escalation's code, its name
    or id where it has none, so that two of them without codes are still two.
    timer: "date", "duration" or "cycle", its expression in `text`; text also holds a condition.
    activity, waits: which activity a compensation is for, and whether it is waited for.
    bindings, retrieval: FEEL over the case's data and over the message, one each for every
    property of the correlation key (§8.4.2), in the order of the file; formerly: their places in
    the order of the subscription, where that is another; conversation: the correlation keys to
    which a message belongs, see `engine.conversations`.
    variable, message_variable: where an error's or escalation's code and an error's words go.
    is_shared: the event refers to a definition that stands beside the processes.
    """

    kind: str
    name: str | None = None
    code: str | None = None
    timer: str | None = None
    text: str | None = None
    ref: str | None = None
    activity: str | None = None
    waits: bool = True
    bindings: tuple[str, ...] = ()
    retrieval: tuple[str, ...] = ()
    formerly: tuple[int, ...] = ()
    conversation: tuple[tuple[str, tuple[str, ...]], ...] = ()
    variable: str | None = None
    message_variable: str | None = None
    is_shared: bool = False


@dataclass(frozen=True)
class Loop:
    """Multi-instance or standard-loop characteristics; expressions are FEEL.

    behavior: All, None, One or Complex (§13.3.7); `thrown` is what None and One throw at the
    completion of an instance, `rules` what Complex throws under which condition.
    """

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
    behavior: str = "All"
    thrown: tuple[EventDefinition, ...] = ()
    rules: tuple[tuple[str, tuple[EventDefinition, ...]], ...] = ()


@dataclass(frozen=True)
class DataAssociation:
    """A data input or output association (§10.3.1): variables read, the variable written.

    transformation: FEEL over what is read; without it the only source is copied.
    assignments: (FEEL, variable) pairs, done after it.
    """

    sources: tuple[str, ...]
    target: str | None
    transformation: str | None = None
    assignments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class AdHoc:
    """How an ad-hoc sub-process runs (§13.3.5)."""

    sequential: bool = False
    completion: str | None = None
    cancel_remaining: bool = True


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
    """One flow node: an event, an activity or a gateway.

    compensation: it is a compensation handler; compensates: a boundary event, start event or event
    sub-process that compensation begins; handler: the activity that such a boundary event leads
    to. parallel: all of its events must happen, or its gateway awaits them all.
    needs, gives: tokens that it consumes to begin and sends out along each flow (§13.3.1).
    outward: its message flow leads to a pool that has no process here.
    """

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
    compensation: bool = False
    compensates: bool = False
    handler: str | None = None
    parallel: bool = False
    instantiates: bool = False
    needs: int = 1
    gives: int = 1
    activation: str | None = None
    ad_hoc: AdHoc | None = None
    data_in: tuple[DataAssociation, ...] = ()
    data_out: tuple[DataAssociation, ...] = ()
    outward: bool = False

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
    directly inside. `data`: names of the data objects and properties that it declares.
    """

    id: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    data: tuple[str, ...] = ()

    def starts(self) -> list[Node]:
        """Start events of the scope itself, in document order."""
        return self._starts

    def boundaries(self, activity: str) -> list[Node]:
        """Boundary events attached to an activity, compensation events left out."""
        return self._attached.get(activity, [])

    def event_subprocesses(self) -> list[Node]:
        """Event sub-processes that an event begins, those for compensation left out."""
        return self._listening

    def compensation_of(self, activity: str) -> Node | None:
        """The handler that a compensation boundary event of the activity leads to."""
        return self._handlers.get(activity)

    def undone_by(self, handler: str) -> str | None:
        """The activity that a compensation handler undoes."""
        return next((key for key, node in self._handlers.items() if node.id == handler), None)

    def entries(self) -> list[Node]:
        """Elements that a token enters when the scope begins without a start event (§13.2.4)."""
        links = ("link",)
        return [
            n
            for n in self.nodes.values()
            if not (n.incoming or n.attached_to or n.by_event or n.compensation)
            and not (n.kind == "intermediateCatchEvent" and n.event and n.event.kind in links)
        ]

    def triggers(self) -> dict[str, Node | None]:
        """Elements whose events begin a case: start events, receive tasks that instantiate, and
        events after an event-based gateway that does; with that gateway.
        """
        found: dict[str, Node | None] = {n.id: None for n in self._starts if n.events}
        for node in self.nodes.values():
            if node.instantiates and node.kind == "receiveTask":
                found[node.id] = None
            elif node.instantiates:
                found |= {self.flows[f].target: node for f in node.outgoing}
        return found

    @cached_property
    def _starts(self) -> list[Node]:
        return [n for n in self.nodes.values() if n.kind == "startEvent"]

    @cached_property
    def _attached(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            if node.attached_to and not node.compensates:
                found.setdefault(node.attached_to, []).append(node)
        return found

    @cached_property
    def _handlers(self) -> dict[str, Node]:
        return {
            n.attached_to: self.nodes[n.handler]
            for n in self.nodes.values()
            if n.attached_to and n.compensates and n.handler and n.handler in self.nodes
        }

    def link_target(self, name: str | None) -> Node | None:
        """The event that catches the link of that name, the first in the file (§10.5.5)."""
        return self._links.get(name)

    @cached_property
    def _links(self) -> dict[str | None, Node]:
        found: dict[str | None, Node] = {}
        for node in self.nodes.values():
            if node.kind == "intermediateCatchEvent" and node.event and node.event.kind == "link":
                found.setdefault(node.event.name, node)
        return found

    @cached_property
    def _listening(self) -> list[Node]:
        return [n for n in self.nodes.values() if n.is_scope and n.by_event and not n.compensates]

    @cached_property
    def undoing(self) -> Node | None:
        """The compensation event sub-process of the scope."""
        return next(
            (n for n in self.nodes.values() if n.is_scope and n.by_event and n.compensates), None
        )


@dataclass(frozen=True)
class Process:
    """One process of a drawing, with all its scopes by id (its own first); `is_task`: a global
    task, read as a process of that task alone.
    """

    id: str
    name: str
    executable: bool
    scopes: Mapping[str, Scope]
    properties: Mapping[str, str]
    camunda: Mapping[str, str]
    documentation: str = ""
    line: int = 0
    is_task: bool = False

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
    """One BPMN file. `repeated`: ids that several elements have, with how many do; `tasks`: its
    global tasks.
    """

    path: str
    processes: tuple[Process, ...]
    has_diagram: bool
    shapes: frozenset[str]
    repeated: tuple[tuple[str, int], ...] = ()
    tasks: tuple[Process, ...] = ()

    def process(self, process_id: str) -> Process | None:
        return next((p for p in self.callable if p.id == process_id), None)

    @property
    def callable(self) -> tuple[Process, ...]:
        """What a call activity may call: processes and global tasks."""
        return self.processes + self.tasks
