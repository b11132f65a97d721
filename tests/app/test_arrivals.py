"""What no page has to deal with: numbers that name nothing, characters that no text has."""

import io

import pytest

from tests.worlds import admin, auditor, clerk, leader, nobody, owner

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

TOO_LARGE = [str(2**31), "9" * 30, "9" * 5000]


@pytest.mark.parametrize("number", TOO_LARGE)
def test_an_address_with_a_number_that_no_row_has_does_not_exist(page, number):
    here = page.as_(leader)
    for path in ("/tasks/{}", "/cases/{}", "/files/{}", "/cases/1/send/{}"):
        assert here.get(path.format(number)).status_code == 404
    assert here.post(f"/tasks/{number}/claim").status_code in (404, 405)
    assert page.as_(owner).get(f"/proposals/{number}").status_code == 404


@pytest.mark.parametrize("number", [*TOO_LARGE, "-1", "x", ""])
def test_a_number_in_a_query_that_no_row_has_is_as_if_it_were_left_out(page, number):
    here = page.as_(admin)
    for path in (
        "/people/log?before={}",
        "/operations/notices?before={}",
        "/calendar?year={}",
        "/people?after=x-{}",
    ):
        assert here.get(path.format(number)).status_code == 200, path


def test_picked_tasks_that_do_not_exist_are_none(page):
    answer = page.as_(clerk).post("/inbox/claim", {"task": ["9" * 30, str(2**31), "x"]})
    assert answer.status_code == 303


@pytest.mark.parametrize("path", ["/login?q=%00", "/login?%00=q", "/first-password/a%00b"])
def test_a_nul_in_an_address_is_refused_in_words(page, path):
    answer = page.as_(nobody).get(path)
    assert answer.status_code == 400
    assert "ký tự" in answer.text


@pytest.mark.parametrize(
    "fields", [{"user_name": "a\0b", "password": "x"}, {"user_name": "a", "x\0": ""}]
)
def test_a_nul_in_a_form_is_refused_in_words(page, fields):
    answer = page.as_(nobody).post("/login", fields)
    assert answer.status_code == 400
    assert "ký tự" in answer.text


def test_half_a_character_breaks_no_page(page):
    here = page.as_(clerk)
    assert here.get("/inbox?q=%ED%A0%80").status_code in (200, 400)
    body = b"user_name=%ED%A0%80&password=%ED%A0%80&csrf_token=" + here.code().encode()
    kind = "application/x-www-form-urlencoded"
    assert here.client.post("/login", data=body, content_type=kind).status_code < 500


def test_a_file_whose_name_holds_a_nul_is_refused(page, case):
    case.start("account-grant-internal", as_=clerk)
    data = {"file": (io.BytesIO(b"%PDF-1.4\n%a\n"), "a.pdf"), "text\0": "x"}
    answer = page.as_(clerk).post(f"/cases/{case.id}/files", data)
    assert answer.status_code == 400


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-13-01"])
def test_days_of_another_age_are_as_if_they_were_left_out(page, day):
    here = page.as_(admin)
    for path in ("/people/log?since={}", "/people/log?until={}", "/units?on={}"):
        assert here.get(path.format(day)).status_code == 200, path
    assert here.get(f"/calendar?day={day}").status_code == 200
    grant = {"group": "van-thu", "unit": "p-dautu", "basis": "QĐ 9", "valid_to": day}
    assert here.post("/people/anhpt/grants", grant).status_code == 422


def test_the_replay_of_a_step_that_is_none_shows_one(page, case):
    case.start("account-grant-internal", as_=clerk)
    here = page.as_(auditor)
    for step in ("9" * 30, "-5", "0"):
        assert here.get(f"/audit/cases/{case.id}?step={step}").status_code == 200
