"""`statements`: how often a door speaks to the database, in a new case and in an old one.

Counted at the driver (on SQLite each row of parameters is a statement), on a procedure that uses
every kind of row: declared columns that change at each step, a reminder timer, a message that may
be sent, two candidate groups. BEGIN and COMMIT are not counted, nor is the pool's own question
whether a connection still answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine import Engine, reads
from engine.tables import Task, Wait
from tests.bench import procedure
from tests.bench.figures import Bar, Figure, Sheet
from tests.bench.places import Place
from tests.bench.procedure import HEAD, WRITER, posted
from tests.clocks import Clock

KEY = "bench-rows"
NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "--")
"""SQLite's driver also tells the statements of triggers, as comments."""
MOST = Bar("<=", 15)
SAME = Bar("=", 1)
COLUMNS = "number:text=draft.citizen_number, amount:number=draft.amount, day:date=draft.birth_date"
ROWS = """start s
    user draft "Draft" candidateGroups="chuyen-vien, lanh-dao" formKey=bench-rows/draft
    user check "Check" candidateGroups="lanh-dao, chuyen-vien" formKey=bench-rows/check
    catch remind "Remind" timer=PT1H
    boundary late on=check timer=P1D
    events wait
    catch gone message=withdrawn sender==initiator
    xor g
    end e
    s > draft > check > g
    g > draft : again
    g > wait : default
    late > wait
    wait > remind > draft
    wait > gone > e"""


@dataclass(frozen=True)
class Effort:
    """How much is done: the ages at which statements are counted."""

    oldest: int = 500


QUICK = Effort(oldest=6)


def run(place: Place, effort: Effort | None = None) -> Iterator[Figure]:
    """All figures of the bench on one database."""
    effort = effort or Effort()
    sheet = Sheet("statements", place.name)
    clock = Clock()
    engine = procedure.engine(place, clock)
    own = {"title": "draft.full_name", "columns": COLUMNS}
    procedure.put(engine, procedure.bundle(KEY, ROWS, procedure.FORMS, **own))
    _counted(engine, clock, rounds=1)  # The first case of all also reads the version.
    young = _counted(engine, clock, rounds=1)
    old = _counted(engine, clock, rounds=effort.oldest)
    for door, count in young.items():
        yield sheet.figure(f"{door}, age 1", [count], "", MOST)
    for door, count in old.items():
        yield sheet.figure(
            f"{door}, age {effort.oldest} / age 1", [count / young[door]], "x", SAME
        )


def _counted(engine: Engine, clock: Clock, *, rounds: int) -> dict[str, int]:
    """Statements by door, in a case that has gone round so often."""
    found = {}
    with counting(engine, found, "start"):
        case = engine.start(KEY, {}, actor=WRITER).case_id
    for number in range(rounds - 1):
        for name, actor in (("draft", WRITER), ("check", HEAD)):
            engine.complete(_task(engine, case), posted(name, number), actor=actor)
    task = _task(engine, case)
    with counting(engine, found, "claim"):
        engine.claim(task, actor=WRITER)
    with counting(engine, found, "completion"):
        engine.complete(task, posted("draft", rounds), actor=WRITER)
    with counting(engine, found, "inbox page"):
        _inbox(engine)
    clock.advance(days=2)
    with counting(engine, found, "timer"):
        assert engine.run_due() == 1
    with engine.reading() as session:
        token = session.execute(sa.select(Wait.token).where(Wait.case_id == case)).scalar_one()
    with counting(engine, found, "message"):
        engine.send(case, token, {}, actor=WRITER)
    assert engine.verify(case).holds
    return found


def _inbox(engine: Engine) -> None:
    """The list that a clerk opens, with the numbers on the other lists."""
    with engine.reading() as session:
        reads.inbox(session, HEAD, list="groups", now=engine.clock())
        reads.counts(session, HEAD, engine.clock())


def _task(engine: Engine, case: int) -> int:
    query = sa.select(Task.id).where(Task.case_id == case, Task.status == "open")
    with engine.reading() as session:
        return session.execute(query).scalar_one()


@contextmanager
def counting(engine: Engine, found: dict[str, int], door: str) -> Iterator[None]:
    """Keeps how many statements the driver of each connection is given meanwhile."""
    heard: list[str] = []

    def listen(driver: Any, *_event: Any) -> None:
        _hear(engine.bind.dialect.name, driver, heard)

    def leave(driver: Any, *_event: Any) -> None:
        _hear(engine.bind.dialect.name, driver, None)

    sa.event.listen(engine.bind, "checkout", listen)
    sa.event.listen(engine.bind, "checkin", leave)
    try:
        yield
    finally:
        sa.event.remove(engine.bind, "checkout", listen)
        sa.event.remove(engine.bind, "checkin", leave)
    found[door] = len([text for text in heard if not text.startswith(NOT_COUNTED)])


def _hear(dialect: str, driver: Any, heard: list[str] | None) -> None:
    """The driver's connection writes down what it is given, or no more when `heard` is None."""
    if dialect == "sqlite":
        driver.set_trace_callback(None if heard is None else heard.append)
        return
    from psycopg import Cursor

    class Heard(Cursor[Any]):
        """Says each statement that it is given, many rows of parameters counting as one."""

        def execute(self, query: Any, *rest: Any, **more: Any) -> Any:
            heard.append(str(query))  # type: ignore[union-attr]  # a list while this is used
            return super().execute(query, *rest, **more)

        def executemany(self, query: Any, *rest: Any, **more: Any) -> Any:
            heard.append(str(query))  # type: ignore[union-attr]  # a list while this is used
            return super().executemany(query, *rest, **more)

    driver.cursor_factory = Cursor if heard is None else Heard
