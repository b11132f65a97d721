"""Logging in, staying, leaving. A wrong password, an unknown name, a locked account look alike.

An attempt is counted *before* the password is compared, so that a hundred guesses at once are no
more than five; comparing happens outside any transaction, because it takes some time.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

import sqlalchemy as sa
from flask_babel import gettext
from sqlalchemy.orm import Session, contains_eager

from app.people.accounts import end_logins
from app.people.accounts.holding import find_held
from app.people.factors import needs
from app.people.log import Origin, record
from app.people.login import passwords
from app.people.login.ways import PASSKEY, PASSWORD, Way
from app.people.models import Account, Login
from app.people.queries import split_name
from app.people.settings import number
from engine import Engine
from engine.errors import NotFound

State = Literal["open", "locked", "second_factor", "must_change", "enrol", "terms"]
# A stay is written down as seen at most so often: every page would be a write otherwise.
SEEN_SECONDS = 30
# Who has shown the password has so long to show the second factor.
HALF_MINUTES = 10


@dataclass(frozen=True)
class Where:
    """From where somebody comes: network address and browser."""

    address: str = ""
    agent: str = ""


def token_hash(token: str) -> str:
    """What is kept of a token; it is random and long, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


class Elsewhere(Protocol):
    """Somebody outside who may know a password; see `app.people.outside.directory`."""

    def knows(self, name: str, password: str) -> bool: ...
    def opens(self, account: Account) -> bool: ...
    def begin(self, session: Session, account: Account, now: datetime, where: Where) -> str: ...


def log_in(
    engine: Engine, name: str, password: str, where: Where, elsewhere: Elsewhere | None = None
) -> str | None:
    """The token of a new stay, or None; why not is for the account log alone.

    name: as typed; upper case and spaces around it do not matter. After the last wrong password
    that the settings allow, the account is locked for the time they give. elsewhere: is asked,
    for every name alike, where the password is not the one kept here.
    """
    typed = name.strip().lower()
    with engine.writing() as session:
        attempt = count_attempt(session, typed, engine.clock())
    is_right = passwords.matches(password, attempt.password_hash if attempt else None)
    if is_right or elsewhere is None or not elsewhere.knows(typed, password):
        elsewhere = None
    with engine.writing() as session:
        now = engine.clock()
        account = find_held(session, typed)  # It may be barred, or another's, meanwhile.
        if account is not None and attempt is not None and elsewhere and elsewhere.opens(account):
            return elsewhere.begin(session, account, now, where)
        if account is None or not is_right or not _is_same(attempt, account):
            record_failure(session, account, origin=Origin(typed, now, where.address))
            return None
        return _begin(session, account, now, where)


@dataclass(frozen=True)
class Attempt:
    """Somebody may try; password_hash: what to compare a password with, None if there is none."""

    password_hash: str | None


def _is_same(attempt: Attempt | None, account: Account) -> bool:
    """Whether the account was neither ended nor its password changed while it was compared."""
    is_same = attempt is not None and attempt.password_hash == account.password_hash
    return is_same and account.status == "active"


def count_attempt(session: Session, name: str, now: datetime) -> Attempt | None:
    """The attempt, counted; None where nothing that is shown can be right just now."""
    realm, user_name = split_name(name)
    lock_is_over = Account.locked_until <= now
    row = session.execute(
        sa.update(Account)
        .where(
            Account.realm == realm,
            Account.user_name == user_name,
            Account.status == "active",
            sa.or_(Account.failed_count < number(session, now, "login.attempts"), lock_is_over),
        )
        .values(
            failed_count=sa.case((lock_is_over, 1), else_=Account.failed_count + 1),
            locked_until=sa.case((lock_is_over, None), else_=Account.locked_until),
        )
        .returning(Account.password_hash)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return Attempt(row.password_hash) if row else None


def record_failure(
    session: Session, account: Account | None, *, origin: Origin, event: str = "login_failed"
) -> None:
    """The failure is logged; the account is locked if it was one too many.

    The same statements run where there is no account, so that the time they take tells nothing.
    """
    if account is None:
        # People type passwords into the wrong field: what names no account is not written down.
        record(session, event, "", origin=Origin("", origin.now, origin.address))
    else:
        record(session, event, account.name, origin=origin, unit=account.unit_code)
    until = origin.now + timedelta(hours=number(session, origin.now, "login.lock_hours"))
    # One statement: of several failures at once, one locks.
    is_locked_now = session.scalar(
        sa.update(Account)
        .where(
            Account.id == (account.id if account is not None else 0),
            Account.failed_count >= number(session, origin.now, "login.attempts"),
            Account.locked_until.is_(None),
        )
        .values(locked_until=until)
        .returning(Account.id)
    )
    if account is not None and is_locked_now:
        unit = account.unit_code
        record(session, "locked", account.name, origin=origin, unit=unit, until=until)


def _begin(session: Session, account: Account, now: datetime, where: Where) -> str:
    _ask_administrators_to_change(session, account, now)
    steps = needs.steps(session, account, now, where.address)
    return begin_after_password(session, account, now=now, where=where, steps=steps)


def begin_after_password(
    session: Session,
    account: Account,
    *,
    now: datetime,
    where: Where,
    steps: Sequence[str],
    way: Way = PASSWORD,
) -> str:
    """As `begin`, for who has just typed the right password."""
    if needs.SECOND_FACTOR in steps:
        # Wrong codes add up over many logins: whoever knows the password must not reset them.
        account.failed_count = Account.failed_count - 1
    else:
        forget_failures(account, now)
    return begin(session, account, now=now, where=where, steps=steps, way=way)


def forget_failures(account: Account, now: datetime) -> None:
    """The holder has logged in: wrong tries before count no more."""
    account.failed_count = 0
    account.locked_until = None
    account.last_login_at = now


def _ask_administrators_to_change(session: Session, account: Account, now: datetime) -> None:
    """An administrator's password that is too old must be changed now (vn-rules 5.2)."""
    if account.kind != "administrator" or account.must_change:
        return
    days = number(session, now, "password.admin_days")
    since = account.password_set_at or account.created_at
    account.must_change = now - since > timedelta(days=days)


def begin(
    session: Session,
    account: Account,
    *,
    now: datetime,
    where: Where,
    steps: Sequence[str] = (),
    way: Way = PASSWORD,
) -> str:
    """A new stay of the account; its token goes into the cookie and is kept nowhere.

    steps: what the holder has to do yet before working in it, as `needs.steps` says. way: by
    what it was opened.
    """
    token = secrets.token_urlsafe(32)
    is_half = needs.SECOND_FACTOR in steps
    session.add(
        Login(
            token_hash=token_hash(token),
            account_id=account.id,
            began_at=now,
            seen_at=now,
            idle_minutes=number(session, now, "session.idle_minutes"),
            ends_at=now + timedelta(minutes=HALF_MINUTES) if is_half else _end(session, now),
            steps=list(steps),
            way=way.name,
            outside_subject=way.subject,
            outside_session=way.session,
            id_token=way.id_token,
            proven_at=_proven_at(way, now),
            address=where.address[:60],
            agent=where.agent[:300],
        )
    )
    origin = Origin(account.name, now, where.address)
    event = "password_right" if is_half else "login"
    factor = None if way is PASSWORD else way.name
    record(session, event, account.name, origin=origin, unit=account.unit_code, factor=factor)
    return token


def _proven_at(way: Way, now: datetime) -> datetime | None:
    """When the holder last showed who they are, in a way that nobody else goes on from."""
    if way.name.startswith("oidc:"):
        # The provider lets in who was there this morning, and who sits there now, alike.
        return way.shown_at
    # A password that was typed to log in may have been typed for somebody else to go on.
    return None if way is PASSWORD else now


def begin_by_passkey(session: Session, account: Account, *, now: datetime, where: Where) -> str:
    """A new stay that a passkey has opened: nothing but the terms may be asked yet."""
    forget_failures(account, now)
    steps = needs.after_passkey(session, account, now)
    return begin(session, account, now=now, where=where, steps=steps, way=PASSKEY)


def go_on(session: Session, login: Login, account: Account, *, origin: Origin, factor: str) -> str:
    """The second factor was shown: the stay lasts its full time, under a token of its own."""
    token = secrets.token_urlsafe(32)
    login.token_hash = token_hash(token)
    login.seen_at, login.ends_at = origin.now, _end(session, origin.now)
    forget_failures(account, origin.now)
    unit = account.unit_code
    record(session, "login", account.name, origin=origin, unit=unit, factor=factor)
    return token


def _end(session: Session, now: datetime) -> datetime:
    return now + timedelta(hours=number(session, now, "session.max_hours"))


def find(session: Session, token: str, now: datetime) -> Login | None:
    """The stay of that token with its account and person, if it has not ended; one statement."""
    return session.scalar(
        sa.select(Login)
        .join(Login.account)
        .join(Account.person)
        .options(contains_eager(Login.account).contains_eager(Account.person))
        .where(
            Login.token_hash == token_hash(token),
            Login.ended_at.is_(None),
            Login.ends_at > now,
            Account.status == "active",
        )
    )


def state(login: Login, now: datetime) -> State:
    """Whether somebody may work in this stay, or must first show or change the password."""
    if login.locked_at is not None or now - login.seen_at > timedelta(minutes=login.idle_minutes):
        return "locked"
    if needs.SECOND_FACTOR in login.steps:
        return "second_factor"
    if login.account.must_change and login.way in (PASSWORD.name, PASSKEY.name):
        # Who was let in by somebody outside has no use for the password that is kept here.
        return "must_change"
    if needs.ENROL in login.steps:
        return "enrol"
    return "terms" if needs.TERMS in login.steps else "open"


def see(engine: Engine, login: Login, now: datetime) -> None:
    """The stay was used just now; written down at most twice a minute."""
    if now - login.seen_at < timedelta(seconds=SEEN_SECONDS):
        return
    with engine.writing() as session:
        session.execute(
            sa.update(Login)
            .where(Login.id == login.id, Login.locked_at.is_(None), Login.seen_at < now)
            .values(seen_at=now)
        )


def lock(engine: Engine, login: Login, where: Where) -> None:
    """The stay asks for the password from now on."""
    with engine.writing() as session:
        row = session.get_one(Login, login.id)
        if row.locked_at is None:
            row.locked_at = engine.clock()
            name, unit = login.account.name, login.account.unit_code
            origin = Origin(name, row.locked_at, where.address)
            record(session, "idle_locked", name, origin=origin, unit=unit)


def confirm(
    engine: Engine, login: Login, password: str, where: Where, elsewhere: Elsewhere | None = None
) -> bool:
    """Whether it is the holder who sits there, by the password; then a locked stay goes on.

    Wrong passwords count as those of the login page; when they lock the account, the stay ends.
    """
    name = login.account.name
    with engine.writing() as session:
        attempt = count_attempt(session, name, engine.clock())
    is_right = passwords.matches(password, attempt.password_hash if attempt else None)
    knows = not is_right and elsewhere is not None and elsewhere.knows(name, password)
    with engine.writing() as session:
        now = engine.clock()
        origin = Origin(name, now, where.address)
        account = find_held(session, name)
        if knows and elsewhere and account is not None and elsewhere.opens(account):
            is_right = True
        if account is None or not is_right or not _is_same(attempt, account):
            record_failure(session, account, origin=origin)
            if account is not None and account.locked_until is not None:
                end_logins(session, account, origin=origin)
            return False
        prove(session, session.get_one(Login, login.id), account, origin=origin)
        return True


def prove(session: Session, login: Login, account: Account, *, origin: Origin) -> None:
    """The holder has shown that it is they who sit there: the screen is not locked any more."""
    if needs.SECOND_FACTOR in login.steps:
        account.failed_count = Account.failed_count - 1
    else:
        account.failed_count = 0
    if login.locked_at is not None:
        record(session, "idle_unlocked", account.name, origin=origin, unit=account.unit_code)
    login.locked_at, login.seen_at, login.proven_at = None, origin.now, origin.now


def is_fresh(session: Session, login: Login, now: datetime) -> bool:
    """Whether the holder has shown so lately that they need not do so again."""
    minutes = number(session, now, "session.proof_minutes")
    return login.proven_at is not None and now - login.proven_at < timedelta(minutes=minutes)


def log_out(engine: Engine, login: Login, where: Where) -> None:
    """The stay has ended; its cookie is worth nothing."""
    with engine.writing() as session:
        row = session.get_one(Login, login.id)
        row.ended_at = engine.clock()
        name, unit = login.account.name, login.account.unit_code
        origin = Origin(name, row.ended_at, where.address)
        record(session, "logout", name, origin=origin, unit=unit)


def end(session: Session, login_id: int, account: Account, *, origin: Origin) -> None:
    """One stay of the account has ended, on whatever machine it was. Raises NotFound."""
    login = session.get(Login, login_id)
    if login is None or login.account_id != account.id:
        raise NotFound(thing=gettext("This login"))
    if login.ended_at is None:
        login.ended_at = origin.now
        unit = account.unit_code
        record(session, "session_ended", account.name, origin=origin, unit=unit, count=1)


def stays(session: Session, account_id: int, now: datetime) -> list[Login]:
    """The stays of an account that have not ended, the last used first."""
    found = session.scalars(
        sa.select(Login)
        .where(Login.account_id == account_id, Login.ended_at.is_(None), Login.ends_at > now)
        .order_by(Login.seen_at.desc())
    )
    return [login for login in found if needs.SECOND_FACTOR not in login.steps]
