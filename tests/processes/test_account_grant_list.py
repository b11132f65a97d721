"""Accounts for many people by one list: read, judged, cut by the Office, made row by row."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest

from adapters.sandbox import Mailbox
from app.demo import paper
from app.people.imports import decisions
from app.people.queries import find_account
from engine import views
from tests.app.people.test_rolls import ONE_DATABASE, book_of, text_of
from tests.cases import CaseUnderTest
from tests.processes.in_force import database_with
from tests.worlds import clerk, colleague, director, leader, office

KEY = "account-grant-list"
DRAFT, CONFIRM, CHECK = "Lập đề nghị", "Xác nhận đề nghị", "Kiểm tra đề nghị"
DECIDE, TAKE = "Lãnh đạo quyết định", "Nhận kết quả"
HEADER = [
    "TT",
    "Họ và tên",
    "Đơn vị công tác",
    "Chức vụ",
    "Ngày sinh",
    "Thư điện tử",
    "Nhóm quyền",
]
UNIT = "Phòng Quản lý đầu tư"
TUYET = ["1", "Nguyễn Thị Ánh Tuyết", UNIT, "Chuyên viên", date(1990, 12, 31),
         "tuyet@sonhai.example", "Văn thư"]  # fmt: skip
PHUOC = ["2", "Đặng Hữu Phước", "p-dautu", "Kế toán", date(1985, 2, 1),
         "phuoc@sonhai.example", ""]  # fmt: skip
HANH = ["3", "Đỗ Thị Hạnh", UNIT, "Nhân viên", date(1992, 5, 6), "hanh@sonhai.example", ""]


def in_force(case: CaseUnderTest) -> None:
    case.deploy(KEY)


database_url = database_with("granting_lists", in_force)


def attached(case: Any, name: str, content: bytes) -> list[int]:
    return [case.engine.attach(case.id, name, io.BytesIO(content), actor=case.actor(clerk)).id]


def send(case: Any, *rows: list[Any], **changed: Any) -> None:
    """The clerk has handed in a spreadsheet with these rows."""
    case.start(KEY, clerk)
    asked = {
        "way": "file",
        "list": attached(case, "danh-sach.xlsx", book_of([["DANH SÁCH"], HEADER, *rows])),
        "scan": attached(case, "de-nghi.pdf", paper.scan(case.code)),
    }
    case.complete(DRAFT, clerk, request={**asked, **changed})


def data(case: Any) -> dict[str, Any]:
    with case.engine.reading() as session:
        actor, now = case.actor(clerk), case.engine.clock()
        return views.case(session, case.engine.mover, case.id, actor, now).data


def letters(settings: Any) -> dict[str, str]:
    return {letter.to: letter.text for letter in Mailbox(settings.home / "mail").letters()}


def test_each_person_has_an_account_and_a_letter_and_the_unit_the_result_of_each_row(
    case, settings
):
    there = [
        "4",
        colleague.label,
        UNIT,
        "Chuyên viên",
        "",
        f"{colleague.user_name}@sonhai.example",
        "",
    ]
    send(case, TUYET, PHUOC, HANH, there)
    case.complete(CONFIRM, leader, confirm={"choice": "confirm"})
    struck = [{"row": 4, "reason": "Chưa ký hợp đồng."}]
    case.complete(CHECK, office, check={"choice": "forward", "struck": struck})
    case.complete(DECIDE, director, decision={"choice": "approve"})
    assert case.waits_at(TAKE)
    told = letters(settings)
    assert {"tuyet@sonhai.example", "hanh@sonhai.example"} <= told.keys()
    assert "phuoc@sonhai.example" not in told
    assert "tuyetnta.bql" in told["tuyet@sonhai.example"]
    outcome = data(case)["outcome"]
    assert [row["user_name"] for row in outcome] == ["tuyetnta.bql", None, "hanhdt.bql", None]
    assert outcome[1]["reason"] == "Văn phòng không trình: Chưa ký hợp đồng."
    assert colleague.name in outcome[3]["reason"]
    assert "first-password" not in str(data(case))
    with case.engine.reading() as session:
        assert find_account(session, "tuyetnta.bql").basis == case.code
    case.complete(TAKE, clerk, taken={"received": True})
    assert case.row.outcome == decisions.GRANTED[KEY]
    assert case.row.unit == "p-dautu"
    assert case.verify().holds


@ONE_DATABASE
def test_a_list_with_a_wrong_row_comes_back_at_once_and_nobody_sees_it(case, page):
    nameless = ["2", "Phước", "Phòng Không Có", "Kế toán", "31/02/1990", "", "Lãnh đạo Ban"]
    send(case, TUYET, nameless)
    assert case.waits_at(DRAFT)
    said = data(case)["unknown"]["error_message"]
    assert said.startswith("Dòng 4 (Phước) | ")
    asked = page.as_(clerk).get(f"/tasks/{case.task(DRAFT).id}").text
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", asked)
    row = cells.index("31/02/1990")
    assert cells[row - 2 : row] == ["Dòng 4 (Phước)", "Ngày, tháng, năm sinh"]
    assert "Không phải ngày sinh" in cells[row + 1] or "31/12/1990" in cells[row + 1]
    assert "Dòng 3" not in said
    csv = text_of([HEADER, [str(cell) for cell in TUYET]]).encode("utf-8-sig")
    case.complete(DRAFT, clerk, request={"list": attached(case, "sua.csv", csv)})
    assert case.waits_at(CONFIRM)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"Nhóm quyền": "Lãnh đạo Ban"}, "nhóm"),
        ({"Đơn vị công tác": "vp"}, "đơn vị"),
        ({"Thư điện tử": ""}, "thư điện tử"),
    ],
)
def test_a_unit_asks_for_its_own_people_and_for_groups_that_units_may_ask_for(case, changed, why):
    send(case, [changed.get(name, cell) for name, cell in zip(HEADER, TUYET, strict=True)])
    assert case.waits_at(DRAFT)
    assert why in data(case)["unknown"]["error_message"]


@ONE_DATABASE
def test_typed_rows_are_judged_like_those_of_a_file(case):
    row = {
        "full_name": "Nguyễn Thị Ánh Tuyết", "birth_date": date(1990, 12, 31), "sex": "female",
        "position": "Chuyên viên", "phone": "0912 345 678", "email": "tuyet@sonhai.example",
        "address": "Thôn Đông, xã Tân Khê", "groups": "van-thu",
    }  # fmt: skip
    send(case, TUYET, way="typed", rows=[row, row], list=None)
    first, second = data(case)["roll"]["people"]
    assert (first["groups"], first["unit"], first["present"]) == (["van-thu"], "p-dautu", None)
    assert second["present"] == "Trùng với dòng 1."


@ONE_DATABASE
def test_who_asks_confirms_checks_and_decides_are_different_hands(case):
    send(case, TUYET)
    case.complete(CONFIRM, leader, confirm={"choice": "confirm"})
    case.complete(CHECK, office, check={"choice": "forward"})
    assert case.waits_at(DECIDE)
    with case.engine.reading() as session:
        view = views.task(session, case.engine.mover, case.task(DECIDE).id, case.actor(leader))
    assert view.why_not is not None
