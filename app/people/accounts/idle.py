"""Accounts that nobody uses: their holders are warned, then the accounts are suspended.

The application's clock asks once an hour; what it finds stands in the accounts themselves, so a
missed hour loses nothing and two processes do nothing twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session, joinedload

from app import i18n, words
from app.people import accounts
from app.people.log import Origin
from app.people.models import Account, Grant
from app.people.rights.groups import day_of
from app.people.rights.in_force import grants_in_force
from app.people.settings import number, setting
from app.people.whose import OF_AGENCY
from engine import Engine
from engine.ports import SYSTEM

BASIS = "QCVN 12:2026/BCA"
BATCH = 200


def look_after(engine: Engine) -> int:
    """Accounts of the agency that rested too long are suspended, those that soon will have are
    told of by letter; how many were suspended.

    Source: QCVN 12:2026/BCA (disabled after 45 days without use). Accounts of customers and
    enterprises, who come when they have business, are left alone. One administrator stays: else
    nobody could open any account again.
    """
    with engine.writing() as session:
        now = engine.clock()
        days = number(session, now, "account.idle_days")
        notice = number(session, now, "account.idle_notice_days")
        _warn(engine, session, now, days=days, notice=notice)
        return _suspend(session, now, days)


def last_use() -> sa.ColumnElement[datetime]:
    """When the account was last used: its last login, or when it was opened (again)."""
    opened = sa.func.coalesce(Account.activated_at, Account.created_at)
    login = sa.func.coalesce(Account.last_login_at, opened)
    return sa.case((login > opened, login), else_=opened)


def _resting(before: datetime) -> sa.Select[tuple[Account]]:
    return (
        sa.select(Account)
        .options(joinedload(Account.person))
        .where(OF_AGENCY, Account.status == "active", last_use() < before)
        .order_by(last_use(), Account.id)
    )


def _suspend(session: Session, now: datetime, days: int) -> int:
    found = session.scalars(_resting(now - timedelta(days=days)).limit(BATCH)).all()
    idle = [account for account in found if account.id != last_administrator(session)]
    for account in idle:
        accounts.suspend(session, account, origin=Origin(SYSTEM.name, now), basis=BASIS)
    return len(idle)


def last_administrator(session: Session) -> int | None:
    """The administrator's account that was used last."""
    latest = (
        sa.select(Account.id)
        .where(Account.kind == "administrator", Account.status == "active")
        .order_by(last_use().desc(), Account.id)
        .limit(1)
    )
    return session.scalar(latest)


def indispensable(session: Session, now: datetime) -> set[int]:
    """The accounts that no silence may end: of each group of the setting `account.kept_groups` the
    one in use that was used last, and the last administrator. Without them nobody could ask for
    an account, check the request or decide on it.
    """
    kept = setting(session, now, "account.kept_groups")
    rows = session.execute(
        sa.select(Grant.group_key, Account.id)
        .join(Account, Account.id == Grant.account_id)
        .where(Grant.group_key.in_(list(map(str, kept)) if isinstance(kept, list) else []))
        .where(Account.status == "active", grants_in_force(day_of(now)))
        .order_by(last_use(), Account.id.desc())
    )
    last = dict(rows.all())
    administrator = last_administrator(session)
    return set(last.values()) | ({administrator} if administrator is not None else set())


def _warn(engine: Engine, session: Session, now: datetime, *, days: int, notice: int) -> None:
    """Who has an address reads once for each rest that the account will be suspended, and when."""
    warned = sa.and_(Account.idle_warned_at.is_not(None), Account.idle_warned_at >= last_use())
    resting = _resting(now - timedelta(days=max(days - notice, 0))).where(sa.not_(warned))
    for account in session.scalars(resting.limit(BATCH)):
        account.idle_warned_at = now
        used_at = max(
            each
            for each in (account.last_login_at, account.activated_at, account.created_at)
            if each is not None
        )
        if account.person.email:
            letter = _letter(session, account, used_at + timedelta(days=days), now)
            key = f"idle-letter:{account.name}:{now.isoformat()}"
            engine.enqueue(session, "mail.send", letter, key=key)


def _letter(session: Session, account: Account, until: datetime, now: datetime) -> dict[str, str]:
    with force_locale(account.language or i18n.LANGUAGES[0]):
        lines = [
            gettext("Dear %(name)s,", name=account.person.full_name),
            "",
            gettext(
                "Your account %(name)s has not been used for a long time. Log in before %(when)s, "
                "or it will be suspended; an administrator can open it again.",
                name=account.name,
                when=words.instant(until),
            ),
            "",
            str(setting(session, now, "agency.name") or ""),
            gettext("This letter was sent by the software; do not answer it."),
        ]
        subject = gettext("Your account will be suspended")
        return {
            "to": str(account.person.email),
            "subject": subject,
            "text": "\n".join(lines),
        }
