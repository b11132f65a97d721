"""Repeated activities: standard loops and many instances."""

from __future__ import annotations

import re
from typing import Any

from engine.bpmn import EventDefinition, Loop
from engine.bpmn_reader.data import associated
from engine.bpmn_reader.definitions import Definitions
from engine.bpmn_reader.events import event, implicit_throw
from engine.bpmn_reader.extensions import camunda, properties
from engine.bpmn_reader.xml import child, children, is_true, text_of

_COUNT = re.compile(r"^[0-9]{1,9}\Z")


def loop_of(element: Any, definitions: Definitions) -> Loop | None:
    """The loop characteristics of an activity, if it has any."""
    standard = child(element, "standardLoopCharacteristics")
    if standard is not None:
        maximum = standard.get("loopMaximum", "").strip()
        return Loop(
            kind="standard",
            condition=text_of(child(standard, "loopCondition")),
            maximum=int(maximum) if _COUNT.match(maximum) else None,
            test_before=is_true(standard, "testBefore"),
        )
    many = child(element, "multiInstanceLoopCharacteristics")
    return _many(element, many, definitions) if many is not None else None


def _many(element: Any, many: Any, definitions: Definitions) -> Loop:
    own, kept = camunda(many), properties(many)
    collection = text_of(child(many, "loopDataInputRef"))
    results = text_of(child(many, "loopDataOutputRef"))
    return Loop(
        kind="sequential" if is_true(many, "isSequential") else "parallel",
        cardinality=text_of(child(many, "loopCardinality")),
        collection=own.get("collection") or associated(element, collection, definitions),
        item=own.get("elementVariable") or _item(many, "inputDataItem"),
        output_collection=kept.get("output_collection")
        or associated(element, results, definitions),
        output_item=kept.get("output_item") or _item(many, "outputDataItem"),
        completion=text_of(child(many, "completionCondition")),
        behavior=many.get("behavior", "All"),
        thrown=_thrown(many, definitions),
        rules=tuple(
            (text_of(child(rule, "condition")) or "", implicit_throw(rule, definitions))
            for rule in children(many, "complexBehaviorDefinition")
        ),
    )


def _item(many: Any, name: str) -> str | None:
    item = child(many, name)
    return None if item is None else item.get("name") or item.get("id")


def _thrown(many: Any, definitions: Definitions) -> tuple[EventDefinition, ...]:
    name = {"None": "noneBehaviorEventRef", "One": "oneBehaviorEventRef"}.get(
        many.get("behavior", "")
    )
    found = definitions.get(many.get(name)) if name else None
    return () if found is None else (event(found, definitions, {}),)
