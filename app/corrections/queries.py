"""What is known of values that approved requests have changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.corrections.models import Correction


def history(
    session: Session, kind: str, items: Iterable[str], *, since: datetime | None = None
) -> list[Correction]:
    """Every change of these items, the latest first; since: from that instant on."""
    query = sa.select(Correction).where(Correction.kind == kind, Correction.item.in_(list(items)))
    if since is not None:
        query = query.where(Correction.changed_at >= since)
    return list(session.scalars(query.order_by(Correction.id.desc())))


def of_case(session: Session, case_id: int) -> list[Correction]:
    """What a case has changed and not taken back, in its order."""
    undone = sa.select(Correction.undoes).where(Correction.undoes.is_not(None))
    query = sa.select(Correction).where(
        Correction.case_id == case_id,
        Correction.undoes.is_(None),
        Correction.id.not_in(undone),
    )
    return list(session.scalars(query.order_by(Correction.id)))
