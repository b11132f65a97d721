"""Reads of the machine's work: what is stuck, what waits, which letters went out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from app import web
from app.i18n import language
from engine import views
from engine.tables import Case, Job

LETTER = "mail.send"

NAMES = {
    "cases.start": lazy_gettext("Start a case that another asks for"),
    "work.hand_over": lazy_gettext("Hand the work of an account over to another"),
    "pdf.render": lazy_gettext("Make a paper as PDF"),
    "sign.person": lazy_gettext("Sign a paper for whoever did the step"),
    "sign.organisation": lazy_gettext("Sign a paper for the agency"),
    "sign.check": lazy_gettext("Look at the signatures of a paper"),
    LETTER: lazy_gettext("Send a letter"),
    "start": lazy_gettext("Start a case at its time"),
    "start_when": lazy_gettext("Start a case when its condition has become true"),
    "deliver": lazy_gettext("Hand a message to the case that waits for it"),
    "signal": lazy_gettext("Hand a signal to all cases that wait for it"),
    "signal_to": lazy_gettext("Hand a signal to one case"),
    "recount": lazy_gettext("Count deadlines again after a change of the calendar"),
    "succeed": lazy_gettext("Let open cases of a unit go on in the one that follows it"),
    "guard": lazy_gettext("Keep cases to those whom their new drawing names"),
    "destroy": lazy_gettext("Take destroyed files out of the store"),
    "hand_on": lazy_gettext("Hand on what still comes for an account that was handed over"),
    "units.take_effect": lazy_gettext("Put a decided change of the units into effect"),
    "accounts.import_list": lazy_gettext("Check or enter a list of accounts"),
    "accounts.recovery_asked": lazy_gettext("Begin the recovery of an account"),
}
"""Operations and errands as administrators know them; timers are called as in their drawing."""


def words(name: str) -> str:
    """What an operation or an errand does; its own name when it has no words."""
    return str(NAMES.get(name, name))


@dataclass(frozen=True)
class StuckJob:
    """A job that nobody tries any more, and why."""

    id: int
    name: str
    kind: str
    element: str | None
    case_id: int | None
    case_code: str | None
    case_title: str | None
    attempts: int
    error: str
    created_at: datetime
    step: str

    @property
    def words(self) -> str:
        return (self.step if self.kind == "timer" else "") or words(self.name)


@dataclass(frozen=True)
class Waiting:
    """How many jobs of one kind and name wait, and when the first is due.

    words: what the name means. process: whose timer it is, else "".
    """

    kind: str
    name: str
    count: int
    first_due_at: datetime
    words: str
    process: str


@dataclass(frozen=True)
class Notice:
    """One letter of the product: to whom, about what, and how it stands."""

    id: int
    to: str
    subject: str
    status: str
    attempts: int
    error: str | None
    created_at: datetime
    done_at: datetime | None
    due_at: datetime
    case_id: int | None
    case_code: str | None


def stuck(session: Session, *, limit: int = 200) -> list[StuckJob]:
    """Stuck jobs, those of one name together, the oldest first."""
    found = (
        sa.select(Job, Case.code, Case.title, Case.version_id)
        .outerjoin(Case, Case.id == Job.case_id)
        .where(Job.status == "stuck")
        .order_by(Job.name, Job.id)
        .limit(limit)
    )
    return [
        StuckJob(
            id=job.id,
            name=job.name,
            kind=job.kind,
            element=job.element,
            case_id=job.case_id,
            case_code=code,
            case_title=title,
            attempts=job.attempts,
            error=job.error or "",
            created_at=job.created_at,
            step=step_name(session, version_id, job.element),
        )
        for job, code, title, version_id in session.execute(found)
    ]


def step_name(session: Session, version_id: int | None, element: str | None) -> str:
    """What the drawing of a version calls an element; "" where there is none."""
    if version_id is None or not element:
        return ""
    node = views.program(session, web.engine().mover, version_id).nodes.get(element)
    if node is None:
        return element
    english = node.properties.get("name_en") if language() == "en" else None
    return str(english or node.name or element)


def stuck_ids(session: Session, name: str) -> list[int]:
    """Every stuck job of one name."""
    found = sa.select(Job.id).where(Job.status == "stuck", Job.name == name).order_by(Job.id)
    return list(session.scalars(found))


def waiting(session: Session) -> list[Waiting]:
    """Jobs that wait or are under way, counted by kind and name, timers by process too.

    A timer is called as in the newest drawing that has set one.
    """
    counted = (
        Job.kind,
        Job.name,
        Case.process_key,
        sa.func.count(),
        sa.func.min(Job.due_at),
        sa.func.max(Case.version_id),
    )
    found = (
        sa.select(*counted)
        .outerjoin(Case, Case.id == Job.case_id)
        .where(Job.status.in_(("waiting", "running")))
        .group_by(Job.kind, Job.name, Case.process_key)
        .order_by(Job.kind, Job.name, Case.process_key)
    )
    return [_waiting(session, *row) for row in session.execute(found)]


def _waiting(session: Session, kind: str, name: str, _key: str | None, *rest: Any) -> Waiting:
    count, first, version_id = rest
    if kind != "timer" or version_id is None:
        return Waiting(kind, name, count, first, words(name), "")
    version = views.version(session, version_id)
    process = (version.name_en if language() == "en" else None) or version.name
    return Waiting(kind, name, count, first, step_name(session, version_id, name), process)


def last_done_at(session: Session) -> datetime | None:
    """When a job was last finished, by whichever process."""
    at: datetime | None = session.scalar(sa.select(sa.func.max(Job.done_at)))
    return at


def notices(
    session: Session, *, status: str | None = None, before: int | None = None, limit: int = 50
) -> list[Notice]:
    """Letters, the latest first; `before` is the last id of the page before."""
    found = (
        sa.select(Job, Case.code)
        .outerjoin(Case, Case.id == Job.case_id)
        .where(Job.name == LETTER)
        .order_by(Job.id.desc())
        .limit(limit)
    )
    if status:
        found = found.where(Job.status == status)
    if before:
        found = found.where(Job.id < before)
    return [_notice(job, code) for job, code in session.execute(found)]


def _notice(job: Job, code: str | None) -> Notice:
    # The text of a letter may hold a one-time link: the log says to whom and about what only.
    letter: dict[str, Any] = job.payload if isinstance(job.payload, dict) else {}
    to = letter.get("to") or ""
    return Notice(
        id=job.id,
        to=to if isinstance(to, str) else ", ".join(map(str, to)),
        subject=str(letter.get("subject") or ""),
        status=job.status,
        attempts=job.attempts,
        error=job.error,
        created_at=job.created_at,
        done_at=job.done_at,
        due_at=job.due_at,
        case_id=job.case_id,
        case_code=code,
    )
