"""What people did for others by a mandate, as those others read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.tables import Case, Entry


@dataclass(frozen=True)
class DoneFor:
    """What somebody did for another, as that one reads it."""

    at: datetime
    by: str
    by_label: str
    kind: str
    element: str | None
    number: str
    case_id: int
    case_code: str
    case_title: str
    version_id: int


def done_for(session: Session, account: str, limit: int = 50) -> list[DoneFor]:
    """What others did for the account, the newest first; claims and drafts are no deeds."""
    query = (
        sa.select(Entry, Case.code, Case.title, Case.version_id)
        .join(Case, Case.id == Entry.case_id)
        .where(Entry.behalf_of == account, Entry.kind != "task_claimed")
        .order_by(Entry.at.desc(), Entry.case_id.desc(), Entry.seq.desc())
        .limit(limit)
    )
    return [
        DoneFor(
            entry.at, entry.actor, entry.actor_label, entry.kind, entry.input.get("element"),
            str(entry.input.get("mandate", "")), entry.case_id, code, title, version_id,
        )
        for entry, code, title, version_id in session.execute(query)
    ]  # fmt: skip
