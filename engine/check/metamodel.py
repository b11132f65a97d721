"""The elements of BPMN 2.0.2 as a table: what each may hold, in what order, and what it names.

One line an element: `kind < parent @attributes ; children`, with `~` before one that others only
build on. Attributes: `name:type`, with `!`
where the standard demands them; `name>kind|kind` names elements of those kinds by id. Children:
with `?` at most one, `*` any number, `+` at least one, no sign exactly one; `>kind` where the text
of the child names an element. A name that other kinds build on stands for all of them. Source: the
standard's class diagrams and interchange tables (chapters 8 to 11, 15).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from engine.check.elements import TABLE


@dataclass(frozen=True)
class Attribute:
    """type: text, id, bool, whole, mime, or the allowed words; refers: kinds that it names."""

    name: str
    type: str
    required: bool
    refers: frozenset[str]


@dataclass(frozen=True)
class Child:
    """A place in the order of an element's children; `kinds` may stand in it."""

    name: str
    kinds: frozenset[str]
    least: int
    most: int | None
    refers: frozenset[str]


@dataclass(frozen=True)
class Kind:
    """One element of the standard, with all that it takes from what it builds on."""

    name: str
    lineage: tuple[str, ...]
    attributes: dict[str, Attribute]
    children: tuple[Child, ...]
    places: dict[str, int]
    """By the name of a child's kind: its place in `children`."""
    is_abstract: bool = False
    """Only what builds on it may stand in a file."""

    @cached_property
    def references(self) -> tuple[Attribute, ...]:
        """The attributes that name other elements."""
        return tuple(a for a in self.attributes.values() if a.refers)

    @cached_property
    def named(self) -> tuple[Child, ...]:
        """The children whose text names other elements."""
        return tuple(c for c in self.children if c.refers)

    @cached_property
    def required(self) -> tuple[Attribute, ...]:
        return tuple(a for a in self.attributes.values() if a.required)

    @cached_property
    def wanted(self) -> tuple[tuple[int, Child], ...]:
        """The children that must be there, with their places."""
        return tuple((n, c) for n, c in enumerate(self.children) if c.least)


@dataclass(frozen=True)
class _Line:
    name: str
    parent: str | None
    attributes: tuple[str, ...]
    children: tuple[str, ...]
    is_abstract: bool


_HEAD = re.compile(r"^(?P<abstract>~?)(?P<name>\w+)(?: < (?P<parent>\w+))?")
_ATTRIBUTE = re.compile(r"^@(\w+)(?::([\w|#]+))?(?:>([\w|]+))?(!?)$")
_CHILD = re.compile(r"^(\w+)([?*+]?)(?:>([\w|]+))?$")


def _lines() -> dict[str, _Line]:
    found: dict[str, _Line] = {}
    for row in TABLE.strip().splitlines():
        head, _, children = row.partition(" ; ")
        match = _HEAD.match(head)
        assert match is not None, row
        attributes = tuple(head[match.end() :].split())
        found[match["name"]] = _Line(
            match["name"],
            match["parent"],
            attributes,
            tuple(children.split()),
            bool(match["abstract"]),
        )
    return found


class _Builder:
    def __init__(self) -> None:
        self.lines = _lines()
        self.below: dict[str, set[str]] = {name: {name} for name in self.lines}
        for name in self.lines:
            for above in self.lineage(name)[1:]:
                self.below[above].add(name)

    def lineage(self, name: str) -> tuple[str, ...]:
        found = [name]
        while (parent := self.lines[found[-1]].parent) is not None:
            found.append(parent)
        return tuple(found)

    def kinds(self, names: str | None) -> frozenset[str]:
        """All kinds that a name, or several with a bar between, stand for."""
        return frozenset(k for n in (names or "").split("|") if n for k in self.below.get(n, {n}))

    def kind(self, name: str) -> Kind:
        attributes: dict[str, Attribute] = {}
        children: list[Child] = []
        for above in reversed(self.lineage(name)):
            line = self.lines[above]
            attributes |= {a.name: a for a in map(self.attribute, line.attributes)}
            children += map(self.child, line.children)
        places = {k: i for i, c in enumerate(children) for k in c.kinds}
        is_abstract = self.lines[name].is_abstract
        return Kind(name, self.lineage(name), attributes, tuple(children), places, is_abstract)

    def attribute(self, text: str) -> Attribute:
        match = _ATTRIBUTE.match(text)
        assert match is not None, text
        name, kind, refers, required = match.groups()
        return Attribute(name, kind or "text", bool(required), self.kinds(refers))

    def child(self, text: str) -> Child:
        match = _CHILD.match(text)
        assert match is not None, text
        name, sign, refers = match.groups()
        least = 1 if sign in ("", "+") else 0
        most = 1 if sign in ("", "?") else None
        return Child(name, self.kinds(name), least, most, self.kinds(refers))


@cache
def kinds() -> dict[str, Kind]:
    """Every element of the standard by its name."""
    builder = _Builder()
    return {name: builder.kind(name) for name in builder.lines}


@lru_cache(maxsize=4096)
def is_a(name: str, above: str) -> bool:
    """Whether elements of a kind are also of another: a userTask is an activity."""
    kind = kinds().get(name)
    return kind is not None and above in kind.lineage
