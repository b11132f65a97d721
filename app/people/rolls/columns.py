"""Which column of a list holds what, told by the words of its header, with or without marks."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache

from app.people.rights.groups import DATA
from app.people.rolls.reading import Cell
from engine.errors import Refusal
from engine.fold import fold

NEEDED = ("full_name", "unit")
HEADER_WITHIN = 20
"""How far down the header may stand: titles of the list come before it."""


class HeaderMissing(Refusal):
    """No row of the list names its columns. It needs at least "{columns}"; download the template to see how."""  # noqa: E501

    status = 422


@dataclass(frozen=True)
class Column:
    """What a column may hold. words: folded headers by which it is known."""

    key: str
    name: str
    name_en: str
    source: str
    words: tuple[str, ...]


@cache
def columns() -> dict[str, Column]:
    """Every column by its key, in the order of the register of HP-8.4b."""
    raw = json.loads((DATA / "roll_columns.json").read_text(encoding="utf-8"))
    return {
        key: Column(key, row["name"], row["name_en"], row["source"], tuple(row["words"]))
        for key, row in raw.items()
    }


@dataclass(frozen=True)
class Layout:
    """Where the header stands, counted from 0, and which column holds what, by its index."""

    header: int
    fields: dict[int, str]

    def missing(self) -> list[str]:
        """The keys of columns without which no account can be made."""
        return [key for key in NEEDED if key not in self.fields.values()]


def layout(rows: list[list[Cell]]) -> Layout:
    """The row in which most columns are known, and what they are. Raises HeaderMissing."""
    found = [Layout(place, _known(row)) for place, row in enumerate(rows[:HEADER_WITHIN])]
    best = max(found, key=lambda one: len(one.fields), default=Layout(0, {}))
    if len(best.fields) < 2 and best.missing():
        raise HeaderMissing(columns=", ".join(columns()[key].name for key in NEEDED))
    return best


def _known(row: list[Cell]) -> dict[int, str]:
    """By index, the column whose words a cell of the header has; none twice."""
    found: dict[int, str] = {}
    for index, cell in enumerate(row):
        key = column_of(cell) if isinstance(cell, str) else None
        if key is not None and key not in found.values():
            found[index] = key
    return found


def column_of(header: str) -> str | None:
    """The key of the column that a header names: the same words, or words that begin it."""
    words = re.sub(r"\([^)]*\)|\*", " ", fold(header))
    words = " ".join(re.sub(r"[^a-z0-9]+", " ", words).split())
    known = {word: key for key, column in columns().items() for word in column.words}
    if words in known:
        return known[words]
    begun = [word for word in known if len(word) > 4 and words.startswith(f"{word} ")]
    return known[max(begun, key=len)] if begun else None
