"""What is known of a value before it is made, beyond its kind: what a list or a context holds,
what a function takes and gives. Kinds are FEEL's words, None for one that is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Listed(str):
    """The word "list", which also says what is in the list.

    items: the kinds, None for one that is not known. size: how many, None where not known.
    """

    items: frozenset[str | None]
    size: int | None

    def __new__(cls, items: Iterable[str | None], size: int | None = None) -> Listed:
        made = super().__new__(cls, "list")
        found: dict[str | None, str | None] = {}
        for kind in items:
            found[kind] = joined(found.get(kind, kind), kind)
        made.items, made.size = frozenset(found.values()), size
        return made

    @property
    def item(self) -> str | None:
        """The kind of each item, None where it is not known or they differ."""
        return next(iter(self.items)) if len(self.items) == 1 else None


class Fielded(str):
    """The word "context", which also says of which kinds its entries are.

    is_whole: it has no other entries.
    """

    fields: Mapping[str, str | None]
    is_whole: bool

    def __new__(cls, fields: Mapping[str, str | None], *, is_whole: bool = False) -> Fielded:
        made = super().__new__(cls, "context")
        made.fields, made.is_whole = fields, is_whole
        return made


class Called(str):
    """The word "function", which also says what the function takes, by name and in order, and what
    it gives.
    """

    parameters: Mapping[str, str | None]
    result: str | None

    def __new__(cls, parameters: Mapping[str, str | None], result: str | None = None) -> Called:
        made = super().__new__(cls, "function")
        made.parameters, made.result = parameters, result
        return made


def joined(one: str | None, other: str | None) -> str | None:
    """The kind of what is of one kind or of the other, None where they differ."""
    if one != other or one is None:
        return None
    if isinstance(one, Listed) and isinstance(other, Listed):
        return Listed([*one.items, *other.items], one.size if one.size == other.size else None)
    if isinstance(one, Fielded) and isinstance(other, Fielded):
        shared = {name: joined(kind, other.fields[name])
                  for name, kind in one.fields.items() if name in other.fields}  # fmt: skip
        return Fielded(shared)
    return one if one is other else str.__str__(one)
