"""`files.mark`: files of a case bear a word, such as "Đã thu hồi", wherever they are shown.

Nothing of a file changes: its content, and every signature in it, is what it was. Its row says the
word, since when and why, as the journal's step does.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, fields, validate

from engine.case_files import Files
from engine.errors import Defect
from engine.ports import Call, Operation
from engine.tables import File
from engine.values import Record

NAME = "files.mark"


class MarkSchema(Schema):
    """files: a file or a list of them; mark: the word that they bear from now on, in the place of
    one that they bore; reason: why, as pages tell it, a whole sentence.
    """

    files = Files(required=True)
    mark = fields.String(required=True, validate=validate.Length(1, 40))
    reason = fields.String(required=True, validate=validate.Length(1, 500))


class MarkedSchema(Schema):
    """marked: the sha256 of each content that bears the word."""

    marked = fields.List(fields.String(), required=True)


def _run(call: Call, parameters: Record) -> Record:
    session = call.session
    if session is None:
        raise Defect
    given: Any = Files().deserialize(parameters["files"])
    named = [one["sha256"] for one in given]
    query = sa.select(File).where(File.case_id == call.case_id, File.sha256.in_(named))
    rows = list(session.scalars(query.order_by(File.id)))
    for row in rows:
        for column, value in marked(parameters, call.now).items():
            setattr(row, column, value)
    return {"marked": list(dict.fromkeys(row.sha256 for row in rows))}


def marked(parameters: Record, at: datetime) -> dict[str, Any]:
    """What the row of a file says that the step of those parameters has marked."""
    return {"mark": parameters["mark"], "marked_at": at, "marked_why": parameters["reason"]}


MARK = Operation(NAME, _run, parameters=MarkSchema, result=MarkedSchema)
"""Marks files of the case. In force in every installation."""
