"""For the work of which units a delegation holds, when its units change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.people.models import Account, Delegation
from app.people.organisation import heirs
from app.people.rights import in_force
from app.people.rights.groups import day_of
from app.people.rights.reach import Scope, reach


def units_on(session: Session, chosen: Iterable[str] | None, on: date) -> frozenset[str] | None:
    """The units that a delegation for these reaches on a day: the units themselves, those to which
    their work has gone, and what all of these took over; None for all of the grantor's.

    It never climbs: where the work went to a unit above, which the delegation was not for, it
    gives nothing there.
    """
    if chosen is None:
        return None
    day, named = day_of(on), frozenset(chosen)
    homes = {heirs.beside(session, unit, day) for unit in named} - {None}
    reached = reach(session, [Scope(str(unit)) for unit in homes], day)
    return named.union(*reached.values())


def naming(session: Session, unit: str, day: date) -> list[Delegation]:
    """The delegations for that unit, among others or alone, that hold on that day or later; with
    both accounts and their persons.
    """
    query = (
        sa.select(Delegation)
        .options(
            joinedload(Delegation.grantor).joinedload(Account.person),
            joinedload(Delegation.grantee).joinedload(Account.person),
        )
        .where(Delegation.ended_at.is_(None), Delegation.valid_to >= day)
        .order_by(Delegation.id)
    )
    return [row for row in session.scalars(query) if unit in (row.units or ())]


def had(session: Session, row: Delegation) -> frozenset[str]:
    """The groups that the grantor had when it was permitted: to let somebody do all of one's work
    is no permission for what one becomes afterwards.
    """
    held = in_force.held(session, row.grantor, row.permitted_at)
    return frozenset(one.group.key for one in held)
