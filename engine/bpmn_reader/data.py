"""Data associations: which variables go into an activity and which come out of it.

Editors draw an association to a data object without saying what it carries; such a line is a
picture of the data and moves none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.bpmn import DataAssociation
from engine.bpmn_reader.definitions import Definitions
from engine.bpmn_reader.xml import child, children, local, plain_id, text_of

_PLACEHOLDER = "__targetRef_placeholder"


def data_in(element: Any, definitions: Definitions) -> tuple[DataAssociation, ...]:
    """What is read from the case before the element's work."""
    return tuple(_associations(element, "dataInputAssociation", definitions))


def data_out(element: Any, definitions: Definitions) -> tuple[DataAssociation, ...]:
    """What is written into the case after the element's work."""
    return tuple(_associations(element, "dataOutputAssociation", definitions))


def _associations(element: Any, kind: str, definitions: Definitions) -> Iterator[DataAssociation]:
    for association in children(element, kind):
        sources = [definitions.item_name(e.text) for e in children(association, "sourceRef")]
        target_ref = text_of(child(association, "targetRef"))
        target = definitions.item_name(target_ref)
        if target == _PLACEHOLDER:
            target = None
        found = DataAssociation(
            sources=tuple(s for s in sources if s),
            target=target,
            transformation=text_of(child(association, "transformation")),
            assignments=tuple(_assignments(association, definitions)),
        )
        carries = (found.sources or found.transformation) and found.target
        if carries or found.assignments:
            yield found


def _assignments(association: Any, definitions: Definitions) -> Iterator[tuple[str, str]]:
    for assignment in children(association, "assignment"):
        source, target = text_of(child(assignment, "from")), text_of(child(assignment, "to"))
        if source and target:
            name = target.lstrip("= ")
            yield source, definitions.item_name(name) or name


def associated(element: Any, ref: str | None, definitions: Definitions) -> str | None:
    """The variable behind a loop's data input or output: what is associated with it, else itself.

    Text that refers to nothing is taken as FEEL.
    """
    name = definitions.item_name(ref)
    if name is None or ref is None:
        return ref
    for association in element:
        if local(association) == "dataInputAssociation":
            outer, inner = child(association, "sourceRef"), child(association, "targetRef")
        elif local(association) == "dataOutputAssociation":
            inner, outer = child(association, "sourceRef"), child(association, "targetRef")
        else:
            continue
        if plain_id(text_of(inner)) == plain_id(ref):
            found = definitions.item_name(text_of(outer))
            if found:
                return found
    return name


def declared(element: Any, definitions: Definitions) -> tuple[str, ...]:
    """Names of the data objects and properties that a process or sub-process declares."""
    names = [
        name
        for kind in ("dataObject", "property")
        for item in children(element, kind)
        for name in definitions.item_names(item.get("id"))
    ]
    return tuple(dict.fromkeys(n for n in names if n != _PLACEHOLDER))
