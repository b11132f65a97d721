"""Registers and books on screen: rows in the law's order, found, sorted, narrowed, taken away."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from app.registers import queries
from app.registers.models import GivenNumber
from app.registers.operations import register_entries
from engine.errors import BundleRefused
from tests import papers
from tests.app.registers import incoming
from tests.worlds import admin, applicant, auditor, clerk, director, office, stranger

PAPERS = [
    ("Sở Xây dựng", date(2026, 11, 20)),
    ("=2+5", date(2026, 11, 21)),
    ("Bộ Tài chính", date(2026, 11, 23)),
]
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def entered(case: Any) -> Any:
    """Three documents that came in to the investment division."""
    case.deploy(incoming.KEY, dict(incoming.bundle().files))
    for author, arrived in PAPERS:
        case.start(incoming.KEY, clerk, number=None, author=author, arrived=arrived)
    return case


def cells(page: Any, address: str, who: Any = clerk) -> list[list[str]]:
    """The cells of each row, as the page shows them."""
    shown = page.as_(who).get(address).text
    body = shown.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [re.sub(r"<[^>]+>|\s+", " ", cell).strip() for cell in re.findall(r"<td.*?</td>", row)]
        for row in body.split("<tr>")[1:]
    ]


def test_a_register_has_its_rows_in_the_columns_of_the_law(entered, page):
    shown = page.as_(clerk).get("/registers/van-ban-den").text
    heads = re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)', shown)
    assert heads == ["Số đến", "Ngày đến", "Tác giả", "Đơn vị", "Ký nhận"]
    unit = "Phòng Quản lý đầu tư"
    assert cells(page, "/registers/van-ban-den") == [
        ["3", "23/11/2026", "Bộ Tài chính", unit, ""],
        ["2", "21/11/2026", "=2+5", unit, ""],
        ["1", "20/11/2026", "Sở Xây dựng", unit, ""],
    ]


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("sort=number", "123"),
        ("sort=author", "231"),
        ("sort=-arrived", "321"),
        ("sort=unit", "123"),
        ("q=xay dung", "1"),
        ("q=Xây", "1"),
        ("f.author=tai chinh", "3"),
        ("since=21/11/2026", "32"),
        ("since=21/11/2026&until=22/11/2026", "2"),
        ("unit=p-dautu", "321"),
        ("unit=vp", ""),
        ("sort=nonsense&page=99", "321"),
    ],
)
@ONE_DATABASE
def test_a_register_is_sorted_and_narrowed(entered, page, asked, numbers):
    rows = cells(page, f"/registers/van-ban-den?{asked}")
    assert "".join(row[0] for row in rows) == numbers


def test_a_list_finds_and_sorts_the_same_on_either_database(entered, page):
    assert [r[0] for r in cells(page, "/registers/van-ban-den?sort=-author")] == ["1", "3", "2"]
    assert [r[0] for r in cells(page, "/registers/van-ban-den?f.author=bo")] == ["3"]


def renamed(formerly: dict[str, list[str]]) -> dict[str, str]:
    """The process and its register with "no" and "sender" for "number" and "author"."""
    (drawing, drawn), (path, described) = sorted(incoming.bundle().files.items())
    for old, new in (("number", "no"), ("author", "sender")):
        drawn = re.sub(rf"{old}:(\w+)", rf"{new}:\1={old}", drawn)
        described = described.replace(f'"{old}"', f'"{new}"').replace(f'"-{old}"', f'"-{new}"')
    return {drawing: drawn, path: json.dumps({**json.loads(described), "formerly": formerly})}


def test_a_column_that_was_renamed_keeps_what_earlier_versions_entered(entered, page):
    with pytest.raises(BundleRefused) as refused:
        entered.deploy(incoming.KEY, renamed({}))
    assert "register-entries-gone" in [f.rule for f in refused.value.findings]
    entered.deploy(incoming.KEY, renamed({"no": ["number"], "sender": ["author"]}))
    day = date(2026, 11, 23)
    entered.start(incoming.KEY, clerk, number=None, author="Cục Thuế", arrived=day)
    address = "/registers/van-ban-den"
    rows = [(row[0], row[2]) for row in cells(page, address)]
    assert rows == [
        ("4", "Cục Thuế"),
        ("3", "Bộ Tài chính"),
        ("2", "=2+5"),
        ("1", "Sở Xây dựng"),
    ]
    for asked, numbers in (("f.sender=t", "43"), ("sort=sender", "2341"), ("sort=no", "1234")):
        assert "".join(row[0] for row in cells(page, f"{address}?{asked}")) == numbers
    answer = page.as_(clerk).get(f"{address}/file.xlsx?sort=no")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        words = "".join(book.read(name).decode() for name in book.namelist() if "xl/" in name)
    assert "Sở Xây dựng" in words
    assert "Cục Thuế" in words
    with entered.engine.reading() as session:
        for wanted in ({"sender": "so xay dung"}, {"author": "Sở Xây dựng"}, {"no": 1}):
            (found,) = register_entries(session, entered.engine.clock(), "van-ban-den", wanted)
            assert (found["no"], found["number"], found["sender"]) == (1, 1, "Sở Xây dựng")
    # The earlier version may be in force again.
    entered.deploy(incoming.KEY, dict(incoming.bundle().files))


@ONE_DATABASE
def test_what_is_no_day_is_told_beside_the_field(entered, page):
    assert "govuk-error-message" in page.as_(clerk).get("/registers/van-ban-den?since=x").text


@ONE_DATABASE
def test_everybody_sees_of_a_register_what_they_see_of_cases(entered, page):
    assert len(cells(page, "/registers/van-ban-den", director)) == 3
    assert cells(page, "/registers/van-ban-den", stranger) == []
    assert page.as_(applicant).get("/registers").status_code == 403
    assert page.as_(clerk).get("/registers/none").status_code == 404
    shown = page.as_(office).get("/registers").text
    assert "Sổ đăng ký văn bản đến" in shown


@ONE_DATABASE
def test_a_code_stands_on_one_line(entered, page):
    shown = page.as_(clerk).get("/registers/van-ban-den").text
    assert re.search(r'<td class="[^"]*qt-nowrap[^"]*"[^>]*>23/11/2026</td>', shown)
    assert not re.search(r'<td class="[^"]*qt-nowrap[^"]*"[^>]*>Bộ Tài chính</td>', shown)


@ONE_DATABASE
def test_a_file_has_days_as_days_and_nothing_as_a_formula(entered, page):
    answer = page.as_(clerk).get("/registers/van-ban-den/file.xlsx?sort=number")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        words = book.read("xl/sharedStrings.xml").decode() if "xl/sharedStrings.xml" in (
            book.namelist()
        ) else sheet  # fmt: skip
    assert "<f>" not in sheet
    assert "=2+5" in words + sheet
    assert "<v>46346</v>" in sheet  # 20 November 2026, as spreadsheets count days.
    assert page.as_(clerk).get("/registers/van-ban-den/file.doc").status_code == 404


@ONE_DATABASE
def test_a_register_is_printed_with_all_its_columns(entered, page):
    answer = page.as_(clerk).get("/registers/van-ban-den/file.pdf")
    assert answer.content_type == "application/pdf"
    assert papers.faults(answer.data) == []
    said = papers.read(answer.data)
    assert "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN" in said and "Từ ngày 20/11/2026 đến ngày 23/11/2026" in said
    labels = [one["label"] for one in incoming.REGISTER["columns"]]
    head = " ".join([*labels, *(f"({number})" for number in range(1, len(labels) + 1))])
    assert head in said
    rows = said.partition(head)[2].partition("Số dòng: 3.")[0]
    # A book begins with its first number; each row stands in the order of the columns.
    entered_first = ("1 20/11/2026 Sở Xây dựng", "2 21/11/2026 =2+5", "3 23/11/2026 Bộ Tài chính")
    wanted = " ".join(f"{one} Phòng Quản lý đầu tư" for one in entered_first)
    assert " ".join(rows.split()) == wanted
    assert "Khoản 2 Điều 9, Quy chế hệ thống thông tin báo cáo" in said


@ONE_DATABASE
def test_a_book_lists_its_numbers_and_says_that_none_is_missing(entered, page):
    shown = page.as_(auditor).get("/registers/books/documents-incoming").text
    assert "Từ số 1 đến số 3: 3 số, mỗi số cấp một lần." in shown
    assert "Phạm Thị Anh" in shown
    # Nobody who reads a book must know how patterns are written.
    assert "‹số›" in shown
    assert ">{n}<" not in shown + page.as_(auditor).get("/registers").text
    assert page.as_(clerk).get("/registers/books/none").status_code == 404
    far = "/registers/books/documents-incoming?page=999999999999999999999"
    assert page.as_(auditor).get(far).text.count("<tr>") == shown.count("<tr>")
    assert "Chưa cấp số nào" in page.as_(stranger).get("/registers/books/dossiers").text


@ONE_DATABASE
def test_who_has_a_case_numbered_for_the_agency_reads_its_series(entered, page):
    place = "/registers/books/documents-incoming"
    assert "Từ số 1 đến số 3" in page.as_(clerk).get(place).text
    assert "Chưa cấp số nào" in page.as_(stranger).get(place).text
    entered.start(incoming.KEY, stranger, number=None, author="Sở Tài chính", arrived=None)
    shown = page.as_(stranger).get(place).text
    assert "Từ số 1 đến số 4: 4 số, mỗi số cấp một lần." in shown
    # Of the cases that they do not see, nobody is named and nothing is opened.
    assert "Phạm Thị Anh" not in shown and shown.count('<a class="govuk-link" href="/cases/') == 1


@ONE_DATABASE
def test_a_number_that_somebody_took_out_of_the_database_is_told(entered, page):
    with entered.engine.writing() as session:
        for verb in ("update", "delete"):
            session.execute(sa.text(f"DROP TRIGGER given_number_no_{verb}"))
        session.execute(sa.delete(GivenNumber).where(GivenNumber.number == 2))
    with entered.engine.reading() as session:
        whole = queries.whole(session, "documents-incoming|ban", "2026")
    assert whole.missing == (2,)
    assert "Có số bị thiếu" in page.as_(auditor).get("/registers/books/documents-incoming").text


RULES = {
    "pattern": "{n:02}/{type}-{org}", "restart": "year", "is_per_unit": "yes", "split_by": "type",
    "late_days": "0", "first": "153", "effective_from": "23/11/2026",
    "legal_basis": "QĐ 12/QĐ-BQL",
}  # fmt: skip


@ONE_DATABASE
def test_the_rules_of_a_book_change_from_a_day_on(page, world):
    place = "/registers/rules/documents-outgoing"
    assert page.as_(clerk).get(place).status_code == 403
    office_of = page.as_(admin)
    assert office_of.post(place, RULES).status_code == 303
    shown = office_of.get(place).text
    assert "QĐ 12/QĐ-BQL" in shown
    assert shown.count("Đang hiệu lực") == 1
    assert "{n:02}/{type}-{org}" in office_of.get("/registers/rules").text


@ONE_DATABASE
@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("pattern", "{type}"),
        ("late_days", "x"),
        ("effective_from", "22/11/2026"),
        ("effective_from", "mai"),
        ("legal_basis", " "),
    ],
)
def test_wrong_rules_are_told_beside_their_field(page, world, field, wrong):
    place = "/registers/rules/documents-outgoing"
    answer = page.as_(admin).post(place, RULES | {field: wrong})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert page.as_(admin).get(place).text.count("<tr>") == 2  # Its head and what ships.


def test_a_drawing_may_ask_whether_something_stands_in_a_register(entered):
    facts = entered.engine.surroundings.facts

    def told(wanted: Any) -> list[str]:
        with entered.engine.reading() as session:
            asked = (session, entered.engine.clock(), incoming.REGISTER_KEY, wanted)
            return [one["author"] for one in facts["register_entries"](*asked)]

    assert told({"author": "BO tai chinh"}) == ["Bộ Tài chính"]
    assert told({"author": "Bộ"}) == []
    assert told({"author": None, "arrived": date(2026, 11, 20)}) == ["Sở Xây dựng"]
    assert told({"number": 2, "unit": "p-dautu"}) == ["=2+5"]
    assert told({"author": None}) == []
    with pytest.raises(ValueError, match="signer"):
        told({"signer": "x"})
