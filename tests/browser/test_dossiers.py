"""A dossier in a real browser, from the desk over a supplement to the signed result."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browsers import at, send, violations
from tests.processes import test_dossier as dossiers
from tests.processes.test_dossier import ALL_THERE, COMPONENTS, CONTENT, KEY, REQUEST
from tests.worlds import clerk, director, leader, office

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
database_url = dossiers.database_url
LACKING = "Báo cáo chưa có chữ ký của người đại diện."


def submit(case: Any, window: Any) -> None:
    """What the applicant brought is written down; the procedure has laid out its components."""
    window.get_by_role("radio", name="Trực tiếp tại bộ phận một cửa").check()
    window.get_by_label("Số bộ hồ sơ").fill("1")
    window.get_by_role("radio", name="Tổ chức, doanh nghiệp").check()
    window.get_by_label("Họ và tên, tên tổ chức").fill(REQUEST["name"])
    window.get_by_label("Số định danh, mã số").fill(REQUEST["id_no"])
    window.get_by_label("Số điện thoại").fill(REQUEST["phone"])
    window.get_by_label("Địa chỉ").fill(REQUEST["address"])
    for place, name in enumerate(COMPONENTS):
        window.get_by_text(name, exact=True).wait_for()
        window.get_by_label("Loại bản").nth(place).select_option(label="Bản chính")
        window.get_by_label("Số lượng").nth(place).fill("1")
    window.get_by_role("radio", name=re.compile("^Nộp hồ sơ")).check()
    assert violations(window) == []
    send(case, window, "Thực hiện", "Lập, nộp hồ sơ")


def test_a_dossier_is_submitted_supplemented_received_and_signed(browser, case):
    case.start(KEY, office, unit="vp")
    case.complete("Chọn thủ tục", office, request={"procedure": CONTENT["code"]})
    desk = at(browser, case, "Lập, nộp hồ sơ", office)
    submit(case, desk)

    phone = at(browser, case, "Kiểm tra hồ sơ", office, width=390, height=844)
    # Nothing is received before every component is found valid.
    assert phone.get_by_role("radio", name="Tiếp nhận", exact=True).count() == 0
    phone.get_by_role("radio", name="Có", exact=True).first.check()
    phone.get_by_role("radio", name="Không", exact=True).last.check()
    phone.get_by_role("radio", name=re.compile("^Yêu cầu bổ sung")).check()
    phone.get_by_label("Lý do").fill(LACKING)
    assert violations(phone) == []
    send(case, phone, "Ghi kết quả kiểm tra", "Kiểm tra hồ sơ")
    assert "dossier_code" not in {k for k, v in case.row.columns.items() if v}

    again = at(browser, case, "Bổ sung hồ sơ", office)
    again.get_by_text(LACKING).wait_for()
    again.get_by_role("radio", name=re.compile("^Nộp bổ sung")).check()
    send(case, again, "Thực hiện", "Bổ sung hồ sơ")
    case.complete("Kiểm tra hồ sơ", office, request=ALL_THERE, check={"choice": "receive"})
    case.complete("Phân công", leader, officer=clerk.name)
    dossiers.examined(case, "approve")

    signer = at(browser, case, "Ký duyệt kết quả", director)
    signer.get_by_text(case.row.columns["dossier_code"]).first.wait_for()
    signer.get_by_role("radio", name=re.compile("^Ký duyệt kết quả")).check()
    send(case, signer, "Ký duyệt", "Ký duyệt kết quả")
    assert case.waits_at("Ký, đóng dấu giấy")

    desk.goto("/registers/dossiers?q=thep+son+hai")
    row = desk.get_by_role("row").filter(has_text=case.row.columns["dossier_code"])
    assert REQUEST["name"] in row.inner_text()
