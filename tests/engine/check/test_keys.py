"""Keys of messages: ends without one, and ends that give values of two kinds."""

from __future__ import annotations

import pytest

from tests.engine.check.drawn import one, process, rules

SENDING = process(
    '<startEvent id="q0"/><endEvent id="q1"><messageEventDefinition messageRef="M"/>'
    '</endEvent><sequenceFlow id="q2" sourceRef="q0" targetRef="q1"/>',
    key="q",
)


def prop(name: str, value: str = "=k", more: str = "") -> str:
    """A receive task with a property of that name."""
    inner = f'<camunda:properties><camunda:property name="{name}" value="{value}"/>'
    inner = f"<extensionElements>{inner}</camunda:properties></extensionElements>"
    task = f'<receiveTask id="a" messageRef="M">{inner}</receiveTask>'
    return process(more + one(task)) + '<message id="M" name="paid"/>'


def keyed_by(awaited: str, key: str) -> str:
    """A message that is awaited under one key and sent under another."""
    inner = f"<camunda:property name='correlation' value='{key}'/>"
    inner = (
        f"<extensionElements><camunda:properties>{inner}</camunda:properties></extensionElements>"
    )
    return prop("correlation", awaited) + SENDING.replace(
        '<endEvent id="q1">', f'<endEvent id="q1">{inner}'
    )


def conversing(declared: str, sent: str, awaited: str) -> str:
    """A key with its type, what a message gives for it, and what a process subscribes to by it."""
    items = "".join(
        f'<itemDefinition id="i-{t}" structureRef="xsd:{t}"/>' for t in ("int", "string")
    )
    ways = "".join(
        f'<correlationPropertyRetrievalExpression id="w{n}" messageRef="M{n}"><messagePath>{path}'
        "</messagePath></correlationPropertyRetrievalExpression>"
        for n, path in enumerate((sent, "number"))
    )
    bound = (
        '<correlationSubscription id="cs" correlationKeyRef="key"><correlationPropertyBinding '
        f'id="cb" correlationPropertyRef="k"><dataPath>{awaited}</dataPath>'
        "</correlationPropertyBinding></correlationSubscription>"
    )
    task = '<property id="d" name="number" itemSubjectRef="i-int"/>' + one(
        '<sendTask id="a" messageRef="M1"/>'
    )
    return (
        f'{items}<message id="M0" name="m"/><message id="M1" name="n"/>{process(task + bound)}'
        f'<correlationProperty id="k" {declared}>{ways}</correlationProperty>'
        '<collaboration id="c"><correlationKey id="key"><correlationPropertyRef>k'
        "</correlationPropertyRef></correlationKey></collaboration>"
    )


KINDS_OF_KEYS = [
    (('type="i-string"', "5", "x"), ('type="i-int"', "5", "x")),
    (("", '"5"', "x"), ("", "5", "x")),
    (("", "x", '"5"'), ("", "x", "y")),
]


def subscribing(properties: str, bound: str, read: str = "01") -> str:
    """A key of those properties, what a process binds of it, and from which messages the second
    property is read.
    """
    declared = "".join(
        f'<correlationProperty id="k{one}">'
        + "".join(
            f'<correlationPropertyRetrievalExpression id="w{one}{m}" messageRef="M{m}">'
            "<messagePath>x</messagePath></correlationPropertyRetrievalExpression>"
            for m in ("01" if one == "1" else read)
        )
        + "</correlationProperty>"
        for one in "12"
    )
    refs = "".join(
        f"<correlationPropertyRef>k{one}</correlationPropertyRef>" for one in properties
    )
    bindings = "".join(
        f'<correlationPropertyBinding id="b{n}" correlationPropertyRef="k{one}"><dataPath>x'
        "</dataPath></correlationPropertyBinding>"
        for n, one in enumerate(bound)
    )
    bindings = f'<correlationSubscription id="s1" correlationKeyRef="key">{bindings}'
    return (
        f'<message id="M0" name="m"/><message id="M1" name="n"/>{declared}<collaboration id="c">'
        f'<correlationKey id="key">{refs}</correlationKey></collaboration>'
        + process(one('<receiveTask id="a" messageRef="M1"/>')
                  + bindings + "</correlationSubscription>")
    )  # fmt: skip


SUBSCRIBED = subscribing("12", "12")


def begun_by(message: str) -> str:
    """The same, where a message begins the process that subscribes."""
    start = f'<startEvent id="s"><messageEventDefinition messageRef="{message}"/></startEvent>'
    return SUBSCRIBED.replace('<startEvent id="s"/>', start) + '<message id="M2" name="o"/>'


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (SUBSCRIBED, None),
        (subscribing("12", "21"), None),
        (subscribing("12", "1"), "subscription-differs"),
        (subscribing("1", "2"), "subscription-differs"),
        (subscribing("1", "11"), "subscription-differs"),
        (subscribing("1", ""), "subscription-differs"),
        (subscribing("", ""), "key-empty"),
        (subscribing("12", "12", "0"), "key-part-unread"),
        (begun_by("M2"), "key-part-unread"),
        (begun_by("M1"), None),
    ],
)
def test_who_subscribes_to_a_key_binds_each_of_its_properties(content, rule):
    told = {"subscription-differs", "key-empty", "key-part-unread"} & rules(content)
    assert told == ({rule} if rule else set())


BAD = [keyed_by("=5", '="5"'), *(conversing(*bad) for bad, _ in KINDS_OF_KEYS)]
GOOD = [
    BAD[1].replace("xsd:", "t:"),
    keyed_by("=5", "=2 + 3"),
    *(conversing(*good) for _, good in KINDS_OF_KEYS),
]


@pytest.mark.parametrize("content", BAD)
def test_ends_that_give_values_of_two_kinds_are_told(content):
    assert "key-kinds" in rules(content)


@pytest.mark.parametrize("content", GOOD)
def test_ends_of_one_kind_or_of_none_that_is_known_are_not(content):
    assert "key-kinds" not in rules(content)
