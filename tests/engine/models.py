"""Generated drawings: nested blocks of tasks, choices, parallel work, loops, sub-processes and
events, with one way in and one way out each.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from hypothesis import strategies as st

LEAVES = (
    "user", "script", "service", "wait", "signal", "undoable", "either", "both", "heard", "called",
)  # fmt: skip
BLOCKS = (
    "seq", "xor", "and", "or", "loop", "sub", "timer", "repeat", "many", "event", "race",
    "when", "undo", "transaction", "adhoc", "declared", "complex", "turns", "fail", "escalate",
    "some", "stop",
)  # fmt: skip


CALLED = """start s
    user a
    xor x
    end e
    end bad error=E
    s > a > x
    x > bad : pick = 2
    x > e : default"""
"""The process "called", which every drawing here may call; the data may make it fail."""


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

    def _undoable(self, block: Block) -> tuple[str, str]:
        """A task with a compensation handler for people."""
        n, b, h = self.name("t"), self.name("b"), self.name("h")
        self.lines += [f"user {n}", f"boundary {b} on={n} compensate=1 handler={h}",
                       f"user {h} undo"]  # fmt: skip
        return n, n

    def _heard(self, block: Block) -> tuple[str, str]:
        """The first of a message and a due date."""
        g, c, d, out = (self.name(p) for p in ("g", "c", "d", "xo"))
        self.lines += [f"events {g}", f"catch {c} message=ask", f"catch {d} timer=PT3H",
                       f"xor {out}", f"{g} > {c} > {out}", f"{g} > {d} > {out}"]  # fmt: skip
        return g, out

    def _called(self, block: Block) -> tuple[str, str]:
        """A process that is called and may end with an error."""
        n, b, out = self.name("k"), self.name("b"), self.name("xo")
        self.lines += [f"call {n} of=called give:pick==pick", f"boundary {b} on={n} error=E",
                       f"xor {out}", f"{n} > {out}", f"{b} > {out}"]  # fmt: skip
        return n, out

    def _either(self, block: Block) -> tuple[str, str]:
        n = self.name("c")
        self.lines.append(f"catch {n} timer=PT1H timer2=PT2H")
        return n, n

    def _both(self, block: Block) -> tuple[str, str]:
        n = self.name("c")
        self.lines.append(f"catch {n} timer=PT1H timer2=PT2H parallel")
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

    def _some(self, block: Block) -> tuple[str, str]:
        """Instances one after the other, of which the data may give up the last."""
        n = self._inside(block, 'times=3 sequential=1 until="pick = 1"')
        return n, n

    def _ending(self, block: Block, event: str) -> str:
        """A sub-process that ends by an event where the data says so."""
        n, start, end = self.name("p"), self.name("is"), self.name("ie")
        x, other = self.name("x"), self.name("oe")
        self.lines += [f"sub {n}  {{", f"start {start}", f"end {end}", f"xor {x}",
                       f"end {other} {event}"]  # fmt: skip
        first, last = self._chain(block.parts)
        self.lines += [f"{start} > {first}", f"{last} > {x}", f"{x} > {end} : default",
                       f"{x} > {other} : pick = 2", "}"]  # fmt: skip
        return n

    def _fail(self, block: Block) -> tuple[str, str]:
        n, b, out = self._ending(block, "error=E"), self.name("b"), self.name("xo")
        self.lines += [f"boundary {b} on={n} error=E", f"xor {out}", f"{n} > {out}",
                       f"{b} > {out}"]  # fmt: skip
        return n, out

    def _escalate(self, block: Block) -> tuple[str, str]:
        n, b, e = self._ending(block, "escalation=L"), self.name("b"), self.name("be")
        self.lines += [f"boundary {b} on={n} escalation=L non", f"end {e}", f"{b} > {e}"]
        return n, n

    def _stop(self, block: Block) -> tuple[str, str]:
        n = self._ending(block, "terminate=1")
        return n, n

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

    def _when(self, block: Block) -> tuple[str, str]:
        """A condition on the data begins something beside the block."""
        n, b, e = self._inside(block, ""), self.name("b"), self.name("be")
        self.lines += [f'boundary {b} on={n} when="pick = 1" non', f"end {e}", f"{b} > {e}"]
        return n, n

    def _undo(self, block: Block) -> tuple[str, str]:
        """The block, and then everything that it completed is undone."""
        first, last = self._chain(block.parts)
        t = self.name("u")
        self.lines += [f"throw {t} compensate=1", f"{last} > {t}"]
        return first, t

    def _transaction(self, block: Block) -> tuple[str, str]:
        """A transaction that the data may cancel at its end."""
        n, start, end = self.name("p"), self.name("is"), self.name("ie")
        x, no, b, out = self.name("x"), self.name("no"), self.name("b"), self.name("xo")
        self.lines += [f"transaction {n} {{", f"start {start}", f"end {end}", f"xor {x}",
                       f"end {no} cancel=1"]  # fmt: skip
        first, last = self._chain(block.parts)
        self.lines += [
            f"{start} > {first}", f"{last} > {x} > {end} : default", f"{x} > {no} : pick = 2", "}",
            f"boundary {b} on={n} cancel=1", f"xor {out}", f"{n} > {out}", f"{b} > {out}",
        ]  # fmt: skip
        place = self.lines.index(f"{last} > {x} > {end} : default")
        self.lines[place : place + 1] = [f"{last} > {x}", f"{x} > {end} : default"]
        return n, out

    def _adhoc(self, block: Block) -> tuple[str, str]:
        """Work in any order, one sub-process for each part."""
        n = self.name("p")
        order = "Sequential" if len(block.parts) > 1 else "Parallel"
        self.lines.append(f"adhoc {n} ordering={order} {{")
        for part in block.parts:
            self._inside(Block("seq", (part,)), "")
        self.lines += [f"user {self.name('t')}", "}"]
        return n, n

    def _declared(self, block: Block) -> tuple[str, str]:
        """A sub-process with a value of its own."""
        n = self._inside(block, "")
        place = self.lines.index(f"sub {n}  {{") + 1
        self.lines.insert(place, f'<dataObject id="{self.name("d")}" name="x"/>')
        return n, n

    def _complex(self, block: Block) -> tuple[str, str]:
        """The first branch to come goes on, the others are eaten."""
        split, join = self.name("fork"), self.name("g")
        self.lines += [f"and {split}", f'complex {join} activation="activationCount >= 1"']
        for part in block.parts:
            first, last = self.write(part)
            self.lines += [f"{split} > {first}", f"{last} > {join}"]
        return split, join

    def _turns(self, block: Block) -> tuple[str, str]:
        n = self._inside(block, "max=2")
        return n, n


def lines(block: Block) -> str:
    """A whole process of one block."""
    writer = Writer()
    first, last = writer.write(block)
    return "\n".join(["start s", *writer.lines, "end e", f"s > {first}", f"{last} > e"])
