"""What pages show of one unit: its history, its posts, and what a change of it would touch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.people.models import Account, Grant, Person, Post, UnitSpan
from app.people.organisation import reorganising
from app.people.rights import groups
from app.people.rights.groups import day_of
from app.people.rights.reach import holds
from app.people.settings import setting
from engine.succession import OpenWork, open_work

NAMING_SETTINGS = ("agency.office_unit",)
"""Settings whose value is the code of a unit."""


@dataclass(frozen=True)
class Holder:
    """A post in a unit, and who holds it."""

    post: Post
    person: str


@dataclass(frozen=True)
class Touched:
    """What a change of a unit on a day would touch. leading: of the grants those that would reach
    further in a larger unit. settings: names of those that name it.
    """

    below: list[UnitSpan]
    people: list[Account]
    posts: list[Holder]
    grants: list[tuple[Grant, str]]
    leading: list[tuple[Grant, str]]
    work: list[OpenWork]
    settings: list[str]


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
    named = [name for name in NAMING_SETTINGS if setting(session, now, name) == code]
    return Touched(
        below=list(session.scalars(below.order_by(UnitSpan.position, UnitSpan.unit_code))),
        people=list(session.scalars(people)),
        posts=posts(session, code, on),
        grants=held,
        leading=[(grant, name) for grant, name in held if reorganising.leads(grant, known)],
        work=open_work(session, code),
        settings=named,
    )
