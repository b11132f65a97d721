"""The third turn, what people have put to a case: comments, and files with their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.proof.told import STATED, Row, Told
from engine.proof.verdict import Around, Difference, differs
from engine.tables import Case, Comment, File


@dataclass(frozen=True)
class _Kind:
    """A table whose rows the journal tells in full, and what is said of a row too few or many.

    of: the column by which people know which row is meant.
    """

    name: str
    table: type[Comment] | type[File]
    columns: tuple[str, ...]
    of: str
    lost: str
    added: str


_COMMENTS = _Kind(
    "comment",
    Comment,
    ("at", "by", "by_label", "text", "audience"),
    of="by_label",
    lost="The journal has a comment of {of}, but the case shows no such comment.",
    added="The case shows a comment of {of}, but its journal has no such comment.",
)
_FILES = _Kind(
    "file",
    File,
    (*("name", "media_type", "size", "sha256"), *("at", "by", "by_label", "audience", *STATED)),
    of="name",
    lost='The journal has the file "{of}", but the case shows no such file.',
    added='The case shows the file "{of}", but its journal has no such file.',
)


def comments(session: Session, case: Case, told: Told) -> Difference | None:
    """The comments are those of the journal, in its order."""
    return _compared(session, case, _COMMENTS, told.comments)


def files(session: Session, case: Case, told: Told, around: Around) -> Difference | None:
    """The files are those of the journal, and their bytes those that were attached, unless a step
    of the journal has destroyed them.
    """
    wrong = _compared(session, case, _FILES, told.files)
    if wrong is not None:
        return wrong
    for got in told.files:
        if got["erased_at"] is None and not around.store.holds(got["sha256"]):
            message = (
                'The file "{of}" is missing in the store, or has other content than when it was '
                "attached."
            )
            return Difference(case.head_seq, "file", message, {"of": got["name"]})
    return None


def _compared(session: Session, case: Case, kind: _Kind, told: Sequence[Row]) -> Difference | None:
    columns = [getattr(kind.table, name) for name in kind.columns]
    query = sa.select(*columns).where(kind.table.case_id == case.id).order_by(kind.table.id)
    for row, got in zip_longest(session.execute(query), told):
        if row is None:
            return Difference(case.head_seq, kind.name, kind.lost, {"of": got[kind.of]})
        if got is None:
            fields = {"of": getattr(row, kind.of)}
            return Difference(case.head_seq, kind.name, kind.added, fields)
        wrong = _differing(case, kind, row, got)
        if wrong is not None:
            return wrong
    return None


def _differing(case: Case, kind: _Kind, row: Any, got: Row) -> Difference | None:
    for column, value in got.items():
        shown = getattr(row, column)
        if shown != value:
            return differs(case.head_seq, kind.name, column, shown, value, of=got[kind.of])
    return None
