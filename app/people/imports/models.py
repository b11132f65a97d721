"""Lists that are imported, and their rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, Canonical, Instant

OVER = ("done", "cancelled", "failed")


class RollImport(Base):
    """A list that an administrator imports, and the decision on which it rests.

    data: the file, until the import is over. fields: by index of the column, as text, what it
    holds; None as the header says. choice: all (or nothing), good (rows only). number, decided_on,
    case_code: of the request or decision.
    """

    __tablename__ = "roll_import"
    id: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(sa.String(120))
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    data: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    status: Mapped[str] = mapped_column(sa.String(12), default="read")
    encoding: Mapped[str] = mapped_column(sa.String(20))
    fields: Mapped[dict[str, str] | None] = mapped_column(Canonical)
    groups: Mapped[list[str]] = mapped_column(Canonical, default=list)
    choice: Mapped[str | None] = mapped_column(sa.String(5))
    with_links: Mapped[bool] = mapped_column(default=True)
    number: Mapped[str] = mapped_column(sa.String(100))
    decided_on: Mapped[date] = mapped_column(sa.Date)
    case_code: Mapped[str] = mapped_column(sa.String(60), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(sa.String(120), index=True)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def basis(self) -> str:
        """What the accounts rest on, as their records say it."""
        words = f"{self.number} ngày {self.decided_on:%d/%m/%Y}"
        return f"{words}; {self.case_code}" if self.case_code else words


class RollImportRow(Base):
    """A row of a list. row: its number in the file. account: the name given, or held already.

    status: good, wrong, there, twice, skipped as judged; entered, refused once its turn has come.
    application: the parameters of `accounts.create`. sent: whether a link was sent.
    """

    __tablename__ = "roll_import_row"
    __table_args__ = (sa.Index("ix_roll_import_row_import_id_status", "import_id", "status"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(sa.ForeignKey("roll_import.id"))
    row: Mapped[int]
    status: Mapped[str] = mapped_column(sa.String(10))
    full_name: Mapped[str] = mapped_column(sa.String(200))
    unit_code: Mapped[str | None] = mapped_column(sa.String(80))
    application: Mapped[dict[str, Any]] = mapped_column(Canonical)
    faults: Mapped[list[dict[str, Any]]] = mapped_column(Canonical)
    account: Mapped[str | None] = mapped_column(sa.String(120))
    sent: Mapped[bool] = mapped_column(default=False)
