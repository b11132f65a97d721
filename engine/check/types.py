"""Types of expressions, as far as they can be told without the data of a case.

A type is FEEL's word for it ("number", "string", "date and time", ...); None is not known, and
nothing is said of what is not known. Null may stand anywhere and has no type here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.check.kinds import KEPT, LONE, SPANS, SUITS, TIMES, Types, comparable, result_of
from engine.errors import Sentence
from engine.feel import kind_of
from engine.feel import tree as feel
from engine.feel.library import BUILT_INS
from engine.feel.library.registry import BuiltIn
from engine.feel.listed import Listed, joined
from engine.feel.runtime import Run
from engine.feel.typing import kind_named

_OF_TEXTS = {"date", "time", "date and time", "duration", "number"}


@dataclass(frozen=True)
class _Scope:
    """Names of an expression's own. hides: other names may be parts of an item as well."""

    kinds: Types
    hides: bool = False


@dataclass
class Reading:
    """The types of one expression: `problems` are sentences on what can never work."""

    variables: Types
    problems: list[Sentence] = field(default_factory=list)
    scopes: list[_Scope] = field(default_factory=list)
    functions: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    """The parameters of functions that a file defines, None where they are not known."""

    def of(self, node: feel.Node | None) -> str | None:
        """The type of a part of the tree, problems within it noted."""
        match node:
            case feel.Literal():
                return kind_of(node.value) if node.value is not None else None
            case feel.Name():
                return self._named(node.name)
            case feel.Relation():
                return self._relation(node)
            case feel.Arithmetic():
                return self._arithmetic(node.operator, self.of(node.left), self.of(node.right))
            case feel.Negation():
                return self._negation(self.of(node.value))
            case feel.Logic():
                self._booleans(node)
                return "boolean"
            case feel.Choice():
                self._condition(self.of(node.condition))
                yes, no = self.of(node.yes), self.of(node.no)
                return joined(yes, no)
            case feel.Call():
                return self._call(node)
            case feel.Path():
                return self._path(node)
            case _:
                return self._other(node)

    def _other(self, node: feel.Node | None) -> str | None:
        match node:
            case feel.RangeOf():
                self._alike(self.of(node.start), self.of(node.end))
                return "range"
            case feel.Definition():
                taken = {name: _declared(kind) for name, kind in node.parameters}
                self._within(taken, node.body)
                return "function"
            case feel.ListOf():
                return Listed([self.of(item) for item in node.items], len(node.items))
            case feel.ContextOf():
                self._entries(node)
                return "context"
            case feel.InstanceOf():
                self.of(node.value)
                return "boolean"
            case feel.Quantified():
                self._condition(self._rounds(node.iterators, node.condition))
                return "boolean"
            case feel.For():
                return Listed([self._rounds(node.iterators, node.body)])
            case feel.Between():
                kind = self.of(node.value)
                self._alike(kind, self.of(node.low))
                self._alike(kind, self.of(node.high))
                return "boolean"
            case feel.In():
                self._in(node)
                return "boolean"
            case feel.Filter():
                self._filter(node)
        return None

    def _named(self, name: str) -> str | None:
        for scope in reversed(self.scopes):
            if name in scope.kinds:
                return scope.kinds[name]
            if scope.hides:
                return None
        return self.variables.get(name)

    def _within(self, own: Types, node: feel.Node, *, hides: bool = False) -> str | None:
        """The type of a part that has names of its own."""
        self.scopes.append(_Scope(own, hides))
        kind = self.of(node)
        self.scopes.pop()
        return kind

    def _entries(self, node: feel.ContextOf) -> None:
        """The entries of a context, each of which sees those before it."""
        seen: dict[str, str | None] = {}
        self.scopes.append(_Scope(seen))
        for key, value in node.entries:
            seen[key] = self.of(value)
        self.scopes.pop()

    def _rounds(self, iterators: list[feel.Iterator], body: feel.Node) -> str | None:
        """What the body of a loop gives; each iterator is known there and to those after it."""
        own: dict[str, str | None] = {"partial": None}
        self.scopes.append(_Scope(own))
        for one in iterators:
            kind = self.of(one.source)
            if one.end is not None:
                self._alike(kind, self.of(one.end))
            own[one.name] = _item(one.source, kind)
        found = self.of(body)
        self.scopes.pop()
        return found

    def _filter(self, node: feel.Filter) -> None:
        source = self.of(node.source)
        item = None if source == "range" else _item(node.source, source)
        hides = item not in LONE
        kind = self._within({"item": None if hides else item}, node.test, hides=hides)
        self._condition(None if kind == "number" else kind)

    def _in(self, node: feel.In) -> None:
        """A value and its tests, of which one at least must be of its kind."""
        value = self.of(node.value)
        self.scopes.append(_Scope({"?": value}))
        kinds = [self._test(test) for test in node.tests]
        self.scopes.pop()
        if kinds and not any(comparable(value, kind) for kind in kinds):
            self._alike(value, kinds[0])

    def _test(self, test: feel.Test) -> str | None:
        """What a test compares with, None where that is not known or is a condition."""
        kind = self.of(test.value)
        if isinstance(test.value, feel.RangeOf):
            # Its ends have been read: what they hold is not told twice.
            return Reading(self.variables, [], self.scopes).of(test.value.start or test.value.end)
        return None if kind == "boolean" and test.operator is None else kind

    def _relation(self, node: feel.Relation) -> str:
        self._alike(self.of(node.left), self.of(node.right))
        return "boolean"

    def _alike(self, one: str | None, other: str | None) -> None:
        if not comparable(one, other):
            self._say('A "{one}" and a "{other}" do not compare; the answer is always null.',
                      one=one, other=other)  # fmt: skip

    def _arithmetic(self, operator: str, left: str | None, right: str | None) -> str | None:
        if left is None or right is None or "list" in (left, right):
            return None
        if left == right == "number":
            return "number"
        if operator == "+" and left == right == "string":
            return "string"
        if operator == "-" and left == right and left in TIMES:
            return "days and time duration"
        if operator in "+-" and left in TIMES and right in SPANS:
            return left
        if operator == "+" and left in SPANS and right in TIMES:
            return right
        if operator in "+-" and left == right and left in SPANS:
            return left
        if operator in ("*", "/") and left in SPANS and right == "number":
            return left
        if operator == "*" and left == "number" and right in SPANS:
            return right
        if operator == "/" and left == right and left in SPANS:
            return "number"
        self._say('The sign {operator} does not join a "{one}" and a "{other}"; it gives null.',
                  operator=operator, one=left, other=right)  # fmt: skip
        return None

    def _negation(self, kind: str | None) -> str | None:
        if kind in {"string", "boolean", "context"} | TIMES:
            self._say('The sign {operator} cannot stand before a "{one}"; it gives null.',
                      operator="-", one=kind)  # fmt: skip
        return kind

    def _booleans(self, node: feel.Logic) -> None:
        for part in node.parts:
            kind = self.of(part)
            if kind is not None and kind not in {"boolean", "list"}:
                self._say('"{operator}" joins conditions, not a "{one}".',
                          operator=node.operator, one=kind)  # fmt: skip

    def _condition(self, kind: str | None) -> None:
        if kind is not None and kind not in {"boolean", "list"}:
            self._say('The condition gives a "{one}" and so is never true.', one=kind)

    def _call(self, node: feel.Call) -> str | None:
        by_place = [self.of(argument) for argument in node.arguments]
        by_name = {name: self.of(argument) for name, argument in (node.named or {}).items()}
        if not isinstance(node.function, feel.Name):
            self.of(node.function)
            return None
        name = node.function.name
        if name in self.variables or any(name in scope.kinds for scope in self.scopes):
            return None
        if name in self.functions:
            self._defined(name, self.functions[name], len(by_place), set(by_name))
            return None
        function = BUILT_INS.get(name)
        if function is None:
            return None
        self._moment(node, name)
        if not self._fits(function, by_place if node.named is None else by_name):
            return None
        return result_of(name, by_place or list(by_name.values()))

    def _fits(
        self, function: BuiltIn, given: Sequence[str | None] | Mapping[str, str | None]
    ) -> bool:
        """Whether a function can do something with what it is given."""
        if function.may_take(given):
            return True
        kinds = list(given.values() if isinstance(given, Mapping) else given)
        if len(kinds) == 1 and isinstance(kinds[0], Listed):
            kinds = list(kinds[0].items)
        apart = sorted({kind for kind in kinds if kind})
        if len(apart) > 1 and all(function.may_take([kind]) for kind in apart):
            self._say(
                '{function} takes values of one kind, not a "{one}" and a "{other}"; '
                "it gives null.",
                function=f"{function.name}(…)", one=apart[0], other=apart[1],
            )  # fmt: skip
            return False
        self._say("The function is called as {ways}; like this it always gives null.",
                  ways=function.written)  # fmt: skip
        return False

    def _defined(
        self, name: str, parameters: tuple[str, ...] | None, count: int, named: set[str]
    ) -> None:
        """A call of a function of the file: with all its parameters, by place or by name."""
        if parameters is None:
            return
        if named != set(parameters) if named else count != len(parameters):
            self._say("The function is called as {ways}; like this it always gives null.",
                      ways=f"{name}({', '.join(parameters)})")  # fmt: skip

    def _moment(self, node: feel.Call, name: str) -> None:
        """A moment or duration of a text that is none: it is null in every case."""
        if name not in _OF_TEXTS or len(node.arguments) != 1:
            return
        text = node.arguments[0]
        if not isinstance(text, feel.Literal) or not isinstance(text.value, str):
            return
        if BUILT_INS[name].call(Run(), [text.value]) is None:
            self._say(
                "{function} cannot read {text}; it gives null.",
                function=f"{name}(…)",
                text=f'"{text.value[:100]}"',
            )

    def _path(self, node: feel.Path) -> str | None:
        kind = self.of(node.source)
        if kind in LONE:
            self._say('A "{one}" has no part "{key}".', one=kind, key=node.key)
        dotted = _dotted(node) or ""
        root = dotted.partition(".")[0]
        is_own = any(scope.hides or root in scope.kinds for scope in self.scopes)
        return None if is_own else self.variables.get(dotted)

    def _say(self, template: str, **fields: object) -> None:
        self.problems.append(Sentence(template, dict(fields)))


def _dotted(node: feel.Node) -> str | None:
    """A path of plain names as one text: "request.amount"."""
    keys: list[str] = []
    while isinstance(node, feel.Path):
        keys.append(node.key)
        node = node.source
    return ".".join([node.name, *reversed(keys)]) if isinstance(node, feel.Name) else None


def _item(node: feel.Node, kind: str | None) -> str | None:
    """What is in a list or range if all is of one type; any other value is its only item."""
    if isinstance(node, feel.RangeOf):
        parts = [part for part in (node.start, node.end) if isinstance(part, feel.Literal)]
        return Listed([Reading({}).of(part) for part in parts]).item
    if kind == "list":
        return kind.item if isinstance(kind, Listed) else None
    return None if kind == "range" else kind


def _declared(kind: feel.Type | None) -> str | None:
    """The type of a parameter; None for one that is declared elsewhere."""
    named = kind_named(kind) if kind is not None else None
    return named if named in SUITS[KEPT] | TIMES | SPANS else None
