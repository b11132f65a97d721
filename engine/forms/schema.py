"""The marshmallow schema of a page: an entry for each input that can be filled in, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from engine.forms import limits, posted
from engine.forms.errors import FormErrors, Message, Unreadable
from engine.forms.expressions import find, overlay
from engine.forms.fields import Field, empty
from engine.forms.page import Page, Spot
from engine.forms.reading import Files, read, tidy
from engine.values import Record, Value, check

STRANGER: Message = ("This form has no such field; leave it out.", {})


class Entry(fields.Field[Any]):
    """One input: reads what was posted as the field's type and refuses what its limits forbid."""

    def __init__(self, spot: Spot, files: Files | None) -> None:
        self.spot = spot
        self.files = files
        required = limits.is_required(spot)
        super().__init__(required=required, allow_none=not required, validate=self._within_limits)

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        """Words are made only when they are needed; whatever is wrong here, nothing is entered."""
        return ValidationError([limits.missing(self.spot)])

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Value:
        try:
            found = self._read(value)
        except Unreadable as problem:
            template, values = problem.message
            named = {**values, "label": limits.label(self.spot)}
            raise ValidationError([(template, named)]) from problem
        if self.required and limits.is_empty(found):
            raise ValidationError([limits.missing(self.spot)])
        return found

    def _read(self, value: Any) -> Value:
        """What was posted has been read for the page already; what the page shows has not."""
        spot = self.spot
        if not spot.given:
            return read(spot.field, value, options=spot.options, files=self.files)
        if spot.problem is not None:
            raise spot.problem
        return spot.value

    def _within_limits(self, value: Value) -> None:
        if messages := list(limits.broken(self.spot, value)):
            raise ValidationError(messages)


def inputs(page: Page) -> list[Spot]:
    """The spots that a page can send a value for."""
    return [
        spot
        for spot in page.walk()
        if spot.editable and spot.field.holds_value and spot.field.type != "dynamiclist"
    ]


def compile_schema(spots: Sequence[Spot], files: Files | None) -> Schema:
    """The schema of the page as it stands; names that no input has are refused."""
    schema = Schema(unknown=RAISE)
    # A class for each page, as `from_dict` makes, would cost as much as all the rest of a load.
    schema.load_fields = {spot.name: Entry(spot, files) for spot in spots}
    schema.error_messages = {**schema.error_messages, "unknown": STRANGER}  # type: ignore[dict-item]  # passed on as it is
    return schema


def load(
    page: Page, tree: Mapping[str, Any], names: Mapping[str, Any], files: Files | None
) -> Record:
    """The typed record of a page that was posted as `tree`. Raises FormErrors.

    names: all that the form knows, see `known`.
    """
    spots = inputs(page)
    data = {spot.name: None if _blank(spot.raw) else spot.raw for spot in spots}
    data.update(dict.fromkeys(_strangers(tree, names, "")))
    errors: dict[str, list[Message]] = {}
    loaded: dict[str, Any] = {}
    try:
        loaded = compile_schema(spots, files).load(data)
    except ValidationError as problem:
        errors.update(problem.messages_dict)
    for spot in page.walk():
        if spot.field.type == "dynamiclist" and (wrong := list(limits.rows(spot))):
            errors[spot.name] = wrong
    if errors:
        raise FormErrors(_in_page_order(errors, page))
    record = _collected(page.spots, loaded, whole=False)
    check(record)
    return record


def _blank(raw: Any) -> bool:
    if isinstance(raw, Mapping):
        return bool(raw) and all(_blank(part) for part in raw.values())
    return tidy(raw) in (None, [])


def _in_page_order(errors: dict[str, list[Message]], page: Page) -> dict[str, list[Message]]:
    order = {spot.name: index for index, spot in enumerate(page.walk())}
    return {name: errors[name] for name in sorted(errors, key=lambda n: (order.get(n, -1), n))}


def _collected(spots: Sequence[Spot], loaded: Mapping[str, Any], *, whole: bool) -> Record:
    """What the visible fields say. Rows are `whole`: they replace the case's rows."""
    record: Record = {}
    for spot in spots:
        if not spot.visible:
            continue
        if spot.field.type == "group":
            _join(record, _collected(spot.children, loaded, whole=whole))
        elif spot.field.type == "dynamiclist":
            rows = [_collected(row, loaded, whole=True) for row in spot.rows]
            _put(record, spot, _with_what_stays(spot, rows))
        elif spot.editable:
            if spot.given or spot.base is None or whole:
                found = find(loaded, tuple(spot.name.split(".")))
                _put(record, spot, empty(spot.field) if found is None else found)
        elif spot.field.type == "expression" or (
            spot.field.holds_value and (whole or (spot.base is None and _readable(spot)))
        ):
            _put(record, spot, spot.value)
    return record


def _with_what_stays(spot: Spot, rows: list[Record]) -> list[Value]:
    """Rows that can be neither added nor removed keep what the form does not show of them."""
    if spot.field.settings["allowAddRemove"] or not isinstance(spot.base, list):
        return [*rows]
    below = [row if isinstance(row, Mapping) else {} for row in spot.base]
    below += [{}] * (len(rows) - len(below))
    return [overlay(old, new) for old, new in zip(below, rows, strict=False)]


def _readable(spot: Spot) -> bool:
    """A read-only field brings its default into the case; a disabled one brings nothing."""
    return spot.field.default is not None and spot.field.disabled is False


def _put(record: Record, spot: Spot, value: Value) -> None:
    _join(record, _nest(spot.field.path, value))


def _nest(path: tuple[str, ...], value: Value) -> Record:
    return {path[0]: value if len(path) == 1 else _nest(path[1:], value)}


def _join(record: Record, other: Record) -> None:
    for key, value in other.items():
        below = record.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            _join(below, value)
        else:
            record[key] = value


def known(form: Sequence[Field]) -> dict[str, Any]:
    """Names of the form as a tree: {"request": {"full_name": None}, "rows": [{"name": None}]}."""
    found: dict[str, Any] = {}
    for field in form:
        if field.type == "group":
            _join(found, known(field.children))
        elif field.type == "dynamiclist":
            _join(found, _nest(field.path, [known(field.children)]))
        elif field.holds_value:
            _join(found, _nest(field.path, None))
    return found


def _strangers(tree: Any, known: Any, prefix: str) -> list[str]:
    """The posted names that no field of the form has, shown or hidden."""
    if isinstance(known, list):
        rows = posted.rows(tree)
        pairs = [(str(index), row, known[0]) for index, row in enumerate(rows)]
    elif isinstance(known, dict) and isinstance(tree, Mapping):
        pairs = [(str(key), value, known.get(key, ...)) for key, value in tree.items()]
    else:
        return [] if _blank(tree) or known is None else [prefix]
    found: list[str] = []
    for key, value, below in pairs:
        name = f"{prefix}.{key}" if prefix else key
        if below is ...:
            found.append(name)
        elif below is not None:
            found += _strangers(value, below, name)
    return found
