"""Who could do a thing for somebody else on a day: what the explanation of rights says of
delegations.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.people.acting import WORK, scopes
from app.people.models import Account, Delegation
from app.people.rights import explaining, in_force
from app.people.rights.explaining import Question
from app.people.rights.groups import day_of


def found(session: Session, asked: Question, some: sa.ColumnElement[bool]) -> list[Delegation]:
    """The delegations that gave the right in the unit at that moment, or at the end of that day,
    to grantees of whom `some` is true; with both accounts and their persons.
    """
    if asked.right not in WORK:
        return []
    day, instant = day_of(asked.on), in_force.instant_of(asked.on)
    query = (
        sa.select(Delegation)
        .join(Account, Account.id == Delegation.grantee_id)
        .options(
            joinedload(Delegation.grantor).joinedload(Account.person),
            joinedload(Delegation.grantee).joinedload(Account.person),
        )
        .where(some, Delegation.valid_from <= day, Delegation.valid_to >= day)
        .where(sa.or_(Delegation.ended_at.is_(None), Delegation.ended_at > instant))
        .order_by(Delegation.id)
    )
    return [row for row in session.scalars(query) if _gives(session, row, asked)]


def _gives(session: Session, row: Delegation, asked: Question) -> bool:
    """Whether it reaches the unit and the grantor had the right there in a group that it names."""
    units = scopes.units_on(session, row.units, day_of(asked.on))
    if units is not None and asked.unit not in units:
        return False
    if explaining.statuses(session, [row.grantee], asked.on)[row.grantee_id] != "active":
        return False
    own = explaining.explain(session, row.grantor, asked)
    by = [line.grant.group_key for line in own.lines if line.speaks_for and line.grant]
    named = scopes.had(session, row) if row.groups is None else row.groups
    return own.allowed and not set(by).isdisjoint(named)
