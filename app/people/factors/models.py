"""The second factors of accounts. No secret stands here: see `app.people.factors.totp`."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, Instant


class Totp(Base):
    """The authenticator of an account; its secret is made of `nonce` and the installation's key.

    last_counter: the half minute of the last code that was taken; no code counts twice.
    """

    __tablename__ = "totp"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), unique=True)
    nonce: Mapped[str] = mapped_column(sa.String(64))
    added_at: Mapped[datetime] = mapped_column(Instant)
    last_counter: Mapped[int]


class RecoveryCode(Base):
    """One code, usable once, for who has lost the authenticator; the row holds its sha256."""

    __tablename__ = "recovery_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
