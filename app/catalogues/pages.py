"""Catalogues on screen and as XLSX: what holds on a day, and what was done to an entry."""

from __future__ import annotations

import tempfile
from datetime import date

from flask import Blueprint, abort, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from sqlalchemy.orm import Session

from app import arrivals, i18n, web, who
from app.catalogues import looking, queries
from app.catalogues.models import LOCKED, OPEN
from app.catalogues.queries import Kept
from app.i18n import language
from app.people import log
from app.people.log import Origin
from app.people.registers import files
from app.people.settings import number
from app.web import permission
from engine.calendar import ZONE
from engine.errors import NotFound

blueprint = Blueprint("catalogues", __name__, template_folder="templates")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _today() -> date:
    return web.engine().clock().astimezone(ZONE).date()


@blueprint.get("/catalogues")
@permission("catalogues.view")
def listed() -> str:
    """The catalogues that deployed processes keep, with how many entries are open today."""
    session, today = web.reading(), _today()
    found = [
        (kept, len([r for r in queries.on_day(session, kept.key, today) if r.state == OPEN]))
        for kept in sorted(queries.known(session).values(), key=lambda one: one.catalogue.title)
    ]
    return render_template("catalogues/list.html", catalogues=found)


@blueprint.get("/catalogues/<key>")
@permission("catalogues.view")
def catalogue(key: str) -> str:
    """The entries of a day, found by words and narrowed by columns and state."""
    session, now = web.reading(), web.engine().clock()
    kept, problems = _kept(session, key), {}
    wanted = _wanted(kept, problems)
    rows = looking.found(session, kept, wanted)
    size = number(session, now, "inbox.page_size")
    at = max(request.args.get("page", 1, type=int), 1)
    start = min((at - 1) * size, max(len(rows) - 1, 0) // size * size)
    shown = rows[start : start + size]
    chosen = {name: text for name, text in request.args.items() if text and name != "page"}
    speech = looking.Speech.of(session, wanted.on, english=language() == "en")
    return render_template(
        "catalogues/catalogue.html",
        kept=kept,
        described=kept.catalogue,
        columns=[kept.catalogue.by_name[name] for name in kept.catalogue.shown],
        rows=shown,
        cells={row.entry: speech.row(kept.catalogue, row) for row in shown},
        total=len(rows),
        page=start // size + 1,
        pages=(len(rows) + size - 1) // size,
        chosen=chosen,
        on=wanted.on,
        problems=problems,
        filters=looking.filters(session, kept, wanted.on, speech),
        may_export=web.signed_in().may("catalogues.export"),
        address=lambda **more: url_for("catalogues.catalogue", key=key, **{**chosen, **more}),
    )


@blueprint.get("/catalogues/<key>/entries/<path:entry>")
@permission("catalogues.view")
def entry(key: str, entry: str) -> str:
    """One entry as it is on the day asked for, and all that was done to it."""
    session, now = web.reading(), web.engine().clock()
    kept, problems = _kept(session, key), {}
    rows = queries.history(session, key, entry)
    if not rows:
        raise NotFound(thing=f"{key} {entry}")
    on = arrivals.day_asked("on", problems) or _today()
    current = queries.one(session, key, entry, on)
    speech = looking.Speech.of(session, on, english=language() == "en")
    return render_template(
        "catalogues/entry.html",
        kept=kept,
        described=kept.catalogue,
        entry=entry,
        rows=rows,
        current=current,
        cells=speech.row(kept.catalogue, current),
        on=on,
        today=_today(),
        problems=problems,
        may_open=web.signed_in().may("cases.view"),
        names=who.names(
            session, now, people=[row.written_by for row in rows], english=language() == "en"
        ),
    )


@blueprint.get("/catalogues/<key>/file.xlsx")
@permission("catalogues.export")
def file(key: str) -> ResponseReturnValue:
    """The same entries with all their contents; that it was taken stands in the account log."""
    session, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    kept = _kept(session, key)
    wanted = _wanted(kept, {})
    rows = looking.found(session, kept, wanted)
    with web.engine().writing() as writing:
        log.record(
            writing, "list_exported", "", origin=Origin.of(actor, now), unit=actor.unit,
            catalogue=key, format="xlsx", lines=len(rows),
            conditions=request.query_string.decode(errors="replace")[:500] or None,
        )  # fmt: skip
    out = tempfile.TemporaryFile()  # noqa: SIM115  # Closed with the answer that it is.
    with force_locale(i18n.LANGUAGES[0]):
        speech = looking.Speech.of(session, wanted.on, english=False)
        heads, lines = looking.sheet(kept, rows, speech)
        files.book_of(out, heads, lines, title=looking.sheet_name(kept.catalogue.title))
    out.seek(0)
    name = f"{key}-{wanted.on:%Y-%m-%d}.xlsx"
    return send_file(out, mimetype=XLSX, as_attachment=True, download_name=name)


def _kept(session: Session, key: str) -> Kept:
    found = queries.known(session).get(key)
    if found is None:
        raise NotFound(thing=f"catalogue {key}")
    return found


def _wanted(kept: Kept, problems: dict[str, str]) -> looking.Wanted:
    """What the address asks for; a day that is none is told, and today is shown."""
    asked = request.args
    state = asked.get("state", "")
    if state not in ("", OPEN, LOCKED):
        abort(404)
    return looking.Wanted(
        arrivals.day_asked("on", problems) or _today(),
        asked.get("q", "").strip()[:200],
        state,
        {
            name: asked[f"f.{name}"].strip()[:200]
            for name in kept.catalogue.filters
            if asked.get(f"f.{name}", "").strip()
        },
    )
