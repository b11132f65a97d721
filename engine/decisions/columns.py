"""Reads decision tables: columns of conditions and results, and the rules between them.

The orientation does not matter: tables drawn as columns or crosses are stored as rows too.
Source: DMN 1.5, 8.2 and 8.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.decisions.constraints import Constraint
from engine.decisions.document import Element, child, children, local, nearest_id, text_of
from engine.decisions.shapes import shaped
from engine.decisions.tables import AGGREGATIONS, POLICIES, Input, Output, Rule, Table
from engine.feel.names import normal

if TYPE_CHECKING:
    from engine.decisions.boxed import BoxReader

WHOLE = ("integer", "long")


def table(reader: BoxReader, element: Element) -> Table:
    """A decision table; raises DecisionInvalid where its parts do not fit together."""
    policy = (element.get("hitPolicy") or "UNIQUE").strip()
    aggregation = (element.get("aggregation") or "").strip()
    inputs = tuple(table_input(reader, part) for part in children(element, "input"))
    outputs = tuple(table_output(reader, part) for part in children(element, "output"))
    if policy not in POLICIES or (aggregation and aggregation not in AGGREGATIONS):
        raise reader.document.refuse(
            element, "The hit policy {policy} {aggregation} is unknown.",
            policy=policy, aggregation=aggregation,
        )  # fmt: skip
    if not outputs:
        raise reader.document.refuse(element, "The table has no output; add a column.")
    if aggregation and policy == "COLLECT" and len(outputs) > 1:
        raise reader.document.refuse(
            element, "{aggregation} needs a table with one output.", aggregation=aggregation
        )
    names = [output.name for output in outputs]
    if len(outputs) > 1 and ("" in names or len(set(names)) < len(names)):
        raise reader.document.refuse(element, "Each of several outputs needs a name of its own.")
    with reader.binding(*(column.variable for column in inputs if column.variable)):
        rules = tuple(
            table_rule(reader, part, index, (len(inputs), len(outputs)))
            for index, part in enumerate(children(element, "rule"), 1)
        )
    place = nearest_id(element), element.sourceline
    made = Table(reader.owner, *place, policy, aggregation, inputs, outputs, rules)
    reader.tables.append(made)
    return made


def table_input(reader: BoxReader, element: Element) -> Input:
    source = child(element, "inputExpression")
    text = text_of(source)
    # Camunda's name for the value within the cells; where the expression is empty, for all of it.
    variable = next((v for k, v in element.attrib.items() if k.endswith("}inputVariable")), "")
    label = element.get("label") or text or variable
    if source is None or not (text or variable):
        raise reader.document.refuse(
            element, "The input “{label}” has no expression.", label=label
        )
    code = reader.literal(source) if text else reader.expression(source, variable).code
    shape = reader.shapes.named(source.get("typeRef"))
    return Input(
        element.get("id") or "",
        label,
        normal(variable),
        shaped(code, shape) if shape.named else code,
        constraint(reader, child(element, "inputValues")),
        shape if not shape.is_open else reader.known_type(text or variable),
        (source.get("typeRef") or "").lower() in WHOLE,
        normal(text or variable),
    )


def table_output(reader: BoxReader, element: Element) -> Output:
    allowed = constraint(reader, child(element, "outputValues"))
    default = child(element, "defaultOutputEntry")
    shape = reader.shapes.named(element.get("typeRef"))
    return Output(
        element.get("id") or "",
        normal(element.get("name") or ""),
        shape,
        allowed,
        allowed or shape.allowed,
        reader.literal(default) if text_of(default) else None,
    )


def constraint(reader: BoxReader, element: Element | None) -> Constraint | None:
    text = text_of(element)
    return Constraint(reader.tests(element, text)) if text else None


def table_rule(reader: BoxReader, element: Element, index: int, columns: tuple[int, int]) -> Rule:
    cells = list(children(element, "inputEntry"))
    results = list(children(element, "outputEntry"))
    if (len(cells), len(results)) != columns:
        raise reader.document.refuse(
            element, "Rule {number} has not one cell for each column.", number=index
        )
    for cell in cells:
        reader.document.check_language(cell)
    tests = tuple(reader.tests(cell, text_of(cell)) for cell in cells)
    shapes = [reader.shapes.named(cell.get("typeRef")) for cell in results]
    codes = [reader.literal(cell) for cell in results]
    pairs = zip(codes, shapes, strict=True)
    return Rule(
        element.get("id") or str(index),
        index,
        element.sourceline,
        tests,
        tuple(shaped(code, shape) if shape.named else code for code, shape in pairs),
        tuple(notes(element)),
        tuple(text_of(cell) for cell in results),
    )


def notes(element: Element) -> list[str]:
    """What the owner wrote beside a rule: its annotations, or its description as dmn-js has it."""
    found = [
        text_of(part) if local(part) == "annotationEntry" else "".join(part.itertext()).strip()
        for part in children(element, "annotationEntry", "description")
    ]
    return [text for text in found if text]
