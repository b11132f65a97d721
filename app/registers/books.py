"""Numbering books as they stand on a day, and the next number of one.

A number is given inside the case's transaction, so a step that fails leaves no gap; whoever takes
the next one waits for the row of the series, so no two are alike. Where numbers bear a unit's
symbol, a series is the symbol's: divisions that write the one of the agency share it. Dates of a
series never go back: neither behind the last number given nor further than the book permits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.people.organisation import units
from app.people.settings import setting
from app.registers import patterns
from app.registers.models import GivenNumber, NumberingBook, NumberSeries
from engine.calendar import ZONE
from engine.errors import Rejected


@dataclass(frozen=True)
class Order:
    """Who wants the next number: for which unit, of which day, with which parts of its text."""

    unit: str | None
    on: date | None
    parts: dict[str, Any]
    now: datetime
    by: str
    case_id: int


def on_day(session: Session, key: str, on: date) -> NumberingBook | None:
    """The rules of a book that hold on a day."""
    query = sa.select(NumberingBook).where(
        NumberingBook.key == key, NumberingBook.effective_from <= on
    )
    order = (NumberingBook.effective_from.desc(), NumberingBook.id.desc())
    return session.scalar(query.order_by(*order).limit(1))


def period_of(restart: str, on: date) -> str:
    """Within which numbers run on: "2026", "2026-11-23", or nothing for ever."""
    return {"year": f"{on:%Y}", "day": on.isoformat()}.get(restart, "")


def give(session: Session, key: str, order: Order) -> GivenNumber:
    """The next number of the book, kept for ever once the caller commits.

    Raises Rejected: BOOK_UNKNOWN, UNIT_UNKNOWN, NUMBER_INCOMPLETE, NUMBER_BACK_DATED,
    NUMBER_POST_DATED.
    """
    today = order.now.astimezone(ZONE).date()
    on = order.on or today
    book = on_day(session, key, on)
    if book is None:
        raise Rejected("BOOK_UNKNOWN", f"Ngày {on:%d/%m/%Y} chưa có sổ cấp số “{key}”.")
    if book.is_per_unit and (order.unit is None or not units.known_on(session, [order.unit], on)):
        raise Rejected("UNIT_UNKNOWN", f"Ngày {on:%d/%m/%Y} không có đơn vị “{order.unit}”.")
    series = _hold(session, book, order)
    _require_day(book, series, on, today=today)
    period = period_of(book.restart, on)
    number = series.last + 1 if series.period == period else _first(book, series, period)
    text = _text(session, book, order, on=on, number=number)
    if _is_given(session, series, period, text):
        # The rules of the book have changed within the period: it goes on behind what they gave.
        given = _all_given(session, series, period)
        while text in given:
            number += 1
            text = _text(session, book, order, on=on, number=number)
    series.period, series.last, series.last_on = period, number, on
    row = GivenNumber(
        scope=series.scope, period=period, number=number, text=text, day=on, at=order.now,
        by=order.by, case_id=order.case_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _hold(session: Session, book: NumberingBook, order: Order) -> NumberSeries:
    """The series, locked until the transaction ends; it begins with the first who asks."""
    parts = [str(order.parts.get(name) or "") for name in book.split_by]
    unit, mark = _owner(session, book, order)
    scope = "|".join([book.key, mark, *parts])
    found = sa.select(NumberSeries).where(NumberSeries.scope == scope).with_for_update()
    held = session.scalar(found.execution_options(populate_existing=True))
    if held is not None:
        return held
    dialect: Any = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    row = {
        "scope": scope, "book": book.key, "unit": unit, "parts": parts, "period": "-", "last": 0,
    }  # fmt: skip
    # Two first users of a series do not collide: the second finds the first's row.
    session.execute(insert(NumberSeries).values(row).on_conflict_do_nothing())
    return session.scalars(found.execution_options(populate_existing=True)).one()


def _owner(session: Session, book: NumberingBook, order: Order) -> tuple[str | None, str]:
    """Whose series it is, and the mark that tells it from others: what the numbers bear of a unit,
    the unit's code where they bear nothing of it, nothing where all units share the book.
    """
    if not book.is_per_unit:
        return None, ""
    borne = sorted({"org", "ident"}.intersection(patterns.names(book.pattern)))
    if not borne or order.unit is None:
        return order.unit, order.unit or ""
    said = marks(session, order.unit, order.now)
    above = units.above(session, order.unit, order.now)
    named = (_said(session, NAMED[name], order.now) for name in borne)
    having = {unit for marked in named for unit in marked}
    owner = next((unit for unit in above if unit in having), above[-1])
    return owner, "=" + " ".join(said[name] for name in borne)


def _beside(series: NumberSeries, period: str) -> sa.ColumnElement[bool]:
    """The numbers of a period among which none is given twice."""
    same = sa.select(NumberSeries.scope).where(NumberSeries.book == series.book)
    if series.unit is not None and not series.scope.partition("|")[2].startswith("="):
        same = same.where(NumberSeries.unit == series.unit)
    return sa.and_(GivenNumber.scope.in_(same), GivenNumber.period == period)


def _is_given(session: Session, series: NumberSeries, period: str, text: str) -> bool:
    query = sa.select(GivenNumber.id).where(GivenNumber.text == text, _beside(series, period))
    return session.scalar(query.limit(1)) is not None


def _all_given(session: Session, series: NumberSeries, period: str) -> set[str]:
    return set(session.scalars(sa.select(GivenNumber.text).where(_beside(series, period))))


def _require_day(book: NumberingBook, series: NumberSeries, on: date, *, today: date) -> None:
    if on > today:
        words = f"Chưa đến ngày {on:%d/%m/%Y} nên chưa cấp số của ngày đó."
        raise Rejected("NUMBER_POST_DATED", words)
    earliest = today - timedelta(days=book.late_days)
    earliest = max(earliest, series.last_on or earliest)
    if on < earliest:
        words = f"Không cấp số lùi ngày: số kế tiếp của sổ phải ghi từ ngày {earliest:%d/%m/%Y}."
        raise Rejected("NUMBER_BACK_DATED", words)


def _first(book: NumberingBook, series: NumberSeries, period: str) -> int:
    """Where a period begins: at 1, or where the paper book stopped that this one goes on with."""
    is_taken_over = series.last_on is None and (
        period_of(book.restart, book.effective_from) == period
    )
    return book.first if is_taken_over else 1


def _text(session: Session, book: NumberingBook, order: Order, *, on: date, number: int) -> str:
    said = set(patterns.names(book.pattern))
    values: dict[str, Any] = {
        "n": number, "yyyy": f"{on:%Y}", "yy": f"{on:%y}", "mm": f"{on:%m}", "dd": f"{on:%d}",
    }  # fmt: skip
    if said & {"org", "ident"}:
        values |= marks(session, order.unit, order.now)
    given = {name: value for name, value in order.parts.items() if value not in (None, "")}
    try:
        return patterns.write(book.pattern, {**values, **given, "n": number})
    except patterns.PartMissing as part:
        words = f"Số theo mẫu “{book.pattern}” còn thiếu phần “{part}”."
        raise Rejected("NUMBER_INCOMPLETE", words) from None


def marks(session: Session, unit: str | None, now: datetime) -> dict[str, str]:
    """{"org": symbol in documents, "ident": electronic identifier} of a unit: its own, or those
    of the nearest unit above that has one, else the agency's short name.
    """
    above = units.above(session, unit, now) if unit else []
    symbol = _nearest(_said(session, NAMED["org"], now), above)
    symbol = symbol or str(setting(session, now, "agency.short_name"))
    ident = _nearest(_said(session, NAMED["ident"], now), above)
    return {"org": symbol, "ident": ident or symbol}


def place(session: Session, unit: str | None, now: datetime) -> str:
    """Where a unit sits, as its papers write it: its own place, that of the nearest unit above
    that has one, else the agency's; empty where nobody has said.
    """
    above = units.above(session, unit, now) if unit else []
    own = _nearest(_said(session, "documents.unit_places", now), above)
    return own or str(setting(session, now, "documents.outgoing.place"))


NAMED = {"org": "numbers.unit_symbols", "ident": "numbers.unit_identifiers"}
"""The setting that says a unit's mark, by its name in patterns."""


def _said(session: Session, name: str, now: datetime) -> dict[str, str]:
    """The marks that a setting gives to units, by their codes."""
    said = {}
    for line in setting(session, now, name):
        unit, _, mark = line.partition("=>")
        said[unit.strip()] = mark.strip()
    return said


def _nearest(said: dict[str, str], above: list[str]) -> str | None:
    return next((said[unit] for unit in above if unit in said), None)
