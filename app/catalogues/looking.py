"""What the pages of catalogues show: entries found and narrowed, contents in words, sheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app import words
from app.catalogues import queries
from app.catalogues.models import LOCKED, OPEN, CatalogueRow
from app.catalogues.queries import Kept
from app.people import queries as people
from app.people.registers import files
from engine.catalogues import Catalogue, Column
from engine.fold import fold


@dataclass(frozen=True)
class Wanted:
    """Which entries: of which day, with these words, in that state, with these values."""

    on: date
    text: str = ""
    state: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)


def found(session: Session, kept: Kept, wanted: Wanted) -> list[CatalogueRow]:
    """The entries that are asked for, by what they are called."""
    rows = queries.on_day(session, kept.key, wanted.on)
    asked = fold(wanted.text).split()
    return [
        row
        for row in rows
        if wanted.state in ("", row.state)
        and all(str(row.content.get(name)) == value for name, value in wanted.filters.items())
        and (not asked or _has(row, asked))
    ]


def _has(row: CatalogueRow, asked: list[str]) -> bool:
    text = fold(" ".join(_texts(list(row.content.values()))))
    return all(word in text for word in asked)


def _texts(values: list[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from _texts(value)
        elif value is not None:
            yield str(value)


@dataclass(frozen=True)
class Speech:
    """How contents are said on a page: units by their names of a day, in the reader's language."""

    units: Mapping[str, people.UnitRow]
    english: bool

    @classmethod
    def of(cls, session: Session, on: date, *, english: bool) -> Speech:
        """The speech of a page that tells about a day."""
        return cls(people.units(session, on), english)

    def word(self, column: Column, value: Any) -> str:
        """A content in words: a choice by its label, a unit by its name."""
        if value is None:
            return ""
        if column.type == "choice":
            labels = {c.value: c.label_en if self.english else c.label for c in column.choices}
            return labels.get(str(value), str(value))
        if column.type == "unit":
            return self._unit(str(value))
        if isinstance(value, list):
            return "; ".join(map(str, value))
        if isinstance(value, date):
            return words.day(value)
        if isinstance(value, (int, Decimal)):
            said = f"{value:,d}" if isinstance(value, int) else f"{value:,f}"
            return said.replace(",", " ").replace(".", ",").replace(" ", ".")
        return str(value)

    def row(self, described: Catalogue, row: CatalogueRow | None) -> dict[str, str]:
        """Every content of an entry in words, by its column; nothing for no entry."""
        if row is None:
            return {}
        return {one.name: self.word(one, row.content.get(one.name)) for one in described.columns}

    def _unit(self, code: str) -> str:
        unit = self.units.get(code)
        if unit is None:
            return code
        return unit.name_en if self.english and unit.name_en else unit.name


def filters(
    session: Session, kept: Kept, on: date, speech: Speech
) -> list[tuple[Column, list[tuple[str, str]]]]:
    """Each column of the filter with the values that there are that day, and their words."""
    rows = queries.on_day(session, kept.key, on)
    found = []
    for name in kept.catalogue.filters:
        column = kept.catalogue.by_name[name]
        values = {row.content[name] for row in rows if row.content.get(name) is not None}
        named = [(str(value), speech.word(column, value)) for value in values]
        found.append((column, sorted(named, key=lambda pair: fold(pair[1]))))
    return found


def states() -> dict[str, str]:
    """The states of an entry in words."""
    return {OPEN: gettext("In force"), LOCKED: gettext("Entry locked")}


def sheet(
    kept: Kept, rows: list[CatalogueRow], speech: Speech
) -> tuple[list[files.Column], Iterator[dict[str, Any]]]:
    """The columns and lines of the file: all contents, then version, state and day."""
    columns = kept.catalogue.columns
    heads = [files.Column(f"c.{one.name}", one.label, _width(one)) for one in columns]
    heads += [
        files.Column("version", gettext("Version"), 10),
        files.Column("since", gettext("In force since"), 14),
        files.Column("state", gettext("State"), 14),
    ]

    def lines() -> Iterator[dict[str, Any]]:
        for row in rows:
            cells: dict[str, Any] = {
                f"c.{one.name}": value
                if one.type in ("number", "date")
                else speech.word(one, value)
                for one in columns
                for value in [row.content.get(one.name)]
            }
            own = {"version": row.version, "since": row.since, "state": states()[row.state]}
            yield cells | own

    return heads, lines()


def _width(column: Column) -> int:
    return {"number": 12, "date": 14, "choice": 18}.get(column.type, 36)


def sheet_name(title: str) -> str:
    """A title as a sheet may be called."""
    return "".join(" " if sign in "[]:*?/\\'" else sign for sign in title)
