"""Criteria that somebody keeps for themselves."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, Canonical, Instant


class SavedCriteria(Base):
    """Criteria under a name of the holder's own. conditions: as an address has them."""

    __tablename__ = "saved_criteria"
    __table_args__ = (sa.UniqueConstraint("account_id", "register", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    register: Mapped[str] = mapped_column(sa.String(12))  # users, customers
    name: Mapped[str] = mapped_column(sa.String(100))
    conditions: Mapped[dict[str, str]] = mapped_column(Canonical)
    saved_at: Mapped[datetime] = mapped_column(Instant)
