"""The diagram of a drawing: what it does not show, and shapes that lie on each other.

The rules see the same as bpmnlint's `no-bpmndi` and `no-overlapping-elements`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.bpmn import BPMNDI
from engine.check.document import Document, children, kind_of, spot
from engine.check.finding import Finding, found
from engine.check.metamodel import is_a

_BOUNDS = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
_SHAPE = f"{{{BPMNDI}}}BPMNShape"
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
        part.get("bpmnElement")
        for part in document.root.iter(f"{{{BPMNDI}}}*")
        if part.get("bpmnElement")
    }
    if not shown:
        return
    for element in _visible(document):
        if element.get("id") not in shown:
            yield found(document.path, "no-bpmndi", spot(element))
    boxes = _boxes(document)
    left = MOST_PAIRS
    for group in _groups(document):
        here = [boxes[e.get("id")] for e in group if e.get("id") in boxes]
        overlapping, left = _overlaps(here, left)
        for element in overlapping:
            yield found(document.path, "no-overlapping-elements", spot(element))


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
        element = document.by_id.get(shape.get("bpmnElement", ""))
        bounds = shape.find(_BOUNDS)
        if element is None or bounds is None:
            continue
        try:
            x, y, width, height = (float(bounds.get(k, "")) for k in ("x", "y", "width", "height"))
        except ValueError:
            continue
        found_boxes[element.get("id")] = _Box(element, x, y, x + width, y + height)
    return found_boxes


def _groups(document: Document) -> Iterator[list[Any]]:
    """Elements that share a plane: those directly inside a scope, and the pools."""
    for container in document.all(*_CONTAINERS):
        yield [c for c in container if is_a(kind_of(c), "flowElement")]
    for collaboration in document.all("collaboration"):
        yield list(children(collaboration, "participant"))


def _overlaps(boxes: Iterable[_Box], left: int) -> tuple[list[Any], int]:
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
            if not _attached(box.element, other.element):
                overlapping[box.element.get("id")] = box.element
                overlapping[other.element.get("id")] = other.element
    return list(overlapping.values()), left


def _attached(one: Any, other: Any) -> bool:
    hosts = {one.get("attachedToRef"), other.get("attachedToRef")}
    return one.get("id") in hosts or other.get("id") in hosts
