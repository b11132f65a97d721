"""Who could do what on a day, as a file."""

from __future__ import annotations

from flask import abort
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from app import i18n, web
from app.people import log
from app.people.blueprint import blueprint
from app.people.log import Origin
from app.people.registers.file_pages import FORMATS, sent, told
from app.people.rights import groups, pages
from app.people.rights.explaining import Able
from app.people.rights.groups import day_of
from app.web import permission
from engine.calendar import ZONE


def _until(row: Able) -> str:
    return f" (đến {row.until.astimezone(ZONE):%H:%M})" if row.until is not None else ""


@blueprint.get("/people/rights/file.<kind>")
@permission("people.export")
def able_file(kind: str) -> ResponseReturnValue:
    """Who of the reader's units could do a thing in one of them on a day, as a file; who took it
    stands in the account log.
    """
    if kind not in FORMATS:
        abort(404)
    reading, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    asked, units, found = pages.answered(actor.rights.get("people.export", frozenset()))
    if asked is None:
        abort(404)
    called = {key: group.name for key, group in groups.on_day(reading, asked.on).items()}
    # The file has the words of the law, whatever language its reader works in.
    with force_locale(i18n.LANGUAGES[0]):
        right = gettext(asked.right)
    unit_of = {code: row.name for code, row in units.items()}
    rows = [
        {
            "full_name": row.holder,
            "name": row.account.name,
            "unit_name": unit_of.get(row.account.unit_code or "", row.account.unit_code),
            "groups": ", ".join(called.get(key, key) for key in row.groups) + _until(row),
            "right": right,
            "where": unit_of[asked.unit],
            "on": day_of(asked.on),
        }
        for row in found
    ]
    conditions = {"right": asked.right, "unit": asked.unit, "on": f"{day_of(asked.on)}"}
    with web.engine().writing() as session:
        log.record(
            session, "list_exported", "", origin=Origin.of(actor, now), unit=actor.unit,
            register="rights", format=kind, lines=len(rows), conditions=told(conditions),
        )  # fmt: skip
    return sent(kind, now, rows, register="rights")
