"""Groups: a frame around the elements that name its category (BPMN 2.0.2 §7.3.2, §8.3.1)."""

from __future__ import annotations

from typing import Any

from engine.bpmn import BPMN
from engine.layout.parts import local, name_of
from engine.layout.picture import Box, Picture

_AROUND, _WIDTH, _HEIGHT, _APART = 12, 200, 80, 20


def add_groups(root: Any, picture: Picture) -> None:
    """Frames each group around what belongs to it; one to which nothing does stands below."""
    members = _members(root, picture)
    left = 0.0
    for group in root.iter(f"{{{BPMN}}}group"):
        own = group.get("id")
        if not own:
            continue
        boxes = members.get(name_of(group.get("categoryValueRef")), [])
        if boxes:
            picture.boxes[own] = _around(boxes)
        else:
            picture.boxes[own] = Box(left, picture.height + _APART, _WIDTH, _HEIGHT)
            left += _WIDTH + _APART


def _members(root: Any, picture: Picture) -> dict[str, list[Box]]:
    """The boxes of the elements that name a category value, by its id."""
    found: dict[str, list[Box]] = {}
    for reference in root.iter(f"{{{BPMN}}}categoryValueRef"):
        owner = reference.getparent()
        box = picture.boxes.get(owner.get("id")) if local(owner) else None
        if box is not None:
            found.setdefault(name_of(reference.text), []).append(box)
    return found


def _around(boxes: list[Box]) -> Box:
    left, top = min(b.x for b in boxes) - _AROUND, min(b.y for b in boxes) - _AROUND
    right, bottom = max(b.right for b in boxes) + _AROUND, max(b.bottom for b in boxes) + _AROUND
    return Box(left, top, right - left, bottom - top)
