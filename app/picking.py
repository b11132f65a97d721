"""Choices that are too many for a list: found on the server by words of what they are called.

A page shows what is chosen and a search beside it. With scripts the search is made as one types
and answered by `answer`; without them its button sends the page, which comes back with what was
found. Who asks gives the choices there are for the reader, so that nothing else is ever found.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext

from engine.errors import Refusal
from engine.fold import fold
from engine.forms import Message, Spot
from engine.forms.fields import ONE_OF, SOME_OF
from engine.forms.posted import FIND, sought

MANY = 50
"""With more choices than these a field is searched instead of read through."""
SHOWN = 20
"""Of those found: nobody reads more, and another word leaves fewer."""
_BETWEEN = re.compile(r"[\s(),;]+")


class NothingChosen(Refusal):
    """Nothing was chosen for the words "{words}"; choose one that is found, or empty the search."""  # noqa: E501

    status = 422


@dataclass(frozen=True)
class Choice:
    """One choice: what the page sends for it, and what it is called."""

    key: str
    label: str


@dataclass(frozen=True)
class Found:
    """The first choices that meet some words, and how many do in all."""

    rows: Sequence[Choice]
    total: int

    @property
    def told(self) -> str:
        """How many were found, in words for the page and for who does not see it."""
        if not self.total:
            return gettext("Nothing found. Try fewer words, or only a part of the name.")
        words = ngettext("%(num)d found", "%(num)d found", self.total)
        if self.total <= len(self.rows):
            return words
        more = gettext("the first %(shown)d are shown: type another word", shown=len(self.rows))
        return f"{words}, {more}"


def search(choices: Iterable[Choice], words: str) -> Found:
    """The choices whose names hold all the words, with or without marks.

    First those written with the same marks, then those that have them as whole words, then as the
    beginnings of words, else in their own order.
    """
    typed, plain = words.lower().split(), fold(words).split()
    ranked = []
    for choice in choices:
        name = fold(choice.label)
        if all(word in name for word in plain):
            parts = _BETWEEN.split(name)
            begin = all(any(part.startswith(word) for part in parts) for word in plain)
            nearness = 0 if set(plain) <= set(parts) else 1 if begin else 2
            marked = all(word in choice.label.lower() for word in typed)
            ranked.append((not marked, nearness, len(ranked), choice))
    ranked.sort()
    return Found([row[-1] for row in ranked[:SHOWN]], len(ranked))


def answer(found: Found) -> dict[str, Any]:
    """What a script is told: {"choices": [{"value": "an", "label": "An"}], "told": "1 found"}."""
    rows = [{"value": one.key, "label": one.label} for one in found.rows]
    return {"choices": rows, "told": found.told}


def asked(posted: Mapping[str, Any]) -> tuple[str, str]:
    """The field that is searched and the words for it; ("", "") where none is."""
    name = str(posted.get(FIND) or "")
    return name, sought(posted).get(name, "")


def words_for(posted: Mapping[str, Any], name: str) -> str:
    """The words in the search of one field; "" where there are none."""
    return sought(posted).get(name, "")


def unchosen(posted: Mapping[str, Any]) -> dict[str, list[Message]]:
    """By field, that words stand in its search though the form was to be sent."""
    if FIND in posted:
        return {}
    found = {name: NothingChosen(words=words) for name, words in sought(posted).items()}
    return {name: [(refusal.template, refusal.fields)] for name, refusal in found.items()}


@dataclass(frozen=True)
class Picker:
    """What a page shows of a field that is searched.

    kept: what is chosen. words: in the search; found: what they found, None where nothing was
    sought yet. total: of all choices. multiple: whether several may be chosen.
    """

    kept: Sequence[Choice]
    words: str
    found: Found | None
    total: int
    multiple: bool = False


def picker(
    choices: Sequence[Choice], chosen: Collection[str], words: str, *, multiple: bool = False
) -> Picker:
    """The search of a field; what is chosen is not found once more."""
    kept = [one for one in choices if one.key in chosen]
    others = [one for one in choices if one.key not in chosen] if words else []
    found = search(others, words) if words else None
    return Picker(kept, words, found, len(choices), multiple)


def is_many(spot: Spot) -> bool:
    """Whether a field has too many choices for a list."""
    return spot.field.type in ONE_OF | SOME_OF and len(spot.options) > MANY


def choices_of(spot: Spot, language: str) -> list[Choice]:
    """All that the field offers for what is entered so far, in the reader's language."""
    return [Choice(option.key, option.text(language)) for option in spot.options]
