"""What happens inside one transaction that moves a case: lock, load, apply, project, append an
entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import held, journal, spiff, values
from engine.apply import (
    HANDED_OVER,
    RECOUNTED,
    SUCCEEDED,
    Rest,
    apply,
    state_hash,
    summary,
    waiting_of,
)
from engine.bundles import Bundle
from engine.errors import (
    CaseClosed,
    Defect,
    MandateEnded,
    NotFound,
    OnlySees,
    OutsideMandate,
)
from engine.held import HeldCase
from engine.ports import Actor, Call, Surroundings
from engine.prepared import Together
from engine.program import Program, Programs
from engine.projection import Change, project, summarise
from engine.spiff import CaseWorkflow
from engine.tables import Candidate, Case, Version
from engine.values import Record
from engine.world import LiveWorld
from engine.writing import lane_of

BASE = ("initiator", "unit", "case")
"""What a case knows of itself from its start; nobody's data may say otherwise."""


def own_data(data: Record) -> Record:
    """Data from outside without the names that are the case's own."""
    return {name: value for name, value in data.items() if name not in BASE}


@dataclass(frozen=True)
class Moved:
    """What a door did: the case, and the open tasks that the actor may do next."""

    case_id: int
    case_code: str
    status: str
    tasks: tuple[int, ...]

    @property
    def closed(self) -> bool:
        return self.status != "open"


@dataclass(frozen=True)
class Step:
    """Who gives which input when, by which right."""

    given: Record
    actor: Actor
    now: datetime
    right: str | None = None
    token: int | None = None
    has_drafts: bool = True  # of the task that is done


@dataclass(frozen=True)
class Stand:
    """Where a case stands, loaded from its row."""

    program: Program
    workflow: CaseWorkflow
    row: Case | HeldCase


@dataclass(frozen=True)
class Opened(Stand):
    """A locked case, loaded."""

    row: HeldCase


class Mover:
    """Loads, moves and saves cases inside a caller's transaction."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.programs = Programs(surroundings.duties)

    def program(self, session: Session, version_id: int, sha256: str) -> Program:
        """The version made ready to run."""

        def read() -> Bundle:
            version = session.get_one(Version, version_id)
            return Bundle(version.process_key, version.files)

        return self.programs.get(sha256, read)

    def lock(self, session: Session, case_id: int) -> Opened:
        """The case, locked until the transaction ends. Raises NotFound, CaseClosed."""
        case = held.hold_case(session, case_id)
        if case is None:
            raise NotFound(thing=f"case {case_id}")
        return self.open(session, case)

    def open(self, session: Session, case: HeldCase) -> Opened:
        """The locked case made ready to move. Raises CaseClosed."""
        if case.status != "open":
            raise CaseClosed(code=case.code, at=case.closed_at)
        program = self.program(session, case.version_id, case.sha256)
        workflow = spiff.load(program, program.process.id, case.code, case.state)
        return Opened(program, workflow, case)

    def standing(
        self,
        session: Session,
        actor: Actor,
        now: datetime,
        *,
        process: str,
    ) -> Actor:
        """The actor as they stand at this moment: who acts for another is asked again for the
        permission, whatever held when the request came. Raises MandateEnded, OutsideMandate.
        """
        if actor.mandate is None:
            return actor
        found = self.surroundings.standing(session, actor, now)
        if found is None or found.mandate is None:
            raise MandateEnded(by=actor.whose, number=actor.mandate.number)
        if not found.mandate.covers(process):
            raise OutsideMandate(by=actor.whose, number=actor.mandate.number)
        return found

    def world(self, session: Session, case: Case | HeldCase, step: Step) -> LiveWorld:
        """The world as this step sees it."""

        def call(key: str) -> Call:
            return Call(
                key=key,
                now=step.now,
                case_id=case.id,
                case_code=case.code,
                actor=step.actor.name,
                unit=case.unit,
                session=session,
                behalf_of=step.actor.behalf_of,
                mandate=None if step.actor.mandate is None else step.actor.mandate.number,
            )

        return LiveWorld(
            session,
            step.now,
            facts=self.surroundings.facts,
            operations=self.surroundings.operations,
            call=call,
        )

    def outside(self, session: Session, now: datetime) -> LiveWorld:
        """The world where there is no case: facts only."""

        def call(key: str) -> Call:
            raise Defect

        return LiveWorld(session, now, facts=self.surroundings.facts, operations={}, call=call)

    def move(self, session: Session, opened: Opened, step: Step) -> Moved:
        """The case has gone on by one input; rows and journal say so. Nothing is
        committed here.
        """
        values.check(step.given, "input")
        case, program, workflow = opened.row, opened.program, opened.workflow
        before = waiting_of(workflow) if case.head_seq else {}
        world = self.world(session, case, step)
        rest = apply(workflow, step.given, world)
        if step.given["kind"] == SUCCEEDED and case.unit == step.given["before"]:
            case.unit = str(step.given["after"])
        summarise(session, case, summary(program, workflow, world), program)
        state = spiff.dump(workflow)
        kept = journal.rest_record(rest)
        outcome = journal.Outcome(world.facts, kept, rest.path, state_hash(state))
        writes = Together()
        case.state, case.status = state, rest.status
        case.paused_at = (case.paused_at or step.now) if rest.is_paused else None
        if rest.status != "open":
            case.closed_at, case.outcome = step.now, journal.outcome_name(program, rest.outcome)
        self._append(case, step, outcome, writes)
        change = Change(
            case,
            program,
            before,
            rest,
            step.now,
            by=step.actor.name,
            done_token=step.token,
            has_drafts=step.has_drafts,
            recounted=step.given["kind"] == RECOUNTED,
            succeeded=step.given["kind"] in (SUCCEEDED, HANDED_OVER),
        )
        created = project(session, change, writes)
        self._send_out(session, case, rest, step)
        return Moved(case.id, case.code, case.status, self._mine(created, rest, step.actor))

    def _append(
        self, case: HeldCase, step: Step, outcome: journal.Outcome, writes: Together
    ) -> None:
        """The journal has one line more, at which the case's row points."""
        head = journal.Head(case.id, case.head_seq, case.head_hash)
        line = journal.Line(step.now, step.actor, step.right, step.given, outcome)
        case.head_seq, case.head_hash = journal.append(head, line, writes)
        held.save(case, writes)

    def note(self, session: Session, case: HeldCase, step: Step) -> None:
        """The journal has one line more, of something that moves nothing."""
        writes = Together()
        self._append(case, step, journal.Outcome([], {}, []), writes)
        writes.send(lane_of(session))

    def _send_out(self, session: Session, case: HeldCase, rest: Rest, step: Step) -> None:
        """Signals and messages go to other cases after the commit, as errands; a case that begins
        by one is of the same unit.
        """
        from engine import jobs

        at, tail = step.now, f"{case.code}:{case.head_seq}"
        for number, (name, data) in enumerate(rest.thrown):
            payload: Record = {"name": name, "data": data, "from": case.id, "unit": case.unit}
            key = f"signal:{tail}:{number}"
            jobs.enqueue(session, "signal", payload, key=key, at=at, due_at=None)
        for number, post in enumerate(rest.sent):
            key = f"message:{tail}:{number}"
            jobs.enqueue(session, "deliver", post.order(case.unit), key=key, at=at, due_at=None)

    @staticmethod
    def _mine(created: list[int], rest: Any, actor: Actor) -> tuple[int, ...]:
        new = [w for w in rest.waiting.values() if w.kind == "task"]
        offers = sorted(new, key=lambda w: w.token)[-len(created) :] if created else []
        return tuple(
            task_id
            for task_id, waiting in zip(created, offers, strict=False)
            if is_candidate(actor, waiting.marks["candidates"])
        )


def require_hand(actor: Actor) -> None:
    """Raises OnlySees for who may look at cases and do nothing in them."""
    if actor.only_sees:
        raise OnlySees(name=actor.label)


def require_reach(actor: Actor, unit: str | None) -> None:
    """Raises OutsideMandate when somebody acts for another, but not for that unit."""
    if actor.mandate is not None and not actor.mandate.reaches(unit):
        raise OutsideMandate(by=actor.whose, number=actor.mandate.number)


def is_candidate(actor: Actor, candidates: Any) -> str | None:
    """The candidacy by which the actor may do a task, or None. Acting for another, they do only
    what is that one's, never what is their own.
    """
    if actor.only_sees:
        return None
    own = f"={actor.name}" if actor.mandate is None else None
    for who in candidates:
        if who == own or who in actor.candidacies:
            return str(who)
    return None


def candidates_of(session: Session, task_id: int) -> list[str]:
    """Who may claim a task."""
    return list(session.scalars(sa.select(Candidate.who).where(Candidate.task_id == task_id)))
