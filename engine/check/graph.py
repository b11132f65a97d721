"""One scope as a graph: where a token can go from each element, worked out once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from engine.bpmn import Node, Scope

Key = TypeVar("Key", str, int)

WAITING_KINDS = frozenset({"userTask", "manualTask", "receiveTask", "intermediateCatchEvent"})
"""Elements at which a case rests until somebody or something moves it."""

_THROWS = {"intermediateThrowEvent", "endEvent", "sendTask"}
_CHOOSES = {"exclusiveGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}


@dataclass(frozen=True)
class Graph:
    """Elements by id with their ways: flows, links thrown to links caught, boundary events."""

    scope: Scope

    @cached_property
    def boundaries(self) -> Mapping[str, list[Node]]:
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self.scope.nodes.values():
            if node.attached_to:
                found[node.attached_to].append(node)
        return found

    @cached_property
    def _catches(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for node in self.scope.nodes.values():
            if node.kind == "intermediateCatchEvent" and _link(node) is not None:
                found[_link(node) or ""].append(node.id)
        return found

    @cached_property
    def ways(self) -> Mapping[str, list[str]]:
        """By element: where a token may come from it by flows and links, boundaries left out."""
        nodes, flows = self.scope.nodes, self.scope.flows
        found: dict[str, list[str]] = {}
        for node in nodes.values():
            targets = [flows[f].target for f in node.outgoing if flows[f].target in nodes]
            if node.kind == "intermediateThrowEvent" and _link(node) is not None:
                targets += self._catches.get(_link(node) or "", [])
            found[node.id] = targets
        return found

    @cached_property
    def moves(self) -> Mapping[str, list[str]]:
        """The same with the boundary events of each activity."""
        return {
            key: [*targets, *(b.id for b in self.boundaries.get(key, ()))]
            for key, targets in self.ways.items()
        }

    def reached(self, begins: Iterable[str]) -> set[str]:
        """All elements that can be reached from some, they themselves included."""
        todo = [b for b in begins if b in self.scope.nodes]
        seen: set[str] = set(todo)
        while todo:
            for target in self.moves[todo.pop()]:
                if target not in seen:
                    seen.add(target)
                    todo.append(target)
        return seen

    def begins(self) -> list[str]:
        """Where tokens begin: start events, event sub-processes, what instantiates; without any,
        all that nothing leads to.
        """
        nodes = self.scope.nodes.values()
        found = [
            n.id
            for n in nodes
            if n.kind == "startEvent"
            or n.by_event
            or n.compensation
            or (n.instantiates and not n.incoming)
        ]
        return found or [n.id for n in self.scope.entries()]


def _link(node: Node) -> str | None:
    event = node.event
    return (event.name or "") if event is not None and event.kind == "link" else None


def waits(node: Node) -> bool:
    """Whether a case may rest at an element, or does what cannot be told from outside."""
    if node.kind == "intermediateCatchEvent" and (_link(node) is not None or _is_over(node)):
        return False
    if node.kind in _THROWS:  # A message that an operation sends, or one that only a case hears.
        return "topic" in node.camunda or (node.kind == "sendTask" and not node.events)
    return node.kind in WAITING_KINDS or node.is_scope or node.kind in {
        "callActivity", "serviceTask", "eventBasedGateway",
    }  # fmt: skip


_NO_TIME = re.compile(r"-.*|P[0.,YMWDHST]*")


def _is_over(node: Node) -> bool:
    """Whether an event awaits a time that has come, in a circle at the latest the second time."""
    if len(node.events) != 1 or node.events[0].kind != "timer":
        return False
    event, text = node.events[0], (node.events[0].text or "").strip()
    if event.timer == "date":
        return text[:1].isdigit()
    return event.timer == "duration" and _NO_TIME.fullmatch(text) is not None


def taken(graph: Graph, node: Node) -> list[str] | None:
    """The ways that are taken from an element in any case; None where that depends on data. An
    exclusive gateway asks its flows in their order, and takes one without a condition (13.4.2).
    """
    if node.kind == "exclusiveGateway" and len(node.outgoing) > 1:
        flows = [graph.scope.flows[f] for f in node.outgoing if f != node.default]
        return None if flows[0].condition else [flows[0].target]
    if may_stop(graph, node):
        return None
    ways = graph.ways[node.id]
    if node.default is None or node.kind == "parallelGateway":
        return ways
    others = [graph.scope.flows[f].target for f in node.outgoing if f != node.default]
    return [target for target in others if target in graph.scope.nodes] or ways


def may_stop(graph: Graph, node: Node) -> bool:
    """Whether a token that comes to an element may not go on by each of its ways."""
    flows = graph.scope.flows
    if node.kind == "parallelGateway" and len(node.incoming) > 1:
        return True
    if len(node.outgoing) > 1 and node.kind in _CHOOSES:
        return True
    return any(flows[f].condition for f in node.outgoing)


def cycles(ways: Mapping[Key, Iterable[Key]]) -> list[list[Key]]:
    """The strongly connected parts of a graph that hold a circle (Tarjan, without recursion)."""
    index: dict[Key, int] = {}
    low: dict[Key, int] = {}
    stack: list[Key] = []
    on_stack: set[Key] = set()
    found: list[list[Key]] = []
    for root in ways:
        if root in index:
            continue
        work = [(root, iter(ways[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            here, targets = work[-1]
            for target in targets:
                if target not in ways:
                    continue
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(ways[target])))
                    break
                if target in on_stack:
                    low[here] = min(low[here], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[here])
                if low[here] == index[here]:
                    part = _popped(stack, on_stack, here)
                    if len(part) > 1 or here in set(ways[here]):
                        found.append(part)
    return found


def _popped(stack: list[Key], on_stack: set[Key], until: Key) -> list[Key]:
    part: list[Key] = []
    while True:
        node = stack.pop()
        on_stack.discard(node)
        part.append(node)
        if node == until:
            return part[::-1]
