"""Timers: dates, durations and cycles in ISO 8601 or FEEL (BPMN 2.0 §10.5.5)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.errors import StepFailed
from tests.engine.drawings import NOW, Run

WAIT = 'start s\ncatch w {}="{}"\nend e\ns > w > e'


@pytest.mark.parametrize(
    ("kind", "text", "due"),
    [
        ("timer", "PT90M", datetime(2026, 11, 23, 2, 30, tzinfo=UTC)),
        ("timer", "P1M", datetime(2026, 12, 23, 1, 0, tzinfo=UTC)),
        ("timer", "P0Y0M0DT0H0M2S", datetime(2026, 11, 23, 1, 0, 2, tzinfo=UTC)),
        ("timer", "P1Y1M1DT1H", datetime(2027, 12, 24, 2, 0, tzinfo=UTC)),
        ("timer", "P2W", datetime(2026, 12, 7, 1, 0, tzinfo=UTC)),
        ("timer", "PT0.5H", datetime(2026, 11, 23, 1, 30, tzinfo=UTC)),
        ("timer", "P1.5D", datetime(2026, 11, 24, 13, 0, tzinfo=UTC)),
        ("timer", "PT1,5S", datetime(2026, 11, 23, 1, 0, 1, 500_000, tzinfo=UTC)),
        ("cycle", "R3/P1MT1H", datetime(2026, 12, 23, 2, 0, tzinfo=UTC)),
        ("timer", "= span", datetime(2026, 11, 25, 1, 0, tzinfo=UTC)),
        ("date", "2026-12-01T08:00:00+07:00", datetime(2026, 12, 1, 1, 0, tzinfo=UTC)),
        ("date", "2026-12-01T08:00:00", datetime(2026, 12, 1, 1, 0, tzinfo=UTC)),
        ("date", "2026-12-01", datetime(2026, 11, 30, 17, 0, tzinfo=UTC)),
        ("date", "date(day) + duration(span)", datetime(2026, 12, 2, 17, 0, tzinfo=UTC)),
        ("cycle", "R3/PT1H", datetime(2026, 11, 23, 2, 0, tzinfo=UTC)),
        ("cycle", "R/2026-12-01T00:00:00Z/P1D", datetime(2026, 12, 1, tzinfo=UTC)),
        ("date", "working_days(2)", datetime(2026, 11, 25, 10, 0, tzinfo=UTC)),
    ],
)
def test_when_a_timer_is_due(kind, text, due):
    run = Run(WAIT.format(kind, text))
    run.facts["working_days"] = lambda days: datetime(2026, 11, 23 + days, 10, 0, tzinfo=UTC)
    run.start(span="P2D", day="2026-12-01")
    assert [w.due for w in run.waiting("timer")] == [due]
    assert run.timer("w").status == "completed"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("timer", "now"),
        ("cycle", "0 0 8 * * ?"),
        ("cycle", "PT1H"),
        ("cycle", "R0/PT1H"),
        ("date", "=1"),
    ],
)
def test_what_is_no_time_is_refused_in_words(kind, text):
    with pytest.raises(StepFailed, match='"w" could not be carried out'):
        Run(WAIT.format(kind, text)).start()


def fired(cycle: str) -> list[datetime]:
    """When a boundary cycle fires, at most five times."""
    run = Run(f"start s\nuser a\nboundary b on=a cycle={cycle} non\nend e\ns > a\nb > e").start()
    found = []
    while run.waiting("timer") and len(found) < 5:
        run.timer("b")
        found.append(run.now)
    return found


def test_a_cycle_fires_as_often_as_it_says_and_without_a_number_for_ever():
    hours = [datetime(2026, 11, 23, 1 + n, 0, tzinfo=UTC) for n in range(1, 6)]
    assert fired("R3/PT1H") == hours[:3]
    assert fired("R1/PT1H") == hours[:1]
    assert fired("R/PT1H") == hours
    assert fired("R2/2026-11-23T02:00:00Z/PT1H") == hours[:2]


def test_a_late_timer_keeps_the_rhythm_of_its_cycle():
    run = Run("start s\nuser a\nboundary b on=a cycle=R/PT1H non\nend e\ns > a\nb > e").start()
    run.now = datetime(2026, 11, 23, 2, 45, tzinfo=UTC)
    run.timer("b")
    assert run.waiting("timer")[0].due == datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def test_an_event_sub_process_may_come_back_by_its_cycle():
    lines = """start s
        user a
        end e
        sub h byevent {
            start t cycle=R2/PT1H non
            user n
            t > n
        }
        s > a > e"""
    run = Run(lines).start()
    assert run.timer("h").timer("h").at() == ["a", "n", "n"]
    assert run.waiting("timer") == []


def test_a_timer_that_is_withdrawn_does_not_fire():
    run = Run("start s\nuser a\nboundary b on=a timer=PT1H\nend e\ns > a > e\nb > e").start()
    token = run.waiting("timer")[0].token
    run.do("a")
    with pytest.raises(StepFailed, match="does not wait there any more"):
        run.give({"kind": "timer_fired", "token": token})
    assert run.now == NOW
