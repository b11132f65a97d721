"""What administrators set: settings, days that differ, hours. Changed by newer rows only."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, Canonical, Instant, insert_only


class Setting(Base):
    """The value of a setting from a date on, by whose hand and on what basis.

    On a day that several rows cover, the one with the latest `effective_from` holds, of these the
    last written. After `effective_to` (if there is one) the row before it holds again.
    """

    __tablename__ = "setting"
    __table_args__ = (sa.Index("ix_setting_name_effective_from", "name", "effective_from"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    value: Mapped[Any] = mapped_column(Canonical)
    effective_from: Mapped[date] = mapped_column(sa.Date)
    effective_to: Mapped[date | None] = mapped_column(sa.Date)
    legal_basis: Mapped[str] = mapped_column(sa.Text)
    changed_by: Mapped[str] = mapped_column(sa.String(120))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class CalendarDay(Base):
    """A day that differs from its weekday; of several rows for one day the last written holds.

    kind: off, work, or ordinary (takes an earlier row back). hours: "07:30-11:30" for a worked day
    whose hours differ from Monday's.
    """

    __tablename__ = "calendar_day"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('off', 'work', 'ordinary')", name="kind"),
        sa.Index("ix_calendar_day_day", "day"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date)
    kind: Mapped[str] = mapped_column(sa.String(10))
    hours: Mapped[str | None] = mapped_column(sa.String(120))
    reason: Mapped[str] = mapped_column(sa.String(300))
    reason_en: Mapped[str | None] = mapped_column(sa.String(300))
    legal_basis: Mapped[str] = mapped_column(sa.Text)
    changed_by: Mapped[str] = mapped_column(sa.String(120))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class WorkingHours(Base):
    """The working hours of a weekday (Monday is 0) from a date on; without hours it is free."""

    __tablename__ = "working_hours"
    __table_args__ = (
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.Index("ix_working_hours_weekday_effective_from", "weekday", "effective_from"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    weekday: Mapped[int]
    effective_from: Mapped[date] = mapped_column(sa.Date)
    hours: Mapped[str] = mapped_column(sa.String(120))
    legal_basis: Mapped[str] = mapped_column(sa.Text)
    changed_by: Mapped[str] = mapped_column(sa.String(120))
    changed_at: Mapped[datetime] = mapped_column(Instant)


for kept in (Setting, CalendarDay, WorkingHours):
    insert_only(kept.__table__)  # type: ignore[arg-type]  # a Table at run time
