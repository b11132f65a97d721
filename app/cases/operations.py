"""What drawings call that concerns cases: beginning further ones, counting those that are open."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people import queries
from app.people.organisation import units
from engine import descent, handed
from engine.calendar import ZONE
from engine.fold import fold
from engine.ports import Actor, Fact, Operation
from engine.tables import Case, CaseColumn
from engine.values import Value


def start() -> Operation:
    """`cases.start` with this agency's accounts and units."""
    return descent.operation(_account, _is_unit)


def open_cases(
    session: Session, _now: datetime, process: Value, column: Value, value: Value
) -> Value:
    """How many cases of a process are open whose declared text column has that value, compared
    without marks and case.
    """
    query = (
        sa.select(sa.func.count())
        .select_from(Case)
        .join(CaseColumn, CaseColumn.case_id == Case.id)
        .where(
            Case.process_key == process,
            Case.status == "open",
            CaseColumn.name == column,
            CaseColumn.folded == fold(str(value)),
        )
    )
    return session.scalar(query)


def tasks_handed_over(session: Session, _now: datetime, case: Value) -> Value:
    """The open tasks that the case of that code handed over to somebody, the earliest deadline
    first: [{"task": "Thẩm định", "case": "HS-2026-0007", "title": ..., "due_at": instant or null,
    "link": "/tasks/12"}, ...].
    """
    return [
        {
            "task": row.name,
            "case": row.case,
            "title": row.title,
            "due_at": row.due_at,
            "link": f"/tasks/{row.task}",
        }
        for row in handed.by_order(session, str(case))
    ]


def facts() -> dict[str, Fact]:
    """What drawings may ask of other cases."""
    return {"open_cases": open_cases, "tasks_handed_over": tasks_handed_over}


def _account(session: Session, name: str, now: datetime) -> Actor | None:
    """Who an account is at an instant; None unless it is active."""
    account = queries.find_account(session, name)
    if account is None or account.status != "active":
        return None
    return queries.actor_of(session, account, now)


def _is_unit(session: Session, code: str, now: datetime) -> bool:
    return bool(units.known_on(session, [code], now.astimezone(ZONE).date()))
