"""Reads a BPMN 2.0 file into the values of `engine.bpmn`.

Hostile XML is refused: no document type, no entities, no network, at most 20 MB.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lxml import etree

from engine.bpmn import (
    ACTIVITIES,
    BPMN,
    BPMNDI,
    CAMUNDA,
    EVENTS,
    GATEWAYS,
    MAX_BYTES,
    SCOPES,
    DataMapping,
    Drawing,
    DrawingUnreadable,
    EventDefinition,
    Flow,
    Loop,
    Node,
    Process,
    Scope,
)

_COUNT = re.compile(r"^[0-9]{1,9}\Z")


def parse_xml(source: bytes, path: str) -> Any:
    """The root element of a file that is not hostile. Raises DrawingUnreadable."""
    if len(source) > MAX_BYTES:
        raise DrawingUnreadable(path=path, reason="it is larger than 20 MB.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise DrawingUnreadable(path=path, reason=f"{problem}.") from None
    document: Any = root.getroottree().docinfo
    if document.doctype:
        raise DrawingUnreadable(path=path, reason="it has a document type, which is not allowed.")
    return root


def read(source: bytes | str, path: str = "drawing.bpmn") -> Drawing:
    """The drawing in a BPMN file. Raises DrawingUnreadable with the parser's own
    words and line.
    """
    text = source.encode() if isinstance(source, str) else source
    root = parse_xml(text, path)
    if root.tag != f"{{{BPMN}}}definitions":
        raise DrawingUnreadable(path=path, reason="its root element is not bpmn:definitions.")
    return _Reader(root, path).drawing()


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _is(element: Any, namespace: str) -> bool:
    return isinstance(element.tag, str) and element.tag.startswith(f"{{{namespace}}}")


def _text(element: Any | None) -> str | None:
    if element is None:
        return None
    text = "".join(element.itertext()).strip()
    return text or None


class _Reader:
    """Holds the root-level definitions (messages, signals, errors) while processes are read."""

    def __init__(self, root: Any, path: str) -> None:
        self.root = root
        self.path = path
        self.named: dict[str, Any] = {
            e.get("id"): e
            for e in root
            if _local(e) in {"message", "signal", "error", "escalation"} and e.get("id")
        }

    def drawing(self) -> Drawing:
        processes = tuple(self._process(e) for e in self.root if _local(e) == "process")
        shapes = frozenset(
            e.get("bpmnElement")
            for e in self.root.iter(f"{{{BPMNDI}}}BPMNShape", f"{{{BPMNDI}}}BPMNEdge")
            if e.get("bpmnElement")
        )
        return Drawing(self.path, processes, bool(shapes), shapes, _repeated(self.root))

    def _process(self, element: Any) -> Process:
        scopes: dict[str, Scope] = {}
        self._scope(element, scopes, self._lanes(element))
        return Process(
            id=element.get("id", ""),
            name=element.get("name", "") or self._pool_name(element.get("id")),
            executable=element.get("isExecutable", "true") == "true",
            scopes=scopes,
            properties=_properties(element),
            camunda=_camunda(element),
            documentation=_text(element.find(f"{{{BPMN}}}documentation")) or "",
            line=element.sourceline or 0,
        )

    def _pool_name(self, process_id: str | None) -> str:
        for pool in self.root.iter(f"{{{BPMN}}}participant"):
            if pool.get("processRef") == process_id:
                return str(pool.get("name", ""))
        return ""

    def _lanes(self, process: Any) -> dict[str, str]:
        lanes: dict[str, str] = {}
        for lane in process.iter(f"{{{BPMN}}}lane"):
            for ref in lane.findall(f"{{{BPMN}}}flowNodeRef"):
                lanes[(ref.text or "").strip()] = lane.get("name") or lane.get("id", "")
        return lanes

    def _scope(self, element: Any, scopes: dict[str, Scope], lanes: dict[str, str]) -> None:
        scope_id = element.get("id", "")
        flows = {f.get("id", ""): _flow(f) for f in element.findall(f"{{{BPMN}}}sequenceFlow")}
        nodes: dict[str, Node] = {}
        scopes[scope_id] = Scope(scope_id, nodes, flows)
        for child in element:
            kind = _local(child)
            if _is(child, BPMN) and kind in ACTIVITIES | GATEWAYS | EVENTS:
                node = self._node(child, scope_id, flows, lanes)
                nodes[node.id] = node
                if kind in SCOPES:
                    inherited = (
                        {e.get("id"): lanes[node.id] for e in child.iter() if e.get("id")}
                        if node.id in lanes
                        else {}
                    )
                    self._scope(child, scopes, {**inherited, **lanes})

    def _node(
        self, element: Any, scope: str, flows: dict[str, Flow], lanes: dict[str, str]
    ) -> Node:
        node_id = element.get("id", "")
        inputs, outputs = _input_output(element)
        script = element.find(f"{{{BPMN}}}script")
        interrupting = "isInterrupting" if _local(element) == "startEvent" else "cancelActivity"
        return Node(
            id=node_id,
            kind=_local(element),
            scope=scope,
            name=" ".join((element.get("name") or "").split()),
            line=element.sourceline or 0,
            incoming=tuple(f.id for f in flows.values() if f.target == node_id),
            outgoing=tuple(f.id for f in flows.values() if f.source == node_id),
            default=element.get("default"),
            events=tuple(self._event_definitions(element)),
            attached_to=element.get("attachedToRef"),
            interrupting=element.get(interrupting, "true") == "true",
            by_event=element.get("triggeredByEvent", "false") == "true",
            lane=lanes.get(node_id),
            loop=_loop(element),
            properties=_properties(element),
            camunda=_camunda(element),
            inputs=inputs,
            outputs=outputs,
            mappings=tuple(_mappings(element)),
            script=_text(script),
            script_format=element.get("scriptFormat"),
            called=element.get("calledElement"),
            documentation=_text(element.find(f"{{{BPMN}}}documentation")) or "",
        )

    def _event_definitions(self, element: Any) -> Iterator[EventDefinition]:
        if _local(element) in {"sendTask", "receiveTask"} and element.get("messageRef"):
            yield self._message(element.get("messageRef"))
        for child in element:
            kind = _local(child)
            if _is(child, BPMN) and kind.endswith("EventDefinition"):
                yield self._event(child, kind.removesuffix("EventDefinition"))

    def _message(self, ref: str) -> EventDefinition:
        found = self.named.get(ref)
        name = found.get("name") if found is not None else None
        return EventDefinition("message", name=name, ref=ref)

    def _event(self, element: Any, kind: str) -> EventDefinition:
        if kind == "timer":
            for child in element:
                if _local(child).startswith("time"):
                    timer = _local(child).removeprefix("time").lower()
                    return EventDefinition("timer", timer=timer, text=_text(child))
            return EventDefinition("timer")
        if kind == "conditional":
            condition = element.find(f"{{{BPMN}}}condition")
            return EventDefinition("conditional", text=_text(condition))
        if kind == "link":
            return EventDefinition("link", name=element.get("name"))
        ref = element.get(f"{kind}Ref")
        found = self.named.get(ref) if ref else None
        if found is None:
            return EventDefinition(kind, ref=ref)
        code = found.get(f"{kind}Code")
        return EventDefinition(kind, name=found.get("name"), code=code, ref=ref)


def _repeated(root: Any) -> tuple[tuple[str, int], ...]:
    """Ids that more than one element of the model has."""
    ids = Counter(e.get("id") for e in root.iter(f"{{{BPMN}}}*") if e.get("id"))
    return tuple((name, count) for name, count in ids.items() if count > 1)


def _flow(element: Any) -> Flow:
    condition = element.find(f"{{{BPMN}}}conditionExpression")
    return Flow(
        id=element.get("id", ""),
        source=element.get("sourceRef", ""),
        target=element.get("targetRef", ""),
        name=" ".join((element.get("name") or "").split()),
        condition=_text(condition),
        line=element.sourceline or 0,
    )


def _extensions(element: Any) -> Iterator[Any]:
    for extension in element.findall(f"{{{BPMN}}}extensionElements"):
        yield from extension


def _properties(element: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for extension in _extensions(element):
        if _local(extension) == "properties":
            for item in extension:
                if item.get("name"):
                    found[item.get("name")] = item.get("value", "")
    return found


def _camunda(element: Any) -> dict[str, str]:
    prefix = f"{{{CAMUNDA}}}"
    return {k.removeprefix(prefix): v for k, v in element.attrib.items() if k.startswith(prefix)}


def _parameter(element: Any) -> Any:
    """A parameter's value: text, or for camunda:map and camunda:list a dict or list of texts."""
    for child in element:
        if _local(child) == "map":
            return {e.get("key", ""): _parameter(e) for e in child if _local(e) == "entry"}
        if _local(child) == "list":
            return [_parameter(e) for e in child if isinstance(e.tag, str)]
    return (element.text or "").strip()


def _input_output(element: Any) -> tuple[tuple[tuple[str, Any], ...], tuple[tuple[str, Any], ...]]:
    inputs: list[tuple[str, Any]] = []
    outputs: list[tuple[str, Any]] = []
    for extension in _extensions(element):
        if _local(extension) == "inputOutput":
            for item in extension:
                side = {"inputParameter": inputs, "outputParameter": outputs}.get(_local(item))
                if side is not None:
                    side.append((item.get("name", ""), _parameter(item)))
    return tuple(inputs), tuple(outputs)


def _mappings(element: Any) -> Iterator[DataMapping]:
    for extension in _extensions(element):
        if _is(extension, CAMUNDA) and _local(extension) in {"in", "out"}:
            yield DataMapping(
                direction=_local(extension),
                source=extension.get("source"),
                expression=extension.get("sourceExpression"),
                target=extension.get("target"),
                everything=extension.get("variables") == "all",
            )


def _loop(element: Any) -> Loop | None:
    standard = element.find(f"{{{BPMN}}}standardLoopCharacteristics")
    if standard is not None:
        maximum = standard.get("loopMaximum", "")
        return Loop(
            kind="standard",
            condition=_text(standard.find(f"{{{BPMN}}}loopCondition")),
            maximum=int(maximum) if _COUNT.match(maximum) else None,
            test_before=standard.get("testBefore", "false") == "true",
        )
    many = element.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
    if many is None:
        return None
    camunda, own = _camunda(many), _properties(many)
    item = many.find(f"{{{BPMN}}}inputDataItem")
    output = many.find(f"{{{BPMN}}}outputDataItem")
    return Loop(
        kind="sequential" if many.get("isSequential", "false") == "true" else "parallel",
        cardinality=_text(many.find(f"{{{BPMN}}}loopCardinality")),
        collection=camunda.get("collection") or _text(many.find(f"{{{BPMN}}}loopDataInputRef")),
        item=camunda.get("elementVariable") or (item.get("name") if item is not None else None),
        output_collection=own.get("output_collection")
        or _text(many.find(f"{{{BPMN}}}loopDataOutputRef")),
        output_item=own.get("output_item") or (output.get("name") if output is not None else None),
        completion=_text(many.find(f"{{{BPMN}}}completionCondition")),
    )
