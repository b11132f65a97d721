"""Procedures in numbers (KH-12.5a7): what began, ended and lies, by process and unit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import Calendar
from engine.tables import Case

AT_ONCE = 1000


@dataclass(frozen=True)
class Period:
    """From an instant to before another, as it stands now: of a period that is not over, what is
    open and late is told as of now.
    """

    begin: datetime
    end: datetime
    now: datetime

    @property
    def seen_at(self) -> datetime:
        return min(self.end, self.now)


@dataclass
class Line:
    """A process in a unit. began, ended, cancelled: within the period; ended_late: after their
    deadline. ends: how often each end was reached; drawn: in which version, by its id, each was
    last. open, late: at the end of the period, late without those whose clock stands still.
    seconds: working time from begin to end of those that ended.
    """

    process: str
    unit: str | None
    began: int = 0
    ended: int = 0
    ended_late: int = 0
    cancelled: int = 0
    open: int = 0
    late: int = 0
    seconds: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    drawn: dict[str, int] = field(default_factory=dict)

    @property
    def mean(self) -> int | None:
        """Working minutes that an ended case took; None where none ended."""
        return round(self.seconds / self.ended / 60) if self.ended else None

    def add(self, other: Line) -> None:
        """The other's numbers are counted here too."""
        for name in ("began", "ended", "ended_late", "cancelled", "open", "late", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.ends.update(other.ends)


def lines(
    session: Session,
    units: frozenset[str],
    period: Period,
    working: Calendar,
    *,
    process: str | None = None,
) -> list[Line]:
    """A line for each process and unit with any number, by process and unit; one statement."""
    found: dict[tuple[str, str | None], Line] = {}
    for row in session.execute(_query(units, period, process)).yield_per(AT_ONCE):
        key = (row.process_key, row.unit)
        _count(found.setdefault(key, Line(*key)), row, period, working)
    return [found[key] for key in sorted(found, key=lambda key: (key[0], key[1] or ""))]


def total(counted: list[Line]) -> Line:
    """All of them together."""
    found = Line("", None)
    for line in counted:
        found.add(line)
    return found


def _query(units: frozenset[str], period: Period, process: str | None) -> sa.Select[Any]:
    touched = [
        Case.unit.in_(sorted(units)),
        Case.started_at < period.end,
        sa.or_(Case.closed_at.is_(None), Case.closed_at >= period.begin),
    ]
    if process:
        touched.append(Case.process_key == process)
    return sa.select(
        Case.process_key,
        Case.version_id,
        Case.unit,
        Case.status,
        Case.outcome,
        Case.started_at,
        Case.closed_at,
        Case.due_at,
        Case.paused_at,
    ).where(*touched)


def _count(line: Line, row: Any, period: Period, working: Calendar) -> None:
    line.began += row.started_at >= period.begin
    closed = row.closed_at
    if closed is None or closed >= period.end:
        at = period.seen_at
        paused = row.paused_at is not None and row.paused_at <= at
        line.open += 1
        line.late += row.due_at is not None and row.due_at < at and not paused
    elif row.status == "cancelled":
        line.cancelled += 1
    else:
        line.ended += 1
        line.ended_late += row.due_at is not None and closed > row.due_at
        end = row.outcome or ""
        line.ends[end] += 1
        line.drawn[end] = max(line.drawn.get(end, 0), row.version_id)
        line.seconds += working.working_time_between(row.started_at, closed)
