"""Case data as people read them: labels of the forms, words of options, numbers as written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import format_decimal, gettext

from app import words
from engine.forms import Field

OWN = frozenset({"initiator", "unit", "case"})
"""What the engine itself puts into every case; the page shows it in its own places."""


def labelled(program: Any) -> dict[str, Field]:
    """The fields of all forms of a version by the dotted path that they fill in.

    Of two forms that show the same value the one that asks for it, and not only repeats it, is
    taken for its label.
    """
    found: dict[str, Field] = {}
    for form in program.forms.values():
        for field in form.walk():
            if field.holds_value and (field.name not in found or field.readonly is False):
                found[field.name] = field
    return found


def label(field: Field, language: str) -> str:
    """What a form calls the value."""
    template = field.words("label", language)
    return template.source if template is not None and template.is_plain else field.label


def data(program: Any, record: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """Everything in the case that a form asks for, as (label, words), in the forms' order."""
    fields = labelled(program)
    values = dict(leaves({k: v for k, v in record.items() if k not in OWN}, fields))
    return [
        (label(field, language), value_words(values[path], field, language))
        for path, field in fields.items()
        if path in values and values[path] not in (None, "", [])
    ]


def leaves(
    record: Mapping[str, Any], fields: Mapping[str, Field], prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    """(dotted path, value) of everything that is no record, or that one field holds whole."""
    for key, value in record.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and path not in fields:
            yield from leaves(value, fields, f"{path}.")
        else:
            yield path, value


def value_words(value: Any, field: Field | None = None, language: str = "vi") -> str:
    """A value as a reader sees it: 22/11/2026, 1.234,5, Có, words of options, names of files."""
    if field is not None:
        for option in field.options:
            if option.value == value and type(option.value) is type(value):
                return option.text(language)
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, (int, Decimal)):
        return format_decimal(value)
    if isinstance(value, datetime):
        return words.instant(value)
    if isinstance(value, date):
        return words.day(value)
    if isinstance(value, list):
        return ", ".join(value_words(item, field, language) for item in value)
    if isinstance(value, Mapping):
        named = value.get("name")
        if named:
            return str(named)
        return "; ".join(f"{k}: {value_words(v)}" for k, v in value.items() if v is not None)
    return "" if value is None else str(value)


def used(began_at: datetime, due_at: datetime | None, now: datetime) -> int:
    """How much of the span until the deadline is gone, in percent."""
    if due_at is None or due_at <= began_at:
        return 100
    return max(2, min(100, round((now - began_at) / (due_at - began_at) * 100)))


def marks(found: Any, now: datetime) -> dict[str, Any]:
    """What the drawing shows of a case: the way taken, where it stands, what is late or on hold.

    {"past": {"Receive": "2 lần"}, "now": {"Check": ""}, "late": {}, "hold": {}, "flows": ["F1"]}
    """
    seen = found.marks
    late = {task.element: gettext("Overdue") for task in found.tasks if task.element in seen.late}
    hold = {element: "" for element in seen.hold if element not in late}
    here = {e: "" for e in seen.now if e not in late and e not in hold}
    past = {
        element: gettext("%(count)s times", count=times) if times > 1 else ""
        for element, times in seen.past.items()
        if element not in late and element not in hold and element not in here
    }
    return {"past": past, "now": here, "late": late, "hold": hold, "flows": seen.flows}
