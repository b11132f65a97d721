"""What may stand in the diagram of a drawing: the interchange format of shapes and edges.

What other languages add (colours of editors) is left alone. Source: BPMN 2.0.2, Annex B (BPMNDI,
DI and DC).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from engine.bpmn import BPMNDI
from engine.check.document import Document, spot
from engine.check.finding import Finding, found

_DC = "http://www.omg.org/spec/DD/20100524/DC"
_DI = "http://www.omg.org/spec/DD/20100524/DI"
_ANY = re.compile(r".*", re.DOTALL)
_BOOL = re.compile(r"true|false|1|0")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|NaN|-?INF")
_KINDS = re.compile(r"(top|middle|bottom)_(non_)?initiating")
_VISIBLE = re.compile(r"(non_)?initiating")
_POINT = {"x": _NUMBER, "y": _NUMBER}
_PLACE = _POINT | {"width": _NUMBER, "height": _NUMBER}
_FLAGS = dict.fromkeys(("isBold", "isItalic", "isUnderline", "isStrikeThrough"), _BOOL)
_NAMED = {"id": _ANY}

ATTRIBUTES: dict[str, dict[str, re.Pattern[str]]] = {
    f"{{{BPMNDI}}}BPMNDiagram": _NAMED
    | {"name": _ANY, "documentation": _ANY, "resolution": _NUMBER},
    f"{{{BPMNDI}}}BPMNPlane": _NAMED | {"bpmnElement": _ANY},
    f"{{{BPMNDI}}}BPMNShape": _NAMED
    | {"bpmnElement": _ANY, "choreographyActivityShape": _ANY, "participantBandKind": _KINDS}
    | dict.fromkeys(("isHorizontal", "isExpanded", "isMarkerVisible", "isMessageVisible"), _BOOL),
    f"{{{BPMNDI}}}BPMNEdge": _NAMED
    | {"bpmnElement": _ANY, "sourceElement": _ANY, "targetElement": _ANY}
    | {"messageVisibleKind": _VISIBLE},
    f"{{{BPMNDI}}}BPMNLabel": _NAMED | {"labelStyle": _ANY},
    f"{{{BPMNDI}}}BPMNLabelStyle": _NAMED,
    f"{{{_DC}}}Bounds": _PLACE,
    f"{{{_DC}}}Font": {"name": _ANY, "size": _NUMBER} | _FLAGS,
    f"{{{_DC}}}Point": _POINT,
    f"{{{_DI}}}waypoint": _POINT,
    f"{{{_DI}}}extension": {},
}
"""The attributes of each element of a diagram, with what they may say."""

_ENDS = {"sourceElement", "targetElement", "labelStyle", "choreographyActivityShape"}
"""Attributes that name another part of the diagram."""
_ONE_PLANE = 1


def check_interchange(document: Document) -> Iterator[Finding]:
    """Advice on parts of the diagram that no editor reads as they were meant."""
    for diagram in document.root.iterchildren(f"{{{BPMNDI}}}BPMNDiagram"):
        parts = [part for part in diagram.iter() if isinstance(part.tag, str)]
        names = {part.get("id") for part in parts}
        planes = Counter(part.tag for part in diagram)[f"{{{BPMNDI}}}BPMNPlane"]
        if planes != _ONE_PLANE:
            yield _told(document, diagram, f"BPMNPlane: {planes}")
        for part in parts:
            yield from _part(document, part, names)


def _part(document: Document, part: Any, names: set[str | None]) -> Iterator[Finding]:
    known = ATTRIBUTES.get(part.tag)
    if known is None:
        if part.tag.startswith((f"{{{BPMNDI}}}", f"{{{_DC}}}", f"{{{_DI}}}")):
            yield _told(document, part, f"<{part.tag.rpartition('}')[2]}>")
        return
    for key, value in part.attrib.items():
        if key.startswith("{"):
            continue
        allowed = known.get(key)
        fits = allowed is not None and allowed.fullmatch(value.strip()) is not None
        if fits and key in _ENDS:
            # Some editors name what an edge joins instead of the shapes of it.
            name = value.strip().rpartition(":")[2]
            fits = name in names or name in document.by_id
        if not fits:
            yield _told(document, part, f'{key}="{value[:80]}"')


def _told(document: Document, part: Any, said: str) -> Finding:
    kind = part.tag.rpartition("}")[2]
    return found(document.path, "diagram-part", spot(part), kind=kind, said=said)
