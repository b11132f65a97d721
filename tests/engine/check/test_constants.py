"""Attributes and properties of one kind: what is neither such a constant nor FEEL is told once."""

from __future__ import annotations

import pytest

from engine.check.vocabulary import WORDS
from tests.engine.check.drawn import (
    END,
    FORMAL,
    START,
    errors,
    findings,
    flows,
    one,
    process,
    rules,
)

LINE = START + '<userTask id="a" camunda:candidateGroups="van-thu"/>' + END + flows("s a e")
CONSTANTS = [
    ("priority", "high", "50"),
    ("priority", "2.5", "=x"),
    ("dueDate", "tomorrow", "2026-12-31"),
    ("dueDate", "2026-02-30", "P5D"),
    ("followUpDate", "in two days", '=today() + duration("P2D")'),
    ("resultVariable", "=result", "result"),
    ("resultVariable", "result.text", "result"),
    ("dueDate", "-P5D", '=-duration("P5D")'),
    ("due", "next week", "P7D"),
    ("due", "P5X", "=begun + duration(\"P7D\")"),
    ("clock", "pause", "paused"),
    ("sees", "all", "task"),
    ("variable", "a + b", "answer.text"),
    ("result_variable", "{x}", "kết quả"),
    ("in_person", 'van-thu@head_of(unit) = 1', 'van-thu@case = "A"'),
    ("cancel_while", "=head_of(unit) = null", "=done_at = null"),
    ("concerns", "=person", "request.account"),
    ("columns", "sum:money", "sum:number=total"),
    ("due", '="tomorrow"', '="P5D"'),
    ("dueDate", '="P8000Y"', "P5D"),
]  # fmt: skip


def drawn(key: str, value: str) -> str:
    value = value.replace('"', "&quot;")
    own = f'<camunda:property name="{key}" value="{value}"/>'
    own = f"<extensionElements><camunda:properties>{own}</camunda:properties></extensionElements>"
    if key in ("due", "columns", "cancel_while"):
        return own + LINE
    if key in ("clock", "sees", "variable", "result_variable", "concerns", "in_person"):
        return one(f'<userTask id="a" camunda:candidateGroups="van-thu">{own}</userTask>')
    return one(f'<userTask id="a" camunda:{key}="{value}"/>')


def test_each_attribute_of_one_kind_is_tried():
    assert {key for key, _wrong, _right in CONSTANTS} == set(WORDS)


@pytest.mark.parametrize(("key", "wrong", "right"), CONSTANTS)
def test_a_constant_of_another_kind_is_an_error_at_its_element(key, wrong, right):
    content = process(drawn(key, wrong))
    told = [f for f in findings(content) if f.severity == "error"]
    assert [(f.rule, f.fields["key"]) for f in told] == [("bad-value", key)]
    assert "unwritten-variable" not in rules(content)
    assert not errors(process(drawn(key, right)))


def test_a_word_that_a_process_writes_is_a_variable():
    writes = (
        START + '<scriptTask id="a" scriptFormat="feel" camunda:resultVariable="due date"><script>'
        'today()</script></scriptTask><userTask id="b" camunda:dueDate="due date"/>'
        + END + flows("s a b e")
    )  # fmt: skip
    assert not errors(writes)


def waits(text: str, formal: str) -> str:
    timer = f"<timerEventDefinition><timeDuration{formal}>{text}</timeDuration>"
    return one(
        f'<intermediateCatchEvent id="a">{timer}</timerEventDefinition></intermediateCatchEvent>'
    )


@pytest.mark.parametrize(
    "text",
    [
        "after two days",
        "sau hai ngày",
        "in the morning!",
        "two days",
        "-PT5M",
        "- P1D",
        '="later"',
    ],
)
@pytest.mark.parametrize("formal", ["", f" {FORMAL}"])
def test_words_for_a_time_are_told_once_and_as_a_time(text, formal):
    told = [f.record() for f in findings(waits(text, formal)) if f.element == "a"]
    [at_timer] = [f for f in told if f["rule"] not in ("label-required", "no-legal-basis")]
    assert (at_timer["rule"], at_timer["severity"]) == ("timer-words", "error")
    assert "timer" in at_timer["message"] and text in at_timer["message"]


def test_a_timer_whose_feel_gives_another_kind_is_told():
    assert errors(waits("=5", f" {FORMAL}")) == {"type-error"}
    assert not errors(waits('="P1D"', f" {FORMAL}"))
    assert not errors(waits('=duration("PT1H")', f" {FORMAL}"))


def test_what_those_from_outside_are_told_is_written_somewhere():
    shown = drawn("columns", "code:text").replace(
        "<camunda:properties>",
        '<camunda:properties><camunda:property name="shows" value="due, code, ghost.name"/>',
    )
    told = [f.fields for f in findings(process(shown)) if f.rule == "unwritten-variable"]
    said = " ".join(str(value) for fields in told for value in fields.values())
    assert "ghost" in said and "due" not in said.split()
