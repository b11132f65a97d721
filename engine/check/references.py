"""What a drawing names must exist: forms, operations, decisions, groups, called processes,
expressions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from engine import expressions, feel
from engine.bpmn import Drawing, Node, Process
from engine.bundles import Bundle, form_name, form_path
from engine.check.finding import Catalogue, Finding, found
from engine.spiff.people import split

_FORM = re.compile(r"^[\w.-]+/[\w.-]+$")
_KEY = re.compile(r"^[A-Za-z_][\w.-]*$")


def check_references(drawing: Drawing, bundle: Bundle, catalogue: Catalogue) -> list[Finding]:
    """Findings about everything that a drawing names outside itself."""
    scan = _Names(drawing, bundle, catalogue)
    found: list[Finding] = []
    for process in drawing.processes:
        if process.executable:
            found += scan.process(process)
    return found


class _Names:
    def __init__(self, drawing: Drawing, bundle: Bundle, catalogue: Catalogue) -> None:
        self.drawing = drawing
        self.path = drawing.path
        self.bundle = bundle
        self.catalogue = catalogue
        self.decisions = [t for p, t in bundle.files.items() if p.endswith(".dmn")]

    def process(self, process: Process) -> Iterator[Finding]:
        if not _KEY.match(process.id):
            yield found(self.path, "bad-key", process, key=process.id)
        for name in ("title", "due"):
            yield from self.expression(process, process.properties.get(name))
        groups = split(process.camunda.get("candidateStarterGroups", ""))
        yield from self.groups(process, groups)
        for scope in process.scopes.values():
            for flow in scope.flows.values():
                yield from self.expression(flow, flow.condition)
            for node in scope.nodes.values():
                yield from self.node(process, node)

    def node(self, process: Process, node: Node) -> Iterator[Finding]:
        yield from self.form(node)
        if node.kind in {"userTask", "manualTask"}:
            yield from self.people(node)
        sends = node.kind == "sendTask" and bool(node.events) and "topic" not in node.camunda
        if node.kind in {"serviceTask", "sendTask"} and not sends:
            yield from self.operation(node)
        if node.kind == "businessRuleTask":
            yield from self.decision(node)
        if node.kind == "scriptTask":
            yield from self.script(node)
        if node.kind == "callActivity":
            yield from self.called(node)
        yield from self.events(node)
        yield from self.separation(process, node)
        for _name, source in (*node.inputs, *node.outputs):
            yield from self.parameter(node, source)
        for text in _conditions(node):
            yield from self.expression(node, text)
        if node.loop is not None:
            for text in (
                node.loop.collection,
                node.loop.cardinality,
                node.loop.completion,
                node.loop.condition,
                node.loop.output_item,
            ):
                yield from self.expression(node, text)

    def expression(self, item: Any, text: str | None) -> Iterator[Finding]:
        """A FEEL expression must parse and call only what there is."""
        if not text:
            return
        try:
            parsed = feel.parse(text, functions=self.catalogue.functions)
        except feel.FeelError as problem:
            yield found(self.path, "bad-expression", item, text=text, problem=str(problem))
            return
        for name in sorted(parsed.calls - self.catalogue.functions):
            yield found(
                self.path,
                "unknown-function",
                item,
                function=name,
                known=", ".join(sorted(self.catalogue.functions)) or "none",
            )

    def parameter(self, node: Node, source: Any) -> Iterator[Finding]:
        if isinstance(source, dict):
            source = list(source.values())
        if isinstance(source, list):
            for part in source:
                yield from self.parameter(node, part)
        elif str(source).startswith("="):
            yield from self.expression(node, str(source))

    def form(self, node: Node) -> Iterator[Finding]:
        for name in (form_name(node), node.properties.get("form")):
            if name is None:
                continue
            if not _FORM.match(name) or form_path(name) not in self.bundle.files:
                yield found(self.path, "unknown-form", node, form=name, path=form_path(name))

    def people(self, node: Node) -> Iterator[Finding]:
        camunda = node.camunda
        offered = camunda.get("candidateGroups") or camunda.get("candidateUsers")
        if not offered and not camunda.get("assignee") and not node.lane:
            yield found(self.path, "nobody", node)
        yield from self.groups(node, split(camunda.get("candidateGroups", "")))
        if camunda.get("assignee", "").startswith("="):
            yield from self.expression(node, camunda["assignee"])
        for name in ("dueDate", "followUpDate"):
            text = camunda.get(name)
            if text and not expressions.is_iso(text):
                yield from self.expression(node, text)

    def groups(self, item: Any, parts: list[str]) -> Iterator[Finding]:
        for part in parts:
            if part.startswith("="):
                yield from self.expression(item, part)
                continue
            group, _, where = part.partition("@")
            if self.catalogue.groups is not None and group not in self.catalogue.groups:
                yield found(
                    self.path,
                    "unknown-group",
                    item,
                    group=group,
                    known=_near(group, self.catalogue.groups),
                )
            yield from self.expression(item, where)

    def operation(self, node: Node) -> Iterator[Finding]:
        topic = node.camunda.get("topic", "")
        operation = self.catalogue.operations.get(topic)
        if operation is None:
            yield found(
                self.path,
                "unknown-operation",
                node,
                topic=topic,
                known=", ".join(sorted(self.catalogue.operations)) or "none",
            )
            return
        known = operation.parameters().fields
        given = {name for name, _source in node.inputs}
        for name in sorted(given - set(known)):
            yield found(
                self.path,
                "unknown-parameter",
                node,
                topic=topic,
                parameter=name,
                known=", ".join(known),
            )
        for name, field in known.items():
            if field.required and name not in given:
                yield found(self.path, "missing-parameter", node, topic=topic, parameter=name)

    def decision(self, node: Node) -> Iterator[Finding]:
        ref = node.camunda.get("decisionRef", "")
        if not any(f'id="{ref}"' in text for text in self.decisions) or not ref:
            yield found(self.path, "unknown-decision", node, ref=ref)

    def script(self, node: Node) -> Iterator[Finding]:
        if (node.script_format or "feel").lower() != "feel":
            yield found(self.path, "script-language", node, language=node.script_format)
        elif not node.script:
            yield found(self.path, "empty-script", node)
        else:
            yield from self.expression(node, node.script)

    def called(self, node: Node) -> Iterator[Finding]:
        known = [t for p, t in self.bundle.files.items() if p.endswith(f"/{node.called}.bpmn")]
        if not node.called or not (known or self.drawing.process(node.called)):
            yield found(self.path, "unknown-process", node, called=node.called or "")
        for mapping in node.mappings:
            yield from self.expression(node, mapping.expression or mapping.source)

    def events(self, node: Node) -> Iterator[Finding]:
        for event in node.events:
            if event.kind in {"message", "signal"} and not event.name:
                yield found(self.path, "no-message", node)
            if event.kind == "timer":
                if not event.text:
                    yield found(self.path, "no-time", node)
                elif not expressions.is_iso(event.text):
                    yield from self.expression(node, event.text)
        yield from self.expression(node, node.properties.get("correlation"))
        if node.properties.get("sender"):
            yield from self.groups(node, split(node.properties["sender"]))

    def separation(self, process: Process, node: Node) -> Iterator[Finding]:
        for other in node.properties.get("separate_from", "").split(","):
            if other.strip() and process.node(other.strip()) is None:
                yield found(self.path, "unknown-separation", node, other=other.strip())


def _conditions(node: Node) -> Iterator[str | None]:
    """Expressions of an element beside its flows, loops and parameters."""
    yield node.activation
    yield node.ad_hoc.completion if node.ad_hoc is not None else None
    for event in node.events:
        yield from event.bindings
        if event.kind == "conditional":
            yield event.text
    for association in (*node.data_in, *node.data_out):
        yield association.transformation
        yield from (source for source, _target in association.assignments)
    if node.loop is not None:
        yield from (condition for condition, _events in node.loop.rules)


def _near(name: str, known: frozenset[str]) -> str:
    """The names that are written alike, else all: one of thirty groups is hard to find."""
    return ", ".join(get_close_matches(name, sorted(known), n=3) or sorted(known)) or "none"
