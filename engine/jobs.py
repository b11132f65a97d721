"""Work for the machine: enqueued in the caller's transaction, leased, tried again, never twice in
effect.

A worker takes due jobs by one conditional update that raises their lease number; what it then
finds counts only while the job still carries that number. A worker that dies leaves a lease that
runs out.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.tables import Job

LEASE = timedelta(seconds=25)
"""How long a worker that says nothing keeps a job; see `due.Heartbeat`."""
EARLY_MESSAGE_AGAIN = timedelta(minutes=5)
"""How often a message that nobody waits for yet is offered again."""


@dataclass(frozen=True)
class Retries:
    """How often and how patiently a failed call is tried again."""

    attempts: int = 8
    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(hours=1)

    def wait(self, attempt: int) -> timedelta:
        """Before the next attempt: doubled each time, with a fifth of jitter so that calls
        spread.
        """
        doubled = self.first * (1 << min(attempt - 1, 20))
        return min(doubled, self.longest) * random.uniform(0.9, 1.1)  # noqa: S311  # no secret

    @property
    def patience(self) -> timedelta:
        """The longest that an attempt is ever put off."""
        return self.longest * 1.1


@dataclass(frozen=True)
class Held:
    """A job that this worker holds under a lease."""

    id: int
    key: str
    kind: str
    name: str
    case_id: int | None
    token: int | None
    element: str | None
    payload: Any
    attempts: int
    lease: int


def enqueue(
    session: Session, name: str, payload: Any, *, key: str, at: datetime, due_at: datetime | None
) -> bool:
    """An errand is due at its time; enqueued again under the same key it changes
    nothing (False).
    """
    exists = session.scalar(sa.select(Job.id).where(Job.key == key))
    if exists is not None:
        return False
    session.execute(
        sa.insert(Job),
        [
            {
                "key": key,
                "kind": "errand",
                "name": name,
                "payload": payload,
                "status": "waiting",
                "due_at": due_at or at,
                "created_at": at,
            }
        ],
    )
    return True


def cancel(session: Session, key: str, now: datetime) -> bool:
    """The errand of that key is never carried out, if it still waited."""
    done: Any = session.execute(
        sa.update(Job)
        .where(Job.key == key, Job.kind == "errand", Job.status == "waiting")
        .values(status="cancelled", done_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)


def take(session: Session, now: datetime, limit: int) -> list[Held]:
    """Due jobs, and those whose lease ran out, held by the caller from now on."""
    due = (
        sa.select(Job.id)
        .where(
            sa.or_(
                sa.and_(Job.status == "waiting", Job.due_at <= now),
                sa.and_(Job.status == "running", Job.leased_until < now),
            )
        )
        .order_by(Job.due_at)
        .limit(limit)
    )
    if session.get_bind().dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    rows = session.execute(
        sa.update(Job)
        .where(Job.id.in_(due))
        .values(
            status="running",
            lease=Job.lease + 1,
            leased_until=now + LEASE,
            attempts=Job.attempts + 1,
        )
        .returning(
            Job.id,
            Job.key,
            Job.kind,
            Job.name,
            Job.case_id,
            Job.token,
            Job.element,
            Job.payload,
            Job.attempts,
            Job.lease,
        )
        .execution_options(synchronize_session=False)
    )
    return sorted((Held(*row) for row in rows), key=lambda held: held.id)


def finish(session: Session, held: Held, now: datetime) -> bool:
    """The job is done, if it is still held under this lease."""
    return _set(session, held, status="done", done_at=now, error=None)


def put_back(session: Session, held: Held, *, at: datetime, due_at: datetime, error: str) -> bool:
    """The job failed at an instant and will be tried again at another.

    Its lease stands as ended when it failed, so that verification can tell for how long it was
    put off.
    """
    changes = {"due_at": due_at, "leased_until": at, "error": error}
    return _set(session, held, status="waiting", **changes)


def again(session: Session, held: Held, *, due_at: datetime, payload: Any) -> bool:
    """The job has been done and is to be done again, with what it has noted."""
    return _set(session, held, status="waiting", due_at=due_at, payload=payload, attempts=0)


def stick(session: Session, held: Held, error: str, **noted: Any) -> bool:
    """The job is stuck: visible with its reason, until somebody retries it.

    noted: the `payload` with which it then begins, if another.
    """
    return _set(session, held, status="stuck", error=error, **noted)


def unstick(session: Session, job_id: int, now: datetime) -> bool:
    """The job is due at once, as if it had never been tried, if it is stuck."""
    done: Any = session.execute(
        sa.update(Job)
        .where(Job.id == job_id, Job.status == "stuck")
        .values(status="waiting", due_at=now, attempts=0, error=None)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)


def _set(session: Session, held: Held, **changes: Any) -> bool:
    done: Any = session.execute(
        sa.update(Job)
        .where(Job.id == held.id, Job.lease == held.lease, Job.status == "running")
        .values(**{"leased_until": None, **changes})
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)


def still_held(session: Session, held: Held) -> bool:
    """Whether nobody else has taken the job; its row is locked, so that nobody can
    until the end.
    """
    query = sa.select(Job.id).where(
        Job.id == held.id, Job.lease == held.lease, Job.status == "running"
    )
    return session.scalar(query.with_for_update()) is not None


def renew(session: Session, held: Held, now: datetime) -> bool:
    """The lease runs on, if it is still this worker's."""
    return _set(session, held, leased_until=now + LEASE)
