"""How far a grant reaches: the units in which it holds on a day.

Scopes: the unit; the unit and all below it; of these the units that work in a field; every unit.
To a unit belongs also what it has taken over from others that were merged into it: their people
are gone, but their cases are not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.models import Delegation, Grant, Post, Unit, UnitField, UnitHeir, UnitSpan
from app.people.rights.groups import day_of


class Scope(NamedTuple):
    """Where something holds: see `Grant.scope`. field: code of a field of work."""

    unit: str
    below: bool = False
    field: str | None = None
    everywhere: bool = False

    @classmethod
    def of(cls, grant: Grant) -> Scope:
        return cls(grant.unit_code, grant.with_below, grant.field_code, grant.everywhere)

    @property
    def spreads(self) -> bool:
        """Whether units below the unit belong to it."""
        return self.below or self.field is not None


def holds(
    row: type[UnitSpan | Grant | Post | UnitField | UnitHeir | Delegation] | sa.FromClause,
    on: date,
) -> sa.ColumnElement[bool]:
    """Whether a dated row holds on the local day of `on`, both its days included."""
    columns = row.c if isinstance(row, sa.FromClause) else row
    day = day_of(on)
    return sa.and_(
        columns.valid_from <= day, sa.or_(columns.valid_to.is_(None), columns.valid_to >= day)
    )


def reach(session: Session, scopes: Iterable[Scope], on: date) -> dict[Scope, frozenset[str]]:
    """The codes of the units where each scope holds on that day.

    One statement; one more where a scope is everywhere, and one where it is of a field.
    """
    wanted = set(scopes)
    found = _trees(session, {(s.unit, s.spreads) for s in wanted if not s.everywhere}, on)
    fields = _fields(session, {s.field for s in wanted if s.field}, on)
    whole = _all(session, on) if any(s.everywhere for s in wanted) else frozenset()
    return {
        scope: whole
        if scope.everywhere
        else _within(found[scope.unit, scope.spreads], scope.field, fields)
        for scope in wanted
    }


Tree = dict[str, bool]
"""By code of a unit, whether it was taken over."""


def _within(tree: Tree, field: str | None, fields: dict[str, dict[str, bool]]) -> frozenset[str]:
    """What a tree leaves of itself: of a field, the units that work in it, or did when they were
    taken over.
    """
    if field is None:
        return frozenset(tree)
    works = fields.get(field, {})
    return frozenset(
        code for code, is_former in tree.items() if code in works and (is_former or works[code])
    )


def _trees(
    session: Session, roots: set[tuple[str, bool]], on: date
) -> dict[tuple[str, bool], Tree]:
    """For each root, its own code, with `True` those of all units below it, and what all of these
    have taken over.
    """
    found: dict[tuple[str, bool], Tree] = defaultdict(dict)
    for unit, spreads in roots:
        found[unit, spreads][unit] = False
    if not roots:
        return found
    tree = _below(roots, on)
    heir = UnitHeir.__table__
    taken = sa.select(tree.c.root, tree.c.spreads, tree.c.code, sa.literal(0).label("former"))
    taken = taken.cte("taken", recursive=True)
    # UNION, not UNION ALL: even units that took over each other come to an end.
    taken = taken.union(
        sa.select(taken.c.root, taken.c.spreads, heir.c.unit_code, sa.literal(1))
        .join(taken, heir.c.heir_code == taken.c.code)
        .where(holds(heir, on))
    )
    rows = sa.select(taken.c.root, taken.c.spreads, taken.c.code, taken.c.former)
    for root, spreads, code, former in session.execute(rows):
        tree_of_root = found[root, bool(spreads)]
        tree_of_root[code] = bool(former) and tree_of_root.get(code, True)
    return found


def _below(roots: set[tuple[str, bool]], on: date) -> sa.CTE:
    """root, spreads, code: each root, and the units below those that spread."""
    spans = UnitSpan.__table__
    bases = [
        sa.select(
            Unit.code.label("root"),
            sa.literal(int(spreads)).label("spreads"),
            Unit.code.label("code"),
        ).where(Unit.code.in_(sorted(unit for unit, each in roots if each is spreads)))
        for spreads in (False, True)
    ]
    base = sa.union_all(*bases).subquery()
    tree = sa.select(base.c.root, base.c.spreads, base.c.code).cte("tree", recursive=True)
    return tree.union(
        sa.select(tree.c.root, tree.c.spreads, spans.c.unit_code)
        .join(tree, spans.c.parent_code == tree.c.code)
        .where(tree.c.spreads == 1, holds(spans, on))
    )


def _fields(session: Session, fields: set[str], on: date) -> dict[str, dict[str, bool]]:
    """By field, the units that ever worked in it, and whether they do on that day."""
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    if not fields:
        return found
    day = day_of(on)
    query = sa.select(UnitField.field_code, UnitField.unit_code, holds(UnitField, day)).where(
        UnitField.field_code.in_(sorted(fields)), UnitField.valid_from <= day
    )
    for field, unit, is_now in session.execute(query):
        found[field][unit] = bool(is_now) or found[field].get(unit, False)
    return found


def _all(session: Session, on: date) -> frozenset[str]:
    """Every unit that is or was on that day."""
    began = sa.select(UnitSpan.unit_code).where(UnitSpan.valid_from <= day_of(on)).distinct()
    return frozenset(session.scalars(began))
