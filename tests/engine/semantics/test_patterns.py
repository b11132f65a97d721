"""The control-flow patterns 21 to 43 of van der Aalst and others, drawn in BPMN 2.0.

Patterns 1 to 20 are what the other tests here are made of. Each case is a drawing of
`tests.engine.drawings`, what happens to it, and the elements that are entered, in this order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.simulation import Advance, Send, simulate
from tests.engine.drawings import text


@dataclass(frozen=True)
class Pattern:
    """entered: ids in order; waits: where it rests, nothing when it is completed."""

    name: str
    lines: str
    entered: str
    waits: str = ""
    options: tuple[Send | Advance, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)


def joined(condition: str) -> str:
    """Three branches and a complex gateway; d comes after it."""
    return (
        "start s\nand f\nuser a\nuser b\nuser c\n"
        f'complex j activation="{condition}"\nuser d\nend e\n'
        "s > f\nf > a > j\nf > b > j\nf > c > j\nj > d > e"
    )


OPEN = "wait"
PATTERNS = [
    Pattern("21 structured loop: after a test that comes last",
            'start s\nscript a loop="n < 3" feel={n:n+1}\nend e\ns > a > e', "s a a a e",
            data={"n": 0}),
    Pattern("21 structured loop: before a test that comes first",
            'start s\nscript a loop="n < 3" before=1 feel={n:n+1}\nend e\ns > a > e', "s a e",
            data={"n": 3}),
    Pattern("22 recursion: a process calls itself until its data says enough",
            'start s\nscript d feel={n:n-1}\nxor x\ncall c of=proc give:n="=n"\nend e\n'
            "s > d > x\nx > c : n > 0\nx > e : default\nc > e", "s d x c s d x c s d x e e e",
            data={"n": 3}),
    Pattern("23 transient trigger: a signal that nobody waits for is lost",
            "start s\ncatch t timer=PT1H\ncatch c signal=Go\nend e\ns > t > c > e", "s t c",
            waits="c", options=(Send("Go"), Advance("PT1H"))),
    Pattern("24 persistent trigger: a message that nobody waits for is kept",
            "start s\ncatch t timer=PT1H\ncatch c message=Go\nend e\ns > t > c > e", "s t c e",
            options=(Send("Go"), Advance("PT1H"))),
    Pattern("25 cancel region: one signal ends some of what runs",
            "start s\nand f\nuser a\nuser b\nuser c\nboundary x on=a signal=R\n"
            "boundary y on=b signal=R\nend e\nend g\ns > f\nf > a > e\nf > b > e\nf > c > e\n"
            "x > g\ny > g", "s f a b c x y g g e", options=(Send("R"),)),
    Pattern("26 cancel multiple instances: all that are left end together",
            "start s\nuser a times=3\nboundary b on=a message=C\nend e\nend g\ns > a > e\nb > g",
            "s a a a b g", options=(Send("C"),), answers={"a": [{}, OPEN, OPEN]}),
    Pattern("27 complete multiple instances: those that are left are given up",
            'start s\nuser a times=3 until="stop = true"\nuser b\nend e\ns > a > b > e',
            "s a a a b e", answers={"a": [{"stop": True}, OPEN]}),
    Pattern("28 blocking discriminator: the first goes on, the next round waits for the last",
            "start s\nxor m\nand f\nuser a\nuser b\n"
            'complex j activation="activationCount >= 1"\nuser d\nxor x\nend e\ns > m > f\n'
            "f > a > j\nf > b > j\nj > d > x\nx > m : n = 1\nx > e : default",
            "s m f a b j d x m f a b j", waits="b b",
            answers={"b": OPEN, "d": [{"n": 1}, {"n": 0}]}),
    Pattern("29 cancelling discriminator: the first ends the others",
            "start s\nsub p {\nstart ps\nand f\nuser a\nuser b\nend x terminate=1\nps > f\n"
            "f > a > x\nf > b > x\n}\nuser d\nend e\ns > p > d > e", "s p ps f a b x d e",
            answers={"b": OPEN}),
    Pattern("30 structured partial join: two of three",
            joined("activationCount >= 2"), "s f a b c j d e", waits="c", answers={"c": OPEN}),
    Pattern("31 blocking partial join: what comes late is taken in and goes no further",
            joined("activationCount >= 2"), "s f a b c j d j e"),
    Pattern("32 cancelling partial join",
            "start s\nsub p {\nstart ps\nand f\nuser a\nuser b\nuser c\n"
            'complex j activation="activationCount >= 2"\nend x terminate=1\nps > f\nf > a > j\n'
            "f > b > j\nf > c > j\nj > x\n}\nuser d\nend e\ns > p > d > e",
            "s p ps f a b c j x d e", answers={"c": OPEN}),
    Pattern("33 generalised join: it looks at flows, not at where the tokens come from",
            "start s\nand f\nuser a\nuser b\nxor x\nuser c\nand j\nend e\ns > f\nf > a > j\n"
            "f > b > x\nx > c : n = 1\nx > j : default\nc > j\nj > e", "s f a b j x", waits="j j"),
    Pattern("34 static partial join of instances",
            'start s\nuser a times=3 until="numberOfCompletedInstances = 2"\nuser d\nend e\n'
            "s > a > d > e", "s a a a d e", answers={"a": [{}, {}, OPEN]}),
    Pattern("36 dynamic partial join of instances: their number is in the data",
            'start s\nuser a each=who until="numberOfCompletedInstances >= need"\nend e\n'
            "s > a > e", "s a a a a e", data={"who": [1, 2, 3, 4], "need": 2},
            answers={"a": [{}, {}, OPEN]}),
    Pattern("37 local synchronising merge: it waits for the branches that were taken",
            "start s\nor f\nuser a\nuser b\nuser c\nor j\nend e\ns > f\nf > a : true\n"
            "f > b : true\nf > c : false\na > j\nb > j\nc > j\nj > e", "s f a b j e"),
    Pattern("38 general synchronising merge: it waits for a branch that goes round once more",
            "start s\nor f\nxor m\nuser a\nxor x\nuser b\nor j\nend e\ns > f\nf > m : true\n"
            "f > b : true\nm > a > x\nx > m : n = 1\nx > j : default\nb > j\nj > e",
            "s f m b a j x m a x e", answers={"a": [{"n": 1}, {"n": 0}]}),
    Pattern("39 critical section: two sequences never run at the same time",
            "start s\nadhoc p ordering=Sequential {\nsub x {\nuser x1\nuser x2\nx1 > x2\n}\n"
            "sub y {\nuser y1\nuser y2\ny1 > y2\n}\n}\nend e\ns > p > e",
            "s p x x1 x2 y y1 y2 e"),
    Pattern("40 interleaved routing: each once, one at a time",
            "start s\nadhoc p ordering=Sequential {\nuser a\nuser b\nuser c\n}\nend e\ns > p > e",
            "s p a b c e"),
    Pattern("41 thread merge: three tokens go on as one",
            "start s\nuser a gives=3\nuser c needs=3\nend e\ns > a > c > e", "s a c e"),
    Pattern("42 thread split: one token goes on as three",
            "start s\nuser a gives=3\nuser c\nend e\ns > a > c > e", "s a c c c e e e"),
    Pattern("43 explicit termination: what still runs is given up",
            "start s\nand f\nuser a\nuser b\nend x terminate=1\nend y\ns > f\nf > a > x\n"
            "f > b > y", "s f a b x", answers={"b": OPEN}),
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS, ids=[p.name for p in PATTERNS])
def test_pattern(pattern: Pattern):
    found = simulate(
        text(pattern.lines),
        data=pattern.data,
        answers=pattern.answers,
        options=list(pattern.options),
    )
    assert found.error is None
    assert " ".join(found.entered) == pattern.entered
    assert " ".join(w["element"] for w in found.waiting) == pattern.waits
    assert found.state == ("waiting" if pattern.waits else "completed")
