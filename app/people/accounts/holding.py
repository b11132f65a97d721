"""Who holds an account, and one hand at a time on it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.people.models import Account, AccountLog
from app.people.queries import named


def hold(session: Session, account: Account) -> None:
    """Nobody else changes the account before this transaction ends; state and holder are as the
    last who did has left them.
    """
    session.flush()
    query = sa.select(Account).options(joinedload(Account.person)).where(Account.id == account.id)
    held = query.with_for_update(of=Account).execution_options(populate_existing=True)
    session.scalars(held).one()


def find_held(session: Session, name: str) -> Account | None:
    """The account of that name, as `hold` leaves it; one statement whether there is one or not."""
    query = sa.select(Account).options(joinedload(Account.person)).where(named(name))
    held = query.with_for_update(of=Account).execution_options(populate_existing=True)
    return session.scalars(held).one_or_none()


def held_since(session: Session, name: str) -> datetime | None:
    """The instant from which whoever holds the account has done so, where another did before."""
    handed = sa.select(sa.func.max(AccountLog.at)).where(
        AccountLog.account == name, AccountLog.event == "account_handed_over"
    )
    return session.scalar(handed)
