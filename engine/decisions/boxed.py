"""Boxed expressions: the logic of a decision as the editors draw it, made into closures.

Source: DMN 1.5, 7.3 and 10.2.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from engine.decisions.document import Document, Element, child, children, local, text_of
from engine.decisions.shapes import Shape, Shapes
from engine.decisions.tables import AGGREGATIONS, POLICIES, Code, Input, Output, Rule, Table
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
from engine.feel.compiler import code_of
from engine.feel.runtime import Run, Scope, cost_of

MAX_DEPTH = 40


@dataclass
class Uses:
    """What the expressions of one decision take from outside: (element id, name)."""

    variables: list[tuple[str, str]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)


class BoxReader:
    """Reads the logic of one decision or function.

    names: all that the file knows, for names with blanks and signs.
    bound: names that boxes around the present one define.
    tables: the tables met, for the analysis.
    """

    def __init__(
        self, document: Document, shapes: Shapes, owner: str, names: Collection[str]
    ) -> None:
        self.document = document
        self.shapes = shapes
        self.owner = owner
        self.names = frozenset(names)
        self.bound: list[str] = []
        self.uses = Uses()
        self.tables: list[Table] = []
        self.depth = 0
        self.weight = 0

    def logic(self, element: Element) -> Code | None:
        """The logic that an element holds among its children; None if it holds none."""
        for part in children(element):
            if local(part) in READERS:
                return self.box(part)
        return None

    def required(self, element: Element | None, around: Element) -> Code:
        """The logic within an element that must be there and hold one."""
        code = None if element is None else self.logic(element)
        if code is None:
            raise self.document.refuse(around, "An expression is missing here.")
        return code

    def box(self, element: Element) -> Code:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.document.refuse(element, "The boxes are nested too deep; split them up.")
        self.weight += 1
        code = READERS[local(element)](self, element)
        self.depth -= 1
        shape = self.shapes.named(element.get("typeRef"))
        if local(element) in ("decisionTable", "functionDefinition"):
            return code
        return shaped(code, shape)

    def expression(self, element: Element, text: str) -> Expression:
        """A FEEL text of an element; its mistakes are told with the element's id."""
        try:
            found = parse(text, names=self.names | set(self.bound))
        except FeelSyntaxError as problem:
            raise self.document.refuse(
                element, "“{text}” is not FEEL. {reason}", text=text, reason=problem
            ) from None
        self.note(element, found)
        self.weight += found.weight
        return found

    def tests(self, element: Element, text: str) -> UnaryTests:
        try:
            found = parse_unary(text, names=self.names | set(self.bound))
        except FeelSyntaxError as problem:
            raise self.document.refuse(
                element, "“{text}” is not FEEL. {reason}", text=text, reason=problem
            ) from None
        self.note(element, found)
        return found

    def note(self, element: Element, found: Expression | UnaryTests) -> None:
        place = element.get("id") or self.owner
        known = {*self.bound, "?", "cellInput"}
        self.uses.variables += [(place, name) for name in sorted(found.variables - known)]
        self.uses.calls += [(place, name) for name in sorted(found.calls - known)]


def shaped(code: Code, shape: Shape) -> Code:
    """The code with its values coerced to a declared type."""
    if shape.kind == "any" and shape.base is None and not shape.collection:
        return code
    return lambda scope: shape.coerced(code(scope), scope.run)


def null(scope: Scope) -> Value:
    return None


def literal(reader: BoxReader, element: Element) -> Code:
    reader.document.check_language(element)
    text = text_of(element)
    return reader.expression(element, text).code if text else null


def context(reader: BoxReader, element: Element) -> Code:
    """Entries by name, each in reach of those after it; one without a name is the value."""
    entries: list[tuple[str | None, Code]] = []
    before = len(reader.bound)
    for entry in children(element, "contextEntry"):
        variable = child(entry, "variable")
        code = reader.required(entry, entry)
        name = None
        if variable is not None:
            name = variable.get("name", "")
            code = shaped(code, reader.shapes.named(variable.get("typeRef")))
            reader.bound.append(name)
        entries.append((name, code))
    del reader.bound[before:]

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
    columns = [column.get("name", "") for column in children(element, "column")]
    rows = []
    for row in children(element, "row"):
        cells = [reader.box(part) for part in children(row) if local(part) in READERS]
        if len(cells) != len(columns):
            raise reader.document.refuse(row, "The row has not one cell for each column.")
        rows.append(cells)
    return lambda scope: [
        {name: cell(scope) for name, cell in zip(columns, row, strict=True)} for row in rows
    ]


def invocation(reader: BoxReader, element: Element) -> Code:
    """A call of a function with each parameter bound by name."""
    target = reader.logic(element)
    if target is None:
        raise reader.document.refuse(element, "The function to call is missing.")
    bindings: dict[str, Code] = {}
    for binding in children(element, "binding"):
        name = child(binding, "parameter")
        bindings[name.get("name", "") if name is not None else ""] = reader.logic(binding) or null

    def call(scope: Scope) -> Value:
        function = target(scope)
        if not isinstance(function, Function):
            return None
        values = {name: code(scope) for name, code in bindings.items()}
        return call_function_named(scope.run, function, values)

    return call


def function(reader: BoxReader, element: Element) -> Code:
    """A function definition; its body sees where it is defined."""
    if element.get("kind", "FEEL") != "FEEL":
        raise reader.document.refuse(
            element, "Functions in Java or PMML are not run; write the function in FEEL."
        )
    parameters = {
        part.get("name", ""): reader.shapes.named(part.get("typeRef"))
        for part in children(element, "formalParameter")
    }
    before = len(reader.bound)
    reader.bound += parameters
    weight = reader.weight
    logic = reader.logic(element) or null
    body = loops.charged(logic, cost_of(reader.weight - weight))
    del reader.bound[before:]
    return lambda scope: defined(parameters, body, scope)


def defined(parameters: dict[str, Shape], body: Code, scope: Scope) -> Function:
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


def conditional(reader: BoxReader, element: Element) -> Code:
    condition, yes, no = (
        reader.required(child(element, name), element) for name in ("if", "then", "else")
    )
    return lambda scope: yes(scope) if condition(scope) is True else no(scope)


def filtered(reader: BoxReader, element: Element) -> Code:
    source = reader.required(child(element, "in"), element)
    reader.bound.append("item")
    before = reader.weight
    condition = reader.required(child(element, "match"), element)
    cost = cost_of(reader.weight - before)
    reader.bound.pop()
    return lambda scope: loops.select(scope, source(scope), condition, cost=cost)


def iterated(reader: BoxReader, element: Element) -> Code:
    """for, some and every as boxes."""
    kind = local(element)
    name = element.get("iteratorVariable") or "item"
    source = reader.required(child(element, "in"), element)
    before = len(reader.bound)
    reader.bound += [name, "partial"]
    inner = child(element, "return" if kind == "for" else "satisfies")
    weight = reader.weight
    body = reader.required(inner, element)
    body = loops.charged(body, cost_of(reader.weight - weight))
    del reader.bound[before:]
    iterators = (loops.Source(name, source, None),)
    if kind == "for":
        return lambda scope: loops.collect(scope, iterators, body, partial=True)
    return lambda scope: loops.quantify(scope, iterators, body, every=kind == "every")


def table(reader: BoxReader, element: Element) -> Code:
    """A decision table; raises DecisionInvalid where its parts do not fit together."""
    policy = element.get("hitPolicy") or "UNIQUE"
    aggregation = element.get("aggregation") or ""
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
    rules = tuple(
        table_rule(reader, part, index, (len(inputs), len(outputs)))
        for index, part in enumerate(children(element, "rule"), 1)
    )
    made = Table(reader.owner, policy, aggregation, inputs, outputs, rules)
    reader.tables.append(made)
    return made


def table_input(reader: BoxReader, element: Element) -> Input:
    source = child(element, "inputExpression")
    text = text_of(source)
    label = element.get("label") or text
    if source is None or not text:
        raise reader.document.refuse(
            element, "The input “{label}” has no expression.", label=label
        )
    reader.document.check_language(source)
    allowed = text_of(child(element, "inputValues"))
    return Input(
        element.get("id", ""),
        label,
        reader.expression(source, text).code,
        reader.tests(element, allowed) if allowed else None,
        (source.get("typeRef") or "").lower() in ("integer", "long"),
    )


def table_output(reader: BoxReader, element: Element) -> Output:
    values = text_of(child(element, "outputValues"))
    allowed = reader.tests(element, values) if values else None
    default = text_of(child(element, "defaultOutputEntry"))
    return Output(
        element.get("id", ""),
        element.get("name") or "",
        allowed,
        None if allowed is None else ranking(allowed),
        reader.expression(element, default).code if default else None,
    )


def ranking(allowed: UnaryTests) -> Code:
    """The output values in the order of their list, which is the order of their priority."""
    tests = allowed.tree.tests if allowed.tree is not None else []
    codes = [code_of(test.value) for test in tests if test.operator is None and not test.asks]
    return lambda scope: [code(scope) for code in codes]


def table_rule(reader: BoxReader, element: Element, index: int, columns: tuple[int, int]) -> Rule:
    cells = list(children(element, "inputEntry"))
    results = list(children(element, "outputEntry"))
    if (len(cells), len(results)) != columns:
        raise reader.document.refuse(
            element, "Rule {number} has not one cell for each column.", number=index
        )
    for cell in (*cells, *results):
        reader.document.check_language(cell)
    return Rule(
        element.get("id") or str(index),
        tuple(reader.tests(cell, text_of(cell)) for cell in cells),
        tuple(literal(reader, cell) for cell in results),
    )


READERS: dict[str, Callable[[BoxReader, Element], Code]] = {
    "literalExpression": literal,
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
