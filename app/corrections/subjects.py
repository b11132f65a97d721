"""What an area lets be changed by an approved request, and how it reads and writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session


class Wrong(Exception):
    """A value that a field cannot have; the sentence says why, in the language of the drawings."""


@dataclass(frozen=True)
class Field:
    """A value of an item: its name, what it is called, and how to write it."""

    name: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class Place:
    """An item at an instant, as its area looks for it."""

    session: Session
    now: datetime
    item: str


@dataclass(frozen=True)
class Hand:
    """Who changes a value, and by which case."""

    actor: str
    basis: str


class Subject(Protocol):
    """A kind of data. Values are texts as people write them; "" is no value.

    label: what the kind is called. office_only: whether the Office alone asks for changes.
    """

    label: str
    office_only: bool

    def items(self, session: Session, now: datetime, within: str | None) -> list[tuple[str, str]]:
        """(what it is called, key) of what a unit may ask for; None asks for all."""
        ...

    def title(self, place: Place, within: str | None) -> str | None:
        """What the item is called in letters; None when there is none, or not for that unit."""
        ...

    def is_initial(self, item: str) -> bool:
        """Whether it belongs to the initial data, which the province approves too (KH-7)."""
        ...

    def since(self, place: Place) -> datetime | None:
        """The instant from which the item is about what it is about now, such as the person who
        holds an account; None: always.
        """
        ...

    def fields(self, place: Place) -> list[Field]:
        """What of it may be changed."""
        ...

    def shows(self, place: Place, reader: str) -> bool:
        """Whether the account may see the values of now before it has asked for a change."""
        ...

    def read(self, place: Place) -> dict[str, str]:
        """The values now, by field."""
        ...

    def accepted(self, place: Place, given: Field, text: str) -> str:
        """The text as `read` would give it back. Raises Wrong."""
        ...

    def write(self, place: Place, values: Mapping[str, str], hand: Hand) -> None:
        """The fields have these values, in the caller's transaction."""
        ...
