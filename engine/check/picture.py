"""The diagram of a drawing: what it does not show, and shapes that lie on each other.

The rules see the same as bpmnlint's `no-bpmndi` and `no-overlapping-elements`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from engine.bpmn import BPMNDI
from engine.bpmn_reader.xml import local
from engine.check.document import Document, Spot, children, kind_of, spot
from engine.check.finding import Finding, found
from engine.check.metamodel import is_a

_BOUNDS = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
_SHAPE = f"{{{BPMNDI}}}BPMNShape"
_EDGE = f"{{{BPMNDI}}}BPMNEdge"
_POINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
_SIDES = ("x", "y", "width", "height")
_FEWEST_POINTS = 2
_LINES = frozenset(
    "sequenceFlow messageFlow association dataInputAssociation dataOutputAssociation "
    "conversationLink".split()
)
"""Kinds of elements that a diagram draws as edges."""
_HIDDEN = {"dataObject"}
_CONTAINERS = ("process", "subProcess", "transaction", "adHocSubProcess")
MOST_PAIRS = 500_000
"""Pairs of shapes that are compared; in a larger drawing not all overlaps are found."""


@dataclass(frozen=True)
class _Box:
    element: Any
    left: float
    top: float
    right: float
    bottom: float


def check_picture(document: Document) -> Iterator[Finding]:
    """Advice on the diagram; nothing where the file has none."""
    shown = {
        document.drawn_id(part)
        for part in document.root.iter(f"{{{BPMNDI}}}*")
        if part.get("bpmnElement")
    }
    if not shown:
        return
    yield from _drawn_badly(document)
    for element in _visible(document):
        if element.get("id") not in shown:
            yield found(document.path, "no-bpmndi", spot(element))
    boxes = _boxes(document)
    left = MOST_PAIRS
    for group in _groups(document):
        here = [boxes[e.get("id")] for e in group if e.get("id") in boxes]
        overlapping, left = _overlaps(document, here, left)
        for element in overlapping:
            yield found(document.path, "no-overlapping-elements", spot(element))


def _drawn_badly(document: Document) -> Iterator[Finding]:
    """Shapes and edges that no editor could draw: a shape has bounds, an edge two points
    (12.2.3).
    """
    for part in document.root.iter(_SHAPE, _EDGE):
        element = document.by_id.get(document.drawn_id(part))
        if element is None:
            continue
        kind, drawn = kind_of(element), local(part)
        if (kind in _LINES) != (part.tag == _EDGE):
            yield found(document.path, "shape-of-line", _at(part, element), kind=kind, drawn=drawn)
        elif part.tag == _SHAPE and _numbers(part.find(_BOUNDS), *_SIDES) is None:
            yield found(document.path, "bad-shape", _at(part, element))
        elif part.tag == _EDGE:
            points = (_numbers(point, "x", "y") for point in part.findall(_POINT))
            if sum(point is not None for point in points) < _FEWEST_POINTS:
                yield found(document.path, "bad-edge", _at(part, element))


def _at(part: Any, element: Any) -> Spot:
    """The element, at the line where it is drawn."""
    return replace(spot(element), line=part.sourceline)


def _numbers(part: Any | None, *names: str) -> list[float] | None:
    """Its attributes as numbers; None where one is missing, no finite number, or a size below
    zero.
    """
    try:
        read = {} if part is None else {name: float(part.get(name, "")) for name in names}
    except ValueError:
        return None
    is_sound = bool(read) and all(map(isfinite, read.values()))
    is_sound = is_sound and all(read.get(name, 0) >= 0 for name in ("width", "height"))
    return [*read.values()] if is_sound else None


def _visible(document: Document) -> Iterator[Any]:
    """Whatever a diagram draws: elements of flows, pools, lanes, artifacts, message flows."""
    for kind, elements in document.by_kind.items():
        if kind in _HIDDEN:
            continue
        if is_a(kind, "flowElement") or is_a(kind, "artifact") or kind in {
            "participant", "lane", "messageFlow",
        }:  # fmt: skip
            yield from elements


def _boxes(document: Document) -> dict[str, _Box]:
    found_boxes: dict[str, _Box] = {}
    for shape in document.root.iter(_SHAPE):
        element = document.by_id.get(document.drawn_id(shape))
        numbers = _numbers(shape.find(_BOUNDS), *_SIDES)
        if element is None or numbers is None:
            continue
        x, y, width, height = numbers
        found_boxes[element.get("id")] = _Box(element, x, y, x + width, y + height)
    return found_boxes


def _groups(document: Document) -> Iterator[list[Any]]:
    """Elements that share a plane: those directly inside a scope, and the pools."""
    for container in document.all(*_CONTAINERS):
        yield [c for c in container if is_a(kind_of(c), "flowElement")]
    for collaboration in document.all("collaboration"):
        yield list(children(collaboration, "participant"))


def _overlaps(document: Document, boxes: Iterable[_Box], left: int) -> tuple[list[Any], int]:
    """The elements whose boxes meet another one, boundary events and their hosts left out."""
    ordered = sorted(boxes, key=lambda box: box.left)
    overlapping: dict[str, Any] = {}
    for index, box in enumerate(ordered):
        for number in range(index + 1, len(ordered)):
            other = ordered[number]
            if other.left > box.right or left <= 0:
                break
            left -= 1
            if other.top > box.bottom or box.top > other.bottom:
                continue
            if not _attached(document, box.element, other.element):
                overlapping[box.element.get("id")] = box.element
                overlapping[other.element.get("id")] = other.element
    return list(overlapping.values()), left


def _attached(document: Document, one: Any, other: Any) -> bool:
    hosts = {document.id_of(one, "attachedToRef"), document.id_of(other, "attachedToRef")}
    return one.get("id") in hosts or other.get("id") in hosts
