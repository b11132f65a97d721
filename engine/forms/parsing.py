"""Reads a form file: the JSON that Camunda Modeler and the form-js editor write.

Everything that is wrong is gathered as findings, so that an owner sees all of it at once. What we
do not do (frames with other sites, look-ahead in patterns) is said here, not left to fail later.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.forms.components import component
from engine.forms.errors import Finding
from engine.forms.fields import CONTAINERS, INPUTS, TYPES, Field
from engine.forms.findings import Reading
from engine.forms.keys import check_form
from engine.forms.posted import OWN_NAMES
from engine.forms.reads import check_reads
from engine.forms.source import decode

MAX_COMPONENTS = 1_000
MAX_DEPTH = 12
MAX_KEY = 200
LATEST_SCHEMA = 20
# A part of digits alone is the number of a row in the names that a page posts, "_" its mark.
_PART = r"(?!(?:[0-9]+|_)(?:\.|$))[A-Za-z0-9_]+"
_KEY = re.compile(rf"{_PART}(?:\.{_PART})*")


def read(text: str) -> tuple[tuple[Field, ...], list[Finding]]:
    """The fields of a form file and everything that was found about it."""
    reading = Reading(text)
    raw = decode(text, reading)
    if raw is None:
        return (), reading.findings
    _check_frame(raw, reading)
    check_form(raw, reading)
    fields = _components(raw.get("components"), reading, at=(), depth=0)
    _check_names(fields, reading)
    _check_ids(fields, reading)
    check_reads(fields, reading)
    return fields, reading.findings


def _check_frame(raw: Mapping[str, Any], reading: Reading) -> None:
    if raw.get("type", "default") != "default" or not isinstance(raw.get("components"), list):
        reading.note(
            "frame",
            None,
            "The file is no Camunda form: it lacks its list of components.",
            'A form is {{"type": "default", "components": [...]}}; save it from the form editor.',
        )
    version = raw.get("schemaVersion", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        reading.note(
            "schema-version",
            None,
            "The schema version {version} is no whole number from 1.",
            "Save the file from the form editor again.",
            version=str(version),
        )
    elif version > LATEST_SCHEMA:
        reading.note(
            "schema-version",
            None,
            "The file has schema version {version}; forms are known here up to {latest}.",
            "Look at the form once before deploying it; parts may be shown differently.",
            severity="warning",
            version=version,
            latest=LATEST_SCHEMA,
        )


def _components(
    raws: Any, reading: Reading, *, at: tuple[str, ...], depth: int
) -> tuple[Field, ...]:
    """The fields of a list of components; `at` is the path of the groups around them."""
    fields = []
    for raw in raws if isinstance(raws, list) else []:
        reading.count += 1
        if reading.count > MAX_COMPONENTS or depth > MAX_DEPTH:
            _note_size(reading)
            break
        made = _component(raw, reading, at=at, depth=depth)
        if made is not None:
            fields.append(made)
    return tuple(fields)


def _note_size(reading: Reading) -> None:
    if not any(found.rule == "size" for found in reading.findings):
        reading.note(
            "size",
            None,
            "The form has more than {most} components, or groups nested deeper than {depth}.",
            "Divide the form into several tasks.",
            most=MAX_COMPONENTS,
            depth=MAX_DEPTH,
        )


def _component(raw: Any, reading: Reading, *, at: tuple[str, ...], depth: int) -> Field | None:
    kind = raw.get("type") if isinstance(raw, dict) else None
    if not isinstance(kind, str) or kind not in TYPES:
        reading.note(
            "type",
            raw if isinstance(raw, dict) else None,
            'The component "{element}" is of type "{type}", which forms here do not have.',
            "Take one of: {types}.",
            type=str(kind),
            types=", ".join(sorted(TYPES)),
        )
        return None
    # Counted before what stands within, so that no two have the same.
    raw = {**raw, "id": raw.get("id") or f"{kind}_{reading.count}"}
    path = _path(raw, kind, reading)
    inner_at = () if kind == "dynamiclist" else (*at, *path)
    children: tuple[Field, ...] = ()
    if kind in CONTAINERS:
        children = _components(raw.get("components"), reading, at=inner_at, depth=depth + 1)
    whole = (*at, *path) if path and kind != "group" else ()
    return component(raw, reading, path=whole, children=children)


def _path(raw: Mapping[str, Any], kind: str, reading: Reading) -> tuple[str, ...]:
    """The component's own part of the path; () for what holds no value."""
    name = "key" if kind in INPUTS else "path" if kind in CONTAINERS else None
    if name is None:
        return ()
    given = raw.get(name) or ""
    if not given and kind == "group":
        return ()
    if not given and kind == "dynamiclist":
        given = raw.get("id") or ""  # The form editor does the same.
    parts = tuple(given.split(".")) if isinstance(given, str) and _KEY.fullmatch(given) else ()
    if not parts or parts[0] in OWN_NAMES or len(given) > MAX_KEY:
        reading.note(
            name,
            raw,
            'The {name} "{given}" of "{element}" cannot be a name of data.',
            "Begin with a letter; then letters without accents, digits, _ and dots between parts.",
            name=name,
            given=str(given),
        )
        return ()
    return parts


def _check_names(fields: tuple[Field, ...], reading: Reading) -> None:
    """Two inputs may not write to one place, nor one write into the other."""
    taken: dict[tuple[str, ...], Field] = {}
    for found in _level(fields):
        if not found.holds_value or not found.path:
            continue
        if found.path in taken:
            _note_twice(found, reading, 'Two fields have the key "{name}".')
        elif any(found.path[: len(p)] == p or p[: len(found.path)] == found.path for p in taken):
            _note_twice(found, reading, 'The key "{name}" lies within another field\'s value.')
        taken.setdefault(found.path, found)
    for found in fields:
        for inner in found.walk():
            if inner.type == "dynamiclist":
                _check_names(inner.children, reading)


def _check_ids(fields: tuple[Field, ...], reading: Reading) -> None:
    ids: set[str] = set()
    for found in (inner for top in fields for inner in top.walk()):
        if found.id in ids:
            reading.note(
                "duplicate",
                {"key": found.name},
                'The id "{id}" of "{element}" is given to another component too.',
                "Give each an id of its own.",
                id=found.id,
            )
        ids.add(found.id)


def _level(fields: tuple[Field, ...]) -> list[Field]:
    """The fields of one record: those within groups too, those within lists not."""
    level: list[Field] = []
    for found in fields:
        level.append(found)
        if found.type == "group":
            level += _level(found.children)
    return level


def _note_twice(found: Field, reading: Reading, message: str) -> None:
    reading.note(
        "duplicate",
        {"id": found.id, "key": found.name},
        message,
        "Give each its own; for words that differ by case, use one field and a condition.",
        name=found.name,
    )
