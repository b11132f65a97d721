"""What of a BPMN file has to be drawn: its pools, lanes, elements, flows and artifacts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn import ACTIVITIES, BPMN, EVENTS, GATEWAYS, SCOPES

_NODES = ACTIVITIES | GATEWAYS | EVENTS | {"callChoreography", "subChoreography"}
_DATA = frozenset({"dataObjectReference", "dataStoreReference", "dataInput", "dataOutput"})


@dataclass
class Lane:
    """A lane and those inside it; one without lanes inside is a band of the drawing."""

    id: str
    inside: list[Lane] = field(default_factory=list)
    members: list[str] = field(default_factory=list)

    def bands(self) -> list[Lane]:
        """The innermost lanes, from top to bottom."""
        return [band for lane in self.inside for band in lane.bands()] or [self]


@dataclass
class Part:
    """A process or an expanded sub-process, with what is directly inside it.

    nodes: (id, kind) without boundary events; boundary: event id -> activity it stands on;
    flows: (id, source, target); inner: the parts of its sub-processes by id; artifacts: (id,
    kind); links: (id, source, target) of associations, of data as well.
    """

    id: str
    nodes: list[tuple[str, str]] = field(default_factory=list)
    boundary: dict[str, str] = field(default_factory=dict)
    flows: list[tuple[str, str, str]] = field(default_factory=list)
    inner: dict[str, Part] = field(default_factory=dict)
    lanes: list[Lane] = field(default_factory=list)
    artifacts: list[tuple[str, str]] = field(default_factory=list)
    links: list[tuple[str, str, str]] = field(default_factory=list)


def local(element: Any) -> str:
    """An element's name without its namespace; "" for what is not an element of BPMN."""
    tag = element.tag
    if not isinstance(tag, str) or not tag.startswith(f"{{{BPMN}}}"):
        return ""
    return tag.rpartition("}")[2]


def name_of(reference: str | None) -> str:
    """What a QName names, without its prefix."""
    return (reference or "").strip().rpartition(":")[2]


def part_of(element: Any) -> Part:
    """What is to be drawn of a bpmn:process or sub-process."""
    part = Part(element.get("id", ""))
    for child in element:
        kind, own = local(child), child.get("id")
        if not own and kind != "laneSet":
            continue
        if kind == "sequenceFlow":
            part.flows.append((own, child.get("sourceRef", ""), child.get("targetRef", "")))
        elif kind == "boundaryEvent":
            part.boundary[own] = child.get("attachedToRef", "")
        elif kind in _NODES:
            part.nodes.append((own, kind))
            if kind in SCOPES:
                part.inner[own] = part_of(child)
        elif kind in _DATA or kind == "textAnnotation":
            part.artifacts.append((own, kind))
        elif kind == "association":
            part.links.append((own, child.get("sourceRef", ""), child.get("targetRef", "")))
        elif kind == "laneSet":
            part.lanes += _lanes(child)
        part.links += _data_links(child)
    return part


def _lanes(lane_set: Any) -> list[Lane]:
    found = []
    for element in lane_set:
        if local(element) == "lane" and element.get("id"):
            lane = Lane(element.get("id"))
            for child in element:
                if local(child) == "flowNodeRef":
                    lane.members.append((child.text or "").strip())
                elif local(child) == "childLaneSet":
                    lane.inside = _lanes(child)
            found.append(lane)
    return found


def _data_links(element: Any) -> Iterator[tuple[str, str, str]]:
    """Data associations, from the data to the element or back."""
    owner = element.get("id", "")
    for child in element:
        kind = local(child)
        if kind in {"dataInputAssociation", "dataOutputAssociation"} and child.get("id"):
            name = "sourceRef" if kind == "dataInputAssociation" else "targetRef"
            other = child.find(f"{{{BPMN}}}{name}")
            data = (other.text or "").strip() if other is not None else ""
            ends = (data, owner) if kind == "dataInputAssociation" else (owner, data)
            yield (child.get("id"), *ends)
