"""The clerk's pages: where to begin, the lists of tasks, and one task from claim to completion."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from markupsafe import Markup
from werkzeug.datastructures import FileStorage

from app import arrivals, audience, picking, refusals, shell, web
from app.inbox import afterwards, colleagues, queries
from app.inbox.schemas import LISTS, DraftSaved, FileKept, conditions
from app.navigation import is_shown, task_counts
from app.people import settings
from app.people.acting import pages as acting
from app.web import SIGNED_IN, permission
from engine import reads, views
from engine.errors import (
    NotYourTask,
    Refusal,
    SameHand,
    TaskClaimed,
    TaskGone,
    TaskTaken,
)
from engine.forms import FormErrors, Message
from engine.reach import is_outside

blueprint = Blueprint("inbox", __name__, template_folder="templates")


@blueprint.get("/")
@permission(SIGNED_IN)
def home() -> str:
    """Where everybody begins: what is urgent, what may be started, how much there is."""
    session, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    works = actor.may("inbox.work")
    urgent = reads.inbox(session, actor, list="mine", now=now, limit=5).rows if works else []
    unclaimed = reads.inbox(session, actor, list="groups", now=now, limit=5).rows if works else []
    offered = queries.offered(session, actor, now)
    often = [one for one in offered if one.begun][: queries.MOST_OFTEN]
    return render_template(
        "inbox/home.html",
        is_shown=is_shown,
        works=works,
        is_customer=is_outside(actor),
        urgent=urgent,
        unclaimed=unclaimed,
        counts=task_counts(actor),
        offers=acting.offers(),
        often=often,
        fields=queries.by_field(one for one in offered if one not in often),
        offered=len(offered),
        names=queries.names(session, [*urgent, *unclaimed], now),
    )


@blueprint.get("/inbox")
@permission("inbox.work")
def mine() -> str:
    """One list of tasks, narrowed and sorted as the address says."""
    session, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    chosen = conditions(request.args)
    shown = chosen.get("list", "mine")
    page = reads.inbox(
        session,
        actor,
        list=shown,
        now=now,
        text=chosen.get("q", ""),
        process=chosen.get("process"),
        due=chosen.get("due"),
        sort=chosen.get("sort", "due"),
        after=chosen.get("after"),
        limit=settings.number(session, now, "inbox.page_size"),
    )
    return render_template(
        "inbox/list.html",
        shown=shown,
        chosen=chosen,
        page=page,
        lists=[one for one in LISTS if is_shown(actor, one)],
        counts=task_counts(actor),
        processes=[] if is_outside(actor) else shell.in_order(views.processes(session)),
        names=queries.names(session, page.rows, now),
        without=_without(chosen),
    )


def _without(chosen: dict[str, str]) -> Callable[..., str]:
    """Addresses of the same list with some conditions left out; paging always begins anew."""

    def address(*left_out: str) -> str:
        kept = {k: v for k, v in chosen.items() if k not in left_out and k != "after"}
        return url_for("inbox.mine", **kept)

    return address


@blueprint.post("/inbox/claim")
@permission("inbox.work")
def claim_picked() -> ResponseReturnValue:
    """The picked tasks are the clerk's, but those that somebody else was quicker to claim."""
    done = _each_picked(web.engine().claim)
    if done:
        words = ngettext("%(num)d task claimed", "%(num)d tasks claimed", len(done))
        flash(_undo(words, done, url_for("inbox.release_picked")), "success")
    return _back_to_list()


@blueprint.post("/inbox/release")
@permission("inbox.work")
def release_picked() -> ResponseReturnValue:
    """The picked tasks are back with their groups; what was typed stays as the clerk's draft."""
    done = _each_picked(web.engine().release)
    if done:
        words = ngettext(
            "%(num)d task handed back to its group",
            "%(num)d tasks handed back to their groups",
            len(done),
        )
        flash(_undo(words, done, url_for("inbox.claim_picked")), "success")
    return _back_to_list()


def _each_picked(verb: Callable[..., Any]) -> list[int]:
    """Each picked task in its own transaction, so that one that is refused keeps no other back."""
    actor, done = web.signed_in(), []
    picked = list(dict.fromkeys(request.form.getlist("task", type=arrivals.row_number)))
    if not picked:
        flash(gettext("Pick at least one task first."), "warning")
    for task_id in picked[:200]:
        try:
            verb(task_id, actor=actor)
        except Refusal as refusal:
            flash(refusals.words(refusal), "warning")
        else:
            done.append(task_id)
    return done


def _undo(words: str, task_ids: list[int], action: str) -> Markup:
    """A toast with the way back."""
    page = render_template("inbox/undo.html", words=words, ids=task_ids, action=action)
    return Markup(page.strip())  # noqa: S704 - the template has escaped what it shows


def _back_to_list() -> ResponseReturnValue:
    target = web.safe_next(request.form.get("next"))
    return redirect(target or url_for("inbox.mine"), 303)


LOST = (TaskTaken, TaskGone, TaskClaimed, NotYourTask, SameHand)
"""Somebody else has the task: what was typed then stands to be read, not to be sent."""


@blueprint.get("/tasks/<int:task_id>")
@permission("inbox.work")
def task(task_id: int) -> str:
    """One task: its form, and beside it time left, law, drawing, files and comments."""
    return _task_page(task_id)


def _task_page(task_id: int, **attempt: Any) -> str:
    """The page of a task; attempt: what was posted and why it was refused."""
    view = queries.task_page(web.reading(), task_id, web.signed_in(), **attempt)
    return render_template("inbox/task.html", chosen=conditions(request.args), **view)


@blueprint.get("/tasks/<int:task_id>/claim")
@blueprint.get("/tasks/<int:task_id>/release")
@blueprint.get("/tasks/<int:task_id>/draft")
@blueprint.get("/tasks/<int:task_id>/preview")
@blueprint.get("/tasks/<int:task_id>/choices")
@blueprint.get("/tasks/<int:task_id>/complete")
@permission("inbox.work")
def back_to_task(task_id: int) -> ResponseReturnValue:
    """The task's own page: a refused attempt leaves its address in the browser, where reloading
    or changing the language asks for it again.
    """
    return redirect(_task_url(task_id), 303)


@blueprint.post("/tasks/<int:task_id>/claim")
@permission("inbox.work")
def claim(task_id: int) -> ResponseReturnValue:
    """The task is this clerk's; a slower colleague reads who was first, on the task's page."""
    try:
        web.engine().claim(task_id, actor=web.signed_in())
    except LOST as refusal:
        return _refused(task_id, refusal)
    return redirect(_task_url(task_id), 303)


@blueprint.post("/tasks/<int:task_id>/release")
@permission("inbox.work")
def release(task_id: int) -> ResponseReturnValue:
    """The task is back with its group."""
    web.engine().release(task_id, actor=web.signed_in())
    words = gettext("Handed back to the group. Your draft is kept for you.")
    flash(_undo(words, [task_id], url_for("inbox.claim_picked")), "success")
    return redirect(url_for("inbox.mine"), 303)


@blueprint.get("/tasks/<int:task_id>/assign")
@permission("inbox.work")
def assign(task_id: int) -> str:
    """Who may take the task over."""
    view = colleagues.assign_page(web.reading(), task_id, web.signed_in())
    return render_template("inbox/assign.html", **view)


@blueprint.post("/tasks/<int:task_id>/assign")
@permission("inbox.work")
def hand_over(task_id: int) -> ResponseReturnValue:
    """The task is the chosen colleague's."""
    words = picking.words_for(request.form, "to")
    if words or picking.FIND in request.form:
        view = colleagues.assign_page(web.reading(), task_id, web.signed_in(), words=words)
        return render_template("inbox/assign.html", **view)
    _, people = colleagues.able(web.reading(), task_id, web.signed_in())
    chosen = next((one for one in people if one.name == request.form.get("to")), None)
    if chosen is None:
        flash(gettext("Choose who takes the task over."), "warning")
        return redirect(url_for("inbox.assign", task_id=task_id), 303)
    web.engine().assign(task_id, chosen.name, actor=web.signed_in())
    flash(gettext("Handed over to %(who)s.", who=chosen.label), "success")
    return redirect(_task_url(task_id), 303)


@blueprint.post("/tasks/<int:task_id>/assign/choices")
@permission("inbox.work")
def colleagues_found(task_id: int) -> ResponseReturnValue:
    """Who is found among many who may take the task over."""
    _, words = picking.asked(request.form)
    return colleagues.found_for(web.reading(), task_id, web.signed_in(), words)


@blueprint.post("/tasks/<int:task_id>/draft")
@permission("inbox.work")
def draft(task_id: int) -> ResponseReturnValue:
    """What was typed so far is kept, for this clerk on any machine."""
    posted, refused = _posted(task_id)
    saved_at = web.engine().save_draft(task_id, posted, actor=web.signed_in())
    for template, fields in (each for messages in refused.values() for each in messages):
        flash(refusals.sentence(template, fields), "warning")
    if request.form.get("_close"):
        flash(gettext("The draft is saved. The task stays yours."), "success")
        chosen = conditions(request.args)
        return redirect(url_for("inbox.mine", _anchor=f"task-{task_id}", **chosen), 303)
    return DraftSaved().dump({"saved_at": saved_at})


@blueprint.post("/tasks/<int:task_id>/preview")
@permission("inbox.work")
def preview(task_id: int) -> str:
    """The fields for what is typed so far: conditions and sums follow the answers."""
    posted, _ = _posted(task_id)
    return queries.fields(web.reading(), task_id, web.signed_in(), posted=posted)


@blueprint.post("/tasks/<int:task_id>/choices")
@permission("inbox.work")
def choices(task_id: int) -> ResponseReturnValue:
    """What a field with many choices offers for the words in its search."""
    return queries.choices(web.reading(), task_id, web.signed_in(), posted=arrivals.posted())


@blueprint.post("/tasks/<int:task_id>/complete")
@permission("inbox.work")
def complete(task_id: int) -> ResponseReturnValue:
    """The task is done and the case has moved on; the clerk sees the next thing to do.

    What is refused comes back with everything typed in its place, and is kept as a draft; nothing
    else has changed.
    """
    posted, refused = _posted(task_id)
    before = queries.view(web.reading(), task_id, web.signed_in())
    if before.form and (changed := before.form.rearranged(posted)) is not None:
        # A button inside the form was pressed: a row more or less, a search; nothing is sent.
        wrong = picking.unchosen(posted) | refused
        return _task_page(task_id, posted=changed, errors=wrong)
    titled = afterwards.title(before.row.case_id)
    try:
        if refused:
            raise FormErrors(refused)
        moved = web.engine().complete(task_id, posted, actor=web.signed_in())
    except FormErrors as refusal:
        _keep(task_id, posted)
        return _refused(task_id, refusal, posted=posted, errors=refusal.errors)
    except Refusal as refusal:
        _keep(task_id, posted)
        return _refused(task_id, refusal, posted=posted)
    done = shell.named(before.row)
    if moved.tasks and _sent_back(moved.tasks[0], before.row.element):
        flash(_not_through(done, moved.case_code), "error")
        return redirect(url_for("inbox.task", task_id=moved.tasks[0]), 303)
    words, target = afterwards.said(done, moved, titled=titled)
    flash(words, "success")
    return redirect(target, 303)


def _sent_back(task_id: int, element: str) -> bool:
    # The request's reading session began before the completion and does not know the new task.
    web.close_reading(None)
    return queries.sent_back(web.reading(), task_id, web.signed_in(), element=element)


def _not_through(task: str, case: str) -> str:
    return gettext(
        "“%(task)s” of %(case)s was sent back to you. The reasons stand above the form, with all"
        " that you entered: mend it and send it again.",
        task=task,
        case=case,
    )


def _keep(task_id: int, posted: dict[str, Any]) -> None:
    """What was typed is there again after a reload, as long as the task is this clerk's to do."""
    with suppress(Refusal):
        web.engine().save_draft(task_id, posted, actor=web.signed_in())


def _refused(task_id: int, refusal: Refusal, **attempt: Any) -> ResponseReturnValue:
    """The task's page as it is now, with why it was refused and what was typed."""
    # The request's reading session began before the refusal and still sees the task as it was.
    web.close_reading(None)
    page = _task_page(task_id, refusal=refusal, lost=isinstance(refusal, LOST), **attempt)
    return page, refusal.status


def _posted(task_id: int) -> tuple[dict[str, Any], dict[str, list[Message]]]:
    """See `arrivals.filled_in`; the files are the case's."""
    return arrivals.filled_in(lambda file, name: _attach(task_id, file, field=name).id)


def _attach(task_id: int, file: FileStorage, *, field: str | None = None) -> Any:
    """The file is the case's. field: the name of the input that it is meant for, if any."""
    view = queries.view(web.reading(), task_id, web.signed_in())
    kinds = queries.kinds_of_files(view, field) if field else ()
    name, stream = file.filename or "", file.stream
    whom = None if field else audience.posted()
    return web.engine().attach(
        view.row.case_id, name, stream, actor=web.signed_in(), kinds=kinds, audience=whom
    )


@blueprint.post("/tasks/<int:task_id>/files")
@permission("inbox.work")
def upload(task_id: int) -> ResponseReturnValue:
    """The files are kept in the task's case: one by one by scripts, else by the aside's form.

    ?field=NAME says for which input of the form a script sends its file.
    """
    files = [file for file in request.files.getlist("file") if file.filename]
    kept = [_attach(task_id, file, field=request.args.get("field")) for file in files]
    target = web.safe_next(request.form.get("next"))
    if target is None and kept:
        return FileKept().dump(kept[0]), 201
    words = ngettext("%(num)d file added", "%(num)d files added", len(kept))
    flash(words if kept else gettext("Choose a file first."), "success" if kept else "warning")
    return redirect(target or url_for("inbox.task", task_id=task_id), 303)


def _task_url(task_id: int) -> str:
    return url_for("inbox.task", task_id=task_id, **conditions(request.args))
