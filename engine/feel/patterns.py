"""Regular expressions that cannot hang: a machine that tries all ways at once.

Python's `re` goes back and tries again, so that `(a+)+$` on forty letters runs for years, and no
inspection of a pattern finds all such cases. This machine (Thompson's, with Pike's captures) keeps
one thread for each place in the pattern: letters times places is the most it does, both are
bounded, and each round is counted in the budget of the run.

A pattern with back-references (`(a+)\\1`) cannot run so, since what a group holds decides what
follows. It goes back and tries again, never twice from one place with the same captures, and each
try is counted: what would hang is a FeelBudgetExceeded.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

from engine.feel.letters import PatternError, same_letter
from engine.feel.pattern_syntax import Program, read_pattern
from engine.feel.runtime import Run

__all__ = ["PatternError", "compile_pattern", "find_all", "substitute"]

# Where each group begins and ends; None for a group that took no part.
Captures: TypeAlias = tuple[int | None, ...]

compile_pattern = lru_cache(maxsize=512)(read_pattern)


def find_all(run: Run, program: Program, text: str) -> Iterator[Captures]:
    """Matches from left to right that do not overlap; an empty match moves on by one letter."""
    run.check_letters(len(text))
    at = 0
    while at <= len(text):
        found = find(run, program, text, at)
        if found is None:
            return
        yield found
        end = found[1]
        at = at + 1 if end is None else end + (end == found[0])


class Round:
    """The threads that stand at one letter, in the order of their rank.

    `threads` holds (place in the program, captures); `seen` the places reached, whichever kind.
    """

    __slots__ = ("at", "program", "seen", "text", "threads")

    def __init__(self, program: Program, text: str, at: int) -> None:
        self.program = program
        self.text = text
        self.at = at
        self.threads: list[tuple[int, Captures]] = []
        self.seen: set[int] = set()

    def follow(self, place: int, captures: Captures) -> None:
        """Add a thread at each step that consumes a letter and is reached without one."""
        stack = [(place, captures)]
        while stack:
            place, captures = stack.pop()
            if place in self.seen:
                continue
            self.seen.add(place)
            step = self.program.steps[place]
            kind = step[0]
            if kind == "jump":
                stack.append((step[1], captures))
            elif kind == "split":
                stack.append((step[2], captures))
                stack.append((step[1], captures))
            elif kind == "save":
                slot = step[1]
                stack.append((place + 1, (*captures[:slot], self.at, *captures[slot + 1 :])))
            elif kind == "at":
                if holds(step[1], self.text, self.at):
                    stack.append((place + 1, captures))
            else:
                self.threads.append((place, captures))

    def advance(self) -> tuple[Round, Captures | None]:
        """All threads one letter on; one that has matched ends those of lower rank."""
        following = Round(self.program, self.text, self.at + 1)
        letter = self.text[self.at : self.at + 1]
        for place, captures in self.threads:
            step = self.program.steps[place]
            if step[0] == "match":
                return following, captures
            if letter and step[1](letter):
                following.follow(place + 1, captures)
        return following, None


def find(run: Run, program: Program, text: str, start: int) -> Captures | None:
    """The leftmost match from `start` on, alternatives and quantifiers in their order."""
    if program.refers:
        return find_again(run, program, text, start)
    best: Captures | None = None
    empty: Captures = (None,) * program.slots
    here = Round(program, text, start)
    while here.at <= len(text):
        if best is None:
            here.follow(0, empty)
        run.charge(1 + len(here.seen))
        if best is not None and not here.threads:
            break
        here, matched = here.advance()
        best = matched or best
    return best


def find_again(run: Run, program: Program, text: str, start: int) -> Captures | None:
    """The same for a pattern with back-references, one way after the other."""
    for first in range(start, len(text) + 1):
        tried: set[tuple[int, int, Captures]] = set()
        ways: list[tuple[int, int, Captures]] = [(0, first, (None,) * program.slots)]
        while ways:
            way = ways.pop()
            if way in tried:
                continue
            tried.add(way)
            run.charge(2)
            if program.steps[way[0]][0] == "match":
                return way[2]
            ways += onward(run, program, text, way)
    return None


def onward(
    run: Run, program: Program, text: str, way: tuple[int, int, Captures]
) -> list[tuple[int, int, Captures]]:
    """Where a step leads from here, the way to be tried first at the end."""
    place, at, captures = way
    step = program.steps[place]
    kind = step[0]
    if kind == "jump":
        return [(step[1], at, captures)]
    if kind == "split":
        return [(step[2], at, captures), (step[1], at, captures)]
    if kind == "save":
        return [(place + 1, at, (*captures[: step[1]], at, *captures[step[1] + 1 :]))]
    if kind == "again":
        begin, end = captures[2 * step[1] : 2 * step[1] + 2]
        # A group that took no part stands for the empty text (XPath Functions, 5.6.1).
        held = "" if begin is None or end is None else text[begin:end]
        run.charge(len(held) // 8)
        found = text[at : at + len(held)]
        fits = found == held or (step[2] and same_text(found, held))
        return [(place + 1, at + len(held), captures)] if fits else []
    if kind == "at":
        return [(place + 1, at, captures)] if holds(step[1], text, at) else []
    return [(place + 1, at + 1, captures)] if at < len(text) and step[1](text[at]) else []


def same_text(one: str, other: str) -> bool:
    return len(one) == len(other) and all(map(same_letter, one, other))


def holds(anchor: str, text: str, at: int) -> bool:
    if anchor == "start":
        return at == 0
    if anchor == "end":
        return at == len(text)
    if anchor == "line start":
        return at == 0 or text[at - 1] == "\n"
    return at == len(text) or text[at] == "\n"


def substitute(run: Run, program: Program, text: str, replacement: str) -> str:
    """The text with each match replaced; raises PatternError as XPath does.

    A pattern that matches nothing at all has no place to replace (FORX0003).
    """
    parts: list[str] = []
    last = letters = 0
    for found in find_all(run, program, text):
        start, end = found[0] or 0, found[1] or 0
        if start == end:
            raise PatternError("the pattern matches nothing at all")
        parts += (text[last:start], filled(replacement, text, found))
        letters += start - last + len(parts[-1])
        run.check_letters(letters)
        last = end
    parts.append(text[last:])
    return "".join(parts)


def filled(replacement: str, text: str, found: Captures) -> str:
    """The replacement of one match: `$1` is its first group, `\\$` and `\\\\` are signs."""
    if "$" not in replacement and "\\" not in replacement:
        return replacement
    out: list[str] = []
    at = 0
    while at < len(replacement):
        letter = replacement[at]
        following = replacement[at + 1 : at + 2]
        if letter == "\\":
            if following not in ("\\", "$"):
                raise PatternError("a backslash escapes nothing")
            out.append(following)
            at += 2
        elif letter == "$":
            group, at = group_number(replacement, at + 1, len(found) // 2 - 1)
            start, end = found[2 * group : 2 * group + 2] if group is not None else (None, None)
            out.append("" if start is None or end is None else text[start:end])
        else:
            out.append(letter)
            at += 1
    return "".join(out)


def group_number(replacement: str, at: int, groups: int) -> tuple[int | None, int]:
    """The longest number of a group that exists, and where the text goes on."""
    if not replacement[at : at + 1].isdigit():
        raise PatternError("a dollar sign names no group")
    number = int(replacement[at])
    at += 1
    while replacement[at : at + 1].isdigit() and number * 10 + int(replacement[at]) <= groups:
        number = number * 10 + int(replacement[at])
        at += 1
    return (number if number <= groups else None), at
