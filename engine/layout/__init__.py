"""Lays out BPMN files that have no diagram, so that they can be looked at: `with_diagram`.

The owner's file stays as it is; only what is shown carries the computed shapes. The same file
always gives the same picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from engine.bpmn import BPMN, BPMNDI, DrawingUnreadable
from engine.bpmn_reader import parse_xml
from engine.layout.drawing import HEAD, draw_part
from engine.layout.groups import add_groups
from engine.layout.parts import local, name_of, part_of
from engine.layout.picture import Box, Picture, Point

__all__ = ["MOST_ELEMENTS", "with_diagram"]

DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
_TURN = 20
MOST_ELEMENTS = 5_000
"""A drawing with more elements cannot be read on a screen and is shown without shapes."""


def with_diagram(source: str, path: str = "drawing.bpmn") -> str:
    """The file with a diagram: unchanged if it has shapes of its own, else with computed ones.

    Pools stand one below the other, lanes are bands, sub-processes are drawn open; beside pools, a
    process without one is given one in what is shown. What cannot be read comes back as it is:
    whoever checks the file says what is wrong with it.
    """
    try:
        root = parse_xml(source.encode(), path)
    except DrawingUnreadable:
        return source
    if next(root.iter(f"{{{BPMNDI}}}BPMNShape"), None) is not None:
        return source
    if sum(1 for e in root.iter() if local(e)) > MOST_ELEMENTS:
        return source
    for empty in root.findall(f"{{{BPMNDI}}}BPMNDiagram"):
        root.remove(empty)
    plane, picture = _whole(root)
    add_groups(root, picture)
    root.append(_diagram(root, plane, picture))
    return etree.tostring(root, encoding="unicode")


def _whole(root: Any) -> tuple[str, Picture]:
    """The picture of all processes, and the id of what it is a picture of."""
    processes = {e.get("id", ""): e for e in root if local(e) == "process"}
    together = (e for e in root if local(e) == "collaboration")
    collaboration = next((e for e in together if next(_pools(e), None) is not None), None)
    picture = Picture()
    if collaboration is None:
        for element in processes.values():
            inside = draw_part(part_of(element))
            picture.add(inside, 0, picture.height)
            picture.height += inside.height
        return next(iter(processes), ""), picture
    _complete(root, collaboration, processes)
    for pool in _pools(collaboration):
        _pool(picture, pool.get("id"), processes.get(name_of(pool.get("processRef"))))
    pools = [i for i in picture.horizontal if picture.boxes[i].x == 0]
    for each in pools:
        box = picture.boxes[each]
        picture.boxes[each] = Box(0, box.y, picture.width, box.height)
    bands = [picture.boxes[each] for each in pools]
    for flow in (e for e in collaboration if local(e) == "messageFlow" and e.get("id")):
        ends = [picture.boxes.get(name_of(flow.get(r))) for r in ("sourceRef", "targetRef")]
        if ends[0] is not None and ends[1] is not None:
            picture.edges[flow.get("id")] = _message(ends[0], ends[1], bands)
    return collaboration.get("id", ""), picture


def _pools(collaboration: Any) -> Iterator[Any]:
    return (e for e in collaboration if local(e) == "participant" and e.get("id"))


def _complete(root: Any, collaboration: Any, processes: dict[str, Any]) -> None:
    """Gives pools to processes that have none beside those that have: a diagram of a
    collaboration shows nothing that is outside its pools.
    """
    pools = list(_pools(collaboration))
    shown = {name_of(pool.get("processRef")) for pool in pools}
    taken = {e.get("id") for e in root.iter() if e.get("id")}
    for key, process in processes.items():
        if key and key not in shown and part_of(process).nodes:
            pool = etree.Element(f"{{{BPMN}}}participant", processRef=key)
            pool.set("id", _free_id(f"{key}_pool", taken))
            if process.get("name"):
                pool.set("name", process.get("name"))
            pools[-1].addnext(pool)
            pools.append(pool)


def _pool(picture: Picture, pool: str, process: Any | None) -> None:
    """Adds a pool below those that are there; one without a process is a narrow band."""
    inside = Picture(600, 60) if process is None else draw_part(part_of(process))
    top = picture.height + (60 if picture.boxes else 0)
    picture.boxes[pool] = Box(0, top, inside.width + HEAD, inside.height)
    picture.horizontal.add(pool)
    picture.add(inside, HEAD, top)
    picture.height = top + inside.height
    picture.width = max(picture.width, inside.width + HEAD)


def _message(source: Box, target: Box, pools: list[Box]) -> list[Point]:
    """Down or up, with one step aside in the space before the receiver's pool."""
    down = target.y > source.y
    (sx, _sy), (tx, ty) = source.middle, target.middle
    sx, tx = (tx if source in pools else sx), (sx if target in pools else tx)
    begin, end = (source.bottom, target.y) if down else (source.y, target.bottom)
    pool = next((p for p in pools if p.y <= ty <= p.bottom), target)
    turn = pool.y - _TURN if down else pool.bottom + _TURN
    points = [(sx, begin), (sx, turn), (tx, turn), (tx, end)]
    return points if sx != tx else [points[0], points[3]]


def _diagram(root: Any, plane: str, picture: Picture) -> Any:
    names = {"bpmndi": BPMNDI, "dc": DC, "di": DI}
    taken = {e.get("id") for e in root.iter() if e.get("id")}
    diagram = etree.Element(f"{{{BPMNDI}}}BPMNDiagram", nsmap=names)
    ground = etree.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", bpmnElement=plane)
    for element, box in picture.boxes.items():
        shape = etree.SubElement(ground, f"{{{BPMNDI}}}BPMNShape", bpmnElement=element)
        shape.set("id", _free_id(f"{element}_di", taken))
        if element in picture.horizontal:
            shape.set("isHorizontal", "true")
        if element in picture.expanded:
            shape.set("isExpanded", "true")
        _bounds(shape, box)
        if element in picture.labels:
            _bounds(etree.SubElement(shape, f"{{{BPMNDI}}}BPMNLabel"), picture.labels[element])
    for element, points in picture.edges.items():
        edge = etree.SubElement(ground, f"{{{BPMNDI}}}BPMNEdge", bpmnElement=element)
        edge.set("id", _free_id(f"{element}_di", taken))
        for x, y in points:
            etree.SubElement(edge, f"{{{DI}}}waypoint", x=f"{x:g}", y=f"{y:g}")
        if element in picture.labels:
            _bounds(etree.SubElement(edge, f"{{{BPMNDI}}}BPMNLabel"), picture.labels[element])
    return diagram


def _free_id(wished: str, taken: set[str | None]) -> str:
    while wished in taken:
        wished += "_"
    taken.add(wished)
    return wished


def _bounds(parent: Any, box: Box) -> None:
    parent.append(
        etree.Element(
            f"{{{DC}}}Bounds",
            x=f"{box.x:g}",
            y=f"{box.y:g}",
            width=f"{box.width:g}",
            height=f"{box.height:g}",
        )
    )
