"""The grammar of FEEL expressions, by precedence; the forms with keywords are in `forms`.

From loose to tight: or; and; comparisons, between, in; + -; * /; **; unary minus; instance of;
path, filter, invocation. Operators of one rank group from the left.
Source: DMN 1.5, 10.3.1.2.
"""

from __future__ import annotations

from decimal import Decimal

from engine.feel import forms
from engine.feel.errors import FeelSyntaxError
from engine.feel.library import is_built_in
from engine.feel.names import Bindings
from engine.feel.numbers import parse_number
from engine.feel.reader import Grammar, Reader, Vocabulary
from engine.feel.temporal import parse_temporal
from engine.feel.tokens import Token, unquote
from engine.feel.tree import (
    Arithmetic,
    Between,
    Call,
    Filter,
    In,
    InstanceOf,
    ListOf,
    Literal,
    Logic,
    Mistake,
    Name,
    Negation,
    Node,
    Path,
    Relation,
    Tests,
)

ORDERS = ("<", "<=", ">", ">=")
RELATIONS = ("=", "!=", *ORDERS)
CONSTANTS = {"true": True, "false": False, "null": None}
# What may follow a range that ends with an outward bracket, as in `]1..5[`; anything else after
# `[` begins a filter.
AFTER_RANGE = frozenset(
    ") ] } . , .. and or then else return satisfies in between instance = != < <= > >=".split()
)


def read_expression(text: str, vocabulary: Vocabulary) -> tuple[Node, Bindings]:
    """The tree of an expression and what its names refer to; raises FeelSyntaxError."""
    reader = Reader(text, vocabulary, GRAMMAR)
    try:
        node = expressions(reader)
    except RecursionError:
        raise too_deep() from None
    if reader.token.kind != "end":
        raise reader.unexpected()
    return node, reader.bindings


def expressions(reader: Reader) -> Node:
    """One expression; several with commas between them are their list, and a mistake."""
    first = expression(reader)
    if not reader.is_mark(","):
        return first
    reader.bindings.mistakes.append(reader.unexpected())
    items = [first]
    while reader.take_mark(","):
        items.append(expression(reader))
    return reader.grow(ListOf(first.position, items), *items)


def read_unary(text: str, vocabulary: Vocabulary) -> tuple[Tests, Bindings]:
    """The tree of unary tests: `-`, tests with commas between, or `not(tests)`."""
    reader = Reader(text, vocabulary, GRAMMAR)
    try:
        tests = forms.unary_tests(reader)
    except RecursionError:
        raise too_deep() from None
    if reader.token.kind != "end":
        raise reader.unexpected()
    return tests, reader.bindings


def too_deep() -> FeelSyntaxError:
    return FeelSyntaxError("The expression is nested too deep; split it up.", position=0)


def expression(reader: Reader) -> Node:
    with reader.nested():
        closing, reader.open_range = reader.open_range, False
        node = forms.open_range(reader) if reader.is_mark(*ORDERS) else logic(reader, "or")
        reader.open_range = closing
        return node


def logic(reader: Reader, operator: str) -> Node:
    """Disjunctions of conjunctions of comparisons; a chain of one operator is one node."""
    position = reader.token.start
    parts = [logic(reader, "and") if operator == "or" else comparison(reader)]
    while reader.is_word(operator):
        reader.take()
        parts.append(logic(reader, "and") if operator == "or" else comparison(reader))
    return parts[0] if len(parts) == 1 else reader.grow(Logic(position, operator, parts), *parts)


def comparison(reader: Reader) -> Node:
    left = additive(reader)
    while True:
        token = reader.token
        if token.kind == "mark" and token.text in RELATIONS:
            reader.take()
            # A range with one end may be compared as it is written in a cell: `r = >= 2`.
            equals = token.text in ("=", "!=") and reader.is_mark(*ORDERS)
            right = forms.open_range(reader) if equals else additive(reader)
            left = reader.grow(Relation(token.start, token.text, left, right), left, right)
        elif reader.is_word("between"):
            reader.take()
            low = additive(reader)
            reader.expect("and")
            high = additive(reader)
            left = reader.grow(Between(token.start, left, low, high), left, low, high)
        elif reader.is_word("in"):
            reader.take()
            tests = forms.tests_of_in(reader)
            left = reader.grow(In(token.start, left, tests), left, *(t.value for t in tests))
        else:
            return left


def additive(reader: Reader, begun: Node | None = None) -> Node:
    left = multiplicative(reader, begun)
    while reader.is_mark("+", "-"):
        token = reader.take()
        right = multiplicative(reader)
        left = reader.grow(Arithmetic(token.start, token.text, left, right), left, right)
    return left


def multiplicative(reader: Reader, begun: Node | None = None) -> Node:
    left = exponential(reader, begun)
    while reader.is_mark("*", "/"):
        token = reader.take()
        right = exponential(reader)
        left = reader.grow(Arithmetic(token.start, token.text, left, right), left, right)
    return left


def exponential(reader: Reader, begun: Node | None = None) -> Node:
    left = signed(reader, begun)
    while reader.is_mark("**"):
        token = reader.take()
        right = signed(reader)
        left = reader.grow(Arithmetic(token.start, "**", left, right), left, right)
    return left


def signed(reader: Reader, begun: Node | None = None) -> Node:
    if begun is not None or not reader.is_mark("-"):
        return typed(reader, begun)
    token = reader.take()
    with reader.nested():
        value = signed(reader)
    if isinstance(value, Literal) and type(value.value) is int:
        return Literal(token.start, -value.value)
    if isinstance(value, Literal) and isinstance(value.value, Decimal):
        return Literal(token.start, value.value.copy_negate())
    return reader.grow(Negation(token.start, value), value)


def typed(reader: Reader, begun: Node | None = None) -> Node:
    node = postfix(reader, begun or primary(reader))
    while reader.is_word("instance") and reader.peek().text == "of":
        position = reader.take().start
        reader.take()
        known = len(reader.bindings.mistakes)
        wanted = forms.type_name(reader)
        node = reader.grow(InstanceOf(position, node, wanted), node)
        for problem in reader.bindings.mistakes[known:]:
            node = Mistake(problem.position or 0, problem.sentence)
    return node


def postfix(reader: Reader, node: Node) -> Node:
    """Paths, filters and invocations, as many as follow."""
    while True:
        token = reader.token
        if reader.is_mark("."):
            reader.take()
            node = reader.grow(Path(token.start, node, path_key(reader)), node)
        elif reader.is_mark("[") and not closes_range(reader):
            node = filtered(reader, node)
        elif reader.is_mark("("):
            node = invocation(reader, node)
        else:
            return node


def path_key(reader: Reader) -> str:
    """The name after a dot; a keyword may be the key of a context as well."""
    name = reader.name(is_key=True)
    if name is not None:
        return name
    if reader.token.kind != "word":
        raise reader.unexpected()
    return reader.take().text


def closes_range(reader: Reader) -> bool:
    following = reader.peek()
    return reader.open_range and (following.kind == "end" or following.text in AFTER_RANGE)


def filtered(reader: Reader, source: Node) -> Node:
    token = reader.expect("[")
    reader.bindings.filters += 1
    with reader.binding("item"):
        test = reader.expression(reader)
    reader.bindings.filters -= 1
    reader.expect("]")
    return reader.grow(Filter(token.start, source, test), source, test)


def invocation(reader: Reader, function: Node) -> Node:
    token = reader.expect("(")
    arguments: list[Node] = []
    named: dict[str, Node] = {}
    while not reader.is_mark(")"):
        name = forms.argument_name(reader)
        value = reader.expression(reader)
        if name is None:
            arguments.append(value)
        else:
            named[name] = value
        if not reader.take_mark(","):
            break
    reader.expect(")")
    if named and arguments:
        raise FeelSyntaxError(
            "Either all arguments of a call have a name or none has.", position=token.start
        )
    call = Call(token.start, function, arguments, named or None)
    return reader.grow(call, function, *arguments, *named.values())


def primary(reader: Reader) -> Node:
    token = reader.token
    if token.kind in ("number", "string", "temporal"):
        return literal(reader, reader.take())
    if token.kind == "mark":
        return marked(reader)
    name = reader.known_name()
    if name is None and token.kind == "word":
        if token.text in CONSTANTS:
            return Literal(reader.take().start, CONSTANTS[token.text])
        form = forms.KEYWORD_FORMS.get(token.text)
        if form is not None:
            return form(reader)
    name = name or reader.name()
    if name is None:
        raise reader.unexpected()
    return reference(reader, token, name)


def reference(reader: Reader, token: Token, name: str) -> Node:
    """A name that is read or called; the bindings take note of it."""
    if reader.is_mark("("):
        reader.bindings.call(name, is_built_in(name))
    else:
        reader.bindings.refer(name, is_built_in(name))
    return Name(token.start, name)


def literal(reader: Reader, token: Token) -> Node:
    if token.kind == "string":
        return Literal(token.start, unquote(token))
    if token.kind == "number":
        number = parse_number(token.text)
        if number is None:
            raise FeelSyntaxError("The number is too large.", position=token.start)
        return Literal(token.start, number)
    text = unquote(token)
    value = parse_temporal(text)
    if value is None:
        problem = FeelSyntaxError(
            "“{text}” is no date, time, date and time or duration.",
            position=token.start,
            text=text,
        )
        return reader.mistake(problem)
    return Literal(token.start, value)


def marked(reader: Reader) -> Node:
    """What begins with a sign: `?`, a parenthesis, list, range, context."""
    token = reader.token
    if token.text == "?":
        reader.asks = True
        return Name(reader.take().start, "?")
    if token.text == "(":
        return forms.parenthesis(reader)
    if token.text in "[]":
        return forms.bracket(reader)
    if token.text == "{":
        return forms.context(reader)
    raise reader.unexpected()


GRAMMAR = Grammar(expression, additive, additive)
