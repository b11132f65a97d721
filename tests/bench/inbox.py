"""`inbox`: lists of tasks open alike with a thousand open tasks and with a million.

Both stand side by side in databases of their own: a thousand tasks of one unit with 20 accounts in
10 groups, and a million in 20 units with 10,000 accounts in 500 groups. The rows are copies of the
thousand, put in by the engine's tables: a million starts would take an hour. Each look is one
reading transaction, as a request makes it; a clerk is in two groups, a leader sees every unit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app import migrations
from engine import Actor, Engine, reads
from engine.database import connect
from engine.fold import fold
from engine.tables import Candidate, Case, CaseColumn, Task
from tests.bench import procedure
from tests.bench.figures import Bar, Figure, Sheet, ratios, timed
from tests.bench.places import Place
from tests.clocks import MONDAY

KEY = "bench-inbox"
LINES = """start s
    user u "Xử lý hồ sơ" candidateGroups=chuyen-vien
    end e
    s > u > e"""
FEW = 1_000
GROUPS, UNITS, ACCOUNTS = 500, 20, 10_000
PEOPLE = "Nguyễn Thị Hồng Nhung", "Trần Văn Đức", "Lê Quang Vinh", "Phạm Thuỳ Dương"
ALIKE, LONGEST = Bar("<=", 1.5), Bar("<=", 50)
ALL_UNITS = frozenset(f"u{number}" for number in range(UNITS))
CLERK = Actor("nguoi.0", "Nguyễn Văn An", "u0", frozenset({"nhom-0@u0", "nhom-1@u0"}), {})
LEADER = Actor("nguoi.1", "Trần Thị Bình", "u0", frozenset(), {"cases.view": ALL_UNITS})


@dataclass(frozen=True)
class Effort:
    """How much is done: the rounds, and how often the thousand tasks are there."""

    rounds: int = 40
    times: int = 1_000


QUICK = Effort(rounds=1, times=2)

Look = Callable[[Any], object]


def _list(actor: Actor, **how: Any) -> Look:
    return lambda session: reads.inbox(session, actor, now=MONDAY, **how)


def _next_page(session: Any) -> object:
    first = reads.inbox(session, CLERK, list="groups", now=MONDAY)
    return reads.inbox(session, CLERK, list="groups", now=MONDAY, after=first.more)


LOOKS: dict[str, Look] = {
    "the clerk's first page": _list(CLERK, list="groups"),
    "the first page and the next": _next_page,
    "the clerk's own": _list(CLERK, list="mine"),
    "their unit's": _list(CLERK, list="unit"),
    "overdue": _list(CLERK, list="overdue"),
    "by priority": _list(CLERK, list="groups", sort="priority"),
    "counts of the clerk's lists": lambda session: reads.counts(session, CLERK, MONDAY),
    "searched with accents": _list(CLERK, list="groups", text="hồ sơ Nhung"),
    "searched without accents": _list(CLERK, list="groups", text="ho so nhung"),
    "searched in the unit's": _list(CLERK, list="unit", text="nhung 77"),
    "the leader's, of every unit": _list(LEADER, list="unit"),
    "counts of the leader's lists": lambda session: reads.counts(session, LEADER, MONDAY),
    "cases of every unit": lambda session: reads.cases(session, LEADER, now=MONDAY),
}


def run(place: Place, effort: Effort | None = None) -> Iterator[Figure]:
    """All figures of the bench on one database."""
    effort = effort or Effort()
    sheet = Sheet("inbox", place.name)
    few, many = beside(place), place
    engines = [_filled(few, 1), _filled(many, effort.times)]
    count = FEW * effort.times
    for name, look in LOOKS.items():
        spent = [[_look(engine, look) for engine in engines] for _ in range(effort.rounds + 1)]
        small, large = ([row[side] for row in spent[1:]] for side in (0, 1))
        yield sheet.figure(f"{name}, of {count} / of {FEW}", ratios(large, small), "x", ALIKE)
        millis = [one * 1_000 for one in large]
        yield sheet.figure(f"  {name}, p95", [_p95(millis)], "ms", LONGEST)
    few.bind.dispose()


def _look(engine: Engine, look: Look) -> float:
    def whole() -> None:
        with engine.reading() as session:
            look(session)

    return timed(whole)


def _p95(values: list[float]) -> float:
    return sorted(values)[math.ceil(len(values) * 0.95) - 1]


def beside(place: Place) -> Place:
    """Another empty database: a file, or a schema of the same server."""
    if place.name == "sqlite":
        bind = connect(f"sqlite:///{place.folder / 'beside.db'}")
    else:
        with place.bind.begin() as connection:
            connection.exec_driver_sql("CREATE SCHEMA beside")
        address = place.bind.url.update_query_dict({"options": "-csearch_path=beside"})
        bind = connect(address.render_as_string(hide_password=False))
    migrations.create(bind)
    return Place(place.name, bind, place.folder)


def _filled(place: Place, times: int) -> Engine:
    """So many thousand cases with an open task each; an engine that reads them."""
    engine = procedure.engine(place)
    procedure.put(engine, procedure.bundle(KEY, LINES, {}, columns="amount:number=amount"))
    with place.bind.begin() as connection:
        connection.execute(sa.insert(Case), [_case(n) for n in range(FEW)])
        connection.execute(sa.insert(Task), [_task(n) for n in range(FEW)])
        connection.execute(sa.insert(Candidate), [_candidate(n) for n in range(FEW)])
        connection.execute(sa.insert(CaseColumn), [_column(n) for n in range(FEW)])
        if times > 1:
            _copy(connection, times)
    # What PostgreSQL does by itself within a minute.
    if place.name == "postgres":
        with place.bind.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    return engine


def _case(number: int) -> dict[str, Any]:
    title = f"Hồ sơ của {PEOPLE[number % 4]}, đợt {number % 100}"
    code = f"HS-{number}"
    return {
        "id": number + 1, "code": code, "process_key": KEY, "version_id": 1, "unit": "u0",
        "title": title, "search": fold(f"{code} {title}"), "status": "open",
        "started_by": "nguoi.0" if number % 100 == 0 else "mot.cua",
        "started_at": MONDAY - timedelta(minutes=number), "columns": {"amount": number},
        "state": b"", "head_seq": 1, "head_hash": "00" * 32,
    }  # fmt: skip


def _task(number: int) -> dict[str, Any]:
    is_claimed = number % 10 == 9
    return {
        "id": number + 1, "case_id": number + 1, "token": 2, "element": "u",
        "name": "Xử lý hồ sơ", "unit": "u0", "status": "open",
        "assignee": f"nguoi.{number // 10 % 20}" if is_claimed else None,
        "claimed_at": MONDAY if is_claimed else None,
        "created_at": MONDAY - timedelta(minutes=number),
        "due_at": MONDAY + timedelta(hours=number % 97 - 10), "priority": 40 + number % 3 * 10,
        "paused": False,
    }  # fmt: skip


def _candidate(number: int) -> dict[str, Any]:
    return {"task_id": number + 1, "who": f"nhom-{number % 10}@u0"}


def _column(number: int) -> dict[str, Any]:
    return {"case_id": number + 1, "name": "amount", "number": number}


def _copy(connection: sa.Connection, times: int) -> None:
    """The thousand once more for each number below `times`, in other units, groups and hands."""
    numbers = sa.select(sa.literal(1).label("k")).cte("numbers", recursive=True)
    numbers = numbers.union_all(sa.select(numbers.c.k + 1).where(numbers.c.k < times - 1))
    k = numbers.c.k
    text = sa.cast(k, sa.Text)
    unit = "u" + sa.cast(k % (GROUPS // 10) % UNITS, sa.Text)
    group = (k % (GROUPS // 10)) * 10 + (Candidate.task_id - 1) % 10
    person = (k % (ACCOUNTS // 20)) * 20 + (Task.id - 1) // 10 % 20
    held = sa.case((Task.assignee.is_not(None), "nguoi." + sa.cast(person, sa.Text)))
    changes: dict[Any, dict[str, Any]] = {
        Case: {"id": Case.id + k * FEW, "code": Case.code + "-" + text, "unit": unit,
               "search": Case.search + " " + text},
        Task: {"id": Task.id + k * FEW, "case_id": Task.case_id + k * FEW, "unit": unit,
               "assignee": held},
        Candidate: {"task_id": Candidate.task_id + k * FEW,
                    "who": "nhom-" + sa.cast(group, sa.Text) + "@" + unit},
        CaseColumn: {"case_id": CaseColumn.case_id + k * FEW, "number": CaseColumn.number + k},
    }  # fmt: skip
    for table, own in changes.items():
        names = [column.name for column in table.__table__.columns]
        rows = sa.select(*(own.get(n, getattr(table, n)) for n in names)).join(numbers, sa.true())
        rows = rows.where(_first(table) <= FEW)
        connection.execute(sa.insert(table.__table__).from_select(names, rows))


def _first(table: Any) -> Any:
    """The number of the row of the thousand, by which copies are not copied again."""
    return table.__table__.primary_key.columns[0]
