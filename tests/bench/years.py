"""`years`: one case of 100,000 human completions, through the doors.

What a completion costs in processor time at the end of the case's life is set against its
beginning, and so is what the case keeps.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from engine.tables import Case
from tests.bench import procedure
from tests.bench.figures import Bar, Figure, Sheet
from tests.bench.places import Place
from tests.bench.procedure import KEY, WRITER

LOOP = """start s
    user u candidateGroups=chuyen-vien
    xor x
    end e
    s > u > x
    x > u : stop = null
    x > e : default"""
CHUNKS = 40


@dataclass(frozen=True)
class Effort:
    """How many completions, by the kind of database."""

    sqlite: int = 100_000
    postgres: int = 4_000


QUICK = Effort(sqlite=CHUNKS, postgres=CHUNKS)


def run(place: Place, effort: Effort | None = None) -> Iterator[Figure]:
    """All figures of the bench on one database."""
    total = getattr(effort or Effort(), place.name)
    sheet = Sheet("years", place.name)
    engine = procedure.engine(place)
    procedure.put(engine, procedure.bundle(KEY, LOOP, {}))
    moved = engine.start(KEY, {}, actor=WRITER)
    costs, states = [], []
    for _chunk in range(CHUNKS):
        began = time.process_time()
        for _ in range(total // CHUNKS):
            moved = engine.complete(moved.tasks[0], {}, actor=WRITER)
        costs.append((time.process_time() - began) / (total // CHUNKS))
        with engine.reading() as session:
            states.append(len(session.execute(sa.select(Case.state)).scalar_one()))
    # The first chunk warms up what is read once.
    first, last = costs[1 : CHUNKS // 4], costs[-CHUNKS // 4 :]
    ratio = statistics.median(last) / statistics.median(first)
    yield sheet.figure(
        f"the last of {total} completions / the first", [ratio], "x", Bar("<=", 1.5)
    )
    yield sheet.figure("a completion at first", [c * 1000 for c in first], "ms")
    yield sheet.figure("a completion at last", [c * 1000 for c in last], "ms")
    grown = states[-1] - states[0]
    yield sheet.figure("the state has grown by", [grown], "bytes", Bar("<=", 20))
