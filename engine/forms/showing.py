"""Values as the inputs of a page show them; reading them back gives the same values."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.calendar import ZONE
from engine.forms.fields import ONE_OF, SOME_OF, Field, Option
from engine.forms.formats import local_phone
from engine.forms.templating import number


def shown(field: Field, value: Any) -> Any:
    """The text, or list of texts, that the field's inputs hold for a value.

    {"date": "22/11/2026", "time": "08:30"} for an instant. What is text already, because somebody
    typed it, is shown as typed.
    """
    if field.type in SOME_OF:
        return [_key(item) for item in value] if isinstance(value, list) else []
    if field.type == "filepicker":
        return _file_ids(value)
    if value is None:
        return ""
    if field.type in ONE_OF:
        return _key(value)
    if field.type == "checkbox":
        return "true" if value in (True, "true") else ""
    if field.type == "number":
        return _number(field, value)
    if field.type == "datetime":
        return _moment(field, value)
    if field.rules.format == "phone" and isinstance(value, str):
        return local_phone(value)
    return str(value)


def _key(value: Any) -> str:
    return Option(value, "").key


def _file_ids(value: Any) -> list[str]:
    found = value if isinstance(value, list) else [value] if value else []
    return [str(item.get("file") if isinstance(item, dict) else item) for item in found]


def _number(field: Field, value: Any) -> str:
    if field.settings.get("serializeToString") and isinstance(value, str):
        try:
            value = Decimal(value)
        except ArithmeticError:
            return str(value)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return number(value)
    return str(value)


def _moment(field: Field, value: Any) -> Any:
    if isinstance(value, datetime):
        local = value.astimezone(ZONE)
        return {"date": _day(local), "time": local.strftime("%H:%M")}
    if isinstance(value, date):
        return _day(value)
    if field.settings.get("subtype") == "datetime" and isinstance(value, str):
        given_day, _, given_time = value.partition(" ")
        return {"date": given_day, "time": given_time}
    return value


def _day(value: date) -> str:
    # strftime("%Y") writes years before 1000 with fewer than four digits on this platform.
    return f"{value.day:02}/{value.month:02}/{value.year:04}"
