"""Finding pages of the manual by words: with or without accents, by other names of a thing.

The other names are data, content/words.toml: topics, each with what people say and the pages that
tell of it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import IntEnum
from fnmatch import fnmatchcase
from functools import cache
from unicodedata import normalize

from app.manual.content import FOLDER, SECTIONS, Entry, section
from engine.fold import fold

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BETWEEN = re.compile(r"[\W_]+")
_WHOLE = 3
"""Letters up to which a word is looked for as a whole: "ký" is not the beginning of "kỳ hạn",
while "valid" is that of "validation"."""


_SIGNS = re.compile(r"[$#]\{")
"""How expressions of other engines begin, which people look for by their signs."""

_LAST = 1000
"""The place of a page that no topic puts in one."""


class Answer(IntEnum):
    """How a page answers, the best first."""

    IS_CALLED_SO = 0
    TELLS_OF_IT = 1
    IN_TITLE = 2
    IN_OTHER_NAMES = 3
    IN_TEXT = 4
    TELLS_OF_SOME = 5


@dataclass(frozen=True)
class Text:
    """Words between spaces, as they were written and folded."""

    marked: str
    folded: str

    @classmethod
    def of(cls, *texts: str) -> Text:
        """ "endEvent:message" and "Phê duyệt" are " end event message phê duyệt "."""
        parted = _BETWEEN.sub(" ", _HUMP.sub(" ", normalize("NFC", " ".join(texts))))
        marked = f" {parted.strip().casefold()} "
        return cls(marked, f" {fold(marked)} ")

    def has(self, words: Text) -> bool:
        """Whether all of the words are here, whatever their accents."""
        return all(_mark(word) in self.folded for word in words.folded.split())

    def has_as_typed(self, words: Text) -> bool:
        """Whether all are here with the accents that they have; a word without may have any."""
        pairs = zip(words.marked.split(), words.folded.split(), strict=True)
        return all(
            _mark(plain) in self.folded if marked == plain else _mark(marked) in self.marked
            for marked, plain in pairs
        )


def _mark(word: str) -> str:
    return f" {word} " if len(word) <= _WHOLE else f" {word}"


@dataclass(frozen=True)
class Topic:
    """Words of the same meaning, in both languages, and the pages that tell of it, best first."""

    said: tuple[Text, ...]
    pages: tuple[str, ...]

    def place(self, entry: Entry) -> int | None:
        """Where the page stands among those of the topic; None if it does not tell of it."""
        address = f"{entry.section}/{entry.key}"
        places = (at for at, page in enumerate(self.pages) if fnmatchcase(address, page))
        return next(places, None)


@dataclass(frozen=True)
class Page:
    """The words of one page. names: each by itself, for owners also know BPMN's own; topics with
    the page's place among theirs.
    """

    entry: Entry
    names: tuple[Text, ...]
    title: Text
    others: Text
    text: Text
    topics: tuple[tuple[int, Topic], ...]


@cache
def topics() -> tuple[Topic, ...]:
    """The topics of content/words.toml."""
    rows = tomllib.loads((FOLDER / "words.toml").read_text())["topics"]
    return tuple(Topic(tuple(map(Text.of, row["said"])), tuple(row["pages"])) for row in rows)


@cache
def pages(language: str) -> tuple[Page, ...]:
    """The words of all pages, as readers of that language find them."""
    entries = (each for name in SECTIONS for each in section(name).values())
    return tuple(_page(entry, language) for entry in entries)


def _page(entry: Entry, language: str) -> Page:
    names = (entry.key, *entry.names.values())
    places = [(topic.place(entry), topic) for topic in topics()]
    told = tuple((place, topic) for place, topic in places if place is not None)
    said = [one.marked for _place, topic in told for one in topic.said]
    return Page(
        entry=entry,
        names=tuple(map(Text.of, names)),
        title=Text.of(*names),
        others=Text.of(*names, *said),
        text=Text.of(*names, *said, entry.text(language)),
        topics=told,
    )


def search(query: str, language: str) -> list[Entry]:
    """Pages to which the words lead, the likeliest first: see `Answer`.

    Those with the accents that were typed stand before all others, and a word without accents may
    have any; pages that answer alike stand by their place in the topic. Pages that tell only of
    some words ("làm sao để tải tệp lên") are given when none has all of them.
    """
    wanted = Text.of(_SIGNS.sub(" juel ", query))
    if not wanted.folded.strip():
        return []
    ranked = [(rank, page.entry) for page in pages(language) if (rank := _rank(page, wanted))]
    whole = [one for one in ranked if one[0][1] < Answer.TELLS_OF_SOME]
    return [entry for _rank, entry in sorted(whole or ranked, key=lambda pair: pair[0])]


def _rank(page: Page, wanted: Text) -> tuple[bool, int, int] | None:
    """How well a page answers, the least best: other accents, as what, where. None: not at all."""
    if any(name.folded == wanted.folded for name in page.names):
        return all(_differs(name, wanted) for name in page.names), Answer.IS_CALLED_SO, 0
    called = [
        (_differs(said, wanted), place)
        for place, topic in page.topics
        for said in topic.said
        if said.folded == wanted.folded
    ]
    if called:
        differs, place = min(called)
        return differs, Answer.TELLS_OF_IT, place
    spoken = [
        (-len(said.folded), place)
        for place, topic in page.topics
        for said in topic.said
        if said.folded in wanted.folded
    ]
    for answer, text in (
        (Answer.IN_TITLE, page.title),
        (Answer.IN_OTHER_NAMES, page.others),
        (Answer.IN_TEXT, page.text),
    ):
        if text.has(wanted):
            place = min((place for _length, place in spoken), default=_LAST)
            return not text.has_as_typed(wanted), answer, place
    if not spoken:
        return None
    length, place = min(spoken)  # the longest words that are spoken of say most
    return False, Answer.TELLS_OF_SOME, length * _LAST + place


def _differs(said: Text, wanted: Text) -> bool:
    """Whether the accents that were typed are others; none typed may mean any."""
    return wanted.marked not in (said.marked, said.folded)
