"""Fields of work (lĩnh vực): which there are, and which unit works in which, with dates."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.log import Origin, record
from app.people.models import FieldOfWork, UnitField
from app.people.rights.groups import DATA
from app.people.rights.reach import holds


def load_shipped(session: Session) -> None:
    """The fields that ship are there; beside fields of the tenant's own nothing is loaded."""
    if session.scalar(sa.select(FieldOfWork.code).limit(1)) is not None:
        return
    rows = json.loads((DATA / "fields.json").read_text(encoding="utf-8"))
    session.add_all(FieldOfWork(**row, position=number) for number, row in enumerate(rows))


def known(session: Session) -> dict[str, FieldOfWork]:
    """Every field by its code, in the tenant's order."""
    query = sa.select(FieldOfWork).order_by(FieldOfWork.position, FieldOfWork.code)
    return {row.code: row for row in session.scalars(query)}


def of_units(session: Session, on: date) -> dict[str, list[str]]:
    """By unit, the codes of the fields in which it works on that day, each once: by two decisions
    it may work in one.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    query = sa.select(UnitField.unit_code, UnitField.field_code).where(holds(UnitField, on))
    for unit, field in session.execute(query.order_by(UnitField.id)):
        found[unit].append(field)
    return {unit: list(dict.fromkeys(codes)) for unit, codes in found.items()}


def set_fields(
    session: Session, unit: str, wanted: set[str], day: date, *, origin: Origin, basis: str
) -> None:
    """From that day on the unit works in exactly these fields, until what is decided for a later
    day adds to them or ends some.
    """
    rows = session.scalars(
        sa.select(UnitField).where(UnitField.unit_code == unit, holds(UnitField, day))
    ).all()
    for row in rows:
        if row.field_code not in wanted:
            row.valid_to = day - timedelta(days=1)
    for field in sorted(wanted - {row.field_code for row in rows}):
        session.add(UnitField(unit_code=unit, field_code=field, valid_from=day, basis=basis))
    said = ", ".join(sorted(wanted))
    record(
        session, "unit_changed", "", origin=origin, unit=unit, fields=said, valid_from=day,
        basis=basis or None,
    )  # fmt: skip


def hand_on(session: Session, unit: str, heir: str | None, day: date, *, basis: str) -> None:
    """Fields in which a unit that is no more from that day on was to work then or later end on its
    eve or never begin; they begin in the heir, if there is one that does not work in them then.
    """
    coming = sa.select(UnitField).where(
        UnitField.unit_code == unit,
        sa.or_(
            UnitField.valid_to.is_(None),
            sa.and_(UnitField.valid_to >= day, UnitField.valid_to >= UnitField.valid_from),
        ),
    )  # fmt: skip
    for row in session.scalars(coming.order_by(UnitField.id)).all():
        begins, until = max(row.valid_from, day), row.valid_to
        row.valid_to = day - timedelta(days=1)
        if heir is None or row.field_code in of_units(session, begins).get(heir, ()):
            continue
        session.add(UnitField(
            unit_code=heir, field_code=row.field_code, valid_from=begins, valid_to=until,
            basis=basis,
        ))  # fmt: skip
