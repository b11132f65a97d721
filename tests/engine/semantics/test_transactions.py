"""Transactions (BPMN 2.0 §10.3.5, §13.3.4)."""

from __future__ import annotations

import pytest

from tests.engine.drawings import Run

LINES = """start s
    transaction p {
        start is
        task a
        boundary ba on=a compensate=1 handler=ua
        user ua undo
        and f
        user other
        user decide
        xor x
        end ok
        end no cancel=1
        end bad error=E1
        is > a > f > other > ok
        f > decide > x
        x > no : way = "cancel"
        x > bad : way = "error"
        x > ok : default
    }
    boundary bc on=p cancel=1
    boundary be on=p error=E1
    user cancelled
    user failed
    user done
    s > p > done
    bc > cancelled
    be > failed"""


def test_a_cancel_end_event_undoes_what_is_done_and_leaves_by_the_cancel_event():
    run = Run(LINES).start()
    assert run.do("decide", way="cancel").at() == ["ua"]
    assert "!other" in run.path
    assert run.do("ua").at() == ["cancelled"]


def test_an_error_leaves_the_transaction_without_undoing_anything():
    assert Run(LINES).start().do("decide", way="error").at() == ["failed"]


def test_a_transaction_that_is_not_cancelled_ends_as_a_sub_process_does():
    assert Run(LINES).start().do("decide", way="fine").do("other").at() == ["done"]


def test_a_cancel_end_event_further_inside_cancels_the_transaction():
    lines = """start s
        transaction p {
            start is
            sub q {
                start qs
                end no cancel=1
                qs > no
            }
            is > q
        }
        boundary bc on=p cancel=1
        user cancelled
        s > p
        bc > cancelled"""
    assert Run(lines).start().at() == ["cancelled"]


HAZARDOUS = """start s
    transaction p {
        start is
        task a
        boundary ba on=a compensate=1 handler=h
        sub h undo {
            start hs
            user u
            xor x
            end fine
            end bad error=E1
            hs > u > x
            x > bad : hazard = true
            x > fine : default
        }
        end no cancel=1
        is > a > no
    }
    boundary bc on=p cancel=1
    boundary bt on=p timer=PT1H
    boundary be on=p error=E1
    user cancelled
    user late
    user failed
    user done
    s > p > done
    bc > cancelled
    bt > late
    be > failed"""


def test_while_a_cancelled_transaction_is_undone_no_due_date_takes_it_elsewhere():
    run = Run(HAZARDOUS).start()
    assert run.at() == ["u"]
    assert run.waiting("timer") == []
    assert run.do("u", hazard=False).at() == ["cancelled"]


def test_an_error_while_a_transaction_is_undone_still_leaves_it_as_a_hazard():
    assert Run(HAZARDOUS).start().do("u", hazard=True).at() == ["failed"]


def test_an_event_sub_process_beside_a_transaction_is_no_event_on_its_border():
    lines = """start s
        transaction p {
            start is
            end no cancel=1
            is > no
        }
        boundary bc on=p cancel=1
        user done
        user cancelled
        s > p > done
        bc > cancelled
        sub h byevent {
            start hs signal=Stop
            end he
            hs > he
        }"""
    assert Run(lines).start().at() == ["cancelled"]


INSIDE = """start s
    transaction p {
        start is
        and f
        sub q {
            start qs
            task x
            boundary bx on=x compensate=1 handler=hx
            user hx undo
            user y
            end qe
            qs > x > y > qe
        }
        boundary bq on=q compensate=1 handler=hq
        user hq undo
        user z times=2 sequential=1
        boundary bz on=z compensate=1 handler=hz
        user hz undo
        user c
        end ok
        end no cancel=1
        is > f > q > ok
        f > z > ok
        f > c > no
    }
    boundary bc on=p cancel=1
    user cancelled
    s > p
    bc > cancelled"""


def test_a_cancel_undoes_what_is_done_in_activities_that_still_run():
    """§10.5.1: all that is completed in it, not those that are cut short themselves."""
    run = Run(INSIDE).start().do("z").do("c")
    found = []
    while run.at() != ["cancelled"]:
        found += run.at()
        run.do(run.at()[0])
    assert sorted(found) == ["hx", "hz"]
    assert Run(INSIDE).start().do("y").do("c").at() == ["hq"]


def test_a_cancel_further_inside_undoes_what_was_done_around_it():
    lines = INSIDE.replace("qe\n            qs", "qe cancel=1\n            qs")
    run = Run(lines).start().do("y")
    assert run.at() == ["hx"]
    assert run.do("hx").at() == ["cancelled"]


HEARING = """start s
    transaction p {
        start is
        user m
        end ok
        end no cancel=1
        is > m > x
        xor x
        x > no : ok = false
        x > ok : default
        sub h byevent {
            start hs message=M non
            user a
            boundary ba on=a compensate=1 handler=ua
            user ua undo
            user b
            end he
            hs > a > b > he
        }
    }
    boundary bc on=p cancel=1
    throw t compensate=1
    user done
    user cancelled
    s > p > t > done
    bc > cancelled"""


@pytest.mark.parametrize("ends", [True, False])
def test_what_an_event_sub_process_has_done_is_undone_with_its_scope(ends):
    """§13.5.5: an event sub-process is one of the activities of its scope; whether it has ended or
    still ran when the transaction is cancelled.
    """
    run = Run(HEARING).start().message("h").do("a")
    if ends:
        run.do("b")
    assert run.do("m", ok=False).at() == ["ua"]
    assert run.do("ua").at() == ["cancelled"]


def test_what_an_event_sub_process_has_done_is_undone_after_its_scope_has_ended():
    run = Run(HEARING).start().message("h").do("a").do("b").do("m", ok=True)
    assert run.at() == ["ua"]
    assert run.do("ua").at() == ["done"]


def test_a_throw_in_its_scope_undoes_an_event_sub_process_by_its_own_handler():
    inner = "sub u byevent {\nstart us compensate=1\nuser uu\nus > uu\n}\nend he"
    run = Run(HEARING.replace("end he", inner)).start().message("h").do("a").do("b")
    assert run.do("m", ok=False).at() == ["uu"]
    assert run.do("uu").at() == ["cancelled"]


UNDOING = """start s
    transaction p {
        start is
        and f
        {0}
        user a
        boundary ka on=a compensate=1 handler=ua
        user ua undo
        user b
        boundary kb on=b compensate=1 handler=ub
        user ub undo
        throw t compensate=1
        {1}
        user d
        end ok
        end no cancel=1
        is > f
        f > d > no
    }
    boundary bc on=p cancel=1
    user cancelled
    s > p
    bc > cancelled"""
PLAIN = ("", "f > a > b > t > ok")
WITHIN = (
    "sub q {\nstart qs",
    "end qe\nqs > a > b > t > qe\n}\nf > q > ok",
)
REOPENED = (
    "sub q {\nstart qs",
    "end qe\nqs > a > b > qe\n}\nthrow v compensate=1\nf > q > v > ok",
)


@pytest.mark.parametrize("parts", [PLAIN, WITHIN, (REOPENED[0], REOPENED[1].replace("t > ", ""))])
def test_what_a_cancel_breaks_off_undoing_is_undone(parts):
    """§10.5.1: the handler had begun, so nothing of it is undone; nor is what was to follow."""
    lines = UNDOING.replace("{0}", parts[0]).replace("{1}", parts[1])
    if "v comp" in lines:
        lines = lines.replace("throw t compensate=1", "")
    run = Run(lines).start().do("a").do("b")
    assert run.at() == ["d", "ub"]
    assert run.do("d").at() == ["ub"]
    assert run.do("ub").do("ua").at() == ["cancelled"]


def test_a_cancel_inside_a_handler_does_not_begin_that_handler_again():
    handler = "sub ub undo {\nstart us\nend ue cancel=1\nus > ue\n}"
    lines = UNDOING.replace("{0}", "").replace("{1}", PLAIN[1]).replace("user ub undo", handler)
    assert Run(lines).start().do("a").do("b").at() == ["ua"]


@pytest.mark.parametrize("loop", ["each=ns", "each=ns sequential=1"])
def test_an_instance_that_is_cancelled_leaves_the_others_to_go_on(loop):
    lines = f"""start s
        transaction p {loop} item=n {{
            start is
            user a
            xor x
            end no cancel=1
            end ok
            is > a > x
            x > no : n = 1
            x > ok : default
        }}
        user done
        s > p > done"""
    run = Run(lines).start(ns=[1, 2])
    run.do("a")
    assert run.do("a").at() == ["done"]
    run = Run(lines).start(ns=[1, 1])
    run.do("a")
    assert run.do("a").status == "completed"
