"""Camunda Forms: one file says what a page asks for and what its answer must be.

form = Form.parse(text, path="forms/leave/request.form")       # FormInvalid with findings
record = form.load(posted, context=data, functions={}, now=now)  # FormErrors by field
form.dump(record)                                              # texts as inputs show them
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from engine.forms import limits, parsing, plain, schema
from engine.forms.errors import Finding, FormErrors, FormInvalid, Message
from engine.forms.expressions import Scope, find
from engine.forms.fields import Field, Option
from engine.forms.page import Page, Spot, lay_out
from engine.forms.posted import nested, rearranged
from engine.forms.reading import Files
from engine.forms.samples import sample
from engine.forms.showing import shown
from engine.forms.walking import depends, expressions_of, keys_of
from engine.values import Record

__all__ = [
    "Field",
    "Finding",
    "Form",
    "FormErrors",
    "FormInvalid",
    "Message",
    "Option",
    "Page",
    "Spot",
    "sample",
]

Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Form:
    """One form of a version.

    keys: dotted paths of the data it fills in: "request.full_name", a list's own path.
    expressions: (id of the field, where, FEEL text) of every expression, for checks of names.
    warnings: findings that do not stand in the way of using it.
    """

    path: str
    title: str | None
    fields: tuple[Field, ...]
    keys: frozenset[str] = field(compare=False)
    expressions: tuple[tuple[str, str, str], ...] = field(compare=False, repr=False)
    warnings: tuple[Finding, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def parse(cls, text: str, *, path: str) -> Form:
        """The form of a file. Raises FormInvalid with all findings, warnings among them."""
        fields, findings = parsing.read(text)
        if any(finding.severity == "error" for finding in findings):
            raise FormInvalid(findings, path=path)
        return cls(
            path=path,
            title=_title(fields),
            fields=fields,
            keys=frozenset(keys_of(fields)),
            expressions=tuple(expressions_of(fields)),
            warnings=tuple(findings),
        )

    def walk(self) -> Iterator[Field]:
        """Every field, those within groups and lists too, in the order of the page."""
        for top in self.fields:
            yield from top.walk()

    @cached_property
    def _is_still(self) -> bool:
        """Whether nothing on the page depends on what is entered into it."""
        return not any(depends(found) for found in self.walk())

    @cached_property
    def _names(self) -> dict[str, Any]:
        return schema.known(self.fields)

    @cached_property
    def has_files(self) -> bool:
        return any(found.type in ("filepicker", "documentPreview") for found in self.walk())

    def page(
        self,
        values: Mapping[str, Any],
        *,
        context: Mapping[str, Any],
        functions: Functions,
        now: datetime,
        language: str = "vi",
        files: Files | None = None,
    ) -> Page:
        """What is shown for `values` (posted or typed) over the case's data `context`."""
        scope = Scope(context, functions, now, language)
        return lay_out(self.fields, values, scope, files=files, once=self._is_still)

    def load(
        self,
        posted: Mapping[str, Any],
        *,
        context: Mapping[str, Any],
        functions: Functions,
        now: datetime,
        language: str = "vi",
        files: Files | None = None,
    ) -> Record:
        """The typed, nested record of what a page posted, or of typed values.

        A name that is not given keeps what the page would show: the case's value, else the
        default. Hidden fields are dropped, computed ones computed, read-only ones ignored.
        files: the case's files by id; None in simulations, where typed file records are taken.
        language: that of the labels in the messages.
        Raises FormErrors with messages by the dotted names of the inputs ("rows.0.name").
        """
        tree = nested(posted)
        scope = Scope(context, functions, now, language)
        page = lay_out(self.fields, tree, scope, files=files, once=self._is_still)
        return schema.load(page, tree, self._names, files)

    def take(self, posted: Mapping[str, Any]) -> Record | None:
        """The same record where the form is plain and all it asks was given rightly, else None."""
        return None if self._plain is None else plain.take(self._plain, posted)

    @cached_property
    def _plain(self) -> dict[str, plain.Plain] | None:
        return plain.plan(self.fields)

    def dump(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What the inputs show for typed values, by their names, as a page would post it."""
        return dict(_dumped(self.fields, values, ""))

    def initial(
        self, *, context: Mapping[str, Any], functions: Functions, now: datetime
    ) -> dict[str, Any]:
        """What the page holds at first, as posted: the case's values, else the defaults."""
        page = self.page({}, context=context, functions=functions, now=now)
        return {spot.name: spot.raw for spot in page.walk() if spot.editable and not spot.rows}

    def visible(
        self,
        values: Mapping[str, Any],
        context: Mapping[str, Any],
        functions: Functions,
        *,
        now: datetime,
    ) -> set[str]:
        """The ids of the fields that are shown; those of a list when any row shows them."""
        page = self.page(values, context=context, functions=functions, now=now)
        return {spot.field.id for spot in page.walk()}

    def kinds_of_files(
        self,
        name: str,
        values: Mapping[str, Any],
        *,
        context: Mapping[str, Any],
        functions: Functions,
        now: datetime,
    ) -> tuple[str, ...]:
        """What the filepicker of that name takes, (".pdf", "image/*"); () for all, or for none."""
        page = self.page(values, context=context, functions=functions, now=now)
        spots = (spot for spot in page.walk() if spot.field.type == "filepicker")
        return next((tuple(limits.accepts(spot)) for spot in spots if spot.name == name), ())

    def rearranged(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """See `posted.rearranged`: a row added or removed by its button; None if none was."""
        return rearranged(values)


def _title(fields: tuple[Field, ...]) -> str | None:
    """The first heading of the form's texts."""
    for top in fields:
        if top.type == "text" and "text" in top.texts:
            first = top.texts["text"].source.lstrip().split("\n", 1)[0]
            if first.startswith("#") and first.lstrip("#").startswith(" "):
                return first.lstrip("#").strip()
    return None


def _dumped(
    fields: tuple[Field, ...], values: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, Any]]:
    for found in fields:
        if found.type == "group":
            yield from _dumped(found.children, values, prefix)
        if not found.holds_value or found.type == "expression":
            continue
        name = prefix + found.name
        value = find(values, found.path)
        if found.type != "dynamiclist":
            yield name, shown(found, value)
            continue
        rows = value if isinstance(value, list) else []
        if not rows:
            yield name, ""
        for index, row in enumerate(rows):
            yield from _dumped(found.children, row, f"{name}.{index}.")
