"""What journals tell of work that was handed over: whose a task was, what an order moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.apply import HANDED_OVER
from engine.tables import Case, Entry, Task

_KIND = sa.text(f"entry.kind = '{HANDED_OVER}'")
"""The kind stands in the text, so that the index of these few entries serves."""


@dataclass(frozen=True)
class Handed:
    """Whose a task was before, and the code of the case that ordered it; at: when."""

    holder: str
    order: str
    at: datetime


def of_task(session: Session, task: int) -> Handed | None:
    """How the open task came to who holds it, if an order brought it; the last of several."""
    row = session.execute(
        sa.select(Task.case_id, Task.token, Task.assignee).where(
            Task.id == task, Task.status == "open"
        )
    ).one_or_none()
    if row is None or row.assignee is None:
        return None
    query = sa.select(Entry.input, Entry.right, Entry.at).where(
        _KIND, Entry.case_id == row.case_id
    )
    for given, order, at in session.execute(query.order_by(Entry.seq.desc())):
        if row.token in given["tasks"]:
            return Handed(str(given["from"]), order, at) if given["to"] == row.assignee else None
    return None


@dataclass(frozen=True)
class Moved:
    """A task that an order gave to somebody and that is open still."""

    task: int
    name: str
    case: str
    title: str
    due_at: datetime | None


def by_order(session: Session, order: str) -> list[Moved]:
    """The open tasks that the order of that case moved, the earliest deadline first."""
    query = sa.select(Entry.case_id, Entry.input).where(_KIND, Entry.right == order)
    moved = {(case, token) for case, given in session.execute(query) for token in given["tasks"]}
    rows = session.execute(
        sa.select(Task.id, Task.name, Task.case_id, Task.token, Task.due_at, Case.code, Case.title)
        .join(Case, Case.id == Task.case_id)
        .where(Task.status == "open", Task.case_id.in_(sorted({case for case, _ in moved})))
        .order_by(Task.due_at.is_(None), Task.due_at, Task.id)
    )
    return [
        Moved(row.id, row.name, row.code, row.title, row.due_at)
        for row in rows
        if (row.case_id, row.token) in moved
    ]
