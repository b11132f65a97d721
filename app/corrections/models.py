"""What was changed by approved requests: one row for each value, never changed itself."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, Instant, insert_only


class Correction(Base):
    """A value of an item before and after; undoes: the row that this one takes back."""

    __tablename__ = "correction"
    __table_args__ = (sa.Index("ix_correction_kind_item", "kind", "item"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    item: Mapped[str] = mapped_column(sa.String(120))
    field: Mapped[str] = mapped_column(sa.String(60))
    label: Mapped[str] = mapped_column(sa.String(200))
    before: Mapped[str] = mapped_column(sa.Text)
    after: Mapped[str] = mapped_column(sa.Text)
    case_id: Mapped[int] = mapped_column(index=True)
    case_code: Mapped[str] = mapped_column(sa.String(60))
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(sa.String(120))
    undoes: Mapped[int | None] = mapped_column(sa.ForeignKey("correction.id"))


insert_only(Correction.__table__)  # type: ignore[arg-type]  # a Table at run time
