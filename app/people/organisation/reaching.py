"""Whose rights reach a unit because of where it stands in the tree, and what a move changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.models import Account, Grant, Person, UnitField
from app.people.organisation import units
from app.people.rights.reach import holds

Held = list[tuple[Grant, str]]
"""Rights, each with the name of who holds it, by name."""


@dataclass(frozen=True)
class Moved:
    """What a unit's move from one unit above to another changes: rights “and all below” that reach
    it no more, and those that come to reach it. after: the unit above that was chosen; None where
    none is yet, and nothing comes.
    """

    after: str | None
    lose: Held
    gain: Held


def of_move(session: Session, unit: str, before: str | None, after: str | None, on: date) -> Moved:
    """What changes on that day; without a choice all that may be lost is told."""
    was = units.above(session, before, on) if before else []
    now = units.above(session, after, on) if after else []
    works = _fields_below(session, unit, on)
    return Moved(
        after,
        _spreading(session, set(was) - set(now), works, on),
        _spreading(session, set(now) - set(was), works, on),
    )


def _fields_below(session: Session, unit: str, on: date) -> set[str]:
    """The fields in which the unit or one below it works."""
    worked = sa.select(UnitField.unit_code, UnitField.field_code).where(holds(UnitField, on))
    return {
        field
        for code, field in session.execute(worked).all()
        if unit in units.above(session, code, on)
    }


def _spreading(session: Session, given_in: Iterable[str], works: set[str], on: date) -> Held:
    """The rights that are given in these units with all below, or below in a field of those."""
    spreads = sa.or_(
        sa.and_(Grant.with_below, Grant.field_code.is_(None)), Grant.field_code.in_(sorted(works))
    )
    query = (
        sa.select(Grant, Person.full_name)
        .join(Account, Account.id == Grant.account_id)
        .join(Person, Person.id == Account.person_id)
        .where(
            Grant.unit_code.in_(sorted(given_in)), spreads, sa.not_(Grant.everywhere),
            Grant.revoked_at.is_(None), holds(Grant, on), Account.status != "closed",
        )
        .order_by(Person.sort_key, Grant.id)
    )  # fmt: skip
    return [(grant, name) for grant, name in session.execute(query)]
