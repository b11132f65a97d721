"""The holder chooses a password, and the case that waits for the first login learns of it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.log import Origin, record
from app.people.login import passwords
from app.people.models import Account
from engine import Engine
from engine.correlation import of_text
from engine.tables import Case, Wait

FIRST_LOGIN = "account.first_login"


def choose_password(
    engine: Engine, session: Session, account: Account, password: str, *, origin: Origin
) -> None:
    """The holder has chosen a password, which the rules allow; a case that waits for it learns so.

    The message "account.first_login" with the account's name is delivered after the commit, once
    for each time the account was opened, if a case waits for it or may still come to. Logins
    elsewhere are ended by the caller, who knows which one stays.
    """
    was_forced = account.must_change
    passwords.set_password(session, account, password, now=origin.now)
    record(session, "password_changed", account.name, origin=origin, unit=account.unit_code)
    if was_forced:
        tell_first(engine, session, account, origin.now)


def tell_first(engine: Engine, session: Session, account: Account, now: datetime) -> None:
    """A case that waits for the holder's first login learns of it, once."""
    if not _is_awaited(session, account):
        return
    engine.enqueue(
        session,
        "deliver",
        {
            "message": FIRST_LOGIN,
            **of_text(account.name).record,
            "data": {"first_login_at": now},
        },
        key=f"first-login:{account.name}:{account.activated_at}",
    )


def _is_awaited(session: Session, account: Account) -> bool:
    """Whether a case waits for the first login, or the one that opened the account still runs.

    A message that nobody can ever take would be offered for a month.
    """
    awaited = Wait.correlation.in_(of_text(account.name).texts)
    waits = sa.exists().where(Wait.name == FIRST_LOGIN, awaited)
    runs = sa.exists().where(Case.code == account.basis, Case.status == "open")
    return bool(session.scalar(sa.select(sa.or_(waits, runs))))
