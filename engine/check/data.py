"""Data: what activities take and give, data associations, and item definitions.

Sources: BPMN 2.0.2, 10.4 (items and data), 10.3.3 (service, send and receive tasks), 10.3.6 (call
activities), 10.3.7 (many instances), 8.4.10 (item definitions).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from engine.check.document import (
    Document,
    children,
    first,
    is_executable,
    is_true,
    kind_of,
    spot,
    text_of,
    texts,
)
from engine.check.finding import Finding, found
from engine.check.metamodel import is_a

_ASIDE = {
    "inputSet": (("optionalInputRefs", "whileExecutingInputRefs"), "dataInputRefs"),
    "outputSet": (("optionalOutputRefs", "whileExecutingOutputRefs"), "dataOutputRefs"),
}


_HOLDS_ANY = re.compile(r"(List|Collection|Set|Array|Iterable|\[\])\Z")


def check_data(document: Document) -> Iterator[Finding]:
    """Findings about data that nothing takes, or that do not fit each other."""
    yield from _sets(document)
    yield from _collections(document)
    for association in document.all("dataInputAssociation", "dataOutputAssociation"):
        yield from _association(document, association)
    for scope in document.all("subProcess", "transaction", "adHocSubProcess"):
        if first(scope, "ioSpecification") is not None:
            yield found(document.path, "data-of-sub-process", spot(scope))
    for task in document.all("serviceTask"):
        yield from _service(document, task)
    for task in document.all("sendTask"):
        yield from _message_task(document, task, ("dataInput", "inputSet"))
    for task in document.all("receiveTask"):
        yield from _message_task(document, task, ("dataOutput", "outputSet"))
    for call in document.all("callActivity"):
        yield from _call(document, call)
    for kind in document.by_kind:
        for element in document.all(kind) if is_a(kind, "callableElement") else ():
            yield from _service_of(document, element)
    for loop in document.all("multiInstanceLoopCharacteristics"):
        yield from _loop(document, loop)
    for reference in document.all("dataObjectReference"):
        yield from _state_name(document, reference)
    for event in document.flow_nodes():
        if is_a(kind_of(event), "event"):
            yield from _event_items(document, event)


def item_of(document: Document, element: Any | None, name: str = "itemSubjectRef") -> str | None:
    """What an element's item is made of: the structure of its item definition, or the item's id.

    None where the element says nothing of it.
    """
    if element is None:
        return None
    for reference, kind in (("dataObjectRef", "dataObject"), ("dataStoreRef", "dataStore")):
        if not element.get(name) and element.get(reference):
            target = document.named(element, element.get(reference))
            return item_of(document, target) if kind_of_or_none(target) == kind else None
    if not element.get(name):
        return None
    item = document.named(element, element.get(name))
    if item is None:
        return None
    return item.get("structureRef") or f"#{item.get('id')}"


def kind_of_or_none(element: Any | None) -> str:
    return kind_of(element) if element is not None else ""


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _sets(document: Document) -> Iterator[Finding]:
    """Every input is in a set of inputs, every output in a set of outputs (10.4.1)."""
    path = document.path
    for kind, set_kind, list_name in (
        ("dataInput", "inputSet", "dataInputRefs"),
        ("dataOutput", "outputSet", "dataOutputRefs"),
    ):
        taken = {r for s in document.all(set_kind) for r in texts(s, list_name)}
        for item in document.all(kind):
            if item.get("id") not in taken:
                yield found(path, "data-in-no-set", spot(item), kind=set_kind)
    for set_kind, (aside, list_name) in _ASIDE.items():
        for one in document.all(set_kind):
            listed = set(texts(one, list_name))
            for name in aside:
                for reference in texts(one, name):
                    if reference not in listed:
                        yield found(path, "data-not-listed", spot(one), ref=reference,
                                    key=list_name)  # fmt: skip
    yield from _paired(document, ("inputSet", "outputSetRefs", "inputSetRefs"))
    yield from _paired(document, ("outputSet", "inputSetRefs", "outputSetRefs"))


def _paired(document: Document, names: tuple[str, str, str]) -> Iterator[Finding]:
    kind, there, back = names
    for one in document.all(kind):
        for reference in texts(one, there):
            other = document.named(one, reference)
            if other is not None and one.get("id") not in texts(other, back):
                yield found(document.path, "sets-one-sided", spot(one), ref=reference)


def _collections(document: Document) -> Iterator[Finding]:
    for item in document.all("dataObject", "dataInput", "dataOutput"):
        definition = document.named(item, item.get("itemSubjectRef", ""))
        is_many = kind_of_or_none(definition) == "itemDefinition" and is_true(
            definition, "isCollection"
        )
        if definition is not None and is_true(item, "isCollection") != is_many:
            yield found(document.path, "collection-differs", spot(item))


def _association(document: Document, association: Any) -> Iterator[Finding]:
    path, sources = document.path, texts(association, "sourceRef")
    if first(association, "transformation") is not None:
        return
    assigned = first(association, "assignment") is not None
    # Editors write no source where the whole activity is it, as a task that fills a data object.
    is_told = assigned or kind_of(association) == "dataOutputAssociation"
    if len(sources) > 1 or (not sources and not is_told):
        yield found(path, "association-sources", spot(association), count=len(sources))
        return
    source = document.named(association, sources[0]) if sources else None
    target = document.named(association, text_of(first(association, "targetRef")))
    if not assigned and _differ(item_of(document, source), item_of(document, target)):
        yield found(path, "association-items", spot(association))


def _specification(task: Any, kind: str) -> list[Any]:
    specification = first(task, "ioSpecification")
    return list(children(specification, kind)) if specification is not None else []


def _service(document: Document, task: Any) -> Iterator[Finding]:
    operation = document.named(task, task.get("operationRef", ""))
    if kind_of_or_none(operation) != "operation":
        return
    path = document.path
    if len(_specification(task, "inputSet")) != 1 or len(_specification(task, "outputSet")) > 1:
        yield found(path, "operation-sets", spot(task))
    for kind, name in (("dataInput", "inMessageRef"), ("dataOutput", "outMessageRef")):
        message = document.named(task, text_of(first(operation, name)))
        item = item_of(document, message, "itemRef")
        items = [item_of(document, d) for d in _specification(task, kind)]
        if (message is not None and item is not None and items and item not in items) or (
            item is not None and kind == "dataOutput" and not items
        ):
            yield found(path, "operation-items", spot(task), kind=kind)


def _message_task(document: Document, task: Any, kinds: tuple[str, str]) -> Iterator[Finding]:
    kind, set_kind = kinds
    data, sets = _specification(task, kind), _specification(task, set_kind)
    if task.get("messageRef") and (len(data) > 1 or len(sets) > 1):
        yield found(document.path, "message-data", spot(task))
    message = document.named(task, task.get("messageRef", ""))
    wanted = item_of(document, message, "itemRef")
    for one in data:
        if message is not None and (wanted is None or item_of(document, one) != wanted):
            yield found(document.path, "message-items", spot(task))
            return


def _call(document: Document, call: Any) -> Iterator[Finding]:
    """The data of a call are those of what it calls (10.3.6)."""
    called = document.named(call, call.get("calledElement", ""))
    if called is None:
        return
    for kind in ("dataInput", "dataOutput", "inputSet", "outputSet"):
        mine, theirs = _specification(call, kind), _specification(called, kind)
        if len(mine) != len(theirs) or _listed(mine) != _listed(theirs):
            yield found(document.path, "call-data", spot(call))
            return
        if kind in {"dataInput", "dataOutput"}:
            items = {item_of(document, d) for d in theirs}
            if any(item_of(document, d) not in items for d in mine):
                yield found(document.path, "call-data", spot(call))
                return


def _service_of(document: Document, element: Any) -> Iterator[Finding]:
    """What is offered as a service binds its data to the operations, item by item (10.4.1)."""
    if not texts(element, "supportedInterfaceRef"):
        return
    bindings = list(children(element, "ioBinding"))
    if not bindings:
        yield found(document.path, "no-binding", spot(element))
    for binding in bindings:
        operation = document.named(binding, binding.get("operationRef", ""))
        for mine, theirs in (("inputDataRef", "inMessageRef"), ("outputDataRef", "outMessageRef")):
            bound = document.named(binding, binding.get(mine, ""))
            named = first(operation, theirs) if operation is not None else None
            message = document.named(binding, text_of(named))
            if _differ(item_of(document, bound), item_of(document, message, "itemRef")):
                yield found(document.path, "binding-items", spot(binding))


def _listed(sets: list[Any]) -> int:
    """How many data some sets of inputs or outputs list."""
    return sum(1 for one in sets for _ in children(one, "dataInputRefs", "dataOutputRefs"))


def _loop(document: Document, loop: Any) -> Iterator[Finding]:
    """The collection of repeated tasks is one of the task's own data (10.3.7)."""
    task = loop.getparent()
    if not is_executable(loop):
        return
    for name, item, kind in (
        ("loopDataInputRef", "inputDataItem", "dataInput"),
        ("loopDataOutputRef", "outputDataItem", "dataOutput"),
    ):
        collection = document.named(loop, text_of(first(loop, name)))
        if collection is None:
            continue  # The name of a variable, as Camunda's editors write it.
        own = collection.getparent() is first(task, "ioSpecification")
        own = own and kind_of(collection) == kind
        if not own and not is_a(kind_of(task), "subProcess"):
            yield found(document.path, "loop-data", spot(task))
        one = first(loop, item)
        if one is None:
            continue
        single = document.named(one, one.get("itemSubjectRef", ""))
        whole = item_of(document, collection)
        # A type of another language, such as java.util.List, does not say what it holds.
        is_known = whole is not None and not _HOLDS_ANY.search(whole)
        differs = is_known and _differ(item_of(document, one), whole)
        if differs or (single is not None and is_true(single, "isCollection")):
            yield found(document.path, "loop-items", spot(task))


def _state_name(document: Document, reference: Any) -> Iterator[Finding]:
    """A data object in a state is called by both: "Order [approved]" (10.4.1)."""
    target = document.named(reference, reference.get("dataObjectRef", ""))
    state = first(reference, "dataState")
    name = reference.get("name")
    if target is None or not name or not target.get("name"):
        return
    wanted = target.get("name")
    if state is not None and state.get("name"):
        wanted = f"{wanted} [{state.get('name')}]"
    elif state is None and name == wanted:
        return
    if name != wanted:
        yield found(document.path, "data-state-name", spot(reference), wanted=wanted)


_PAYLOADS = {
    "messageEventDefinition": ("messageRef", "itemRef"),
    "signalEventDefinition": ("signalRef", "structureRef"),
    "errorEventDefinition": ("errorRef", "structureRef"),
    "escalationEventDefinition": ("escalationRef", "structureRef"),
}


def _event_items(document: Document, event: Any) -> Iterator[Finding]:
    """The data of an event are what its message, signal, error or escalation carries (10.5.1)."""
    kind = "dataInput" if is_a(kind_of(event), "throwEvent") else "dataOutput"
    data, definitions = list(children(event, kind)), document.definitions_of(event)
    if len(data) != len(definitions):
        return
    for one, definition in zip(data, definitions, strict=True):
        names = _PAYLOADS.get(kind_of(definition))
        if names is None:
            continue
        carried = document.named(definition, definition.get(names[0], ""))
        if _differ(item_of(document, one), item_of(document, carried, names[1])):
            yield found(document.path, "event-items", spot(event))
