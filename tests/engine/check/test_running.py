"""What a process needs so that it runs here: each rule with a drawing that breaks it."""

from __future__ import annotations

import pytest

from engine.bpmn import ACTIVITIES, EVENTS, GATEWAYS
from engine.check import Purpose
from engine.check.rules.running import RUNNING
from engine.check.runs import MOST_INSTANCES
from engine.spiff import loops
from engine.spiff.build import KINDS
from tests.engine.check import test_echoes as echoes
from tests.engine.check import test_keys as keys
from tests.engine.check.choice_cases import ELSEWHERE, MAPPINGS
from tests.engine.check.drawn import (
    END,
    FORMAL,
    START,
    TASK,
    errors,
    flows,
    one,
    process,
    rules,
    whole,
)

LINE = START + TASK + END + flows("s a e")
XOR = START + '<exclusiveGateway id="g"/><endEvent id="e"/><endEvent id="f"/>' + flows("s g")


def user(more: str) -> str:
    return one(f'<userTask id="a" {more}/>')


def script(text: str, more: str = 'camunda:resultVariable="r"') -> str:
    return one(
        f'<scriptTask id="a" scriptFormat="feel" {more}><script>{text}</script></scriptTask>'
    )


def given(text: str) -> str:
    return one(
        '<userTask id="a" camunda:assignee="an"><extensionElements><camunda:inputOutput>'
        f'<camunda:inputParameter name="to">{text}</camunda:inputParameter>'
        "</camunda:inputOutput></extensionElements></userTask>"
    )


def timer(kind: str, text: str, more: str = "") -> str:
    return (
        START + '<userTask id="a" camunda:assignee="an"/>' + END + flows("s a e")
        + f'<boundaryEvent id="b" attachedToRef="a"{more}><timerEventDefinition><{kind}>{text}'
        f"</{kind}></timerEventDefinition></boundaryEvent>" + flows("b e")
    )  # fmt: skip


def repeated(inner: str) -> str:
    loop = f"<multiInstanceLoopCharacteristics>{inner}</multiInstanceLoopCharacteristics>"
    return one(f'<task id="a">{loop}</task>')


def state(text: str, name: str = "state") -> str:
    """The same with words for how a case stands there, of a process with the column `until`."""
    column = '<camunda:property name="columns" value="until:date=last_day"/>'
    column = f"<camunda:properties>{column}</camunda:properties>"
    return keys.prop(name, text, f"<extensionElements>{column}</extensionElements>")


def keyed(path: str) -> str:
    """A message whose key is made of it so."""
    way = f'<correlationPropertyRetrievalExpression id="r" messageRef="M"><messagePath>{path}'
    way += "</messagePath></correlationPropertyRetrievalExpression>"
    return process(one('<receiveTask id="a" messageRef="M"/>')) + (
        f'<message id="M" name="paid"/><correlationProperty id="k">{way}</correlationProperty>'
    )


SPLIT = START + '<{0} id="g"/>{1}<parallelGateway id="j"/>' + END + flows(
    "s g x j", "g y j", "j e"
)  # fmt: skip
XY = '<task id="x"/><task id="y"/>'
CIRCLE = START + '<{0} id="x"/><exclusiveGateway id="g"{1}/>' + END + flows("s x g e", "g x")
WHEN = (flows("g x"), flows("g x").replace("/>", f"><conditionExpression {FORMAL}>k"
                                             "</conditionExpression></sequenceFlow>"))  # fmt: skip
CATCHES = "".join(
    f'<intermediateCatchEvent id="{key}"><messageEventDefinition/></intermediateCatchEvent>'
    for key in "xy"
)
BOTH = (
    SPLIT.format("eventBasedGateway", CATCHES)
    .replace(START + "<eventBasedGateway", "<eventBasedGateway")
    .replace(flows("s g"), "")
    .replace('id="g"', 'id="g" instantiate="true" eventGatewayType="Parallel"')
)
AD_HOC = one(
    '<adHocSubProcess id="a"><extensionElements><z:adHoc xmlns:z="urn:zeebe" {0}/>'
    '</extensionElements><task id="x"/></adHocSubProcess>'
)
CALLS = process(one('<callActivity id="a" calledElement="{0}"/>'))
CANCELS = (
    one(
        '<transaction id="a"><startEvent id="t"/><endEvent id="x"><cancelEventDefinition/>'
        "</endEvent>" + flows("t x") + "</transaction>"
    )
    + '<boundaryEvent id="b" attachedToRef="a"><errorEventDefinition/></boundaryEvent>'
    + flows("b e")
)
ERROR_END = one('<subProcess id="a"><startEvent id="t"/><endEvent id="x"><errorEventDefinition/>'
                "</endEvent>" + flows("t x") + "</subProcess>")  # fmt: skip
UNDO = (
    START + '<subProcess id="a"><startEvent id="b"/><task id="t"/><endEvent id="x"/>'
    + flows("b t x") + '<task id="h" isForCompensation="true"/>{0}</subProcess>'
    '<intermediateThrowEvent id="w"><compensateEventDefinition activityRef="{1}"/>'
    "</intermediateThrowEvent>" + END + flows("s a w e")
)  # fmt: skip
HANDLED = (
    '<boundaryEvent id="k" attachedToRef="t"><compensateEventDefinition/></boundaryEvent>'
    '<association id="as" sourceRef="k" targetRef="h"/>'
)


PROPERTY = ('<extensionElements><camunda:properties><camunda:property name="{}" value="{}"/>'
            '</camunda:properties></extensionElements>')  # fmt: skip


def duty(name: str) -> str:
    """A task of that duty."""
    return one(f'<userTask id="a">{PROPERTY.format("duty", name)}</userTask>')


CASES: list[tuple[str, str, str]] = [
    *MAPPINGS, ("bad-key", process(LINE, key="quy·trình"), process(LINE)),
    ("empty-process", process(""), process(LINE)),
    ("no-beginning", '<task id="a"/><task id="b"/>' + flows("a b a"), LINE),
    ("no-activation", START + '<parallelGateway id="g"/><complexGateway id="j"/>' + XY + END
     + flows("s g x j", "g y j", "j e"),
     START + '<parallelGateway id="g"/><complexGateway id="j"><activationCondition>'
     "activationCount &gt; 1</activationCondition></complexGateway>" + XY + END
     + flows("s g x j", "g y j", "j e")),
    ("no-awaited", one('<receiveTask id="a"/>'), LINE),
    ("no-condition", XOR + flows("g e", "g f"), LINE),
    ("no-default", XOR + flows("g e", "g f"), LINE),
    ("no-collection", repeated(""), repeated("<loopCardinality>3</loopCardinality>")),
    ("foreign-collection",
     repeated("").replace("<multiI", '<multiInstanceLoopCharacteristics xmlns:f="urn:flowable" '
                          'f:collection="people"/><multiI').replace(
         "<multiInstanceLoopCharacteristics></multiInstanceLoopCharacteristics>", ""),
     repeated("<loopCardinality>3</loopCardinality>")),
    ("foreign-collection",
     repeated('<extensionElements><z:loopCharacteristics xmlns:z="urn:zeebe" '
              'inputCollection="=people"/></extensionElements>'),
     repeated("<loopCardinality>3</loopCardinality>")),
    ("foreign-sending",
     one('<intermediateThrowEvent id="a"><messageEventDefinition camunda:topic="t"/>'
         "</intermediateThrowEvent>"), LINE),
    ("too-many", repeated("<loopCardinality>1000000000</loopCardinality>"),
     repeated("<loopCardinality>3</loopCardinality>")),
    ("bad-count", repeated("<loopCardinality>-1</loopCardinality>"),
     repeated("<loopCardinality>0</loopCardinality>")),
    ("bad-count", repeated("<loopCardinality>2.5</loopCardinality>"),
     repeated("<loopCardinality>2.0</loopCardinality>")),
    ("nothing-to-undo", UNDO.format("", "a"), UNDO.format(HANDLED, "a")),
    ("compensation-unseen", UNDO.format(HANDLED, "t"), UNDO.format(HANDLED, "a")),
    ("handler-unused", UNDO.format("", "a"), UNDO.format(HANDLED, "a")),
    ("endless", START + XY + flows("s x y x"), LINE),
    ("endless", CIRCLE.format("task", "").replace(flows("g e"), ""), LINE),
    ("endless", START + '<parallelGateway id="g"/><task id="x"/>' + END + flows("s x g e", "g x"),
     START + '<parallelGateway id="g"/><userTask id="x"/>' + END + flows("s x g e", "g x")),
    ("busy-loop", CIRCLE.format("task", ""), CIRCLE.format("userTask", "")),
    ("endless-calls", CALLS.format("p"), process(LINE)),
    ("error-uncaught", ERROR_END,
     ERROR_END + '<boundaryEvent id="b" attachedToRef="a"><errorEventDefinition/></boundaryEvent>'
     + flows("b e")),
    ("cancel-uncaught", CANCELS, CANCELS.replace("error", "cancel")),
    ("unreachable", LINE + XY + flows("x y x"), LINE),
    ("deadlock", SPLIT.format("exclusiveGateway", XY), SPLIT.format("parallelGateway", XY)),
    ("deadlock", SPLIT.format("eventBasedGateway", XY), SPLIT.format("inclusiveGateway", XY)),
    ("deadlock", SPLIT.format("inclusiveGateway", XY).replace('id="g"', 'id="g" default="g-y"')
     .replace(*WHEN), SPLIT.format("inclusiveGateway", XY)),
    ("deadlock", SPLIT.format("task", XY).replace('id="g"', 'id="g" default="g-y"')
     .replace(*WHEN), SPLIT.format("task", XY)),
    ("deadlock", SPLIT.format("eventBasedGateway", CATCHES), BOTH),
    ("endless", one('<scriptTask id="a" scriptFormat="feel" camunda:resultVariable="r"><script>1'
     "</script><standardLoopCharacteristics><loopCondition>true</loopCondition>"
     "</standardLoopCharacteristics></scriptTask>"),
     one('<task id="a"><standardLoopCharacteristics loopMaximum="3"><loopCondition>true'
         "</loopCondition></standardLoopCharacteristics></task>")),
    ("joins-wait", echoes.joined("parallelGateway"), echoes.joined("exclusiveGateway")),
    ("endless-events", echoes.SURE[1][0], echoes.UNSURE[0]),
    ("busy-events", echoes.UNSURE[0], echoes.SURE[1][0]),
    ("endless-choice", CIRCLE.format("task", "").replace(flows("g e", "g x"), "")
     + flows("g x", "g e"), CIRCLE.format("task", "")),
    ("timer-never", timer("timeCycle", "R0/PT1H"), timer("timeCycle", "R1/PT1H")),
    ("type-error", script("[1..3]"), script("[1, 3]")),
    ("type-error", script('date("2026-13-45")'), script('date("2026-12-25")')),
    ("type-error", script("function(x) x"), script("{x: 1}")),
    ("type-error", user('camunda:assignee="=1"'), user("camunda:assignee='=[\"an\"]'")),
    ("type-error", user('camunda:dueDate="=5"'), user("camunda:dueDate='=duration(\"P1D\")'")),
    ("type-error", user('camunda:followUpDate="=[1]"'), user('camunda:followUpDate="=today()"')),
    ("script-result", script("1", ""), script("{x: 1}", "")),
    ("timer-never-ends", timer("timeCycle", "R/PT1S", ' cancelActivity="false"'),
     timer("timeCycle", "R3/PT1S", ' cancelActivity="false"')),
    ("timer-endless", timer("timeCycle", "R/P1D", ' cancelActivity="false"'),
     timer("timeCycle", "R/P1D")),
    ("timer-invalid", timer("timeDuration", "P1X"), timer("timeDuration", "P1D")),
    ("timer-invalid", timer("timeDuration", "P8000Y"), timer("timeDuration", "P7000Y")),
    ("timer-invalid", timer("timeCycle", "R3/P9999999D"), timer("timeCycle", "R3/P9D")),
    ("timer-invalid", timer("timeDate", "2026-02-30"), timer("timeDate", "2026-02-28")),
    ("timer-invalid", timer("timeCycle", "R3/2026-01-01"), timer("timeCycle", "R3/PT1H")),
    ("no-time", timer("timeDuration", ""), timer("timeDuration", "PT1H")),
    ("timer-not-set",
     one('<intermediateCatchEvent id="a"><timerEventDefinition/></intermediateCatchEvent>'),
     one('<intermediateCatchEvent id="a"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
         "</timerEventDefinition></intermediateCatchEvent>")),
    ("no-event-condition",
     one('<intermediateCatchEvent id="a"><conditionalEventDefinition/></intermediateCatchEvent>'),
     one('<intermediateCatchEvent id="a"><conditionalEventDefinition><condition>x</condition>'
         "</conditionalEventDefinition></intermediateCatchEvent>")),
    ("bad-expression", script("1 +"), script("1 + 1")),
    ("bad-expression", keyed("order id +"), keyed("order id")),
    ("foreign-expression", keyed("${order}"), keyed("order")),
    ("foreign-expression", script("${amount}"), script("1")),
    ("foreign-expression", user('camunda:assignee="${manager}"'), user('camunda:assignee="an"')),
    ("foreign-expression", user('camunda:candidateUsers="an, #{second}"'),
     user('camunda:candidateUsers="an, binh"')),
    ("foreign-expression", given("${mail}"), given("=mail")),
    ("foreign-expression", given("To ${name}"), given("To whom $ and # mean nothing")),
    ("foreign-work", one('<serviceTask id="a" camunda:expression="${bean.run()}"/>'), LINE),
    ("foreign-person", user('xmlns:f="urn:flowable" f:assignee="an"'),
     user('camunda:assignee="an"')),
    ("foreign-addition", user('xmlns:f="urn:flowable" f:dueDate="P2D"'),
     user('xmlns:f="urn:flowable" f:dueDate="P2D" camunda:dueDate="P2D"')),
    ("foreign-choice", AD_HOC.format("activeElementsCollection='=[x]'"), AD_HOC.format("")),
    ("foreign-binding", one('<callActivity id="a" calledElement="p" '
                            'camunda:calledElementBinding="latest"/>'), LINE),
    ("type-error", script('1 &lt; "a"'), script("1 &lt; 2")),
    ("unwritten-variable", script("amuont + 1"), script("1")),
    ("function-variable", script("number = null", 'camunda:resultVariable="number"'),
     script("given = null", 'camunda:resultVariable="given"')),
    ("unknown-function", script("system(1)"), script("head_of(1)")),
    ("unknown-form", user('camunda:formKey="p/none" camunda:assignee="an"'),
     user('camunda:assignee="an"')),
    ("plain-task", LINE, one('<manualTask id="a"/>')),
    ("nobody", user(""), user('camunda:assignee="an"')),
    ("unknown-group", user('camunda:candidateGroups="ghosts"'),
     user('camunda:candidateGroups="van-thu"')),
    ("unknown-person", user('camunda:assignee="ann"'), user('camunda:assignee="an"')),
    ("unknown-person", user('camunda:candidateUsers="an, chi"'),
     user('camunda:candidateUsers="an, =head_of(1)"')),
    ("named-person", user('camunda:assignee="an"'), user('camunda:assignee="=head_of(1)"')),
    ("own-variable", '<dataObject id="d" name="initiator"/>' + LINE,
     '<dataObject id="d" name="applicant"/>' + LINE),
    ("no-operation", one('<serviceTask id="a"/>'), LINE),
    ("unknown-operation", one('<serviceTask id="a" camunda:topic="no.such"/>'), LINE),
    ("no-decision", one('<businessRuleTask id="a"/>'), LINE),
    ("unknown-decision", one('<businessRuleTask id="a" camunda:decisionRef="none"/>'), LINE),
    ("script-language", script("1").replace('"feel"', '"groovy"'), script("1")),
    ("empty-script", one('<scriptTask id="a"/>'), script("1")),
    ("no-called", one('<callActivity id="a"/>'), LINE),
    ("unknown-process", CALLS.format("ghost"),
     CALLS.format("q") + process('<userTask id="z"/>', key="q")),
    ("near-property", keys.prop("corelation"), keys.prop("correlation")),
    ("bad-state", state("đến {{until"), state("đến {{until}}")),
    ("bad-state", state("{{#if until}}đến {{until}}"), state("{{#if until}}có hạn{{/if}}")),
    ("bad-state", state("{{1 +}}"), state("{{if until &lt; today() then 1 else until}}")),
    ("bad-state", state("to {{last_day}}", "state_en"), state("to {{until}}", "state_en")),
    ("bad-state", state("{{head_of(until)}}"), state("đang có hiệu lực")),
    ("one-end-keyed", keys.prop("correlation") + keys.SENDING, keys.prop("k") + keys.SENDING),
    ("key-kinds", keys.BAD[0], keys.GOOD[0]),
    ("key-empty", keys.subscribing("", ""), keys.SUBSCRIBED),
    ("key-part-unread", keys.subscribing("12", "12", "0"), keys.SUBSCRIBED),
    ("subscription-differs", keys.subscribing("12", "1"), keys.SUBSCRIBED),
    ("bad-value", user('camunda:priority="high"'), user('camunda:priority="=10 * 5"')),
    ("bad-value", user('camunda:priority="high ("'), user('camunda:priority="50"')),
    ("timer-words", timer("timeDuration", "after two days"), timer("timeDuration", "=period")),
    ("foreign-form", user('camunda:formKey="embedded:app:forms/review.html"'), LINE),
    ("no-message", one('<receiveTask id="a"/>').replace(
        START, '<startEvent id="s"><messageEventDefinition/></startEvent>'), LINE),
    ("message-not-set",
     process(LINE.replace(
         START, '<startEvent id="s"><eventDefinitionRef>D</eventDefinitionRef></startEvent>'))
     + '<messageEventDefinition id="D"/>', LINE),
    ("no-signal", one('<receiveTask id="a"/>').replace(
        START, '<startEvent id="s"><signalEventDefinition/></startEvent>'), LINE),
    ("no-operation-of-message",
     process(LINE.replace(START, '<startEvent id="s"><messageEventDefinition/></startEvent>'))
     + '<interface id="F" name="f"><operation id="O" name="o"><inMessageRef>M</inMessageRef>'
     '</operation></interface><message id="M" name="m"/>', LINE),
    ("unknown-separation", duty("ghost").replace("duty", "separate_from"), LINE),
    ("unknown-in-person", duty("an").replace("duty", "in_person"), LINE),
    ("unknown-right", PROPERTY.format("seen_with", "people") + LINE, LINE),
    ("unknown-duty", duty("aprove"), duty("approve")),
]  # fmt: skip


@pytest.mark.parametrize(
    "rule", ["foreign-form", "foreign-collection", "foreign-sending", "message-not-set"]
)
def test_what_is_lacking_only_here_is_advice_on_a_file_by_itself(rule):
    bad = next(b for r, b, _g in CASES if r == rule)
    assert not errors(bad)
    assert rule in errors(bad, purpose=Purpose(is_deployed=False, is_import=True))


def test_every_rule_of_running_is_drawn():
    assert {rule for rule, _bad, _good in CASES} == set(RUNNING) - ELSEWHERE


@pytest.mark.parametrize(("rule", "bad"), [(r, b) for r, b, _g in CASES])
def test_what_breaks_a_rule_is_found(rule, bad):
    assert rule in rules(bad)


@pytest.mark.parametrize(("rule", "good"), [(r, g) for r, _b, g in CASES])
def test_what_keeps_a_rule_is_not_found(rule, good):
    assert rule not in rules(good)


def test_every_element_that_check_accepts_is_run():
    assert set(KINDS) == ACTIVITIES | GATEWAYS | EVENTS
    assert loops.MOST_INSTANCES == MOST_INSTANCES


LATE = TASK + END + (
    '<startEvent id="s"><timerEventDefinition><timeDuration>P1M2</timeDuration>'
    "</timerEventDefinition></startEvent>" + flows("s a e")
)  # fmt: skip
DEPLOY, ALONE = Purpose(), Purpose(is_deployed=False)
IMPORT = Purpose(is_deployed=False, is_import=True)


@pytest.mark.parametrize(
    ("rule", "drawing", "more", "deployed", "alone", "imported"),
    [
        ("nobody", user(""), 'isExecutable="true"', True, False, True),
        ("nobody", user(""), 'isExecutable="false"', False, False, True),
        ("nobody", user(""), "", True, False, True),
        ("plain-task", LINE, 'isExecutable="true"', False, False, True),
        ("unknown-group", user('camunda:candidateGroups="x"'), 'isExecutable="true"',
         True, True, True),
        ("unknown-group", user('camunda:candidateGroups="x"'), 'isExecutable="false"',
         False, False, True),
        ("script-language", script("1").replace('"feel"', '"groovy"'), 'isExecutable="true"',
         True, False, True),
        ("unknown-person", user('camunda:assignee="chi"'), 'isExecutable="true"',
         True, False, True),
        ("timer-invalid", LATE, 'isExecutable="true"', True, True, True),
        ("timer-invalid", LATE, "", True, True, True),
        ("timer-invalid", LATE, 'isExecutable="false"', False, False, True),
        ("no-default", XOR + flows("g e", "g f"), 'isExecutable="true"', False, False, False),
        ("no-start", TASK + END + flows("a e"), 'isExecutable="false"', True, True, True),
    ],
)  # fmt: skip
def test_how_a_rule_weighs_for_a_purpose(rule, drawing, more, deployed, alone, imported):
    content = process(drawing, more=more)
    assert rule in rules(content)
    assert (rule in errors(content, purpose=DEPLOY)) is deployed
    assert (rule in errors(content, purpose=ALONE)) is alone
    assert (rule in errors(content, purpose=IMPORT)) is imported


@pytest.mark.parametrize(
    ("language", "text", "alone", "deployed"),
    [
        ("http://www.w3.org/1999/XPath", "$order/sum > 5", set(), {"bad-expression"}),
        ("http://www.w3.org/1999/XPath", "sum > 5", set(), set()),
        ("http://www.omg.org/spec/FEEL/20140401", "sum > > 5", {"bad-expression"},
         {"bad-expression"}),
        ("", "${sum > 5}", set(), {"foreign-expression"}),
    ],
)  # fmt: skip
def test_an_expression_in_another_language_is_no_mistake_of_the_file(
    language, text, alone, deployed
):
    condition = f"<conditionExpression {FORMAL}>{text.replace('>', '&gt;')}</conditionExpression>"
    content = whole(
        process(
            XOR.replace('id="g"', 'id="g" default="g-f"') + flows("g f")
            + f'<sequenceFlow id="c" sourceRef="g" targetRef="e">{condition}</sequenceFlow>'
        )
    )  # fmt: skip
    content = content.replace("targetN", f'expressionLanguage="{language}" targetN', 1)
    assert errors(content) == alone
    wrong = errors(content, purpose=DEPLOY) - {"process-key"}
    assert wrong == deployed


def test_one_fault_is_told_once():
    message = '<receiveTask id="a" messageRef="none"/>'
    assert rules(one(message)) & {"dangling-reference", "no-message"} == {"dangling-reference"}
    island = LINE + '<task id="island"/>'
    assert rules(island) & {"no-incoming", "unreachable"} == {"no-incoming"}
