"""Scenarios speak of tasks by their names: an owner who renames one need not rewrite them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from engine import bpmn_reader
from engine.bundles import drawing_path, scenarios_path
from engine.errors import Refusal

NAMED_BY = frozenset({"complete", "refused", "open", "send", "ends"})
"""The parts of a step that name elements of the drawing."""


def follow(old: Mapping[str, str], new: Mapping[str, str], key: str) -> dict[str, str]:
    """`new`, its scenarios speaking of renamed elements by their new names.

    Only when the scenarios were left as they were: who changed them too meant what they say.
    """
    place, drawing = scenarios_path(key), drawing_path(key)
    files = dict(new)
    if place not in files or files[place] != old.get(place):
        return files
    renamed = _renamed(old.get(drawing), files.get(drawing))
    if not renamed:
        return files
    try:
        scenarios = json.loads(files[place])
    except (ValueError, RecursionError):
        return files
    spoken = _spoken(scenarios, renamed)
    if spoken != scenarios:
        files[place] = json.dumps(spoken, ensure_ascii=False, indent=2) + "\n"
    return files


def _renamed(old: str | None, new: str | None) -> dict[str, str]:
    """Old names to new ones, of elements that kept their id."""
    before, after = _names(old), _names(new)
    return {
        name: after[element]
        for element, name in before.items()
        if name and element in after and after[element] and after[element] != name
    }


def _names(text: str | None) -> dict[str, str]:
    if text is None:
        return {}
    try:
        drawing = bpmn_reader.read(text)
    except Refusal:
        return {}
    return {node.id: node.name for process in drawing.processes for node in process.nodes()}


def _spoken(scenarios: Any, renamed: Mapping[str, str]) -> Any:
    """The scenarios with the names of steps exchanged; anything else is left as it is."""
    if not isinstance(scenarios, dict):
        return scenarios
    return {
        title: [_step(step, renamed) for step in steps] if isinstance(steps, list) else steps
        for title, steps in scenarios.items()
    }


def _step(step: Any, renamed: Mapping[str, str]) -> Any:
    if not isinstance(step, dict):
        return step
    return {k: _name(v, renamed) if k in NAMED_BY else v for k, v in step.items()}


def _name(value: Any, renamed: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_name(one, renamed) for one in value]
    return renamed.get(value, value) if isinstance(value, str) else value
