"""What the pages of the inbox show, gathered in one place and with few statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from app import audience, law, picking, refusals, rendering, shell, web, who, words
from app.i18n import language
from app.people import settings, vietnamese
from app.who import Names
from engine import glimpses, handed, reach, reads, shown, views
from engine.errors import Refusal
from engine.ports import Actor
from engine.shown import Look
from engine.tables import Job


def names(session: Session, rows: Iterable[Any], now: datetime) -> Names:
    """What the accounts and units of some tasks are called."""
    found = list(rows)
    return who.names(
        session,
        now,
        people=[name for row in found for name in (row.assignee, row.closed_by)],
        units=[row.unit for row in found],
        english=language() == "en",
    )


def description(program: Any) -> str:
    """What the process owner says of the process, in the reader's language."""
    own = program.process.properties
    english = own.get("description_en") if language() == "en" else None
    return str(english or own.get("description") or program.process.documentation)


@dataclass(frozen=True)
class Offered:
    """A process of which the reader may start a case. field: what it belongs to, in the owner's
    words. begun: how many of the newest cases of the reader and their unit are of it.
    """

    version: Any
    description: str
    field: str
    begun: int


MOST_OFTEN = 4
"""How many processes stand before the others because they are started most."""
NEWEST = 200
"""Of the reader's cases, and of their unit's: on how many of them "often" rests."""


def offered(session: Session, actor: Actor, now: datetime) -> list[Offered]:
    """What the reader may start, most started first."""
    if not actor.may("cases.start"):
        return []
    begun = reads.begun_lately(session, actor, NEWEST)
    found = [
        Offered(version, description(program), _field(program), begun.get(version.process_key, 0))
        for version, program in views.startable(session, web.engine().mover, actor, now)
    ]
    return sorted(found, key=lambda one: -one.begun)


def by_field(found: Iterable[Offered]) -> list[tuple[str, list[Offered]]]:
    """The same under what they belong to: the field started most first, its processes by name; of
    no field last.
    """
    groups: dict[str, list[Offered]] = {}
    for one in found:
        groups.setdefault(one.field, []).append(one)
    listed = sorted(
        groups.items(), key=lambda group: (not group[0], -sum(one.begun for one in group[1]))
    )
    return [(name, sorted(rows, key=_name)) for name, rows in listed]


def _name(one: Offered) -> str:
    return vietnamese.sort_key(shell.named(one.version))


def _field(program: Any) -> str:
    own = program.process.properties
    english = own.get("field_en") if language() == "en" else None
    return str(english or own.get("field") or "")


def view(session: Session, task_id: int, actor: Actor) -> views.TaskView:
    """One task as its page shows it. Raises NotFound."""
    return views.task(session, web.engine().mover, task_id, actor)


def may_do(session: Session, task_id: int, actor: Actor) -> bool:
    """Whether the actor may do the task, as far as is known before it is sent."""
    return view(session, task_id, actor).why_not is None


def task_page(
    session: Session,
    task_id: int,
    actor: Actor,
    *,
    posted: Mapping[str, Any] | None = None,
    errors: Mapping[str, Any] | None = None,
    refusal: Refusal | None = None,
    lost: bool = False,
) -> dict[str, Any]:
    """Everything that the page of a task shows.

    posted: what was typed, when this answers an attempt. lost: somebody else has the task, so that
    what was typed can be read and copied but not sent.
    """
    now = web.engine().clock()
    found = view(session, task_id, actor)
    case = glimpses.case(session, web.engine().mover, found.row.case_id, actor, now)
    able = who.holders(session, found.candidates, now)
    allowed = _allowed(found, actor, able, lost=lost)
    values = (found.posted or {}) if posted is None else posted
    how = {"readonly": not allowed["may_work"], "whole": case.whole, "now": now}
    return {
        "task": found.row,
        "case": case,
        **audience.page(session, case, actor),
        "marks": _marks(found.row, case.row, now),
        "draft_saved_at": found.draft_saved_at,
        "fields": _rendered(found, values, errors=errors, **how),
        "submit_label": rendering.submit_label(found.form) if found.form else None,
        "summary": rendering.error_summary(found.form, errors) if errors and found.form else [],
        "refused": refusals.words(refusal) if refusal and not errors else "",
        "lost": lost,
        **allowed,
        "why_not": refusals.words(found.why_not) if found.why_not else "",
        "clauses": law.clauses(found.row.legal_basis),
        **_people(session, found, able, now),
        "upload_mb": settings.number(session, now, "upload.max_mb"),
        **_clock(found.row, case.row, now),
    }


def _people(
    session: Session, found: views.TaskView, able: list[who.Holder], now: datetime
) -> dict[str, Any]:
    """Who may do the task, who holds it, and from whom it came."""
    return {
        "candidates": _candidates(session, found, able, now),
        "names": names(session, [found.row], now),
        "handed": _handed(session, found, now),
    }


def _handed(session: Session, found: views.TaskView, now: datetime) -> str:
    """By what order the task came from somebody else to who holds it, in words."""
    came = handed.of_task(session, found.row.id)
    if came is None:
        return ""
    called = who.names(session, now, people=[came.holder])
    return gettext(
        "Handed over from %(who)s by %(case)s, %(when)s",
        who=called.person(came.holder), case=came.order, when=words.instant(came.at),
    )  # fmt: skip


def _allowed(
    found: views.TaskView, actor: Actor, able: list[who.Holder], *, lost: bool
) -> dict[str, bool]:
    """What the page offers the actor to do with the task."""
    holder = _may_hold(found, actor)
    others = any(one.name != found.row.assignee for one in able)
    return {
        "may_work": found.why_not is None and not lost and holder != "claims",
        "may_claim": found.why_not is None and holder == "claims",
        "may_release": _may_release(found, actor),
        "may_assign": may_assign(found, actor) and others,
    }


def _may_hold(found: views.TaskView, actor: Actor) -> str:
    """Whether the actor "holds" the task, still "claims" it first, or may do so "at once".

    A task for one person alone needs no claim: completing it claims it, so nothing is gained by a
    click more.
    """
    if found.row.assignee == actor.whose:
        return "holds"
    return "at once" if found.candidates == [f"={actor.whose}"] else "claims"


def _may_release(found: views.TaskView, actor: Actor) -> bool:
    """Whether the actor holds the open task and there is anybody else to hand it back to."""
    own = found.row.assignee == actor.whose and found.row.status == "open"
    return own and found.candidates != [f"={actor.whose}"]


def may_assign(found: views.TaskView, actor: Actor) -> bool:
    """Whether the actor may hand the task over: who holds it, and who looks after the unit."""
    row = found.row
    own = row.assignee == actor.name
    return row.status == "open" and (own or actor.may("tasks.assign", row.unit or ""))


def _candidates(
    session: Session, found: views.TaskView, able: list[who.Holder], now: datetime
) -> list[dict[str, Any]]:
    """Each candidacy in words, with those who hold it today; a group of which nobody is, is named
    only when nobody else may do it either.
    """
    units = [one.partition("@")[2] for one in found.candidates if "@" in one]
    people = [one[1:] for one in found.candidates if one.startswith("=")]
    called = who.names(session, now, people=people, units=units, english=language() == "en")
    held = {one.candidacy for one in able} | {f"={name}" for name in people}
    return [
        {
            "words": called.candidate(one),
            "people": [] if one.startswith("=") else [h.label for h in able if h.candidacy == one],
        }
        for one in found.candidates
        if one in held or not held
    ]


def _is_stopped(row: reads.TaskRow, case: reads.CaseRow) -> bool:
    return words.is_stopped(row.paused, row.due_at, case.due_at)


def _clock(row: reads.TaskRow, case: reads.CaseRow, now: datetime) -> dict[str, Any]:
    """Since when the task's clock stands still, if it does, and how much of its time is gone."""
    stopped_at = case.paused_at if _is_stopped(row, case) else None
    used = words.used(row.created_at, row.due_at, stopped_at or now, shell.calendar())
    return {"stopped_at": stopped_at, "used": used}


def _marks(row: reads.TaskRow, case: reads.CaseRow, now: datetime) -> dict[str, Any]:
    """Where the task stands on the small drawing beside its form."""
    if row.status != "open":
        return {"past": {row.element: ""}}
    stopped = _is_stopped(row, case)
    late = row.due_at is not None and row.due_at < now and not stopped
    kind = "hold" if stopped else "late" if late else "now"
    return {kind: {row.element: gettext("You are here")}}


def _rendered(
    found: views.TaskView,
    values: Mapping[str, Any],
    *,
    errors: Mapping[str, Any] | None,
    readonly: bool,
    now: datetime,
    whole: bool = False,
) -> Markup:
    """The form; whole: to a reader who has the whole case, as facts with all their texts."""
    if found.form is None:
        return Markup()
    return rendering.render_form(
        found.form,
        values,
        errors or {},
        context=found.context,
        functions=views.functions(
            web.reading(), web.engine().mover, found.row.case_id, actor=web.signed_in(), now=now
        ),
        now=now,
        language=language(),
        readonly=readonly,
        whole=found.why_not is None or (whole and found.row.status == "open"),
        # Why a step was sent back is for those alone who do it: who else has an account, say.
        problems=found.why_not is None,
        upload_url=None if readonly else url_for("inbox.upload", task_id=found.row.id),
        files=_given_files(found, now),
        file_url=lambda file_id: url_for("cases.file", file_id=file_id),
    )


def _given_files(found: views.TaskView, now: datetime) -> Mapping[int, Any]:
    """The files that the task's form may hold, by id."""
    assert found.form is not None
    session, actor = web.reading(), web.signed_in()
    case_id, mover = found.row.case_id, web.engine().mover
    world = views.functions(session, mover, case_id, actor=actor, now=now)
    alone = reach.is_alone(found.node.properties, actor)
    look = Look(found.context, world, now)
    return shown.files(session, case_id, found.form, look, of=actor if alone else None)


def fields(session: Session, task_id: int, actor: Actor, *, posted: Mapping[str, Any]) -> Markup:
    """The form's fields for what is typed so far."""
    found = view(session, task_id, actor)
    # A script presses the buttons of lists and tables here, which do not send the form.
    values = (found.form.rearranged(posted) if found.form else None) or posted
    return _rendered(found, values, errors=None, readonly=False, now=web.engine().clock())


def choices(
    session: Session, task_id: int, actor: Actor, *, posted: Mapping[str, Any]
) -> dict[str, Any]:
    """What is found among the choices of the field that is searched, see `picking.answer`."""
    now, found = web.engine().clock(), view(session, task_id, actor)
    if found.form is None or found.why_not is not None:
        return picking.answer(picking.search([], ""))
    world = views.functions(session, web.engine().mover, found.row.case_id, actor=actor, now=now)
    return rendering.found_for(found.form, posted, context=found.context, functions=world, now=now)


def sent_back(session: Session, task_id: int, actor: Actor, *, element: str) -> bool:
    """Whether the task is the step of that element once more, and its form says why: what the
    process itself found has sent it back to who has just done it.
    """
    now, found = web.engine().clock(), view(session, task_id, actor)
    if found.form is None or found.row.element != element:
        return False
    world = views.functions(session, web.engine().mover, found.row.case_id, actor=actor, now=now)
    return rendering.shows_problem(
        found.form, found.posted or {}, context=found.context, functions=world, now=now
    )


def kinds_of_files(found: views.TaskView, name: str) -> tuple[str, ...]:
    """What the file input of that name takes, see `Form.kinds_of_files`."""
    if found.form is None:
        return ()
    now, actor = web.engine().clock(), web.signed_in()
    world = views.functions(
        web.reading(), web.engine().mover, found.row.case_id, actor=actor, now=now
    )
    values = found.posted or {}
    return found.form.kinds_of_files(name, values, context=found.context, functions=world, now=now)


def begins_another(session: Session, case_id: int) -> bool:
    """Whether a step of the case has ordered a further case that is not there yet."""
    query = sa.select(Job.id).where(
        Job.case_id == case_id,
        Job.name == "cases.start",
        Job.status.in_(("waiting", "running")),
    )
    return session.scalar(query.limit(1)) is not None
