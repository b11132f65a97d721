"""What opens, changes and ends accounts and their rights; each in the caller's transaction."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.accounts import former
from app.people.accounts.applications import (  # noqa: F401
    KINDS,
    AccountExists,
    Application,
    ContactKnown,
    already,
    contact_differs,
    normal_email,
    normal_phone,
)
from app.people.accounts.known import Known
from app.people.accounts.opening import activate, open_accounts, told
from app.people.log import Origin, record
from app.people.models import Account, AccountLog, Login
from engine.errors import Refusal


def holder(session: Session, application: Application) -> Account | None:
    """The open account of that kind which the same person already has (HP-8.1, BD-11.1, YC-3.2).

    An enterprise's is that of the enterprise with one of its codes, whoever heads it; see
    `former.of_enterprise`. The same person has the same e-mail address, the same mobile
    number (a desk telephone is shared), or the same full name and birth date. Closed accounts of
    persons do not count (KH-12.4a5).
    """
    if application.enterprise_code:
        return former.asked(session, application)[0]
    return Known.read(session, [application]).account(application)


def open_account(session: Session, application: Application, *, origin: Origin) -> Account:
    """The person has an account with a name that is theirs for ever, and the rights asked for.

    Nobody can log in with it before the holder has chosen a password on a one-time link.
    Raises AccountExists, NameTaken, NameImpossible, GroupUnknown, GroupNotForKind, UnitUnknown,
    FieldUnknown, DutiesClash, TrainingMissing.
    """
    (outcome,) = open_accounts(session, [application], origin=origin)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def begin(session: Session, account: Account, *, origin: Origin, follows: Account) -> None:
    """The new account is active from now on in the place of a closed one of the same person, and
    the log says so.
    """
    activate(account, origin)
    session.add(account)
    session.flush()  # The grants and the log need the account's number and name.
    session.add(AccountLog(**told(account, origin, follows=follows.name)))


class StandsOtherwise(Refusal):
    """The account "{account}" does not stand any more as this page showed it: it was closed, opened or suspended meanwhile. Open its page again to see what can be done."""  # noqa: E501

    status = 409


def require_status(account: Account, *allowed: str) -> None:
    """Raises StandsOtherwise unless the account is in one of these states and was not deleted."""
    if account.status not in allowed or account.deleted_at is not None:
        raise StandsOtherwise(account=account.name)


def suspend(session: Session, account: Account, *, origin: Origin, basis: str) -> None:
    """The account cannot log in, and is logged out everywhere, until somebody opens it again."""
    if account.status != "active":
        return
    account.status = "suspended"
    account.deactivated_at = origin.now
    end_logins(session, account, origin=origin)
    record(
        session,
        "account_suspended",
        account.name,
        origin=origin,
        unit=account.unit_code,
        basis=basis or None,
    )


def resume(session: Session, account: Account, *, origin: Origin, basis: str) -> None:
    """A suspended account may log in again."""
    if account.status != "suspended":
        return
    account.status = "active"
    account.activated_at, account.deactivated_at = origin.now, None
    record(
        session,
        "account_reopened",
        account.name,
        origin=origin,
        unit=account.unit_code,
        basis=basis or None,
    )


def end_logins(
    session: Session, account: Account, *, origin: Origin, but: Login | None = None
) -> int:
    """Every stay of the account ends, on all browsers but that of `but`; how many there were."""
    open_logins = session.scalars(
        sa.select(Login).where(
            Login.account_id == account.id,
            Login.ended_at.is_(None),
            Login.ends_at > origin.now,
        )
    ).all()
    ended = [login for login in open_logins if but is None or login.id != but.id]
    for login in ended:
        login.ended_at = origin.now
    if ended:
        record(
            session,
            "session_ended",
            account.name,
            origin=origin,
            unit=account.unit_code,
            count=len(ended),
        )
    return len(ended)


def unlock(session: Session, account: Account, *, origin: Origin) -> None:
    """Wrong passwords are forgotten and the account may log in at once."""
    account.failed_count = 0
    account.locked_until = None
    record(session, "unlocked", account.name, origin=origin, unit=account.unit_code)
