"""Scenarios: they do what they say, and fail with words when the drawing does not."""

from __future__ import annotations

import json

import pytest

from engine import Bundle, Operation, Surroundings, scenarios
from engine.errors import CallFailed
from tests.clocks import Clock
from tests.engine.conftest import MailParameters, MailResult
from tests.engine.drawings import text

LINES = """start s
    user a "Draft" candidateGroups=chuyen-vien
    boundary late on=a timer=PT2H non
    service m "Remind" topic=far.mail in:to=a@b.vn
    end reminded
    user b "Sign" candidateGroups=lanh-dao apart=a
    end e "Signed"
    s > a > b > e
    late > m > reminded"""


def send(call, parameters):
    raise CallFailed("nobody may call the real one")


SURROUNDINGS = Surroundings(
    clock=Clock(),
    operations={"far.mail": Operation("far.mail", send, MailParameters, MailResult, remote=True)},
)


def play(*steps):
    files = {
        "processes/bpmn/p.bpmn": text(LINES, "p"),
        "processes/scenarios/p.json": json.dumps({"it": list(steps)}),
    }
    (result,) = scenarios.run(Bundle("p", files), surroundings=SURROUNDINGS)
    return result


def test_a_scenario_runs_to_the_end_it_names():
    result = play(
        {"start": {}, "as": "an", "open": ["Draft"]},
        {"complete": "Draft", "as": "an"},
        {"complete": "Sign", "as": "chi", "ends": "Signed"},
    )
    assert (result.passed, result.problem) == (True, "")


def test_time_passes_and_operations_are_doubled():
    result = play(
        {"start": {}},
        {"wait": "3 hours", "calls": "far.mail", "open": ["Draft"]},
    )
    assert result.passed, result.problem


def test_a_failing_double_is_tried_again_when_time_has_passed():
    result = play(
        {"given": {"far.mail": [{"fail": "busy"}, {"message_id": "m"}]}, "start": {}},
        {"wait": "3 hours", "calls": "far.mail"},
        {"wait": "1 hour", "calls": ["far.mail"]},
        {"complete": "Draft", "as": "an"},
        {"complete": "Sign", "as": "chi", "ends": "Signed"},
    )
    assert result.passed, result.problem


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"open": ["Sign"]}, "open tasks are “Draft”"),
        ({"complete": "Nothing"}, 'open task "Nothing"'),
        ({"ends": "Signed"}, "still open"),
        ({"calls": "far.mail"}, "was not called"),
        ({"send": "gone"}, 'message "gone"'),
        ({"data": {"n": 1}}, "n is null"),
        ({"refused": "Draft"}, "was accepted"),
        ({"wait": "soon"}, "not written as it should be"),
        ({"wait": "99999999999 days"}, "not written as it should be"),
        ({"open": 5}, "not written as it should be"),
    ],
)
def test_what_is_not_so_is_said_with_its_step(step, words):
    result = play({"start": {}}, step)
    assert (result.passed, result.step) == (False, 2)
    assert words in result.problem
    assert result.finding().rule == "scenario-fails"


def test_the_same_hand_is_refused_in_a_scenario_too():
    result = play(
        {"start": {}},
        {"complete": "Draft", "as": "an"},
        {"refused": "Sign", "as": "an"},
        {"complete": "Sign", "as": "an"},
    )
    assert (result.passed, result.step) == (False, 4)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 1}', '{"a": [1]}'])
def test_an_unreadable_file_is_one_failed_result(content):
    files = {"processes/bpmn/p.bpmn": text(LINES, "p"), "processes/scenarios/p.json": content}
    (result,) = scenarios.run(Bundle("p", files), surroundings=SURROUNDINGS)
    assert not result.passed
    assert result.problem
