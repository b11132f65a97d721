"""Reading regular expressions of XPath into programs for the machine in `patterns`.

The syntax is XML Schema's with XPath's anchors, reluctant quantifiers, groups and flags.
Look-around is refused: XPath has none.
Source: XPath and XQuery Functions 3.1, 5.6.1; XML Schema part 2, appendix F.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.feel.letters import (
    CLASSES,
    Letter,
    PatternError,
    category_test,
    combined,
    negated,
    same_letter,
)

# ("set", Letter) ("split", first, second) ("jump", to) ("save", slot) ("at", kind) ("match",)
# ("again", group, folded)
Step: TypeAlias = tuple[Any, ...]
Tree: TypeAlias = tuple[Any, ...]

MAX_PATTERN = 1_000
MAX_PROGRAM = 3_000
MAX_GROUPS = 40
MAX_DEPTH = 40

DIGITS = tuple("0123456789")
PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
SELF_ESCAPES = frozenset("\\|.-^?*+{}()[]$/\"' ")


@dataclass(frozen=True)
class Program:
    """Steps to run and the number of capture slots: two for the match and two a group.

    refers: whether a step asks for what a group has matched.
    """

    steps: tuple[Step, ...]
    slots: int
    refers: bool


class PatternReader:
    """Recursive descent over the letters of one pattern."""

    def __init__(self, text: str, flags: str) -> None:
        self.text = text
        self.at = 0
        self.flags = flags
        self.groups = 0
        self.closed: set[int] = set()
        self.refers = False
        self.depth = 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        if self.at >= len(self.text):
            raise PatternError("the pattern ends too early")
        self.at += 1
        return self.text[self.at - 1]

    def skip(self, text: str) -> bool:
        if self.text.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def alternatives(self) -> Tree:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise PatternError("groups are nested too deep")
        branches = [self.branch()]
        while self.skip("|"):
            branches.append(self.branch())
        self.depth -= 1
        return branches[0] if len(branches) == 1 else ("either", branches)

    def branch(self) -> Tree:
        pieces: list[Tree] = []
        while self.peek() not in ("", "|", ")"):
            pieces.append(self.quantified(self.atom()))
        return ("all", pieces)

    def quantified(self, atom: Tree) -> Tree:
        bounds = self.bounds()
        if bounds is None:
            return atom
        if atom[0] == "at":
            raise PatternError("an anchor cannot be repeated")
        greedy = not self.skip("?")
        if self.peek() and self.peek() in "*+?{":
            raise PatternError("two quantifiers follow each other")
        return ("repeat", atom, *bounds, greedy)

    def bounds(self) -> tuple[int, int | None] | None:
        """The least and the most repetitions that a quantifier here allows."""
        if self.skip("*"):
            return 0, None
        if self.skip("+"):
            return 1, None
        if self.skip("?"):
            return 0, 1
        if not self.skip("{"):
            return None
        inner, closed, _ = self.text[self.at :].partition("}")
        least, comma, most = inner.partition(",")
        digits = least.isascii() and least.isdigit() and (most == "" or most.isdigit())
        if not closed or not digits or len(inner) > 9:
            raise PatternError("a repetition in braces is malformed")
        self.at += len(inner) + 1
        low = int(least)
        high = (int(most) if most else None) if comma else low
        if high is not None and high < low:
            raise PatternError("a repetition in braces counts down")
        return low, high

    def atom(self) -> Tree:
        letter = self.take()
        if letter == "(":
            return self.group()
        if letter == "[":
            return ("set", self.letter_class())
        if letter == ".":
            return ("set", (lambda c: True) if "s" in self.flags else (lambda c: c not in "\n\r"))
        if letter == "^":
            return ("at", "line start" if "m" in self.flags else "start")
        if letter == "$":
            return ("at", "line end" if "m" in self.flags else "end")
        if letter == "\\":
            return self.again() if self.peek() in DIGITS else ("set", self.escape())
        if letter in "*+?{}])":
            raise PatternError("a sign of the pattern language stands where none may")
        return ("set", self.folded(letter))

    def again(self) -> Tree:
        """A back-reference: the longest number of a group that is closed before it."""
        number = int(self.take())
        while self.peek() in DIGITS and number * 10 + int(self.peek()) <= self.groups:
            number = number * 10 + int(self.take())
        if number not in self.closed:
            raise PatternError("a back-reference names no group before it")
        self.refers = True
        return ("again", number, "i" in self.flags)

    def group(self) -> Tree:
        if self.skip("?:"):
            number = None
        elif self.peek() == "?":
            raise PatternError("look-around and named groups are not run")
        else:
            self.groups += 1
            number = self.groups
            if number > MAX_GROUPS:
                raise PatternError("there are too many groups")
        inner = self.alternatives()
        if not self.skip(")"):
            raise PatternError("a group is not closed")
        if number is None:
            return inner
        self.closed.add(number)
        return ("group", number, inner)

    def folded(self, first: str, last: str | None = None) -> Letter:
        """The test for a letter, or for those from one to another, in either case under flag i.

        Categories and classes such as `\\p{Lu}` know no flag (XPath Functions, 5.6.1.1).
        """
        last = first if last is None else last
        if "i" not in self.flags:
            return lambda letter: first <= letter <= last
        if first == last:
            return lambda letter: same_letter(letter, first)
        return lambda letter: any(
            first <= form <= last for form in (letter, letter.lower(), letter.upper())
        )

    def escape(self) -> Letter:
        letter = self.take()
        if letter in PLAIN_ESCAPES or letter in SELF_ESCAPES:
            return self.folded(PLAIN_ESCAPES.get(letter, letter))
        if letter in "pP":
            return self.category(letter == "P")
        if letter.lower() in CLASSES:
            test = CLASSES[letter.lower()]
            return negated(test) if letter.isupper() else test
        raise PatternError("an escape is unknown")

    def category(self, outside: bool) -> Letter:
        name, closed, _ = self.text[self.at :].partition("}")
        if not name.startswith("{") or not closed:
            raise PatternError("a category is malformed")
        self.at += len(name) + 1
        test = category_test(name[1:])
        return negated(test) if outside else test

    def letter_class(self) -> Letter:
        """What stands between square brackets, with `-[...]` taking letters out."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise PatternError("classes are nested too deep")
        outside = self.skip("^")
        tests: list[Letter] = []
        without: Letter | None = None
        while not self.skip("]") or not (tests or without):
            if tests and self.skip("-["):
                without = self.letter_class()
                if not self.skip("]"):
                    raise PatternError("a class goes on after a subtraction")
                break
            tests.append(self.class_part())
        self.depth -= 1
        return combined(tests, outside, without)

    def class_part(self) -> Letter:
        first = self.take()
        if first == "[":
            raise PatternError("a bracket in a class must be escaped")
        if first == "\\":
            code = self.peek()
            test = self.escape()
            if code not in SELF_ESCAPES and code not in PLAIN_ESCAPES:
                return test
            first = PLAIN_ESCAPES.get(code, code)
        following = self.text[self.at : self.at + 2]
        if not following.startswith("-") or following in ("-]", "-["):
            return self.folded(first)
        self.at += 1
        last = self.take()
        if last == "\\":
            code = self.take()
            if code not in SELF_ESCAPES and code not in PLAIN_ESCAPES:
                raise PatternError("a class of letters cannot end a range")
            last = PLAIN_ESCAPES.get(code, code)
        if last < first:
            raise PatternError("a range of letters runs backwards")
        return self.folded(first, last)


class Emitter:
    """Turns the tree of a pattern into steps, within a bound on their number."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def add(self, *step: Any) -> int:
        if len(self.steps) >= MAX_PROGRAM:
            raise PatternError("the pattern repeats too much")
        self.steps.append(step)
        return len(self.steps) - 1

    def emit(self, tree: Tree) -> None:
        kind = tree[0]
        if kind == "all":
            for piece in tree[1]:
                self.emit(piece)
        elif kind == "either":
            self.either(tree[1])
        elif kind == "group":
            self.add("save", 2 * tree[1])
            self.emit(tree[2])
            self.add("save", 2 * tree[1] + 1)
        elif kind == "repeat":
            self.repeat(*tree[1:])
        else:
            self.add(*tree)

    def either(self, branches: list[Tree]) -> None:
        jumps: list[int] = []
        for branch in branches[:-1]:
            split = self.add("split", 0, 0)
            self.emit(branch)
            jumps.append(self.add("jump", 0))
            self.steps[split] = ("split", split + 1, len(self.steps))
        self.emit(branches[-1])
        for jump in jumps:
            self.steps[jump] = ("jump", len(self.steps))

    def repeat(self, body: Tree, low: int, high: int | None, greedy: bool) -> None:
        for _ in range(low):
            self.emit_bounded(body)
        if high is None:
            split = self.add("split", 0, 0)
            self.emit(body)
            self.add("jump", split)
            self.steps[split] = fork(split + 1, len(self.steps), greedy)
            return
        splits: list[int] = []
        for _ in range(high - low):
            splits.append(self.add("split", 0, 0))
            self.emit_bounded(body)
        for split in splits:
            self.steps[split] = fork(split + 1, len(self.steps), greedy)

    def emit_bounded(self, body: Tree) -> None:
        """One repetition; an empty body takes a step too, or `(){999999999}` would hang."""
        self.emit(body)
        self.add("jump", len(self.steps) + 1)


def fork(inside: int, outside: int, greedy: bool) -> Step:
    return ("split", inside, outside) if greedy else ("split", outside, inside)


def read_pattern(text: str, flags: str) -> Program:
    """The program of a pattern; raises PatternError."""
    if len(text) > MAX_PATTERN or not set(flags) <= set("smixq"):
        raise PatternError("the pattern is too long or a flag is unknown")
    if "q" in flags:
        text = "".join(f"\\{c}" if c in "\\|.-^?*+{}()[]$" else c for c in text)
    elif "x" in flags:
        text = without_blanks(text)
    reader = PatternReader(text, flags)
    tree = reader.alternatives()
    if reader.at < len(text):
        raise PatternError("a parenthesis closes nothing")
    emitter = Emitter()
    emitter.add("save", 0)
    emitter.emit(tree)
    emitter.add("save", 1)
    emitter.add("match")
    return Program(tuple(emitter.steps), 2 * (reader.groups + 1), reader.refers)


def without_blanks(text: str) -> str:
    """The pattern without blanks, but for those between square brackets (flag x)."""
    kept: list[str] = []
    depth = 0
    escaped = False
    for letter in text:
        if letter in " \t\n\r" and not depth:
            continue
        kept.append(letter)
        if not escaped:
            depth += (letter == "[") - (letter == "]" and depth > 0)
        escaped = letter == "\\" and not escaped
    return "".join(kept)
