"""Finding cases, and starting them."""

from __future__ import annotations

import re

import pytest

from tests.app import stationery
from tests.worlds import applicant, auditor, clerk, leader, owner, stranger


def codes(text: str) -> list[str]:
    """The cases of the rows, in their order."""
    return re.findall(r'<span class="qt-cell2 qt-code">([^<]+)</span>', text)


def test_cases_stand_newest_first_with_where_they_are(page, requests):
    requests.start()
    requests.send("Mực in")
    text = page.as_(clerk).get("/cases").text
    assert codes(text) == ["VPP-2026-0002", "VPP-2026-0001"]
    assert "Duyệt đề nghị" in text
    assert "2 vụ việc, mới nhất ở trên" in text


def test_nobody_sees_cases_of_units_where_he_has_no_right(page, requests):
    requests.start()
    assert codes(page.as_(stranger).get("/cases").text) == []
    assert codes(page.as_(auditor).get("/cases").text) in ([], ["VPP-2026-0001"])


@pytest.mark.parametrize(
    "query, found",
    [
        ("q=muc", ["VPP-2026-0002"]),
        ("status=completed", ["VPP-2026-0002"]),
        ("status=open", ["VPP-2026-0001"]),
        ("process=stationery-request", ["VPP-2026-0002", "VPP-2026-0001"]),
        ("process=none", []),
        ("late=1", []),
        ("status=nonsense", ["VPP-2026-0002", "VPP-2026-0001"]),
    ],
)
def test_the_list_is_narrowed_by_the_address(page, requests, query, found):
    requests.start()
    requests.complete(requests.send("Mực in"), leader, decision="grant")
    assert codes(page.as_(leader).get(f"/cases?{query}").text) == found


def test_late_cases_alone(page, requests, clock):
    requests.start()
    clock.advance(days=14)
    requests.start()
    assert codes(page.as_(clerk).get("/cases?late=1").text) == ["VPP-2026-0001"]


@pytest.mark.parametrize("typed", ["bia ho so", "Bìa", "BIA"])
def test_the_search_of_the_bar_finds_with_and_without_accents(page, requests, typed):
    requests.send("Bìa hồ sơ")
    requests.send("Mực in")
    text = page.as_(clerk).get("/search", query_string={"q": typed}).text
    assert codes(text) == ["VPP-2026-0001"]
    assert f"Vụ việc có chữ “{typed}”" in text


def test_a_whole_code_leads_to_its_case_at_once(page, requests):
    started = requests.start()
    answer = page.as_(clerk).get("/search?q=vpp-2026-0001")
    assert answer.headers["Location"] == f"/cases/{started.case_id}"


def test_before_starting_one_reads_what_the_process_does_and_by_which_law(page, requests):
    text = page.as_(clerk).get("/start/stationery-request").text
    assert "Đề nghị cấp văn phòng phẩm cho đơn vị." in text
    assert "Khoản 5 Điều 6" in text
    assert "Phòng Quản lý đầu tư" in text


def test_starting_leads_to_the_first_task(page, requests):
    browser = page.as_(clerk)
    answer = browser.post("/start/stationery-request")
    assert re.fullmatch(r"/tasks/\d+", answer.headers["Location"])
    assert "Đã tạo vụ việc VPP-2026-0001." in browser.get(answer.headers["Location"]).text


def test_a_process_that_is_not_in_force_cannot_be_started(page, requests):
    assert page.as_(clerk).get("/start/nothing").status_code == 404
    assert page.as_(clerk).post("/start/nothing").status_code == 404
    hers = page.as_(applicant).get("/start/stationery-request")
    assert hers.status_code == 403 and "Bạn không thuộc những người được tạo vụ việc" in hers.text


def test_an_auditor_starts_nothing(page, requests):
    assert page.as_(auditor).get("/start/stationery-request").status_code == 403
    assert page.as_(auditor).post("/start/stationery-request").status_code == 403


def test_before_starting_one_sees_the_drawing_on_which_the_case_will_run(page, requests):
    browser = page.as_(clerk)
    assert (
        'data-bpmn-url="/start/stationery-request/diagram"'
        in browser.get("/start/stationery-request").text
    )
    assert 'id="Task_Decide"' in browser.get("/start/stationery-request/diagram").text
    assert page.as_(auditor).get("/start/stationery-request/diagram").status_code == 403


def test_the_list_names_open_tasks_in_the_readers_language(page, case):
    case.start("account-grant-internal")
    browser = page.as_(clerk)
    assert "Lập đề nghị" in browser.get("/cases").text
    browser.post("/language", {"language": "en"})
    found = browser.get("/cases").text
    assert "Lập đề nghị" not in found
    assert "Draft" in found


@pytest.mark.parametrize(
    "typed",
    ["vpp-2026-1", "VPP-2026-01", " vpp-2026-00001 ", "VPP–2026-1", "vpp20260001", "VPP2026-1"],
)
def test_a_code_is_found_without_its_zeros_or_hyphens(page, requests, typed):
    started = requests.start()
    for _ in range(10):
        requests.start()
    answer = page.as_(clerk).get("/search", query_string={"q": typed})
    assert answer.headers["Location"] == f"/cases/{started.case_id}"


def test_a_code_among_other_words_narrows_the_list(page, requests):
    requests.send("Mực in")
    requests.send("Mực in")
    text = page.as_(clerk).get("/cases?q=muc+vpp-2026-2").text
    assert codes(text) == ["VPP-2026-0002"]


def test_a_page_has_as_many_rows_as_the_setting_says(page, requests, change_setting):
    for _ in range(11):
        requests.start()
    change_setting("inbox.page_size", 10)
    assert len(codes(page.as_(clerk).get("/cases").text)) == 10
    assert len(codes(page.as_(clerk).get("/inbox").text)) == 10


@pytest.mark.parametrize("path", ["/cases", "/inbox"])
def test_pages_are_turned_forward_and_back(page, requests, change_setting, path):
    for _ in range(25):
        requests.start()
    change_setting("inbox.page_size", 10)
    browser = page.as_(clerk)

    def turned(text: str, way: str) -> str:
        found = re.search(rf'rel="{way}" href="([^"]+)"', text)
        return browser.get(found[1].replace("&amp;", "&")).text

    first = browser.get(path).text
    second = turned(first, "next")
    third = turned(second, "next")
    assert len(codes(third)) == 5 and 'rel="next"' not in third
    assert codes(turned(third, "prev")) == codes(second)
    assert codes(turned(turned(third, "prev"), "prev")) == codes(first)
    assert 'rel="prev"' not in first


def test_a_case_of_a_process_without_columns_is_found_too(page, requests):
    plain = re.sub(r"<camunda:property name=.columns.[^>]*>", "", stationery.DRAWING)
    new = stationery.bundle(plain)
    requests.engine.deploy(new, actor=page.actor(owner), legal_basis="QĐ 2/QĐ-BQL")
    requests.start()
    assert codes(page.as_(clerk).get("/cases?q=vpp-2026-0001").text) == ["VPP-2026-0001"]
