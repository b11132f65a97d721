"""Circles: elements and events that bring each other about without a wait, and joins that wait for
each other. Each drawing was played to see whether it ends.
"""

from __future__ import annotations

import pytest

from tests.engine.check.drawn import END, FORMAL, START, findings, flows, one, process

NAMED = "".join(
    f'<signal id="S{n}" name="s{n}"/><message id="M{n}" name="m{n}"/>'
    f'<escalation id="E{n}" escalationCode="e{n}"/>'
    for n in "123"
)
OF = {"S": "signal", "M": "message", "E": "escalation"}
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"


def event(name: str) -> str:
    """A definition of the signal S1, the message M1, the escalation E1."""
    return f'<{OF[name[0]]}EventDefinition {OF[name[0]]}Ref="{name}"/>'


def when(source: str, target: str) -> str:
    """A flow with a condition."""
    condition = f"<conditionExpression {FORMAL}>k</conditionExpression>"
    return flows(f"{source} {target}").replace("/>", f">{condition}</sequenceFlow>")


def hears(key: str, heard: str, thrown: str, inner: str = "") -> str:
    """An event sub-process that throws something again; inner: what lies before that."""
    way = flows(f"{key}i {key}w", f"{key}w {key}o") if inner else flows(f"{key}i {key}o")
    return (
        f'<subProcess id="{key}" triggeredByEvent="true"><startEvent id="{key}i" '
        f'isInterrupting="false">{event(heard)}</startEvent>{inner}<endEvent id="{key}o">'
        f"{event(thrown)}</endEvent>{way}</subProcess>"
    )


def ends(drawing: str) -> str:
    return drawing.replace(' isInterrupting="false"', "")


def beside(host: str, heard: str, thrown: str, last: str = "") -> str:
    """A boundary event that does not interrupt, and what it throws."""
    return (
        f'<boundaryEvent id="b" attachedToRef="{host}" cancelActivity="false">{event(heard)}'
        f'</boundaryEvent><intermediateThrowEvent id="t">{event(thrown)}</intermediateThrowEvent>'
        f'<endEvent id="bo">{last}</endEvent>' + flows("b t bo")
    )


def throws(key: str, name: str) -> str:
    return f'<intermediateThrowEvent id="{key}">{event(name)}</intermediateThrowEvent>'


def living(key: str, inner: str) -> str:
    """A sub-process in which somebody is waited for."""
    return (
        f'<subProcess id="{key}"><startEvent id="{key}1"/><userTask id="{key}2"/>'
        f'<endEvent id="{key}3"/>{flows(f"{key}1 {key}2 {key}3")}{inner}</subProcess>'
    )


def case(*parts: str, task: str = '<userTask id="a"/>') -> str:
    """A process with a task and those parts beside it."""
    return process(one(task) + "".join(parts)) + NAMED


def divided(gateway: str) -> str:
    """Two sub-processes after a gateway, each with one half of a circle."""
    gateway = f'<{gateway} id="g"/>'.replace("exclusiveGateway", 'exclusiveGateway default="g-x"')
    halves = living("x", hears("A", "S1", "S2")) + living("y", hears("B", "S2", "S1"))
    out = flows("g y") if "parallel" in gateway else when("g", "y")
    return process(START + gateway + halves + END + flows("s g x e", "y e") + out) + NAMED


def begun(key: str, heard: str, thrown: str, inner: str = "", more: str = "") -> str:
    """A process that an event begins and that ends with another."""
    way = f"{key}s {key}w {key}e" if inner else f"{key}s {key}e"
    return process(
        f'<startEvent id="{key}s">{more}{event(heard)}</startEvent>{inner}<endEvent id="{key}e">'
        f"{more}{event(thrown)}</endEvent>{flows(way)}",
        key=key,
    )


CALLED = begun("q", "S1", "S1").replace(event("S1"), "", 1)
CALLING = hears("A", "S1", "S2").replace(
    f'<endEvent id="Ao">{event("S2")}</endEvent>', '<callActivity id="Ao" calledElement="q"/>'
)
WITHIN = CALLING.replace(
    '<callActivity id="Ao" calledElement="q"/>',
    f'<subProcess id="Ao"><startEvent id="z"/>{throws("y", "S1")}{flows("z y")}</subProcess>',
)
KEYED = (
    '<extensionElements><camunda:properties><camunda:property name="correlation" value="=k"/>'
    "</camunda:properties></extensionElements>"
)
CHOICE = '<exclusiveGateway id="Aw" default="d"/><endEvent id="Az"/>' + (
    '<sequenceFlow id="d" sourceRef="Aw" targetRef="Az"/>'
)
WAITING = f'<intermediateCatchEvent id="Aw">{TIMER}</intermediateCatchEvent>'
BACK = hears("B", "S2", "S1")
OUTSIDE = process(
    START + throws("g", "E1") + '<userTask id="a"/>' + END + flows("s g a e")
    + hears("A", "E1", "E2") + hears("B", "E2", "E1")
) + NAMED  # fmt: skip
THROUGH_A_CALL = process(
    one('<callActivity id="a" calledElement="q"/>') + beside("a", "E1", "S1")
) + process(
    '<startEvent id="q1"/><userTask id="q2"/><endEvent id="q3"/>' + flows("q1 q2 q3")
    + hears("A", "S1", "E1"), key="q") + NAMED  # fmt: skip

SURE = [
    (case(hears("A", "S1", "S1")), "A → A"),
    (case(hears("A", "S1", "S2"), BACK), "A → B → A"),
    (case(hears("A", "S1", "S2"), BACK, task='<task id="a"/>'), "A → B → A"),
    (case(hears("A", "S1", "S2"), hears("B", "S2", "S3"), hears("C", "S3", "S1")),
     "A → B → C → A"),
    (case(hears("A", "M1", "M2"), hears("B", "M2", "M1")), "A → B → A"),
    (OUTSIDE, "A → B → A"),
    (case(beside("a", "S1", "S1")), "b → b"),
    (case(beside("a", "S1", "S2"), BACK), "B → b → B"),
    (case(WITHIN), "A → A"),
    (case(CALLING) + CALLED, "A → A"),
    (THROUGH_A_CALL, "b → A → b"),
    (process(one(living("a", hears("A", "S1", "S2"))) + BACK) + NAMED, "B → A → B"),
    (process(one(living("a", hears("A", "S1", "E1"))) + beside("a", "E1", "S1")) + NAMED,
     "b → A → b"),
    (begun("p", "S1", "S1") + NAMED, "ps → ps"),
    (begun("p", "M1", "M2") + begun("q", "M2", "M1") + NAMED, "ps → qs → ps"),
]  # fmt: skip
UNSURE = [
    case(hears("A", "S1", "S2", CHOICE).replace(flows("Aw Ao"), when("Aw", "Ao")), BACK),
    divided("parallelGateway"),
]
NONE = [
    case(hears("A", "S1", "S2")),
    case(hears("A", "S1", "S2", '<userTask id="Aw"/>'), BACK),
    case(hears("A", "S1", "S2", WAITING), BACK),
    case(hears("A", "S1", "S2"), ends(BACK)),
    case(hears("A", "S1", "S2"), BACK, ends(hears("C", "S2", "S3"))),
    case(hears("A", "E1", "E1")),
    case(hears("A", "E1", "E2"), hears("B", "E2", "E1")),  # Nobody throws the first.
    process(one(living("a", hears("A", "E1", "E2"))) + hears("B", "E2", "E1")) + NAMED,
    process(one(living("a", hears("A", "S1", "S2")).replace("userT", "t")) + BACK) + NAMED,
    divided("exclusiveGateway"),
    case(beside("a", "S1", "S1", "<terminateEventDefinition/>")),
    case(CALLING.replace('"q"', '"r"')) + CALLED,
    begun("p", "S1", "S1", '<userTask id="pw"/>') + NAMED,
    begun("p", "M1", "M1", more=KEYED) + NAMED,
    begun("p", "M1", "M1") + process(one('<receiveTask id="a" messageRef="M1"/>'), key="q")
    + NAMED,
]  # fmt: skip


def told(content: str) -> list[tuple[str, object]]:
    rules = ("endless-events", "busy-events")
    return [(f.rule, f.fields["circle"]) for f in findings(content) if f.rule in rules]


@pytest.mark.parametrize(("content", "circle"), SURE)
def test_events_that_bring_each_other_about_without_a_wait_are_told_once(content, circle):
    assert told(content) == [("endless-events", circle)]


@pytest.mark.parametrize("content", UNSURE)
def test_what_data_or_other_tokens_may_end_is_advice(content):
    assert [rule for rule, _ in told(content)] == ["busy-events"]


@pytest.mark.parametrize("content", NONE)
def test_what_waits_ends_or_never_begins_is_no_circle(content):
    assert told(content) == []


def lap(inner: str, out: str = "") -> str:
    """A sub-process to which its flow comes back."""
    inner = f'<startEvent id="i"/>{inner}<endEvent id="o"/>'
    return (
        START + f'<subProcess id="x">{inner}</subProcess>' + flows("s x") + (out or flows("x x"))
    )


GONE = '<exclusiveGateway id="g" default="g-x"/>' + END + flows("x g x") + when("g", "e")
ASKED = '<exclusiveGateway id="w" default="w-z"/><userTask id="z"/>' + flows("i w z o")
FAILS = (
    START + '<subProcess id="x"><startEvent id="i"/><endEvent id="o"><{0}EventDefinition/>'
    f"</endEvent>{flows('i o')}</subProcess>" + END + flows("s x e")
    + '<boundaryEvent id="b" attachedToRef="x" {1}><{0}EventDefinition/></boundaryEvent>'
)  # fmt: skip
CALLS = START + '<callActivity id="x" calledElement="q"/>' + flows("s x x")
QUICK = process('<startEvent id="i"/><endEvent id="o"/>' + flows("i o"), key="q")


ROUND = (
    START + '<intermediateCatchEvent id="x"><timerEventDefinition><{0}>{1}</{0}>'
    "</timerEventDefinition></intermediateCatchEvent>"
    '<exclusiveGateway id="g"/>' + flows("s x g x")
)  # fmt: skip
AGAIN = (
    '<adHocSubProcess id="a"><scriptTask id="i" scriptFormat="feel" camunda:resultVariable="done">'
    f"<script>1</script></scriptTask><completionCondition {FORMAL}>{{0}}</completionCondition>"
    "</adHocSubProcess>"
)
UNTIL = (
    '<boundaryEvent id="u" attachedToRef="a"><conditionalEventDefinition>'
    f"<condition {FORMAL}>done = 1</condition></conditionalEventDefinition></boundaryEvent>"
)
OUT = '<endEvent id="o"><escalationEventDefinition/></endEvent>' + flows("i o")


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (lap(flows("i o")), "endless"),
        (lap('<userTask id="z"/>' + flows("i z o")), None),
        (lap(flows("i o"), GONE), "busy-loop"),
        (lap(ASKED + when("w", "o")), "busy-loop"),
        (FAILS.format("error", "") + flows("b x"), "endless"),
        (FAILS.format("error", "") + flows("b e"), None),
        (FAILS.format("escalation", 'cancelActivity="false"') + flows("b x"), "endless"),
        (process(CALLS) + QUICK, "endless"),
        (process(CALLS), None),
        (ROUND.format("timeDuration", "PT0S"), "endless"),
        (ROUND.format("timeDuration", "PT9M"), None),
        (ROUND.format("timeDate", "2020-01-01T00:00:00Z"), "endless"),
        (ROUND.format("timeCycle", "R/P1D"), None),
        (one(AGAIN.format("1 = 2")), "endless"),
        (one(AGAIN.format("done = 2")), None),
        (one(AGAIN.format("1 = 2").replace('"a"', '"a" camunda:candidateGroups="vp"')), None),
        (one(AGAIN.format("1 = 2") + UNTIL), None),
        (one(AGAIN.format("1 = 2").replace("</scriptTask>", "</scriptTask>" + OUT)), None),
    ],
)
def test_a_circle_through_a_sub_process_or_call_that_never_waits_is_told(content, rule):
    rules = {"endless", "busy-loop", "endless-choice"}
    assert [f.rule for f in findings(content) if f.rule in rules] == ([rule] if rule else [])


def joined(fork: str, *more: str, back: str = "g j") -> str:
    """Two inclusive joins after a gateway, of which the first leads to the second."""
    gates = "".join(f'<inclusiveGateway id="{key}"/>' for key in "jk")
    ways = flows("f a j", "f b k", "j x k g", back, *more) + when("g", "e")
    tasks = "".join(f'<task id="{key}"/>' for key in "abx")
    gateway = f'<{fork} id="f"/><exclusiveGateway id="g"/>'
    return START + gateway + gates + tasks + END + flows("s f") + ways


@pytest.mark.parametrize(
    ("content", "waits"),
    [
        (joined("parallelGateway"), True),
        (joined("parallelGateway", back=""), False),
        (joined("exclusiveGateway"), False),
        (joined("parallelGateway", "f x"), False),
        (joined("parallelGateway", "g f"), False),
    ],
)
def test_two_inclusive_joins_that_each_lead_to_the_other_are_told_where_both_get_a_token(
    content, waits
):
    assert ("joins-wait" in {f.rule for f in findings(content)}) is waits
