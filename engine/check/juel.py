"""Expressions of other engines, `${amount > 1000 && !closed}`, in FEEL where that is plain.

Nothing is run by it: whoever brings in a drawing is shown what to write. What calls a method, or
means something else in FEEL, is left to people. Source: Jakarta Expression Language 3.0, 1.
"""

from __future__ import annotations

import re

from engine import feel

MOST_LETTERS = 300
_WHOLE = re.compile(r"\s*[$#]\{([^{}]*)\}\s*\Z")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>'[^'\"\\]*'|\"[^\"\\]*\")"
    r"|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)|(?P<sign>&&|\|\||[=!<>]=|[-+*/%<>!?:()]))"
)
_SAME = {
    "==": "=", "eq": "=", "!=": "!=", "ne": "!=", "<": "<", "lt": "<", ">": ">", "gt": ">",
    "<=": "<=", "le": "<=", ">=": ">=", "ge": ">=", "&&": "and", "and": "and", "||": "or",
    "or": "or", "+": "+", "-": "-", "*": "*", "/": "/", "div": "/",
}  # fmt: skip
_LEVELS = (
    {"||", "or"},
    {"&&", "and"},
    {"==", "eq", "!=", "ne"},
    {"<", "lt", ">", "gt", "<=", "le", ">=", "ge"},
    {"+", "-"},
    {"*", "/", "div"},
)
"""Signs from the loosest to the closest; those of the third and fourth level are one in FEEL."""
_EQUAL, _ORDER = 2, 3
_OBJECTS = {"execution", "task", "caseExecution", "externalTask", "authenticatedUserId"}
"""Names that another engine gives a meaning, and which hold no data of the case."""
_WORDS = _SAME.keys() | {"not", "empty", "mod", "instanceof"}


class _NotPlain(Exception):
    """The expression says what FEEL says otherwise."""


def feel_of(text: str) -> str | None:
    """The same in FEEL; None where it is not plain."""
    whole = _WHOLE.match(text) if len(text) <= MOST_LETTERS else None
    if whole is None:
        return None
    try:
        found = _Reader(list(_tokens(whole[1]))).whole()
        feel.parse(found)
    except (_NotPlain, feel.FeelError, RecursionError):
        return None
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _NotPlain
        kind = match.lastgroup or ""
        word = match[kind]
        found.append(("sign" if kind == "name" and word in _WORDS else kind, word))
        at = match.end()
    return found


class _Reader:
    """Reads tokens from left to right and writes FEEL."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = [*tokens, ("end", "")]
        self.at = 0

    def whole(self) -> str:
        found = self.choice()
        if self.tokens[self.at][0] != "end":
            raise _NotPlain
        return found

    def sign(self, *wanted: str) -> str | None:
        kind, word = self.tokens[self.at]
        if kind != "sign" or word not in wanted:
            return None
        self.at += 1
        return word

    def choice(self) -> str:
        """`a ? b : c` is the loosest of all."""
        condition = self.level(0)
        if not self.sign("?"):
            return condition
        then = self.choice()
        if not self.sign(":"):
            raise _NotPlain
        return f"if {condition} then {then} else {self.choice()}"

    def level(self, number: int) -> str:
        """One side after the other, joined by signs of the level."""
        if number == len(_LEVELS):
            return self.single()
        start, count = self.at, 0
        found = self.level(number + 1)
        while word := self.sign(*_LEVELS[number]):
            if number == _EQUAL:
                found = self.bracketed(found, start, self.at - 1)
            start = self.at
            right = self.level(number + 1)
            count += 1
            self.refuse_coercion(word, found, right)
            if number == _EQUAL:
                right = self.bracketed(right, start, self.at)
            found = f"{found} {_SAME[word]} {right}"
        if count > 1 and number in (_EQUAL, _ORDER):
            raise _NotPlain  # FEEL does not compare what a comparison gives.
        return found

    def refuse_coercion(self, sign: str, left: str, right: str) -> None:
        """EL makes numbers of texts that are added, and truths of texts that are compared."""
        if sign == "+" and '"' in left + right:
            raise _NotPlain
        if sign in _LEVELS[_EQUAL] and {left, right} & {'"true"', '"false"'}:
            raise _NotPlain

    def bracketed(self, text: str, start: int, end: int) -> str:
        """A comparison that is compared stands in brackets, for FEEL has one level for both."""
        depth = 0
        for kind, word in self.tokens[start:end]:
            depth += (word == "(") - (word == ")") if kind == "sign" else 0
            if depth == 0 and kind == "sign" and word in _LEVELS[_ORDER]:
                return f"({text})"
        return text

    def single(self) -> str:
        if self.sign("!", "not"):
            # What is null is not true in EL, and its negation is; in FEEL that would be null.
            return f"not({self.single()} = true)"
        if self.sign("-"):
            return f"-{self.single()}"
        if self.sign("("):
            inner = self.choice()
            if not self.sign(")"):
                raise _NotPlain
            return f"({inner})"
        kind, word = self.tokens[self.at]
        if kind not in {"number", "text", "name"}:
            raise _NotPlain
        if kind == "name" and word.partition(".")[0] in _OBJECTS:
            raise _NotPlain
        self.at += 1
        return f'"{word[1:-1]}"' if kind == "text" else word
