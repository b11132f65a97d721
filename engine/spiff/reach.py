"""From where in a scope a token can still come to a sequence flow (BPMN 2.0 §13.4.3).

Asked backwards from the flows, once for each question, so that it takes as long as the scope has
elements, however many flows lead into a join.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Container, Iterable
from functools import cached_property
from itertools import islice

from engine.bpmn import Scope

MOST_KEPT = 200_000
"""Names of elements that the kept answers of one scope may hold together."""
MOST_NEAR = 64
"""How many elements before a join are looked at before its scope is searched."""


class Reach:
    """The elements of one scope by what comes before them, and the last answers."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._answers: dict[tuple[str, frozenset[str]], frozenset[str]] = {}
        self._kept = 0

    @cached_property
    def _before(self) -> dict[str, list[str]]:
        """By element, those from which a token comes to it along a flow or a link."""
        links: dict[str | None, list[str]] = {}
        for node in self.scope.nodes.values():
            if node.kind == "intermediateThrowEvent" and node.event and node.event.kind == "link":
                links.setdefault(node.event.name, []).append(node.id)
        found = {}
        for node in self.scope.nodes.values():
            found[node.id] = [self.scope.flows[f].source for f in node.incoming]
            if node.kind == "intermediateCatchEvent" and node.event and node.event.kind == "link":
                found[node.id] += links.get(node.event.name, ())
        return found

    @cached_property
    def _after(self) -> dict[str, list[tuple[str | None, str]]]:
        """By element, the flows out of it and where they lead; None leads to a boundary event."""
        found: dict[str, list[tuple[str | None, str]]] = {n: [] for n in self.scope.nodes}
        for node in self.scope.nodes.values():
            into = [f for f in node.incoming if self.scope.flows[f].source in found]
            for flow in into:
                found[self.scope.flows[flow].source].append((flow, node.id))
            for source in self._before[node.id][len(node.incoming) :]:
                found[source].append(("", node.id))
            if node.attached_to in found:
                found[node.attached_to].append((None, node.id))
        return found

    def awaited(
        self, join: str, flows: Collection[str], filled: frozenset[str]
    ) -> tuple[int, frozenset[str]]:
        """Where a token must stand for the join to wait for it: it can come to one of the
        flows that has none, and along sequence flows to none that has one, without passing the
        join. A boundary event is no such flow: it may never happen, and when it happens, its
        activity may go on beside it. So its activity is waited for, but releases nobody. Before
        them, how many elements were looked at.
        """
        key = (join, filled)
        known = self._answers.get(key)
        if known is not None:
            return 1, known
        empty = (f for f in flows if f not in filled)
        looked, coming = self._upstream(join, empty, attached=True)
        more, released = self._upstream(join, (f for f in flows if f in filled), attached=False)
        listening = {p for p in coming if self.scope.nodes[p].attached_to}
        known = frozenset(coming - released - listening)
        self._keep(key, known)
        return looked + more + len(coming), known

    def near(
        self, join: str, empty: Iterable[str], standing: Container[str]
    ) -> tuple[int, list[str]]:
        """Elements close before the empty flows where a token stands, the nearest first; before
        them, how many elements were looked at. Others may be further away.
        """
        waiting = deque(self.scope.flows[flow].source for flow in islice(empty, MOST_NEAR))
        seen, found = {join}, []
        while waiting and len(seen) < MOST_NEAR:
            place = waiting.popleft()
            if place in seen or place not in self.scope.nodes:
                continue
            seen.add(place)
            if place in standing and not self.scope.nodes[place].attached_to:
                found.append(place)
            waiting += self._before[place]
        return len(seen), found

    def awaits(
        self, join: str, place: str, flows: Collection[str], filled: frozenset[str]
    ) -> tuple[int, bool]:
        """Whether the join waits for a token at that one element, as `awaited` says; before it,
        how many elements were looked at.
        """
        looked, reached = self._downstream(join, place, attached=False)
        if not filled.isdisjoint(reached):
            return looked, False
        if any(flow in flows for flow in reached):
            return looked, True
        more, reached = self._downstream(join, place, attached=True)
        return looked + more, any(f in flows and f not in filled for f in reached)

    def _downstream(self, join: str, place: str, *, attached: bool) -> tuple[int, list[str]]:
        """The flows on which a token at the element may come to the join; before them, how many
        elements lie between.
        """
        after, seen, waiting, found = self._after, {join}, [place], []
        while waiting:
            at = waiting.pop()
            if at in seen:
                continue
            seen.add(at)
            for flow, target in after[at]:
                if target == join and flow is not None:
                    found.append(flow)
                elif flow is not None or attached:
                    waiting.append(target)
        return len(seen), found

    def _keep(self, key: tuple[str, frozenset[str]], answer: frozenset[str]) -> None:
        size = len(key[1]) + len(answer) + 1
        if self._kept + size > MOST_KEPT:
            # All at once: threads that run other cases of the version may be reading.
            self._answers, self._kept = {}, 0
        self._answers[key] = answer
        self._kept += size

    def _upstream(
        self, join: str, flows: Iterable[str], *, attached: bool
    ) -> tuple[int, set[str]]:
        """Elements from which one of the flows can be reached without passing the join; by way
        of boundary events too, if `attached`. Before them, how many were looked at.
        """
        before, nodes = self._before, self.scope.nodes
        seen = {join}
        waiting = [self.scope.flows[flow].source for flow in flows]
        looked = 0
        while waiting:
            place = waiting.pop()
            looked += 1
            if place in seen or place not in nodes:
                continue
            seen.add(place)
            waiting += before[place]
            host = nodes[place].attached_to
            if host and attached:
                waiting.append(host)
        seen.discard(join)
        return looked, seen
