"""`patterns`: whole cases of the control-flow patterns by which engines are compared.

Two scripts in sequence, an exclusive choice, an explicit termination, a parallel split and join, a
cycle of ten, three user tasks: each from its start to its end, durable wherever it rests. Stock
saves where ours does: once for a case that needs nobody, and once more a task.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from engine import Engine
from engine.tables import Case
from tests.bench import procedure
from tests.bench.figures import Bar, Figure, Sheet, ratios, timed
from tests.bench.places import Place
from tests.bench.procedure import WRITER
from tests.bench.stock import Stock

BAR = Bar(">=", 1)
PATTERNS = {
    "sequence": """start s
        script one resultVariable=n feel="1 + 1"
        script two resultVariable=m feel="n + 1"
        end e
        s > one > two > e""",
    "choice": """start s
        script one resultVariable=n feel="1 + 1"
        xor x
        script two resultVariable=m feel="n + 1"
        script three resultVariable=m feel="n + 2"
        end e
        s > one > x
        x > two : n > 1
        x > three : default
        two > e
        three > e""",
    "termination": """start s
        and a
        script one resultVariable=n feel="1 + 1"
        user wait candidateGroups=chuyen-vien
        end e terminate=1
        end never
        s > a
        a > wait > never
        a > one > e""",
    "parallel": """start s
        and a
        script one resultVariable=n feel="1 + 1"
        script two resultVariable=m feel="2 + 2"
        and b
        end e
        s > a > one > b > e
        a > two > b""",
    "cycle of ten": """start s
        script zero resultVariable=n feel="0"
        script one resultVariable=n feel="n + 1"
        xor x
        end e
        s > zero > one > x
        x > one : 10 > n
        x > e : default""",
    "three tasks": """start s
        user one candidateGroups=chuyen-vien
        user two candidateGroups=chuyen-vien
        user three candidateGroups=chuyen-vien
        end e
        s > one > two > three > e""",
}


@dataclass(frozen=True)
class Effort:
    """How much is done: rounds, and cases of each pattern a round."""

    rounds: int = 30
    cases: int = 5


QUICK = Effort(rounds=1, cases=1)


def run(place: Place, effort: Effort | None = None) -> Iterator[Figure]:
    """All figures of the bench on one database."""
    effort = effort or Effort()
    sheet = Sheet("patterns", place.name)
    engine = procedure.engine(place)
    pairs = {name: _pair(engine, place, name) for name in PATTERNS}
    ours: dict[str, list[float]] = {name: [] for name in PATTERNS}
    stocks: dict[str, list[float]] = {name: [] for name in PATTERNS}
    # A first round warms up what is kept between cases, on both sides, and is not told.
    for number in range(effort.rounds + 1):
        for name, (mine, stock) in pairs.items():
            spent = [(timed(mine.whole), timed(stock.whole)) for _ in range(effort.cases)]
            if number:
                ours[name].append(sum(one for one, _ in spent) / effort.cases)
                stocks[name].append(sum(two for _, two in spent) / effort.cases)
    for name in PATTERNS:
        faster = ratios(stocks[name], ours[name])
        yield sheet.figure(f"{name}, cases/s / stock SpiffWorkflow's", faster, "x", BAR)
    for name in PATTERNS:
        yield sheet.figure(f"{name}, cases/s", [1 / spent for spent in ours[name]], "1/s")
    with engine.reading() as session:
        query = sa.select(sa.func.count()).where(Case.status == "open")
        yield sheet.figure("cases that did not end", [session.scalar(query) or 0], "", Bar("=", 0))


class Ours:
    """Cases of one pattern through the doors."""

    def __init__(self, engine: Engine, key: str) -> None:
        self.engine, self.key = engine, key

    def whole(self) -> None:
        """A case from its start to its end."""
        moved = self.engine.start(self.key, {}, actor=WRITER)
        while moved.tasks:
            moved = self.engine.complete(moved.tasks[0], {}, actor=WRITER)


class Theirs:
    """The same in stock: a row a case."""

    def __init__(self, stock: Stock) -> None:
        self.stock = stock

    def whole(self) -> None:
        """A case from its start to its end."""
        case, goes_on = self.stock.start()
        while goes_on:
            goes_on = self.stock.complete(case, {})


def _pair(engine: Engine, place: Place, name: str) -> tuple[Ours, Theirs]:
    key = f"bench-{name.replace(' ', '-')}"
    bundle = procedure.bundle(key, PATTERNS[name], {})
    procedure.put(engine, bundle)
    return Ours(engine, key), Theirs(Stock(place.bind, in_python(bundle.drawing), key))


def in_python(drawing: str) -> str:
    """The drawing with its scripts as stock runs them: the expression becomes an assignment."""
    return re.sub(
        r'camunda:resultVariable="(\w+)"(.*?)<bpmn:script>',
        r"\2<bpmn:script>\1 = ",
        drawing,
    )
