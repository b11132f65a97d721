"""The types that files declare, read from their item definitions. Source: DMN 1.5, 7.3.2 to 7.3.4.

A file knows its own types, those of imports with a name as `name.type`, and those of imports
without a name as its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.decisions.constraints import Constraint
from engine.decisions.document import Document, Element, child, children, text_of
from engine.decisions.errors import DecisionInvalid
from engine.decisions.misfits import misfits
from engine.decisions.shapes import ANYTHING, Shape
from engine.feel import FeelSyntaxError, parse_unary
from engine.feel.names import normal

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


# Types that take every value, or that no file declares.
UNNAMED = ("any", "null", "undefined")

MISFIT = "The type “{name}” is made of {kind}, and allows values that are of another: {others}."
NAMELESS = "A field of the type “{name}” has no name, so nothing can read it."
NAME_IT = "Give the field a name."
MEND_MISFIT = "Write values of the type itself, or choose the type that the values are of."


class Shapes:
    """The types that a file knows, by name; each is read when first asked for.

    problems: what is wrong with those read so far. faults: what is wrong and runs all the same,
    so that whoever has deployed it may go on.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.elements = {
            normal(element.get("name") or ""): element
            for element in children(document.root, "itemDefinition")
        }
        self.read: dict[str, Shape] = {}
        self.imported: list[tuple[str, Shapes]] = []
        self.problems: list[DecisionInvalid] = []
        self.faults: list[DecisionInvalid] = []

    def fields(self) -> Iterator[str]:
        """The names of all fields: they may hold blanks and signs."""
        for element in self.elements.values():
            for inner in element.iter("{*}itemComponent"):
                yield inner.get("name") or ""

    def names(self, depth: int = 0) -> Iterator[str]:
        """The names of all types that this file knows."""
        yield from self.elements
        for prefix, shapes in self.imported if depth < 8 else ():
            for name in shapes.names(depth + 1) if not prefix else shapes.elements:
                yield prefix + name

    def named(self, name: str | None) -> Shape:
        """The type of a typeRef; unknown ones take everything.

        DMN 1.1 writes the prefix of a namespace before it (`feel:string`), which is left out.
        """
        wanted = normal(name or "")
        if not wanted:
            return ANYTHING
        found = self.declared(wanted) or self.declared(wanted.rpartition(":")[2].strip())
        if found is not None:
            return found
        kind = SIMPLE.get(wanted.rpartition(":")[2].strip().lower())
        return ANYTHING if kind is None else Shape(kind)

    def knows(self, name: str) -> bool:
        """Whether a typeRef means something: a declared type, one of FEEL's, or an import's."""
        wanted = normal(name)
        last = wanted.rpartition(":")[2].strip()
        if not wanted or last.lower() in SIMPLE or last.lower() in UNNAMED:
            return True
        return any(self.declared(each) is not None for each in (wanted, last))

    def declared(self, name: str, depth: int = 0) -> Shape | None:
        """The type of that name if this file or one that it imports declares it."""
        if name in self.read:
            return self.read[name]
        if name in self.elements:
            shape = self.read[name] = Shape(named=True)
            self.fill(shape, self.elements[name])
            return shape
        for prefix, shapes in self.imported if depth < 8 else ():
            if name.startswith(prefix):
                found = shapes.declared(name.removeprefix(prefix), depth + 1)
                if found is not None:
                    return found
        return None

    def read_all(self) -> None:
        """Read every type, so that `problems` and `faults` are complete."""
        for name, element in self.elements.items():
            shape = self.declared(name)
            if shape is not None and self.is_endless(shape):
                self.faults.append(
                    self.document.refuse(
                        element,
                        "The type “{name}” refers to itself and so stands for nothing.",
                        "Choose another type for it, or give it fields.",
                        name=name,
                    )
                )
            elif shape is not None:
                self.judge(shape, element, name)

    def judge(self, shape: Shape, element: Element, name: str) -> None:
        """Notes values that the type and its fields allow and that cannot be of the type.

        A type may hold itself in a field: null or an empty list ends it.
        """
        for component in children(element, "itemComponent"):
            inner = normal(component.get("name") or "")
            if not inner:
                self.faults.append(self.document.refuse(component, NAMELESS, NAME_IT, name=name))
            self.judge(shape.fields[inner], component, f"{name}.{inner}")
        lists = [(shape.allowed, "allowedValues")]
        if not shape.takes_lists():
            lists.append((shape.constraint, "typeConstraint"))
        kind = shape.root().kind
        for each, tag in lists:
            strange, is_all = ([], False) if each is None else misfits(each.tests, kind)
            if strange:
                say = self.document.refuse if is_all else self.document.warn
                where = child(element, tag)
                fields = {"name": name, "kind": kind, "others": ", ".join(strange)}
                self.faults.append(say(where, MISFIT, MEND_MISFIT, **fields))

    @staticmethod
    def is_endless(shape: Shape) -> bool:
        """Whether types stand for one another in a circle (DMN 1.5, 7.3.3)."""
        seen: list[Shape] = []
        found: Shape | None = shape
        while found is not None and not any(found is each for each in seen):
            seen.append(found)
            found = found.base
        return found is shape

    def fill(self, shape: Shape, element: Element) -> None:
        """What an item definition or component says; a type may refer to itself."""
        shape.collection = element.get("isCollection") == "true"
        components = list(children(element, "itemComponent"))
        if components:
            shape.kind = "context"
            for component in components:
                inner = shape.fields[normal(component.get("name") or "")] = Shape(named=True)
                self.fill(inner, component)
        self.fill_function(shape, child(element, "functionItem"))
        base = child(element, "typeRef")
        if base is not None:
            shape.base = self.named("".join(base.itertext()))
        shape.allowed = self.constraint(child(element, "allowedValues"))
        shape.constraint = self.constraint(child(element, "typeConstraint"))

    def fill_function(self, shape: Shape, element: Element | None) -> None:
        if element is None:
            return
        shape.kind = "function"
        result = element.get("outputTypeRef")
        shape.result = self.named(result) if result else None
        for part in children(element, "parameters"):
            if part.get("typeRef"):
                name = normal(part.get("name") or "")
                shape.parameters[name] = self.named(part.get("typeRef"))

    def constraint(self, element: Element | None) -> Constraint | None:
        text = text_of(element)
        if element is None or not text:
            return None
        try:
            return Constraint(parse_unary(text, types=frozenset(self.elements)))
        except FeelSyntaxError as problem:
            self.problems.append(
                self.document.refuse(
                    element,
                    "The allowed values are not FEEL. {reason}",
                    "Mend the list of values; reading stopped at its letter {letter}.",
                    reason=problem.sentence,
                    letter=(problem.position or 0) + 1,
                )
            )
            return None
