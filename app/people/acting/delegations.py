"""Who may do whose work: permitted by a head, for some days, for some of it (YC-3.4, HP-8.5).

A delegation gives the grantor's own rights, never what the grantor may do for somebody else: so no
delegation is passed on (Điều 13 NĐ 30/2020), and a substitute's substitute is nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.people.accounts import holding
from app.people.log import Origin, record
from app.people.models import Account, Delegation, Grant
from app.people.queries import find_account, tree
from app.people.rights.groups import day_of, on_day
from app.people.rights.in_force import actor_for, grants_in_force
from app.people.settings import number as setting_number
from engine.errors import Refusal
from engine.forms.templating import in_words

KINDS = ("delegation", "substitution")


class GranteeUnknown(Refusal):
    """There is no official's account "{account}" in use. Choose a colleague who has one."""

    status = 422


class SamePerson(Refusal):
    """Nobody acts for themselves. Choose another colleague."""

    status = 422


class BeginsInPast(Refusal):
    """A delegation begins today or later; {day} has passed."""

    status = 422


class EndsFirst(Refusal):
    """A delegation ends on or after the day on which it begins; {last} is before {first}."""

    status = 422


class TooLong(Refusal):
    """A delegation lasts {most} days at most; this one lasts {days}."""

    status = 422


class NotOwnGroup(Refusal):
    """You are not in the group "{group}" on those days, so you cannot let anybody act in it."""

    status = 422


class PassedOn(Refusal):
    """What you do in the group "{group}" you do for {by}. Nobody passes a delegation on."""

    status = 422


class UnitNotReached(Refusal):
    """Your own groups do not reach the unit "{unit}", so you cannot let anybody act there."""

    status = 422


class AlreadyPermitted(Refusal):
    """{number} permits this already from {first} to {last}. Choose later days, or end it first."""

    status = 409


@dataclass(frozen=True)
class Order:
    """What a grantor asks for. processes, groups, units: None is all of their work."""

    kind: str
    grantor: str
    grantee: str
    valid_from: date
    valid_to: date
    processes: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None
    units: tuple[str, ...] | None = None
    basis: str = ""


def in_force(on: datetime) -> sa.ColumnElement[bool]:
    """Whether a delegation holds at an instant: both its days included, until it was ended."""
    day = day_of(on)
    return sa.and_(
        Delegation.valid_from <= day,
        Delegation.valid_to >= day,
        sa.or_(Delegation.ended_at.is_(None), Delegation.ended_at > on),
    )


def check(session: Session, order: Order, now: datetime) -> tuple[Account, Account]:
    """The accounts of grantor and grantee, when the order may be permitted as it stands.

    Raises GranteeUnknown and the first of `faults`.
    """
    for refusal in faults(session, order, now):
        raise refusal
    return _at_work(session, order.grantor), _at_work(session, order.grantee)


def faults(session: Session, order: Order, now: datetime) -> Iterator[Refusal]:
    """Each rule that the order breaks, once: SamePerson, BeginsInPast, EndsFirst, TooLong,
    NotOwnGroup, PassedOn, UnitNotReached, AlreadyPermitted. Raises GranteeUnknown.
    """
    grantor, grantee = _at_work(session, order.grantor), _at_work(session, order.grantee)
    if grantor.person_id == grantee.person_id:
        yield SamePerson()
    wrong_days = list(_wrong_days(session, order, now))
    yield from wrong_days
    if not wrong_days:
        # What somebody may give is known for days that can be alone.
        yield from _not_theirs(session, grantor, order)
        yield from _twice(session, (grantor, grantee), order)


def _wrong_days(session: Session, order: Order, now: datetime) -> Iterator[Refusal]:
    first, last = order.valid_from, order.valid_to
    if first < day_of(now):
        yield BeginsInPast(day=in_words(first))
    days = (last - first).days + 1
    most = setting_number(session, now, "delegation.most_days")
    if days < 1:
        yield EndsFirst(first=in_words(first), last=in_words(last))
    elif days > most:
        yield TooLong(most=most, days=days)


def _twice(
    session: Session, pair: tuple[Account, Account], order: Order
) -> Iterator[AlreadyPermitted]:
    """What of the kind the same two have already for a day of the order, if it gives all that is
    asked for.

    Two that are equal would each have to be ended, and whoever ends one thinks that it is over.
    """
    query = sa.select(Delegation).where(
        Delegation.grantor_id == pair[0].id,
        Delegation.grantee_id == pair[1].id,
        Delegation.kind == order.kind,
        Delegation.ended_at.is_(None),
        Delegation.valid_from <= order.valid_to,
        Delegation.valid_to >= order.valid_from,
    )
    for row in session.scalars(query.order_by(Delegation.id)):
        has = row.processes, row.groups, row.units
        wanted = order.processes, order.groups, order.units
        if all(
            own is None or (asked is not None and set(asked) <= set(own))
            for own, asked in zip(has, wanted, strict=True)
        ):
            first, last = in_words(row.valid_from), in_words(row.valid_to)
            yield AlreadyPermitted(number=permitted_in(row.number), first=first, last=last)


def _not_theirs(session: Session, grantor: Account, order: Order) -> Iterator[Refusal]:
    reach = _reach(session, grantor, order)
    for group in order.groups or ():
        if group not in reach:
            yield _refused_group(session, grantor, group, order=order)
    wanted = set(reach) if order.groups is None else set(order.groups) & set(reach)
    reached = frozenset().union(*(reach[group] for group in wanted))
    known = {row.code: row.name for row in tree(session, order.valid_from)} if order.units else {}
    for unit in order.units or ():
        if unit not in reached:
            yield UnitNotReached(unit=known.get(unit, unit))


def _at_work(session: Session, name: str) -> Account:
    found = find_account(session, name.strip().lower())
    if found is None or found.kind != "internal" or found.status != "active":
        raise GranteeUnknown(account=name)
    return found


def _reach(session: Session, account: Account, order: Order) -> dict[str, frozenset[str]]:
    """The groups that the account has of its own on all those days, and the units they reach."""
    found: dict[str, frozenset[str]] = {}
    for day in (order.valid_from, order.valid_to):
        actor = actor_for(session, account, day)
        here: dict[str, set[str]] = {}
        for who in actor.candidacies:
            group, _, unit = who.partition("@")
            here.setdefault(group, set()).add(unit)
        found = {
            group: found.get(group, frozenset(reached)) & reached
            for group, reached in here.items()
            if not found or group in found
        }
        if not found:
            break
    return found


def _refused_group(session: Session, grantor: Account, group: str, *, order: Order) -> Refusal:
    """Says whether the group is nobody's, or one that the grantor only stands in for."""
    known = on_day(session, order.valid_from)
    name = known[group].name if group in known else group
    own = sa.select(Grant.id).where(
        Grant.account_id == Delegation.grantor_id,
        Grant.group_key == group,
        grants_in_force(order.valid_from),
    )
    query = (
        sa.select(Delegation)
        .options(joinedload(Delegation.grantor).joinedload(Account.person))
        .where(
            Delegation.grantee_id == grantor.id,
            Delegation.valid_to >= order.valid_from,
            Delegation.ended_at.is_(None),
            own.exists(),
        )
    )
    for row in session.scalars(query):
        if row.groups is None or group in row.groups:
            return PassedOn(group=name, by=row.grantor.person.full_name)
    return NotOwnGroup(group=name)


def permit(session: Session, number: str, order: Order, *, origin: Origin) -> Delegation:
    """The grantee may act for the grantor from the first day to the last.

    number: the code of the case in which a head has permitted it. Raises as `check`.
    """
    # Of two who permit the same at once the second finds what the first has permitted.
    holding.hold(session, _at_work(session, order.grantor))
    grantor, grantee = check(session, order, origin.now)
    row = Delegation(
        number=number,
        kind=order.kind,
        grantor=grantor,
        grantee=grantee,
        processes=_listed(order.processes),
        groups=_listed(order.groups),
        units=_listed(order.units),
        valid_from=order.valid_from,
        valid_to=order.valid_to,
        basis=order.basis,
        permitted_at=origin.now,
        permitted_by=origin.actor,
    )
    session.add(row)
    _log(session, "delegation_permitted", row, origin, basis=order.basis or None)
    return row


def _listed(chosen: tuple[str, ...] | None) -> list[str] | None:
    return None if chosen is None else sorted(chosen)


def end(session: Session, number: str, *, origin: Origin) -> bool:
    """What the case of that code permitted gives nothing any more, to the one it named and to
    whoever took that over (`hand_over`); whether it was still giving something.

    A step that somebody is just doing for the grantor is committed first: see `acting.standing`.
    """
    taken_over = Delegation.number.startswith(f"{number}/", autoescape=True)
    query = _with_names().where(sa.or_(Delegation.number == number, taken_over))
    rows = session.scalars(query.order_by(Delegation.id).with_for_update(of=Delegation)).all()
    ended = [_ended(session, row, origin) for row in rows]
    return any(ended)


def permitted_in(number: str) -> str:
    """The code of the case that permitted a delegation, of one that was taken over too."""
    return number.partition("/")[0]


def _ended(session: Session, row: Delegation, origin: Origin) -> bool:
    if row.ended_at is not None or row.valid_to < day_of(origin.now):
        return False
    row.ended_at, row.ended_by = origin.now, origin.actor
    _log(session, "delegation_ended", row, origin)
    return True


def hand_over(session: Session, old: Account, new: Account | None, *, origin: Origin) -> int:
    """Nobody acts for the old account any more, and for whom it stood in the new one may, as the
    case permits that hands its work over. How many changed.

    What somebody was authorised to do in writing is theirs alone and passes to nobody (Điều 13.4
    Nghị định 30/2020/NĐ-CP).
    """
    mine = sa.or_(Delegation.grantor_id == old.id, Delegation.grantee_id == old.id)
    live = sa.and_(mine, Delegation.ended_at.is_(None), Delegation.valid_to >= day_of(origin.now))
    query = _with_names().where(live).order_by(Delegation.id)
    rows = session.scalars(query.with_for_update(of=Delegation)).all()
    for row in rows:
        _ended(session, row, origin)
        passes = row.kind == "substitution" and row.grantee_id == old.id
        if passes and new is not None and new.person_id != row.grantor.person_id:
            _again(session, row, new, origin)
    return len(rows)


def _again(session: Session, row: Delegation, new: Account, origin: Origin) -> None:
    """The same for another grantee from today on; its number says that it goes on from the old."""
    first = max(row.valid_from, day_of(origin.now))
    same = {
        name: getattr(row, name)
        for name in ("kind", "grantor", "processes", "groups", "units", "valid_to", "basis")
    }
    follower = Delegation(
        **same,
        number=f"{row.number}/{row.id}",
        grantee=new,
        valid_from=first,
        permitted_at=origin.now,
        permitted_by=origin.actor,
    )
    session.add(follower)
    _log(session, "delegation_permitted", follower, origin, follows=row.number)


def _with_names() -> sa.Select[tuple[Delegation]]:
    return sa.select(Delegation).options(
        joinedload(Delegation.grantor).joinedload(Account.person),
        joinedload(Delegation.grantee).joinedload(Account.person),
    )


def choices(session: Session, account: Account, now: datetime) -> Sequence[Delegation]:
    """For whom the account may act just now, or some day to come, the first to end first."""
    coming = sa.and_(
        Delegation.valid_to >= day_of(now),
        sa.or_(Delegation.ended_at.is_(None), Delegation.ended_at > now),
    )
    query = _with_names().where(Delegation.grantee_id == account.id, coming)
    return session.scalars(query.order_by(Delegation.valid_from, Delegation.id)).all()


def offered(session: Session, account: Account, now: datetime) -> Sequence[Delegation]:
    """For whom the account may act just now, the first to end first."""
    query = _with_names().where(Delegation.grantee_id == account.id, in_force(now))
    return session.scalars(query.order_by(Delegation.valid_to, Delegation.id)).all()


def given(session: Session, account: Account, now: datetime) -> Sequence[Delegation]:
    """Who may act, or might, for the account: those of the last year, the newest first."""
    since = day_of(now) - timedelta(days=365)
    query = _with_names().where(Delegation.grantor_id == account.id, Delegation.valid_to >= since)
    return session.scalars(query.order_by(Delegation.id.desc())).all()


def find(session: Session, delegation_id: int, *, afresh: bool = False) -> Delegation | None:
    """The delegation with its accounts and their persons; afresh: whatever the session holds."""
    query = _with_names().where(Delegation.id == delegation_id)
    return session.scalar(query.execution_options(populate_existing=afresh))


def _log(
    session: Session, event: str, row: Delegation, origin: Origin, **details: str | None
) -> None:
    record(
        session,
        event,
        row.grantee.name,
        origin=origin,
        unit=row.grantor.unit_code,
        behalf_of=row.grantor.name,
        number=row.number,
        **details,
    )
