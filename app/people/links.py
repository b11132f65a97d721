"""One-time links on which the holder of an account chooses a password (QN-6.3c, KH-12.4b2)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from app.people.accounts import end_logins
from app.people.log import Origin, record
from app.people.logins import token_hash
from app.people.models import Account, FirstLink
from app.people.settings import number
from engine.errors import Refusal

PATH = "/first-password/"


class LinkGone(Refusal):
    """This link was used, replaced by a newer one, or is too old. Ask the Office for another."""

    status = 404


def issue(session: Session, account: Account, *, origin: Origin) -> tuple[str, datetime]:
    """The path of a new link and the instant at which it is worth nothing any more.

    Links issued before, the password and all logins of the account end now: whoever asks for a new
    link has lost the password, or somebody else has it.
    """
    _close_links(session, account, origin.now)
    token = secrets.token_urlsafe(32)
    expires_at = origin.now + timedelta(hours=number(session, origin.now, "link.hours"))
    session.add(
        FirstLink(
            token_hash=token_hash(token),
            account_id=account.id,
            issued_at=origin.now,
            issued_by=origin.actor,
            expires_at=expires_at,
        )
    )
    account.password_hash = None
    account.must_change = True
    account.failed_count, account.locked_until = 0, None
    end_logins(session, account, origin=origin)
    record(
        session,
        "link_issued",
        account.name,
        origin=origin,
        unit=account.unit_code,
        expires_at=expires_at,
    )
    return f"{PATH}{token}", expires_at


def find(session: Session, token: str, now: datetime) -> FirstLink | None:
    """The link with its account and person, if it may still be used."""
    return session.scalar(
        sa.select(FirstLink)
        .join(FirstLink.account)
        .join(Account.person)
        .options(contains_eager(FirstLink.account).contains_eager(Account.person))
        .where(
            FirstLink.token_hash == token_hash(token),
            FirstLink.closed_at.is_(None),
            FirstLink.expires_at > now,
            Account.status == "active",
        )
    )


def use(session: Session, link: FirstLink, *, origin: Origin) -> None:
    """The link is worth nothing any more: its holder has chosen a password.

    Raises LinkGone if it was used or replaced at the same moment.
    """
    account = link.account
    if not _close_links(session, account, origin.now):
        raise LinkGone()
    record(session, "link_used", account.name, origin=origin, unit=account.unit_code)


def _close_links(session: Session, account: Account, now: datetime) -> int:
    """How many links of the account could have been used until now."""
    closed = session.scalars(
        sa.update(FirstLink)
        .where(FirstLink.account_id == account.id, FirstLink.closed_at.is_(None))
        .values(closed_at=now)
        .returning(FirstLink.id)
        .execution_options(synchronize_session=False)
    )
    return len(closed.all())
