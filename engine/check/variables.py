"""The variables of a process: who writes them, of which type; and who reads what nobody wrote."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine import feel
from engine.bpmn import Node, Process
from engine.bundles import form_name
from engine.check.alike import Alike
from engine.check.finding import Finding, found
from engine.check.kinds import CYCLE, KEPT, MOMENT, mismatch, suits
from engine.check.texts import COUNTED, TIME, Text, is_feel_script
from engine.check.timers import is_cycle, time_of
from engine.check.types import Reading
from engine.check.vocabulary import no_constant
from engine.errors import Sentence
from engine.feel.library import is_built_in
from engine.feel.listed import joined
from engine.feel.names import normal
from engine.feel.tree import ContextOf, Literal
from engine.forms import Field, Form

FormOf = Callable[[str], Form | None]
"""The form "KEY/NAME", where it is there and can be read."""

GIVEN = frozenset({"initiator", "unit", "case"})
"""Variables that every case has from its beginning."""

_ERRORS = frozenset({"error_code", "error_message"})
_CATCHES = {"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"}


@dataclass
class Variables:
    """What a process writes: names with their types, None where the type is not known or differs.

    is_open: something may write names that cannot be told here, such as a message.
    """

    types: dict[str, str | None] = field(default_factory=dict)
    is_open: bool = False
    alike: Alike = field(default_factory=Alike)

    def write(self, name: str, kind: str | None = None) -> None:
        """Notes that a name is written; a dotted name is a part of a record."""
        name = normal(name)
        if not name:
            return
        if "." in name:
            self.write(name.partition(".")[0], "context")
        known = self.types.get(name, kind)
        self.types[name] = joined(known, kind)

    @cached_property
    def names(self) -> list[str]:
        """Of whole variables, when all are written."""
        return sorted(n for n in self.types if "." not in n)


_SIGNED_SPAN = re.compile(r"\s*[-+]\s*(P(?=.)(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?)\s*\Z", re.ASCII)


def variables_of(
    process: Process, texts: Iterable[Text], form: FormOf, called: Set[str]
) -> Variables:
    """What a process writes. `called`: keys of processes that others in the bundle call."""
    written = Variables(is_open=process.id in called)
    for name in (*GIVEN, *_ERRORS):
        written.write(name)
    for scope in process.scopes.values():
        for name in scope.data:
            written.write(name)
        for node in scope.nodes.values():
            _node(written, node, form)
    for text in texts:
        item = text.item
        if not isinstance(item, Node) or item.kind != "scriptTask" or text.wanted != KEPT:
            continue
        _script(written, text, item.camunda.get("resultVariable", ""))
    return written


def _node(written: Variables, node: Node, form_of: FormOf) -> None:
    for reference in (form_name(node), node.properties.get("form")):
        shown = form_of(reference) if reference else None
        if shown is not None:
            _fields(written, shown.fields, "")
        elif reference:
            written.is_open = True
    for name, _source in (*node.inputs, *node.outputs):
        written.write(name)
    if not is_feel_script(node):
        written.write(node.camunda.get("resultVariable", ""))
    written.write(node.properties.get("variable", ""))
    written.write(node.properties.get("result_variable", ""))
    if node.kind == "businessRuleTask" and not node.camunda.get("resultVariable"):
        written.is_open = True
    for mapping in node.mappings:
        if mapping.direction == "out":
            written.is_open = written.is_open or mapping.everything
            written.write(mapping.target or "")
    for association in (*node.data_in, *node.data_out):
        for target in (association.target, *(t for _, t in association.assignments)):
            written.write(target or "")
    _events(written, node)
    if node.loop is not None:
        written.write(node.loop.item or "")
        written.write((node.loop.output_collection or "").lstrip("= "))
        written.write("loopCounter", "number")


def _events(written: Variables, node: Node) -> None:
    for event in node.events:
        written.write(event.variable or "")
        written.write(event.message_variable or "")
        brings = event.kind in {"message", "signal", "error", "escalation"}
        if brings and node.kind in _CATCHES and not node.properties.get("variable"):
            written.is_open = True


def _script(written: Variables, text: Text, result: str) -> None:
    """A script writes its result variable; without one, the entries of its context."""
    tree = text.parsed.tree if isinstance(text.parsed, feel.Expression) else None
    if result:
        written.write(result, Reading({}).of(tree))
    elif isinstance(tree, ContextOf):
        for key, value in tree.entries:
            written.write(key, Reading({}).of(value))
    else:
        written.is_open = True


FIELD_TYPES = {
    "number": "number",
    "textfield": "string",
    "textarea": "string",
    "checkbox": "boolean",
    "checklist": "list",
    "taglist": "list",
    "dynamiclist": "list",
    "filepicker": "list",
}
"""What fields hold that hold one kind of value."""


def _fields(written: Variables, fields: tuple[Field, ...], around: str) -> None:
    for one in fields:
        if one.type == "group":
            _fields(written, one.children, around)
        elif one.holds_value:
            kind = FIELD_TYPES.get(one.type)
            if one.type == "number" and one.settings.get("serializeToString"):
                kind = "string"
            written.write(around + one.name, kind)


def check_variables(
    path: str, texts: Iterable[Text], written: Variables, alike: Alike
) -> Iterator[Finding]:
    """Findings about variables that nothing writes, and types that cannot go together."""
    written.alike = alike
    names = set(written.types)
    for one in texts:
        parsed = one.parsed
        if isinstance(parsed, feel.FeelError) or one.is_other:
            continue  # Told of where references are checked.
        also = {normal(name) for name in one.also}
        types = written.types
        if also:
            types = {k: v for k, v in types.items() if k not in also}
            types |= {k: COUNTED[k] for k in also & COUNTED.keys()}
        if (
            _is_signed_span(one, written)
            or _is_no_name(one, written)
            or _is_no_time(one, parsed.tree)
        ):
            yield no_constant(path, one)
            continue
        reading = Reading(types)
        kind = reading.of(parsed.tree)
        for problem in (*reading.problems, *mismatch(kind, one.wanted)):
            yield found(path, "type-error", one.item, text=one.text[:200], problem=problem)
        if kind != "context" and suits(kind, KEPT) and _is_nameless(one):
            yield found(path, "script-result", one.item)
        for variable in sorted(parsed.variables):
            if normal(variable) not in names and normal(variable) not in also and variable != "?":
                yield from _unwritten(path, one, variable, written)
        for variable in sorted(parsed.variables | parsed.possible):
            if is_built_in(variable) and variable in names and variable not in also:
                yield found(path, "function-variable", one.item, variable=variable)


def _is_no_name(one: Text, written: Variables) -> bool:
    """Whether a text is words where a constant or FEEL is wanted: two words or more that are no
    variable, or one that nothing can have written.
    """
    if not one.bare or normal(one.bare) in written.types:
        return False
    return " " in one.bare or not (written.is_open or one.key == TIME)


def _is_no_time(one: Text, tree: object) -> bool:
    """Whether a text that FEEL gives where a time is wanted writes none."""
    text = tree.value if isinstance(tree, Literal) else None
    if not one.key or not isinstance(text, str):
        return False
    if one.wanted == CYCLE:
        return not is_cycle(text)
    return one.wanted == MOMENT and time_of(text) is None


def _is_signed_span(one: Text, written: Variables) -> bool:
    """Whether a text is a span of ISO 8601 with a sign, which in FEEL would take a variable such
    as PT5M from nothing.
    """
    signed = _SIGNED_SPAN.match(one.text) if one.key else None
    return signed is not None and normal(signed[1]) not in written.types


def _is_nameless(one: Text) -> bool:
    """Whether an expression is a script whose value no variable is named for."""
    if one.wanted != KEPT or not isinstance(one.item, Node):
        return False
    return not one.item.camunda.get("resultVariable")


def _unwritten(path: str, one: Text, variable: str, written: Variables) -> Iterator[Finding]:
    """Of a process that messages write to, only what looks like a mistake is told."""
    near = written.alike.of(variable, written.names, cutoff=0.8)
    if not near and written.is_open:
        return
    words: Any = ", ".join(near)
    if not near:
        words = Sentence("its spelling, and the forms and scripts that should write it")
    yield found(path, "unwritten-variable", one.item, variable=variable, near=words)
