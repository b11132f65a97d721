"""A unit is called otherwise, belongs to another, or is new from a day on; its people and work
stay where they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.log import Origin
from app.people.models import UnitChange, UnitSpan
from app.people.organisation import reorganising, traces, units
from app.people.rights.lineage import after
from engine.errors import Refusal


class ParentEnds(Refusal):
    """“{parent}” is no more from {day} on. Choose the unit that takes over from it, or another."""

    status = 422


class NothingChanges(Refusal):
    """On {day} “{unit}” has this name and this unit above already, so nothing would change. Choose another name, another unit above or another day."""  # noqa: E501

    status = 422


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

    Raises BackDated, UnitUnknown, UnitCodeTaken, NothingChanges, UnitWithinItself, ParentEnds.
    """
    units.lock(session)
    reorganising.require_not_past(place.day, origin.now)
    if place.kind == "open":
        units.require_free(session, place.unit)
    else:
        _require_change(units.require_unit(session, place.unit, place.day), place)
    if place.parent is not None and place.kind != "rename":
        _require_stays(session, place.parent, place.day)
    with traces.traced(session) as trace:
        units.set_unit(
            session, place.unit, name=place.name, name_en=place.name_en, kind=place.level,
            parent=place.parent, position=place.position, valid_from=place.day, origin=origin,
            basis=place.basis,
        )  # fmt: skip
        _require_no_circle(session, place)
        plan = {"name": place.name, "parent": place.parent}
        change = reorganising.keep(
            session, place.kind, place.unit, place.day, plan=plan, origin=origin, basis=place.basis
        )
    change.wrote = trace.kept()
    return change


def _require_change(span: UnitSpan, place: Place) -> None:
    """Raises NothingChanges: a decision without effect would stand in the history as one."""
    was = span.name, span.name_en, span.parent_code
    if place.kind in ("rename", "move") and was == (place.name, place.name_en, place.parent):
        raise NothingChanges(unit=span.name, day=place.day.strftime("%d/%m/%Y"))


def _require_stays(session: Session, parent: str, day: date) -> None:
    """Raises ParentEnds where it is decided already that the unit above ends some day."""
    spans = sa.select(UnitSpan).where(
        UnitSpan.unit_code == parent,
        sa.or_(UnitSpan.valid_to.is_(None), UnitSpan.valid_to >= UnitSpan.valid_from),
    )
    last = session.scalar(spans.order_by(UnitSpan.valid_from.desc()).limit(1))
    if last is not None and last.valid_to is not None and last.valid_to >= day:
        raise ParentEnds(parent=last.name, day=after(last.valid_to).strftime("%d/%m/%Y"))


def _require_no_circle(session: Session, place: Place) -> None:
    """Raises UnitWithinItself where the unit would come to stand below itself on a later day, by
    what is decided of others already.
    """
    later = sa.select(UnitSpan.valid_from).where(UnitSpan.valid_from > place.day).distinct()
    for day in session.scalars(later).all():
        (_own, *over) = units.above(session, place.unit, day)
        top = over[-1] if over else place.unit
        if units.parent_on(session, top, day) is not None:
            raise units.within_itself(session, place.unit, str(place.parent), place.day)
