"""Every expression of a process, with the element it belongs to and what it should give.

One list for all rules that read expressions: syntax, functions, variables, types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from engine import feel
from engine.bpmn import EventDefinition, Flow, Node, Process
from engine.check.kinds import CYCLE, KEPT, MOMENT, PERSON
from engine.duties import themselves
from engine.feel.tree import Name
from engine.spelling import DONE_BY, is_iso, is_number, split

BOOLEAN, NUMBER, LIST = "boolean", "number", "list"

FOREIGN = re.compile(r"[$#]\{[^}]*\}")
"""An expression of another language, as other engines find it anywhere in a text."""

TIME = "time"
"""Stands for the attribute in a timer's expression."""

MOMENTS = ("dueDate", "followUpDate")
_READ_APART = {"assignee", "dueDate", "followUpDate", "candidateGroups", "candidateStarterGroups",
               "expression", "delegateExpression"}  # fmt: skip


@dataclass(frozen=True)
class Text:
    """An expression. `wanted`: the type it must have, if only one will do; `also`: names that only
    this expression may read; `is_other`: its file says that it is not FEEL. `key`: the attribute
    in which a constant of that type may stand as well, or `TIME`.
    `is_text`: it stands where a text is taken as it is unless it begins with "=".
    """

    item: Node | Flow | Process
    text: str
    wanted: str | None = None
    also: frozenset[str] = frozenset()
    is_other: bool = False
    key: str = ""
    is_text: bool = False

    @cached_property
    def parsed(self) -> feel.Expression | feel.FeelError:
        """The expression, or why it is none: read once for all rules."""
        try:
            return feel.parse(self.text)
        except feel.FeelError as problem:
            return problem

    @cached_property
    def bare(self) -> str:
        """The words of a text that could as well be FEEL, or a constant that is none."""
        tree = self.parsed.tree if isinstance(self.parsed, feel.Expression) else None
        is_marked = not self.key or self.text.lstrip().startswith("=")
        return tree.name if isinstance(tree, Name) and not is_marked else ""


_COUNTS = frozenset(
    "loopCounter nrOfInstances nrOfCompletedInstances nrOfActiveInstances "
    "numberOfInstances numberOfActiveInstances numberOfCompletedInstances "
    "numberOfTerminatedInstances".split()
)
COUNTED = {**dict.fromkeys(_COUNTS, NUMBER), "activationCount": NUMBER}
"""Names that only some expressions may read and that are of one type."""

_COLUMNS = {"number": NUMBER, "boolean": BOOLEAN, "date": MOMENT, "instant": MOMENT}
_RESULT = frozenset({"result"})
_DONE = frozenset({DONE_BY, *_RESULT})
_PEOPLE = frozenset({"userTask", "manualTask"})


def texts_of(process: Process) -> Iterator[Text]:
    """The expressions of a process that are FEEL by where they stand."""
    own = process.properties
    yield from _text(process, own.get("title"))
    yield from _text(process, own.get("cancel_while"), BOOLEAN)
    if not is_iso(own.get("due", "")):
        yield from _text(process, own.get("due"), MOMENT, key="due")
    declared = {"due"}
    for part in split(own.get("columns", "")):
        head, _, source = part.partition("=")
        yield from _text(process, source, _COLUMNS.get(head.rpartition(":")[2].strip()))
        declared.add(head.partition(":")[0].strip())
    for name in split(own.get("shows", "")):
        if name not in declared:
            yield from _text(process, name)
    for scope in process.scopes.values():
        for flow in scope.flows.values():
            yield from _text(flow, flow.condition, BOOLEAN)
        for node in scope.nodes.values():
            yield from _node(node)


def is_feel_script(node: Node) -> bool:
    return node.kind == "scriptTask" and (node.script_format or "feel").lower() == "feel"


def _text(
    item: Any,
    text: str | None,
    wanted: str | None = None,
    also: frozenset[str] = frozenset(),
    *,
    key: str = "",
) -> Iterator[Text]:
    if text and text.strip():
        yield Text(item, text, wanted, also, key=key)


def _node(node: Node) -> Iterator[Text]:
    if is_feel_script(node):
        yield from _text(node, node.script, KEPT)
    assignee = node.camunda.get("assignee", "")
    if assignee.startswith("="):
        yield from _text(node, assignee, PERSON)
    yield from _foreign(node, assignee)
    for name, other in node.camunda.items():
        if name not in _READ_APART:
            yield from _foreign(node, other)
    for name in MOMENTS:
        text = node.camunda.get(name)
        if text and not is_iso(text):
            yield from _text(node, text, MOMENT, key=name)
    priority = node.camunda.get("priority", "").strip()
    if priority and not is_number(priority) and not FOREIGN.search(priority):
        yield from _text(node, priority, NUMBER, key="priority")
    for _name, source in node.inputs:
        yield from _parameter(node, source, frozenset())
    for _name, source in node.outputs:
        yield from _parameter(node, source, _DONE if node.kind in _PEOPLE else _RESULT)
    for mapping in node.mappings:
        # What comes out of a called process is read from its variables, not from these.
        if mapping.direction == "in":
            yield from _text(node, mapping.expression or mapping.source)
    for event in node.events:
        yield from _event(node, event)
    yield from _text(node, node.properties.get("correlation"))
    yield from _text(node, node.properties.get("subject"))
    for _group, test in themselves(node):
        yield from _text(node, test, BOOLEAN)
    concerns = node.properties.get("concerns", "")
    if not concerns.lstrip().startswith("="):  # A path, which is told where it is no path.
        yield from _text(node, concerns)
    yield from _loop(node)
    yield from _data(node)


def _event(node: Node, event: EventDefinition) -> Iterator[Text]:
    if event.kind == "timer" and event.text and not is_iso(event.text):
        wanted = CYCLE if event.timer == "cycle" else MOMENT
        yield from _text(node, event.text, wanted, key=TIME)
    if event.kind == "conditional":
        yield from _text(node, event.text, BOOLEAN)
    for binding in event.bindings:
        yield from _text(node, binding)
    for path in event.retrieval:
        yield from _of_message(node, path)


def _of_message(node: Node, text: str) -> Iterator[Text]:
    """FEEL over a message, whose names are no variables of the case."""
    for one in _text(node, text):
        parsed = one.parsed
        names = frozenset() if isinstance(parsed, feel.FeelError) else parsed.variables
        yield replace(one, also=names)


def _loop(node: Node) -> Iterator[Text]:
    loop = node.loop
    if loop is None:
        return
    own = _COUNTS | {loop.item or "", (loop.output_collection or "").lstrip("= ")}
    yield from _text(node, loop.collection, LIST)
    yield from _text(node, loop.cardinality, NUMBER)
    yield from _text(node, loop.completion, BOOLEAN, own)
    yield from _text(node, loop.condition, BOOLEAN, own)
    yield from _text(node, loop.output_item, None, own)
    for condition, _events in loop.rules:
        yield from _text(node, condition, BOOLEAN, own)


def _data(node: Node) -> Iterator[Text]:
    if node.ad_hoc is not None:
        yield from _text(node, node.ad_hoc.completion, BOOLEAN, _COUNTS)
    yield from _text(node, node.activation, BOOLEAN, frozenset({"activationCount"}))
    for association in (*node.data_in, *node.data_out):
        yield from _text(node, association.transformation)
        for text, _target in association.assignments:
            yield from _text(node, text)


def _parameter(node: Node, source: Any, also: frozenset[str]) -> Iterator[Text]:
    parts = [source]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            parts += part.values()
        elif isinstance(part, list):
            parts += part
        elif str(part).startswith("="):
            yield from _text(node, str(part), None, also)
        else:
            yield from _foreign(node, str(part))


def _foreign(node: Node, text: str) -> Iterator[Text]:
    """A text that is taken as it stands here, and that another engine would compute."""
    if FOREIGN.search(text) and not text.startswith("="):
        yield Text(node, text, is_other=True, is_text=True)
