"""Groups as shipped data, grants in force, and the Actor they make."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.models import Account, Grant, UnitSpan
from engine.calendar import ZONE
from engine.ports import Actor

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Group:
    """A group of the regulations. kinds: the account kinds that may hold it (HP-6.3, HP-8.3)."""

    key: str
    name: str
    name_en: str
    source: str
    kinds: frozenset[str]
    permissions: frozenset[str]


@cache
def catalogue() -> dict[str, Group]:
    """Every shipped group by its key: the ten of KH-6 and the roles of the other regulations."""
    raw = json.loads((DATA / "groups.json").read_text(encoding="utf-8"))
    return {
        key: Group(
            key=key,
            name=row["name"],
            name_en=row["name_en"],
            source=row["source"],
            kinds=frozenset(row["kinds"]),
            permissions=frozenset(row["permissions"]),
        )
        for key, row in raw.items()
    }


def groups(_session: Session) -> frozenset[str]:
    """Keys of all groups, as drawings may name them."""
    return frozenset(catalogue())


def day_of(on: date) -> date:
    """The local day of an instant; a day is itself."""
    return on.astimezone(ZONE).date() if isinstance(on, datetime) else on


def instant_of(on: date) -> datetime:
    """The instant itself; for a day its end, so that what was ended on it counts as ended."""
    if isinstance(on, datetime):
        return on
    return datetime.combine(on + timedelta(days=1), time(), ZONE).astimezone(UTC)


def holds(row: type[UnitSpan] | type[Grant] | sa.Alias, on: date) -> sa.ColumnElement[bool]:
    """Whether a dated row holds on the local day of `on`, both its days included."""
    columns = row.c if isinstance(row, sa.FromClause) else row
    day = day_of(on)
    return sa.and_(
        columns.valid_from <= day, sa.or_(columns.valid_to.is_(None), columns.valid_to >= day)
    )


def grants_in_force(on: date) -> sa.ColumnElement[bool]:
    """Whether a grant gives its rights at an instant, or at the end of a day."""
    not_revoked = sa.or_(Grant.revoked_at.is_(None), Grant.revoked_at > instant_of(on))
    return sa.and_(holds(Grant, on), not_revoked)


def below(session: Session, roots: set[str], on: date) -> dict[str, frozenset[str]]:
    """For each root, its own code and those of all units below it on that day; one statement."""
    if not roots:
        return {}
    spans = UnitSpan.__table__
    tree = (
        sa.select(spans.c.unit_code.label("root"), spans.c.unit_code.label("code"))
        .where(spans.c.unit_code.in_(sorted(roots)), holds(spans, on))
        .cte("tree", recursive=True)
    )
    # UNION, not UNION ALL: even a tree that somebody bent into a ring comes to an end.
    tree = tree.union(
        sa.select(tree.c.root, spans.c.unit_code)
        .join(tree, spans.c.parent_code == tree.c.code)
        .where(holds(spans, on))
    )
    found: dict[str, set[str]] = defaultdict(set)
    for root, code in session.execute(sa.select(tree.c.root, tree.c.code)):
        found[root].add(code)
    return {root: frozenset(codes) for root, codes in found.items()}


def actor_for(
    session: Session, account: Account, on: date, *, address: str | None = None
) -> Actor:
    """Who an account is on that day: groups and rights spread over units; two statements.

    account: with its person loaded. on: an instant or a local day.
    A grant whose group is not for this kind of account gives nothing: an administrator never works
    in cases, whatever was granted (HP-6.3).
    """
    held = session.execute(
        sa.select(Grant.group_key, Grant.unit_code, Grant.with_below)
        .where(Grant.account_id == account.id, grants_in_force(on))
        .order_by(Grant.id)
    ).all()
    spread = below(session, {unit for _, unit, with_below in held if with_below}, on)
    candidacies: set[str] = set()
    rights: dict[str, set[str]] = defaultdict(set)
    for key, unit, with_below in held:
        group = catalogue().get(key)
        if group is None or account.kind not in group.kinds:
            continue
        units = spread.get(unit, frozenset({unit})) if with_below else frozenset({unit})
        candidacies.update(f"{key}@{code}" for code in units)
        for permission in group.permissions:
            rights[permission] |= units
    return Actor(
        name=account.name,
        label=account.person.full_name,
        unit=account.unit_code,
        candidacies=frozenset(candidacies),
        rights={permission: frozenset(units) for permission, units in rights.items()},
        address=address,
    )
