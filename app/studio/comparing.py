"""What differs between two bundles: elements of the drawing, forms, tables and scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from flask_babel import gettext, lazy_gettext

from engine import bpmn, bpmn_reader
from engine.bpmn import Node
from engine.errors import Refusal

PARTS = {
    "name": lazy_gettext("name"),
    "kind": lazy_gettext("kind of element"),
    "outgoing": lazy_gettext("flows out of it"),
    "default": lazy_gettext("default flow"),
    "events": lazy_gettext("event"),
    "attached_to": lazy_gettext("what it is attached to"),
    "interrupting": lazy_gettext("whether it interrupts"),
    "lane": lazy_gettext("lane"),
    "loop": lazy_gettext("repetition"),
    "properties": lazy_gettext("properties"),
    "camunda": lazy_gettext("who, when and which form"),
    "inputs": lazy_gettext("input parameters"),
    "outputs": lazy_gettext("output parameters"),
    "mappings": lazy_gettext("mappings"),
    "script": lazy_gettext("script"),
    "called": lazy_gettext("called process"),
}
"""What of an element an owner changes; its place in the file and on the sheet are no change."""


@dataclass(frozen=True)
class Change:
    """One difference. kind: added, changed, removed; element None for a file or a flow's
    condition.
    """

    kind: str
    what: str
    element: str | None
    before: str
    after: str


def compare(old: Mapping[str, str], new: Mapping[str, str], path: str) -> list[Change]:
    """All differences from `old` to `new`; the drawing at `path` element by element."""
    return [*_drawing(old.get(path), new.get(path), path), *_files(old, new, path)]


def _drawing(old: str | None, new: str | None, path: str) -> list[Change]:
    if old is None or new is None or old == new:
        return []
    before, after = _elements(old, path), _elements(new, path)
    if before is None or after is None:
        return []
    found = []
    for element_id, node in after.items():
        if element_id not in before:
            found.append(Change("added", _name(node), element_id, "", _kind(node)))
        elif before[element_id] != node:
            was, parts = before[element_id], _differing(before[element_id], node)
            if parts:
                words = ", ".join(str(PARTS.get(p, p)) for p in parts)
                found.append(
                    Change("changed", _name(node), element_id, _shown(was, parts), words)
                    if len(parts) > 1
                    else Change(
                        "changed", _name(node), element_id, _shown(was, parts), _shown(node, parts)
                    )
                )
    for element_id, node in before.items():
        if element_id not in after:
            found.append(Change("removed", _name(node), element_id, _kind(node), ""))
    return found


def _elements(text: str, path: str) -> dict[str, Any] | None:
    """Nodes and flows by id, or None of a drawing that cannot be read."""
    try:
        drawing = bpmn_reader.read(text, path)
    except Refusal:
        return None
    found: dict[str, Any] = {}
    for process in drawing.processes:
        for scope in process.scopes.values():
            found.update(scope.nodes)
            found.update(scope.flows)
    return found


def _differing(old: Any, new: Any) -> list[str]:
    if type(old) is not type(new):
        return ["kind"]
    ignored = {"line", "incoming", "documentation"}
    names = [f.name for f in fields(new) if f.name not in ignored]
    return [name for name in names if getattr(old, name) != getattr(new, name)]


def _name(element: Any) -> str:
    if isinstance(element, bpmn.Flow):
        return gettext("Flow %(name)s", name=element.name or element.id)
    return str(element.name or element.id)


def _kind(element: Any) -> str:
    return element.kind if isinstance(element, Node) else gettext("flow")


def _shown(element: Any, parts: list[str]) -> str:
    return "; ".join(_value(getattr(element, part, "")) for part in parts)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k} = {v}" for k, v in value.items())
    if isinstance(value, tuple):
        return ", ".join(_value(v) for v in value)
    if hasattr(value, "text"):
        return str(value.text or value.name or value.kind)
    return "" if value is None else str(value)


def _files(old: Mapping[str, str], new: Mapping[str, str], path: str) -> list[Change]:
    found = []
    for name in sorted({*old, *new}):
        if name == path:
            continue
        if name not in old:
            found.append(Change("added", name, None, "", gettext("new file")))
        elif name not in new:
            found.append(Change("removed", name, None, gettext("file"), ""))
        elif old[name] != new[name]:
            found.append(Change("changed", name, None, _size(old[name]), _size(new[name])))
    return found


def _size(text: str) -> str:
    return gettext("%(count)s lines", count=text.count("\n") + 1)
