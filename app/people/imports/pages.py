"""Importing a list of people: sent, looked at, judged, entered, and told row by row."""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
from collections.abc import Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from app import arrivals, refusals, web
from app.people import queries, rolls
from app.people.blueprint import blueprint
from app.people.imports import decisions, entering, template, turns
from app.people.imports.models import OVER, RollImport, RollImportRow
from app.people.registers.files import plain
from app.people.rights import groups
from app.people.rights.groups import day_of
from app.people.rolls import Desk
from app.people.settings import setting
from app.web import permission
from engine import views
from engine.errors import NotFound, Refusal

A_PAGE = 100
STATES = {
    "read": lazy_gettext("Columns to be confirmed"),
    "checking": lazy_gettext("Being checked"),
    "checked": lazy_gettext("Checked, nothing entered yet"),
    "entering": lazy_gettext("Being entered"),
    "done": lazy_gettext("Finished"),
    "cancelled": lazy_gettext("Cancelled"),
    "failed": lazy_gettext("Nothing entered: a row was refused"),
}
ROWS = {
    "good": lazy_gettext("Can be entered"),
    "wrong": lazy_gettext("To be corrected"),
    "there": lazy_gettext("Has an account already"),
    "twice": lazy_gettext("Twice in the list"),
    "skipped": lazy_gettext("Passed over"),
    "entered": lazy_gettext("Account opened"),
    "refused": lazy_gettext("Refused"),
}


class ListUnfit(Refusal):
    """The list cannot be checked before the columns of full name and unit are chosen."""

    status = 422


class TooLateForThat(Refusal):
    """The import has gone on meanwhile. Look at how it stands now."""

    status = 409


@blueprint.get("/people/imports")
@permission("rights.grant")
def imports() -> str:
    """The reader's own imports, and the form that begins another."""
    return _imports({}, {})


def _imports(typed: dict[str, str], problems: dict[str, str]) -> str:
    mine = sa.select(RollImport).where(RollImport.created_by == web.signed_in().name)
    skip = request.args.get("skip", 0, type=arrivals.row_number)
    newest = mine.order_by(RollImport.id.desc()).offset(skip).limit(A_PAGE + 1)
    found = web.reading().scalars(newest).all()
    return render_template(
        "people/imports.html",
        found=found[:A_PAGE],
        earlier=[max(skip - A_PAGE, 0)] if skip else [],
        later=[skip + A_PAGE] if len(found) > A_PAGE else [],
        typed=typed,
        problems=problems,
        errors=[{"field": name, "text": said} for name, said in problems.items()],
        states=STATES,
        needs_case=decisions.needs_case(web.reading(), web.signed_in()),
        procedure=_procedure(),
    )


def _procedure() -> str:
    """Where the reader asks for accounts of a list; "" for who may not."""
    known = views.startable(
        web.reading(), web.engine().mover, web.signed_in(), web.engine().clock()
    )
    if not any(version.process_key == decisions.BY_LIST for version, _program in known):
        return ""
    return url_for("cases.start", process_key=decisions.BY_LIST)


@blueprint.post("/people/imports")
@permission("rights.grant")
def send_import() -> ResponseReturnValue:
    """The list is read and kept; nothing of it is entered before it was looked at."""
    typed = {
        name: request.form.get(name, "").strip()[:100]
        for name in ("number", "decided_on", "case_code")
    }
    problems: dict[str, str] = {}
    day = _decision(typed, problems)
    file = request.files.get("file")
    data = file.read() if file else b""
    name = (file.filename if file else None) or ""
    encoding = ""
    try:
        encoding = rolls.read(data, name).encoding
    except Refusal as refusal:
        problems["file"] = refusals.words(refusal)
    if problems or day is None:
        return _imports(typed, problems), 422
    now = web.engine().clock()
    with web.engine().writing() as session:
        roll = RollImport(
            file=name[-120:], sha256=hashlib.sha256(data).hexdigest(), data=data,
            encoding=encoding, fields=None, groups=[], number=typed["number"], decided_on=day,
            case_code=typed["case_code"][:60], created_at=now, created_by=web.signed_in().name,
        )  # fmt: skip
        session.add(roll)
        session.flush()  # The address needs the number.
        number = roll.id
    return redirect(url_for("people.import_list", import_id=number), 303)


def _decision(typed: dict[str, str], problems: dict[str, str]) -> date | None:
    """The day of the decision, once what it is was told well."""
    day = _day(typed["decided_on"], problems)
    if not typed["number"]:
        problems["number"] = gettext("Write the number of the request or decision.")
    now = web.engine().clock()
    try:
        decisions.require(web.reading(), web.signed_in(), typed["case_code"], now)
    except Refusal as refusal:
        problems["case_code"] = refusals.words(refusal)
    return day


def _day(text: str, problems: dict[str, str]) -> date | None:
    try:
        return arrivals.day(text)
    except arrivals.DayUnreadable as refusal:
        problems["decided_on"] = refusals.words(refusal)
        return None


def _mine(session: Session, import_id: int) -> RollImport:
    """The reader's import. Raises NotFound, for those of others too."""
    roll = session.get(RollImport, import_id)
    if roll is None or roll.created_by != web.signed_in().name:
        raise NotFound(thing=str(import_id))
    return roll


def _mine_alone(session: Session, import_id: int) -> RollImport:
    """The reader's import, which the machine and other pages leave alone until this is over."""
    return turns.held(session, _mine(session, import_id).id)


@blueprint.get("/people/imports/<int:import_id>")
@permission("rights.grant")
def import_list(import_id: int) -> ResponseReturnValue:
    """How the import stands: what was read, what is wrong, how far it is, what came of it."""
    reading = web.reading()
    roll = _mine(reading, import_id)
    if web.is_fragment() and roll.status not in ("checking", "entering"):
        return "", {"HX-Refresh": "true"}  # The machine is done: the whole page tells the rows.
    now = web.engine().clock()
    shown = {"units": queries.units(reading, now), "states": STATES, "row_states": ROWS}
    if roll.status == "read":
        return render_template("people/import_read.html", roll=roll, **_sample(roll), **shown)
    only = request.args.get("only") or None
    skip = request.args.get("skip", 0, type=arrivals.row_number)
    counts = _counts(reading, roll)
    return render_template(
        "people/import.html",
        roll=roll,
        counts=counts,
        total=sum(counts.values()),
        ready=_ready(reading, roll),
        rows=_page(roll, only, skip),
        only=only,
        skip=skip,
        size=A_PAGE,
        told=entering.told,
        columns=rolls.columns(),
        is_over=roll.status in OVER,
        **shown,
    )


def _sample(roll: RollImport) -> dict[str, Any]:
    """The first rows as the encoding that is looked at gives them, and what each column holds."""
    asked = request.args.get("encoding", "")
    encoding = asked if asked in rolls.ENCODINGS else roll.encoding
    try:
        found = rolls.read(roll.data or b"", roll.file, encoding=encoding)
    except Refusal as refusal:
        flash(refusals.words(refusal), "error")
        encoding = roll.encoding
        found = rolls.read(roll.data or b"", roll.file, encoding=encoding)
    top = found.layout.header
    width = max((len(row) for row in found.rows[top : top + 6]), default=0)
    now = web.engine().clock()
    desk = Desk.of(web.reading(), web.signed_in(), now)
    known = [group for key, group in desk.groups.items() if "internal" in group.kinds]
    same = sa.select(RollImport).where(
        RollImport.sha256 == roll.sha256, RollImport.id != roll.id,
        RollImport.created_by == roll.created_by, RollImport.status == "done",
    )  # fmt: skip
    return {
        "encoding": encoding,
        "guessed": found.guessed,
        "encodings": rolls.ENCODINGS,
        "header": [rolls.text(cell) for cell in _wide(found.rows[top], width)],
        "sample": [
            [rolls.text(c) for c in _wide(row, width)] for row in found.rows[top + 1 :][:5]
        ],
        "fields_known": found.layout.fields,
        "missing": found.layout.missing(),
        "columns": rolls.columns(),
        "count": len(found.rows) - top - 1,
        "known_groups": [
            group for group in known if any(desk.may_give(group.key, code) for code in desk.units)
        ],
        "before": web.reading().scalars(same.order_by(RollImport.id.desc()).limit(1)).first(),
    }


def _wide(row: list[Any], width: int) -> list[Any]:
    return [*row, *[None] * (width - len(row))]


def _counts(session: Session, roll: RollImport) -> dict[str, int]:
    counted = sa.select(RollImportRow.status, sa.func.count()).where(
        RollImportRow.import_id == roll.id
    )
    found = dict(session.execute(counted.group_by(RollImportRow.status)).all())
    return {status: found[status] for status in ROWS if status in found}


def _ready(session: Session, roll: RollImport) -> int | None:
    """How many rows of a list that is entered as a whole are ready; None for any other."""
    if roll.status != "entering" or roll.choice != "all":
        return None
    named = RollImportRow.import_id == roll.id, RollImportRow.account.is_not(None)
    here = RollImportRow.status.in_(("good", "entered"))
    return session.scalar(sa.select(sa.func.count()).where(*named, here))


def _rows(roll: RollImport, only: str | None) -> sa.Select[tuple[RollImportRow]]:
    rows = sa.select(RollImportRow).where(RollImportRow.import_id == roll.id)
    if only in ROWS:
        rows = rows.where(RollImportRow.status == only)
    return rows.order_by(RollImportRow.row)


def _page(roll: RollImport, only: str | None, skip: int) -> list[RollImportRow]:
    rows = _rows(roll, only).offset(skip).limit(A_PAGE)
    return list(web.reading().scalars(rows))


@blueprint.post("/people/imports/<int:import_id>/check")
@permission("rights.grant")
def check_import(import_id: int) -> ResponseReturnValue:
    """The machine judges every row with the encoding and the columns that were confirmed."""
    chosen = {
        name.removeprefix("column_"): key
        for name, key in request.form.items()
        if name.startswith("column_") and key in rolls.columns() and name[7:].isdecimal()
    }
    if not {"full_name", "unit"} <= set(chosen.values()):
        raise ListUnfit()
    with web.engine().writing() as session:
        roll = _mine_alone(session, import_id)
        if roll.status not in ("read", "checked"):
            raise TooLateForThat()
        encoding = request.form.get("encoding", "")
        roll.encoding = encoding if encoding in rolls.ENCODINGS else roll.encoding
        roll.fields = chosen
        roll.groups = [key for key in request.form.getlist("group") if key][:1]
        entering.read(roll)
        roll.status = "checking"
        part = f"check:{web.engine().clock().isoformat()}"
        entering.order(web.engine(), session, roll, part)
    return redirect(url_for("people.import_list", import_id=import_id), 303)


@blueprint.post("/people/imports/<int:import_id>/enter")
@permission("rights.grant")
def enter_import(import_id: int) -> ResponseReturnValue:
    """The machine enters the good rows; with choice=all only if no row is wrong."""
    with web.engine().writing() as session:
        roll = _mine_alone(session, import_id)
        if roll.status != "checked":
            raise TooLateForThat()
        choice = "all" if request.form.get("choice") == "all" else "good"
        counts = _counts(session, roll)
        if choice == "all" and (counts.get("wrong") or counts.get("twice")):
            flash(gettext("Rows are wrong, so not all can be entered. Nothing was done."), "error")
            return redirect(url_for("people.import_list", import_id=import_id), 303)
        roll.choice, roll.status = choice, "entering"
        roll.with_links = request.form.get("links") == "yes"
        entering.order(web.engine(), session, roll, "enter")
    return redirect(url_for("people.import_list", import_id=import_id), 303)


@blueprint.post("/people/imports/<int:import_id>/cancel")
@permission("rights.grant")
def cancel_import(import_id: int) -> ResponseReturnValue:
    """No further row is entered; what was entered stays and is told."""
    with web.engine().writing() as session:
        _mine_alone(session, import_id)
        if not entering.cancel(session, import_id, web.engine().clock()):
            raise TooLateForThat()
    flash(gettext("The import is cancelled."), "success")
    return redirect(url_for("people.import_list", import_id=import_id), 303)


@blueprint.get("/people/imports/<int:import_id>/result.csv")
@permission("rights.grant")
def import_result_file(import_id: int) -> Response:
    """Every row with what became of it, for handing over and for correcting the list."""
    reading = web.reading()
    roll = _mine(reading, import_id)
    out = io.StringIO()
    mark = str(setting(reading, web.engine().clock(), "export.csv_separator"))
    csv.writer(out, delimiter=mark).writerows(_result(reading, roll))
    name = f"ket-qua-nhap-tai-khoan-{roll.id}.csv"
    return Response(
        out.getvalue().encode("utf-8-sig"),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


def _result(session: Session, roll: RollImport) -> Iterator[list[str]]:
    yield [
        gettext("Row"), gettext("Name"), gettext("Unit"), gettext("State"), gettext("User name"),
        gettext("Link"), gettext("Faults"), gettext("What to do"),
    ]  # fmt: skip
    units = queries.units(session, web.engine().clock())
    known = rolls.columns()
    for row in session.scalars(_rows(roll, None)):
        said = [(fault, *entering.told(fault)) for fault in row.faults]
        unit = units.get(row.unit_code or "")
        wrong = "; ".join(
            f"{known[fault['column']].name} “{fault['value']}”: {words}"
            for fault, words, _ in said
        )
        cells = [str(row.row), row.full_name, unit.name if unit else row.unit_code or "",
                 str(ROWS[row.status]), row.account or "",
                 gettext("sent") if row.sent else "", wrong,
                 "; ".join(asks for _, _, asks in said)]  # fmt: skip
        yield [plain(cell) for cell in cells]


@blueprint.get("/people/imports/template.xlsx")
@permission("rights.grant")
def import_template_file() -> Response:
    """An empty list with the columns, and the units and groups that the reader may name."""
    now = web.engine().clock()
    desk = Desk.of(web.reading(), web.signed_in(), now)
    known = {
        key: group.name
        for key, group in groups.on_day(web.reading(), day_of(now)).items()
        if "internal" in group.kinds and any(desk.may_give(key, code) for code in desk.units)
    }
    out = tempfile.TemporaryFile()  # noqa: SIM115  # Closed with the answer that it is.
    template.write(out, desk.units, known)
    out.seek(0)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    name = "danh-sach-tai-khoan.xlsx"
    return send_file(out, mimetype=kind, as_attachment=True, download_name=name)
