"""`waiting`: what waits costs nothing until its time comes.

100,000 timers of which none is due, and as many subscriptions to a message of other cases, are
rows put in by the engine's tables. Then 5,000 cases of one hour's timer, begun through the doors,
are due at once, and two workers fire them side by side.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from engine import Engine
from engine.tables import Entry, Job, Wait
from tests.bench import procedure
from tests.bench.figures import Bar, Figure, Sheet, ratios, timed
from tests.bench.places import Place
from tests.bench.procedure import WRITER
from tests.bench.statements import counting
from tests.clocks import Clock

TIMED, ASKED = "bench-timed", "bench-asked"
TIMER = """start s
    catch t timer=PT1H
    end e
    s > t > e"""
ANSWER = """start s
    catch m message=answer correlation==case.code
    end e
    s > m > e"""
WORKERS = 2
AT_ONCE = 10_000
"""Rows of one insert."""


@dataclass(frozen=True)
class Effort:
    """How much is done: what waits, what is due at once, and the rounds of the rest."""

    waiting: int = 100_000
    due: int = 5_000
    rounds: int = 40


QUICK = Effort(waiting=50, due=4, rounds=1)


def run(place: Place, effort: Effort | None = None) -> Iterator[Figure]:
    """All figures of the bench on one database."""
    effort = effort or Effort()
    sheet = Sheet("waiting", place.name)
    clock = Clock()
    engine = procedure.engine(place, clock)
    for key, lines in ((TIMED, TIMER), (ASKED, ANSWER)):
        procedure.put(engine, procedure.bundle(key, lines, {}))
    alone = [_delivered(engine) for _ in range(effort.rounds + 1)][1:]
    case = engine.start(TIMED, {}, actor=WRITER).case_id
    _put_timers(engine, case, effort.waiting)
    _put_waits(engine, case, effort.waiting)
    _analyse(place)
    yield from _idle(sheet, engine, effort)
    yield from _messages(sheet, engine, effort, alone)
    yield from _fired(sheet, engine, effort, clock)


def _put_timers(engine: Engine, case: int, count: int) -> None:
    """Timers of tomorrow and later."""
    now = engine.clock()
    rows = [
        {"key": f"timer:{number}", "kind": "timer", "name": "timer", "case_id": case,
         "token": 1_000 + number, "element": "t", "payload": {}, "status": "waiting",
         "due_at": now + timedelta(days=1, minutes=number), "created_at": now}
        for number in range(count)
    ]  # fmt: skip
    with engine.writing() as session:
        for start in range(0, count, AT_ONCE):
            session.execute(sa.insert(Job), rows[start : start + AT_ONCE])


def _put_waits(engine: Engine, case: int, count: int) -> None:
    rows = [
        {"case_id": case, "token": 1_000 + number, "kind": "message", "name": "answer",
         "correlation": f"other-{number}", "element": "m", "label": ""}
        for number in range(count)
    ]  # fmt: skip
    with engine.writing() as session:
        for start in range(0, count, AT_ONCE):
            session.execute(sa.insert(Wait), rows[start : start + AT_ONCE])


def _analyse(place: Place) -> None:
    """What PostgreSQL does by itself within a minute."""
    if place.name == "postgres":
        with place.bind.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _idle(sheet: Sheet, engine: Engine, effort: Effort) -> Iterator[Figure]:
    """Ticks that find nothing to do."""
    heard: dict[str, int] = {}
    with counting(engine, heard, "tick"):
        assert engine.run_due() == 0
    name = f"a tick with {effort.waiting} timers, none due"
    yield sheet.figure(f"{name}, statements", [heard["tick"]], "", Bar("=", 1))
    spent = [timed(engine.run_due) * 1_000 for _ in range(effort.rounds)]
    yield sheet.figure(name, spent, "ms", Bar("<=", 20))


def _delivered(engine: Engine) -> float:
    """Seconds in which a new case gets the message that it waits for."""
    moved = engine.start(ASKED, {}, actor=WRITER)
    got: list[int] = []
    spent = timed(lambda: got.extend(engine.deliver("answer", {}, correlation=moved.case_code)))
    assert got == [moved.case_id]
    return spent


def _messages(
    sheet: Sheet, engine: Engine, effort: Effort, alone: list[float]
) -> Iterator[Figure]:
    """A message meets one of very many that wait for one of its name."""
    before = _entries(engine)
    among = [_delivered(engine) for _ in range(effort.rounds + 1)][1:]
    each = (_entries(engine) - before) / (effort.rounds + 1) - 1  # less the entry of its start
    yield sheet.figure("entries that a delivery writes", [each], "", Bar("=", 1))
    name = f"a delivery among {effort.waiting} subscriptions / alone"
    yield sheet.figure(name, ratios(among, alone), "x", Bar("<=", 1.5))


def _entries(engine: Engine, kind: str | None = None) -> int:
    query = sa.select(sa.func.count()).select_from(Entry)
    with engine.reading() as session:
        return session.scalar(query.where(Entry.kind == kind) if kind else query) or 0


def _fired(sheet: Sheet, engine: Engine, effort: Effort, clock: Clock) -> Iterator[Figure]:
    """Very many are due at the same instant."""
    cases = [engine.start(TIMED, {}, actor=WRITER).case_id for _ in range(effort.due)]
    clock.advance(hours=2)
    lags: list[float] = []
    began = time.perf_counter()

    def work() -> None:
        while engine.run_due(1):
            lags.append(time.perf_counter() - began)

    workers = [threading.Thread(target=work) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    # The case to which the timers of tomorrow belong was due too.
    fired, due = _entries(engine, "timer_fired"), effort.due + 1
    yield sheet.figure(f"{due} timers due at once, fired", [fired / due], "x", Bar("=", 1))
    wrong = sum(not engine.verify(case).holds for case in cases[:: max(1, effort.due // 50)])
    yield sheet.figure("of 50 of their cases do not verify", [wrong], "", Bar("=", 0))
    yield sheet.figure("  they lag", lags, "s")
    yield sheet.figure("  timers a second", [due / lags[-1]], "1/s")
