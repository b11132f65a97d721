"""What a passkey opens, and its coming and going; each in one transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext
from sqlalchemy.orm import Session
from webauthn.helpers import bytes_to_base64url
from webauthn.registration.verify_registration_response import VerifiedRegistration

from app.people import accounts, vietnamese
from app.people.accounts.holding import hold
from app.people.factors import holding, kinds, letters, needs, passkeys, recovery
from app.people.factors.models import Passkey
from app.people.log import Origin, record
from app.people.login import logins
from app.people.models import Account, Login
from app.people.queries import find_account
from engine import Engine
from engine.errors import NotFound, Refusal

LONGEST_NAME = 80
MOST = 20
"""Passkeys of one account: nobody has more devices, and a script could add them without end."""


class TooManyPasskeys(Refusal):
    """The account has {most} passkeys already. Remove one that is not used any more."""

    status = 409


class NameMissing(Refusal):
    """Give the passkey a name by which you will know the device, such as "Phone"."""

    status = 422


def log_in(engine: Engine, answer: passkeys.Answer, where: logins.Where) -> str | None:
    """The token of a new stay, or None; why not is for the account log alone.

    The device knows whose passkey it is, so no name is asked. A locked account stays locked.
    """
    with engine.writing() as session:
        now = engine.clock()
        found = passkeys.shown(session, answer, now=now)
        account = _active(session, found.row) if found else None
        origin = Origin(account.name if account else "", now, where.address)
        if found is None or account is None:
            logins.record_failure(session, None, origin=origin)
            return None
        if found.is_copy:
            _refuse_copy(engine, session, found.row, account, origin=origin)
            return None
        if account.locked_until is not None and account.locked_until > now:
            logins.record_failure(session, account, origin=origin)
            return None
        return logins.begin_by_passkey(session, account, now=now, where=where)


def _active(session: Session, passkey: Passkey) -> Account | None:
    """The account that the passkey opens, unless one of the two ended while it was shown."""
    account = session.get(Account, passkey.account_id)
    if account is None:
        return None
    hold(session, account)
    kept = session.scalar(sa.select(Passkey.id).where(Passkey.id == passkey.id))
    return account if account.status == "active" and kept else None


def _refuse_copy(
    engine: Engine, session: Session, row: Passkey, account: Account, *, origin: Origin
) -> None:
    """Nobody knows which of the two is the holder's: it opens nothing, and all stays end."""
    row.copied_at = origin.now
    unit = account.unit_code
    record(session, "passkey_copied", account.name, origin=origin, unit=unit, name=row.name)
    letters.tell(engine, session, account, "passkey_copied", origin=origin)
    accounts.end_logins(session, account, origin=origin)


def show(engine: Engine, login: Login, answer: passkeys.Answer, where: logins.Where) -> str | None:
    """After the password: the stay goes on under a new token; None if the answer is not right."""

    def take(session: Session, account: Account, origin: Origin) -> str | None:
        return "passkey" if _is_own(engine, session, account, answer, origin=origin) else None

    return holding.go_on(engine, login, take, where=where)


def confirm(engine: Engine, login: Login, answer: passkeys.Answer, where: logins.Where) -> bool:
    """Whether it is the holder who sits there; then a locked stay goes on, and for some minutes
    no page asks for the password.
    """
    with engine.writing() as session:
        now = engine.clock()
        account = find_account(session, login.account.name)
        row = session.get_one(Login, login.id)
        is_locked = account is None or (account.locked_until or now) > now
        if account is None or row.ended_at is not None or is_locked:
            return False
        origin = Origin(account.name, now, where.address)
        if not _is_own(engine, session, account, answer, origin=origin):
            logins.record_failure(session, account, origin=origin, event="factor_failed")
            return False
        logins.prove(session, row, account, origin=origin)
        return True


def _is_own(
    engine: Engine, session: Session, account: Account, answer: passkeys.Answer, *, origin: Origin
) -> bool:
    found = passkeys.shown(session, answer, now=origin.now)
    if found is None or found.row.account_id != account.id:
        return False
    if found.is_copy:
        _refuse_copy(engine, session, found.row, account, origin=origin)
    return not found.is_copy


@dataclass(frozen=True)
class Added:
    """The passkey opens the account; codes: new recovery codes, where it is the first factor."""

    codes: list[str]


def add(
    engine: Engine,
    login: Login,
    answer: passkeys.Answer,
    name: str,
    *,
    handle: str,
    origin: Origin,
) -> Added | None:
    """The passkey that a device has made is the account's; None if the answer is not right.

    handle: how the device was told to call the holder. With the first factor other stays end.
    Raises NameMissing, TooManyPasskeys.
    """
    called = _name(name)
    with engine.writing() as session:
        account = find_account(session, login.account.name)
        row = session.get_one(Login, login.id)
        if account is None or row.ended_at is not None:
            return None
        if len(passkeys.every(session, account.id)) >= MOST:
            raise TooManyPasskeys(most=MOST)
        now = origin.now
        found = passkeys.made(session, answer, now=now)
        if found is None:
            return None
        is_first = not kinds.of(session, account.id)
        session.add(_row(found, answer, account_id=account.id, name=called, handle=handle, at=now))
        row.steps = [step for step in row.steps if step != needs.ENROL]
        unit = account.unit_code
        record(session, "passkey_added", account.name, origin=origin, unit=unit, name=called)
        letters.tell(engine, session, account, "passkey_added", origin=origin)
        if not is_first:
            return Added([])
        accounts.end_logins(session, account, origin=origin, but=row)
        return Added(recovery.make(session, account.id, origin.now))


def _row(
    found: VerifiedRegistration, answer: passkeys.Answer, *, account_id: int, name: str,
    handle: str, at: datetime,
) -> Passkey:  # fmt: skip
    return Passkey(
        account_id=account_id,
        credential_id=bytes_to_base64url(found.credential_id),
        user_handle=handle,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        transports=_transports(answer.text),
        name=name,
        added_at=at,
    )


def _transports(text: str) -> list[str]:
    """How the device says that it is reached: ["internal", "hybrid"]; told back to browsers."""
    found = json.loads(text).get("response", {}).get("transports", [])
    known = ("usb", "nfc", "ble", "smart-card", "hybrid", "internal", "cable")
    return [each for each in known if isinstance(found, list) and each in found]


def rename(engine: Engine, account_name: str, number: int, name: str, *, origin: Origin) -> None:
    """The holder calls it something else. Raises NotFound, NameMissing."""
    called = _name(name)
    with engine.writing() as session:
        account, row = _own(session, account_name, number)
        unit, before = account.unit_code, row.name
        row.name = called
        record(
            session, "passkey_renamed", account.name, origin=origin, unit=unit, before=before,
            name=called,
        )  # fmt: skip


def remove(engine: Engine, account_name: str, number: int, *, origin: Origin) -> None:
    """It opens nothing any more. Raises NotFound, and FactorRequired for the last factor of who
    needs one.
    """
    with engine.writing() as session:
        account, row = _own(session, account_name, number)
        gone = sa.delete(Passkey).where(Passkey.id == row.id)
        holding.take_away(
            engine, session, account, gone, origin=origin, event="passkey_removed", name=row.name
        )


def _own(session: Session, account_name: str, number: int) -> tuple[Account, Passkey]:
    account = find_account(session, account_name)
    row = session.get(Passkey, number)
    if account is None or row is None or row.account_id != account.id:
        raise NotFound(thing=gettext("This passkey"))
    return account, row


def _name(name: str) -> str:
    called = vietnamese.tidy(name)[:LONGEST_NAME]
    if not called:
        raise NameMissing()
    return called
