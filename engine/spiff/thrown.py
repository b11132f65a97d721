"""What a case throws that may concern others: signals and messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from engine.correlation import Key
from engine.values import Record


class Signal(NamedTuple):
    """A signal that the case throws; `number` tells it from the others of its step. What it sets
    going comes after the signals `after`.
    """

    name: str
    data: Record
    number: int
    after: int = 0


@dataclass(frozen=True)
class Post:
    """A message that the case throws; `key` is the one that its receiver waits with.
    What it sets going in the case comes after the signals `after`.
    """

    name: str
    key: Key | None
    data: Record
    after: int = field(default=0, compare=False)

    def order(self, unit: str | None) -> Record:
        """The errand that brings it to other cases; one that it begins is of the unit."""
        key: Record = {"correlation": None} if self.key is None else self.key.record
        return {"message": self.name, **key, "data": self.data, "unit": unit}
