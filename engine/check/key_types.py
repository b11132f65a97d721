"""Kinds of value at the ends of a correlation key: values of two kinds are never equal, so that
who waits would wait in vain.

Sources: BPMN 2.0.2, 8.4.2 (all ends of a key give the same value), 8.4.10 (item definitions),
DMN 1.5, 10.3.2.3.2 (what is equal).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine import feel
from engine.bpmn import Node, Process
from engine.check.document import Document, children, first, kind_of, process_of, spot, text_of
from engine.check.finding import Finding, found
from engine.check.keys import SPEAKING, thrown_and_awaited
from engine.check.kinds import Types
from engine.check.types import Reading

XSD, FEEL = "http://www.w3.org/2001/XMLSchema", "https://www.omg.org/spec/DMN/20230324/FEEL/"
_WORDS = {
    "string": "string str text token normalizedstring anyuri id char character",
    "number": "number int integer long short byte decimal double float bigdecimal biginteger "
    "nonnegativeinteger positiveinteger unsignedint unsignedlong",
    "boolean": "boolean bool",
    "date": "date localdate",
    "time": "time localtime",
    "date and time": "datetime localdatetime zoneddatetime offsetdatetime instant",
}
_NAMED = {word: kind for kind, words in _WORDS.items() for word in words.split()}
"""Names of simple types in XML Schema, Java, JSON and FEEL, in small letters."""


@dataclass(frozen=True)
class End:
    """One place that gives a value of a key: the element, what it is called, and the kind."""

    item: Any
    name: str
    kind: str


def check_key_types(
    document: Document, processes: Iterable[Process], types: Mapping[str, Types]
) -> Iterator[Finding]:
    """Findings about keys whose ends give values of two kinds. types: of variables, by process."""
    declared = _declared(document)
    known = {key: {**of, **declared.get(key, {})} for key, of in types.items()}
    yield from _properties(document, known)
    yield from _own(document.path, list(processes), known)


def kind_named(item: Any) -> str | None:
    """FEEL's word for a simple type by the name of an item's structure, of XML Schema, Java or
    none: what a file's own schema calls so is something else.
    """
    prefix, _, name = (item.get("structureRef") or "").strip().rpartition(":")
    if prefix and item.nsmap.get(prefix) not in {XSD, FEEL}:
        return None
    return _NAMED.get(name.removeprefix("java.lang.").lower())


def _item_kind(document: Document, element: Any, name: str) -> str | None:
    item = document.named(element, element.get(name, "")) if element.get(name) else None
    if item is None or kind_of(item) != "itemDefinition" or item.get("isCollection") == "true":
        return None
    return kind_named(item)


def _declared(document: Document) -> dict[str, dict[str, str]]:
    """The kinds of data that processes declare, by process and the names of their variables."""
    kinds: dict[str, dict[str, str]] = defaultdict(dict)
    for data in document.all("dataObject", "property", "dataInput", "dataOutput"):
        process, kind = process_of(data), _item_kind(document, data, "itemSubjectRef")
        if process is not None and kind is not None:
            kinds[process.get("id", "")][data.get("name") or data.get("id") or ""] = kind
    return kinds


def _feel_kind(text: str, types: Types) -> str | None:
    try:
        return Reading(types).of(feel.parse(text).tree)
    except feel.FeelError:
        return None


def _properties(document: Document, types: Mapping[str, Types]) -> Iterator[Finding]:
    """The ends of each correlation property: its own type, its way into each message, and what
    processes subscribe to.
    """
    senders = _senders(document)
    bindings: dict[str, list[Any]] = defaultdict(list)
    for binding in document.all("correlationPropertyBinding"):
        bindings[document.id_of(binding, "correlationPropertyRef")].append(binding)
    for one in document.all("correlationProperty"):
        name = one.get("name") or one.get("id") or ""
        ends = []
        kind = _item_kind(document, one, "type")
        if kind is not None:
            ends.append(End(spot(one), name, kind))
        for way in children(one, "correlationPropertyRetrievalExpression"):
            keys = senders.get(document.id_of(way, "messageRef"), set())
            kinds = {_path_kind(document, way, "messagePath", types.get(k, {})) for k in keys}
            kinds = kinds or {_path_kind(document, way, "messagePath", {})}
            message = document.named(way, way.get("messageRef", ""))
            ends += _end(way, message, kinds)
        for binding in bindings.get(one.get("id", ""), ()):
            process = process_of(binding)
            key = process.get("id", "") if process is not None else ""
            kinds = {_path_kind(document, binding, "dataPath", types.get(key, {}))}
            ends += _end(binding, process, kinds)
        yield from _compared(document.path, name, ends)


def _end(element: Any, called: Any, kinds: set[str | None]) -> list[End]:
    (kind, *others) = kinds
    if kind is None or others:
        return []
    named = element if called is None else called
    return [End(spot(element), named.get("name") or named.get("id") or "", kind)]


def _path_kind(document: Document, way: Any, name: str, types: Types) -> str | None:
    """The kind that an expression says it gives, else the one that it can be seen to give."""
    path = first(way, name)
    if path is None:
        return None
    return _item_kind(document, path, "evaluatesToTypeRef") or _feel_kind(text_of(path), types)


def _senders(document: Document) -> dict[str, set[str]]:
    """Processes by the message that they send."""
    found_senders: dict[str, set[str]] = defaultdict(set)
    for node in document.flow_nodes():
        if kind_of(node) not in SPEAKING:
            continue
        process = process_of(node)
        for named in (node, *document.definitions_of(node)):
            if named.get("messageRef") and process is not None:
                found_senders[document.id_of(named, "messageRef")].add(process.get("id", ""))
    return found_senders


def _compared(path: str, key: str, ends: list[End]) -> Iterator[Finding]:
    for end in ends[1:]:
        if end.kind != ends[0].kind:
            yield found(
                path, "key-kinds", end.item,
                end=end.name, kind=end.kind, key=key, other=ends[0].name, wanted=ends[0].kind,
            )  # fmt: skip


def _own(path: str, processes: list[Process], types: Mapping[str, Types]) -> Iterator[Finding]:
    """The property `correlation` of those that send and await one message, where all are of known
    kinds and none of one end is of one of the other.
    """
    thrown, awaited = thrown_and_awaited(processes)
    where = {node.id: p.id for p in processes for node in p.nodes()}
    for name in thrown.keys() & awaited.keys():
        sent = [_own_end(node, types[where[node.id]]) for node, _ in thrown[name]]
        kept = [_own_end(node, types[where[node.id]]) for node, _ in awaited[name]]
        told = [end for end in (*sent, *kept) if end is not None]
        if len(told) < len(sent) + len(kept):
            continue
        if {e.kind for e in told[: len(sent)]}.isdisjoint(e.kind for e in told[len(sent) :]):
            yield from _compared(path, name, [told[0], told[len(sent)]])


def _own_end(node: Node, types: Types) -> End | None:
    text = node.properties.get("correlation")
    kind = _feel_kind(text, types) if text else None
    return End(node, node.name or node.id, kind) if kind is not None else None
