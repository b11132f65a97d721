"""What process owners have uploaded and not deployed yet."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, Canonical, Instant


class Proposal(Base):
    """A changed bundle of a process, to be checked, tried and deployed, or put aside."""

    __tablename__ = "studio_proposal"
    id: Mapped[int] = mapped_column(primary_key=True)
    process_key: Mapped[str] = mapped_column(sa.String(80), index=True)
    files: Mapped[dict[str, str]] = mapped_column(Canonical)
    base_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("version.id"), index=True)
    made_by: Mapped[str] = mapped_column(sa.String(120))
    made_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("version.id"), index=True)
