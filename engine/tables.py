"""The engine's tables, by life span: versions and entries for ever, cases, tasks and jobs while
they run.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, Canonical, Digest, Instant, insert_only


class Version(Base):
    """One immutable deployed bundle of a process: `files` maps paths to texts."""

    __tablename__ = "version"
    __table_args__ = (
        sa.UniqueConstraint("process_key", "number"),
        sa.UniqueConstraint("process_key", "sha256"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    process_key: Mapped[str] = mapped_column(sa.String(80))
    number: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    files: Mapped[dict[str, str]] = mapped_column(Canonical)
    name: Mapped[str] = mapped_column(sa.String(300))
    name_en: Mapped[str | None] = mapped_column(sa.String(300))
    legal_basis: Mapped[str] = mapped_column(sa.Text)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    deployed_at: Mapped[datetime] = mapped_column(Instant)
    deployed_by: Mapped[str] = mapped_column(sa.String(120))


class Activation(Base):
    """From when a version was the one that new cases start on, by whose word and on what basis."""

    __tablename__ = "activation"
    id: Mapped[int] = mapped_column(primary_key=True)
    process_key: Mapped[str] = mapped_column(sa.String(80), index=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("version.id"), index=True)
    active_from: Mapped[datetime] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(sa.String(120))
    legal_basis: Mapped[str] = mapped_column(sa.Text)


class Case(Base):
    """One run of a process, pinned to one version; `state` is the engine's, as bytes."""

    __tablename__ = "case"
    __table_args__ = (sa.Index("ix_case_state_due_at", "status", "due_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    process_key: Mapped[str] = mapped_column(sa.String(80), index=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("version.id"), index=True)
    unit: Mapped[str | None] = mapped_column(sa.String(80), index=True)
    title: Mapped[str] = mapped_column(sa.String(500), default="")
    search: Mapped[str] = mapped_column(sa.Text, default="")
    status: Mapped[str] = mapped_column(sa.String(12))  # open, completed, cancelled
    outcome: Mapped[str | None] = mapped_column(sa.String(300))  # name of the last end event
    started_by: Mapped[str] = mapped_column(sa.String(120), index=True)
    started_at: Mapped[datetime] = mapped_column(Instant, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    columns: Mapped[dict[str, Any]] = mapped_column(Canonical, default=dict)
    head_seq: Mapped[int] = mapped_column(default=0)
    head_hash: Mapped[str] = mapped_column(Digest, default="")
    state: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sees: Mapped[str | None] = mapped_column(sa.String(12))  # see engine.reach
    seen_with: Mapped[str | None] = mapped_column(sa.String(60))  # see engine.reach


class CaseColumn(Base):
    """One declared column of a case: typed and indexed, so that lists filter and sort without
    JSON.
    """

    __tablename__ = "case_column"
    __table_args__ = (
        sa.Index("ix_case_column_text", "name", "folded"),
        sa.Index("ix_case_column_number", "name", "number"),
        sa.Index("ix_case_column_day", "name", "day"),
    )
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    text: Mapped[str | None] = mapped_column(sa.String(500))
    folded: Mapped[str | None] = mapped_column(sa.String(500))
    number: Mapped[Decimal | None] = mapped_column(sa.Numeric(24, 6))
    day: Mapped[date | None] = mapped_column(sa.Date)


class Origin(Base):
    """Which case began a case, by the errand `key`, and how many generations are above it."""

    __tablename__ = "origin"
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    parent_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    key: Mapped[str] = mapped_column(sa.String(200), index=True)
    depth: Mapped[int]


class Counter(Base):
    """The last number given out in a series, moved only inside the transaction that uses it."""

    __tablename__ = "counter"
    series: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    last: Mapped[int]


class Task(Base):
    """Work for a person. Completed ones stay, so that the next one reads who was first."""

    __tablename__ = "task"
    __table_args__ = (
        # Work that nobody holds is found by its candidates, and costs nothing here.
        sa.Index(
            "ix_task_assignee_status_due",
            "assignee",
            "status",
            "due_at",
            sqlite_where=sa.text("assignee IS NOT NULL"),
            postgresql_where=sa.text("assignee IS NOT NULL"),
        ),
        sa.Index("ix_task_unit_status_due", "unit", "status", "due_at"),
        sa.UniqueConstraint("case_id", "token"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    token: Mapped[int]
    element: Mapped[str] = mapped_column(sa.String(200))
    name: Mapped[str] = mapped_column(sa.String(300))
    name_en: Mapped[str | None] = mapped_column(sa.String(300))
    subject: Mapped[str | None] = mapped_column(sa.String(300))
    search: Mapped[str | None] = mapped_column(sa.Text)  # the subject, folded
    legal_basis: Mapped[str | None] = mapped_column(sa.Text)
    unit: Mapped[str | None] = mapped_column(sa.String(80))
    status: Mapped[str] = mapped_column(sa.String(12))  # open, completed, cancelled
    assignee: Mapped[str | None] = mapped_column(sa.String(120))
    claimed_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    follow_up_at: Mapped[datetime | None] = mapped_column(Instant)
    priority: Mapped[int] = mapped_column(default=50)
    paused: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by: Mapped[str | None] = mapped_column(sa.String(120))
    sees: Mapped[str | None] = mapped_column(sa.String(12))  # see engine.reach


class Candidate(Base):
    """Who may claim a task: "van-thu@vp" for a group within a unit, "=annv.vp" for one account.

    by_hand: not the drawing named the account, somebody assigned the task to it; the row goes when
    it is handed on.
    """

    __tablename__ = "candidate"
    __table_args__ = ({"sqlite_with_rowid": False},)
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"), primary_key=True)
    who: Mapped[str] = mapped_column(sa.String(200), primary_key=True, index=True)
    by_hand: Mapped[bool] = mapped_column(default=False)


class Draft(Base):
    """What somebody has typed into a task's form and not sent yet, as the form posts it."""

    __tablename__ = "draft"
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"), primary_key=True)
    account: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    posted: Mapped[dict[str, Any]] = mapped_column(Canonical)
    saved_at: Mapped[datetime] = mapped_column(Instant)


class Wait(Base):
    """A message or signal that a case waits for; `senders` says who may send it from
    the case's page: candidacies as of tasks, None when no person may.
    """

    __tablename__ = "wait"
    __table_args__ = (sa.Index("ix_wait_name_correlation", "name", "correlation"),)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    token: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))  # message, signal
    name: Mapped[str] = mapped_column(sa.String(200))
    correlation: Mapped[str | None] = mapped_column(sa.String(300))
    element: Mapped[str] = mapped_column(sa.String(200))
    label: Mapped[str] = mapped_column(sa.String(300), default="")
    label_en: Mapped[str | None] = mapped_column(sa.String(300))
    senders: Mapped[list[str] | None] = mapped_column(Canonical)
    form: Mapped[str | None] = mapped_column(sa.String(200))


class WaitKey(Base):
    """Another key under which a message is awaited, where several of a conversation are populated:
    `Wait.correlation` is the first of them.
    """

    __tablename__ = "wait_key"
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    token: Mapped[int] = mapped_column(primary_key=True)
    correlation: Mapped[str] = mapped_column(sa.String(300), primary_key=True, index=True)


class Job(Base):
    """Work for the machine, due at a time: a timer, a call to an outside system, or an errand.

    status: waiting, running, stuck, done, cancelled. `key` is unique: enqueueing it again changes
    nothing.
    A worker holds a job by `lease` until `leased_until`; its result counts only under the lease it
    holds. When an attempt failed and is to be made again, `leased_until` says when it failed.
    """

    __tablename__ = "job"
    __table_args__ = (
        sa.Index("ix_job_status_due_at", "status", "due_at"),
        sa.Index("ix_job_case_id_token", "case_id", "token"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(10))  # timer, call, errand
    name: Mapped[str] = mapped_column(sa.String(200))
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"))
    token: Mapped[int | None]
    element: Mapped[str | None] = mapped_column(sa.String(200))
    payload: Mapped[Any] = mapped_column(Canonical)
    status: Mapped[str] = mapped_column(sa.String(10))
    due_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(sa.Text)
    lease: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)


class Entry(Base):
    """One line of a case's journal: the input that moved it, who, when, for whom, where it came to
    rest.

    hash = sha256(canonical text of every other column and of the hash of the entry before), so
    that no line can be changed, removed or put in between without all later hashes failing. rest:
    {"marking": [["check", "READY"]]}, and "status" when it is not open. state: the beginning of
    the sha256 of the state. input: without "by" where that is the actor.
    """

    __tablename__ = "entry"
    __table_args__ = (
        # Few entries have either, and they cost the others nothing: what somebody did for another,
        # and what one order has handed over.
        sa.Index(
            "ix_entry_behalf_of",
            "behalf_of",
            "at",
            sqlite_where=sa.text("behalf_of IS NOT NULL"),
            postgresql_where=sa.text("behalf_of IS NOT NULL"),
        ),
        sa.Index(
            "ix_entry_handed_over",
            "right",
            sqlite_where=sa.text("kind = 'work_handed_over'"),
            postgresql_where=sa.text("kind = 'work_handed_over'"),
        ),
    )
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(sa.String(40))
    actor: Mapped[str] = mapped_column(sa.String(120))
    actor_label: Mapped[str] = mapped_column(sa.String(200))
    behalf_of: Mapped[str | None] = mapped_column(sa.String(120))
    right: Mapped[str | None] = mapped_column(sa.String(300))
    input: Mapped[Any] = mapped_column(Canonical)
    facts: Mapped[Any] = mapped_column(Canonical)
    rest: Mapped[Any] = mapped_column(Canonical)
    path: Mapped[Any] = mapped_column(Canonical)
    state: Mapped[str | None] = mapped_column(Digest)
    hash: Mapped[str] = mapped_column(Digest)


INNER, OUTER = "inner", "outer"
"""Whom a remark or a file is for, see `engine.remarks`."""


class Comment(Base):
    """A remark on a case; it moves nothing, but its entry proves it."""

    __tablename__ = "comment"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(sa.String(120))
    by_label: Mapped[str] = mapped_column(sa.String(200))
    text: Mapped[str] = mapped_column(sa.Text)
    audience: Mapped[str] = mapped_column(sa.String(8), default=INNER, server_default=INNER)


class File(Base):
    """A file of a case, hashed at intake; its bytes lie in the store under the hash."""

    __tablename__ = "file"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(255))
    media_type: Mapped[str] = mapped_column(sa.String(120))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(sa.String(120))
    by_label: Mapped[str] = mapped_column(sa.String(200))
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    """Since when nobody gets the content any more, see `engine.erasing`; its name may be empty."""
    erased_why: Mapped[str | None] = mapped_column(sa.String(500))
    mark: Mapped[str | None] = mapped_column(sa.String(40))
    """A word that it bears since `marked_at`, such as "Đã thu hồi", see `engine.marking`."""
    marked_at: Mapped[datetime | None] = mapped_column(Instant)
    marked_why: Mapped[str | None] = mapped_column(sa.String(500))
    audience: Mapped[str | None] = mapped_column(sa.String(8))
    """None: as the forms and the case go."""


for kept in (Version, Activation, Entry):
    insert_only(kept.__table__)  # type: ignore[arg-type]  # a Table at run time
