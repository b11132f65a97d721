"""Leads the sequence flows of one scope along right angles, around the elements between."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from engine.layout.picture import Box, Point

_STEP, _DOWN = 7, 14
_TRACKS = 4


class Routes:
    """Knows which cells are taken and which channels between them have been used.

    cells: (row, column) of each element, rows counted through all lanes. lefts: the left edge of
    each column; bottoms: the lower edge of each row. The space before a column and below a row is
    free of elements and carries the flows.
    """

    def __init__(
        self,
        boxes: Mapping[str, Box],
        cells: Mapping[str, tuple[int, int]],
        lefts: Sequence[float],
        bottoms: Sequence[float],
    ) -> None:
        self.boxes = boxes
        self.cells = cells
        self.lefts = lefts
        self.bottoms = bottoms
        self.used: Counter[tuple[str, int]] = Counter()
        self.rows: dict[int, list[int]] = defaultdict(list)
        self.columns: dict[int, list[int]] = defaultdict(list)
        for row, column in sorted(cells.values()):
            self.rows[row].append(column)
            self.columns[column].append(row)

    def lead(self, source: str, target: str, *, turns: bool, joins: bool = False) -> list[Point]:
        """The points of a flow. turns: the source is a gateway, which may be left by its tip;
        joins: the target is one, whose tip is not for what comes back.
        """
        start, goal = self.boxes[source], self.boxes[target]
        (row, column), (to_row, to_column) = self.cells[source], self.cells[target]
        if to_column <= column:
            return self._back(start, goal, row, (to_row, to_column), joins=joins)
        (sx, sy), (_tx, ty) = start.middle, goal.middle
        clear = not _between(self.rows[row], column + 1, to_column - 1)
        clear_there = not _between(self.rows[to_row], column + 1, to_column - 1)
        if row == to_row and clear:
            return [(start.right, sy), (goal.x, ty)]
        low, high = sorted((row, to_row))
        if turns and row != to_row and clear_there and self._free_between(column, low, high):
            tip = start.bottom if to_row > row else start.y
            return [(sx, tip), (sx, ty), (goal.x, ty)]
        if clear:
            x = self._before(to_column)
            return [(start.right, sy), (x, sy), (x, ty), (goal.x, ty)]
        if clear_there and row != to_row:
            x = self._before(column + 1)
            return [(start.right, sy), (x, sy), (x, ty), (goal.x, ty)]
        if turns and row == to_row:
            return self._round(sx, start.bottom, row, goal=goal, column=to_column)
        out, back = self._before(column + 1), self._before(to_column)
        y = self._below(to_row if to_row < row else to_row - 1 if to_row > row else row)
        return [(start.right, sy), (out, sy), (out, y), (back, y), (back, ty), (goal.x, ty)]

    def fall(self, event: Box, host: str, target: str) -> list[Point]:
        """The points of a flow that leaves a boundary event, downwards."""
        goal, (row, column) = self.boxes[target], self.cells[host]
        to_row, to_column = self.cells[target]
        x, ty = event.middle[0], goal.middle[1]
        below = to_row > row and not _between(self.rows[to_row], column, to_column - 1)
        if below and to_column > column and self._free_between(column, row, to_row):
            return [(x, event.bottom), (x, ty), (goal.x, ty)]
        return self._round(x, event.bottom, row, goal=goal, column=to_column)

    def _back(
        self, start: Box, goal: Box, row: int, there: tuple[int, int], *, joins: bool
    ) -> list[Point]:
        """Against the reading direction, below the row."""
        x, y = start.middle[0], self._below(row)
        if there[0] == row and not joins:
            to = goal.middle[0] - (12 if goal is start else 0)
            start_x = x + (12 if goal is start else 0)
            return [(start_x, start.bottom), (start_x, y), (to, y), (to, goal.bottom)]
        return self._round(x, start.bottom, row, goal=goal, column=there[1], y=y)

    def _round(
        self,
        x: float,
        bottom: float,
        row: int,
        *,
        goal: Box,
        column: int,
        y: float | None = None,
    ) -> list[Point]:
        below = self._below(row) if y is None else y
        before, ty = self._before(column), goal.middle[1]
        return [(x, bottom), (x, below), (before, below), (before, ty), (goal.x, ty)]

    def _free_between(self, column: int, low: int, high: int) -> bool:
        return not _between(self.columns[column], low + 1, high - 1) and not (
            high - low > 0 and _between(self.columns[column], high, high)
        )

    def _before(self, column: int) -> float:
        """A vertical channel in the space before a column; each use takes the next track."""
        track = self.used["x", column] % _TRACKS
        self.used["x", column] += 1
        return self.lefts[column] - 14 - _STEP * track

    def _below(self, row: int) -> float:
        """A horizontal channel in the space below a row, with room for a name under each."""
        track = self.used["y", row] % _TRACKS
        self.used["y", row] += 1
        return self.bottoms[row] + 18 + _DOWN * track


def _between(taken: Sequence[int], first: int, last: int) -> bool:
    """Whether a sorted list has a number from first to last."""
    return bisect_left(taken, first) < bisect_right(taken, last)
