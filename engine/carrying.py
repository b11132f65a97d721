"""What goes along when one case speaks to another: the files in its data, and whose child it is.

An errand's key says which case gave it: "message:CODE:ENTRY:NUMBER" and "signal:..." were thrown
by its drawing, "told:CODE:TOKEN" by `cases.message`, "begun:CODE:TOKEN" by `cases.start`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.held import HeldCase
from engine.moves import Mover, Step
from engine.ports import SYSTEM
from engine.tables import Case, File, Origin
from engine.values import Record, Value

BEGUN, TOLD = "begun:", "told:"
_TAIL = {"message": 2, "signal": 2, "told": 1, "begun": 1}
"""How many parts stand in a key behind the code of the case."""


def sender_of(errand: str) -> str | None:
    """The code of the case that gave the errand; None for what the application gives."""
    kind, _, rest = errand.partition(":")
    parts = rest.rsplit(":", _TAIL.get(kind, 0))
    return parts[0] if kind in _TAIL and len(parts) > 1 else None


def parent_of(session: Session, errand: Value) -> Case | None:
    """The case that gave the errand, if one did."""
    code = sender_of(str(errand)) if errand is not None else None
    return session.scalar(sa.select(Case).where(Case.code == code)) if code else None


def keep_origin(session: Session, case_id: int, parent: Case, key: str) -> None:
    """The case is known as the child of its parent, one step deeper."""
    depth = session.scalar(sa.select(Origin.depth).where(Origin.case_id == parent.id)) or 0
    row = {"case_id": case_id, "parent_id": parent.id, "key": key, "depth": depth + 1}
    session.execute(sa.insert(Origin), [row])


@dataclass
class Carried:
    """Data as the receiving case gets it, and the files that came with it, not journalled yet."""

    data: Record
    files: list[Record] = field(default_factory=list)

    def note(self, session: Session, mover: Mover, case: HeldCase, step: Step) -> None:
        """The journal of the case names each file that has come, in the order of their rows."""
        for kept in self.files:
            given: Record = {"kind": "file_attached", **kept}
            mover.note(session, case, Step(given, SYSTEM, step.now))


def carry(session: Session, data: Record, *, sender: Case | None, to: int, step: Step) -> Carried:
    """The data with its files as the receiver's own: each has a row of that case beside it.

    Only files of the sending case go along; whatever else looks like a file stays as it is, and
    shows nothing to those who may not see the case that it is of.
    """
    carried = Carried(data)
    if sender is None:
        return carried

    def own(value: Record) -> Record:
        row = session.get(File, value["file"])
        if row is None or (row.case_id, row.erased_at) != (sender.id, None):
            return value
        if row.sha256 != value["sha256"]:
            return value
        same = {"case_id": to, "sha256": row.sha256, "name": row.name, "erased_at": None}
        query = sa.select(File.id).filter_by(**same).order_by(File.id).limit(1)
        found = session.scalar(query)
        return {**value, "file": found or _copied(session, row, carried, to=to, step=step)}

    carried.data = each_file(data, own)
    return carried


def _copied(session: Session, row: File, carried: Carried, *, to: int, step: Step) -> int:
    kept: Any = {name: getattr(row, name) for name in ("name", "media_type", "size", "sha256")}
    copy = File(case_id=to, at=step.now, by=SYSTEM.name, by_label=SYSTEM.label, **kept)
    session.add(copy)
    session.flush()
    carried.files.append(kept)
    return copy.id


def each_file(value: Any, change: Callable[[Record], Record]) -> Any:
    """The value with each file in it changed, however deep it lies."""
    if isinstance(value, dict):
        if isinstance(value.get("file"), int) and isinstance(value.get("sha256"), str):
            return change(value)
        return {name: each_file(part, change) for name, part in value.items()}
    if isinstance(value, list):
        return [each_file(part, change) for part in value]
    return value


def without_rows(data: Any) -> Any:
    """Data to be compared across cases: a file is the same whichever case its row is of."""
    return each_file(data, lambda value: {**value, "file": 0})
