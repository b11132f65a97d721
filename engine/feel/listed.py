"""What is known of a list before it is made: the kinds of its items, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable


class Listed(str):
    """The word "list", which also says what is in the list.

    items: the kinds, None for one that is not known. size: how many, None where not known.
    """

    items: frozenset[str | None]
    size: int | None

    def __new__(cls, items: Iterable[str | None], size: int | None = None) -> Listed:
        made = super().__new__(cls, "list")
        made.items, made.size = frozenset(items), size
        return made

    @property
    def item(self) -> str | None:
        """The kind of each item, None where it is not known or they differ."""
        return next(iter(self.items)) if len(self.items) == 1 else None


def joined(one: str | None, other: str | None) -> str | None:
    """The kind of what is of one kind or of the other, None where they differ."""
    if one != other:
        return None
    if isinstance(one, Listed) and isinstance(other, Listed):
        return Listed(one.items | other.items, one.size if one.size == other.size else None)
    return "list" if one == "list" else one
