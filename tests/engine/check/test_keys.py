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
BAD = [keyed_by("=5", '="5"'), *(conversing(*bad) for bad, _ in KINDS_OF_KEYS)]
GOOD = [keyed_by("=5", "=2 + 3"), *(conversing(*good) for _, good in KINDS_OF_KEYS)]


@pytest.mark.parametrize("content", BAD)
def test_ends_that_give_values_of_two_kinds_are_told(content):
    assert "key-kinds" in rules(content)


@pytest.mark.parametrize("content", GOOD)
def test_ends_of_one_kind_or_of_none_that_is_known_are_not(content):
    assert "key-kinds" not in rules(content)
