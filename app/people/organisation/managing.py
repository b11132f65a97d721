"""Who looks after a unit, also one that is only to begin: it is in nobody's reach of today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people import queries
from app.people.models import UnitSpan
from app.people.rights.grants import LEADING
from app.people.rights.groups import Group, day_of
from engine.errors import Refusal
from engine.ports import Actor


class NamedFromAbove(Refusal):
    """Who leads or administers a unit is named from the unit above: nobody chooses who decides on their own requests. Ask an administrator of the unit above, or make a request for a change of rights."""  # noqa: E501

    status = 403


def require_from_above(
    session: Session, actor: Actor, some: Iterable[Group], unit: str, now: datetime
) -> None:
    """Raises NamedFromAbove where one of the groups is over others and the actor, who works in
    cases, does not grant in the unit above; at the root, in the unit itself (HP-8.3b, HP-8.4a).
    """
    if may_name(session, actor, some, unit, now):
        return
    raise NamedFromAbove


def may_name(
    session: Session, actor: Actor, some: Iterable[Group], unit: str, now: datetime
) -> bool:
    """Whether the actor may let somebody into groups like these in the unit, or out of them. Who
    only administers asks for nothing that a head decides on.
    """
    if actor.only_sees or all(LEADING.isdisjoint(group.permissions) for group in some):
        return True
    return may(session, actor, "rights.grant", above(session, unit, now) or unit, now)


def may_lock_out(
    session: Session,
    actor: Actor,
    theirs: Mapping[str, frozenset[str]],
    unit: str | None,
    now: datetime,
) -> bool:
    """Whether the actor may bar an account of that unit with these rights, or renew its password
    and factors. Whoever leads or administers is barred from above, as they are named: nobody
    removes for a day who decides on their own requests.
    """
    if unit is None or actor.only_sees or not any(theirs.get(power) for power in LEADING):
        return True
    return may(session, actor, "people.manage", above(session, unit, now) or unit, now)


def first_day(session: Session, code: str, now: datetime) -> date | None:
    """The day on which the unit is to begin; None of one that has begun, or is not there."""
    begins = sa.select(sa.func.min(UnitSpan.valid_from)).where(UnitSpan.unit_code == code)
    first = session.scalar(begins)
    return first if first is not None and first > day_of(now) else None


def above(session: Session, code: str, now: datetime) -> str | None:
    """The unit above, of one that is to begin that of its first day; None at the root."""
    on = first_day(session, code, now) or now
    found = queries.parent(session, on, code)
    return None if found is None else str(found)


def may(session: Session, actor: Actor, permission: str, code: str, now: datetime) -> bool:
    """Whether the permission holds in the unit; in one that is to begin, whether it holds today
    in the unit above and will hold in itself on its first day, as grants stand now.
    """
    if actor.may(permission, code):
        return True
    first = first_day(session, code, now)
    if first is None or not actor.may(permission):
        return False
    upper = above(session, code, now)
    if upper is None or not may(session, actor, permission, upper, now):
        return False
    return queries.actor_of(session, actor.name, first).may(permission, code)
