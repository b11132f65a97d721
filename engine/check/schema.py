"""What may stand where, and which attributes it must have: the standard's interchange format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from engine.bpmn import BPMN
from engine.check.document import XSI_TYPE, Document, first, holds_text, kind_of, spot
from engine.check.finding import Finding, found
from engine.check.metamodel import Attribute, Kind, kinds

_NAME = re.compile(r"^[^\W\d][\w.\-\u00b7]*\Z")
_MIME = re.compile(r"^[\w.+-]+/[\w.+*-]+(;.*)?\Z")
_WHOLE = re.compile(r"^[+-]?[0-9]{1,18}\Z")
_COUNT = re.compile(r"^[+]?[0-9]{1,18}\Z")
_TYPES = {
    "id": _NAME,
    "mime": _MIME,
    "whole": _WHOLE,
    "count": _COUNT,
    "bool": re.compile(r"^(true|false|1|0)\Z"),
}
_SHAPES = {
    "mime": "text/plain",
    "whole": "1",
    "count": "1",
    "bool": "true, false",
}
# What no reader needs in order to understand the file, or editors leave out of a drawing that is
# not finished: said, but nothing is refused for it.
_FORGIVEN = {("definitions", "targetNamespace"), ("import", "importType")}
_EXPRESSIONS = ("tFormalExpression", "tExpression")
_WELCOME = {
    "dataInputAssociation": "targetRef",
    "dataOutputAssociation": "targetRef",
}


def check_schema(document: Document) -> Iterator[Finding]:
    """Findings about elements in the wrong place, and attributes missing or wrong."""
    known = kinds()
    for element in document.elements:
        name = kind_of(element)
        kind = known.get(name)
        if kind is None or (kind.is_abstract and not element.get(XSI_TYPE)):
            if not _is_reference(element, name):
                yield found(document.path, "unknown-element", spot(element), kind=name)
            for key in element.attrib if kind is None else ():
                if not key.startswith("{"):
                    yield found(
                        document.path, "unknown-attribute", spot(element), kind=name, key=key
                    )
            continue
        if element.get(XSI_TYPE):
            yield from _type(document.path, element, kind)
        yield from _attributes(document.path, element, kind)
        wanted = _WELCOME.get(name)
        if wanted and not element.get(wanted) and first(element, wanted) is None:
            where = spot(element)
            yield found(document.path, "missing-formality", where, kind=name, key=wanted)
        if name != "extensionElements" and not holds_text(name):
            yield from _children(document.path, element, kind)
            if kind.places or kind.attributes:
                yield from _text(document.path, element, kind)
    for stray in document.strays:
        if not _is_beside(stray):
            name = stray.tag.rpartition("}")[2]
            yield found(document.path, "stray-element", spot(stray), kind=name)


def _type(path: str, element: Any, kind: Kind) -> Iterator[Finding]:
    """What an element says of its type is one of the standard's, or of another language."""
    value = element.get(XSI_TYPE).strip()
    prefix, _, name = value.rpartition(":")
    namespace = element.nsmap.get(prefix) if prefix else BPMN
    formal = "expression" in kind.lineage
    known = name in _EXPRESSIONS if formal else f"{name[1:2].lower()}{name[2:]}" in kinds()
    if namespace is None or (namespace == BPMN and not known):
        allowed = ", ".join(_EXPRESSIONS) if formal else f"t{kind.name[:1].upper()}{kind.name[1:]}"
        yield found(path, "bad-attribute", spot(element), kind=kind.name, key="xsi:type",
                    value=value[:100], allowed=allowed)  # fmt: skip


def _is_reference(element: Any, name: str) -> bool:
    """Whether it is a child that only names something, such as `incoming`."""
    around = kinds().get(kind_of(element.getparent()))
    return around is not None and name in around.places


def _is_beside(element: Any) -> bool:
    """Whether an element of another language stands where the standard lets it: the diagram."""
    above = element.getparent()
    return above is None or kind_of(above) in {"definitions", "relationship", "endPoint"}


def _attributes(path: str, element: Any, kind: Kind) -> Iterator[Finding]:
    for name, value in element.attrib.items():
        if name.startswith("{"):
            continue
        attribute = kind.attributes.get(name)
        if attribute is None:
            if kind.attributes:
                yield found(path, "unknown-attribute", spot(element), kind=kind.name, key=name)
        elif not _fits(attribute, value.strip()):
            if attribute.type == "id":
                yield found(path, "bad-id", spot(element), id=value[:100])
                continue
            allowed = _SHAPES.get(attribute.type) or attribute.type.replace("|", ", ")
            yield found(
                path,
                "bad-attribute",
                spot(element),
                kind=kind.name,
                key=name,
                value=value[:100],
                allowed=allowed,
            )
    for attribute in kind.required:
        if not element.get(attribute.name, "").strip():
            rule = "missing-attribute"
            if (kind.name, attribute.name) in _FORGIVEN:
                rule = "missing-formality"
            yield found(path, rule, spot(element), kind=kind.name, key=attribute.name)


def _fits(attribute: Attribute, value: str) -> bool:
    if attribute.refers or attribute.type == "text":
        return True
    pattern = _TYPES.get(attribute.type)
    if pattern is not None:
        return pattern.match(value) is not None
    return value in attribute.type.split("|")


def _text(path: str, element: Any, kind: Kind) -> Iterator[Finding]:
    """Words between the children of an element: nobody reads them."""
    words = " ".join(
        said.strip()
        for said in (element.text, *(child.tail for child in element))
        if said is not None and not said.isspace()
    )
    if words:
        yield found(path, "stray-text", spot(element), kind=kind.name, text=words[:100])


def _children(path: str, element: Any, kind: Kind) -> Iterator[Finding]:
    counts: dict[int, int] = {}
    last, ordered = 0, True
    for child in element:
        name = kind_of(child)
        if not name:
            continue
        place = kind.places.get(name)
        if place is None:
            if name not in kinds():
                continue  # Told of as unknown, where it stands itself.
            yield found(path, "misplaced-element", spot(child), kind=name, around=kind.name)
            continue
        counts[place] = counts.get(place, 0) + 1
        most = kind.children[place].most
        if most is not None and counts[place] == most + 1:
            yield found(path, "repeated-element", spot(child), kind=name, around=kind.name)
        if place < last and ordered:
            ordered = False
            yield found(path, "element-order", spot(child), kind=name, around=kind.name)
        last = max(last, place)
    for place, wanted in kind.wanted:
        if wanted.least > counts.get(place, 0):
            yield found(path, "missing-element", spot(element), kind=wanted.name, around=kind.name)


def is_bpmn(root: Any) -> bool:
    """Whether a parsed file holds BPMN definitions."""
    return bool(root.tag == f"{{{BPMN}}}definitions")
