"""Claiming, drafting and completing tasks, inside a caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import held, reach, shown
from engine.apply import view_of
from engine.bundles import form_name
from engine.errors import (
    NotFound,
    NotWhileActing,
    NotYourTask,
    OtherHand,
    OwnMatter,
    TaskClaimed,
    TaskGone,
    TaskTaken,
)
from engine.hands import Work, check_hands, free, own_matter, selves_of, separated
from engine.held import HeldTask
from engine.moves import (
    Moved,
    Mover,
    Opened,
    Step,
    is_candidate,
    own_data,
    require_hand,
    require_reach,
)
from engine.ports import Actor
from engine.projection import candidate_words
from engine.shown import Look
from engine.tables import Draft
from engine.values import Record, Value


@dataclass(frozen=True)
class Done:
    """What somebody sends when completing a task; `posted` as the form posts it or typed."""

    task_id: int
    posted: Mapping[str, Any]
    actor: Actor
    now: datetime


@dataclass(frozen=True)
class Order:
    """Somebody hands a task to an account."""

    task_id: int
    to: str
    actor: Actor
    now: datetime


def lock(
    session: Session, mover: Mover, task_id: int, *, actor: Actor, now: datetime
) -> tuple[HeldTask, Opened, Actor]:
    """The task and its case, locked, and the actor as they stand once the lock is held. Raises
    NotFound, TaskTaken, TaskGone, MandateEnded, OutsideMandate.
    """
    found = held.hold_task(session, task_id)
    if found is None:
        raise NotFound(thing=f"task {task_id}")
    task, case = found
    still_open(task)
    standing = mover.standing(session, actor, now, process=case.process_key)
    require_reach(standing, task.unit)
    return task, mover.open(session, case), standing


def still_open(task: Work) -> None:
    """Raises TaskTaken, TaskGone when the task is open no more."""
    if task.status == "completed":
        raise TaskTaken(by=task.closed_by, task=task.name, at=task.closed_at)
    if task.status != "open":
        raise TaskGone(task=task.name, at=task.closed_at)


def right_of(task: Work, candidates: list[str], actor: Actor) -> str:
    """The candidacy by which the actor may do the task. Raises TaskClaimed, NotYourTask.

    A claim is no right: who has left the group since may not complete what they claimed in it.
    """
    require_hand(actor)
    others = task.assignee is not None and task.assignee != actor.whose
    if others and task.claimed_at is not None:
        raise TaskClaimed(by=task.assignee, task=task.name, at=task.claimed_at)
    right = is_candidate(actor, candidates)
    if right is None:
        raise NotYourTask(task=task.name, candidates=candidate_words(candidates))
    return right


def claim(session: Session, mover: Mover, task_id: int, actor: Actor, now: datetime) -> None:
    """See `Engine.claim`. Claiming what is one's own already changes nothing."""
    task, opened, actor = lock(session, mover, task_id, actor=actor, now=now)
    right = right_of(task, free(opened, task, task.candidates, actor), actor)
    if task.assignee == actor.whose:
        return
    check_hands(opened, task, actor, selves_of(session, mover))
    task.assignee, task.claimed_at = actor.whose, now
    held.assign(session, task)
    given: Record = {"kind": "task_claimed", "token": task.token, "element": task.element}
    mover.note(session, opened.row, Step(given, actor, now, right))


def release(session: Session, mover: Mover, task_id: int, actor: Actor, now: datetime) -> None:
    """See `Engine.release`."""
    task, opened, actor = lock(session, mover, task_id, actor=actor, now=now)
    if task.assignee is None:
        return
    own = task.assignee == actor.whose
    if actor.mandate is not None:  # What they claimed in a group may lie outside the permission.
        own = own and is_candidate(actor, task.candidates) is not None
    if not own and not actor.may("tasks.assign", task.unit):
        raise TaskClaimed(by=task.assignee, task=task.name, at=task.claimed_at)
    task.assignee = task.claimed_at = None
    held.assign(session, task)
    held.offer(session, task, None)
    given: Record = {"kind": "task_released", "token": task.token, "element": task.element}
    mover.note(session, opened.row, Step(given, actor, now))


def assign(session: Session, mover: Mover, order: Order) -> None:
    """See `Engine.assign`. `order.to` must be among the candidates' accounts, which the caller
    checks. Being assigned is a right of its own: `order.to` is a candidate by name until the task
    is handed on or given back.
    """
    require_hand(order.actor)
    if order.actor.mandate is not None:
        raise NotWhileActing(by=order.actor.whose)
    task, opened, _actor = lock(session, mover, order.task_id, actor=order.actor, now=order.now)
    if task.assignee != order.actor.name:
        order.actor.require("tasks.assign", task.unit)
    selves = selves_of(session, mover)
    other = separated(opened, task, order.to, selves)
    if other is not None:
        raise OtherHand(by=order.to, other=other, task=task.name)
    own = own_matter(opened, task, order.to, selves)
    if own is not None:
        raise OwnMatter(who=own, task=task.name)
    held.offer(session, task, order.to)
    task.assignee, task.claimed_at = order.to, order.now
    held.assign(session, task)
    given: Record = {
        "kind": "task_assigned",
        "token": task.token,
        "element": task.element,
        "to": order.to,
    }
    mover.note(session, opened.row, Step(given, order.actor, order.now))


def save_draft(
    session: Session,
    mover: Mover,
    task_id: int,
    *,
    posted: dict[str, Any],
    actor: Actor,
    now: datetime,
) -> None:
    """See `Engine.save_draft`. A draft is no step: it is not journalled and goes with the task."""
    found = held.hold_task(session, task_id)  # So that of two savings one waits for the other.
    if found is None:
        raise NotFound(thing=f"task {task_id}")
    task, case = found
    still_open(task)
    actor = mover.standing(session, actor, now, process=case.process_key)
    require_reach(actor, task.unit)
    right_of(task, task.candidates, actor)
    draft = session.get(Draft, (task_id, actor.name))
    if draft is None:
        session.add(Draft(task_id=task_id, account=actor.name, posted=posted, saved_at=now))
    else:
        draft.posted, draft.saved_at = posted, now


def complete(session: Session, mover: Mover, done: Done) -> Moved:
    """See `Engine.complete`."""
    task, opened, actor = lock(session, mover, done.task_id, actor=done.actor, now=done.now)
    right = right_of(task, free(opened, task, task.candidates, actor), actor)
    check_hands(opened, task, actor, selves_of(session, mover))
    data = _accepted(session, mover, task, opened, done)
    given: Record = {
        "kind": "task_completed",
        "token": task.token,
        "element": task.element,
        "data": data,
        "by": actor.name,
    }
    if actor.behalf_of is not None:
        given["for"] = actor.behalf_of
    group, at, _unit = right.partition("@")
    if at:
        given["group"] = group
    if actor.persons:
        given["persons"] = list(actor.persons)
    step = Step(given, actor, done.now, right, token=task.token, has_drafts=task.has_drafts)
    return mover.move(session, opened, step)


def _accepted(
    session: Session, mover: Mover, task: HeldTask, opened: Opened, done: Done
) -> dict[str, Value]:
    """What the form of the case's version accepts; a task without a form takes nothing."""
    form = opened.program.form(form_name(opened.program.nodes[task.element]))
    if form is None:
        return {}
    plain = form.take(done.posted)
    if plain is not None:
        return own_data(plain)
    step = Step({}, done.actor, done.now)
    world = mover.world(session, opened.row, step)
    context = view_of(opened.workflow, task.token)
    look = Look(context, world.functions, done.now)
    alone = reach.is_alone(opened.program.nodes[task.element].properties, done.actor)
    of = done.actor if alone else None
    files = shown.files(session, opened.row.id, form, look, of=of)
    accepted = form.load(
        done.posted,
        context=context,
        functions=world.functions,
        now=done.now,
        files=files,
    )
    return own_data(accepted)
