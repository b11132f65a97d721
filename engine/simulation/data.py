"""What a drawing says of data and people, where its expressions are passed or belong to another
language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from engine import feel
from engine.check.juel import feel_of
from engine.simulation.dialects import bpmn, camunda, local

FOREIGN = ("${", "#{")
_WRAPPED = re.compile(r"^\s*(?:[$#]\{(.*)\}|=(.*))\s*\Z", re.DOTALL)
_WHO = ("assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority")
_ASSOCIATIONS = frozenset({"dataInputAssociation", "dataOutputAssociation"})
_PATHS = ("messagePath", "dataPath")


def inner(text: str) -> str:
    """An expression without what marks it as one."""
    found = _WRAPPED.match(text)
    return (found[1] or found[2] or "") if found else text


def as_feel(source: str) -> str | None:
    """The source as FEEL, if it can be read so or another engine's says the same plainly."""
    text = inner(source or "").strip()
    try:
        feel.parse(text)
    except feel.FeelError:
        return feel_of(source or "")
    return text


def label(element: Any) -> str:
    """Its name in one line; empty without one."""
    return " ".join((element.get("name") or "").split())


def quoted(text: str) -> str:
    """The text as it stands between the quotation marks of FEEL."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def forget_people(element: Any, *, all_of_them: bool) -> None:
    """Who does a task and until when is left out where another language says it, or always."""
    for name in _WHO:
        text = element.get(camunda(name), "")
        if all_of_them or any(mark in text for mark in FOREIGN):
            element.attrib.pop(camunda(name), None)


def pass_data(element: Any) -> None:
    """What FEEL cannot work out of an element's associations and mappings carries nothing."""
    for association in [c for c in element if local(c) in _ASSOCIATIONS]:
        if not _read(association.iter(bpmn("transformation"), bpmn("from"))):
            element.remove(association)
    for mapping in element.iterfind(f"{bpmn('extensionElements')}/{camunda('inputOutput')}/*"):
        if any(_is_unreadable(part.text or "") for part in mapping.iter()):
            mapping.getparent().remove(mapping)
    for side in ("in", "out"):
        for mapping in element.findall(f"{bpmn('extensionElements')}/{camunda(side)}"):
            _pass_mapping(mapping)


def _pass_mapping(mapping: Any) -> None:
    for name in {"source", "sourceExpression"} & {*mapping.attrib}:
        known = as_feel(mapping.get(name))
        if known is None:
            mapping.getparent().remove(mapping)
            return
        mapping.set(name, known)


def _is_unreadable(text: str) -> bool:
    return text.startswith("=") and as_feel(text) is None


def _read(expressions: Iterable[Any]) -> bool:
    """Whether all are FEEL; those that are lose what marks them as expressions."""
    for expression in expressions:
        known = as_feel("".join(expression.itertext()))
        if known is None:
            return False
        expression.text = known
    return True


def pass_messages(root: Any) -> None:
    """A name that FEEL cannot work out is taken as it is written. Properties by which messages
    find their case are left out of the file where FEEL cannot work one of them out: such a message
    reaches whoever waits for one of its name.
    """
    for said in root.iter(bpmn("message"), bpmn("signal")):
        name = said.get("name", "")
        if name.startswith("="):
            known, text = as_feel(name) or "null", quoted(name[1:].strip())
            said.set("name", f'=if ({known}) instance of string then ({known}) else "{text}"')
    if _read(root.iter(*map(bpmn, _PATHS))):
        return
    kinds = ("correlationKey", "correlationProperty", "correlationSubscription")
    for part in [e for kind in kinds for e in root.iter(bpmn(kind))]:
        part.getparent().remove(part)


def own_form(element: Any) -> Iterator[tuple[str, str]]:
    """Defaults of the form fields that a drawing itself holds (camunda:formData, formProperty)."""
    for kind, default in (("formField", "defaultValue"), ("formProperty", "default")):
        for item in element.iter(camunda(kind)):
            if item.get("id") and item.get(default) and not item.get(default).startswith(FOREIGN):
                yield item.get("id"), item.get(default)


def is_foreign(element: Any) -> bool:
    """Whether its mappings are written in another language than FEEL."""
    return any(
        mark in (item.text or "")
        for item in element.iter(camunda("inputParameter"), camunda("outputParameter"))
        for mark in FOREIGN
    )
