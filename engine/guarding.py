"""Cases of a process whose drawing comes to say with which permission they are looked over.

What a drawing says of whose business its cases are holds for those in the archive too: from the
day on which such a version is in force, cases begun before are looked over by no more people than
those to come. A later version that says nothing of it leaves them as they are.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs, reach
from engine.program import Program
from engine.tables import Case, Version

ERRAND = "guard"


def guard(
    session: Session, version: Version, program: Program, begins: datetime, now: datetime
) -> None:
    """Cases begun before the version are guarded as its drawing says, from `begins` on."""
    permission = reach.guard(program.process.properties)
    if permission is None:
        return
    if begins <= now:
        close(session, version.process_key, permission)
        return
    order = {"process": version.process_key, "version": version.id, "permission": permission}
    key = f"{ERRAND}:{version.id}:{begins.isoformat()}"
    jobs.enqueue(session, ERRAND, order, key=key, at=now, due_at=begins)


def close(session: Session, process: str, permission: str) -> None:
    """Every case of the process is looked over with that permission."""
    others = sa.or_(Case.seen_with.is_(None), Case.seen_with != permission)
    closed = sa.update(Case).where(Case.process_key == process, others)
    told = closed.values(seen_with=permission).execution_options(synchronize_session=False)
    session.execute(told)
