"""Event sub-processes that throw the very signal by which they begin, and so begin without end.

An escalation that one throws goes to the scope around it, and an error interrupts (10.5.7).
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn import EventDefinition, Node, Process, Scope
from engine.check.finding import Finding, found
from engine.check.graph import Graph, waits

_THROWS = {"intermediateThrowEvent", "endEvent"}


def check_echoes(path: str, process: Process) -> Iterator[Finding]:
    """Findings about event sub-processes that do not interrupt and begin themselves again before
    anything is waited for (10.3.5, 10.5.7).
    """
    for node in process.nodes():
        scope = process.scopes.get(node.id)
        if node.by_event and scope is not None and _begins_itself(scope):
            yield found(path, "endless", node)


def _begins_itself(scope: Scope) -> bool:
    if any(inner.by_event for inner in scope.nodes.values()):
        return False  # One within it may hear the event first.
    graph = Graph(scope)
    for start in scope.nodes.values():
        event = start.event if start.kind == "startEvent" else None
        if event is None or start.interrupting or event.kind != "signal":
            continue
        for node in _passed(graph, start):
            thrown = node.event if node.kind in _THROWS else None
            if thrown is not None and _hears(event, thrown):
                return True
    return False


def _hears(event: EventDefinition, thrown: EventDefinition) -> bool:
    """Whether the signal is the one that is thrown."""
    return thrown.kind == "signal" and bool(thrown.name) and event.name == thrown.name


def _passed(graph: Graph, start: Node) -> Iterator[Node]:
    """What a token passes at once, as long as it has but one way to go."""
    here, seen = start, {start.id}
    while True:
        ways = graph.ways[here.id]
        if len(ways) != 1 or ways[0] in seen or waits(graph.scope.nodes[ways[0]]):
            return
        here = graph.scope.nodes[ways[0]]
        seen.add(here.id)
        yield here
