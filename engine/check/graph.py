"""One scope as a graph: where a token can go from each element, worked out once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from engine.bpmn import Node, Scope

WAITING_KINDS = frozenset({"userTask", "manualTask", "receiveTask", "intermediateCatchEvent"})
"""Elements at which a case rests until somebody or something moves it."""


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
    if node.kind == "intermediateCatchEvent" and _link(node) is not None:
        return False
    return node.kind in WAITING_KINDS or node.is_scope or node.kind in {
        "callActivity", "serviceTask", "sendTask", "eventBasedGateway",
    }  # fmt: skip


def cycles(ways: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The strongly connected parts of a graph that hold a circle (Tarjan, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[list[str]] = []
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


def _popped(stack: list[str], on_stack: set[str], until: str) -> list[str]:
    part: list[str] = []
    while True:
        node = stack.pop()
        on_stack.discard(node)
        part.append(node)
        if node == until:
            return part[::-1]
