"""`age`: a completion costs the same in a case's five-hundredth round as in its first.

Two user tasks in a loop with forms of 1 KiB; ours with journal, inbox rows, rights and form
checks on, against stock SpiffWorkflow cold. A round of the bench completes both tasks once in a
case of each age, ours and stock's in turn, and gives one ratio for each figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from engine import Engine, values
from engine.database import Digest
from engine.tables import Candidate, Case, Entry, Task
from tests.bench import procedure
from tests.bench.figures import Bar, Figure, Sheet, ratios, timed
from tests.bench.places import Place
from tests.bench.procedure import HEAD, KEY, WRITER, entered
from tests.bench.stock import Stock

AGAINST_STOCK = {1: Bar(">=", 1), 10: Bar(">=", 3), 240: Bar(">=", 20)}
KIB = 1024
HANDS = (("draft", WRITER), ("check", HEAD))


@dataclass(frozen=True)
class Effort:
    """How much is done: the rounds that are measured, and the ages of the cases."""

    rounds: int = 40
    oldest: int = 500
    against: tuple[int, ...] = tuple(AGAINST_STOCK)


QUICK = Effort(rounds=2, oldest=5, against=(1, 3))


@dataclass
class Times:
    """Seconds of both completions of a round, one value a round, by the age of the case."""

    ours: dict[int, list[float]] = field(default_factory=dict)
    stock: dict[int, list[float]] = field(default_factory=dict)
    lean: dict[int, list[float]] = field(default_factory=dict)


def run(place: Place, effort: Effort | None = None) -> Iterator[Figure]:
    """All figures of the bench on one database."""
    effort = effort or Effort()
    sheet = Sheet("age", place.name)
    engine = procedure.engine(place)
    procedure.put(engine, procedure.loop())
    cases = {age: Loop(engine) for age in {effort.oldest, *effort.against} - {1}}
    for age, case in cases.items():
        for _ in range(age - 1):
            case.round()
    times = _measured(effort, engine, cases, place)
    yield from _compared(sheet, effort, times)
    oldest = cases[effort.oldest]
    yield from _sizes(sheet, engine, oldest)
    verdict = engine.verify(oldest.case_id)
    yield sheet.figure("differences found by verify", [len(verdict.differences)], "", Bar("=", 0))


class Loop:
    """One case of ours that goes round and round."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.case_id = engine.start(KEY, {}, actor=WRITER).case_id
        self.rounds = 0
        self.entered = 0

    def round(self) -> float:
        """Both tasks once. Seconds of the two completions alone."""
        spent = 0.0
        for name, actor in HANDS:
            posted = procedure.posted(name, self.rounds)
            task = self._open_task()
            spent += timed(lambda: self.engine.complete(task, posted, actor=actor))  # noqa: B023
            self.entered += procedure.size(posted)
        self.rounds += 1
        return spent

    def _open_task(self) -> int:
        query = sa.select(Task.id).where(Task.case_id == self.case_id, Task.status == "open")
        with self.engine.reading() as session:
            return session.execute(query).scalar_one()


def _kept(name: str, number: int) -> dict[str, Any]:
    """The same as stock keeps it: a record of its own, typed where JSON has the type."""
    record = {key.partition(".")[2]: text for key, text in entered(name, number).items()}
    return {name: record} | ({"again": True} if name == "check" else {})


def _stock(place: Place, effort: Effort, *, lean: bool) -> tuple[Stock, dict[int, str]]:
    stock = Stock(place.bind, procedure.loop().drawing, KEY, lean=lean)
    steps = [_kept(name, i) for i in range(max(effort.against)) for name, _actor in HANDS]
    return stock, {age: stock.grown(steps[: 2 * (age - 1)]) for age in effort.against}


def _measured(effort: Effort, engine: Engine, cases: dict[int, Loop], place: Place) -> Times:
    """A first round warms up what is kept between completions, on both sides, and is not told."""
    times = Times()
    references = (
        (times.stock, *_stock(place, effort, lean=False)),
        (times.lean, *_stock(place, effort, lean=True)),
    )
    for number in range(effort.rounds + 1):
        for age in [1, *cases]:
            # A case is new only once; ours of other ages grow older as they are measured.
            case = cases[age] if age in cases else Loop(engine)
            times.ours.setdefault(age, []).append(case.round())
        for spent, reference, states in references:
            for age, state in states.items():
                reference.put(age, state)
                spent.setdefault(age, []).append(_round_of(reference, age, number))
    for kept in (*times.ours.values(), *times.stock.values(), *times.lean.values()):
        kept.pop(0)
    return times


def _round_of(reference: Stock, age: int, number: int) -> float:
    """Both tasks once in stock's case of that age. Seconds of the two completions alone."""
    spent = 0.0
    for name, _actor in HANDS:
        data = _kept(name, number)
        spent += timed(lambda: reference.complete(age, data))  # noqa: B023
    return spent


def _compared(sheet: Sheet, effort: Effort, times: Times) -> Iterator[Figure]:
    old = ratios(times.ours[effort.oldest], times.ours[1])
    name = f"a completion at round {effort.oldest} / at round 1"
    yield sheet.figure(name, old, "x", Bar("<=", 1.2))
    for age in effort.against:
        faster = ratios(times.stock[age], times.ours[age])
        name = f"completions/s / stock SpiffWorkflow's, round {age}"
        yield sheet.figure(name, faster, "x", AGAINST_STOCK.get(age))
    for age in effort.against:
        faster = ratios(times.lean[age], times.ours[age])
        yield sheet.figure(f"  / the same with its spec in memory, round {age}", faster, "x")
    for age, spent in sorted(times.ours.items()):
        yield sheet.figure(f"ours, round {age}", [s / 2 * 1000 for s in spent], "ms")
    for age, spent in sorted(times.stock.items()):
        yield sheet.figure(f"stock, round {age}", [s / 2 * 1000 for s in spent], "ms")


def _sizes(sheet: Sheet, engine: Engine, case: Loop) -> Iterator[Figure]:
    """What the case keeps: its state beyond its live data, and its past for each byte entered."""
    with engine.reading() as session:
        state = session.execute(sa.select(Case.state).where(Case.id == case.case_id)).scalar_one()
        live = sum(
            len(values.encode(content).encode())
            for _number, _outer, content in values.decode(state.decode())["frames"]
        )
        past = {
            "journal": _bytes(session, Entry, Entry.case_id == case.case_id),
            "done tasks": _bytes(session, Task, Task.case_id == case.case_id),
            "their candidates": _bytes(
                session,
                Candidate,
                Candidate.task_id.in_(sa.select(Task.id).where(Task.case_id == case.case_id)),
            ),
        }
    beyond = (len(state) - live) / KIB
    yield sheet.figure("state beyond live data", [beyond], "KiB", Bar("<=", 10))
    whole = sum(past.values()) / case.entered
    yield sheet.figure("history / bytes entered", [whole], "x", Bar("<=", 1.5))
    for name, size in past.items():
        yield sheet.figure(f"  of it {name}", [size / case.entered], "x")


def _bytes(session: Any, table: Any, where: Any) -> int:
    """The bytes of every value of the rows; as text where they are neither text nor bytes."""
    lite = session.get_bind().dialect.name == "sqlite"
    sizes = []
    for column in table.__table__.columns:
        is_bytes = isinstance(column.type, (Digest, sa.LargeBinary))
        kept = sa.type_coerce(column, sa.LargeBinary) if is_bytes else sa.cast(column, sa.Text)
        if lite:
            sizes.append(sa.func.length(sa.cast(kept, sa.LargeBinary)))
        else:
            sizes.append(sa.func.octet_length(kept))
    parts = [sa.func.coalesce(size, 0) for size in sizes]
    total = sa.func.sum(sum(parts[1:], parts[0]))
    return int(session.execute(sa.select(total).where(where)).scalar_one() or 0)
