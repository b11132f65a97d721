"""The account log on screen and as a file; whoever reads it stands in it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from html import unescape

from flask import Response, get_template_attribute, render_template, request
from flask_babel import gettext

from app import arrivals, web
from app.people import directory, log, queries, visits
from app.people.blueprint import blueprint
from app.people.models import AccountLog
from app.people.registers.files import plain
from app.people.rights.groups import on_day
from app.people.settings import setting
from app.web import permission
from engine.calendar import ZONE
from engine.errors import Refusal

MOST_LINES = 50_000
"""What one file holds: more is slow to make and no spreadsheet is the better for it."""


class TooManyLines(Refusal):
    """More than {most} lines match. Narrow the list by days and save it in parts."""

    status = 422


def _wanted(problems: dict[str, str]) -> log.Wanted:
    """What the address asks for, within what the reader may see."""
    actor = web.signed_in()
    return log.Wanted(
        units=directory.visible_units(actor),
        with_strangers=actor.may("operations.view") or actor.may("audit.view"),
        event=request.args.get("event") or None,
        account=request.args.get("account", "")[:120],
        since=_midnight(arrivals.day_asked("since", problems)),
        until=_midnight(arrivals.day_asked("until", problems), days=1),
        before=request.args.get("before", type=arrivals.row_number),
    )


@blueprint.get("/people/log")
@permission("people.view")
def account_log() -> str:
    """The account log of the units that the reader looks after; reading it is logged too."""
    problems: dict[str, str] = {}
    wanted = _wanted(problems)
    visits.note_reader()
    lines = log.lines(web.reading(), wanted, limit=101)
    return render_template(
        "people/log.html",
        wanted=wanted,
        problems=problems,
        lines=lines[:100],
        hands=directory.hands(web.reading(), [], lines),
        more=lines[99].id if len(lines) > 100 else None,
        events=log.EVENTS,
        groups=on_day(web.reading(), date.max),
        units=queries.units(web.reading(), web.engine().clock()),
    )


@blueprint.get("/people/log.csv")
@permission("people.view")
def account_log_file() -> Response:
    """The lines that the page would list, as a file for a spreadsheet; who took it is logged.

    Raises TooManyLines.
    """
    wanted = _wanted({})
    found = log.lines(web.reading(), wanted, limit=MOST_LINES + 1)
    if len(found) > MOST_LINES:
        raise TooManyLines(most=MOST_LINES)
    visits.note_reader(format="csv", lines=len(found))
    out = io.StringIO()
    mark = str(setting(web.reading(), web.engine().clock(), "export.csv_separator"))
    csv.writer(out, delimiter=mark).writerows(_rows(found))
    # Spreadsheets take a file for UTF-8 by its first bytes.
    return Response(
        out.getvalue().encode("utf-8-sig"),
        mimetype="text/csv",
        headers={"Content-Disposition": "attachment; filename=nhat-ky-tai-khoan.csv"},
    )


def _rows(found: list[AccountLog]) -> Iterator[list[str]]:
    units = queries.units(web.reading(), web.engine().clock())
    yield [
        gettext("When"), gettext("When (UTC)"), gettext("What"), gettext("Account"),
        gettext("By whom"), gettext("Unit"), gettext("From where"), gettext("Details"),
        gettext("Details as recorded"), gettext("Holder"), gettext("By whom (name)"),
    ]  # fmt: skip
    said = get_template_attribute("people/_words.html", "log_details")
    known = on_day(web.reading(), date.max)
    hands = directory.hands(web.reading(), [], found)
    for line in found:
        unit = units.get(line.unit_code or "")
        details = json.dumps(line.details, ensure_ascii=False, sort_keys=True, default=str)
        yield [
            line.at.astimezone(ZONE).strftime("%d/%m/%Y %H:%M:%S"),
            line.at.isoformat(),
            gettext(log.EVENTS.get(line.event, line.event)),
            plain(line.account),
            plain(line.actor),
            plain(unit.name if unit else line.unit_code or ""),
            plain(line.address),
            plain(unescape(said(line, known, units))),  # The page's own words, as text.
            details if line.details else "",
            plain(hands.at(line.account, line.at)),
            plain(hands.at(line.actor, line.at)),
        ]


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    """Local midnight at which a day begins, some days later."""
    return datetime.combine(day + timedelta(days=days), time(), ZONE) if day else None
