"""The registers as files; who took which, and by what criteria, stands in the account log."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from flask import Response, abort, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from app import i18n, web
from app.people import log, queries
from app.people.blueprint import blueprint
from app.people.log import Origin
from app.people.registers import counting, customers, files, finding, words
from app.people.registers.criteria import NONE, Criteria
from app.people.registers.finding import View
from app.people.registers.pages import address, choices, criteria_asked, view
from app.people.rights import groups
from app.people.settings import setting
from app.web import permission
from engine.calendar import ZONE
from engine.forms.formats import local_phone

FORMATS = ("xlsx", "csv")


@blueprint.get("/people/statistics/file.<kind>")
@permission("people.export")
def statistics_file(kind: str) -> ResponseReturnValue:
    """The users that meet the criteria, as a file; of customers, the page asking for consent."""
    if kind not in FORMATS:
        abort(404)
    seen, criteria = view("people.export"), criteria_asked({})
    if criteria.register == "customers":
        return redirect(address("people.customers_consent", criteria), 303)
    return _file(kind, seen, criteria, {})


@blueprint.get("/people/statistics/figures.<kind>")
@permission("people.statistics")
def statistics_figures(kind: str) -> ResponseReturnValue:
    """The numbers of the page as a file, without anybody's name."""
    if kind not in FORMATS:
        abort(404)
    seen, criteria = view("people.statistics"), criteria_asked({})
    with force_locale(i18n.LANGUAGES[0]):
        rows = list(_figures(seen, criteria))
    _note(kind, seen, criteria, "figures", lines=len(rows))
    return sent(kind, seen.now, rows, register="figures")


def _figures(seen: View, criteria: Criteria) -> Iterator[files.Row]:
    """Each number in the words of the law; share: of all that meet the criteria."""
    found, on = counting.statistics(web.reading(), seen, criteria), criteria.on or seen.now
    called: dict[str, dict[str, str]] = {
        "unit": {code: one.name for code, one in queries.units(web.reading(), on).items()},
        "group": {key: one.name for key, one in groups.on_day(web.reading(), on).items()},
        "state": {key: str(said) for key, said in words.STATES.items()},
        "kind": {key: str(said) for key, said in words.KINDS.items()},
        "label": {NONE: gettext("no label")},
    }
    called["unit"][""] = gettext("no unit")
    yield {"table": gettext("All accounts"), "what": "", "accounts": found.total, "share": 100}
    for table, title in words.TABLES.items():
        for line in found.told(table):
            month = f"{line.key[5:]}/{line.key[:4]}" if table == "month" else line.key
            yield {
                "table": str(title),
                "what": called.get(table, {}).get(line.key, month),
                "accounts": line.number,
                "share": round(100 * line.number / found.total),
            }


@blueprint.get("/people/statistics/customers-file")
@permission("people.export")
def customers_consent() -> str:
    """Asks for reason, purpose and consent before data of customers leave (KH-12.6a7)."""
    return _ask({}, {})


def _ask(typed: dict[str, str], problems: dict[str, str]) -> str:
    seen = view("people.export")
    criteria = criteria_asked({}).but(register="customers")
    return render_template(
        "people/customers_file.html",
        total=finding.count(web.reading(), seen, criteria),
        typed=typed,
        problems=problems,
        errors=[{"field": name, "text": said} for name, said in problems.items()],
        **choices(seen, criteria),
    )


@blueprint.post("/people/statistics/customers-file")
@permission("people.export")
def take_customers_file() -> ResponseReturnValue:
    """The file holds those customers alone whose consent is named; all of it is recorded."""
    typed = {
        name: request.form.get(name, "").strip()[: 2000 if name != "agreed" else 100_000]
        for name in ("reason", "purpose", "consent", "agreed")
    }
    missing = {name: gettext("Fill this in.") for name, text in typed.items() if not text}
    if missing:
        return _ask(typed, missing), 422
    seen = view("people.export")
    criteria = criteria_asked({}).but(register="customers")
    agreed = frozenset(typed.pop("agreed").replace(",", " ").replace(";", " ").split())
    kind = request.form.get("kind", "xlsx")
    found = [
        row
        for row in finding.stream(web.reading(), seen, criteria)
        if agreed & {customers.name_of(row), row["enterprise_code"], row["tax_code"]}
    ]
    if not found:
        problem = gettext("None of these customers is in the list.")
        return _ask(typed | {"agreed": "\n".join(sorted(agreed))}, {"agreed": problem}), 422
    kept = typed | {"accounts": ", ".join(customers.name_of(row) for row in found)[:4000]}
    return _file(kind if kind in FORMATS else "xlsx", seen, criteria, kept, rows=found)


def _file(
    kind: str,
    seen: View,
    criteria: Criteria,
    recorded: dict[str, str],
    *,
    rows: list[dict[str, Any]] | None = None,
) -> ResponseReturnValue:
    reading = web.reading()
    count = finding.count(reading, seen, criteria) if rows is None else len(rows)
    _note(kind, seen, criteria, criteria.register, lines=count, **recorded)
    # The file has the words of the law, whatever language its reader works in.
    with force_locale(i18n.LANGUAGES[0]):
        tell = _teller(reading, seen, criteria)
    day = f"{seen.now.astimezone(ZONE):%Y-%m-%d}"
    name = files.file_name(criteria.register, day, kind)
    if kind == "csv":
        mark = str(setting(reading, seen.now, "export.csv_separator"))
        pieces = _pieces(seen, criteria, tell, mark, rows)
        disposition = {"Content-Disposition": f"attachment; filename={name}"}
        return Response(pieces, mimetype="text/csv", headers=disposition)
    told = map(tell, finding.stream(reading, seen, criteria) if rows is None else rows)
    return _workbook(criteria.register, told, day)


def told(criteria: Mapping[str, object]) -> str | None:
    """By what a list was narrowed, as the account log says it; None when it was not."""
    return "; ".join(f"{name}={value}" for name, value in criteria.items()) or None


def _note(
    kind: str, seen: View, criteria: Criteria, register: str, *, lines: int, **recorded: str
) -> None:
    """Who took which file, and by what criteria, stands in the account log."""
    actor = web.signed_in()
    with web.engine().writing() as session:
        log.record(
            session, "list_exported", "", origin=Origin.of(actor, seen.now), unit=actor.unit,
            register=register, format=kind, lines=lines,
            conditions=told(criteria.arguments()), **recorded,
        )  # fmt: skip


def sent(kind: str, now: datetime, rows: list[files.Row], *, register: str) -> ResponseReturnValue:
    """The rows as a file named after the register and the day."""
    day = f"{now.astimezone(ZONE):%Y-%m-%d}"
    if kind != "csv":
        return _workbook(register, rows, day)
    mark = str(setting(web.reading(), now, "export.csv_separator"))
    pieces = list(files.csv_lines(register, rows, mark=mark))
    name = files.file_name(register, day, "csv")
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(pieces, mimetype="text/csv", headers=headers)


def _workbook(register: str, rows: Iterable[files.Row], day: str) -> ResponseReturnValue:
    out = tempfile.TemporaryFile()  # noqa: SIM115  # Closed with the answer that it is.
    files.workbook(out, register, rows, title=day)
    out.seek(0)
    kind_of_file = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    name = files.file_name(register, day, "xlsx")
    return send_file(out, mimetype=kind_of_file, as_attachment=True, download_name=name)


def _pieces(
    seen: View, criteria: Criteria, tell: Any, mark: str, rows: list[dict[str, Any]] | None
) -> Iterator[bytes]:
    """Read while the file is sent, in a session of its own: the request's is closed by then."""
    engine = web.engine()

    def pieces() -> Iterator[bytes]:
        with engine.reading() as session:
            found = finding.stream(session, seen, criteria) if rows is None else rows
            yield from files.csv_lines(criteria.register, map(tell, found), mark=mark)

    return pieces()


def _teller(session: Session, seen: View, criteria: Criteria) -> Any:
    """Makes of a row what its columns show."""
    on = criteria.on or seen.now
    units = {code: unit.name for code, unit in queries.units(session, on).items()}
    known = {key: group.name for key, group in groups.on_day(session, on).items()}
    states = {key: str(said) for key, said in words.STATES.items()}
    kinds = {key: str(said) for key, said in words.KINDS.items()}
    sexes = {key: str(said) for key, said in words.SEXES.items()}
    both = {value: words.yes(value) for value in (True, False)}
    is_customer = criteria.register == "customers"

    def tell(row: dict[str, Any]) -> dict[str, Any]:
        registered = customers.values(row)
        closed = row["closed_at"] if row["state"] in ("closed", "deleted") else None
        return row | {
            "name": customers.name_of(row),
            "unit_name": units.get(row["unit"], row["unit"]),
            "groups": "; ".join(known.get(key, key) for key in row["groups"]),
            "state": states.get(row["state"]),
            "kind": kinds.get(row["kind"]),
            "sex": sexes.get(row["sex"]),
            "factor": both[bool(row["factor"])],
            "created_on": row["created_at"].astimezone(ZONE).date(),
            "closed_on": closed.astimezone(ZONE).date() if closed else None,
            "last_login": row["last_login_at"],
            "phone": local_phone((registered["phone"] if is_customer else row["mobile"]) or ""),
            "address": registered["address"] if is_customer else row["home"],
            "title": row["title"] or _label(row),
        }

    return tell


def _label(row: dict[str, Any]) -> str:
    """What the account was labelled with when it was made; not the name of whoever holds it."""
    return "" if row["label"] in (row["full_name"], row["organisation"]) else str(row["label"])
