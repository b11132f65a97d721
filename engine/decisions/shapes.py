"""Declared types: what values they have, and what becomes of values that do not conform.

A list of one stands for its item, an item for a list of one, a date for its midnight in UTC; what
conforms in no way is null. Source: DMN 1.5, 7.3.2 to 7.3.4 and 10.3.2.9.4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from engine.decisions.constraints import Constraint
from engine.feel import Function, Value, kind_of
from engine.feel.calls import call_function_named
from engine.feel.library import call_function
from engine.feel.numbers import parse_number
from engine.feel.runtime import Run, Scope
from engine.feel.temporal import parse_temporal

Code: TypeAlias = Callable[[Scope], Value]

MAX_DEPTH = 30
TEMPORAL = (
    "date",
    "time",
    "date and time",
    "days and time duration",
    "years and months duration",
)


@dataclass
class Shape:
    """What values a declared type has: a kind, or the fields of a context, or items of a list.

    allowed: tests of the value, of each item for a list; constraint: tests of the list itself.
    parameters, result: of a function. named: declared in the file, not one of FEEL's own.
    """

    kind: str = "any"
    named: bool = False
    collection: bool = False
    fields: dict[str, Shape] = field(default_factory=dict)
    base: Shape | None = None
    allowed: Constraint | None = None
    constraint: Constraint | None = None
    parameters: dict[str, Shape] = field(default_factory=dict)
    result: Shape | None = None

    @property
    def is_open(self) -> bool:
        """Whether any value conforms."""
        return self.kind == "any" and self.base is None and not self.collection

    def conforms(
        self,
        value: Value,
        run: Run,
        depth: int = 0,
        *,
        constrained: bool = True,
        allowing: bool = True,
    ) -> bool:
        """Whether a value is of this type; null may stand anywhere.

        constrained: false where a type made from this one gives allowed values of its own.
        allowing: false for `instance of`, since tests of the values are no part of a type.
        """
        if value is None or depth > MAX_DEPTH:
            return True
        run.charge()
        asked = {"constrained": constrained, "allowing": allowing}
        if self.collection:
            fits = isinstance(value, list) and all(
                self.item_conforms(item, run, depth + 1, **asked) for item in value
            )
        else:
            fits = self.item_conforms(value, run, depth, **asked)
        tested = self.constraint if allowing else None
        return fits and (tested is None or tested.allows(value, run))

    def item_conforms(
        self, value: Value, run: Run, depth: int, *, constrained: bool, allowing: bool
    ) -> bool:
        if value is None:
            return True
        inner = constrained and self.allowed is None
        if self.base is not None and not self.base.conforms(
            value, run, depth + 1, constrained=inner, allowing=allowing
        ):
            return False
        if self.kind not in ("any", kind_of(value)):
            return False
        tested = self.allowed if constrained and allowing else None
        if tested is not None and not tested.allows(value, run):
            return False
        return all(
            name in value and shape.conforms(value[name], run, depth + 1, allowing=allowing)
            for name, shape in self.fields.items()
        )

    def coerced(self, value: Value, run: Run) -> Value:
        """The value where it conforms, or what stands for it there; else null."""
        if value is None:
            return None
        if self.conforms(value, run):
            return self.as_function(value)
        if self.takes_lists() and not isinstance(value, list):
            return self.coerced([value], run)
        if isinstance(value, list) and len(value) == 1 and not self.takes_lists():
            return self.coerced(value[0], run) if not isinstance(value[0], list) else None
        return self.converted(value, run)

    def converted(self, value: Value, run: Run) -> Value:
        """A date as midnight where an instant is wanted, within lists and contexts too."""
        changed: Value = None
        if self.collection:
            item = self.item()
            changed = [item.coerced(part, run) for part in value]
            if any(
                new is None and old is not None for new, old in zip(changed, value, strict=True)
            ):
                return None
        elif self.base is not None and self.takes_lists():
            changed = self.base.coerced(value, run)
        elif self.root().kind == "date and time" and kind_of(value) == "date":
            changed = dt.datetime.combine(value, dt.time(), dt.UTC)
        elif self.root().fields and isinstance(value, dict):
            fields = self.root().fields
            changed = {
                name: fields[name].coerced(part, run) if name in fields else part
                for name, part in value.items()
            }
            if any(changed[name] is None and value[name] is not None for name in changed):
                return None
        else:
            return value if self.conforms(value, run) else None
        return changed if self.conforms(changed, run) else None

    def item(self) -> Shape:
        """The type of the items of a list that this type is."""
        return Shape(**{**vars(self), "collection": False, "constraint": None})

    def takes_lists(self, depth: int = 0) -> bool:
        """Whether its values are lists: by itself, or by the type that it is made from."""
        if self.collection or self.base is None or depth > MAX_DEPTH:
            return self.collection
        return self.base.takes_lists(depth + 1)

    def root(self, depth: int = 0) -> Shape:
        """The type that this one is made from, through all that lie between."""
        if self.base is None or self.base.collection or depth > MAX_DEPTH:
            return self
        return self.base.root(depth + 1)

    def as_function(self, value: Value) -> Value:
        """A function that takes and gives what its type declares; other values as they are."""
        shape = self.root()
        if not isinstance(value, Function) or (shape.result is None and not shape.parameters):
            return value
        return typed(value, shape.parameters, shape.result)

    def read(self, value: Any, run: Run, depth: int = 0) -> Value:
        """A value from outside, with texts read that stand for moments and numbers.

        A field of a context that is not given counts as null.
        """
        if value is None or depth > MAX_DEPTH:
            return value
        run.charge()
        if self.base is not None and self.takes_lists() and not self.collection:
            return self.base.read(value, run, depth + 1)
        if isinstance(value, list):
            item = self.item() if self.collection else self
            return [item.read(part, run, depth + 1) for part in value]
        if self.collection and self.base is not None:
            return self.base.read(value, run, depth + 1)
        shape = self.root()
        if isinstance(value, str):
            return read_text(value, shape.kind)
        if shape.fields and isinstance(value, dict):
            return {**value} | {
                name: inner.read(value.get(name), run, depth + 1)
                for name, inner in shape.fields.items()
            }
        return value


ANYTHING = Shape()


def shaped(code: Code, shape: Shape) -> Code:
    """The code with its values coerced to a declared type."""
    return lambda scope: shape.coerced(code(scope), scope.run)


def read_text(text: str, kind: str) -> Value:
    """A text as the moment or number that its type asks for; as it is where it writes none."""
    found: Value = None
    if kind in TEMPORAL:
        found = parse_temporal(text.strip())
    elif kind == "boolean":
        found = {"true": True, "false": False}.get(text.strip())
    elif kind == "number":
        try:
            found = parse_number(text.strip())
        except ValueError:
            found = None
    return text if found is None else found


def typed(function: Function, parameters: Mapping[str, Shape], result: Shape | None) -> Function:
    """The function with its arguments and its result coerced to declared types."""

    def given(name: str, value: Value, run: Run) -> Value:
        return parameters[name].coerced(value, run) if name in parameters else value

    def back(value: Value, run: Run) -> Value:
        return value if result is None else result.coerced(value, run)

    def invoke(run: Run, values: list[Value]) -> Value:
        names = function.parameters or ("",) * len(values)
        pairs = zip(names, values, strict=True)
        return back(
            call_function(run, function, [given(name, value, run) for name, value in pairs]), run
        )

    def call_named(run: Run, values: Mapping[str, Value]) -> Value:
        found = {name: given(name, value, run) for name, value in values.items()}
        return back(call_function_named(run, function, found), run)

    return Function(function.parameters, invoke, call_named)


def defined(parameters: dict[str, Shape], body: Code, scope: Scope) -> Function:
    """A function of typed parameters, whose body sees where it is defined."""
    names = tuple(parameters)

    def invoke(run: Run, values: list[Value]) -> Value:
        bound = {
            name: parameters[name].coerced(value, run)
            for name, value in zip(names, values, strict=True)
        }
        run.descend()
        result = body(Scope(bound, scope, run))
        run.depth -= 1
        return result

    return Function(names, invoke)
