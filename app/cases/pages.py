"""Cases: find one, start one, look at one, and take part in it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from werkzeug.datastructures import FileStorage

from app import arrivals, audience, drawings, picking, refusals, shell, web
from app.cases import parts, queries
from app.cases.schemas import TABS, conditions
from app.i18n import language
from app.people import settings
from app.web import SIGNED_IN, permission
from engine import Moved, fold, glimpses, reads, views
from engine.errors import Refusal
from engine.forms import FormErrors

blueprint = Blueprint("cases", __name__, template_folder="templates")


@blueprint.get("/cases")
@permission(SIGNED_IN)
def listed() -> ResponseReturnValue:
    """The cases that this person may see, narrowed as the address says; who looks over no unit is
    led to their own.
    """
    if not web.signed_in().may("cases.view") and web.signed_in().may("cases.own"):
        return redirect(url_for("cases.own"), 303)
    web.signed_in().require("cases.view")
    return _list()


@blueprint.get("/cases/own")
@permission("cases.own")
def own() -> str:
    """The same for who looks over no unit: what they have begun, or have a part in."""
    return _list(narrows=False)


@blueprint.get("/search")
@permission("cases.view")
def search() -> ResponseReturnValue:
    """Cases by code, title and the columns of their process, with and without accents.

    A whole code leads to its case at once, whatever its case and zeros: people paste it from a
    letter, or type what they heard on the telephone.
    """
    text = request.args.get("q", "").strip()
    if (wanted := fold.code(fold.fold(text))) is not None:
        found = reads.cases(
            web.reading(), web.signed_in(), text=text, now=web.engine().clock(), limit=50
        ).rows
        named = [row.id for row in found if fold.fold(row.code) == wanted]
        if named:
            return redirect(url_for("cases.case", case_id=named[0]), 303)
    return _list(query=text)


def _list(*, narrows: bool = True, **more: Any) -> str:
    """narrows: whether the reader chooses among the procedures of the house, and late cases."""
    session, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    chosen = conditions(request.args)
    page = reads.cases(
        session,
        actor,
        text=chosen.get("q", ""),
        process=chosen.get("process"),
        status=chosen.get("status"),
        late="late" in chosen,
        unit=chosen.get("unit"),
        now=now,
        after=chosen.get("after"),
        limit=settings.number(session, now, "inbox.page_size"),
    )
    units = queries.units(actor)
    return render_template(
        "cases/list.html",
        chosen=chosen,
        page=page,
        processes=shell.in_order(views.processes(session)) if narrows else [],
        units=units,
        names=queries.listed_names(session, page.rows, units, now),
        standing=queries.standing(session, page.rows),
        told=parts.listed(session, page.rows, actor),
        without=_without(chosen),
        **more,
    )


def _without(chosen: dict[str, str]) -> Callable[..., str]:
    """Addresses of the same list with some conditions left out; paging always begins anew."""

    def address(*left_out: str) -> str:
        kept = {k: v for k, v in chosen.items() if k not in left_out and k != "after"}
        return url_for(request.endpoint or "cases.listed", **kept)

    return address


@blueprint.get("/start/<process_key>")
@permission("cases.start")
def start(process_key: str) -> str:
    """What a process does and on what legal basis, before a case of it is started."""
    view = queries.start_page(web.reading(), web.signed_in(), process_key)
    return render_template("cases/start.html", **view)


@blueprint.get("/start/<process_key>/diagram")
@permission("cases.start")
def start_diagram(process_key: str) -> ResponseReturnValue:
    """The drawing on which a new case would run."""
    version, program = queries.startable(web.reading(), web.signed_in(), process_key)
    return _drawing(program.bundle.drawing, version.id)


@blueprint.post("/start/<process_key>")
@permission("cases.start")
def begin(process_key: str) -> ResponseReturnValue:
    """A case has begun; who started it stands before its first task, if that is theirs."""
    moved = web.engine().start(process_key, None, actor=web.signed_in())
    flash(gettext("Case %(code)s was started.", code=moved.case_code), "success")
    if moved.tasks:
        return redirect(url_for("inbox.task", task_id=moved.tasks[0]), 303)
    return redirect(url_for("cases.case", case_id=moved.case_id), 303)


@blueprint.get("/cases/<int:case_id>")
@permission(SIGNED_IN)
def case(case_id: int) -> str:
    """One case: where it stands on its drawing, what this person may do, what happened."""
    tab = request.args.get("tab", TABS[0])
    part = queries.part(web.reading(), case_id, web.signed_in())
    if not part.whole:
        return render_template(
            "cases/part.html", **parts.page(web.reading(), part, web.signed_in())
        )
    view = queries.case_page(
        web.reading(), case_id, web.signed_in(), tab=tab if tab in TABS else TABS[0]
    )
    return render_template("cases/case.html", **view)


@blueprint.get("/cases/<int:case_id>/diagram")
@permission(SIGNED_IN)
def diagram(case_id: int) -> ResponseReturnValue:
    """The drawing of the case's version, as its owner drew it."""
    seen = queries.view(web.reading(), case_id, web.signed_in())
    return _drawing(seen.program.bundle.drawing, seen.row.version_id)


def _drawing(text: str, version_id: int) -> Response:
    response = Response(
        drawings.shown(text, language()), content_type="application/xml; charset=utf-8"
    )
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(f"version-{version_id}-{language()}")
    return response.make_conditional(request)


@blueprint.get("/files/<int:file_id>")
@permission(SIGNED_IN)
def file(file_id: int) -> ResponseReturnValue:
    """A file of a case, to be kept on the reader's machine and never shown by the browser.

    What somebody uploaded must not run as a page of ours, whatever it says it is. One that bears
    a word is given with the word on it, and as it was to those alone who may see its case and ask
    for the original.
    """
    session, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    kept = glimpses.file(session, web.engine().mover, file_id, actor, now)
    if kept.mark and not ("original" in request.args and glimpses.is_whole(session, kept, actor)):
        return redirect(url_for("papers.marked", file_id=file_id))
    content = web.engine().store.get(kept.sha256)
    return send_file(
        io.BytesIO(content),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=kept.name,
    )


@blueprint.post("/cases/<int:case_id>/comments")
@permission(SIGNED_IN)
def comment(case_id: int) -> ResponseReturnValue:
    """The remark stands on the case."""
    text = request.form.get("text", "").strip()
    if text:
        web.engine().comment(
            case_id, text[:4000], actor=web.signed_in(), audience=audience.posted()
        )
        flash(gettext("The comment was sent."), "success")
    else:
        flash(gettext("Write the comment first."), "warning")
    return redirect(_back(case_id, "comments"), 303)


@blueprint.post("/cases/<int:case_id>/files")
@permission(SIGNED_IN)
def upload(case_id: int) -> ResponseReturnValue:
    """The files belong to the case; one that is refused keeps no other back."""
    added = 0
    for sent in request.files.getlist("file"):
        if sent.filename:
            try:
                web.engine().attach(
                    case_id,
                    sent.filename,
                    sent.stream,
                    actor=web.signed_in(),
                    audience=audience.posted(),
                )
                added += 1
            except Refusal as refusal:
                flash(refusals.words(refusal), "error")
    if added:
        words = ngettext("%(num)d file added", "%(num)d files added", added)
        flash(words, "success")
    return redirect(_back(case_id, "files"), 303)


def _back(case_id: int, tab: str) -> str:
    target = web.safe_next(request.form.get("next"))
    return target or url_for("cases.case", case_id=case_id, tab=tab)


@blueprint.get("/cases/<int:case_id>/send/<int:token>")
@permission(SIGNED_IN)
def send(case_id: int, token: int) -> str:
    """The form of a message that this person may send the case, such as a withdrawal."""
    return _send_page(case_id, token)


def _send_page(case_id: int, token: int, **attempt: Any) -> str:
    view = queries.send_page(web.reading(), (case_id, token), web.signed_in(), **attempt)
    return render_template("cases/send.html", **view)


@blueprint.post("/cases/<int:case_id>/send/<int:token>")
@permission(SIGNED_IN)
def deliver(case_id: int, token: int) -> ResponseReturnValue:
    """The case got the message; what its form refuses comes back as it was typed."""
    place = case_id, token
    form = queries.form_of_message(web.reading(), place, web.signed_in())
    posted, refused = arrivals.filled_in(lambda file, name: _attach(place, file, name))
    if form is not None and (changed := form.rearranged(posted)) is not None:
        # A button inside the form was pressed: a row more or less, a search; nothing is sent.
        wrong = picking.unchosen(posted) | refused
        return _send_page(case_id, token, posted=changed, errors=wrong)
    try:
        if refused:
            raise FormErrors(refused)
        moved = web.engine().send(case_id, token, posted, actor=web.signed_in())
    except FormErrors as refusal:
        return _send_page(case_id, token, posted=posted, errors=refusal.errors), refusal.status
    flash(_sent(moved), "success")
    return redirect(url_for("cases.case", case_id=case_id), 303)


@blueprint.post("/cases/<int:case_id>/send/<int:token>/choices")
@permission(SIGNED_IN)
def choices_to_send(case_id: int, token: int) -> ResponseReturnValue:
    """What a field with many choices offers for the words in its search."""
    place = case_id, token
    return queries.choices(web.reading(), place, web.signed_in(), posted=arrivals.posted())


def _attach(place: tuple[int, int], file: FileStorage, name: str) -> int:
    """The file that was sent with a message is the case's; its id."""
    kinds = queries.kinds_of_files(web.reading(), place, web.signed_in(), name=name)
    sent = file.filename or "", file.stream
    return web.engine().attach(place[0], *sent, actor=web.signed_in(), kinds=kinds).id


def _sent(moved: Moved) -> str:
    """What the message has brought about."""
    if not moved.closed:
        return gettext("Sent. Case %(code)s has gone on.", code=moved.case_code)
    # The request's reading session began before the message and still shows the case open.
    web.close_reading(None)
    outcome = queries.outcome(web.reading(), moved.case_id)
    if not outcome:
        return gettext("Sent. Case %(code)s has ended.", code=moved.case_code)
    return gettext(
        "Sent. Case %(code)s has ended: %(outcome)s.", code=moved.case_code, outcome=outcome
    )


@blueprint.get("/cases/<int:case_id>/cancel")
@permission("cases.cancel")
def cancel(case_id: int) -> str:
    """Asks for the reason before a case is ended."""
    found = queries.view(web.reading(), case_id, web.signed_in())
    return render_template("cases/cancel.html", case=found.row)


@blueprint.post("/cases/<int:case_id>/cancel")
@permission("cases.cancel")
def end(case_id: int) -> ResponseReturnValue:
    """The case has ended where it stood, with the reason in its journal."""
    reason = request.form.get("reason", "").strip()
    if not reason:
        found = queries.view(web.reading(), case_id, web.signed_in())
        return render_template("cases/cancel.html", case=found.row, missing=True), 422
    moved = web.engine().cancel(case_id, reason[:2000], actor=web.signed_in())
    flash(gettext("Case %(code)s was cancelled.", code=moved.case_code), "success")
    return redirect(url_for("cases.case", case_id=case_id), 303)
