"""Groups: what each may do and who may be in it, as it ships and as the tenant has changed it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.models import GroupChange
from engine.calendar import ZONE

DATA = Path(__file__).parents[1] / "data"


@dataclass(frozen=True)
class Group:
    """A group of the regulations, or of the tenant's own. kinds: the account kinds that may hold
    it (HP-6.3, HP-8.3). permissions: what it brings.
    """

    key: str
    name: str
    name_en: str
    source: str
    kinds: frozenset[str]
    permissions: frozenset[str]

    @property
    def is_ended(self) -> bool:
        """Whether nobody can be in it any more: it is for no kind of account."""
        return not self.kinds


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


@cache
def asked_by_units() -> frozenset[str]:
    """Keys of the groups that a unit asks for; who administers the agency gives the others."""
    raw = json.loads((DATA / "groups.json").read_text(encoding="utf-8"))
    return frozenset(key for key, row in raw.items() if row.get("asked_by_units"))


@cache
def permissions() -> tuple[str, ...]:
    """Every permission that some shipped group has, in order: routes know no others."""
    return tuple(sorted({name for group in catalogue().values() for name in group.permissions}))


def day_of(on: date) -> date:
    """The local day of an instant; a day is itself."""
    return on.astimezone(ZONE).date() if isinstance(on, datetime) else on


def in_force(changes: Iterable[Any], on: date) -> dict[str, Group]:
    """The shipped groups with what these changes say of them on that day."""
    found = dict(catalogue())
    day = day_of(on)
    for row in sorted(changes, key=lambda row: (row.effective_from, row.id)):
        if row.effective_from <= day:
            found[row.group_key] = changed(found.get(row.group_key), row)
    return found


def changed(before: Group | None, row: Any) -> Group:
    """The group as a change says."""
    group = before or Group(row.group_key, "", "", "", frozenset(), frozenset())
    return replace(
        group,
        name=row.name,
        name_en=row.name_en,
        kinds=frozenset(row.kinds),
        permissions=frozenset(row.permissions),
    )


_LOCK = 0x67726F757073


def lock(session: Session, *, shared: bool = False) -> None:
    """Two who change groups do so one after the other: the second sees what the first has done.

    shared: many may give them at once, and none while a group is made, changed or ended.
    """
    if session.get_bind().dialect.name == "postgresql":
        held = sa.func.pg_advisory_xact_lock_shared if shared else sa.func.pg_advisory_xact_lock
        session.execute(sa.select(held(_LOCK)))


def on_day(session: Session, on: date) -> dict[str, Group]:
    """Every group of that day by its key; one statement."""
    query = sa.select(GroupChange).where(GroupChange.effective_from <= day_of(on))
    return in_force(session.scalars(query), on)
