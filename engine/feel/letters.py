"""Which letters a pattern means: categories, blocks and classes of Unicode, cases of letters.

Source: XML Schema part 2, appendix F.1; XPath and XQuery Functions 3.1, 5.6.1.1.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TypeAlias

# A letter test; programs hold one for each letter that they consume.
Letter: TypeAlias = Callable[[str], bool]

CATEGORIES = frozenset(
    "L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp"
    " C Cc Cf Co Cn".split()
)
BLOCKS = {
    "IsBasicLatin": (0x0000, 0x007F),
    "IsLatin-1Supplement": (0x0080, 0x00FF),
    "IsLatinExtended-A": (0x0100, 0x017F),
    "IsLatinExtended-B": (0x0180, 0x024F),
    "IsLatinExtendedAdditional": (0x1E00, 0x1EFF),
    "IsCombiningDiacriticalMarks": (0x0300, 0x036F),
    "IsGreek": (0x0370, 0x03FF),
    "IsCyrillic": (0x0400, 0x04FF),
}


class PatternError(Exception):
    """The text is no pattern, or one that this machine does not run."""


def word_letter(letter: str) -> bool:
    return letter == "_" or unicodedata.category(letter)[0] not in "PZC"


def name_start(letter: str) -> bool:
    return letter in "_:" or letter.isalpha()


def name_letter(letter: str) -> bool:
    return letter in "_:-.·" or letter.isalnum() or unicodedata.category(letter)[0] == "M"


CLASSES: dict[str, Letter] = {
    "s": lambda letter: letter in " \t\n\r",
    "d": lambda letter: unicodedata.category(letter) == "Nd",
    "w": word_letter,
    "i": name_start,
    "c": name_letter,
}


def negated(test: Letter) -> Letter:
    return lambda letter: not test(letter)


def same_letter(one: str, other: str) -> bool:
    """Whether two letters, or two texts of one length, differ in case at most."""
    return one == other or one.lower() == other.lower() or one.upper() == other.upper()


def combined(tests: list[Letter], outside: bool, without: Letter | None) -> Letter:
    def test(letter: str) -> bool:
        inside = any(part(letter) for part in tests)
        return inside != outside and not (without is not None and without(letter))

    return test


def category_test(name: str) -> Letter:
    if name in CATEGORIES:
        return lambda letter: unicodedata.category(letter).startswith(name)
    if name in BLOCKS:
        first, last = BLOCKS[name]
        return lambda letter: first <= ord(letter) <= last
    raise PatternError("a category is unknown")
