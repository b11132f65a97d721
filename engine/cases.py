"""Starting cases, messages to them, remarks and files, inside a caller's transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import carrying, deploying, held, jobs, reach, shown, spiff
from engine.database import table_of
from engine.deploying import InForce
from engine.errors import (
    CaseClosed,
    NotFound,
    NotPermitted,
    NotWhileActing,
    Refusal,
    WaitGone,
)
from engine.expressions import ZONE
from engine.held import HeldCase
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
from engine.ports import SYSTEM, Actor
from engine.prepared import Prepared
from engine.program import Program
from engine.reads import CaseRow
from engine.shown import Look
from engine.spelling import split
from engine.spiff import CaseWorkflow
from engine.tables import Case, Counter, Job, Task, Wait
from engine.values import Record
from engine.writing import lane_of


class NotByHand(Refusal):
    """ "{process}" is not started by hand: a message or a point in time starts it."""

    status = 409


@dataclass(frozen=True)
class Start:
    """An order to start a case. `element` is the start event that was triggered, if not the plain
    one; `begins` says more of that: see `spiff.start`. `actor` is in whose name the case begins;
    `by_case` says that another case begins it, by the hand of the machine.
    """

    process_key: str
    data: Record
    actor: Actor
    now: datetime
    unit: str | None
    element: str | None = None
    begins: Record = field(default_factory=dict)
    by_case: bool = False


def may_start(program: Program, actor: Actor) -> bool:
    """Whether the actor is in one of the process's starter groups, or holds cases.start where none
    is named. Nobody starts anything for another, and nobody by hand what names no groups but the
    processes that begin it (`started_from`). Who is from outside starts what names a group of
    theirs and nothing else.
    """
    if actor.mandate is not None or actor.only_sees:
        return False
    named = split(program.process.camunda.get("candidateStarterGroups", ""))
    if not named:
        is_inner = bool(split(program.process.properties.get("started_from", "")))
        return not is_inner and not reach.is_outside(actor) and actor.may("cases.start")
    mine = {who.partition("@")[0] for who in actor.candidacies}
    return any(group in mine for group in named)


def start(session: Session, mover: Mover, order: Start) -> Moved:
    """See `Engine.start`."""
    if order.actor.mandate is not None:
        raise NotWhileActing(by=order.actor.whose)
    version = deploying.in_force(session, order.process_key, order.now)
    program = mover.program(session, version.id, version.sha256)
    if order.actor is not SYSTEM and not order.by_case:
        require_hand(order.actor)
        if not may_start(program, order.actor):
            raise NotPermitted(right=program.process.name or order.process_key)
    top = program.process.top
    if order.element is None and top.triggers() and all(node.events for node in top.starts()):
        raise NotByHand(process=program.process.name or order.process_key)
    case = _new_case(session, program, version, order)
    errand = order.begins.get("errand")
    parent = carrying.parent_of(session, errand)
    step = Step({}, SYSTEM if order.by_case else order.actor, order.now, "cases.start")
    carried = carrying.carry(session, own_data(order.data), sender=parent, to=case.id, step=step)
    given = _beginning(order, case, version, parent, data=carried.data)
    workflow = spiff.new(program, program.process.id, case.code)
    moved = mover.move(session, Opened(program, workflow, case), replace(step, given=given))
    carried.note(session, mover, case, step)
    if parent is not None:
        carrying.keep_origin(session, case.id, parent, str(errand))
    return moved


def _beginning(
    order: Start, case: HeldCase, version: InForce, parent: Case | None, *, data: Record
) -> Record:
    """The first input of the case: what it knows of itself, and what it was given."""
    itself: Record = {"id": case.id, "code": case.code, "started_at": order.now}
    if parent is not None:
        itself["parent"] = parent.code
    held_by: Record = {"persons": list(order.actor.persons)} if order.actor.persons else {}
    base: Record = {"initiator": order.actor.name, "unit": order.unit, "case": itself}
    return {
        "kind": "case_started",
        "process": order.process_key,
        "version": version.sha256,
        "element": order.element,
        "base": base,
        "data": data,
        **held_by,
        **order.begins,
    }


def _new_case(session: Session, program: Program, version: InForce, order: Start) -> HeldCase:
    year = order.now.astimezone(ZONE).year
    prefix = program.process.properties.get("code_prefix") or order.process_key.upper()
    number = next_number(session, f"case:{prefix}:{year}")
    case = HeldCase(
        id=0,  # given out by the database
        code=f"{prefix}-{year}-{number:04}",
        process_key=order.process_key,
        version_id=version.id,
        unit=order.unit,
        title="",
        search="",
        status="open",
        outcome=None,
        started_by=order.actor.name,
        started_at=order.now,
        closed_at=None,
        due_at=None,
        paused_at=None,
        columns={},
        head_seq=0,
        head_hash="",
        state=b"",
        sha256=version.sha256,
    )
    # The drawing may use the case's id, and its rows point to it.
    said = program.process.properties
    held.new_case(session, case, sees=reach.seen(said), seen_with=reach.guard(said))
    return case


_BUMP = Prepared(
    sa.update(table_of(Counter))
    .where(Counter.series == sa.bindparam("of"))
    .values(last=Counter.last + 1)
    .returning(Counter.last)
)


def next_number(session: Session, series: str) -> int:
    """The next number of a series: gap-free, since it is given back when the transaction fails."""
    found = _BUMP.run(lane_of(session), {"of": series})
    if not found:
        _begin_series(session, series)
        found = _BUMP.run(lane_of(session), {"of": series})
    return int(found[0][0])


def _begin_series(session: Session, series: str) -> None:
    """Two first users of a series do not collide: the second finds the first's row."""
    dialect: Any = session.get_bind().dialect.name
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as pg_insert

        session.execute(pg_insert(Counter).values(series=series, last=0).on_conflict_do_nothing())
    else:
        session.execute(sa.insert(Counter).values(series=series, last=0))


def send(session: Session, mover: Mover, step: Step, case_id: int) -> Moved:
    """See `Engine.send`. Raises NotFound, NotPermitted, FormErrors."""
    opened = mover.lock(session, case_id)
    assert step.token is not None
    actor = mover.standing(session, step.actor, step.now, process=opened.row.process_key)
    step = replace(step, actor=actor)
    wait = session.get(Wait, (case_id, step.token))
    if wait is None or wait.senders is None:
        raise WaitGone
    require_hand(step.actor)
    right = is_candidate(step.actor, wait.senders)
    if right is None:
        raise NotPermitted(right=wait.label)
    require_reach(step.actor, right.partition("@")[2] or opened.row.unit)
    data: Any = {}  # A message without a form says that it came, and nothing else.
    form = opened.program.form(wait.form)
    if form is not None:
        world = mover.world(session, opened.row, step)
        view = opened.workflow.frame.view()
        sent: Any = step.given["data"]
        whole = may_see(session, opened.row, actor)
        look = Look(view, world.functions, step.now)
        files = shown.files(session, case_id, form, look, of=None if whole else actor)
        data = form.load(sent, context=view, functions=world.functions, now=step.now, files=files)
    given: Record = {
        "kind": "message_received",
        "token": step.token,
        "element": wait.element,
        "name": wait.name,
        "data": own_data(data),
    }
    return mover.move(session, opened, replace(step, given=given, right=right))


def may_send(wait: Wait, unit: str | None, actor: Actor) -> bool:
    """Whether the message that a case of that unit waits for is the actor's to send."""
    right = None if wait.senders is None else is_candidate(actor, wait.senders)
    reached = actor.mandate is None or actor.mandate.reaches(
        (right or "").partition("@")[2] or unit
    )
    return right is not None and reached


def move_if_open(
    session: Session,
    mover: Mover,
    step: Step,
    case_id: int,
    *,
    sender: Case | None = None,
    awaits: Callable[[CaseWorkflow], bool] | None = None,
) -> bool:
    """Moves the case unless it was closed or went on before we had its lock.

    sender: the case whose message the step brings; the files in it go along. awaits: whether the
    case, now that it is locked, still waits for what the step brings.
    """
    try:
        opened = mover.lock(session, case_id)
    except CaseClosed:
        return False
    if awaits is not None and not awaits(opened.workflow):
        return False
    said: Any = step.given.get("data", {})
    carried = carrying.carry(session, said, sender=sender, to=case_id, step=step)
    given = {**step.given, "data": carried.data} if carried.files else step.given
    mover.move(session, opened, replace(step, given=given))
    carried.note(session, mover, opened.row, step)
    return True


def may_see(session: Session, case: Case | HeldCase, actor: Actor) -> bool:
    """Whether all of the case is the actor's to see: they take part in it, by more than a step
    alone, lead its unit, or may see all cases.
    """
    if actor.mandate is None and actor.may("audit.view"):
        return True
    if actor.mandate is None and actor.may("cases.view_all") and _is_open(session, case, actor):
        return True
    return _takes_part(session, case, actor)


def _is_open(session: Session, case: Case | HeldCase | CaseRow, actor: Actor) -> bool:
    """Whether the drawing lets the actor look the case over, if they look over its unit."""
    guard = session.scalar(sa.select(Case.seen_with).where(Case.id == case.id))
    return reach.is_open_to(actor, guard, case.unit)


def may_take_part(session: Session, case: Case | HeldCase | CaseRow, actor: Actor) -> bool:
    """Whether the actor may write into the case: who started it, has or had a task in it, or leads
    its unit. Seeing all cases, as administrators and auditors do, is not enough.
    """
    return not actor.only_sees and _takes_part(session, case, actor)


def _takes_part(session: Session, case: Case | HeldCase | CaseRow, actor: Actor) -> bool:
    if actor.mandate is not None and not actor.mandate.covers(case.process_key):
        return False
    if actor.owns(case.started_by, case.unit) and not _is_step_alone(session, case, actor):
        return True
    leads = case.unit is not None and actor.may("cases.view", case.unit)
    if actor.mandate is not None:
        leads = leads and actor.mandate.reaches(case.unit)
    # Who audits a unit does not lead it.
    if leads and not actor.may("audit.view") and _is_open(session, case, actor):
        return True
    query = sa.select(Task.id).where(Task.case_id == case.id, reach.opens_case(actor)).limit(1)
    if session.scalar(query) is not None:
        return True
    return _may_send(session, case, actor) and not _is_step_alone(session, case, actor)


def _is_step_alone(session: Session, case: Case | HeldCase | CaseRow, actor: Actor) -> bool:
    """Whether who began the case, or may withdraw it, has their own steps of it alone."""
    if not reach.is_outside(actor):
        return False
    return session.scalar(sa.select(Case.sees).where(Case.id == case.id)) is not None


def has_part(session: Session, case: Case | HeldCase, actor: Actor) -> bool:
    """Whether the actor has any part in the case, though perhaps no more than a step of it."""
    if may_see(session, case, actor):
        return True
    if actor.mandate is not None and not actor.mandate.covers(case.process_key):
        return False
    if actor.owns(case.started_by, case.unit) or _may_send(session, case, actor):
        return True
    steps = sa.select(Task.id).where(Task.case_id == case.id, reach.took_part(actor))
    theirs = sa.select(Case.id).where(Case.id == case.id, reach.is_party(actor))
    return session.scalar(sa.union_all(steps, theirs).limit(1)) is not None


def _may_send(session: Session, case: Case | HeldCase | CaseRow, actor: Actor) -> bool:
    """Whether the case waits for a message of the actor: who took over what somebody else began
    has no task in it, and may withdraw it.
    """
    if not actor.owns(actor.whose, case.unit):
        return False
    query = sa.select(Wait.senders).where(Wait.case_id == case.id, Wait.senders.is_not(None))
    return any(f"={actor.whose}" in (names or ()) for names in session.scalars(query))


def own(
    session: Session, mover: Mover, step: Step, case_id: int, *, a_step: bool = False
) -> tuple[HeldCase, Step]:
    """The locked case, and the step of the actor as they stand now. a_step: whether who has no
    more than a step of the case may do it too.
    """
    case = held.hold_case(session, case_id)
    if case is None:
        raise NotFound(thing=f"case {case_id}")
    actor = mover.standing(session, step.actor, step.now, process=case.process_key)
    sees_all = may_see(session, case, actor)
    a_step = a_step and not sees_all and has_part(session, case, actor)
    if not sees_all and not a_step:
        raise NotFound(thing=f"case {case_id}")
    require_hand(actor)
    if not a_step and not may_take_part(session, case, actor):
        raise NotPermitted(right="cases.view")
    if case.status != "open":
        raise CaseClosed(code=case.code, at=case.closed_at)
    return case, replace(step, actor=actor)


def retry(session: Session, mover: Mover, job_id: int, *, actor: Actor, now: datetime) -> None:
    """See `Engine.retry`. Raises NotFound when the job is not stuck, CaseClosed."""
    place = sa.select(Job.case_id, Job.token, Job.element).where(Job.id == job_id)
    found = session.execute(place).one_or_none()
    if found is None:
        raise NotFound(thing=f"stuck job {job_id}")
    # The case is locked before the job, as everywhere. Whether the job is still stuck is asked
    # under the lock: another may have tried it again meanwhile, or closed the case.
    case = held.hold_case(session, found.case_id) if found.case_id is not None else None
    if case is not None and case.status != "open":
        raise CaseClosed(code=case.code, at=case.closed_at)
    if not jobs.unstick(session, job_id, now):
        raise NotFound(thing=f"stuck job {job_id}")
    if case is not None:
        given: Record = {"kind": "call_retried", "token": found.token, "element": found.element}
        mover.note(session, case, Step(given, actor, now, "operations.manage"))
