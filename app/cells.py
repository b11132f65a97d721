"""The cells of a form's table as pages show them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import gettext

from engine.forms.expressions import Scope
from engine.forms.fields import Field
from engine.forms.sources import links_of, table_of
from engine.forms.templating import in_words


def cells(field: Field, scope: Scope) -> tuple[list[str], list[list[dict[str, Any]]]]:
    """Heads and rows; a cell is {"text": "An", "is_number": False, "link": "/tasks/3" or None}."""
    head, rows = table_of(field, scope)
    links = links_of(field, scope)
    return head, [
        [_cell(value) | {"link": link} for value, link in zip(row, leads, strict=True)]
        for row, leads in zip(rows, links, strict=True)
    ]


def _cell(value: Any) -> dict[str, Any]:
    is_number = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    if isinstance(value, bool):
        return {"text": gettext("Yes") if value else gettext("No"), "is_number": False}
    return {"text": in_words(value), "is_number": is_number}
