"""What happens within one step from some elements on: what a token passes without waiting, what is
thrown on the way, and whether it comes to the end of its scope.

Sources: BPMN 2.0.2, 13.3.4 (sub-process), 13.4 (gateways), 10.5.7 (what catches errors and
escalations).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from engine.bpmn import EventDefinition, Node, Process, Scope
from engine.check.graph import Graph, may_stop, taken, waits

_DEEPEST = 50
"""Scopes and calls within each other that are followed; what lies deeper counts as a wait."""

MOST_STEPS = 100_000
"""Elements that all walks of a check may pass together; what is beyond counts as a wait."""

_OUTWARDS = {"error", "escalation", "cancel"}
THROWING = {"intermediateThrowEvent", "endEvent", "sendTask"}


@dataclass(frozen=True)
class Thrown:
    """An event that is thrown on the way. certain: in any case, whatever the data."""

    process: Process
    node: Node
    event: EventDefinition
    certain: bool


@dataclass
class Passage:
    """How far tokens come without waiting.

    thrown: all that they throw, inside sub-processes and called processes too; outwards: those
    errors, escalations and cancels that nothing inside catches. may_end: the end of the scope may
    be reached; ends: it is in any case. forks: one token may become several.
    """

    thrown: list[Thrown] = field(default_factory=list)
    outwards: list[Thrown] = field(default_factory=list)
    may_end: bool = False
    ends: bool = False
    forks: bool = False
    reached: list[Node] = field(default_factory=list)


class Passages:
    """The passages of processes, each walked once; one that is being walked does not end.

    find: the process that a call activity calls, None where it is drawn elsewhere.
    """

    def __init__(self, find: Callable[[str], Process | None]) -> None:
        self._find = find
        self._graphs: dict[tuple[str, str], Graph] = {}
        self._walked: dict[tuple[str, str, tuple[str, ...]], Passage] = {}
        self._depth = 0
        self.left = MOST_STEPS

    def graph(self, process: Process, scope: Scope) -> Graph:
        key = (process.id, scope.id)
        if key not in self._graphs:
            self._graphs[key] = Graph(scope)
        return self._graphs[key]

    def inside(self, process: Process, node: Node) -> Passage | None:
        """Of a sub-process or called process from its beginning; None where it is not known, or
        begins by itself or by people.
        """
        if node.by_event or node.kind == "adHocSubProcess":
            return None
        if node.kind == "callActivity":
            called = self._find(node.called or "")
            return None if called is None else self.of(called, called.top, _first(called.top))
        scope = process.scopes.get(node.id) if node.is_scope else None
        return None if scope is None else self.of(process, scope, _first(scope))

    def of(self, process: Process, scope: Scope, begins: Iterable[str]) -> Passage:
        """From some elements of a scope on."""
        key = (process.id, scope.id, tuple(begins))
        if key not in self._walked:
            if self._depth >= _DEEPEST or self.left < 0:
                return Passage()
            passage = self._walked[key] = Passage()
            self._depth += 1
            self._walk(process, self.graph(process, scope), key[2], passage)
            self._depth -= 1
        return self._walked[key]

    def ways(self, process: Process, graph: Graph, node: Node) -> list[str]:
        """Where a token may come from an element without waiting."""
        if not waits(node):
            return graph.ways[node.id]
        inside = self.inside(process, node)
        if inside is None:
            return []
        hit = [b.id for b, _ in self._hit(graph, node, inside)]
        return [*graph.ways[node.id], *hit] if inside.may_end else hit

    def certain(self, process: Process, graph: Graph, node: Node) -> list[str]:
        """Where a token comes from an element in any case, without waiting."""
        if not waits(node):
            return taken(graph, node) or []
        inside = self.inside(process, node)
        if inside is None or may_stop(graph, node):
            return []
        hit = [b for b, certain in self._hit(graph, node, inside) if certain and not node.loop]
        cut = [b.id for b in hit if b.interrupting]
        return cut or [b.id for b in hit] + (graph.ways[node.id] if inside.ends else [])

    def _hit(self, graph: Graph, node: Node, inside: Passage) -> Iterator[tuple[Node, bool]]:
        """Boundary events of an activity that catch what its inside throws outwards."""
        for thrown in inside.outwards:
            catcher = catcher_of(graph.boundaries.get(node.id, ()), thrown.event)
            if catcher is not None:
                yield catcher, thrown.certain

    def _walk(
        self, process: Process, graph: Graph, begins: tuple[str, ...], passage: Passage
    ) -> None:
        nodes = graph.scope.nodes
        reached = self._reached(begins, lambda n: self.ways(process, graph, n), nodes)
        sure = self._reached(begins, lambda n: self.certain(process, graph, n), nodes)
        listening = [start for _, start in listening_in(process, graph.scope)]
        for node in (nodes[key] for key in reached):
            passage.reached.append(node)
            passage.forks |= len(self.ways(process, graph, node)) > 1
            is_sure = node.id in sure
            passage.thrown += _weakened(self._thrown(process, node), is_sure)
            leaving = self._leaving(process, graph, node)
            leaving = [t for t in leaving if catcher_of(listening, t.event) is None]
            passage.outwards += _weakened(leaving, is_sure)
        # An event sub-process that hears what is thrown may wait for anything.
        if not (listening and passage.thrown) and self.left >= 0:
            passage.may_end = not nodes or any(
                self._may_leave(process, graph, nodes[key]) for key in reached
            )
            passage.ends = all(self._leaves(process, nodes[key]) for key in reached)

    def _reached(
        self, begins: tuple[str, ...], ways: Callable[[Node], list[str]], nodes: Mapping[str, Node]
    ) -> dict[str, None]:
        seen: dict[str, None] = dict.fromkeys(b for b in begins if b in nodes)
        todo = list(seen)
        while todo and self.left >= 0:
            self.left -= 1
            for target in ways(nodes[todo.pop()]):
                if target in nodes and target not in seen:
                    seen[target] = None
                    todo.append(target)
        return seen

    def _thrown(self, process: Process, node: Node) -> list[Thrown]:
        if not waits(node):
            return own_throws(process, node)
        inside = self.inside(process, node)
        self.left -= len(inside.thrown) if inside is not None else 0
        return _weakened(inside.thrown, node.loop is None) if inside is not None else []

    def _leaving(self, process: Process, graph: Graph, node: Node) -> list[Thrown]:
        if not waits(node):
            return [t for t in own_throws(process, node) if t.event.kind in _OUTWARDS]
        inside = self.inside(process, node)
        if inside is None:
            return []
        beside = graph.boundaries.get(node.id, ())
        left = [t for t in inside.outwards if catcher_of(beside, t.event) is None]
        return _weakened(left, node.loop is None)

    def _may_leave(self, process: Process, graph: Graph, node: Node) -> bool:
        if graph.ways[node.id] or _breaks(node):
            return False
        inside = self.inside(process, node) if waits(node) else None
        return inside.may_end if inside is not None else not waits(node)

    def _leaves(self, process: Process, node: Node) -> bool:
        """Whether a token leaves an element in any case, without waiting."""
        if node.needs > 1 or _breaks(node):
            return False
        if node.kind in {"parallelGateway", "complexGateway"} and len(node.incoming) > 1:
            return False
        inside = self.inside(process, node) if waits(node) else None
        return inside.ends if inside is not None else not waits(node)


def own_throws(process: Process, node: Node) -> list[Thrown]:
    """What an element throws itself, but for messages that an operation sends or nobody gets."""
    if node.kind not in THROWING or node.outward or "topic" in node.camunda:
        return []
    return [Thrown(process, node, event, True) for event in node.events]


def _weakened(thrown: list[Thrown], is_sure: bool) -> list[Thrown]:
    """The same, certain only where that is sure."""
    return thrown if is_sure else [replace(t, certain=False) for t in thrown]


def _first(scope: Scope) -> list[str]:
    """Where a token begins when the scope is entered."""
    starts = sorted(scope.starts(), key=lambda n: bool(n.events))
    return [starts[0].id] if starts else [n.id for n in scope.entries()]


def _breaks(node: Node) -> bool:
    return node.kind == "endEvent" and any(e.kind in {"error", "cancel"} for e in node.events)


def listening_in(process: Process, scope: Scope) -> list[tuple[Node, Node]]:
    """The event sub-processes of a scope, each with its start event."""
    insides = ((n, process.scopes.get(n.id)) for n in scope.event_subprocesses())
    return [(n, start) for n, inside in insides if inside is not None for start in inside.starts()]


def catcher_of(nodes: Iterable[Node], thrown: EventDefinition) -> Node | None:
    """Which of some events catches what is thrown: one of the same code before one for all."""
    for code in (thrown.code, None):
        for node in nodes:
            if any(e.kind == thrown.kind and e.code == code for e in node.events):
                return node
    return None
