"""What people put to a case beside its work, remarks and files, and who reads it.

The audience is data of each. `inner`, as every remark is unless its writer says otherwise, is for
those of the house who see the case; `outer` is for the accounts from outside too that take part in
it, also by a step alone (`engine.reach`). Whoever is from outside speaks to the house in the open.
A file without an audience goes by the forms that show it and by who sees the case.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import reach
from engine.cases import own
from engine.moves import Mover, Step
from engine.ports import Actor
from engine.tables import INNER, OUTER, Candidate, Case, Comment, Entry, File, Task, Wait


def comment(session: Session, mover: Mover, step: Step, case_id: int) -> Comment:
    """See `Engine.comment`."""
    outside = reach.is_outside(step.actor)
    case, step = own(session, mover, step, case_id, a_step=outside)
    step = replace(step, given={**step.given, "audience": OUTER}) if outside else step
    row = Comment(
        case_id=case_id,
        at=step.now,
        by=step.actor.name,
        by_label=step.actor.label,
        text=str(step.given["text"]),
        audience=step.given["audience"],
    )
    session.add(row)
    mover.note(session, case, step)
    return row


def attach(session: Session, mover: Mover, step: Step, case_id: int) -> File:
    """See `Engine.attach`."""
    case, step = own(session, mover, step, case_id, a_step=True)
    kept: Any = {"audience": None, **{k: v for k, v in step.given.items() if k != "kind"}}
    same = {name: kept[name] for name in ("sha256", "name", "audience")}
    same |= {"case_id": case_id, "erased_at": None}
    known = session.scalar(sa.select(File).filter_by(**same).order_by(File.id).limit(1))
    if known is not None:
        return known
    row = File(case_id=case_id, at=step.now, by=step.actor.name, by_label=step.actor.label, **kept)
    session.add(row)
    mover.note(session, case, step)
    return row


def is_for(audience: str | None, by: str, actor: Actor) -> bool:
    """Whether the actor, who sees the case, reads what somebody has put to it."""
    return audience != INNER or not reach.is_outside(actor) or by == actor.name


def comments(session: Session, case_id: int, actor: Actor) -> list[Comment]:
    """The remarks on a case that are for the actor, who has a part in it, newest first."""
    query = sa.select(Comment).where(Comment.case_id == case_id).order_by(Comment.id.desc())
    return [row for row in session.scalars(query) if is_for(row.audience, row.by, actor)]


def told(entries: Iterable[Entry], actor: Actor) -> list[Entry]:
    """The journal without what others have put to the case that is not for the actor."""
    return [one for one in entries if is_for(_audience(one), one.actor, actor)]


def _audience(entry: Entry) -> str | None:
    otherwise = INNER if entry.kind == "comment_added" else None
    found: str | None = entry.input.get("audience", otherwise)
    return found if entry.kind in ("comment_added", "file_attached") else None


def taking_part(session: Session, case_id: int) -> set[str]:
    """The accounts that have a part in a case by name: they began it, may send it a message, or
    hold, did or may do a step of it.
    """
    mine = Task.case_id == case_id
    named = sa.select(Candidate.who).join(Task, Task.id == Candidate.task_id).where(mine)
    found = {name[1:] for name in session.scalars(named) if name.startswith("=")}
    waits = sa.select(Wait.senders).where(Wait.case_id == case_id, Wait.senders.is_not(None))
    for senders in session.scalars(waits):
        found |= {name[1:] for name in senders or () if name.startswith("=")}
    found.add(session.get_one(Case, case_id).started_by)
    for held in session.execute(sa.select(Task.assignee, Task.closed_by).where(mine)):
        found |= set(filter(None, held))
    return found
