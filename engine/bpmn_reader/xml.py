"""XML that is not hostile, and the few words for going about in it."""

from __future__ import annotations

from typing import Any

from lxml import etree

from engine.bpmn import BPMN, MAX_BYTES, DrawingUnreadable
from engine.wellformed import compose, fault


def parse_xml(source: bytes, path: str, *, comments: bool = True) -> Any:
    """The root element of a file that is not hostile, with its comments or without them. Raises
    DrawingUnreadable.
    """
    if len(source) > MAX_BYTES:
        raise DrawingUnreadable(path=path, reason="it is larger than 20 MB.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
        remove_comments=not comments,
    )
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        reason, line = fault(source, problem)
        raise DrawingUnreadable(path=path, reason=reason, line=line) from None
    document: Any = root.getroottree().docinfo
    if document.doctype:
        raise DrawingUnreadable(path=path, reason="it has a document type, which is not allowed.")
    compose(root)
    return root


def local(element: Any) -> str:
    """The element's name without its namespace; "" for comments."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def is_in(element: Any, namespace: str) -> bool:
    return isinstance(element.tag, str) and element.tag.startswith(f"{{{namespace}}}")


def text_of(element: Any | None) -> str | None:
    """All text inside, without the white space around it; None when there is none."""
    if element is None:
        return None
    text = "".join(element.itertext()).strip()
    return text or None


def child(element: Any, name: str) -> Any | None:
    """The first BPMN element of that name directly inside."""
    return element.find(f"{{{BPMN}}}{name}") if len(element) else None


def children(element: Any, name: str) -> list[Any]:
    """The BPMN elements of that name directly inside, in document order."""
    # Most elements hold nothing, and building the search costs more than finding it.
    return element.findall(f"{{{BPMN}}}{name}") if len(element) else []


def is_true(element: Any, name: str, otherwise: bool = False) -> bool:
    """An xsd:boolean attribute."""
    value = element.get(name)
    return otherwise if value is None else value.strip() in {"true", "1"}


def plain_id(name: str | None) -> str | None:
    """The local part of a QName: ids of elements are written with and without a prefix."""
    return name.strip().rpartition(":")[2] or None if name else None
