"""Which dated rows a decided change wrote, and what they said before, so that it can be called off
as a whole: what was begun and what was altered, row by row.

{"begun": {"unit_span": {"7": {"valid_from": "2026-12-01", ...}}},
 "altered": {"post": {"3": {"valid_to": [null, "2026-11-30"]}}}, "errands": ["unit-change:1"]}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.models import Grant, Post, Unit, UnitField, UnitHeir, UnitSpan

DATED: dict[str, type[Any]] = {
    row.__tablename__: row for row in (Unit, UnitSpan, UnitHeir, UnitField, Post, Grant)
}
"""The tables that a change of units writes to at once, by their names."""


@dataclass
class Trace:
    """The rows written within `traced`; errands: keys of what waits for the day."""

    begun: list[Any] = field(default_factory=list)
    altered: dict[Any, dict[str, list[Any]]] = field(default_factory=lambda: defaultdict(dict))
    errands: list[str] = field(default_factory=list)

    def look(self, session: Session) -> None:
        """What is to be written next is noted; of a row altered twice, what it said at first."""
        self.begun += [row for row in session.new if type(row) in DATED.values()]
        for row in session.dirty:
            if type(row) not in DATED.values() or row in self.begun:
                continue
            for column in _columns(type(row)):
                past = sa.inspect(row).attrs[column].history
                if past.has_changes():
                    first = self.altered[row].setdefault(column, [plain(past.deleted[0]), None])
                    first[1] = plain(past.added[0])

    def kept(self) -> dict[str, Any]:
        """As the row of the change keeps it."""
        begun: dict[str, dict[str, Any]] = defaultdict(dict)
        for row in self.begun:
            begun[row.__tablename__][key_of(row)] = said(row)
        altered: dict[str, dict[str, Any]] = defaultdict(dict)
        for row, columns in self.altered.items():
            altered[row.__tablename__][key_of(row)] = columns
        return {"begun": dict(begun), "altered": dict(altered), "errands": self.errands}


@contextmanager
def traced(session: Session) -> Iterator[Trace]:
    """What is written to dated tables within is noted; it is all in the database at the end."""
    trace = Trace()
    session.flush()  # What the caller did before is none of it.

    def look(session: Session, _context: Any, _instances: Any) -> None:
        trace.look(session)

    sa.event.listen(session, "before_flush", look)
    try:
        yield trace
        session.flush()  # Rows get their numbers, and the last are noted.
    finally:
        sa.event.remove(session, "before_flush", look)


def key_of(row: Any) -> str:
    """What identifies a row in its table, as text."""
    (key,) = sa.inspect(row).identity
    return str(key)


def found(session: Session, table: str, key: str) -> Any:
    """The row of that key, as it is now; None when it is gone."""
    kind = DATED[table]
    return session.get(kind, key if kind is Unit else int(key))


def said(row: Any) -> dict[str, Any]:
    """All that a row says, as JSON keeps it."""
    return {name: plain(getattr(row, name)) for name in _columns(type(row))}


def _columns(row: type[Any]) -> list[str]:
    return [column.key for column in sa.inspect(row).column_attrs]


def plain(value: Any) -> Any:
    """A day or instant as text, everything else as it is."""
    return value.isoformat() if isinstance(value, date) else value


def told(row: type[Any], column: str, value: Any) -> Any:
    """The value of a column out of what `plain` made of it."""
    if not isinstance(value, str):
        return value
    kind = sa.inspect(row).column_attrs[column].columns[0].type
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    return value if isinstance(kind, sa.String) else datetime.fromisoformat(value)
