"""Other editors' attributes and extensions, said in the words that the engine reads.

Flowable, Activiti and Operaton use the words of `camunda:` in namespaces of their own; Zeebe's
(Camunda 8) are other words. What has no counterpart is left as it is.
"""

from __future__ import annotations

from typing import Any

from engine.bpmn import BPMN, CAMUNDA
from engine.spelling import repeated

COUSINS = (
    "http://flowable.org/bpmn",
    "http://activiti.org/bpmn",
    "http://operaton.org/schema/1.0/bpmn",
    "http://camunda.org/bpmn",
)
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
BETA = ("http://schema.omg.org/spec/BPMN/2.0", "http://www.omg.org/bpmn20")


def local(element: Any) -> str:
    """The name of an element without its namespace; "" for comments."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def is_bpmn(element: Any) -> bool:
    return isinstance(element.tag, str) and element.tag.startswith(f"{{{BPMN}}}")


def bpmn(name: str) -> str:
    return f"{{{BPMN}}}{name}"


def camunda(name: str) -> str:
    return f"{{{CAMUNDA}}}{name}"


def translate(root: Any) -> None:
    """Every element of the tree speaks the engine's dialect."""
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        space, _, name = element.tag[1:].rpartition("}")
        if space in COUSINS:
            element.tag = camunda(name)
        elif space in BETA:
            element.tag = bpmn(name)
        for key in [k for k in element.attrib if k.startswith("{")]:
            space, _, name = key[1:].rpartition("}")
            if space in COUSINS and camunda(name) not in element.attrib:
                element.set(camunda(name), element.attrib.pop(key))
    for cycle in root.iter(bpmn("timeCycle")):
        cycle.text = repeated(cycle.text or "") or cycle.text
    for extension in list(root.iter(f"{{{ZEEBE}}}*")):
        rule = _ZEEBE.get(local(extension))
        owner = _owner(extension)
        if rule is not None and owner is not None:
            rule(owner, extension)


def extensions(element: Any) -> Any:
    """The element's extensionElements, made when there are none."""
    found = element.find(bpmn("extensionElements"))
    if found is None:
        found = element.makeelement(bpmn("extensionElements"))
        first = element.find(bpmn("documentation"))
        element.insert(0 if first is None else 1, found)
    return found


def put_property(element: Any, name: str, value: str) -> None:
    """A camunda:property of the element."""
    place = extensions(element)
    rows = place.find(camunda("properties"))
    if rows is None:
        rows = place.makeelement(camunda("properties"))
        place.append(rows)
    row = rows.makeelement(camunda("property"), {"name": name, "value": value})
    rows.append(row)


def _owner(extension: Any) -> Any | None:
    place = extension.getparent()
    if place is None or place.tag != bpmn("extensionElements"):
        return None
    return place.getparent()


def _mapping(owner: Any, extension: Any) -> None:
    """zeebe:ioMapping; of a call activity its inputs and outputs are what goes in and out."""
    called = owner.tag == bpmn("callActivity")
    place = extensions(owner)
    group = place if called else place.makeelement(camunda("inputOutput"))
    for item in extension:
        side, source, target = local(item), item.get("source", ""), item.get("target", "")
        if side not in {"input", "output"} or not target:
            continue
        if called:
            names = {"sourceExpression": source.lstrip("= "), "target": target}
            tag = {"input": "in", "output": "out"}[side]
            group.append(group.makeelement(camunda(tag), names))
        else:
            row = group.makeelement(camunda(f"{side}Parameter"), {"name": target})
            row.text = source
            group.append(row)
    if not called:
        place.append(group)


def _called(owner: Any, extension: Any) -> None:
    """zeebe:calledElement: all variables go in and come out unless it says otherwise."""
    process = extension.get("processId")
    if process and not owner.get("calledElement"):
        owner.set("calledElement", process)
    place = extensions(owner)
    for tag, word in (
        ("in", "propagateAllParentVariables"),
        ("out", "propagateAllChildVariables"),
    ):
        if extension.get(word, "true") == "true":
            place.append(place.makeelement(camunda(tag), {"variables": "all"}))


def _loop(owner: Any, extension: Any) -> None:
    """zeebe:loopCharacteristics stands in the loop's own extensions, or in the activity's."""
    many = owner
    if owner.tag != bpmn("multiInstanceLoopCharacteristics"):
        many = owner.find(bpmn("multiInstanceLoopCharacteristics"))
    if many is None:
        return
    if extension.get("inputCollection"):
        many.set(camunda("collection"), extension.get("inputCollection"))
    if extension.get("inputElement"):
        many.set(camunda("elementVariable"), extension.get("inputElement"))
    if extension.get("outputCollection"):
        put_property(many, "output_collection", extension.get("outputCollection"))
        put_property(many, "output_item", extension.get("outputElement", "=null").lstrip("= "))


def _script(owner: Any, extension: Any) -> None:
    if owner.find(bpmn("script")) is not None:
        return
    script = owner.makeelement(bpmn("script"))
    script.text = extension.get("expression", "").lstrip("= ")
    owner.append(script)
    owner.set("scriptFormat", "feel")
    _result(owner, extension)


def _decision(owner: Any, extension: Any) -> None:
    owner.set(camunda("decisionRef"), extension.get("decisionId", ""))
    _result(owner, extension)


def _result(owner: Any, extension: Any) -> None:
    if extension.get("resultVariable"):
        owner.set(camunda("resultVariable"), extension.get("resultVariable"))


def _form(owner: Any, extension: Any) -> None:
    name = extension.get("formId") or extension.get("formKey")
    if name:
        owner.set(camunda("formRef"), name)


_ZEEBE = {
    "ioMapping": _mapping,
    "calledElement": _called,
    "loopCharacteristics": _loop,
    "script": _script,
    "calledDecision": _decision,
    "formDefinition": _form,
}
