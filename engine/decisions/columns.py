"""Reads decision tables: columns of conditions and results, and the rules between them.

The orientation does not matter: tables drawn as columns or crosses are stored as rows too.
Source: DMN 1.5, 8.2 and 8.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.decisions.constraints import Constraint
from engine.decisions.document import Element, child, children, local, nearest_id, text_of
from engine.decisions.shapes import ANYTHING, Code, shaped
from engine.decisions.tables import AGGREGATIONS, POLICIES, Input, Output, Rule, Table
from engine.feel import Value
from engine.feel.names import normal
from engine.feel.runtime import Scope

if TYPE_CHECKING:
    from engine.decisions.boxed import BoxReader

WHOLE = ("integer", "long")
"""Types of Camunda's editors that FEEL does not have: its numbers are one type."""


def table(reader: BoxReader, element: Element) -> Table:
    """A decision table; what does not fit together is kept in the reader's problems."""
    policy = (element.get("hitPolicy") or "UNIQUE").strip()
    aggregation = (element.get("aggregation") or "").strip()
    before = len(reader.problems)
    inputs = tuple(table_input(reader, part) for part in children(element, "input"))
    outputs = tuple(table_output(reader, part) for part in children(element, "output"))
    check_policy(reader, element, policy, aggregation)
    check_outputs(reader, element, [output.name for output in outputs])
    if aggregation and policy == "COLLECT" and len(outputs) > 1:
        reader.keep(
            element,
            "{aggregation} needs a table with one output.",
            "Keep one output, or collect without {aggregation}.",
            aggregation=aggregation,
        )
    is_head_whole = len(reader.problems) == before
    variables = (column.variable for column in inputs if column.variable)
    with reader.binding(dict.fromkeys(variables, ANYTHING)):
        read = [
            table_rule(reader, part, index, (len(inputs), len(outputs)))
            for index, part in enumerate(children(element, "rule"), 1)
        ]
    rules = tuple(rule for rule in read if rule is not None)
    made = Table(
        reader.owner,
        nearest_id(element),
        element.sourceline,
        policy,
        aggregation,
        inputs,
        outputs,
        rules,
        reader.document.places.of(element),
        is_whole=len(rules) == len(read) and all(rule.is_whole for rule in rules),
    )
    # The cells of a column without a head that can be read are not judged by it.
    if is_head_whole:
        reader.tables.append(made)
    return made


def check_policy(reader: BoxReader, element: Element, policy: str, aggregation: str) -> None:
    if policy not in POLICIES or (aggregation and aggregation not in AGGREGATIONS):
        reader.keep(
            element,
            "The hit policy {policy} is unknown.",
            "Choose one of {policies}; COLLECT may add one of {aggregations}.",
            policy=f"{policy} {aggregation}".strip(),
            policies=", ".join(POLICIES),
            aggregations=", ".join(AGGREGATIONS),
        )


def check_outputs(reader: BoxReader, element: Element, names: list[str]) -> None:
    """A table has an output; each of several has a name of its own."""
    if not names:
        message = "The table has no output; add a column."
        reader.keep(element, message, "Add a column for the result.")
    if len(names) < 2:
        return
    for index, output in enumerate(children(element, "output")):
        if not names[index] or names[index] in names[:index]:
            reader.keep(
                output,
                "Each of several outputs needs a name of its own.",
                "Name the output as no other one of the table.",
            )


def table_input(reader: BoxReader, element: Element) -> Input:
    source = child(element, "inputExpression")
    text = text_of(source)
    # Camunda's name for the value within the cells; where the expression is empty, for all of it.
    variable = next((v for k, v in element.attrib.items() if k.endswith("}inputVariable")), "")
    label = element.get("label") or text or variable
    code: Code = null
    if source is None or not (text or variable):
        reader.keep(
            element,
            "The input “{label}” has no expression.",
            "Write at the head of the column what its cells ask about.",
            label=label,
        )
        source = element if source is None else source
    elif text:
        code = reader.literal(source)
    else:
        code = reader.expression(source, variable).code
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
        element.sourceline,
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
        reader.document.places.column(element),
        text_of(default),
        (element if default is None else default).sourceline,
        (element.get("typeRef") or "").lower() in WHOLE,
    )


def null(scope: Scope) -> Value:
    """The value of an expression that is not there."""
    return None


def constraint(reader: BoxReader, element: Element | None) -> Constraint | None:
    text = text_of(element)
    return Constraint(reader.tests(element, text)) if text else None


def table_rule(
    reader: BoxReader, element: Element, index: int, columns: tuple[int, int]
) -> Rule | None:
    """A rule; None, with an error kept, for one without a cell for each column."""
    before = len(reader.problems)
    cells = list(children(element, "inputEntry"))
    results = list(children(element, "outputEntry"))
    if (len(cells), len(results)) != columns:
        reader.keep(
            element,
            "Rule {number} has not one cell for each column.",
            "Give it {inputs} cells of input and {outputs} of output; it has {cells} and"
            " {results}.",
            number=index,
            inputs=columns[0],
            outputs=columns[1],
            cells=len(cells),
            results=len(results),
        )
    tests = tuple(
        reader.tests(cell, text_of(cell) if reader.in_feel(cell) else "-") for cell in cells
    )
    shapes = [reader.shapes.named(cell.get("typeRef")) for cell in results]
    codes = [reader.literal(cell) for cell in results]
    pairs = zip(codes, shapes, strict=True)
    if (len(cells), len(results)) != columns:
        return None
    return Rule(
        element.get("id") or str(index),
        index,
        element.sourceline,
        tests,
        tuple(shaped(code, shape) if shape.named else code for code, shape in pairs),
        tuple(notes(element)),
        tuple(text_of(cell) for cell in results),
        tuple(cell.sourceline for cell in (*cells, *results)),
        is_whole=len(reader.problems) == before,
    )


def notes(element: Element) -> list[str]:
    """What the owner wrote beside a rule: its annotations, or its description as dmn-js has it."""
    found = [
        text_of(part) if local(part) == "annotationEntry" else "".join(part.itertext()).strip()
        for part in children(element, "annotationEntry", "description")
    ]
    return [text for text in found if text]
