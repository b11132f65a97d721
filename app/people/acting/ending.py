"""Where a delegation is ended before its time: by the message that its case waits for."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.acting.delegations import permitted_in
from app.people.models import Delegation
from engine.cases import may_send
from engine.ports import Actor
from engine.tables import Case, Wait


def ways(session: Session, rows: Iterable[Delegation], actor: Actor) -> dict[str, tuple[int, int]]:
    """By number of each of these delegations that the actor may end now: the case that permits
    it, and the token by which that waits for the message. One statement.
    """
    permitting = {row.number: permitted_in(row.number) for row in rows}
    if not permitting or actor.mandate is not None:
        return {}
    query = (
        sa.select(Wait, Case.code, Case.unit)
        .join(Case, Case.id == Wait.case_id)
        .where(
            Case.code.in_(set(permitting.values())),
            Case.status == "open",
            Wait.senders.is_not(None),
        )
    )
    found = {
        code: (wait.case_id, wait.token)
        for wait, code, unit in session.execute(query)
        if may_send(wait, unit, actor)
    }
    return {number: found[code] for number, code in permitting.items() if code in found}
