"""Catalogues on screen: as they stand on a day, found, with their history, taken away by right."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from typing import Any

import pytest

from app.catalogues import changing
from app.catalogues.changing import Hand, Order
from tests.app.catalogues.test_changing import LICENCE, PROCEDURES, day
from tests.worlds import admin, clerk, owner

ADDRESS = "/catalogues/procedures"
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def kept(case: Any) -> Any:
    """A procedure of the second, with a shorter time from the sixteenth on."""
    case.deploy("procedure-life")

    def do(action: str, on: date, **content: Any) -> None:
        key = None if action == "add" else LICENCE["code"]
        order = Order("procedures", PROCEDURES, action, key, content, on, "Quyết định 12/QĐ-BQL")
        with case.engine.writing() as session:
            changing.keep(session, order, Hand("khanhbt", case.engine.clock()))

    do("add", day(2), **LICENCE)
    do("lock", day(10))
    do("replace", day(16), **{**LICENCE, "working_days": 15})
    return case


def said(page: Any, address: str, who: Any = clerk) -> str:
    """The words of the page's content, tags and spaces left out."""
    shown = page.as_(who).get(address).text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown.partition("<main")[2]))


@ONE_DATABASE
def test_a_catalogue_is_shown_as_it_stands_on_a_day_and_taken_away_by_right(kept, page):
    assert "Phòng Quản lý môi trường 15 Đang hiệu lực phiên bản 2" in said(page, ADDRESS)
    assert "20 Đã khóa 10/11/2026" in said(page, f"{ADDRESS}?on=12/11/2026")
    assert "20 Đang hiệu lực phiên bản 1" in said(page, f"{ADDRESS}?on=03/11/2026&q=moi truong")
    assert "Không có mục nào phù hợp" in said(page, f"{ADDRESS}?f.level=partial&q=x")
    history = said(page, f"{ADDRESS}/entries/{LICENCE['code']}")
    assert "Lệ phí (đồng) 150.000" in history
    deeds = ["Tạo mới để thay thế", "Đã khóa", "Tạo mới"]
    places = [history.rindex(deed) for deed in deeds[:2]]
    assert places == sorted(places)
    assert "Danh mục thủ tục hành chính" in said(page, "/catalogues", admin)
    assert page.as_(clerk).get(f"{ADDRESS}/file.xlsx").status_code == 403
    book = page.as_(owner).get(f"{ADDRESS}/file.xlsx")
    sheet = zipfile.ZipFile(io.BytesIO(book.data)).read("xl/worksheets/sheet1.xml").decode()
    assert "Văn bản đề nghị; Báo cáo đề xuất" in sheet
