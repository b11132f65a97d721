"""How far somebody reaches, as conditions of statements: by candidacy, by part taken, by right.

Who acts for another reaches what that one does and the permission covers. Within some units only,
a task outside them opens nothing; within some groups only, neither does what the other began or
holds by name, since it is of no group.

A drawing may keep a case from people whose part in it is a step alone. The property `sees` = task
of a user task says so of its candidates, its holder and who did it, `sees` = outside of those
among them whose account is from outside, which belongs to no unit; that of a process of who
begins a case of it, or may send it a message, by an account from outside. Such a part opens the
task and what `engine.glimpses` says; the case opens to whoever has it by another part or by right.

The property `seen_with` of a process names a permission without which nobody sees its cases by
looking over the work of a unit or of all: a colleague has no part in a request about somebody's
account. Who has a part in the case sees it with what the part opens, and an auditor sees all.

A case may be of somebody from outside though others began it for them: its declared column `party`
has their number (`Actor.stands_for`), and they get of it what such a part opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.fold import fold
from engine.ports import Actor
from engine.tables import Candidate, Case, CaseColumn, Task

TASK_ALONE = "task"
"""What the property `sees` says of a part that does not open the case."""
OUTSIDE = "outside"
"""What it says of one that does not open the case to accounts from outside."""
PARTY = "party"
"""The declared column with the number of whom a case is for, though others began it."""


def seen(properties: Mapping[str, str]) -> str | None:
    """How much of its case an element opens: "task", to those from "outside" no more than that,
    or None for all of it.

    What is written otherwise than `check` knows it opens no more than the task either.
    """
    said = properties.get("sees", "").strip()
    return OUTSIDE if said == OUTSIDE else TASK_ALONE if said else None


def guard(properties: Mapping[str, str]) -> str | None:
    """The permission with which alone the cases of a process are looked over."""
    return properties.get("seen_with", "").strip() or None


def is_alone(properties: Mapping[str, str], actor: Actor) -> bool:
    """Whether an element opens no more of the case to the actor than itself."""
    how = seen(properties)
    return is_outside(actor) if how == OUTSIDE else how is not None


def is_outside(actor: Actor) -> bool:
    """Whether the account is of somebody from outside: it belongs to no unit."""
    return actor.unit is None


def is_candidate(actor: Actor) -> sa.ColumnElement[bool]:
    """Whether a task is offered to the actor."""
    own = [] if actor.mandate is not None else [f"={actor.name}"]
    mine = [*own, *sorted(actor.candidacies)]
    return Task.id.in_(sa.select(Candidate.task_id).where(Candidate.who.in_(mine)))


def within(actor: Actor) -> list[sa.ColumnElement[bool]]:
    """What keeps somebody who acts for another to tasks of the processes and units permitted."""
    if actor.mandate is None:
        return []
    return [*_processes(actor), *_of(actor, Task.unit)]


def _processes(actor: Actor) -> list[sa.ColumnElement[bool]]:
    if actor.mandate is None or actor.mandate.processes is None:
        return []
    return [Case.process_key.in_(sorted(actor.mandate.processes))]


def _of(actor: Actor, unit: Any) -> list[sa.ColumnElement[bool]]:
    if actor.mandate is None or actor.mandate.units is None:
        return []
    return [unit.in_(sorted(actor.mandate.units))]


def took_part(actor: Actor) -> sa.ColumnElement[bool]:
    """Whether a task gives the actor a part in its case: held, done or offered."""
    found = is_candidate(actor)
    if actor.mandate is None or actor.mandate.groups is None:
        found = sa.or_(Task.assignee == actor.whose, Task.closed_by == actor.whose, found)
    return sa.and_(found, *_of(actor, Task.unit))


def began(actor: Actor) -> sa.ColumnElement[bool]:
    """Whether a case is the actor's because the account began it."""
    if actor.mandate is not None and actor.mandate.groups is not None:
        return sa.false()
    return sa.and_(Case.started_by == actor.whose, *_of(actor, Case.unit))


def is_party(actor: Actor) -> sa.ColumnElement[bool]:
    """Whether a case was begun for the actor, who is from outside, by others."""
    if not is_outside(actor) or not actor.stands_for:
        return sa.false()
    numbers = sorted(map(fold, actor.stands_for))
    named = sa.and_(CaseColumn.name == PARTY, CaseColumn.folded.in_(numbers))
    return Case.id.in_(sa.select(CaseColumn.case_id).where(named))


def opens_case(actor: Actor) -> sa.ColumnElement[bool]:
    """Whether a task gives the actor a part in its case that opens all of it."""
    free = [] if is_outside(actor) else [Task.sees == OUTSIDE]
    return sa.and_(sa.or_(Task.sees.is_(None), *free), took_part(actor))


def has_begun(actor: Actor) -> sa.ColumnElement[bool]:
    """Whether all of a case is the actor's because the account began it."""
    mine = began(actor)
    return sa.and_(mine, Case.sees.is_(None)) if is_outside(actor) else mine


def units(actor: Actor) -> list[str]:
    """Codes of the units whose work the actor may look over: by right, and the own unit."""
    found = set(actor.rights.get("cases.view", ()))
    if actor.unit and (actor.mandate is None or actor.mandate.groups is None):
        found.add(actor.unit)
    return sorted(found)


def has_step(actor: Actor) -> list[sa.ColumnElement[bool]]:
    """In which cases the actor has a step, or which they or others for them began, that may open
    no more of it.
    """
    cases = sa.select(Task.case_id).where(Task.sees.is_not(None), took_part(actor))
    own = sa.and_(began(actor), Case.sees.is_not(None))
    return [sa.or_(Case.id.in_(cases), own, is_party(actor)), *_processes(actor)]


def is_open_to(actor: Actor, guard: str | None, unit: str | None) -> bool:
    """Whether a case of that unit whose drawing says `seen_with` is the actor's to look over."""
    if guard is None:
        return True
    everywhere = actor.mandate is None and actor.may("cases.view_all")
    return actor.may(guard, None if everywhere else unit or "")


def open_to(actor: Actor) -> sa.ColumnElement[bool]:
    """As `is_open_to`, of the cases of a statement."""
    if actor.mandate is None and actor.may("cases.view_all"):
        held = sorted(name for name, units in actor.rights.items() if units)
        return sa.or_(Case.seen_with.is_(None), Case.seen_with.in_(held))
    # Most permissions of somebody hold in the same units.
    alike: dict[frozenset[str], list[str]] = {}
    for name, units in sorted(actor.rights.items()):
        alike.setdefault(frozenset(units), []).append(name)
    held_in = (
        sa.and_(Case.seen_with.in_(names), Case.unit.in_(sorted(units)))
        for units, names in alike.items()
        if units
    )
    return sa.or_(Case.seen_with.is_(None), *held_in)


def visible(actor: Actor) -> list[sa.ColumnElement[bool]]:
    """Which cases the actor may see."""
    if actor.mandate is None and actor.may("audit.view"):
        return []
    led = sa.and_(Case.unit.in_(sorted(actor.rights.get("cases.view", ()))), open_to(actor))
    if actor.mandate is None and actor.may("cases.view_all"):
        led = open_to(actor)
    cases = sa.select(Task.case_id).where(opens_case(actor))
    leads = sa.and_(led, *_of(actor, Case.unit))
    return [sa.or_(has_begun(actor), Case.id.in_(cases), leads), *_processes(actor)]
