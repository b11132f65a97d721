"""The work of one account handed over to another: open tasks, drafts, what it may still send.

`work.hand_over` is a remote operation whose outside world is the other cases of this engine: its
job takes them one after the other, each in a transaction of its own under its own lock, so that
two hand-overs never wait crosswise. Each case learns it by one input of its journal, which
`verify` runs again like any other; done again after a crash the operation finds only what is left,
and counts by the journals. What comes for the old account later, in cases that were open then,
follows by the errand `hand_on`.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from engine import jobs
from engine.apply import HANDED_OVER
from engine.errors import CaseClosed, Defect
from engine.hands import Selves, is_personal, own_matter, selves_of, separated
from engine.jobs import Held
from engine.moves import Mover, Opened, Step
from engine.ports import SYSTEM, Call, Operation
from engine.spiff.succession import exchanged
from engine.tables import Candidate, Case, Draft, Entry, Job, Task, Wait
from engine.values import Record, Value

if TYPE_CHECKING:
    from engine.api import Engine

AGAIN = timedelta(hours=1)
"""How often work that has come for the old account since is looked for."""


@dataclass(frozen=True)
class HandOver:
    """An order: everything of `old` to `new`, by the case of that code; None: back to the groups.

    upto: the last case that it concerns; what is asked of `old` in newer ones is not work that it
    left.
    """

    old: str
    new: str | None
    order: str
    upto: int


@dataclass
class Sorted:
    """Tokens of the tasks of one case: what goes to the new account, what back to its groups."""

    over: list[int] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    rows: dict[int, Task] = field(default_factory=dict)


def holder(
    assignee: str | None, by_hand: Set[str], names: Set[str], *, old: str, new: str | None
) -> tuple[str | None, set[str]]:
    """Who holds a task, and whom somebody has assigned it to, when it went from old to new.

    names: whom the drawing names afterwards. new: None when it went back to its groups. Live work
    and the auditor's verification both ask here.
    """
    mine, theirs = f"={old}", f"={new}"
    if new is None:
        return (None if assignee == old else assignee), {*by_hand} - {mine}
    assigned = {theirs if who == mine else who for who in by_hand} - names
    if assignee != old:
        return assignee, assigned
    # As when somebody assigns it: who gets it need not be in the group that the old one was in.
    return new, assigned if theirs in names else {theirs}


def _concerns(order: HandOver) -> sa.ColumnElement[bool]:
    """Open tasks that the old account holds or is named for, but of the ordering case."""
    named = sa.select(Candidate.task_id).where(Candidate.who == f"={order.old}")
    own = sa.select(Case.id).where(Case.code == order.order)
    return sa.and_(
        Task.status == "open",
        Task.case_id <= order.upto,
        Task.case_id.not_in(own),
        sa.or_(Task.assignee == order.old, Task.id.in_(named)),
    )


def _with_tasks(order: HandOver) -> sa.Select[Any]:
    return sa.select(Task.case_id).where(_concerns(order))


def _all_cases(order: HandOver) -> sa.CompoundSelect[Any]:
    """Beside open tasks: cases that the old account began, messages that it may send."""
    began = sa.select(Case.id).where(
        Case.started_by == order.old, Case.status == "open", Case.id <= order.upto
    )
    quoted = f'"={order.old}"'
    sends = sa.select(Wait.case_id).where(
        sa.cast(Wait.senders, sa.Text).contains(quoted, autoescape=True)
    )
    return _with_tasks(order).union(began, sends)


def hand_over(
    session: Session, mover: Mover, case_id: int, *, order: HandOver, now: datetime
) -> None:
    """The open tasks of one case are the new account's, and so is what it began.

    A task that the drawing separates from what the new account did in the case, or that is done in
    person, goes back to its groups; one that is for the old account alone stays where it is, for
    somebody to assign.
    """
    try:
        opened = mover.lock(session, case_id)
    except CaseClosed:
        return
    if opened.row.code == order.order:
        return
    found = _sorted(session, opened, order, selves_of(session, mover))
    if not found.rows and not exchanged(opened.workflow, order.old, order.new, None):
        return
    given: Record = {
        "kind": HANDED_OVER,
        "from": order.old,
        "to": order.new,
        "tasks": list(found.over),
        "back": list(found.back),
    }
    mover.move(session, opened, Step(given, SYSTEM, now, order.order))
    for token in found.over:
        _assign(session, found.rows[token], order.old, new=order.new, now=now)
        _draft(session, found.rows[token].id, order)
    for token in found.back:
        _assign(session, found.rows[token], order.old, new=None, now=now)


def _sorted(session: Session, opened: Opened, order: HandOver, selves: Selves) -> Sorted:
    query = sa.select(Task).where(Task.case_id == opened.row.id, _concerns(order))
    found = Sorted()
    for task in session.scalars(query.order_by(Task.id)):
        if order.new is not None and _may_do(opened, task, order.new, selves):
            found.over.append(task.token)
        elif task.assignee == order.old and _others(session, task, order.old):
            found.back.append(task.token)
        else:
            continue
        found.rows[task.token] = task
    return found


def _may_do(opened: Opened, task: Task, account: str, selves: Selves) -> bool:
    is_apart = separated(opened, task, account, selves) is not None
    is_barred = is_apart or is_personal(opened, task)
    return not is_barred and own_matter(opened, task, account, selves) is None


def _others(session: Session, task: Task, old: str) -> bool:
    """Whether the drawing names somebody else for the task."""
    query = sa.select(Candidate.who).where(
        Candidate.task_id == task.id, Candidate.by_hand.is_(False), Candidate.who != f"={old}"
    )
    return session.scalar(query.limit(1)) is not None


def _assign(session: Session, task: Task, old: str, *, new: str | None, now: datetime) -> None:
    """The task's row and candidates say whose it is; the move has written whom the drawing names.

    Somebody assigned before may meanwhile be named: one row each, and the drawing's stays.
    """
    run = session.execute
    rows = run(
        sa.select(Candidate.who, Candidate.by_hand).where(Candidate.task_id == task.id)
    ).all()
    names = {who for who, by_hand in rows if not by_hand}
    by_hand = {who for who, by_hand in rows if by_hand}
    assignee, assigned = holder(task.assignee, by_hand, names, old=old, new=new)
    if assignee != task.assignee:
        claimed_at = now if assignee is not None else None
        changed = sa.update(Task).where(Task.id == task.id)
        changed = changed.values(assignee=assignee, claimed_at=claimed_at)
        run(changed.execution_options(synchronize_session=False))
    run(sa.delete(Candidate).where(Candidate.task_id == task.id, Candidate.by_hand))
    if assigned:
        offers = [{"task_id": task.id, "who": who, "by_hand": True} for who in sorted(assigned)]
        run(sa.insert(Candidate), offers)


def _draft(session: Session, task_id: int, order: HandOver) -> None:
    """What the old account has typed for the task is the new one's, if that has typed nothing."""
    own = sa.select(Draft.task_id).where(Draft.account == order.new)
    moved = sa.update(Draft).where(
        Draft.account == order.old, Draft.task_id == task_id, Draft.task_id.not_in(own)
    )
    session.execute(moved.values(account=order.new).execution_options(synchronize_session=False))


def _each(engine: Engine, order: HandOver, cases: Any) -> None:
    with engine.reading() as session:
        found = sorted(set(session.scalars(cases)))
    now = engine.clock()
    for case_id in found:
        _case(engine, case_id, order, now)


def _case(engine: Engine, case_id: int, order: HandOver, now: datetime) -> None:
    engine._write(lambda s: hand_over(s, engine.mover, case_id, order=order, now=now))


class HandOverSchema(Schema):
    """holder: whose work it was; to: whose it is to be, null for back to the groups."""

    holder = fields.String(required=True)
    to = fields.String(required=True, allow_none=True)


class HandedSchema(Schema):
    """How many tasks went to the new account and back to their groups, and which are left.

    left: [{"case": "HS-2026-0007", "task": "Ký kết quả"}, ...], for somebody to assign.
    """

    tasks = fields.Integer(required=True)
    returned = fields.Integer(required=True)
    left = fields.List(fields.Dict(), required=True)


def _run(call: Call, parameters: Record) -> Record:
    engine = call.engine
    if engine is None:
        raise Defect
    old, new = str(parameters["holder"]), parameters["to"]
    if old == new:
        return {"tasks": 0, "returned": 0, "left": []}
    with engine.reading() as session:
        last = session.scalar(sa.select(sa.func.max(Case.id))) or 0
    order = HandOver(old, None if new is None else str(new), call.case_code, last)
    _each(engine, order, _all_cases(order))
    if order.new is not None:
        engine._write(lambda session: _follow(session, order, call.now))
    with engine.reading() as session:
        # The kind stands in the text, so that the index of these few entries serves.
        kind = sa.text(f"entry.kind = '{HANDED_OVER}'")
        query = sa.select(Entry.input).where(kind, Entry.right == order.order)
        given: list[Any] = list(session.scalars(query))
        left = _left(session, order)
    return {
        "tasks": sum(len(entry["tasks"]) for entry in given),
        "returned": sum(len(entry["back"]) for entry in given),
        "left": left,
    }


def _left(session: Session, order: HandOver) -> list[Value]:
    query = sa.select(Case.code, Task.name).join(Case, Case.id == Task.case_id)
    rows = session.execute(query.where(_concerns(order)).order_by(Task.id))
    return [{"case": code, "task": task} for code, task in rows]


def _follow(session: Session, order: HandOver, now: datetime) -> None:
    """Later work follows too; nothing follows any more to whom the work has come back."""
    back = sa.select(Job).where(
        Job.name == "hand_on", Job.status.in_(("waiting", "running", "stuck"))
    )
    for job in session.scalars(back):
        if job.payload["old"] == order.new:
            job.status, job.done_at = "done", now
    key = f"hand_on:{order.order}:{order.old}"
    jobs.enqueue(session, "hand_on", vars(order), key=key, at=now, due_at=now + AGAIN)


def hand_on(engine: Engine, held: Held) -> None:
    """What has come for the old account since follows, until all cases of that time are closed."""
    order, now = HandOver(**held.payload), engine.clock()
    _each(engine, order, _with_tasks(order))

    def work(session: Session) -> None:
        query = sa.select(Case.id).where(Case.status == "open", Case.id <= order.upto).limit(1)
        if session.scalar(query) is None:
            jobs.finish(session, held, now)
        else:
            jobs.again(session, held, due_at=now + AGAIN, payload=held.payload)

    engine._write(work)


HAND_OVER = Operation(
    "work.hand_over", _run, parameters=HandOverSchema, result=HandedSchema, remote=True
)
"""All open work of one account is another's. In force in every installation."""
