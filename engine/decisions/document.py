"""Reading DMN files, as Camunda Modeler and dmn-js write them, without trusting them.

Versions 1.1 to 1.5 differ, for what is read here, in their namespace only.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from lxml import etree

from engine.decisions.errors import DecisionInvalid
from engine.decisions.places import Places
from engine.feel.names import normal
from engine.wellformed import compose, fault

# lxml's stubs do not tell an element from a comment.
Element: TypeAlias = Any

NAMESPACE = "www.omg.org/spec/DMN/"
MAX_MEGABYTES = 20
FEEL_NAMES = ("", "feel")


class Import(NamedTuple):
    """What a file says of another one whose parts it uses; the name may be empty."""

    name: str
    namespace: str
    location: str
    element: Element


class Document:
    """One parsed file: finds elements and says where a thing that is wrong stands."""

    def __init__(self, xml: bytes, path: str) -> None:
        self.path = path
        self.root = read_root(xml, path)
        self.namespace: str = self.root.get("namespace") or ""
        self.places = Places()

    def imports(self) -> Iterator[Import]:
        """The DMN files that this one names; PMML and Java are no business of ours."""
        for part in children(self.root, "import"):
            kind = part.get("importType") or ""
            if NAMESPACE in kind or not kind:
                yield Import(
                    (part.get("name") or "").strip(),
                    part.get("namespace") or "",
                    part.get("locationURI") or "",
                    part,
                )

    def refuse(
        self, element: Element, message: str, remedy: str = "", **fields: object
    ) -> DecisionInvalid:
        """The error about an element; the caller raises or keeps it."""
        problem = DecisionInvalid(
            nearest_id(element), message, path=self.path, line=element.sourceline, **fields
        )
        problem.place = self.places.of(element)
        problem.remedy = remedy
        return problem

    def warn(
        self, element: Element, message: str, remedy: str = "", **fields: object
    ) -> DecisionInvalid:
        """The same for what runs all the same."""
        problem = self.refuse(element, message, remedy, **fields)
        problem.severity = "warning"
        return problem

    def other_language(self, element: Element) -> str:
        """The language of an expression that is not in FEEL; empty for one that is."""
        language = element.get("expressionLanguage") or self.root.get("expressionLanguage") or ""
        language = language.strip()
        is_feel = language.lower() in FEEL_NAMES or "/FEEL" in language.upper()
        return "" if is_feel else language


def read_root(xml: bytes, path: str) -> Element:
    """The root of a well-formed DMN file; raises DecisionInvalid, of hostile files too."""
    if len(xml) > MAX_MEGABYTES * 1024 * 1024:
        raise DecisionInvalid(
            "", "The file is larger than {most} MB.", path=path, most=MAX_MEGABYTES
        )
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        reason, line = fault(xml, problem)
        raise DecisionInvalid(
            "", "The file is not well-formed XML: {reason}", path=path, line=line, reason=reason
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise DecisionInvalid(
            "", "The file declares a document type, which is not allowed; remove it.", path=path
        )
    compose(root)
    adopt(root)
    if local(root) != "definitions" or NAMESPACE not in namespace(root):
        raise DecisionInvalid(
            "", "The file holds no DMN definitions; save it as DMN 1.1 or later.", path=path
        )
    return root


def adopt(root: Element) -> None:
    """Take a file for DMN that declares DMN's namespace under a prefix and then forgets to use it.

    Editors that bind the file's own namespace to no prefix have written such files.
    """
    declared = (uri for uri in root.nsmap.values() if NAMESPACE in uri)
    meant = next((uri for uri in declared if uri.endswith(("/MODEL/", "/dmn.xsd"))), "")
    own = namespace(root)
    if local(root) != "definitions" or NAMESPACE in own or not meant:
        return
    for element in root.iter("*"):
        if namespace(element) == own:
            element.tag = f"{{{meant}}}{local(element)}"


@lru_cache(maxsize=4096)
def cut(tag: str) -> tuple[str, str]:
    """The namespace of a tag as lxml writes it, and its name: a file has few different ones."""
    space, _, name = tag.rpartition("}")
    return space.removeprefix("{"), name


def namespace(element: Element) -> str:
    return cut(element.tag)[0] if isinstance(element.tag, str) else ""


def local(element: Element) -> str:
    """The name of an element without its namespace; "" for a comment."""
    return cut(element.tag)[1] if isinstance(element.tag, str) else ""


def children(element: Element, *names: str) -> Iterator[Element]:
    """The DMN children of an element, of all names or of those given."""
    for part in element:
        tag = part.tag
        if isinstance(tag, str):
            space, name = cut(tag)
            if NAMESPACE in space and (not names or name in names):
                yield part


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


def reference(element: Element | None) -> tuple[str, str]:
    """The namespace, empty for the file's own, and the id that an href points to."""
    href = "" if element is None else (element.get("href") or "").strip()
    place, _, target = href.rpartition("#")
    return place, target


def names_of(element: Element) -> tuple[str, ...]:
    """The names by which a thing's value is known, the variable's first, its id last."""
    variable = child(element, "variable")
    found = (
        None if variable is None else variable.get("name"),
        element.get("name"),
        element.get("id"),
    )
    return tuple(dict.fromkeys(normal(name) for name in found if name and name.strip()))
