"""The case and the task that a step has locked, and the statements that read and save them.

A step reads and writes few rows, always the same way. Its statements are therefore made once and
its rows are plain values: building a statement anew, or letting the session watch every attribute
of a row, costs several times what the database itself needs for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import table_of
from engine.prepared import Prepared, Together
from engine.tables import Candidate, Case, Draft, Task, Version
from engine.writing import lane_of


@dataclass
class HeldCase:
    """A locked case row. What a step changes in it is written by `save`."""

    id: int
    code: str
    process_key: str
    version_id: int
    unit: str | None
    title: str
    search: str
    status: str
    outcome: str | None
    started_by: str
    started_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    paused_at: datetime | None
    columns: dict[str, Any]
    head_seq: int
    head_hash: str
    state: bytes
    sha256: str  # of its version
    was_shown: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        self.was_shown = self.shown()

    def shown(self) -> tuple[Any, ...]:
        """What lists show of it: written only when a step has changed it."""
        return _shown(self)


@dataclass
class HeldTask:
    """A task whose case is locked, with those who may do it."""

    id: int
    token: int
    element: str
    name: str
    unit: str | None
    status: str
    assignee: str | None
    claimed_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    has_drafts: bool
    candidates: list[str]


_CASE: list[Any] = [
    Case.id,
    Case.code,
    Case.process_key,
    Case.version_id,
    Case.unit,
    Case.title,
    Case.search,
    Case.status,
    Case.outcome,
    Case.started_by,
    Case.started_at,
    Case.closed_at,
    Case.due_at,
    Case.paused_at,
    Case.columns,
    Case.head_seq,
    Case.head_hash,
    Case.state,
    Version.sha256,
]
_TASK: list[Any] = [
    Task.id,
    Task.token,
    Task.element,
    Task.name,
    Task.unit,
    Task.status,
    Task.assignee,
    Task.claimed_at,
    Task.closed_at,
    Task.closed_by,
]
_NAMED = sa.select(Candidate.who).where(Candidate.task_id == sa.bindparam("of_task"))
_ID: sa.BindParameter[int] = sa.bindparam("id")
_HOLD_CASE = Prepared(
    sa.select(*_CASE)
    .join(Version, Version.id == Case.version_id)
    .where(Case.id == _ID)
    .with_for_update(of=Case, key_share=True)
)
# PostgreSQL gives the newest version only of rows that the statement itself locks, so the task is
# locked too: another may have completed it while this one waited. The case goes first, as it does
# everywhere, so that two never wait crosswise.
_HOLD_TASK = Prepared(
    sa.select(*_TASK, *_CASE)
    .join(Case, Case.id == Task.case_id)
    .join(Version, Version.id == Case.version_id)
    .where(Task.id == _ID)
    .with_for_update(of=[Case, Task], key_share=True)
)
# Rows that a statement does not lock it sees as they were when it began, before it waited. What
# stands beside the task is therefore read by a statement of its own, once the lock is held: one
# row for each candidate, without any where the task is nobody's.
_BESIDE = Prepared(
    sa.select(sa.exists().where(Draft.task_id == Task.id), Candidate.who)
    .select_from(Task)
    .outerjoin(Candidate, Candidate.task_id == Task.id)
    .where(Task.id == _ID)
)
_SHOWN = ("unit", "title", "search", "status", "outcome", "closed_at", "due_at", "columns")
_shown: Callable[[HeldCase], tuple[Any, ...]] = attrgetter(*_SHOWN)
_MOVED = ("paused_at", "head_seq", "head_hash", "state")


def _saving(names: Iterable[str]) -> Prepared:
    of_case = Case.id == sa.bindparam("case_id")
    given: dict[str, Any] = {name: sa.bindparam(name) for name in names}
    return Prepared(sa.update(table_of(Case)).where(of_case).values(given))


# Most steps change nothing that lists show; an index whose columns are not named is left alone.
_SAVE, _SAVE_MOVED = _saving((*_SHOWN, *_MOVED)), _saving(_MOVED)
_BEGUN = [*(one.key for one in _CASE[1:-1]), "sees", "seen_with"]
_NEW = Prepared(
    sa.insert(table_of(Case))
    .values({name: sa.bindparam(name) for name in _BEGUN})
    .returning(table_of(Case).c.id)
)
_ASSIGN = Prepared(
    sa.update(table_of(Task))
    .where(Task.id == sa.bindparam("task_id"))
    .values(assignee=sa.bindparam("assignee"), claimed_at=sa.bindparam("claimed_at"))
)
_OFFER = sa.insert(table_of(Candidate))
_WITHDRAW = sa.delete(table_of(Candidate)).where(
    Candidate.task_id == sa.bindparam("of_task"), Candidate.by_hand
)


def hold_case(session: Session, case_id: int) -> HeldCase | None:
    """The case, locked until the transaction ends, whatever its status."""
    found = _HOLD_CASE.run(lane_of(session), {"id": case_id})
    return HeldCase(*found[0]) if found else None


def hold_task(session: Session, task_id: int) -> tuple[HeldTask, HeldCase] | None:
    """The task and its case, locked until the transaction ends, whatever their status."""
    found, beside = _HOLD_TASK.run_with(_BESIDE, lane_of(session), {"id": task_id})
    if not found:
        return None
    candidates = [who for _has_drafts, who in beside if who is not None]
    own = [*found[0][: len(_TASK)], bool(beside[0][0]), candidates]
    return HeldTask(*own), HeldCase(*found[0][len(_TASK) :])


def new_case(session: Session, case: HeldCase, *, sees: str | None, seen_with: str | None) -> None:
    """The case has its row and its id. sees: how much of it who began it sees; seen_with: the
    permission with which it is looked over; see `reach`.
    """
    said = {"sees": sees, "seen_with": seen_with}
    ((case.id,),) = _NEW.run(lane_of(session), {**vars(case), **said})


def save(case: HeldCase, writes: Together) -> None:
    """The case's row is as the step left it, once the writes are sent."""
    statement = _SAVE_MOVED if case.shown() == case.was_shown else _SAVE
    writes.add(statement, {"case_id": case.id, **vars(case)})


def assign(session: Session, task: HeldTask) -> None:
    """The task's row says whose it is."""
    row = {"task_id": task.id, "assignee": task.assignee, "claimed_at": task.claimed_at}
    _ASSIGN.run(lane_of(session), row)


def offer(session: Session, task: HeldTask, account: str | None) -> None:
    """Beside those whom the drawing names the task is for that account and nobody who had been
    assigned before; None takes back the assignment.
    """
    connection, who = session.connection(), f"={account}"
    connection.execute(_WITHDRAW, {"of_task": task.id})
    if account is not None and who not in named(session, task):
        connection.execute(_OFFER, {"task_id": task.id, "who": who, "by_hand": True})


def named(session: Session, task: HeldTask) -> list[str]:
    """Those whom the drawing names for a task, when nobody is assigned any more."""
    return list(session.connection().execute(_NAMED, {"of_task": task.id}).scalars())
