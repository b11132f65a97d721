"""Why somebody may or may not do a thing on a day: every grant, date, scope and rule looked at.

It asks what `in_force.actor_for` asks, in the same order, and says each answer; a test holds that
both always come to the same end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.people.directory import grants_of
from app.people.models import INTERNAL, Account, AccountLog, Grant, Person
from app.people.rights import duties, groups, in_force
from app.people.rights.groups import day_of
from app.people.rights.reach import Scope, reach
from app.people.vietnamese import sort_key
from engine.calendar import ZONE

STATES = {
    "account_created": "active",
    "account_reopened": "active",
    "account_suspended": "suspended",
    "account_closed": "closed",
}
"""By event of the account log, how the account stands afterwards."""
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Line:
    """One thing that was looked at. speaks_for: whether it gives the right; None says neither."""

    speaks_for: bool | None
    reason: str
    grant: Grant | None = None
    rule: duties.Rule | None = None
    reached: tuple[str, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """Whether somebody may do it, and everything that was looked at.

    until: when they could no more who could earlier on that day.
    """

    allowed: bool
    status: str
    lines: list[Line]
    until: datetime | None = None

    @property
    def grants(self) -> list[Grant]:
        """Those that were looked at."""
        return [line.grant for line in self.lines if line.grant is not None]


@dataclass(frozen=True)
class Question:
    """A right in a unit on a day; an instant means that very moment."""

    right: str
    unit: str
    on: date


def explain(session: Session, account: Account, asked: Question) -> Explanation:
    """Whether the account has the right in the unit at that moment, or at the end of that day, and
    why; and until when, where it had it earlier on the day.
    """
    found = _explained(session, account, asked)
    if not found.allowed:
        ends = _ends(session, Account.id == account.id, asked.on).get(account.id, ())
        for end in sorted(ends, reverse=True):
            if _explained(session, account, replace(asked, on=end - _MOMENT)).allowed:
                return replace(found, until=end)
    return found


def _explained(session: Session, account: Account, asked: Question) -> Explanation:
    status = statuses(session, [account], asked.on)[account.id]
    held = grants_of(session, account)
    known = groups.on_day(session, asked.on)
    spread = reach(session, {Scope.of(row) for row in held}, asked.on)
    running = [row for row in held if _dates(row, asked.on) is None]
    mine = [row for row in running if _kind_fits(row, account, known)]
    bound = duties.binding(account.kind, (known[row.group_key] for row in mine))
    lines = [Line(None, "rule", rule=rule) for rule in bound]
    for row in held:
        if row in mine:
            lines.append(_scope_line(row, known[row.group_key], bound, spread, asked))
        else:
            lines.append(Line(False, _dates(row, asked.on) or "kind", row))
    gives = any(line.speaks_for for line in lines)
    return Explanation(gives and status == "active", status, lines)


def _ends(
    session: Session, some: sa.ColumnElement[bool], on: date
) -> dict[int, frozenset[datetime]]:
    """By account of some, when on that day a grant of it was revoked, or it was out of use; up to
    the moment that is asked for.
    """
    first = datetime.combine(day_of(on), time(), ZONE)
    revoked = sa.select(Grant.account_id, Grant.revoked_at).join(
        Account, Account.id == Grant.account_id
    )
    revoked = revoked.where(some, Grant.revoked_at.between(first, in_force.instant_of(on)))
    name = sa.case(
        (Account.realm == INTERNAL, Account.user_name),
        else_=Account.realm + ":" + Account.user_name,
    )
    barred = sa.select(Account.id, AccountLog.at).join(AccountLog, AccountLog.account == name)
    barred = barred.where(some, AccountLog.event.in_(("account_suspended", "account_closed")))
    barred = barred.where(AccountLog.at.between(first, in_force.instant_of(on)))
    found: dict[int, set[datetime]] = {}
    for query in (revoked, barred):
        for number, at in session.execute(query):
            found.setdefault(number, set()).add(at)
    return {number: frozenset(ends) for number, ends in found.items()}


def _dates(row: Grant, on: date) -> str | None:
    """Why a grant does not hold on the day: begins, ended or revoked."""
    day = day_of(on)
    if row.revoked_at is not None and row.revoked_at <= in_force.instant_of(on):
        return "revoked"
    if row.valid_from > day:
        return "begins"
    return "ended" if row.valid_to is not None and row.valid_to < day else None


def _kind_fits(row: Grant, account: Account, known: dict[str, groups.Group]) -> bool:
    return row.group_key in known and account.kind in known[row.group_key].kinds


def _scope_line(
    row: Grant,
    group: groups.Group,
    bound: list[duties.Rule],
    spread: dict[Scope, frozenset[str]],
    asked: Question,
) -> Line:
    if asked.right not in group.permissions:
        return Line(False, "lacks", row)
    for rule in bound:
        if group.key in rule.barred_groups or asked.right in rule.barred_permissions:
            return Line(False, "barred", row, rule)
    reached = spread[Scope.of(row)]
    if asked.unit not in reached:
        return Line(False, "elsewhere", row, reached=tuple(sorted(reached)))
    return Line(True, "gives", row)


def statuses(session: Session, accounts: Iterable[Account], on: date) -> dict[int, str]:
    """How each account stood at that instant, or at the end of that day; one statement.

    The account log says so; where it says nothing of an account, its own row does.
    """
    rows = {account.name: account for account in accounts}
    instant = in_force.instant_of(on)
    query = (
        sa.select(AccountLog.account, AccountLog.event)
        .where(
            AccountLog.account.in_(sorted(rows)),
            AccountLog.event.in_(sorted(STATES)),
            AccountLog.at <= instant,
        )
        .order_by(AccountLog.at, AccountLog.id)
    )
    told: dict[str, str] = {name: STATES[event] for name, event in session.execute(query).all()}
    return {row.id: told.get(name) or _by_row(row, instant) for name, row in rows.items()}


def holders(session: Session, accounts: Iterable[Account], on: date) -> dict[int, str]:
    """Whose each account was at that instant, or at the end of that day: what the log tells of the
    first handing over since, else its holder of today; one statement.
    """
    rows = {account.name: account for account in accounts}
    query = sa.select(AccountLog.account, AccountLog.details).where(
        AccountLog.account.in_(sorted(rows)),
        AccountLog.event == "account_handed_over",
        AccountLog.at > in_force.instant_of(on),
    )
    # The earliest comes last, and stays.
    latest_first = query.order_by(AccountLog.at.desc(), AccountLog.id.desc())
    told = {name: str(details["before"]) for name, details in session.execute(latest_first)}
    return {row.id: told.get(name, row.person.full_name) for name, row in rows.items()}


def _by_row(account: Account, instant: datetime) -> str:
    if account.created_at > instant:
        return "unborn"
    if account.deactivated_at is not None and account.deactivated_at > instant:
        return "active"
    return account.status


@dataclass(frozen=True)
class Able:
    """Somebody who had a right in a unit on a day, and the groups that gave it; until: when they
    had it no more, before the day, or what of it is asked for, was over; holder: whose the
    account was at that time.
    """

    account: Account
    groups: list[str]
    holder: str = ""
    until: datetime | None = None


def able(session: Session, asked: Question, within: frozenset[str]) -> list[Able]:
    """Who of these units' accounts had the right in the unit on that day, in the order of names:
    at the moment or the end of the day that is asked for, and who had it earlier on the day.

    The grants of everybody are read at once; once more for each moment of the day at which
    somebody's ended.
    """
    among = Account.unit_code.in_(sorted(within))
    found = {row.account.id: row for row in _able(session, asked, among)}
    gone: dict[datetime, set[int]] = {}
    for number, ends in _ends(session, among, asked.on).items():
        for end in ends if number not in found else ():
            gone.setdefault(end, set()).add(number)
    for end in sorted(gone, reverse=True):
        left = Account.id.in_(sorted(gone[end] - found.keys()))
        for row in _able(session, replace(asked, on=end - _MOMENT), left):
            found[row.account.id] = replace(row, until=end)
    held_by = holders(session, (row.account for row in found.values()), asked.on)
    rows = [replace(row, holder=held_by[row.account.id]) for row in found.values()]
    return sorted(rows, key=lambda row: (sort_key(row.holder), row.account.id))


def _able(session: Session, asked: Question, among: sa.ColumnElement[bool]) -> list[Able]:
    query: Any = (
        sa.select(Grant, Account)
        .join(Account, Account.id == Grant.account_id)
        .join(Person, Person.id == Account.person_id)
        .options(joinedload(Account.person))
        .where(among, in_force.grants_in_force(asked.on))
        .order_by(Person.sort_key, Account.id, Grant.id)
    )
    known = groups.on_day(session, asked.on)
    held: dict[int, tuple[Account, list[in_force.Held]]] = {}
    for row, account in session.execute(query):
        if _kind_fits(row, account, known):
            held.setdefault(account.id, (account, []))[1].append(
                in_force.Held(known[row.group_key], Scope.of(row))
            )
    scopes = {one.scope for _, rows in held.values() for one in rows}
    spread = reach(session, scopes, asked.on)
    state = statuses(session, (account for account, _ in held.values()), asked.on)
    found = []
    for account, rows in held.values():
        left, _only_sees = in_force.unbarred(account.kind, rows)
        by = [
            one.group.key
            for one, permissions in left
            if asked.right in permissions and asked.unit in spread[one.scope]
        ]
        if by and state[account.id] == "active":
            found.append(Able(account, list(dict.fromkeys(by))))
    return found
