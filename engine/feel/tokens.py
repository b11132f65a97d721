"""Cutting FEEL text into tokens.

Words are Unicode words with their combining marks, so that Vietnamese letters count in either
normal form; which words form one name is for the parser to say.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.feel.errors import FeelSyntaxError

MAX_TEXT = 20_000

TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<word>(?:[^\W\d]|[\U00010000-\U000effff])(?:[\w\u0300-\u036f]|[\U00010000-\U000effff])*)
    |(?P<temporal>@\s*"(?:[^"\\]|\\.)*")
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<quoted>`[^`]+`)
    |(?P<mark>\.\.|\*\*|<=|>=|!=|->|[-+*/<>=()\[\]{},:.?])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|.)", re.DOTALL)
ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class Token(NamedTuple):
    """kind: number, word, quoted, string, temporal, mark, other or end; `text` as written."""

    kind: str
    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """The tokens of a text, closed by one of kind "end"; raises FeelSyntaxError if too long."""
    if len(text) > MAX_TEXT:
        raise FeelSyntaxError(
            "The expression has {count} letters; {limit} are allowed.",
            position=MAX_TEXT,
            count=len(text),
            limit=MAX_TEXT,
        )
    tokens = [
        Token(found.lastgroup or "other", found[0], found.start(), found.end())
        for found in TOKEN.finditer(text)
        if found.lastgroup != "space"
    ]
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


def unquote(token: Token) -> str:
    r"""The text inside a string token. An unknown escape stays, so that "\d+" is a pattern."""
    inner = token.text[token.text.index('"') + 1 : -1]
    if "\\" not in inner:
        return inner
    try:
        plain = ESCAPE.sub(lambda found: unescape(found[1]), inner)
        return SURROGATES.sub(lambda pair: joined(pair[0]), plain)
    except ValueError:
        raise FeelSyntaxError(
            "The text has an escape that names no letter.", position=token.start
        ) from None


def unescape(code: str) -> str:
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return ESCAPED.get(code, f"\\{code}")


def joined(pair: str) -> str:
    r"""Two halves `\uD83D\uDE00` as the one letter that they encode."""
    return pair.encode("utf-16", "surrogatepass").decode("utf-16")
