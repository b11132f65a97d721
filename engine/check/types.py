"""Types of expressions, as far as they can be told without the data of a case.

A type is FEEL's word for it ("number", "string", "date and time", ...); None is not known, and
nothing is said of what is not known. Null may stand anywhere and has no type here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.check.kinds import (
    KEPT,
    LONE,
    SPANS,
    SUITS,
    TIMES,
    Types,
    comparable,
    may_be,
    not_taken,
    result_of,
)
from engine.check.operators import compare, results
from engine.errors import Sentence
from engine.feel import kind_of
from engine.feel import tree as feel
from engine.feel.library import BUILT_INS
from engine.feel.library.registry import BuiltIn
from engine.feel.listed import Called, Fielded, Listed, joined
from engine.feel.runtime import Run
from engine.feel.typing import kind_named

_Given: TypeAlias = Sequence[str | None] | Mapping[str, str | None]
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
    functions: Types = field(default_factory=dict)
    """The functions that a file defines; what it does not tell of one is not known."""
    types: Types = field(default_factory=dict)
    """The types that a file declares, by name."""

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
                taken = {name: self._declared(kind) for name, kind in node.parameters}
                return Called(taken, self._within(taken, node.body))
            case feel.ListOf():
                return Listed([self.of(item) for item in node.items], len(node.items))
            case feel.ContextOf():
                return self._entries(node)
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
                return self._filter(node)
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

    def _entries(self, node: feel.ContextOf) -> str:
        """The entries of a context, each of which sees those before it."""
        seen: dict[str, str | None] = {}
        self.scopes.append(_Scope(seen))
        for key, value in node.entries:
            seen[key] = self.of(value)
        self.scopes.pop()
        return Fielded(seen, is_whole=True)

    def about(self, kind: str | None) -> Reading:
        """The same, for tests of a value of a kind, which is their question mark."""
        self.scopes.append(_Scope({"?": kind}))
        return self

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

    def _filter(self, node: feel.Filter) -> str | None:
        """What is chosen: an item for a number, a list for a condition."""
        source = self.of(node.source)
        item = None if source == "range" else _item(node.source, source)
        hides = item not in LONE
        parts = item.fields if isinstance(item, Fielded) else {}
        kind = self._within({"item": item, **parts}, node.test, hides=hides)
        self._condition(None if kind == "number" else kind)
        place = node.test.value if isinstance(node.test, feel.Negation) else node.test
        if kind == "number":  # A number that is null chooses nothing: an empty list.
            return item if isinstance(place, feel.Literal) else None
        return Listed([item]) if kind == "boolean" else None

    def _in(self, node: feel.In) -> None:
        """A value and its tests, of which one at least must be of its kind."""
        value = self.of(node.value)
        self.scopes.append(_Scope({"?": value}))
        kinds = [self.asked(test) for test in node.tests]
        self.scopes.pop()
        if kinds and not any(comparable(value, kind) for kind in kinds):
            self._alike(value, kinds[0])

    def asked(self, test: feel.Test) -> str | None:
        """What a test compares with, None where that is not known or is a condition."""
        kind = self.of(test.value)
        if isinstance(test.value, feel.RangeOf):
            # Its ends have been read: what they hold is not told twice.
            return Reading(self.variables, [], self.scopes).of(test.value.start or test.value.end)
        return None if kind == "boolean" and test.operator is None else kind

    def _relation(self, node: feel.Relation) -> str:
        one, other = self.of(node.left), self.of(node.right)
        if compare(node.operator, one, other):
            return "boolean"
        if one is None or other is None or one == other:
            self._say('A "{one}" is neither greater nor less than anything; the answer is null.',
                      one=one or other)  # fmt: skip
        else:
            self._apart(one, other)
        return "boolean"

    def _alike(self, one: str | None, other: str | None) -> None:
        if not comparable(one, other):
            self._apart(one, other)

    def _apart(self, one: str | None, other: str | None) -> None:
        self._say('A "{one}" and a "{other}" do not compare; the answer is always null.',
                  one=one, other=other)  # fmt: skip

    def _arithmetic(self, operator: str, left: str | None, right: str | None) -> str | None:
        """What a sign gives, where that is always of one kind."""
        found = results(operator, left, right)
        if not found and left is not None and right is not None:
            self._say(
                'The sign {operator} does not join a "{one}" and a "{other}"; it gives null.',
                operator=operator, one=left, other=right,
            )  # fmt: skip
        elif not found:
            self._say('The sign {operator} does nothing with a "{one}"; it gives null.',
                      operator=operator, one=left or right)  # fmt: skip
        return next(iter(found)) if len(found) == 1 else None

    def _negation(self, kind: str | None) -> str | None:
        if kind is not None and kind != "number" and kind not in SPANS:
            self._say('The sign {operator} cannot stand before a "{one}"; it gives null.',
                      operator="-", one=kind)  # fmt: skip
            return None
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
        given: _Given = by_place if node.named is None else by_name
        if not isinstance(node.function, feel.Name):
            return self._defined("function", self.of(node.function), given)
        name = node.function.name
        if name in self.variables or any(name in scope.kinds for scope in self.scopes):
            return self._defined(name, self._named(name), given)
        if name in self.functions:
            return self._defined(name, self.functions[name], given)
        function = BUILT_INS.get(name)
        if function is None:
            return None
        self._moment(node, name)
        if not self._fits(function, given):
            return None
        return _span_of(node, name) or result_of(name, by_place or list(by_name.values()))

    def _fits(self, function: BuiltIn, given: _Given) -> bool:
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

    def _defined(self, name: str, called: str | None, given: _Given) -> str | None:
        """What a function that a text or the file defines gives: it is called with all its
        parameters, by place or by name, and each is null whose value is of another kind.
        """
        if not isinstance(called, Called):
            return None
        taken = called.parameters
        is_named = isinstance(given, Mapping)
        if set(given) != set(taken) if is_named else len(given) != len(taken):
            self._say("The function is called as {ways}; like this it always gives null.",
                      ways=f"{name}({', '.join(taken)})")  # fmt: skip
            return None
        values = given if isinstance(given, Mapping) else dict(zip(taken, given, strict=True))
        for parameter, kind in values.items():
            if not may_be(kind, taken[parameter]):
                self.problems.append(not_taken(parameter, kind, taken[parameter]))
        return called.result

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
        if isinstance(kind, Fielded):
            return kind.fields.get(node.key)
        if isinstance(kind, Listed) and isinstance(kind.item, Fielded):
            return Listed([kind.item.fields.get(node.key)])
        dotted = _dotted(node) or ""
        root = dotted.partition(".")[0]
        is_own = any(scope.hides or root in scope.kinds for scope in self.scopes)
        return None if is_own else self.variables.get(dotted)

    def _declared(self, kind: feel.Type | None) -> str | None:
        """The type of a parameter; None for one that is not known."""
        if kind is None or kind.name in self.types:
            return self.types[kind.name] if kind is not None else None
        named = kind_named(kind)
        if named == "list":
            return Listed([self._declared(kind.inner)])
        if named == "context":
            return Fielded({name: self._declared(inner) for name, inner in kind.fields.items()})
        return named if named in SUITS[KEPT] | TIMES | SPANS | {"range", "function"} else None

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


def _span_of(node: feel.Call, name: str) -> str | None:
    """Which of both durations a text that is written out is."""
    text = node.arguments[0] if name == "duration" and node.arguments else None
    if not isinstance(text, feel.Literal) or not isinstance(text.value, str):
        return None
    found = BUILT_INS[name].call(Run(), [text.value])
    return None if found is None else kind_of(found)
