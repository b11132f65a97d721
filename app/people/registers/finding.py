"""Accounts by criteria, as they stand or as they stood on a day; nothing beyond somebody's units.

How an account stood is read from the account log, which nobody can change: the last event of its
life before the end of that day, and the unit that the log names with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.factors.models import Passkey, Totp
from app.people.models import INTERNAL, Account, AccountLog, Grant, Person, Post
from app.people.organisation.organisations import Organisation
from app.people.registers.criteria import NONE, Criteria
from app.people.rights import in_force
from app.people.rights.groups import day_of
from app.people.rights.reach import holds
from engine.calendar import ZONE
from engine.fold import fold

_STATES = {
    "account_created": "active",
    "account_reopened": "active",
    "account_suspended": "suspended",
    "account_closed": "closed",
    "account_deleted": "deleted",
}
_PLACES = (*_STATES, "account_changed")
KINDS = {"users": ("internal", "administrator"), "customers": ("enterprise",)}
CHUNK = 500


@dataclass(frozen=True)
class View:
    """What somebody may see of the registers, and when they look.

    units: codes of the units in reach. now: the instant of looking.
    """

    units: frozenset[str]
    now: datetime


def _end(day: date) -> datetime:
    """The instant at which a local day is over."""
    return datetime.combine(day + timedelta(days=1), time(), ZONE)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def _log(column: Any, events: tuple[str, ...], end: datetime) -> sa.ScalarSelect[Any]:
    """What the last line of these events before an instant says of the account."""
    # The name as `Account.name` gives it.
    name = sa.case(
        (Account.realm == INTERNAL, Account.user_name),
        else_=Account.realm + ":" + Account.user_name,
    )
    lines = sa.select(column).where(
        AccountLog.account == name, AccountLog.event.in_(events), AccountLog.at < end
    )
    return lines.order_by(AccountLog.id.desc()).limit(1).correlate(Account).scalar_subquery()


def state_on(on: date | None) -> sa.ColumnElement[str]:
    """How an account stood at the end of that day; now without one."""
    now = sa.case((Account.deleted_at.is_not(None), "deleted"), else_=Account.status)
    if on is None:
        return now
    event = _log(AccountLog.event, tuple(_STATES), _end(on))
    # An account older than the log stood as it stands, unless it was ended later.
    older = sa.case((Account.deactivated_at >= _end(on), "active"), else_=now)
    return sa.func.coalesce(sa.case(_STATES, value=event), older)


def unit_on(on: date | None) -> sa.ColumnElement[str | None]:
    """Where an account belonged at the end of that day; now without one."""
    if on is None:
        return Account.unit_code
    return sa.func.coalesce(_log(AccountLog.unit_code, _PLACES, _end(on)), Account.unit_code)


def _last_login(on: date | None) -> sa.ColumnElement[datetime | None]:
    if on is None:
        return Account.last_login_at
    return _log(AccountLog.at, ("login",), _end(on))


def _factor(on: date | None) -> sa.ColumnElement[bool]:
    """Whether there is an authenticator, or a passkey that opens something."""
    codes = sa.select(Totp.id).where(Totp.account_id == Account.id)
    keys = sa.select(Passkey.id).where(Passkey.account_id == Account.id)
    if on is None:
        keys = keys.where(Passkey.copied_at.is_(None))
    else:
        end = _end(on)
        codes = codes.where(Totp.added_at < end)
        still = sa.or_(Passkey.copied_at.is_(None), Passkey.copied_at >= end)
        keys = keys.where(Passkey.added_at < end, still)
    return sa.or_(codes.correlate(Account).exists(), keys.correlate(Account).exists())


def _closed_at(on: date | None) -> sa.ColumnElement[datetime | None]:
    """When the account was ended; on a past day, the last time before its end."""
    if on is None:
        return Account.deactivated_at
    ended = _log(AccountLog.at, ("account_closed",), _end(on))
    # An account older than the log.
    older = sa.case((Account.deactivated_at < _end(on), Account.deactivated_at), else_=None)
    return sa.func.coalesce(ended, older)


def _title(day: date) -> sa.ScalarSelect[str]:
    """The title of the post held on the day; a head's or deputy's before a member's."""
    rank = sa.case((Post.kind == "head", 0), (Post.kind == "deputy", 1), else_=2)
    posts = sa.select(Post.title).where(
        Post.person_id == Account.person_id, Post.title != "", holds(Post, day)
    )
    return posts.order_by(rank, Post.id.desc()).limit(1).correlate(Account).scalar_subquery()


def query(session: Session, view: View, criteria: Criteria) -> sa.Select[Any]:
    """Everything that lists, counts and files tell of the accounts that meet the criteria."""
    on, day = criteria.on, criteria.on or day_of(view.now)
    own = partial(_in_sight, view, criteria)
    columns = {
        "id": Account.id, "realm": Account.realm, "user_name": Account.user_name,
        "kind": Account.kind, "label": Account.label, "created_at": Account.created_at,
        "closed_at": _closed_at(on), "state": state_on(on), "unit": unit_on(on),
        "last_login_at": _last_login(on), "factor": _factor(on), "title": _title(day),
        "full_name": Person.full_name, "birth_date": own(Person.birth_date),
        "sex": own(Person.sex), "home": own(Person.address), "mobile": own(Person.phone),
        "email": own(Person.email),
        "enterprise_code": Organisation.enterprise_code, "tax_code": Organisation.tax_code,
        "organisation": Organisation.name, "seat": Organisation.address,
        "desk_phone": Organisation.phone,
    }  # fmt: skip
    return (
        sa.select(*(column.label(name) for name, column in columns.items()))
        .select_from(Account)
        .join(Person, Person.id == Account.person_id)
        .outerjoin(Organisation, Organisation.id == Account.organisation_id)
        .where(*_conditions(session, view, criteria))
        .order_by(Person.sort_key, Account.id)
    )


def _in_sight(view: View, criteria: Criteria, column: Any) -> Any:
    """What is kept of a person today; on a past day empty for who has left the units in reach.

    Whom somebody looked after then they know by name; where that person lives now they need not.
    """
    if criteria.on is None:
        return column
    units = sorted(view.units)
    here = Account.unit_code.in_(units)
    if criteria.register == "customers":
        here = sa.or_(here, _served(units, view.now, state_on(None)))
    return sa.case((here, column), else_=None)


def _served(units: list[str], on: date, state: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether an account has rights in one of the units; one that is closed or deleted, whether it
    had: those of an account that another followed are the other's now.
    """
    granted = sa.or_(
        in_force.grants_in_force(on),
        sa.and_(state.in_(("closed", "deleted")), Grant.valid_from <= day_of(on)),
    )
    served = sa.select(Grant.id).where(
        Grant.account_id == Account.id, Grant.unit_code.in_(units), granted
    )
    return served.correlate(Account).exists()


def _conditions(
    session: Session, view: View, criteria: Criteria
) -> Iterator[sa.ColumnElement[bool]]:
    on, day = criteria.on, criteria.on or day_of(view.now)
    yield Account.kind.in_(KINDS[criteria.register])
    yield _reached(session, view, criteria, day)
    if on is not None:
        yield Account.created_at < _end(on)
    if criteria.state:
        yield state_on(on) == criteria.state
    if criteria.kind:
        yield Account.kind == criteria.kind
    if criteria.label:
        yield Account.label == ("" if criteria.label == NONE else criteria.label)
    if criteria.position:
        yield _holds_post(session, criteria.position, day)
    if criteria.group:
        yield _in_group(criteria.group, on or view.now)
    yield from _between(Account.created_at, criteria.created_from, criteria.created_to)
    if criteria.closed_from or criteria.closed_to:
        yield state_on(on) == "closed"
        yield from _between(_closed_at(on), criteria.closed_from, criteria.closed_to)
    yield from _used(criteria, view.now)
    handed = former_holders(session, on) if on is not None and criteria.text else {}
    theirs = sa.not_(_named(handed))
    for word in fold(criteria.text).split():
        yield sa.or_(
            sa.and_(theirs, Person.search.contains(word, autoescape=True)),
            _named(name for name, holder in handed.items() if word in fold(holder)),
            Account.user_name.contains(word, autoescape=True),
            sa.and_(
                theirs,
                _in_sight(view, criteria, Person.email).contains(word, autoescape=True),
            ),
            Organisation.enterprise_code.contains(word, autoescape=True),
        )


def former_holders(session: Session, on: date) -> dict[str, str]:
    """By account that was handed over since the end of that day, whose it was then."""
    query = sa.select(AccountLog.account, AccountLog.details).where(
        AccountLog.event == "account_handed_over", AccountLog.at >= _end(on)
    )
    # The earliest comes last, and stays.
    latest_first = query.order_by(AccountLog.id.desc())
    return {name: str(told["before"]) for name, told in session.execute(latest_first)}


def _named(names: Iterable[str]) -> sa.ColumnElement[bool]:
    """Whether the account is one of these; only officials' accounts are handed over."""
    return sa.and_(Account.realm == INTERNAL, Account.user_name.in_(sorted(names)))


_OF_A_PERSON = ("birth_date", "sex", "home", "mobile", "email")


def _as_then(row: Mapping[Any, Any], handed: Mapping[str, str]) -> dict[str, Any]:
    """The row with its holder of then, without what is known of the holder of today alone."""
    found = dict(row)
    holder = handed.get(found["user_name"]) if found["realm"] == INTERNAL else None
    if holder is None:
        return found
    unknown = dict.fromkeys(_OF_A_PERSON) | {"title": None, "label": ""}
    return found | unknown | {"full_name": holder}


def _reached(
    session: Session, view: View, criteria: Criteria, day: date
) -> sa.ColumnElement[bool]:
    """Users of units in reach; customers who have rights in one, since they work in none."""
    codes = view.units
    if criteria.unit:
        below = in_force.below(session, {criteria.unit}, day).get(criteria.unit, frozenset())
        codes &= frozenset({criteria.unit}) if criteria.only else below | {criteria.unit}
    units = sorted(codes)
    here = unit_on(criteria.on).in_(units)
    if criteria.register == "users":
        return here
    return sa.or_(here, _served(units, criteria.on or view.now, state_on(criteria.on)))


def _holds_post(session: Session, position: str, day: date) -> sa.ColumnElement[bool]:
    """The words are looked for without marks, which the databases cannot."""
    known = session.scalars(sa.select(Post.title).where(holds(Post, day)).distinct())
    titles = [title for title in known if fold(position) in fold(title)]
    held = sa.select(Post.id).where(
        Post.person_id == Account.person_id, holds(Post, day), Post.title.in_(titles)
    )
    return held.correlate(Account).exists()


def _in_group(group: str, on: date) -> sa.ColumnElement[bool]:
    held = sa.select(Grant.id).where(
        Grant.account_id == Account.id, Grant.group_key == group, in_force.grants_in_force(on)
    )
    return held.correlate(Account).exists()


def _between(
    column: Any, first: date | None, last: date | None
) -> Iterator[sa.ColumnElement[bool]]:
    if first:
        yield column >= _begin(first)
    if last:
        yield column < _end(last)


def _used(criteria: Criteria, now: datetime) -> Iterator[sa.ColumnElement[bool]]:
    login = _last_login(criteria.on)
    if criteria.login == "never":
        yield login.is_(None)
    elif criteria.login:
        until = _end(criteria.on) if criteria.on else now
        opened = sa.func.coalesce(Account.activated_at, Account.created_at)
        before = until - timedelta(days=int(criteria.login))
        yield sa.func.coalesce(login, opened) < before
    if criteria.factor in ("yes", "no"):
        has = _factor(criteria.on)
        yield has if criteria.factor == "yes" else sa.not_(has)


def count(session: Session, view: View, criteria: Criteria) -> int:
    """How many accounts meet the criteria."""
    found = query(session, view, criteria).order_by(None).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(found)) or 0


def page(
    session: Session, view: View, criteria: Criteria, *, skip: int, limit: int
) -> list[dict[str, Any]]:
    """Some rows of `query`, in the order of Vietnamese names."""
    handed = former_holders(session, criteria.on) if criteria.on is not None else {}
    found = session.execute(query(session, view, criteria).offset(skip).limit(limit)).mappings()
    return [_as_then(row, handed) for row in found]


def stream(session: Session, view: View, criteria: Criteria) -> Iterator[dict[str, Any]]:
    """Every row with the groups held, read in chunks so that any number takes the same memory."""
    on = criteria.on or view.now
    handed = former_holders(session, criteria.on) if criteria.on is not None else {}
    rows = session.execute(
        query(session, view, criteria), execution_options={"yield_per": CHUNK}
    ).mappings()
    for part in rows.partitions(CHUNK):
        held = _groups(session, [row["id"] for row in part], on)
        for row in part:
            yield _as_then(row, handed) | {"groups": held.get(row["id"], [])}


def _groups(session: Session, accounts: list[int], on: date) -> dict[int, list[str]]:
    """By account, the keys of the groups it is in."""
    found: dict[int, list[str]] = {}
    grants = sa.select(Grant.account_id, Grant.group_key).where(
        Grant.account_id.in_(accounts), in_force.grants_in_force(on)
    )
    for account, group in session.execute(grants.distinct().order_by(Grant.group_key)):
        found.setdefault(account, []).append(group)
    return found
