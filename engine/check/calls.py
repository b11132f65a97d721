"""What processes of a bundle do to each other: endless calls, and errors that nobody catches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.bpmn import Drawing, Node, Process, Scope
from engine.check.finding import Finding, found
from engine.check.graph import Graph, cycles
from engine.errors import Sentence

_DEEPEST = 100
"""Scopes and calls within each other that are followed; below, nothing is said to end."""

MOST_STEPS = 100_000
"""Scopes that are looked into for what catches errors; beyond, every error is taken as caught."""

_AT_ONCE = {"error", "escalation", "signal"}
"""Events that may interrupt an element although nothing has been waited for."""


def check_calls(drawings: Sequence[Drawing]) -> Iterator[Finding]:
    """Findings about calls and errors over all the drawings of a bundle."""
    processes = {p.id: (d.path, p) for d in drawings for p in d.processes if p.executable}
    ways = _Ways({key: process for key, (_, process) in processes.items()})
    calls = {key: [call.called or "" for call in ways.of(key).calls] for key in processes}
    circle = {key: number for number, part in enumerate(cycles(calls)) for key in part}
    outwards = _Outwards(_callers(process for _, process in processes.values()))
    for key, (path, process) in processes.items():
        for call in ways.of(key).calls:
            if key in circle and circle[key] == circle.get(call.called or ""):
                yield found(path, "endless-calls", call, called=call.called)
        for scope in process.scopes.values():
            for node in scope.nodes.values():
                if _throws(node) and not outwards.catches(node, process):
                    yield found(
                        path,
                        "error-uncaught",
                        node,
                        code=_code(node) or Sentence("without a code"),
                    )


@dataclass
class _Way:
    """How far a scope comes without waiting: the calls it makes, and whether it ends."""

    calls: list[Node] = field(default_factory=list)
    ends: bool = False


class _Ways:
    """The ways of all processes, each walked once; a process that is being walked does not end."""

    def __init__(self, processes: dict[str, Process]) -> None:
        self.processes = processes
        self._walked: dict[str, _Way] = {}
        self._depth = 0

    def of(self, key: str) -> _Way:
        if key not in self._walked:
            if self._depth >= _DEEPEST:
                return _Way()
            way = self._walked[key] = _Way()
            process = self.processes.get(key)
            if process is not None and process.id in process.scopes:
                way.ends = self._walk(process, process.top, way)
            else:
                way.ends = True
        return self._walked[key]

    def _walk(self, process: Process, scope: Scope, way: _Way) -> bool:
        """Adds the scope's calls to the way; whether the scope can end without waiting."""
        if self._depth >= _DEEPEST:
            return False
        self._depth += 1
        ends = self._walk_inside(process, scope, way)
        self._depth -= 1
        return ends

    def _walk_inside(self, process: Process, scope: Scope, way: _Way) -> bool:
        todo = [n.id for n in scope.starts()] or [n.id for n in scope.nodes.values() if _first(n)]
        todo += [n.id for n in scope.event_subprocesses() if _begins_at_once(process, n)]
        seen: set[str] = set()
        ways = Graph(scope).ways
        ends = not scope.nodes
        while todo:
            node = scope.nodes.get(todo.pop())
            if node is None or node.id in seen:
                continue
            seen.add(node.id)
            todo += [b.id for b in scope.boundaries(node.id) if _at_once(b)]
            if self._passes(process, node, way):
                ends = ends or not node.outgoing
                todo += ways[node.id]
        return ends

    def _passes(self, process: Process, node: Node, way: _Way) -> bool:
        """Whether a token can leave the element in the step in which it came."""
        if node.kind in {"userTask", "manualTask", "receiveTask"}:
            return False
        if node.kind == "intermediateCatchEvent":
            return any(event.kind == "link" for event in node.events)
        if node.kind == "callActivity":
            way.calls.append(node)
            return self.of(node.called or "").ends
        inside = process.scopes.get(node.id) if node.is_scope else None
        return inside is None or self._walk(process, inside, way)


def _first(node: Node) -> bool:
    return not node.incoming and not node.attached_to and not node.by_event


def _at_once(node: Node) -> bool:
    return any(event.kind in _AT_ONCE for event in node.events)


def _begins_at_once(process: Process, node: Node) -> bool:
    inside = process.scopes.get(node.id)
    return inside is not None and any(_at_once(start) for start in inside.starts())


def _throws(node: Node) -> bool:
    return node.kind == "endEvent" and any(event.kind == "error" for event in node.events)


def _code(node: Node) -> str | None:
    return next((event.code for event in node.events if event.kind == "error"), None)


def _catches(node: Node, code: str | None) -> bool:
    return any(e.kind == "error" and e.code in (None, code) for e in node.events)


def _callers(processes: Iterable[Process]) -> dict[str, list[tuple[Process, Node]]]:
    """The call activities by the process that they call."""
    found_calls: dict[str, list[tuple[Process, Node]]] = defaultdict(list)
    for process in processes:
        for node in process.nodes():
            if node.called:
                found_calls[node.called].append((process, node))
    return found_calls


@dataclass
class _Outwards:
    """What lies around the scopes of processes, callers in the bundle too; counts its steps."""

    callers: Mapping[str, list[tuple[Process, Node]]]
    left: int = MOST_STEPS

    def catches(self, node: Node, process: Process) -> bool:
        """Whether something outwards of an error end event catches it; taken to be so when the
        search is given up.
        """
        todo, seen = [(process, node.scope)], set()
        while todo:
            around, scope_id = todo.pop()
            scope = around.scopes.get(scope_id)
            if scope is None or (around.id, scope_id) in seen:
                continue
            seen.add((around.id, scope_id))
            self.left -= 1
            if self.left < 0 or _caught_inside(around, scope, node):
                return True
            for owner, host in self._hosts(around, scope_id):
                outside = owner.scopes.get(host.scope)
                if outside and any(_catches(b, _code(node)) for b in outside.boundaries(host.id)):
                    return True
                todo.append((owner, host.scope))
        return False

    def _hosts(self, around: Process, scope_id: str) -> list[tuple[Process, Node]]:
        """The elements that a scope is inside of: its sub-process, or the calls of its process."""
        if scope_id == around.id:
            return self.callers.get(around.id, [])
        host = around.node(scope_id)
        return [(around, host)] if host is not None else []


def _caught_inside(process: Process, scope: Scope, node: Node) -> bool:
    """Whether an event sub-process of the scope catches the error."""
    for inner in scope.event_subprocesses():
        begun = process.scopes.get(inner.id)
        if begun is not None and any(_catches(start, _code(node)) for start in begun.starts()):
            return True
    return False
