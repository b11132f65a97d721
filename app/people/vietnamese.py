"""Vietnamese text for lists, searches and names: order, folding, slugs.

All keys are computed here and stored, because neither SQLite nor a plain PostgreSQL knows the
order of Vietnamese or how to compare without marks.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from engine.fold import fold

_TONES = {
    "\u0300": 1,
    "\u0309": 2,
    "\u0303": 3,
    "\u0301": 4,
    "\u0323": 5,
}  # huyền hỏi ngã sắc nặng
_SHAPES = {"\u0306", "\u0302", "\u031b"}  # breve, circumflex, horn: they make other letters
_LETTERS = "a ă â b c d đ e ê f g h i j k l m n o ô ơ p q r s t u ư v w x y z".split()
_RANK = {letter: f"{20 + place}" for place, letter in enumerate(_LETTERS)} | {
    str(digit): f"{10 + digit}" for digit in range(10)
}
_GAP, _END = "01", "00"


def tidy(text: str) -> str:
    """NFC, with single spaces and none at the ends (TCVN 6909:2001 is kept composed), without
    signs that nobody sees: they turn the rest of a line round, or make two equal names differ.
    """
    words = unicodedata.normalize("NFC", text).split()
    return " ".join(filter(None, ("".join(filter(_is_seen, word)) for word in words)))


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign) not in ("Cc", "Cf")


@lru_cache(maxsize=4096)
def slug(text: str) -> str:
    """What a user name is made of: folded, only a-z and 0-9."""
    return re.sub(r"[^a-z0-9]", "", fold(text))


def search_key(*texts: str) -> str:
    """Folded text and the text as written: a search with marks ranks the same marks first."""
    joined = tidy(" ".join(text for text in texts if text)).lower()
    return f"{fold(joined)}\n{joined}"


def sort_key(text: str) -> str:
    """Digits whose order is that of Vietnamese: letters first, then the tones none ` ? ~ ´ .

    Only digits, so that every collation of every database agrees about them.
    """
    letters: list[str] = []
    tones: list[str] = []
    for syllable in re.split(r"[^\w]+", unicodedata.normalize("NFC", text.lower())):
        if not syllable:
            continue
        if letters:
            letters.append(_GAP)
        for letter in syllable:
            rank, tone = _letter(letter)
            letters.append(rank)
            tones.append(tone)
    return "".join(letters) + _END + "".join(tones)


def _letter(letter: str) -> tuple[str, str]:
    """The rank of a letter and of its tone; an unknown letter comes after z."""
    tone, base = 0, ""
    for part in unicodedata.normalize("NFD", letter):
        if part in _TONES:
            tone = _TONES[part]
        elif not unicodedata.combining(part) or part in _SHAPES:
            base += part
    return _RANK.get(unicodedata.normalize("NFC", base), "99"), str(tone)


def name_parts(full_name: str) -> tuple[str, str, str]:
    """(family, middle, given) of a Vietnamese name: the given name is the last word."""
    words = tidy(full_name).split()
    if len(words) < 2:
        return "", "", " ".join(words)
    return words[0], " ".join(words[1:-1]), words[-1]


@lru_cache(maxsize=4096)
def person_sort_key(full_name: str) -> str:
    """People are listed by given name, then family name, then middle name."""
    family, middle, given = name_parts(full_name)
    return _END.join(sort_key(part) for part in (given, family, middle))
