"""`files.erase`: files of a case are destroyed, and it stays known that they were.

The rows are marked in the case's transaction, from which on nobody gets the content any more; an
errand in the same transaction then takes it out of the store, and is tried again after a crash.
Content that another case holds as well stays there for that case.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from engine import jobs
from engine.case_files import Files
from engine.errors import Defect, Refusal
from engine.jobs import Held
from engine.ports import Call, Operation
from engine.tables import File
from engine.values import Record

if TYPE_CHECKING:
    from engine.api import Engine

NAME = "files.erase"
ERRAND = "destroy"


class FileErased(Refusal):
    """The file was destroyed on {at}: {reason} Only the fact that it existed is kept."""

    status = 410


class EraseSchema(Schema):
    """files: a file or a list of them, all files of the case without; reason: why, as the case's
    page tells it, a whole sentence; keep_names: whether the names stay in sight, which they
    usually do not.
    """

    files = Files()
    reason = fields.String(required=True, validate=validate.Length(1, 500))
    keep_names = fields.Boolean()


class ErasedSchema(Schema):
    """erased: the sha256 of each content that the case has no more."""

    erased = fields.List(fields.String(), required=True)


def _run(call: Call, parameters: Record) -> Record:
    session = call.session
    if session is None:
        raise Defect
    query = sa.select(File).where(File.case_id == call.case_id, File.erased_at.is_(None))
    if "files" in parameters:
        given: Any = Files().deserialize(parameters["files"])
        named = [one["sha256"] for one in given]
        query = query.where(File.sha256.in_(named))
    rows = list(session.scalars(query.order_by(File.id)))
    for row in rows:
        for column, value in erased(parameters, call.now).items():
            setattr(row, column, value)
    gone: Any = list(dict.fromkeys(row.sha256 for row in rows))
    if gone:
        payload = {"sha256": gone}
        jobs.enqueue(
            session, ERRAND, payload, key=f"{ERRAND}:{call.key}", at=call.now, due_at=None
        )
    return {"erased": gone}


def erased(parameters: Record, at: datetime) -> dict[str, Any]:
    """What the row of a file says that the step of those parameters has destroyed."""
    said = {"erased_at": at, "erased_why": parameters["reason"]}
    return said if parameters.get("keep_names") else {**said, "name": ""}


def is_held(session: Session, sha256: str) -> bool:
    """Whether a case still has the content."""
    query = sa.exists().where(File.sha256 == sha256, File.erased_at.is_(None))
    return bool(session.scalar(sa.select(query)))


def destroy(engine: Engine, held: Held) -> None:
    """What no case holds is out of the store."""
    now, payload = engine.clock(), held.payload

    def work(session: Session) -> None:
        if not jobs.still_held(session, held):
            return
        for sha256 in payload["sha256"]:
            drop(engine, session, sha256)
        jobs.finish(session, held, now)

    engine._write(work)


def drop(engine: Engine, session: Session, sha256: str) -> None:
    """The content is out of the store unless a case holds it."""
    engine.store.drop(sha256, lambda: is_held(session, sha256))


ERASE = Operation(NAME, _run, parameters=EraseSchema, result=ErasedSchema)
"""Destroys files of the case. In force in every installation."""
