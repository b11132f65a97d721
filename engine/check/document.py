"""A BPMN file as its elements: by id, by kind, with what each names. Walked once, in a loop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from engine.bpmn import BPMN
from engine.check.alike import Alike
from engine.check.metamodel import is_a

_PREFIX = f"{{{BPMN}}}"
TRUE = {"true", "1"}
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def kind_of(element: Any) -> str:
    """The name of a BPMN element; empty for a comment or what is of another language."""
    return _kind(element.tag)


@lru_cache(maxsize=4096)
def _kind(tag: object) -> str:
    """Kept by tag: a drawing of 100,000 elements asks for it two million times."""
    if not isinstance(tag, str) or not tag.startswith(_PREFIX):
        return ""
    return tag[len(_PREFIX) :]


def children(element: Any, *kinds: str) -> Iterator[Any]:
    """The BPMN children of an element that are of one of the kinds."""
    for child in element:
        if kind_of(child) in kinds:
            yield child


def first(element: Any, kind: str) -> Any | None:
    return next(children(element, kind), None)


def text_of(element: Any | None) -> str:
    """The text of an element without blanks around it; empty where there is none."""
    return "".join(element.itertext()).strip() if element is not None else ""


def texts(element: Any, kind: str) -> list[str]:
    """What the children of a kind say, as with `incoming`."""
    return [text_of(child) for child in children(element, kind)]


@dataclass(frozen=True)
class Spot:
    """Where a finding belongs: the element itself, or the nearest one around it with an id."""

    id: str
    name: str
    line: int | None


def spot(element: Any) -> Spot:
    """The place that a finding about an element names."""
    line = element.sourceline
    while element is not None and not element.get("id"):
        element = element.getparent()
    if element is None:
        return Spot("", "", line)
    name = " ".join((element.get("name") or "").split())
    return Spot(element.get("id"), name, line)


@dataclass
class Document:
    """All BPMN elements of a file outside extension elements, in the order of the file.

    shared: elements of files that this one imports, by namespace and id; alike and
    sought (ids by what is sought): for what its names might have meant.
    """

    path: str
    root: Any
    elements: list[Any] = field(default_factory=list)
    by_id: dict[str, Any] = field(default_factory=dict)
    by_kind: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    strays: list[Any] = field(default_factory=list)
    shared: dict[tuple[str, str], Any] = field(default_factory=dict)
    alike: Alike = field(default_factory=Alike)
    sought: dict[Any, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Any, path: str) -> Document:
        """The document of a parsed file; linear in its size."""
        found = cls(path, root)
        todo = [root]
        while todo:
            element = todo.pop()
            kind = kind_of(element)
            if not kind:
                if isinstance(element.tag, str):
                    found.strays.append(element)
                continue
            found.elements.append(element)
            found.by_kind[kind].append(element)
            if element.get("id"):
                found.by_id.setdefault(element.get("id"), element)
            if kind != "extensionElements" and not holds_text(kind):
                todo += reversed(element)
        return found

    def all(self, *kinds: str) -> Iterator[Any]:
        """The elements of the kinds, kind by kind."""
        for kind in kinds:
            yield from self.by_kind.get(kind, ())

    @cached_property
    def namespace(self) -> str:
        return self.root.get("targetNamespace") or ""

    def named(self, element: Any, reference: str) -> Any | None:
        """The element that a reference names, in this file or in an imported one."""
        reference = reference.strip()
        if reference in self.by_id:
            return self.by_id[reference]
        prefix, _, name = reference.rpartition(":")
        namespace = element.nsmap.get(prefix or None)
        if namespace in (self.namespace, BPMN) and name in self.by_id:
            return self.by_id[name]
        return self.shared.get((namespace or "", name))

    def id_of(self, element: Any, name: str) -> str:
        """The id that an attribute names, without the prefix that it may be written with."""
        reference = str(element.get(name, ""))
        target = self.by_id.get(reference)
        if target is None and reference:
            target = self.named(element, reference)
        return reference if target is None else str(target.get("id"))

    def drawn_id(self, part: Any) -> str:
        """The id of what a shape or edge of the diagram shows, by a plain or qualified name."""
        return self.id_of(part, "bpmnElement")

    def is_foreign(self, element: Any, reference: str) -> bool:
        """Whether a reference points into a namespace that is not this file's."""
        prefix = reference.rpartition(":")[0]
        namespace = element.nsmap.get(prefix) if prefix else None
        return namespace is not None and namespace not in (self.namespace, BPMN)

    @cached_property
    def outgoing(self) -> dict[str, list[Any]]:
        """Sequence flows by the id of their source."""
        return self._flows("sourceRef")

    @cached_property
    def incoming(self) -> dict[str, list[Any]]:
        """Sequence flows by the id of their target."""
        return self._flows("targetRef")

    def _flows(self, end: str) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = defaultdict(list)
        for flow in self.by_kind.get("sequenceFlow", ()):
            found[self.id_of(flow, end)].append(flow)
        return found

    @cached_property
    def attached(self) -> dict[str, list[Any]]:
        """Boundary events by the id of what they are attached to."""
        found: dict[str, list[Any]] = defaultdict(list)
        for event in self.by_kind.get("boundaryEvent", ()):
            found[self.id_of(event, "attachedToRef")].append(event)
        return found

    @cached_property
    def associations(self) -> dict[str, list[Any]]:
        """Associations by the id of what they come from."""
        found: dict[str, list[Any]] = defaultdict(list)
        for association in self.by_kind.get("association", ()):
            found[self.id_of(association, "sourceRef")].append(association)
        return found

    def flow_nodes(self) -> Iterator[Any]:
        """Every event, activity and gateway."""
        for kind, elements in self.by_kind.items():
            if is_a(kind, "flowNode"):
                yield from elements

    def definitions_of(self, event: Any) -> list[Any]:
        """What an event waits for or throws: its own definitions and those that it refers to."""
        found = [c for c in event if is_a(kind_of(c), "eventDefinition")]
        for reference in texts(event, "eventDefinitionRef"):
            shared = self.named(event, reference)
            if shared is not None and is_a(kind_of(shared), "eventDefinition"):
                found.append(shared)
        return found


@lru_cache(maxsize=4096)
def holds_text(kind: str) -> bool:
    """Whether what is inside an element is text, whatever it looks like."""
    return kind in {"documentation", "text", "script", "rendering"} or is_a(kind, "expression")


def process_of(element: Any) -> Any | None:
    """The process that an element is inside of."""
    while element is not None and kind_of(element) != "process":
        element = element.getparent()
    return element


def is_executable(element: Any) -> bool:
    """Whether the process around an element says that it is to be run."""
    process = process_of(element)
    return process is not None and process.get("isExecutable", "").strip() in TRUE


def is_true(element: Any, name: str, default: str = "false") -> bool:
    return str(element.get(name, default)).strip() in TRUE
