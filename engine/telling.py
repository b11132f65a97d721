"""What a case tells others: `cases.message`, and the word that it was cancelled.

Nothing here locks another case: each message is an errand in the transaction of the case that
sends it, and reaches its receivers one by one, each under its own lock, once that is committed.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from engine import jobs
from engine.carrying import TOLD
from engine.correlation import in_errand, of_text
from engine.errors import Defect
from engine.moves import Step
from engine.ports import Call, Operation
from engine.tables import Wait
from engine.values import Record

CANCELLED = "case.cancelled"
"""The message by which a case that was cancelled tells those that wait under its code."""
NAME = "cases.message"


def waits(session: Session, message: str, correlation: str) -> bool:
    """Whether a case waits for the message under that correlation."""
    found = sa.exists().where(
        Wait.kind == "message",
        Wait.name == message,
        Wait.correlation.in_(of_text(correlation).texts),
    )
    return bool(session.scalar(sa.select(found)))


def tell(
    session: Session, message: str, correlation: str, data: Record, *, key: str, at: datetime
) -> bool:
    """Whether a case waits for the message under that correlation: then the errand `key` brings
    it in a transaction of its own, once the caller's is committed. Where none waits nothing is
    sent: what nobody can take would be offered for as long as messages are kept.
    """
    if not waits(session, message, correlation):
        return False
    order = {"message": message, "correlation": in_errand(correlation), "data": data}
    return jobs.enqueue(session, "deliver", order, key=key, at=at, due_at=None)


def tell_cancelled(session: Session, code: str, step: Step) -> None:
    """Cases that wait for the end of this one, such as those that it began, learn of it."""
    data: Record = {"case": code, "reason": step.given.get("reason")}
    tell(session, CANCELLED, code, data, key=f"cancelled:{code}", at=step.now)


class MessageSchema(Schema):
    """name: of the message; key: what the receivers wait under, such as the code of a case; data:
    what it brings; keep: whether it waits until somebody waits for it (the usual), or is not sent
    when nobody does.
    """

    name = fields.String(required=True)
    key = fields.String(required=True)
    data = fields.Dict(keys=fields.String())
    keep = fields.Boolean()


class MessageResult(Schema):
    """sent: whether it goes out; errand: the key under which the machine brings it, or null."""

    sent = fields.Boolean(required=True)
    errand = fields.String(required=True, allow_none=True)


def order_of(parameters: Record, unit: str | None) -> Record:
    """The errand that brings a message of `cases.message`; a case that it begins is of `unit`."""
    return {
        "message": parameters["name"],
        "correlation": in_errand(str(parameters["key"])),
        "data": parameters.get("data", {}),
        "unit": unit,
    }


def _run(call: Call, parameters: Record) -> Record:
    session = call.session
    if session is None:
        raise Defect
    is_kept = parameters.get("keep", True)
    if not is_kept and not waits(session, str(parameters["name"]), str(parameters["key"])):
        return {"sent": False, "errand": None}
    key = f"{TOLD}{call.key}"
    payload = order_of(parameters, call.unit)
    jobs.enqueue(session, "deliver", payload, key=key, at=call.now, due_at=None)
    return {"sent": True, "errand": key}


MESSAGE = Operation(NAME, _run, parameters=MessageSchema, result=MessageResult)
"""A message to the cases that wait for it under a key. In force in every installation."""
