"""Event definitions: what an element waits for or throws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from engine.bpmn import BPMN, EventDefinition
from engine.bpmn_reader.definitions import Definitions
from engine.bpmn_reader.extensions import camunda
from engine.bpmn_reader.xml import child, children, is_in, is_true, local, plain_id, text_of

Keys = dict[str, str]


def definition_elements(element: Any, definitions: Definitions) -> Iterator[Any]:
    """Its event definitions, those it only refers to as well, in document order."""
    for inner in element:
        if not is_in(inner, BPMN):
            continue
        if local(inner) == "eventDefinitionRef":
            found = definitions.get(inner.text)
            if found is not None:
                yield found
        elif local(inner).endswith("EventDefinition"):
            yield inner


def events_of(element: Any, definitions: Definitions, keys: Keys) -> Iterator[EventDefinition]:
    """What an event, a send or a receive task waits for or throws."""
    node_id = element.get("id", "")
    if local(element) in {"sendTask", "receiveTask"}:
        ref, name = element.get("messageRef"), definitions.flow_name(node_id)
        if ref or name:
            yield _message(ref, name, definitions, keys)
            return
    for inner in definition_elements(element, definitions):
        found = event(inner, definitions, keys, flow=definitions.flow_name(node_id))
        is_shared = inner.getparent() is not element
        yield replace(found, is_shared=True) if is_shared else found


def event(
    element: Any, definitions: Definitions, keys: Keys, *, flow: str | None = None
) -> EventDefinition:
    """One event definition; `flow` names its message when nothing else does."""
    kind = local(element).removesuffix("EventDefinition")
    if kind == "timer":
        return _timer(element)
    if kind == "conditional":
        return EventDefinition("conditional", text=text_of(child(element, "condition")))
    if kind == "link":
        return EventDefinition("link", name=element.get("name") or None)
    if kind == "compensate":
        return EventDefinition(
            "compensate",
            activity=plain_id(element.get("activityRef")),
            waits=is_true(element, "waitForCompletion", True),
        )
    ref = plain_id(element.get(f"{kind}Ref"))
    if kind == "message":
        return _message(ref, flow, definitions, keys)
    return _coded(kind, ref, element, definitions)


def _timer(element: Any) -> EventDefinition:
    for inner in element:
        if local(inner).startswith("time"):
            timer = local(inner).removeprefix("time").lower()
            return EventDefinition("timer", timer=timer, text=text_of(inner))
    return EventDefinition("timer")


def _message(
    ref: str | None, flow: str | None, definitions: Definitions, keys: Keys
) -> EventDefinition:
    found = definitions.get(ref)
    name = found.get("name") if found is not None else None
    # Who throws and who waits name the same element, even where it has no name (8.4.11).
    own = found.get("id") if found is not None else None
    paths = definitions.retrievals.get(plain_id(ref) or "", {})
    # In the order of the file, so that every drawing of it spells a key alike.
    known = [p for p in paths if p in keys] or list(paths)
    bound = [p for p in keys if p in paths]
    return EventDefinition(
        "message",
        name=name or flow or own,
        ref=ref,
        bindings=tuple(keys[p] for p in known if p in keys),
        retrieval=tuple(paths[p] for p in known),
        formerly=() if bound in ([], known) else tuple(known.index(p) for p in bound),
        conversation=tuple(
            (key, tuple(paths[p] for p in paths if p in properties))
            for key, properties in definitions.conversations.items()
            if properties and paths.keys() >= set(properties)
        ),
    )


def _coded(kind: str, ref: str | None, element: Any, definitions: Definitions) -> EventDefinition:
    own = camunda(element)
    variable = own.get(f"{kind}CodeVariable")
    found = definitions.get(ref)
    if found is None:
        return EventDefinition(
            kind, ref=ref, variable=variable, message_variable=own.get("errorMessageVariable")
        )
    code = None
    if kind in {"error", "escalation"}:
        code = found.get(f"{kind}Code") or found.get("name") or found.get("id")
    return EventDefinition(
        kind,
        name=found.get("name") or (found.get("id") if kind == "signal" else None),
        code=code,
        ref=ref,
        variable=variable,
        message_variable=own.get("errorMessageVariable"),
    )


def implicit_throw(element: Any, definitions: Definitions) -> tuple[EventDefinition, ...]:
    """What the event of a complex behaviour definition throws."""
    found = []
    for inner in children(element, "event"):
        found += [event(e, definitions, {}) for e in definition_elements(inner, definitions)]
    return tuple(found)
