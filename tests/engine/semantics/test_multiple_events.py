"""Multiple and parallel multiple events (BPMN 2.0 §10.5.2, §10.5.3, §13.5)."""

from __future__ import annotations

from tests.engine.drawings import Run


def message(run: Run, name: str, **data: object) -> Run:
    """The token that waits for that message gets it."""
    token = next(w.token for w in run.waiting("message") if w.marks["name"] == name)
    run.give({"kind": "message_received", "token": token, "data": data})
    return run


def test_the_first_of_several_events_goes_on():
    lines = "start s\ncatch c message=m message2=n timer=P1D\nuser a\ns > c > a"
    run = message(Run(lines).start(), "n")
    assert (run.at(), run.waiting("message"), run.waiting("timer")) == (["a"], [], [])
    assert run.path.count("+c") == run.path.count("-c") == 1


def test_all_of_several_events_must_happen():
    lines = "start s\ncatch c message=m message2=n signal3=g parallel\nuser a\ns > c > a"
    run = message(Run(lines).start(), "n", x=1)
    assert run.at() == []
    run.give({"kind": "signal_received", "name": "g", "data": {}})
    assert message(run, "m", y=2).at() == ["a"]
    assert run.data == {"x": 1, "y": 2}


def test_any_event_of_a_boundary_event_interrupts():
    lines = "start s\nuser a\nboundary b on=a message=m timer=P1D\nuser c\ns > a\nb > c"
    run = message(Run(lines).start(), "m")
    assert (run.at(), run.waiting("timer")) == (["c"], [])
    assert Run(lines).start().timer("b").at() == ["c"]


def test_a_parallel_boundary_event_interrupts_when_all_have_happened():
    lines = "start s\nuser a\nboundary b on=a message=m message2=n parallel\nuser c\ns > a\nb > c"
    run = message(Run(lines).start(), "m")
    assert run.at() == ["a"]
    assert message(run, "n").at() == ["c"]


def test_without_interrupting_each_event_is_awaited_again():
    lines = "start s\nuser a\nboundary b on=a message=m message2=n non\nuser c\ns > a\nb > c"
    run = Run(lines).start()
    message(message(message(run, "m"), "n"), "m")
    assert run.at() == ["a", "c", "c", "c"]


def test_an_event_sub_process_may_wait_for_several_events():
    lines = """start s
        user a
        end e
        sub h byevent {
            start m message=x message2=y
            user tidy
            m > tidy
        }
        s > a > e"""
    for name in ("x", "y"):
        run = message(Run(lines).start(), name)
        assert (run.at(), run.waiting("message")) == (["tidy"], [])


def test_a_multiple_throw_event_throws_them_all():
    lines = """start s
        and f
        catch c signal=one
        catch d signal=two
        user a
        throw t signal=one signal2=two
        user b
        user x
        s > f
        f > c > b
        f > d > x
        f > a > t"""
    run = Run(lines).start().do("a")
    assert run.at() == ["b", "x"]
    assert run.rest is not None
    assert [name for name, _data in run.rest.thrown] == ["one", "two"]


def test_a_parallel_multiple_start_event_awaits_the_others_in_the_case():
    lines = "start s message=m message2=n parallel\nuser a\ns > a"
    run = Run(lines)
    given = {"kind": "case_started", "base": {"unit": "vp"}, "data": {}, "element": "s"}
    run.give({**given, "trigger": {"kind": "message", "name": "m"}})
    assert run.at() == []
    assert message(run, "n").at() == ["a"]
