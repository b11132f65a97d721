"""The signatures in a case's file, in words; files that bear a word, with the word on them."""

from __future__ import annotations

import io

from flask import Blueprint, current_app, render_template, send_file
from flask.typing import ResponseReturnValue

from app import web
from app.papers.desk import folder
from app.web import SIGNED_IN, permission
from engine import glimpses, views
from engine.tables import File

blueprint = Blueprint("papers", __name__, template_folder="templates")


def _file(file_id: int) -> File:
    """The file, for whoever may see it. Raises NotFound, FileErased."""
    engine = web.engine()
    return glimpses.file(web.reading(), engine.mover, file_id, web.signed_in(), engine.clock())


@blueprint.get("/files/<int:file_id>/signatures")
@permission(SIGNED_IN)
def signatures(file_id: int) -> str:
    """Who signed the file, when, and whether it holds; for whoever may see its case."""
    # It takes a second to load, which only those spend who ask.
    from adapters.signing import reading

    engine, session = web.engine(), web.reading()
    file = _file(file_id)
    trust = folder(current_app.extensions["settings"]).trusted()
    content = engine.store.get(file.sha256)
    found = reading.signatures(content, trust, now=engine.clock(), name=file.name)
    case = views.case_row(session, file.case_id)
    return render_template("papers/signatures.html", file=file, case=case, found=found)


@blueprint.get("/files/<int:file_id>/marked")
@permission(SIGNED_IN)
def marked(file_id: int) -> ResponseReturnValue:
    """The file with the word that it bears on every page, and before its name; of what is no PDF,
    before its name alone.
    """
    file = _file(file_id)
    return send_file(
        io.BytesIO(_with_mark(file)),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=f"{file.mark} - {file.name}" if file.mark else file.name,
    )


def _with_mark(file: File) -> bytes:
    content = web.engine().store.get(file.sha256)
    if file.mark is None or file.marked_at is None or file.media_type != "application/pdf":
        return content
    from adapters.signing import overlay
    from app import areas

    setter, why = areas.SETTER, file.marked_why or ""
    try:
        return overlay.marked(content, setter, mark=file.mark, reason=why, at=file.marked_at)
    except overlay.CannotBeMarked:
        return content
