"""Scenarios: they do what they say, and fail with words when the drawing does not."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

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
        {"calls": ["far.mail"]},
        {"complete": "Draft", "as": "an"},
        {"complete": "Sign", "as": "chi", "ends": "Signed"},
    )
    assert result.passed, result.problem


def test_what_was_called_before_a_step_is_no_call_of_that_step():
    result = play({"start": {}}, {"wait": "3 hours"}, {"calls": "far.mail"})
    assert result.passed, result.problem
    result = play({"start": {}}, {"wait": "3 hours"}, {"wait": "1 minute", "calls": "far.mail"})
    assert (result.passed, result.step) == (False, 3)


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
        ({"wait": "9999999999999999999999 working days"}, "no instant"),
        ({"open": 5}, 'After "open" comes a list of texts'),
        ({"open": ["Draft", 5]}, 'After "open" comes a list of texts'),
        ({"given": 5}, 'After "given" comes a record'),
        ({"start": 5}, 'After "start" comes a record'),
        ({"data": 5}, 'After "data" comes a record'),
        ({"data": []}, 'After "data" comes a record'),
        ({"complete": 5}, 'After "complete" comes a text'),
        ({"complete": "Draft", "as": {"x": 1}}, 'After "as" comes a text'),
        ({"complete": "Draft", "data": {"x": 1.5}}, "float"),
        ({"calls": 5}, 'After "calls" comes a text or a list'),
        (
            {"deliver": "m", "correlation": ["a"]},
            'After "correlation" comes a text or a whole number',
        ),
        ({"refused": "Draft", "fields": "phone"}, 'After "fields" comes a list'),
        ({"given": {"far.mail": {"result": 5}}, "wait": "3 hours"}, "not written as it should"),
        ({"complet": "Draft"}, '"complet" is no word'),
        ({"complete": "Draft", "opens": []}, '"opens" is no word'),
        ({"complete": "Draft", "wait": "1 hour"}, '"complete" and "wait" are two steps'),
        ({"complete": "Draft", "fields": ["a"]}, '"fields" says nothing here'),
        ({"wait": "1 hour", "data": {"n": 1}}, '"data" says nothing here'),
        ({"open": ["Draft"], "as": "an"}, '"as" says nothing here'),
        ({"given": {"head_off": {}}, "open": ["Draft"]}, 'no fact or operation "head_off"'),
        ({"given": {"far.mail": {"rejct": "X"}}, "open": []}, '"rejct" is no answer'),
        ({"given": {"far.mail": [{"fails": "X"}]}, "open": []}, '"fails" is no answer'),
        ({}, "says nothing"),
    ],
)
def test_what_is_not_so_is_said_with_its_step(step, words):
    result = play({"start": {}}, step)
    assert (result.passed, result.step) == (False, 2)
    assert words in result.problem
    assert result.finding().rule == "scenario-fails"
    assert str(result.finding().fields["problem"]) == result.problem


def test_every_misspelt_word_is_said_before_anything_is_played():
    result = play({"start": {}}, {"complet": "x"}, {"complete": "Nothing"}, {"ope": []})
    assert (result.passed, result.step, result.trace) == (False, 2, ())
    assert result.problem == (
        '"complet" is no word of a scenario.; #4: "ope" is no word of a scenario.'
    )


def test_what_a_file_gives_twice_is_said():
    text_twice = '{"it": [{"start": {}}], "it": [{"start": {}, "open": []}]}'
    files = {
        "processes/bpmn/p.bpmn": text(LINES, "p"),
        "processes/scenarios/p.json": text_twice,
    }
    (result,) = scenarios.run(Bundle("p", files), surroundings=SURROUNDINGS)
    assert '"it" twice' in result.problem


def test_the_same_hand_is_refused_in_a_scenario_too():
    result = play(
        {"start": {}},
        {"complete": "Draft", "as": "an"},
        {"refused": "Sign", "as": "an"},
        {"complete": "Sign", "as": "an"},
    )
    assert (result.passed, result.step) == (False, 4)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        "5",
        '{"a": 1}',
        '{"a": [1]}',
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 900 + "1" + "}" * 900,
        '{"a": [{"start": ' + '{"a":' * 300 + "1" + "}" * 302,
        '{"a": [{"start": {"d": {"$decimal": "x"}}}]}',
        '{"a": [{"start": {"d": {"$decimal": {}}}}]}',
        '{"a": [{"start": {"d": {"$date": "x"}}}]}',
        '{"a": [{"start": {"d": {"$date": 5}}}]}',
        '{"a": [{"start": {"x": NaN}}]}',
        '{"a": [{"start": {"x": 1.5}}]}',
        '{"a\\ud800": [{"start": {"d": "\\ud800"}}]}',
        '{"a": [{"start": {"d": %s}}]}' % ("9" * 5000),
    ],
)
def test_an_unreadable_file_is_one_failed_result(content):
    files = {"processes/bpmn/p.bpmn": text(LINES, "p"), "processes/scenarios/p.json": content}
    (result,) = scenarios.run(Bundle("p", files), surroundings=SURROUNDINGS)
    assert not result.passed
    assert result.problem
    assert result.finding().record()["message"].encode()


def test_a_file_that_breaks_the_rules_of_json_is_told_where_in_words_of_our_own():
    files = {"processes/bpmn/p.bpmn": text(LINES, "p"), "processes/scenarios/p.json": '{\n"a" 1}'}
    (result,) = scenarios.run(Bundle("p", files), surroundings=SURROUNDINGS)
    assert result.problem == "The file breaks the rules of JSON at line 2, column 5."


def play_drawing(lines, *steps, facts=None, session=None):
    files = {
        "processes/bpmn/p.bpmn": text(lines, "p"),
        "processes/scenarios/p.json": json.dumps({"it": list(steps)}),
    }
    around = dataclasses.replace(SURROUNDINGS, facts=facts or {})
    (result,) = scenarios.run(Bundle("p", files), surroundings=around, session=session)
    return result


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("far_day()", "far_day"),
        ("far_day(1, 2, 3)", "far_day"),
        ("far_day(100000000)", "far_day"),
        ("far_day(null)", "far_day"),
    ],
)
def test_a_fact_asked_in_a_wrong_way_fails_the_scenario_with_its_name(call, words):
    def far_day(session, now, days):
        return now + timedelta(days=days)

    lines = f'start s\nscript a feel="{call}" resultVariable=x\nend e\ns > a > e'
    with Session() as session:
        result = play_drawing(lines, {"start": {}}, facts={"far_day": far_day}, session=session)
    assert not result.passed
    assert words in result.problem


@pytest.mark.parametrize(
    ("lines", "step"),
    [
        ("start s\ncatch c timer=PT0S\nend e\ns > c > c", {"wait": "1 hour"}),
        ("start s\nservice m topic=far.mail in:to=a@b.vn\nend e\ns > m > m", {"open": []}),
    ],
)
def test_a_scenario_that_never_rests_fails_instead_of_running_for_ever(lines, step):
    result = play_drawing(lines, {"start": {}}, step)
    assert not result.passed
    assert "by itself" in result.problem


def test_what_people_and_messages_bring_never_hides_what_a_case_knows_of_itself():
    lines = """start s
        catch c message=m
        catch d message=n
        user a "Read" candidateGroups=chuyen-vien
        s > c > d > a"""
    forged = {"case": {"code": "X"}, "unit": "x", "initiator": "x", "n": 1}
    result = play_drawing(
        lines,
        {"start": forged, "as": "an"},
        {"deliver": "m", "data": forged},
        {"send": "n", "data": forged},
        {"complete": "Read", "data": forged},
        {"data": {"n": 1, "initiator": "an", "unit": "unit", "case.code": "DRY-1"}},
    )
    assert (result.passed, result.problem) == (True, "")
