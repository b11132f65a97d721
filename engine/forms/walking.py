"""What a form names: the data it fills in and the expressions it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.forms.expressions import Expression
from engine.forms.fields import Field
from engine.forms.templating import Template


def keys_of(fields: Sequence[Field]) -> Iterator[str]:
    """The dotted paths below the form's own record that its fields write to."""
    for found in fields:
        if found.type == "group":
            yield from keys_of(found.children)
        elif found.holds_value:
            yield found.name


def expressions_of(fields: Sequence[Field]) -> Iterator[tuple[str, str, str]]:
    """(id, where, FEEL text) of every expression: ("Field_1", "conditional.hide", "x > 1")."""
    for top in fields:
        for found in top.walk():
            for where, value in _settings_of(found):
                if isinstance(value, Expression):
                    yield found.id, where, value.text
            for name, words in found.texts.items():
                for expression in words.expressions():
                    yield found.id, name, expression.text


def _settings_of(found: Field) -> Iterator[tuple[str, Any]]:
    for name, value in _given(found):
        if isinstance(value, Template):
            yield from ((name, expression) for expression in value.expressions())
        else:
            yield name, value


def _given(found: Field) -> Iterator[tuple[str, Any]]:
    rules = found.rules
    yield "conditional.hide", found.hide
    yield "readonly", found.readonly
    yield "disabled", found.disabled
    yield "valuesExpression", found.source
    yield "validate.required", rules.required
    yield "validate.minLength", rules.min_length
    yield "validate.maxLength", rules.max_length
    yield "validate.min", rules.least
    yield "validate.max", rules.most
    yield from found.settings.items()


def used_by(found: Field) -> Iterator[Expression]:
    """The expressions of a field, those of its texts too."""
    values = [value for _, value in _settings_of(found)]
    values += [expression for words in found.texts.values() for expression in words.expressions()]
    yield from (value for value in values if isinstance(value, Expression))


def names_of(found: Field) -> set[str]:
    """The names that a field's expressions read."""
    names: set[str] = set()
    for expression in used_by(found):
        names |= expression.names
    if isinstance(found.source, tuple):
        names.add(found.source[0])
    return names


def depends(found: Field) -> bool:
    """Whether a field shows or does something else when other data change."""
    shows_data = found.type in ("table", "documentPreview", "dynamiclist")
    return shows_data or bool(names_of(found))
