"""One task, one case, one process, as their pages show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import deploying, reach, remarks, spiff, tasks
from engine.apply import view_of
from engine.bundles import form_name
from engine.cases import may_see, may_send, may_start
from engine.errors import NotFound, Refusal
from engine.forms import Form
from engine.hands import Selves, check_hands, free, selves_of
from engine.journal import entries
from engine.moves import (
    Mover,
    Stand,
    Step,
    candidates_of,
    is_candidate,
    require_reach,
)
from engine.ports import Actor
from engine.program import Program
from engine.reads import CaseRow, TaskRow, case_columns, tasks_query
from engine.tables import Activation, Case, Comment, Draft, Entry, File, Task, Version, Wait
from engine.values import Record


@dataclass(frozen=True)
class TaskView:
    """A task with its form. `why_not` says why this actor may not complete it,
    None if they may.
    """

    row: TaskRow
    case: CaseRow
    form: Form | None
    values: dict[str, Any]
    posted: dict[str, Any] | None
    draft_saved_at: datetime | None
    context: Record
    candidates: list[str]
    why_not: Refusal | None
    node: Any


@dataclass(frozen=True)
class Marks:
    """What the drawing shows: how often passed, where tokens are, flows taken."""

    past: dict[str, int]
    now: list[str]
    late: list[str]
    hold: list[str]
    flows: list[str]


@dataclass(frozen=True)
class CaseView:
    """A case with all that its page shows."""

    row: CaseRow
    data: Record
    tasks: list[TaskRow]
    waits: list[Wait]
    other_waits: list[Wait]
    marks: Marks
    files: list[File]
    comments: list[Comment]
    program: Program
    whole: bool = True
    """Whether it is all of the case; otherwise `engine.glimpses` says what it holds."""


@dataclass(frozen=True)
class ProcessView:
    """A process with its versions, newest first, which one is in force, and which will be:
    `planned` are activations to come, the next one first.
    """

    key: str
    versions: list[Version]
    activations: list[Activation]
    in_force: int | None
    planned: list[Activation]
    open_cases: dict[int, int]


@dataclass(frozen=True)
class ProcessName:
    """What a process is called in its newest version."""

    key: str
    name: str
    name_en: str | None


def loaded(session: Session, mover: Mover, case_id: int, actor: Actor) -> tuple[Case, Program]:
    """The case if the actor may see it. Raises NotFound otherwise, as if it were not there."""
    case = session.get(Case, case_id)
    if case is None or not may_see(session, case, actor):
        raise NotFound(thing=f"case {case_id}")
    sha256 = session.scalar(sa.select(Version.sha256).where(Version.id == case.version_id))
    return case, mover.program(session, case.version_id, sha256 or "")


def case_row(session: Session, case_id: int) -> CaseRow:
    """One case as lists show it."""
    query = (
        sa.select(*case_columns())
        .join(Version, Version.id == Case.version_id)
        .where(Case.id == case_id)
    )
    return CaseRow(*session.execute(query).one())


def task(session: Session, mover: Mover, task_id: int, actor: Actor) -> TaskView:
    """A task with its form, draft and case data. Raises NotFound."""
    found = session.execute(tasks_query(actor).where(Task.id == task_id)).one_or_none()
    if found is None:
        raise NotFound(thing=f"task {task_id}")
    row = TaskRow(*found)
    candidates = candidates_of(session, task_id)
    case = session.get_one(Case, row.case_id)
    mandate = actor.mandate
    reached = mandate is None or (mandate.covers(row.process_key) and mandate.reaches(row.unit))
    offered = reached and is_candidate(actor, candidates)
    if not offered and not may_see(session, case, actor) and not _was_theirs(session, row, actor):
        raise NotFound(thing=f"task {task_id}")
    sha256 = session.scalar(sa.select(Version.sha256).where(Version.id == case.version_id))
    program = mover.program(session, case.version_id, sha256 or "")
    workflow = spiff.load(program, program.process.id, case.code, case.state)
    token = row.token if row.token in workflow.index else None
    context = view_of(workflow, token)
    draft = session.get(Draft, (task_id, actor.name))
    node = program.nodes[row.element]
    return TaskView(
        row=row,
        case=case_row(session, row.case_id),
        form=program.form(form_name(node)),
        values=context,
        posted=draft.posted if draft else None,
        draft_saved_at=draft.saved_at if draft else None,
        context=context,
        candidates=candidates,
        why_not=_why_not(
            row,
            actor,
            Stand(program, workflow, case),
            candidates=candidates,
            selves=selves_of(session, mover),
        ),
        node=node,
    )


def _was_theirs(session: Session, row: TaskRow, actor: Actor) -> bool:
    """Whether the actor held or did the task, who may have nothing else of its case."""
    if actor.mandate is not None and not actor.mandate.covers(row.process_key):
        return False
    query = sa.select(Task.id).where(Task.id == row.id, reach.took_part(actor))
    return session.scalar(query) is not None


def _why_not(
    row: TaskRow, actor: Actor, stand: Stand, *, candidates: list[str], selves: Selves
) -> Refusal | None:
    try:
        tasks.still_open(row)
        tasks.right_of(row, free(stand, row, candidates, actor), actor)
        check_hands(stand, row, actor, selves)
        require_reach(actor, row.unit)
    except Refusal as refusal:
        return refusal
    return None


def case(session: Session, mover: Mover, case_id: int, actor: Actor, now: datetime) -> CaseView:
    """A case with all that its page shows. Raises NotFound."""
    row, program = loaded(session, mover, case_id, actor)
    workflow = spiff.load(program, program.process.id, row.code, row.state)
    open_tasks = [
        TaskRow(*r)
        for r in session.execute(
            tasks_query(actor)
            .where(Task.case_id == case_id, Task.status == "open")
            .order_by(Task.id)
        )
    ]
    all_waits = sa.select(Wait).where(Wait.case_id == case_id, Wait.kind != "key")
    waits = list(session.scalars(all_waits))
    mine = [w for w in waits if may_send(w, row.unit, actor)]
    return CaseView(
        row=case_row(session, case_id),
        data=view_of(workflow),
        tasks=open_tasks,
        waits=mine,
        other_waits=[w for w in waits if w not in mine],
        marks=_marks(session, row, workflow, open_tasks, now),
        files=[
            one for one in files(session, case_id) if remarks.is_for(one.audience, one.by, actor)
        ],
        comments=remarks.comments(session, case_id, actor),
        program=program,
    )


def files(session: Session, case_id: int) -> list[File]:
    """All files of a case, those that were destroyed among them, newest first."""
    query = sa.select(File).where(File.case_id == case_id).order_by(File.id.desc())
    return list(session.scalars(query))


def functions(
    session: Session, mover: Mover, case_id: int, *, actor: Actor, now: datetime
) -> Mapping[str, Callable[..., Any]]:
    """What the expressions of a case's forms may ask of the world at this moment."""
    case = session.get_one(Case, case_id)
    return mover.world(session, case, Step({}, actor, now)).functions


def _marks(
    session: Session, case: Case, workflow: Any, open_tasks: list[TaskRow], now: datetime
) -> Marks:
    past: Counter[str] = Counter()
    flows: set[str] = set()
    for path in session.scalars(sa.select(Entry.path).where(Entry.case_id == case.id)):
        follow(path, past, flows)
    live = [t for t in workflow.live_tokens() if "host" not in t.internal_data]
    here = {t.task_spec.node.id for t in live if not t.task_spec.node.is_scope}
    late = {t.element for t in open_tasks if t.due_at and t.due_at < now and not t.paused}
    hold = {
        t.task_spec.node.id for t in live if t.task_spec.node.properties.get("clock") == "paused"
    }
    return Marks(dict(past), sorted(here), sorted(late), sorted(hold), sorted(flows))


def follow(path: list[str], past: Counter[str], flows: set[str]) -> None:
    """Adds one step's path to what is past."""
    for mark in path:
        if mark[0] == "-":
            past[mark[1:]] += 1
        elif mark[0] == ">":
            flows.add(mark[1:])


def history(session: Session, mover: Mover, case_id: int, actor: Actor) -> list[Entry]:
    """The case's journal as it is for the actor, oldest first. Raises NotFound."""
    loaded(session, mover, case_id, actor)
    return remarks.told(entries(session, case_id), actor)


def startable(
    session: Session, mover: Mover, actor: Actor, now: datetime
) -> list[tuple[Version, Program]]:
    """Processes in force that the actor may start by hand, by name."""
    found = []
    for version in deploying.all_in_force(session, now):
        program = mover.program(session, version.id, version.sha256)
        by_hand = any(not n.events for n in program.process.top.starts())
        if by_hand and may_start(program, actor):
            found.append((version, program))
    return found


def processes(session: Session) -> list[ProcessName]:
    """Every process that was ever deployed, by name: what lists of tasks and cases are narrowed
    to.
    """
    newest = sa.select(sa.func.max(Version.id)).group_by(Version.process_key)
    query = sa.select(Version.process_key, Version.name, Version.name_en)
    found = session.execute(query.where(Version.id.in_(newest)).order_by(Version.name))
    return [ProcessName(*row) for row in found]


def process(session: Session, key: str, now: datetime) -> ProcessView:
    """A process with its versions. Raises NotFound."""
    versions = list(
        session.scalars(
            sa.select(Version).where(Version.process_key == key).order_by(Version.number.desc())
        )
    )
    if not versions:
        raise NotFound(thing=f"process {key}")
    query = sa.select(Activation).where(Activation.process_key == key)
    activations = list(session.scalars(query.order_by(Activation.id.desc())))
    current = deploying.version_in_force(session, key, now)
    counted = sa.select(Case.version_id, sa.func.count()).where(
        Case.process_key == key, Case.status == "open"
    )
    return ProcessView(
        key=key,
        versions=versions,
        activations=activations,
        in_force=current.id if current else None,
        planned=_planned(activations, now),
        open_cases=dict(session.execute(counted.group_by(Case.version_id)).all()),
    )


def _planned(activations: list[Activation], now: datetime) -> list[Activation]:
    """Of activations, newest first, those to come; of two for one instant the later word."""
    coming: dict[datetime, Activation] = {}
    for one in activations:
        if one.active_from > now:
            coming.setdefault(one.active_from, one)
    return [coming[at] for at in sorted(coming)]


def version(session: Session, version_id: int) -> Version:
    """One version, whatever its process. Raises NotFound."""
    found = session.get(Version, version_id)
    if found is None:
        raise NotFound(thing=f"version {version_id}")
    return found


def program(session: Session, mover: Mover, version_id: int) -> Program:
    """A version made ready to run, parsed once in each process."""
    sha256 = session.scalar(sa.select(Version.sha256).where(Version.id == version_id))
    return mover.program(session, version_id, sha256 or "")


def outcome_en(session: Session, mover: Mover, row: CaseRow) -> str | None:
    """The English name of the end event at which a case ended, if its drawing gives one."""
    for node in program(session, mover, row.version_id).nodes.values():
        if node.kind == "endEvent" and node.name == row.outcome:
            return node.properties.get("name_en")
    return None
