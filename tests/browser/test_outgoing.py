"""An outgoing document in a real browser, from the draft to the number."""

from __future__ import annotations

import re

import pytest

from tests.browser.test_documents import at, send
from tests.browsers import violations
from tests.processes.in_force import database_with
from tests.processes.test_document_outgoing import KEY, authority, in_force
from tests.worlds import clerk, director, leader, office

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
__all__ = ["authority"]
database_url = database_with("outgoing-pages", in_force)


def test_a_document_is_drafted_returned_once_signed_and_issued(browser, case, authority):
    case.start(KEY, clerk, unit="p-dautu")
    desk = at(browser, case, "Soạn thảo văn bản", clerk)
    desk.get_by_label("Loại văn bản").select_option("Công văn")
    desk.get_by_label("Trích yếu nội dung").fill("về việc báo cáo tình hình đầu tư")
    desk.get_by_label("Mức độ khẩn").select_option(label="Thường")
    desk.get_by_label("Chỉ dẫn lưu hành").select_option(label="Không")
    desk.get_by_role("radio", name=re.compile("^Soạn nội dung tại đây")).check()
    desk.get_by_label("Nội dung văn bản").fill("Đề nghị báo cáo trước ngày 15/12/2026./.")
    desk.get_by_label("Người ký", exact=True).select_option(director.name)
    desk.get_by_label("Ký với tư cách").select_option(label="Trưởng ban")
    desk.locator('[name="doc.recipients.0.name"]').fill("Văn phòng")
    desk.locator('[name="doc.recipients.0.part"]').select_option("to")
    desk.locator('[name="doc.recipients.0.channel"]').select_option("unit")
    desk.locator('[name="doc.recipients.0.unit"]').select_option("vp")
    desk.get_by_role("radio", name=re.compile("^Trình trưởng đơn vị")).check()
    assert violations(desk) == []
    send(desk, "Chuyển bước tiếp theo", "Soạn thảo văn bản")
    case.tick()
    head = at(browser, case, "Duyệt dự thảo", leader, width=390, height=844)
    head.get_by_role("radio", name=re.compile("^Trả lại")).check()
    head.get_by_label("Lý do").fill("Nêu rõ biểu mẫu báo cáo.")
    assert violations(head) == []
    send(head, "Gửi kết quả duyệt", "Duyệt dự thảo")
    again = at(browser, case, "Soạn thảo văn bản", clerk, width=390, height=844)
    again.get_by_text("Nêu rõ biểu mẫu báo cáo.").wait_for()
    again.get_by_role("radio", name=re.compile("^Trình trưởng đơn vị")).check()
    send(again, "Chuyển bước tiếp theo", "Soạn thảo văn bản")
    case.tick()
    case.complete("Duyệt dự thảo", leader, head={"choice": "approve"})
    case.complete("Ký ban hành", director, sign={"choice": "sign", "mode": "electronic"})
    issue = at(browser, case, "Kiểm tra, phát hành", office, width=390, height=844)
    issue.get_by_role("radio", name=re.compile("^Cấp số, ghi ngày")).check()
    assert violations(issue) == []
    send(issue, "Ghi kết quả phát hành", "Kiểm tra, phát hành")
    case.tick()
    assert case.row.columns["symbol"] == "01/BQL-ĐT"
