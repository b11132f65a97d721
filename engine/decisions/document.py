"""Reading DMN files, as Camunda Modeler and dmn-js write them, without trusting them.

Versions 1.1 to 1.5 differ, for what is read here, in their namespace only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from lxml import etree

from engine.decisions.errors import DecisionInvalid

# lxml's stubs do not tell an element from a comment.
Element: TypeAlias = Any

NAMESPACE = "www.omg.org/spec/DMN/"
MAX_BYTES = 5 * 1024 * 1024
FEEL_NAMES = ("", "feel")


class Document:
    """One parsed file: finds elements and says where a thing that is wrong stands."""

    def __init__(self, xml: bytes, path: str) -> None:
        self.path = path
        self.root = read_root(xml, path)

    def refuse(self, element: Element, message: str, **fields: object) -> DecisionInvalid:
        """The error about an element; the caller raises it."""
        return DecisionInvalid(
            nearest_id(element), message, path=self.path, line=element.sourceline, **fields
        )

    def check_language(self, element: Element) -> None:
        """Refuse an expression in another language than FEEL."""
        language = (element.get("expressionLanguage") or "").strip()
        if language.lower() not in FEEL_NAMES and "/FEEL" not in language.upper():
            raise self.refuse(
                element,
                "The expression is written in {language}; write it in FEEL.",
                language=language,
            )


def read_root(xml: bytes, path: str) -> Element:
    """The root of a well-formed DMN file; raises DecisionInvalid, of hostile files too."""
    if len(xml) > MAX_BYTES:
        raise DecisionInvalid("", "The file is larger than 5 MB.", path=path)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise DecisionInvalid(
            "", "The file is not well-formed XML. {reason}", path=path, reason=problem
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise DecisionInvalid(
            "", "The file declares a document type, which is not allowed; remove it.", path=path
        )
    if local(root) != "definitions" or NAMESPACE not in namespace(root):
        raise DecisionInvalid(
            "", "The file holds no DMN definitions; save it as DMN 1.1 or later.", path=path
        )
    return root


def namespace(element: Element) -> str:
    return etree.QName(element).namespace or "" if isinstance(element.tag, str) else ""


def local(element: Element) -> str:
    """The name of an element without its namespace; "" for a comment."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def children(element: Element, *names: str) -> Iterator[Element]:
    """The DMN children of an element, of all names or of those given."""
    for child in element:
        if NAMESPACE in namespace(child) and (not names or local(child) in names):
            yield child


def child(element: Element, *names: str) -> Element | None:
    return next(children(element, *names), None)


def text_of(element: Element | None) -> str:
    """The FEEL text of an expression: of its `text` child, without blanks around."""
    if element is None:
        return ""
    inner = child(element, "text")
    source = element if inner is None else inner
    return "".join(source.itertext()).strip()


def nearest_id(element: Element) -> str:
    """The id of an element or of the nearest one around it that has an id."""
    while element is not None:
        found: str | None = element.get("id")
        if found:
            return found
        element = element.getparent()
    return ""


def reference(element: Element | None) -> str:
    """The id that an href points to; what stands before the # names a file or namespace."""
    return "" if element is None else (element.get("href") or "").rpartition("#")[2]
