"""Every reference of a drawing: that what it names is there, and is of the kind that is asked for.

Ids are names of XML (8.2.1); references are ids, with a prefix where the element is imported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from engine.bpmn import BPMNDI
from engine.check.document import (
    Document,
    children,
    is_executable,
    is_true,
    kind_of,
    spot,
    text_of,
)
from engine.check.finding import Finding, found
from engine.check.message_flows import CATCHERS, THROWERS, pool_of, speaks
from engine.check.metamodel import Kind, is_a, kinds
from engine.errors import Sentence

_ASSOCIATIONS = frozenset({"dataInputAssociation", "dataOutputAssociation"})
_BESIDE = frozenset({"sequenceFlow", "boundaryEvent"})
"""What joins only elements that stand beside it."""
_DC = "http://www.omg.org/spec/DD/20100524/DC"
_DI = "http://www.omg.org/spec/DD/20100524/DI"
_DRAWS = {f"{{{BPMNDI}}}BPMNDiagram"}
_DRAWN = tuple(f"{{{space}}}*" for space in (BPMNDI, _DC, _DI))
_MOST_SOUGHT = 2000
"""Ids among which another one is looked for."""
_NEVER = {
    ("sequenceFlow", "targetRef"): frozenset({"startEvent", "boundaryEvent"}),
    ("sequenceFlow", "sourceRef"): frozenset({"endEvent"}),
    ("messageFlow", "sourceRef"): CATCHERS,
    ("messageFlow", "targetRef"): THROWERS,
}
"""Kinds that a flow could name, and must not (7.6.2, 10.5.2, 10.5.3)."""


def check_links(document: Document) -> Iterator[Finding]:
    """Findings about ids that are there twice and references that lead nowhere."""
    yield from _ids(document)
    known = kinds()
    for element in document.elements:
        kind = known.get(kind_of(element))
        if kind is not None:
            yield from _references(document, element, kind)
    yield from _diagram(document)


def _ids(document: Document) -> Iterator[Finding]:
    """Ids of elements and of what draws them are of one document (BPMN20.xsd, DI.xsd)."""
    parts = [part for part in document.strays if part.tag in _DRAWS]
    drawn = [inner for part in parts for inner in part.iter(*_DRAWN)]
    named = {e.get("id"): e for e in reversed(drawn)} | document.by_id
    counts = Counter(e.get("id") for e in (*document.elements, *drawn) if e.get("id"))
    for name, count in counts.items():
        if count > 1:
            second = named[name]
            yield found(document.path, "duplicate-id", spot(second), id=name, count=count)


def _references(document: Document, element: Any, kind: Kind) -> Iterator[Finding]:
    for attribute in kind.references:
        if element.get(attribute.name):
            yield from _reference(
                document, element, attribute.name, (element.get(attribute.name), attribute.refers)
            )
    for wanted in kind.named if len(element) else ():
        for child in children(element, *wanted.kinds):
            yield from _reference(document, child, wanted.name, (text_of(child), wanted.refers))


def _reference(
    document: Document, element: Any, name: str, wanted: tuple[str, frozenset[str]]
) -> Iterator[Finding]:
    reference, allowed = wanted[0].strip(), wanted[1]
    target = document.named(element, reference)
    # Of what an event waits for or throws its editor shows the event.
    event = is_a(kind_of(element), "eventDefinition") and element.getparent() is not document.root
    where = spot(element.getparent() if event else element)
    if target is None:
        if not document.is_foreign(element, reference):
            yield found(
                document.path,
                "dangling-reference",
                where,
                key=name,
                ref=reference[:200] or Sentence("nothing"),
                near=_near(document, element, name, (reference, allowed)),
            )
        return
    kind = kind_of(target)
    if "any" not in allowed and kind not in allowed and not _is_own_work(element, target):
        yield found(
            document.path, "wrong-reference", where, key=name, ref=reference[:200], kind=kind
        )


def _is_own_work(element: Any, target: Any) -> bool:
    """Whether a data association names the activity that it belongs to, in a process that is not
    to be run: so editors draw data beside a task without saying what of it the task takes.
    """
    association = element.getparent()
    return (
        kind_of(association) in _ASSOCIATIONS
        and association.getparent() is target
        and not is_executable(association)
    )


def _near(document: Document, element: Any, name: str, wanted: tuple[str, frozenset[str]]) -> str:
    """Ids that could be named there, those written alike first, in the words of the remedy."""
    reference, allowed = wanted
    if name == "default":
        return ", ".join(i[:200] for i in islice(_leaving(document, element), 3))
    kind = kind_of(element)
    fit = allowed - _NEVER.get((kind, name), frozenset())
    beside = element.getparent() if kind in _BESIDE else None
    far = _other_pool(document, element, name) if kind == "messageFlow" else None
    key = (fit, beside, far)
    ids = document.sought.get(key)
    if ids is None:
        ids = document.sought[key] = list(islice(_fitting(document, key), _MOST_SOUGHT))
    near = document.alike.of(reference, ids, most=2)
    return ", ".join(near or [i[:200] for i in ids[:3]])


def _other_pool(document: Document, flow: Any, name: str) -> Any | None:
    """The pool at the other end of a message flow."""
    other = "targetRef" if name == "sourceRef" else "sourceRef"
    end = document.named(flow, flow.get(other, ""))
    return None if end is None else pool_of(document, end)


def _fitting(document: Document, wanted: tuple[frozenset[str], Any, Any]) -> Iterator[str]:
    """Ids of the kinds: beside an element where it joins only what is beside it, outside a pool
    where it leads to another; of events, those that exchange messages.
    """
    fit, beside, far = wanted
    every = chain.from_iterable(document.by_kind.get(kind, ()) for kind in sorted(fit))
    for one in every if beside is None else children(beside, *sorted(fit)):
        if not one.get("id") or (beside is not None and is_true(one, "triggeredByEvent")):
            continue
        if far is not None and not _exchanges(document, one, far):
            continue
        yield one.get("id")


def _exchanges(document: Document, one: Any, far: Any) -> bool:
    if pool_of(document, one) is far:
        return False
    return not is_a(kind_of(one), "event") or speaks(document, one)


def _leaving(document: Document, element: Any) -> Iterator[str]:
    """Ids of the flows that leave an element, as long as names of the file may be compared."""
    flows = document.by_kind.get("sequenceFlow", ())[:_MOST_SOUGHT]
    if document.alike.left > 0:
        document.alike.left -= len(flows)
        yield from (
            e.get("id")
            for e in flows
            if e.get("id") and document.id_of(e, "sourceRef") == element.get("id")
        )


def _diagram(document: Document) -> Iterator[Finding]:
    """Shapes and lines of the diagram that stand for nothing."""
    for part in document.root.iter("{http://www.omg.org/spec/BPMN/20100524/DI}*"):
        reference = part.get("bpmnElement")
        if reference and document.named(part, reference) is None:
            yield found(document.path, "stray-shape", spot(part), ref=reference[:200])
