"""Elements of a drawing in words: what they are, what they are called, what is set in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext

from app.i18n import language
from engine.bpmn import DataMapping, EventDefinition, Flow, Loop, Node, Process

KINDS = {
    "task": lazy_gettext("Step"),
    "userTask": lazy_gettext("Task of a person"),
    "manualTask": lazy_gettext("Task done by hand"),
    "scriptTask": lazy_gettext("Calculation"),
    "serviceTask": lazy_gettext("Operation of the system"),
    "sendTask": lazy_gettext("Sending step"),
    "receiveTask": lazy_gettext("Receiving step"),
    "businessRuleTask": lazy_gettext("Decision by a table"),
    "subProcess": lazy_gettext("Sub-process"),
    "transaction": lazy_gettext("Transaction"),
    "adHocSubProcess": lazy_gettext("Ad-hoc sub-process"),
    "callActivity": lazy_gettext("Call of another process"),
    "exclusiveGateway": lazy_gettext("Choice of one way"),
    "parallelGateway": lazy_gettext("Parallel ways"),
    "inclusiveGateway": lazy_gettext("Choice of several ways"),
    "eventBasedGateway": lazy_gettext("Choice by the first event"),
    "complexGateway": lazy_gettext("Complex gateway"),
    "startEvent": lazy_gettext("Start"),
    "endEvent": lazy_gettext("End"),
    "intermediateCatchEvent": lazy_gettext("Wait"),
    "intermediateThrowEvent": lazy_gettext("Event that is sent"),
    "boundaryEvent": lazy_gettext("Event on a border"),
}
EVENTS = {
    "message": lazy_gettext("message"),
    "timer": lazy_gettext("timer"),
    "signal": lazy_gettext("signal"),
    "error": lazy_gettext("error of a call"),
    "escalation": lazy_gettext("escalation"),
    "conditional": lazy_gettext("condition"),
    "compensate": lazy_gettext("compensation"),
    "cancel": lazy_gettext("cancellation"),
    "link": lazy_gettext("link"),
    "terminate": lazy_gettext("ends everything"),
}
COMPONENTS = {
    "textfield": lazy_gettext("Line of text"),
    "textarea": lazy_gettext("Several lines of text"),
    "number": lazy_gettext("Number field"),
    "datetime": lazy_gettext("Day or time"),
    "checkbox": lazy_gettext("Box to tick"),
    "filepicker": lazy_gettext("Files to choose"),
    "expression": lazy_gettext("Computed value"),
    "radio": lazy_gettext("One of some answers"),
    "select": lazy_gettext("One of a list"),
    "checklist": lazy_gettext("Some answers to tick"),
    "taglist": lazy_gettext("Some of a list"),
    "group": lazy_gettext("Group of fields"),
    "dynamiclist": lazy_gettext("Rows to fill in"),
    "text": lazy_gettext("Text to read"),
    "html": lazy_gettext("Text to read in HTML"),
    "separator": lazy_gettext("Dividing line"),
    "spacer": lazy_gettext("Empty space"),
    "image": lazy_gettext("Picture"),
    "table": lazy_gettext("Table to read"),
    "iframe": lazy_gettext("Page of another site"),
    "documentPreview": lazy_gettext("Documents shown"),
    "button": lazy_gettext("Button"),
}
"""Types of the components of a form."""
SETTINGS = {
    "formRef": lazy_gettext("Form"),
    "formKey": lazy_gettext("Form"),
    "candidateGroups": lazy_gettext("Groups"),
    "candidateUsers": lazy_gettext("People"),
    "candidateStarterGroups": lazy_gettext("Who may start it"),
    "assignee": lazy_gettext("Assigned to"),
    "dueDate": lazy_gettext("Due"),
    "followUpDate": lazy_gettext("Reminder"),
    "priority": lazy_gettext("Priority"),
    "topic": lazy_gettext("Operation"),
    "decisionRef": lazy_gettext("Decision table"),
    "resultVariable": lazy_gettext("Where the result goes"),
    "result_variable": lazy_gettext("Where the result goes"),
    "legal_basis": lazy_gettext("Legal basis"),
    "name_en": lazy_gettext("English name"),
    "state": lazy_gettext("How the case stands"),
    "state_en": lazy_gettext("How the case stands, in English"),
    "clock": lazy_gettext("Clock"),
    "cancel_while": lazy_gettext("When it may be cancelled"),
    "seen_with": lazy_gettext("Right with which its cases are looked over"),
    "sees": lazy_gettext("How much of the case its people see"),
    "shows": lazy_gettext("What those from outside are told of the case"),
    "separate_from": lazy_gettext("Not by who did"),
    "duty": lazy_gettext("Kind of work"),
    "in_person": lazy_gettext("Done in person by"),
    "concerns": lazy_gettext("Not by whom it is about"),
    "subject": lazy_gettext("What it is about"),
    "sender": lazy_gettext("Who may send it"),
    "title": lazy_gettext("Title of the case"),
    "due": lazy_gettext("Time limit of the case"),
    "description": lazy_gettext("Description"),
    "labels": lazy_gettext("Names of the data"),
    "labels_en": lazy_gettext("English names of the data"),
}
"""Attributes and properties that owners set, as they know them; the others go by their own name.
"""


def kind(element: Any) -> str:
    """What an element is: "Việc của người", "Sự kiện gắn biên: hẹn giờ"."""
    if isinstance(element, (Flow, Process)):
        return gettext("Flow") if isinstance(element, Flow) else gettext("Process")
    words = kind_words(element.kind)
    events = ", ".join(str(EVENTS.get(one.kind, one.kind)) for one in element.events)
    return f"{words}: {events}" if events else words


def kind_words(name: str) -> str:
    """A kind of BPMN element or event in words; its own name when there are none."""
    return str(KINDS.get(name) or EVENTS.get(name) or name)


def component(one: Mapping[str, Any]) -> str:
    """What a component of a form is: "Dòng chữ"; its own word when there is none."""
    name = str(one.get("type", ""))
    return str(COMPONENTS.get(name) or name)


def elements(processes: Iterable[Process]) -> dict[str, Any]:
    """The nodes and flows of these processes by id: among what `name` tells elements apart."""
    scopes = [scope for process in processes for scope in process.scopes.values()]
    nodes = {key: node for scope in scopes for key, node in scope.nodes.items()}
    return nodes | {key: flow for scope in scopes for key, flow in scope.flows.items()}


def name(element: Any, among: Mapping[str, Any]) -> str:
    """What an element is called; one without a name by what it is and where it stands.

    "Nhập nhánh trước “Kiểm tra”". Two of the same name are told apart by their lanes or by what
    follows them: "Gửi thư (Văn phòng)". among: nodes and flows by id, as `elements` gives them.
    """
    if isinstance(element, Flow):
        ends = (element.source, element.target)
        source, target = (name(among[e], among) if e in among else e for e in ends)
        return gettext("Flow from “%(source)s” to “%(target)s”", source=source, target=target)
    own = _own(element)
    if not isinstance(element, Node):
        return own or f"{kind_words(getattr(element, 'kind', ''))} ({element.id})"
    found = own or _placed(element, among)
    if not found:
        return f"{kind_words(element.kind)} ({element.id})"
    alike = [
        other
        for other in among.values()
        if isinstance(other, Node)
        and other.name == element.name
        and (own or other.kind == element.kind)
        and (_own(other) or _placed(other, among)) == found
    ]
    return f"{found} ({_apart(element, alike, among)})" if len(alike) > 1 else found


def _own(element: Any) -> str:
    properties = getattr(element, "properties", {})
    english = properties.get("name_en") if language() == "en" else None
    return str(english or element.name or "")


def _placed(node: Node, among: Mapping[str, Any]) -> str:
    """What a node is and beside which named one it stands; nothing where all are nameless."""
    joins = node.kind.endswith("Gateway") and len(node.incoming) > 1 >= len(node.outgoing)
    words = gettext("Joining of ways") if joins else kind(node)
    if node.attached_to in among:
        place = _own(among[node.attached_to])
        return gettext("%(kind)s at “%(name)s”", kind=words, name=place) if place else ""
    before, after = (_nearest(node, among, onward) for onward in (True, False))
    if before and (joins or not after):
        return gettext("%(kind)s before “%(name)s”", kind=words, name=before)
    return gettext("%(kind)s after “%(name)s”", kind=words, name=after) if after else ""


def _nearest(node: Node, among: Mapping[str, Any], onward: bool) -> str:
    """The name of the first named node along the flows, or against them."""
    waiting, seen = [node], {node.id}
    while waiting:
        one = waiting.pop(0)
        flows = [among[f] for f in (one.outgoing if onward else one.incoming) if f in among]
        ends = [flow.target if onward else flow.source for flow in flows]
        if not onward and one.attached_to:
            ends.append(one.attached_to)
        for end in ends:
            if end in among and end not in seen:
                if found := _own(among[end]):
                    return found
                seen.add(end)
                waiting.append(among[end])
    return ""


def _apart(node: Node, alike: list[Node], among: Mapping[str, Any]) -> str:
    """By what one of several that are called alike differs: its lane, what follows, its number."""
    if len({other.lane for other in alike}) == len(alike) and node.lane:
        return node.lane
    following = [_nearest(other, among, True) for other in alike]
    if all(following) and len(set(following)) == len(alike):
        return gettext("before “%(name)s”", name=following[alike.index(node)])
    return str(alike.index(node) + 1)


def settings(element: Any, nodes: Mapping[str, Any]) -> dict[str, str]:
    """All that an owner can set in an element, by its words: {"Hạn": "=working_days(2)"}.

    Its place in the file and on the sheet is no setting, nor are the flows, which are elements.
    """
    found = {
        "process": _process,
        "flow": lambda flow: _flow(flow, nodes),
        "node": lambda node: _node(node, nodes),
    }
    sort = {Process: "process", Flow: "flow"}.get(type(element), "node")
    return {label: words for label, words in found[sort](element) if words}


def _process(process: Process) -> Iterator[tuple[str, str]]:
    yield gettext("Name in the drawing"), process.name
    yield from _set(process.camunda, process.properties)


def _flow(flow: Flow, nodes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield gettext("Name in the drawing"), flow.name
    yield gettext("Condition"), flow.condition or ""
    yield gettext("From"), _end(flow.source, nodes)
    yield gettext("To"), _end(flow.target, nodes)


def _node(node: Node, nodes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield gettext("Kind"), kind_words(node.kind)
    yield gettext("Name in the drawing"), node.name
    yield gettext("Lane"), node.lane or ""
    yield gettext("Event"), "; ".join(map(_event, node.events))
    yield gettext("Attached to"), _end(node.attached_to, nodes)
    if not node.interrupting:
        yield gettext("Interrupts"), gettext("No")
    yield gettext("Default flow"), node.default or ""
    yield gettext("Repetition"), _loop(node.loop) if node.loop else ""
    yield gettext("Script"), node.script or ""
    yield gettext("Called process"), node.called or ""
    yield from _set(node.camunda, node.properties)
    for label, source in node.inputs:
        yield gettext("Parameter “%(name)s”", name=label), _source(source)
    for label, source in node.outputs:
        yield gettext("Result “%(name)s”", name=label), _source(source)
    for mapping in node.mappings:
        target = mapping.target or gettext("everything")
        yield gettext("Handed over: %(name)s", name=target), _mapping(mapping)


def _set(*given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for settings_ in given:
        for key, value in settings_.items():
            if key != "formRefBinding" and (key, value) != ("type", "external"):
                yield str(SETTINGS.get(key, key)), value


def _end(element: str | None, nodes: Mapping[str, Any]) -> str:
    return name(nodes[element], nodes) if element in nodes else element or ""


def _event(event: EventDefinition) -> str:
    parts = (str(EVENTS.get(event.kind, event.kind)), event.name, event.code, event.text)
    return " ".join(part for part in parts if part)


def _loop(loop: Loop) -> str:
    words = {
        "parallel": gettext("at the same time"),
        "sequential": gettext("one after another"),
        "standard": gettext("as long as"),
    }
    parts = (loop.collection, loop.cardinality, loop.condition, loop.completion, loop.item)
    return ", ".join([words.get(loop.kind, loop.kind), *(part for part in parts if part)])


def _mapping(mapping: DataMapping) -> str:
    arrow = "→" if mapping.direction == "in" else "←"
    return f"{arrow} {mapping.source or mapping.expression or '*'}"


def _source(source: Any) -> str:
    if isinstance(source, Mapping):
        return ", ".join(f"{key} = {_source(value)}" for key, value in source.items())
    if isinstance(source, list):
        return ", ".join(map(_source, source))
    return str(source)
