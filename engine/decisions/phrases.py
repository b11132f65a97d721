"""What boxes outside of tables say in FEEL, kept for who checks it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from engine.decisions.document import Document, Element, local, text_of
from engine.decisions.shapes import Shape
from engine.errors import Sentence
from engine.feel import Expression, FeelSyntaxError, parse


@dataclass
class Uses:
    """What the expressions of one decision take from outside: (element id, name)."""

    variables: list[tuple[str, str]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Spot:
    """Where something stands: the id nearest to it, its line, and the place in words.

    is_all: it is all that its decision or function says.
    """

    element: str
    line: int | None
    place: Sentence | None
    is_all: bool


@dataclass
class Phrase:
    """A literal expression; None where its text is empty.

    bound: the types of names that boxes around it define; origins: the literal expressions whose
    values some of them have. is_open: it is about the items of a filter, whose parts are names as
    well. wanted: the types that its value must have. binds: the parameters that it is given where
    it is the function of an invocation, with the literal expressions that give them.
    """

    spot: Spot
    found: Expression | None
    bound: Mapping[str, Shape]
    is_open: bool
    origins: Mapping[str, Phrase] = field(default_factory=dict)
    wanted: list[Shape] = field(default_factory=list)
    binds: Mapping[str, Phrase | None] | None = None


def spot_of(document: Document, element: Element) -> Spot:
    seen = document.refuse(element, "")
    is_all = local(element.getparent()) in ("decision", "encapsulatedLogic")
    return Spot(seen.element, seen.line, seen.place, is_all)


def written_in(element: Element, names: Collection[str]) -> str:
    """The text of a literal expression. What a boxed loop runs through may be written as after
    `in`, where 1..n is a list (DMN 1.5, grammar rule 46b).
    """
    text, around = text_of(element), element.getparent()
    loops = local(around) == "in" and local(around.getparent()) in ("for", "some", "every")
    if not loops or ".." not in text:
        return text
    for each in (text, f"for item in {text} return item"):
        try:
            parse(each, names=frozenset(names), strict=False)
        except FeelSyntaxError:
            continue
        return each
    return text
