"""What the pages of cases show, gathered in one place and with few statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from app import audience, law, picking, rendering, shell, web, who, words
from app.cases import history, showing
from app.cases.showing import Sheet
from app.i18n import language
from app.people import settings
from app.people.queries import accounts_of_holder
from app.who import Names
from engine import ending, glimpses, kin, reads, shown, views
from engine.errors import Refusal, WaitGone
from engine.forms import Form
from engine.ports import Actor
from engine.reads import TaskRow
from engine.shown import Look


class NotYoursToBegin(Refusal):
    """You may not begin a case of “{process}”. Ask your unit's head who begins it."""

    status = 403


class NotForYou(Refusal):
    """No procedure "{key}" is in force that you may begin. Ask your unit's head who begins it."""

    status = 404


NEWEST = 3


def names(
    session: Session,
    now: datetime,
    *,
    people: Iterable[str | None] = (),
    units: Iterable[str | None] = (),
) -> Names:
    """What these accounts and units are called, in the reader's language."""
    return who.names(session, now, people=people, units=units, english=language() == "en")


def listed_names(session: Session, rows: Iterable[Any], units: list[str], now: datetime) -> Names:
    """What the accounts and units of a list of cases are called."""
    found = list(rows)
    return names(
        session,
        now,
        people=[row.started_by for row in found],
        units=[*units, *(row.unit for row in found)],
    )


def standing(session: Session, rows: Iterable[Any]) -> dict[int, str]:
    """Where the open cases without a task stand, by case: {22: "Chờ đăng nhập lần đầu"}.

    The drawing's own words (`state`) go before the names of what is waited for; what only listens
    beside the work is named where there is nothing else.
    """
    idle = {
        row.id: row for row in rows if row.status == "open" and row.whole and not row.open_tasks
    }
    waiting: dict[int, list[Any]] = {}
    for case_id, element in reads.waiting_elements(session, list(idle)):
        program = views.program(session, web.engine().mover, idle[case_id].version_id)
        if node := program.nodes.get(element):
            waiting.setdefault(case_id, []).append(node)
    now, speech = web.engine().clock(), language()
    return {
        case_id: ", ".join(showing.where(nodes, idle[case_id].columns, now, speech))
        for case_id, nodes in waiting.items()
    }


def units(actor: Actor) -> list[str]:
    """The units whose cases this person may see, to choose from."""
    return sorted(actor.rights.get("cases.view_all") or actor.rights.get("cases.view") or ())


def start_page(session: Session, actor: Actor, key: str) -> dict[str, Any]:
    """What stands on the page before a case is started. Raises NotForYou."""
    version, program = startable(session, actor, key)
    own = program.process.properties
    english = own.get("description_en") if language() == "en" else None
    return {
        "process": version,
        "description": english or own.get("description") or program.process.documentation,
        "clauses": law.clauses(own.get("legal_basis") or version.legal_basis),
        "names": names(session, web.engine().clock(), units=[actor.unit]),
    }


def startable(session: Session, actor: Actor, key: str) -> tuple[Any, Any]:
    """The version and program of a process that the actor may start. Raises NotForYou."""
    now = web.engine().clock()
    for version, program in views.startable(session, web.engine().mover, actor, now):
        if version.process_key == key:
            return version, program
    known = next((one for one in views.processes(session) if one.key == key), None)
    if known is not None:
        raise NotYoursToBegin(process=shell.named(known))
    raise NotForYou(key=key)


def view(session: Session, case_id: int, actor: Actor) -> views.CaseView:
    """One case as its page shows it. Raises NotFound."""
    return views.case(session, web.engine().mover, case_id, actor, web.engine().clock())


def part(session: Session, case_id: int, actor: Actor) -> views.CaseView:
    """The same, or of the case what is this person's own. Raises NotFound."""
    return glimpses.case(session, web.engine().mover, case_id, actor, web.engine().clock())


def outcome(session: Session, case_id: int) -> str:
    """With what a case has ended; empty when its end has no name."""
    return views.case_row(session, case_id).outcome or ""


def case_page(session: Session, case_id: int, actor: Actor, *, tab: str) -> dict[str, Any]:
    """Everything that the page of a case shows under one of its tabs."""
    now = web.engine().clock()
    found = view(session, case_id, actor)
    entries = views.history(session, web.engine().mover, case_id, actor)
    open_tasks = [views.task(session, web.engine().mover, t.id, actor) for t in found.tasks]
    relatives = kin.of(session, case_id, actor)
    called = _names(session, found, open_tasks, now=now, entries=entries, relatives=relatives)
    world = views.functions(session, web.engine().mover, found.row.id, actor=actor, now=now)
    sheet = Sheet(found.program, found.data, now, language(), world)
    clock = (found.row.due_at, found.row.paused_at)
    teller = history.Teller(sheet, called, *clock, history.nameless(found.files))
    return {
        "case": found,
        "row": found.row,
        "tab": tab,
        "marks": showing.marks(found),
        "names": called,
        "mine": [task.row for task in open_tasks if task.why_not is None],
        "others": [_who_may(session, task, called, now) for task in open_tasks],
        "late_tasks": sum(_is_late(task, now) for task in found.tasks),
        "place": _place(found),
        "focus": [] if found.row.status == "open" else showing.last_passed(entries),
        **stands(session, found),
        "entries": [teller.journal(entry) for entry in reversed(entries)],
        "history": [
            *map(teller.waiting, found.tasks),
            *([] if found.tasks else teller.standing(_here(found), _states(found))),
            *teller.ended(found.row),
            *teller.told(entries),
        ],
        "data": sheet.all(),
        "facts": _facts(found, sheet, called),
        "people": teller.people(entries),
        "newest": found.files[:NEWEST],
        "kin": relatives,
        "used": _used(found.row, now),
        "upload_mb": settings.number(session, now, "upload.max_mb"),
        **_rights(session, found, actor) | audience.page(session, found, actor),
    }


def _rights(session: Session, found: views.CaseView, actor: Actor) -> dict[str, bool]:
    """What this person may do with the case itself."""
    is_theirs = found.row.status == "open" and actor.may("cases.cancel", found.row.unit)
    if is_theirs and (is_theirs := ending.may_be(found.program, found.data)):
        own = accounts_of_holder(session, actor.name) | accounts_of_holder(session, actor.whose)
        is_theirs = ending.own_matter(found.program, found.data, own) is None
    return {
        "may_cancel": is_theirs,
        "may_replay": actor.may("audit.view"),
    }


def _names(
    session: Session,
    found: views.CaseView,
    tasks: list[views.TaskView],
    *,
    now: datetime,
    entries: list[Any],
    relatives: kin.Kin,
) -> Names:
    candidates = [one for task in tasks for one in task.candidates]
    senders = [one for wait in found.other_waits for one in wait.senders or ()]
    by = {entry.right or "" for entry in entries}
    return names(
        session,
        now,
        people=[
            found.row.started_by,
            *(task.row.assignee for task in tasks),
            *(name for entry in entries for name in history.people_in(entry)),
            *(one[1:] for one in [*candidates, *senders] if one.startswith("=")),
        ],
        units=[
            found.row.unit,
            *(task.row.unit for task in tasks),
            *(one.unit for one in (relatives.parent, *relatives.children) if one is not None),
            *(one.partition("@")[2] for one in [*candidates, *senders, *by] if "@" in one),
        ],
    )


def _used(row: Any, now: datetime) -> int:
    """How much of the case's working time is gone; while its clock stands still, until then."""
    return words.used(row.started_at, row.due_at, row.paused_at or now, shell.calendar())


def _is_late(task: TaskRow, now: datetime) -> bool:
    return task.due_at is not None and task.due_at < now and not task.paused


def _who_may(session: Session, task: views.TaskView, called: Names, now: datetime) -> str:
    """Who does what this person may not: whom the task is with, or who may claim it; a group that
    nobody holds is named only when nobody else may.
    """
    step = shell.named(task.row)
    if task.row.assignee:
        who_holds = called.person(task.row.assignee)
        return gettext("“%(step)s” is with %(who)s.", step=step, who=who_holds)
    held = {one.candidacy for one in who.holders(session, task.candidates, now)}
    shown = [one for one in task.candidates if one in held or one.startswith("=") or not held]
    able = "; ".join(called.candidate(one) for one in shown)
    return gettext("“%(step)s” may be done by: %(who)s.", step=step, who=able)


def _place(found: views.CaseView) -> str:
    """How far the case is, as the drawing's text twin."""
    nodes = found.program.nodes
    past = sum(1 for e in found.marks.past if e in nodes and showing.is_step(nodes[e]))
    passed = ngettext("%(num)d step passed", "%(num)d steps passed", past)
    if found.row.status != "open":
        return passed
    if states := _states(found):
        return f"{passed}. {'. '.join(states)}"
    here = ", ".join(f"“{name}”" for name in _here(found))
    return gettext("%(passed)s, now at %(steps)s", passed=passed, steps=here) if here else passed


def _standing_at(found: views.CaseView) -> list[Any]:
    """The elements at which the case stands, without what only listens beside the work."""
    nodes = found.program.nodes
    held = showing.without_listeners([nodes[e] for e in found.marks.now if e in nodes])
    # Beside work, a timer that watches over it says nothing of where the case is.
    return [node for node in held if showing.is_step(node)] or held


def _here(found: views.CaseView) -> list[str]:
    """The names of the elements at which the case stands, each once."""
    return list(dict.fromkeys(showing.step_name(node, language()) for node in _standing_at(found)))


def stands(session: Session, found: views.CaseView) -> dict[str, Any]:
    """Where an open case stands, by the elements' names and in the drawing's own words, what of it
    is stuck and who looks after that, and how many versions it has kept that can be compared.
    """
    is_open = found.row.status == "open"
    return {
        "stuck": _stuck(session, found) if is_open else [],
        "here": _here(found) if is_open else [],
        "waits": not any(showing.is_step(node) for node in _standing_at(found)),
        "states": _states(found) if is_open else [],
        "versions": len(showing.versions_of(found.program, found.data)),
    }


def _stuck(session: Session, found: views.CaseView) -> list[str]:
    """What of the machine's work holds the case up, and who looks after it."""
    nodes, now = found.program.nodes, web.engine().clock()
    steps = [nodes[e] for e in reads.stuck_elements(session, found.row.id) if e in nodes]
    named = settings.setting(session, now, "agency.administrator") if steps else ""
    text = gettext(
        "The software could not do “%(step)s”. %(who)s was told and looks after it; the case goes "
        "on as soon as it is mended."
    )
    who = named or gettext("The administration of the software")
    said = (text % {"step": showing.step_name(node, language()), "who": who} for node in steps)
    return list(dict.fromkeys(said))


def _states(found: views.CaseView) -> list[str]:
    """How the case stands, as the drawing says it of elements that wait for no person."""
    columns, now = found.row.columns, web.engine().clock()
    words = (showing.state_of(node, columns, now, language()) for node in _standing_at(found))
    return list(dict.fromkeys(filter(None, words)))


def _facts(found: views.CaseView, sheet: Sheet, called: Names) -> list[tuple[str, str]]:
    """Who began it, and what the process declares as columns, under the labels of its forms."""
    pairs = [
        (gettext("Started by"), called.person(found.row.started_by)),
        (gettext("Unit"), called.unit(found.row.unit)),
    ]
    for name, _kind, source in found.program.columns:
        value = found.row.columns.get(name)
        if source in sheet.fields and value not in (None, ""):
            pairs.append((sheet.label(source), sheet.said(source, value)))
    return pairs


def wait(found: views.CaseView, token: int) -> Any:
    """The message that the actor may send. Raises WaitGone when the case no longer waits."""
    for waiting in found.waits:
        if waiting.token == token:
            return waiting
    raise WaitGone


def form_of_message(session: Session, place: tuple[int, int], actor: Actor) -> Form | None:
    """The form of a message that the actor may send; place: (case, token)."""
    found = part(session, place[0], actor)
    return found.program.form(wait(found, place[1]).form)


def kinds_of_files(
    session: Session, place: tuple[int, int], actor: Actor, *, name: str
) -> tuple[str, ...]:
    """What the file input of that name in a message's form takes, see `Form.kinds_of_files`."""
    form, now = form_of_message(session, place, actor), web.engine().clock()
    if form is None:
        return ()
    world = views.functions(session, web.engine().mover, place[0], actor=actor, now=now)
    data = part(session, place[0], actor).data
    return form.kinds_of_files(name, {}, context=data, functions=world, now=now)


def send_page(
    session: Session,
    place: tuple[int, int],
    actor: Actor,
    *,
    posted: Mapping[str, Any] | None = None,
    errors: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything that the page of a message shows; place: (case, token)."""
    now = web.engine().clock()
    found = part(session, place[0], actor)
    waiting = wait(found, place[1])
    form = found.program.form(waiting.form)
    fields = ""
    if form is not None:
        world = views.functions(session, web.engine().mover, place[0], actor=actor, now=now)
        look, of = Look(found.data, world, now), None if found.whole else actor
        fields = rendering.render_form(
            form,
            posted or {},
            errors or {},
            context=found.data,
            functions=world,
            now=now,
            language=language(),
            files=shown.files(session, place[0], form, look, of=of),
            file_url=lambda file_id: url_for("cases.file", file_id=file_id),
        )
    label = (waiting.label_en if language() == "en" else None) or waiting.label
    return {
        "case": found.row,
        "heading": label,
        "verb": rendering.submit_label(form) if form else None,
        "fields": fields,
        "summary": rendering.error_summary(form, errors) if errors and form else [],
        "action": url_for("cases.send", case_id=place[0], token=place[1]),
        "choices_url": url_for("cases.choices_to_send", case_id=place[0], token=place[1]),
    }


def choices(
    session: Session, place: tuple[int, int], actor: Actor, *, posted: Mapping[str, Any]
) -> dict[str, Any]:
    """What is found among the choices of a message's field, see `picking.answer`."""
    found, now = part(session, place[0], actor), web.engine().clock()
    form = found.program.form(wait(found, place[1]).form)
    if form is None:
        return picking.answer(picking.search([], ""))
    world = views.functions(session, web.engine().mover, place[0], actor=actor, now=now)
    return rendering.found_for(form, posted, context=found.data, functions=world, now=now)
