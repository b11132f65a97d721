"""The parts of a form, as its file describes them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.forms.expressions import Expression, Setting
from engine.forms.patterns import Pattern
from engine.forms.templating import Template
from engine.values import Value

ONE_OF = frozenset({"radio", "select"})
SOME_OF = frozenset({"checklist", "taglist"})
TEXTS = frozenset({"textfield", "textarea"})
INPUTS = (
    frozenset({"number", "datetime", "checkbox", "filepicker", "expression"})
    | ONE_OF
    | SOME_OF
    | TEXTS
)
CONTAINERS = frozenset({"group", "dynamiclist"})
DISPLAYS = frozenset(
    {"text", "html", "separator", "spacer", "image", "table", "iframe", "documentPreview"}
)
TYPES = INPUTS | CONTAINERS | DISPLAYS | {"button"}

FORMATS = {
    "money": "number",
    "phone": "textfield",
    "identity_number": "textfield",
    "tax_code": "textfield",
}
"""Formats of the custom property `format`, and the type of component each belongs to."""


@dataclass(frozen=True)
class Option:
    """One choice. `key` is what the page posts for it: text, composed and trimmed as all that is
    posted, while `value` may be any value.
    """

    value: Value
    label: str
    label_en: str | None = None
    note: str | None = None
    note_en: str | None = None

    @cached_property
    def key(self) -> str:
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return composed(str(self.value))

    def text(self, language: str) -> str:
        return (self.label_en if language == "en" else None) or self.label

    def consequence(self, language: str) -> str | None:
        return (self.note_en if language == "en" else None) or self.note


@dataclass(frozen=True)
class Rules:
    """What a value must be, beyond its type. Limits may be FEEL."""

    required: Setting = False
    min_length: Setting = None
    max_length: Setting = None
    least: Setting = None
    most: Setting = None
    pattern: Pattern | None = None
    format: str | None = None


@dataclass(frozen=True)
class Column:
    """One column of a table that is shown. link: the name under which the rows have the address to
    which the column leads.
    """

    key: str
    label: str
    label_en: str | None = None
    link: str | None = None


@dataclass(frozen=True)
class Field:
    """One component.

    path: where its value lies below the form's record, or below its row within a dynamic list;
    empty for what holds no value. settings: what only its type has, such as decimalDigits.
    texts: label, description and other words of the page, each also under "label_en" and so on.
    """

    id: str
    type: str
    path: tuple[str, ...] = ()
    texts: Mapping[str, Template] = field(default_factory=dict)
    children: tuple[Field, ...] = ()
    options: tuple[Option, ...] = ()
    source: Expression | tuple[str, ...] | None = None
    hide: Expression | None = None
    readonly: Setting = False
    disabled: Setting = False
    default: Value = None
    rules: Rules = Rules()
    settings: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    row: str | None = None
    width: int | None = None

    @property
    def name(self) -> str:
        """The dotted path, or the id of what holds no value."""
        return ".".join(self.path) or self.id

    @property
    def label(self) -> str:
        """The label as the file has it, templates unfilled; dates and times may have their own."""
        for name in ("label", "date_label", "time_label"):
            if name in self.texts:
                return self.texts[name].source
        return self.name

    @property
    def holds_value(self) -> bool:
        return self.type in INPUTS or self.type == "dynamiclist"

    @property
    def is_problem(self) -> bool:
        """Whether it is a text that says why the process sent a step back (`shown_as`)."""
        return self.type == "text" and self.properties.get("shown_as") == "problem"

    def words(self, name: str, language: str) -> Template | None:
        """The text of that name in the reader's language, where the file has one."""
        english = self.texts.get(f"{name}_en") if language == "en" else None
        return english or self.texts.get(name)

    def walk(self) -> Iterator[Field]:
        """This field and all fields below it, in the order of the page."""
        yield self
        for child in self.children:
            yield from child.walk()


def composed(text: str) -> str:
    """A text as it is compared and kept: letters composed (NFC), line ends as one, trimmed."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", text).strip()


def empty(kind: Field) -> Value:
    """What a field holds when nothing was entered."""
    if kind.type == "checkbox":
        return False
    if kind.type in SOME_OF or kind.type in ("filepicker", "dynamiclist"):
        return []
    return None
