"""When the calendar changes, open deadlines are counted again, and the journal says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine import Bundle, Engine, Store, Surroundings, jobs
from engine.recounting import BATCH
from engine.tables import Case, Entry, Job, Task
from tests.engine.conftest import AN, ANYWHERE, CHI, OWNER, person
from tests.engine.drawings import text

LOOKED_AFTER = """start s
    script k resultVariable=noted feel="={deadline: working_days(3), promised: now()}"
    user a "Answer" candidateGroups=chuyen-vien
    boundary r on=a non date==noted.deadline
    user t "Call" candidateGroups=lanh-dao
    end e
    s > k > a > e
    r > t > e"""
DECIDES = """start s
    script k resultVariable=deadline feel="=working_days(3)"
    xor g
    user a "Hurry" candidateGroups=chuyen-vien
    user b "Wait" candidateGroups=chuyen-vien
    end e
    s > k > g
    g > a : deadline < date and time("2026-11-27T00:00:00Z")
    g > b : default
    a > e
    b > e"""


CANCELLER = person("dung", "lanh-dao@vp", cases_cancel=ANYWHERE)


class Days:
    """A calendar that counts every day but those that are off."""

    def __init__(self) -> None:
        self.off: set[date] = set()

    def working_days(self, session: Any, now: datetime, n: int) -> datetime:
        day = now.date()
        while n:
            day += timedelta(days=1)
            n -= day not in self.off
        return datetime.combine(day, time(10), UTC)


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def counting(bind, clock, tmp_path, days) -> Engine:
    around = Surroundings(
        clock=clock,
        facts={"working_days": days.working_days},
        groups=lambda session: frozenset({"chuyen-vien", "lanh-dao"}),
        counted=frozenset({"working_days"}),
    )
    return Engine(bind, around, Store(tmp_path / "files"))


def put(engine, lines, **properties) -> None:
    files = {"processes/bpmn/p.bpmn": text(lines, "p", **properties)}
    engine.deploy(Bundle("p", files), actor=OWNER, legal_basis="Điều 8")


def recount(engine) -> None:
    """The calendar's change is committed, and the machine has done its work."""
    with engine.writing() as session:
        engine.recount_deadlines(session)
    while engine.run_due():
        pass


def rows(engine, query) -> list[Any]:
    with engine.reading() as session:
        return list(session.scalars(query))


def at(day: int) -> datetime:
    return datetime(2026, 11, day, 10, tzinfo=UTC)


def test_a_day_off_moves_case_task_and_timer_and_is_journalled(counting, days):
    put(counting, LOOKED_AFTER, due="noted.deadline", columns="noted.deadline:instant")
    case_id = counting.start("p", actor=AN).case_id
    assert rows(counting, sa.select(Case.due_at)) == [at(26)]
    days.off.add(date(2026, 11, 25))
    recount(counting)
    assert rows(counting, sa.select(Case.due_at)) == [at(27)]
    assert rows(counting, sa.select(Task.due_at)) == [at(27)]
    assert rows(counting, sa.select(Job.due_at).where(Job.kind == "timer")) == [at(27)]
    last = rows(counting, sa.select(Entry).order_by(Entry.seq))[-1]
    assert (last.kind, last.actor) == ("deadlines_recounted", "system")
    assert [place[1] for place in last.input["frames"]] == [["noted", "deadline"]]
    assert counting.verify(case_id).differences == ()


def test_the_timer_fires_at_its_new_time_and_the_case_goes_on(counting, days, clock):
    put(counting, LOOKED_AFTER, due="noted.deadline")
    case_id = counting.start("p", actor=AN).case_id
    days.off.add(date(2026, 11, 25))
    recount(counting)
    clock.at(at(26) + timedelta(hours=1))
    assert counting.run_due() == 0
    clock.at(at(27))
    assert counting.run_due() == 1
    open_tasks = rows(counting, sa.select(Task.id).order_by(Task.id))
    for task, actor in zip(open_tasks, (AN, CHI), strict=True):
        counting.complete(task, {}, actor=actor)
    assert rows(counting, sa.select(Case.status)) == ["completed"]
    assert counting.verify(case_id).differences == ()


def test_a_timer_that_a_worker_has_just_taken_is_moved_before_it_fires(counting, days, clock):
    """The worker has its lease, but not yet the case: the change of the calendar wins."""
    put(counting, LOOKED_AFTER, due="noted.deadline")
    case_id = counting.start("p", actor=AN).case_id
    clock.at(at(26))
    with counting.writing() as session:
        (held,) = jobs.take(session, clock(), 1)
    days.off.add(date(2026, 11, 25))
    recount(counting)
    with counting.writing() as session:
        assert not jobs.still_held(session, held)
    assert rows(counting, sa.select(Job.due_at).where(Job.kind == "timer")) == [at(27)]
    assert counting.verify(case_id).differences == ()
    clock.at(at(27))
    assert counting.run_due() == 1
    assert counting.verify(case_id).differences == ()


def test_a_task_whose_drawing_gives_its_own_date_is_moved_too(counting, days):
    put(counting, "start s\nuser a candidateGroups=chuyen-vien dueDate==working_days(2)\nend e\n"
        "s > a > e")  # fmt: skip
    case_id = counting.start("p", actor=AN).case_id
    days.off.add(date(2026, 11, 24))
    recount(counting)
    assert rows(counting, sa.select(Task.due_at)) == [at(26)]
    assert counting.verify(case_id).holds


def test_the_same_calendar_leaves_no_line(counting):
    put(counting, LOOKED_AFTER, due="noted.deadline")
    counting.start("p", actor=AN)
    recount(counting)
    recount(counting)
    assert rows(counting, sa.select(Entry.kind)) == ["case_started"]


def test_a_second_change_takes_the_first_back(counting, days):
    put(counting, LOOKED_AFTER, due="noted.deadline")
    case_id = counting.start("p", actor=AN).case_id
    days.off.add(date(2026, 11, 25))
    recount(counting)
    days.off.clear()
    recount(counting)
    assert rows(counting, sa.select(Case.due_at)) == [at(26)]
    assert len(rows(counting, sa.select(Entry.seq))) == 3
    assert counting.verify(case_id).holds


def test_a_case_that_would_have_gone_another_way_keeps_what_happened(counting, days):
    put(counting, DECIDES, due="deadline")
    case_id = counting.start("p", actor=AN).case_id
    days.off.add(date(2026, 11, 25))
    recount(counting)
    assert rows(counting, sa.select(Task.name)) == ["Hurry"]
    assert rows(counting, sa.select(Case.due_at)) == [at(26)]
    assert counting.verify(case_id).holds


def test_closed_cases_stay_as_they_were_and_all_open_ones_are_reached(counting, days):
    put(counting, LOOKED_AFTER, due="noted.deadline")
    started = [counting.start("p", actor=AN) for _ in range(BATCH + 3)]
    counting.cancel(started[0].case_id, "Không cần nữa.", actor=CANCELLER)
    days.off.add(date(2026, 11, 25))
    recount(counting)
    moved = sa.select(Case.id).where(Case.due_at == at(27)).order_by(Case.id)
    assert rows(counting, moved) == [one.case_id for one in started[1:]]
    assert all(verdict.holds for verdict in counting.verify_all())
