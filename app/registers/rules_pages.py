"""The rules of numbering books: what they were, are and will be, and the next change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import fields, validate

from app import arrivals, law, refusals, web, who
from app.i18n import language
from app.registers import books, operations, patterns, queries
from app.registers.models import NumberingBook
from app.registers.pages import blueprint
from app.web import permission
from engine.calendar import ZONE
from engine.errors import NotFound, Refusal


class RulesSchema(ma.Schema):
    """What the form posts, but for the day."""

    class Meta:
        unknown = ma.EXCLUDE

    pattern = fields.String(required=True, validate=validate.Length(1, 200))
    restart = fields.String(required=True, validate=validate.OneOf(("year", "day", "never")))
    is_per_unit = fields.Boolean(load_default=False, truthy={"yes"}, falsy={""})
    split_by = fields.String(load_default="")
    late_days = fields.Integer(required=True, validate=validate.Range(0, 60))
    first = fields.Integer(required=True, validate=validate.Range(1, 9_999_999))
    legal_basis = fields.String(load_default="")


@blueprint.get("/registers/rules")
@permission("operations.view")
def rules_listed() -> str:
    """Every numbering book, for whoever looks after its rules."""
    found = queries.listed(web.reading(), web.signed_in(), _today(web.engine().clock()))
    return render_template("registers/rules_list.html", books=found)


@blueprint.get("/registers/rules/<key>")
@permission("operations.view")
def rules(key: str) -> str:
    """The rules of one book by their days, and a form for the next change."""
    return _page(key, {}, {})


@blueprint.post("/registers/rules/<key>")
@permission("settings.manage")
def change_rules(key: str) -> ResponseReturnValue:
    """The book has the posted rules from the posted day on."""
    posted, errors = request.form.to_dict(), {}
    read: dict[str, Any] = {}
    try:
        read = RulesSchema().load({name: text.strip() for name, text in posted.items()})
    except ma.ValidationError as problem:
        errors = {name: [gettext("Correct this.")] for name in problem.messages_dict}
    try:
        read["effective_from"] = arrivals.day(posted.get("effective_from", "").strip())
    except arrivals.DayUnreadable as refusal:
        errors["effective_from"] = [refusals.words(refusal)]
    refused = None if errors else _keep(key, read)
    if refused is not None:
        errors = {_field_of(refused): [refusals.words(refused)]}
    if errors:
        return _page(key, posted, errors), 422
    flash(gettext("The change is kept."), "success")
    return redirect(url_for("registers.rules", key=key), 303)


def _keep(key: str, read: dict[str, Any]) -> Refusal | None:
    """The refusal that kept the rules from being written, if any."""
    now = web.engine().clock()
    parts = [part.strip() for part in read.pop("split_by").split(",") if part.strip()]
    try:
        with web.engine().writing() as session:
            last = _known(key, session, _today(now))
            row = NumberingBook(
                key=key, title=last.title, title_en=last.title_en, split_by=parts, **read
            )
            operations.change_book(session, row, actor=web.signed_in(), now=now)
    except (operations.BookBackDated, patterns.PatternWrong, law.BasisMissing) as refusal:
        return refusal
    return None


def _field_of(refusal: Refusal) -> str:
    if isinstance(refusal, operations.BookBackDated):
        return "effective_from"
    return "pattern" if isinstance(refusal, patterns.PatternWrong) else "legal_basis"


def _today(now: datetime) -> date:
    return now.astimezone(ZONE).date()


def _known(key: str, session: Any, on: date) -> NumberingBook:
    found = books.on_day(session, key, on)
    if found is None:
        raise NotFound(thing=f"book {key}")
    return found


def _page(key: str, posted: Mapping[str, str], errors: dict[str, list[str]]) -> str:
    session, now = web.reading(), web.engine().clock()
    book = _known(key, session, _today(now))
    order = (NumberingBook.effective_from.desc(), NumberingBook.id.desc())
    query = sa.select(NumberingBook).where(NumberingBook.key == key).order_by(*order)
    rows = list(session.scalars(query))
    return render_template(
        "registers/rules.html",
        book=book,
        rows=rows,
        posted=posted,
        errors=errors,
        today=_today(now),
        names=who.names(
            session, now, people=[row.changed_by for row in rows], english=language() == "en"
        ),
    )
