"""An auditor steps through a case in a browser, by keyboard and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tests.app.stationery import Requests
from tests.browsers import drawn, violations
from tests.worlds import auditor, clerk, leader

pytestmark = pytest.mark.browser


@pytest.fixture
def case_id(app, world) -> int:
    """A request that the head returned, the clerk sent again, and the head granted."""
    requests = Requests(app)
    task = requests.send("Giấy A4")
    found = requests.case_of(task)
    requests.complete(task, leader, decision="return", remark="Ghi rõ số lượng")
    requests.complete(requests.task("Lập đề nghị", found), clerk, item="Giấy A4", quantity="9")
    requests.complete(requests.task("Duyệt đề nghị", found), leader, decision="grant")
    return found


def marked(window: Any, element: str, kind: str) -> None:
    """The element bears that mark on the drawing."""
    window.locator(f'.djs-element.is-{kind}[data-element-id="{element}"]').wait_for()


def test_an_auditor_replays_a_case_with_the_keyboard_alone(browser, case_id):
    window = browser.as_(auditor)
    window.goto("/audit")
    window.keyboard.press("j")
    window.keyboard.press("Enter")
    window.get_by_role("region", name="Nhật ký nguyên vẹn: 5 trên 5 bước").wait_for()
    drawn(window)
    marked(window, "Granted", "past")
    marked(window, "Task_Decide", "past")

    window.keyboard.press("Home")
    window.get_by_role("heading", name="Bước 1: Vụ việc bắt đầu").wait_for()
    marked(window, "Task_Draft", "now")
    assert window.locator(".djs-element.is-past[data-element-id=Task_Decide]").count() == 0
    window.keyboard.press("ArrowRight")
    window.get_by_role("heading", name="Bước 2: Đã xong “Lập đề nghị”").wait_for()
    marked(window, "Task_Decide", "now")
    window.locator("#step-detail").get_by_text("Phạm Thị Anh").wait_for()
    window.get_by_role("row", name="Số lượng").get_by_text("5", exact=True).wait_for()
    window.keyboard.press("j")
    window.locator("#step-detail").get_by_text("Nguyễn Thị Châu").wait_for()
    window.get_by_role("row", name="Quyết định").get_by_text("Trả lại").wait_for()
    window.keyboard.press("ArrowLeft")
    window.locator("#step-detail").get_by_text("Phạm Thị Anh").wait_for()
    assert window.url.endswith("#step-2")
    window.keyboard.press("End")
    window.get_by_text("5 / 5", exact=True).wait_for()
    marked(window, "Task_Draft", "past")


def test_a_step_can_be_sent_on_as_an_address(browser, case_id):
    window = browser.as_(auditor)
    window.goto(f"/audit/cases/{case_id}?step=3")
    drawn(window)
    window.get_by_role("heading", name="Bước 3: Đã xong “Duyệt đề nghị”").wait_for()
    window.get_by_role("list", name="Các bước").get_by_role("link").nth(3).click()
    window.get_by_role("heading", name="Bước 4: Đã xong “Lập đề nghị”").wait_for()
    window.reload()
    window.get_by_role("heading", name="Bước 4: Đã xong “Lập đề nghị”").wait_for()


def test_a_forged_line_is_named_above_the_drawing_with_a_way_to_it(browser, case_id, engine):
    with engine.writing() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(sa.text("DROP TRIGGER entry_no_update"))
        else:
            session.execute(sa.text("ALTER TABLE entry DISABLE TRIGGER ALL"))
        session.execute(sa.text("UPDATE entry SET actor_label = 'Ai đó' WHERE seq = 3"))
    window = browser.as_(auditor)
    window.goto(f"/audit/cases/{case_id}")
    drawn(window)
    alert = window.get_by_role("region", name="Sai lệch đầu tiên ở bước 3")
    alert.get_by_role("link", name="Xem bước 3").click()
    window.get_by_role("heading", name="Bước 3: Đã xong “Duyệt đề nghị”").wait_for()
    assert violations(window) == []


# What a page looks like is the same on every database.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_of_the_auditor_has_a_barrier_or_scrolls_sideways(browser, case_id, width):
    window = browser.as_(auditor, width=width)
    for path in ["/audit", "/audit?q=giay&status=completed", f"/audit/cases/{case_id}"]:
        window.goto(path)
        if "cases" in path:
            drawn(window)
            window.get_by_text("Biểu mẫu lúc gửi").click()
        assert violations(window) == [], path
        assert window.evaluate("document.documentElement.scrollWidth") <= width, path
    window.goto("/audit")
    window.get_by_role("button", name="Kiểm chứng 1 vụ việc").click()
    window.get_by_role("region", name="Mọi nhật ký đều nguyên vẹn").wait_for()
    assert violations(window) == []
    assert window.evaluate("document.documentElement.scrollWidth") <= width
