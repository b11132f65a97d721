"""Pages of a list by the keys of its rows, so that rows which come and go shift none of them.

A cursor names the last row of the page before, or the first of the page after, by the keys that
the list is sorted by; the database finds the rows on its other side. Numbers of pages would show a
row twice when another came before it, and leave one out when one went.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

T = TypeVar("T")
MOST_COUNTED = 1_000
"""Beyond this nobody is told how many there are: to count a million rows takes seconds."""
MOST = 2**31
"""Beyond this no row has a number, and PostgreSQL would refuse to compare it with one."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list; `more` and `back` are the cursors of the pages beside it, if there are
    any, `total` counts all, up to MOST_COUNTED.
    """

    rows: tuple[T, ...]
    more: str | None
    total: int
    back: str | None = None


def counted(rows: sa.Select[Any]) -> sa.Select[int]:
    """How many rows there are, up to MOST_COUNTED."""
    some = rows.limit(MOST_COUNTED).subquery()
    return sa.select(sa.func.count()).select_from(some)


@dataclass(frozen=True)
class Key(Generic[T]):
    """One thing that a list is sorted by: in the database, and of a row."""

    column: sa.ColumnElement[Any]
    of: Callable[[T], Any]


@dataclass(frozen=True)
class Cursor:
    """Where a page begins, seen from the row with these keys."""

    forward: bool
    keys: tuple[Any, ...]

    def text(self) -> str:
        """The cursor as an address carries it."""
        kept = [k.isoformat() if isinstance(k, datetime) else k for k in self.keys]
        written = json.dumps([self.forward, *kept], separators=(",", ":"))
        return base64.urlsafe_b64encode(written.encode()).decode()


def read(text: str | None, keys: Sequence[Key[Any]]) -> Cursor | None:
    """The cursor that an address carries; None for the first page, as for whatever is none of
    ours.
    """
    try:
        forward, *given = json.loads(base64.urlsafe_b64decode((text or "").encode()))
        if type(forward) is not bool or len(given) != len(keys):
            return None
        found = tuple(_key(value, key.column) for value, key in zip(given, keys, strict=True))
    except (ValueError, TypeError, RecursionError):
        return None
    return Cursor(forward, found)


def _key(value: Any, column: sa.ColumnElement[Any]) -> Any:
    if isinstance(column.type, sa.Integer):
        if type(value) is not int or abs(value) >= MOST:
            raise ValueError(value)
        return value
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError(value)
    return instant


@dataclass(frozen=True)
class Listing(Generic[T]):
    """A list: its rows unsorted, how a row is made of one of the database, and what it is sorted
    by, ascending, or descending where it goes `down`.
    """

    query: sa.Select[Any]
    make: Callable[[Any], T]
    keys: Sequence[Key[T]]
    limit: int
    down: bool = False

    def page(self, session: Session, after: str | None, total: int) -> Page[T]:
        """The page at a cursor. Where rows have gone since, the first page."""
        cursor = read(after, self.keys)
        rows, is_cut = self._rows(session, cursor)
        if cursor is not None and (not rows or not (cursor.forward or is_cut)):
            cursor = None
            rows, is_cut = self._rows(session, None)
        is_first = cursor is None
        goes_on = is_cut or (cursor is not None and not cursor.forward)
        return Page(
            rows=tuple(rows),
            more=self._cursor(rows[-1], forward=True) if rows and goes_on else None,
            total=total,
            back=None if is_first else self._cursor(rows[0], forward=False),
        )

    def _cursor(self, row: T, *, forward: bool) -> str:
        return Cursor(forward, tuple(key.of(row) for key in self.keys)).text()

    def _rows(self, session: Session, cursor: Cursor | None) -> tuple[list[T], bool]:
        """The rows at the cursor in the list's order, and whether there are more beyond them."""
        forward = cursor is None or cursor.forward
        columns = [key.column for key in self.keys]
        rises = forward != self.down
        query = self.query.order_by(*(c if rises else c.desc() for c in columns))
        if cursor is not None:
            pairs = zip(cursor.keys, columns, strict=True)
            here = sa.tuple_(*(sa.bindparam(None, k, c.type) for k, c in pairs))
            place = sa.tuple_(*columns)
            query = query.where(place > here if rises else place < here)
        found = [self.make(row) for row in session.execute(query.limit(self.limit + 1))]
        rows = found[: self.limit]
        return (rows if forward else rows[::-1]), len(found) > self.limit
