"""The table of BPMN's elements says what the standard's own schema says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine.check.metamodel import kinds

SCHEMA = Path(__file__).parents[3] / (
    "app/frontend/node_modules/bpmn-moddle/resources/bpmn/xsd/Semantic.xsd"
)
XSD = "{http://www.w3.org/2001/XMLSchema}"
LOOSER = {
    ("dataInputAssociation", "targetRef"),
    ("dataOutputAssociation", "targetRef"),
    ("linkEventDefinition", "name"),
    ("resourceRole", "resourceRef"),  # It may be assigned by an expression instead.
    ("performer", "resourceRef"),
    ("humanPerformer", "resourceRef"),
    ("potentialOwner", "resourceRef"),
}
"""What the schema demands and only advice is given for."""


@pytest.fixture(scope="module")
def schema() -> Any:
    if not SCHEMA.is_file():
        pytest.skip("the front end's packages are not installed")
    return etree.parse(SCHEMA).getroot()


def whole(schema: Any, name: str) -> tuple[dict[str, bool], dict[str, bool]]:
    """Attributes and children of a type, those of what it extends too: name and whether required.
    Of a choice nothing is required.
    """
    (kind,) = schema.findall(f"{XSD}complexType[@name='{name}']")
    extension = kind.find(f"{XSD}complexContent/{XSD}extension")
    attributes: dict[str, bool] = {}
    children: dict[str, bool] = {}
    if extension is not None:
        attributes, children = whole(schema, extension.get("base").rpartition(":")[2])
    body = kind if extension is None else extension
    for one in body.findall(f"{XSD}attribute"):
        attributes[one.get("name")] = one.get("use") == "required"
    for one in body.iter(f"{XSD}element"):
        is_choice = one.getparent().tag == f"{XSD}choice"
        key = (one.get("ref") or one.get("name")).rpartition(":")[2]
        children[key] = one.get("minOccurs", "1") != "0" and not is_choice
    return attributes, children


def test_every_element_has_the_attributes_and_children_of_the_schema(schema):
    known = kinds()
    for element in schema.findall(f"{XSD}element"):
        name = element.get("name")
        if name not in known or name == "expression":
            assert name in {"dataAssociation", "baseElementWithMixedContent", "expression"}, name
            continue
        attributes, children = whole(schema, element.get("type"))
        kind = known[name]
        assert set(kind.attributes) == set(attributes), name
        places = {k for child in kind.children for k in (child.name, *child.kinds)}
        assert set(children) <= places, name
        for key, required in {**attributes, **children}.items():
            if (name, key) in LOOSER:
                continue
            ours = key in kind.attributes and kind.attributes[key].required
            ours = ours or any(c.name == key and c.least for c in kind.children)
            assert ours is required, (name, key)


def test_what_only_others_build_on_is_marked(schema):
    abstract = {
        e.get("name")
        for e in schema.findall(f"{XSD}element")
        if schema.find(f"{XSD}complexType[@name='{e.get('type')}']").get("abstract") == "true"
    }
    ours = {name for name, kind in kinds().items() if kind.is_abstract}
    assert ours - {"timerExpression"} == abstract & set(kinds())
