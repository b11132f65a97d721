"""Saved lists opened by LibreOffice: words, numbers, days, codes, nothing reckoned, on paper."""

from datetime import date, datetime

import pytest

from app.people.imports import template
from app.people.registers import files
from engine.calendar import ZONE
from tests import offices

ODD = '=HYPERLINK("http://x";"Ấn")'
USER = {
    "name": "annv.bql", "full_name": "Nguyễn Văn Ấn", "birth_date": date(1990, 2, 1),
    "sex": "Nữ", "address": "Số 1, đường “Lê Lợi”; phường Ngô Quyền", "title": ODD,
    "unit": "007", "phone": "+84912345678", "label": "@SUM(1)", "groups": "Văn thư; Một cửa",
    "created_on": date(2026, 11, 20), "last_login": datetime(2026, 11, 23, 8, 5, tzinfo=ZONE),
}  # fmt: skip
CUSTOMER = {"name": "0200123456", "enterprise_code": "0200123456", "tax_code": "0200123456-001",
            "organisation": "Công ty TNHH Đông Á", "created_on": date(2026, 11, 20)}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def books(folder):
    """Each kind of workbook, saved as the application does it and opened."""
    for register, row in (("users", USER), ("customers", CUSTOMER)):
        with (folder / f"{register}.xlsx").open("wb") as out:
            files.workbook(out, register, [row] * 60, title="2026-11-23")
    with (folder / "list.xlsx").open("wb") as out:
        template.write(out, {"007": "Phòng Đầu tư"}, {"van-thu": "Văn thư"})
    kinds = ("users", "customers", "list")
    return offices.opened([folder / f"{kind}.xlsx" for kind in kinds], folder)


def cell(sheet, register, key, row=1):
    keys = [column.key for column in files.columns(register)]
    return sheet.rows[row][keys.index(key)]


def test_words_numbers_days_and_codes_are_what_they_were(books):
    users, customers = books["users.xlsx"], books["customers.xlsx"]
    assert [name for _, name in users.rows[0]] == [c.name for c in files.columns("users")]
    assert len(users.rows) == 61
    assert cell(users, "users", "number", 60) == ("float", "60")
    assert cell(users, "users", "full_name") == ("string", USER["full_name"])
    assert cell(users, "users", "address") == ("string", USER["address"])
    assert cell(users, "users", "birth_date") == ("date", "1990-02-01")
    assert cell(users, "users", "last_login") == ("date", "2026-11-23T08:05:00")
    assert cell(users, "users", "unit") == ("string", "007")
    assert cell(users, "users", "phone") == ("string", "+84912345678")
    assert cell(customers, "customers", "enterprise_code") == ("string", "0200123456")
    assert cell(customers, "customers", "tax_code") == ("string", "0200123456-001")


def test_nothing_in_a_name_is_reckoned(books):
    users = books["users.xlsx"]
    assert cell(users, "users", "title") == ("string", ODD)
    assert cell(users, "users", "label") == ("string", "@SUM(1)")
    assert [sheet.formulas for sheet in books.values()] == [0, 0, 0]


@pytest.mark.parametrize("kind", ["users", "customers", "list"])
def test_a_list_is_printed_on_a4_across_as_wide_as_the_page_with_its_head_on_each(books, kind):
    sheet = books[f"{kind}.xlsx"]
    paper = sheet.paper
    assert paper["print-orientation"] == "landscape"
    sides = (offices.millimetres(paper[side]) for side in ("page-width", "page-height"))
    assert [round(side) for side in sides] == [297, 210]
    assert (paper["scale-to-X"], paper.get("scale-to-Y", "0")) == ("1", "0")
    assert sheet.head == 1
    if kind != "list":
        wanted = [column.width for column in files.columns(kind)]
        # A width is told in letters of a font that need not be there: what counts is the measure.
        letters = [mm / width for mm, width in zip(sheet.widths, wanted, strict=True)]
        assert min(letters) > 1.4 and max(letters) < 1.4 * min(letters) < 4


def test_a_csv_is_read_in_its_encoding_with_days_as_days_and_nothing_reckoned(folder):
    (folder / "plain.csv").write_bytes(b"".join(files.csv_lines("users", [USER], mark=";")))
    sheet = offices.opened([folder / "plain.csv"], folder, reading=offices.CSV)["plain.csv"]
    assert [name for _, name in sheet.rows[0]] == [c.name for c in files.columns("users")]
    assert cell(sheet, "users", "number") == ("float", "1")
    assert cell(sheet, "users", "full_name") == ("string", USER["full_name"])
    assert cell(sheet, "users", "address") == ("string", USER["address"])
    assert cell(sheet, "users", "birth_date") == ("date", "1990-02-01")
    assert cell(sheet, "users", "last_login") == ("date", "2026-11-23T08:05:00")
    assert cell(sheet, "users", "title") == ("string", f"'{ODD}")
    assert cell(sheet, "users", "label") == ("string", "'@SUM(1)")
    assert cell(sheet, "users", "phone") == ("string", "'+84912345678")
    assert sheet.formulas == 0
