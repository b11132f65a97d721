"""Names: which words of a text form one, and which are in scope.

FEEL names may hold spaces and the signs of operators (`ngày sinh`, `profit-loss`). A name known
from the context is taken as long as it goes; unknown neighbouring words are one name too, because
two names never stand side by side in FEEL.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from itertools import chain

from engine.feel.errors import FeelSyntaxError

KEYWORDS = frozenset(
    "if then else for in return some every satisfies and or between function true false null"
    " instance external".split()
)
# Built-in functions with a keyword inside: two words would not be joined across it.
BROKEN_BY_KEYWORDS = frozenset(("date and time", "years and months duration", "get or else"))
SIMPLE = re.compile(r"[^\W\d][\w\u0300-\u036f]*")
BLANKS = re.compile(r"\s+")


def normal(name: str) -> str:
    """A name as it is compared: single spaces, composed letters (NFC)."""
    return unicodedata.normalize("NFC", BLANKS.sub(" ", name.strip()))


@lru_cache(maxsize=256)
def special(*groups: frozenset[str]) -> frozenset[str]:
    """Those of the names that the parser must know to see where they end.

    A file has one vocabulary for thousands of expressions, so that it is kept. An empty name, as
    data may have it, no expression can hold.
    """
    names = filter(None, map(normal, chain.from_iterable(groups)))
    return frozenset(name for name in names if not SIMPLE.fullmatch(name) or name in KEYWORDS)


class KnownNames:
    """Finds the longest known name that begins at an offset of the text."""

    def __init__(self, text: str, names: frozenset[str]) -> None:
        self.text = text
        self.names = names - {""} if "" in names else names

    def add(self, name: str) -> None:
        """Make a name known from here on, as the key of a context does."""
        is_plain = SIMPLE.fullmatch(name) is not None and name not in KEYWORDS
        if name.strip() and not is_plain and name not in self.names:
            self.names |= {name}

    def end_of_match(self, start: int) -> int | None:
        """The offset where the longest known name that begins at `start` ends."""
        if not self.names:
            return None
        found = longest_first(self.names).match(self.text, start)
        return found.end() if found else None


@lru_cache(maxsize=256)
def longest_first(names: frozenset[str]) -> re.Pattern[str]:
    """A pattern that takes the longest of the names."""
    return re.compile("|".join(map(flexible, sorted(names, key=len, reverse=True))))


def flexible(name: str) -> str:
    """A pattern for a name with any blanks between its words, in either normal form."""
    forms = {name, unicodedata.normalize("NFD", name)}
    parts = "|".join(r"\s+".join(re.escape(word) for word in form.split(" ")) for form in forms)
    edge = r"(?![\w\u0300-\u036f])" if re.search(r"\w$", name) else ""
    return f"(?:{parts}){edge}"


class Bindings:
    """What the names of an expression refer to, gathered while it is read."""

    def __init__(self, names: Collection[str]) -> None:
        self.names = names
        self.locals: list[set[str]] = []
        self.filters = 0
        self.partial_reads = 0
        self.variables: set[str] = set()
        self.possible: set[str] = set()
        self.calls: set[str] = set()
        self.mistakes: list[FeelSyntaxError] = []

    def is_local(self, name: str) -> bool:
        return any(name in names for names in self.locals)

    def refer(self, name: str, built_in: bool) -> None:
        """Note a name that is read. Within a filter it may be a field of the item instead."""
        if self.is_local(name):
            self.partial_reads += name == "partial"
            return
        if (self.filters or built_in) and name not in self.names:
            self.possible.add(name)
        else:
            self.variables.add(name)

    def call(self, name: str, built_in: bool) -> None:
        """Note a name that is called; a known variable may hold a function."""
        if self.is_local(name) or built_in:
            return
        if name in self.names:
            self.variables.add(name)
        else:
            self.calls.add(name)
