"""What the elements of a file refer to by id: messages, signals, data, message flows, keys."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from engine.bpmn_reader.xml import children, is_true, local, plain_id, text_of

_ITEMS = frozenset(
    "dataObject dataObjectReference dataStore dataStoreReference property dataInput dataOutput "
    "inputDataItem outputDataItem".split()
)


class Definitions:
    """Every element by id, and what follows from references between them."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.by_id: dict[str, Any] = {}
        self.pools: dict[str, str] = {}
        self.handlers: dict[str, str] = {}
        self.retrievals: dict[str, dict[str, str]] = defaultdict(dict)
        self.conversations: dict[str, tuple[str, ...]] = {}
        self._flows: dict[str, list[Any]] = defaultdict(list)
        self._labels: dict[str, list[str]] = defaultdict(list)
        for element in root.iter():
            if isinstance(element.tag, str):
                self._note(element)

    def _note(self, element: Any) -> None:
        if element.get("id"):
            self.by_id.setdefault(element.get("id"), element)
        kind = local(element)
        if kind == "messageFlow":
            for end in ("sourceRef", "targetRef"):
                self._flows[plain_id(element.get(end)) or ""].append(element)
        elif kind == "dataObjectReference" and element.get("name"):
            object_id = plain_id(element.get("dataObjectRef")) or ""
            self._labels[object_id].append(element.get("name"))
        elif kind == "participant" and element.get("processRef"):
            ref = plain_id(element.get("processRef")) or ""
            self.pools.setdefault(ref, element.get("name", ""))
        elif kind == "association":
            source, target = plain_id(element.get("sourceRef")), plain_id(element.get("targetRef"))
            self.handlers[source or ""] = target or ""
        elif kind == "correlationKey":
            refs = tuple(
                plain_id(e.text) or "" for e in children(element, "correlationPropertyRef")
            )
            name = element.get("name") or element.get("id") or ""
            self.conversations.setdefault(name if self.conversations else "", refs)
        elif kind == "correlationProperty":
            for way in children(element, "correlationPropertyRetrievalExpression"):
                path = next((text_of(e) for e in way if local(e) == "messagePath"), None)
                message = plain_id(way.get("messageRef")) or ""
                self.retrievals[message][element.get("id", "")] = path or ""

    def get(self, ref: str | None) -> Any | None:
        """The element that a reference means, with or without a prefix."""
        name = plain_id(ref)
        return self.by_id.get(name) if name else None

    def item_name(self, ref: str | None) -> str | None:
        """The variable that a data object, property, data input or output stands for: the first of
        `item_names`.
        """
        return next(iter(self.item_names(ref)), None)

    def item_names(self, ref: str | None) -> tuple[str, ...]:
        """The variables that a data object, property, data input or output stands for: its name,
        else its id. A reference to a data object stands for the object (§10.4.1); an object
        without a name, as modelers write it, is called what its references are called.
        """
        element = self.get(ref)
        if element is None or local(element) not in _ITEMS:
            return ()
        behind = self.get(element.get("dataObjectRef") or element.get("dataStoreRef"))
        thing = element if behind is None else behind
        if thing.get("name"):
            return (str(thing.get("name")),)
        if behind is not None and element.get("name"):
            return (str(element.get("name")),)
        names = tuple(dict.fromkeys(self._labels.get(thing.get("id", ""), ())))
        return names or tuple(i for i in (thing.get("id"), element.get("id")) if i)[:1]

    def flow_name(self, node_id: str) -> str | None:
        """What a message is called that no definition names: by its message flow."""
        for flow in self._flows.get(node_id, ()):
            message = self.get(flow.get("messageRef"))
            if message is not None and message.get("name"):
                return str(message.get("name"))
            for end in ("targetRef", "sourceRef"):
                name = self._message_of(self.get(flow.get(end)))
                if name:
                    return name
            return flow.get("name") or flow.get("id") or None
        return None

    def _message_of(self, element: Any | None) -> str | None:
        if element is None:
            return None
        refs = [element.get("messageRef")]
        refs += [e.get("messageRef") for e in children(element, "messageEventDefinition")]
        for ref in refs:
            found = self.get(ref)
            if found is not None:
                return found.get("name") or None
        return None

    def leads_outward(self, node_id: str) -> bool:
        """Whether its message flow leads to a pool of which nothing is drawn."""
        for flow in self._flows.get(node_id, ()):
            target = self.get(flow.get("targetRef"))
            if (
                plain_id(flow.get("sourceRef")) == node_id
                and target is not None
                and local(target) == "participant"
            ):
                process = self.get(target.get("processRef"))
                return process is None or not is_true(process, "isExecutable", True)
        return False

    def keys(self, process: Any) -> dict[str, str]:
        """The correlation subscription of a process: FEEL over its data, by property."""
        found: dict[str, str] = {}
        for subscription in children(process, "correlationSubscription"):
            for binding in children(subscription, "correlationPropertyBinding"):
                path = next((text_of(e) for e in binding if local(e) == "dataPath"), None)
                found[plain_id(binding.get("correlationPropertyRef")) or ""] = path or ""
        return found
