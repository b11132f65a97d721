"""What catalogues hold: a row for each thing that was done to an entry, with its day of effect."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, Canonical, Instant
from engine.values import Record

OPEN, LOCKED, REMOVED = "open", "locked", "removed"


class CatalogueRow(Base):
    """An entry from a day on; of its rows that hold on a day the last one by day and number does.

    entry: its key. version: of its basic contents, from 1; since: the day from which the version
    holds, whatever was corrected or locked later. content: by column. replaces: the entry of
    another key whose place it takes. reason: why it was locked, corrected or removed; case_id,
    case_code: the case that did it, none for what the installation began with. number: the row's
    place among those of the entry, so that two hands at once do not both write the next.

    Rows are never changed. They are removed when the entry is, but for a last one without content,
    so that its key stands for nothing else again.
    """

    __tablename__ = "catalogue_row"
    __table_args__ = (
        sa.CheckConstraint("state IN ('open', 'locked', 'removed')", name="state"),
        sa.UniqueConstraint("catalogue", "entry", "number"),
        sa.Index("ix_catalogue_row_entry", "catalogue", "entry", "effective_from"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    catalogue: Mapped[str] = mapped_column(sa.String(80))
    entry: Mapped[str] = mapped_column(sa.String(120))
    number: Mapped[int]
    label: Mapped[str] = mapped_column(sa.Text)
    action: Mapped[str] = mapped_column(sa.String(20))
    state: Mapped[str] = mapped_column(sa.String(10))
    version: Mapped[int]
    since: Mapped[date] = mapped_column(sa.Date)
    effective_from: Mapped[date] = mapped_column(sa.Date)
    content: Mapped[Record] = mapped_column(Canonical)
    replaces: Mapped[str | None] = mapped_column(sa.String(120))
    reason: Mapped[str] = mapped_column(sa.Text)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), index=True)
    case_code: Mapped[str] = mapped_column(sa.String(60))
    written_by: Mapped[str] = mapped_column(sa.String(120))
    written_at: Mapped[datetime] = mapped_column(Instant)
