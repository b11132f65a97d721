"""Whether the files of a process name a group, as the engine reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from engine.bpmn_reader import parse_xml
from engine.spelling import split

_NAMING = frozenset(("candidateGroups", "candidateStarterGroups", "lane_group"))
"""Attributes, or properties, that hold groups within units: "van-thu@unit, lanh-dao"."""


def names(files: Mapping[str, str], group: str) -> bool:
    """Whether a drawing offers work to the group or lets it start, has a lane of its name, or
    whether any expression, table or form gives its key as a text.

    What follows "@" is a unit. The example runs of a process offer nobody anything.
    """
    return any(
        _names(path, text, group)
        for path, text in files.items()
        if not path.startswith("processes/scenarios/")
    )


def _names(path: str, text: str, group: str) -> bool:
    if group not in text:
        return False  # Most files: none is read for nothing.
    if PurePosixPath(path).suffix in (".bpmn", ".dmn"):
        return _is_in_drawing(parse_xml(text.encode(), path, comments=False), group)
    try:
        values = list(_texts(json.loads(text)))
    except ValueError:
        values = [text]
    return any(one.partition("@")[0] == group or _is_literal(one, group) for one in values)


def _is_in_drawing(root: Any, group: str) -> bool:
    for element in root.iter():
        kind = _local(element.tag)
        if _is_literal(element.text or "", group):
            return True
        for name, value in element.attrib.items():
            is_lane = kind == "lane" and name == "name"
            is_property = name == "value" and element.get("name") in _NAMING
            if is_lane or is_property or _local(name) in _NAMING:
                is_named = any(part.partition("@")[0].strip() == group for part in split(value))
            else:
                is_named = _is_literal(value, group)
            if is_named:
                return True
    return False


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _is_literal(text: str, group: str) -> bool:
    """Whether an expression in the text gives the group, by itself or within a unit."""
    return re.search(rf'"{re.escape(group)}(@[^"]*)?"', text) is not None


def _texts(value: Any) -> Iterator[str]:
    """Every text of a JSON value; the names of its fields are none."""
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else ():
        yield from _texts(one)
    for one in value if isinstance(value, list) else ():
        yield from _texts(one)
