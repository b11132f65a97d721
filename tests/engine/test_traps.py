"""The traps of the library that runs the tokens: each measured once, each shut for good."""

from __future__ import annotations

import builtins
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.metadata import version

import pytest

from engine import spiff, values
from engine.apply import rest_of
from engine.errors import Defect, ValueRefused
from tests.engine.drawings import Run

LOOP = """start s
    user a
    user b
    xor x
    end e
    s > a > b > x
    x > e : stop = true
    x > a : default"""


def test_three_thousand_turns_of_a_loop_lose_no_token():
    """The library's tree walks stop silently at depth 1000."""
    run = Run(LOOP).start()
    for _turn in range(3000):
        run.do("a").do("b", stop=False)
        assert run.at() == ["a"]
    run.do("a").do("b", stop=True)
    assert run.status == "completed"


def test_the_state_is_as_small_after_a_thousand_turns_as_after_one():
    run = Run(LOOP).start()
    run.do("a").do("b", stop=False)
    first = len(spiff.dump(run.case))
    for _turn in range(1000):
        run.do("a").do("b", stop=False)
    assert len(spiff.dump(run.case)) < first + 20


EVERYTHING = """start s
    xor m
    sub p {
        start is
        and f
        user a
        boundary b on=a timer=P1D
        script c feel="{n: n + 1}" times=2
        or j
        end ie
        is > f > a > j
        f > c > j
        b > j
        j > ie
    }
    boundary w on=p when="n < 0"
    xor x
    end e
    sub h byevent {
        start t cycle=R/P1Y non
        task note
        t > note
    }
    s > m > p > x
    w > x
    x > m : again = true
    x > e : default"""


def test_a_case_costs_the_same_in_its_thousandth_turn_as_in_its_first():
    """100,000 steps in one case: what a step loads, holds and saves does not grow with them."""
    run = Run(EVERYTHING).start(n=0)
    sizes, tokens = [], []
    for _turn in range(1000):
        run.do("a", again=True)
        sizes.append(len(spiff.dump(run.case)))
        tokens.append(len(run.case.index))
    assert max(sizes) < sizes[0] + 60  # the digits of its numbers
    assert max(tokens) == tokens[0]
    assert run.data["n"] == 2002
    assert run.do("a", again=False).status == "completed"


@pytest.mark.parametrize(
    "value",
    ["text", 7, True, None, Decimal("1.50"), Decimal("1E+5"), date(2026, 11, 23),
     datetime(2026, 11, 23, 1, 2, 3, 456, tzinfo=UTC), [1, [None, {"a": Decimal("0.1")}]],
     {"$date": "a key of theirs", "$$x": 1}, {"$decimal": "1"}, {}, []],
)  # fmt: skip
def test_values_survive_being_saved(value):
    """The library's own form raises for dates and decimals and turns tuples into lists."""
    run = Run(LOOP).start(v=value)
    found = spiff.load(run.program, "proc", "X-1", spiff.dump(run.case)).frame.content["v"]
    assert found == value
    assert type(found) is type(value)
    assert values.decode(values.encode(value)) == value


@pytest.mark.parametrize(
    "value",
    [1.5, (1, 2), {1, 2}, {1: "a"}, b"x", datetime(2026, 1, 1), object(), [{"a": {2.5}}]],
)
def test_other_values_are_refused_where_they_enter(value):
    with pytest.raises(ValueRefused, match=r"data"):
        values.check({"v": value})


def test_parallel_blocks_cost_the_same_each():
    """The library predicts 3^k tasks for k blocks of three."""

    def blocks(count: int) -> Run:
        lines, last = ["start s"], "s"
        for k in range(count):
            lines += [f"and f{k}", f"and j{k}", f"{last} > f{k}"]
            for n in range(3):
                lines += [f"user t{k}{n}", f"f{k} > t{k}{n} > j{k}"]
            last = f"j{k}"
        return Run("\n".join([*lines, "end e", f"{last} > e"]))

    run = blocks(30).start()
    assert len(run.case.live_tokens()) == 3
    for k in range(30):
        for n in range(3):
            run.do(f"t{k}{n}")
    assert run.status == "completed"


def test_nothing_reads_the_wall_clock(monkeypatch):
    """Timers of the library compare with the wall clock by names of their module."""
    run = Run("start s\ncatch w timer=PT1H\nend e\ns > w > e").start()
    due = run.waiting("timer")[0].due
    monkeypatch.setattr(time, "time", lambda: 4e9)
    again = Run("start s\ncatch w timer=PT1H\nend e\ns > w > e").start()
    assert again.waiting("timer")[0].due == due
    assert rest_of(again.case).marking == rest_of(run.case).marking


def test_python_is_not_reachable_from_a_drawing(monkeypatch):
    """The library's default is plain eval and exec."""

    def forbidden(*_arguments, **_named):
        raise AssertionError("python was run")

    run = Run("start s\nxor x\nend a\nend e\ns > x\nx > a : default\nx > e : true = false")
    monkeypatch.setattr(builtins, "eval", forbidden)
    assert run.start().outcome == "a"
    with pytest.raises(Defect):
        run.case.script_engine.evaluate(None, "__import__('os')")


def test_a_parallel_join_in_a_loop_joins_every_time():
    """The library's join crashes there in eight of five hundred random models."""
    run = Run("""start s
        xor m
        and f
        user a
        user b
        and j
        xor x
        end e
        s > m > f
        f > a > j
        f > b > j
        j > x
        x > m : again = true
        x > e : default""").start()
    for _turn in range(300):
        run.do("a", again=True).do("b")
        assert run.at() == ["a", "b"]
    assert run.do("b", again=False).do("a").status == "completed"


def test_the_library_is_the_one_that_was_measured():
    """Minor releases rename methods and change formats."""
    assert version("SpiffWorkflow") == "3.2.0"
