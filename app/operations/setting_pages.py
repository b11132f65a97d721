"""Settings: what is in force, since when, on what basis, and how it is changed."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from app import refusals, web
from app.operations import operations, queries
from app.operations.blueprint import blueprint
from app.operations.models import Setting
from app.operations.schemas import Change, Definition, messages, read_value
from app.people.organisation import units
from app.people.organisation.units import UnitUnknown
from app.people.rights import groups
from app.people.rights.grants import GroupUnknown
from app.web import permission
from engine.errors import Refusal

_UNKNOWN = (UnitUnknown, GroupUnknown)


@blueprint.get("/settings")
@permission("operations.view")
def settings() -> str:
    """Every setting with its value of today, by group."""
    today = queries.today(web.engine().clock())
    return render_template(
        "operations/settings.html", groups=queries.settings(web.reading(), today)
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
                _require_known(session, definition, read["value"], read["effective_from"])
                row = Setting(name=name, **read)
                operations.change_setting(
                    session, row, actor=web.signed_in(), now=web.engine().clock()
                )
        except (operations.BackDated, operations.EndsBeforeItBegins, *_UNKNOWN) as refusal:
            errors = {_field_of(refusal): [refusals.words(refusal)]}
    if errors:
        return _page(name, posted, errors), 422
    flash(gettext("The change is kept."), "success")
    return redirect(url_for("operations.setting", name=name), 303)


def _require_known(session: Session, definition: Definition, value: Any, on: date) -> None:
    """Raises UnitUnknown, GroupUnknown for the first code in the value that is none of its day."""
    named_units: list[str] = [value] if definition.items == "unit" and value else []
    named_groups: list[str] = value if definition.items == "group" else []
    if definition.items == "membership":
        ours = [line.partition("=>")[2].partition("@") for line in value]
        named_groups = [group.strip() for group, _at, _unit in ours]
        named_units = [unit.strip() for _group, _at, unit in ours if unit.strip()]
    if definition.items == "unit_mark":
        named_units = [line.partition("=>")[0].strip() for line in value]
    known = groups.on_day(session, on) if named_groups else {}
    for group in named_groups:
        if group not in known:
            raise GroupUnknown(group=group)
    for unit in named_units:
        units.require_unit(session, unit, on)


def _field_of(refusal: Refusal) -> str:
    if isinstance(refusal, _UNKNOWN):
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
        current=current,
        value=definition.default if current is None else current.value,
        posted=posted,
        errors=errors,
        today=today,
    )
