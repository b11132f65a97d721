"""What opens, changes and ends accounts and their rights; each in the caller's transaction."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.people.accounts import usernames
from app.people.log import Origin, record
from app.people.models import Account, Login, Person, Post
from app.people.organisation import organisations, units
from app.people.rights.grants import Membership, grant, require_group
from app.people.rights.groups import day_of
from app.people.rights.reach import holds
from app.people.settings import setting
from engine.errors import Refusal

KINDS = ("internal", "administrator", "enterprise")


class AccountExists(Refusal):
    """{holder} already has the account "{account}". One person has one; change that one."""

    status = 409


class ContactKnown(Refusal):
    """{holder} is already known with other contact data. Ask for a change of these data first; a list does not change them."""  # noqa: E501

    status = 409


@dataclass(frozen=True)
class Application:
    """Who is to have which account (requirements 7.1, 7.2).

    wanted: the user name asked for; without one the tenant's policy gives it. unit: code of the
    unit the person works in. position: what the person is there, as written. organisation: the
    enterprise that the account stands for, with its codes; the person is its head. training:
    proof of it, for groups that administer (KH-11.1b).
    """

    full_name: str
    kind: str = "internal"
    unit: str | None = None
    birth_date: date | None = None
    sex: str | None = None
    address: str = ""
    position: str = ""
    phone: str | None = None
    email: str | None = None
    label: str = ""
    wanted: str = ""
    enterprise_code: str = ""
    tax_code: str = ""
    organisation: str = ""
    groups: tuple[Membership, ...] = ()
    basis: str = ""
    training: str = ""


def normal_phone(phone: str | None) -> str | None:
    """The number as +84 and digits; what is no Vietnamese number keeps its digits (vn-rules 8)."""
    digits = re.sub(r"[^\d+]", "", phone or "")
    if not digits:
        return None
    if digits.startswith("0"):
        return f"+84{digits[1:]}"
    return digits if digits.startswith("+") else f"+{digits}" if digits[:2] == "84" else digits


def normal_email(email: str | None) -> str | None:
    """The address in lower case; None for none."""
    return unicodedata.normalize("NFC", email or "").strip().lower() or None


def holder(session: Session, application: Application) -> Account | None:
    """The open account of that kind which the same person already has (HP-8.1, BD-11.1, YC-3.2).

    An enterprise's is that of the enterprise with one of its codes, whoever heads it; see
    `organisations.account_of`. The same person has the same e-mail address, the same mobile
    number (a desk telephone is shared), or the same full name and birth date. Closed accounts of
    persons do not count (KH-12.4a5).
    """
    if application.enterprise_code:
        known = organisations.find(session, application.enterprise_code, application.tax_code)
        return organisations.account_of(session, known) if known else None
    return session.scalar(
        sa.select(Account)
        .join(Account.person)
        .options(joinedload(Account.person))
        .where(
            Account.kind == application.kind,
            Account.status != "closed",
            _same_person(application),
        )
        .order_by(Account.id)
        .limit(1)
    )


def already(application: Application, present: Account) -> AccountExists:
    """The refusal that names the account there is."""
    return AccountExists(
        holder=application.organisation or present.person.full_name, account=present.name
    )


def _same_person(application: Application) -> sa.ColumnElement[bool]:
    same: list[sa.ColumnElement[bool]] = [_same_name(application)]
    email, phone = normal_email(application.email), normal_phone(application.phone)
    if email:
        same.append(Person.email == email)
    if phone and re.fullmatch(r"\+84[35789]\d{8}", phone):
        same.append(Person.phone == phone)
    return sa.or_(*same)


def _same_name(application: Application) -> sa.ColumnElement[bool]:
    if application.birth_date is None:
        return sa.false()
    # The sort key holds letters and tones without case, so that "AN" and "An" are one name.
    named = Person(full_name=application.full_name)
    return sa.and_(Person.sort_key == named.sort_key, Person.birth_date == application.birth_date)


def require_contact(session: Session, application: Application) -> None:
    """Who holds any account keeps the e-mail address and number by which links reach them.

    Raises ContactKnown where the application gives others. A list alone must not change them:
    whoever reads the new address would be let into the account that is there.
    """
    email, phone = normal_email(application.email), normal_phone(application.phone)
    has_account = sa.exists().where(Account.person_id == Person.id, Account.deleted_at.is_(None))
    for person in session.scalars(sa.select(Person).where(_same_name(application), has_account)):
        if contact_differs(email, phone, {(person.email, person.phone)}):
            raise ContactKnown(holder=person.full_name)


def contact_differs(
    email: str | None, phone: str | None, known: Set[tuple[str | None, str | None]]
) -> bool:
    """Whether an address or number that is given is not the one kept; one that is empty counts."""
    return any(email not in (None, e) or phone not in (None, p) for e, p in known)


def open_account(session: Session, application: Application, *, origin: Origin) -> Account:
    """The person has an account with a name that is theirs for ever, and the rights asked for.

    Nobody can log in with it before the holder has chosen a password on a one-time link.
    Raises AccountExists, NameTaken, NameImpossible, GroupUnknown, GroupNotForKind, UnitUnknown,
    TrainingMissing.
    """
    _one_at_a_time(session)
    _require_open(session, application, origin.now)
    realm, user_name = _name(session, application, origin)
    account = Account(
        realm=realm,
        user_name=user_name,
        kind=application.kind,
        label=application.label or application.position,
        person=_person(session, application),
        unit_code=application.unit,
        organisation_id=_organisation(session, application),
        basis=application.basis,
    )
    begin(session, account, origin=origin)
    _place(session, account.person, application, origin)
    for membership in application.groups:
        grant(
            session, account, membership, origin=origin, basis=application.basis,
            trained=application.training,
        )  # fmt: skip
    return account


def begin(
    session: Session, account: Account, *, origin: Origin, follows: Account | None = None
) -> None:
    """The new account is active from now on, and the log says so.

    follows: the closed account of the same person that it takes the place of.
    """
    account.created_at = account.activated_at = origin.now
    account.created_by = origin.actor
    session.add(account)
    session.flush()  # The grants and the log need the account's number and name.
    record(
        session,
        "account_created",
        account.name,
        origin=origin,
        unit=account.unit_code,
        kind=account.kind,
        person=account.person.full_name,
        follows=follows.name if follows is not None else None,
        basis=account.basis or None,
    )


def _require_open(session: Session, application: Application, now: datetime) -> None:
    """Raises the refusal that stands in the way of the application, before anything is changed."""
    present = holder(session, application)
    if present is not None:
        raise already(application, present)
    if application.unit is not None:
        units.require_unit(session, application.unit, now)
    for membership in application.groups:
        require_group(session, application.kind, membership.group, now)
        units.require_unit(session, membership.unit, now)


def _one_at_a_time(session: Session) -> None:
    """Accounts are opened one after another, so that two requests for one person see each other.

    SQLite writes one after another anyway; on PostgreSQL the lock ends with the transaction.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(0x70656F706C65)))


def _name(session: Session, application: Application, origin: Origin) -> tuple[str, str]:
    policy = usernames.policies()[_policy_key(session, application, origin)]
    if application.wanted:
        return policy.realm, usernames.take_wanted(
            session, policy.realm, application.wanted, origin.now
        )
    place = setting(session, origin.now, "account.username_place")
    subject = usernames.Subject(
        full_name=application.full_name,
        birth_date=application.birth_date,
        place=str(place or setting(session, origin.now, "agency.short_name")),
        enterprise_code=application.enterprise_code,
        organisation=application.organisation,
    )
    return policy.realm, usernames.allocate(session, policy, subject, origin.now)


def _policy_key(session: Session, application: Application, origin: Origin) -> str:
    """The tenant's choice for its own people; an enterprise is named by its code (HP-3.3b)."""
    if application.kind == "enterprise":
        return "hp-enterprise"
    return str(setting(session, origin.now, "account.username_policy"))


def _person(session: Session, application: Application) -> Person:
    """The person of that name and birth date, brought up to date, or a new one."""
    person = session.scalar(sa.select(Person).where(_same_name(application)).limit(1))
    if person is None:
        person = Person(full_name=application.full_name, birth_date=application.birth_date)
        session.add(person)
    person.sex = application.sex or person.sex
    if not application.enterprise_code:  # Else the address is that of the enterprise.
        person.address = application.address or person.address or ""
    person.phone = normal_phone(application.phone) or person.phone
    person.email = normal_email(application.email) or person.email
    return person


def _organisation(session: Session, application: Application) -> int | None:
    """The number of the enterprise that the account stands for."""
    if not application.enterprise_code:
        return None
    kept = organisations.keep(
        session,
        enterprise_code=application.enterprise_code,
        tax_code=application.tax_code,
        name=application.organisation,
        address=application.address,
        phone=normal_phone(application.phone),
    )
    return kept.id


def _place(session: Session, person: Person, application: Application, origin: Origin) -> None:
    """An official holds a post in the unit from today on, if none there yet."""
    if application.unit is None or application.kind != "internal":
        return
    today = day_of(origin.now)
    held = sa.select(Post.id).where(
        Post.person_id == person.id,
        Post.unit_code == application.unit,
        holds(Post, today),
    )
    if session.scalar(held.limit(1)) is None:
        units.give_post(
            session,
            person,
            application.unit,
            kind="member",
            title=application.position,
            valid_from=today,
            origin=origin,
            basis=application.basis,
        )


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
