"""Drawings as readers see them: laid out where they have no diagram, in the reader's language."""

from __future__ import annotations

from lxml import etree

from engine.layout import with_diagram

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"
_CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
_ENGLISH = f"{_BPMN}extensionElements/{_CAMUNDA}properties/{_CAMUNDA}property[@name='name_en']"

LETTER = 6.4
"""How wide a letter of 12 px is at most on average, in units of the drawing."""


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
    renamed: dict[str, str] = {}
    for element in tree.iter(f"{_BPMN}*"):
        english = element.find(_ENGLISH)
        name = english.get("value") if english is not None else None
        if name and element.get("name"):
            element.set("name", name)
            renamed[element.get("id", "")] = name
    for label in tree.iter(f"{_DI}BPMNLabel"):
        owner, bounds = label.getparent(), label.find(f"{_DC}Bounds")
        if owner is not None and bounds is not None and owner.get("bpmnElement") in renamed:
            _widen(bounds, renamed[owner.get("bpmnElement", "")])
    return etree.tostring(tree, encoding="unicode")


def _widen(bounds: etree._Element, name: str) -> None:
    """The label's place is wide enough for its longest word, and for the name on two lines.

    Places are drawn for the owner's language; in another a word would be broken in the middle.
    """
    letters = max(max(map(len, name.split())), -(-len(name) // 2))
    wanted, width = letters * LETTER + 8, float(bounds.get("width", 0))
    if width < wanted:
        bounds.set("x", f"{float(bounds.get('x', 0)) - (wanted - width) / 2:g}")
        bounds.set("width", f"{wanted:g}")
