"""The lists of tasks: who sees what, narrowed and sorted as the address says."""

from __future__ import annotations

import re

import pytest

from tests.worlds import admin, applicant, auditor, clerk, colleague, leader, nobody, stranger


def names_in_rows(text: str) -> list[str]:
    """The cases of the rows, in their order."""
    return re.findall(r'<td>([^<]+)<span class="qt-cell2 qt-code">', text)


def test_a_clerk_begins_with_what_is_urgent_and_what_may_be_started(page, requests):
    requests.start()
    text = page.as_(clerk).get("/").text
    assert "Xin chào, Phạm Thị Anh" in text
    assert "Lập đề nghị" in text
    assert 'href="/start/stationery-request"' in text


def test_what_is_started_most_stands_first_and_the_rest_under_its_field(page, requests, case):
    window = page.as_(clerk)
    before = window.get("/").text
    assert "Hay tạo nhất" not in before
    case.deploy("delegation")
    requests.start()
    text = window.get("/").text
    often, rest = text.index("Hay tạo nhất"), text.index("Phân quyền, làm thay")
    assert often < text.index("/start/stationery-request") < rest < text.index("/start/delegation")


def test_an_auditor_without_an_inbox_is_told_so_on_the_first_page(page, requests):
    answer = page.as_(auditor).get("/")
    assert answer.status_code == 200
    assert "không có hộp việc" in answer.text


def test_an_enterprise_is_told_that_nothing_is_to_be_done_and_finds_no_cases(page):
    text = page.as_(applicant).get("/").text
    assert "Bạn chưa phải làm gì" in text
    assert 'role="search"' not in text
    assert 'role="search"' in page.as_(clerk).get("/").text


def test_a_stranger_to_the_site_is_asked_to_log_in(page):
    answer = page.as_(nobody).get("/inbox")
    assert answer.status_code == 303
    assert "/login" in answer.headers["Location"]


def test_an_administrator_has_no_inbox(page):
    assert page.as_(admin).get("/inbox").status_code == 403


def test_a_task_of_my_group_waits_to_be_claimed_by_me_alone(page, requests):
    requests.send("Mực in")
    assert "Mực in" in page.as_(leader).get("/inbox?list=groups").text
    assert "Mực in" not in page.as_(stranger).get("/inbox?list=groups").text
    assert "Mực in" not in page.as_(colleague).get("/inbox?list=groups").text


def test_what_i_started_and_others_hold_is_under_waiting(page, requests):
    requests.send("Bìa hồ sơ")
    assert "Bìa hồ sơ" in page.as_(clerk).get("/inbox?list=waiting").text


def test_what_i_completed_today_is_under_done(page, requests, clock):
    requests.send("Bìa hồ sơ")
    assert "Lập đề nghị" in page.as_(clerk).get("/inbox?list=done").text
    clock.advance(days=1)
    assert "Hôm nay bạn chưa hoàn thành việc nào" in page.as_(clerk).get("/inbox?list=done").text


@pytest.mark.parametrize("typed", ["giay", "GIẤY", "vpp-2026-0001", "giấy a4"])
def test_a_task_is_found_with_and_without_accents_and_by_code(page, requests, typed):
    requests.send("Giấy A4")
    requests.send("Mực in")
    found = page.as_(leader).get("/inbox", query_string={"list": "groups", "q": typed}).text
    assert names_in_rows(found) == ["Đề nghị: Giấy A4"]
    assert "1 việc" in found


def test_an_applied_condition_is_a_chip_that_one_click_removes(page, requests):
    requests.send("Giấy A4")
    text = page.as_(leader).get("/inbox?list=groups&q=giay&due=week").text
    assert "Có chữ “giay”" in text
    assert 'href="/inbox?list=groups&amp;due=week"' in text


def test_when_nothing_matches_there_is_one_way_on(page, requests):
    requests.send("Giấy A4")
    text = page.as_(leader).get("/inbox?list=groups&q=khongco").text
    assert "Không có việc nào khớp" in text
    assert "Bỏ mọi điều kiện" in text


def test_an_address_with_conditions_that_do_not_exist_shows_the_list(page, requests):
    requests.send("Giấy A4")
    answer = page.as_(leader).get("/inbox?list=groups&due=never&sort=colour&after=%%%")
    assert answer.status_code == 200
    assert "Giấy A4" in answer.text


def test_the_task_that_is_due_first_stands_on_top_and_the_column_says_so(page, requests, clock):
    clock.advance(days=3)
    requests.send("Sau")
    clock.advance(days=-2)
    requests.send("Trước")
    text = page.as_(leader).get("/inbox?list=groups").text
    assert names_in_rows(text) == ["Đề nghị: Trước", "Đề nghị: Sau"]
    assert re.search(r'aria-sort="ascending"><button form="filter" name="sort" value="due"', text)


def test_the_time_left_is_said_in_words_with_the_day_under_it(page, requests):
    requests.send("Giấy A4")
    text = page.as_(leader).get("/inbox?list=groups").text
    assert re.search(r"Còn \d ngày", text)
    assert "26/11, 17:00" in text


def test_a_draft_is_shown_in_its_row(page, requests):
    task_id = requests.start().tasks[0]
    page.as_(clerk).post(f"/tasks/{task_id}/draft", {"item": "Bút"})
    assert "Nháp" in page.as_(clerk).get("/inbox").text


def test_the_fifty_first_task_is_on_the_next_page(page, requests):
    for _ in range(51):
        requests.start()
    browser = page.as_(clerk)
    first = browser.get("/inbox").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = browser.get(following[1].replace("&amp;", "&")).text
    assert len(names_in_rows(first)) == 50
    assert len(names_in_rows(second)) == 1


def test_several_tasks_are_claimed_at_once_and_given_back_by_undo(page, requests):
    picked = [requests.send(item) for item in ("Giấy", "Mực")]
    browser = page.as_(leader)
    answer = browser.post("/inbox/claim", {"task": picked, "next": "/inbox?list=groups"})
    assert answer.status_code == 303
    text = browser.get("/inbox").text
    assert "Đã nhận 2 việc" in text
    assert len(names_in_rows(text)) == 2
    browser.post("/inbox/release", {"task": picked})
    assert "Đã trả 2 việc về nhóm" in browser.get("/inbox?list=groups").text


def test_one_of_several_that_is_not_mine_keeps_no_other_back(page, requests):
    mine, other = requests.send("Giấy"), requests.start(colleague).tasks[0]
    browser = page.as_(leader)
    browser.post("/inbox/claim", {"task": [other, mine]})
    text = browser.get("/inbox").text
    assert "Đã nhận 1 việc" in text
    assert names_in_rows(text) == ["Đề nghị: Giấy"]


def test_claiming_without_picking_says_what_to_do(page, requests):
    browser = page.as_(leader)
    browser.post("/inbox/claim", {})
    assert "Hãy chọn ít nhất một việc trước." in browser.get("/inbox").text


def test_a_list_does_not_send_people_to_another_site(page, requests):
    answer = page.as_(leader).post("/inbox/claim", {"next": "https://example.com/"})
    assert answer.headers["Location"] == "/inbox"


def test_the_inbox_speaks_english_when_asked(page, requests):
    requests.send("Giấy A4")
    browser = page.as_(leader)
    browser.post("/language", {"language": "en"})
    text = browser.get("/inbox?list=groups").text
    assert "Decide on the request" in text
    assert "Stationery request" in text
    assert "Investment Division" in text
