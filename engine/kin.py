"""Which case began a case, and which ones it began itself, as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import reach
from engine.ports import Actor
from engine.tables import Case, Origin, Version


@dataclass(frozen=True)
class Relative:
    """A case beside another. Who may not see it reads its code and nothing else of it."""

    id: int
    code: str
    title: str
    status: str
    unit: str | None
    process_name: str
    process_name_en: str | None
    is_visible: bool


@dataclass(frozen=True)
class Kin:
    """parent: which case began this one; children: the first that it began itself, of `count`."""

    parent: Relative | None
    children: tuple[Relative, ...]
    count: int


def of(session: Session, case_id: int, actor: Actor, *, limit: int = 20) -> Kin:
    """The relatives of a case that the actor may see."""
    children = sa.select(Origin.case_id).where(Origin.parent_id == case_id)
    count = session.scalar(sa.select(sa.func.count()).select_from(children.subquery())) or 0
    parent = sa.select(Origin.parent_id).where(Origin.case_id == case_id)
    above = session.execute(_shown(actor).where(Case.id.in_(parent))).one_or_none()
    below = _shown(actor).where(Case.id.in_(children)).order_by(Case.id).limit(limit)
    return Kin(
        Relative(*above) if above is not None else None,
        tuple(Relative(*row) for row in (session.execute(below) if count else ())),
        count,
    )


def _shown(actor: Actor) -> sa.Select[Any]:
    seen = sa.and_(sa.true(), *reach.visible(actor))
    columns: list[Any] = [Case.id, Case.code, Case.title, Case.status, Case.unit]
    query = sa.select(*columns, Version.name, Version.name_en, seen)
    return query.join(Version, Version.id == Case.version_id)
