"""Carries out what is due: timers, calls to outside systems, errands. One transaction each, fenced
by a lease.

A call goes out after the lease is committed and before its result is: a worker killed in between
leaves a job whose lease runs out, and the call is made again under the same key.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from engine import errands, jobs
from engine.case_files import Keeping
from engine.errors import CallFailed, CaseClosed, NobodyWaits, QuytrinhError, Rejected
from engine.held import hold_case
from engine.jobs import Held, Retries
from engine.moves import Step
from engine.ports import SYSTEM, Call, Operation
from engine.tables import Case
from engine.values import Record
from engine.world import run_operation

if TYPE_CHECKING:
    from engine.api import Engine

log = logging.getLogger(__name__)


def run_due(engine: Engine, limit: int) -> int:
    """See `Engine.run_due`."""
    done = 0
    while done < limit:
        # One at a time: a lease on a hundred jobs would run out while the first calls are made.
        held = engine._write(lambda session: jobs.take(session, engine.clock(), 1))
        if not held:
            break
        _carry_out(engine, held[0])
        done += 1
    return done


def _carry_out(engine: Engine, held: Held) -> None:
    """Does one job. Whatever goes wrong with it must not keep the others from being done."""
    try:
        {"timer": _timer, "call": _call, "errand": _errand}[held.kind](engine, held)
    except Exception as fault:
        log.exception("job %s %s failed", held.id, held.name)
        reason = f"{type(fault).__name__}: {fault}"
        retries = _retries(engine)
        if held.attempts >= retries.attempts:
            _stick(engine, held, reason)
        else:
            _put_back(engine, held, retries.wait(held.attempts), reason)


class Heartbeat:
    """Keeps a lease while an outside system takes its time; without it another worker would call
    too.
    """

    def __init__(self, engine: Engine, held: Held) -> None:
        self._engine, self._held = engine, held
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def _beat(self) -> None:
        while not self._over.wait(jobs.LEASE.total_seconds() / 3):
            self._engine._write(self._renew)

    def _renew(self, session: Session) -> bool:
        return jobs.renew(session, self._held, self._engine.clock())

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._thread.join()


def _timer(engine: Engine, held: Held) -> None:
    now = engine.clock()
    given: Record = {"kind": "timer_fired", "token": held.token, "element": held.element}
    step = Step(given, SYSTEM, now, token=held.token)
    _settle(engine, held, step)


def _settle(engine: Engine, held: Held, step: Step, keeping: Keeping | None = None) -> None:
    """Moves the job's case and finishes the job in one transaction; what fails makes the job
    stuck. keeping: files that the call made, which become the case's.
    """

    def work(session: Session) -> None:
        # The case is locked before the job, as everywhere, so that two workers never wait
        # crosswise.
        assert held.case_id is not None
        try:
            opened = engine.mover.lock(session, held.case_id)
        except CaseClosed:
            jobs.finish(session, held, step.now)
            return
        if not jobs.still_held(session, held):
            return
        kept = keeping.settle(session, engine.mover, opened.row, step) if keeping else step
        engine.mover.move(session, opened, kept)
        jobs.finish(session, held, step.now)

    try:
        engine._write(work)
    except QuytrinhError as problem:
        _stick(engine, held, problem.message)


def _stick(engine: Engine, held: Held, reason: str) -> None:
    """The job is stuck, and the case's journal says why."""
    now = engine.clock()

    def work(session: Session) -> None:
        if held.case_id is not None:
            case = hold_case(session, held.case_id)
            assert case is not None  # A job's case is never removed before it.
            if not jobs.stick(session, held, reason):
                return
            given: Record = {
                "kind": "call_stuck",
                "token": held.token,
                "element": held.element,
                "reason": reason,
            }
            engine.mover.note(session, case, Step(given, SYSTEM, now))
        else:
            jobs.stick(session, held, reason)

    engine._write(work)


def _put_back(engine: Engine, held: Held, wait: timedelta, reason: str) -> None:
    at = engine.clock()
    engine._write(lambda s: jobs.put_back(s, held, at=at, due_at=at + wait, error=reason))


def _retries(engine: Engine) -> Retries:
    with engine.reading() as session:
        return _retries_at(engine, session, engine.clock())


def patience_at(engine: Engine, session: Session, at: datetime) -> timedelta:
    """For how long at most an attempt that failed at an instant is put off."""
    return _retries_at(engine, session, at).patience


def _retries_at(engine: Engine, session: Session, at: datetime) -> Retries:
    return Retries(
        attempts=int(engine._setting(session, at, "calls.attempts", 8)),
        first=timedelta(seconds=int(engine._setting(session, at, "calls.first_wait", 30))),
        longest=timedelta(seconds=int(engine._setting(session, at, "calls.longest_wait", 3600))),
    )


def _outside(engine: Engine, held: Held, case: Case | None, keeping: Keeping) -> Record:
    """Asks the outside system. Raises CallFailed, Rejected, StepFailed."""
    operation: Operation | None = engine.surroundings.operations.get(held.name)
    if operation is None:
        raise CallFailed(f'There is no operation "{held.name}".', permanent=True)
    call = Call(
        key=held.key,
        now=engine.clock(),
        case_id=held.case_id or 0,
        case_code=case.code if case is not None else "",
        actor=SYSTEM.name,
        unit=case.unit if case is not None else None,
        engine=engine,
        keep=keeping.keep,
    )
    result = run_operation(operation, held.payload, call)
    if "$rejected" in result:
        raise Rejected(str(result["$rejected"]), str(result.get("message", "")))
    return result


def _ask(engine: Engine, held: Held, keeping: Keeping) -> Record | None:
    """The answer as an input of the case, or None when there is none yet or will be none."""
    case = None
    if held.case_id is not None:
        with engine.reading() as session:
            case = session.get_one(Case, held.case_id)
    try:
        with Heartbeat(engine, held):
            return {"kind": "call_returned", "result": _outside(engine, held, case, keeping)}
    except Rejected as no:
        return {"kind": "call_rejected", "code": no.code, "message": str(no)}
    except CallFailed as failure:
        retries = _retries(engine)
        if failure.permanent or held.attempts >= retries.attempts:
            _stick(engine, held, str(failure))
        else:
            _put_back(engine, held, retries.wait(held.attempts), str(failure))
    except QuytrinhError as problem:
        _stick(engine, held, problem.message)
    return None


def _call(engine: Engine, held: Held) -> None:
    keeping = Keeping(engine)
    answer = _ask(engine, held, keeping)
    if answer is None:
        return
    given: Record = {
        **answer,
        "token": held.token,
        "element": held.element,
        "operation": held.name,
    }
    step = Step(given, SYSTEM, engine.clock(), token=held.token)
    _settle(engine, held, step, keeping)


def _errand(engine: Engine, held: Held) -> None:
    own = errands.OWN.get(held.name) or errands.application(engine, held.name)
    if own is None:
        if _ask(engine, held, Keeping(engine)) is not None:
            engine._write(lambda s: jobs.finish(s, held, engine.clock()))
        return
    try:
        own(engine, held)
    except NobodyWaits as problem:
        wait = errands.too_early(engine, held)
        if wait is None:
            _stick(engine, held, problem.message)
        else:
            _put_back(engine, held, wait, problem.message)
    except QuytrinhError as problem:
        _stick(engine, held, problem.message)
