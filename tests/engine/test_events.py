"""Timers, messages, errors, signals and links, as BPMN 2.0 says (the paragraph stands by each)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine import spiff
from engine.apply import apply
from engine.errors import EndlessStep
from engine.world import RecordedWorld
from tests.engine.drawings import Run, text


def test_a_timer_waits_until_its_time():
    run = Run("start s\ncatch w timer=P2D\nend e\ns > w > e").start()
    assert run.waiting("timer")[0].due == datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    assert run.timer("w").status == "completed"


def test_an_interrupting_boundary_timer_ends_the_task():  # §13.3.3
    run = Run("""start s
        user a
        boundary b on=a timer=PT1H
        user late
        s > a
        b > late""").start()
    assert run.timer("b").at() == ["late"]
    assert "!a" in run.path


def test_a_task_done_in_time_withdraws_its_timer():
    run = Run(
        "start s\nuser a\nboundary b on=a timer=PT1H\nend e\nend l\ns > a > e\nb > l"
    ).start()
    assert run.do("a").status == "completed"
    assert run.waiting("timer") == []


def test_a_non_interrupting_cycle_reminds_as_often_as_it_says():
    run = Run("""start s
        user a
        boundary b on=a cycle=R2/PT1H non
        user remind
        end e
        s > a > e
        b > remind""").start()
    run.timer("b")
    assert run.at() == ["a", "remind"]
    assert run.timer("b").at() == ["a", "remind", "remind"]
    assert run.waiting("timer") == []


def test_a_message_interrupts_a_whole_sub_process():
    run = Run("""start s
        sub p {
            start is
            and f
            user a
            user c
            is > f > a
            f > c
        }
        boundary b on=p message=withdraw sender="=initiator"
        end gone
        end e
        s > p > e
        b > gone""").start()
    assert run.waiting("message")[0].marks["senders"] == ["=an"]
    run.message("b", reason="mistake")
    assert (run.status, run.outcome, run.data) == ("completed", "gone", {"reason": "mistake"})


def test_an_event_gateway_takes_what_happens_first():  # §13.4.4
    lines = """start s
        events g
        catch m message=answer
        catch t timer=P1D
        user answered
        user silent
        s > g
        g > m > answered
        g > t > silent"""
    assert Run(lines).start().message("m").at() == ["answered"]
    silent = Run(lines).start().timer("t")
    assert (silent.at(), silent.waiting("message")) == (["silent"], [])


def test_a_message_waits_under_its_correlation():
    run = Run('start s\ncatch m message=paid correlation="=bill"\nend e\ns > m > e').start(
        bill="B7"
    )
    assert run.waiting("message")[0].marks["correlation"] == "B7"


def test_an_error_end_event_is_caught_by_the_sub_process_boundary():
    run = Run("""start s
        sub p {
            start is
            user a
            xor x
            end ok
            end bad error=E1
            is > a > x
            x > bad : wrong = true
            x > ok : default
        }
        boundary b on=p error=E1
        user mend
        end e
        s > p > e
        b > mend""").start()
    assert run.do("a", wrong=True).at() == ["mend"]


def test_a_terminate_end_event_ends_every_other_token():  # §10.5.3
    run = Run("start s\nand f\nuser a\nuser b\nend t terminate=1\ns > f > a > t\nf > b").start()
    assert run.do("a").status == "completed"
    assert run.at() == []


def test_a_terminate_inside_a_sub_process_ends_only_that():
    run = Run("""start s
        sub p {
            start is
            and f
            user a
            user b
            end t terminate=1
            is > f > a > t
            f > b
        }
        user after
        s > p > after""").start()
    assert run.do("a").at() == ["after"]


def test_an_event_sub_process_that_interrupts():  # §13.5.4
    run = Run("""start s
        user a
        end e
        sub h byevent {
            start m message=stop
            user tidy
            end he
            m > tidy > he
        }
        s > a > e""").start()
    assert run.at() == ["a"]
    assert run.message("h", why="x").at() == ["tidy"]
    assert run.do("tidy").status == "completed"


def test_an_event_sub_process_beside_the_work_may_begin_again():
    run = Run("""start s
        user a
        end e
        sub h byevent {
            start m message=note non
            user read
            end he
            m > read > he
        }
        s > a > e""").start()
    run.message("h").message("h")
    assert run.at() == ["a", "read", "read"]
    run.do("a").do("read")
    assert run.status == "open"
    assert run.do("read").status == "completed"


def test_a_signal_reaches_every_token_of_the_case_that_waits():
    run = Run("""start s
        and f
        user a
        throw t signal=go
        catch c signal=go
        user b
        end e
        s > f > a > t > e
        f > c > b""").start()
    assert run.do("a").at() == ["b"]
    assert run.rest is not None
    assert run.rest.thrown == [("go", {})]


def test_links_join_two_places_of_a_drawing():
    run = Run("start s\nthrow t link=L\ncatch c link=L\nuser a\ns > t\nc > a").start()
    assert run.at() == ["a"]


def test_an_error_in_one_of_many_instances_is_caught_at_their_border():  # §13.5.2
    run = Run("""start s
        sub p each=units item=u {
            start is
            user a
            xor x
            end ok
            end bad error=E1
            is > a > x
            x > bad : wrong = true
            x > ok : default
        }
        boundary b on=p error=E1
        user mend
        end e
        s > p > e
        b > mend""").start(units=["x", "y"])
    assert run.do("a", wrong=True).at() == ["mend"]


def test_a_rejected_call_of_one_of_many_instances_is_caught_too():
    run = Run("""start s
        service o topic=far.mail each=people
        boundary b on=o error=any
        user call
        end e
        s > o > e
        b > call""").start(people=["x", "y"])
    assert run.rejected("o", "NO_BOX").at() == ["call"]


def test_a_process_that_calls_itself_is_refused_not_endless():
    with pytest.raises(EndlessStep):
        Run(text("start s\ncall c of=q\nend e\ns > c > e", "q")).start()


def test_an_operation_that_was_withdrawn_before_it_ran_replays_as_it_was():
    run = Run("""start s
        and f
        end t terminate=1
        service o topic=near in:who="=head_of(unit)"
        end e
        s > f
        f > t
        f > o > e""")
    run.facts["head_of"] = lambda unit: f"head.{unit}"
    run.start()
    again = Run("start s\nend e\ns > e")
    again.program, again.case = run.program, spiff.new(run.program, "proc", "X-1")
    for now, given, facts in run.inputs:
        rest = apply(again.case, given, RecordedWorld(now, run.facts, facts))
    assert rest.status == run.status == "completed"


def test_what_a_case_does_with_an_answer_does_not_change_the_record():
    run = Run("""start s
        service o topic=near resultVariable=r
        user a
        end e
        s > o > a > e""")
    run.results["near"] = {"x": 1}
    run.start().do("a", r={"y": 2})
    answers = [
        fact[2] for _now, _given, facts in run.inputs for fact in facts if fact[0] == "near"
    ]
    assert answers == [{"x": 1}]
    assert run.data["r"] == {"x": 1, "y": 2}


def test_a_case_that_ends_in_an_interrupting_event_sub_process_has_its_outcome():
    run = Run("""start s
        user a
        end e
        sub h byevent {
            start m message=stop
            end stopped
            m > stopped
        }
        s > a > e""").start()
    assert run.message("h").outcome == "stopped"
