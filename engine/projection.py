"""Makes rows of a rest: tasks for the inbox, jobs for the clock, waits for messages.

Only what changed between two rests is written, so a completion costs the same in every case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from engine import reach
from engine.apply import Rest, Summary, Waiting
from engine.awaited import project_waits
from engine.database import table_of
from engine.expressions import ZONE
from engine.fold import fold
from engine.held import HeldCase
from engine.prepared import Prepared, Together
from engine.program import Program
from engine.tables import Candidate, CaseColumn, Draft, Job, Task, Wait
from engine.values import Value
from engine.writing import Lane, lane_of

# Made once: see engine.held. One row of parameters for each token that is gone.
_TASK, _JOB = map(table_of, (Task, Job))
_DRAFT, _COLUMN, _CANDIDATE = map(table_of, (Draft, CaseColumn, Candidate))
_OF_CASE: sa.BindParameter[int] = sa.bindparam("of_case")
_OF_TOKEN: sa.BindParameter[int] = sa.bindparam("of_token")
_CLOSE_TASK = Prepared(
    sa.update(_TASK)
    .where(_TASK.c.case_id == _OF_CASE, _TASK.c.token == _OF_TOKEN, _TASK.c.status == "open")
    .values(
        status=sa.bindparam("status"),
        closed_by=sa.bindparam("by"),
        closed_at=sa.bindparam("closed_at"),
    )
)
_DROP_DRAFTS = Prepared(
    sa.delete(_DRAFT).where(
        _DRAFT.c.task_id
        == sa.select(_TASK.c.id)
        .where(_TASK.c.case_id == _OF_CASE, _TASK.c.token == _OF_TOKEN)
        .scalar_subquery()
    )
)
_OPEN_TASKS = sa.insert(_TASK).returning(_TASK.c.id, sort_by_parameter_order=True)
_OFFER = sa.insert(_CANDIDATE)
_SHOWN = (
    "case_id", "token", "element", "name", "name_en", "subject", "search", "legal_basis", "unit",
    "status", "assignee", "claimed_at", "created_at", "due_at", "follow_up_at", "priority",
    "paused", "sees",
)  # fmt: skip
_ONE = sa.insert(_TASK).values({name: sa.bindparam(name) for name in _SHOWN})
_OPEN_ONE = Prepared(_ONE.returning(_TASK.c.id))
_OFFER_ONE = Prepared(
    _OFFER.values({name: sa.bindparam(name) for name in ("task_id", "who", "by_hand")})
)


def _open_and_offer() -> Prepared:
    """One task with its candidates in one statement, as PostgreSQL takes it."""
    made = _ONE.returning(_TASK.c.id).cte("made")
    names = sa.bindparam("names", type_=postgresql.ARRAY(sa.Text()))
    who = sa.select(made.c.id, sa.func.unnest(names), sa.false())
    offered = _OFFER.from_select(["task_id", "who", "by_hand"], who).cte("offered")
    return Prepared(sa.select(made.c.id).add_cte(offered))


_OPEN_AND_OFFER = _open_and_offer()
_CLOSE_JOB = (
    sa.update(_JOB)
    .where(
        _JOB.c.case_id == _OF_CASE,
        _JOB.c.token == _OF_TOKEN,
        # Not IN: with many rows of parameters its list cannot be written out.
        sa.or_(*(_JOB.c.status == state for state in ("waiting", "running", "stuck"))),
    )
    .values(status=sa.bindparam("status"), done_at=sa.bindparam("done_at"))
)
_OPEN_JOB = sa.insert(_JOB)
_MOVE_TASK = (
    sa.update(_TASK)
    .where(_TASK.c.case_id == _OF_CASE, _TASK.c.token == _OF_TOKEN, _TASK.c.status == "open")
    .values(due_at=sa.bindparam("due_at"), follow_up_at=sa.bindparam("follow_up_at"))
)
_MOVE_TIMER = (
    sa.update(_JOB)
    .where(
        _JOB.c.case_id == _OF_CASE,
        _JOB.c.token == _OF_TOKEN,
        sa.or_(_JOB.c.status == "waiting", _JOB.c.status == "running"),
    )
    # A worker that has just taken it finds it taken back: it may be due later now.
    .values(due_at=sa.bindparam("due_at"), status="waiting", attempts=0, leased_until=None)
)
_DROP_COLUMNS = sa.delete(_COLUMN).where(_COLUMN.c.case_id == _OF_CASE)
_PUT_COLUMNS = sa.insert(_COLUMN)
MACHINE = ("timer", "call")
"""Kinds of waiting that are a job each."""


@dataclass(frozen=True)
class Change:
    """One case between two rests, at one instant, by one hand."""

    case: HeldCase
    program: Program
    before: dict[tuple[int, str], Waiting]
    rest: Rest
    now: datetime
    by: str
    done_token: int | None = None
    has_drafts: bool = True  # of the task that is done
    recounted: bool = False  # whether what stays open may be due at another time
    succeeded: bool = False  # whether what stays open may be for others

    def new(self, *kinds: str) -> list[Waiting]:
        return [w for k, w in self.rest.waiting.items() if k[1] in kinds and k not in self.before]

    def gone(self, *kinds: str) -> list[int]:
        return [k[0] for k in self.before if k[1] in kinds and k not in self.rest.waiting]

    def rekeyed(self) -> list[Waiting]:
        """Messages that are awaited as before, but under another key."""
        both = [(w, self.before[k]) for k, w in self.rest.waiting.items() if k in self.before]
        return [w for w, o in both if w.marks.get("correlation") != o.marks.get("correlation")]


def project(session: Session, change: Change, writes: Together) -> list[int]:
    """Tasks, jobs and waits are as the rest says, and the writes are sent with them.

    Returns the ids of new tasks.
    """
    _close_tasks(change, writes)
    created = _open_tasks(session, change, writes)
    _jobs(session, change)
    project_waits(session, change)
    if change.recounted:
        _move_deadlines(session, change)
    if change.succeeded:
        _hand_on(session, change)
    return created


def _move_deadlines(session: Session, change: Change) -> None:
    """Open tasks and timers are due when the rest says."""
    tasks, timers = [], []
    for (token, kind), waiting in change.rest.waiting.items():
        row = {"of_case": change.case.id, "of_token": token}
        if kind == "task":
            later: Any = waiting.marks.get("follow_up")
            due = waiting.due or change.case.due_at
            tasks.append({**row, "due_at": due, "follow_up_at": later})
        elif kind == "timer":
            timers.append({**row, "due_at": waiting.due})
    if tasks:
        session.connection().execute(_MOVE_TASK, tasks)
    if timers:
        session.connection().execute(_MOVE_TIMER, timers)


def _hand_on(session: Session, change: Change) -> None:
    """Open tasks are for those whom the rest names, beside whom somebody has assigned; messages
    come from those whom it names.
    """
    run, case = session.connection().execute, change.case
    rows = sa.select(Task.token, Task.id).where(Task.case_id == case.id, Task.status == "open")
    ids = dict(run(rows).all())
    for (token, kind), waiting in change.rest.waiting.items():
        if kind == "task":
            unit, task_id = _task_row(change, waiting)["unit"], ids[token]
            run(sa.update(Task).where(Task.id == task_id).values(unit=unit))
            of_task = Candidate.task_id == task_id
            run(sa.delete(Candidate).where(of_task, Candidate.by_hand.is_(False)))
            assigned = set(run(sa.select(Candidate.who).where(of_task)).scalars())
            offers = [row for row in _offers(task_id, waiting) if row["who"] not in assigned]
            if offers:
                run(_OFFER, offers)
        elif kind in ("message", "signal"):
            of_wait = sa.and_(Wait.case_id == case.id, Wait.token == token)
            run(sa.update(Wait).where(of_wait).values(senders=waiting.marks.get("senders")))


def _close_tasks(change: Change, writes: Together) -> None:
    for token in change.gone("task"):
        done = token == change.done_token
        row = {
            "of_case": change.case.id,
            "of_token": token,
            "status": "completed" if done else "cancelled",
            "by": change.by if done else None,
            "closed_at": change.now,
        }
        writes.add(_CLOSE_TASK, row)
        if change.has_drafts or not done:
            writes.add(_DROP_DRAFTS, row)


def _open_tasks(session: Session, change: Change, writes: Together) -> list[int]:
    new = change.new("task")
    if len(new) == 1:
        return [_open_task(lane_of(session), change, new[0], writes)]
    writes.send(lane_of(session))
    if not new:
        return []
    connection = session.connection()
    ids = list(connection.execute(_OPEN_TASKS, [_task_row(change, w) for w in new]).scalars())
    who = [one for task_id, w in zip(ids, new, strict=True) for one in _offers(task_id, w)]
    if who:
        connection.execute(_OFFER, who)
    return ids


def _open_task(lane: Lane, change: Change, waiting: Waiting, writes: Together) -> int:
    """The one task that a step usually opens, in as few statements as the database allows."""
    row = _task_row(change, waiting)
    if lane.dialect.name == "postgresql":
        writes.add(_OPEN_AND_OFFER, {**row, "names": waiting.marks["candidates"]})
        return int(writes.send(lane)[0][0])
    writes.add(_OPEN_ONE, row)
    task_id = int(writes.send(lane)[0][0])
    _OFFER_ONE.each(lane, _offers(task_id, waiting))
    return task_id


def _offers(task_id: int, waiting: Waiting) -> list[dict[str, Any]]:
    who: Any = waiting.marks["candidates"]
    return [{"task_id": task_id, "who": one, "by_hand": False} for one in who]


def _task_row(change: Change, waiting: Waiting) -> dict[str, Any]:
    case = {"unit": change.case.unit, "due_at": change.case.due_at}
    row = task_row(change.program, waiting, change.now, case)
    return {"case_id": change.case.id, "created_at": change.now, "status": "open", **row}


def task_row(
    program: Program, waiting: Waiting, now: datetime, case: Mapping[str, Any]
) -> dict[str, Any]:
    """What lists show of a task that the case offers from `now` on, by column.

    case: the unit and due_at of its own, which go where the drawing says nothing else.
    """
    node, offer = program.nodes[waiting.element], waiting.marks
    assignee: Any = offer.get("assignee")
    subject: Any = offer.get("subject")
    return {
        "token": waiting.token,
        "element": node.id,
        "name": node.name or node.id,
        "name_en": node.properties.get("name_en"),
        "subject": subject,
        "search": fold(subject) if subject else None,
        "legal_basis": node.properties.get("legal_basis"),
        "unit": _unit_of(offer["candidates"]) or case["unit"],
        "assignee": assignee,
        "claimed_at": now if assignee else None,
        "due_at": offer.get("due") or case["due_at"],
        "follow_up_at": offer.get("follow_up"),
        "priority": offer.get("priority", 50),
        "paused": waiting.paused,
        "sees": reach.seen(node.properties),
    }


def _unit_of(candidates: Any) -> str | None:
    """The unit whose work it is, when the candidates are of just one."""
    units = {who.partition("@")[2] for who in candidates if "@" in who}
    return units.pop() if len(units) == 1 else None


def _jobs(session: Session, change: Change) -> None:
    gone = [
        {
            "of_case": change.case.id,
            "of_token": token,
            "status": "done" if token == change.done_token else "cancelled",
            "done_at": change.now,
        }
        for token in change.gone(*MACHINE)
    ]
    if gone:
        session.connection().execute(_CLOSE_JOB, gone)
    case = change.case
    rows = [job_row(case.id, case.code, w, change.now) for w in change.new(*MACHINE)]
    if rows:
        session.connection().execute(_OPEN_JOB, rows)


def job_row(case_id: int, code: str, waiting: Waiting, now: datetime) -> dict[str, Any]:
    """The job of a timer or call that the case, of that id and code, awaits from `now` on."""
    call = waiting.kind == "call"
    name: Any = waiting.marks["operation"] if call else waiting.element
    return {
        "key": f"{code}:{waiting.token}",
        "kind": waiting.kind,
        "name": name,
        "case_id": case_id,
        "token": waiting.token,
        "element": waiting.element,
        "payload": waiting.marks.get("parameters", {}) if call else {},
        "status": "waiting",
        "due_at": now if call else waiting.due,
        "created_at": now,
    }


def summarise(session: Session, case: HeldCase, found: Summary, program: Program) -> None:
    """Title, deadline, searchable text and declared columns of the case row are as
    the rest says.
    """
    title, case.due_at = found.title[:500], found.due_at
    is_same = case.columns == found.columns
    if is_same and case.title == title and case.search:
        return
    case.title = title
    texts = [case.code, case.title, *(str(v) for v in found.columns.values() if v is not None)]
    case.search = fold(" ".join(texts))
    if is_same:
        return
    case.columns = found.columns
    connection = session.connection()
    if case.head_seq:
        connection.execute(_DROP_COLUMNS, {"of_case": case.id})
    rows = [
        column_row(case.id, name, kind, found.columns.get(name))
        for name, kind, _source in program.columns
    ]
    if rows:
        connection.execute(_PUT_COLUMNS, rows)


def column_row(case_id: int, name: str, kind: str, value: Value) -> dict[str, Any]:
    """What lists find of a declared column of that kind."""
    row: dict[str, Any] = {
        "case_id": case_id,
        "name": name,
        "text": None,
        "folded": None,
        "number": None,
        "day": None,
    }
    if isinstance(value, bool) or value is None:
        row["text"] = None if value is None else str(value).lower()
    elif isinstance(value, (int, Decimal)) and kind == "number":
        row["number"] = Decimal(value)
    elif isinstance(value, datetime):
        row["day"] = value.astimezone(ZONE).date()
        row["text"] = value.isoformat()
    elif isinstance(value, date):
        row["day"] = value
    else:
        row["text"] = str(value)[:500]
        row["folded"] = fold(str(value))[:500]
    return row


def candidate_words(candidates: Iterable[str]) -> str:
    """Candidates as a sentence names them when no labels are known."""
    return ", ".join(who.lstrip("=") for who in candidates) or "nobody"
