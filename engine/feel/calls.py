"""Calling functions: FEEL's own, those that the engine lends, and those that expressions define.

A name in scope that holds a function is called first, then FEEL's own, then a lent one; a name
that is none of these is null, and the static check finds it in `Expression.calls`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from engine.feel.errors import FeelError
from engine.feel.inferred import function_type
from engine.feel.library import BUILT_INS, call_function
from engine.feel.runtime import Run, Scope
from engine.feel.tree import Call, Definition, Name, Node
from engine.feel.typing import coerced
from engine.feel.values import Function, Value, admit
from engine.feel.warnings import no_function, no_value

Code: TypeAlias = Callable[[Scope], Value]


def built_in_value(name: str) -> Function | None:
    """The built-in of that name as a value, to be handed to `sort` and the like."""
    known = BUILT_INS.get(name)
    return None if known is None else known.as_value()


def positional_call(node: Call, arguments: list[Code], code_of: Callable[[Node], Code]) -> Code:
    """The code of a call with positional arguments."""
    name, position = name_of(node), node.position
    built_in = BUILT_INS.get(name)
    target = None if name else code_of(node.function)

    def call(scope: Scope) -> Value:
        found = scope.find(name) if target is None else target(scope)
        values = [argument(scope) for argument in arguments]
        run = scope.run
        try:
            if isinstance(found, Function):
                return call_function(run, found, values)
            if built_in is not None:
                result = built_in.call(run, values)
                if result is None and run.warnings is not None:
                    no_value(run, position, name, values)
                return result
            if name in run.functions:
                return call_lent(run, name, values, {})
        except FeelError as problem:
            problem.stand_at(position)
            raise
        no_function(run, position, name, BUILT_INS)
        return None

    return call


def name_of(node: Call) -> str:
    """The name that is called; empty for a function that an expression gives."""
    return node.function.name if isinstance(node.function, Name) else ""


def named_call(node: Call, arguments: dict[str, Code], code_of: Callable[[Node], Code]) -> Code:
    """The code of a call whose arguments have names."""
    name, position = name_of(node), node.position
    built_in = BUILT_INS.get(name)
    target = None if name else code_of(node.function)

    def call(scope: Scope) -> Value:
        found = scope.find(name) if target is None else target(scope)
        values = {key: argument(scope) for key, argument in arguments.items()}
        run = scope.run
        try:
            if isinstance(found, Function):
                return call_function_named(run, found, values)
            if built_in is not None:
                result = built_in.call_named(run, values)
                if result is None and run.warnings is not None:
                    no_value(run, position, name, values.values())
                return result
            if name in run.functions:
                return call_lent(run, name, [], values)
        except FeelError as problem:
            problem.stand_at(position)
            raise
        no_function(run, position, name, BUILT_INS)
        return None

    return call


def call_function_named(run: Run, function: Function, values: Mapping[str, Value]) -> Value:
    """A function value with named arguments; null if the names are not its parameters'."""
    if function.call_named is not None:
        return function.call_named(run, values)
    if function.parameters is None or values.keys() != set(function.parameters):
        return None
    return call_function(run, function, [values[name] for name in function.parameters])


def call_lent(run: Run, name: str, values: list[Value], named: Mapping[str, Value]) -> Value:
    """The result of a function that the engine lends.

    Raises FeelError for arguments that it does not take: the drawing is wrong, not the data.
    """
    function = run.functions[name]
    run.charge()
    check_arguments(name, function, (values, named))
    return admit(function(*values, **named))


def check_arguments(
    name: str, function: Callable[..., Any], given: tuple[list[Value], Mapping[str, Value]]
) -> None:
    code = getattr(function, "__code__", None)
    takes_all = code is not None and code.co_flags & inspect.CO_VARARGS and not code.co_argcount
    if takes_all and not given[1]:
        return  # It takes as many as there are: nothing to look at, which takes its time.
    try:
        inspect.signature(function).bind(*given[0], **given[1])
    except ValueError:  # a callable of C has no signature to look at
        return
    except TypeError:
        raise FeelError(
            "{name}() does not take {count} arguments like these.",
            name=name,
            count=len(given[0]) + len(given[1]),
        ) from None


def definition(node: Definition, body: Code) -> Code:
    """The code of a function definition: a function that remembers where it was defined."""
    names = tuple(name for name, _ in node.parameters)
    types = [wanted for _, wanted in node.parameters]
    declared = function_type(node.parameters, node.body)

    def define(scope: Scope) -> Function:
        def invoke(run: Run, values: list[Value]) -> Value:
            bound = {
                name: coerced(run, value, wanted)
                for name, value, wanted in zip(names, values, types, strict=True)
            }
            run.descend()
            result = body(Scope(bound, scope, run))
            run.depth -= 1
            return result

        return Function(names, invoke, type=declared)

    return define
