"""`lists`: what it costs to enter a list of people, and to save it as a file.

A list of so many rows is read, judged and entered as an administrator does it, each row with its
person, account, name, post, right and log. The reference is the bare insert of as many persons,
accounts, posts, grants and lines of the log into the same database in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.people.imports import entering
from app.people.imports.models import RollImport, RollImportRow
from app.people.models import (
    Account,
    AccountLog,
    Grant,
    Person,
    Post,
    ReservedName,
    Unit,
    UnitSpan,
)
from app.people.registers import files, finding
from app.people.registers.criteria import Criteria
from app.people.registers.finding import View
from engine import Engine
from engine.database import sessions
from engine.files import Store
from engine.ports import Surroundings
from tests.bench.figures import Figure, Sheet, timed
from tests.bench.places import Place
from tests.clocks import MONDAY

NAME = "bench-lists"
SINCE = MONDAY.date()
FAMILIES = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý".split()
MIDDLES = "Văn Thị Hữu Đức Minh Ngọc Thanh Quang Xuân Thu".split()
GIVEN = "An Bình Châu Dũng Giang Hải Khánh Lan Minh Nga Oanh Phước Quỳnh Sơn Tuyết Yến".split()


@dataclass(frozen=True)
class Effort:
    """How many people stand in the list."""

    rows: int = 5_000


QUICK = Effort(rows=30)


def run(place: Place, effort: Effort | None = None) -> Iterator[Figure]:
    """All figures of the bench on one database."""
    effort = effort or Effort()
    sheet = Sheet("lists", place.name)
    engine = Engine(place.bind, Surroundings(clock=lambda: MONDAY), Store(place.folder / "files"))
    _settle(place)
    bare = timed(lambda: _insert(place, effort.rows))
    number = _sent(place, effort.rows)
    judged = timed(lambda: entering.go_on(engine, number, "http://x"))
    entered = timed(lambda: _enter(engine, number))
    with engine.reading() as session:
        done = sa.select(sa.func.count()).where(RollImportRow.status == "entered")
        assert session.scalar(done) == effort.rows
    count = effort.rows
    yield sheet.figure(f"{count} rows entered / inserted bare", [entered / bare], "x")
    yield sheet.figure("rows judged a second", [count / judged], "rows/s")
    yield sheet.figure("rows entered a second", [count / entered], "rows/s")
    yield sheet.figure("rows inserted bare a second", [count / bare], "rows/s")
    saved = timed(lambda: _saved(engine, place, count))
    yield sheet.figure(f"{count} rows saved as XLSX / inserted bare", [saved / bare], "x")


def _settle(place: Place) -> None:
    with sessions(place.bind).begin() as session:
        session.add(Unit(code=NAME))
        session.flush()
        session.add(UnitSpan(unit_code=NAME, name="Phòng đo", kind="division", valid_from=SINCE))
        boss = Account(
            user_name=NAME, kind="administrator", person=Person(full_name="Quản Trị"),
            created_at=MONDAY, created_by="system", unit_code=NAME,
        )  # fmt: skip
        session.add(boss)
        session.flush()
        session.add(Grant(
            account_id=boss.id, group_key="quan-tri-c1", unit_code=NAME, everywhere=True,
            valid_from=SINCE, granted_at=MONDAY, granted_by="system",
        ))  # fmt: skip


def _name(number: int) -> str:
    """Names of people: some hundred of them are the same, as in any agency."""
    family, rest = FAMILIES[number % 16], number // 16
    return f"{family} {MIDDLES[rest % 10]} {GIVEN[rest // 10 % 16]}"


def _sent(place: Place, count: int) -> int:
    """The number of an import whose file was sent and whose columns are confirmed."""
    lines = ["Họ và tên;Đơn vị;Ngày sinh;Thư điện tử;Nhóm quyền"]
    lines += [
        f"{_name(n)};{NAME};{1 + n % 28:02}/0{1 + n % 9}/{1960 + n % 40};n{n}@x.vn;chuyen-vien"
        for n in range(count)
    ]
    with sessions(place.bind).begin() as session:
        roll = RollImport(
            file="ds.csv", sha256="0" * 64, data="\n".join(lines).encode(), status="checking",
            encoding="unicode", groups=[], number="1/QĐ", decided_on=date(2026, 11, 20),
            created_at=MONDAY, created_by=NAME,
        )  # fmt: skip
        session.add(roll)
        session.flush()
        return roll.id


def _enter(engine: Engine, number: int) -> None:
    with engine.writing() as session:
        roll = session.get_one(RollImport, number)
        roll.status, roll.choice, roll.with_links = "entering", "good", False
    status = "entering"
    while status == "entering":
        entering.go_on(engine, number, "http://x")
        with engine.reading() as session:
            status = session.get_one(RollImport, number).status


def _insert(place: Place, count: int) -> None:
    """The rows that a list leaves behind, without any rule."""
    numbers = range(count)
    with sessions(place.bind).begin() as session:
        # Beyond what the database's own counter will give.
        ids = [1_000_000_000 + n for n in numbers]
        key = sa.insert(Person)
        session.execute(key, [{"id": i, "full_name": f"Bare {i}", "sort_key": "1", "search": "b",
                               "address": ""} for i in ids])  # fmt: skip
        _rows(session, Account, ids, user_name="bare{i}", kind="internal", realm="internal",
              status="active", label="", person_id="{i}", unit_code=NAME, created_at=MONDAY,
              created_by=NAME, basis="1/QĐ", must_change=True, failed_count=0)  # fmt: skip
        _rows(session, Post, ids, person_id="{i}", unit_code=NAME, kind="member", title="",
              valid_from=SINCE, basis="1/QĐ")  # fmt: skip
        _rows(session, ReservedName, ids, realm="internal", user_name="bare{i}",
              given_at=MONDAY)  # fmt: skip
        _rows(session, Grant, ids, account_id="{i}", group_key="chuyen-vien", unit_code=NAME,
              valid_from=SINCE, granted_at=MONDAY, granted_by=NAME, basis="1/QĐ")  # fmt: skip
        for event in ("account_created", "post_given", "granted"):
            _rows(session, AccountLog, ids, at=MONDAY, event=event, account="bare{i}", actor=NAME,
                  unit_code=NAME, address="", details={"basis": "1/QĐ"})  # fmt: skip


def _rows(session: Any, model: Any, ids: list[int], **values: Any) -> None:
    """One row for each number, which stands where "{i}" does."""
    filled = [
        {name: _filled(value, i) for name, value in values.items()} | _own_id(model, i)
        for i in ids
    ]
    session.execute(sa.insert(model), filled)


def _filled(value: Any, number: int) -> Any:
    if value == "{i}":
        return number
    return value.replace("{i}", str(number)) if isinstance(value, str) else value


def _own_id(model: Any, number: int) -> dict[str, int]:
    return {"id": number} if model is Account else {}


def _saved(engine: Engine, place: Place, count: int) -> None:
    view = View(frozenset({NAME}), MONDAY)
    with engine.reading() as session, (place.folder / "list.xlsx").open("wb") as out:
        rows = finding.stream(session, view, Criteria(text="x.vn"))
        assert files.workbook(out, "users", rows, title="x") == count
