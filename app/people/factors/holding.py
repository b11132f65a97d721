"""Setting up a second factor, showing it at login, taking it away; each in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people import accounts, logins
from app.people.factors import letters, needs, recovery, totp
from app.people.factors.models import Totp
from app.people.log import Origin, record
from app.people.models import Account, Login
from app.people.queries import find_account
from engine import Engine
from engine.errors import Refusal


class FactorRequired(Refusal):
    """Your rights or your network require a second factor, so it stays. Set up another device instead."""  # noqa: E501

    status = 409


@dataclass(frozen=True)
class Kept:
    """The second factor of an account: since when, and how many recovery codes are left."""

    added_at: datetime
    codes_left: int


def kept(session: Session, account: Account) -> Kept | None:
    """The account's second factor; None if there is none."""
    row = totp.find(session, account.id)
    return Kept(row.added_at, recovery.left(session, account.id)) if row else None


def show(
    engine: Engine, login: Login, code: str, *, where: logins.Where, key: bytes
) -> str | None:
    """The stay goes on under a new token, which is the answer; None if the code is wrong.

    code: six digits of the authenticator, or a recovery code. Wrong codes count as wrong
    passwords; when they lock the account, its stays end.
    """
    name = login.account.name
    with engine.writing() as session:
        now = engine.clock()
        may_try = logins.count_attempt(session, name, now) is not None
        account = find_account(session, name)
        row = session.get_one(Login, login.id)
        origin = Origin(name, now, where.address)
        if account is None or row.ended_at is not None or needs.SECOND_FACTOR not in row.steps:
            return None
        factor = taken(session, account.id, code, now=now, key=key) if may_try else None
        if factor is None:
            logins.record_failure(session, account, origin=origin, event="factor_failed")
            if account.locked_until is not None:
                accounts.end_logins(session, account, origin=origin)
            return None
        if factor == "recovery_code":
            record(
                session, "recovery_code_used", name, origin=origin, unit=account.unit_code,
                left=recovery.left(session, account.id),
            )  # fmt: skip
            letters.tell(engine, session, account, "recovery_code_used", origin=origin)
        row.steps = [step for step in row.steps if step != needs.SECOND_FACTOR]
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
        if account is None or totp.find(session, account.id) is None:
            return []
        codes = recovery.make(session, account.id, origin.now)
        _note(engine, session, account, "recovery_codes_made", origin=origin)
        return codes


def remove(engine: Engine, account_name: str, *, origin: Origin) -> None:
    """The holder logs in by the password alone. Raises FactorRequired."""
    with engine.writing() as session:
        account = find_account(session, account_name)
        if account is None:
            return
        if needs.is_required(session, account, origin.now, origin.address):
            raise FactorRequired()
        _forget(engine, session, account, "factor_removed", origin=origin)


def reset(engine: Engine, session: Session, account: Account, *, origin: Origin) -> None:
    """An administrator has taken the second factor away: the holder lost it. All stays end."""
    if totp.find(session, account.id) is None:
        return
    _forget(engine, session, account, "factor_reset", origin=origin)
    accounts.end_logins(session, account, origin=origin)


def _forget(
    engine: Engine, session: Session, account: Account, event: str, *, origin: Origin
) -> None:
    row = totp.find(session, account.id)
    if row is not None and account.password_set_at and account.password_set_at >= row.added_at:
        # It may be as short as is enough beside a second factor only.
        account.must_change = True
    session.execute(sa.delete(Totp).where(Totp.account_id == account.id))
    recovery.drop(session, account.id)
    _note(engine, session, account, event, origin=origin)


def _note(
    engine: Engine, session: Session, account: Account, event: str, *, origin: Origin
) -> None:
    """It stands in the account log, and the holder is told by letter."""
    record(session, event, account.name, origin=origin, unit=account.unit_code)
    letters.tell(engine, session, account, event, origin=origin)
