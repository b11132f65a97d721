"""Who looks after a unit, also one that is only to begin: it is in nobody's reach of today."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people import queries
from app.people.models import UnitSpan
from app.people.rights.groups import day_of
from engine.ports import Actor


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
