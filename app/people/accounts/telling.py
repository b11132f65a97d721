"""Cases that wait for the end of an account learn of it.

The message "account.closed" has the account's name as its key and brings
{"closed_at": instant, "basis": text}. It is an errand of the transaction that closes the account,
so that it goes out when, and only when, the account is closed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.people.models import Account
from engine import telling

CLOSED = "account.closed"


def tell_closed(session: Session, account: Account, *, now: datetime, basis: str) -> bool:
    """Whether a case waits for the account's end, and is told of it after the commit."""
    key = f"account-closed:{account.id}:{now.isoformat()}"
    data = {"closed_at": now, "basis": basis}
    return telling.tell(session, CLOSED, account.name, data, key=key, at=now)
