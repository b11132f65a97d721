"""What drawings say in attributes and properties of ours that take values of one kind: constants
of another kind would be passed over in silence, or stop a case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.bpmn import Node, Process
from engine.check.alike import Alike
from engine.check.finding import Finding, found
from engine.check.texts import FOREIGN, MOMENTS, TIME, Text
from engine.check.timers import time_of
from engine.errors import Sentence
from engine.spelling import is_iso, split

_VARIABLE = re.compile(r"[^\W\d][\w '-]*(\.[^\W\d][\w '-]*)*\Z")
COLUMN_KINDS = ("text", "number", "date", "instant", "boolean")
_PATHS = ("variable", "concerns")
VARIABLES = ("resultVariable", "variable", "result_variable", "concerns")
"""Attributes and properties that hold the name of a variable, or a path into one."""

ONLY = {"clock": {"paused"}, "sees": {"task", "outside"}}
"""Properties that hold one word if any, and which."""
PROPERTIES = (
    "cancel_while", "catalogues", "clock", "code_prefix", "columns", "concerns", "correlation",
    "description", "description_en", "due", "duty", "field", "field_en", "form", "format",
    "in_person", "label", "label_en", "labels", "labels_en", "lane_group", "legal_basis",
    "name_en", "registers", "result_variable", "seen_with", "sees", "sender", "separate_from",
    "shown_as", "shows", "started_from", "state", "state_en", "subject", "title", "variable",
    "versions", "width",
)  # fmt: skip
"""Properties of ours that drawings and forms may have; others are somebody else's."""
NEAR = 0.9
"""How much alike a property and one of ours must be written to be a slip of the hand."""

MOMENT = Sentence("a date, or a span of time")
WORDS: Mapping[str, tuple[Sentence, Sentence]] = {
    "priority": (Sentence("a whole number"), Sentence("a number such as 50, or FEEL such as =x")),
    **dict.fromkeys(
        (*MOMENTS, "due"),
        (MOMENT, Sentence("a date, a duration such as P5D, or FEEL such as =x")),
    ),
    "clock": (Sentence("a way of counting time"), Sentence("paused, or remove the property")),
    "sees": (Sentence("a part of a case"), Sentence("task or outside, or remove the property")),
    **dict.fromkeys(
        VARIABLES,
        (Sentence("the name of a variable"), Sentence("a name such as result, without signs")),
    ),
    **dict.fromkeys(("in_person", "cancel_while"), (
        Sentence("a test of the case's own data"),
        Sentence("a comparison of variables, which asks nothing outside of the case"),
    )),
    "columns": (
        Sentence("a list of columns"),
        Sentence("each as name:kind or name:kind=FEEL; the kinds are {kinds}",
                 {"kinds": ", ".join(COLUMN_KINDS)}),
    ),
}  # fmt: skip
"""Each attribute and property of one kind: what it holds, and what to write."""


def wrong_value(path: str, item: Any, key: str, text: str) -> Finding:
    """The finding that one of `WORDS` holds something else."""
    wanted, instead = WORDS[key]
    return found(path, "bad-value", item, key=key, text=text[:100], wanted=wanted, instead=instead)


def no_constant(path: str, one: Text) -> Finding:
    """The finding that a text is neither the constant nor the FEEL that stands in its place."""
    if one.key == TIME:
        return found(path, "timer-words", one.item, text=one.text[:100])
    return wrong_value(path, one.item, one.key, one.text)


def check_values(path: str, process: Process) -> Iterator[Finding]:
    """Findings about constants; expressions in their place are examined as expressions are."""
    for part in split(process.properties.get("columns", "")):
        head = part.partition("=")[0]
        name, colon, kind = (word.strip() for word in head.partition(":"))
        if not _VARIABLE.match(name) or (colon and kind not in COLUMN_KINDS):
            yield wrong_value(path, process, "columns", part)
    items: list[Node | Process] = [process, *process.nodes()]
    alike = Alike()
    for item in items:
        for key in item.properties.keys() - set(PROPERTIES):
            for meant in alike.of(key, PROPERTIES, most=1, cutoff=NEAR):
                yield found(path, "near-property", item, key=key, meant=meant)
        for key, text in _given(item):
            if not FOREIGN.search(text) and not _fits(key, text):
                yield wrong_value(path, item, key, text)


def _given(item: Node | Process) -> Iterator[tuple[str, str]]:
    for values in (item.camunda, item.properties):
        for key in WORDS.keys() & values.keys() - {"columns"}:
            if values[key].strip() and (key == "due") <= isinstance(item, Process):
                yield key, values[key].strip()


def _fits(key: str, text: str) -> bool:
    if key in VARIABLES:
        return _VARIABLE.match(text) is not None and ("." not in text or key in _PATHS)
    if key in ONLY:
        return text in ONLY[key]
    if key == "priority":
        return not re.match(r"-?[0-9]*\.[0-9]+\Z", text)
    return not is_iso(text) or time_of(text) is not None
