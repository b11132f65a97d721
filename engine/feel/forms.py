"""The grammar of forms with keywords or brackets: if, for, some, function, lists, ranges, tests.

These are read through `reader.expression`, so that this module does not need the one above it.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.feel.errors import FeelSyntaxError
from engine.feel.names import KEYWORDS, normal
from engine.feel.reader import Reader
from engine.feel.tokens import unquote
from engine.feel.tree import (
    Choice,
    ContextOf,
    Definition,
    For,
    Iterator,
    ListOf,
    Node,
    Quantified,
    RangeOf,
    Test,
    Tests,
    Type,
)

TEST_OPERATORS = ("<", "<=", ">", ">=", "=", "!=")
SIMPLE_TYPES = frozenset(
    {
        "Any",
        "Null",
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "dateTime",
        "days and time duration",
        "dayTimeDuration",
        "years and months duration",
        "yearMonthDuration",
        "list",
        "context",
        "function",
        "range",
    }
)
LONG_TYPES = ("date and time", "days and time duration", "years and months duration")


def choice(reader: Reader) -> Node:
    position = reader.expect("if").start
    condition = reader.expression(reader)
    reader.expect("then")
    yes = reader.expression(reader)
    reader.expect("else")
    no = reader.expression(reader)
    return reader.grow(Choice(position, condition, yes, no), condition, yes, no)


def loop(reader: Reader) -> Node:
    position = reader.expect("for").start
    with reader.binding() as bound:
        found = iterators(reader, bound)
        reader.expect("return")
        bound.add("partial")
        before = reader.bindings.partial_reads
        body = reader.expression(reader)
        partial = reader.bindings.partial_reads > before
    return reader.grow(For(position, found, body, partial), body, *found)


def quantified(reader: Reader) -> Node:
    token = reader.take()
    with reader.binding() as bound:
        found = iterators(reader, bound)
        reader.expect("satisfies")
        condition = reader.expression(reader)
    node = Quantified(token.start, token.text == "every", found, condition)
    return reader.grow(node, condition, *found)


def iterators(reader: Reader, bound: set[str]) -> list[Iterator]:
    """`name in source, ...`; each name is bound for the sources after it."""
    found: list[Iterator] = []
    while True:
        position = reader.token.start
        name = reader.expect_new_name("in")
        reader.known.add(name)
        reader.expect("in")
        source = reader.expression(reader)
        end = reader.expression(reader) if reader.take_mark("..") else None
        found.append(reader.grow(Iterator(position, name, source, end), source, end))
        bound.add(name)
        if not reader.take_mark(","):
            return found


def definition(reader: Reader) -> Node:
    position = reader.expect("function").start
    reader.expect("(")
    parameters: list[tuple[str, Type | None]] = []
    while not reader.is_mark(")"):
        name = reader.expect_new_name(":", ",", ")")
        reader.known.add(name)
        parameters.append((name, type_name(reader) if reader.take_mark(":") else None))
        if not reader.take_mark(","):
            break
    reader.expect(")")
    with reader.binding(*(name for name, _ in parameters)):
        body = external(reader) if reader.is_word("external") else reader.expression(reader)
    return reader.grow(Definition(position, parameters, body), body)


def external(reader: Reader) -> Node:
    """The body of a function in Java or PMML: it gives null."""
    problem = FeelSyntaxError(
        "External functions are not run here; write the function in FEEL.",
        position=reader.take().start,
    )
    reader.expression(reader)
    return reader.mistake(problem)


KEYWORD_FORMS: dict[str, Callable[[Reader], Node]] = {
    "if": choice,
    "for": loop,
    "some": quantified,
    "every": quantified,
    "function": definition,
}


def parenthesis(reader: Reader) -> Node:
    """`(expression)`, a range that begins outside its start, or an open range `(< 5)`."""
    token = reader.expect("(")
    if reader.is_mark(*TEST_OPERATORS):
        node = open_range(reader)
        reader.expect(")")
        return node
    first = reader.expression(reader)
    if reader.take_mark(".."):
        return range_from(reader, token.start, first, included=False)
    reader.expect(")")
    return first


def open_range(reader: Reader) -> Node:
    """A range with one end: `< 5`, `>= 10`, or the range of one value: `= 3`."""
    token = reader.take()
    value = reader.operand(reader)
    if token.text == "!=":
        raise FeelSyntaxError("“!=” describes no range.", position=token.start)
    start = value if token.text in (">", ">=", "=") else None
    end = value if token.text in ("<", "<=", "=") else None
    closed = token.text in ("<=", ">=", "=")
    node = RangeOf(
        token.start, start, end, closed and start is not None, closed and end is not None
    )
    return reader.grow(node, value)


def bracket(reader: Reader) -> Node:
    """A list, or a range with a square bracket on its left side."""
    token = reader.take()
    if token.text == "]":
        first = reader.expression(reader)
        reader.expect("..")
        return range_from(reader, token.start, first, included=False)
    items: list[Node] = []
    while not reader.is_mark("]"):
        items.append(list_item(reader))
        if len(items) == 1 and reader.take_mark(".."):
            return range_from(reader, token.start, items[0], included=True)
        if not reader.take_mark(","):
            break
    reader.expect("]")
    return reader.grow(ListOf(token.start, items), *items)


def list_item(reader: Reader) -> Node:
    return open_range(reader) if reader.is_mark(*TEST_OPERATORS) else reader.expression(reader)


def range_from(reader: Reader, position: int, start: Node, *, included: bool) -> Node:
    """The rest of a range after its dots."""
    reader.open_range = True
    end = reader.operand(reader)
    reader.open_range = False
    if not reader.is_mark("]", ")", "["):
        raise reader.unexpected("]")
    closed = reader.take().text == "]"
    return reader.grow(RangeOf(position, start, end, included, closed), start, end)


def context(reader: Reader) -> Node:
    """`{key: value, ...}`; each key is in scope for the values after it."""
    position = reader.expect("{").start
    entries: list[tuple[str, Node]] = []
    double: FeelSyntaxError | None = None
    with reader.binding() as bound:
        while not reader.is_mark("}"):
            start = reader.token.start
            key = context_key(reader)
            if double is None and key in bound:
                message = "The context has two entries “{key}”."
                double = FeelSyntaxError(message, position=start, key=key)
            bound.add(key)
            entries.append((key, reader.expression(reader)))
            reader.known.add(key)
            if not reader.take_mark(","):
                break
    reader.expect("}")
    if double is not None:
        return reader.mistake(double)
    return reader.grow(ContextOf(position, entries), *(value for _, value in entries))


def context_key(reader: Reader) -> str:
    """A text, or everything up to the colon: signs of operators are letters of a key."""
    if reader.token.kind == "string" and reader.peek().text == ":":
        key = unquote(reader.take())
        reader.take()
        return key
    if reader.token.kind == "quoted":
        key = normal(reader.take().text[1:-1])
    else:
        start = end = reader.token.start
        while not reader.is_mark(":", ",", "{", "}", "[", "]") and reader.token.kind != "end":
            end = reader.take().end
        key = normal(reader.text[start:end])
    if not key or not reader.is_mark(":"):
        raise reader.unexpected(":")
    reader.take()
    return key


def argument_name(reader: Reader) -> str | None:
    """The name before the colon of a named argument, if one comes next."""
    if reader.token.kind == "string" and reader.peek().text == ":":
        name: str | None = unquote(reader.take())
    else:
        name = reader.new_name(":")
    if name is not None:
        reader.expect(":")
    return name


def tests_of_in(reader: Reader) -> list[Test]:
    """What follows `in`: one test, or several in parentheses."""
    position = reader.token.start
    if not reader.take_mark("("):
        return [unary_test(reader, reader.operand)]
    first = unary_test(reader, reader.expression)
    if first.operator is None and reader.take_mark(".."):
        found = range_from(reader, position, first.value, included=False)
        return [reader.grow(Test(position, None, found, first.asks), found)]
    tests = [first]
    while reader.take_mark(","):
        tests.append(unary_test(reader, reader.expression))
    reader.expect(")")
    if len(tests) == 1 and first.operator is None:
        # The parenthesis may only have opened a longer operand, as in `x in (a + b) * 2`.
        value = reader.operand_after(reader, first.value)
        return [reader.grow(Test(position, None, value, first.asks), value)]
    return tests


def unary_test(reader: Reader, read: Callable[[Reader], Node]) -> Test:
    """One positive unary test, its value read by `read` where no operator stands before it."""
    token = reader.token
    outer, reader.asks = reader.asks, False
    operator = None
    if reader.is_mark(*TEST_OPERATORS):
        operator = reader.take().text
        value = reader.operand(reader)
    else:
        value = read(reader)
    test = Test(token.start, operator, value, reader.asks)
    reader.asks = outer or reader.asks
    return reader.grow(test, value)


def unary_tests(reader: Reader) -> Tests:
    """`-`, or tests with commas between them, or all of those within `not(...)`."""
    position = reader.token.start
    if reader.is_mark("-") and reader.peek().kind == "end":
        reader.take()
        return Tests(position, [], False)
    if reader.is_word("not") and reader.peek().text == "(" and closes_last(reader):
        reader.take()
        reader.take()
        tests = list_of_tests(reader)
        reader.expect(")")
        return reader.grow(Tests(position, tests, True), *tests)
    tests = list_of_tests(reader)
    return reader.grow(Tests(position, tests, False), *tests)


def closes_last(reader: Reader) -> bool:
    """Whether the parenthesis after this word spans all the rest of the text."""
    depth = 0
    for at in range(reader.at + 1, len(reader.tokens)):
        text = reader.tokens[at].text if reader.tokens[at].kind == "mark" else ""
        depth += (text == "(") - (text == ")")
        if depth == 0:
            return reader.tokens[at + 1].kind == "end"
    return False


def list_of_tests(reader: Reader) -> list[Test]:
    tests = [unary_test(reader, reader.expression)]
    while reader.take_mark(","):
        tests.append(unary_test(reader, reader.expression))
    return tests


def type_name(reader: Reader) -> Type:
    """A type: a name, or `list<..>`, `range<..>`, `context<a: ..>`, `function<..> -> ..`.

    Names of declared types come first: a file may call one of its own `date range`.
    """
    with reader.nested():
        token = reader.token
        declared = reader.declared_type()
        if declared is not None:
            return Type(declared)
        name = long_type(reader) or (reader.take().text if token.kind == "word" else "")
        if name not in SIMPLE_TYPES or (name in KEYWORDS and name != "function"):
            problem = FeelSyntaxError(
                "“{name}” is not a type of FEEL.",
                position=token.start,
                name=name or token.text,
            )
            if not name or name in KEYWORDS:
                raise problem
            reader.mistake(problem)
            while reader.continues_name():
                reader.take()
        found = Type(name)
        if reader.is_mark("<") and name in ("list", "range", "context", "function"):
            type_arguments(reader, found)
        if name == "function" and reader.take_mark("->"):
            found.inner = type_name(reader)
        return found


def long_type(reader: Reader) -> str | None:
    for name in LONG_TYPES:
        words = name.split(" ")
        if [reader.peek(ahead).text for ahead in range(len(words))] == words:
            for _ in words:
                reader.take()
            return name
    return None


def type_arguments(reader: Reader, found: Type) -> None:
    reader.expect("<")
    while not reader.is_mark(">"):
        if found.name == "context":
            key = reader.expect_new_name(":")
            reader.expect(":")
            found.fields[key] = type_name(reader)
        elif found.name == "function":
            found.parameters.append(type_name(reader))
        else:
            found.inner = type_name(reader)
        if not reader.take_mark(","):
            break
    reader.expect(">")
