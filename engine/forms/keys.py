"""The names that components of a form file may have, and the shape of what stands behind each.

Source: the JSON schema of form-js, versions 1 to 20 of the format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from engine.forms.expressions import is_expression
from engine.forms.fields import CONTAINERS, INPUTS, ONE_OF, SOME_OF, TEXTS
from engine.forms.findings import Raw, Reading

_SHAPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "text": (
        lambda value: isinstance(value, str),
        '"{name}" of "{element}" must be a text.',
    ),
    "flag": (
        lambda value: isinstance(value, bool) or is_expression(value),
        '"{name}" of "{element}" must be true, false or a FEEL expression that begins with =.',
    ),
    "number": (
        lambda value: isinstance(value, (int, Decimal, str)) and not isinstance(value, bool),
        '"{name}" of "{element}" must be a number.',
    ),
    "list": (
        lambda value: isinstance(value, list),
        '"{name}" of "{element}" must be a list.',
    ),
    "record": (
        lambda value: isinstance(value, dict),
        '"{name}" of "{element}" must be a record in braces.',
    ),
    "anything": (lambda value: True, ""),
}
_FORM = {
    "type": "anything",
    "components": "anything",
    "schemaVersion": "anything",
    "id": "text",
    "executionPlatform": "text",
    "executionPlatformVersion": "text",
    "versionTag": "text",
    "exporter": "record",
    "$schema": "text",
}
_EVERY = {
    "type": "anything",
    "id": "text",
    "conditional": "record",
    "layout": "record",
    "properties": "record",
}
_INPUT = {
    "key": "text",
    "label": "text",
    "description": "text",
    "readonly": "flag",
    "disabled": "flag",
    "defaultValue": "anything",
    "validate": "record",
}
_CHOICE = {"values": "list", "valuesKey": "text", "valuesExpression": "text"}
_CONTAINER = {
    "path": "text",
    "label": "text",
    "components": "list",
    "showOutline": "flag",
    "verticalAlignment": "text",
}
_OF_TYPE: dict[str, dict[str, str]] = {
    "textfield": {"appearance": "record"},
    "number": {
        "appearance": "record",
        "decimalDigits": "number",
        "increment": "number",
        "serializeToString": "flag",
    },
    "datetime": {
        "subtype": "text",
        "dateLabel": "text",
        "timeLabel": "text",
        "use24h": "flag",
        "timeSerializingFormat": "text",
        "timeInterval": "number",
        "disallowPassedDates": "flag",
    },
    "select": {"searchable": "flag"},
    "filepicker": {"multiple": "flag", "accept": "text"},
    "expression": {"expression": "text", "computeOn": "text"},
    "dynamiclist": {
        "isRepeating": "flag",
        "allowAddRemove": "flag",
        "defaultRepetitions": "number",
        "disableCollapse": "flag",
        "nonCollapsedItems": "number",
    },
    "button": {"label": "text", "action": "text"},
    "text": {"text": "text"},
    "html": {"content": "text"},
    "image": {"source": "text", "alt": "text"},
    "iframe": {"label": "text", "url": "text", "height": "number", "security": "record"},
    "table": {
        "label": "text",
        "dataSource": "text",
        "columns": "list",
        "columnsExpression": "text",
        "rowCount": "number",
    },
    "documentPreview": {
        "label": "text",
        "title": "text",
        "dataSource": "text",
        "endpointKey": "text",
        "maxHeight": "number",
    },
    "spacer": {"height": "number"},
}
_LIMITS = {
    "required": "flag",
    "validationType": "anything",
    "pattern": "text",
    "patternErrorMessage": "text",
    "minLength": "number",
    "maxLength": "number",
    "min": "number",
    "max": "number",
}
_INNER: dict[str, Mapping[str, str]] = {
    "conditional": {"hide": "text"},
    "layout": {"row": "text", "columns": "number"},
    "appearance": {"prefixAdorner": "text", "suffixAdorner": "text"},
    "validate": _LIMITS,
}
_LIMITS_OF = {
    **dict.fromkeys(TEXTS, frozenset({"required", "minLength", "maxLength"})),
    **dict.fromkeys(("number", "datetime"), frozenset({"required", "min", "max"})),
}
_LINE_ONLY = frozenset({"validationType", "pattern", "patternErrorMessage"})


def known_to(kind: str) -> dict[str, str]:
    """The names that a component of this type may have, with the shape of each."""
    return {
        **_EVERY,
        **(_INPUT if kind in INPUTS else {}),
        **(_CHOICE if kind in ONE_OF | SOME_OF else {}),
        **(_CONTAINER if kind in CONTAINERS else {}),
        **_OF_TYPE.get(kind, {}),
    }


def check_form(raw: Raw, reading: Reading) -> None:
    """Notes what stands beside the components of a form and is unknown or misshapen."""
    for name, value in raw.items():
        _check(name, value, _FORM, {"id": raw.get("id") or "form"}, reading=reading)


def shaped(raw: Raw, reading: Reading) -> dict[str, Any]:
    """The component without what is misshapen; that, and unknown names, are noted."""
    kind = raw["type"]
    known = known_to(kind)
    kept: dict[str, Any] = {}
    for name, value in raw.items():
        inner = _INNER.get(name)
        if not _check(name, value, known, raw, reading=reading):
            continue
        if inner is not None and isinstance(value, dict):
            value = {
                below: each
                for below, each in value.items()
                if _check(below, each, inner, raw, reading=reading, above=f"{name}.")
            }
        kept[name] = value
    _check_limits(kept, reading)
    return kept


def _check(
    name: str,
    value: Any,
    known: Mapping[str, str],
    raw: Raw,
    *,
    reading: Reading,
    above: str = "",
) -> bool:
    """Whether the value may be read; a value of null is as good as none."""
    if name not in known:
        reading.note(
            "unknown-name",
            raw,
            'Forms do not read "{name}" of "{element}".',
            "Take it out, or look for a misspelling.",
            severity="warning",
            name=above + name,
        )
        return False
    test, message = _SHAPES[known[name]]
    if value is None or test(value):
        return value is not None
    remedy = "Correct it in the form editor."
    reading.note("shape", raw, message, remedy, name=above + name)
    return False


def _check_limits(raw: Raw, reading: Reading) -> None:
    kind = raw["type"]
    of_type = _LIMITS_OF.get(kind, frozenset({"required"}))
    of_type |= _LINE_ONLY if kind == "textfield" else frozenset()
    for name, value in (raw.get("validate") or {}).items():
        if name not in of_type and value != "":
            reading.note(
                "limit-without-effect",
                raw,
                'The limit "{name}" of "{element}" says nothing about a {type}.',
                "Take it out, or change the type of the field.",
                severity="warning",
                name=name,
                type=kind,
            )
