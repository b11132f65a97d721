"""The pages of settings, as an administrator and others see them."""

import pytest
from markupsafe import escape

from app.operations import queries
from engine.database import sessions
from tests.worlds import admin, auditor, clerk, nobody

NAME = "account.grant.working_days"
CHANGE = {
    "value": "3",
    "effective_from": "2026-12-01",
    "effective_to": "",
    "legal_basis": "Quyết định 12/QĐ-BQL",
}


def test_the_settings_are_listed_with_their_values_and_bases(page):
    shown = page.as_(admin).get("/settings").text
    assert "Thời hạn cấp tài khoản nội bộ" in shown
    assert "1 ngày làm việc" in shown
    assert "Khoản 5 Điều 6" in shown


def test_every_setting_opens(page):
    someone = page.as_(admin)
    for name in queries.definitions():
        answer = someone.get(f"/settings/{name}")
        assert answer.status_code == 200, name
        assert 'id="legal_basis"' in answer.text


def test_a_change_is_kept_and_shown_as_to_come(page, bind, now):
    someone = page.as_(admin)
    assert someone.post(f"/settings/{NAME}", CHANGE).status_code == 303
    shown = someone.get(f"/settings/{NAME}").text
    assert "Quyết định 12/QĐ-BQL" in shown and "Sắp tới" in shown
    assert f"{admin.label}<span" in shown
    with sessions(bind)() as session:
        (row,) = queries.history(session, NAME)
    assert (row.value, row.changed_by) == (3, "quantri")


def test_whom_to_tell_of_incidents_stands_at_the_foot_of_every_page(page, clock):
    keeper = "Ngô Quốc Trị, 0225 3823 208"
    someone = page.as_(admin)
    for address in ("/login", "/settings"):
        assert "đầu mối" not in someone.get(address).text.partition("<footer")[2]
    someone.post("/settings/agency.administrator", {**CHANGE, "value": keeper})
    clock.at("2026-12-01 08:00")
    for reader, address in ((page.as_(nobody), "/login"), (page.as_(clerk), "/inbox")):
        foot = reader.get(address).text.partition("<footer")[2]
        assert f"Quản trị phần mềm, đầu mối xử lý sự cố: {keeper}" in foot


def test_a_change_holds_on_the_page_from_its_day_on(page, clock):
    page.as_(admin).post(f"/settings/{NAME}", CHANGE)
    before = page.as_(admin).get("/settings").text.count("3 ngày làm việc")
    clock.at("2026-12-01 08:00")
    assert page.as_(admin).get("/settings").text.count("3 ngày làm việc") == before + 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"effective_from": "2026-11-22"}, "đã qua"),
        ({"effective_from": ""}, "Hãy chọn ngày"),
        ({"effective_to": "2026-11-24"}, "ở trước ngày bắt đầu"),
        ({"value": "ba"}, "số nguyên từ 1 đến 30"),
        ({"value": "31"}, "số nguyên từ 1 đến 30"),
        ({"value": ""}, "số nguyên từ 1 đến 30"),
        ({"legal_basis": " "}, "văn bản hoặc điều khoản"),
    ],
)
def test_a_wrong_change_is_refused_beside_its_field_and_nothing_typed_is_lost(
    page, changes, message
):
    answer = page.as_(admin).post(f"/settings/{NAME}", {**CHANGE, **changes})
    assert answer.status_code == 422
    assert message in answer.text
    if "legal_basis" not in changes:
        assert "Quyết định 12/QĐ-BQL" in answer.text


def test_a_delegation_is_a_box_and_a_document(page, bind, now):
    name = "delegation.account_internal"
    document = {"value.in_force": "yes", "value.document": "Quyết định 5/QĐ-BQL"}
    change = {**CHANGE, **document, "effective_from": "2026-11-23", "effective_to": "2026-12-31"}
    assert page.as_(admin).post(f"/settings/{name}", change).status_code == 303
    with sessions(bind)() as session:
        value = queries.setting(session, name, queries.today(now))
    assert value == {"in_force": True, "document": "Quyết định 5/QĐ-BQL"}


def test_a_list_is_read_line_by_line(page, bind, now):
    change = {**CHANGE, "value": "application/pdf\r\n\r\n image/png "}
    page.as_(admin).post("/settings/upload.types", {**change, "effective_from": "2026-11-23"})
    with sessions(bind)() as session:
        value = queries.setting(session, "upload.types", queries.today(now))
    assert value == ["application/pdf", "image/png"]


def test_a_choice_that_is_not_offered_is_refused(page):
    answer = page.as_(admin).post("/settings/account.username_policy", {**CHANGE, "value": "x"})
    assert answer.status_code == 422


def test_a_setting_that_names_a_unit_takes_one_of_its_day(page):
    path, wrong = "/settings/agency.office_unit", {**CHANGE, "value": "khong-co"}
    answer = page.as_(admin).post(path, wrong)
    assert answer.status_code == 422
    assert 'value="khong-co"' in answer.text
    assert "không có đơn vị “khong-co”" in answer.text
    assert page.as_(admin).post(path, {**CHANGE, "value": "p-dautu"}).status_code == 303


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "pattern"),
    [("login.second_factor.groups", "{}"), ("login.ldap.groups", "cn=a,dc=b => {} @ vp")],
)
def test_a_setting_that_names_groups_takes_those_of_its_day(page, name, pattern):
    office = page.as_(admin)
    wrong = pattern.format("van-thu") + "\n" + pattern.format("nhom-khong-co")
    answer = office.post(f"/settings/{name}", {**CHANGE, "value": wrong})
    assert answer.status_code == 422
    assert "không có nhóm “nhom-khong-co”" in answer.text.lower()
    assert str(escape(wrong)) in answer.text
    good = {**CHANGE, "value": pattern.format("van-thu")}
    assert office.post(f"/settings/{name}", good).status_code == 303


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_group_of_the_directory_stands_for_one_in_a_unit_that_there_is(page):
    line = {**CHANGE, "value": "cn=a,dc=b => van-thu @ khong-co"}
    answer = page.as_(admin).post("/settings/login.ldap.groups", line)
    assert answer.status_code == 422
    assert "không có đơn vị “khong-co”" in answer.text


@pytest.mark.parametrize("character", [clerk, auditor])
def test_others_neither_see_nor_change_settings(page, character):
    assert page.as_(character).get("/settings").status_code == 403
    assert page.as_(character).post(f"/settings/{NAME}", CHANGE).status_code == 403


def test_a_stranger_is_asked_to_log_in(page):
    assert page.as_(nobody).get("/settings").status_code == 303


def test_a_setting_that_does_not_exist_is_not_found(page):
    assert page.as_(admin).get("/settings/no.such").status_code == 404
    assert page.as_(admin).post("/settings/no.such", CHANGE).status_code == 404


def test_the_page_is_complete_in_english(page):
    someone = page.as_(admin)
    someone.post("/language", {"language": "en"})
    shown = someone.get("/settings").text
    assert "Time to grant an internal account" in shown and "1 working day<" in shown
    assert "Chief of Office" in shown and ">vp<" not in shown
