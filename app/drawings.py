"""Drawings as readers see them: laid out where they have no diagram, in the reader's language."""

from __future__ import annotations

from lxml import etree

from engine.layout import with_diagram

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
_ENGLISH = f"{_BPMN}extensionElements/{_CAMUNDA}properties/{_CAMUNDA}property[@name='name_en']"


def shown(text: str, language: str) -> str:
    """A deployed drawing for the viewer. In English its elements bear the names that their owner
    gave them in the property name_en; those without keep their own.
    """
    drawn = with_diagram(text)
    return _in_english(drawn) if language == "en" else drawn


def _in_english(text: str) -> str:
    # Drawings come from editors all over: nothing outside the file is looked up.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    tree = etree.fromstring(text.encode(), parser)
    for element in tree.iter(f"{_BPMN}*"):
        english = element.find(_ENGLISH)
        name = english.get("value") if english is not None else None
        if name and element.get("name"):
            element.set("name", name)
    return etree.tostring(tree, encoding="unicode")
