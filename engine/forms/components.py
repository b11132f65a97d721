"""Reads one component of a form file into a Field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.forms.errors import Unreadable
from engine.forms.expressions import Expression, is_expression
from engine.forms.fields import INPUTS, ONE_OF, SOME_OF, Column, Field, Option
from engine.forms.findings import Raw, Reading, expression, items, record, setting, template
from engine.forms.keys import shaped
from engine.forms.limits import amount
from engine.forms.links import own_image, safe_link
from engine.forms.posted import MAX_ROWS
from engine.forms.reading import read
from engine.forms.rules import rules_of
from engine.forms.sense import check_sense
from engine.forms.sources import MAX_COLUMNS, MAX_OPTIONS
from engine.forms.templating import Template

_WORDS = {
    "label": "label",
    "description": "description",
    "text": "text",
    "content": "content",
    "alt": "alt",
    "title": "title",
    "dateLabel": "date_label",
    "timeLabel": "time_label",
    "url": "url",
    "source": "source",
}
"""Texts of a component, by the names of the file and ours."""
_LANGUAGES = (
    "label",
    "description",
    "text",
    "content",
    "alt",
    "title",
    "date_label",
    "time_label",
    "pattern_error",
)
_SETTINGS = {
    "number": ("decimalDigits", "increment", "serializeToString"),
    "datetime": ("subtype", "timeInterval", "disallowPassedDates"),
    "filepicker": ("multiple", "accept"),
    "dynamiclist": ("defaultRepetitions", "allowAddRemove"),
    "button": ("action",),
    "table": ("dataSource", "rowCount", "columnsExpression"),
    "documentPreview": ("dataSource",),
    "spacer": ("height",),
    "group": ("showOutline",),
    "expression": ("expression", "computeOn"),
    "select": ("searchable",),
}
_PROPERTIES = ("value_en.", "choice_note.", "choice_note_en.", "column_en.", "column_link.")
_OWN = frozenset(
    {"format", "width", *(f"{name}_en" for name in (*_LANGUAGES, "prefix", "suffix"))}
)


def component(raw: Raw, reading: Reading, *, path: tuple[str, ...], children: Any) -> Field:
    """The Field of a component; what is wrong with it goes to `reading`."""
    raw = shaped(raw, reading)
    kind = raw["type"]
    properties = _properties(raw, reading)
    layout = record(raw.get("layout"))
    source = _source(raw, reading)
    made = Field(
        id=str(raw.get("id") or ".".join(path) or f"{kind}_{reading.count}"),
        type=kind,
        path=path,
        texts=_texts(raw, properties, reading),
        children=children,
        options=_options(raw, properties, reading) if kind in ONE_OF | SOME_OF else (),
        source=source,
        hide=_condition(raw, reading),
        readonly=setting(raw, "readonly", reading) or False,
        disabled=setting(raw, "disabled", reading) or False,
        rules=rules_of(raw, properties, reading),
        settings=_settings(raw, reading),
        columns=_columns(raw, properties, reading),
        properties=properties,
        row=layout.get("row") if isinstance(layout.get("row"), str) else None,
        width=_width(layout, properties),
    )
    _check_display(made, raw, reading)
    _check_label(made, raw, reading)
    _check_rows(made, raw, reading)
    made = replace(made, default=_default(made, raw, reading))
    check_sense(made, raw, reading)
    return made


def _width(layout: Raw, properties: Mapping[str, str]) -> int | None:
    columns = layout.get("columns")
    if (share := amount(columns)) is not None and share % 1 == 0 and 1 <= share <= 16:
        return int(share)
    return 8 if properties.get("width") == "half" else None


def _properties(raw: Raw, reading: Reading) -> dict[str, str]:
    found = {str(k): str(v) for k, v in record(raw.get("properties")).items() if v is not None}
    for name in found:
        if name not in _OWN and not name.startswith(_PROPERTIES) and name.endswith("_en"):
            reading.note(
                "property",
                raw,
                'The property "{name}" of "{element}" is not one that forms read.',
                "Write label_en, description_en, value_en.<value> or choice_note_en.<value>.",
                severity="warning",
                name=name,
            )
    return found


def _condition(raw: Raw, reading: Reading) -> Expression | None:
    return expression(raw, record(raw.get("conditional")).get("hide"), reading)


def _texts(raw: Raw, properties: Mapping[str, str], reading: Reading) -> dict[str, Template]:
    given = {ours: raw[theirs] for theirs, ours in _WORDS.items() if theirs in raw}
    appearance = record(raw.get("appearance"))
    given["prefix"], given["suffix"] = (
        appearance.get("prefixAdorner"),
        appearance.get("suffixAdorner"),
    )
    given["pattern_error"] = record(raw.get("validate")).get("patternErrorMessage")
    for name in (*_LANGUAGES, "prefix", "suffix"):
        given[f"{name}_en"] = properties.get(f"{name}_en")
    return {
        name: template(raw, text, reading)
        for name, text in given.items()
        if isinstance(text, str) and text.strip()
    }


def _settings(raw: Raw, reading: Reading) -> dict[str, Any]:
    kind = raw["type"]
    found: dict[str, Any] = {name: raw[name] for name in _SETTINGS.get(kind, ()) if name in raw}
    for name, value in found.items():
        if name == "accept":
            found[name] = template(raw, value, reading)
        elif is_expression(value) or name == "expression":
            found[name] = expression(raw, value, reading)
        elif name in _WHOLE:
            found[name] = _whole(value)
    if kind == "dynamiclist":
        rows = found.get("defaultRepetitions")
        found["defaultRepetitions"] = 1 if rows is None or rows > MAX_ROWS else rows
        found["allowAddRemove"] = found.get("allowAddRemove", True) is not False
    if kind == "datetime":
        found.setdefault("subtype", "date")
    if kind == "group":
        found.setdefault("showOutline", True)
    if kind == "expression" and not str(raw.get("expression") or "").strip(" \n="):
        reading.note(
            "expression",
            raw,
            'The computed field "{element}" has no expression.',
            "Give it a FEEL expression.",
        )
    return found


_WHOLE = frozenset({"decimalDigits", "timeInterval", "defaultRepetitions", "rowCount"})


def _whole(value: Any) -> int | None:
    """A whole number from 0 of the file; None for what is none, which is found elsewhere."""
    given = amount(value)
    return int(given) if given is not None and given % 1 == 0 and 0 <= given <= 2_000 else None


def _source(raw: Raw, reading: Reading) -> Expression | tuple[str, ...] | None:
    """Where options come from besides the file: an expression, or the path of a list of data."""
    key, text = raw.get("valuesKey"), raw.get("valuesExpression")
    if isinstance(key, str) and key.strip():
        return tuple(key.split("."))
    if isinstance(text, str) and text.strip():
        # Of several sources form-js takes the key first, then the choices of the file.
        return None if raw.get("values") else expression(raw, text, reading)
    return None


def _options(raw: Raw, properties: Mapping[str, str], reading: Reading) -> tuple[Option, ...]:
    options: dict[str, Option] = {}
    for item in items(raw.get("values"))[:MAX_OPTIONS]:
        value = item.get("value") if isinstance(item, dict) else item
        if isinstance(value, (list, dict)) or value is None or not Option(value, "").key:
            _note_options(raw, reading, 'A choice of "{element}" has no value.')
            continue
        given = item.get("label") if isinstance(item, dict) else None
        label = given if isinstance(given, str) and given.strip() else str(value)
        key = Option(value, label).key
        if key in options:
            _note_options(raw, reading, 'Two choices of "{element}" have the same value.')
            continue
        options[key] = Option(
            value,
            label,
            properties.get(f"value_en.{key}"),
            properties.get(f"choice_note.{key}"),
            properties.get(f"choice_note_en.{key}"),
        )
    if not options and not raw.get("valuesKey") and not raw.get("valuesExpression"):
        _note_options(raw, reading, '"{element}" has nothing to choose from.')
    if len(items(raw.get("values"))) > MAX_OPTIONS:
        _note_options(raw, reading, '"{element}" has more choices than anybody can read.')
    return tuple(options.values())


def _note_options(raw: Raw, reading: Reading, message: str) -> None:
    remedy = "Give each choice a value of its own, or the field a source of choices."
    reading.note("options", raw, message, remedy)


def _columns(raw: Raw, properties: Mapping[str, str], reading: Reading) -> tuple[Column, ...]:
    columns = []
    for item in items(raw.get("columns") if raw["type"] == "table" else None)[:MAX_COLUMNS]:
        key = item.get("key") if isinstance(item, dict) else None
        if not isinstance(key, str) or not key:
            reading.note(
                "columns",
                raw,
                'A column of the table "{element}" has no key.',
                "Give each column the name that its value has in the rows of the data.",
            )
            continue
        label = item.get("label")
        shown = label if isinstance(label, str) and label else key
        link = properties.get(f"column_link.{key}")
        columns.append(Column(key, shown, properties.get(f"column_en.{key}"), link))
    return tuple(columns)


def _default(made: Field, raw: Raw, reading: Reading) -> Any:
    """The default as a typed value; a finding where the field itself would refuse it."""
    value = raw.get("defaultValue")
    if made.type not in INPUTS or value is None or value == "" or value == []:
        return None
    chosen = made.type in ONE_OF | SOME_OF and made.source is not None
    if chosen or made.type in ("filepicker", "expression"):
        return None
    try:
        return read(made, value, options=made.options, files=None)
    except Unreadable:
        reading.note(
            "default",
            raw,
            'The default "{value}" of "{element}" is no value that the field takes.',
            "Correct or remove the default value.",
            value=str(value),
        )
        return None


def _check_label(made: Field, raw: Raw, reading: Reading) -> None:
    named = "label" in made.texts or "date_label" in made.texts or "time_label" in made.texts
    if made.type in INPUTS and made.type != "expression" and not named:
        reading.note(
            "label",
            raw,
            'The field "{element}" has no label, so nobody can tell what to enter.',
            "Give it a label.",
            severity="warning",
        )


def _check_rows(made: Field, raw: Raw, reading: Reading) -> None:
    """Rows that can be removed have no identity, so that nothing tells whose a fixed value was."""
    fixed = [
        each for each in made.walk() if each.readonly is not False or each.disabled is not False
    ]
    if made.type == "dynamiclist" and made.settings["allowAddRemove"] and fixed:
        reading.note(
            "rows",
            raw,
            'Read-only fields in the rows of "{element}" lose their values, as its rows can be'
            " removed.",
            "Forbid adding and removing rows, or take the fields out of the list.",
            severity="warning",
        )


def _check_display(made: Field, raw: Raw, reading: Reading) -> None:
    source = made.texts.get("source")
    if made.type == "image" and source and source.is_plain and not own_image(source.source):
        reading.note(
            "image",
            raw,
            'The image "{element}" comes from another site, which pages may not load from.',
            "Put it into the form (data:image/png;base64,...), or under a path of this site.",
            severity="warning",
        )
    url = made.texts.get("url")
    if made.type == "iframe":
        reading.note(
            "iframe",
            raw,
            'The frame "{element}" is shown as a link: pages may not hold pages of other sites.',
            "Leave it if a link will do; otherwise take the frame out.",
            severity="warning",
        )
        if url is None or (url.is_plain and not safe_link(url.source)):
            reading.note(
                "iframe",
                raw,
                'The frame "{element}" has no address that a link can lead to.',
                "Give an address that begins with https:// or with /.",
            )
