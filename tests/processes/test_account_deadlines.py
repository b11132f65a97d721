"""The deadline of a request for an account, when the calendar changes while it is open."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from app.operations.models import CalendarDay
from app.operations.operations import change_day
from tests.clocks import VIETNAM
from tests.processes import test_account_grant_internal as granting
from tests.worlds import admin

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
