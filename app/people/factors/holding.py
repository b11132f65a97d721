"""Setting up a second factor, showing it at login, taking it away; each in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people import accounts
from app.people.factors import kinds, letters, needs, passkeys, recovery, totp
from app.people.factors.models import Passkey, Totp
from app.people.log import Origin, record
from app.people.login import choosing, logins
from app.people.models import Account, Login
from app.people.queries import find_account
from engine import Engine
from engine.errors import Refusal


class FactorRequired(Refusal):
    """Your rights or your network require a second factor, so it stays. Set up another device instead."""  # noqa: E501

    status = 409


@dataclass(frozen=True)
class Kept:
    """The second factors of an account: since when, which, how many recovery codes are left."""

    added_at: datetime
    codes_left: int
    authenticator: Totp | None
    passkeys: list[Passkey]


def kept(session: Session, account: Account) -> Kept | None:
    """The account's second factors; None if it has none. Copied passkeys are shown too."""
    row, keys = totp.find(session, account.id), passkeys.every(session, account.id)
    since = [each.added_at for each in (row, *keys) if each is not None]
    return Kept(min(since), recovery.left(session, account.id), row, keys) if since else None


Take = Callable[[Session, Account, Origin], str | None]
"""Takes what the holder shows: by which factor it is right, or None."""


def show(
    engine: Engine, login: Login, code: str, *, where: logins.Where, key: bytes
) -> str | None:
    """The stay goes on under a new token, which is the answer; None if the code is wrong.

    code: six digits of the authenticator, or a recovery code. Wrong codes count as wrong
    passwords; when they lock the account, its stays end.
    """

    def take(session: Session, account: Account, origin: Origin) -> str | None:
        factor = taken(session, account.id, code, now=origin.now, key=key)
        if factor == "recovery_code":
            record(
                session, "recovery_code_used", account.name, origin=origin,
                unit=account.unit_code, left=recovery.left(session, account.id),
            )  # fmt: skip
            letters.tell(engine, session, account, "recovery_code_used", origin=origin)
        return factor

    return go_on(engine, login, take, where=where)


def go_on(engine: Engine, login: Login, take: Take, *, where: logins.Where) -> str | None:
    """As `show`, by any second factor."""
    name = login.account.name
    with engine.writing() as session:
        now = engine.clock()
        may_try = logins.count_attempt(session, name, now) is not None
        account = find_account(session, name)
        row = session.get_one(Login, login.id)
        origin = Origin(name, now, where.address)
        if account is None or row.ended_at is not None or needs.SECOND_FACTOR not in row.steps:
            return None
        factor = take(session, account, origin) if may_try else None
        if factor is None:
            logins.record_failure(session, account, origin=origin, event="factor_failed")
            if account.locked_until is not None:
                accounts.end_logins(session, account, origin=origin)
            return None
        row.steps = [step for step in row.steps if step != needs.SECOND_FACTOR]
        if account.last_login_at is None:
            choosing.tell_first(engine, session, account, now)
        return logins.go_on(session, row, account, origin=origin, factor=factor)


def taken(
    session: Session, account_id: int, code: str, *, now: datetime, key: bytes
) -> str | None:
    """By which factor of the account the code is right; it is spent then."""
    if totp.take(session, account_id, code, now=now, key=key):
        return "totp"
    return "recovery_code" if recovery.take(session, account_id, code, now) else None


@dataclass(frozen=True)
class Offer:
    """A secret that was shown to the holder, and the code that proves that it arrived."""

    nonce: str
    code: str


def set_up(
    engine: Engine, login: Login, offer: Offer, *, origin: Origin, key: bytes
) -> list[str] | None:
    """The authenticator is the account's second factor; the answer is its recovery codes.

    None if the code is wrong. An authenticator before is replaced, and the other stays end.
    """
    counter = totp.counter_of(offer.code, totp.secret(offer.nonce, key), origin.now)
    if counter is None:
        return None
    with engine.writing() as session:
        account = find_account(session, login.account.name)
        row = session.get_one(Login, login.id)
        if account is None or row.ended_at is not None:
            return None
        session.execute(sa.delete(Totp).where(Totp.account_id == account.id))
        session.add(
            Totp(
                account_id=account.id,
                nonce=offer.nonce,
                added_at=origin.now,
                last_counter=counter,
            )
        )
        codes = recovery.make(session, account.id, origin.now)
        row.steps = [step for step in row.steps if step != needs.ENROL]
        accounts.end_logins(session, account, origin=origin, but=row)
        _note(engine, session, account, "factor_added", origin=origin)
        return codes


def renew_codes(engine: Engine, account_name: str, *, origin: Origin) -> list[str]:
    """Ten new recovery codes; the ones before are worth nothing. Nothing without a factor."""
    with engine.writing() as session:
        account = find_account(session, account_name)
        if account is None or not kinds.of(session, account.id):
            return []
        codes = recovery.make(session, account.id, origin.now)
        _note(engine, session, account, "recovery_codes_made", origin=origin)
        return codes


def remove(engine: Engine, account_name: str, *, origin: Origin) -> None:
    """The authenticator is gone. Raises FactorRequired where the account needs a second factor
    and no passkey is left.
    """
    with engine.writing() as session:
        account = find_account(session, account_name)
        if account is not None and totp.find(session, account.id) is not None:
            gone = sa.delete(Totp).where(Totp.account_id == account.id)
            take_away(engine, session, account, gone, origin=origin, event="factor_removed")


def take_away(
    engine: Engine, session: Session, account: Account, gone: sa.Delete, *, origin: Origin,
    event: str, **details: str,
) -> None:  # fmt: skip
    """One of the account's factors is gone, and with the last one what stood beside it.

    Recovery codes are worth nothing then, and a password that may be as short as is enough beside
    a second factor only must be changed. Raises FactorRequired.
    """
    before = kept(session, account)
    session.execute(gone)
    if kinds.of(session, account.id):
        pass
    elif needs.is_required(session, account, origin.now, origin.address):
        raise FactorRequired()
    elif before is not None:
        _fall_back(session, account, before.added_at)
    _note(engine, session, account, event, origin=origin, **details)


def _fall_back(session: Session, account: Account, since: datetime) -> None:
    if account.password_set_at and account.password_set_at >= since:
        account.must_change = True
    recovery.drop(session, account.id)


def reset(engine: Engine, session: Session, account: Account, *, origin: Origin) -> None:
    """An administrator has taken the second factors away: the holder lost them. All stays end."""
    before = kept(session, account)
    if before is None:
        return
    for table in (Totp, Passkey):
        session.execute(sa.delete(table).where(table.account_id == account.id))
    _fall_back(session, account, before.added_at)
    _note(engine, session, account, "factor_reset", origin=origin)
    accounts.end_logins(session, account, origin=origin)


def _note(
    engine: Engine, session: Session, account: Account, event: str, *, origin: Origin,
    **details: str,
) -> None:  # fmt: skip
    """It stands in the account log, and the holder is told by letter."""
    record(session, event, account.name, origin=origin, unit=account.unit_code, **details)
    letters.tell(engine, session, account, event, origin=origin)
