"""The second factors of accounts. No secret stands here: see `app.people.factors.totp`."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, Canonical, Instant


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


class Passkey(Base):
    """A key pair on a device of the holder's; the private half never leaves it (WebAuthn, 4).

    credential_id, user_handle: base64url. public_key: COSE. sign_count: what the device counted at
    the last use. copied_at: when its count went back, so that two devices must hold it; it opens
    nothing from then on.
    """

    __tablename__ = "passkey"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    # Ids have at most 1023 bytes (WebAuthn, 4).
    credential_id: Mapped[str] = mapped_column(sa.String(1400), unique=True)
    user_handle: Mapped[str] = mapped_column(sa.String(100))
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    transports: Mapped[list[str]] = mapped_column(Canonical)
    name: Mapped[str] = mapped_column(sa.String(80))
    added_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    copied_at: Mapped[datetime | None] = mapped_column(Instant)


class SpentChallenge(Base):
    """A challenge that a passkey has answered: none is answered twice. Gone when it is too old."""

    __tablename__ = "spent_challenge"
    challenge_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    until: Mapped[datetime] = mapped_column(Instant, index=True)
