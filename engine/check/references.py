"""What a drawing names must exist: forms, operations, decisions, groups, called processes,
expressions.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine import feel
from engine.bpmn import Drawing, Node, Process
from engine.bundles import form_name, form_path
from engine.check.alike import Alike
from engine.check.finding import Catalogue, Finding, found
from engine.check.juel import feel_of
from engine.check.registered import check_catalogues, check_registers
from engine.check.runs import MOST_INSTANCES
from engine.check.standing import check_states
from engine.check.templates import check_template
from engine.check.texts import Text
from engine.check.timers import check_timers
from engine.check.vocabulary import check_values, no_constant, wrong_value
from engine.duties import duties_of, themselves
from engine.errors import Sentence
from engine.papers import PARAMETER, named, template_path
from engine.spelling import repeated, split

_FORM = re.compile(r"^[\w.-]+/[\w.-]+$")
_LANE = re.compile(r"^[\w.-]+$")
_KEY = re.compile(r"^[A-Za-z_][\w.-]*$")
_NO_COUNT = re.compile(r"^(-\s*0*[1-9.][0-9.]*|-?[0-9]*\.0*[1-9][0-9]*)\Z")
"""A number as it is written out that is below 0 or no whole one."""
_FOREIGN = re.compile(r"^\s*[$#]\{")
_OTHER_FORM = re.compile(r"^(embedded|app|https?|file|camunda-forms):|\.html?$")
"""A page of HTML or a form that another engine keeps elsewhere."""

_MESSAGES = {"message": "messageRef", "signal": "signalRef"}


Known = Callable[[], Catalogue]
"""What the installation offers, asked only when a drawing names something of it."""


@dataclass(frozen=True)
class Names:
    """What the files that are checked together hold, for drawings to name.

    forms: paths of all forms; decisions: ids of all decisions; processes: keys of all processes;
    called: what their call activities name.
    templates, described: texts of papers' templates, and of registers and catalogues, by path.
    is_strict: a form lies where a bundle has it; else anywhere under its own name.
    """

    forms: frozenset[str]
    decisions: frozenset[str]
    processes: frozenset[str]
    called: frozenset[str] = frozenset()
    is_strict: bool = True
    templates: Mapping[str, str] = dataclasses.field(default_factory=dict)
    described: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def template(self, name: str) -> str | None:
        """The path of the template "KEY/NAME"."""
        path = template_path(name)
        if self.is_strict or path in self.templates:
            return path if path in self.templates else None
        last = name.rpartition("/")[2]
        return next((t for t in self.templates if f"/{t}".endswith(f"/{last}.typ")), None)

    def form(self, name: str) -> str | None:
        """The path of the form "KEY/NAME"."""
        path = form_path(name)
        if path in self.forms:
            return path
        if self.is_strict:
            return None
        whole = [f for f in sorted(self.forms) if f"/{f}".endswith(f"/{name}.form")]
        last = name.rpartition("/")[2]
        near = [f for f in sorted(self.forms) if f"/{f}".endswith(f"/{last}.form")]
        return next(iter(whole + near), None)


def check_references(
    drawing: Drawing,
    process: Process,
    texts: list[Text],
    *,
    names: Names,
    known: Known,
    alike: Alike,
) -> Iterator[Finding]:
    """Findings about everything that a process names outside its drawing."""
    yield from _Scan(drawing, names, known, alike).process(process, texts)


class _Scan:
    def __init__(self, drawing: Drawing, names: Names, known: Known, alike: Alike) -> None:
        self.drawing = drawing
        self.path = drawing.path
        self.names = names
        self.known = known
        self.alike = alike

    @cached_property
    def catalogue(self) -> Catalogue:
        return self.known()

    @cached_property
    def people_known(self) -> list[str]:
        return sorted(self.catalogue.people or ())

    def process(self, process: Process, texts: list[Text]) -> Iterator[Finding]:
        if not _KEY.match(process.id):
            yield found(self.path, "bad-key", process, key=process.id)
        groups = split(process.camunda.get("candidateStarterGroups", ""))
        yield from self.groups(process, groups)
        yield from self.right(process)
        yield from self.cancelling(process)
        for text in texts:
            yield from self.expression(text)
        yield from check_timers(self.path, process)
        yield from check_values(self.path, process)
        yield from check_states(self.path, process)
        if self.names.is_strict:
            yield from check_registers(
                self.path, process, self.names.described, self.catalogue.entered
            )
            yield from check_catalogues(self.path, process, self.names.described)
        for node in process.nodes():
            yield from self.node(process, node)

    def node(self, process: Process, node: Node) -> Iterator[Finding]:
        yield from self.form(node)
        if node.kind == "task" and node.id:
            yield found(self.path, "plain-task", node)
        if node.kind in {"userTask", "manualTask"}:
            yield from self.people(node)
        if node.kind in {"serviceTask", "sendTask"}:
            yield from self.operation(node)
        if node.kind == "businessRuleTask":
            yield from self.decision(node)
        if node.kind == "scriptTask":
            yield from self.script(node)
        if node.kind == "callActivity":
            yield from self.called(node)
        yield from self.events(node)
        yield from self.separation(process, node)
        yield from self.duties(node)
        yield from self.themselves(node)
        yield from self.count(node)

    def expression(self, one: Text) -> Iterator[Finding]:
        """A FEEL expression must parse and call only what there is."""
        item, parsed = one.item, one.parsed
        if _FOREIGN.match(one.text) or (one.is_other and not self.is_feel(one)):
            instead: Any = feel_of(one.text)
            if instead is None:
                instead = Sentence("for example amount > 1000 instead of ${{amount > 1000}}")
            elif one.is_text:
                instead = f"={instead}"
            yield found(
                self.path, "foreign-expression", item, text=one.text[:200], instead=instead
            )
            return
        if isinstance(parsed, feel.FeelError) and one.key and one.text.lstrip()[:1] != "=":
            yield no_constant(self.path, one)
            return
        if isinstance(parsed, feel.FeelError):
            said = parsed.sentence
            yield found(self.path, "bad-expression", item, text=one.text[:200], problem=said)
            return
        cycle = repeated(one.text) if "cycle" in parsed.calls else None
        if cycle is not None and "cycle" not in self.catalogue.functions:
            yield found(self.path, "foreign-expression", item, text=one.text[:200], instead=cycle)
            return
        unknown = parsed.calls - self.catalogue.functions if parsed.calls else ()
        for name in sorted(unknown):
            known = ", ".join(sorted(self.catalogue.functions))
            yield found(self.path, "unknown-function", item, function=name, known=known)

    def is_feel(self, one: Text) -> bool:
        """Whether an expression reads as FEEL, whatever its file says."""
        parsed = one.parsed
        return isinstance(parsed, feel.Expression) and parsed.calls <= self.catalogue.functions

    def form(self, node: Node) -> Iterator[Finding]:
        for name in (form_name(node), node.properties.get("form")):
            if name is None:
                continue
            if _FORM.match(name) and self.names.form(name) is not None:
                continue
            if _OTHER_FORM.search(name):
                yield found(self.path, "foreign-form", node, form=name[:200])
            else:
                yield found(self.path, "unknown-form", node, form=name, path=form_path(name))

    def people(self, node: Node) -> Iterator[Finding]:
        camunda = node.camunda
        offered = camunda.get("candidateGroups") or camunda.get("candidateUsers")
        if not offered and not camunda.get("assignee"):
            yield from self.lane(node)
        yield from self.groups(node, split(camunda.get("candidateGroups", "")))
        yield from self.persons(node)

    def lane(self, node: Node) -> Iterator[Finding]:
        """A lane is whose the tasks in it are that name nobody, if it is called as a group is."""
        lane = node.properties.get("lane_group", node.lane or "")
        own = node.properties.get("candidateGroups", "")
        known = self.catalogue.groups
        if own:
            yield from self.groups(node, split(own))
        elif not lane:
            yield found(self.path, "nobody", node)
        elif not _LANE.match(lane) or (known is not None and lane not in known):
            near = self.near(lane, known or frozenset())
            yield found(self.path, "lane-no-group", node, lane=lane, known=near)

    def persons(self, node: Node) -> Iterator[Finding]:
        """Who is named by an account: groups and posts stay when people leave."""
        named = (node.camunda.get("assignee", ""), *split(node.camunda.get("candidateUsers", "")))
        for person in dict.fromkeys(filter(None, map(str.strip, named))):
            if person.startswith("=") or _FOREIGN.match(person):
                continue
            known = self.catalogue.people
            if known is not None and person not in known:
                near = ", ".join(self.alike.of(person, self.people_known))
                yield found(self.path, "unknown-person", node, person=person, near=near)
            else:
                yield found(self.path, "named-person", node, person=person)

    def groups(self, item: Any, parts: list[str]) -> Iterator[Finding]:
        for part in parts:
            if part.startswith("=") or _FOREIGN.match(part):
                yield from self.expression(Text(item, part, is_text=True))
                continue
            group, _, where = part.partition("@")
            known = self.catalogue.groups
            if known is not None and group not in known:
                yield found(
                    self.path, "unknown-group", item, group=group, known=self.near(group, known)
                )
            if where:
                yield from self.expression(Text(item, where))

    def operation(self, node: Node) -> Iterator[Finding]:
        topic = node.camunda.get("topic", "")
        known = ", ".join(sorted(self.catalogue.operations))
        operation = self.catalogue.operations.get(topic)
        if operation is None:
            if topic:
                yield found(self.path, "unknown-operation", node, topic=topic, known=known)
            elif not (node.kind == "sendTask" and node.events):
                yield found(self.path, "no-operation", node, known=known)
            return
        fields = operation.parameters().fields
        given = {name for name, _source in node.inputs}
        for name in sorted(given - set(fields)):
            yield found(self.path, "unknown-parameter", node, topic=topic, parameter=name,
                        known=", ".join(fields))  # fmt: skip
        for name, field in fields.items():
            if field.required and name not in given:
                yield found(self.path, "missing-parameter", node, topic=topic, parameter=name)
        yield from self.templates(node) if PARAMETER in given & set(fields) else ()

    def templates(self, node: Node) -> Iterator[Finding]:
        """A template must be there, and be set with what it is given."""
        for name in named(node):
            path = self.names.template(name)
            if path is None:
                wanted = template_path(name) if "/" in name else template_path(f"…/{name}")
                yield found(self.path, "unknown-template", node, template=name, path=wanted)
            elif self.names.is_strict and self.catalogue.templates is not None:
                examined = self.catalogue.templates(self.names.templates, path)
                yield from check_template(self.path, node, path, examined)

    def decision(self, node: Node) -> Iterator[Finding]:
        ref = node.camunda.get("decisionRef", "")
        if not ref:
            yield found(self.path, "no-decision", node)
        elif ref not in self.names.decisions:
            yield found(self.path, "unknown-decision", node, ref=ref)

    def script(self, node: Node) -> Iterator[Finding]:
        if (node.script_format or "feel").lower() != "feel":
            yield found(self.path, "script-language", node, language=node.script_format)
        elif not node.script:
            yield found(self.path, "empty-script", node)

    def called(self, node: Node) -> Iterator[Finding]:
        for mapping in node.mappings:
            # What comes out is worked out of the called case's data, which are not known here.
            if mapping.direction == "out" and mapping.expression:
                yield from self.expression(Text(node, mapping.expression))
        if not node.called:
            yield found(self.path, "no-called", node)
        elif node.called not in self.names.processes and not self.drawing.process(node.called):
            yield found(self.path, "unknown-process", node, called=node.called)

    def events(self, node: Node) -> Iterator[Finding]:
        for event in node.events:
            if event.kind in _MESSAGES and not event.name:
                is_apart = event.kind == "message" and event.is_shared
                rule = "message-not-set" if is_apart else f"no-{event.kind}"
                yield found(self.path, rule, node)
            if event.kind == "conditional" and not event.text:
                yield found(self.path, "no-event-condition", node)
        if node.properties.get("sender"):
            yield from self.groups(node, split(node.properties["sender"]))

    def separation(self, process: Process, node: Node) -> Iterator[Finding]:
        for other in node.properties.get("separate_from", "").split(","):
            if other.strip() and process.node(other.strip()) is None:
                yield found(self.path, "unknown-separation", node, other=other.strip())

    def themselves(self, node: Node) -> Iterator[Finding]:
        """Who does a task in person must be asked to do it, and by what the case itself holds."""
        named = node.camunda.get("candidateGroups") or node.properties.get("candidateGroups", "")
        offered = {part.partition("@")[0].strip() for part in split(named)}
        if not offered and node.lane:
            offered = {node.properties.get("lane_group", node.lane).partition("@")[0]}
        for group, test in themselves(node):
            if group not in offered:
                known = ", ".join(sorted(offered))
                yield found(self.path, "unknown-in-person", node, group=group, known=known)
            parsed = Text(node, test).parsed
            if isinstance(parsed, feel.Expression) and parsed.calls & self.catalogue.functions:
                yield wrong_value(self.path, node, "in_person", test)

    def right(self, process: Process) -> Iterator[Finding]:
        """With a permission that nobody can have the cases would be nobody's to look over."""
        name = process.properties.get("seen_with", "").strip()
        if not name:
            return
        known = self.catalogue.permissions
        if known is not None and name not in known:
            near = self.near(name, known)
            yield found(self.path, "unknown-right", process, right=name, known=near)

    def cancelling(self, process: Process) -> Iterator[Finding]:
        """Whether a case may be cancelled is asked again whenever its page is shown."""
        test = process.properties.get("cancel_while", "").strip()
        parsed = Text(process, test).parsed if test else None
        if isinstance(parsed, feel.Expression) and parsed.calls & self.catalogue.functions:
            yield wrong_value(self.path, process, "cancel_while", test)

    def duties(self, node: Node) -> Iterator[Finding]:
        for duty in duties_of(node):
            known = self.catalogue.duties
            if known is not None and duty not in known:
                near = self.near(duty, known)
                yield found(self.path, "unknown-duty", node, duty=duty, known=near)

    def count(self, node: Node) -> Iterator[Finding]:
        """A number of instances that is written out must be one that is run."""
        text = (node.loop.cardinality or "").lstrip("= ").strip() if node.loop else ""
        if _NO_COUNT.match(text):
            yield found(self.path, "bad-count", node, count=text[:30])
        if not text.isascii() or not text.isdecimal():
            return
        if len(text) > 9 or int(text) > MOST_INSTANCES:
            yield found(self.path, "too-many", node, count=text[:30], most=MOST_INSTANCES)

    def near(self, name: str, known: frozenset[str]) -> str:
        """The names that are written alike, else all: one of thirty groups is hard to find."""
        ordered = sorted(known)
        return ", ".join(self.alike.of(name, ordered) or ordered)
