"""Generated drawings: blocks of tasks, choices, parallel work, loops, sub-processes and events,
nested.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from hypothesis import strategies as st

LEAVES = ("user", "script", "service", "wait", "signal")
BLOCKS = ("seq", "xor", "and", "or", "loop", "sub", "timer", "repeat", "many", "event", "race")


@dataclass(frozen=True)
class Block:
    """A part of a drawing with one way in and one way out."""

    kind: str
    parts: tuple[Block, ...] = ()


def blocks(depth: int = 3) -> st.SearchStrategy[Block]:
    """Blocks nested up to `depth`."""
    leaf = st.sampled_from(LEAVES).map(Block)
    if depth == 0:
        return leaf
    inner = st.lists(blocks(depth - 1), min_size=1, max_size=3).map(tuple)
    nested = st.builds(Block, st.sampled_from(BLOCKS), inner)
    return st.one_of(leaf, nested, nested)


@dataclass
class Writer:
    """Writes a block as the lines that `drawings` reads."""

    lines: list[str] = field(default_factory=list)
    numbers: itertools.count = field(default_factory=itertools.count)

    def name(self, prefix: str) -> str:
        return f"{prefix}{next(self.numbers)}"

    def write(self, block: Block) -> tuple[str, str]:
        """Its first and last element."""
        return getattr(self, f"_{block.kind}", self._leaf)(block)

    def _leaf(self, block: Block) -> tuple[str, str]:
        n = self.name("t")
        text = {
            "user": f"user {n}",
            "script": f'script {n} feel="(if x = null then 0 else x) + 1" resultVariable=x',
            "service": f'service {n} topic=near out:got="=result.v"',
            "wait": f"catch {n} timer=PT1H",
            "signal": f"throw {n} signal=go",
        }
        self.lines.append(text[block.kind])
        return n, n

    def _chain(self, parts: tuple[Block, ...]) -> tuple[str, str]:
        ends = [self.write(part) for part in parts]
        self.lines += [f"{a[1]} > {b[0]}" for a, b in itertools.pairwise(ends)]
        return ends[0][0], ends[-1][1]

    def _seq(self, block: Block) -> tuple[str, str]:
        return self._chain(block.parts)

    def _split(self, block: Block, kind: str, condition: str) -> tuple[str, str]:
        split, join = self.name("way"), self.name("j")
        self.lines += [f"{kind} {split}", f"{kind} {join}"]
        for index, part in enumerate(block.parts):
            first, last = self.write(part)
            tail = "" if kind == "and" else f" : {condition.format(index)}"
            if kind != "and" and index == len(block.parts) - 1:
                tail = " : default"
            self.lines += [f"{split} > {first}{tail}", f"{last} > {join}"]
        return split, join

    def _xor(self, block: Block) -> tuple[str, str]:
        return self._split(block, "xor", "pick = {}")

    def _and(self, block: Block) -> tuple[str, str]:
        return self._split(block, "and", "")

    def _or(self, block: Block) -> tuple[str, str]:
        return self._split(block, "or", "pick >= {}")

    def _loop(self, block: Block) -> tuple[str, str]:
        merge, again, out, ask = (self.name(p) for p in ("m", "x", "o", "q"))
        self.lines += [f"xor {merge}", f"user {ask}", f"xor {again}", f"task {out}"]
        first, last = self._chain(block.parts)
        self.lines += [
            f"{merge} > {first}", f"{last} > {ask} > {again}",
            f"{again} > {merge} : again = true", f"{again} > {out} : default",
        ]  # fmt: skip
        return merge, out

    def _inside(self, block: Block, head: str) -> str:
        n, start, end = self.name("p"), self.name("is"), self.name("ie")
        self.lines += [f"sub {n} {head} {{", f"start {start}", f"end {end}"]
        first, last = self._chain(block.parts)
        self.lines += [f"{start} > {first}", f"{last} > {end}", "}"]
        return n

    def _sub(self, block: Block) -> tuple[str, str]:
        n = self._inside(block, "")
        return n, n

    def _many(self, block: Block) -> tuple[str, str]:
        n = self._inside(block, "times=2")
        return n, n

    def _bounded(self, block: Block, head: str) -> tuple[str, str]:
        n, b, out = self._inside(block, ""), self.name("b"), self.name("xo")
        self.lines += [f"boundary {b} on={n} {head}", f"xor {out}", f"{n} > {out}", f"{b} > {out}"]
        return n, out

    def _timer(self, block: Block) -> tuple[str, str]:
        return self._bounded(block, "timer=PT2H")

    def _repeat(self, block: Block) -> tuple[str, str]:
        n, b, e = self._inside(block, ""), self.name("b"), self.name("be")
        self.lines += [f"boundary {b} on={n} cycle=R2/PT2H non", f"end {e}", f"{b} > {e}"]
        return n, n

    def _event(self, block: Block) -> tuple[str, str]:
        n, listener, note = self._inside(block, ""), self.name("h"), self.name("n")
        inner = [f"sub {listener} byevent {{", f"start {note} signal=go non",
                 f"end {note}e", f"{note} > {note}e", "}"]  # fmt: skip
        place = self.lines.index(f"sub {n}  {{") + 1
        self.lines[place:place] = inner
        return n, n

    def _race(self, block: Block) -> tuple[str, str]:
        g, out = self.name("g"), self.name("xo")
        self.lines += [f"events {g}", f"xor {out}"]
        for index, part in enumerate(block.parts):
            c = self.name("c")
            self.lines.append(f"catch {c} timer=PT{index + 1}H")
            first, last = self.write(part)
            self.lines += [f"{g} > {c} > {first}", f"{last} > {out}"]
        return g, out


def lines(block: Block) -> str:
    """A whole process of one block."""
    writer = Writer()
    first, last = writer.write(block)
    return "\n".join(["start s", *writer.lines, "end e", f"s > {first}", f"{last} > e"])
