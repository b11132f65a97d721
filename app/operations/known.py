"""Settings that name units and groups: what they may name, and what that is called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.operations.schemas import Definition
from app.people import queries
from app.people.organisation import units
from app.people.organisation.units import UnitUnknown
from app.people.rights import groups
from app.people.rights.grants import GroupUnknown

UNKNOWN = (UnitUnknown, GroupUnknown)


def require(session: Session, definition: Definition, value: Any, on: date) -> None:
    """Raises UnitUnknown, GroupUnknown for the first code in the value that is none of its day."""
    named_units: list[str] = [value] if definition.items == "unit" and value else []
    named_groups: list[str] = value if definition.items == "group" else []
    if definition.items == "membership":
        ours = [line.partition("=>")[2].partition("@") for line in value]
        named_groups = [group.strip() for group, _at, _unit in ours]
        named_units = [unit.strip() for _group, _at, unit in ours if unit.strip()]
    if definition.items == "unit_mark":
        named_units = [line.partition("=>")[0].strip() for line in value]
    there = groups.on_day(session, on) if named_groups else {}
    for group in named_groups:
        if group not in there:
            raise GroupUnknown(group=group)
    for unit in named_units:
        units.require_unit(session, unit, on)


def names(session: Session, now: datetime) -> Mapping[str, Mapping[str, Any]]:
    """By the kind that a setting names ("unit", "group"), what has a `name` and a `name_en` by its
    code.
    """
    return {"unit": queries.units_ever(session, now), "group": groups.on_day(session, now)}
