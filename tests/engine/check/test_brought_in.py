"""What is said of drawings that were drawn elsewhere, and how remedies are worded."""

from __future__ import annotations

import re

import pytest

from engine.check import Purpose
from engine.check.finding import found
from engine.check.rules import RULES
from engine.check.rules.rule import holes
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


def test_a_choreography_is_named_where_a_process_is_looked_for():
    content = '<choreography id="talk"><participant id="x"/><participant id="y"/></choreography>'
    told = {f.rule: f for f in findings(content, purpose=IMPORT)}
    assert (told["not-run"].element, told["not-run"].severity) == ("talk", "error")
    assert "no-process" not in told
