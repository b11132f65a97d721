"""Settings: what is in force, since when, on what basis, and how it is changed."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import ValidationError

from app import refusals, web, who
from app.operations import known, operations, queries
from app.operations.blueprint import blueprint
from app.operations.models import Setting
from app.operations.schemas import Change, messages, read_value
from app.web import permission
from engine.errors import Refusal


@blueprint.get("/settings")
@permission("operations.view")
def settings() -> str:
    """Every setting with its value of today, by group."""
    today = queries.today(web.engine().clock())
    return render_template(
        "operations/settings.html",
        groups=queries.settings(web.reading(), today),
        names=known.names(web.reading(), web.engine().clock()),
    )


@blueprint.get("/settings/<name>")
@permission("operations.view")
def setting(name: str) -> str:
    """One setting: what it was, is and will be, and a form for the next change."""
    return _page(name, {}, {})


@blueprint.post("/settings/<name>")
@permission("settings.manage")
def change_setting(name: str) -> ResponseReturnValue:
    """The setting has the posted value from the posted day on."""
    definition = queries.definition(name)
    posted, errors = request.form.to_dict(), {}
    read: dict[str, Any] = {}
    try:
        read["value"] = read_value(definition, posted)
    except ValidationError as problem:
        errors.update(messages(problem))
    try:
        read.update(Change().load(posted))
    except ValidationError as problem:
        errors.update(messages(problem))
    if not errors:
        try:
            with web.engine().writing() as session:
                known.require(session, definition, read["value"], read["effective_from"])
                row = Setting(name=name, **read)
                operations.change_setting(
                    session, row, actor=web.signed_in(), now=web.engine().clock()
                )
        except (operations.BackDated, operations.EndsBeforeItBegins, *known.UNKNOWN) as refusal:
            errors = {_field_of(refusal): [refusals.words(refusal)]}
    if errors:
        return _page(name, posted, errors), 422
    flash(gettext("The change is kept."), "success")
    return redirect(url_for("operations.setting", name=name), 303)


def _field_of(refusal: Refusal) -> str:
    if isinstance(refusal, known.UNKNOWN):
        return "value"
    return "effective_from" if isinstance(refusal, operations.BackDated) else "effective_to"


def _page(name: str, posted: dict[str, str], errors: dict[str, list[str]]) -> str:
    session, today = web.reading(), queries.today(web.engine().clock())
    definition = queries.definition(name)
    rows = queries.history(session, name)
    current = queries.in_force(rows, today)
    return render_template(
        "operations/setting.html",
        definition=definition,
        rows=rows,
        hands=who.holders_of(session, [row.changed_by for row in rows]),
        current=current,
        value=definition.default if current is None else current.value,
        posted=posted,
        errors=errors,
        today=today,
        names=known.names(session, web.engine().clock()),
    )
