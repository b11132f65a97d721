"""A change of units that is decided and has not begun is called off: everything that it wrote for
its day is as it was before, in one transaction, or nothing is changed.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.log import Origin, record
from app.people.models import (
    Account,
    Grant,
    Person,
    Post,
    UnitChange,
    UnitField,
    UnitHeir,
    UnitSpan,
)
from app.people.organisation import restoring, traces, units
from app.people.rights import lineage
from app.people.rights.groups import day_of
from engine import Engine
from engine.errors import Refusal
from engine.succession import OpenWork, open_work

_DAY = timedelta(days=1)

TREE = ("unit_span", "unit_heir", "unit_field")
"""Tables that only changes of units write: what they say now must be what the change wrote."""


class AlreadyInEffect(Refusal):
    """This change has been in effect since {day} and cannot be called off: what was done since then rests on it. Decide another change of the unit from today or a later day on."""  # noqa: E501

    status = 409


class AlreadyCalledOff(Refusal):
    """{by} called this change off already. Nothing is left to be called off."""

    status = 409


class NotKept(Refusal):
    """This change was decided before changes could be called off. Decide another change of the unit for the same day or a later one."""  # noqa: E501

    status = 409


class RestsOnIt(Refusal):
    """Something decided later rests on this change: {units}. Call that off first, or move it elsewhere; then call off this one."""  # noqa: E501

    status = 409


@dataclass
class Undone:
    """What calling a change off brings back, for the page that asks.

    founded: units that never come to be. kept: units that go on. posts, grants: of
    people, as they go on; elsewhere: how many posts and rights do not begin in other units.
    """

    founded: list[UnitSpan] = field(default_factory=list)
    kept: list[UnitSpan] = field(default_factory=list)
    posts: list[tuple[str, Post]] = field(default_factory=list)
    grants: list[tuple[str, Grant]] = field(default_factory=list)
    elsewhere: int = 0
    work: list[OpenWork] = field(default_factory=list)


def require_planned(session: Session, change: UnitChange, on: date) -> dict[str, Any]:
    """What the change wrote. Raises AlreadyCalledOff, AlreadyInEffect, NotKept, RestsOnIt."""
    if change.called_off_at is not None:
        raise AlreadyCalledOff(by=change.called_off_by)
    if change.day <= day_of(on) or change.took_effect_at is not None:
        raise AlreadyInEffect(day=change.day.strftime("%d/%m/%Y"))
    wrote = change.wrote
    if wrote is None:
        raise NotKept()
    touched = set(_altered_since(session, wrote)) | set(_built_on(session, change, wrote))
    touched |= set(_taken_further(session, change, wrote))
    if touched:
        names = sorted(_named(session, change, one) for one in touched)
        raise RestsOnIt(units="; ".join(names))
    return wrote


def is_planned(change: UnitChange, on: date) -> bool:
    """Whether the change waits for its day, and what it wrote is known, to be undone."""
    waits = change.called_off_at is None and change.took_effect_at is None
    return waits and change.day > day_of(on) and change.wrote is not None


def _named(session: Session, change: UnitChange, code: str) -> str:
    """The unit by its last name, with what was decided of it later, if it is known."""
    name = sa.select(UnitSpan.name).where(UnitSpan.unit_code == code)
    last = session.scalar(name.order_by(UnitSpan.valid_from.desc()).limit(1)) or code
    others = sa.select(UnitChange).where(
        UnitChange.unit_code == code, UnitChange.id > change.id, UnitChange.called_off_at.is_(None)
    )
    told = [
        f"{other.basis}, {other.day:%d/%m/%Y}"
        for other in session.scalars(others.order_by(UnitChange.day, UnitChange.id))
    ]
    return f"{last} ({'; '.join(told)})" if told else last


def _altered_since(session: Session, wrote: dict[str, Any]) -> Iterator[str]:
    """Units of which something was decided since that calling off would overwrite.

    A name of the days before it does not: it goes on. Nor does what units work in.
    """
    for table in ("unit_span", "unit_heir"):
        for key, written in wrote["begun"].get(table, {}).items():
            row = traces.found(session, table, key)
            if row is None or not _says_still(session, row, written):
                yield written["unit_code"]
        for key, columns in wrote["altered"].get(table, {}).items():
            row = traces.found(session, table, key)
            if row is None:
                continue
            says = traces.said(row)
            for name, (_before, after) in columns.items():
                is_kept = says[name] == after
                if name == "valid_to":
                    is_kept = _last_part(session, row, after) is not None
                if not is_kept:
                    yield row.unit_code


def _says_still(session: Session, row: Any, written: dict[str, Any]) -> bool:
    """Whether the row says what the change wrote. A span may also say what was decided since for
    the days before it, and goes on in it: it does so in the span that it gives way to.
    """
    says = traces.said(row)
    other = {column for column, value in written.items() if says[column] != value}
    if not other:
        return True
    if type(row) is not UnitSpan or "valid_to" in other:
        return False
    before = session.scalar(sa.select(UnitSpan).where(
        UnitSpan.unit_code == row.unit_code, UnitSpan.valid_to == row.valid_from - _DAY
    ))  # fmt: skip
    return before is not None and all(getattr(before, one) == getattr(row, one) for one in other)


def _built_on(session: Session, change: UnitChange, wrote: dict[str, Any]) -> Iterator[str]:
    """Units that the change founds and in which something else is to be."""
    founded = set(wrote["begun"].get("unit", {}))
    if not founded:
        return
    mine = {table: {int(key) for key in wrote["begun"].get(table, {})} for table in traces.DATED
            if table != "unit"}  # fmt: skip
    for row, column in (
        (UnitSpan, UnitSpan.unit_code), (UnitSpan, UnitSpan.parent_code),
        (UnitHeir, UnitHeir.heir_code), (UnitField, UnitField.unit_code),
        (Post, Post.unit_code), (Grant, Grant.unit_code),
    ):  # fmt: skip
        query = sa.select(column, row.id).where(column.in_(founded))
        if row is Grant:
            query = query.where(Grant.revoked_at.is_(None))
        for unit, number in session.execute(query):
            if number not in mine[row.__tablename__]:
                yield str(unit)
    yield from session.scalars(sa.select(Account.unit_code).where(
        Account.unit_code.in_(founded), Account.status != "closed"
    ))  # fmt: skip
    others = sa.select(UnitChange).where(
        UnitChange.id != change.id, UnitChange.called_off_at.is_(None)
    )
    for other in session.scalars(others.where(UnitChange.day >= change.day)):
        yield from founded & set(targets(other))


def _taken_further(session: Session, change: UnitChange, wrote: dict[str, Any]) -> Iterator[str]:
    """Units whose later change ends or moves on what this one begins."""
    begun = {table: set(rows) for table, rows in wrote["begun"].items()}
    for key in wrote["begun"].get("grant", {}):
        root = traces.found(session, "grant", key)
        begun["grant"] |= {str(row.id) for row in lineage.tree(session, root)} if root else set()
    later = sa.select(UnitChange).where(
        UnitChange.id > change.id, UnitChange.called_off_at.is_(None), UnitChange.day >= change.day
    )
    for other in session.scalars(later):
        altered = (other.wrote or {}).get("altered", {})
        if any(altered.get(table, {}).keys() & rows for table, rows in begun.items()):
            yield other.unit_code


def targets(change: UnitChange) -> set[str]:
    """The codes of the other units that the change names; a new name is about none."""
    if change.kind == "rename":
        return set()
    plan = change.plan
    named = [plan.get(name) for name in ("into", "below_to", "work_to", "parent")]
    named += [*plan.get("people", {}).values(), *plan.get("by_process", {}).values()]
    return {str(code) for code in named if code} - {change.unit_code}


def taking_over(session: Session, unit: str) -> set[str]:
    """The units to which a planned change of this one sends people, and where those go on to."""
    found: set[str] = set()
    planned = _sent(session, {unit}, UnitChange.took_effect_at.is_(None))
    while planned - found:
        found |= planned
        planned = _sent(session, found)
    return found


def _sent(session: Session, units_of: set[str], *which: sa.ColumnElement[bool]) -> set[str]:
    decided = sa.select(UnitChange).where(
        UnitChange.unit_code.in_(sorted(units_of)), UnitChange.called_off_at.is_(None), *which
    )
    found: set[str] = set()
    for change in session.scalars(decided):
        if not which and not change.plan.get("ends"):
            continue  # A unit that goes on keeps what is on its way to it.
        found |= targets(change) | {str(new["code"]) for new in change.plan.get("new_units", ())}
    return found


def undone(session: Session, change: UnitChange) -> Undone:
    """What calling the change off brings back."""
    found, wrote = Undone(), change.wrote or {"begun": {}, "altered": {}}
    founded = wrote["begun"].get("unit", {})
    for key, row in wrote["begun"].get("unit_span", {}).items():
        span = traces.found(session, "unit_span", key)
        if span is not None and row["unit_code"] in founded:
            found.founded.append(span)
    for key in wrote["altered"].get("unit_span", {}):
        span = traces.found(session, "unit_span", key)
        if span is not None:
            found.kept.append(span)
    for key in wrote["altered"].get("post", {}):
        post = traces.found(session, "post", key)
        if post is not None:
            person = session.get_one(Person, post.person_id)
            found.posts.append((person.full_name, post))
    for key in wrote["altered"].get("grant", {}):
        grant = traces.found(session, "grant", key)
        account = session.get_one(Account, grant.account_id)
        found.grants.append((session.get_one(Person, account.person_id).full_name, grant))
    found.elsewhere = sum(len(wrote["begun"].get(table, {})) for table in ("post", "grant"))
    found.work = open_work(session, change.unit_code) if wrote.get("errands") else []
    return found


def call_off(
    session: Session, engine: Engine, change: UnitChange, *, origin: Origin, reason: str
) -> None:
    """The change never begins, and the account log says who called it off and why, and what each
    row said that was to be.

    Posts and rights that were ended or withdrawn otherwise since stay so, day by day. Raises what
    `require_planned` raises, and DutiesClash where somebody has been given since what does not go
    with a right that would come back.
    """
    units.lock(session)
    # Of two that call it off at once the second finds it called off.
    session.refresh(change, with_for_update=True)
    wrote = require_planned(session, change, origin.now)
    for key in wrote["errands"]:
        engine.call_off(session, key)
    rights = restoring.Rights(session, wrote, origin, reason)
    rights.take_back()
    _take_back(session, change, wrote, origin, reason)
    for table in TREE:
        for key, columns in wrote["altered"].get(table, {}).items():
            _restore(session, table, key, columns)
    _pass_on(session, change, wrote)
    restoring.posts(session, wrote, origin=origin, reason=reason)
    session.flush()  # Rights come back within units that are there again.
    rights.restore(change.day)
    change.called_off_at, change.called_off_by = origin.now, origin.actor
    change.called_off_reason = reason
    record(
        session, "unit_change_called_off", "", origin=origin, unit=change.unit_code,
        change=change.kind, valid_from=change.day, reason=reason,
    )  # fmt: skip


def _take_back(
    session: Session, change: UnitChange, wrote: dict[str, Any], origin: Origin, reason: str
) -> None:
    """Rows that never held are gone, each told to the log whole. A unit's code is free again,
    because it never was one.
    """
    for table in (*TREE, "post"):
        for key in wrote["begun"].get(table, {}):
            row = traces.found(session, table, key)
            if row is None:
                continue
            says = traces.said(row)
            told = {"change_id": change.id, "table": table, "row": says, "reason": reason}
            event = "planned_row_withdrawn"
            if table == "post":
                event = "post_called_off"
                person = session.get_one(Person, row.person_id)
                told |= {"person": person.full_name, "kind": row.kind, "title": row.title or None}
            told |= {"valid_from": row.valid_from, "valid_to": row.valid_to}
            record(session, event, "", origin=origin, unit=row.unit_code, **told)
            session.delete(row)
    session.flush()  # A unit's earlier span goes on where the deleted one began.


def _restore(session: Session, table: str, key: str, columns: dict[str, Any]) -> None:
    """The row says what it said before, unless a field of work was ended otherwise since."""
    row = traces.found(session, table, key)
    for name, (before, after) in columns.items() if row is not None else ():
        part = _last_part(session, row, after) if name == "valid_to" else row
        if part is not None:
            setattr(part, name, traces.told(type(row), name, before))


def _pass_on(session: Session, change: UnitChange, wrote: dict[str, Any]) -> None:
    """A later decision that took up where this one began takes up what was there before it."""
    others = sa.select(UnitChange).where(
        UnitChange.id > change.id,
        UnitChange.called_off_at.is_(None),
        UnitChange.wrote.is_not(None),
    )
    for other in session.scalars(others):
        kept = copy.deepcopy(other.wrote) or {}
        for key, columns in wrote["altered"].get("unit_span", {}).items():
            row = traces.found(session, "unit_span", key)
            if row is None or "valid_to" not in columns:
                continue
            before, after = columns["valid_to"]
            for begun in kept["begun"].get("unit_span", {}).values():
                if begun["unit_code"] == row.unit_code and begun["valid_to"] == after:
                    begun["valid_to"] = before
            altered = kept["altered"].get("unit_span", {}).get(key, {}).get("valid_to")
            if altered is not None and altered[0] == after:
                altered[0] = before
        if kept != other.wrote:
            other.wrote = kept


def _last_part(session: Session, row: Any, after: str | None) -> Any:
    """The row as it ends on the eve of the change: of a span the part after a later rename. None
    where it ends otherwise.
    """
    if traces.plain(row.valid_to) == after:
        return row
    if type(row) is not UnitSpan or after is None:
        return None
    until = date.fromisoformat(after)
    parts = sa.select(UnitSpan).where(
        UnitSpan.unit_code == row.unit_code, UnitSpan.valid_to == until
    )
    return session.scalar(parts)
