"""Events that bring themselves about again: circles of what is thrown and what hears it, in which
nothing is waited for.

Sources: BPMN 2.0.2, 10.3.5 and 10.5.7 (event sub-processes, who catches an escalation), 10.5.6
(boundary events that do not interrupt), 13.2.1 (a start event begins a case of its own).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.bpmn import Drawing, EventDefinition, Node, Process, Scope
from engine.check.finding import Finding, found
from engine.check.graph import cycles, waits
from engine.check.passing import (
    THROWING,
    Passage,
    Passages,
    Thrown,
    catcher_of,
    listening_in,
    own_throws,
)
from engine.check.reach import divides

Key = tuple[str, str]
"""A process and an element or scope of it."""

Ways = Mapping[int, set[int]]
"""Which hearers, by their numbers, bring about which."""

_DEEPEST = 60
"""Scopes and calls around a place that are looked at; what lies deeper is never run."""

MOST_WAYS = 300_000
"""Ways from what is thrown to who hears it; a file with more is not searched to the end."""

MOST_SHOWN = 6
"""Elements of a circle that are named."""


@dataclass(frozen=True)
class Hearer:
    """What an event begins as often as it happens: an event sub-process or boundary event that
    does not interrupt, or a start event, which begins a case (`place` None).

    place: the scope or activity while which it hears; start: where its path begins in `scope`.
    """

    path: str
    process: Process
    node: Node
    events: tuple[EventDefinition, ...]
    scope: Scope
    start: Node
    place: str | None

    @property
    def key(self) -> Key:
        return self.process.id, self.node.id

    @property
    def is_keyed(self) -> bool:
        """Whether a message must have a key to be heard."""
        kept = (*self.events, *self.start.events)
        return "correlation" in self.start.properties or any(
            e.bindings or e.conversation for e in kept
        )


def check_echoes(drawings: Sequence[Drawing], passages: Passages) -> Iterator[Finding]:
    """Findings about circles of events, over all drawings of a bundle; one for each circle."""
    circles = _Circles(drawings, passages)
    if not circles.hearers:
        return
    certain, possible = circles.ways()
    told: set[int] = set()
    for ways in (certain, possible):
        for part in cycles(ways):
            sure = circles.lasts(part) if told.isdisjoint(part) else None
            if sure is None:
                continue
            told.update(part)
            rule = "endless-events" if sure and ways is certain else "busy-events"
            around = [circles.hearers[n] for n in _round(min(part), set(part), ways)]
            names = [h.node.name or h.node.id for h in around]
            yield found(around[0].path, rule, around[0].node, circle=_joined(names))


def _round(first: int, part: set[int], ways: Ways) -> list[int]:
    """A shortest way from an element of a circle back to it."""
    came: dict[int, int] = {}
    todo = [first]
    for here in todo:
        for target in sorted(ways[here] & part):
            if target == first:
                back = [here]
                while back[-1] != first:
                    back.append(came[back[-1]])
                return back[::-1]
            if target not in came:
                came[target] = here
                todo.append(target)
    return [first]


def _joined(names: list[str]) -> str:
    more = ["…"] if len(names) > MOST_SHOWN else []
    return " → ".join([*names[:MOST_SHOWN], *more, names[0]])


class _Circles:
    """Who hears what, over all processes, and who brings about whom."""

    def __init__(self, drawings: Sequence[Drawing], passages: Passages) -> None:
        self.passages = passages
        self.around = Around(drawings)
        self.hearers = [h for d in drawings for p in d.processes for h in _hearers(d.path, p)]
        self.number = {h.key: n for n, h in enumerate(self.hearers)}
        self.by_name: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, hearer in enumerate(self.hearers):
            for event in hearer.events:
                if event.name:
                    self.by_name[event.kind, event.name].append(number)
        self.nodes = [(p, n) for d in drawings for p in d.processes for n in p.nodes()]
        self.awaiting: dict[str, list[Key]] = defaultdict(list)
        for process in (p for d in drawings for p in d.processes):
            begins = process.top.triggers()
            for node in process.nodes():
                for event in node.events if node.kind not in THROWING else ():
                    if event.kind == "message" and event.name and node.id not in begins:
                        self.awaiting[event.name].append((process.id, node.id))
        self.thrown: dict[int, set[Key]] = {}
        self.left = MOST_WAYS
        self._divided: dict[Key, bool] = {}

    def ways(self) -> tuple[Ways, Ways]:
        """Certain ones, and all."""
        certain: dict[int, set[int]] = {}
        possible: dict[int, set[int]] = {}
        for number, hearer in enumerate(self.hearers):
            certain[number], possible[number], self.thrown[number] = set(), set(), set()
            passage = self.passages.of(hearer.process, hearer.scope, [hearer.start.id])
            if _quits(hearer, passage):
                continue
            for thrown in passage.thrown:
                self.thrown[number].add((thrown.process.id, thrown.node.id))
                heard = self._hear(thrown)
                self.left -= len(heard) + 1
                if self.left < 0:
                    return {}, {}
                possible[number].update(heard)
                certain[number].update(heard if thrown.certain else ())
        return certain, possible

    def _hear(self, thrown: Thrown) -> list[int]:
        """Who is begun by what is thrown."""
        event, name = thrown.event, thrown.event.name or ""
        if event.kind == "escalation":
            caught = self.around.catches(thrown)
            return [self.number[caught]] if caught in self.number else []
        if name.startswith("="):
            return []
        heard = [
            n
            for n in self.by_name.get((event.kind, name), ())
            if self.hearers[n].place is None
            or self.around.is_one_case(thrown.process, self.hearers[n].process)
        ]
        if event.kind == "message":
            heard = (
                heard if len(heard) == 1 and self._is_for(thrown, self.hearers[heard[0]]) else []
            )
        return heard

    def _is_for(self, thrown: Thrown, hearer: Hearer) -> bool:
        """Whether a message can come to nobody else: it has no key, and nothing else awaits it."""
        is_keyed = "correlation" in thrown.node.properties or bool(thrown.event.retrieval)
        own = (hearer.process.id, hearer.start.id)
        others = set(self.awaiting.get(thrown.event.name or "", ())) - {own}
        return not (is_keyed or hearer.is_keyed or others)

    def lasts(self, part: list[int]) -> bool | None:
        """Whether nothing but a wait could end a circle; None where it cannot go round at all, or
        another event ends it.
        """
        members = [self.hearers[n] for n in part]
        if not self._is_begun(part, members) or self._is_interrupted(members):
            return None
        places = sorted({(m.process.id, m.place) for m in members if m.place is not None})
        if len(places) < 2 and not any(m.node.attached_to for m in members):
            return True
        inner = max(places, key=lambda p: len(self.around.of(p)))
        if not all(place in self.around.of(inner) for place in places):
            return False if self._are_alongside(places) else None
        return True if self._rests(inner) else None

    def _is_begun(self, part: list[int], members: list[Hearer]) -> bool:
        """A signal or message may come from outside; an escalation is thrown in the case."""
        if any(e.kind != "escalation" for m in members for e in m.events):
            return True
        own = set().union(*(self.thrown[n] for n in part))
        return any(thrower not in own for n in part for thrower in self._escalating.get(n, ()))

    @cached_property
    def _escalating(self) -> dict[int, list[Key]]:
        """By hearer, the elements whose escalations it catches."""
        caught: dict[int, list[Key]] = defaultdict(list)
        for process, node in self.nodes:
            for thrown in own_throws(process, node):
                for hearer in self._hear(thrown) if thrown.event.kind == "escalation" else ():
                    caught[hearer].append((process.id, node.id))
        return caught

    def _is_interrupted(self, members: list[Hearer]) -> bool:
        """Whether a signal of the circle ends what one of its members is in."""
        names = {e.name for m in members for e in m.events if e.kind == "signal"}
        ended = {place for name in names for place in self._ended_by.get(name, ())}
        places = [(m.process.id, m.place) for m in members if m.place is not None]
        return any(not ended.isdisjoint(self.around.of(place)) for place in places if ended)

    @cached_property
    def _ended_by(self) -> dict[str | None, set[Key]]:
        """By signal, the scopes and activities that it ends."""
        ended: dict[str | None, set[Key]] = defaultdict(set)
        for process, node in self.nodes:
            host = node.attached_to
            if node.kind == "startEvent" and node.scope != process.id:
                host = (process.node(node.scope) or node).scope
            for event in node.events if host and node.interrupting else ():
                if event.kind == "signal" and host is not None:
                    ended[event.name].add((process.id, host))
        return ended

    def _are_alongside(self, places: list[Key]) -> bool:
        """Whether places that are not inside each other may be live at once."""
        shared = set.intersection(*(set(self.around.of(place)) for place in places))
        return any(self._is_divided(place) for place in shared)

    def _is_divided(self, place: Key) -> bool:
        if place not in self._divided:
            process = self.around.processes[place[0]]
            scope = process.scopes.get(place[1])
            self._divided[place] = scope is not None and divides(
                self.passages.graph(process, scope)
            )
        return self._divided[place]

    def _rests(self, place: Key) -> bool:
        """Whether a case may rest in a scope or activity."""
        process = self.around.processes[place[0]]
        node = process.node(place[1])
        if node is None:
            starts = process.top.starts() or process.top.entries()
            return not self.passages.of(process, process.top, [n.id for n in starts[:1]]).ends
        inside = self.passages.inside(process, node)
        return not inside.ends if inside is not None else waits(node)


def _hearers(path: str, process: Process) -> Iterator[Hearer]:
    top = process.top
    for start in top.starts():
        if not start.parallel:
            heard = _only(start, "signal", "message")
            yield from [Hearer(path, process, start, heard, top, start, None)] if heard else []
    for scope in process.scopes.values():
        for node, start in listening_in(process, scope):
            heard = _only(start, "signal", "message", "escalation")
            if heard and not start.interrupting and not start.parallel:
                inside = process.scopes[node.id]
                yield Hearer(path, process, node, heard, inside, start, scope.id)
        for node in scope.nodes.values():
            heard = _only(node, "signal", "message", "escalation")
            if node.attached_to and heard and not node.interrupting and not node.parallel:
                yield Hearer(path, process, node, heard, scope, node, node.attached_to)


def _only(node: Node, *kinds: str) -> tuple[EventDefinition, ...]:
    return tuple(e for e in node.events if e.kind in kinds)


def _quits(hearer: Hearer, passage: Passage) -> bool:
    """Whether the path of a hearer may end what it hears in, or its own other tokens."""
    ended = {e.kind for n in passage.reached if n.kind == "endEvent" for e in n.events}
    left = {t.event.kind for t in passage.outwards}
    is_own = not hearer.node.attached_to and not passage.forks
    return bool(left & {"error", "cancel"}) or ("terminate" in ended and not is_own)


class Around:
    """What lies around scopes and activities, callers too, and which processes run in one case."""

    def __init__(self, drawings: Iterable[Drawing]) -> None:
        self.processes = {p.id: p for d in drawings for p in d.callable}
        self.hosts: dict[Key, Key] = {}
        self._callers: dict[str, list[Key]] = defaultdict(list)
        self._case: dict[str, str] = {key: key for key in self.processes}
        for process in self.processes.values():
            for node in process.nodes():
                self.hosts[process.id, node.id] = (process.id, node.scope)
                if node.called in self.processes:
                    self._callers[node.called or ""].append((process.id, node.id))
                    self._case[self._root(node.called or "")] = self._root(process.id)
        self._known: dict[Key, list[Key]] = {}

    def _root(self, key: str) -> str:
        while self._case[key] != key:
            key = self._case[key]
        return key

    def is_one_case(self, one: Process, other: Process) -> bool:
        """Whether calls join the two processes."""
        return self._root(one.id) == self._root(other.id)

    def of(self, place: Key) -> list[Key]:
        """The place and all that it lies in; of several callers the first."""
        if place not in self._known:
            found_places: dict[Key, None] = {}
            here: Key | None = place
            while here is not None and here not in found_places:
                if len(found_places) >= _DEEPEST:
                    break
                found_places[here] = None
                callers = self._callers.get(here[0], []) if here[0] == here[1] else []
                here = self.hosts.get(here) or (callers[0] if callers else None)
            self._known[place] = list(found_places)
        return self._known[place]

    def catches(self, thrown: Thrown) -> Key | None:
        """The event sub-process or boundary event that catches an escalation, from its own scope
        outwards; an event sub-process catches none that comes out of itself.
        """
        without = ""
        for process_id, place in self.of((thrown.process.id, thrown.node.scope)):
            process = self.processes[process_id]
            scope = process.scopes.get(place)
            node = process.node(place)
            if scope is not None:
                listening = [(n, s) for n, s in listening_in(process, scope) if n.id != without]
                caught = catcher_of([s for _, s in listening], thrown.event)
                if caught is not None:
                    return process_id, caught.scope
            without = place
            if node is not None:
                beside = process.scopes[node.scope].boundaries(place)
                caught = catcher_of(beside, thrown.event)
                if caught is not None:
                    return process_id, caught.id
        return None
