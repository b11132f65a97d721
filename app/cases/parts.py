"""What the page and the list of cases tell whoever has a part of a case alone.

From outside they read besides their own steps what the process says that they are told: its
property `state` how the case stands ("{{state}}", filled from the declared columns), its property
`shows` facts and files, and `due` among them until when it is done.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app import audience, web
from app.cases import queries, showing
from app.cases.showing import Sheet
from app.i18n import language
from engine import glimpses, reach, shown, views
from engine.ports import Actor
from engine.reads import CaseRow


@dataclass(frozen=True)
class Told:
    """What a row of the list says of a case: in words, and until when it is done."""

    state: str
    due_at: datetime | None
    paused: bool


def page(session: Session, found: views.CaseView, actor: Actor) -> dict[str, Any]:
    """What stands on the page of a case for whoever has their own steps of it alone."""
    now = web.engine().clock()
    open_tasks = [task for task in found.tasks if task.status == "open"]
    world = views.functions(session, web.engine().mover, found.row.id, actor=actor, now=now)
    sheet = Sheet(found.program, found.data, now, language(), world)
    told = glimpses.told(found, actor)
    kept = {file.id: file for file in found.files}
    numbers = dict.fromkeys(shown.among(list(told.values())))
    return {
        "case": found,
        "row": found.row,
        "mine": open_tasks,
        "done": [task for task in reversed(found.tasks) if task.status == "completed"],
        "says": says(found.program, found.row, actor, now),
        "facts": [
            (sheet.called(name), sheet.told(name, value))
            for name, value in told.items()
            if not list(shown.among(value))
        ],
        "papers": [kept[number] for number in numbers if number in kept],
        **audience.page(session, found, actor),
        **queries.stands(session, found),
    }


def says(program: Any, row: CaseRow, actor: Actor, now: datetime) -> str:
    """How the case stands, as its process says it to those from outside; "" if it does not."""
    if not reach.is_outside(actor):
        return ""
    return showing.state_of(program.process, row.columns, now, language())


def listed(session: Session, rows: Iterable[CaseRow], actor: Actor) -> dict[int, Told]:
    """The same for the rows of a list that are parts, by case; nothing of what they are not told.

    Programs are kept, and somebody from outside has few cases: each costs one statement.
    """
    now, found = web.engine().clock(), {}
    for row in rows:
        if row.whole or not reach.is_outside(actor):
            continue
        program = views.program(session, web.engine().mover, row.version_id)
        own = views.case_row(session, row.id)
        is_told = own.status == "open" and glimpses.DUE in glimpses.shown_names(program)
        found[row.id] = Told(
            says(program, own, actor, now),
            own.due_at if is_told else None,
            own.paused_at is not None,
        )
    return found
