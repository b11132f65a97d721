"""What other engines' editors add to elements and is not read here, with what to write instead.

Additions that say nothing of how an element runs (colours, tries, names for an editor) are left
alone, and so is what stands beside the same in our own words. Names are looked at whatever
language they come from: Zeebe, Flowable, Activiti, jBPM and Camunda 7 share most of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.bpmn import BPMN, CAMUNDA
from engine.check.document import Document, first, kind_of, spot
from engine.check.finding import Finding, found
from engine.check.juel import feel_of
from engine.check.metamodel import is_a
from engine.errors import Sentence

_PEOPLE = ("assignee", "candidateUsers", "candidateGroups")
_FORM = ("formKey", "formRef")
_OPERATION = Sentence(
    'camunda:type="external" and camunda:topic with an operation, or draw a user task'
)
_ERRORS = Sentence("an error that the operation itself ends with")
_LISTENER = Sentence("a task of its own, before or after this one")
_FIELDS = Sentence("a form, named by camunda:formKey as PROCESS/FORM")
_DECISION = Sentence("camunda:decisionRef and camunda:resultVariable")
_SENDING = Sentence(
    'camunda:type="external" and camunda:topic with an operation on its message, or nothing:'
    " it then goes to the cases that wait for it"
)
_MAPPINGS = Sentence("camunda:in and camunda:out")
_PARAMETERS = Sentence("camunda:inputOutput with input and output parameters")


@dataclass(frozen=True)
class _Way:
    """What an addition says (the rule) and what to write instead.

    own: our attributes that say the same; the first with the addition's own value where nothing
    else is written.
    """

    rule: str
    own: tuple[str, ...] = ()
    instead: Sentence | str | None = None


_WORK = _Way("foreign-work", ("topic", "decisionRef"), _OPERATION)
_WHO = _Way("foreign-person", _PEOPLE)
_FORMS = _Way("foreign-addition", _FORM, _FIELDS)
_VERSION = _Way("foreign-binding", ("none",))
ATTRIBUTES = {
    **dict.fromkeys(("class", "delegateExpression", "expression", "type", "taskName"), _WORK),
    "topic": _WORK,
    **{name: _Way("foreign-person", (name, *_PEOPLE)) for name in _PEOPLE},
    **{
        name: _Way("foreign-addition", (name,))
        for name in ("dueDate", "followUpDate", "priority", "resultVariable", "decisionRef",
                     "candidateStarterGroups")
    },
    **dict.fromkeys(("formKey", "formRef", "formId", "formReference"), _FORMS),
    "resultVariableName": _Way("foreign-addition", ("resultVariable",)),
    "decisionTableReferenceKey": _Way("foreign-addition", ("decisionRef",)),
    "skipExpression": _Way("foreign-addition", (), Sentence("an exclusive gateway before it")),
    "inheritVariables": _Way("foreign-addition", (), Sentence('camunda:in with variables="all"')),
    "variableMappingClass": _Way("foreign-addition", (), _MAPPINGS),
    "variableMappingDelegateExpression": _Way("foreign-addition", (), _MAPPINGS),
    "calledElementBinding": _VERSION,
    "calledElementVersion": _VERSION,
    "decisionRefBinding": _VERSION,
    "decisionRefVersion": _VERSION,
}  # fmt: skip
"""Attributes by their name without the prefix."""

OURS = {"class", "delegateExpression", "expression", "type", "calledElementBinding",
        "calledElementVersion", "decisionRefBinding", "decisionRefVersion",
        "variableMappingClass", "variableMappingDelegateExpression"}  # fmt: skip
"""Those that Camunda's own language has too and that are not read here."""

ELEMENTS = {
    "taskDefinition": _WORK,
    "connector": _WORK,
    "adHoc": _Way("foreign-choice", (), ""),
    "assignmentDefinition": _WHO,
    "formDefinition": _FORMS,
    "formData": _Way("foreign-addition", _FORM, _FIELDS),
    "formProperty": _Way("foreign-addition", _FORM, _FIELDS),
    "taskSchedule": _Way("foreign-addition", ("dueDate", "followUpDate")),
    "priorityDefinition": _Way("foreign-addition", ("priority",)),
    "calledElement": _Way("foreign-addition", (), Sentence("calledElement with the process's id")),
    "calledDecision": _Way("foreign-addition", ("decisionRef",), _DECISION),
    "script": _Way("foreign-addition", (), Sentence('scriptFormat="feel" and a script in FEEL')),
    "ioMapping": _Way("foreign-addition", (), _PARAMETERS),
    "field": _Way("foreign-addition", (), _PARAMETERS),
    "in": _Way("foreign-addition", (), _MAPPINGS),
    "out": _Way("foreign-addition", (), _MAPPINGS),
    "errorEventDefinition": _Way("foreign-addition", (), _ERRORS),
    "subscription": _Way("foreign-addition", (), Sentence("the property correlation, in FEEL")),
    **dict.fromkeys(
        ("executionListener", "executionListeners", "taskListener", "taskListeners",
         "onEntry-script", "onExit-script"),
        _Way("foreign-addition", (), _LISTENER),
    ),
}  # fmt: skip
"""Extension elements by their name without the prefix."""

_WORKERS = {"task", "serviceTask", "sendTask", "scriptTask", "businessRuleTask",
            "globalScriptTask", "globalBusinessRuleTask"}  # fmt: skip
"""What a machine carries out."""

_READ = {"in", "out"}
"""Extension elements that are read where they are Camunda's."""

_VALUES = ("type", "processId", "decisionId", "formId", "formKey", "externalReference", "priority",
           "correlationKey", *_PEOPLE, "dueDate", "followUpDate", "expression", "class",
           "delegateExpression", "activeElementsCollection", "outputCollection")  # fmt: skip
"""Attributes of extension elements that say most of what they are about."""


def check_foreign(document: Document) -> Iterator[Finding]:
    """Findings about additions that would say how an element runs, and are read by others."""
    for kind, elements in document.by_kind.items():
        if is_a(kind, "flowNode") or is_a(kind, "callableElement") or kind == "message":
            for element in elements:
                yield from _element(document, element)


def _element(document: Document, element: Any) -> Iterator[Finding]:
    for name, value in element.attrib.items():
        namespace, _, key = name.removeprefix("{").rpartition("}")
        way = ATTRIBUTES.get(key) if namespace and namespace != BPMN else None
        if way is None or (namespace == CAMUNDA and key not in OURS) or not value.strip():
            continue
        if not (namespace == CAMUNDA and value in ("external", "deployment")):
            yield from _said(document, element, (_prefixed(element, namespace, key), value), way)
    told: set[str] = set()
    for part in _additions(element):
        namespace, _, key = part.tag.removeprefix("{").rpartition("}")
        way = ELEMENTS.get(key)
        if way is None or key in told or (namespace == CAMUNDA and key in _READ):
            continue
        told.add(key)
        if is_a(kind_of(element), "throwEvent"):
            way = _thrown(element, key, way)
        value, way = _values(part, way)
        if key == "adHoc" and not value:
            continue  # It stands there for the tasks that its editor makes.
        yield from _said(document, element, (_prefixed(part, namespace, key), value), way)


def _thrown(element: Any, key: str, way: _Way) -> _Way:
    """Of a message that is thrown a worker sends it, unless our own words say by whom."""
    event = first(element, "messageEventDefinition")
    if key != "taskDefinition" or event is None or not event.get("messageRef"):
        return way
    return way if event.get(f"{{{CAMUNDA}}}topic") else _Way("foreign-addition", (), _SENDING)


def _values(part: Any, way: _Way) -> tuple[str, _Way]:
    """What an addition says, and what to write instead of each of its attributes."""
    given = [(name, part.get(name)) for name in way.own if part.get(name)]
    if way.instead is not None or not given:
        return next((part.get(name) for name in _VALUES if part.get(name)), ""), way
    ours = [_translated(name, value) for name, value in given]
    instead = ours[0]
    for each in ours[1:]:
        instead = Sentence("{outer}, {inner}", {"outer": instead, "inner": each})
    told = '", "'.join(value[:100] for _, value in given)
    return told, _Way(way.rule, way.own, instead)


def _additions(element: Any) -> Iterator[Any]:
    """What stands beside BPMN at an element, and the scripts of its parameters."""
    extensions = first(element, "extensionElements")
    for part in () if extensions is None else extensions:
        if isinstance(part.tag, str) and not part.tag.startswith(f"{{{BPMN}}}"):
            yield part
            yield from part.iterfind(f"{{{CAMUNDA}}}*/{{{CAMUNDA}}}script")


def _said(
    document: Document, element: Any, given: tuple[str, str], way: _Way
) -> Iterator[Finding]:
    is_told = any(element.get(f"{{{CAMUNDA}}}{name}") for name in way.own)
    if is_told or (way.rule == "foreign-work" and kind_of(element) not in _WORKERS):
        return
    key, value = given
    instead = way.instead
    if instead is None:
        instead = _translated(way.own[0], value)
    if key.startswith("camunda:") and not _is_ours(element):
        # What stands there would be right in Camunda's own language.
        instead = f'xmlns:camunda="{CAMUNDA}"'
    yield found(
        document.path,
        way.rule,
        spot(element),
        key=f'{key} "{value[:300]}"' if value else key,
        instead=instead,
    )


def _is_ours(element: Any) -> bool:
    """Whether the prefix camunda is bound to the language that is read here."""
    return bool(element.nsmap.get("camunda", CAMUNDA) == CAMUNDA)


def _translated(name: str, value: str) -> Any:
    """Our attribute with the same value, in FEEL where that is plain."""
    feel = feel_of(value)
    if feel is not None:
        return f"camunda:{name}='={feel}'"
    if "${" in value or "#{" in value or not value:
        return Sentence("camunda:{key}, computed in FEEL", {"key": name})
    return f"camunda:{name}='{value[:100]}'"


def _prefixed(element: Any, namespace: str, key: str) -> str:
    """The name of an addition as its file writes it."""
    prefix = next((p for p, uri in element.nsmap.items() if uri == namespace and p), None)
    return f"{prefix}:{key}" if prefix else key
