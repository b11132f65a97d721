"""A report in a real browser, from the request over a return to the approval."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browsers import at, send, violations
from tests.processes import test_report_submission as reports
from tests.processes.test_report_submission import ASK, CHECK, INDICATOR, KEY, RECEIVE, SIGN, WRITE
from tests.worlds import chief, clerk, leader, office

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
database_url = reports.database_url
keys = reports.keys


def ask(browser: Any, case: Any) -> None:
    """The Office asks for the report; without a kind of report no time is asked."""
    desk = at(browser, case, ASK, office)
    assert desk.get_by_text("Kỳ và hạn").count() == 0
    desk.get_by_label("Tên báo cáo").fill("Báo cáo thu hút đầu tư")
    desk.get_by_role("radio", name="Định kỳ trong tỉnh").check()
    desk.get_by_text("Kỳ và hạn").wait_for()
    desk.get_by_label("Căn cứ yêu cầu báo cáo").fill("QĐ 12/QĐ-UBND ngày 05/01/2026")
    desk.get_by_label("Đơn vị báo cáo").select_option(label="Phòng Quản lý đầu tư")
    desk.get_by_label("Kỳ báo cáo").select_option(label="Tháng")
    desk.get_by_label("Đề cương báo cáo").fill("Tình hình thu hút đầu tư trong kỳ.")
    desk.get_by_label("Chỉ tiêu", exact=True).last.fill(INDICATOR)
    desk.get_by_label("Đơn vị tính").fill("dự án")
    assert violations(desk) == []
    send(case, desk, "Giao báo cáo", ASK)


def test_a_report_is_asked_for_written_returned_compared_and_approved(browser, case, keys):
    case.start(KEY, office, unit="vp")
    ask(browser, case)
    case.complete(RECEIVE, clerk, received={"choice": "self"})

    phone = at(browser, case, WRITE, clerk, width=390, height=844)
    phone.get_by_role("textbox", name="Giá trị").fill("12")
    phone.get_by_label("Nội dung báo cáo").fill("Thu hút đầu tư tăng so với kỳ trước.")
    phone.get_by_role("radio", name=re.compile("^Hoàn thành")).check()
    assert violations(phone) == []
    send(case, phone, "Ghi báo cáo", WRITE)
    case.complete(SIGN, leader, sign={"choice": "sign"})

    checker = at(browser, case, CHECK, chief)
    checker.get_by_role("radio", name=re.compile("^Trả lại")).check()
    checker.get_by_label("Lý do trả lại").fill(reports.REASON)
    send(case, checker, "Gửi kết quả", CHECK)
    again = at(browser, case, WRITE, clerk)
    again.get_by_text(reports.REASON).first.wait_for()
    reports.sent(case, 15)

    checker.goto(f"/cases/{case.id}")
    checker.get_by_role("link", name="So sánh 2 lần").click()
    row = checker.get_by_role("row").filter(has_text=f"{INDICATOR}: Giá trị")
    assert re.sub(r"\s+", " ", row.inner_text()).split()[-3:] == ["12", "15", "Khác"]
    assert violations(checker) == []
    last = at(browser, case, CHECK, chief)
    last.get_by_role("radio", name=re.compile("^Duyệt")).check()
    send(case, last, "Gửi kết quả", CHECK)
    assert case.row.columns["state"] == "Đã duyệt"
