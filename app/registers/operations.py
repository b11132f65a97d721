"""What drawings call to get a number, and what changes the rules of a book."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from marshmallow import fields
from sqlalchemy.orm import Session

from app import law
from app.people.schemas import Day, Strict
from app.registers import books, patterns
from app.registers.models import NumberingBook
from engine import register_reads
from engine.calendar import ZONE
from engine.errors import Defect, Refusal
from engine.ports import SYSTEM, Actor, Call, Fact, Operation
from engine.registers import OWN
from engine.values import Record, Value

DATA = Path(__file__).parent / "data"
ERRORS = (
    "BOOK_UNKNOWN", "UNIT_UNKNOWN", "NUMBER_INCOMPLETE", "NUMBER_BACK_DATED", "NUMBER_POST_DATED",
)  # fmt: skip


class BookBackDated(Refusal):
    """{day} has passed. New rules of a book hold from today on; what the old ones gave stands."""

    status = 422


class NextSchema(Strict):
    """book: its key; unit: whose number it is, the case's own without; on: its date, today
    without; parts: what the book's pattern names beside what it knows itself: {"type": "BC"}.
    """

    book = fields.String(required=True)
    unit = fields.String(load_default=None, allow_none=True)
    on = Day(load_default=None, allow_none=True)
    parts = fields.Dict(keys=fields.String(), load_default=dict, allow_none=True)


class NumberSchema(Strict):
    """number: 7; text: as it is written, "07/BC-BQL"; book; on: its date."""

    number = fields.Integer(required=True)
    text = fields.String(required=True)
    book = fields.String(required=True)
    on = Day(required=True)


def _next(call: Call, parameters: Record) -> Record:
    if call.session is None:
        raise Defect
    asked: dict[str, Any] = NextSchema().load(parameters)
    order = books.Order(
        asked["unit"] or call.unit, asked["on"], asked["parts"] or {}, call.now, call.actor,
        call.case_id,
    )  # fmt: skip
    row = books.give(call.session, asked["book"], order)
    return {"number": row.number, "text": row.text, "book": asked["book"], "on": row.day}


def operations() -> list[Operation]:
    """`numbers.next`, inside the case's transaction."""
    return [Operation("numbers.next", _next, NextSchema, NumberSchema, errors=ERRORS)]


def unit_symbol(session: Session, now: datetime, unit: Value) -> Value:
    """A unit's symbol in documents: its own, or that of the nearest unit above which has one."""
    return books.marks(session, None if unit is None else str(unit), now)["org"]


def unit_place(session: Session, now: datetime, unit: Value) -> Value:
    """The place before the date of a unit's papers: its own, that of the nearest unit above which
    has one, or the agency's; null where none is set.
    """
    return books.place(session, None if unit is None else str(unit), now) or None


MOST_ENTRIES = 20
"""So many entries alike are told; more would help nobody who looks for a twin."""


def register_entries(session: Session, _now: datetime, register: Value, wanted: Value) -> Value:
    """The newest cases of a register with these values of its processes' columns, such as
    {author: ..., symbol: ...}: each with code, title, unit and its columns. Texts are equal
    without accents and case; what is null narrows nothing, and nothing but null finds nothing.
    """
    kept = register_reads.known(session).get(str(register))
    if not isinstance(wanted, dict):
        raise TypeError("register_entries() needs a context of columns and values")
    if kept is None or all(value is None for value in wanted.values()):
        return []
    if unknown := sorted(set(wanted) - set(kept.kinds) - set(OWN)):
        raise ValueError(f"the register {register} knows no column {', '.join(unknown)}")
    found = register_reads.equal(session, kept, wanted, most=MOST_ENTRIES)
    return [
        {**dict(row.columns), "code": row.code, "title": row.title, "unit": row.unit}
        for row in found
    ]


def facts() -> dict[str, Fact]:
    """What drawings may ask of numbering and of registers."""
    return {
        "unit_symbol": unit_symbol,
        "unit_place": unit_place,
        "register_entries": register_entries,
    }


def change_book(
    session: Session, row: NumberingBook, *, actor: Actor, now: datetime
) -> NumberingBook:
    """The book has these rules from the row's `effective_from` on.

    Raises BookBackDated, PatternWrong, BasisMissing, NotPermitted.
    """
    actor.require("settings.manage")
    if row.effective_from < now.astimezone(ZONE).date():
        raise BookBackDated(day=f"{row.effective_from:%d/%m/%Y}")
    _keep(session, row, actor=actor, now=now)
    return row


def load_shipped(session: Session, now: datetime) -> None:
    """The books that ship are there; one that the agency has is left as it is."""
    shipped = json.loads((DATA / "books.json").read_text(encoding="utf-8"))
    known = set(session.scalars(sa.select(NumberingBook.key).distinct()))
    for book in shipped:
        if book["key"] not in known:
            since = date.fromisoformat(book["effective_from"])
            row = NumberingBook(**{**book, "effective_from": since})
            _keep(session, row, actor=SYSTEM, now=now)


def _keep(session: Session, row: NumberingBook, *, actor: Actor, now: datetime) -> None:
    row.legal_basis = law.basis(row.legal_basis)
    patterns.require(row.pattern, row.split_by, restart=row.restart)
    row.changed_by, row.changed_at = actor.name, now
    session.add(row)
    session.flush()
