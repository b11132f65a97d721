"""The cursor that the grammar moves over the tokens of one text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeAlias, TypeVar

from engine.feel.errors import FeelSyntaxError
from engine.feel.names import BROKEN_BY_KEYWORDS, KEYWORDS, Bindings, KnownNames, normal, special
from engine.feel.tokens import Token, tokenize
from engine.feel.tree import Mistake, Node

# Both bound the stack of whoever walks the tree; drawings stay far below.
MAX_NESTING = 40
MAX_HEIGHT = 100

# The names that are known from the context, those of the functions lent, of declared types, and of
# fields: these are known after a dot and in a filter only.
Vocabulary: TypeAlias = tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]

# By whether the text ends here, and whether something certain is missing.
UNEXPECTED = {
    (True, True): "The expression ends too early; “{wanted}” is missing.",
    (True, False): "The expression ends too early.",
    (False, True): "“{found}” is not expected here; “{wanted}” is missing.",
    (False, False): "“{found}” is not expected here.",
}

# What people write who come from other languages, around the place where reading stops.
SLIPS = (
    (re.compile(r"=="), "FEEL compares by one sign: write = instead of ==."),
    (re.compile(r"&&"), "Write “and” instead of &&."),
    (re.compile(r"\|\|"), "Write “or” instead of ||."),
    (re.compile(r"!(?!=)"), "Write not(…) instead of the sign !."),
    (re.compile(r"\?"), "Write “if … then … else …” instead of the signs ? and :."),
    (re.compile(r"(?<=[0-9]),(?=[0-9])"), "A decimal number has a point, not a comma: 0.5."),
    (re.compile(r"'[^']*'|“[^”]*”|‘[^’]*’"), 'A text stands in straight double quotes: "…".'),
)

SIGNS = frozenset(("+", "-", "*", "**", "/", ".", "'"))

N = TypeVar("N", bound=Node)


class Grammar(NamedTuple):
    """How to read an expression, an operand of a comparison, and the rest of an operand."""

    expression: Callable[[Reader], Node]
    operand: Callable[[Reader], Node]
    operand_after: Callable[[Reader, Node], Node]


class Reader:
    """Tokens with a position, the known names, and what the names read so far refer to."""

    def __init__(
        self,
        text: str,
        vocabulary: Vocabulary,
        grammar: Grammar,
    ) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.at = 0
        self.nesting = 0
        names, functions, types, fields = vocabulary
        self.fields = KnownNames(text, special(fields))
        self.types = KnownNames(text, types)
        self.known = KnownNames(text, special(names, functions, BROKEN_BY_KEYWORDS))
        self.bindings = Bindings(names)
        self.asks = False
        self.open_range = False
        self.expression = grammar.expression
        self.operand = grammar.operand
        self.operand_after = grammar.operand_after

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def is_mark(self, *texts: str) -> bool:
        token = self.token
        return token.kind == "mark" and token.text in texts

    def is_word(self, text: str) -> bool:
        token = self.token
        return token.kind == "word" and token.text == text

    def take(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.at += 1
        return token

    def take_mark(self, text: str) -> bool:
        """Step over a mark if it comes next."""
        if self.is_mark(text):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> Token:
        """Step over a mark or keyword that must come next."""
        token = self.token
        if token.kind not in ("mark", "word") or token.text != text:
            raise self.unexpected(text)
        return self.take()

    def unexpected(self, wanted: str | None = None) -> FeelSyntaxError:
        """The error that says what stands here and what was wanted instead."""
        token = self.token
        for start in (token.start, token.start - 1):
            for pattern, words in SLIPS if start >= 0 else ():
                found = pattern.match(self.text, start)
                if found is not None and found.end() > token.start:
                    return FeelSyntaxError(words, position=start)
        if token.kind == "other" and token.text in "\"'“”‘’":
            return FeelSyntaxError(
                'A text begins with {found} and does not end; write it in straight quotes: "…".',
                position=token.start,
                found=token.text,
            )
        message = UNEXPECTED[token.kind == "end", wanted is not None]
        return FeelSyntaxError(
            message, position=token.start, found=token.text, wanted=wanted or ""
        )

    def mistake(self, problem: FeelSyntaxError) -> Mistake:
        """A null in the place of what the grammar allows and no value can be made of."""
        self.bindings.mistakes.append(problem)
        return Mistake(problem.position or 0, problem.sentence)

    def grow(self, node: N, *children: Node | None) -> N:
        """The node with height and weight set; refuses a tree too high to walk safely."""
        node.height = 1 + max((child.height for child in children if child), default=0)
        node.weight = 1 + sum(child.weight for child in children if child)
        if node.height > MAX_HEIGHT:
            raise FeelSyntaxError(
                "The expression is nested more than {limit} levels deep; split it up.",
                position=node.position,
                limit=MAX_HEIGHT,
            )
        return node

    @contextmanager
    def nested(self) -> Iterator[None]:
        """One level of nesting of the text, bounded."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise FeelSyntaxError(
                "The expression is nested more than {limit} levels deep; split it up.",
                position=self.token.start,
                limit=MAX_NESTING,
            )
        yield
        self.nesting -= 1

    @contextmanager
    def binding(self, *names: str) -> Iterator[set[str]]:
        """Names bound here are not free in what is read meanwhile."""
        bound = set(names)
        self.bindings.locals.append(bound)
        yield bound
        self.bindings.locals.pop()

    def known_name(self, *, is_key: bool = False) -> str | None:
        """Step over the longest known name that begins here and ends with a token."""
        at = self.at
        name = self.longest(self.fields) if is_key or self.bindings.filters else None
        name = name or self.longest(self.known)
        if name in BROKEN_BY_KEYWORDS and self.token.text != "(":
            self.at = at
            return None
        return name

    def declared_type(self) -> str | None:
        """Step over the longest name of a declared type that begins here."""
        return self.longest(self.types)

    def longest(self, known: KnownNames) -> str | None:
        start = self.token.start
        end = known.end_of_match(start)
        if end is None:
            return None
        at = self.at
        while self.tokens[at].kind != "end" and self.tokens[at].end < end:
            at += 1
        if self.tokens[at].end != end:
            return None
        self.at = at + 1
        return normal(self.text[start:end])

    def name(self, *, is_key: bool = False) -> str | None:
        """Step over a name: a known one, one in backquotes, or all plain words that follow."""
        if self.token.kind == "quoted":
            return normal(self.take().text[1:-1])
        known = self.known_name(is_key=is_key)
        if known is not None:
            return known
        if self.token.kind != "word" or self.token.text in KEYWORDS:
            return None
        words = [self.take().text]
        while self.continues_name():
            words.append(self.take().text)
        return normal(" ".join(words))

    def continues_name(self) -> bool:
        token = self.token
        if token.kind == "word":
            return token.text not in KEYWORDS
        return token.kind == "number" and token.text.isdigit()

    def expect_name(self) -> str:
        name = self.name()
        if name is None:
            raise self.unexpected()
        return name

    def new_name(self, *ends: str) -> str | None:
        """Step over a name that is made here, if one of `ends` follows it.

        Nothing can be computed in its place: signs of operators are letters of it (`a+b`).
        """
        if self.token.kind == "quoted" and self.peek().text in ends:
            return normal(self.take().text[1:-1])
        ahead = 0
        while self.peek(ahead).text not in ends and named_by(self.peek(ahead)):
            ahead += 1
        if ahead == 0 or self.token.kind != "word" or self.peek(ahead).text not in ends:
            return None
        first, last = self.token, self.peek(ahead - 1)
        self.at += ahead
        return normal(self.text[first.start : last.end])

    def expect_new_name(self, *ends: str) -> str:
        name = self.new_name(*ends)
        return self.expect_name() if name is None else name


def named_by(token: Token) -> bool:
    """Whether a token may stand within a name. Source: DMN 1.5, 10.3.1.2, rules 27 to 30."""
    return token.kind in ("word", "number") or token.text in SIGNS
