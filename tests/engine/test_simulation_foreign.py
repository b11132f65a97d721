"""`simulate --flow-only`: no expression of another language keeps a drawing from its flow."""

from __future__ import annotations

import pytest

from engine.simulation import Send, simulate

HEAD = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:flowable="http://flowable.org/bpmn"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">"""
FOREIGN = ("${bean.call(1) == 2}", "return a === 1;", "=list[1])")


def drawing(middle: str, roots: str = "", beside: str = "") -> str:
    """A start event, what stands in the middle under the id m, and an end event."""
    return f"""{HEAD}{roots}<process id="p" isExecutable="true"><startEvent id="s"/>
      <sequenceFlow id="f" sourceRef="s" targetRef="m"/>{middle}{beside}
      <sequenceFlow id="g" sourceRef="m" targetRef="e"/><endEvent id="e"/>
      </process></definitions>"""


SETS = """<ioSpecification><dataInput id="i"/><dataOutput id="o"/>
  <inputSet><dataInputRefs>i</dataInputRefs></inputSet>
  <outputSet><dataOutputRefs>o</dataOutputRefs></outputSet></ioSpecification>"""
PLACES = {
    "what is assigned": f"""<userTask id="m">{SETS}<dataInputAssociation><targetRef>i</targetRef>
      <assignment><from>EXPR</from><to>i</to></assignment></dataInputAssociation></userTask>""",
    "a transformation": f"""<subProcess id="m">{SETS}<dataOutputAssociation>
      <sourceRef>o</sourceRef><targetRef>d</targetRef><transformation>EXPR</transformation>
      </dataOutputAssociation><task id="t"/></subProcess>""",
    "a mapping": """<subProcess id="m"><extensionElements><camunda:inputOutput>
      <camunda:inputParameter name="a"><camunda:list><camunda:value>EXPR</camunda:value>
      </camunda:list></camunda:inputParameter></camunda:inputOutput></extensionElements>
      <task id="t"/></subProcess>""",
    "what an instance gives": """<scriptTask id="m"><multiInstanceLoopCharacteristics>
      <extensionElements><zeebe:loopCharacteristics inputCollection="EXPR" outputCollection="r"
      outputElement="EXPR"/></extensionElements></multiInstanceLoopCharacteristics>
      <script>1</script></scriptTask>""",
    "a complex behaviour": """<userTask id="m"><multiInstanceLoopCharacteristics
      behavior="Complex"><loopCardinality>2</loopCardinality><complexBehaviorDefinition>
      <condition>EXPR</condition><event id="n"><signalEventDefinition/></event>
      </complexBehaviorDefinition></multiInstanceLoopCharacteristics></userTask>""",
    "who does what is no task of people": """<callActivity id="m" calledElement="nowhere"
      flowable:candidateGroups="EXPR" camunda:assignee="EXPR"/>""",
    "who chooses": """<adHocSubProcess id="m" camunda:candidateGroups="EXPR">
      <serviceTask id="t"/></adHocSubProcess>""",
}


@pytest.mark.parametrize("expression", FOREIGN)
@pytest.mark.parametrize("place", PLACES)
def test_flow_only_passes_expressions_of_another_language(place, expression):
    source = drawing(PLACES[place].replace("EXPR", expression), beside='<dataObject id="d"/>')
    found = simulate(source, flow_only=True)
    assert (found.state, found.error) == ("completed", None)
    assert found.entered[0 :: len(found.entered) - 1] == ["s", "e"]


@pytest.mark.parametrize("name", ["=order.name", "=list[1])"])
def test_flow_only_takes_a_name_that_cannot_be_worked_out_as_it_is_written(name):
    roots = f"""<message id="a" name="{name}"/><message id="b" name="=other"/>"""
    middle = '<intermediateCatchEvent id="m"><messageEventDefinition messageRef="a"/>'
    source = drawing(middle + "</intermediateCatchEvent>", roots)
    assert simulate(source, flow_only=True).waiting[0]["message"] == name[1:]
    assert simulate(source, flow_only=True, options=[Send(name[1:])]).state == "completed"
    assert simulate(source, flow_only=True, options=[Send("other")]).state == "waiting"


def test_a_name_that_gives_nothing_is_told_at_its_event():
    roots = '<message id="a" name="=order.name"/>'
    middle = '<intermediateCatchEvent id="m"><messageEventDefinition messageRef="a"/>'
    found = simulate(drawing(middle + "</intermediateCatchEvent>", roots))
    assert found.error is not None
    assert found.error["element"] == "m"
    assert "gives nothing" in str(found.error["message"])


def test_flow_only_sends_a_message_whose_key_another_language_makes():
    roots = """<message id="a" name="Go"/><collaboration id="c">
      <participant id="x" processRef="p"/><correlationKey id="k">
      <correlationPropertyRef>q</correlationPropertyRef></correlationKey></collaboration>
      <correlationProperty id="q"><correlationPropertyRetrievalExpression messageRef="a">
      <messagePath>$.order.id</messagePath></correlationPropertyRetrievalExpression>
      </correlationProperty>"""
    middle = '<intermediateThrowEvent id="m"><messageEventDefinition messageRef="a"/>'
    source = drawing(middle + "</intermediateThrowEvent>", roots)
    assert simulate(source, flow_only=True).entered == ["s", "m", "e"]


def test_a_complex_gateway_whose_condition_gives_nothing_goes_on_with_the_first_token():
    source = drawing(
        """<parallelGateway id="m"/><sequenceFlow id="h" sourceRef="m" targetRef="c"/>
        <sequenceFlow id="j" sourceRef="m" targetRef="c"/><complexGateway id="c">
        <activationCondition>${bean.enough()}</activationCondition></complexGateway>"""
    )
    found = simulate(source, flow_only=True)
    assert (found.state, found.entered.count("c")) == ("completed", 1)


def test_what_is_called_from_two_places_is_passed_in_both(tmp_path):
    called = drawing(
        '<scriptTask id="m" scriptFormat="groovy"><script>a = 1;</script></scriptTask>'
    )
    (tmp_path / "inner.bpmn").write_text(called.replace('id="p"', 'id="inner"'))
    between = drawing('<callActivity id="m" calledElement="inner"/>')
    (tmp_path / "outer.bpmn").write_text(between.replace('id="p"', 'id="outer"'))
    source = drawing(
        """<callActivity id="m" calledElement="outer"/><callActivity id="n"
        calledElement="inner"/><sequenceFlow id="h" sourceRef="m" targetRef="n"/>"""
    )
    found = simulate(source, flow_only=True, beside=tmp_path)
    assert (found.state, found.error) == ("completed", None)


def test_a_process_of_nothing_but_an_ad_hoc_sub_process_runs():
    source = f"""{HEAD}<process id="p"><adHocSubProcess id="a"><task id="t"/></adHocSubProcess>
      </process></definitions>"""
    assert simulate(source, flow_only=True).entered == ["a", "t"]


def test_what_is_sent_is_the_event_of_that_name_among_several_of_an_element():
    roots = '<message id="a" name="Letter"/><signal id="b" name="Bell"/>'
    middle = """<intermediateCatchEvent id="m" parallelMultiple="true">
      <messageEventDefinition messageRef="a"/><signalEventDefinition signalRef="b"/>
      </intermediateCatchEvent>"""
    sent = simulate(drawing(middle, roots), options=[Send("Bell")])
    assert [(w["kind"], w["message"]) for w in sent.waiting] == [("message", "Letter")]
    assert simulate(drawing(middle, roots), options=[Send("Bell"), Send("a")]).state == "completed"


def test_words_of_the_first_camunda_engine_are_understood():
    source = drawing('<userTask id="m" old:formKey="nowhere" old:assignee="${who}"/>')
    source = source.replace("xmlns:zeebe", 'xmlns:old="http://camunda.org/bpmn" xmlns:zeebe')
    assert simulate(source).entered == ["s", "m", "e"]


def test_flow_only_repeats_as_often_as_a_number_of_the_case_says():
    source = drawing(
        """<userTask id="m"><multiInstanceLoopCharacteristics><loopCardinality>${n}
        </loopCardinality></multiInstanceLoopCharacteristics></userTask>"""
    )
    for number, times in ((3, 3), (0, 1)):
        found = simulate(source, flow_only=True, data={"n": number})
        assert (found.state, found.entered.count("m")) == ("completed", times)
    assert simulate(source, flow_only=True, data={"n": 10**9}).state == "failed"


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_what_is_thrown_without_a_name_reaches_who_waits_for_the_same_element(kind):
    event = f'<{kind}EventDefinition {kind}Ref="nameless"/>'
    beside = f"""<subProcess id="u" triggeredByEvent="true"><startEvent id="b"
      isInterrupting="false">{event}</startEvent></subProcess>"""
    middle = f'<intermediateThrowEvent id="m">{event}</intermediateThrowEvent>'
    found = simulate(drawing(middle, f'<{kind} id="nameless"/>', beside))
    assert sorted(found.entered) == ["b", "e", "m", "s", "u"]


def test_a_condition_of_another_language_that_is_plain_is_held_to_with_flow_only():
    source = drawing(
        """<userTask id="m"><multiInstanceLoopCharacteristics isSequential="true"><loopCardinality>
        3
        </loopCardinality><completionCondition>${nrOfCompletedInstances == 2}</completionCondition>
        </multiInstanceLoopCharacteristics></userTask>"""
    )
    assert simulate(source, flow_only=True).entered == ["s", "m", "m", "e"]


@pytest.mark.parametrize(
    ("ordering", "condition", "entered"),
    [
        ("Sequential", "=true", "s m a e"),
        ("Sequential", "${done == 1}", "s m a b e"),
        ("Sequential", "${bean.done()}", "s m a b e"),
        ("Parallel", "=false", "s m a b e"),
    ],
)
def test_an_ad_hoc_sub_process_ends_by_a_plain_condition_or_when_each_is_done(
    ordering, condition, entered
):
    source = drawing(
        f"""<adHocSubProcess id="m" ordering="{ordering}"><userTask id="a"/><userTask id="b"/>
        <completionCondition>{condition}</completionCondition></adHocSubProcess>"""
    )
    found = simulate(source, flow_only=True)
    assert (found.state, " ".join(found.entered)) == ("completed", entered)


def test_what_people_leave_undone_one_after_the_other_is_not_entered():
    source = drawing(
        """<adHocSubProcess id="m" ordering="Sequential"><userTask id="a"/><userTask id="b"/>
        <completionCondition>=done</completionCondition></adHocSubProcess>"""
    )
    found = simulate(source, answers={"a": {"done": True}})
    assert (found.entered, found.completed) == (["s", "m", "a", "e"], ["s", "a", "m", "e"])
