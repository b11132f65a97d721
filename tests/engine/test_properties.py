"""What holds for every drawing: saving changes nothing, and the journal replays to the same
rests.
"""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import spiff
from engine.apply import Waiting, apply, rest_of
from engine.errors import EndlessStep, StepFailed
from engine.values import Record
from engine.world import RecordedWorld
from tests.engine.drawings import Run, text
from tests.engine.graphs import graphs
from tests.engine.models import CALLED, Block, blocks, lines

WALK = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)


def walk(run: Run, seed: int, steps: int = 16) -> Run:
    """Does what is open, or lets time pass, as the seed says."""
    choose = random.Random(seed)  # a test's choice
    run.results["near"] = {"v": 1}
    run.start(pick=choose.randrange(3), items=[1, "hai"])
    for _step in range(steps):
        ways = list(rest_of(run.case).waiting.values())
        if not ways or run.status != "open":
            break
        run.now += timedelta(minutes=choose.randrange(90))
        way = choose.choice(sorted(ways, key=lambda w: (w.token, w.kind)))
        if way.due is not None and way.kind == "timer":
            run.now = max(run.now, way.due)
        run.give(_answer(way, choose))
    return run


def _answer(way: Waiting, choose: random.Random) -> Record:
    """What may come of something that is waited for; now and then the case is called off, or the
    work fails.
    """
    data: Record = {"pick": choose.randrange(3), "again": choose.random() < 0.3}
    rare = choose.random()
    if rare < 0.02:
        return {"kind": "case_cancelled", "reason": "thôi"}
    if way.kind == "task" and rare < 0.08 and "begins" not in way.marks:
        thrown, code = choose.choice((("error", "E"), ("escalation", "L")))
        return {"kind": "task_failed", "token": way.token, "thrown": thrown, "code": code,
                "data": data}  # fmt: skip
    if way.kind == "task":
        return {"kind": "task_completed", "token": way.token, "data": data, "by": "an"}
    if way.kind == "call" and rare < 0.1:
        return {"kind": "call_rejected", "token": way.token, "code": "E", "message": "không"}
    if way.kind == "call":
        return {"kind": "call_returned", "token": way.token, "result": {"v": data["pick"]}}
    if way.kind == "signal":
        return {"kind": "signal_received", "name": "go", "data": data}
    return {
        "kind": {"timer": "timer_fired", "message": "message_received"}.get(way.kind, "looked_at"),
        "token": way.token,
        "data": data,
    }


def walked(run: Run, seed: int) -> str | None:
    """How the walk went wrong, if it did: a drawing that is generated may go round for ever."""
    try:
        walk(run, seed)
    except (EndlessStep, StepFailed) as problem:
        return problem.message
    return None


def drawn(source: str, *, saved: bool = True, most: int = 100) -> Run:
    """A run of the drawing, which may call the process "called"."""
    return Run(text(source), text(CALLED, "called"), saved=saved, most=most)


SOURCES = st.one_of(blocks().map(lines), graphs())


@WALK
@given(source=SOURCES, seed=st.integers(0, 2**32))
def test_a_case_saved_at_every_step_goes_as_one_that_never_was(source: str, seed: int):
    kept, saved = drawn(source, saved=False), drawn(source)
    problem = walked(kept, seed)
    assert walked(saved, seed) == problem
    assert saved.path == kept.path
    if problem is None:
        assert spiff.dump(saved.case) == spiff.dump(kept.case)


@WALK
@given(source=SOURCES, seed=st.integers(0, 2**32))
def test_any_walk_replays_to_the_same_rests(source: str, seed: int):
    run = drawn(source)
    if walked(run, seed) is not None:
        return
    again = drawn(source)
    for now, given_input, facts in run.inputs:
        world = RecordedWorld(now, {name: None for name, _a, _r in facts}, facts)
        rest = apply(again.case, given_input, world)
    assert spiff.dump(again.case) == spiff.dump(run.case)
    assert rest.marking == run.rest.marking


@WALK
@given(block=blocks(), seed=st.integers(0, 2**32))
def test_every_case_ends_when_everything_is_done(block: Block, seed: int):
    """No token is lost and none is left behind: answering everything always leads to the end."""
    run = drawn(lines(block), most=2000)
    run.results["near"] = {"v": 1}
    run.start(pick=seed % 3)
    for _step in range(400):
        tasks, timers = run.waiting(), run.waiting("timer")
        if run.status != "open":
            break
        assert tasks or timers, f"the case is stuck at {run.rest.marking}"
        if tasks:
            run.do(tasks[0].element, again=False)
        else:
            run.timer(min(timers, key=lambda w: (w.due, w.token)).element)
    assert run.status == "completed"


@pytest.mark.parametrize("seed", range(5))
def test_a_thousand_instances_side_by_side(seed: int):
    run = Run("start s\nuser a times=1000\nend e\ns > a > e", saved=False).start()
    order = [w.token for w in run.waiting()]
    random.Random(seed).shuffle(order)  # a test's choice
    for token in order[:50]:
        run.give({"kind": "task_completed", "token": token, "data": {}, "by": "an"})
    assert len(run.at()) == 950
