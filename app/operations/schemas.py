"""The settings that ship with the product, and how their values are read from a form."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import marshmallow as ma
from flask_babel import gettext as _
from marshmallow import fields, validate

from engine.calendar import HoursRefused, read_spans

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Definition:
    """One setting as it ships: what it is called, what it may be, what it is without a decision.

    type: text, integer, boolean, choice, list (of texts), record (of `fields`, each with a name).
    """

    name: str
    group: str
    type: str
    default: Any
    label: str
    label_en: str
    description: str
    description_en: str
    legal_basis: str
    unit: str | None = None
    unit_en: str | None = None
    min: int | None = None
    max: int | None = None
    optional: bool = False
    choices: tuple[dict[str, str], ...] = ()
    fields: tuple[dict[str, Any], ...] = field(default=())


@dataclass(frozen=True)
class Group:
    """Settings that stand together on the page."""

    key: str
    label: str
    label_en: str


@cache
def _shipped() -> dict[str, Any]:
    return json.loads((DATA / "settings.json").read_text(encoding="utf-8"))


@cache
def groups() -> tuple[Group, ...]:
    """The groups of settings in the order of the page."""
    return tuple(Group(**group) for group in _shipped()["groups"])


@cache
def definitions() -> dict[str, Definition]:
    """Every setting by its name, in the order of the page."""
    return {entry["name"]: _definition(entry) for entry in _shipped()["settings"]}


def _definition(entry: dict[str, Any]) -> Definition:
    lists = {key: tuple(entry[key]) for key in ("choices", "fields") if key in entry}
    return Definition(**{**entry, **lists})


def _required() -> dict[str, str]:
    return {"required": _("Enter a value."), "null": _("Enter a value.")}


def _integer(low: int | None, high: int | None) -> fields.Field:
    message = _("Enter a whole number from %(low)s to %(high)s.", low=low, high=high)
    return fields.Integer(
        required=True,
        strict=False,
        validate=validate.Range(low, high, error=message),
        error_messages={**_required(), "invalid": message},
    )


def _field(kind: str, rule: dict[str, Any]) -> fields.Field:
    """The marshmallow field of one value; lists are posted as lines of one text."""
    if kind == "integer":
        return _integer(rule.get("min"), rule.get("max"))
    if kind == "boolean":
        return fields.Boolean(load_default=False, truthy={"yes"}, falsy={"", "no"})
    if kind == "choice":
        values = [choice["value"] for choice in rule["choices"]]
        return fields.String(
            required=True,
            validate=validate.OneOf(values, error=_("Choose one of the answers.")),
            error_messages=_required(),
        )
    return fields.String(
        required=True,
        validate=validate.Length(min=1, max=4000, error=_("Enter a value.")),
        error_messages=_required(),
    )


def value_schema(definition: Definition) -> ma.Schema:
    """Reads the value of a setting from a posted form: "value", or "value.NAME" per part."""
    if definition.type == "record":
        parts = {f"value.{part['name']}": _field(part["type"], part) for part in definition.fields}
    else:
        rule = {"min": definition.min, "max": definition.max, "choices": definition.choices}
        parts = {"value": _field(definition.type, rule)}
    return ma.Schema.from_dict(parts)(unknown=ma.EXCLUDE)


def read_value(definition: Definition, posted: dict[str, str]) -> Any:
    """The value that a form posted. Raises marshmallow.ValidationError with messages by field."""
    read = value_schema(definition).load({k: v.strip() for k, v in posted.items()})
    if definition.type == "record":
        return {part["name"]: read[f"value.{part['name']}"] for part in definition.fields}
    if definition.type == "list":
        return [line.strip() for line in read["value"].splitlines() if line.strip()]
    return read["value"]


class Basis(ma.Schema):
    """What every change says beside its value: on what basis."""

    class Meta:
        unknown = ma.EXCLUDE

    legal_basis = fields.String(required=True)

    @ma.validates("legal_basis")
    def is_said(self, value: str, **_more: Any) -> None:
        if not value.strip():
            raise ma.ValidationError(_("Say on what document or clause this rests."))


def _day(message: str, *, required: bool) -> fields.Date:
    return fields.Date(
        required=required,
        allow_none=not required,
        load_default=None if not required else ma.missing,
        error_messages={"invalid": message, "required": message, "null": message},
    )


class Change(Basis):
    """When a new value holds: {"effective_from", "effective_to" or none, "legal_basis"}."""

    @ma.pre_load
    def blank_is_none(self, data: dict[str, Any], **_more: Any) -> dict[str, Any]:
        return {**data, "effective_to": data.get("effective_to") or None}

    effective_to = fields.Date(allow_none=True, load_default=None)
    effective_from = fields.Date(required=True)


class DayChange(Basis):
    """A day that differs: {"day", "kind", "hours" or none, "reason", "legal_basis"}."""

    day = fields.Date(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["off", "work", "ordinary"]))
    hours = fields.String(load_default="")
    reason = fields.String(required=True)

    @ma.validates("hours")
    def can_be_read(self, value: str, **_more: Any) -> None:
        _spans(value)


class HoursChange(Basis):
    """The working hours of weekdays from a date on: {"effective_from", "hours.0".."hours.6"}."""

    effective_from = fields.Date(required=True)


def _spans(value: str) -> None:
    try:
        read_spans(value)
    except HoursRefused:
        raise ma.ValidationError(
            _("Write the hours like 07:30-11:30, 13:30-17:00, earliest first.")
        ) from None
