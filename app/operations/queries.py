"""Reads of what administrators keep: settings in force, the working calendar, jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.operations.models import CalendarDay, Setting, WorkingHours
from app.operations.schemas import Definition, Group, definitions, groups
from engine import values
from engine.calendar import ZONE, Calendar, Day, Hours, read_spans
from engine.errors import NotFound
from engine.tables import Case, Task

T = TypeVar("T")


class SettingUnknown(NotFound):
    """There is no setting "{name}". The page of settings lists those there are."""

    status = 404


def today(now: datetime) -> date:
    """The agency's date at an instant."""
    return now.astimezone(ZONE).date()


def _once(session: Session, name: str, load: Callable[[Session], T]) -> T:
    """What `load` gives, asked once in each transaction."""
    kept = session.info.get(("operations", name))
    if kept is not None and kept[0] is session.get_transaction():
        return kept[1]
    loaded = load(session)
    session.info["operations", name] = (session.get_transaction(), loaded)
    return loaded


def forget(session: Session) -> None:
    """The next read of this session asks the database: called by whatever has just written."""
    for key in [k for k in session.info if isinstance(k, tuple) and k[0] == "operations"]:
        del session.info[key]


# -- settings


@dataclass(frozen=True)
class SettingRow:
    """A setting on one day: its definition, the value in force, the row that says so, if any."""

    definition: Definition
    value: Any
    since: Setting | None


def _rows(session: Session) -> dict[str, list[Setting]]:
    order = (Setting.effective_from.desc(), Setting.id.desc())
    by_name: dict[str, list[Setting]] = {}
    for row in session.scalars(sa.select(Setting).order_by(*order)):
        by_name.setdefault(row.name, []).append(row)
    return by_name


def definition(name: str) -> Definition:
    """What ships about a setting. Raises SettingUnknown."""
    try:
        return definitions()[name]
    except KeyError:
        raise SettingUnknown(name=name) from None


def in_force(rows: Iterable[Setting], on: date) -> Setting | None:
    """The row that holds on a day, of rows sorted latest first."""
    return next(
        (
            row
            for row in rows
            if row.effective_from <= on and (row.effective_to is None or on <= row.effective_to)
        ),
        None,
    )


def setting(session: Session, name: str, on: date) -> Any:
    """The value of a setting on a day: a copy that the caller may change. Raises SettingUnknown.

    All settings are read by one statement and kept for the rest of the transaction.
    """
    shipped = definition(name)
    row = in_force(_once(session, "settings", _rows).get(name, []), on)
    return values.copy(shipped.default if row is None else row.value)


def settings(session: Session, on: date) -> list[tuple[Group, list[SettingRow]]]:
    """Every setting as it is on a day, by group, in the order in which they ship."""
    rows = _once(session, "settings", _rows)
    listed: dict[str, list[SettingRow]] = {group.key: [] for group in groups()}
    for shipped in definitions().values():
        row = in_force(rows.get(shipped.name, []), on)
        value = shipped.default if row is None else row.value
        listed[shipped.group].append(SettingRow(shipped, value, row))
    return [(group, listed[group.key]) for group in groups()]


def history(session: Session, name: str) -> list[Setting]:
    """All rows of one setting, the latest date of effect first."""
    return list(_once(session, "settings", _rows).get(name, []))


# -- the calendar


def _calendar(session: Session) -> Calendar:
    days = session.scalars(sa.select(CalendarDay).order_by(CalendarDay.id)).all()
    latest = {row.day: row for row in days}
    hours = session.scalars(sa.select(WorkingHours).order_by(WorkingHours.id)).all()
    return Calendar.build(
        [_day(row) for row in latest.values() if row.kind != "ordinary"],
        [
            Hours(row.weekday, row.effective_from, read_spans(row.hours), row.legal_basis)
            for row in hours
        ],
    )


def _day(row: CalendarDay) -> Day:
    return Day(
        on=row.day,
        kind="work" if row.kind == "work" else "off",
        reason=row.reason,
        legal_basis=row.legal_basis,
        reason_en=row.reason_en,
        spans=read_spans(row.hours or ""),
    )


def calendar_of(session: Session) -> Calendar:
    """The agency's working calendar, read by two statements once in each transaction."""
    return _once(session, "calendar", _calendar)


def day_history(session: Session, on: date) -> list[CalendarDay]:
    """Every row ever written for one day, the latest first."""
    found = sa.select(CalendarDay).where(CalendarDay.day == on).order_by(CalendarDay.id.desc())
    return list(session.scalars(found))


def changes(session: Session, limit: int = 20) -> list[CalendarDay]:
    """The latest changes of the calendar's days that a person made."""
    found = sa.select(CalendarDay).where(CalendarDay.changed_by != "system")
    return list(session.scalars(found.order_by(CalendarDay.id.desc()).limit(limit)))


def hours_rows(session: Session) -> list[WorkingHours]:
    """Working hours in force or to come: latest date of effect first, then Monday first."""
    rows = session.scalars(sa.select(WorkingHours).order_by(WorkingHours.id))
    latest = {(row.effective_from, row.weekday): row for row in rows}
    return sorted(latest.values(), key=lambda row: (-row.effective_from.toordinal(), row.weekday))


@dataclass(frozen=True)
class Touched:
    """How much open work has a deadline on or after a day, so that the day may have moved it."""

    cases: int
    tasks: int


def touched(session: Session, from_at: datetime) -> Touched:
    """Open cases and tasks that are due at or after an instant."""
    counts = (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(table)
            .where(table.status == "open", table.due_at >= from_at)
        )
        for table in (Case, Task)
    )
    return Touched(*(count or 0 for count in counts))


def days_of_year(session: Session, year: int) -> list[CalendarDay]:
    """The rows in force of a year's days that differ, by date."""
    found = (
        sa.select(CalendarDay)
        .where(CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31)))
        .order_by(CalendarDay.id)
    )
    latest = {row.day: row for row in session.scalars(found)}
    return [row for _day, row in sorted(latest.items()) if row.kind != "ordinary"]
