"""Criteria kept under a name, each person's own (KH-12.4a8: fixed and custom criteria)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people import vietnamese
from app.people.queries import find_account
from app.people.registers.criteria import Criteria
from app.people.registers.models import SavedCriteria
from engine.errors import NotFound, Refusal

MOST = 30


class TooManySaved(Refusal):
    """You have saved {most} sets of criteria already. Delete one first."""

    status = 422


class NameOfCriteriaMissing(Refusal):
    """The criteria need a name under which you will find them. Type one."""

    status = 422


def of(session: Session, account: str, register: str) -> list[SavedCriteria]:
    """What the account has saved for a register, in the order of names."""
    holder = find_account(session, account)
    if holder is None:
        return []
    rows = session.scalars(
        sa.select(SavedCriteria).where(
            SavedCriteria.account_id == holder.id, SavedCriteria.register == register
        )
    )
    return sorted(rows, key=lambda row: vietnamese.sort_key(row.name))


def save(session: Session, account: str, name: str, criteria: Criteria, now: datetime) -> None:
    """The criteria are kept under the name, in place of what was kept under it.

    Raises NameOfCriteriaMissing, TooManySaved.
    """
    name = vietnamese.tidy(name)[:100]
    if not name:
        raise NameOfCriteriaMissing()
    kept = of(session, account, criteria.register)
    row = next((one for one in kept if one.name == name), None)
    if row is None:
        holder = find_account(session, account)
        if holder is None:
            raise NotFound(thing=account)
        if len(kept) >= MOST:
            raise TooManySaved(most=MOST)
        row = SavedCriteria(account_id=holder.id, register=criteria.register, name=name)
        session.add(row)
    row.conditions, row.saved_at = criteria.arguments(), now


def delete(session: Session, account: str, saved_id: int) -> None:
    """The account's criteria are gone. Raises NotFound for those of others."""
    row = session.get(SavedCriteria, saved_id)
    holder = find_account(session, account)
    if row is None or holder is None or row.account_id != holder.id:
        raise NotFound(thing=str(saved_id))
    session.delete(row)
