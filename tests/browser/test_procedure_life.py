"""A procedure of the catalogue in a real browser, from the proposal over a return to its day."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.test_dossiers import at, send
from tests.browsers import violations
from tests.processes import test_procedure_life as procedures
from tests.processes.test_procedure_life import CONTENT, KEY
from tests.worlds import clerk, director, leader, office, owner

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
database_url = procedures.database_url
WHY = "Ghi rõ căn cứ pháp lý của thời hạn."
DOCUMENT = "Quyết định số 1520/QĐ-UBND"


def write_down(case: Any, window: Any) -> None:
    """The basic contents, as the law has them."""
    texts = ("code", "field", "name", "legal_basis", "components")
    labels = ("Mã thủ tục", "Tên lĩnh vực", "Tên thủ tục", "Căn cứ pháp lý", "Thành phần hồ sơ")
    for key, label in zip(texts, labels, strict=True):
        window.get_by_role("textbox", name=label, exact=True).fill(CONTENT[key])
    window.get_by_label("Tên đơn vị").select_option(label="Phòng Quản lý đầu tư")
    window.get_by_label("Quy trình thực hiện").select_option(label="Không liên thông")
    window.get_by_label("Thời gian (ngày làm việc)").fill("10")
    window.get_by_label("Mức độ").select_option(label="Dịch vụ công trực tuyến toàn trình")
    window.get_by_label("Phí (đồng)", exact=True).fill("0")
    window.get_by_label("Lệ phí (đồng)", exact=True).fill("0")
    window.get_by_label("Hình thức thanh toán").select_option(label="Không thu")
    way = "Trực tiếp, trực tuyến hoặc qua bưu chính"
    window.get_by_label("Hình thức giao trả kết quả").select_option(label=way)
    assert violations(window) == []
    send(case, window, "Gửi đề xuất", "Ghi nội dung thủ tục")


def test_a_procedure_is_proposed_returned_approved_and_stands_in_the_catalogue(browser, case):
    proposal = {"action": "create", "reason": "Theo Luật Đầu tư."}
    case.start(KEY, clerk, unit="p-dautu")
    case.complete("Lập đề xuất", clerk, proposal=proposal, draft={"choice": "go"})
    desk = at(browser, case, "Ghi nội dung thủ tục", clerk)
    write_down(case, desk)

    phone = at(browser, case, "Ký đề xuất", leader, width=390, height=844)
    phone.get_by_role("radio", name=re.compile("^Trả lại để sửa")).check()
    phone.get_by_label("Lý do", exact=True).last.fill(WHY)
    send(case, phone, "Ký đề xuất", "Ký đề xuất")
    again = at(browser, case, "Lập đề xuất", clerk)
    again.get_by_text(WHY).first.wait_for()
    case.complete("Lập đề xuất", clerk, proposal=proposal, draft={"choice": "go"})
    # What was written down before stands in the form again.
    again = at(browser, case, "Ghi nội dung thủ tục", clerk)
    assert again.get_by_label("Mã thủ tục").input_value() == CONTENT["code"]
    send(case, again, "Gửi đề xuất", "Ghi nội dung thủ tục")
    case.complete("Ký đề xuất", leader, confirm={"choice": "sign"})
    case.complete("Kiểm soát thủ tục", office, check={"choice": "forward"})

    case.complete("Phê duyệt", director, decision={"choice": "approve"})
    keeper = at(browser, case, "Đối chiếu văn bản", owner)
    keeper.get_by_role("radio", name="Khớp, cập nhật danh mục").check()
    keeper.get_by_label("Văn bản công bố").fill(DOCUMENT)
    keeper.locator('[name="update.effective_on"]').fill("23/11/2026")
    send(case, keeper, "Ghi kết quả đối chiếu", "Đối chiếu văn bản")
    assert case.row.outcome == "Đã cập nhật danh mục"
    keeper.goto("/catalogues/procedures?q=dieu+chinh")
    keeper.get_by_role("row").filter(has_text=CONTENT["code"]).get_by_role("link").first.click()
    keeper.get_by_text(DOCUMENT).first.wait_for()
