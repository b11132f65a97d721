"""A unit is called otherwise, belongs to another, or is new from a day on; its people and work
stay where they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.people.log import Origin
from app.people.models import UnitChange
from app.people.organisation import reorganising, traces, units


@dataclass(frozen=True)
class Place:
    """What a unit is called and to whom it belongs from a day on; kind: rename, move or open."""

    kind: str
    unit: str
    day: date
    basis: str
    name: str
    name_en: str | None
    level: str
    parent: str | None
    position: int = 0


def decide(session: Session, place: Place, *, origin: Origin) -> UnitChange:
    """The unit is so from that day on, if it is there then; one that opens has a code of its own.

    Raises BackDated, UnitUnknown, UnitCodeTaken, UnitWithinItself.
    """
    units.lock(session)
    reorganising.require_not_past(place.day, origin.now)
    if place.kind == "open":
        units.require_free(session, place.unit)
    else:
        units.require_unit(session, place.unit, place.day)
    with traces.traced(session) as trace:
        units.set_unit(
            session, place.unit, name=place.name, name_en=place.name_en, kind=place.level,
            parent=place.parent, position=place.position, valid_from=place.day, origin=origin,
            basis=place.basis,
        )  # fmt: skip
        plan = {"name": place.name, "parent": place.parent}
        change = reorganising.keep(
            session, place.kind, place.unit, place.day, plan=plan, origin=origin, basis=place.basis
        )
    change.wrote = trace.kept()
    return change
