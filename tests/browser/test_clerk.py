"""A clerk's day in a real browser: by keyboard, on a phone, and with two people on one task."""

from __future__ import annotations

import re

import pytest

from tests.app.stationery import Requests
from tests.browsers import drawn, violations
from tests.worlds import clerk, leader

pytestmark = pytest.mark.browser


@pytest.fixture
def requests(app, world):
    """A small procedure in force, and requests to run through it."""
    return Requests(app)


def test_a_request_goes_from_start_to_decision_with_the_keyboard_alone(browser, requests):
    window = browser.as_(clerk)
    window.goto("/")
    window.get_by_role("link", name="Đề nghị văn phòng phẩm").focus()
    window.keyboard.press("Enter")
    window.get_by_role("button", name="Tạo vụ việc “Đề nghị văn phòng phẩm”").focus()
    window.keyboard.press("Enter")
    window.get_by_label("Tên đồ dùng").focus()
    window.keyboard.type("Giấy A4")
    window.keyboard.press("Tab")
    window.keyboard.type("5")
    window.keyboard.press("Control+Enter")
    window.get_by_role("status").filter(has_text="Đã xong “Lập đề nghị”").wait_for()

    desk = browser.as_(leader)
    desk.goto("/inbox?list=groups")
    desk.keyboard.press("j")
    desk.keyboard.press("n")
    desk.wait_for_url("**/tasks/*")
    desk.get_by_label("Đồng ý").focus()
    desk.keyboard.press("Space")
    desk.keyboard.press("Control+Enter")
    desk.get_by_role("status").filter(has_text="Vụ việc VPP-2026-0001 đã kết thúc").wait_for()


def test_what_is_wrong_is_announced_and_the_first_wrong_field_has_the_focus(browser, requests):
    task_id = requests.start().tasks[0]
    window = browser.as_(clerk)
    window.goto(f"/tasks/{task_id}")
    window.get_by_label("Tên đồ dùng").fill("Giấy A4")
    window.get_by_label("Số lượng").fill("không")
    window.get_by_role("button", name="Gửi đề nghị").click()
    window.get_by_role("alert").filter(has_text="còn 1 chỗ cần sửa").wait_for()
    assert window.get_by_label("Tên đồ dùng").input_value() == "Giấy A4"
    assert window.evaluate("document.activeElement.name") == "quantity"
    assert not violations(window)


def test_what_is_typed_is_saved_as_a_draft_and_there_again_in_another_browser(browser, requests):
    task_id = requests.start().tasks[0]
    window = browser.as_(clerk)
    window.goto(f"/tasks/{task_id}")
    window.get_by_label("Tên đồ dùng").press_sequentially("Bút ký")
    window.get_by_role("status").filter(has_text="Đã lưu nháp").wait_for()
    other = browser.as_(clerk)
    other.goto(f"/tasks/{task_id}")
    assert other.get_by_label("Tên đồ dùng").input_value() == "Bút ký"


def test_a_choice_makes_the_field_appear_that_depends_on_it(browser, requests):
    task_id = requests.send()
    requests.claim(task_id, leader)
    window = browser.as_(leader)
    window.goto(f"/tasks/{task_id}")
    assert window.get_by_label("Ý kiến").count() == 0
    window.get_by_label("Trả lại").check()
    window.get_by_label("Ý kiến").fill("Ghi rõ loại")
    window.get_by_role("button", name="Hoàn thành việc").click()
    window.get_by_role("status").filter(has_text="Đã xong “Duyệt đề nghị”").wait_for()


def test_the_slower_of_two_reads_who_was_first_beside_what_he_typed(browser, requests):
    task_id = requests.send()
    requests.claim(task_id, leader)
    window = browser.as_(leader)
    window.goto(f"/tasks/{task_id}")
    window.get_by_label("Trả lại").check()
    window.get_by_label("Ý kiến").fill("Chưa đủ báo giá")
    requests.complete(task_id, leader, decision="grant")
    window.get_by_role("button", name="Hoàn thành việc").click()
    window.get_by_role("alert").filter(has_text="Nguyễn Thị Châu").wait_for()
    assert window.get_by_text("Chưa đủ báo giá").is_visible()
    assert not violations(window)


def test_narrowing_swaps_the_list_and_the_keys_go_on_working(browser, requests):
    for item in ("Giấy A4", "Mực in", "Giấy nhớ"):
        requests.send(item)
    window = browser.as_(leader)
    window.goto("/inbox?list=groups")
    window.get_by_label("Lọc theo chữ").press_sequentially("giay")
    window.get_by_role("status").filter(has_text="2 việc").wait_for()
    assert "q=giay" in window.url
    window.get_by_label("Thời hạn").select_option("week")
    window.get_by_role("link", name="Hạn trong tuần này").wait_for()
    window.get_by_label("Chọn tất cả 2 việc").focus()
    window.keyboard.press("j")
    window.keyboard.press("x")
    window.keyboard.press("j")
    window.keyboard.press("x")
    window.get_by_role("button", name="Nhận 2 việc").click()
    window.get_by_role("status").filter(has_text="Đã nhận 2 việc").wait_for()
    window.get_by_role("button", name="Hoàn tác").click()
    window.get_by_role("status").filter(has_text="Đã trả 2 việc về nhóm").wait_for()


def test_back_from_a_task_one_stands_on_the_same_row(browser, requests):
    tasks = [requests.send(item) for item in ("Giấy", "Mực", "Bìa")]
    window = browser.as_(leader)
    window.goto("/inbox?list=groups&q=vpp")
    window.locator(f"#task-{tasks[1]} .qt-main-link").click()
    window.get_by_role("link", name="Việc của nhóm", exact=True).first.click()
    window.wait_for_url(re.compile(r"/inbox\?list=groups&q=vpp#task-"))
    row = window.locator("tr.is-at")
    assert row.get_attribute("id") == f"task-{tasks[1]}"


def test_a_tab_of_the_case_changes_without_drawing_anew(browser, requests):
    case_id = requests.case_of(requests.send("Bìa hồ sơ"))
    window = browser.as_(clerk)
    window.goto(f"/cases/{case_id}")
    drawn(window)
    window.evaluate("document.querySelector('#drawing').dataset.same = 'yes'")
    window.get_by_role("link", name=re.compile("^Dữ liệu")).click()
    window.wait_for_url("**tab=data")
    window.locator("#tabs").get_by_role("term").filter(has_text="Số lượng").wait_for()
    assert window.locator("#drawing").get_attribute("data-same") == "yes"
    assert window.locator('[aria-current="page"]', has_text="Dữ liệu").is_visible()


# What a page looks like is the same on every database.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_of_the_clerk_has_a_barrier_or_scrolls_sideways(browser, requests, clock, width):
    late = requests.send("Bìa hồ sơ")
    clock.advance(days=4)
    task_id = requests.send("Giấy A4")
    requests.claim(task_id, leader)
    case_id = requests.case_of(task_id)
    window = browser.as_(leader, width=width)
    paths = ["/", "/inbox", "/inbox?list=groups", "/inbox?list=done", f"/tasks/{task_id}"]
    paths += [f"/tasks/{late}", f"/tasks/{task_id}/assign", "/cases", "/search?q=giay"]
    paths += [f"/cases/{case_id}", f"/cases/{case_id}?tab=journal", f"/cases/{case_id}?tab=files"]
    for path in paths:
        window.goto(path)
        if re.search(r"/(tasks|cases)/\d+(\?|$)", path):
            drawn(window)
        assert violations(window) == [], path
        assert window.evaluate("document.documentElement.scrollWidth") <= width, path
