"""Conditional events: they happen when a condition becomes true (BPMN 2.0 §10.5.5)."""

from __future__ import annotations

from tests.engine.drawings import Run

BOUNDARY = """start s
    user a
    boundary b on=a when="n > 5" {kind}
    and f
    user c
    user d
    end e
    s > f > a > e
    f > c > e
    b > d"""


def test_an_intermediate_conditional_event_waits_until_its_condition_holds():
    lines = "start s\nand f\nuser a\ncatch c when=ok\nuser b\ns > f > a\nf > c > b"
    run = Run(lines).start(ok=False)
    assert run.at() == ["a"]
    assert run.do("a", ok=True).at() == ["b"]


def test_it_happens_at_once_when_its_condition_holds_already():
    assert Run("start s\ncatch c when=ok\nuser b\ns > c > b").start(ok=True).at() == ["b"]


def test_an_interrupting_conditional_boundary_event_ends_its_activity():
    run = Run(BOUNDARY.format(kind="")).start(n=1)
    assert run.at() == ["a", "c"]
    assert run.do("c", n=6).at() == ["d"]


def test_without_interrupting_it_happens_again_only_after_it_was_false():
    lines = """start s
        user a
        boundary b on=a when="n > 5" non
        user d
        and f
        xor again
        user c
        s > f > a
        f > again > c > again
        b > d"""
    run = Run(lines).start(n=1)
    assert run.do("c", n=6).at() == ["a", "c", "d"]
    assert run.do("c", n=7).at() == ["a", "c", "d"]
    assert run.do("c", n=2).at() == ["a", "c", "d"]
    assert run.do("c", n=8).at() == ["a", "c", "d", "d"]


def test_a_condition_is_looked_at_after_every_element_not_only_at_rest():
    lines = """start s
        and f
        user a
        boundary b on=a when="n = 1"
        script x feel="{n: 1}"
        script y feel="{n: 0}"
        user late
        end e
        s > f > a > e
        f > x > y > e
        b > late"""
    assert Run(lines).start(n=0).at() == ["late"]


def test_a_conditional_event_sub_process():
    lines = """start s
        user a
        user b
        end e
        sub h byevent {
            start m when="total > 100" non
            user check
            m > check
        }
        s > a > b > e"""
    run = Run(lines).start(total=0)
    assert run.do("a", total=101).at() == ["b", "check"]


def test_an_event_gateway_may_wait_for_a_condition():
    lines = """start s
        and f
        events g
        catch c when=ok
        catch t timer=P1D
        user a
        user yes
        s > f > g
        g > c > yes
        g > t
        f > a"""
    run = Run(lines).start(ok=False)
    assert run.do("a", ok=True).at() == ["yes"]
    assert run.waiting("timer") == []
