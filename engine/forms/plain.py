"""The way through a form that most of what is posted takes: every field given, nothing to refuse.

Where no field depends on another, a page need not be laid out to know what it accepts; what each
field asks is worked out once for the form. Whatever is unusual (a name left out, one too many,
anything that breaks a limit) gets no answer here and goes the long way, which alone says what is
wrong and to whom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.forms import limits, posted
from engine.forms.errors import Unreadable
from engine.forms.expressions import Expression, Scope, put
from engine.forms.fields import DISPLAYS, ONE_OF, SOME_OF, TEXTS, Field
from engine.forms.page import Spot
from engine.forms.reading import reader_of
from engine.values import Record, Value

READABLE = TEXTS | ONE_OF | SOME_OF | {"number", "datetime", "checkbox"}
SHOWS_DATA = frozenset({"table", "documentPreview"})
_NOWHERE = Scope({}, {}, datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True)
class Plain:
    """One field: how its value is read and whether it fits."""

    path: tuple[str, ...]
    read: Callable[[Any], Value]  # Raises Unreadable
    required: bool
    fits: Callable[[Any], bool] | None  # None when every value of the type does


def plan(fields: Sequence[Field]) -> dict[str, Plain] | None:
    """The fields of a form by name; None when what one of them does depends on anything else."""
    found: dict[str, Plain] = {}
    for field in _inputs(fields):
        if field is None or field.name in found:
            return None
        found[field.name] = _plain(field)
    return found


def _inputs(fields: Sequence[Field]) -> Iterator[Field | None]:
    """Every input, None for a field that has to be looked at with the page laid out."""
    for field in fields:
        computed = (field.hide, field.readonly, field.disabled, field.source)
        if field.type in READABLE:
            yield None if any(computed) or _depends(field) else field
        elif field.type == "group" and field.hide is None:
            yield from _inputs(field.children)
        elif field.type not in DISPLAYS | {"button"} or field.type in SHOWS_DATA:
            yield None


def _depends(field: Field) -> bool:
    settings = (*vars(field.rules).values(), *field.settings.values())
    return field.settings.get("disallowPassedDates") is True or any(
        isinstance(setting, Expression) for setting in settings
    )


def _plain(field: Field) -> Plain:
    spot = Spot(field, field.name, _NOWHERE)
    return Plain(field.path, reader_of(field), limits.is_required(spot), _fits(spot))


def _fits(spot: Spot) -> Callable[[Any], bool] | None:
    rules, settings = spot.field.rules, spot.field.settings
    if spot.field.type in TEXTS:
        least, most = limits.whole(rules.min_length, spot), limits.whole(rules.max_length, spot)
        return _text_fits(least or 0, most, rules.pattern)
    asked = (rules.least, rules.most, settings.get("decimalDigits"), settings.get("increment"))
    is_free = rules.format is None and all(setting is None for setting in asked)
    if is_free and settings.get("timeInterval") is None:
        return None
    return lambda value: next(limits.broken(spot, value), None) is None


def _text_fits(least: int, most: int | None, pattern: Any) -> Callable[[Any], bool] | None:
    if pattern is None:
        if most is None:
            return (lambda text: len(text) >= least) if least else None
        return lambda text: least <= len(text) <= most
    return lambda text: (
        least <= len(text) and (most is None or len(text) <= most) and pattern.matches(text)
    )


def take(plain: Mapping[str, Plain], given: Mapping[str, Any]) -> Record | None:
    """The typed record of what was posted, None when that needs a closer look."""
    record: Record = {}
    taken = 0
    for name, raw in posted.items(given):
        if name.startswith("_") or name in posted.OWN_NAMES:
            continue
        found = plain.get(name)
        if found is None or (type(raw) is not str and isinstance(raw, Mapping)):
            return None
        try:
            value = found.read(raw)
        except Unreadable:
            return None
        if limits.is_empty(value):
            if found.required:
                return None
        elif found.fits is not None and not found.fits(value):
            return None
        put(record, found.path, value)
        taken += 1
    return record if taken == len(plain) else None
