"""One-time links on which the holder of an account chooses a password (QN-6.3c, KH-12.4b2).

A link leaves here *sealed*: a random number without its signature, worth nothing to whoever reads
it in a case's data, its journal or a waiting job. The signature is added where a letter is handed
to the mail system (`opening`), by the installation's key, and is kept nowhere.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from app.people import settings
from app.people.accounts import end_logins
from app.people.factors import voiding
from app.people.log import Origin, line, record
from app.people.models import Account, AccountLog, FirstLink
from engine.errors import Refusal
from engine.ports import Call, Operation
from engine.values import Record

PATH = "/first-password/"
_SEALED = re.compile(rf"{PATH}([\w-]{{32}})(?![\w-]|\.[\w-])")


class LinkGone(Refusal):
    """This link was used, replaced by a newer one, or is too old. Ask the Office for another."""

    status = 404


def issue(session: Session, account: Account, *, origin: Origin) -> tuple[str, datetime]:
    """The sealed path of a new link and the instant at which it is worth nothing any more.

    Links issued before, the password and all logins of the account end now: whoever asks for a new
    link has lost the password, or somebody else has it.
    """
    _bar(session, account, origin)
    account.failed_count, account.locked_until = 0, None
    ((path, expires_at),) = issue_first(session, [account], origin=origin)
    return path, expires_at


def issue_first(
    session: Session, accounts: list[Account], *, origin: Origin
) -> list[tuple[str, datetime]]:
    """`issue` for accounts just opened: they have no password, link or login that could end."""
    if not accounts:
        return []
    hours = settings.number(session, origin.now, "link.hours")
    expires_at = origin.now + timedelta(hours=hours)
    numbers = [secrets.token_urlsafe(24) for _ in accounts]
    session.execute(sa.insert(FirstLink), [
        {"number": number, "account_id": account.id, "issued_at": origin.now,
         "issued_by": origin.actor, "expires_at": expires_at}
        for number, account in zip(numbers, accounts, strict=True)
    ])  # fmt: skip
    session.execute(sa.insert(AccountLog), [
        line("link_issued", account.name, origin=origin, unit=account.unit_code,
             expires_at=expires_at)
        for account in accounts
    ])  # fmt: skip
    return [(f"{PATH}{number}", expires_at) for number in numbers]


def void_password(session: Session, account: Account, *, origin: Origin, basis: str) -> None:
    """Nobody can log in before a new link is used: the password was disclosed (BD-11.1).

    Second factors go too: who knew the password may have added a device of their own. Nor does a
    directory or a provider open it before: what was disclosed may be the password there.
    """
    _bar(session, account, origin)
    account.barred_at = origin.now
    voiding.drop(session, account, origin=origin)
    record(
        session,
        "password_voided",
        account.name,
        origin=origin,
        unit=account.unit_code,
        basis=basis or None,
    )


def _bar(session: Session, account: Account, origin: Origin) -> None:
    """Open links, the password and all logins of the account are worth nothing from now on."""
    close_all(session, account, origin.now)
    account.password_hash = None
    account.must_change = True
    end_logins(session, account, origin=origin)


def opened(text: str, key: bytes) -> str:
    """The text with a signature behind each sealed link in it, so that the links work."""
    return _SEALED.sub(lambda found: f"{found[0]}.{_signature(found[1], key)}", text)


def opening(operation: Operation, key: bytes) -> Operation:
    """The operation that sends letters, with the links in them opened at the last moment."""

    def run(call: Call, letter: Record) -> Record | None:
        texts = {name: opened(text, key) for name, text in letter.items() if isinstance(text, str)}
        return operation.run(call, letter | texts)

    return replace(operation, run=run)


def number_of(token: str, key: bytes) -> str | None:
    """The number of the link if its signature is ours."""
    number, _, signature = token.partition(".")
    is_ours = hmac.compare_digest(signature.encode(), _signature(number, key).encode())
    return number if is_ours else None


def _signature(number: str, key: bytes) -> str:
    return hmac.new(key, f"first-link:{number}".encode(), "sha256").hexdigest()


def find(session: Session, number: str | None, now: datetime) -> FirstLink | None:
    """The link of that number with its account and person, if it may still be used."""
    return session.scalar(
        sa.select(FirstLink)
        .join(FirstLink.account)
        .join(Account.person)
        .options(contains_eager(FirstLink.account).contains_eager(Account.person))
        .where(
            FirstLink.number == number,
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
    if not close_all(session, account, origin.now):
        raise LinkGone()
    account.barred_at = None
    record(session, "link_used", account.name, origin=origin, unit=account.unit_code)


def close_all(session: Session, account: Account, now: datetime) -> int:
    """How many links of the account could have been used until now."""
    closed = session.scalars(
        sa.update(FirstLink)
        .where(FirstLink.account_id == account.id, FirstLink.closed_at.is_(None))
        .values(closed_at=now)
        .returning(FirstLink.id)
        .execution_options(synchronize_session=False)
    )
    return len(closed.all())
