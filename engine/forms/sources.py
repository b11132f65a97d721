"""What a field takes from data: the choices it offers, the rows of a table it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.forms.expressions import Expression, Scope, find, kept
from engine.forms.fields import ONE_OF, SOME_OF, Column, Field, Option
from engine.forms.links import safe_link
from engine.values import Value

MAX_OPTIONS = 2_000
"""That a form's file lists."""
MAX_FOUND = 20_000
"""That data or an expression give: as many as a list of FEEL may have items."""
MAX_TABLE = 1_000
MAX_COLUMNS = 50


def choices(field: Field, scope: Scope) -> tuple[Option, ...]:
    """The options of a field, static or taken from case data or an expression."""
    if field.type not in ONE_OF | SOME_OF or field.source is None:
        return field.options
    if isinstance(field.source, Expression):
        found = field.source.evaluate(scope)
    else:
        found = find(scope.names, field.source)
    options: dict[str, Option] = {}
    notes = field.properties
    is_noted = any(name.startswith(("value_en.", "choice_note")) for name in notes)
    for item in (found if isinstance(found, list) else [])[:MAX_FOUND]:
        option = _option(item, notes if is_noted else {})
        if option is not None and option.key not in options:
            options[option.key] = option
    return tuple(options.values())


def _option(item: Any, notes: Mapping[str, str]) -> Option | None:
    value = kept(item.get("value") if isinstance(item, dict) else item)
    label = item.get("label") if isinstance(item, dict) else None
    english = item.get("label_en") if isinstance(item, dict) else None
    if value is None or isinstance(value, (list, dict)) or not Option(value, "").key:
        return None
    option = Option(
        value, str(value if label is None else label), str(english) if english else None
    )
    if not notes:  # They may be thousands.
        return option
    return replace(
        option,
        label_en=option.label_en or notes.get(f"value_en.{option.key}"),
        note=notes.get(f"choice_note.{option.key}"),
        note_en=notes.get(f"choice_note_en.{option.key}"),
    )


def table_of(field: Field, scope: Scope) -> tuple[list[str], list[list[Value]]]:
    """Heads and rows of what a table, or a list of documents, shows."""
    if field.type == "documentPreview":
        return [], [[kept(record)] for record in _found(field, scope)]
    columns = _columns(field, scope)
    is_english = scope.language == "en"
    heads = [(is_english and column.label_en) or column.label for column in columns]
    known = _records(field, scope)
    return heads, [[kept(record.get(column.key)) for column in columns] for record in known]


def _records(field: Field, scope: Scope) -> list[Mapping[str, Value]]:
    found = _found(field, scope)
    return [record if isinstance(record, Mapping) else {} for record in found]


def _found(field: Field, scope: Scope) -> list[Value]:
    source = field.settings.get("dataSource")
    if isinstance(source, Expression):
        found = source.evaluate(scope)
    else:
        found = find(scope.names, tuple(str(source or "").split(".")))
    return (found if isinstance(found, list) else [])[:MAX_TABLE]


def links_of(field: Field, scope: Scope) -> list[list[str | None]]:
    """For each cell of `table_of`, the address to which it leads; None where it leads nowhere."""
    links = [column.link for column in _columns(field, scope)]
    return [
        [_link(record.get(name)) if name is not None else None for name in links]
        for record in _records(field, scope)
    ]


def _link(value: Value) -> str | None:
    return value if isinstance(value, str) and safe_link(value) else None


def _columns(field: Field, scope: Scope) -> tuple[Column, ...]:
    source = field.settings.get("columnsExpression")
    if not isinstance(source, Expression):
        return field.columns
    found = source.evaluate(scope)
    return tuple(
        Column(str(item["key"]), str(item.get("label") or item["key"]))
        for item in (found if isinstance(found, list) else [])[:MAX_COLUMNS]
        if isinstance(item, Mapping) and item.get("key")
    )
