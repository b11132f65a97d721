"""What a case went through, read off the paths of its steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from copy import copy
from itertools import pairwise
from math import ceil

from engine.bpmn import BY_PEOPLE, Flow, Node, Process

_JOINS = frozenset({"parallelGateway", "inclusiveGateway", "complexGateway"})
_THROWS = frozenset({"error", "escalation", "cancel", "terminate"})


class Trail:
    """Ids of elements in the order in which they were entered and completed; `begun` are the
    activities of which another instance has begun.

    A repeated activity counts once for each of its instances, and once when it has none: a token
    comes to it and leaves it all the same (§13.3.2). A join counts once for all tokens that it
    gathers: it is one element that waits, and it goes on once. An event behind an event-based
    gateway counts when it happens: until then the token stands at the gateway (BPMN 2.0 §10.6.6,
    §13.4.4). So does a task that people may leave undone in an ad-hoc sub-process, when it is
    done. An event that throws what ends its own scope is completed, though nothing leaves it.
    A global task is told of as the activity that calls it, by `calls`.
    """

    def __init__(self, processes: Iterable[Process], calls: Mapping[str, str]) -> None:
        self.calls = calls
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, Flow] = {}
        for process in processes:
            for scope in process.scopes.values():
                self.nodes.update(scope.nodes)
                self.flows.update(scope.flows)
        self._callers = [node for node in self.nodes.values() if node.called]
        self.entered: list[str] = []
        self.completed: list[str] = []
        self.begun: list[str] = []
        self._forget()

    def beside(self) -> Trail:
        """The trail of another case: it writes into the same lists, and gathers by itself."""
        other = copy(self)
        other._forget()
        return other

    def _forget(self) -> None:
        self._waits: dict[str, Counter[str]] = {}
        self._gathering: Counter[str] = Counter()
        self._leaving: Counter[str] = Counter()
        self._open: Counter[str] = Counter()
        self._come: dict[str, set[str]] = {}
        self._late: dict[str, set[str]] = {}
        self._racing: Counter[str] = Counter()
        self._containers: Counter[str] = Counter()
        self._empty: Counter[str] = Counter()
        self._instances: Counter[str] = Counter()

    def follow(self, path: Iterable[str], never: Container[int] = ()) -> None:
        """Adds one step's path: "+X" entered, "-X" left, "!X" withdrawn, ">F" flow taken.

        never: places in it of what was withdrawn in the same step, before it began.
        """
        before = ""
        own = [
            mark
            for place, mark in enumerate(path)
            if place not in never and mark[1:] not in self.calls
        ]
        self._leaving = Counter(mark[1:] for mark in own if mark[:1] == "-")
        for mark, following in pairwise((*own, "")):
            kind, name = mark[:1], mark[1:]
            if kind == "+":
                self._enter(name, before, repeated=following == mark)
            elif kind == "-":
                self._leave(name)
            elif kind == "!":
                self._withdraw(name)
            before = mark

    def _enter(self, name: str, before: str, *, repeated: bool) -> None:
        """repeated: the next mark is of the same element, by which its instances begin."""
        node, flow = self.nodes.get(name), self.flows.get(before[1:])
        along = flow if before[:1] == ">" and flow is not None and flow.target == name else None
        if node is not None and node.loop is not None:
            alone = not node.incoming and not self._containers[name]
            if along is not None or alone:
                self._containers[name] += 1
                if not repeated and not _gathers(node):
                    self._empty[name] += 1
                    self.entered.append(name)
                return
            self._instances[name] += 1
            self.begun.append(name)
        self._open[name] += 1
        source = self.nodes.get(along.source) if along is not None else None
        if (source is not None and source.kind == "eventBasedGateway") or self._is_offered(node):
            self._racing[name] += 1
            return
        if node is not None and _gathers(node):
            if along is not None and self._is_late(name, along.id):
                self.entered.append(name)
                return
            waits = self._waits.setdefault(name, Counter())
            waits[along.id if along is not None else ""] += 1
            needed = min(self._needed(node, waits), self._running(node.scope))
            if needed <= self._gathering[name]:
                return
            self._gathering[name] += 1
        self.entered.append(name)

    def _is_offered(self, node: Node | None) -> bool:
        """Whether people may leave it undone: in an ad-hoc sub-process that does one after the
        other, or when they have done it before (§13.3.5).
        """
        if node is None or node.kind not in BY_PEOPLE or node.incoming or node.loop is not None:
            return False
        around = self.nodes.get(node.scope)
        rules = around.ad_hoc if around is not None else None
        return rules is not None and (rules.sequential or node.id in self.completed)

    def _needed(self, node: Node, waits: Counter[str]) -> int:
        """In how many instances of its scope a join gathers if each has but one token of a flow: a
        parallel one that has all of its tokens leaves in the same step.
        """
        if node.kind not in _JOINS:
            return ceil(waits.total() / node.needs)
        needed = max(waits.values())
        others = len(node.incoming) - 1
        if node.kind == "parallelGateway" and others > 0:
            needed = max(needed, ceil((waits.total() - self._leaving[node.id]) / others))
        return needed

    def _running(self, scope: str) -> int:
        """How many instances of a scope run, as far as the marks tell."""
        if scope in self.nodes:
            return max(1, self._open[scope])
        return max(1, sum(self._open[n.id] for n in self._callers if n.called == scope))

    def _leave(self, name: str) -> None:
        self._leaving[name] -= 1
        if self._empty[name]:
            self._empty[name] -= 1
            self._containers[name] -= 1
            self.completed.append(name)
            return
        if self._is_container(name):
            self._containers[name] -= 1
            return
        self._open[name] -= 1
        if self._racing[name]:
            self._racing[name] -= 1
            self.entered.append(name)
        node = self.nodes.get(name)
        if node is not None and node.kind == "complexGateway":
            self._late[name] = set(node.incoming) - self._come.pop(name, set())
        if node is not None and self._gathering[name]:
            self._gathering[name] -= 1
            self._consume(node, self._waits[name])
        elif _gathers(node):
            # Two instances of one sub-process gathered at the same time.
            self.entered.append(name)
        self.completed.append(name)

    def _withdraw(self, name: str) -> None:
        if self._empty[name] or self._is_container(name):
            self._empty[name] -= bool(self._empty[name])
            self._containers[name] -= 1
            return
        self._open[name] -= 1
        if self._racing[name]:
            self._racing[name] -= 1
            return
        if self._gathering[name]:
            waits = self._waits[name]
            waits[max(waits, key=waits.__getitem__)] -= 1
            self._gathering[name] = min(self._gathering[name], waits.total())
            return
        node = self.nodes.get(name)
        throws = node is not None and node.kind in {"endEvent", "intermediateThrowEvent"}
        if throws and node is not None and any(e.kind in _THROWS for e in node.events):
            self.completed.append(name)

    @staticmethod
    def _consume(node: Node, waits: Counter[str]) -> None:
        """A join that goes on takes a token of each flow, an activity as many as it needs."""
        if node.kind in _JOINS:
            waits.subtract([flow for flow in waits if waits[flow]])
            return
        for _ in range(min(node.needs, waits.total())):
            waits[max(waits, key=waits.__getitem__)] -= 1

    def _is_late(self, name: str, flow: str) -> bool:
        """Whether a complex gateway, which has gone on, waits for that token to be reset by it:
        then it is consumed, and gathers with no other (§13.4.5).
        """
        if flow in self._late.get(name, ()):
            self._late[name].remove(flow)
            return True
        self._come.setdefault(name, set()).add(flow)
        return False

    def _is_container(self, name: str) -> bool:
        """Whether what ends is the repeated activity as a whole: no instance is left of it."""
        node = self.nodes.get(name)
        if node is None or node.loop is None:
            return False
        if self._instances[name]:
            self._instances[name] -= 1
            return False
        return self._containers[name] > 0

    def element(self, label: str) -> str:
        """The id of the element or flow that an error names by its name or id."""
        found = self._labelled(label)
        return self.calls.get(found, found)

    def _labelled(self, label: str) -> str:
        if label in self.nodes or label in self.flows:
            return label
        for name in reversed(self.entered):
            node = self.nodes.get(name)
            if node is not None and node.name == label:
                return name
        drawn: Mapping[str, Node | Flow] = {**self.nodes, **self.flows}
        found = next((i for i, thing in drawn.items() if thing.name == label), None)
        return found or (self.entered[-1] if self.entered else label)


def _gathers(node: Node | None) -> bool:
    """Whether the element waits for several tokens and goes on once for them."""
    return node is not None and (node.kind in _JOINS or node.needs > 1)
