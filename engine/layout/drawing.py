"""Turns the parts of a BPMN file into a picture: sub-processes, lanes and pools around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from engine.layout.grid import Grid, arrange
from engine.layout.parts import Lane, Part
from engine.layout.picture import Box, Picture, Point
from engine.layout.routes import Routes

_EVENT, _GATEWAY, _TASK = (36, 36), (50, 50), (110, 80)
_SIZES = {"textAnnotation": (150, 44), "dataStoreReference": (50, 50)}
_DATA = (36, 50)
_NAME, _APART = 90, 130
_GAP_X, _GAP_Y, _PAD = 60, 70, 20
HEAD = 30
"""Width of the band at the left of a pool or lane in which its name stands."""


def draw_part(part: Part) -> Picture:
    """A process or sub-process, its upper left corner at (0, 0), with all that is inside."""
    return _draw(part, _PAD)


def _draw(part: Part, top: float) -> Picture:
    """top: the space above the first row; in a sub-process its name stands there."""
    inner = {key: _draw(each, HEAD) for key, each in part.inner.items() if each.nodes}
    return _Scope(part, inner, top).picture()


def _size(kind: str) -> tuple[float, float]:
    if kind.endswith("Event"):
        return _EVENT
    return _GATEWAY if kind.endswith("Gateway") else _TASK


class _Scope:
    """One scope while it is drawn."""

    def __init__(self, part: Part, inner: dict[str, Picture], top: float) -> None:
        self.part = part
        self.top = top
        self.inner = inner
        self.kinds = dict(part.nodes)
        self.bands = [band for lane in part.lanes for band in lane.bands()]
        self.sizes = {
            node: (inner[node].width, inner[node].height) if node in inner else _size(kind)
            for node, kind in part.nodes
        }
        self.made = Picture()

    def picture(self) -> Picture:
        grid = self._grid()
        depth = max(map(_depth, self.part.lanes), default=0)
        offsets = list(accumulate((grid.rows(i) for i in range(len(self.bands) or 1)), initial=0))
        cells = {n: (offsets[c.lane] + c.row, c.column) for n, c in grid.cells.items()}
        lefts, right = self._columns(grid, cells, depth * HEAD + _PAD + 10)
        tops = self._rows(cells, offsets[-1])
        self._lanes(offsets, tops, right)
        lanes = frozenset(self.made.horizontal)
        self._boxes(cells, lefts, tops)
        bottoms = [
            tops[r + 1] - _GAP_Y for r in range(len(tops) - 1)
        ]  # The space below a row begins where its highest element ends.
        self._flows(Routes(self.made.boxes, cells, lefts, bottoms))
        self.made.width, self.made.height = right, tops[-1]
        self._artifacts(lanes)
        return self.made

    def _grid(self) -> Grid:
        host = self.part.boundary
        ends = [(host.get(s, s), t) for _i, s, t in self.part.flows]
        below = frozenset((host[s], t) for _i, s, t in self.part.flows if s in host)
        band = {m: i for i, lane in enumerate(self.bands) for m in lane.members}
        return arrange([n for n, _k in self.part.nodes], ends, band, below=below)

    def _columns(
        self, grid: Grid, cells: dict[str, tuple[int, int]], begin: float
    ) -> tuple[list[float], float]:
        """The left edge of each column, and where the scope ends."""
        widths = [0.0] * grid.columns()
        for node, (_row, column) in cells.items():
            widths[column] = max(widths[column], self.sizes[node][0])
        self.widths = widths
        lefts = list(accumulate((w + _GAP_X for w in widths), initial=begin))
        return lefts, lefts[-1] - _GAP_X + _PAD + 10

    def _rows(self, cells: dict[str, tuple[int, int]], rows: int) -> list[float]:
        """The upper edge of each row, and of the row after the last; what lies between two is
        the height of the highest element and the space for flows and names.
        """
        heights = [float(_TASK[1])] * rows
        for node, (row, _column) in cells.items():
            heights[row] = max(heights[row], self.sizes[node][1])
        return list(accumulate((h + _GAP_Y for h in heights), initial=self.top))

    def _boxes(
        self, cells: dict[str, tuple[int, int]], lefts: Sequence[float], tops: Sequence[float]
    ) -> None:
        for node, (row, column) in cells.items():
            width, height = self.sizes[node]
            x = lefts[column] + (self.widths[column] - width) / 2
            y = tops[row] + (tops[row + 1] - _GAP_Y - tops[row] - height) / 2
            self.made.boxes[node] = Box(x, y, width, height)
            if node in self.inner:
                self.made.expanded.add(node)
                self.made.add(self.inner[node], x, y)
            if self.kinds[node].endswith("Gateway"):
                self.made.labels[node] = Box(x - 25, y - 32, 100, 27)
        self._boundary_events()

    def _boundary_events(self) -> None:
        """On the lower edge of their activities, from right to left."""
        events: dict[str, list[str]] = {}
        for event, host in self.part.boundary.items():
            events.setdefault(host, []).append(event)
        for host, standing in events.items():
            if host in self.made.boxes:
                box = self.made.boxes[host]
                step = min(_APART, (box.width - 10) / len(standing))
                for count, event in enumerate(standing):
                    x = box.right - 46 - step * count
                    self.made.boxes[event] = Box(x, box.bottom - 18, *_EVENT)
                    # Its flow falls straight down: the name stands left of it, above the channels.
                    self.made.labels[event] = Box(x - _NAME - 2, box.bottom + 2, _NAME, 14)

    def _flows(self, routes: Routes) -> None:
        boxes, host = self.made.boxes, self.part.boundary
        for flow, source, target in self.part.flows:
            if target not in routes.cells:
                continue
            if source in host and host[source] in routes.cells:
                points = routes.fall(boxes[source], host[source], target)
            elif source in routes.cells:
                turns = self.kinds[source].endswith("Gateway")
                joins = self.kinds[target].endswith("Gateway")
                points = routes.lead(source, target, turns=turns, joins=joins)
            else:
                continue
            self.made.edges[flow] = points
            if len(points) > 2:
                self.made.labels[flow] = _beside(points)

    def _lanes(self, offsets: Sequence[int], tops: Sequence[float], right: float) -> None:
        """Bands across the whole width; a lane with lanes inside spans theirs."""
        edges = [tops[o] - (self.top if o == 0 else _GAP_Y / 2) for o in offsets]
        edges[-1] = tops[-1]
        number = {band.id: i for i, band in enumerate(self.bands)}

        def put(lane: Lane, depth: int) -> None:
            span = [number[band.id] for band in lane.bands()]
            top, bottom = edges[min(span)], edges[max(span) + 1]
            self.made.boxes[lane.id] = Box(depth * HEAD, top, right - depth * HEAD, bottom - top)
            self.made.horizontal.add(lane.id)
            for inside in lane.inside:
                put(inside, depth + 1)

        for lane in self.part.lanes:
            put(lane, 0)

    def _artifacts(self, lanes: frozenset[str]) -> None:
        """In a strip below the flow, each under what it belongs to; the lowest lane has it."""
        made, taken = self.made, float(_PAD)
        near = {a: b for _i, *ends in self.part.links for a, b in (ends, ends[::-1])}
        placed = sorted(
            self.part.artifacts, key=lambda a: _middle(made, near.get(a[0], "")), reverse=False
        )
        for artifact, kind in placed:
            width, height = _SIZES.get(kind, _DATA)
            x = max(taken, _middle(made, near.get(artifact, "")) - width / 2)
            made.boxes[artifact] = Box(x, made.height, width, height)
            taken = x + width + 40
        if placed:
            strip, wide = 50 + 2 * _PAD, max(made.width, taken)
            lowest = max((made.boxes[lane].bottom for lane in made.horizontal), default=0)
            for lane in made.horizontal:
                box = made.boxes[lane]
                more = strip if box.bottom == lowest else 0
                made.boxes[lane] = replace(
                    box, width=box.width + wide - made.width, height=box.height + more
                )
            made.height, made.width = made.height + strip, wide
        for link, source, target in self.part.links:
            if source in made.boxes and target in made.boxes:
                made.edges[link] = _straight(made.boxes[source], made.boxes[target])


def _beside(points: list[Point]) -> Box:
    """Where the name of a flow stands: below its longest level stretch, off the elements above."""
    level = [(a, b) for a, b in pairwise(points) if a[1] == b[1]]
    (x1, y), (x2, _) = max(level, key=lambda ends: abs(ends[0][0] - ends[1][0]))
    return Box((x1 + x2) / 2 - 40, y + 1, 80, 12)


def _depth(lane: Lane) -> int:
    return 1 + max(map(_depth, lane.inside), default=0)


def _middle(made: Picture, node: str) -> float:
    return made.boxes[node].middle[0] if node in made.boxes else 0.0


def _straight(source: Box, target: Box) -> list[Point]:
    """From the edge of one to the edge of the other, whichever lies lower."""
    upper, lower = sorted((source, target), key=lambda b: b.middle[1])
    points = [(upper.middle[0], upper.bottom), (lower.middle[0], lower.y)]
    return points if upper is source else points[::-1]
