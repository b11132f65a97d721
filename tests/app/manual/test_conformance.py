"""Each element that engine/README.md says is accepted has its page, found by the table's words."""

from __future__ import annotations

import re
from pathlib import Path

import engine
from app.manual import content
from engine.check.metamodel import kinds

EVENTS = {
    "start event": "startEvent",
    "start event of an event sub-process": "eventSubProcess",
    "intermediate catch": "intermediateCatchEvent",
    "intermediate throw": "intermediateThrowEvent",
    "boundary": "boundaryEvent",
    "end event": "endEvent",
}
CALLED = {"compensation": "compensate", "parallel multiple": "multiple"}
"""Kinds of events that their pages call otherwise than the table; both multiple share a page."""

AT_HOME = {
    "eventSubProcess:message": "eventSubProcess",
    "eventSubProcess:error": "startEvent:error",
    "eventSubProcess:escalation": "startEvent:escalation",
    "eventSubProcess:compensate": "startEvent:compensate",
}
"""Events that begin an event sub-process alone, and the one that its own page shows."""

OTHERS = {
    "none task": "task",
    "user, manual task": "userTask manualTask",
    "script task": "scriptTask",
    "service, send task": "serviceTask sendTask",
    "receive task": "receiveTask",
    "business-rule task": "businessRuleTask",
    "several flows out of an activity or event, conditional and default flows": "sequenceFlow",
    "exclusive, parallel gateway": "exclusiveGateway parallelGateway",
    "inclusive gateway": "inclusiveGateway",
    "event-based gateway": "eventBasedGateway",
    "complex gateway": "complexGateway",
    "sub-process, event sub-process": "subProcess eventSubProcess",
    "transaction": "transaction",
    "ad-hoc sub-process": "adHocSubProcess",
    "call activity": "callActivity",
    "global task: none, user, manual, script, business rule": (
        "globalTask globalUserTask globalManualTask globalScriptTask globalBusinessRuleTask"
    ),
    "standard loop": "standardLoopCharacteristics",
    "multi-instance, parallel and sequential": "multiInstanceLoopCharacteristics",
    "compensation": "boundaryEvent:compensate intermediateThrowEvent:compensate",
    "data object, property, data input and output, associations, transformations, assignments,"
    " `camunda:inputOutput` of activities and events": (
        "dataObjectReference property dataInput dataOutput dataInputAssociation"
        " dataOutputAssociation"
    ),
    "data store": "dataStoreReference",
    "message flow": "messageFlow",
    "correlation key and property, plain": "correlationKey correlationProperty sendTask",
    "correlation key, property, subscription": "correlationSubscription",
    "lane, nested lanes": "lane",
    "collaboration with several pools": "participant",
    "group, text annotation, association (but for compensation), category": (
        "group textAnnotation association"
    ),
    # These are shown without an effect; the pages tell what is written in their place.
    "auditing, monitoring, resource roles, interfaces and operations of web services": (
        "auditing monitoring potentialOwner interface"
    ),
}
"""Rows of the table that are no events, each with its pages."""


def accepted() -> list[str]:
    """The elements of the table's rows, but for those that are refused."""
    text = (Path(engine.__file__).parent / "README.md").read_text()
    table = text.split("| element | status | note |")[1].split("\n\n")[0]
    rows = [re.split(r"(?<!\\)\|", line)[1:3] for line in table.splitlines()[2:]]
    return [name.strip() for name, status in rows if status.strip() != "refused"]


def pages_of(row: str) -> list[str]:
    """The pages that tell of a row: of events one for each kind."""
    place, _colon, kinds = row.partition(": ")
    if place not in EVENTS:
        return OTHERS[row].split()
    found = []
    for kind in kinds.split(", "):
        key = f"{EVENTS[place]}:{CALLED.get(kind, kind)}".removesuffix(":none")
        found.append(AT_HOME.get(key, key))
    return found


def test_each_element_that_is_accepted_has_its_page():
    told = content.section("elements")
    assert len(accepted()) > 30
    missing = [(row, key) for row in accepted() for key in pages_of(row) if key not in told]
    assert missing == []


def test_no_row_is_looked_for_that_the_table_no_longer_has():
    assert set(OTHERS) <= set(accepted())


def test_where_all_of_several_events_may_be_awaited_an_example_shows_it():
    for row in accepted():
        if "parallel multiple" in row:
            key = f"{EVENTS[row.partition(': ')[0]]}:multiple"
            drawn = [example["bpmn"] for example in content.entry("elements", key).examples]
            assert any('parallelMultiple="true"' in each for each in drawn), key


def test_what_an_example_is_for_stands_in_its_drawing():
    """A page of a kind of event shows an event of that kind, any other the element itself."""
    for entry in content.section("elements").values():
        tag, _colon, kind = entry.key.partition(":")
        drawn = content.drawing(entry.examples[0])
        wanted = "subProcess" if tag == "eventSubProcess" else tag
        assert f"<{wanted} " in drawn or f"<{wanted}>" in drawn, entry.key
        if kind not in ("", "multiple"):
            assert f"<{kind}EventDefinition" in drawn, entry.key


APART = {
    "choreography", "globalConversation", "globalChoreographyTask", "callableElement", "endPoint",
    "partnerEntity", "partnerRole",
}  # fmt: skip
"""Elements at the head of a file that models of other kinds have, or that say nothing here."""


def test_each_element_at_the_head_of_a_file_has_its_page():
    heads = {name for name, kind in kinds().items() if "rootElement" in kind.lineage}
    heads = {name for name in heads if not kinds()[name].is_abstract and "Event" not in name}
    assert heads - APART - set(content.section("elements")) == set()
