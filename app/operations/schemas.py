"""The settings that ship with the product, and how changes are read from forms."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import marshmallow as ma
from flask_babel import gettext, lazy_gettext
from marshmallow import fields, validate

from app import arrivals, refusals
from engine.calendar import HoursRefused, read_spans

DATA = Path(__file__).parent / "data"
WEEKDAYS = range(7)


@dataclass(frozen=True)
class Choice:
    """One answer that a setting of type "choice" may have."""

    value: str
    label: str
    label_en: str


@dataclass(frozen=True)
class Part:
    """One value of a setting of type "record"."""

    name: str
    type: str
    label: str
    label_en: str
    min: int | None = None
    max: int | None = None
    optional: bool = False


@dataclass(frozen=True)
class Definition:
    """One setting as it ships: what it is called, what it may be, what it is without a decision.

    type: text, integer, boolean, choice, list (of texts), record (of `parts`).
    items: what the lines of a list are: "network" (10.1.0.0/16), "group" (the key of a group),
    "membership" (a group of the directory => a group @ a unit), "unit_mark" (the code of a unit =>
    its mark), "tier_due" (a level => its days), or what a text names: "unit" (the code of a unit),
    "hour" (15:00); None is any text. Groups and units are those of the day from which the value
    holds.
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
    items: str | None = None
    choices: tuple[Choice, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Group:
    """Settings that stand together on the page."""

    key: str
    label: str
    label_en: str


@cache
def _shipped() -> dict[str, Any]:
    shipped: dict[str, Any] = json.loads((DATA / "settings.json").read_text(encoding="utf-8"))
    return shipped


@cache
def groups() -> tuple[Group, ...]:
    """The groups of settings in the order of the page."""
    return tuple(Group(**group) for group in _shipped()["groups"])


@cache
def definitions() -> dict[str, Definition]:
    """Every setting by its name, in the order of the page."""
    return {entry["name"]: _definition(entry) for entry in _shipped()["settings"]}


def _definition(entry: dict[str, Any]) -> Definition:
    choices = tuple(Choice(**choice) for choice in entry.get("choices", ()))
    parts = tuple(Part(**part) for part in entry.get("parts", ()))
    return Definition(**{**entry, "choices": choices, "parts": parts})


# -- reading forms: messages by field, in the reader's language


def messages(problem: ma.ValidationError) -> dict[str, list[str]]:
    """What a form got wrong: messages by field, as text."""
    return {
        field: [str(one) for one in found] if isinstance(found, list) else [str(found)]
        for field, found in problem.normalized_messages().items()
    }


def read_value(definition: Definition, posted: Mapping[str, str]) -> Any:
    """The value that a form posted as "value", or as one "value.NAME" for each part of a record.

    A list is posted as the lines of one text. Raises marshmallow.ValidationError.
    """
    parts = {part.name: _field(part, f"value.{part.name}") for part in definition.parts}
    schema = ma.Schema.from_dict(parts or {"value": _field(definition, "value")})
    read = schema(unknown=ma.EXCLUDE).load({k: v.strip() for k, v in posted.items()})
    if definition.parts:
        return read
    if definition.type == "list":
        lines = [line.strip() for line in read["value"].splitlines() if line.strip()]
        require = _OF_LINES.get(definition.items or "")
        if require is not None:
            require(lines)
        return lines
    if definition.items == "hour":
        _require_hour(read["value"])
    return read["value"]


def _require_networks(lines: list[str]) -> None:
    """Raises marshmallow.ValidationError for the first line that names no network."""
    for line in lines:
        try:
            ipaddress.ip_network(line, strict=False)
        except ValueError:
            words = gettext("“%(line)s” is no network. Write it like 10.1.0.0/16.", line=line)
            raise ma.ValidationError(words, "value") from None


def _require_memberships(lines: list[str]) -> None:
    """Raises marshmallow.ValidationError for the first line that names no group and its like."""
    for line in lines:
        there, arrow, here = line.partition("=>")
        if not (arrow and "=" in there and re.fullmatch(r"\s*[a-z0-9-]+(\s*@\s*[\w.-]+)?", here)):
            words = gettext(
                "“%(line)s” is no pair of groups. Write it like cn=clerks,ou=groups,dc=agency => "
                "van-thu @ vp.",
                line=line,
            )
            raise ma.ValidationError(words, "value")


def _require_marks(lines: list[str]) -> None:
    """Raises marshmallow.ValidationError for the first line that gives no unit a mark."""
    for line in lines:
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*\s*=>\s*\S.*", line):
            words = gettext("“%(line)s” gives no unit a mark. Write it like vp => VP.", line=line)
            raise ma.ValidationError(words, "value")


def _require_tiers(lines: list[str]) -> None:
    """Raises marshmallow.ValidationError for the first line that gives no level its days."""
    for line in lines:
        if not re.fullmatch(r"[a-z_]+\s*=>\s*(\d{1,2}|day ([1-9]|1\d|2[0-8]))", line):
            words = gettext(
                "“%(line)s” gives no level its days. Write it like commune => 3, or commune => "
                "day 17.",
                line=line,
            )
            raise ma.ValidationError(words, "value")


def _require_hour(text: str) -> None:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ma.ValidationError(gettext("Write the hour like 15:00."), "value")


_OF_LINES = {
    "network": _require_networks,
    "membership": _require_memberships,
    "unit_mark": _require_marks,
    "tier_due": _require_tiers,
}


def _field(rule: Definition | Part, key: str) -> fields.Field[Any]:
    empty = gettext("Enter a value.")
    missing = {"required": empty, "null": empty}
    if rule.type == "boolean":
        # A box that is not ticked is not posted at all.
        return fields.Boolean(load_default=False, truthy={"yes"}, falsy={"", "no"}, data_key=key)
    if rule.type == "integer":
        message = gettext(
            "Enter a whole number from %(low)s to %(high)s.", low=rule.min, high=rule.max
        )
        return fields.Integer(
            required=True,
            data_key=key,
            validate=validate.Range(rule.min, rule.max, error=message),
            error_messages={**missing, "invalid": message},
        )
    checks: list[Any] = [validate.Length(0 if rule.optional else 1, 4000, error=empty)]
    if isinstance(rule, Definition) and rule.type == "choice":
        values = [choice.value for choice in rule.choices]
        checks.append(validate.OneOf(values, error=gettext("Choose one of the answers.")))
    return fields.String(required=True, data_key=key, validate=checks, error_messages=missing)


_NO_DAY = lazy_gettext("Enter a day.")
_NO_TEXT = {"required": lazy_gettext("Enter a value."), "null": lazy_gettext("Enter a value.")}
_DAY = {"required": _NO_DAY, "invalid": _NO_DAY, "null": _NO_DAY}


class TypedDay(fields.Date):
    """A day as people write it, 22/11/2026."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> date:
        if not isinstance(value, str) or not value.strip():
            raise self.make_error("invalid", input=value)
        try:
            return arrivals.day(value)
        except arrivals.DayUnreadable as refusal:
            raise ma.ValidationError(refusals.words(refusal)) from None


def _has_reason(value: str) -> None:
    if not value.strip():
        raise ma.ValidationError(gettext("Say why the day differs."))


def _has_basis(value: str) -> None:
    if not value.strip():
        raise ma.ValidationError(gettext("Name the document or clause on which this rests."))


def _hours(value: str) -> None:
    try:
        read_spans(value)
    except HoursRefused:
        raise ma.ValidationError(
            gettext("Write the hours like 07:30-11:30, 13:30-17:00, earliest first.")
        ) from None


class Change(ma.Schema):
    """When a value holds and on what basis: {"effective_from", "effective_to", "legal_basis"}."""

    class Meta:
        unknown = ma.EXCLUDE

    effective_from = TypedDay(required=True, error_messages=_DAY)
    effective_to = TypedDay(allow_none=True, load_default=None, error_messages=_DAY)
    legal_basis = fields.String(required=True, validate=_has_basis, error_messages=_NO_TEXT)

    @ma.pre_load
    def without_end(self, data: dict[str, Any], **_more: Any) -> dict[str, Any]:
        """A last day that was left empty is none."""
        return {**data, "effective_to": data.get("effective_to") or None}


class DayChange(ma.Schema):
    """A day that differs: {"day", "kind", "hours", "reason", "legal_basis"}."""

    class Meta:
        unknown = ma.EXCLUDE

    day = TypedDay(required=True, error_messages=_DAY)
    kind = fields.String(required=True, validate=validate.OneOf(["off", "work", "ordinary"]))
    hours = fields.String(load_default="", validate=_hours)
    reason = fields.String(required=True, validate=_has_reason, error_messages=_NO_TEXT)
    legal_basis = fields.String(required=True, validate=_has_basis, error_messages=_NO_TEXT)


def hours_change() -> ma.Schema:
    """Hours of all weekdays from a day: posted as "hours.0" to "hours.6", read as "0" to "6"."""
    days = {
        str(n): fields.String(load_default="", data_key=f"hours.{n}", validate=_hours)
        for n in WEEKDAYS
    }
    schema = ma.Schema.from_dict(
        {
            **days,
            "effective_from": TypedDay(required=True, error_messages=_DAY),
            "legal_basis": fields.String(
                required=True, validate=_has_basis, error_messages=_NO_TEXT
            ),
        }
    )
    return schema(unknown=ma.EXCLUDE)
