"""Numbers of books: one after the other, none twice, none missing, none back-dated."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.operations.models import Setting
from app.registers import books, operations, patterns
from app.registers.models import GivenNumber, NumberingBook
from engine.errors import Rejected, StepFailed
from tests.engine.drawings import text
from tests.worlds import BASIS, admin, clerk, leader

DRAWN = """start s
service n topic=numbers.next in:book==book in:unit==for_unit {} out:got==result
{}
end e
boundary b on=n error=NUMBER_BACK_DATED
end late "Late"
b > late
s > n > {}e"""
GIVEN = "in:on==on in:parts==parts"
TAKING = DRAWN.format(GIVEN, "", "")
BAD = 'script bad resultVariable=x feel="working_days(parts)"'
FAILING = DRAWN.format(GIVEN, BAD, "bad > ")
OUT = "documents-outgoing"


@pytest.fixture
def numbers(case: Any) -> Any:
    """Takes a number as a case does: `numbers(OUT, "ban", type="BC")` gives its row."""
    for key, lines in (("take", TAKING), ("fail", FAILING)):
        case.deploy(key, {f"processes/bpmn/{key}.bpmn": text(lines, key)})

    def take(
        book: str, unit: str = "ban", *, on: Any = None, key: str = "take", **parts: Any
    ) -> Any:
        given = {"book": book, "for_unit": unit, "on": on, "parts": parts}
        moved = case.engine.start(key, given, actor=case.actor(clerk))
        with case.engine.reading() as session:
            query = sa.select(GivenNumber).where(GivenNumber.case_id == moved.case_id)
            return session.scalar(query)

    take.engine, take.case = case.engine, case
    return take


def test_numbers_of_a_unit_run_on_whatever_their_type(numbers):
    found = [numbers(OUT, type="BC"), numbers(OUT, type="QyĐ"), numbers(OUT, drafter="VP")]
    assert [row.text for row in found] == ["01/BC-BQL", "02/QyĐ-BQL", "03/BQL-VP"]
    # A unit without a symbol of its own writes that of the agency, and goes on with its series.
    assert numbers(OUT, "p-dautu", type="BC").text == "04/BC-BQL"
    assert [row.text for row in (numbers("documents-incoming"),)] == ["1"]
    assert (found[0].by, found[0].day) == ("anhpt", date(2026, 11, 23))


def mark(numbers: Any, *lines: str, name: str = "numbers.unit_symbols") -> None:
    with numbers.engine.writing() as session:
        session.add(
            Setting(
                name=name, value=list(lines), effective_from=date(2026, 1, 1), legal_basis=BASIS,
                changed_by="x", changed_at=numbers.engine.clock(),
            )
        )  # fmt: skip


def test_each_symbol_has_its_own_series_and_no_number_is_written_twice(numbers):
    mark(numbers, "ban => BQL", "p-dautu => ĐT", "vp => BQL")
    found = [numbers(OUT, unit, type="BC").text for unit in ("ban", "p-dautu", "vp", "ban")]
    assert found == ["01/BC-BQL", "01/BC-ĐT", "02/BC-BQL", "03/BC-BQL"]
    assert [numbers("documents-incoming", unit).text for unit in ("ban", "vp")] == ["1", "1"]


def test_a_book_whose_series_change_within_the_year_goes_on_behind_what_it_gave(numbers):
    assert [numbers(OUT, type="BC").text for _ in range(2)] == ["01/BC-BQL", "02/BC-BQL"]
    one = {"key": OUT, "pattern": "{n:02}/[{type}-]{org}", "split_by": []}
    change(numbers, new_rules(**one))
    assert [numbers(OUT, type="BC").text for _ in range(2)] == ["03/BC-BQL", "04/BC-BQL"]
    change(numbers, new_rules(**one, is_per_unit=True))
    assert [numbers(OUT, type="BC").text for _ in range(2)] == ["05/BC-BQL", "06/BC-BQL"]


def test_fifty_cases_at_once_get_fifty_numbers(numbers):
    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(lambda _n: numbers(OUT, type="BC").number, range(50)))
    assert sorted(found) == list(range(1, 51))
    with numbers.engine.reading() as session:
        rows = session.scalars(sa.select(GivenNumber).order_by(GivenNumber.id)).all()
    assert [row.number for row in rows] == list(range(1, 51))
    assert len({row.text for row in rows}) == 50


def test_a_step_that_fails_leaves_no_gap(numbers):
    numbers(OUT, type="BC")
    with pytest.raises(StepFailed):
        numbers(OUT, key="fail", type="BC")
    assert numbers(OUT, type="BC").number == 2


def test_a_year_ends_at_midnight_in_viet_nam(numbers, clock):
    clock.at("2026-12-31 23:59")
    assert (numbers(OUT, type="BC").number, numbers(OUT, type="BC").number) == (1, 2)
    clock.advance(minutes=1)
    row = numbers(OUT, type="BC")
    assert (row.number, row.period, row.day) == (1, "2027", date(2027, 1, 1))
    assert numbers(OUT, type="BC").number == 2


def test_a_book_by_days_begins_anew_each_day(numbers, clock):
    with numbers.engine.writing() as session:
        lines = ["ban => H48.16"]
        session.add(
            Setting(
                name="numbers.unit_identifiers", value=lines, effective_from=date(2026, 1, 1),
                legal_basis=BASIS, changed_by="x", changed_at=clock(),
            )
        )  # fmt: skip
    # A division has no identifier of its own: the one of the unit above serves.
    found = [numbers("dossiers", "p-dautu").text, numbers("dossiers", "p-dautu").text]
    clock.advance(days=1)
    found.append(numbers("dossiers", "p-dautu").text)
    assert found == ["H48.16-261123-0001", "H48.16-261123-0002", "H48.16-261124-0001"]


def test_no_number_is_dated_back_or_ahead(numbers, clock):
    numbers(OUT, type="BC")
    assert numbers(OUT, on=date(2026, 11, 22), type="BC") is None  # The drawing caught it.
    with numbers.engine.writing() as session:
        for on, code in ((date(2026, 11, 22), "BACK"), (date(2026, 11, 24), "POST")):
            order = books.Order("ban", on, {"type": "BC"}, clock(), "x", 1)
            with pytest.raises(Rejected) as told:
                books.give(session, OUT, order)
            assert told.value.code == f"NUMBER_{code}_DATED"


def new_rules(**more: Any) -> NumberingBook:
    rules = {
        "key": "reports", "title": "Sổ", "title_en": "Book", "pattern": "{n}/{type}",
        "restart": "year", "is_per_unit": False, "split_by": ["type"], "late_days": 2, "first": 1,
        "effective_from": date(2026, 11, 23), "legal_basis": BASIS,
    }  # fmt: skip
    return NumberingBook(**rules | more)


def change(numbers: Any, row: NumberingBook) -> None:
    actor, engine = numbers.case.actor(admin), numbers.engine
    with engine.writing() as session:
        operations.change_book(session, row, actor=actor, now=engine.clock())


def test_a_book_changed_from_a_day_on_gives_its_numbers_by_the_new_rules(numbers, clock):
    change(numbers, new_rules(pattern="{org}-BC{yyyy}-{n:04}", is_per_unit=True, split_by=[]))
    assert numbers("reports").text == "BQL-BC2026-0001"
    change(numbers, new_rules(effective_from=date(2026, 11, 24), first=153))
    assert numbers("reports").text == "BQL-BC2026-0002"
    clock.advance(days=2)
    # A paper book is gone on with; what comes in late keeps its day, within the days permitted.
    assert numbers("reports", on=date(2026, 11, 24), type="A").text == "153/A"
    assert numbers("reports", type="A").text == "154/A"
    assert numbers("reports", on=date(2026, 11, 24), type="A") is None
    assert numbers("reports", type="B").number == 153


def test_rules_that_would_write_two_numbers_alike_are_refused(numbers):
    wrong = ["{type}", "{n}[", "[{n}/]{type}", "{n}"]
    for pattern in wrong:
        with pytest.raises(patterns.PatternWrong):
            change(numbers, new_rules(pattern=pattern))
    with pytest.raises(patterns.PatternWrong):
        change(numbers, new_rules(restart="day"))
    with pytest.raises(operations.BookBackDated):
        change(numbers, new_rules(effective_from=date(2026, 11, 22)))


def test_who_may_change_books_is_who_may_change_settings(numbers, page):
    with pytest.raises(Exception, match=r"settings\.manage"):
        actor = numbers.case.actor(leader)
        with numbers.engine.writing() as session:
            operations.change_book(session, new_rules(), actor=actor, now=numbers.engine.clock())


def test_a_number_given_stays_as_it_is(numbers):
    numbers(OUT, type="BC")
    for statement in (sa.delete(GivenNumber), sa.update(GivenNumber).values(number=9)):
        with pytest.raises(DBAPIError), numbers.engine.writing() as session:
            session.execute(statement)


def test_what_is_missing_or_unknown_is_refused_by_its_code(numbers, clock):
    asked = (
        ("none", "ban", {}, "BOOK_UNKNOWN"),
        (OUT, "gone", {"type": "BC"}, "UNIT_UNKNOWN"),
    )
    with numbers.engine.writing() as session:
        for key, unit, parts, code in asked:
            order = books.Order(unit, None, parts, clock(), "x", 1)
            with pytest.raises(Rejected) as told:
                books.give(session, key, order)
            assert told.value.code == code


@pytest.mark.parametrize(
    ("pattern", "values", "text"),
    [
        ("{n:02}/[{type}-]{org}", {"n": 7, "org": "BQL"}, "07/BQL"),
        ("{n:02}/[{type}-]{org}", {"n": 112, "org": "BQL", "type": "TTr"}, "112/TTr-BQL"),
        ("{ident}-{yy}{mm}{dd}-{n:04}", {"n": 3, "ident": "H1", "yy": 26, "mm": 11, "dd": 24},
         "H1-261124-0003"),
    ],
)  # fmt: skip
def test_a_pattern_is_written(pattern, values, text):
    assert patterns.write(pattern, values) == text


def test_a_part_without_a_value_is_no_number():
    with pytest.raises(patterns.PartMissing, match="type"):
        patterns.write("{n}/{type}", {"n": 1, "type": ""})
