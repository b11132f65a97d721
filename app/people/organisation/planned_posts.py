"""Posts in which another goes on once a planned change of its unit begins."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.models import Post, UnitChange

_DECIDED = ("person_id", "kind", "title")


def going_on(session: Session, post: Post) -> list[Post]:
    """The posts that planned changes begin in the place of this one, and in the place of those."""
    planned = sa.select(UnitChange).where(
        UnitChange.took_effect_at.is_(None), UnitChange.called_off_at.is_(None)
    )
    changes = session.scalars(planned.order_by(UnitChange.day, UnitChange.id)).all()
    found = [post]
    for one in found:
        found += [
            row
            for change in changes
            if change.unit_code == one.unit_code
            for row in _begun(session, change, one)
            if row not in found
        ]
    return found[1:]


def _begun(session: Session, change: UnitChange, post: Post) -> list[Post]:
    """What the change gives for the post that it ends, where it has not been altered since."""
    wrote = change.wrote or {"begun": {}, "altered": {}}
    if str(post.id) not in wrote["altered"].get("post", {}):
        return []
    kind = change.plan.get("head_as", "head") if post.kind == "head" else post.kind
    title = post.title if kind == post.kind else ""
    same: dict[str, Any] = {"person_id": post.person_id, "kind": kind, "title": title}
    keys = [
        int(key)
        for key, row in wrote["begun"].get("post", {}).items()
        if all(row[column] == same[column] for column in _DECIDED)
    ]
    return list(session.scalars(sa.select(Post).where(Post.id.in_(keys)).order_by(Post.id)))
