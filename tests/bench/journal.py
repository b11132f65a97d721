"""`journal`: a case and a whole installation are proved from their journals.

A case of 10,000 entries is set against cases of 100: an entry must cost no more in a long journal.
Then a hundred such cases, 1,000,000 entries, are verified as `./quytrinh verify --all` does it,
while the process's memory is watched. Completions are put in through the engine, a thousand in a
transaction: one at a time they would take an hour.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine import Engine, tasks
from engine.tasks import Done
from tests.bench import procedure
from tests.bench.figures import Bar, Figure, Sheet
from tests.bench.places import Place
from tests.bench.procedure import KEY, WRITER
from tests.bench.years import LOOP

PAGE = 4096
AT_ONCE = 1_000
"""Completions of one transaction."""


@dataclass(frozen=True)
class Effort:
    """How many long cases there are, how many entries each has, and rounds of a case."""

    cases: int = 100
    entries: int = 10_000
    few: int = 100
    rounds: int = 5


QUICK = Effort(cases=3, entries=12, few=4, rounds=1)


def run(place: Place, effort: Effort | None = None) -> Iterator[Figure]:
    """All figures of the bench on one database."""
    effort = effort or Effort()
    sheet = Sheet("journal", place.name)
    engine = procedure.engine(place)
    procedure.put(engine, procedure.bundle(KEY, LOOP, {}))
    short = [_case(engine, effort.few) for _ in range(10)]
    long = _case(engine, effort.entries)
    rows = []
    for _ in range(effort.rounds):
        brief = statistics.median(_spent(engine, case, effort.few) for case in short)
        rows.append((_spent(engine, long, effort.entries), brief))
    ratios = [one / other for one, other in rows]
    name = f"an entry of a case of {effort.entries} / of {effort.few}"
    yield sheet.figure(name, ratios, "x", Bar("<=", 1.5))
    whole = [one * effort.entries for one, _ in rows]
    yield sheet.figure(f"a case of {effort.entries} entries verified", whole, "s")
    for _ in range(effort.cases - 1):
        _case(engine, effort.entries)
    yield from _all(sheet, engine)


def _case(engine: Engine, entries: int) -> int:
    """A case with so many entries, still open."""
    moved = engine.start(KEY, {}, actor=WRITER)
    left = entries - 1
    while left:
        with engine.writing() as session:
            for _ in range(min(left, AT_ONCE)):
                done = Done(moved.tasks[0], {}, WRITER, engine.clock())
                moved = tasks.complete(session, engine.mover, done)
                left -= 1
    return moved.case_id


def _spent(engine: Engine, case: int, entries: int) -> float:
    """Seconds of processor time for each entry."""
    began = time.process_time()
    verdict = engine.verify(case)
    assert verdict.holds
    assert verdict.entries == entries
    return (time.process_time() - began) / entries


def _all(sheet: Sheet, engine: Engine) -> Iterator[Figure]:
    """Everything verified, with the memory after each case."""
    began, entries, wrong = time.perf_counter(), 0, 0
    held = []
    for verdict in engine.verify_all():
        entries += verdict.entries
        wrong += not verdict.holds
        held.append(_memory())
    seconds = time.perf_counter() - began
    yield sheet.figure(f"of {entries} entries: cases with differences", [wrong], "", Bar("=", 0))
    yield sheet.figure("  entries verified a second", [entries / seconds], "1/s")
    # The first long case is the eleventh: what it takes is the measure of all that follow.
    after = held[11:]
    grown = max(after) / held[10]
    yield sheet.figure("memory at most / after the first long case", [grown], "x", Bar("<=", 1.2))
    yield sheet.figure("  memory", [one / 2**20 for one in after], "MiB")


def _memory() -> int:
    """Bytes of this process that are in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
