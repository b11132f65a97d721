"""Declared types: item definitions, and what becomes of values that do not conform.

A list of one stands for its item and an item for a list of one; what conforms in neither way is
null. Source: DMN 1.5, 7.3.2 to 7.3.3 and 10.3.2.9.4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.decisions.document import Document, Element, child, children, text_of
from engine.feel import FeelSyntaxError, UnaryTests, Value, kind_of, parse_unary
from engine.feel.runtime import Run

# FEEL's names and those that Camunda's table editor writes.
SIMPLE = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "long": "number",
    "double": "number",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "datetime": "date and time",
    "date and time": "date and time",
    "daytimeduration": "days and time duration",
    "days and time duration": "days and time duration",
    "yearmonthduration": "years and months duration",
    "years and months duration": "years and months duration",
    "context": "context",
    "list": "list",
    "function": "function",
    "range": "range",
}
MAX_DEPTH = 30


@dataclass
class Shape:
    """What values a declared type has: a kind, or the fields of a context, or items of a list."""

    kind: str = "any"
    collection: bool = False
    fields: dict[str, Shape] = field(default_factory=dict)
    base: Shape | None = None
    allowed: UnaryTests | None = None

    def conforms(self, value: Value, run: Run, depth: int = 0) -> bool:
        """Whether a value is of this type; null may stand anywhere."""
        if value is None or depth > MAX_DEPTH:
            return True
        run.charge()
        if self.collection:
            return isinstance(value, list) and all(
                self.item_conforms(item, run, depth + 1) for item in value
            )
        return self.item_conforms(value, run, depth)

    def item_conforms(self, value: Value, run: Run, depth: int) -> bool:
        if value is None:
            return True
        if self.base is not None and not self.base.conforms(value, run, depth + 1):
            return False
        if self.kind not in ("any", kind_of(value)):
            return False
        if self.allowed is not None and self.allowed.run(value, {}, run) is not True:
            return False
        return all(
            name in value and shape.conforms(value[name], run, depth + 1)
            for name, shape in self.fields.items()
        )

    def coerced(self, value: Value, run: Run) -> Value:
        """The value where it conforms, as a list or as a list's item if that helps; else null."""
        if self.conforms(value, run):
            return value
        if isinstance(value, list) and len(value) == 1 and self.conforms(value[0], run):
            return value[0]
        if self.collection and self.conforms([value], run):
            return [value]
        if self.kind == "date and time" and kind_of(value) == "date":
            return dt.datetime.combine(value, dt.time(), dt.UTC)
        return None


ANYTHING = Shape()


class Shapes:
    """The types that a file declares, by name; each is read when first asked for."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.elements = {
            element.get("name", ""): element
            for element in children(document.root, "itemDefinition")
        }
        self.read: dict[str, Shape] = {}

    def names(self) -> set[str]:
        """The names of all fields: they may hold blanks and signs."""
        return {
            inner.get("name", "")
            for element in self.elements.values()
            for inner in element.iter("{*}itemComponent")
        }

    def named(self, name: str | None) -> Shape:
        """The type of a typeRef; a prefix (`feel:string`) is left out; unknown ones take all."""
        if not name:
            return ANYTHING
        if name in self.read:
            return self.read[name]
        if name in self.elements:
            shape = self.read[name] = Shape()
            self.fill(shape, self.elements[name])
            return shape
        kind = SIMPLE.get(name.rpartition(":")[2].strip().lower())
        return ANYTHING if kind is None else Shape(kind)

    def fill(self, shape: Shape, element: Element) -> None:
        """What an item definition or component says; a type may refer to itself."""
        shape.collection = element.get("isCollection") == "true"
        components = list(children(element, "itemComponent"))
        if components:
            shape.kind = "context"
            for component in components:
                inner = shape.fields[component.get("name", "")] = Shape()
                self.fill(inner, component)
        if child(element, "functionItem") is not None:
            shape.kind = "function"
        base = child(element, "typeRef")
        if base is not None:
            shape.base = self.named("".join(base.itertext()).strip())
        allowed = text_of(child(element, "allowedValues"))
        if allowed:
            shape.allowed = self.tests(element, allowed)

    def tests(self, element: Element, text: str) -> UnaryTests:
        try:
            return parse_unary(text)
        except FeelSyntaxError as problem:
            raise self.document.refuse(
                element, "The allowed values are not FEEL. {reason}", reason=problem
            ) from None


def coerced_all(
    values: Mapping[str, Value], shapes: Mapping[str, Shape], run: Run
) -> dict[str, Value]:
    """Values with those of declared names coerced."""
    return {
        name: shapes[name].coerced(value, run) if name in shapes else value
        for name, value in values.items()
    }
