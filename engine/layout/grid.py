"""Puts the elements of one scope into columns and rows, from left to right.

A column is how many steps an element is away from the beginning, loops left out. A row belongs to
a lane; the main path keeps its row, and what branches off takes the next free one. Everything is
in cells here; `engine.layout.drawing` turns cells into points.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """Where an element stands: its lane, its row within the lane, its column."""

    lane: int
    row: int
    column: int


@dataclass
class Grid:
    """The cells of one scope. `backward`: flows that go against the reading direction."""

    cells: dict[str, Cell] = field(default_factory=dict)
    backward: set[tuple[str, str]] = field(default_factory=set)

    def rows(self, lane: int) -> int:
        """How many rows a lane needs; an empty one has one."""
        return max((c.row + 1 for c in self.cells.values() if c.lane == lane), default=1)

    def columns(self) -> int:
        return max((c.column + 1 for c in self.cells.values()), default=1)


def arrange(
    nodes: Sequence[str],
    flows: Iterable[tuple[str, str]],
    lanes: Mapping[str, int],
    *,
    below: frozenset[tuple[str, str]] = frozenset(),
) -> Grid:
    """Every node in a cell of its own.

    nodes: ids in document order. flows: (source, target) pairs of these ids. lanes: the lane's
    number of each node, 0 where it is not named. below: flows from boundary events, whose target
    begins a row of its own. Takes time in proportion to nodes and flows.
    """
    known = set(nodes)
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in dict.fromkeys(flows):
        if source in known and target in known and source != target:
            after[source].append(target)
    grid = Grid(backward=_backward(nodes, after))
    order, column = _columns(nodes, after, grid.backward)
    _Rows(grid, after, lanes, column, below).place(order)
    return grid


def _beginnings(nodes: Sequence[str], after: Mapping[str, list[str]]) -> list[str]:
    """Those without an incoming flow first, then the rest, for what only a loop reaches."""
    reached = {target for targets in after.values() for target in targets}
    return [n for n in nodes if n not in reached] + [n for n in nodes if n in reached]


def _backward(nodes: Sequence[str], after: Mapping[str, list[str]]) -> set[tuple[str, str]]:
    """Flows whose target is being visited already: those that close a loop."""
    backward: set[tuple[str, str]] = set()
    state: dict[str, int] = {}
    for beginning in _beginnings(nodes, after):
        if beginning in state:
            continue
        state[beginning] = 1
        path = [(beginning, iter(after[beginning]))]
        while path:
            node, targets = path[-1]
            target = next(targets, None)
            if target is None:
                state[node] = 2
                path.pop()
            elif target not in state:
                state[target] = 1
                path.append((target, iter(after[target])))
            elif state[target] == 1:
                backward.add((node, target))
    return backward


def _columns(
    nodes: Sequence[str], after: Mapping[str, list[str]], backward: set[tuple[str, str]]
) -> tuple[list[str], dict[str, int]]:
    """Nodes in an order in which nobody stands before who leads to them, and their columns."""
    before = dict.fromkeys(nodes, 0)
    for source, targets in after.items():
        for target in targets:
            before[target] += (source, target) not in backward
    column = dict.fromkeys(nodes, 0)
    ready = deque(node for node in nodes if not before[node])
    order: list[str] = []
    while ready:
        node = ready.popleft()
        order.append(node)
        for target in after[node]:
            if (node, target) not in backward:
                column[target] = max(column[target], column[node] + 1)
                before[target] -= 1
                if not before[target]:
                    ready.append(target)
    return order, column


class _Rows:
    """Gives each node, in order, the free row of its lane that is nearest to who leads to it."""

    def __init__(
        self,
        grid: Grid,
        after: Mapping[str, list[str]],
        lanes: Mapping[str, int],
        column: Mapping[str, int],
        below: frozenset[tuple[str, str]],
    ) -> None:
        self.grid = grid
        self.lanes = lanes
        self.column = column
        self.below = below
        self.after = after
        self.wish: dict[str, int] = {}
        self.ends: dict[tuple[int, int], int] = defaultdict(lambda: -1)

    def place(self, order: Sequence[str]) -> None:
        """Column by column, so that a row is filled from left to right."""
        for node in sorted(order, key=lambda n: self.column[n]):
            lane = self.lanes.get(node, 0)
            row = self._free(lane, self.wish.get(node, 0), self.column[node])
            self.grid.cells[node] = Cell(lane, row, self.column[node])
            self.ends[lane, row] = self.column[node]
            self._wish_for_followers(node, lane, row)

    def _wish_for_followers(self, node: str, lane: int, row: int) -> None:
        forward = [t for t in self.after[node] if (node, t) not in self.grid.backward]
        forward.sort(key=lambda target: (node, target) in self.below)
        for turn, target in enumerate(forward):
            there = self.lanes.get(target, 0)
            wished = row + (turn or (node, target) in self.below) if there == lane else 0
            self.wish[target] = min(self.wish.get(target, wished), wished)

    def _free(self, lane: int, wish: int, column: int) -> int:
        """The wished row, or the nearest below, that nothing occupies from here on."""
        row = wish
        while self.ends[lane, row] >= column:
            row += 1
        return row
