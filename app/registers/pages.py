"""Registers of the law and numbering books on screen, as XLSX and as PDF."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from sqlalchemy.orm import Session

from app import arrivals, config, i18n, law, web, who
from app.i18n import language
from app.people import log
from app.people import queries as people
from app.people.log import Origin
from app.people.registers import files
from app.people.settings import number, setting
from app.registers import books, queries
from app.web import permission
from engine import papers, register_reads
from engine.calendar import ZONE
from engine.errors import NotFound, Refusal
from engine.reads import CaseRow
from engine.register_reads import Kept, Wanted

blueprint = Blueprint("registers", __name__, template_folder="templates")
TEMPLATE = "forms/_layout/register.typ"
MOST_PRINTED = 5000
"""More rows than a paper book of a year has; they fill some three hundred pages."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TooLongToPrint(Refusal):
    """{count} rows are too many to print at once; at most {most} are. Narrow the register to a
    shorter time."""

    status = 422


def _today() -> date:
    return web.engine().clock().astimezone(ZONE).date()


@blueprint.get("/registers")
@permission("cases.view")
def listed() -> str:
    """The registers that deployed processes keep, and the books out of which numbers come."""
    session, actor = web.reading(), web.signed_in()
    found = register_reads.known(session).values()
    return render_template(
        "registers/list.html",
        registers=[(kept, register_reads.count(session, actor, kept, Wanted())) for kept in found],
        books=queries.listed(session, actor, _today()),
    )


def _page(size: int, total: int) -> int:
    """The page that is asked for, from 1 on; the last one when there are not so many."""
    asked = max(request.args.get("page", 1, type=int), 1)
    return min(asked, max(-(-total // size), 1))


@blueprint.get("/registers/<key>")
@permission("cases.view")
def register(key: str) -> str:
    """One register: its columns in the law's order, narrowed and sorted as the address says."""
    session, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    kept, problems = _kept(session, key), {}
    wanted = _wanted(kept, problems)
    size = number(session, now, "inbox.page_size")
    total = register_reads.count(session, actor, kept, wanted)
    at = _page(size, total)
    start = (at - 1) * size
    rows = list(register_reads.rows(session, actor, kept, wanted, start=start, limit=size))
    chosen = {name: text for name, text in request.args.items() if text and name != "page"}
    return render_template(
        "registers/register.html",
        key=key,
        kept=kept,
        register=kept.register,
        rows=rows,
        cells=_cells(session, kept, rows),
        kinds=queries.kinds(kept),
        labels=_labels(kept),
        total=total,
        first=start + 1,
        page=at,
        pages=(total + size - 1) // size,
        chosen=chosen,
        wanted=wanted,
        problems=problems,
        units=_units(),
        names=_names(session, rows),
        address=lambda **more: url_for("registers.register", key=key, **{**chosen, **more}),
    )


@blueprint.get("/registers/<key>/file.<kind>")
@permission("cases.view")
def file(key: str, kind: str) -> ResponseReturnValue:
    """The same rows as a file, in the words of the law; that it was taken stands in the log."""
    if kind not in ("xlsx", "pdf"):
        abort(404)
    session, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    kept = _kept(session, key)
    wanted = _wanted(kept, {})
    count = register_reads.count(session, actor, kept, wanted)
    if kind == "pdf" and count > MOST_PRINTED:
        raise TooLongToPrint(count=count, most=MOST_PRINTED)
    with web.engine().writing() as writing:
        log.record(
            writing, "list_exported", "", origin=Origin.of(actor, now), unit=actor.unit,
            register=key, format=kind, lines=count,
            conditions=request.query_string.decode(errors="replace")[:500] or None,
        )  # fmt: skip
    name = f"{key}-{_today():%Y-%m-%d}.{kind}"
    if kind == "pdf" and not wanted.sort:  # A bound book begins with what was entered first.
        wanted = replace(wanted, sort=kept.register.sort, is_descending=False)
    with force_locale(i18n.LANGUAGES[0]):
        rows = _told(session, kept, wanted)
        if kind == "pdf":
            return _paper(session, kept, wanted, list(rows), name=name)
        out = tempfile.TemporaryFile()  # noqa: SIM115  # Closed with the answer that it is.
        heads = [
            files.Column(f"c{place}", column.label, max(column.width, 8))
            for place, column in enumerate(kept.register.columns)
        ]
        lines = ({f"c{place}": cell for place, cell in enumerate(row)} for row in rows)
        files.book_of(out, heads, lines, title=_sheet(kept.register.title))
    out.seek(0)
    return send_file(out, mimetype=XLSX, as_attachment=True, download_name=name)


def _sheet(title: str) -> str:
    """A title as a sheet may be called."""
    return "".join(" " if sign in "[]:*?/\\'" else sign for sign in title)


def _paper(
    session: Session, kept: Kept, wanted: Wanted, rows: list[list[Any]], *, name: str
) -> Response:
    """The register as it is printed, signed and bound (NĐ 30/2020, articles 16.2b and 22.3b)."""
    from app import areas

    now, drawn = web.engine().clock(), kept.register
    shown = [queries.kinds(kept).get(column.name or "", "text") for column in drawn.columns]
    data = {
        "title": drawn.title,
        "basis": "; ".join(law.cited(drawn.legal_basis)),
        "agency": str(setting(session, now, "agency.name")),
        **_covered(kept, wanted, rows),
        "made": now,
        "paper": drawn.paper.lower(),
        "flipped": drawn.orientation == "landscape",
        "columns": [{"label": c.label, "width": c.width} for c in drawn.columns],
        "rows": [
            [queries.shown(cell, kind) for cell, kind in zip(row, shown, strict=True)]
            for row in rows
        ],
    }
    text = (config.ROOT / TEMPLATE).read_text(encoding="utf-8")
    with_layouts = papers.completed(config.ROOT, {TEMPLATE: text})
    paper = areas.SETTER.set(with_layouts, TEMPLATE, data, at=now)
    return send_file(io.BytesIO(paper.content), mimetype="application/pdf", download_name=name)


def _covered(kept: Kept, wanted: Wanted, rows: list[list[Any]]) -> dict[str, date | None]:
    """The days that a printed register covers: those asked for, else of its first and last row."""
    names = [column.name for column in kept.register.columns]
    days: list[date] = []
    if kept.register.period in names:
        cells = (row[names.index(kept.register.period)] for row in rows)
        days = [
            cell.astimezone(ZONE).date() if isinstance(cell, datetime) else cell
            for cell in cells
            if isinstance(cell, date)
        ]
    return {
        "since": wanted.since or min(days, default=None),
        "until": wanted.until or max(days, default=None),
    }


def _told(session: Session, kept: Kept, wanted: Wanted) -> Iterator[list[Any]]:
    """The rows as files have them; units and people are looked up as they come."""
    names = _names(session, [])
    units = people.units(session, web.engine().clock())
    for row in register_reads.rows(session, web.signed_in(), kept, wanted):
        cells = [queries.value(row, column.name, names) for column in kept.register.columns]
        for place, column in enumerate(kept.register.columns):
            if column.name == "unit" and row.unit in units:
                cells[place] = units[row.unit].name
        yield cells


def _kept(session: Session, key: str) -> Kept:
    """The register of that key. Raises NotFound."""
    found = register_reads.known(session).get(key)
    if found is None:
        raise NotFound(thing=f"register {key}")
    return found


def _wanted(kept: Kept, problems: dict[str, str]) -> Wanted:
    """What the address asks for; a day that is none is told and left out."""
    asked, named = request.args, kept.register.named
    sort = asked.get("sort", "")
    name = sort.removeprefix("-")
    return Wanted(
        asked.get("q", "").strip()[:200],
        asked.get("unit") or None,
        arrivals.day_asked("since", problems),
        arrivals.day_asked("until", problems),
        {
            column: asked[f"f.{column}"].strip()[:200]
            for column in kept.register.filters
            if asked.get(f"f.{column}", "").strip()
        },
        name if name in named else None,
        sort.startswith("-"),
    )


def _labels(kept: Kept) -> dict[str, str]:
    """What each column is called in the reader's language, by its name."""
    english = language() == "en"
    return {
        column.name: column.label_en if english else column.label
        for column in (*kept.register.columns, *kept.register.unseen)
        if column.name
    }


def _units() -> list[str]:
    """The units by which the reader may narrow a register."""
    return sorted(web.signed_in().rights.get("cases.view", ()))


def _names(session: Session, rows: list[CaseRow]) -> who.Names:
    now = web.engine().clock()
    return who.names(
        session, now, people=[row.started_by for row in rows],
        units=[*(row.unit for row in rows), *_units()], english=language() == "en",
    )  # fmt: skip


def _cells(session: Session, kept: Kept, rows: list[CaseRow]) -> Mapping[int, list[str]]:
    """By case, its cells as the page writes them."""
    names, kinds = _names(session, rows), queries.kinds(kept)
    return {
        row.id: [
            queries.shown(queries.value(row, c.name, names), kinds.get(c.name or "", "text"))
            for c in kept.register.columns
        ]
        for row in rows
    }


@blueprint.get("/registers/books/<key>")
@permission("cases.view")
def book(key: str) -> str:
    """The numbers of one book: who got which, when, and that none is missing."""
    session, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    rules = books.on_day(session, key, _today())
    if rules is None:
        raise NotFound(thing=f"book {key}")
    series = queries.series(session, actor, key)
    scope = request.args.get("series", "")
    chosen = next((one for one in series if one.scope == scope), series[0] if series else None)
    periods = queries.periods(session, chosen.scope) if chosen else []
    period = request.args.get("period", "")
    period = period if period in periods else (periods[0] if periods else "")
    size = number(session, now, "inbox.page_size")
    whole = queries.whole(session, chosen.scope, period) if chosen else None
    at = _page(size, whole.count if whole else 0)
    rows: list[queries.NumberRow] = []
    if chosen:
        series_of = (chosen.scope, period)
        found = queries.numbers(session, actor, series_of, start=(at - 1) * size, limit=size)
        rows = list(found)
    return render_template(
        "registers/book.html",
        book=rules,
        series=series,
        chosen=chosen,
        periods=periods,
        period=period,
        told=queries.period_told,
        pattern=queries.pattern_told(rules.pattern),
        whole=whole,
        rows=rows,
        page=at,
        size=size,
        names=who.names(
            session, now, people=[row.by for row in rows], units=[one.unit for one in series],
            english=language() == "en",
        ),
    )  # fmt: skip
