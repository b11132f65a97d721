"""The types of functions, as far as their text tells them: what parameters declare, and what
literals give. What a body gives otherwise is not known before it runs, and may be anything.

Source: DMN 1.5, 10.3.2.9.3 (a function type is made from contravariant parameters and a
covariant result).
"""

from __future__ import annotations

from engine.feel.tree import ContextOf, Definition, ListOf, Literal, Node, Type
from engine.feel.values import kind_of

ANY = Type("Any")


def function_type(parameters: list[tuple[str, Type | None]], body: Node) -> Type:
    """The type of a function definition; its result is None where nothing tells it."""
    taken = [wanted or ANY for _, wanted in parameters]
    return Type("function", type_of(body), parameters=taken)


def type_of(node: Node) -> Type | None:
    """The type of what a node gives, None where that is seen only when it runs."""
    if isinstance(node, Literal):
        return None if node.value is None else Type(kind_of(node.value))
    if isinstance(node, ContextOf):
        fields = {key: type_of(value) or ANY for key, value in node.entries}
        return Type("context", fields=fields)
    if isinstance(node, ListOf):
        kinds = {None if found is None else found.name for found in map(type_of, node.items)}
        only = type_of(node.items[0]) if len(kinds) == 1 else None
        return Type("list", only)
    if isinstance(node, Definition):
        return function_type(node.parameters, node.body)
    return None


def is_subtype(found: Type | None, wanted: Type | None) -> bool:
    """Whether every value of one type is one of the other, as far as both are known."""
    if found is None or wanted is None or wanted.name == "Any":
        return True
    if found.name != wanted.name:
        return False
    if len(found.parameters) != len(wanted.parameters) or not is_subtype(
        found.inner, wanted.inner
    ):
        return False
    takes = zip(wanted.parameters, found.parameters, strict=True)
    return all(is_subtype(given, taken) for given, taken in takes) and all(
        key in found.fields and is_subtype(found.fields[key], inner)
        for key, inner in wanted.fields.items()
    )
