"""What a file of decisions says that runs, and hardly as it was meant."""

from __future__ import annotations

from collections.abc import Iterator

from engine.decisions.document import Element, child, children, local, text_of
from engine.decisions.errors import DecisionInvalid
from engine.decisions.models import Model
from engine.feel.names import normal

RANKED = ("PRIORITY", "OUTPUT ORDER")


def doubts(model: Model) -> Iterator[DecisionInvalid]:
    """Warnings about names, types and tables of one file, in the order of the file."""
    yield from doubles(model)
    yield from double_types(model)
    if len(model.imports) == len(list(model.document.imports())):
        # The types of a file that is not there are nobody's mistake here.
        yield from unknown_types(model)
    for table in model.document.root.iter("{*}decisionTable"):
        yield from unranked(model, table)


def doubles(model: Model) -> Iterator[DecisionInvalid]:
    """Decisions, functions and inputs of one name: an expression can mean only one of them."""
    first: dict[str, str] = {}
    for part_id, part in model.parts.items():
        called = normal(part.get("name") or "")
        if called and first.setdefault(called, part_id) != part_id:
            yield model.document.warn(
                part,
                "“{name}” is the name of “{other}” too: which is meant depends on their order;"
                " give each a name of its own.",
                "Give each a name of its own.",
                name=called,
                other=first[called],
            )


def double_types(model: Model) -> Iterator[DecisionInvalid]:
    """Item definitions of one name, of which the last is read."""
    seen: set[str] = set()
    for element in children(model.document.root, "itemDefinition"):
        name = normal(element.get("name") or "")
        if name in seen:
            message = "The type “{name}” is declared twice; the last one is taken."
            yield model.document.warn(element, message, "Remove one of the two.", name=name)
        seen.add(name)


def unknown_types(model: Model) -> Iterator[DecisionInvalid]:
    """Types that nobody declares; they take every value."""
    for element in model.document.root.iter("*"):
        names = [element.get("typeRef"), element.get("outputTypeRef")]
        if local(element) == "typeRef":
            names.append("".join(element.itertext()))
        for name in names:
            if name and not model.shapes.knows(name):
                yield model.document.warn(
                    element,
                    "The type “{name}” is not declared: every value is taken.",
                    "Declare the type, or choose one of FEEL's own.",
                    name=name.strip(),
                )


def unranked(model: Model, table: Element) -> Iterator[DecisionInvalid]:
    """A table whose results have no order, though its policy asks for one (DMN 1.5, 8.2.8)."""
    outputs = list(children(table, "output"))
    if table.get("hitPolicy") not in RANKED or not outputs:
        return
    for output in outputs:
        shape = model.shapes.named(output.get("typeRef"))
        if text_of(child(output, "outputValues")) or shape.allowed is not None:
            return
    yield model.document.warn(
        table,
        "{policy} goes by the order of the output values, and no output lists its values.",
        "List the values of an output, the most important first.",
        policy=table.get("hitPolicy"),
    )
