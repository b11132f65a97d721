"""Second factors end with the hands that held them; in the caller's transaction."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.factors.models import Passkey, RecoveryCode, Totp
from app.people.log import Origin, record
from app.people.models import Account


def drop(session: Session, account: Account, *, origin: Origin) -> None:
    """No authenticator, passkey or recovery code opens the account any more; the log says so.

    For an account that changes hands, was in the wrong ones, or ends: who held the devices before
    must not get in by them. Does nothing where the account has none.
    """
    gone = 0
    for table in (Totp, Passkey, RecoveryCode):
        rows = session.scalars(
            sa.delete(table)
            .where(table.account_id == account.id)
            .returning(table.id)
            .execution_options(synchronize_session="fetch")
        )
        gone += len(rows.all())
    if gone:
        record(session, "factor_reset", account.name, origin=origin, unit=account.unit_code)
