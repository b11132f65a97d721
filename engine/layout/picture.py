"""Shapes and edges of a drawing in points, and how two pictures are put together."""

from __future__ import annotations

from dataclasses import dataclass, field

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle: its upper left corner, width and height, in pixels of the diagram."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def moved(self, right: float, down: float) -> Box:
        return Box(self.x + right, self.y + down, self.width, self.height)


@dataclass
class Picture:
    """What is drawn: boxes by element id, in the order of drawing, and edges as points.

    horizontal: pools and lanes, whose names stand at their left. expanded: sub-processes drawn
    open. labels: where the names of elements stand that would be crossed by their own flows.
    """

    width: float = 0
    height: float = 0
    boxes: dict[str, Box] = field(default_factory=dict)
    edges: dict[str, list[Point]] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)
    horizontal: set[str] = field(default_factory=set)
    expanded: set[str] = field(default_factory=set)

    def add(self, other: Picture, right: float, down: float) -> None:
        """Puts another picture's content into this one, moved."""
        self.boxes.update({i: b.moved(right, down) for i, b in other.boxes.items()})
        self.labels.update({i: b.moved(right, down) for i, b in other.labels.items()})
        self.edges.update(
            {i: [(x + right, y + down) for x, y in e] for i, e in other.edges.items()}
        )
        self.horizontal |= other.horizontal
        self.expanded |= other.expanded
