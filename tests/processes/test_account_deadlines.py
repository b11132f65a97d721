"""The deadline of a request for an account, when the calendar changes while it is open."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from app.operations.models import CalendarDay
from app.operations.operations import change_day
from engine import reads
from tests.clocks import VIETNAM
from tests.processes import test_account_grant_internal as granting
from tests.worlds import admin, chief, colleague, office

database_url = granting.database_url
"""The process is in force here as it is there."""


def test_a_day_off_announced_later_moves_the_open_deadline_and_its_timers(case):
    granting.reach(case, granting.CHECK)
    before = {job.element: job.due_at for job in case.jobs() if job.kind == "timer"}
    storm = CalendarDay(
        day=date(2026, 11, 25), kind="off", reason="Nghỉ bão số 12", legal_basis="Công điện 1"
    )
    with case.engine.writing() as session:
        change_day(session, storm, actor=case.actor(admin), now=case.engine.clock())
        case.engine.recount_deadlines(session)
    case.tick()
    assert granting.due(case) == datetime(2026, 11, 26, 17, 0, tzinfo=VIETNAM)
    assert case.task(granting.CHECK).due_at == case.row.due_at
    after = {job.element: job.due_at for job in case.jobs() if job.kind == "timer"}
    moved = {element: after[element] - at for element, at in before.items()}
    assert moved == dict.fromkeys(before, timedelta(days=1))
    assert case.verify().holds


def test_a_late_task_is_overdue_for_the_office_and_its_chief_follows_it_up(case, clock):
    granting.reach(case, granting.CHECK)
    assert overdue(case, office) == []
    clock.at("2026-11-26 08:00")
    case.tick()
    assert overdue(case, office) == [granting.CHECK]
    assert "Đôn đốc giải quyết" in overdue(case, chief)
    assert overdue(case, colleague) == []


def overdue(case, character):
    """Names of the tasks in the character's list of what is overdue."""
    with case.engine.reading() as session:
        now = case.engine.clock()
        page = reads.inbox(session, case.actor(character), list="overdue", now=now)
    return sorted(row.name for row in page.rows)
