"""A form as it stands for one set of values: what is shown, what may be changed, what is computed.

Loading and rendering both work on this, so that a form accepts exactly what its page can send.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.forms import posted
from engine.forms.errors import Unreadable
from engine.forms.expressions import Expression, Scope, find, kept, overlay, put, settle
from engine.forms.fields import Field, Option, empty
from engine.forms.reading import Files, read
from engine.forms.showing import shown
from engine.forms.sources import choices
from engine.values import Record, Value

MAX_ROUNDS = 40
MAX_ROW_ROUNDS = 8


@dataclass(frozen=True)
class Spot:
    """One field where it stands on the page.

    name: of its inputs, "rows.0.name"; the id, with the row's number, for what holds no value.
    raw: what its inputs show, as typed or made from the value.
    value: typed, empty while unreadable for its problem. given: whether it was posted.
    base: what the case's data hold for it.
    """

    field: Field
    name: str
    scope: Scope
    visible: bool = True
    editable: bool = False
    given: bool = False
    raw: Any = None
    value: Value = None
    base: Value = None
    problem: Unreadable | None = None
    options: tuple[Option, ...] = ()
    children: tuple[Spot, ...] = ()
    rows: tuple[tuple[Spot, ...], ...] = ()

    def text(self, name: str) -> str:
        """A text of the field in the reader's language, its holes filled; "" when it has none."""
        words = self.field.words(name, self.scope.language)
        return words.render(self.scope) if words else ""

    def walk(self) -> Iterator[Spot]:
        """This spot and the visible ones below it, in the order of the page."""
        if self.visible:
            yield self
            for child in (*self.children, *(spot for row in self.rows for spot in row)):
                yield from child.walk()


@dataclass(frozen=True)
class Page:
    """All spots of a form. `names` is what expressions see: the case's data under the form's."""

    spots: tuple[Spot, ...]
    names: Mapping[str, Any]

    def walk(self) -> Iterator[Spot]:
        for spot in self.spots:
            yield from spot.walk()


def lay_out(
    fields: Sequence[Field],
    values: Mapping[str, Any],
    scope: Scope,
    *,
    files: Files | None = None,
    once: bool = False,
) -> Page:
    """The page for `values` (posted or typed) over the case's data, which are `scope`'s names.

    Conditions may depend on each other and on computed fields, so the page is laid out again until
    nothing changes; just `once` when no field depends on another. A circle of conditions has no
    such end: then the last round stands, and it is the same each time.
    """
    data = scope.names
    raw = posted.nested(values)
    layer = _Layer(raw=raw, base=data, at="", local=(), files=files, done={}, asked={})
    names: Mapping[str, Any] = data
    spots: tuple[Spot, ...] = ()
    for _ in range(MAX_ROUNDS):
        spots = layer.spots(fields, replace(scope, names=names))
        following = overlay(data, gathered(spots))
        if following == names:
            break
        names = following
        if once:
            break
    return Page(spots, names)


def gathered(spots: Sequence[Spot]) -> Record:
    """The values of all visible fields as one record."""
    record: Record = {}
    for spot in spots:
        if not spot.visible:
            continue
        if spot.field.type == "group":
            record = overlay(record, gathered(spot.children))
        elif spot.field.holds_value:
            put(record, spot.field.path, spot.value)
    return record


@dataclass(frozen=True)
class _Layer:
    """One level of records: the form's own, or one row of a list. `at` is its dotted name.

    done: by a field's id(), what its posted value read as under which options: rounds repeat it.
    asked: by a field's id(), its choices by what they were told from: they may be thousands.
    """

    raw: Any
    base: Any
    at: str
    local: tuple[int, ...]
    files: Files | None
    done: dict[int, tuple[tuple[Option, ...], Value, Unreadable | None]]
    asked: dict[int, list[tuple[list[Any], tuple[Option, ...]]]]

    def spots(self, fields: Sequence[Field], scope: Scope) -> tuple[Spot, ...]:
        return tuple(self.spot(field, scope) for field in fields)

    def spot(self, field: Field, scope: Scope) -> Spot:
        name = f"{self.at}.{'.'.join(field.path)}" if self.at else ".".join(field.path)
        if not field.holds_value:
            name = "-".join([field.id, *map(str, self.local)])
        if field.hide is not None and field.hide.evaluate(scope) is True:
            return Spot(field, name, scope, visible=False)
        if field.holds_value and field.type not in ("dynamiclist", "expression"):
            return self._input(field, name, scope)
        spot = Spot(field, name, scope)
        if field.type == "group":
            return replace(spot, children=self.spots(field.children, scope))
        if field.type == "expression":
            source = field.settings["expression"]
            computed = kept(source.evaluate(scope)) if isinstance(source, Expression) else None
            return replace(spot, value=computed)
        return self._rows(spot) if field.holds_value else spot

    def _input(self, field: Field, name: str, scope: Scope) -> Spot:
        """An input and what it shows: what was posted, else the case's value, else the default."""
        base = find(self.base, field.path)
        editable = _is_editable(field, scope)
        options = self._choices(field, scope)
        given = editable and _holds(self.raw, field.path)
        value: Value = base if _holds(self.base, field.path) else field.default
        raw = find(self.raw, field.path) if given else shown(field, value)
        problem = None
        if given:
            value, problem = self._read(field, raw, options)
        elif value is None:
            value = empty(field)
        return Spot(
            field,
            name,
            scope,
            editable=editable,
            given=given,
            raw=raw,
            value=value,
            base=base,
            problem=problem,
            options=options,
        )

    def _choices(self, field: Field, scope: Scope) -> tuple[Option, ...]:
        """The options of the field, looked up again only where something that they read differs:
        rows and rounds ask for the same ones.
        """
        if not isinstance(field.source, Expression):
            return choices(field, scope)
        read = [scope.names.get(name) for name in sorted(field.source.names)]
        known = self.asked.setdefault(id(field), [])
        found = next((options for before, options in known if before == read), None)
        if found is None:
            found = choices(field, scope)
            known.append((read, found))
        return found

    def _read(
        self, field: Field, raw: Any, options: tuple[Option, ...]
    ) -> tuple[Value, Unreadable | None]:
        known = self.done.get(id(field))
        if known is not None and known[0] == options:
            return known[1:]
        value, problem = empty(field), None
        try:
            value = read(field, raw, options=options, files=self.files)
        except Unreadable as unreadable:
            problem = unreadable
        self.done[id(field)] = options, value, problem
        return value, problem

    def _rows(self, spot: Spot) -> Spot:
        field = spot.field
        base = find(self.base, field.path)
        given = _holds(self.raw, field.path)
        raws = posted.rows(find(self.raw, field.path)) if given else _first_rows(field, base)
        fixed = not field.settings["allowAddRemove"]
        base_rows = base if isinstance(base, list) and (fixed or not given) else []
        laid = []
        for index, raw in enumerate(raws[: posted.MAX_ROWS]):
            below = base_rows[index] if index < len(base_rows) else {}
            laid.append(self._row(spot, index, raw=raw, base=below))
        values: list[Value] = [gathered(row) for row in laid]
        return replace(
            spot,
            editable=True,
            given=given,
            raw=raws,
            value=values,
            base=base,
            rows=tuple(laid),
        )

    def _row(self, spot: Spot, index: int, *, raw: Any, base: Any) -> tuple[Spot, ...]:
        layer = _Layer(
            raw=raw if isinstance(raw, Mapping) else {},
            base=base if isinstance(base, Mapping) else {},
            at=f"{spot.name}.{index}",
            local=(*self.local, index),
            files=self.files,
            done={},
            asked=self.asked,
        )
        fields, scope = spot.field.children, spot.scope
        row: Mapping[str, Any] = layer.base
        spots: tuple[Spot, ...] = ()
        for _ in range(MAX_ROW_ROUNDS):
            inner = {**row, "this": row, "parent": dict(scope.names), "i": index + 1}
            spots = layer.spots(fields, scope.within(inner))
            following = overlay(layer.base, gathered(spots))
            if following == row:
                break
            row = following
        return spots


def _first_rows(field: Field, base: Any) -> list[Any]:
    if isinstance(base, list):
        return [{} for _ in base]
    return [{} for _ in range(field.settings["defaultRepetitions"])]


def _is_editable(field: Field, scope: Scope) -> bool:
    return settle(field.readonly, scope) is not True and settle(field.disabled, scope) is not True


def _holds(record: Any, path: tuple[str, ...]) -> bool:
    return path[-1] in record if isinstance(record := find(record, path[:-1]), Mapping) else False
