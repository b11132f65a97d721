"""The doors: each one transaction, each one journal entry. Nothing else commits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import IO, Any, TypeVar
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from engine import cases, deploying, ending, intake, jobs, messages, proof, remarks, tasks, values
from engine.bundles import Bundle
from engine.database import sessions
from engine.due import patience_at, run_due
from engine.files import Store
from engine.moves import Moved, Mover, Step, own_data
from engine.ports import SYSTEM, Actor, Surroundings
from engine.succession import Succession, order_succession
from engine.tables import INNER, Case, Comment, File, Version
from engine.values import Record
from engine.writing import writing

T = TypeVar("T")
_PASSING = ("database is locked", "deadlock detected", "could not serialize", "lock timeout")


class Engine:
    """Runs drawn procedures over one database. Wired once, shared by all threads."""

    def __init__(self, bind: sa.Engine, surroundings: Surroundings, store: Store) -> None:
        self.bind = bind
        self.surroundings = surroundings
        self.store = store
        self.mover = Mover(surroundings)
        self._sessions = sessions(bind)

    def clock(self) -> datetime:
        """The present instant, aware UTC; the only clock there is."""
        return self.surroundings.clock()

    # Transactions

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads; on SQLite it never waits for writers."""
        options = {"reading": True, "postgresql_readonly": True}
        with self._sessions(autoflush=False) as session:
            session.connection(execution_options=options)
            yield session
            # Not rolled back: a driver then forgets the statements that it has prepared.
            session.expunge_all()
            session.commit()

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A session that only reads, all of it as it stood at one instant.

        On PostgreSQL each statement sees what was committed before it, unless told otherwise; on
        SQLite a transaction that reads is a snapshot already.
        """
        options: dict[str, Any] = {"reading": True}
        if self.bind.dialect.name == "postgresql":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._sessions() as session:
            session.connection(execution_options=options)
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits at the end and rolls back when anything is raised."""
        with writing(self.bind) as session:
            yield session

    def _write(self, work: Callable[[Session], T]) -> T:
        """Runs one transaction, again when the database says that another was in the way, and
        once more when the connection was lost before COMMIT was sent.

        Nothing of a transaction stays in either case, and what `work` does goes through its
        session alone, so every door may be run again. A connection lost at COMMIT is told: the
        transaction may have been committed.
        """
        is_second = False
        for attempt in range(6):
            session = None
            try:
                with writing(self.bind) as session:
                    return work(session)
            except DBAPIError as problem:
                is_lost = problem.connection_invalidated
                if is_lost and (is_second or session is None or session.may_be_committed):
                    raise
                if attempt == 5 or not (is_lost or _is_passing(problem)):
                    raise
                is_second = is_second or is_lost
                time.sleep(0.02 * 2**attempt)
        raise AssertionError

    # Versions

    def deploy(
        self,
        bundle: Bundle,
        *,
        actor: Actor,
        legal_basis: str,
        note: str = "",
        activate: bool = True,
        active_from: datetime | None = None,
        is_examined: bool = False,
    ) -> Version:
        """The bundle is a version of its process; new cases start on it when `activate`, from
        `active_from` (aware; now when left out) on.

        A bundle that is deployed already is not deployed again. Raises BundleRefused with all
        findings (errors of check and scenarios that fail), ForceBackDated.
        is_examined: the caller did so just now, in a process of its own, and found no errors.
        """
        actor.require("studio.deploy")
        values.check({**bundle.files, "legal_basis": legal_basis, "note": note}, bundle.key)
        now = self.clock()

        def work(session: Session) -> Version:
            if not is_examined:
                deploying.examine(session, bundle, self.surroundings)
            version = deploying.keep(
                session, bundle, actor=actor, now=now, legal_basis=legal_basis, note=note
            )
            if activate:
                deploying.activate(
                    session,
                    version,
                    actor=actor,
                    now=now,
                    legal_basis=legal_basis,
                    active_from=active_from,
                )
            return version

        return self._write(work)

    def activate(
        self,
        version_id: int,
        *,
        actor: Actor,
        legal_basis: str,
        active_from: datetime | None = None,
    ) -> None:
        """New cases start on this version from `active_from` (aware; now when left out) on; open
        cases stay on theirs. Raises ForceBackDated.
        """
        actor.require("studio.deploy")
        now = self.clock()

        def work(session: Session) -> None:
            version = session.get_one(Version, version_id)
            deploying.activate(
                session,
                version,
                actor=actor,
                now=now,
                legal_basis=legal_basis,
                active_from=active_from,
            )

        self._write(work)

    # Cases

    def start(
        self,
        process_key: str,
        data: Record | None = None,
        *,
        actor: Actor,
        unit: str | None = None,
    ) -> Moved:
        """A case of the process in force has begun, in the actor's unit or the one named."""
        values.check(data or {}, "data")
        now = self.clock()
        order = cases.Start(process_key, data or {}, actor, now, unit or actor.unit)
        return self._write(lambda session: cases.start(session, self.mover, order))

    def send(self, case_id: int, token: int, data: Record, *, actor: Actor) -> Moved:
        """A person has sent the case a message that it waits for, such as a withdrawal."""
        now = self.clock()
        return self._write(
            lambda session: cases.send(
                session, self.mover, Step({"data": data}, actor, now, token=token), case_id
            )
        )

    def deliver(
        self, message: str, data: Record, *, correlation: str | None = None, actor: Actor = SYSTEM
    ) -> list[int]:
        """Every case that waits for the message under that correlation got it, or a case began by
        it. The correlation is a text: "5" meets nobody who waits under the number 5.
        Returns the ids of those cases. Raises NobodyWaits, ValueRefused.
        """
        values.check(data, "data")
        now = self.clock()
        post = messages.from_outside(message, correlation, data, actor=actor, now=now)
        return self._write(lambda session: messages.deliver(session, self.mover, post))

    def signal(self, name: str, data: Record, *, actor: Actor = SYSTEM) -> list[int]:
        """Every case that waits for the signal got it, and others began by it. Returns their ids,
        perhaps none.
        """
        name, now = values.composed(name), self.clock()
        with self.reading() as session:
            waiting = messages.waiting_for_signal(session, name)
        for case_id in waiting:
            given: Record = {"kind": "signal_received", "name": name, "data": own_data(data)}
            step = Step(given, actor, now)
            self._write(partial(self._give, step, case_id))
        post = messages.Post(name, None, own_data(data), actor, now)
        return waiting + self._write(
            lambda session: messages.start_by_signal(session, self.mover, post)
        )

    def _give(self, step: Step, case_id: int, session: Session) -> bool:
        return cases.move_if_open(session, self.mover, step, case_id)

    def cancel(self, case_id: int, reason: str, *, actor: Actor) -> Moved:
        """The case has ended where it stood, the reason in its journal. Raises TooLateToCancel."""
        now = self.clock()
        step = Step({"kind": "case_cancelled", "reason": reason}, actor, now)
        return self._write(lambda session: ending.cancel(session, self.mover, step, case_id))

    def comment(self, case_id: int, text: str, *, actor: Actor, audience: str = INNER) -> Comment:
        """The remark stands on the case, and in its journal, for its audience: inner or outer."""
        values.check(text, "text")
        given: Record = {"kind": "comment_added", "text": text.strip(), "audience": audience}
        step = Step(given, actor, self.clock())
        return self._write(lambda session: remarks.comment(session, self.mover, step, case_id))

    def attach(
        self,
        case_id: int,
        name: str,
        stream: IO[bytes],
        *,
        actor: Actor,
        kinds: tuple[str, ...] = (),
        audience: str | None = None,
    ) -> File:
        """The file is kept and belongs to the case; the same file again is the one it has.

        kinds: what is taken there, as `engine.files.fits` reads it: (".pdf", "image/*"). audience:
        inner or outer (`engine.remarks`); None of what a form asks for.
        Raises FileTooLarge, FileTypeRefused, FileEmpty.
        """
        values.check(name, "name")
        now = self.clock()
        with self.reading() as session:
            limit = self._setting(session, now, "upload.max_mb", 20)
            allowed = self._setting(session, now, "upload.types", [])
        stored = self.store.put(
            name, stream, limit_mb=int(limit), allowed=tuple(allowed), kinds=kinds
        )
        step = Step({"kind": "file_attached", **vars(stored)}, actor, now)
        step.given.update({"audience": audience} if audience else {})
        return intake.attached(self, case_id, step, stream)

    def _setting(self, session: Session, now: datetime, name: str, otherwise: Any) -> Any:
        """A setting of the tenant; an installation without settings uses the shipped value."""
        ask = self.surroundings.facts.get("setting")
        found = ask(session, now, name) if ask is not None else None
        return otherwise if found is None else found

    # Tasks

    def claim(self, task_id: int, *, actor: Actor) -> None:
        """The task is the actor's. Raises TaskClaimed, TaskTaken, TaskGone, NotYourTask,
        SameHand.
        """
        now = self.clock()
        self._write(lambda s: tasks.claim(s, self.mover, task_id, actor, now))

    def release(self, task_id: int, *, actor: Actor) -> None:
        """The task is anybody's again among its candidates; the draft stays with whom it is of."""
        now = self.clock()
        self._write(lambda s: tasks.release(s, self.mover, task_id, actor, now))

    def assign(self, task_id: int, to: str, *, actor: Actor) -> None:
        """The task is `to`'s, by the hand of somebody who may assign in its unit, or of its
        holder.
        """
        now = self.clock()
        self._write(lambda s: tasks.assign(s, self.mover, tasks.Order(task_id, to, actor, now)))

    def save_draft(self, task_id: int, posted: Mapping[str, Any], *, actor: Actor) -> datetime:
        """What was typed is kept for this account, and there again on any device."""
        values.check(dict(posted), "posted")
        now = self.clock()
        self._write(
            lambda s: tasks.save_draft(
                s, self.mover, task_id, posted=dict(posted), actor=actor, now=now
            )
        )
        return now

    def complete(self, task_id: int, posted: Mapping[str, Any], *, actor: Actor) -> Moved:
        """The task is done with what its form accepted, and the case has come to its next rest.

        Raises FormErrors with messages by field; TaskTaken, TaskClaimed, TaskGone, NotYourTask,
        SameHand.
        """
        now = self.clock()
        return self._write(
            lambda s: tasks.complete(s, self.mover, tasks.Done(task_id, posted, actor, now))
        )

    # The machine's work

    def enqueue(
        self,
        session: Session,
        name: str,
        payload: Any,
        *,
        key: str,
        run_at: datetime | None = None,
    ) -> bool:
        """An errand in the caller's transaction: "deliver", "signal" or a remote operation by
        name.
        """
        now = self.clock()
        return jobs.enqueue(session, name, payload, key=key, at=now, due_at=run_at)

    def recount_deadlines(self, session: Session) -> None:
        """The deadlines of all open cases are counted again by the machine, each journalled in
        its case, once the caller's change of the calendar is committed.
        """
        now = self.clock()
        jobs.enqueue(session, "recount", {}, key=f"recount:{uuid4()}", at=now, due_at=None)

    def succeed_unit(
        self, session: Session, order: Succession, *, due_at: datetime | None = None
    ) -> str:
        """The open cases of a unit go on in another from `due_at` (aware; at once when left out)
        on, each journalled in its case, once the caller's change of the units is committed.
        Returns the errand's key.
        """
        return order_succession(session, order, now=self.clock(), due_at=due_at)

    def call_off(self, session: Session, key: str) -> bool:
        """Whether the errand still waited; in the caller's transaction it is cancelled."""
        return jobs.cancel(session, key, self.clock())

    def run_due(self, limit: int = 100) -> int:
        """Timers, calls and errands that are due have been carried out; how many."""
        return run_due(self, limit)

    def retry(self, job_id: int, *, actor: Actor) -> None:
        """A stuck job is due again at once. Raises NotFound when it is not stuck, CaseClosed."""
        actor.require("operations.manage")
        now = self.clock()
        self._write(lambda s: cases.retry(s, self.mover, job_id, actor=actor, now=now))

    # Proof

    def verify(self, case_id: int) -> proof.Verdict:
        """The verdict on one case: chain recomputed, inputs run again, rests and rows compared,
        all as it stood at one instant: a case that goes on meanwhile is no forged one. Raises
        NotFound.
        """
        with self.snapshot() as session:
            return self.verdict(session, case_id)

    def verdict(self, session: Session, case_id: int) -> proof.Verdict:
        """The same within a snapshot in which the caller reads more of the case."""
        session.connection().execute(sa.select(1))  # So that the clock is read after it is taken.
        patience = partial(patience_at, self, session)
        around = proof.Around(self.clock(), self.store, patience)
        return proof.verify(session, self.mover, case_id, around)

    def verify_all(self) -> Iterator[proof.Verdict]:
        """The verdict on every case, in constant memory."""
        last = 0
        while True:
            with self.reading() as session:
                query = sa.select(Case.id).where(Case.id > last).order_by(Case.id).limit(500)
                ids = list(session.scalars(query))
            if not ids:
                return
            for case_id in ids:
                yield self.verify(case_id)
            last = ids[-1]


def _is_passing(problem: DBAPIError) -> bool:
    """Whether another transaction was in the way, which will be over."""
    return isinstance(problem, OperationalError) and any(p in str(problem) for p in _PASSING)
