"""The process owner's pages: versions, drawing and legal basis; upload, check, try and deploy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app import arrivals, refusals, web, words
from app.i18n import language
from app.studio import examining, looking, operations, queries
from app.web import permission
from engine import views
from engine.bundles import drawing_path
from engine.errors import ForceBackDated, NotFound, Refusal

blueprint = Blueprint("studio", __name__, template_folder="templates")

Problems = dict[str, str]
"""What is wrong with a decision that puts a version in force, by field: basis, day."""


@blueprint.get("/processes")
@permission("studio.view")
def processes() -> str:
    """All processes with their version in force."""
    return _list()


def _list(problem: str = "") -> str:
    session = web.reading()
    rows = queries.listed(session)
    waiting = queries.proposals(session)
    accounts = [row["version"].deployed_by for row in rows] + [p.made_by for p in waiting]
    return render_template(
        "studio/processes.html",
        rows=rows,
        proposals=waiting,
        names=queries.names(session, accounts),
        summaries=examining.summaries(session, waiting),
        problem=problem,
    )


@blueprint.get("/processes/<key>")
@permission("studio.view")
def process(key: str) -> str:
    """One process: the drawing, the clauses that it carries out, its files and versions."""
    return _process(key, request.args.get("version", type=arrivals.row_number))


def _process(
    key: str, number: int | None, *, upload: str = "", problems: Problems | None = None
) -> str:
    """The page of a process; with what was wrong with an upload, or with putting in force."""
    session = web.reading()
    view = views.process(session, key, web.engine().clock())
    version = queries.chosen_version(view, number)
    accounts = [v.deployed_by for v in view.versions] + [a.by for a in view.activations]
    waiting = queries.proposals(session, key)
    return render_template(
        "studio/process.html",
        view=view,
        version=version,
        clauses=queries.by_clause(version),
        basis=queries.basis(version),
        proposals=waiting,
        summaries=examining.summaries(session, waiting),
        names=queries.names(session, accounts + [p.made_by for p in waiting]),
        upload_problem=upload,
        problems=problems or {},
        typed=request.form,
        today=operations.today(web.engine().clock()),
    )


def _text(content: str, name: str) -> Response:
    response = Response(content, content_type="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _diagram(files: dict[str, str], key: str) -> Response:
    text = files.get(drawing_path(key))
    if text is None:
        raise NotFound(thing=drawing_path(key))
    shown = examining.diagram(text, language())
    return Response(shown, content_type="application/xml; charset=utf-8")


@blueprint.get("/processes/<key>/versions/<int:number>/diagram")
@permission("studio.view")
def diagram(key: str, number: int) -> Response:
    """The drawing of a version, for the viewer."""
    view = views.process(web.reading(), key, web.engine().clock())
    return _diagram(queries.chosen_version(view, number).files, key)


@blueprint.get("/processes/<key>/versions/<int:number>/files/<path:path>")
@permission("studio.view")
def file(key: str, number: int, path: str) -> Response:
    """One file of a version, to be changed in an editor."""
    view = views.process(web.reading(), key, web.engine().clock())
    files = queries.chosen_version(view, number).files
    if path not in files:
        raise NotFound(thing=path)
    return _text(files[path], path.rpartition("/")[2])


@blueprint.post("/processes/<key>/versions/<int:number>/activate")
@permission("studio.deploy")
def activate(key: str, number: int) -> ResponseReturnValue:
    """New cases start on an earlier version again."""
    session = web.reading()
    version = queries.chosen_version(views.process(session, key, web.engine().clock()), number)
    decision, problems = _decision()
    if not problems:
        try:
            web.engine().activate(version.id, actor=web.signed_in(), **decision)
        except ForceBackDated as refusal:
            problems = {"day": refusals.words(refusal)}
    if problems:
        return _process(key, number, problems=problems), 422
    flash(_takes_effect(number, decision["active_from"]), "success")
    return redirect(url_for("studio.process", key=key), 303)


def _decision() -> tuple[dict[str, Any], Problems]:
    """By which decision a version takes effect, and from when; what is wrong with that, by field.

    ({"legal_basis": "QĐ 12/QĐ-BQL", "active_from": None}, {})
    """
    problems: Problems = {}
    basis, day = request.form.get("legal_basis", "").strip(), request.form.get("day", "").strip()
    active_from = None
    if not basis:
        problems["basis"] = gettext("Name the decision by which this version is put in force.")
    try:
        if day:
            active_from = operations.begins(arrivals.day(day), web.engine().clock())
    except arrivals.DayUnreadable as refusal:
        problems["day"] = refusals.words(refusal)
    return {"legal_basis": basis, "active_from": active_from}, problems


def _takes_effect(number: int, active_from: datetime | None) -> str:
    if active_from is None:
        return gettext("Version %(n)s is in force. Open cases stay on their version.", n=number)
    return gettext(
        "Version %(n)s takes effect on %(day)s. Until then new cases start as before.",
        n=number,
        day=words.day(active_from),
    )


def _uploads() -> list[tuple[str, bytes]]:
    found = []
    for sent in request.files.getlist("files"):
        if sent.filename:
            found.append((sent.filename, sent.stream.read(operations.MOST_BYTES + 1)))
        sent.close()
    return found


@blueprint.post("/processes/new")
@permission("studio.deploy")
def new() -> ResponseReturnValue:
    """A proposal for a process that is not deployed yet, named by its drawing's file."""
    uploads = _uploads()
    keys = [n.rpartition("/")[2].removesuffix(".bpmn") for n, _c in uploads if n.endswith(".bpmn")]
    strange = operations.not_of_a_process(name for name, _content in uploads)
    if strange is not None:
        return _list(refusals.words(strange)), strange.status
    if len(keys) != 1:
        return _list(gettext("Choose exactly one drawing (.bpmn) and its other files.")), 422
    try:
        return _propose(keys[0], uploads)
    except Refusal as refusal:
        return _list(refusals.words(refusal)), refusal.status


@blueprint.get("/drawings/look")
@permission("studio.view")
def look() -> str:
    """Where one chooses files to look at, of which nothing is deployed."""
    return render_template("studio/look.html", looked=None, problem="", queries=queries)


@blueprint.post("/drawings/look")
@permission("studio.view")
def looked() -> ResponseReturnValue:
    """A drawing from anywhere with what each of its elements lacks; nothing of it is kept."""
    shown, problem, status = None, "", 200
    try:
        shown = looking.look(web.reading(), _uploads(), language())
    except Refusal as refusal:
        problem, status = refusals.words(refusal), refusal.status
    page = render_template("studio/look.html", looked=shown, problem=problem, queries=queries)
    return page, status


@blueprint.post("/processes/<key>/proposals")
@permission("studio.deploy")
def upload(key: str) -> ResponseReturnValue:
    """A proposal made of the version in force and the uploaded files."""
    views.process(web.reading(), key, web.engine().clock())
    try:
        return _propose(key, _uploads())
    except Refusal as refusal:
        return _process(key, None, upload=refusals.words(refusal)), refusal.status


def _propose(key: str, uploads: list[tuple[str, bytes]]) -> ResponseReturnValue:
    changed = operations.read(key, uploads)
    base = queries.in_force(web.reading(), key)
    number = operations.propose(web.engine(), base, changed, key=key, actor=web.signed_in())
    return redirect(url_for("studio.proposal", number=number), 303)


@blueprint.get("/proposals/<int:number>")
@permission("studio.view")
def proposal(number: int) -> ResponseReturnValue:
    """A proposal: findings beside its elements, scenarios, differences, what it touches.

    One that is done with leads to the version that it became, or to its process: letters and
    bookmarks name it still.
    """
    session = web.reading()
    try:
        return _proposal(number)
    except operations.ProposalClosed:
        row = session.get_one(operations.Proposal, number)
    if row.version_id is None:
        flash(
            gettext("Proposal %(n)s was put aside; nothing was deployed.", n=number), "information"
        )
        is_there = queries.in_force(session, row.process_key) is not None
        place = url_for("studio.process", key=row.process_key)
        return redirect(place if is_there else url_for("studio.processes"), 303)
    version = views.version(session, row.version_id).number
    flash(
        gettext("Proposal %(n)s was deployed as version %(v)s.", n=number, v=version),
        "information",
    )
    return redirect(url_for("studio.process", key=row.process_key, version=version), 303)


def _proposal(
    number: int,
    *,
    upload: str = "",
    problems: Problems | None = None,
    examined: examining.Examined | None = None,
) -> str:
    """The page of a proposal; with what was wrong with mended files, or with deploying."""
    session = web.reading()
    row = operations.open_proposal(session, number)
    examined = examined or examining.examine(session, row)
    of_current = request.args.get("drawing") == "in-force" and examined.current is not None
    return render_template(
        "studio/proposal.html",
        examined=examined,
        row=row,
        name=examined.name,
        marks=examining.marks(examined, of_current=of_current),
        of_current=of_current,
        unreadable=not examined.is_shown,
        touched=queries.touched(session, row.process_key),
        names=queries.names(session, [row.made_by]),
        queries=queries,
        typed=request.form,
        upload_problem=upload,
        problems=problems or {},
        today=operations.today(web.engine().clock()),
    )


@blueprint.get("/proposals/<int:number>/diagram")
@permission("studio.view")
def proposal_diagram(number: int) -> Response:
    """The drawing of a proposal, for the viewer."""
    row = operations.open_proposal(web.reading(), number)
    return _diagram(row.files, row.process_key)


@blueprint.get("/proposals/<int:number>/files/<path:path>")
@permission("studio.view")
def proposal_file(number: int, path: str) -> Response:
    """One file of a proposal, to be changed further."""
    row = operations.open_proposal(web.reading(), number)
    if path not in row.files:
        raise NotFound(thing=path)
    return _text(row.files[path], path.rpartition("/")[2])


@blueprint.post("/proposals/<int:number>/files")
@permission("studio.deploy")
def change(number: int) -> ResponseReturnValue:
    """More files of the proposal were mended, or one is dropped, or is again as it is in force."""
    row = operations.open_proposal(web.reading(), number)
    drop, restore = request.form.get("drop", ""), request.form.get("restore", "")
    try:
        if restore:
            changed = queries.file_in_force(web.reading(), row.process_key, restore)
        else:
            changed = {} if drop else operations.read(row.process_key, _uploads())
    except Refusal as refusal:
        return _proposal(number, upload=refusals.words(refusal)), refusal.status
    operations.change(web.engine(), number, changed, drop=drop)
    return redirect(url_for("studio.proposal", number=number), 303)


@blueprint.post("/proposals/<int:number>/deploy")
@permission("studio.deploy")
def deploy(number: int) -> ResponseReturnValue:
    """The proposal is the version in force; open cases stay on theirs."""
    decision, problems = _decision()
    if problems:
        return _proposal(number, problems=problems), 422
    note = request.form.get("note", "").strip()
    examined = examining.examine(web.reading(), operations.open_proposal(web.reading(), number))
    if examined.errors or examined.failed:
        return _proposal(number, examined=examined), 422
    try:
        version = operations.deploy(
            web.engine(), examined.row, actor=web.signed_in(), note=note, **decision
        )
    except ForceBackDated as refusal:
        problems = {"day": refusals.words(refusal)}
        return _proposal(number, problems=problems, examined=examined), 422
    flash(_takes_effect(version.number, decision["active_from"]), "success")
    return redirect(url_for("studio.process", key=version.process_key), 303)


@blueprint.post("/proposals/<int:number>/discard")
@permission("studio.deploy")
def discard(number: int) -> ResponseReturnValue:
    """The proposal is put aside."""
    row = operations.open_proposal(web.reading(), number)
    operations.put_aside(web.engine(), number)
    flash(gettext("The proposal was put aside. Nothing was deployed."), "success")
    return redirect(
        url_for(
            "studio.processes" if row.base_version_id is None else "studio.process",
            key=row.process_key,
        ),
        303,
    )
