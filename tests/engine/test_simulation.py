"""`simulate`: what the command's options mean, and what the answer holds."""

from __future__ import annotations

import json
from decimal import Decimal
from unicodedata import normalize

import pytest

from engine.errors import ValueRefused
from engine.simulation import (
    Advance,
    AnswerRefused,
    DrawingUnreadable,
    NoProcess,
    ProcessUnknown,
    Send,
    Simulation,
    simulate,
)
from engine.simulation.world import ROUNDS
from tests.engine.drawings import text


def run(lines: str, *options: Send | Advance, **words: object) -> Simulation:
    """A drawing of `tests.engine.drawings`, simulated."""
    return simulate(text(lines), options=options, **words)  # type: ignore[arg-type]


TASK = """
    start s
    user a "Check"
    end e
    s > a > e
"""


def test_the_answer_has_the_promised_keys_and_goes_through_json():
    found = run(TASK, data={"n": Decimal("0.1"), "big": 10**20 + 1}).as_json()
    assert json.loads(json.dumps(found)) == {
        "state": "completed",
        "entered": ["s", "a", "e"],
        "completed": ["s", "a", "e"],
        "waiting": [],
        "data": {"n": 0.1, "big": "100000000000000000001"},
        "error": None,
    }


def test_a_task_puts_its_answer_into_the_case():
    assert run(TASK, answers={"a": {"ok": True}}).data == {"ok": True}
    assert run(TASK, answers={"Check": {"ok": True}}).data == {"ok": True}


def test_an_answer_about_nothing_is_told_and_harmless():
    found = run(TASK, answers={"nobody": {}})
    assert (found.state, found.unknown) == ("completed", ("nobody",))


@pytest.mark.parametrize("answer", [None, "wait"])
def test_a_task_stays_open_when_its_answer_is_to_wait(answer):
    found = run(TASK, answers={"a": answer})
    assert (found.state, found.entered, found.completed) == ("waiting", ["s", "a"], ["s"])
    assert found.waiting == [{"element": "a", "kind": "task"}]


def test_a_list_answers_each_time_once_and_the_last_stays():
    lines = """
        start s
        user a
        user b
        xor x
        end e
        s > a > b > x
        x > a : n < 3
        x > e : default
    """
    found = run(lines, answers={"a": [{"n": 1}, {"n": 2}, {"n": 3}]})
    assert found.entered.count("a") == 3
    assert found.data == {"n": 3}


def test_a_task_may_end_with_an_error():
    lines = """
        start s
        user a
        boundary b on=a error=BAD
        end e
        end f
        s > a > e
        b > f
    """
    found = run(lines, answers={"a": {"error": "BAD", "data": {"why": "late"}}})
    assert found.entered == ["s", "a", "b", "f"]
    assert found.completed == ["s", "b", "f"]
    assert found.data == {"why": "late"}


@pytest.mark.parametrize(
    ("event", "lacks"), [("timer=PT1H", "has no time"), ("when==x", "condition is empty")]
)
def test_an_event_that_does_not_say_what_it_waits_for_fails_with_what_it_lacks(event, lacks):
    source = text(f"start s\nuser a\nboundary b on=a {event}\nend e\ns > a > e\nb > e")
    found = simulate(source.replace("PT1H", "").replace("=x", ""))
    assert (found.state, found.error["element"]) == ("failed", "b")
    assert lacks in str(found.error["message"])


def test_an_error_that_nobody_catches_fails_at_its_task():
    found = run(TASK, answers={"a": {"error": "BAD"}})
    assert (found.state, found.entered) == ("failed", ["s", "a"])
    assert found.error is not None
    assert found.error["element"] == "a"
    assert "BAD" in str(found.error["message"])


def test_a_task_may_throw_an_escalation_and_go_on():
    lines = """
        start s
        sub p {
            start ps
            user a
            end pe
            ps > a > pe
        }
        boundary b on=p escalation=LATE non
        end e
        end f
        s > p > e
        b > f
    """
    found = run(lines, answers={"a": {"escalation": "LATE"}})
    assert sorted(found.entered) == sorted(["s", "p", "ps", "a", "b", "f", "pe", "e"])
    assert found.completed.count("a") == 1


CHOICE = """
    start s
    xor x
    user a
    user b
    end e
    s > x
    x > a : n > 5
    x > b : default
    a > e
    b > e
"""


def test_conditions_are_worked_out_over_the_data_of_the_case():
    assert "a" in run(CHOICE, data={"n": 6}).entered
    assert "b" in run(CHOICE, data={"n": 5}).entered


def test_a_gateway_goes_where_it_is_answered():
    assert "b" in run(CHOICE, data={"n": 6}, answers={"x": "b"}).entered


def test_a_gateway_answered_with_no_flow_of_its_own_could_not_run():
    with pytest.raises(AnswerRefused):
        run(CHOICE, answers={"x": "nowhere"})


FOREIGN = """
    start s
    script j feel="print('x')"
    service v
    rule r
    call c of=elsewhere
    xor x
    user a
    user b
    end e
    s > j > v > r > c > x
    x > a : ${amount > 1000 && !vip}
    x > b : default
    a > e
    b > e
"""


def test_flow_only_passes_what_is_written_in_any_language():
    found = run(FOREIGN, flow_only=True)
    assert found.entered == ["s", "j", "v", "r", "c", "x", "a", "e"]
    assert found.state == "completed"


def test_flow_only_still_goes_where_it_is_answered():
    assert run(FOREIGN, flow_only=True, answers={"x": "b"}).entered[-2:] == ["b", "e"]


def test_flow_only_takes_every_condition_of_an_inclusive_gateway_unless_answered():
    lines = """
        start s
        or x
        user a
        user b
        user c
        or y
        end e
        s > x
        x > a : ${a}
        x > b : ${b}
        x > c : default
        a > y
        b > y
        c > y
        y > e
    """
    assert run(lines, flow_only=True).entered == ["s", "x", "a", "b", "y", "e"]
    chosen = run(lines, flow_only=True, answers={"x": ["a", "c"]})
    assert chosen.entered == ["s", "x", "a", "c", "y", "e"]
    assert run(lines, flow_only=True, answers={"x": []}).entered == ["s", "x", "c", "y", "e"]


def test_without_flow_only_a_foreign_condition_fails_where_it_stands():
    found = run(FOREIGN, answers={"j": {}, "r": {}, "c": {}})
    assert found.state == "failed"
    assert found.error is not None
    assert found.entered[-1] == "x"


def test_a_script_in_another_language_is_refused_by_its_name_unless_answered():
    source = text('start s\nscript j "Count" feel="x = 1;"\nend e\ns > j > e')
    source = source.replace('scriptFormat="feel"', 'scriptFormat="groovy"')
    found = simulate(source)
    assert found.error is not None
    assert (found.state, found.error["element"]) == ("failed", "j")
    assert "groovy" in str(found.error["message"])
    assert simulate(source, answers={"j": {"x": 1}}).data == {"x": 1}


BOUNDARY = """
    start s
    user a
    boundary b on=a message=Stop
    end e
    end f
    s > a > e
    b > f
"""


def test_what_is_sent_comes_before_the_task_is_completed():
    assert run(BOUNDARY, Send("Stop")).entered == ["s", "a", "b", "f"]
    assert run(BOUNDARY, Send("message_Stop")).entered == ["s", "a", "b", "f"]
    assert run(BOUNDARY, Send("b", {"why": 1})).data == {"why": 1}


def test_what_nobody_waits_for_is_told():
    found = run(BOUNDARY, Send("Other"))
    assert (found.entered, found.unsent) == (["s", "a", "e"], ("Other",))


def test_time_finds_a_task_with_a_boundary_timer_open():
    lines = BOUNDARY.replace("message=Stop", "timer=PT1H")
    assert run(lines).entered == ["s", "a", "e"]
    assert run(lines, Advance("PT59M")).entered == ["s", "a", "e"]
    assert run(lines, Advance("PT1H")).entered == ["s", "a", "b", "f"]
    assert run(lines, Advance("PT1H"), answers={"a": {}}).entered == ["s", "a", "e"]


def test_a_reminder_comes_before_the_answer_of_its_task():
    lines = BOUNDARY.replace("message=Stop", "timer=PT1H non")
    assert run(lines, Advance("PT1H"), answers={"a": {}}).entered == ["s", "a", "b", "f", "e"]


def test_options_are_taken_in_their_order():
    lines = """
        start s
        events g
        catch m message=Answer
        catch t timer=PT1H
        end e
        end f
        s > g
        g > m > e
        g > t > f
    """
    assert run(lines, Send("Answer"), Advance("PT1H")).entered == ["s", "g", "m", "e"]
    assert run(lines, Advance("PT1H"), Send("Answer")).entered == ["s", "g", "t", "f"]
    resting = run(lines)
    assert [row["element"] for row in resting.waiting] == ["m", "t"]
    assert resting.waiting[0] == {"element": "m", "kind": "message", "message": "Answer"}
    assert resting.waiting[1]["until"].isoformat() == "2026-03-02T09:00:00+07:00"


def test_a_message_that_comes_early_is_kept_and_a_signal_is_lost():
    lines = "start s\ncatch t timer=PT1H\ncatch m {}=Go\nend e\ns > t > m > e"
    kept = run(lines.replace("{}", "message"), Send("Go"), Advance("PT1H"))
    lost = run(lines.replace("{}", "signal"), Send("Go"), Advance("PT1H"))
    assert (kept.state, lost.state) == ("completed", "waiting")


def test_the_first_message_begins_the_case_at_the_start_event_that_waits_for_it():
    lines = """
        start s
        start m message=Order
        user a
        user b
        end e
        s > a > e
        m > b > e
    """
    assert run(lines).entered == ["s", "a", "e"]
    begun = run(lines, Send("Order", {"n": 1}))
    assert (begun.entered, begun.data) == (["m", "b", "e"], {"n": 1})


def test_what_runs_without_end_is_stopped_with_a_sentence():
    loops = ("start s\nuser a\ns > a > a", "start s\nscript a feel=null\nxor x\ns > x > a > x")
    for lines in loops:
        found = run(lines, most=500)
        assert found.state == "failed"
        assert found.error is not None
        assert "without" in str(found.error["message"])


def test_what_cannot_run_at_all_is_refused():
    for source in ("", "no xml", "<a/>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'):
        with pytest.raises(DrawingUnreadable):
            simulate(source)
    with pytest.raises(NoProcess):
        simulate(text("").replace("<bpmn:process", "<bpmn:collaboration").replace(
            "</bpmn:process", "</bpmn:collaboration"))  # fmt: skip
    with pytest.raises(ProcessUnknown):
        run(TASK, process="other")
    with pytest.raises(ValueRefused):
        run(TASK, data={"n": 0.5})


def test_flow_only_leaves_a_circle_that_its_first_flow_leads_back_into():
    lines = """
        start s
        task a
        xor x
        end e
        s > a > x
        x > a : ${again}
        x > e : default
    """
    found = run(lines, flow_only=True)
    assert found.state == "completed"
    assert found.entered.count("a") == ROUNDS + 1
    assert found.entered[-1] == "e"


def test_a_link_that_leads_nowhere_fails_at_its_event():
    found = run("start s\nthrow l link=On\ns > l")
    assert found.error == {
        "element": "l",
        "message": '"l" could not be carried out: no event beside it catches the link "On". '
        "Nothing was changed; tell the process owner.",
    }


@pytest.mark.parametrize(
    ("between", "entered"), [("task", "s f x a e c e"), ("user", "s f x a e c")]
)
def test_a_signal_reaches_who_comes_to_wait_for_it_before_anybody_works(between, entered):
    lines = f"start s\nand f\nthrow x signal=Go\n{between} a\ncatch c signal=Go\nend e"
    found = run(f"{lines}\ns > f\nf > x > e\nf > a > c > e")
    assert " ".join(found.entered) == entered


def test_a_message_that_comes_before_its_receiver_is_kept():
    found = run("start s\nthrow x message=M\nuser a\ncatch c message=M\nend e\ns > x > a > c > e")
    assert " ".join(found.entered) == "s x a c e"


def test_an_event_whose_operation_is_not_known_here_is_passed():
    for flow_only in (False, True):
        found = run("start s\nend e message=M topic=not.known\ns > e", flow_only=flow_only)
        assert (found.state, found.entered) == ("completed", ["s", "e"])


def test_a_number_of_instances_that_is_too_large_is_refused_though_expressions_are_passed():
    found = run("start s\nuser a times=1000000000\nend e\ns > a > e", flow_only=True)
    assert found.error is not None
    assert "its number of instances is 1000000000" in str(found.error["message"])


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_is_one_however_its_letters_are_composed(form):
    """An editor's file and what another system sends may hold letters in pieces."""
    name = normalize(form, "địa_chỉ")
    source = text(f"""
        start s
        script a feel=given+1 resultVariable={name}
        script b feel={name}+đã_có resultVariable=r
        end e
        s > a > b > e
    """)
    found = simulate(source, data={"given": 1, normalize(form, "đã_có"): 5})
    assert found.data["r"] == 7
    assert found.data["địa_chỉ"] == 2
