"""What the pages of registers and numbering books show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from app import words
from app.registers import books, patterns
from app.registers.models import GivenNumber, NumberingBook, NumberSeries
from app.who import Names
from engine import reach
from engine.calendar import ZONE
from engine.ports import Actor
from engine.reads import CaseRow
from engine.register_reads import Kept
from engine.registers import OWN
from engine.tables import Case
from engine.values import Value


def value(row: CaseRow, name: str | None, names: Names) -> Value:
    """What stands in a column of a row: days and numbers as such, all else in words."""
    if name is None:
        return None
    found: Any = getattr(row, name) if name in OWN else row.columns.get(name)
    if name == "unit":
        return names.unit(found) if found else None
    if name == "started_by":
        return names.person(found)
    if name == "status":
        return states()[row.status]
    if isinstance(found, bool):
        return gettext("Yes") if found else gettext("No")
    if isinstance(found, list):
        return ", ".join(str(said(one)) for one in found)
    return found if isinstance(found, (date, int, Decimal)) else said(found)


def said(found: Any) -> str:
    """A value in words; of a context what it is called."""
    if isinstance(found, dict):
        return str(found.get("name") or found.get("label") or found.get("text") or "")
    if isinstance(found, datetime):
        return words.instant(found)
    if isinstance(found, date):
        return words.day(found)
    return "" if found is None else str(found)


def states() -> dict[str, str]:
    """The states of a case in words."""
    return {
        "open": gettext("In progress"),
        "completed": gettext("Completed"),
        "cancelled": gettext("Cancelled"),
    }


def shown(found: Value, kind: str) -> str:
    """A cell as the page writes it; instants whose column holds a day are that day."""
    if isinstance(found, datetime):
        return words.day(found.astimezone(ZONE).date()) if kind == "date" else words.instant(found)
    if isinstance(found, date):
        return words.day(found)
    if isinstance(found, Decimal):
        return f"{found:f}".replace(".", ",")
    return "" if found is None else str(found)


def kinds(kept: Kept) -> dict[str, str]:
    """The kind of each column that the register names."""
    return {name: kept.kind(name) for name in kept.register.named}


# -- numbering books


@dataclass(frozen=True)
class BookRow:
    """A book by its rules of today, how many of its series the reader may look at, and the
    number that was given last in one of them."""

    book: NumberingBook
    series: int
    last: str | None


@dataclass(frozen=True)
class Whole:
    """How far the numbers of a series go in one period, and which of them are missing."""

    count: int
    first: int
    last: int
    missing: tuple[int, ...]


@dataclass(frozen=True)
class NumberRow:
    """A number with the case that got it."""

    text: str
    number: int
    day: date
    at: datetime
    by: str
    case_id: int
    case_code: str
    case_title: str
    case_status: str
    is_seen: bool
    """Whether the reader sees the case; else they read that the number was given, and to which."""


def listed(session: Session, actor: Actor, on: date) -> list[BookRow]:
    """Every book that has rules today, by title."""
    keys = session.scalars(sa.select(NumberingBook.key).distinct())
    found = [books.on_day(session, key, on) for key in keys]
    rows = []
    for book in sorted((b for b in found if b is not None), key=lambda book: book.title):
        scopes = [one.scope for one in series(session, actor, book.key)]
        last = sa.select(GivenNumber.text).where(GivenNumber.scope.in_(scopes))
        last = last.order_by(GivenNumber.id.desc()).limit(1)
        rows.append(BookRow(book, len(scopes), session.scalar(last)))
    return rows


def period_told(period: str) -> str:
    """A period as people write it: 2026, 23/11/2026; all time when the book never begins anew."""
    if not period:
        return gettext("All time")
    return words.day(date.fromisoformat(period)) if "-" in period else period


def pattern_told(pattern: str) -> str:
    """The form of a number for who reads it: ‹number, 2 digits›/‹type›-‹symbol of the unit›."""
    parts = {
        "n": gettext("number"), "yyyy": gettext("year"), "yy": gettext("year, 2 digits"),
        "mm": gettext("month"), "dd": gettext("day"), "org": gettext("symbol of the unit"),
        "ident": gettext("identifier of the unit"), "type": gettext("type"),
        "drafter": gettext("drafting unit"),
    }  # fmt: skip

    def word(name: str, digits: str | None) -> str:
        said = parts.get(name, name)
        if digits is not None:
            said = f"{said}, {ngettext('%(num)d digit', '%(num)d digits', int(digits))}"
        return f"‹{said}›"

    return patterns.reworded(pattern, word)


def series(session: Session, actor: Actor, key: str) -> list[NumberSeries]:
    """The series of a book whose unit the reader may look over, or out of which a case that they
    see has its number: a clerk numbers for the whole agency.
    """
    query = sa.select(NumberSeries).where(NumberSeries.book == key)
    if seen := reach.visible(actor):
        own = sa.or_(NumberSeries.unit.is_(None), NumberSeries.unit.in_(reach.units(actor)))
        given = sa.select(GivenNumber.scope).join(Case, Case.id == GivenNumber.case_id)
        query = query.where(sa.or_(own, NumberSeries.scope.in_(given.where(*seen))))
    return list(session.scalars(query.order_by(NumberSeries.scope)))


def periods(session: Session, scope: str) -> list[str]:
    """The periods in which the series has numbers, the last first."""
    query = sa.select(GivenNumber.period).where(GivenNumber.scope == scope).distinct()
    return list(session.scalars(query.order_by(GivenNumber.period.desc())))


def whole(session: Session, scope: str, period: str) -> Whole | None:
    """Whether the numbers of a period run without a gap, counted from the rows themselves."""
    here = sa.and_(GivenNumber.scope == scope, GivenNumber.period == period)
    number = GivenNumber.number
    query = sa.select(sa.func.count(), sa.func.min(number), sa.func.max(number)).where(here)
    count, first, last = session.execute(query).one()
    if not count:
        return None
    missing: tuple[int, ...] = ()
    if last - first + 1 != count:
        given = set(session.scalars(sa.select(number).where(here)))
        missing = tuple(n for n in range(first, last + 1) if n not in given)
    return Whole(count, first, last, missing)


def numbers(
    session: Session, actor: Actor, place: tuple[str, str], *, start: int, limit: int
) -> Iterator[NumberRow]:
    """The numbers of a series in a period, the last first; nothing of a case that the reader does
    not see. place: the scope of the series, and the period.
    """
    given, (scope, period) = GivenNumber, place
    query = (
        sa.select(
            given.text, given.number, given.day, given.at, given.by, Case.id, Case.code,
            Case.title, Case.status, sa.and_(sa.true(), *reach.visible(actor)),
        )
        .join(Case, Case.id == given.case_id)
        .where(given.scope == scope, given.period == period)
        .order_by(given.number.desc())
    )  # fmt: skip
    for row in session.execute(query.limit(limit).offset(start)):
        found = NumberRow(*row)
        yield found if found.is_seen else replace(found, by="", case_title="")
