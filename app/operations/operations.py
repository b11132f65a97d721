"""What changes settings and the calendar, and what drawings may ask of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import law
from app.operations import proposal, queries
from app.operations.models import CalendarDay, Setting, WorkingHours
from app.operations.schemas import DATA
from engine.calendar import ZONE, read_spans, write_spans
from engine.errors import Refusal
from engine.ports import SYSTEM, Actor, Fact
from engine.values import Value, check


class BackDated(Refusal):
    """{day} has passed. A change holds from today on; what the old value decided stands."""

    status = 422


class EndsBeforeItBegins(Refusal):
    """The last day {last} comes before the first day {first}. Correct one of them."""

    status = 422


class YearListed(Refusal):
    """The calendar has {year} already. Change single days instead."""

    status = 409


# -- commands, each in the caller's transaction


def change_setting(session: Session, row: Setting, *, actor: Actor, now: datetime) -> Setting:
    """The row holds from its `effective_from` on, to its `effective_to` if it has one.

    row: Setting(name=..., value=..., effective_from=..., effective_to=..., legal_basis=...); who
    and when are written here.
    Raises SettingUnknown, BackDated, EndsBeforeItBegins, BasisMissing, NotPermitted.
    """
    actor.require("settings.manage")
    queries.definition(row.name)
    check(row.value)
    _refuse_past(row.effective_from, now)
    if row.effective_to is not None and row.effective_to < row.effective_from:
        raise EndsBeforeItBegins(first=_words(row.effective_from), last=_words(row.effective_to))
    _keep(session, [row], actor=actor, now=now)
    return row


def change_day(session: Session, row: CalendarDay, *, actor: Actor, now: datetime) -> CalendarDay:
    """The row's day is off, worked, or (kind "ordinary") as its weekday from now on.

    row: CalendarDay(day=..., kind=..., hours=... or None, reason=..., legal_basis=...). Earlier
    rows of the day stay to be read. Past days may be corrected: the calendar says what was, and
    open deadlines count over it. Raises HoursRefused, BasisMissing, NotPermitted.
    """
    actor.require("settings.manage")
    row.hours = write_spans(read_spans(row.hours or "")) or None
    _keep(session, [row], actor=actor, now=now)
    return row


def change_hours(
    session: Session, rows: Sequence[WorkingHours], *, actor: Actor, now: datetime
) -> None:
    """The weekdays of these rows have new hours from their `effective_from` on.

    rows: WorkingHours(weekday=..., effective_from=..., hours=..., legal_basis=...).
    Raises BackDated, HoursRefused, BasisMissing, NotPermitted.
    """
    actor.require("settings.manage")
    for row in rows:
        _refuse_past(row.effective_from, now)
        row.hours = write_spans(read_spans(row.hours))
    _keep(session, rows, actor=actor, now=now)


def add_year(session: Session, year: int, *, actor: Actor, now: datetime) -> int:
    """The calendar covers a further year by proposed days, to be confirmed. Returns how many.

    Raises YearListed, NotPermitted.
    """
    actor.require("settings.manage")
    first, last = date(year, 1, 1), date(year, 12, 31)
    listed = sa.select(CalendarDay.id).where(CalendarDay.day.between(first, last)).limit(1)
    if session.scalar(listed) is not None:
        raise YearListed(year=year)
    rows = _days(proposal.proposed(year))
    _keep(session, rows, actor=actor, now=now)
    return len(rows)


def load_shipped(session: Session, now: datetime) -> None:
    """An empty database has the shipped calendar and hours; one that has any is left alone.

    A release must not undo what an agency has entered: nothing is loaded beside existing rows.
    """
    shipped = json.loads((DATA / "calendar.json").read_text(encoding="utf-8"))
    if session.scalar(sa.select(CalendarDay.id).limit(1)) is None:
        _keep(session, _days(shipped["days"]), actor=SYSTEM, now=now)
    if session.scalar(sa.select(WorkingHours.id).limit(1)) is None:
        hours = shipped["hours"]
        since = date.fromisoformat(hours["effective_from"])
        rows = [
            WorkingHours(
                weekday=int(weekday),
                effective_from=since,
                hours=text,
                legal_basis=hours["legal_basis"],
            )
            for weekday, text in hours["weekdays"].items()
        ]
        _keep(session, rows, actor=SYSTEM, now=now)


def _days(rows: Iterable[dict[str, str]]) -> list[CalendarDay]:
    return [CalendarDay(**{**row, "day": date.fromisoformat(row["day"])}) for row in rows]


def _keep(
    session: Session,
    rows: Sequence[Setting | CalendarDay | WorkingHours],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    for row in rows:
        law.basis(row.legal_basis)
        row.changed_by, row.changed_at = actor.name, now
    session.add_all(rows)
    # The rows' numbers decide which of two changes for one day came last: given out here.
    session.flush()
    queries.forget(session)


def _refuse_past(day: date, now: datetime) -> None:
    if day < queries.today(now):
        raise BackDated(day=_words(day))


def _words(day: date) -> str:
    return f"{day:%d/%m/%Y}"


# -- facts, asked by drawings as fact(session, now, *arguments)


def working_days(
    session: Session, now: datetime, n: Any, after: date | datetime | None = None
) -> Value:
    """The end of the n-th working day after a day, or that of an instant (now when left out)."""
    if isinstance(after, date) and not isinstance(after, datetime):
        after = datetime.combine(after, time(), ZONE)
    return queries.calendar_of(session).working_days(n, after or now)


def received_on(session: Session, now: datetime, at: datetime | None = None) -> Value:
    """The day on which something counts as received that came at an instant (now when left out):
    its own when that is worked and the hour of the setting dossiers.cut_off_hour has not passed,
    else the next working day. Time limits count from the day after.
    """
    local = (at or now).astimezone(ZONE)
    hours = queries.calendar_of(session)
    limit = time.fromisoformat(queries.setting(session, "dossiers.cut_off_hour", local.date()))
    day = local.date()
    if hours.is_working_day(day) and local.time() <= limit:
        return day
    return hours.local(hours.working_days(1, local)).date()


def working_hours(session: Session, now: datetime, n: Any, after: datetime | None = None) -> Value:
    """The instant n working hours after `after` (now when left out)."""
    return queries.calendar_of(session).working_hours(n, after or now)


def working_days_before(session: Session, now: datetime, at: datetime, n: Any) -> Value:
    """The same hour on the n-th working day before an instant."""
    return queries.calendar_of(session).working_days_before(at, n)


def working_hours_before(session: Session, now: datetime, at: datetime, n: Any) -> Value:
    """The instant from which n working hours are left until another."""
    return queries.calendar_of(session).working_hours_before(at, n)


def is_working_day(session: Session, now: datetime, on: date | datetime | None = None) -> Value:
    """Whether a date (today when left out) is worked."""
    day = on or now
    local = queries.today(day) if isinstance(day, datetime) else day
    return queries.calendar_of(session).is_working_day(local)


def days_off(session: Session, now: datetime, after: date, until: date) -> Value:
    """The days of rest in (after, until] on which people else work, in order: [{"on": 2026-11-24,
    "reason": "Ngày Văn hóa Việt Nam", "label": "24/11/2026 (Ngày Văn hóa Việt Nam)"}].

    after, until: days, or instants on them.
    """
    first, last = (
        queries.today(one) if isinstance(one, datetime) else one for one in (after, until)
    )
    return [
        {"on": day.on, "reason": day.reason, "label": f"{_words(day.on)} ({day.reason})"}
        for day in queries.calendar_of(session).left_out(first, last)
    ]


def due_after_pause(
    session: Session, now: datetime, due: datetime, paused_at: datetime, *resumed: datetime
) -> Value:
    """A deadline after its clock stood still from `paused_at` to now (or a third instant)."""
    return queries.calendar_of(session).shift(due, paused_at, resumed[0] if resumed else now)


def setting(session: Session, now: datetime, name: str) -> Value:
    """The value of a setting on the agency's date."""
    found: Value = queries.setting(session, name, queries.today(now))
    return found


COUNTED = frozenset(
    {
        "working_days",
        "working_hours",
        "working_days_before",
        "working_hours_before",
        "due_after_pause",
    }
)
"""Facts that give deadlines by the calendar. Whether a day that is past was worked is none."""


def facts() -> dict[str, Fact]:
    """What drawings may ask of settings and calendar."""
    return {
        "working_days": working_days,
        "working_hours": working_hours,
        "working_days_before": working_days_before,
        "working_hours_before": working_hours_before,
        "is_working_day": is_working_day,
        "due_after_pause": due_after_pause,
        "received_on": received_on,
        "days_off": days_off,
        "setting": setting,
    }
