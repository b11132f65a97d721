"""Gateways (BPMN 2.0 §13.4) and implicit splits and merges (§13.3.1)."""

from __future__ import annotations

import pytest

from tests.engine.drawings import Run

DISCRIMINATOR = """start s
    and f
    user a
    user b
    user c
    complex g activation="activationCount >= 2"
    user next
    s > f
    f > a > g
    f > b > g
    f > c > g
    g > next"""


def test_a_complex_gateway_goes_on_when_its_condition_holds_and_eats_what_comes_late():
    run = Run(DISCRIMINATOR).start().do("b")
    assert run.at() == ["a", "c"]
    assert run.do("a").at() == ["c", "next"]
    assert run.do("c").at() == ["next"]
    assert run.do("next").status == "completed"


def test_a_complex_gateway_in_a_loop_is_reset_for_every_turn():
    lines = DISCRIMINATOR.replace("s > f", "xor m\nxor x\nend e\ns > m > f").replace(
        "g > next", "g > next > x\nx > m : again = true\nx > e : default"
    )
    run = Run(lines).start()
    for again in (True, False):
        run.do("a").do("b").do("c")
        assert run.at() == ["next"]
        run.do("next", again=again)
    assert run.status == "completed"


def test_a_complex_gateway_may_send_tokens_when_it_is_reset():
    lines = DISCRIMINATOR.replace(
        "g > next",
        "user late\ng > next : waitingForStart = true\ng > late : waitingForStart = false",
    )
    run = Run(lines).start().do("a").do("b")
    assert run.at() == ["c", "next"]
    assert run.do("c").at() == ["late", "next"]


def test_a_complex_gateway_that_splits_takes_every_flow_that_holds():
    lines = """start s
        complex g
        user a
        user b
        user c
        s > g
        g > a : n > 1
        g > b : n > 2
        g > c : default"""
    assert Run(lines).start(n=3).at() == ["a", "b"]
    assert Run(lines).start(n=0).at() == ["c"]


def test_an_inclusive_gateway_waits_for_a_token_that_is_still_in_a_loop():
    """§13.4.3: a token further up may still come, however often it goes round before."""
    lines = """start s
        or f
        user a
        user b
        xor m
        xor x
        or j
        user after
        s > f
        f > a : true
        f > m : true
        m > b > x
        x > m : again = true
        x > j : default
        a > j
        j > after"""
    run = Run(lines).start().do("a")
    assert run.at() == ["b"]
    run.do("b", again=True)
    assert run.at() == ["b"]
    assert run.do("b", again=False).at() == ["after"]


def test_an_inclusive_gateway_in_a_loop_does_not_wait_for_its_own_later_turns():
    lines = """start s
        or j
        user a
        xor x
        end e
        s > j > a > x
        x > j : again = true
        x > e : default"""
    run = Run(lines).start().do("a", again=True).do("a", again=True)
    assert run.at() == ["a"]
    assert run.do("a", again=False).status == "completed"


def test_an_inclusive_gateway_lets_several_tokens_of_one_flow_through_one_by_one():
    lines = """start s
        and f
        task a
        or j
        user b
        s > f
        f > a
        f > a
        f > j
        a > j
        j > b"""
    assert Run(lines).start().at() == ["b", "b"]


def test_an_inclusive_gateway_waits_for_what_comes_over_a_link():
    lines = """start s
        and f
        user a
        throw t link=L
        catch c link=L
        user b
        or j
        user after
        s > f
        f > a > t
        c > j
        f > b > j
        j > after"""
    run = Run(lines).start().do("b")
    assert run.at() == ["a"]
    assert run.do("a").at() == ["after"]


def test_two_tokens_on_one_flow_do_not_fill_a_parallel_gateway():
    lines = """start s
        and f
        task x
        user y
        and j
        user after
        s > f
        f > x
        f > x
        f > y
        x > j
        y > j
        j > after"""
    run = Run(lines).start()
    assert run.at() == ["y"]
    assert run.do("y").at() == ["after"]
    assert run.status == "open"


@pytest.mark.parametrize("kind", ["xor", "task", "user"])
def test_what_several_flows_reach_is_passed_once_for_each_token(kind: str):
    run = Run(f"start s\nand f\n{kind} m\nuser a\ns > f\nf > m\nf > m\nm > a").start()
    for _ in run.at() if kind == "user" else ():
        run.do("m")
    assert run.at() == ["a", "a"]


def test_start_and_catch_events_split_as_activities_do():
    assert Run("start s\nuser a\nuser b\ns > a\ns > b").start().at() == ["a", "b"]
    run = Run("start s\ncatch c message=m\nuser a\nuser b\ns > c\nc > a\nc > b").start()
    assert run.message("c").at() == ["a", "b"]


def test_a_gateway_merges_and_splits_at_once():
    run = Run("start s\nand f\nand g\nuser a\nuser b\ns > f\nf > g\nf > g\ng > a\ng > b").start()
    assert run.at() == ["a", "b"]


def test_a_boundary_event_may_split():
    lines = "start s\nuser a\nboundary t on=a timer=PT1H\nuser b\nuser c\ns > a\nt > b\nt > c"
    assert Run(lines).start().timer("t").at() == ["b", "c"]


def test_many_tokens_may_be_needed_to_begin_and_many_may_leave():  # §13.3.1
    lines = "start s\nand f\nuser a needs=2\nuser b\ns > f\nf > a\nf > a\nf > a\na > b"
    run = Run(lines).start()
    assert run.at() == ["a"]
    assert run.do("a").at() == ["b"]
    given = Run("start s\nuser a gives=3\nuser b\ns > a\na > b").start()
    assert given.do("a").at() == ["b", "b", "b"]


def test_parallel_blocks_in_a_row_cost_the_same_each():
    """The library would predict three times as many tokens for each block."""
    blocks, before = [], "s"
    for n in range(40):
        blocks += [f"and f{n}", f"and j{n}"]
        blocks += [f"task t{n}{k}\nf{n} > t{n}{k} > j{n}" for k in range(3)]
        blocks.append(f"{before} > f{n}")
        before = f"j{n}"
    run = Run("\n".join(["start s", *blocks, "end e", f"{before} > e"])).start()
    assert run.status == "completed"
    assert run.case.number == 3 + 40 * 7


def test_an_inclusive_join_waits_for_an_activity_beside_which_a_boundary_event_has_happened():
    run = Run("""start s
        or f
        user a
        boundary b on=a timer=PT1H non
        task r
        user c
        or j
        user after
        s > f
        f > a : true
        f > c : true
        a > j
        c > j
        b > r > j
        j > after""").start()
    assert run.do("c").at() == ["a"]
    assert run.timer("b").at() == ["a"]
    assert run.do("a").at() == ["after"]
    assert run.do("after").status == "completed"


def test_behind_an_event_gateway_an_event_of_several_that_are_all_awaited_does_not_decide():
    lines = """start s
        events g
        catch c message=m signal2=s1 parallel
        catch d timer=PT1H
        user a
        user b
        s > g > c > a
        g > d > b"""
    run = Run(lines).start()
    assert run.message("c").at() == []
    assert [w.element for w in run.waiting("timer")] == ["d"]
    assert run.timer("d").at() == ["b"]
    assert run.waiting("signal") == []


@pytest.mark.parametrize("kind", ["or", "complex", "user"])
def test_a_default_flow_is_taken_only_when_no_other_is(kind):
    """§10.6.3, §10.6.4, §13.4.3: a flow without a condition is one that is taken."""
    lines = f"""
        start s
        {kind} g
        user a
        user b
        user c
        s > g
        g > a
        g > c : n > 5
        g > b : default"""
    plain = lines.replace("g > a\n", "g > a : n = 3\n")
    for source, n, taken in ((lines, 1, ["a"]), (lines, 6, ["a", "c"]), (plain, 1, ["b"])):
        run = Run(source).start(n=n)
        assert (run.do("g") if kind == "user" else run).at() == taken
