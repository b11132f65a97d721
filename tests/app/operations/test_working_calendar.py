"""The shipped calendar, how it is changed, and what drawings ask of it."""

from datetime import date, datetime
from decimal import Decimal

import holidays
import pytest
import sqlalchemy as sa

from app.law import BasisMissing
from app.operations import queries
from app.operations.models import CalendarDay, WorkingHours
from app.operations.operations import (
    BackDated,
    YearListed,
    add_year,
    change_day,
    change_hours,
    facts,
    load_shipped,
)
from engine.calendar import ZONE, CalendarGap, HoursRefused
from engine.errors import NotPermitted
from engine.tables import Case, Task, Version


def at(month, day, hour=9, minute=0, *, year=2026):
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


def off(day, reason="Nghỉ bão"):
    return CalendarDay(day=day, kind="off", reason=reason, legal_basis="Công điện 1/CĐ-UBND")


# -- what ships


@pytest.mark.parametrize("year", range(2024, 2029))
def test_the_shipped_days_off_are_those_of_the_holidays_package(session, year):
    calendar = queries.calendar_of(session)
    package = holidays.country_holidays("VN", years=year)
    ours = {on for on, day in calendar.days.items() if on.year == year and day.kind == "off"}
    # The package does not know that 2 January 2026 was swapped against the 10th.
    assert ours - set(package) == ({date(2026, 1, 2)} if year == 2026 else set())
    assert set(package) - ours == set()


@pytest.mark.parametrize(
    ("off_on", "worked_on"),
    [
        (date(2024, 4, 29), date(2024, 5, 4)),
        (date(2025, 5, 2), date(2025, 4, 26)),
        (date(2026, 1, 2), date(2026, 1, 10)),
        (date(2026, 8, 31), date(2026, 8, 22)),
    ],
)
def test_swapped_days_are_off_and_their_saturdays_worked(session, off_on, worked_on):
    calendar = queries.calendar_of(session)
    assert not calendar.is_working_day(off_on)
    assert calendar.is_working_day(worked_on)
    assert worked_on.weekday() == 5


def test_every_shipped_day_names_its_legal_basis_and_both_languages(session):
    for row in session.scalars(sa.select(CalendarDay)):
        assert row.legal_basis and row.reason and row.reason_en


def test_years_that_were_not_announced_say_so(session):
    calendar = queries.calendar_of(session)
    assert "dự kiến" in calendar.days[date(2027, 2, 5)].legal_basis
    assert "dự kiến" not in calendar.days[date(2026, 2, 17)].legal_basis


def test_loading_twice_changes_nothing(session, now, admin):
    change_day(session, off(date(2026, 12, 1)), actor=admin, now=now)
    before = session.scalar(sa.select(sa.func.count()).select_from(CalendarDay))
    load_shipped(session, now)
    assert session.scalar(sa.select(sa.func.count()).select_from(CalendarDay)) == before


# -- changes


def test_a_day_that_is_set_off_moves_deadlines(session, admin, now):
    assert facts()["working_days"](session, now, 3) == at(11, 27, 17)
    change_day(session, off(date(2026, 11, 26)), actor=admin, now=now)
    assert facts()["working_days"](session, now, 3) == at(11, 30, 17)


def test_a_day_is_taken_back_by_a_newer_row_and_the_older_stays_to_be_read(session, admin, now):
    change_day(session, off(date(2026, 11, 26)), actor=admin, now=now)
    again = CalendarDay(
        day=date(2026, 11, 26), kind="ordinary", reason="Bão tan", legal_basis="Công điện 2"
    )
    change_day(session, again, actor=admin, now=now)
    assert queries.calendar_of(session).is_working_day(date(2026, 11, 26))
    kinds = [row.kind for row in queries.day_history(session, date(2026, 11, 26))]
    assert kinds == ["ordinary", "off"]


def test_a_worked_saturday_may_be_half_a_day(session, admin, now):
    half = CalendarDay(
        day=date(2026, 11, 28),
        kind="work",
        hours="7:30-11:30",
        reason="Làm bù",
        legal_basis="Thông báo 3",
    )
    change_day(session, half, actor=admin, now=now)
    assert facts()["working_days"](session, at(11, 27), 1) == at(11, 28, 11, 30)


def test_new_working_hours_hold_from_their_date(session, admin, now):
    rows = [
        WorkingHours(
            weekday=w,
            effective_from=date(2026, 12, 1),
            hours="08:00-12:00, 13:00-17:30",
            legal_basis="QĐ",
        )
        for w in range(5)
    ]
    change_hours(session, rows, actor=admin, now=now)
    assert facts()["working_days"](session, at(11, 27), 1) == at(11, 30, 17)
    assert facts()["working_days"](session, at(11, 30), 1) == at(12, 1, 17, 30)


def test_new_working_hours_may_not_be_back_dated(session, admin, now):
    row = WorkingHours(
        weekday=0, effective_from=date(2026, 11, 1), hours="08:00-12:00", legal_basis="QĐ"
    )
    with pytest.raises(BackDated):
        change_hours(session, [row], actor=admin, now=now)


def test_hours_that_cannot_be_read_change_nothing(session, admin, now):
    row = CalendarDay(
        day=date(2026, 11, 28), kind="work", hours="sáng", reason="Làm bù", legal_basis="QĐ"
    )
    with pytest.raises(HoursRefused):
        change_day(session, row, actor=admin, now=now)


def test_a_day_without_a_legal_basis_is_refused(session, admin, now):
    row = CalendarDay(day=date(2026, 11, 28), kind="work", reason="Làm bù", legal_basis="")
    with pytest.raises(BasisMissing):
        change_day(session, row, actor=admin, now=now)


def test_a_stranger_changes_no_day(session, stranger, now):
    with pytest.raises(NotPermitted):
        change_day(session, off(date(2026, 11, 26)), actor=stranger, now=now)


def test_a_further_year_is_proposed_once(session, admin, now):
    with pytest.raises(CalendarGap):
        facts()["working_days"](session, at(12, 29, year=2028), 1)
    assert add_year(session, 2029, actor=admin, now=now) > 10
    assert facts()["working_days"](session, at(12, 29, year=2028), 1) == at(1, 2, 17, year=2029)
    with pytest.raises(YearListed):
        add_year(session, 2029, actor=admin, now=now)


def test_the_database_refuses_to_remove_a_day(session):
    with pytest.raises(sa.exc.DBAPIError, match="never changed"):
        session.execute(sa.delete(CalendarDay))


# -- facts


def test_drawings_count_from_now_or_from_an_instant_they_give(session, now):
    assert facts()["working_days"](session, now, 1) == at(11, 25, 17)
    assert facts()["working_days"](session, now, Decimal(1), at(11, 19)) == at(11, 20, 17)
    assert facts()["working_hours"](session, now, 2) == at(11, 23, 11, 10)


def test_drawings_ask_for_reminders_before_a_deadline(session, now):
    assert facts()["working_days_before"](session, now, at(11, 26, 17), 1) == at(11, 25, 17)
    assert facts()["working_hours_before"](session, now, at(11, 25, 8, 30), 2) == at(11, 23, 16)


def test_drawings_ask_whether_a_day_is_worked(session, now):
    assert facts()["is_working_day"](session, now) is True
    assert facts()["is_working_day"](session, now, date(2026, 11, 24)) is False
    assert facts()["is_working_day"](session, now, at(11, 22)) is False


def test_drawings_ask_which_days_a_time_limit_leaves_out(session, now):
    """A Saturday of rest is none of them; the day after which it counts is not either."""
    (day,) = facts()["days_off"](session, now, at(11, 20), date(2026, 11, 24))
    assert (day["on"], day["label"]) == (
        date(2026, 11, 24),
        "24/11/2026 (Ngày Văn hóa Việt Nam)",
    )
    assert facts()["days_off"](session, now, date(2026, 11, 24), at(11, 30)) == []


def test_a_pause_moves_a_deadline(session, now):
    shift = facts()["due_after_pause"]
    assert shift(session, at(11, 20), at(11, 25, 17), at(11, 19)) == at(11, 26, 17)
    assert shift(session, now, at(11, 25, 17), at(11, 19), at(11, 20)) == at(11, 26, 17)


def test_counting_a_deadline_costs_two_statements_in_a_transaction(session, bind, now):
    statements = []
    sa.event.listen(bind, "before_cursor_execute", lambda *a: statements.append(a[2]))
    session.commit()
    for n in range(20):
        facts()["working_days"](session, now, n)
    assert len([s for s in statements if s.lstrip().startswith("SELECT")]) == 2


def test_a_change_says_how_much_open_work_is_due_after_it(session, now):
    for row in a_case_with_tasks(now, due_at=[at(11, 24), at(11, 26), at(11, 27)]):
        session.add(row)
        session.flush()
    assert queries.touched(session, at(11, 25)) == queries.Touched(cases=1, tasks=2)


def a_case_with_tasks(now, due_at):
    version = Version(
        id=1,
        process_key="p",
        number=1,
        sha256="0" * 64,
        files={},
        name="Cấp tài khoản",
        legal_basis="QN-6",
        deployed_at=now,
        deployed_by="system",
    )
    case = Case(
        id=1,
        code="TK-1",
        process_key="p",
        version_id=1,
        status="open",
        started_by="annv",
        started_at=now,
        due_at=max(due_at),
        state=b"",
    )
    tasks = [
        Task(
            case_id=1,
            token=n,
            element="Draft",
            name="Soạn đề nghị",
            status="open",
            created_at=now,
            due_at=due,
        )
        for n, due in enumerate(due_at)
    ]
    return [version, case, *tasks]
