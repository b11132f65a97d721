"""Where tokens go: what nothing reaches, circles without a rest, joins that wait for ever.

Every walk is linear in the scope but that of joins, which is counted and given up when too long.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine import feel
from engine.bpmn import Node, Process, Scope
from engine.check.finding import Finding, found
from engine.check.graph import Graph, cycles, may_stop, waits
from engine.check.joins import check_joins
from engine.check.passing import THROWING, Passages, listening_in

MOST_STEPS = 2_000_000
"""Steps of the search for joins that can never fire; a larger scope is not searched to the end."""


def check_reach(
    path: str, process: Process, scope: Scope, passages: Passages, *, ad_hoc: bool = False
) -> Iterator[Finding]:
    """Findings about the paths of one scope."""
    graph = passages.graph(process, scope)
    if not ad_hoc:
        yield from _unreachable(path, graph)
    yield from _endless(path, graph, _Restless(process, graph, passages))
    yield from _never_done(path, process, scope)
    yield from _deadlocks(path, graph)
    yield from check_joins(path, graph)


def _unreachable(path: str, graph: Graph) -> Iterator[Finding]:
    seen = graph.reached(graph.begins())
    for node in graph.scope.nodes.values():
        if node.id and node.id not in seen and not node.compensates:
            yield found(path, "unreachable", node)


class _Restless:
    """What of a scope a token may leave in the step in which it came, and by which ways;
    certain: the ways that are taken whatever the data; always: those of elements that choose none.
    """

    def __init__(self, process: Process, graph: Graph, passages: Passages) -> None:
        nodes = graph.scope.nodes
        ways = {key: passages.ways(process, graph, node) for key, node in nodes.items()}
        restless = [key for key, node in nodes.items() if ways[key] or not waits(node)]
        self.order = {key: number for number, key in enumerate(restless)}
        self.ways = {key: [t for t in ways[key] if t in self.order] for key in self.order}
        self.certain = {
            key: [t for t in passages.certain(process, graph, nodes[key]) if t in self.order]
            for key in self.order
        }
        self.always = {
            key: targets
            for key, targets in self.certain.items()
            if not may_stop(graph, nodes[key])
        }


def _endless(path: str, graph: Graph, restless: _Restless) -> Iterator[Finding]:
    """Circles of elements that never wait: certain ones, and ones that only a condition ends."""
    nodes, order = graph.scope.nodes, restless.order
    for node in nodes.values():
        if not waits(node) and _repeats_for_ever(node):
            yield found(path, "endless", node)
    certain: set[str] = set()
    for part in cycles(restless.always):
        certain.update(part)
        yield found(path, "endless", nodes[min(part, key=order.__getitem__)])
    for part in cycles(restless.ways):
        if certain.intersection(part):
            continue
        inside = set(part)
        leaves = any(t not in inside for key in part for t in graph.moves[key])
        leaves = leaves or any(waits(nodes[k]) and not restless.certain[k] for k in part)
        first = min(part, key=order.__getitem__)
        taken = {key: restless.certain[key] for key in part} if leaves else {}
        circle = next(iter(cycles(taken)), None)
        if circle is not None:
            yield found(path, "endless-choice", nodes[min(circle, key=order.__getitem__)])
        else:
            yield found(path, "busy-loop" if leaves else "endless", nodes[first])


def _never_done(path: str, process: Process, scope: Scope) -> Iterator[Finding]:
    """Ad-hoc sub-processes whose work goes on by itself, done again until a condition holds that
    no data can change.
    """
    for node in scope.nodes.values():
        inner = process.scopes.get(node.id)
        if node.ad_hoc is None or inner is None or any(map(waits, inner.nodes.values())):
            continue
        if _begun_by_people(node) or _may_be_left(process, scope, node):
            continue
        if inner.nodes and _never_holds(node.ad_hoc.completion or ""):
            yield found(path, "endless", node)


def _begun_by_people(node: Node) -> bool:
    """Whether what runs by itself in an ad-hoc sub-process is offered to its candidates."""
    given = {**node.properties, **node.camunda}
    names = ("assignee", "candidateGroups", "candidateUsers")
    return bool(node.lane or any(given.get(name) for name in names))


def _may_be_left(process: Process, scope: Scope, node: Node) -> bool:
    """Whether something may end a sub-process within its step: what it throws, or a condition."""
    inner = process.scopes[node.id]
    if any(n.kind in THROWING for n in inner.nodes.values()):
        return True
    around = [*scope.boundaries(node.id), *(start for _, start in listening_in(process, inner))]
    outer: Scope | None = scope
    while outer is not None:
        around += [start for _, start in listening_in(process, outer)]
        host = process.node(outer.id)
        outer = process.scopes.get(host.scope) if host is not None else None
        if host is not None and outer is not None:
            around += outer.boundaries(host.id)
    return any(event.kind == "conditional" for each in around for event in each.events)


def _never_holds(text: str) -> bool:
    """Whether a condition is another constant than true."""
    try:
        read = feel.parse(text)
        is_constant = not (read.variables or read.possible or read.calls)
        return is_constant and read.evaluate({}, {}) is not True
    except feel.FeelError:
        return False  # Told of already.


def _repeats_for_ever(node: Node) -> bool:
    """Whether a standard loop has a condition that always holds, and no most."""
    loop = node.loop
    if loop is None or loop.kind != "standard" or loop.maximum is not None:
        return False
    return (loop.condition or "").strip().lstrip("= ") == "true"


def _deadlocks(path: str, graph: Graph) -> Iterator[Finding]:
    """Parallel joins of which two ways in can never both have a token.

    Tokens of one case on two ways must come from an element at which one became several; a join
    with two ways in that no such element feeds by different ways out waits for ever.
    """
    nodes = graph.scope.nodes
    joins = [n for n in nodes.values() if n.kind == "parallelGateway" and len(n.incoming) > 1]
    if not joins or _several_from_outside(graph):
        return
    reached = graph.reached(graph.begins())
    search = _Search(graph)
    for join in joins:
        if join.id not in reached:
            continue
        verdict = search.starves(join)
        if verdict is None:
            return
        if verdict:
            yield found(path, "deadlock", join)


def _several_from_outside(graph: Graph) -> bool:
    """Whether a scope begins with several tokens: then ways in may each have their own."""
    return not graph.scope.starts() and len(graph.begins()) > 1


def divides(graph: Graph) -> bool:
    """Whether a scope may hold several tokens at once."""
    return bool(_Search(graph).forks) or _several_from_outside(graph)


class _Search:
    """Which ways out of which forks lead to the ways into a join; counts its steps."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.left = MOST_STEPS
        self.before: dict[str, list[tuple[str, str]]] = {}
        for key, targets in graph.moves.items():
            for number, target in enumerate(targets):
                self.before.setdefault(target, []).append((key, f"{key}/{number}"))
        self.forks = {key for key, node in graph.scope.nodes.items() if self._forks(node)}

    def _forks(self, node: Node) -> bool:
        """Whether one token may become several here: a split that takes more than one way out, or
        an activity with a boundary event that does not interrupt it, or many instances.
        """
        if any(not b.interrupting for b in self.graph.boundaries.get(node.id, ())):
            return True
        if node.kind == "eventBasedGateway":
            # One that begins a case with all of its events lets each of them go on (10.6.6).
            return node.instantiates and node.parallel and len(node.outgoing) > 1
        if node.kind in {"exclusiveGateway", "intermediateThrowEvent"}:
            return node.kind != "exclusiveGateway" and len(self.graph.ways[node.id]) > 1
        if node.kind in {"parallelGateway", "complexGateway"}:
            return len(node.outgoing) > 1
        return self._most_taken(node) > 1

    def _most_taken(self, node: Node) -> int:
        """Ways out that can be taken at once: the default is taken where no other is."""
        flows = [self.graph.scope.flows[f] for f in node.outgoing]
        return sum(1 for flow in flows if flow.id != node.default) or len(flows)

    def starves(self, join: Node) -> bool | None:
        """Whether two of a join's ways in can never both be reached; None when given up."""
        reaches: list[dict[str, set[str]]] = []
        for flow_id in join.incoming:
            flow = self.graph.scope.flows[flow_id]
            found_ways = self._ways_to(flow.source, join.id)
            if found_ways is None:
                return None
            reaches.append(found_ways)
        for group in self._alike(reaches):
            for number, one in enumerate(group):
                for other in group[:number]:
                    self.left -= len(one)
                    if self.left < 0:
                        return None
                    if not any(_differ(ways, other.get(fork)) for fork, ways in one.items()):
                        return True
        return False

    def _alike(self, reaches: list[dict[str, set[str]]]) -> list[list[dict[str, set[str]]]]:
        """Groups of ways in: those of two groups leave some fork that leads to all of them by
        different ways, so that only ways of one group need be compared.
        """
        groups = [reaches]
        for fork in [f for f in reaches[0] if all(f in reach for reach in reaches)]:
            self.left -= len(reaches)
            finer: dict[tuple[int, str], list[dict[str, set[str]]]] = {}
            for number, group in enumerate(groups):
                for reach in group:
                    if len(reach[fork]) == 1:
                        finer.setdefault((number, min(reach[fork])), []).append(reach)
            groups = [group for group in finer.values() if len(group) > 1]
            if not groups or self.left < 0:
                break
        return groups

    def _ways_to(self, source: str, join: str) -> dict[str, set[str]] | None:
        """By fork, the ways out of it by which the end of a flow into the join is reached."""
        ways: dict[str, set[str]] = {}
        seen, todo = {source}, [source]
        if source in self.forks:
            for number, target in enumerate(self.graph.moves[source]):
                if target == join:
                    ways.setdefault(source, set()).add(f"{source}/{number}")
        while todo:
            here = todo.pop()
            for key, way in self.before.get(here, ()):
                self.left -= 1
                if self.left < 0:
                    return None
                if key in self.forks:
                    ways.setdefault(key, set()).add(way)
                if key not in seen:
                    seen.add(key)
                    todo.append(key)
        return ways


def _differ(one: set[str], other: set[str] | None) -> bool:
    """Whether two ways of a fork can be chosen, one from each set, that are not the same."""
    return other is not None and (len(one) > 1 or len(other) > 1 or one != other)
