"""Functions that boxes define, and their formal parameters.

Source: DMN 1.5, 10.2.1.7 and 10.3.2.13.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from engine.decisions.columns import null
from engine.decisions.document import Element, child, children
from engine.decisions.shapes import ANYTHING, Code, Shape, defined
from engine.decisions.types import Shapes
from engine.feel import Function, Value, loops
from engine.feel.names import normal
from engine.feel.runtime import Run, cost_of
from engine.feel.warnings import warn

if TYPE_CHECKING:
    from engine.decisions.boxed import BoxReader


def check_name(
    reader: BoxReader, element: Element, name: str, others: Collection[str | None]
) -> None:
    """Keep a mistake where a name that must be there and be the only one of its kind is not."""
    if name and name not in others:
        return
    message, remedy = "The name is missing.", "Give it a name."
    if name:
        message = "“{name}” is named twice; only one of the two can be meant."
        remedy = "Give each a name of its own."
    reader.mistakes.append(reader.document.refuse(element, message, remedy, name=name))


def parameters_of(shapes: Shapes, element: Element) -> dict[str, Shape]:
    """The parameters of a function that an element defines, by name and in order."""
    return {
        normal(part.get("name") or ""): shapes.named(part.get("typeRef"))
        for part in children(element, "formalParameter")
    }


def result_of(shape: Shape) -> Shape:
    """What a function gives whose variable is of a type: DMN 1.1 declares the type of the result
    where later versions declare the function's.
    """
    of_function = shape.root()
    return (of_function.result or ANYTHING) if of_function.kind == "function" else shape


def defined_by(shapes: Shapes, around: Element) -> Shape:
    """What is known of a value by the function definition in its box."""
    found = child(around, "functionDefinition")
    if found is None:
        return ANYTHING
    return Shape("function", parameters=parameters_of(shapes, found))


def function(reader: BoxReader, element: Element) -> Code:
    """A function definition; its body sees where it is defined."""
    if element.get("kind", "FEEL") != "FEEL":
        return external(reader, element)
    names: list[str] = []
    for part in children(element, "formalParameter"):
        name = normal(part.get("name") or "")
        check_name(reader, part, name, names)
        names.append(name)
    parameters = parameters_of(reader.shapes, element)
    weight = reader.weight
    with reader.binding(parameters):
        logic = reader.logic(element) or null
    body = loops.charged(logic, cost_of(reader.weight - weight))
    return lambda scope: defined(parameters, body, scope)


def external(reader: BoxReader, element: Element) -> Code:
    """A function in Java or PMML, whose results are null."""
    problem = reader.document.refuse(
        element,
        "Functions in Java or PMML are not run; write the function in FEEL.",
        "Choose the kind FEEL and write what the function gives.",
    )
    reader.mistakes.append(problem)

    def invoke(run: Run, values: list[Value]) -> Value:
        warn(run, 0, problem.template, **problem.fields)
        return None

    names = tuple(normal(part.get("name") or "") for part in children(element, "formalParameter"))
    return lambda scope: Function(names, invoke)
