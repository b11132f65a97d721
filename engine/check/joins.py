"""Two inclusive joins that wait for each other (BPMN 2.0.2, 13.4.3).

A join waits for a token that can come to a flow into it that has none, unless that token can come
to one that has one. So where one split sends a token to each of two joins in any case, and each
join leads to the other, both wait for ever. Only what is sure is told: nothing else may come into
the ways between them.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn import Node
from engine.check.finding import Finding, found
from engine.check.graph import Graph, taken

MOST_STEPS = 200_000
"""Elements that are passed; in a larger scope not all joins are looked at."""


def check_joins(path: str, graph: Graph) -> Iterator[Finding]:
    """Findings about pairs of inclusive joins of one scope."""
    nodes = graph.scope.nodes
    joins = [n for n in nodes.values() if n.kind == "inclusiveGateway" and len(n.incoming) > 1]
    if len(joins) < 2:
        return
    ways = _Ways(graph)
    fed = {join.id: ways.into(join) for join in joins}
    order = {join.id: number for number, join in enumerate(joins)}
    for join in joins:
        for other in sorted(fed[join.id].joins, key=order.__getitem__):
            if order[join.id] < order[other] and join.id in fed.get(other, _NOTHING).joins:
                pair = (join, nodes[other])
                if any(ways.is_left(fork, pair) for fork in _shared(fed[join.id], fed[other])):
                    name = nodes[other].name or other
                    yield found(path, "joins-wait", join, other=name)


class _Fed:
    """What feeds a join by ways that nothing else comes into: other joins, and the flows by which
    a split sends it a token in any case.
    """

    def __init__(self) -> None:
        self.joins: set[str] = set()
        self.forks: dict[str, set[str]] = {}


_NOTHING = _Fed()


def _shared(one: _Fed, other: _Fed) -> Iterator[str]:
    """Splits that feed both by flows of their own."""
    for fork in one.forks.keys() & other.forks.keys():
        if len(one.forks[fork] | other.forks[fork]) > 1:
            yield fork


class _Ways:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.left = MOST_STEPS

    def into(self, join: Node) -> _Fed:
        fed, flows = _Fed(), self.graph.scope.flows
        for first in join.incoming:
            here, is_sure, seen = first, True, set()
            while here not in seen and self.left > 0:
                self.left -= 1
                seen.add(here)
                source = self.graph.scope.nodes.get(flows[here].source)
                if source is None or source.attached_to:
                    break
                if source.kind == "inclusiveGateway" and len(source.incoming) > 1:
                    fed.joins.add(source.id)
                    break
                is_sure = is_sure and self._sends(source)
                if is_sure and len(source.outgoing) > 1:
                    fed.forks.setdefault(source.id, set()).add(here)
                if len(source.incoming) != 1 or self._is_linked(source):
                    break
                here = source.incoming[0]
        return fed

    def _sends(self, node: Node) -> bool:
        """Whether an element sends a token along each of its flows in any case."""
        outs = {self.graph.scope.flows[f].target for f in node.outgoing}
        return set(taken(self.graph, node) or ()) == outs

    def _is_linked(self, node: Node) -> bool:
        return node.kind == "intermediateCatchEvent" and any(e.kind == "link" for e in node.events)

    def is_left(self, fork: str, pair: tuple[Node, Node]) -> bool:
        """Whether no token comes back from the joins to what feeds them."""
        return fork not in self.graph.reached([pair[0].id, pair[1].id])
