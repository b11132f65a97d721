"""Which second factors an account has."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.factors.models import Passkey, Totp


def of(session: Session, account_id: int) -> frozenset[str]:
    """Of "totp" and "passkey" those that open the account; one statement."""
    present = sa.union_all(
        sa.select(sa.literal("totp")).where(Totp.account_id == account_id),
        sa.select(sa.literal("passkey")).where(
            Passkey.account_id == account_id, Passkey.copied_at.is_(None)
        ),
    )
    return frozenset(session.scalars(present))
