"""Shapes that other editors write and the standard allows: none of them is refused."""

from __future__ import annotations

import pytest

from engine.check import Purpose
from tests.engine.check.drawn import END, FORMAL, START, TASK, errors, flows, process, rules

LINE = START + TASK + END + flows("s a e")
STILL = 'isExecutable="false"'
ITEM = '<itemDefinition id="I" structureRef="xsd:string" isCollection="false"/>'
FILLS = (
    START + '<dataObject id="D"/><dataObjectReference id="R" dataObjectRef="D"/><task id="a">'
    '<dataOutputAssociation id="o"><targetRef>R</targetRef></dataOutputAssociation></task>'
    + END + flows("s a e")
)  # fmt: skip
OWNER = (
    START + '<userTask id="a"><potentialOwner><resourceAssignmentExpression><formalExpression>'
    "group(boss)</formalExpression></resourceAssignmentExpression></potentialOwner></userTask>"
    + END + flows("s a e")
)  # fmt: skip
LISTS = process(
    START + '<task id="a"><ioSpecification><dataInput id="many" itemSubjectRef="L"/><inputSet>'
    "<dataInputRefs>many</dataInputRefs></inputSet><outputSet/></ioSpecification>"
    "<multiInstanceLoopCharacteristics><loopDataInputRef>many</loopDataInputRef>"
    '<inputDataItem id="one" itemSubjectRef="I"/></multiInstanceLoopCharacteristics></task>'
    + END + flows("s a e")
) + ITEM + '<itemDefinition id="L" structureRef="java.util.List"/>'  # fmt: skip
PREFIXED = (
    '<startEvent id="s"><outgoing>t:s-a</outgoing></startEvent><task id="a"><incoming>t:s-a'
    "</incoming><outgoing>t:a-e</outgoing></task>"
    '<endEvent id="e"><incoming>t:a-e</incoming><incoming>t:b-e</incoming></endEvent>'
    '<boundaryEvent id="b" attachedToRef="t:a"><outgoing>t:b-e</outgoing><timerEventDefinition>'
    f"<timeDuration {FORMAL}>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
    + flows("s a e", "b e")
)  # fmt: skip
MANY = process(
    LINE + '<dataObject id="D" itemSubjectRef="I" isCollection="true" name="Sites"/>'
    '<dataObjectReference id="R" dataObjectRef="D" name="Sites"><dataState name="chosen"/>'
    "</dataObjectReference>", more=STILL
) + ITEM  # fmt: skip


@pytest.mark.parametrize(
    "drawing",
    [FILLS, OWNER, LISTS, PREFIXED, MANY],
    ids=["task-fills-data", "owner-expression", "java-list", "prefixes", "shared-item"],
)
def test_what_other_editors_write_is_accepted(drawing):
    assert not errors(drawing)


def test_times_of_iso_8601_that_feel_does_not_read_are_times():
    for kind, text in (("timeDate", "2027-03-11T12:13"), ("timeCycle", "R4/2027-03-11T12:13/PT5M"),
                       ("timeDate", "2027-03-11T12:13+07:00"), ("timeDuration", "P2W"),
                       ("timeDuration", "P0Y0M0DT0H5S"),
                       ("timeCycle", "R4/P1M2DT1H")):  # fmt: skip
        timer = f"<timerEventDefinition><{kind} {FORMAL}>{text}</{kind}></timerEventDefinition>"
        drawn = START + f'<intermediateCatchEvent id="a">{timer}</intermediateCatchEvent>' + END
        assert "timer-invalid" not in rules(drawn + flows("s a e"))


def test_data_that_contradict_their_definition_are_an_error_where_they_are_to_run():
    runs = MANY.replace(STILL, 'isExecutable="true"')
    assert errors(runs) == {"collection-differs", "data-state-name"}
    assert errors(MANY, purpose=Purpose(is_deployed=False, is_import=True)) >= errors(runs)


def test_data_may_be_drawn_to_a_whole_task_where_nothing_is_to_run():
    drawn = (
        START + '<dataObject id="D"/><dataObjectReference id="R" dataObjectRef="D"/><task id="a">'
        '<dataInputAssociation id="i"><sourceRef>R</sourceRef><targetRef>a</targetRef>'
        '</dataInputAssociation><dataOutputAssociation id="o"><sourceRef>a</sourceRef>'
        "<targetRef>R</targetRef></dataOutputAssociation></task>" + END + flows("s a e")
    )  # fmt: skip
    assert not errors(process(drawn, more=STILL))
    assert errors(process(drawn)) == {"wrong-reference"}


def test_data_of_a_call_and_of_what_it_calls_are_compared_where_they_are_to_run():
    called = process(LINE, key="q").replace('id="', 'id="q-').replace('Ref="', 'Ref="q-')
    data = '<ioSpecification><dataInput id="in" name="Data"/><inputSet><dataInputRefs>in'
    data += "</dataInputRefs></inputSet><outputSet/></ioSpecification></callActivity>"
    call = START + f'<callActivity id="a" calledElement="q">{data}' + END + flows("s a e")
    for runs, expected in (("", False), (STILL, False), ('isExecutable="true"', True)):
        drawn = called.replace('"q-q"', '"q"') + process(call, more=runs)
        assert ("call-data" in errors(drawn)) == expected
