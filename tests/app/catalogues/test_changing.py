"""Entries of catalogues: added, replaced, corrected, locked and removed, told as of any day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app import config
from app.catalogues import changing, operations
from app.catalogues.changing import Hand, Order
from engine.catalogues import catalogue_path, parse
from engine.errors import Rejected

PROCEDURES = parse((config.ROOT / catalogue_path("procedures")).read_text(encoding="utf-8"))
LICENCE = {
    "code": "1.010733",
    "name": "Cấp giấy phép môi trường",
    "field": "Môi trường",
    "unit": "p-moitruong",
    "legal_basis": ["Luật Bảo vệ môi trường"],
    "components": "Văn bản đề nghị\nBáo cáo đề xuất\n",
    "kind": "consult",
    "working_days": 20,
    "level": "full",
    "fee": 0,
    "charge": "150000",
    "payment": "both",
    "return_way": "any",
    "published_by": "12/QĐ-BQL",
}


def day(number: int) -> date:
    return date(2026, 11, number)


@pytest.fixture
def do(engine, world):
    def done(action: str, on: date, *, key: str = "1.010733", **content: Any) -> changing.Planned:
        order = Order("procedures", PROCEDURES, action, key, content, on, "vì sao")
        with engine.writing() as session:
            return changing.keep(session, order, Hand("khanhbt", engine.clock()))

    return done


@pytest.fixture
def told(engine):
    def read(on: date, key: str = "1.010733") -> Any:
        with engine.reading() as session:
            return operations.catalogue_entry(session, engine.clock(), "procedures", key, on)

    return read


def refused(do, *given: Any, **content: Any) -> tuple[str, str]:
    with pytest.raises(Rejected) as rejected:
        do(*given, **content)
    return rejected.value.code, str(rejected.value)


def test_an_entry_is_told_as_it_was_on_each_day(do, told, engine):
    do("add", day(2), **LICENCE)
    do("lock", day(9))
    do("replace", day(16), **{**LICENCE, "working_days": 15})
    assert told(day(1)) is None
    assert (told(day(2))["working_days"], told(day(8))["state"]) == (20, "open")
    assert told(day(2))["components"] == ["Văn bản đề nghị", "Báo cáo đề xuất"]
    assert (told(day(15))["state"], told(day(15))["working_days"]) == ("locked", 20)
    after = told(day(16))
    assert (after["working_days"], after["version"], after["since"]) == (15, 2, day(16))
    with engine.reading() as session:
        on = [operations.catalogue(session, engine.clock(), "procedures", day(n)) for n in (8, 9)]
    assert [len(entries) for entries in on] == [1, 0]


def test_only_what_is_not_basic_and_slips_of_the_pen_are_corrected(do, told):
    do("add", day(2), **{**LICENCE, "name": "Cấp giấy phep môi truờng"})
    do("correct", day(3), name="Cấp giấy phép môi trường", guide="Điện thoại 0225 3123 456")
    assert told(day(3))["name"] == "Cấp giấy phép môi trường"
    assert (told(day(3))["version"], told(day(2))["guide"]) == (1, None)
    code, said = refused(do, "correct", day(4), working_days=10, charge=1)
    assert code == "BASIC_CHANGED"
    assert "“Thời gian (ngày làm việc)”, “Lệ phí (đồng)”" in said
    assert refused(do, "correct", day(4), legal_basis=["Luật Đất đai"])[0] == "BASIC_CHANGED"
    assert refused(do, "correct", day(4), fee=0)[0] == "NOTHING_CHANGED"
    assert refused(do, "replace", day(4), **{**LICENCE, "guide": "khác"})[0] == "NOTHING_CHANGED"


def test_a_replacement_with_another_code_says_whose_place_it_takes(do, told):
    do("add", day(2), **LICENCE)
    do("lock", day(4))
    do("replace", day(4), **{**LICENCE, "code": "1.014000"})
    assert (told(day(4), "1.014000")["replaces"], told(day(4))["state"]) == ("1.010733", "locked")


def test_a_removed_entry_leaves_its_key_and_nothing_else(do, told):
    do("add", day(2), **LICENCE)
    assert refused(do, "remove", day(3))[0] == "ENTRY_OPEN"
    do("lock", day(3))
    assert refused(do, "lock", day(3))[0] == "ENTRY_LOCKED"
    do("remove", day(4))
    assert (told(day(2)), told(day(5))) == (None, None)
    assert refused(do, "correct", day(5), guide="x")[0] == "ENTRY_UNKNOWN"
    assert refused(do, "add", day(5), **LICENCE)[0] == "ENTRY_EXISTS"


def test_all_that_is_wrong_is_said_at_once_and_no_day_goes_back(do):
    wrong = {**LICENCE, "unit": "gone", "working_days": "nhiều", "kind": "x", "fee": None, "ma": 1}
    code, said = refused(do, "add", day(2), **wrong)
    assert (code, said.count(".")) == ("CONTENT_WRONG", 5)
    do("add", day(9), **LICENCE)
    assert refused(do, "lock", day(8))[0] == "BACK_DATED"
    assert refused(do, "add", day(20), **LICENCE)[0] == "ENTRY_EXISTS"
