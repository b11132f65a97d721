"""The signatures in a case's file, in words."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template

from app import web
from app.papers.desk import folder
from app.web import SIGNED_IN, permission
from engine import glimpses, views

blueprint = Blueprint("papers", __name__, template_folder="templates")


@blueprint.get("/files/<int:file_id>/signatures")
@permission(SIGNED_IN)
def signatures(file_id: int) -> str:
    """Who signed the file, when, and whether it holds; for whoever may see its case."""
    # It takes a second to load, which only those spend who ask.
    from adapters.signing import reading

    engine, session = web.engine(), web.reading()
    file = glimpses.file(session, engine.mover, file_id, web.signed_in(), engine.clock())
    trust = folder(current_app.extensions["settings"]).trusted()
    content = engine.store.get(file.sha256)
    found = reading.signatures(content, trust, now=engine.clock(), name=file.name)
    case = views.case_row(session, file.case_id)
    return render_template("papers/signatures.html", file=file, case=case, found=found)
