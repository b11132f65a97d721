"""Accounts and rights in a real browser, by each who has a hand in them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.sandbox import Mailbox
from app.demo import paper
from app.people.models import Grant
from tests.app.people.test_imports import HEADER as LEGACY
from tests.app.people.test_imports import PEOPLE, case_of
from tests.app.people.test_rolls import book_of, legacy
from tests.browsers import violations
from tests.cases import CaseUnderTest
from tests.engine.drawings import text
from tests.processes.in_force import database_with
from tests.processes.test_account_grant_enterprise import STEEL
from tests.processes.test_account_grant_list import HANH, HEADER, PHUOC, TUYET
from tests.worlds import (
    auditor,
    chief,
    clerk,
    colleague,
    director,
    leader,
    nobody,
    office,
    stranger,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
LIST, ENTERPRISE, DELEGATION = "account-grant-list", "account-grant-enterprise", "delegation"
WORK = """start s
    user a "Xử lý hồ sơ" candidateGroups=chuyen-vien
    end e
    s > a > e"""
WHY = "?right=rights.grant&unit=p-dautu&on=2026-11-23"
desk = stranger
"""Who receives at the one-stop desk."""


def in_force(case: CaseUnderTest) -> None:
    """The desk is manned, and the investment division's head administers it too."""
    for key in (LIST, ENTERPRISE, DELEGATION):
        case.deploy(key)
    case.deploy("work", {"processes/bpmn/work.bpmn": text(WORK, "work")})
    with case.engine.writing() as session:
        for grant in session.scalars(sa.select(Grant).where(Grant.group_key == "chuyen-vien")):
            if grant.unit_code == desk.unit:
                grant.group_key = "mot-cua"
        (head,) = session.scalars(sa.select(Grant).where(Grant.group_key == "truong-phong"))
        session.add(
            Grant(
                account_id=head.account_id, group_key="quan-tri-don-vi", unit_code=leader.unit,
                valid_from=head.valid_from, granted_at=head.granted_at, granted_by="system",
            )
        )  # fmt: skip


database_url = database_with("journeys", in_force)


def sound(window: Any) -> None:
    """No barrier, and nothing beyond the edge of the screen."""
    assert violations(window) == []
    width = window.viewport_size["width"]
    assert window.evaluate("document.documentElement.scrollWidth") <= width


def at(browser: Any, case: Any, task: str, who: Any, **size: int) -> Any:
    """A window of that person at the open task of that name."""
    window = browser.as_(who, **size)
    window.goto(f"/tasks/{case.task(task).id}")
    return window


def decide(browser: Any, case: Any, task: str, who: Any, *, choice: str, button: str) -> None:
    """Somebody takes the task, chooses and sends."""
    case.engine.claim(case.task(task).id, actor=case.actor(who))
    window = at(browser, case, task, who)
    window.get_by_role("radio", name=re.compile(f"^{choice}")).check()
    window.get_by_role("button", name=button).click()
    window.get_by_role("status").filter(has_text=f"Đã xong “{task}”").wait_for()


def test_a_list_goes_from_the_units_clerk_by_head_office_and_leader_back_to_the_clerk(
    browser, case, settings
):
    case.start(LIST, clerk)
    window = at(browser, case, "Lập đề nghị", clerk, width=390, height=844)
    with window.expect_response("**/preview"):
        window.get_by_label("Đính kèm tệp bảng tính").check()
    rows = book_of([HEADER, TUYET, PHUOC, HANH])
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    book = {"name": "danh-sach.xlsx", "mimeType": kind, "buffer": rows}
    window.locator("#f-request-list").set_input_files(book)
    window.locator('li [name="request.list"]').wait_for(state="attached")
    scan = paper.scan(case.code)
    pdf = {"name": "de-nghi.pdf", "mimeType": "application/pdf", "buffer": scan}
    window.locator("#f-request-scan").set_input_files(pdf)
    window.locator('li [name="request.scan"]').wait_for(state="attached")
    sound(window)
    window.get_by_role("button", name="Gửi trưởng đơn vị xác nhận").click()
    window.get_by_role("status").filter(has_text="Đã xong “Lập đề nghị”").wait_for()
    decide(browser, case, "Xác nhận đề nghị", leader, choice="Xác nhận", button="Gửi ý kiến")
    case.engine.claim(case.task("Kiểm tra đề nghị").id, actor=case.actor(office))
    checked = at(browser, case, "Kiểm tra đề nghị", office)
    assert checked.get_by_role("table", name="Danh sách đề nghị cấp tài khoản").is_visible()
    checked.get_by_role("radio", name=re.compile("^Trình quyết định")).check()
    checked.locator("button[name=_add]").click()
    checked.get_by_label("Người trong danh sách").select_option("3")
    checked.get_by_label("Lý do", exact=True).fill("Chưa ký hợp đồng.")
    sound(checked)
    checked.get_by_role("button", name="Ghi kết quả kiểm tra").click()
    checked.get_by_role("status").filter(has_text="Đã xong “Kiểm tra đề nghị”").wait_for()
    decide(
        browser, case, "Lãnh đạo quyết định", director,
        choice="Cấp cho những người được trình", button="Ký quyết định",
    )  # fmt: skip
    case.tick()
    window.goto(f"/tasks/{case.task('Nhận kết quả').id}")
    told = window.get_by_role("table", name="Kết quả từng dòng").inner_text()
    assert "tuyetnta.bql" in told and "Chưa ký hợp đồng." in told
    sound(window)


def test_an_enterprise_gets_its_account_at_the_desk_and_logs_in(browser, case, settings):
    case.start(ENTERPRISE, desk)
    window = at(browser, case, "Lập hồ sơ đề nghị", desk)
    window.get_by_label("Mã số doanh nghiệp").fill("0201234504")
    window.get_by_role("button", name="Chuyển Văn phòng").click()
    window.get_by_role("alert").wait_for()
    sound(window)
    for label, key in (
        ("Tên doanh nghiệp", "organisation"), ("Mã số doanh nghiệp", "enterprise_code"),
        ("Mã số thuế", "tax_code"), ("Địa chỉ", "address"), ("Số điện thoại", "phone"),
        ("Thư điện tử", "email"), ("Họ và tên người đứng đầu", "head_name"),
        ("Chức vụ", "head_position"), ("Người ký xác nhận", "signed_by"),
    ):  # fmt: skip
        window.get_by_label(label).fill(str(STEEL[key]))
    window.get_by_label("Ngày ký").fill("20/11/2026")
    pdf = {"name": "de-nghi.pdf", "mimeType": "application/pdf", "buffer": paper.scan(case.code)}
    window.locator("#f-request-scan").set_input_files(pdf)
    window.locator('li [name="request.scan"]').wait_for(state="attached")
    window.get_by_role("button", name="Chuyển Văn phòng").click()
    window.get_by_role("status").filter(has_text="Đã xong “Lập hồ sơ đề nghị”").wait_for()
    decide(
        browser, case, "Kiểm tra hồ sơ", office,
        choice="Trình Chánh Văn phòng", button="Ghi kết quả kiểm tra",
    )  # fmt: skip
    decide(
        browser, case, "Chánh Văn phòng quyết định", chief,
        choice="Cấp tài khoản", button="Ký quyết định",
    )  # fmt: skip
    case.tick()
    (letter,) = Mailbox(settings.home / "mail").letters()
    path = re.search(r"/first-password/\S+", letter.text)[0]
    window = browser.as_(nobody, width=390, height=844)
    window.goto(path)
    window.get_by_label("Mật khẩu mới", exact=True).fill("Mat-khau-rieng-26!")
    window.get_by_label("Nhập lại mật khẩu mới").fill("Mat-khau-rieng-26!")
    sound(window)
    window.get_by_role("button").filter(has_text="đăng nhập").click()
    window.wait_for_url(lambda url: "/first-password/" not in url)
    case.tick()
    assert case.row.status == "completed"


def test_a_substitute_sees_on_every_page_for_whom_they_act_until_it_ends_by_itself(
    browser, case, clock
):
    today = clock().date()
    case.start(DELEGATION, clerk)
    asked = {"kind": "substitution", "grantee": colleague.name, "reason": "Nghỉ phép năm.",
             "valid_from": today, "valid_to": today + timedelta(days=1)}  # fmt: skip
    case.complete("Lập đề nghị", clerk, request=asked)
    case.complete("Trưởng đơn vị cho phép", leader, decision={"choice": "permit"})
    permission = case.code
    task = case.engine.start("work", actor=case.actor(clerk)).tasks[0]
    window = browser.as_(colleague, width=390, height=844)
    window.goto("/acting")
    window.get_by_role("button", name=f"Làm thay {clerk.label}").click()
    for path in ("/inbox?list=groups", "/cases", f"/tasks/{task}"):
        window.goto(path)
        assert window.get_by_text(permission).first.is_visible(), path
        sound(window)
    window.locator("[data-claim]").click()
    window.get_by_role("button", name="Hoàn thành việc").click()
    window.get_by_role("status").filter(has_text="Đã xong “Xử lý hồ sơ”").wait_for()

    absent = browser.as_(clerk)
    absent.goto("/acting")
    deeds = absent.get_by_role("table", name=re.compile("người khác"))
    assert colleague.label in deeds.inner_text() and permission in deeds.inner_text()
    clock.at(f"{today + timedelta(days=2)} 08:00")
    case.tick()
    assert case.row.outcome == "Đã hết hạn"
    window.goto("/login")
    assert window.get_by_text(permission).count() == 0


def imports(window: Any, case: Any) -> None:
    """An old list of people whom a case granted accounts is imported; what is wrong is told."""
    code = case_of(case.engine)
    rows = "\r\n".join([LEGACY, *PEOPLE, "9;Người Lạ;p-dautu;01/01/1990;;"])
    book = {"name": "ds.csv", "mimeType": "text/csv", "buffer": legacy(rows, "tcvn3").encode("l1")}
    window.goto("/people/imports")
    window.get_by_role("button", name="Đọc danh sách").click()
    missing = window.locator("#file").evaluate("field => field.validationMessage")
    assert missing == "Chọn tệp"  # and not in the browser's own language
    window.get_by_label("Tệp danh sách").set_input_files(book)
    window.get_by_label("Số văn bản đề nghị").fill("12/ĐN")
    window.get_by_label("Ngày văn bản").fill("20/11/2026")
    window.get_by_label("Mã vụ việc đã cấp tài khoản").fill(code)
    window.get_by_role("button", name="Đọc danh sách").click()
    assert window.get_by_text("Trần Thị Bé").is_visible()
    assert "TCVN3" in window.get_by_label("Bảng mã").locator("option:checked").inner_text()
    sound(window)
    window.get_by_role("button", name="Kiểm tra từng dòng").click()
    case.tick()
    window.get_by_text("Nhập được: 2; Cần sửa: 2").wait_for()
    assert window.get_by_role("radio", name=re.compile("^Tất cả hoặc không")).is_disabled()
    assert window.get_by_text("2 dòng chưa nhập được").is_visible()
    sound(window)
    window.get_by_role("button", name="Cấp 2 tài khoản").click()
    case.tick()
    window.get_by_text("Cần sửa: 2; Đã cấp tài khoản: 2").wait_for()
    assert window.get_by_role("row", name=re.compile("Người Lạ.*sửa dòng")).is_visible()
    sound(window)


def test_a_units_administrator_keeps_to_the_unit_and_an_auditor_of_rights_sees_why(browser, case):
    window = browser.as_(leader, width=390, height=844)
    window.goto(f"/people/{clerk.name}")
    window.get_by_label("Nhóm", exact=True).select_option("van-thu")
    window.get_by_label("Ngày cuối").fill("31/12/2026")
    window.get_by_label("Căn cứ", exact=True).last.fill("Quyết định số 9/QĐ-BQL")
    sound(window)
    window.get_by_role("button", name="Cấp quyền này").click()
    window.get_by_role("status").wait_for()
    assert window.goto(f"/people/{stranger.name}").status == 404

    imports(window, case)

    judge = browser.as_(auditor)
    judge.goto(f"/people/{clerk.name}/why{WHY}")
    assert judge.get_by_text("Văn thư").first.is_visible()
    assert judge.get_by_text("nhóm không có quyền này").first.is_visible()
    sound(judge)
