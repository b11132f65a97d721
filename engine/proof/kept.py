"""The third turn, what people have put to a case: comments, and files with their bytes."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.proof.told import Row, Told
from engine.proof.verdict import Around, Difference, differs
from engine.tables import Case, Comment, File

_COMMENT = ("at", "by", "by_label", "text")
_FILE = ("name", "media_type", "size", "sha256", "at", "by", "by_label")


def comments(session: Session, case: Case, told: Told) -> Difference | None:
    """The comments are those of the journal, in its order."""
    names = [getattr(Comment, name) for name in _COMMENT]
    query = sa.select(*names).where(Comment.case_id == case.id).order_by(Comment.id)
    for row, got in zip_longest(session.execute(query), told.comments):
        if row is None:
            message = "The journal has a comment of {of}, but the case shows no such comment."
            return Difference(case.head_seq, "comment", message, {"of": got["by_label"]})
        if got is None:
            message = "The case shows a comment of {of}, but its journal has no such comment."
            return Difference(case.head_seq, "comment", message, {"of": row.by_label})
        wrong = _compared(case, "comment", row, got, of=got["by_label"])
        if wrong is not None:
            return wrong
    return None


def files(session: Session, case: Case, told: Told, around: Around) -> Difference | None:
    """The files are those of the journal, and their bytes those that were attached."""
    names = [getattr(File, name) for name in _FILE]
    query = sa.select(*names).where(File.case_id == case.id).order_by(File.id)
    for row, got in zip_longest(session.execute(query), told.files):
        if row is None:
            message = 'The journal has the file "{of}", but the case shows no such file.'
            return Difference(case.head_seq, "file", message, {"of": got["name"]})
        if got is None:
            message = 'The case shows the file "{of}", but its journal has no such file.'
            return Difference(case.head_seq, "file", message, {"of": row.name})
        wrong = _compared(case, "file", row, got, of=got["name"])
        if wrong is not None:
            return wrong
    for got in told.files:
        if not around.store.holds(got["sha256"]):
            message = (
                'The file "{of}" is missing in the store, or has other content than when it was '
                "attached."
            )
            return Difference(case.head_seq, "file", message, {"of": got["name"]})
    return None


def _compared(case: Case, kind: str, row: Any, got: Row, *, of: str) -> Difference | None:
    for column, value in got.items():
        shown = getattr(row, column)
        if shown != value:
            return differs(case.head_seq, kind, column, shown, value, of=of)
    return None
