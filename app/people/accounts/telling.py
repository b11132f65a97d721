"""Cases that wait for the end of an account learn of it.

The message "account.closed" has the account's name as its key and brings
{"closed_at": instant, "basis": text}. It is an errand of the transaction that closes the account,
so that it goes out when, and only when, the account is closed.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.models import Account
from engine import jobs
from engine.tables import Wait

CLOSED = "account.closed"


def tell_closed(session: Session, account: Account, *, now: datetime, basis: str) -> bool:
    """Whether a case waits for the account's end, and is told of it after the commit.

    Nothing is sent where none waits: what nobody can take would be offered for a month.
    """
    waits = sa.exists().where(Wait.name == CLOSED, Wait.correlation == account.name)
    if not session.scalar(sa.select(waits)):
        return False
    order = {
        "message": CLOSED,
        "correlation": account.name,
        "data": {"closed_at": now, "basis": basis},
    }
    key = f"account-closed:{account.id}:{now.isoformat()}"
    return jobs.enqueue(session, "deliver", order, key=key, at=now, due_at=None)
