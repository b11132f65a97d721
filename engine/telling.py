"""What a case tells others: `cases.message`, and the word that it was cancelled.

Nothing here locks another case: each message is an errand in the transaction of the case that
sends it, and reaches its receivers one by one, each under its own lock, once that is committed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, ValidationError, fields, validates_schema
from sqlalchemy.orm import Session

from engine import jobs
from engine.carrying import TOLD
from engine.correlation import Key, of_parts, of_text
from engine.errors import Defect
from engine.moves import Step
from engine.ports import Call, Operation
from engine.tables import Wait, WaitKey
from engine.values import Record

CANCELLED = "case.cancelled"
"""The message by which a case that was cancelled tells those that wait under its code."""
NAME = "cases.message"


def waits(session: Session, message: str, key: Key) -> bool:
    """Whether a case waits for the message under that key."""
    awaited = sa.and_(Wait.kind == "message", Wait.name == message)
    found = sa.exists().where(awaited, Wait.correlation.in_(key.texts))
    same = sa.and_(WaitKey.case_id == Wait.case_id, WaitKey.token == Wait.token)
    other = sa.exists().where(awaited, same, WaitKey.correlation.in_(key.texts))
    return bool(session.scalar(sa.select(found | other)))


def tell(
    session: Session, message: str, correlation: str, data: Record, *, key: str, at: datetime
) -> bool:
    """Whether a case waits for the message under that correlation: then the errand `key` brings
    it in a transaction of its own, once the caller's is committed. Where none waits nothing is
    sent, and where none waits any more when it is brought, it is not kept: what nobody can take
    would be offered for as long as messages are.
    """
    awaited = of_text(correlation)
    if not waits(session, message, awaited):
        return False
    order = {"message": message, **awaited.record, "data": data, "keep": False}
    return jobs.enqueue(session, "deliver", order, key=key, at=at, due_at=None)


def tell_cancelled(session: Session, code: str, step: Step) -> None:
    """Cases that wait for the end of this one, such as those that it began, learn of it."""
    data: Record = {"case": code, "reason": step.given.get("reason")}
    tell(session, CANCELLED, code, data, key=f"cancelled:{code}", at=step.now)


class MessageSchema(Schema):
    """name: of the message; key: what the receivers wait under, such as the code of a case, any
    value but null; parts: whether the key is a list of its parts, for receivers that wait under
    several correlation properties, rather than one value; data: what it brings; keep: whether it
    waits until somebody waits for it (the usual), or is not sent when nobody does.
    """

    name = fields.String(required=True)
    key = fields.Raw(required=True)
    parts = fields.Boolean()
    data = fields.Dict(keys=fields.String())
    keep = fields.Boolean()

    @validates_schema
    def _parts_are_a_list(self, data: Record, **_kwargs: object) -> None:
        if data.get("parts") and not (isinstance(data["key"], list) and data["key"]):
            raise ValidationError("A key of several parts is a list of them.", "key")


class MessageResult(Schema):
    """sent: whether it goes out; errand: the key under which the machine brings it, or null; key:
    the text that its receivers wait under, see `engine.correlation`.
    """

    sent = fields.Boolean(required=True)
    errand = fields.String(required=True, allow_none=True)
    key = fields.String()


def order_of(parameters: Record, unit: str | None, result: Record) -> Record:
    """The errand that brings a message of `cases.message`; a case that it begins is of `unit`. A
    result without a key is from before 2026-11-23, when the errand held the text that was given.
    """
    is_before = "key" not in result
    key = {"correlation": str(parameters["key"])} if is_before else _key_of(parameters).record
    return {
        "message": parameters["name"],
        **key,
        "data": parameters.get("data", {}),
        "unit": unit,
    }


def _key_of(parameters: Record) -> Key:
    key: Any = parameters["key"]
    return of_parts(key if parameters.get("parts") else [key])


def _run(call: Call, parameters: Record) -> Record:
    session = call.session
    if session is None:
        raise Defect
    is_kept, awaited = parameters.get("keep", True), _key_of(parameters)
    if not is_kept and not waits(session, str(parameters["name"]), awaited):
        return {"sent": False, "errand": None, "key": awaited.text}
    key = f"{TOLD}{call.key}"
    result: Record = {"sent": True, "errand": key, "key": awaited.text}
    payload = order_of(parameters, call.unit, result)
    jobs.enqueue(session, "deliver", payload, key=key, at=call.now, due_at=None)
    return result


MESSAGE = Operation(NAME, _run, parameters=MessageSchema, result=MessageResult)
"""A message to the cases that wait for it under a key. In force in every installation."""
