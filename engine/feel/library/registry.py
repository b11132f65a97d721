"""How built-in functions are declared, found and called.

A declaration is the standard's own signature: `substring(string: string, start position: number,
length?: number)`. A question mark makes a parameter optional, null then counting as not given
(`?!`: it does not), a star takes all that follow. A
function with arguments of other kinds, or null where a value is needed, is null: the standard's
rule. A `whole` number has no fraction; one that is also `cut` loses it. A list of one stands for
its item where one value is asked for, and the other way round. `list of number/string` says which
items a function can do something with, all of one of these kinds; `list with boolean`, that one at
least is. Only `check` asks for that: what a function makes of others it says itself.
Source: DMN 1.5, 10.3.4 and 10.3.2.9.4 (implicit conversions).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.feel.listed import Listed
from engine.feel.order import is_whole
from engine.feel.runtime import Run
from engine.feel.values import Function, Value, kind_of

Body = Callable[..., Value]

MAX_KINDS = 3
"""As many kinds of one parameter are told as a sentence can hold."""


class Mismatch(Exception):
    """The arguments do not fit this signature; another one may."""


@dataclass(frozen=True)
class Items:
    """The kinds of a list's items: all are of one of them, or with `one`, one at least is."""

    kinds: frozenset[str]
    one: bool = False

    def may_be(self, found: frozenset[str | None]) -> bool:
        """Whether a list of items of these kinds, None where one is not known, may do."""
        known = found - {None}
        if self.one:
            return known != found or not found or bool(known & self.kinds)
        return not known or (len(known) == 1 and known <= self.kinds)


@dataclass(frozen=True)
class Parameter:
    name: str
    kinds: frozenset[str]
    optional: bool
    variadic: bool
    nullable: bool
    items: Items | None = None

    def may_take(self, kind: str | None) -> bool:
        """Whether a value of a kind may stand here, after the implicit conversions; None is not
        known.
        """
        kinds = self.kinds
        if kind is None or "any" in kinds:
            return True
        if "list" in kinds:
            return self.items is None or self.items.may_be(_items_of(kind))
        if isinstance(kind, Listed) and kind.size is not None:
            return kind.size == 1 and any(self.may_take(item) for item in kind.items)
        if kind in kinds or kind == "list":
            return True
        if kind == "number":
            return "whole" in kinds
        return kind == "date" and "date and time" in kinds

    @property
    def written(self) -> str:
        """The parameter for people: `length?: number`; without kinds where many will do."""
        if self.items is not None:
            inner = " or ".join(sorted(self.items.kinds))
            return f"{self.name}...: {inner}" if self.variadic else f"{self.name}: list of {inner}"
        kinds = ["number" if kind == "whole" else kind for kind in sorted(self.kinds - {"cut"})]
        mark = "..." if self.variadic else "?" if self.optional else ""
        plain = not {"any", "list"} & self.kinds if self.variadic else "any" not in kinds
        is_told = plain and len(kinds) <= MAX_KINDS
        return self.name + mark + (f": {' or '.join(kinds)}" if is_told else "")


@dataclass(frozen=True)
class Signature:
    """One way to call a function, and the Python body: `body(run, *values)`."""

    parameters: tuple[Parameter, ...]
    body: Body

    @property
    def names(self) -> list[str]:
        return [parameter.name for parameter in self.parameters]

    def may_take(self, kinds: Sequence[str | None]) -> bool:
        """Whether arguments of these kinds, None where one is not known, may fit."""
        last = self.parameters[-1] if self.parameters else None
        if last is not None and last.variadic:
            if len(kinds) < len(self.parameters):
                return False
            kinds = [*kinds[: len(self.parameters) - 1], self._gathered(kinds)]
        needed = sum(not (one.optional or one.variadic) for one in self.parameters)
        if not needed <= len(kinds) <= len(self.parameters):
            return False
        return all(one.may_take(k) for one, k in zip(self.parameters, kinds, strict=False))

    def _gathered(self, kinds: Sequence[str | None]) -> str | None:
        """The kind of what a variadic parameter is given: a list, or one of all that follow."""
        rest = kinds[len(self.parameters) - 1 :]
        if len(rest) == 1 and (rest[0] is None or rest[0] == "list"):
            return rest[0]
        return Listed(rest, len(rest))

    def may_take_named(self, kinds: Mapping[str, str | None]) -> bool:
        """The same for arguments with names."""
        known = {one.name: one for one in self.parameters}
        needed = {name for name, one in known.items() if not one.optional}
        if not needed <= kinds.keys() <= known.keys():
            return False
        return all(known[name].may_take(kind) for name, kind in kinds.items())

    def call(self, run: Run, arguments: Sequence[Value]) -> Value:
        """The result for positional arguments; raises Mismatch."""
        last = self.parameters[-1] if self.parameters else None
        if last is not None and last.variadic:
            arguments = gathered(arguments, len(self.parameters) - 1, last)
        if len(arguments) > len(self.parameters):
            raise Mismatch
        values: list[Value] = []
        for index, parameter in enumerate(self.parameters):
            if index < len(arguments):
                values.append(fitted(arguments[index], parameter))
            elif parameter.optional:
                values.append(None)
            else:
                raise Mismatch
        return self.body(run, *values)

    def call_named(self, run: Run, arguments: Mapping[str, Value]) -> Value:
        """The result for named arguments; raises Mismatch."""
        if not arguments.keys() <= set(self.names):
            raise Mismatch
        values: list[Value] = []
        for parameter in self.parameters:
            if parameter.name in arguments:
                value = arguments[parameter.name]
                given = [value] if parameter.variadic and "any" in parameter.kinds else value
                values.append(fitted(given, parameter))
            elif parameter.optional:
                values.append(None)
            else:
                raise Mismatch
        return self.body(run, *values)


def gathered(arguments: Sequence[Value], fixed: int, last: Parameter) -> Sequence[Value]:
    """`f(a, b, c)` as `f([a, b, c])`; a single list is what the function asks for itself."""
    rest = arguments[fixed:]
    if len(rest) == 1 and isinstance(rest[0], list) and "list" in last.kinds:
        return arguments
    if not rest:
        raise Mismatch
    return [*arguments[:fixed], list(rest)]


def fitted(value: Value, parameter: Parameter) -> Value:
    """The value as the parameter takes it, after the implicit conversions; raises Mismatch."""
    kinds = parameter.kinds
    if "any" in kinds:
        return value
    kind = kind_of(value)
    if kind in kinds:
        return value
    if kind == "null":
        if parameter.nullable:
            return None
        raise Mismatch
    if "list" in kinds:
        return [value]
    if kind == "list" and len(value) == 1 and kind_of(value[0]) in kinds:
        return value[0]
    if kind == "number" and "whole" in kinds and (is_whole(value) or "cut" in kinds):
        return int(value)
    if kind == "date" and "date and time" in kinds:
        return dt.datetime.combine(value, dt.time(), dt.UTC)
    raise Mismatch


def counted(run: Run, value: Value) -> Value:
    """A result, counted by its size: what functions make is kept by whoever called them."""
    if isinstance(value, list):
        run.check_items(len(value))
    elif isinstance(value, str):
        run.check_letters(len(value))
    return value


@dataclass(frozen=True)
class BuiltIn:
    """A function of FEEL's own, with all its signatures."""

    name: str
    signatures: list[Signature]

    def call(self, run: Run, arguments: Sequence[Value]) -> Value:
        """The result of the first signature that fits; null if none does."""
        run.charge()
        for signature in self.signatures:
            try:
                return counted(run, signature.call(run, arguments))
            except Mismatch:
                continue
        return None

    def call_named(self, run: Run, arguments: Mapping[str, Value]) -> Value:
        """The same for named arguments.

        Two signatures of `before` differ in the order of their names alone, `(point, range)` and
        `(range, point)`: the one comes first whose order the call has.
        """
        run.charge()
        given = list(arguments)
        in_order = [sign for sign in self.signatures if sign.names[: len(given)] == given]
        for signature in (*in_order, *self.signatures):
            try:
                return counted(run, signature.call_named(run, arguments))
            except Mismatch:
                continue
        return None

    def may_take(self, kinds: Sequence[str | None] | Mapping[str, str | None]) -> bool:
        """Whether a call with arguments of these kinds, by place or by name, may have a value."""
        if isinstance(kinds, Mapping):
            return any(sign.may_take_named(kinds) for sign in self.signatures)
        return any(sign.may_take(kinds) for sign in self.signatures)

    @property
    def written(self) -> str:
        """All ways to call it, for people."""
        ways = (", ".join(one.written for one in sign.parameters) for sign in self.signatures)
        return "; ".join(dict.fromkeys(f"{self.name}({way})" for way in ways))

    def as_value(self) -> Function:
        """The function itself, as an argument of another: `sort(numbers, before)`."""
        return Function(None, self.call, self.call_named)


BUILT_INS: dict[str, BuiltIn] = {}


def built_in(*declarations: str) -> Callable[[Body], Body]:
    """Declare the Python function below as the body of built-in functions."""

    def declare(body: Body) -> Body:
        for declaration in declarations:
            name, _, rest = declaration.partition("(")
            parameters = tuple(parameter(part) for part in rest.rstrip(")").split(",") if part)
            known = BUILT_INS.setdefault(name, BuiltIn(name, []))
            known.signatures.append(Signature(parameters, body))
        return body

    return declare


def _items_of(kind: str) -> frozenset[str | None]:
    """The kinds of the items of a list; what is none stands for a list of itself."""
    if isinstance(kind, Listed):
        return kind.items
    return frozenset([None if kind == "list" else kind])


def parameter(text: str) -> Parameter:
    name, _, kinds = (part.strip() for part in text.partition(":"))
    kinds, items = _asked(kinds)
    return Parameter(
        name.strip("?!*"),
        frozenset(kind.strip() for kind in kinds.split("|")),
        items=items,
        optional="?" in name,
        nullable=name.endswith("?"),
        variadic=name.startswith("*"),
    )


def _asked(kinds: str) -> tuple[str, Items | None]:
    """`list of number/string` as `list`, and what its items are."""
    kind, word, items = kinds.partition(" of ")
    if not word:
        kind, word, items = kinds.partition(" with ")
    found = Items(frozenset(items.split("/")), one=word == " with ") if word else None
    return kind, found


def call_function(run: Run, function: Function, arguments: list[Value]) -> Value:
    """The result of a function value, one level deeper; null for a wrong count of arguments."""
    if function.parameters is not None and len(function.parameters) != len(arguments):
        return None
    run.charge()
    return function.invoke(run, arguments)
