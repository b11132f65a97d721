"""Documents in a real browser, from their arrival to the file."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from app.demo import paper
from tests.browsers import at, violations
from tests.cases import CaseUnderTest
from tests.processes.in_force import database_with
from tests.worlds import clerk, director, leader, office

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
INCOMING = "document-incoming"


def in_force(case: CaseUnderTest) -> None:
    case.deploy(INCOMING)


database_url = database_with("documents", in_force)


def send(window: Any, button: str, task: str) -> None:
    """The form is sent, and nothing of it was too wide."""
    width = window.viewport_size["width"]
    assert window.evaluate("document.documentElement.scrollWidth") <= width
    window.get_by_role("button", name=button, exact=True).click()
    window.get_by_role("status").filter(has_text=f"“{task}”").first.wait_for()


def test_a_document_comes_in_is_returned_once_directed_handled_and_filed(browser, case):
    case.start(INCOMING, office, unit="vp")
    desk = at(browser, case, "Tiếp nhận, đăng ký", office)
    desk.get_by_label("Dấu chỉ độ mật").select_option(label="Mật")
    desk.get_by_text("Không đưa văn bản mật vào hệ thống.").wait_for()
    assert desk.get_by_label("Trích yếu nội dung").count() == 0
    desk.get_by_label("Dấu chỉ độ mật").select_option(label="Không có")
    desk.get_by_role("radio", name=re.compile("hộp thư cơ quan")).check()
    desk.get_by_label("Độ khẩn").select_option(label="Thường")
    desk.get_by_label("Tên loại").select_option(label="Công văn")
    desk.get_by_label("Cơ quan, tổ chức ban hành").fill("Sở Tài chính")
    desk.get_by_label("Số, ký hiệu").fill("97/STC-QLNS")
    desk.get_by_label("Ngày văn bản").fill("20/11/2026")
    desk.get_by_label("Trích yếu nội dung").fill("Lập dự toán năm 2027")
    desk.get_by_label("Ngày đến").fill("23/11/2026")
    pdf = {"name": "97.pdf", "mimeType": "application/pdf", "buffer": paper.scan(case.code)}
    desk.locator("#f-document-files").set_input_files(pdf)
    desk.locator('li [name="document.files"]').wait_for(state="attached")
    desk.get_by_role("radio", name="Đăng ký, trình lãnh đạo").check()
    assert violations(desk) == []
    send(desk, "Ghi kết quả tiếp nhận", "Tiếp nhận, đăng ký")
    desk.get_by_role("status").filter(has_text="Số đến 1 · Công văn 97/STC-QLNS").first.wait_for()
    leaders = at(browser, case, "Cho ý kiến chỉ đạo", director, width=390, height=844)
    leaders.get_by_role("radio", name=re.compile("^Trả lại văn thư")).check()
    leaders.get_by_label("Lý do trả lại").fill("Bản quét thiếu phụ lục kèm theo.")
    send(leaders, "Ghi ý kiến chỉ đạo", "Cho ý kiến chỉ đạo")
    again = at(browser, case, "Tiếp nhận, đăng ký", office)
    again.get_by_text("Bản quét thiếu phụ lục kèm theo.").wait_for()
    send(again, "Ghi kết quả tiếp nhận", "Tiếp nhận, đăng ký")
    direction = {"choice": "assign", "lead": "p-dautu", "due": date(2026, 11, 30)}
    case.complete("Cho ý kiến chỉ đạo", director, direction={**direction, "text": "Tham mưu."})
    take = {"choice": "assign", "officer": clerk.name}
    case.complete("Phân công trong đơn vị", leader, take=take)
    work = at(browser, case, "Xử lý văn bản", clerk, width=390, height=844)
    work.get_by_role("radio", name=re.compile("^Đã xử lý xong")).check()
    work.get_by_label("Kết quả xử lý", exact=True).last.fill("Đã gửi dự toán qua hệ thống.")
    assert violations(work) == []
    send(work, "Ghi kết quả", "Xử lý văn bản")
    assert case.row.columns["number_in"] == 1
    assert case.waits_at("Lập hồ sơ")
