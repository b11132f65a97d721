"""One hand at a time on an account."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.people.models import Account


def hold(session: Session, account: Account) -> None:
    """Nobody else changes the account before this transaction ends; state and holder are as the
    last who did has left them.
    """
    session.flush()
    query = sa.select(Account).options(joinedload(Account.person)).where(Account.id == account.id)
    held = query.with_for_update(of=Account).execution_options(populate_existing=True)
    session.scalars(held).one()
