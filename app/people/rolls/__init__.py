"""Lists of people for whom accounts are asked (QN-6.3a): read from a file, judged row by row.

    roll = rolls.read(data, "danh-sach.xlsx")        # encoding and columns are found out
    desk = rolls.Desk.of_units(session, {"vp"}, now)  # or Desk.of(session, actor, now)
    for one in roll.judge(session, desk, now):
        one.status, one.application, one.faults       # nothing is changed by judging

A fault's words stand in `FAULTS`; `as_rows` gives good rows as `accounts.create` takes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.people.rolls import judging, sheets
from app.people.rolls.cells import FAULTS, Fault, text
from app.people.rolls.columns import HeaderMissing, Layout, columns, layout
from app.people.rolls.encodings import ENCODINGS
from app.people.rolls.judging import Desk, Judged, as_rows
from app.people.rolls.reading import Cell
from app.people.rolls.sheets import SheetEmpty, SheetLocked, SheetTooLarge, SheetUnreadable

__all__ = [
    "ENCODINGS",
    "FAULTS",
    "Desk",
    "Fault",
    "HeaderMissing",
    "Judged",
    "Layout",
    "Roll",
    "SheetEmpty",
    "SheetLocked",
    "SheetTooLarge",
    "SheetUnreadable",
    "as_rows",
    "columns",
    "read",
    "text",
]


@dataclass(frozen=True)
class Roll:
    """A list as a file held it, with the letters of its encoding. guessed: what it seems to be in.

    rows: all rows of the sheet, from its first. layout: where its header stands.
    """

    file: str
    encoding: str
    guessed: str
    rows: list[list[Cell]]
    layout: Layout

    def judge(self, session: Session, desk: Desk, now: datetime) -> Iterator[Judged]:
        """See `judging.judge`."""
        return judging.judge(session, self.rows, self.layout, desk, now)


def read(
    data: bytes,
    file: str,
    *,
    encoding: str | None = None,
    fields: Mapping[int, str] | None = None,
) -> Roll:
    """The list that a file holds.

    encoding: a key of ENCODINGS; without one, what it seems to be in. fields: by index of the
    column, what it holds, where somebody has said so; else the header's words tell.
    Raises SheetUnreadable, SheetLocked, SheetTooLarge, SheetEmpty, HeaderMissing.
    """
    sheet = sheets.read(data, file)
    guessed = sheet.guess()
    chosen = encoding if encoding in ENCODINGS else guessed
    rows = sheet.decoded(chosen)
    # Where the header stands does not depend on the encoding, and is read best in the likely one.
    found = layout(rows if chosen == guessed else sheet.decoded(guessed))
    if fields is not None:
        found = Layout(found.header, dict(fields))
    return Roll(sheet.file, chosen, guessed, rows, found)
