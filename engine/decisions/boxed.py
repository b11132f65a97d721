"""Boxed expressions: the logic of a decision as the editors draw it, made into closures.

Tables are read in `columns`. Source: DMN 1.5, 7.3 and 10.2.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from engine.decisions.columns import null, table
from engine.decisions.document import Document, Element, child, children, local
from engine.decisions.errors import DecisionInvalid
from engine.decisions.formal import check_name, defined_by, function
from engine.decisions.phrases import Phrase, Uses, spot_of, written_in
from engine.decisions.shapes import ANYTHING, Code, Shape, shaped
from engine.decisions.tables import Table
from engine.decisions.types import Shapes
from engine.feel import (
    Expression,
    FeelSyntaxError,
    Function,
    UnaryTests,
    Value,
    loops,
    parse,
    parse_unary,
)
from engine.feel.calls import call_function_named
from engine.feel.names import normal
from engine.feel.runtime import Scope, cost_of

BOOLEAN, CHOOSING = Shape("boolean"), Shape("boolean or number")
MAX_DEPTH = 40
MAX_QUOTED = 200
P = TypeVar("P", Expression, UnaryTests)


class BoxReader:
    """Reads the logic of one decision or function.

    names: all that the file knows, for names with blanks and signs.
    bound: names that boxes around the present one define, with their types. phrases: the literal
    expressions read.
    given: the types of input data by name. tables: the tables met, for the analysis.
    problems: the expressions that cannot be read; mistakes: what the standard makes null.
    """

    def __init__(
        self,
        document: Document,
        shapes: Shapes,
        owner: str,
        names: Collection[str],
        *,
        given: Mapping[str, Shape],
    ) -> None:
        self.document = document
        self.shapes = shapes
        self.owner = owner
        self.names = frozenset(names)
        self.types = frozenset(shapes.names())
        self.given = given
        self.bound: dict[str, Shape] = {}
        self.origins: dict[str, Phrase] = {}
        self.phrases: dict[Element, Phrase] = {}
        self.is_open = False
        self.known = self.names
        self.uses = Uses()
        self.tables: list[Table] = []
        self.problems: list[DecisionInvalid] = []
        self.mistakes: list[DecisionInvalid] = []
        self.depth = 0
        self.weight = 0
        # Large tables repeat their cells: each text is read once, as long as the names stay.
        self.read: dict[tuple[bool, str], Expression | UnaryTests] = {}

    @contextmanager
    def binding(
        self, names: Mapping[str, Shape], *, is_open: bool = False, origin: Phrase | None = None
    ) -> Iterator[None]:
        """Names bound here are not taken from outside in what is read meanwhile.

        origin: the expression whose value they have.
        """
        before = self.bound, self.known, self.read, self.is_open, self.origins
        self.bound = {**self.bound, **names}
        kept = {name: each for name, each in self.origins.items() if name not in names}
        self.origins = kept if origin is None else {**kept, **dict.fromkeys(names, origin)}
        self.known = self.names.union(self.bound)
        self.read, self.is_open = {}, is_open or self.is_open
        yield
        self.bound, self.known, self.read, self.is_open, self.origins = before

    def phrase_in(self, around: Element) -> Phrase | None:
        """The literal expression that an element holds."""
        found = (self.phrases[part] for part in children(around) if part in self.phrases)
        return next(found, None)

    def want(self, around: Element | None, shape: Shape) -> None:
        """Note the type that the literal expression within an element must give."""
        for part in () if around is None else children(around):
            if part in self.phrases:
                self.phrases[part].wanted.append(shape)

    def logic(self, element: Element) -> Code | None:
        """The logic that an element holds among its children; None if it holds none."""
        for part in children(element):
            if local(part) in READERS:
                return self.box(part)
        return None

    def required(self, element: Element | None, around: Element) -> Code:
        """The logic within an element that must be there and hold one; null where it is not."""
        code = None if element is None else self.logic(element)
        if code is None:
            self.keep(
                around if element is None else element,
                "An expression is missing here.",
                "Write the expression, or remove what needs it.",
            )
        return code or null

    def keep(self, element: Element, message: str, remedy: str, **fields: object) -> None:
        """Keep an error about an element, and read on: all that is wrong is told at once."""
        self.problems.append(self.document.refuse(element, message, remedy, **fields))

    def in_feel(self, element: Element) -> bool:
        """Whether an expression is written in FEEL; keeps an error where it is not."""
        language = self.document.other_language(element)
        if language:
            self.keep(
                element,
                "The expression is written in {language}; write it in FEEL.",
                "Write it in FEEL, and remove the expression language.",
                language=language,
            )
        return not language

    def box(self, element: Element) -> Code:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.document.refuse(
                element,
                "The boxes are nested too deep; split them up.",
                "Make a decision or function of its own out of the inner boxes.",
            )
        self.weight += 1
        code = READERS[local(element)](self, element)
        self.depth -= 1
        shape = self.shapes.named(element.get("typeRef"))
        if element in self.phrases:
            self.phrases[element].wanted.append(shape)
        if local(element) in LOOSE and not shape.named:
            return code
        return shaped(code, shape)

    def known_type(self, text: str) -> Shape:
        """What is known of the type of an expression: that of the input that it names."""
        return self.given.get(normal(text), ANYTHING)

    def literal(self, element: Element) -> Code:
        """A literal expression, or the cell of a table; an empty one is null."""
        text = written_in(element, self.known)
        if not self.in_feel(element):
            return null
        found = self.expression(element, text) if text else None
        if local(element) == "literalExpression":
            spot = spot_of(self.document, element)
            self.phrases[element] = Phrase(spot, found, self.bound, self.is_open, self.origins)
        return null if found is None else found.code

    def expression(self, element: Element, text: str) -> Expression:
        """A FEEL text of an element; its mistakes are kept with the element's id."""
        found = self.parsed(element, text, parse)
        self.weight += found.weight
        return found

    def tests(self, element: Element, text: str) -> UnaryTests:
        return self.parsed(element, text, parse_unary)

    def parsed(self, element: Element, text: str, read: Callable[..., P]) -> P:
        key = (read is parse, text)
        found = self.read.get(key)
        if found is None:
            try:
                found = read(text, names=self.known, types=self.types, strict=False)
            except FeelSyntaxError as problem:
                self.problems.append(self.refused(element, text, problem))
                return read("null")
            self.read[key] = found
        self.mistakes += [self.refused(element, text, each) for each in found.mistakes]
        self.note(element, found)
        return found  # type: ignore[return-value]  # what `read` gave, kept under its own key

    def refused(self, element: Element, text: str, problem: FeelSyntaxError) -> DecisionInvalid:
        error = self.document.refuse(
            element,
            "“{text}” is not FEEL. {reason}",
            "Mend the expression; reading stopped at its letter {letter}.",
            text=text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…",
            reason=problem.sentence,
            letter=(problem.position or 0) + 1,
        )
        error.position = problem.position
        return error

    def note(self, element: Element, found: Expression | UnaryTests) -> None:
        if not (found.variables or found.calls):
            return
        place = element.get("id") or self.owner
        known = {*self.bound, "?", "cellInput"}
        self.uses.variables += [(place, name) for name in sorted(found.variables - known)]
        self.uses.calls += [(place, name) for name in sorted(found.calls - known)]
        for name in sorted(found.calls - known - self.names):
            self.mistakes.append(
                self.document.warn(
                    element,
                    "The function “{function}” is unknown; its value is null.",
                    "Mend its name, or draw it as a function and the requirement of it.",
                    function=name,
                )
            )


def context(reader: BoxReader, element: Element) -> Code:
    """Entries by name, each in reach of those after it; one without a name is the value."""
    entries: list[tuple[str | None, Code]] = []
    with ExitStack() as bound:
        for entry in children(element, "contextEntry"):
            variable = child(entry, "variable")
            code = reader.required(entry, entry)
            name = None
            if variable is not None:
                name = normal(variable.get("name") or "")
                check_name(reader, entry, name, {known for known, _ in entries})
                shape = reader.shapes.named(variable.get("typeRef"))
                reader.want(entry, shape)
                code = shaped(code, shape)
                known = {name: defined_by(reader.shapes, entry) if shape.is_open else shape}
                bound.enter_context(reader.binding(known, origin=reader.phrase_in(entry)))
            entries.append((name, code))

    def build(scope: Scope) -> Value:
        made: dict[str, Value] = {}
        inner = Scope(made, scope, scope.run)
        for name, code in entries:
            value = code(inner)
            if name is None:
                return value
            made[name] = value
        return made

    return build


def listed(reader: BoxReader, element: Element) -> Code:
    items = [reader.box(part) for part in children(element) if local(part) in READERS]
    return lambda scope: [item(scope) for item in items]


def relation(reader: BoxReader, element: Element) -> Code:
    """A list of contexts, one a row."""
    columns = list(children(element, "column"))
    names = [normal(column.get("name") or "") for column in columns]
    shapes = [reader.shapes.named(column.get("typeRef")) for column in columns]
    rows = []
    for row in children(element, "row"):
        cells = [reader.box(part) for part in children(row) if local(part) in READERS]
        if len(cells) != len(columns):
            reader.keep(
                row,
                "The row has not one cell for each column.",
                "Give the row {columns} cells; it has {cells}.",
                columns=len(columns),
                cells=len(cells),
            )
            continue
        rows.append([shaped(cell, shape) for cell, shape in zip(cells, shapes, strict=True)])
    return lambda scope: [
        {name: cell(scope) for name, cell in zip(names, row, strict=True)} for row in rows
    ]


def invocation(reader: BoxReader, element: Element) -> Code:
    """A call of a function with each parameter bound by name."""
    target = reader.logic(element)
    if target is None:
        remedy = "Name the function in the top cell."
        reader.keep(element, "The function to call is missing.", remedy)
    bindings: dict[str, Code] = {}
    binds: dict[str, Phrase | None] = {}
    for binding in children(element, "binding"):
        parameter = child(binding, "parameter")
        name = "" if parameter is None else normal(parameter.get("name") or "")
        if not name:
            message = "The name of the parameter is missing."
            reader.keep(binding, message, "Name the parameter as the function does.")
        shape = ANYTHING if parameter is None else reader.shapes.named(parameter.get("typeRef"))
        bindings[name] = shaped(reader.logic(binding) or null, shape)
        reader.want(binding, shape)
        binds[name] = reader.phrase_in(binding)
    called = reader.phrase_in(element)
    if called is not None:
        called.binds = binds

    def call(scope: Scope) -> Value:
        function = target(scope) if target is not None else None
        if not isinstance(function, Function):
            return None
        values = {name: code(scope) for name, code in bindings.items()}
        return call_function_named(scope.run, function, values)

    return call


def conditional(reader: BoxReader, element: Element) -> Code:
    condition, yes, no = (
        reader.required(child(element, name), element) for name in ("if", "then", "else")
    )
    reader.want(child(element, "if"), BOOLEAN)
    return lambda scope: yes(scope) if condition(scope) is True else no(scope)


def filtered(reader: BoxReader, element: Element) -> Code:
    source = reader.required(child(element, "in"), element)
    before = reader.weight
    with reader.binding({"item": ANYTHING}, is_open=True):
        condition = reader.required(child(element, "match"), element)
    reader.want(child(element, "match"), CHOOSING)
    cost = cost_of(reader.weight - before)
    return lambda scope: loops.select(scope, source(scope), condition, cost=cost)


def iterated(reader: BoxReader, element: Element) -> Code:
    """for, some and every as boxes."""
    kind = local(element)
    name = normal(element.get("iteratorVariable") or "item")
    source = reader.required(child(element, "in"), element)
    inner = child(element, "return" if kind == "for" else "satisfies")
    weight = reader.weight
    with reader.binding({name: ANYTHING, "partial": ANYTHING}):
        body = reader.required(inner, element)
    if kind != "for":
        reader.want(inner, BOOLEAN)
    body = loops.charged(body, cost_of(reader.weight - weight))
    iterators = (loops.Source(name, source, None),)
    if kind == "for":
        return lambda scope: loops.collect(scope, iterators, body, partial=True)
    return lambda scope: loops.quantify(scope, iterators, body, every=kind == "every")


# Editors write the type of a table's only output here, and `string` where none was chosen: only
# types that the file itself declares are enforced.
LOOSE = ("decisionTable", "functionDefinition")
READERS: dict[str, Callable[[BoxReader, Element], Code]] = {
    "literalExpression": BoxReader.literal,
    "decisionTable": table,
    "context": context,
    "list": listed,
    "relation": relation,
    "invocation": invocation,
    "functionDefinition": function,
    "conditional": conditional,
    "filter": filtered,
    "for": iterated,
    "some": iterated,
    "every": iterated,
}
