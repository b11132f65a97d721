"""Catalogues as content: reference data that a process keeps and that any process reads.

`processes/catalogues/KEY.json` describes one: {"title", "title_en", "legal_basis", "key": name,
"label": name, "columns": [{"name", "label", "label_en", "type"?, "required"?, "basic"?,
"choices"?: [{"value", "label", "label_en"}, ...]}, ...], "shown"?: [name, ...],
"filter"?: [name, ...]}. A process says in its property `catalogues` which it keeps. key, label:
the columns by which an entry is found and what it is called. A basic column is changed by a new
version of the entry alone. The rows themselves are data of the installation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from engine.errors import Sentence

FOLDER = "processes/catalogues"
TYPES = ("text", "number", "date", "list", "choice", "unit")
"""list: texts; choice: one of the column's choices; unit: the code of a unit."""
OWN = ("key", "label", "version", "state", "since", "replaces")
"""What an entry has beside its columns."""


class CatalogueInvalid(Exception):
    """A description that cannot be used; `problem` says why."""

    def __init__(self, problem: Sentence) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True)
class Choice:
    """A value that a column may have, and what it is called."""

    value: str
    label: str
    label_en: str


@dataclass(frozen=True)
class Column:
    """A content of every entry. is_basic: changed by a new version alone."""

    name: str
    label: str
    label_en: str
    type: str = "text"
    is_required: bool = False
    is_basic: bool = False
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """A catalogue as its description has it. shown: the columns of its list; filters: those by
    which the list is narrowed.
    """

    title: str
    title_en: str
    legal_basis: str
    key: str
    label: str
    columns: tuple[Column, ...]
    shown: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()

    @property
    def by_name(self) -> Mapping[str, Column]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}


_TEXT: dict[str, Any] = {"required": True, "validate": validate.Length(min=1, max=300)}
_NAME: dict[str, Any] = {"required": True, "validate": validate.Regexp(r"^[a-z][a-z0-9_]{0,59}$")}


class _ChoiceSchema(Schema):
    value = fields.String(**_TEXT)
    label = fields.String(**_TEXT)
    label_en = fields.String(**_TEXT)


class _ColumnSchema(Schema):
    name = fields.String(**_NAME)
    label = fields.String(**_TEXT)
    label_en = fields.String(**_TEXT)
    type = fields.String(load_default="text", validate=validate.OneOf(TYPES))
    required = fields.Boolean(load_default=False)
    basic = fields.Boolean(load_default=False)
    choices = fields.List(fields.Nested(_ChoiceSchema), load_default=list)


class _CatalogueSchema(Schema):
    title = fields.String(**_TEXT)
    title_en = fields.String(**_TEXT)
    legal_basis = fields.String(**_TEXT)
    key = fields.String(**_NAME)
    label = fields.String(**_NAME)
    columns = fields.List(
        fields.Nested(_ColumnSchema), required=True, validate=validate.Length(1, 60)
    )
    shown = fields.List(fields.String(), load_default=list)
    filter = fields.List(fields.String(), load_default=list)


def catalogue_path(key: str) -> str:
    """Where the description of a catalogue lies."""
    return f"{FOLDER}/{key}.json"


def is_catalogue(text: str) -> bool:
    """Whether a description means to be one of a catalogue, not of a register."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and {"key", "label", "columns"} <= said.keys()


def parse(text: str) -> Catalogue:
    """The catalogue that a file describes. Raises CatalogueInvalid."""
    try:
        said: Any = _CatalogueSchema().load(json.loads(text))
    except ValidationError as problem:
        places = ", ".join(_places(problem.messages))
        raise CatalogueInvalid(Sentence("look at {places}", {"places": places})) from None
    except (ValueError, RecursionError) as problem:
        raise CatalogueInvalid(Sentence("it is no JSON: {words}", {"words": problem})) from None
    found = Catalogue(
        said["title"],
        said["title_en"],
        said["legal_basis"],
        said["key"],
        said["label"],
        tuple(_column(column) for column in said["columns"]),
        tuple(said["shown"]) or (said["key"], said["label"]),
        tuple(said["filter"]),
    )
    for sentence in _problems(found):
        raise CatalogueInvalid(sentence)
    return found


def _column(said: dict[str, Any]) -> Column:
    return Column(
        said["name"],
        said["label"],
        said["label_en"],
        said["type"],
        said["required"],
        said["basic"],
        tuple(Choice(**choice) for choice in said["choices"]),
    )


def _problems(found: Catalogue) -> Iterator[Sentence]:
    names = [column.name for column in found.columns]
    for name in names:
        if name in OWN or names.count(name) > 1:
            yield Sentence("the name {name} is taken", {"name": name})
    for name in (found.key, found.label, *found.shown, *found.filters):
        if name not in names:
            yield Sentence("there is no column {name}", {"name": name})
    for name in (found.key, found.label):
        column = found.by_name[name]
        if column.type != "text" or not column.is_required:
            yield Sentence("the column {name} must be a required text", {"name": name})
    for column in found.columns:
        if (column.type == "choice") != bool(column.choices):
            yield Sentence("choices of the column {name}", {"name": column.name})


def _places(messages: Any, path: str = "") -> Iterator[str]:
    if not isinstance(messages, dict):
        yield path
        return
    for key, inner in messages.items():
        yield from _places(inner, f"{path}.{key}" if path else str(key))
