"""A group of the agency's own is made, or ends, by an approved request (KH-7.2a, KH-7.2b).

Each in the caller's transaction. The groups of the regulations never end: what they may do can be
withdrawn from them, but their clauses name them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people import vietnamese
from app.people.log import Origin, record
from app.people.rights import changes, drawn, duties, grants, groups
from app.people.rights.groups import day_of
from engine.errors import Refusal
from engine.tables import Activation, Candidate, Case, Task, Version

KIND = "internal"
"""Whom a group of the agency's own is for: administrators work in no case (HP-6.3)."""


class NameTaken(Refusal):
    """There is a group called "{name}" already. Choose another name."""

    status = 409


class GroupShipped(Refusal):
    """The group "{group}" is one of the regulations' and cannot end; only what it may do can be withdrawn."""  # noqa: E501

    status = 409


class GroupAtWork(Refusal):
    """The group "{group}" still has {tasks} open tasks. Give them to another group first."""

    status = 409


class GroupDrawn(Refusal):
    """The group "{group}" is named by drawings in force: {drawings}. Put other drawings in force first; tasks for this group would reach nobody."""  # noqa: E501

    status = 409


@dataclass(frozen=True)
class NewGroup:
    """A group to be made; permissions: what it brings. until: its last day, None is for good."""

    name: str
    name_en: str
    permissions: tuple[str, ...]
    basis: str
    until: date | None = None


def make(
    session: Session, new: NewGroup, *, origin: Origin, day: date | None = None
) -> groups.Group:
    """The group is there from that day (today) on, and nobody is in it yet.

    Raises NothingAsked, DaysWrong, NameTaken, DutyUnknown, PairApart.
    """
    begins, name = day or day_of(origin.now), vietnamese.tidy(new.name)
    if not name or not new.permissions:
        raise changes.NothingAsked()
    if new.until is not None and new.until < begins:
        raise changes.DaysWrong()
    groups.lock(session)
    known = groups.on_day(session, date.max)
    if any(vietnamese.fold(one.name) == vietnamese.fold(name) for one in known.values()):
        raise NameTaken(name=name)
    for duty in new.permissions:
        if duty not in groups.permissions():
            raise changes.DutyUnknown(duty=duty, group=name)
    group = groups.Group(
        _free_key(name, known), name, vietnamese.tidy(new.name_en) or name, "",
        frozenset({KIND}), frozenset(new.permissions),
    )  # fmt: skip
    changes.require_apart(session, group, group.permissions, duties.Days(begins, new.until))
    session.add(changes.row_of(group, group.permissions, begins, new.basis, origin=origin))
    if new.until is not None:
        _add_end(session, group, new.until + timedelta(days=1), new.basis, origin=origin)
    record(
        session, "group_made", "", origin=origin, group=group.key, name=name,
        given=", ".join(sorted(group.permissions)), valid_from=begins, valid_to=new.until,
        basis=new.basis or None,
    )  # fmt: skip
    return group


def _free_key(name: str, known: dict[str, groups.Group]) -> str:
    """A key by the name that no group has or had: drawings may name it."""
    plain = re.sub(r"[^a-z0-9]+", "-", vietnamese.fold(name)).strip("-")[:70] or "nhom"
    key, number = plain, 1
    while key in known:
        number += 1
        key = f"{plain}-{number}"
    return key


def end(session: Session, key: str, day: date, *, origin: Origin, basis: str = "") -> None:
    """The group brings nothing any more from that day on, and nobody can be in it.

    Who was in it stays on record. Raises GroupUnknown, GroupShipped, GroupChangesLater,
    GroupAtWork, GroupDrawn.
    """
    groups.lock(session)
    before = groups.on_day(session, day).get(key)
    if before is None or before.is_ended:
        raise grants.GroupUnknown(group=key)
    if key in groups.catalogue():
        raise GroupShipped(group=before.name)
    changes.require_last(session, before, day)
    offered = (
        sa.select(sa.func.count(sa.distinct(Task.id)))
        .join(Candidate, Candidate.task_id == Task.id)
        .where(Task.status == "open", Candidate.who.startswith(f"{key}@", autoescape=True))
    )
    waiting = session.scalar(offered) or 0
    if waiting:
        raise GroupAtWork(group=before.name, tasks=waiting)
    drawn = drawings(session, key, origin.now)
    if drawn:
        raise GroupDrawn(group=before.name, drawings="; ".join(drawn))
    _add_end(session, before, day, basis, origin=origin)
    record(
        session, "group_ended", "", origin=origin, group=key, name=before.name, valid_from=day,
        basis=basis or None,
    )  # fmt: skip


def drawings(session: Session, key: str, now: datetime) -> list[str]:
    """The names of the processes of which a drawing, table or form that is or will be in force, or
    by which a case is still open, names the group.
    """
    used = set(session.scalars(sa.select(Case.version_id).where(Case.status == "open").distinct()))
    begun: dict[str, int] = {}
    activations = sa.select(Activation).order_by(Activation.active_from, Activation.id)
    for row in session.scalars(activations):
        if row.active_from <= now:
            begun[row.process_key] = row.version_id
        else:
            used.add(row.version_id)
    query = sa.select(Version.name, Version.files).where(
        Version.id.in_(used | set(begun.values()))
    )
    found = {name for name, files in session.execute(query) if drawn.names(files, key)}
    return sorted(found, key=vietnamese.sort_key)


def _add_end(
    session: Session, group: groups.Group, day: date, basis: str, *, origin: Origin
) -> None:
    ended = replace(group, kinds=frozenset())
    session.add(changes.row_of(ended, frozenset(), day, basis, origin=origin))
