"""What drawings call that concerns cases: beginning further ones."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.people import queries
from app.people.organisation import units
from engine import descent
from engine.calendar import ZONE
from engine.ports import Actor, Operation


def start() -> Operation:
    """`cases.start` with this agency's accounts and units."""
    return descent.operation(_account, _is_unit)


def _account(session: Session, name: str, now: datetime) -> Actor | None:
    """Who an account is at an instant; None unless it is active."""
    account = queries.find_account(session, name)
    if account is None or account.status != "active":
        return None
    return queries.actor_of(session, account, now)


def _is_unit(session: Session, code: str, now: datetime) -> bool:
    return bool(units.known_on(session, [code], now.astimezone(ZONE).date()))
