"""A case that lives for years: its hundred-thousandth step costs what its first ones cost."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from engine import spiff
from engine.tables import Case
from tests.engine.conftest import AN
from tests.engine.drawings import Run

STEPS = 100_000
# Each round holds what leaves traces: joins, a race, a scope with data of its own, instances,
# a timer beside an activity, a signal, conditions.
ROUND = """start s
    xor m
    user u
    and f
    script a feel="{n: n + 1}"
    sub p {
        start ps
        task q times=3
        task r
        end pe
        ps > q > r > pe
        <dataObject id="own"/>
    }
    boundary late on=p timer=P1D
    boundary never on=p when="n < 0" non
    task after
    throw t signal=Done
    catch c signal=Done
    xor k
    and j
    or o
    task x
    task y
    or oj
    xor again
    end e
    s > m > u > f
    f > a > j
    f > p > k > j
    late > after > k
    never > after
    f > t > j
    f > c > j
    j > o
    o > x : n > 0
    o > y : n > 1
    x > oj
    y > oj
    oj > again
    again > m : stop = null
    again > e : default"""


class Work:
    """What is done while it is counted: instructions of Python and of SQLite. Neither depends on
    how fast or busy the machine is.
    """

    def __init__(self) -> None:
        self.count = 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        sys.settrace(self._traced)
        try:
            yield
        finally:
            sys.settrace(None)

    def _traced(self, frame: Any, event: str, _argument: Any) -> Any:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        self.count += event == "opcode"
        return self._traced

    def of(self, bind: sa.Engine) -> None:
        """Counts what the database does on its connections as well, a hundred at a time."""

        @sa.event.listens_for(bind, "checkout")
        def _watch(connection: Any, *_about: Any) -> None:
            connection.set_progress_handler(self._worked, 100)

    def _worked(self) -> int:
        self.count += 100
        return 0


def growth(work: Work, total: int, play: Callable[[], int]) -> float:
    """Plays until so many steps are done: the work of a step at the end, against one at the
    beginning, a median of 9 plays each.
    """

    def median() -> float:
        costs = []
        for _ in range(9):
            before = work.count
            with work.counted():
                done = play()
            costs.append((work.count - before) / done)
        return statistics.median(costs)

    young, done = median(), 0
    while done < total:
        done += play()
    return median() / young


def test_a_case_of_a_hundred_thousand_steps_costs_and_keeps_what_a_young_one_does():
    run = Run(ROUND).start(n=0)
    entered: list[int] = []

    def play() -> int:
        run.path.clear()
        run.inputs.clear()
        entered.append(sum(mark[0] == "+" for mark in run.do("u").path))
        return entered[-1]

    play()
    young = len(spiff.dump(run.case))
    grown = growth(Work(), STEPS, play)
    assert sum(entered) >= STEPS
    # Only the digits of its counters have grown.
    assert len(spiff.dump(run.case)) <= young + 50
    assert grown <= 1.1
    assert run.do("u", stop=True).status == "completed"


LOOP = """start s
    user u candidateGroups=chuyen-vien
    xor x
    end e
    s > u > x
    x > u : stop = null
    x > e : default"""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_completion_through_the_doors_costs_the_same_after_a_thousand(alone, deploy):
    deploy("p", LOOP)
    moved = alone.start("p", actor=AN)

    def play() -> int:
        nonlocal moved
        moved = alone.complete(moved.tasks[0], {}, actor=AN)
        return 1

    def size() -> int:
        with alone.reading() as session:
            return len(session.scalars(sa.select(Case.state)).one())

    play()
    young, work = size(), Work()
    work.of(alone.bind)
    assert growth(work, 1_000, play) <= 1.1
    assert size() <= young + 10
