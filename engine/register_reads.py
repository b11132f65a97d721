"""Registers as lists of cases: which there are, and the rows of one, sorted and narrowed.

A register has no data of its own: its rows are the cases of the versions that name it, found and
sorted by their declared, typed and indexed columns, in the bounds of what the reader may see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine import bpmn_reader, reach, reads
from engine.bundles import drawing_path
from engine.calendar import ZONE
from engine.fold import fold
from engine.ports import Actor
from engine.reads import CaseRow, case_columns
from engine.registers import DAYS, FOLDER, OWN, Entered, Register, RegisterInvalid, parse
from engine.spelling import split
from engine.tables import Case, CaseColumn, Version

_read: dict[str, tuple[dict[str, Register], dict[str, str]]] = {}
"""By a version's sha256, which never means another: its registers, and its columns' kinds."""
_ANY = object()
_OWN_COLUMNS: Mapping[str, Any] = {
    "code": Case.id, "title": Case.title, "unit": Case.unit, "status": Case.status,
    "outcome": Case.outcome, "started_by": Case.started_by, "started_at": Case.started_at,
    "closed_at": Case.closed_at, "due_at": Case.due_at,
}  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """A register in the newest description that was deployed, and the versions that name it."""

    key: str
    register: Register
    versions: tuple[int, ...]
    kinds: Mapping[str, str]
    declared: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    def spelled(self, name: str) -> dict[str, list[int]]:
        """By which name which versions call a column; by its own those that have it not."""
        found: dict[str, list[int]] = {}
        for version in self.versions:
            of = self.declared.get(version, {})
            called = next((one for one in self.register.names(name) if one in of), name)
            found.setdefault(called, []).append(version)
        return found

    def kind(self, name: str) -> str:
        """text, number, date, instant or boolean."""
        return OWN.get(name) or self.kinds.get(name, "text")


@dataclass(frozen=True)
class Wanted:
    """How a list is narrowed and sorted. filters: by column, what its value contains or is."""

    text: str = ""
    unit: str | None = None
    since: date | None = None
    until: date | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str | None = None
    is_descending: bool = False


def known(session: Session) -> dict[str, Kept]:
    """Every register that some deployed version names, by its key."""
    query = sa.select(Version.id, Version.process_key, Version.sha256).order_by(Version.id)
    rows = session.execute(query).all()
    for version_id, process, sha256 in rows:
        if sha256 not in _read:
            files = session.scalar(sa.select(Version.files).where(Version.id == version_id))
            _read[sha256] = _registers(process, files or {})
    found: dict[str, Kept] = {}
    for version_id, _process, sha256 in rows:
        registers, kinds = _read[sha256]
        for key, register in registers.items():
            before = found.get(key)
            versions = (*(before.versions if before else ()), version_id)
            merged = {**(before.kinds if before else {}), **kinds}
            declared = {**(before.declared if before else {}), version_id: kinds}
            found[key] = Kept(key, register, versions, merged, declared)
    return found


def entered(session: Session) -> dict[str, Entered]:
    """With which columns cases stand in the registers, by their keys."""
    begun = sa.exists().where(Case.version_id == Version.id)
    used = set(session.scalars(sa.select(Version.id).where(begun)))
    found = {}
    for key, kept in known(session).items():
        kinds = {
            name: kind
            for version in kept.versions
            if version in used
            for name, kind in kept.declared[version].items()
        }
        if kinds:
            named = dict.fromkeys(
                one for name in kept.register.named for one in kept.register.names(name)
            )
            found[key] = Entered(tuple(named), kinds)
    return found


def _registers(
    process: str, files: Mapping[str, str]
) -> tuple[dict[str, Register], dict[str, str]]:
    texts = {
        path.removeprefix(f"{FOLDER}/").removesuffix(".json"): text
        for path, text in files.items()
        if path.startswith(f"{FOLDER}/")
    }
    if not texts:
        return {}, {}
    path = drawing_path(process)
    drawn = bpmn_reader.read(files[path], path).process(process)
    own = drawn.properties if drawn is not None else {}
    kinds = {}
    for part in split(own.get("columns", "")):
        name, _, kind = part.partition("=")[0].partition(":")
        kinds[name.strip()] = kind.strip() or "text"
    registers = {}
    for key in split(own.get("registers", "")):
        try:
            registers[key] = parse(texts[key])
        except (KeyError, RegisterInvalid):
            continue
    return registers, kinds


def count(session: Session, actor: Actor, kept: Kept, wanted: Wanted) -> int:
    """How many cases stand there."""
    query = _narrowed(sa.select(sa.func.count()).select_from(Case), actor, kept, wanted)
    return session.scalar(query) or 0


def rows(
    session: Session,
    actor: Actor,
    kept: Kept,
    wanted: Wanted,
    *,
    start: int = 0,
    limit: int | None = None,
) -> Iterator[CaseRow]:
    """The cases that stand there and that the actor may see, in the order wanted."""
    query = sa.select(*case_columns()).join(Version, Version.id == Case.version_id)
    query = _sorted(_narrowed(query, actor, kept, wanted), kept, wanted)
    if limit is not None:
        query = query.limit(limit).offset(start)
    for row in session.execute(query.execution_options(yield_per=500)):
        yield _renamed(kept, CaseRow(*row))


def _renamed(kept: Kept, row: CaseRow) -> CaseRow:
    """The row with each of its values under every name that the column has or had."""
    for new, former in kept.register.formerly.items():
        names = (new, *former)
        has = next((name for name in names if name in row.columns), None)
        if has is not None:
            row = replace(row, columns=dict.fromkeys(names, row.columns[has]) | row.columns)
    return row


def equal(session: Session, kept: Kept, wanted: Mapping[str, Any], *, most: int) -> list[CaseRow]:
    """The newest cases that stand there with just these values, whoever asks; texts are equal
    without accents and case. A value that is None narrows nothing.
    """
    said = {name: value for name, value in wanted.items() if value is not None}
    query = sa.select(*case_columns()).join(Version, Version.id == Case.version_id)
    query = query.where(Case.version_id.in_(kept.versions))
    if kept.register.given is not None:
        said.setdefault(kept.register.given, _ANY)
    for name, value in said.items():
        query = query.where(_is(kept, name, value))
    rows = session.execute(query.order_by(Case.id.desc()).limit(most))
    return [_renamed(kept, CaseRow(*row)) for row in rows]


def _is(kept: Kept, name: str, value: Any) -> sa.ColumnElement[bool]:
    """That a case has the value there; one of another kind than the column's nothing has."""

    def same(column: Any) -> Any:
        return column.is_not(None) if value is _ANY else column == value

    if value is not _ANY:
        value = _as_kept(kept.kind(name), value, folded=name not in OWN)
    if value is None:
        return sa.false()
    if name in OWN:
        return sa.and_(same(Case.code if name == "code" else _OWN_COLUMNS[name]))
    return _has(kept, name, same)


def _as_kept(kind: str, value: Any, *, folded: bool) -> Any:
    if kind in DAYS:
        if isinstance(value, datetime):
            return value.astimezone(ZONE).date() if folded else value
        return value if isinstance(value, date) and folded else None
    if kind == "number":
        is_number = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
        return value if is_number else None
    if kind == "boolean":
        return str(value).lower() if isinstance(value, bool) else None
    if not isinstance(value, str):
        return None
    return fold(value) if folded else value


def _narrowed(query: sa.Select[Any], actor: Actor, kept: Kept, wanted: Wanted) -> sa.Select[Any]:
    register = kept.register
    said = [Case.version_id.in_(kept.versions), *reach.visible(actor)]
    said += reads._filters(wanted.text, None, [Case.search])
    if wanted.unit:
        said.append(Case.unit == wanted.unit)
    if register.given is not None and register.given in OWN:
        said.append(_OWN_COLUMNS[register.given].is_not(None))
    elif register.given:
        said.append(_has(kept, register.given, lambda value: value.is_not(None)))
    if register.period is not None:
        said += _within(kept, register.period, wanted)
    for name, text in wanted.filters.items():
        said.append(_is_like(kept, name, text))
    return query.where(*said)


def _value(kept: Kept, name: str, row: Any = CaseColumn) -> Any:
    kind = kept.kind(name)
    return {"number": row.number, "date": row.day, "instant": row.day, "boolean": row.text}.get(
        kind, row.folded
    )


def _has(kept: Kept, name: str, condition: Any) -> sa.ColumnElement[bool]:
    found = sa.exists().where(
        CaseColumn.case_id == Case.id,
        _called(kept, name, CaseColumn.name),
        condition(_value(kept, name)),
    )
    return found.correlate(Case)


def _called(kept: Kept, name: str, column: Any) -> sa.ColumnElement[bool]:
    """That the column of a case is the one of that name, as its version calls it."""
    ways = kept.spelled(name)
    if len(ways) < 2:
        return sa.and_(column == next(iter(ways), name))
    # A name may have been given to another column since: each version is asked for its own.
    return sa.or_(
        *(sa.and_(column == one, Case.version_id.in_(of)) for one, of in ways.items())
    )  # fmt: skip


def _within(kept: Kept, name: str, wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    for day, is_first in ((wanted.since, True), (wanted.until, False)):
        if day is None:
            continue
        if name in OWN:
            at = datetime.combine(day if is_first else day + timedelta(days=1), time(), ZONE)
            column = _OWN_COLUMNS[name]
            yield column >= at if is_first else column < at
        elif is_first:
            yield _has(kept, name, lambda value, day=day: value >= day)
        else:
            yield _has(kept, name, lambda value, day=day: value <= day)


def _is_like(kept: Kept, name: str, text: str) -> sa.ColumnElement[bool]:
    if name in OWN:
        column = Case.code if name == "code" else _OWN_COLUMNS[name]
        return sa.cast(column, sa.Text).contains(text, autoescape=True)
    if kept.kind(name) == "number":
        try:
            number = Decimal(text.replace(",", "."))
        except InvalidOperation:
            return sa.false()
        return _has(kept, name, lambda value: value == number)
    words = fold(text.replace("\0", ""))
    return _has(kept, name, lambda value: value.contains(words, autoescape=True))


def _sorted(query: sa.Select[Any], kept: Kept, wanted: Wanted) -> sa.Select[Any]:
    register = kept.register
    name = wanted.sort or register.sort
    is_descending = wanted.is_descending if wanted.sort else register.is_descending

    def way(column: Any) -> Any:
        return column.desc() if is_descending else column.asc()

    if name in OWN:
        return query.order_by(way(_OWN_COLUMNS[name]), way(Case.id))
    by = aliased(CaseColumn)
    on = sa.and_(by.case_id == Case.id, _called(kept, name, by.name))
    # Where every row has a value the index gives them in order; nothing has to be sorted.
    query = query.join(by, on, isouter=name != register.given)
    return query.order_by(way(_value(kept, name, by)), way(Case.id))


def sorted_by(wanted: Wanted, name: str) -> Wanted:
    """The same list by another column; by the same one, the other way round."""
    turned = wanted.sort == name and not wanted.is_descending
    return replace(wanted, sort=name, is_descending=turned)
