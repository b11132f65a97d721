"""What a case shows to whoever has a step of it alone: see `engine.reach` for who that is.

They read its code, its title and how it stands, their own steps, the messages that they may send,
the files that the forms of those show, and what they have sent themselves; from outside also what
the house has written and attached for them (`engine.remarks`), and what the process says that they
are told: its property `shows` names data and declared columns, `due` the deadline of the case.
Nothing else of what others did, wrote or attached is among it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import reach, remarks, shown, spiff, views
from engine.apply import view_of
from engine.bundles import form_name
from engine.cases import has_part, may_see, may_send
from engine.erasing import FileErased
from engine.errors import NotFound
from engine.moves import Mover
from engine.ports import Actor
from engine.program import Program
from engine.reads import TaskRow, tasks_query
from engine.shown import Look
from engine.spelling import split
from engine.tables import OUTER, Case, File, Task, Version, Wait
from engine.values import Value
from engine.views import CaseView, Marks

DUE = "due"
"""What the property `shows` calls the deadline of the case."""


def case(session: Session, mover: Mover, case_id: int, actor: Actor, now: datetime) -> CaseView:
    """The case as the actor may see it: all of it, or `whole` is false and it holds their part.

    `tasks` are then their own, those done first; `data` is what their forms are filled from and
    no page shows. Raises NotFound for who has no part in it.
    """
    row = session.get(Case, case_id)
    if row is None or not has_part(session, row, actor):
        raise NotFound(thing=f"case {case_id}")
    if may_see(session, row, actor):
        return views.case(session, mover, case_id, actor, now)
    sha256 = session.scalar(sa.select(Version.sha256).where(Version.id == row.version_id))
    program = mover.program(session, row.version_id, sha256 or "")
    workflow = spiff.load(program, program.process.id, row.code, row.state)
    waits = sa.select(Wait).where(Wait.case_id == case_id, Wait.kind != "key")
    live = [t for t in workflow.live_tokens() if "host" not in t.internal_data]
    here = {t.task_spec.node.id for t in live if not t.task_spec.node.is_scope}
    own = views.case_row(session, case_id)
    if not (reach.is_outside(actor) and DUE in shown_names(program)):
        own = replace(own, due_at=None, paused_at=None)
    found = CaseView(
        row=own,
        data=view_of(workflow),
        tasks=_tasks(session, case_id, actor),
        waits=[w for w in session.scalars(waits) if may_send(w, row.unit, actor)],
        other_waits=[],
        marks=Marks({}, sorted(here), [], [], []),
        files=[],
        comments=remarks.comments(session, case_id, actor) if reach.is_outside(actor) else [],
        program=program,
        whole=False,
    )
    functions = views.functions(session, mover, case_id, actor=actor, now=now)
    return replace(found, files=_files(session, found, workflow, Look({}, functions, now), actor))


def shown_names(program: Program) -> list[str]:
    """What the process says that those from outside are told: ["due", "receipt"]."""
    return split(program.process.properties.get("shows", ""))


def told(found: CaseView, actor: Actor) -> dict[str, Value]:
    """The values of what somebody from outside is told, in the property's order, without what is
    not there yet: {"procedure.name": "Cấp giấy phép lao động", "receipt": [{"file": 7, ...}]}.
    """
    if not reach.is_outside(actor):
        return {}
    values = {name: _value(found, name) for name in shown_names(found.program) if name != DUE}
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _value(found: CaseView, name: str) -> Value:
    value: Any = found.data
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return found.row.columns.get(name) if value is None else value


def _tasks(session: Session, case_id: int, actor: Actor) -> list[TaskRow]:
    query = tasks_query(actor).where(Task.case_id == case_id, reach.took_part(actor))
    return [TaskRow(*row) for row in session.execute(query.order_by(Task.id))]


def _files(
    session: Session, found: CaseView, workflow: Any, look: Look, actor: Actor
) -> list[File]:
    """What is theirs, the newest first: of a step that is over, what was there by then."""
    until = dict(_until(found, workflow, look))
    until |= dict.fromkeys(shown.among(list(told(found, actor).values())), look.now)
    theirs = [
        File.by == actor.name,
        *([File.audience == OUTER] if reach.is_outside(actor) else []),
    ]
    query = sa.select(File).where(
        File.case_id == found.row.id,
        File.erased_at.is_(None),
        sa.or_(File.id.in_(until), *theirs),
    )
    return [
        file
        for file in session.scalars(query.order_by(File.id.desc()))
        if file.id not in until or file.by == actor.name or file.at <= until[file.id]
    ]


def _until(found: CaseView, workflow: Any, look: Look) -> Iterator[tuple[int, datetime]]:
    """Each file that a form of theirs shows, with the last instant at which it did."""
    steps = [
        (form_name(found.program.nodes[t.element]), t.token, t.closed_at) for t in found.tasks
    ]
    steps += [(wait.form, wait.token, None) for wait in found.waits]
    # What is shown now comes last, and so counts.
    for name, token, over in sorted(steps, key=lambda step: step[2] or look.now):
        form = found.program.form(name)
        if form is not None:
            place = token if token in workflow.index else None
            here = replace(look, context=view_of(workflow, place))
            for number in shown.numbers(form, here):
                yield number, over or look.now


def file(session: Session, mover: Mover, file_id: int, actor: Actor, now: datetime) -> File:
    """A file of a case that the actor may see, or that their part of it shows. Raises NotFound,
    FileErased.
    """
    found = session.get(File, file_id)
    if found is None:
        raise NotFound(thing=f"file {file_id}")
    row = session.get_one(Case, found.case_id)
    if not is_whole(session, found, actor) and (
        not has_part(session, row, actor)
        or file_id not in {one.id for one in case(session, mover, row.id, actor, now).files}
    ):
        raise NotFound(thing=f"file {file_id}")
    if found.erased_at is not None:
        raise FileErased(at=found.erased_at, reason=found.erased_why)
    return found


def is_whole(session: Session, found: File, actor: Actor) -> bool:
    """Whether the actor has the file as one who may see its case, not by a part of it alone."""
    row = session.get_one(Case, found.case_id)
    return may_see(session, row, actor) and remarks.is_for(found.audience, found.by, actor)
