"""What is said of drawings that were drawn elsewhere, and how remedies are worded."""

from __future__ import annotations

import re

import pytest

from engine.check import Purpose
from engine.check.finding import found
from engine.check.juel import feel_of
from engine.check.rules import RULES
from engine.check.rules.rule import holes
from engine.spelling import repeated
from tests.engine.check.drawn import (
    END,
    FORMAL,
    START,
    TASK,
    errors,
    findings,
    flows,
    one,
    process,
    rules,
)

LINE = START + TASK + END + flows("s a e")
IMPORT = Purpose(is_deployed=False, is_import=True)


def test_a_drawing_that_was_never_to_run_is_told_what_each_element_lacks():
    content = process(
        START + '<userTask id="u"/><serviceTask id="v"/><scriptTask id="w" '
        'scriptFormat="javascript"><script>x()</script></scriptTask><exclusiveGateway id="g"/>'
        + END + '<endEvent id="f"/>' + flows("s u v w g f") + '<sequenceFlow id="c" sourceRef="g" '
        f'targetRef="e"><conditionExpression {FORMAL}>${{ok}}</conditionExpression>'
        "</sequenceFlow>",
        more='isExecutable="false"',
    )  # fmt: skip
    told = {(f.element, f.rule) for f in findings(content, purpose=IMPORT)
            if f.severity == "error"}  # fmt: skip
    assert {("u", "nobody"), ("v", "no-operation"), ("w", "script-language"),
            ("c", "foreign-expression")} <= told  # fmt: skip
    assert errors(content) == set()


def test_a_task_of_no_kind_is_told_where_it_is_to_run_and_lacking_where_it_is_brought_in():
    still = process(LINE, more='isExecutable="false"')
    assert "plain-task" not in rules(still)
    assert "plain-task" in errors(still, purpose=IMPORT)
    assert errors(LINE) == set()


GLOBAL = '<globalUserTask id="G" camunda:candidateGroups="{0}" camunda:formKey="p/none"/>'


def test_a_global_task_is_examined_as_the_task_that_it_is():
    called = process(one('<callActivity id="a" calledElement="G"/>'))
    told = {(f.element, f.rule) for f in findings(called + GLOBAL.format("ghosts"))
            if f.severity == "error"}  # fmt: skip
    assert told == {("G", "unknown-group"), ("G", "unknown-form")}
    script = (
        '<globalScriptTask id="G" scriptLanguage="feel"><script>1 +</script></globalScriptTask>'
    )
    assert errors(called + script) == {"bad-expression"}
    still = process(one('<callActivity id="a" calledElement="G"/>'), more='isExecutable="false"')
    assert errors(still + GLOBAL.format("ghosts")) == set()


LISTS = {"known", "near", "allowed"}
"""Fields in which findings list names."""


def test_a_remedy_that_lists_names_says_something_else_where_there_are_none():
    listing = {key for key, rule in RULES.items() if holes(rule.remedy) & LISTS}
    # What is allowed comes from the standard's own table, and what is alike from words for none.
    assert {key for key in listing if not RULES[key].otherwise} == {
        "bad-attribute", "unwritten-variable"
    }  # fmt: skip
    for key in listing - {"bad-attribute", "unwritten-variable"}:
        told = found("x.bpmn", key, **dict.fromkeys(LISTS, ""))
        assert not holes(told.remedy), key


@pytest.mark.parametrize(
    ("rule", "drawing"),
    [
        ("dangling-reference", one('<receiveTask id="a" messageRef="none"/>')),
        ("no-operation", one('<serviceTask id="a"/>')),
        ("unknown-person", one('<userTask id="a" camunda:assignee="zzz"/>')),
        ("event-not-here", one('<subProcess id="a"><startEvent id="t"><timerEventDefinition>'
                               "<timeDuration>PT1H</timeDuration></timerEventDefinition>"
                               "</startEvent></subProcess>")),
        ("error-uncaught", one('<subProcess id="a"><startEvent id="t"/><endEvent id="x">'
                               "<errorEventDefinition/></endEvent>" + flows("t x")
                               + "</subProcess>")),
    ],
)  # fmt: skip
def test_no_finding_lists_nothing(rule, drawing):
    [told] = [f.record() for f in findings(drawing) if f.rule == rule]
    assert not re.search(r"[:–] ?[.–]|–\.", told["message"] + told["remedy"])


PARTIES = '<participant id="x"/><participant id="y"/>'


@pytest.mark.parametrize(
    "content",
    [
        f'<choreography id="talk">{PARTIES}</choreography>',
        f'<collaboration id="c">{PARTIES}<conversation id="talk"/></collaboration>',
        f'<collaboration id="c">{PARTIES}<subConversation id="talk"><conversation id="in"/>'
        "</subConversation></collaboration>",
    ],
)
def test_who_talks_with_whom_is_named_where_a_process_is_looked_for(content):
    told = {f.rule: f for f in reversed(findings(content, purpose=IMPORT))}
    assert (told["not-run"].element, told["not-run"].severity) == ("talk", "error")
    assert "no-process" not in told


@pytest.mark.parametrize(
    ("juel", "written"),
    [
        ("${approved == true}", "approved = true"),
        ("${amount > 1000 && x}", "amount > 1000 and x"),
        ("#{!order.paid || kind ne 'small'}", 'not(order.paid = true) or kind != "small"'),
        ("${not (a && b)}", "not((a and b) = true)"),
        ("${a < b == c}", "(a < b) = c"),
        ("${(a) < b == c}", "((a) < b) = c"),
        ("${late ? 'P1D' : 'P5D'}", 'if late then "P1D" else "P5D"'),
        ("${bean.run()}", None),
        ("${empty list}", None),
        ("${n % 2 == 0}", None),
        ("${a < b < c}", None),
        ("""${x == '1" + "2'}""", None),
        ("To ${name}", None),
        ("${" + "(" * 5000 + "a" + ")" * 5000 + "}", None),
    ],
)
def test_a_plain_expression_of_another_engine_is_given_in_feel(juel, written):
    assert feel_of(juel) == written


def test_the_feel_of_a_condition_or_an_attribute_stands_in_the_remedy():
    condition = f"<conditionExpression {FORMAL}>${{approved == true}}</conditionExpression>"
    choice = (
        START + '<exclusiveGateway id="g" default="g-e"/>' + END + '<endEvent id="f"/>'
        + flows("s g e") + f'<sequenceFlow id="c" sourceRef="g" targetRef="f">{condition}'
        "</sequenceFlow>"
    )  # fmt: skip
    [at_flow] = [f.record() for f in findings(choice) if f.rule == "foreign-expression"]
    assert at_flow["remedy"] == "Write it in FEEL: approved = true."
    user = one('<userTask id="a" camunda:assignee="${boss}"/>')
    [at_task] = [f.record() for f in findings(user) if f.rule == "foreign-expression"]
    assert at_task["remedy"] == "Write it in FEEL: =boss."
    user = one('<userTask id="a" camunda:assignee="${find(boss)}"/>')
    [at_task] = [f.record() for f in findings(user) if f.rule == "foreign-expression"]
    example = "for example amount > 1000 instead of ${amount > 1000}"
    assert at_task["remedy"] == f"Write it in FEEL: {example}."


OTHERS = 'xmlns:z="http://camunda.org/schema/zeebe/1.0" xmlns:f="http://flowable.org/bpmn"'
GIVEN = 'camunda:candidateGroups="van-thu"'


def added(kind: str, attributes: str, inner: str) -> str:
    inner = f"<extensionElements>{inner}</extensionElements>" if inner else ""
    return one(f'<{kind} id="a" {OTHERS} {attributes}>{inner}</{kind}>')


@pytest.mark.parametrize(
    ("kind", "attributes", "inner", "rule", "key", "instead"),
    [
        ("userTask", 'f:assignee="${initiator}"', "", "foreign-person",
         'f:assignee "${initiator}"', "camunda:assignee='=initiator'"),
        ("userTask", "", '<z:assignmentDefinition candidateGroups="van-thu" candidateUsers="an"/>',
         "foreign-person", 'z:assignmentDefinition "an", "van-thu"',
         "camunda:candidateUsers='an', camunda:candidateGroups='van-thu'"),
        ("userTask", f'{GIVEN} f:formKey="x"', "", "foreign-addition", 'f:formKey "x"',
         "PROCESS/FORM"),
        ("userTask", GIVEN, '<z:formDefinition formId="x"/>', "foreign-addition",
         'z:formDefinition "x"', "PROCESS/FORM"),
        ("userTask", GIVEN, '<camunda:taskListener class="x" event="create"/>', "foreign-addition",
         'camunda:taskListener "x"', "before or after"),
        ("serviceTask", 'camunda:class="a.B"', "", "foreign-work", 'camunda:class "a.B"',
         "camunda:topic"),
        ("serviceTask", 'f:delegateExpression="${b}"', "", "foreign-work",
         'f:delegateExpression "${b}"', "camunda:topic"),
        ("sendTask", 'f:type="mail"', "", "foreign-work", 'f:type "mail"', "camunda:topic"),
        ("serviceTask", "", '<z:taskDefinition type="pay"/>', "foreign-work",
         'z:taskDefinition "pay"', "camunda:topic"),
        ("callActivity", "", '<z:calledElement processId="q"/>', "foreign-addition",
         'z:calledElement "q"', "calledElement"),
        ("businessRuleTask", "", '<z:calledDecision decisionId="D"/>', "foreign-addition",
         'z:calledDecision "D"', "camunda:decisionRef"),
        ("intermediateThrowEvent", "",
         '<z:taskDefinition type="send"/></extensionElements><messageEventDefinition'
         ' messageRef="m1"/><extensionElements>',
         "foreign-addition", 'z:taskDefinition "send"', "camunda:topic"),
        ("task", "", '<z:adHoc activeElementsCollection="=[x]"/>', "foreign-choice",
         'z:adHoc "=[x]"', "an inclusive gateway inside it"),
        ("callActivity", 'calledElement="p" camunda:variableMappingClass="a.B"', "",
         "foreign-addition", 'camunda:variableMappingClass "a.B"', "camunda:in and camunda:out"),
        ("task", "", '<camunda:inputOutput><camunda:outputParameter name="o"><camunda:script '
         'scriptFormat="groovy">x+1</camunda:script></camunda:outputParameter>'
         "</camunda:inputOutput>", "foreign-addition", "camunda:script", "a script in FEEL"),
        ("task", "", '<camunda:errorEventDefinition id="x" errorRef="E" expression="${y}"/>',
         "foreign-addition", "camunda:errorEventDefinition", "ends with"),
        ("task", "", '<z:ioMapping><z:input source="=a" target="b"/></z:ioMapping>',
         "foreign-addition", "z:ioMapping", "camunda:inputOutput"),
    ],
)  # fmt: skip
def test_what_only_another_engine_reads_is_named_with_what_to_write(
    kind, attributes, inner, rule, key, instead
):
    content = added(kind, attributes, inner)
    told = [f for f in findings(content, purpose=IMPORT) if f.rule.startswith("foreign-")]
    [one_finding] = [f.record() for f in told]
    assert (one_finding["rule"], one_finding["severity"]) == (rule, "error")
    assert one_finding["element"] == "a" and key in one_finding["message"]
    assert instead in one_finding["remedy"]
    assert not errors(content, purpose=IMPORT) & {"nobody", "no-operation", "no-called"}
    assert rule not in errors(content)


@pytest.mark.parametrize(
    ("kind", "attributes", "inner"),
    [
        ("userTask", 'f:assignee="x" camunda:candidateGroups="van-thu"', ""),
        ("serviceTask", 'camunda:type="external" f:class="a.B" camunda:topic="t"', ""),
        ("userTask", 'camunda:candidateGroups="van-thu" f:async="true" camunda:asyncBefore="true"',
         '<camunda:failedJobRetryTimeCycle>R3/PT1M</camunda:failedJobRetryTimeCycle>'),
        ("task", "", '<z:adHoc/>'),
        ("callActivity", 'calledElement="p" camunda:calledElementBinding="deployment"',
         '<camunda:in variables="all"/>'),
    ],
)  # fmt: skip
def test_what_changes_nothing_or_is_said_in_our_words_too_is_left_alone(kind, attributes, inner):
    told = rules(added(kind, attributes, inner), purpose=IMPORT)
    assert not {rule for rule in told if rule.startswith("foreign-")}


@pytest.mark.parametrize(
    ("said", "iso"),
    [
        ('=cycle(3, duration("PT1H"))', "R3/PT1H"),
        ('= cycle(@"P1D")', "R/P1D"),
        ("=cycle(n, d)", '="R" + string(n) + "/" + string(d)'),
        ("=cycle(f(a, b), d)", None),
        ("R3/PT1H", None),
    ],
)
def test_a_cycle_in_the_words_of_camunda_8_is_told_in_ours(said, iso):
    assert repeated(said) == iso
    timer = '<timerEventDefinition id="t"><timeCycle>{}</timeCycle></timerEventDefinition>'
    content = one(f'<intermediateCatchEvent id="a">{timer.format(said)}</intermediateCatchEvent>')
    content = content.replace('"PT1H"', "&quot;PT1H&quot;")
    remedies = [f.record()["remedy"] for f in findings(content) if f.rule == "foreign-expression"]
    assert remedies == ([] if iso is None else [f"Write it in FEEL: {iso}."])


@pytest.mark.parametrize(
    ("source", "rule"),
    [("y +", "bad-expression"), ("${y}", "foreign-expression"), ("y + 1", None)],
)
def test_what_a_call_gives_back_is_examined_as_an_expression(source, rule):
    out = f'<camunda:out sourceExpression="{source}" target="w"/>'
    content = added("callActivity", 'calledElement="p"', out)
    told = {f.rule for f in findings(content, purpose=IMPORT) if f.element == "a"}
    assert told & {"bad-expression", "foreign-expression"} == ({rule} if rule else set())


def test_a_message_that_is_named_and_not_there_is_told_once_at_its_event():
    content = one(
        '<intermediateThrowEvent id="a"><messageEventDefinition id="m" messageRef="none"/>'
        "</intermediateThrowEvent>"
    )
    told = [f.rule for f in findings(content, purpose=IMPORT) if f.element in ("a", "m")]
    assert "dangling-reference" in told
    assert "no-message" not in told
