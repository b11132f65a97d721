"""The list of processes and the page of one: what is in force, its drawing, law and files."""

from __future__ import annotations

import pytest

from engine import views
from tests.app.stationery import DRAWING, KEY, bundle
from tests.app.studio.uploads import RENAMED, drawing, propose, said, upload
from tests.worlds import auditor, clerk, nobody, owner, stranger


def test_the_list_names_each_process_with_its_version_and_open_cases(page, requests):
    requests.start()
    text = said(page.as_(owner).get("/processes").text)
    assert "Đề nghị văn phòng phẩm" in text
    assert "phiên bản 1 23/11/2026, Bùi Thị Khánh" in text
    assert "Thêm quy trình" in text


def test_without_any_process_the_list_says_what_to_do(page):
    assert "Chưa có quy trình nào có hiệu lực" in page.as_(owner).get("/processes").text


def test_the_page_of_a_process_leads_from_provisions_to_elements(page, requests):
    text = page.as_(owner).get(f"/processes/{KEY}").text
    assert "Phiên bản 1, đang có hiệu lực" in text
    assert 'data-spot="Task_Decide">Duyệt đề nghị</a>' in text
    assert "Khoản 5 Điều 8" in text
    assert 'data-spot="Granted">Đã cấp</a>' in text.split("Chưa ghi căn cứ")[1]


def test_the_page_speaks_english_to_who_reads_english(page, requests):
    window = page.as_(owner)
    window.post("/language", {"language": "en"})
    text = window.get(f"/processes/{KEY}").text
    assert "Which elements carry out which provision" in text
    assert 'data-spot="Task_Decide">Decide on the request</a>' in text


def test_the_drawing_and_the_files_are_those_of_the_version(page, requests):
    window = page.as_(owner)
    answer = window.get(f"/processes/{KEY}/versions/1/diagram")
    assert answer.content_type == "application/xml; charset=utf-8"
    assert answer.text == DRAWING
    answer = window.get(f"/processes/{KEY}/versions/1/files/forms/{KEY}/draft.form")
    assert answer.headers["Content-Disposition"] == "attachment; filename=draft.form"
    assert "Tên đồ dùng" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/processes/nothing",
        f"/processes/{KEY}?version=9",
        f"/processes/{KEY}/versions/9/diagram",
        f"/processes/{KEY}/versions/1/files/nothing.form",
        f"/processes/{KEY}/versions/1/files/../../../setup.cfg",
        f"/processes/{KEY}/versions/1/files/etc/passwd",
        "/proposals/99",
        "/proposals/99999999999999999999",
        "/proposals/99/diagram",
        "/proposals/99/files/x",
    ],
)
def test_what_does_not_exist_is_not_found(page, requests, path):
    assert page.as_(owner).get(path).status_code == 404


def test_an_auditor_reads_but_changes_nothing(page, requests):
    window = page.as_(auditor)
    assert "Sửa quy trình này" not in window.get(f"/processes/{KEY}").text
    assert upload(window, f"/processes/{KEY}/proposals", drawing(RENAMED)).status_code == 403
    assert upload(window, "/processes/new", drawing(RENAMED)).status_code == 403
    assert window.post(f"/processes/{KEY}/versions/1/activate").status_code == 403


def test_a_clerk_a_stranger_and_who_is_not_logged_in_change_nothing(page, requests):
    place = propose(page.as_(owner), drawing(RENAMED))
    for verb in ("", "/files", "/deploy", "/discard"):
        for character in (clerk, stranger):
            window = page.as_(character)
            answer = window.post(f"{place}{verb}") if verb else window.get(place)
            assert answer.status_code == 403
    assert page.as_(clerk).post(f"/processes/{KEY}/versions/1/activate").status_code == 403
    assert page.as_(clerk).post("/processes/new").status_code == 403
    assert page.as_(nobody).get("/processes").status_code == 303
    assert page.as_(owner).get(place).status_code == 200


def test_an_earlier_version_is_put_in_force_again_by_a_named_decision(page, requests, clock):
    window = page.as_(owner)
    place = propose(window, drawing(RENAMED))
    window.post(f"{place}/deploy", {"legal_basis": "QĐ 9/QĐ-BQL"})
    assert "Phiên bản 2, đang có hiệu lực" in window.get(f"/processes/{KEY}").text
    clock.advance(minutes=5)
    refused = window.post(f"/processes/{KEY}/versions/1/activate", {"legal_basis": " "})
    assert refused.status_code == 422
    assert "Hãy ghi quyết định ban hành phiên bản này." in refused.text
    answer = window.post(f"/processes/{KEY}/versions/1/activate", {"legal_basis": "QĐ 10/QĐ-BQL"})
    assert answer.status_code == 303
    assert "Phiên bản 1, đang có hiệu lực" in window.get(f"/processes/{KEY}").text
    assert "Phiên bản 2, không có hiệu lực" in window.get(f"/processes/{KEY}?version=2").text
    requests.start()
    assert requests.task("Lập đề nghị", 1)


def test_a_version_takes_effect_on_the_day_that_its_decision_names(page, requests, clock):
    window = page.as_(owner)
    url = propose(window, drawing(RENAMED))
    decided = {"legal_basis": "QĐ 12/QĐ-BQL", "day": "1/12/2026"}
    answer = window.post(f"{url}/deploy", decided)
    assert answer.status_code == 303
    text = window.get(f"/processes/{KEY}").text
    assert "Phiên bản 2 có hiệu lực từ 01/12/2026" in text and "QĐ 12/QĐ-BQL" in text
    assert "Phiên bản 1, đang có hiệu lực" in text
    assert "01/12/2026" in window.get("/processes").text
    assert version_of_a_new_case(requests) == 1
    clock.at("2026-12-01 00:00")
    assert version_of_a_new_case(requests) == 2
    assert "Phiên bản 2, đang có hiệu lực" in page.as_(owner).get(f"/processes/{KEY}").text


def test_a_version_to_come_is_called_off_by_another_for_the_same_day(page, requests, clock):
    window = page.as_(owner)
    url = propose(window, drawing(RENAMED))
    window.post(f"{url}/deploy", {"legal_basis": "QĐ 12/QĐ-BQL", "day": "2026-12-01"})
    decided = {"legal_basis": "QĐ 13/QĐ-BQL", "day": "2026-12-01"}
    assert window.post(f"/processes/{KEY}/versions/1/activate", decided).status_code == 303
    clock.at("2026-12-02 08:00")
    assert version_of_a_new_case(requests) == 1


@pytest.mark.parametrize("day", ["22/11/2026", "ngày mai"])
def test_no_version_takes_effect_on_a_day_that_has_passed(page, requests, day):
    window = page.as_(owner)
    url = propose(window, drawing(RENAMED))
    refused = window.post(f"{url}/deploy", {"legal_basis": "QĐ 12/QĐ-BQL", "day": day})
    assert refused.status_code == 422
    assert 'id="day-error"' in refused.text and "QĐ 12/QĐ-BQL" in refused.text


def test_a_process_whose_first_version_is_to_come_is_listed(page, world):
    window = page.as_(owner)
    answer = upload(window, "/processes/new", *stationery_files())
    window.post(f"{answer.location}/deploy", {"legal_basis": "QĐ 1/QĐ-BQL", "day": "2026-12-01"})
    text = window.get("/processes").text
    assert "Đề nghị văn phòng phẩm" in text and "01/12/2026" in text
    assert "Phiên bản 1, từ 01/12/2026" in window.get(f"/processes/{KEY}").text


def test_open_proposals_are_told_apart_by_what_they_change(page, requests):
    window = page.as_(owner)
    propose(window, drawing(RENAMED))
    propose(window, drawing(DRAWING.replace("working_days(2)", "working_days(3)")))
    for url in (f"/processes/{KEY}", "/processes"):
        text = window.get(url).text
        assert "Xét duyệt đề nghị" in text and ": Duyệt đề nghị" in text


def stationery_files() -> list[tuple[str, str]]:
    """The files of the small procedure as an owner uploads them."""
    return [(path.rpartition("/")[2], text) for path, text in bundle().files.items()]


def version_of_a_new_case(requests) -> int:
    """On which version a case begins now."""
    started = requests.start()
    with requests.engine.reading() as session:
        return views.case_row(session, started.case_id).version_number
