"""Entries of catalogues as they stand on a day, and the catalogues that processes keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.catalogues.models import REMOVED, CatalogueRow
from engine.calendar import ZONE
from engine.catalogues import FOLDER, Catalogue, CatalogueInvalid, parse
from engine.fold import fold
from engine.tables import Case, Version
from engine.values import Record, Value

_read: dict[str, dict[str, Catalogue]] = {}
"""By a version's sha256, which never means another: the catalogues that it describes."""


def day(on: Any, now: datetime) -> date:
    """The day that somebody asks about: a date, the day of an instant, or today."""
    found = now if on is None else on
    if isinstance(found, str):
        return date.fromisoformat(found)
    return found.astimezone(ZONE).date() if isinstance(found, datetime) else found


def on_day(session: Session, catalogue: str, on: date) -> list[CatalogueRow]:
    """The row of each entry that holds on a day, removed ones left out, by what it is called."""
    newest = sa.func.row_number().over(
        partition_by=CatalogueRow.entry,
        order_by=(CatalogueRow.effective_from.desc(), CatalogueRow.id.desc()),
    )
    ranked = (
        sa.select(CatalogueRow, newest.label("place"))
        .where(CatalogueRow.catalogue == catalogue, CatalogueRow.effective_from <= on)
        .subquery()
    )
    row = aliased(CatalogueRow, ranked)
    query = sa.select(row).where(ranked.c.place == 1, row.state != REMOVED)
    return sorted(session.scalars(query), key=lambda one: (fold(one.label), one.entry))


def one(session: Session, catalogue: str, entry: str, on: date) -> CatalogueRow | None:
    """The row of an entry that holds on a day; None before it began and after it was removed."""
    query = sa.select(CatalogueRow).where(
        CatalogueRow.catalogue == catalogue,
        CatalogueRow.entry == entry,
        CatalogueRow.effective_from <= on,
    )
    order = (CatalogueRow.effective_from.desc(), CatalogueRow.id.desc())
    found = session.scalar(query.order_by(*order).limit(1))
    return None if found is None or found.state == REMOVED else found


def history(session: Session, catalogue: str, entry: str) -> list[CatalogueRow]:
    """All that was done to an entry, the last first."""
    query = sa.select(CatalogueRow).where(
        CatalogueRow.catalogue == catalogue, CatalogueRow.entry == entry
    )
    order = (CatalogueRow.effective_from.desc(), CatalogueRow.id.desc())
    return list(session.scalars(query.order_by(*order)))


def told(row: CatalogueRow) -> Record:
    """An entry as drawings read it: its columns, and what every entry has (`OWN`)."""
    own: dict[str, Value] = {
        "key": row.entry, "label": row.label, "version": row.version, "state": row.state,
        "since": row.since, "replaces": row.replaces,
    }  # fmt: skip
    return {**row.content, **own}


@dataclass(frozen=True)
class Kept:
    """A catalogue by its newest deployed description, and the process that keeps it."""

    key: str
    catalogue: Catalogue
    process: str


def known(session: Session) -> dict[str, Kept]:
    """Every catalogue that some deployed version describes, by its key."""
    query = sa.select(Version.id, Version.process_key, Version.sha256).order_by(Version.id)
    found: dict[str, Kept] = {}
    for version_id, process, sha256 in session.execute(query).all():
        if sha256 not in _read:
            files = session.scalar(sa.select(Version.files).where(Version.id == version_id))
            _read[sha256] = _described(files or {})
        for key, catalogue in _read[sha256].items():
            found[key] = Kept(key, catalogue, process)
    return found


def of_case(session: Session, case_id: int, key: str) -> Catalogue | None:
    """The catalogue as the version of a case describes it; None when it keeps no such one."""
    query = sa.select(Version.sha256, Version.id).join(Case, Case.version_id == Version.id)
    sha256, version_id = session.execute(query.where(Case.id == case_id)).one()
    if sha256 not in _read:
        files = session.scalar(sa.select(Version.files).where(Version.id == version_id))
        _read[sha256] = _described(files or {})
    return _read[sha256].get(key)


def _described(files: Mapping[str, str]) -> dict[str, Catalogue]:
    found = {}
    for path, text in files.items():
        if path.startswith(f"{FOLDER}/"):
            try:
                found[path.removeprefix(f"{FOLDER}/").removesuffix(".json")] = parse(text)
            except CatalogueInvalid:
                continue
    return found
