"""How a number is written: "{n:02}/[{type}-]{org}[-{drafter}]" gives 07/BC-BQL or 112/BQL-VP.

{n} is the number, {n:02} padded to two digits; {yyyy}, {yy}, {mm}, {dd} are of its date; {org} is
the unit's symbol in documents, {ident} its electronic identifier; every other name is a part that
the drawing gives. What stands in square brackets is left out when a part in it is empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from engine.errors import Refusal, Sentence

_PLACE = re.compile(r"\{([a-z]\w*)(?::0(\d))?\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
OWN = frozenset({"n", "yyyy", "yy", "mm", "dd", "org", "ident"})
"""What every number knows of itself."""


class PatternWrong(Refusal):
    """The pattern "{pattern}" does not fit: {reason}."""

    status = 422


class PartMissing(Exception):
    """A part of the pattern has no value; its name is the message."""


def names(pattern: str) -> list[str]:
    """The places of a pattern in their order."""
    return [found.group(1) for found in _PLACE.finditer(pattern)]


def reworded(pattern: str, word: Callable[[str, str | None], str]) -> str:
    """The pattern with each place as `word` says it, given its name and its number of digits."""
    return _PLACE.sub(lambda found: word(found.group(1), found.group(2)), pattern)


def require(pattern: str, split_by: list[str], *, restart: str) -> None:
    """Raises PatternWrong for one that could write two numbers alike, or no number at all."""
    said = names(pattern)
    rest = _PLACE.sub("", _OPTIONAL.sub(r"\1", pattern))
    reason = None
    once = "{place} must stand in it once, outside square brackets"
    if said.count("n") != 1 or any("{n" in part for part in _OPTIONAL.findall(pattern)):
        reason = Sentence(once, {"place": "{n}"})
    elif set("{}[]") & set(rest):
        reason = Sentence("a bracket is open, or stands where none may", {})
    elif missing := [name for name in split_by if name not in said]:
        place = f"{{{missing[0]}}}"
        reason = Sentence("{place} splits the book and must stand in it", {"place": place})
    elif restart == "day" and not {"dd", "mm"} <= set(said):
        reason = Sentence("a book that begins anew each day must write the day", {})
    if reason is not None:
        raise PatternWrong(pattern=pattern, reason=reason)


def write(pattern: str, values: Mapping[str, object]) -> str:
    """The number as it is written. Raises PartMissing."""

    def optional(found: re.Match[str]) -> str:
        said = [values.get(name) for name in names(found.group(1))]
        return found.group(1) if all(value not in (None, "") for value in said) else ""

    def place(found: re.Match[str]) -> str:
        value = values.get(found.group(1))
        if value in (None, ""):
            raise PartMissing(found.group(1))
        return str(value).zfill(int(found.group(2) or 0))

    return _PLACE.sub(place, _OPTIONAL.sub(optional, pattern))
