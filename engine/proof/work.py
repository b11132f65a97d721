"""The third turn, what the machine goes by: timers, calls, what was sent out, what is awaited.

A worker notes on a job what no entry does: that it holds it and until when, how often it failed,
with which error, and when it tries again. So that this cannot hide a timer that somebody has
moved, a job that was tried must have been due before it was, is put off from its last attempt for
no longer than the settings of that day allow, and is held for no longer than a lease. Who can
write into the database can so put off a job that is due by that long, and has to do it again and
again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.jobs import EARLY_MESSAGE_AGAIN, LEASE
from engine.program import Program
from engine.proof.told import Row, Told
from engine.proof.verdict import SKEW, Around, Difference, differs
from engine.tables import Case, Job, Wait, WaitKey

_AT_ONCE = 500
_JOB = ("token", "kind", "name", "element", "payload", "created_at", "done_at")
_NOTED = ("key", "status", "due_at", "attempts", "error", "leased_until")
_WAIT = ("kind", "name", "correlation", "element", "label", "label_en", "senders", "form")


def jobs(session: Session, case: Case, told: Told, around: Around) -> Difference | None:
    """Each timer and call that the case ever awaited is one job, as the journal left it."""
    names = [getattr(Job, name) for name in (*_JOB, *_NOTED)]
    query = sa.select(*names).where(Job.case_id == case.id).order_by(Job.id)
    # By key, which no two rows share: a second job of a token must not hide behind the first.
    found = {row.key: row for row in session.execute(query)}
    expected = {row["key"]: row for row in told.jobs.values()}
    for key, row in expected.items():
        if key not in found:
            message = 'The journal has the job "{of}", but the machine has no such job.'
            return Difference(case.head_seq, "job", message, {"of": _name(told.program, row)})
    for key, job in found.items():
        got = expected.get(key)
        if got is None:
            message = 'The machine has the job "{of}", but the journal has no such job.'
            return Difference(case.head_seq, "job", message, {"of": job.element or job.name})
        other = _noted(job, got) or _due(job, got, around)
        if other is not None:
            return differs(case.head_seq, "job", *other, of=_name(told.program, got))
    return None


def _name(program: Program, row: Row) -> str:
    return program.nodes[row["element"]].name or str(row["element"])


Other = tuple[str, Any, Any]
"""A column, what it shows and what the journal gives."""


def _noted(job: Any, got: Row) -> Other | None:
    for column in _JOB:
        if getattr(job, column) != got[column]:
            return column, getattr(job, column), got[column]
    status = "waiting" if job.status == "running" else job.status
    if status != got["status"]:
        return "status", job.status, got["status"]
    if status == "stuck" and job.error != got["error"]:
        return "error", job.error, got["error"]
    return None


def _due(job: Any, got: Row, around: Around) -> Other | None:
    """A job that was never tried is due when the journal says; of a stuck one nothing hangs on
    when it was due, for whoever retries it makes it due at once.
    """
    due: datetime = got["due_at"]
    if job.status == "running" and not _is_held(job, around):
        return "leased_until", job.leased_until, around.now + LEASE
    if job.status == "stuck" or job.due_at == due:
        return None
    if not job.attempts or job.due_at < due:
        return "due_at", job.due_at, due
    tried = job.leased_until if job.status == "waiting" else None
    tried = min(tried or around.now, around.now)
    latest = tried + around.patience(tried) if job.status == "waiting" else tried
    # It cannot have failed before it was due, nor waits longer than any attempt is put off.
    is_put_off = due <= tried + SKEW and job.due_at <= latest + SKEW
    return None if is_put_off else ("due_at", job.due_at, due)


def _is_held(job: Any, around: Around) -> bool:
    until: datetime | None = job.leased_until
    return until is not None and until <= around.now + LEASE + SKEW


def errands(session: Session, case: Case, told: Told, around: Around) -> Difference | None:
    """Each message and signal that the case sent to others is handed over as it was sent, or will
    be: an errand has no journal, so it may be tried again at any time that is near.
    """
    keys = list(told.errands)
    found: dict[str, Any] = {}
    columns = (Job.key, Job.name, Job.payload, Job.status, Job.due_at)
    for start in range(0, len(keys), _AT_ONCE):
        query = sa.select(*columns).where(Job.key.in_(keys[start : start + _AT_ONCE]))
        found |= {row.key: row for row in session.execute(query)}
    for key, got in told.errands.items():
        name, row = _sent(got), found.get(key)
        if row is None:
            message = 'The case sent "{of}" to other cases, but no job hands it over.'
            return Difference(case.head_seq, "job", message, {"of": name})
        for column in ("name", "payload"):
            if getattr(row, column) != got[column]:
                pair = getattr(row, column), got[column]
                return differs(case.head_seq, "job", column, *pair, of=name)
        latest = around.now + max(around.patience(around.now), EARLY_MESSAGE_AGAIN) + SKEW
        if row.status == "waiting" and row.due_at > latest:
            return differs(case.head_seq, "job", "due_at", row.due_at, around.now, of=name)
    return None


def _sent(row: Row) -> str:
    return str(row["payload"].get("message") or row["payload"].get("name"))


def waits(session: Session, case: Case, told: Told) -> Difference | None:
    """The case gets just the messages and signals that the journal leaves it waiting for."""
    names = [getattr(Wait, name) for name in ("token", *_WAIT)]
    query = sa.select(*names).where(Wait.case_id == case.id)
    found = {row.token: row for row in session.execute(query)}
    expected = told.waits()
    for token, row in expected.items():
        if token not in found:
            message = 'The journal leaves the case waiting at "{of}", but it waits no more.'
            return Difference(case.head_seq, "wait", message, {"of": row["label"]})
    for token, wait in found.items():
        got = expected.get(token)
        if got is None:
            message = 'The case waits at "{of}", but its journal leaves nothing waiting there.'
            return Difference(case.head_seq, "wait", message, {"of": wait.label})
        for column in _WAIT:
            shown = getattr(wait, column)
            if shown != got[column]:
                return differs(case.head_seq, "wait", column, shown, got[column], of=got["label"])
    return _other_keys(session, case, told, expected)


def _other_keys(
    session: Session, case: Case, told: Told, waits: dict[int, Row]
) -> Difference | None:
    query = sa.select(WaitKey.token, WaitKey.correlation).where(WaitKey.case_id == case.id)
    found, expected = {(*row,) for row in session.execute(query)}, told.keys()
    for token, text in sorted(found ^ expected):
        label = waits.get(token, {}).get("label", str(token))
        if (token, text) in found:
            return differs(case.head_seq, "wait", "correlation", text, None, of=label)
        return differs(case.head_seq, "wait", "correlation", None, text, of=label)
    return None
