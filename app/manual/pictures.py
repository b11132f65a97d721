"""The examples of rules as pictures: the faulty drawing and the mended one, where they differ.

Where a fault lies in what no drawing shows (an expression, a reference), two same pictures would
say nothing; the text beside them tells it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from lxml import etree

from app.manual import checked
from engine.bpmn import ACTIVITIES, EVENTS, GATEWAYS
from engine.layout import with_diagram

_NODES = ACTIVITIES | EVENTS | GATEWAYS
_LINES = frozenset({"sequenceFlow", "messageFlow", "association"})
_OTHERS = frozenset({"lane", "participant", "textAnnotation", "dataObjectReference"})
_SAYS = (
    "id", "name", "sourceRef", "targetRef", "attachedToRef", "default", "cancelActivity",
    "triggeredByEvent", "isInterrupting", "isForCompensation", "processRef",
)  # fmt: skip
"""Attributes that a drawing shows."""


def of(example: Mapping[str, Any]) -> tuple[str, str] | None:
    """The drawings of the example's `bad` and `good`, laid out; None where they look alike, or
    where the example says that there is nothing to see (`picture = false`).
    """
    is_drawn = example.get("file", "bpmn") == "bpmn" and example.get("picture", True)
    if "bad" not in example or not is_drawn or example.get("whole"):
        return None
    return _pair(checked.text(example, "bad"), checked.text(example, "good"))


def marks(drawing: str, told: Mapping[str, str] | None) -> dict[str, Any]:
    """What the faulty drawing shows of the finding: a badge, and of a line its course in red.

    told: {"element": "join", "severity": "error", "message": "..."}.
    """
    if not told or not told["element"]:
        return {}
    finding = {"severity": told["severity"], "text": told["message"]}
    found = {"findings": {told["element"]: [finding]}}
    if any(f'<{kind} id="{told["element"]}"' in drawing for kind in _LINES):
        return {**found, "removed": [told["element"]]}
    return found


@lru_cache(maxsize=512)
def _pair(bad: str, good: str) -> tuple[str, str] | None:
    pair = []
    for text in (bad, good):
        try:
            pair.append(etree.fromstring(text.encode()))
        except etree.XMLSyntaxError:
            return None
    if _seen(pair[0]) == _seen(pair[1]):
        return None
    if _names(pair[0]) == _names(pair[1]):
        for root in pair:
            _name(root)
    faulty, mended = (with_diagram(etree.tostring(root, encoding="unicode")) for root in pair)
    return faulty, mended


def _seen(root: etree._Element) -> list[Any]:
    """What one can tell from a drawing by looking at it, in any order."""
    kinds = _NODES | _LINES | _OTHERS
    seen = [
        (
            _kind(each),
            [each.get(name) for name in _SAYS],
            sorted(
                _kind(child) for child in each if _kind(child).endswith(("Definition", "tics"))
            ),
            each.find("{*}conditionExpression") is not None,
        )
        for each in root.iter(etree.Element)
        if _kind(each) in kinds
    ]
    return sorted(seen, key=repr)


def _names(root: etree._Element) -> set[str | None]:
    return {each.get("name") for each in root.iter(etree.Element) if _kind(each) in _NODES}


def _name(root: etree._Element) -> None:
    """Elements have their ids for names where they have none: findings speak of them so."""
    for each in root.iter(etree.Element):
        if _kind(each) in _NODES and not each.get("name") and each.get("id"):
            each.set("name", each.get("id", ""))


def _kind(element: etree._Element) -> str:
    return etree.QName(element).localname
