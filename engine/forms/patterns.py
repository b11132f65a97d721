"""Regular expressions of form files, matched in time linear in the text.

A pattern comes from whoever drew the form and the text from whoever fills it in; Python's own
matcher may then take years over thirty letters. This one walks all alternatives side by side, so
it knows no look-around and no back-references. The dialect is JavaScript's, which the form editor
uses and FEEL does not: \\d and \\w mean ASCII, `^` and `$` the ends of the text.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Any

from engine.errors import Sentence
from engine.forms.rows import Repeated, Test, matches_row, row_of

MAX_STEPS = 1_000
MAX_REPEAT = 500
MAX_SOURCE = 2_000
END = -1
_NOTHING = "There is nothing to repeat at {at}."


class PatternBroken(Exception):
    """The pattern cannot be read, or uses what cannot be matched in linear time; `problem` says
    where and why.
    """

    def __init__(self, template: str, **fields: Any) -> None:
        self.problem = Sentence(template, fields)
        super().__init__(str(self.problem))


@dataclass(frozen=True)
class Node:
    """One part of a pattern: empty, one, then, either, repeat, start, end, edge, inside.

    sample: a letter that passes the test of a "one".
    """

    kind: str
    parts: tuple[Node, ...] = ()
    test: Test | None = None
    sample: str = ""
    least: int = 0
    most: int | None = None

    def example(self) -> str:
        """A short text that this part matches, look-arounds aside."""
        if self.kind == "one":
            return self.sample
        if self.kind == "then":
            return "".join(part.example() for part in self.parts)
        if self.kind == "either":
            return min((part.example() for part in self.parts), key=len)
        return self.parts[0].example() * self.least if self.kind == "repeat" else ""


Step = tuple[str, Test | None, int, int]
"""("one", test, next, -), ("split", -, one way, other way), ("start"|"end"|..., -, next, -)."""


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern; `source` is its text in the file."""

    source: str
    steps: tuple[Step, ...] = field(compare=False, repr=False)
    example: str = field(compare=False, repr=False)
    row: tuple[Repeated, ...] | None = field(default=None, compare=False, repr=False)

    @classmethod
    def parse(cls, source: str) -> Pattern:
        """Raises PatternBroken."""
        if len(source) > MAX_SOURCE:
            raise PatternBroken(
                "It has {length} signs; {most} are allowed.",
                length=len(source),
                most=MAX_SOURCE,
            )
        reader = _Reader(source)
        node = reader.either()
        if reader.at < len(source):
            raise PatternBroken("The bracket at {at} closes nothing.", at=reader.at + 1)
        steps: list[Step] = []
        _compile(node, steps)
        steps.append(("match", None, END, END))
        return cls(source, tuple(steps), node.example(), row_of(node))

    def matches(self, text: str) -> bool:
        """Whether the pattern is found anywhere in the text, as JavaScript's `test` tells it."""
        if self.row is not None:
            return matches_row(self.row, text)
        alive: set[int] = set()
        for at in range(len(text) + 1):
            alive = self._reach({*alive, 0}, text, at)
            if len(self.steps) - 1 in alive:
                return True
            if at == len(text):
                return False
            letter = text[at]
            alive = {
                onward
                for kind, test, onward, _ in map(self.steps.__getitem__, alive)
                if kind == "one" and test is not None and test(letter)
            }
        return False

    def _reach(self, starts: set[int], text: str, at: int) -> set[int]:
        """All steps that can be reached from the starts without taking a letter."""
        seen: set[int] = set()
        todo = list(starts)
        while todo:
            index = todo.pop()
            if index in seen:
                continue
            seen.add(index)
            kind, _, onward, other = self.steps[index]
            if kind == "split":
                todo += [onward, other]
            elif kind not in ("one", "match") and _stands(kind, text, at):
                todo.append(onward)
        return seen


def _stands(kind: str, text: str, at: int) -> bool:
    if kind == "start":
        return at == 0
    if kind == "end":
        return at == len(text)
    if kind in ("edge", "inside"):
        before = at > 0 and _is_word(text[at - 1])
        after = at < len(text) and _is_word(text[at])
        return (before != after) == (kind == "edge")
    return True


def _compile(node: Node, steps: list[Step]) -> None:
    """Appends the steps of a node; whatever follows it begins at the end of the list."""
    if len(steps) > MAX_STEPS:
        raise PatternBroken("Its repetitions make it too long.")
    if node.kind == "one":
        steps.append(("one", node.test, len(steps) + 1, END))
    elif node.kind == "then":
        for part in node.parts:
            _compile(part, steps)
    elif node.kind == "either":
        _compile_either(node, steps)
    elif node.kind == "repeat":
        _compile_repeat(node, steps)
    elif node.kind != "empty":
        steps.append((node.kind, None, len(steps) + 1, END))


def _compile_either(node: Node, steps: list[Step]) -> None:
    leaves: list[int] = []
    for part in node.parts[:-1]:
        split = len(steps)
        steps.append(("split", None, split + 1, END))
        _compile(part, steps)
        leaves.append(len(steps))
        steps.append(("jump", None, END, END))
        steps[split] = ("split", None, split + 1, len(steps))
    _compile(node.parts[-1], steps)
    for leaf in leaves:
        steps[leaf] = ("jump", None, len(steps), END)


def _compile_repeat(node: Node, steps: list[Step]) -> None:
    part = node.parts[0]
    for _ in range(node.least):
        before = len(steps)
        _compile(part, steps)
        if len(steps) == before:
            break  # What takes no step takes none however often it stands.
    if node.most is None:
        split = len(steps)
        steps.append(("split", None, split + 1, END))
        _compile(part, steps)
        steps.append(("jump", None, split, END))
        steps[split] = ("split", None, split + 1, len(steps))
        return
    splits = []
    for _ in range(node.most - node.least):
        splits.append(len(steps))
        steps.append(("split", None, len(steps) + 1, END))
        _compile(part, steps)
    for split in splits:
        steps[split] = ("split", None, split + 1, len(steps))


def _is_word(letter: str) -> bool:
    return letter.isascii() and (letter.isalnum() or letter == "_")


def _is_digit(letter: str) -> bool:
    return letter in "0123456789"


_CLASSES: dict[str, tuple[Test, str]] = {
    "d": (_is_digit, "0"),
    "D": (lambda letter: not _is_digit(letter), "a"),
    "w": (_is_word, "a"),
    "W": (lambda letter: not _is_word(letter), "-"),
    "s": (str.isspace, " "),
    "S": (lambda letter: not letter.isspace(), "a"),
}
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}


class _Reader:
    """Reads a pattern from left to right; `at` is the offset of the next letter."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.depth = 0

    def peek(self) -> str:
        return self.source[self.at : self.at + 1]

    def take(self, text: str) -> bool:
        if self.source.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def either(self) -> Node:
        parts = [self.then()]
        while self.take("|"):
            parts.append(self.then())
        return parts[0] if len(parts) == 1 else Node("either", tuple(parts))

    def then(self) -> Node:
        parts = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.repeated(self.atom()))
        return Node("then", tuple(parts))

    def repeated(self, node: Node) -> Node:
        least, most = self.count()
        if least is None:
            return node
        self.take("?")
        if self.peek() in ("*", "+", "?") or (self.peek() == "{" and self.count()[0] is not None):
            raise PatternBroken(_NOTHING, at=self.at + 1)
        if node.kind in ("start", "end", "edge", "inside"):
            raise PatternBroken(_NOTHING, at=self.at)
        return Node("repeat", (node,), least=least, most=most)

    def count(self) -> tuple[int | None, int | None]:
        """How often the part before may stand; (None, None) where no count is given."""
        for sign, bounds in {"*": (0, None), "+": (1, None), "?": (0, 1)}.items():
            if self.take(sign):
                return bounds
        if self.peek() != "{":
            return None, None
        closed = self.source.find("}", self.at)
        least, comma, most = self.source[self.at + 1 : closed].partition(",")
        if closed < 0 or not least.isdecimal() or (most and not most.isdecimal()):
            return None, None
        self.at = closed + 1
        low = int(least)
        high = low if not comma else int(most) if most else None
        if max(low, high or 0) > MAX_REPEAT or (high is not None and high < low):
            raise PatternBroken(
                "It repeats from {least} to {most} times; the first must not be more than the"
                " second, and neither more than {limit}.",
                least=least,
                most=most or least,
                limit=MAX_REPEAT,
            )
        return low, high

    def atom(self) -> Node:
        letter = self.peek()
        self.at += 1
        if letter == "(":
            return self.group()
        if letter == "[":
            return self.choice()
        if letter == "\\":
            return self.escaped()
        if letter == ".":
            return Node("one", test=lambda given: given not in "\n\r\u2028\u2029", sample="a")
        if letter in "^$":
            return Node("start" if letter == "^" else "end")
        if letter in "*+?":
            raise PatternBroken(_NOTHING, at=self.at)
        return _exactly(letter)

    def group(self) -> Node:
        if self.peek() == "?" and not self.take("?:") and not self._named():
            raise PatternBroken("Look-ahead and look-behind are not supported.")
        self.depth += 1
        if self.depth > 50:
            raise PatternBroken("Its groups are nested too deep.")
        node = self.either()
        self.depth -= 1
        if not self.take(")"):
            raise PatternBroken("A group in it is not closed.")
        return node

    def _named(self) -> bool:
        if not self.take("?<") or self.peek() in ("=", "!"):
            return False
        self.at = self.source.find(">", self.at) + 1
        return self.at > 0

    def escaped(self) -> Node:
        letter = self.peek()
        if letter in ("b", "B"):
            self.at += 1
            return Node("edge" if letter == "b" else "inside")
        if letter.isdigit() and letter != "0":
            raise PatternBroken("References to earlier groups are not supported.")
        test, sample = self.one_escaped()
        return Node("one", test=test, sample=sample)

    def one_escaped(self) -> tuple[Test, str]:
        letter = self.peek()
        self.at += 1
        if letter == "":
            raise PatternBroken("The pattern ends in a backslash.")
        if letter in _CLASSES:
            return _CLASSES[letter]
        if letter in "pP" and self.peek() == "{":
            return self.property(letter == "P")
        if letter in "xu":
            length = 2 if letter == "x" else 4
            digits = self.source[self.at : self.at + length]
            if len(digits) == length and all(d in "0123456789abcdefABCDEF" for d in digits):
                self.at += length
                return _same(chr(int(digits, 16)))
        return _same(_CONTROLS.get(letter, letter))

    def property(self, negated: bool) -> tuple[Test, str]:
        r"""\p{L} and the other general categories of Unicode, so that đ and ữ are letters."""
        closed = self.source.find("}", self.at)
        name = self.source[self.at + 1 : closed]
        if closed < 0 or not name or name[0] not in "LMNPSZC" or len(name) > 2:
            raise PatternBroken("There is no kind of letter “{name}” after \\p.", name=name)
        self.at = closed + 1
        sample = {"L": "a", "Lu": "A", "Ll": "a", "N": "0", "Nd": "0", "P": ".", "Z": " "}
        return (
            lambda letter: unicodedata.category(letter).startswith(name) != negated,
            "-" if negated else sample.get(name, "a"),
        )

    def choice(self) -> Node:
        negated = self.take("^")
        tests: list[Test] = []
        samples: list[str] = []
        while not self.take("]"):
            if self.at >= len(self.source):
                raise PatternBroken("A class [...] in it is not closed.")
            test, sample = self.member()
            tests.append(test)
            samples.append(sample)
        held = tuple(tests)
        if negated:
            free = next((c for c in "aA0-_ đ" if not any(test(c) for test in held)), "")
            return Node("one", test=lambda c: not any(t(c) for t in held), sample=free)
        any_of = held[0] if len(held) == 1 else lambda c: any(t(c) for t in held)
        return Node("one", test=any_of, sample=(*samples, "")[0])

    def member(self) -> tuple[Test, str]:
        is_kind = self.peek() == "\\" and self.source[self.at + 1 : self.at + 2] in {
            *_CLASSES,
            "p",
        }
        test, low = self.single()
        upcoming = self.source[self.at + 1 : self.at + 2]
        if is_kind or self.peek() != "-" or upcoming in ("]", ""):
            return test, low
        self.at += 1
        _, high = self.single()
        if high < low:
            raise PatternBroken("The range {low}-{high} runs backwards.", low=low, high=high)
        return (lambda letter: low <= letter <= high), low

    def single(self) -> tuple[Test, str]:
        letter = self.peek()
        self.at += 1
        if letter != "\\":
            return _same(letter)
        if self.take("b"):
            return _same("\b")
        return self.one_escaped()


def _same(letter: str) -> tuple[Test, str]:
    return (lambda given: given == letter), letter


def _exactly(letter: str) -> Node:
    test, sample = _same(letter)
    return Node("one", test=test, sample=sample)
