"""A case that lives for years: its hundred-thousandth step costs what its first ones cost."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from engine import spiff
from engine.tables import Case
from tests.engine.conftest import AN
from tests.engine.drawings import Run

STEPS = 100_000
CHUNKS = 20
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


def flat(costs: list[float]) -> float:
    """The last chunks' cost against the first ones', a median of each; the first of all warms up
    what is read once.
    """
    quarter = len(costs) // 4
    return statistics.median(costs[-quarter:]) / statistics.median(costs[1 : quarter + 1])


def chunks(total: int, play: Callable[[], int]) -> list[float]:
    """Plays until so many steps are done: seconds of processor time a step, chunk by chunk."""
    costs: list[float] = []
    for number in range(CHUNKS):
        done, began = 0, time.process_time()
        while done < total * (number + 1) // CHUNKS - total * number // CHUNKS:
            done += play()
        costs.append((time.process_time() - began) / done)
    return costs


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
    costs = chunks(STEPS, play)
    assert sum(entered) >= STEPS
    # Only the digits of its counters have grown.
    assert len(spiff.dump(run.case)) <= young + 50
    assert flat(costs) <= 1.5
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
    young = size()
    costs = chunks(1_000, play)
    assert size() <= young + 10
    assert flat(costs) <= 1.5
