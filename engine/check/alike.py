"""Which known name was meant by one that is not there: sought so long and no longer.

The search compares a name with all others, letter by letter; whoever wrote ten thousand wrong
names is not helped by ten thousand guesses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

MOST_COMPARED = 20_000
"""Pairs of names of one file that are compared, which takes about a second."""

MOST_KNOWN = 2000
"""Names that one is compared with."""

LONGEST = 200
"""Characters of a name that was mistyped; more are no slip of the hand."""


@dataclass
class Alike:
    """How many pairs of names may still be compared."""

    left: int = MOST_COMPARED

    def of(
        self, name: str, known: Sequence[str], *, most: int = 3, cutoff: float = 0.6
    ) -> list[str]:
        """At most so many of the known names that are written like one, the nearest first."""
        if self.left <= 0 or len(name) > LONGEST:
            return []
        near = [other for other in known[:MOST_KNOWN] if len(other) <= LONGEST]
        self.left -= len(near)
        return get_close_matches(name, near, n=most, cutoff=cutoff)
