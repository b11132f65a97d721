"""Files that the machine makes for a case, and the files of a case as operations read them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from marshmallow import EXCLUDE, Schema, ValidationError, fields
from sqlalchemy.orm import Session

from engine.errors import CallFailed
from engine.files import ALLOWED, Stored
from engine.moves import Step
from engine.ports import Call
from engine.tables import File
from engine.values import Record

if TYPE_CHECKING:
    from engine.api import Engine
    from engine.held import HeldCase
    from engine.moves import Mover

MOST_MB = 50
"""What the machine makes is larger than what people send, by signatures and pictures."""


class FileSchema(Schema):
    """A file as a form's field holds it; of an upload by hand it may have more."""

    class Meta:
        unknown = EXCLUDE

    file = fields.Integer(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    media_type = fields.String(required=True)


SAMPLE: Record = {
    "file": 1,
    "name": "van-ban.pdf",
    "size": 1,
    "sha256": "0" * 64,
    "media_type": "application/pdf",
}


def made(**more: Any) -> fields.List[Any]:
    """The field of a result that holds files as an upload field does; scenarios get a sample."""
    return fields.List(
        fields.Nested(FileSchema), required=True, metadata={"sample": [SAMPLE]}, **more
    )


class Files(fields.Field[Any]):
    """A file, or a list of them as an upload field gives it; always a list when read."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        given = [value] if isinstance(value, Mapping) else value
        if not isinstance(given, list):
            raise ValidationError("Give a file, or a list of files.")
        return [FileSchema().load(one) for one in given]


class Keeping:
    """What a call has made so far: in the store, and on the case once the call has come back.

    A call that is made twice, since its worker died, leaves one file on the case: that of the
    attempt whose result counts.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.files: list[Stored] = []

    def keep(self, name: str, content: bytes) -> Record:
        """The file's value for the call's result. Raises FileTooLarge, FileTypeRefused."""
        stored = self._engine.store.put(
            name, io.BytesIO(content), limit_mb=MOST_MB, allowed=tuple(ALLOWED)
        )
        self.files.append(stored)
        return {"file": -len(self.files), **vars(stored)}

    def settle(self, session: Session, mover: Mover, case: HeldCase, step: Step) -> Step:
        """The files belong to the case, each with a line in its journal; the step names them by
        their numbers.
        """
        numbers = {
            -at: _attach(session, mover, case, replace(step, given=_noted(stored)))
            for at, stored in enumerate(self.files, start=1)
        }
        return replace(step, given=_numbered(step.given, numbers))


def _noted(stored: Stored) -> Record:
    return {"kind": "file_attached", **vars(stored)}


def _attach(session: Session, mover: Mover, case: HeldCase, step: Step) -> int:
    kept: Any = {k: v for k, v in step.given.items() if k != "kind"}
    by = {"by": step.actor.name, "by_label": step.actor.label}
    row = File(case_id=case.id, at=step.now, **by, **kept)
    session.add(row)
    session.flush()  # The result names the file by its number.
    mover.note(session, case, step)
    return row.id


def _numbered(value: Any, numbers: Mapping[int, int]) -> Any:
    if isinstance(value, list):
        return [_numbered(one, numbers) for one in value]
    if not isinstance(value, dict):
        return value
    whole = {name: _numbered(inner, numbers) for name, inner in value.items()}
    if "sha256" in whole and whole.get("file") in numbers:
        whole["file"] = numbers[whole["file"]]
    return whole


def contents(call: Call, files: Sequence[Mapping[str, Any]]) -> list[tuple[File, bytes]]:
    """The files' rows and bytes, in order. Only files of the call's own case are given out: a
    drawing may compute any value.

    Raises CallFailed for what is no file of the case.
    """
    if not files:
        return []
    assert call.engine is not None
    rows = []
    with call.engine.reading() as session:
        for one in files:
            same = {"case_id": call.case_id, "sha256": one["sha256"], "erased_at": None}
            query = sa.select(File).filter_by(**same).order_by(File.id).limit(1)
            row = session.scalar(query)
            if row is None:
                raise CallFailed(
                    f'The case {call.case_code} has no file "{one["name"]}".', permanent=True
                )
            session.expunge(row)
            rows.append(row)
    return [(row, call.engine.store.get(row.sha256)) for row in rows]
