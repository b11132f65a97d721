"""Whom a remark or a file of a case is for, as pages ask it and say it."""

from __future__ import annotations

from typing import Any

from flask import request
from sqlalchemy.orm import Session

from app import web, who
from app.people import queries
from engine import reach, remarks
from engine.cases import may_take_part
from engine.ports import Actor
from engine.tables import INNER, OUTER
from engine.views import CaseView


def posted() -> str:
    """What the writer has chosen; what is not said to be for outside stays in the house."""
    return OUTER if request.form.get("audience") == OUTER else INNER


def page(session: Session, found: CaseView, actor: Actor) -> dict[str, Any]:
    """What a page of the case needs: whether the actor may write and attach, or say something at
    least, whether they are from outside, and who from outside would read it, by name.
    """
    is_open, outside = found.row.status == "open", reach.is_outside(actor)
    part = [] if outside else _outsiders(session, found)
    takes_part = is_open and may_take_part(session, found.row, actor)
    return {
        "may_write": takes_part,
        "may_say": takes_part or (is_open and outside and not found.whole and not actor.only_sees),
        "from_outside": outside,
        "outsiders": part,
    }


def _outsiders(session: Session, found: CaseView) -> list[str]:
    """Who from outside reads along, by name: they take part, or it is their case."""
    number = found.row.columns.get(reach.PARTY)
    account = queries.enterprise_account(session, web.engine().clock(), number) if number else None
    taking_part = remarks.taking_part(session, found.row.id)
    return who.outside(session, taking_part | ({str(account)} if account else set()))
