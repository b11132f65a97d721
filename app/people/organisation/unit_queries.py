"""What pages show of one unit: its history, its posts, and what a change of it would touch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.people.acting import scopes
from app.people.models import Account, Delegation, Grant, Person, Post, UnitSpan
from app.people.organisation import heirs, moving
from app.people.rights import grants, groups
from app.people.rights.groups import day_of
from app.people.rights.reach import holds
from app.people.settings import named, setting
from engine.succession import OpenWork, open_work


@dataclass(frozen=True)
class Holder:
    """A post in a unit, and who holds it."""

    post: Post
    person: str


@dataclass(frozen=True)
class Touched:
    """What a change of a unit on a day would touch. leading: of the grants those that would reach
    further in a larger unit. bare: names of those who have these alone. settings: those that name
    it, with `name` and `label`.
    """

    below: list[UnitSpan]
    people: list[Account]
    posts: list[Holder]
    grants: list[tuple[Grant, str]]
    leading: list[tuple[Grant, str]]
    bare: list[str]
    work: list[OpenWork]
    settings: list[Any]
    delegations: list[Delegation]


def history(session: Session, code: str) -> list[UnitSpan]:
    """What the unit was, is and will be, the latest first."""
    query = sa.select(UnitSpan).where(UnitSpan.unit_code == code)
    return list(session.scalars(query.order_by(UnitSpan.valid_from.desc())))


def posts(session: Session, code: str, on: date) -> list[Holder]:
    """Posts in the unit that hold on that day or later: the head, deputies, members."""
    rank = sa.case((Post.kind == "head", 0), (Post.kind == "deputy", 1), else_=2)
    query = (
        sa.select(Post, Person.full_name)
        .join(Person, Person.id == Post.person_id)
        .where(Post.unit_code == code, _not_over(Post, on))
        .order_by(rank, Person.sort_key, Post.id)
    )
    return [Holder(post, name) for post, name in session.execute(query)]


def _not_over(row: type[Post] | type[Grant], on: date) -> sa.ColumnElement[bool]:
    return sa.or_(row.valid_to.is_(None), row.valid_to >= day_of(on))


def touched(session: Session, code: str, on: date, *, now: datetime) -> Touched:
    """What hangs on the unit on that day. now: the instant whose settings count."""
    below = sa.select(UnitSpan).where(UnitSpan.parent_code == code, holds(UnitSpan, on))
    people = (
        sa.select(Account)
        .join(Account.person)
        .options(joinedload(Account.person))
        .where(Account.unit_code == code, Account.status != "closed")
        .order_by(Person.sort_key, Account.id)
    )
    granted = (
        sa.select(Grant, Person.full_name)
        .join(Account, Account.id == Grant.account_id)
        .join(Person, Person.id == Account.person_id)
        .where(Grant.unit_code == code, Grant.revoked_at.is_(None), _not_over(Grant, on))
        .order_by(Person.sort_key, Grant.id)
    )
    held = [(grant, name) for grant, name in session.execute(granted)]
    known = groups.on_day(session, on)
    leading = [(grant, name) for grant, name in held if moving.leads(grant, known)]
    naming = [name for name in heirs.NAMING_SETTINGS if setting(session, now, name) == code]
    return Touched(
        below=list(session.scalars(below.order_by(UnitSpan.position, UnitSpan.unit_code))),
        people=list(session.scalars(people)),
        posts=posts(session, code, on),
        grants=held,
        leading=leading,
        bare=_bare(session, leading, on),
        work=open_work(session, code),
        settings=list(map(named, naming)),
        delegations=scopes.naming(session, code, day_of(on)),
    )


def _bare(session: Session, leading: Iterable[tuple[Grant, str]], on: date) -> list[str]:
    """The names of those who would be left with no right at all if these ended."""
    ends = {grant.id: (grant.account_id, name) for grant, name in leading}
    holders = dict(ends.values())
    kept = sa.select(Grant.account_id).where(
        Grant.account_id.in_(sorted(holders)),
        Grant.id.not_in(sorted(ends)),
        Grant.revoked_at.is_(None),
        _not_over(Grant, on),
    )
    others = set(session.scalars(kept))
    return [name for number, name in holders.items() if number not in others]


def ordinary(session: Session, on: date) -> dict[str, groups.Group]:
    """By key, the groups of officials that are over nobody and that a unit asks for itself, the
    one of most people first.
    """
    count = sa.func.count(Grant.id).label("count")
    held = sa.select(Grant.group_key, count).where(Grant.revoked_at.is_(None), holds(Grant, on))
    counts = dict(session.execute(held.group_by(Grant.group_key)).all())
    found = {
        key: group
        for key, group in groups.on_day(session, on).items()
        if "internal" in group.kinds
        and key in groups.asked_by_units()
        and grants.LEADING.isdisjoint(group.permissions)
    }
    return dict(sorted(found.items(), key=lambda item: (-counts.get(item[0], 0), item[1].name)))
