"""Who may take a task over from who holds it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app import picking, web, who
from app.i18n import language
from app.inbox import queries
from engine import views
from engine.ports import Actor


def able(session: Session, task_id: int, actor: Actor) -> tuple[views.TaskView, list[who.Holder]]:
    """The task, and everybody who may take it over today from who holds it.

    Raises NotPermitted when the actor may not hand it over.
    """
    found = queries.view(session, task_id, actor)
    if not queries.may_assign(found, actor):
        actor.require("tasks.assign", found.row.unit or "")
    people = who.holders(session, found.candidates, web.engine().clock())
    return found, [person for person in people if person.name != found.row.assignee]


def assign_page(
    session: Session, task_id: int, actor: Actor, *, words: str = ""
) -> dict[str, Any]:
    """Everything that the page for handing a task over shows; words: by which somebody is sought
    where they are too many for a list.
    """
    found, people = able(session, task_id, actor)
    rows = _colleagues(session, people)
    many = len(rows) > picking.MANY
    return {
        "task": found.row,
        "people": rows,
        "picker": picking.picker(_as_choices(rows), (), words) if many else None,
    }


def found_for(session: Session, task_id: int, actor: Actor, words: str) -> dict[str, Any]:
    """Who is found among those who may take the task over, see `picking.answer`."""
    _, people = able(session, task_id, actor)
    rows = _as_choices(_colleagues(session, people))
    return picking.answer(picking.search(rows, words))


def _as_choices(rows: list[dict[str, str]]) -> list[picking.Choice]:
    return [
        picking.Choice(row["name"], f"{row['label']} ({row['name']}, {row['words']})")
        for row in rows
    ]


def _colleagues(session: Session, people: list[who.Holder]) -> list[dict[str, str]]:
    """The people by name, and what they are."""
    units = [person.unit for person in people]
    units += [person.candidacy.partition("@")[2] for person in people]
    called = who.names(session, web.engine().clock(), units=units, english=language() == "en")
    return [
        {
            "name": person.name,
            "label": person.label,
            "words": called.unit(person.unit)
            if person.candidacy.startswith("=")
            else called.candidate(person.candidacy),
        }
        for person in people
    ]
