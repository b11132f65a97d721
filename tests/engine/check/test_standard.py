"""The structure of BPMN 2.0.2: each rule finds what breaks it, and nothing in what keeps it."""

from __future__ import annotations

import pytest

from engine.check.rules.standard import STANDARD
from tests.engine.check.choice_cases import CASES as CHOICES
from tests.engine.check.drawn import (
    END,
    POOLS,
    START,
    TASK,
    errors,
    findings,
    flows,
    one,
    process,
    rules,
)
from tests.engine.check.standard_cases import CASES as STANDARD_CASES
from tests.engine.check.standard_cases import LINE, TO_UNDO, UNDO

CASES = [*STANDARD_CASES, *CHOICES]

ELSEWHERE = {"no-id"}
"""Rules that are drawn in `test_running`."""


def test_every_rule_of_the_standard_is_drawn():
    assert {rule for rule, _bad, _good in CASES} == set(STANDARD) - ELSEWHERE


@pytest.mark.parametrize(("rule", "bad"), [(r, b) for r, b, _g in CASES])
def test_what_breaks_a_rule_is_found(rule, bad):
    assert rule in rules(bad)


@pytest.mark.parametrize(("rule", "good"), [(r, g) for r, _b, g in CASES])
def test_what_keeps_all_rules_is_accepted(rule, good):
    assert rule not in rules(good)
    assert not errors(good) & set(STANDARD)


@pytest.mark.parametrize("bad", [b for r, b, _g in CASES if STANDARD[r].weight == "error"])
def test_what_is_against_the_standard_is_an_error_even_where_nothing_is_to_run(bad):
    still = bad.replace('isExecutable="true"', 'isExecutable="false"')
    rule = next(r for r, b, _g in CASES if b == bad)
    only_when_run = {"not-immediate", "compensation-elsewhere", "loop-data", "loop-items",
                     "informal-expression", "public-executable"}  # fmt: skip
    assert rule in errors(still) or rule in only_when_run


@pytest.mark.parametrize("after", ["", flows("u e")])
def test_a_compensation_event_needs_no_flow_whatever_its_handler_has(after):
    named = UNDO.format(TO_UNDO, ' isForCompensation="true"', after)
    referred = process(
        named.replace("<compensateEventDefinition/>", "<eventDefinitionRef>C</eventDefinitionRef>")
    )
    for drawing in (named, referred + '<compensateEventDefinition id="C"/>'):
        assert "boundary-ends" not in rules(drawing)


def test_a_trigger_is_offered_only_where_it_can_stand():
    ended = '<endEvent id="x"><timerEventDefinition/></endEvent>'
    outside = process(START + TASK + ended + flows("s a x"))
    inside = process(
        START + f'<transaction id="a"><task id="t"/>{ended}{flows("t x")}</transaction>' + END
        + flows("s a e")
    )  # fmt: skip
    offered = [
        "cancel" in f.fields["allowed"].split(", ")
        for drawing in (outside, inside)
        for f in findings(drawing)
        if f.rule == "event-not-here"
    ]
    assert offered == [False, True]


def test_of_an_element_without_an_id_nothing_is_said_that_hangs_on_its_id():
    told = findings(process(START + "<task/>" + END + flows("s e")))
    hanging = {"no-disconnected", "no-implicit-start", "no-implicit-end", "plain-task"}
    assert [f.rule for f in told if f.severity == "error" or f.rule in hanging] == ["no-id"]


def remedy(rule: str, content: str) -> str:
    told = [f for f in findings(content) if f.rule == rule]
    return told[0].record()["remedy"]


@pytest.mark.parametrize(
    ("rule", "source", "target", "words"),
    [
        ("message-from-catcher", "b", "a", 'Turn it round, so that it leaves "a".'),
        ("message-from-catcher", "b", "s", "Let it leave a task"),
        ("message-from-catcher", "b", "e", 'Turn it round, so that it leaves "e".'),
        ("message-to-thrower", "a", "i", "Let it lead to a task"),
        ("message-to-thrower", "s", "i", 'Turn it round, so that it leads to "s".'),
        ("message-at-other-event", "a", "t", 'Give "t" the trigger message.'),
        ("dangling-reference", "none", "b", "Name another one: A, a."),
        ("dangling-reference", "a", "none", "Name another one: B, b."),
    ],
)
def test_a_remedy_for_a_message_flow_can_be_followed(rule, source, target, words):
    flow = f'<messageFlow id="m" sourceRef="{source}" targetRef="{target}"/>'
    assert remedy(rule, POOLS.format(flow)).startswith(words)


def test_a_flow_is_offered_what_stands_beside_it():
    inner = '<subProcess id="x"><task id="y"/><task id="z"/><sequenceFlow id="f" sourceRef="y" '
    content = one('<task id="a"/>') + inner + 'targetRef="none"/></subProcess>'
    assert remedy("dangling-reference", content) == "Name another one: y, z."


@pytest.mark.parametrize(
    ("ids", "told"), [("xx", True), ("sx", True), ("px", True), ("xy", False)]
)
def test_ids_of_the_diagram_are_of_one_document_with_those_of_what_it_shows(ids, told):
    shapes = "".join(
        f'<bpmndi:BPMNShape id="{key}" bpmnElement="{shown}"/>'
        for key, shown in zip(ids, "se", strict=True)
    )
    plane = f'<bpmndi:BPMNPlane id="plane" bpmnElement="p">{shapes}</bpmndi:BPMNPlane>'
    drawing = process(LINE) + f'<bpmndi:BPMNDiagram id="diagram">{plane}</bpmndi:BPMNDiagram>'
    assert ("duplicate-id" in errors(drawing)) == told
