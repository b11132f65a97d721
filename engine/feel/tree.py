"""The syntax tree of an expression: what the parser builds and the compiler reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.errors import Sentence
from engine.feel.values import Value


@dataclass(slots=True)
class Node:
    """`position` is an offset in the text; `height` the levels below, which are bounded.

    `weight` counts the nodes below: what a round of a loop costs.
    """

    position: int
    height: int = field(default=1, kw_only=True)
    weight: int = field(default=1, kw_only=True)


@dataclass(slots=True)
class Literal(Node):
    value: Value


@dataclass(slots=True)
class Mistake(Node):
    """What is no value although the grammar reads it: null, with the sentence that says why."""

    sentence: Sentence


@dataclass(slots=True)
class Name(Node):
    name: str


@dataclass(slots=True)
class Path(Node):
    source: Node
    key: str


@dataclass(slots=True)
class Filter(Node):
    source: Node
    test: Node


@dataclass(slots=True)
class Call(Node):
    """`named` goes beside an empty `arguments`: FEEL does not mix the two."""

    function: Node
    arguments: list[Node]
    named: dict[str, Node] | None


@dataclass(slots=True)
class Arithmetic(Node):
    """operator: + - * / **"""

    operator: str
    left: Node
    right: Node


@dataclass(slots=True)
class Negation(Node):
    value: Node


@dataclass(slots=True)
class Relation(Node):
    """operator: = != < <= > >="""

    operator: str
    left: Node
    right: Node


@dataclass(slots=True)
class Logic(Node):
    """operator: and, or; two or more parts"""

    operator: str
    parts: list[Node]


@dataclass(slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(slots=True)
class Test(Node):
    """One unary test: `< value` with an operator, or an expression without.

    `asks` tells that the expression speaks of the tested value itself, as `?`.
    """

    operator: str | None
    value: Node
    asks: bool


@dataclass(slots=True)
class Tests(Node):
    """Unary tests of which one must hold, or none where `negated`; no tests at all is `-`."""

    tests: list[Test]
    negated: bool


@dataclass(slots=True)
class In(Node):
    value: Node
    tests: list[Test]


@dataclass(slots=True)
class Choice(Node):
    condition: Node
    yes: Node
    no: Node


@dataclass(slots=True)
class Iterator(Node):
    """`name in source`, or `name in source..end` where `end` is given."""

    name: str
    source: Node
    end: Node | None


@dataclass(slots=True)
class For(Node):
    """`partial` tells that the body reads the list of results so far."""

    iterators: list[Iterator]
    body: Node
    partial: bool


@dataclass(slots=True)
class Quantified(Node):
    """some (`every` false) or every: whether the condition holds."""

    every: bool
    iterators: list[Iterator]
    condition: Node


@dataclass(slots=True)
class ListOf(Node):
    items: list[Node]


@dataclass(slots=True)
class ContextOf(Node):
    entries: list[tuple[str, Node]]


@dataclass(slots=True)
class RangeOf(Node):
    start: Node | None
    end: Node | None
    start_included: bool
    end_included: bool


@dataclass(slots=True)
class Definition(Node):
    """A function definition; a parameter's type is None where it takes anything."""

    parameters: list[tuple[str, Type | None]]
    body: Node


@dataclass(slots=True)
class InstanceOf(Node):
    value: Node
    type: Type


@dataclass(slots=True)
class Type:
    """A type by name; `inner` is a list's or range's type, a function's result.

    `fields` are a context's, `parameters` a function's.
    """

    name: str
    inner: Type | None = None
    fields: dict[str, Type] = field(default_factory=dict)
    parameters: list[Type] = field(default_factory=list)
