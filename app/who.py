"""Who somebody is, in words: accounts, units and candidacies as pages name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.people.models import CUSTOMER, INTERNAL, Account, AccountLog, Grant, Person, UnitSpan
from app.people.organisation.organisations import Organisation
from app.people.rights import in_force
from app.people.rights.groups import Group, catalogue, day_of, on_day
from app.people.rights.reach import Scope, reach
from engine.ports import SYSTEM


@dataclass(frozen=True)
class Names:
    """What the accounts and units of one page are called, looked up together beforehand."""

    people: dict[str, str] = field(default_factory=dict)
    units: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    english: bool = False
    groups: Mapping[str, Group] = field(default_factory=catalogue)

    def person(self, account: str | None) -> str:
        """The full name of the account's holder; the account's own name when it is unknown."""
        if account == SYSTEM.name:
            return gettext("The system")
        return self.people.get(account or "", account or "")

    def unit(self, code: str | None) -> str:
        """The name of the unit on that day; its code when it is unknown."""
        name, name_en = self.units.get(code or "", (code or "", None))
        return (name_en or name) if self.english else name

    def candidate(self, who: str) -> str:
        """A candidacy in words: "Văn thư, Văn phòng" for van-thu@vp, a name for =annv.sonhai."""
        if who.startswith("="):
            return self.person(who[1:])
        key, _, unit = who.partition("@")
        group = self.groups.get(key)
        words = key if group is None else group.name_en if self.english else group.name
        return f"{words}, {self.unit(unit)}" if unit else words


def names(
    session: Session,
    now: datetime,
    *,
    people: Iterable[str | None] = (),
    units: Iterable[str | None] = (),
    english: bool = False,
) -> Names:
    """The names of these accounts and units on the day of `now`; three statements at most.

    With units come the groups of the day, which the agency may have named itself: a candidacy is
    of a group in a unit.
    """
    codes = {code for code in units if code}
    return Names(
        _full_names(session, {name for name in people if name}),
        _unit_names(session, codes, now),
        english,
        on_day(session, now) if codes else catalogue(),
    )


@dataclass(frozen=True)
class Holders:
    """Whose accounts are, by their names, and whose each was before it was handed over:
    {"annv.sonhai": [(at, "Nguyễn Văn An"), ...]}, the earliest first.
    """

    today: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, list[tuple[datetime, str]]] = field(default_factory=dict)

    def at(self, name: str | None, instant: datetime) -> str:
        """The full name of who held the account then; "" for what is no account."""
        handed = self.before.get(name or "", ())
        return next(
            (who for until, who in handed if instant < until), self.today.get(name or "", "")
        )


def holders_of(session: Session, accounts: Iterable[str | None]) -> Holders:
    """Who holds these accounts, and who did; names of no account are passed over."""
    some = {name for name in accounts if name}
    handed = (
        sa.select(AccountLog.account, AccountLog.at, AccountLog.details)
        .where(AccountLog.account.in_(sorted(some)), AccountLog.event == "account_handed_over")
        .order_by(AccountLog.at, AccountLog.id)
    )
    before: dict[str, list[tuple[datetime, str]]] = {}
    for name, at, details in session.execute(handed):
        before.setdefault(name, []).append((at, str(details["before"])))
    return Holders(_full_names(session, some), before)


def _full_names(session: Session, accounts: set[str]) -> dict[str, str]:
    if not accounts:
        return {}
    internal = {name for name in accounts if ":" not in name}
    customers = {name.partition(":")[2] for name in accounts - internal}
    rows = session.execute(
        sa.select(Account.realm, Account.user_name, Person.full_name)
        .join(Person, Person.id == Account.person_id)
        .where(
            sa.or_(
                sa.and_(Account.realm == INTERNAL, Account.user_name.in_(sorted(internal))),
                sa.and_(Account.realm == CUSTOMER, Account.user_name.in_(sorted(customers))),
            )
        )
    )
    return {
        (name if realm == INTERNAL else f"{realm}:{name}"): full_name
        for realm, name, full_name in rows
    }


def _unit_names(
    session: Session, codes: set[str], now: datetime
) -> dict[str, tuple[str, str | None]]:
    """The last name that each unit had up to that day, so that closed units keep theirs."""
    if not codes:
        return {}
    spans = session.execute(
        sa.select(UnitSpan.unit_code, UnitSpan.name, UnitSpan.name_en)
        .where(UnitSpan.unit_code.in_(sorted(codes)), UnitSpan.valid_from <= day_of(now))
        .order_by(UnitSpan.valid_from)
    )
    return {code: (name, name_en) for code, name, name_en in spans}


def told(session: Session, now: datetime, text: str, *, english: bool = False) -> str:
    """The accounts and candidacies of a refusal ("annv.sonhai, van-thu@vp") by their names."""
    parts = [part.strip() for part in text.split(",")]
    found = names(
        session,
        now,
        people=[part for part in parts if "@" not in part],
        units=[part.partition("@")[2] for part in parts if "@" in part],
        english=english,
    )
    return "; ".join(
        found.candidate(part) if "@" in part else found.person(part) for part in parts
    )


def outside(session: Session, accounts: Iterable[str]) -> list[str]:
    """Those of these accounts that are from outside, by their organisation or else their holder:
    ["Công ty TNHH ABC", "Lưu Bảo An"].
    """
    given = set(accounts)
    named = {name.partition(":")[2] or name for name in given}
    rows = session.execute(
        sa.select(Account.realm, Account.user_name, Person.full_name, Organisation.name)
        .join(Person, Person.id == Account.person_id)
        .outerjoin(Organisation, Organisation.id == Account.organisation_id)
        .where(Account.unit_code.is_(None), Account.user_name.in_(sorted(named)))
        .order_by(Person.sort_key, Account.user_name)
    )
    return [
        organisation or holder
        for realm, name, holder, organisation in rows
        if (name if realm == INTERNAL else f"{realm}:{name}") in given
    ]


@dataclass(frozen=True)
class Holder:
    """Somebody who may do a task today, and by which of its candidacies."""

    name: str
    label: str
    unit: str | None
    candidacy: str


def holders(session: Session, candidates: Iterable[str], now: datetime) -> list[Holder]:
    """The accounts at work that meet one of the candidacies now, in the order of Vietnamese names.

    candidates: "group@unit" or "=account". A grant "and all below" counts for the units below.
    At most six statements, however many candidacies there are.
    """
    wanted = list(candidates)
    named = {who[1:] for who in wanted if who.startswith("=")}
    groups = {tuple(who.split("@", 1)) for who in wanted if "@" in who and not who.startswith("=")}
    granted = _granted(session, groups, now)
    if not named and not granted:
        return []
    rows = session.execute(
        sa.select(Account.id, Account.user_name, Account.unit_code, Person.full_name)
        .join(Person, Person.id == Account.person_id)
        .where(
            Account.realm == INTERNAL,
            Account.status == "active",
            sa.or_(Account.user_name.in_(sorted(named)), Account.id.in_(sorted(granted))),
        )
        .order_by(Person.sort_key, Account.user_name)
    )
    return [
        Holder(name, label, unit, f"={name}" if name in named else granted[account])
        for account, name, unit, label in rows
    ]


def _granted(session: Session, groups: set[tuple[str, ...]], now: datetime) -> dict[int, str]:
    """Ids of the accounts that hold one of these (group, unit) pairs, and which."""
    if not groups:
        return {}
    found = session.execute(
        sa.select(Grant, Account.kind)
        .join(Account, Account.id == Grant.account_id)
        .where(
            Grant.group_key.in_(sorted({group for group, _ in groups})),
            in_force.grants_in_force(now),
        )
    ).all()
    known = on_day(session, now)
    spread = reach(session, (Scope.of(row) for row, _kind in found), now)
    held: dict[int, str] = {}
    for row, kind in found:
        # An administrator's account never works in cases, whatever was granted (HP-6.3).
        if row.group_key not in known or kind not in known[row.group_key].kinds:
            continue
        for group, unit in groups:
            if group == row.group_key and unit in spread[Scope.of(row)]:
                held[row.account_id] = f"{group}@{unit}"
    return held
