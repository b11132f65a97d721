"""The numbers of procedures on screen and as a file, of the units where the reader counts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Response, abort, render_template, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app import arrivals, shell, web
from app.cases import statistics
from app.cases.pages import blueprint
from app.i18n import language
from app.people import log, queries
from app.people.log import Origin
from app.people.registers import files
from app.people.settings import setting
from app.web import permission
from engine import views
from engine.calendar import ZONE

FORMATS = ("xlsx", "csv")


@blueprint.get("/cases/statistics")
@permission("people.statistics")
def counted() -> str:
    """How many cases of each process began, ended and lie, in a period (KH-12.5a7)."""
    problems: dict[str, str] = {}
    session, asked = web.reading(), _asked(problems)
    lines = _lines(session, asked)
    known = queries.units(session, web.engine().clock())
    held = _units()
    return render_template(
        "cases/statistics.html",
        asked=asked,
        problems=problems,
        lines=lines,
        total=statistics.total(lines),
        named_ends=_named_ends(session, lines),
        processes=shell.in_order(views.processes(session)),
        units=known,
        offered=[one for one in known.values() if one.code in held],
    )


@blueprint.get("/cases/statistics/file.<kind>")
@permission("people.statistics")
def counted_file(kind: str) -> ResponseReturnValue:
    """The same numbers as a file; that it was taken stands in the account log."""
    if kind not in FORMATS:
        abort(404)
    session, asked, actor = web.reading(), _asked({}), web.signed_in()
    rows = list(_rows(session, _lines(session, asked)))
    now = web.engine().clock()
    with web.engine().writing() as writing:
        log.record(
            writing, "list_exported", "", origin=Origin.of(actor, now), unit=actor.unit,
            register="procedures", format=kind, lines=len(rows),
            conditions=f"{asked['since']:%d/%m/%Y} - {asked['until']:%d/%m/%Y}",
        )  # fmt: skip
    days = f"{asked['since']:%Y-%m-%d}-{asked['until']:%Y-%m-%d}"
    name = files.file_name("procedures", days, kind)
    if kind == "csv":
        mark = str(setting(session, now, "export.csv_separator"))
        pieces = list(files.csv_lines("procedures", rows, mark=mark))
        headers = {"Content-Disposition": f"attachment; filename={name}"}
        return Response(pieces, mimetype="text/csv", headers=headers)
    out = tempfile.TemporaryFile()  # noqa: SIM115  # Closed with the answer that it is.
    files.workbook(out, "procedures", rows, title="Thống kê quy trình")
    out.seek(0)
    mimetype = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return send_file(out, mimetype=mimetype, as_attachment=True, download_name=name)


def _named_ends(session: Session, lines: list[statistics.Line]) -> dict[tuple[str, str], str]:
    """By process and end, what the end is called in the reader's language, where the drawing says
    it.
    """
    if language() != "en":
        return {}
    found: dict[tuple[str, str], str] = {}
    for line in lines:
        for end, version in line.drawn.items():
            for node in views.program(session, web.engine().mover, version).nodes.values():
                if node.kind == "endEvent" and node.name == end and "name_en" in node.properties:
                    found[line.process, end] = node.properties["name_en"]
    return found


def _units() -> frozenset[str]:
    return web.signed_in().rights.get("people.statistics", frozenset())


def _asked(problems: dict[str, str]) -> dict[str, Any]:
    """Process, unit, and first and last day of the period: this year so far where none is said."""
    today = web.engine().clock().astimezone(ZONE).date()
    since = arrivals.day_asked("since", problems) or today.replace(month=1, day=1)
    until = max(since, arrivals.day_asked("until", problems) or today)
    given = {name: request.args.get(name) or None for name in ("process", "unit")}
    return given | {"since": since, "until": until}


def _lines(session: Session, asked: dict[str, Any]) -> list[statistics.Line]:
    units = _units()
    if asked["unit"]:
        units &= {asked["unit"]}
    period = statistics.Period(
        _midnight(asked["since"]),
        _midnight(asked["until"] + timedelta(days=1)),
        web.engine().clock(),
    )
    return statistics.lines(session, units, period, shell.calendar(), process=asked["process"])


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), ZONE)


def _rows(session: Session, lines: list[statistics.Line]) -> Iterator[files.Row]:
    """The lines as a file has them, in the words of the law."""
    names = {one.key: one.name for one in views.processes(session)}
    units = queries.units(session, web.engine().clock())
    for line in lines:
        ends = (f"{name}: {number}" for name, number in sorted(line.ends.items()))
        yield {
            "process": names.get(line.process, line.process),
            "unit": units[line.unit].name if line.unit in units else line.unit,
            "began": line.began,
            "ended": line.ended,
            "ended_late": line.ended_late,
            "ends": "; ".join(ends),
            "cancelled": line.cancelled,
            "open": line.open,
            "late": line.late,
            "mean": line.mean,
        }
