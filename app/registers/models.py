"""Numbering books: their rules with dates, the last number of each series, every number given."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, Canonical, Instant, insert_only


class NumberingBook(Base):
    """The rules of a book from a day on; of rows for one day the last written holds.

    pattern: see `patterns`. restart: when numbers begin at 1 again: year, day, never. is_per_unit:
    whether each unit has a series of its own; split_by: parts of which each value has one. first:
    the first number of the period in which the row comes into effect, where a paper book goes on.
    late_days: how many days the date of a number may lie back.
    """

    __tablename__ = "numbering_book"
    __table_args__ = (
        sa.CheckConstraint("restart IN ('year', 'day', 'never')", name="restart"),
        sa.Index("ix_numbering_book_key_effective_from", "key", "effective_from"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(80))
    title: Mapped[str] = mapped_column(sa.String(300))
    title_en: Mapped[str] = mapped_column(sa.String(300))
    pattern: Mapped[str] = mapped_column(sa.String(200))
    restart: Mapped[str] = mapped_column(sa.String(10))
    is_per_unit: Mapped[bool]
    split_by: Mapped[list[str]] = mapped_column(Canonical)
    late_days: Mapped[int]
    first: Mapped[int]
    effective_from: Mapped[date] = mapped_column(sa.Date)
    legal_basis: Mapped[str] = mapped_column(sa.Text)
    changed_by: Mapped[str] = mapped_column(sa.String(120))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class NumberSeries(Base):
    """The last number of a series; whoever takes the next one holds the row until the commit.

    scope: book, unit and the values of the parts that split it, as one text.
    """

    __tablename__ = "number_series"
    scope: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    book: Mapped[str] = mapped_column(sa.String(80), index=True)
    unit: Mapped[str | None] = mapped_column(sa.String(80))
    parts: Mapped[list[str]] = mapped_column(Canonical)
    period: Mapped[str] = mapped_column(sa.String(10))
    last: Mapped[int]
    last_on: Mapped[date | None] = mapped_column(sa.Date)


class GivenNumber(Base):
    """One number as it was given: never changed, never removed, never given again."""

    __tablename__ = "given_number"
    __table_args__ = (sa.UniqueConstraint("scope", "period", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(sa.ForeignKey("number_series.scope"))
    period: Mapped[str] = mapped_column(sa.String(10))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(sa.String(200), index=True)
    day: Mapped[date] = mapped_column(sa.Date)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(sa.String(120))
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)


for kept in (NumberingBook, GivenNumber):
    insert_only(kept.__table__)  # type: ignore[arg-type]  # a Table at run time
