"""A right that goes on in another grant: after days on which it was withdrawn, in the unit that a
reorganisation gave it to, on the account that followed another.

Each such grant names the one that it continues. So a right is a tree of grants: where it was
withdrawn for some days beside a planned change of its unit, it has a part of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.models import Grant
from app.people.organisation import units
from app.people.rights.duties import Days


def tree(
    session: Session, root: Grant, *, without: Set[int] = frozenset(), locked: bool = False
) -> list[Grant]:
    """The grant and all that continue it, earlier ones first; not those, nor what continues them.

    locked: they are read anew and held until the transaction ends, so that of two who change one
    right the second finds what the first has done.
    """
    return _tree(session, [root.id], without=without, locked=locked)


def lock(session: Session, rows: Iterable[Grant]) -> None:
    """These rights are the transaction's alone until it ends, each with all its parts, and what
    was read of them before is read anew.

    All who change rights wait in one order: the tree of units, then first grants by number.
    """
    units.lock(session, shared=True)
    if session.get_bind().dialect.name == "postgresql":
        _tree(session, sorted({_root(session, row).id for row in rows}), locked=True)


def _root(session: Session, part: Grant) -> Grant:
    while part.continues_id is not None:
        part = session.get_one(Grant, part.continues_id)
    return part


def _tree(
    session: Session, roots: list[int], *, without: Set[int] = frozenset(), locked: bool
) -> list[Grant]:
    found = _read(session, [Grant.id.in_(roots)], locked=locked)
    level = roots
    while level:
        which = [Grant.continues_id.in_(level), Grant.id.not_in(sorted(without))]
        rows = _read(session, which, locked=locked)
        found += rows
        level = [row.id for row in rows]
    return found


def _read(
    session: Session, which: Iterable[sa.ColumnElement[bool]], *, locked: bool
) -> list[Grant]:
    query = sa.select(Grant).where(*which).order_by(Grant.id)
    if locked:
        session.flush()  # What is read anew must not lose what was not written yet.
        query = query.with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(query))


def going_on(session: Session, part: Grant, on: date) -> list[Grant]:
    """The grant and all later parts of the same right that give something on that day or later.

    All parts are held until the transaction ends. A part may continue the same grant as this one:
    the days in the unit that takes over, beside those that are left in this.
    """
    return [
        row
        for row in tree(session, _root(session, part), locked=True)
        if row.valid_from >= part.valid_from
        and row.revoked_at is None
        and (row.valid_to is None or row.valid_to >= on)
    ]


def held(rows: Iterable[Grant]) -> list[Days]:
    """The days on which any of these gives its rights, in order; none twice."""
    spans = sorted(
        (Days(row.valid_from, row.valid_to) for row in rows if row.revoked_at is None),
        key=lambda days: days.first,
    )
    found: list[Days] = []
    for days in spans:
        before = found[-1] if found else None
        if before is not None and (before.last is None or days.first <= after(before.last)):
            found[-1] = Days(before.first, _later(before.last, days.last))
        else:
            found.append(days)
    return found


def within(days: Days, allowed: Iterable[Days]) -> list[Days]:
    """Of these days those that are allowed, in order."""
    found = []
    for part in allowed:
        first = max(days.first, part.first)
        last = min((one for one in (days.last, part.last) if one is not None), default=None)
        if last is None or first <= last:
            found.append(Days(first, last))
    return found


def after(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)
