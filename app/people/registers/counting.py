"""How many accounts meet criteria, by unit, state, kind, label, group and month."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.models import Grant
from app.people.registers import finding
from app.people.registers.criteria import NONE, STATES, Criteria
from app.people.registers.finding import View
from app.people.rights import in_force
from engine.calendar import ZONE


@dataclass(frozen=True)
class Line:
    """One number. key: the unit's code, the state, the month as 2026-11, ...; criteria: those of
    the accounts that were counted, so that the list shows as many.
    """

    key: str
    number: int
    criteria: Criteria


@dataclass(frozen=True)
class Statistics:
    """The numbers of some criteria. tables: by what is counted, its lines."""

    total: int
    tables: dict[str, list[Line]]

    def told(self, table: str) -> list[Line]:
        """The lines that are shown: a label of one account alone is its name, and tells nothing
        about how many there are.
        """
        lines = self.tables[table]
        return [line for line in lines if line.number > 1] if table == "label" else lines


def statistics(session: Session, view: View, criteria: Criteria) -> Statistics:
    """Every number of the accounts that meet the criteria; two statements."""
    found = finding.query(session, view, criteria).order_by(None).subquery()
    columns = (found.c.unit, found.c.state, found.c.kind, found.c.label, found.c.created_at)
    counted: dict[str, Counter[str]] = {
        name: Counter() for name in ("unit", "state", "kind", "label", "month")
    }
    total = 0
    rows = session.execute(sa.select(*columns), execution_options={"yield_per": 1000})
    for unit, state, kind, label, created_at in rows:
        total += 1
        counted["unit"][unit or ""] += 1
        counted["state"][state] += 1
        counted["kind"][kind] += 1
        counted["label"][label or NONE] += 1
        counted["month"][f"{created_at.astimezone(ZONE):%Y-%m}"] += 1
    counted["group"] = _groups(session, found, criteria.on or view.now)
    return Statistics(total, {name: _lines(name, one, criteria) for name, one in counted.items()})


def _groups(session: Session, found: sa.Subquery, on: date) -> Counter[str]:
    """An account in a group of two units counts once."""
    query = (
        sa.select(Grant.group_key, sa.func.count(sa.distinct(Grant.account_id)))
        .where(Grant.account_id.in_(sa.select(found.c.id)), in_force.grants_in_force(on))
        .group_by(Grant.group_key)
    )
    return Counter(dict(session.execute(query).all()))


def _lines(name: str, counted: Counter[str], criteria: Criteria) -> list[Line]:
    """In the order of states and months, else the greatest number first."""
    if name == "state":
        keys = [key for key in STATES if counted[key]]
    elif name == "month":
        keys = sorted(counted, reverse=True)
    else:
        keys = sorted(counted, key=lambda key: (-counted[key], key))
    return [Line(key, counted[key], _narrowed(name, key, criteria)) for key in keys]


def _narrowed(name: str, key: str, criteria: Criteria) -> Criteria:
    changes: dict[str, Any] = {name: key}
    if name == "unit":
        changes = {"unit": key, "only": True} if key else {}
    elif name == "month":
        first, last = _days(key)
        changes = {
            "created_from": max(first, criteria.created_from or first),
            "created_to": min(last, criteria.created_to or last),
        }
    return criteria.but(**changes)


def _days(month: str) -> tuple[date, date]:
    """The first and the last day of 2026-11."""
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    return first, following - timedelta(days=1)
