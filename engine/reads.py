"""What lists show: tasks of an inbox, cases, and their counts. Every function takes the reading
session first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import reach
from engine.expressions import ZONE
from engine.fold import code, fold
from engine.paging import MOST_COUNTED as MOST_COUNTED
from engine.paging import Key, Listing, Page, counted
from engine.ports import Actor
from engine.tables import Case, Draft, Job, Task, Version, Wait

LISTS = ("mine", "groups", "unit", "overdue", "waiting", "done")


@dataclass(frozen=True)
class TaskRow:
    """A task as lists show it."""

    id: int
    case_id: int
    case_code: str
    case_title: str
    case_started_by: str
    process_key: str
    process_name: str
    process_name_en: str | None
    element: str
    name: str
    name_en: str | None
    subject: str | None
    unit: str | None
    case_unit: str | None
    assignee: str | None
    claimed_at: datetime | None
    created_at: datetime
    due_at: datetime | None
    priority: int
    paused: bool
    has_draft: bool
    status: str
    closed_at: datetime | None
    closed_by: str | None
    legal_basis: str | None
    token: int
    is_beside: bool = False
    """Whether it is of a case of theirs whose other steps they do not see (`engine.reach`)."""


@dataclass(frozen=True)
class OpenTask:
    """An open task as the list of cases names it."""

    name: str
    name_en: str | None
    subject: str | None


@dataclass(frozen=True)
class CaseRow:
    """A case as lists show it."""

    id: int
    code: str
    title: str
    process_key: str
    process_name: str
    process_name_en: str | None
    version_number: int
    version_id: int
    unit: str | None
    status: str
    outcome: str | None
    started_by: str
    started_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    paused_at: datetime | None
    columns: dict[str, Any]
    open_tasks: tuple[OpenTask, ...] = field(default=())
    whole: bool = True
    """Whether the reader of a list sees the case, and not a step of theirs alone."""

    def is_overdue(self, now: datetime) -> bool:
        """Whether the deadline has passed while the clock runs."""
        late = self.due_at is not None and self.due_at < now
        return late and self.status == "open" and self.paused_at is None


def _list(name: str, actor: Actor, now: datetime) -> sa.ColumnElement[bool]:
    """The condition of one of the inbox's lists."""
    return sa.and_(_plainly(name, actor, now), *reach.within(actor))


def _plainly(name: str, actor: Actor, now: datetime) -> sa.ColumnElement[bool]:
    is_open = Task.status == "open"
    own: sa.ColumnElement[bool] = Task.assignee == actor.whose
    if actor.mandate is not None:  # What they hold by a group may lie outside the permission.
        own = sa.and_(own, reach.is_candidate(actor))
    free = sa.and_(Task.assignee.is_(None), reach.is_candidate(actor))
    if name == "mine":
        return sa.and_(is_open, own)
    if name == "groups":
        return sa.and_(is_open, free)
    if name == "unit":
        seen = sa.or_(reach.open_to(actor), reach.took_part(actor))
        return sa.and_(is_open, Task.unit.in_(reach.units(actor)), seen)
    if name == "overdue":
        late = sa.and_(Task.due_at < now, Task.paused.is_(False))
        return sa.and_(is_open, late, sa.or_(own, free))
    if name == "waiting":
        others = sa.or_(Task.assignee.is_(None), Task.assignee != actor.whose)
        took_part = sa.select(Task.case_id).where(
            Task.closed_by == actor.whose, reach.opens_case(actor)
        )
        return sa.and_(
            is_open,
            others,
            sa.not_(free),
            sa.or_(reach.began(actor), Task.case_id.in_(took_part)),
        )
    midnight = datetime.combine(now.astimezone(ZONE).date(), time(), ZONE)
    return sa.and_(Task.closed_by == actor.name, Task.closed_at >= midnight)


def _task_columns(actor: Actor) -> list[Any]:
    drafted = sa.exists().where(Draft.task_id == Task.id, Draft.account == actor.name)
    return [
        Task.id,
        Task.case_id,
        Case.code,
        Case.title,
        Case.started_by,
        Case.process_key,
        Version.name,
        Version.name_en,
        Task.element,
        Task.name,
        Task.name_en,
        Task.subject,
        Task.unit,
        Case.unit,
        Task.assignee,
        Task.claimed_at,
        Task.created_at,
        Task.due_at,
        Task.priority,
        Task.paused,
        drafted,
        Task.status,
        Task.closed_at,
        Task.closed_by,
        Task.legal_basis,
        Task.token,
        Case.sees.is_not(None) if reach.is_outside(actor) else sa.false(),
    ]


def tasks_query(actor: Actor) -> sa.Select[Any]:
    """Tasks with all that a TaskRow shows, in one statement."""
    return (
        sa.select(*_task_columns(actor))
        .join(Case, Case.id == Task.case_id)
        .join(Version, Version.id == Case.version_id)
    )


FAR = datetime(9999, 1, 1, tzinfo=ZONE)
"""Where in a list what has no deadline stands."""
_DUE: Key[TaskRow] = Key(
    sa.func.coalesce(Task.due_at, sa.bindparam(None, FAR, Task.due_at.type)),
    lambda row: row.due_at or FAR,
)
_ID: Key[TaskRow] = Key(Task.id.expression, lambda row: row.id)
_ORDERS: dict[str, list[Key[TaskRow]]] = {
    "due": [_DUE, _ID],
    "age": [Key(Task.created_at.expression, lambda row: row.created_at), _ID],
    "priority": [Key(-Task.priority, lambda row: -row.priority), _DUE, _ID],
    "closed": [_ID],
}


def inbox(
    session: Session,
    actor: Actor,
    *,
    list: str = "mine",
    now: datetime,
    text: str = "",
    process: str | None = None,
    due: str | None = None,
    sort: str = "due",
    after: str | None = None,
    limit: int = 50,
) -> Page[TaskRow]:
    """One page of one of the lists mine, groups, unit, overdue, waiting, done.

    text finds with and without accents; due is today, week or late; sort is due, age or priority.
    """
    searched: Sequence[Any] = [Case.search, Task.search]
    if list == "waiting" and reach.is_outside(actor):  # What else is searched they may not see.
        searched = [sa.func.lower(Case.code)]
    wanted = [_list(list, actor, now), *_filters(text, process, searched)]
    wanted += _due(Task.due_at, due, now)
    total = session.scalar(counted(sa.select(Task.id).join(Case).where(*wanted)))
    last_first = list == "done"
    keys = _ORDERS["closed" if last_first else sort]
    query = tasks_query(actor).where(*wanted)
    listing = Listing(query, lambda row: TaskRow(*row), keys, limit, down=last_first)
    page = listing.page(session, after, total or 0)
    if list == "waiting":
        return replace(page, rows=tuple(map(_as_seen, page.rows)))
    return page


def _as_seen(row: TaskRow) -> TaskRow:
    """What somebody else's task shows to who waits for it: of a case whose other steps they do not
    see, what the case waits for and nothing of who has it or whom it is about.
    """
    return replace(row, subject=None, assignee=None, unit=row.case_unit) if row.is_beside else row


def _filters(text: str, process: str | None, searched: Sequence[Any]) -> list[Any]:
    """Each word of the text stands in one of these columns, which are folded."""
    wanted: list[Any] = []
    for word in fold(text.replace("\0", "")).split():
        spellings = dict.fromkeys((word, code(word) or word))
        wanted.append(sa.or_(*(_contains(one, w) for one in searched for w in spellings)))
    if process:
        wanted.append(Case.process_key == process)
    return wanted


def _contains(column: Any, word: str) -> sa.ColumnElement[bool]:
    folded = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found: sa.ColumnElement[bool] = column.like(f"%{folded}%", escape="\\")
    return found


def _due(column: Any, due: str | None, now: datetime) -> list[Any]:
    if due == "late":
        return [column < now]
    if due in {"today", "week"}:
        today = now.astimezone(ZONE).date()
        last = today if due == "today" else today + timedelta(days=6 - today.weekday())
        return [column < datetime.combine(last + timedelta(days=1), time(), ZONE)]
    return []


def counts(session: Session, actor: Actor, now: datetime) -> dict[str, int]:
    """How many tasks each list holds, up to `paging.MOST_COUNTED`, in one statement."""
    rows = {
        name: sa.select(Task.id).join(Case, Case.id == Task.case_id).where(_list(name, actor, now))
        for name in LISTS
    }
    columns = (counted(of).scalar_subquery().label(name) for name, of in rows.items())
    return dict(session.execute(sa.select(*columns)).one()._mapping)


def case_columns() -> list[Any]:
    """Columns of a CaseRow, in its order."""
    return [
        Case.id,
        Case.code,
        Case.title,
        Case.process_key,
        Version.name,
        Version.name_en,
        Version.number,
        Version.id,
        Case.unit,
        Case.status,
        Case.outcome,
        Case.started_by,
        Case.started_at,
        Case.closed_at,
        Case.due_at,
        Case.paused_at,
        Case.columns,
    ]


def cases(
    session: Session,
    actor: Actor,
    *,
    now: datetime,
    text: str = "",
    process: str | None = None,
    status: str | None = None,
    late: bool = False,
    unit: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[CaseRow]:
    """One page of the cases that the actor may see, newest first.

    Those among them of which they have a step alone say no more than their page: see
    `engine.glimpses`. They are searched by code, and found by nothing that they do not say.
    """
    whole = sa.and_(sa.true(), *reach.visible(actor))
    seen = sa.and_(whole, *_filters(text, None, [Case.search]))
    if reach.visible(actor) and not late and not unit:
        step = sa.and_(*reach.has_step(actor), sa.not_(whole))
        seen = sa.or_(seen, sa.and_(step, *_filters(text, None, [sa.func.lower(Case.code)])))
    wanted = [seen, *_filters("", process, [])]
    if status:
        wanted.append(Case.status == status)
    if unit:
        wanted.append(Case.unit == unit)
    if late:
        wanted += [Case.due_at < now, Case.status == "open", Case.paused_at.is_(None)]
    total = session.scalar(counted(sa.select(Case.id).where(*wanted)))
    query = sa.select(*case_columns(), whole.label("whole"))
    query = query.join(Version, Version.id == Case.version_id).where(*wanted)
    keys: list[Key[CaseRow]] = [Key(Case.id.expression, lambda row: row.id)]
    listing = Listing(query, _listed, keys, limit, down=True)
    page = listing.page(session, after, total or 0)
    names = _open_names(session, [row.id for row in page.rows if row.whole])
    rows = tuple(replace(row, open_tasks=tuple(names.get(row.id, ()))) for row in page.rows)
    return replace(page, rows=rows)


def _listed(found: Any) -> CaseRow:
    """A row of the list; of a case that the reader does not see, what its page tells them."""
    *columns, whole = found
    row = CaseRow(*columns)
    if whole:
        return row
    return replace(row, started_by="", due_at=None, paused_at=None, columns={}, whole=False)


def waiting_elements(session: Session, ids: Sequence[int]) -> list[tuple[int, str]]:
    """(case, element) of every message, timer and call that these cases wait for."""
    if not ids:
        return []
    waits = sa.select(Wait.case_id, Wait.element).where(Wait.case_id.in_(ids), Wait.kind != "key")
    jobs = sa.select(Job.case_id, Job.element).where(
        Job.case_id.in_(ids),
        Job.element.is_not(None),
        Job.status.in_(("waiting", "running", "stuck")),
    )
    return [(case_id, element) for case_id, element in session.execute(waits.union(jobs))]


def stuck_elements(session: Session, case_id: int) -> list[str]:
    """The elements of a case whose work is stuck until somebody looks after it."""
    query = sa.select(Job.element).where(
        Job.case_id == case_id, Job.status == "stuck", Job.element.is_not(None)
    )
    return list(session.scalars(query.order_by(Job.id)))


def _open_names(session: Session, ids: Sequence[int]) -> dict[int, list[OpenTask]]:
    names: dict[int, list[OpenTask]] = {}
    query = sa.select(Task.case_id, Task.name, Task.name_en, Task.subject).where(
        Task.case_id.in_(ids), Task.status == "open"
    )
    for case_id, name, name_en, subject in session.execute(query.order_by(Task.id)):
        names.setdefault(case_id, []).append(OpenTask(name, name_en, subject))
    return names


def begun_lately(session: Session, actor: Actor, newest: int) -> dict[str, int]:
    """By key of a process, how many of the newest cases are of it that the actor's unit began,
    and of those that the actor began: what they themselves begin counts twice.
    """
    keys = sa.select(Case.process_key).order_by(Case.id.desc()).limit(newest)
    own = keys.where(Case.started_by == actor.whose).subquery()
    units = keys.where(Case.unit == actor.unit).subquery()
    both = sa.union_all(sa.select(own), sa.select(units)).subquery()
    counted = sa.select(both.c.process_key, sa.func.count()).group_by(both.c.process_key)
    return {str(key): int(number) for key, number in session.execute(counted)}
