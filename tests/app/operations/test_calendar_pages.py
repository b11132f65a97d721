"""The page of the working calendar."""

import pytest
import sqlalchemy as sa

from app.operations import queries
from app.operations.operations import facts
from engine.database import sessions
from engine.tables import Job
from tests.worlds import admin, clerk

DAY = {
    "day": "2026-11-26",
    "kind": "off",
    "hours": "",
    "reason": "Nghỉ bão số 12",
    "legal_basis": "Công điện 1/CĐ-UBND",
}
HOURS = {
    **{f"hours.{n}": "08:00-12:00, 13:00-17:30" for n in range(5)},
    "hours.5": "",
    "hours.6": "",
    "effective_from": "2026-12-01",
    "legal_basis": "Quyết định 9/QĐ-BQL",
}


def test_the_year_is_shown_with_reasons_and_bases(page):
    shown = page.as_(admin).get("/calendar").text
    assert "Ngày Văn hóa Việt Nam" in shown and "Nghị quyết 80-NQ/TW" in shown
    assert "24/11/2026" in shown and "Thứ Ba" in shown
    assert "249 ngày làm việc" in shown


def test_another_year_is_a_link_away(page):
    assert "Tết Nguyên đán" in page.as_(admin).get("/calendar?year=2027").text


def test_a_year_outside_the_calendar_says_so(page):
    assert "chưa có trong lịch" in page.as_(admin).get("/calendar?year=2040").text


def test_a_day_that_is_set_off_is_shown_and_counted(page, bind, now):
    someone = page.as_(admin)
    assert someone.post("/calendar/days", DAY).status_code == 303
    assert "Nghỉ bão số 12" in someone.get("/calendar").text
    with sessions(bind)() as session:
        assert not facts()["is_working_day"](session, now, queries.date(2026, 11, 26))


def test_a_day_opens_with_its_history(page):
    someone = page.as_(admin)
    someone.post("/calendar/days", DAY)
    someone.post("/calendar/days", {**DAY, "kind": "ordinary", "reason": "Bão tan"})
    shown = someone.get("/calendar?day=2026-11-26").text
    assert "Nghỉ bão số 12" in shown and "Bão tan" in shown


def test_after_a_change_one_reads_how_much_open_work_it_may_touch(page):
    someone = page.as_(admin)
    someone.post("/calendar/days", DAY)
    assert "Không có việc nào đang mở" in someone.get("/calendar").text


@pytest.mark.parametrize(
    ("path", "posted"),
    [("/calendar/days", DAY), ("/calendar/hours", HOURS), ("/calendar/years", {})],
)
def test_every_change_has_open_deadlines_counted_again(page, bind, path, posted):
    assert page.as_(admin).post(path, posted).status_code == 303
    with sessions(bind)() as session:
        assert session.scalars(sa.select(Job.name)).all() == ["recount"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"day": ""}, "Hãy chọn ngày"),
        ({"reason": " "}, "Hãy ghi lý do"),
        ({"legal_basis": ""}, "văn bản hoặc điều khoản"),
        ({"kind": "work", "hours": "sáng"}, "07:30-11:30"),
    ],
)
def test_a_wrong_day_is_refused_and_nothing_typed_is_lost(page, changes, message):
    answer = page.as_(admin).post("/calendar/days", {**DAY, **changes})
    assert answer.status_code == 422
    assert message in answer.text
    if "reason" not in changes:
        assert "Nghỉ bão số 12" in answer.text


@pytest.mark.parametrize("typed", ["26/11/2026", "26-11-2026", " 26.11.2026 ", "2026-11-26"])
def test_a_day_is_read_as_people_write_it(page, typed):
    answer = page.as_(admin).post("/calendar/days", {**DAY, "day": typed})
    assert answer.status_code == 303
    assert "26/11/2026" in page.as_(admin).get("/calendar").text


def test_what_is_no_day_stays_in_its_field_with_the_reason_beside_it(page):
    answer = page.as_(admin).post("/calendar/days", {**DAY, "day": "31/2/2026"})
    assert answer.status_code == 422
    assert 'value="31/2/2026"' in answer.text
    assert "“31/2/2026” không phải là một ngày trên lịch" in answer.text


def test_new_working_hours_are_kept_from_their_day(page):
    someone = page.as_(admin)
    assert someone.post("/calendar/hours", HOURS).status_code == 303
    assert "08:00-12:00, 13:00-17:30" in someone.get("/calendar").text


@pytest.mark.parametrize(
    "changes", [{"effective_from": "2026-11-01"}, {"hours.0": "8h"}, {"legal_basis": ""}]
)
def test_wrong_working_hours_change_nothing(page, changes):
    someone = page.as_(admin)
    assert someone.post("/calendar/hours", {**HOURS, **changes}).status_code == 422
    assert "08:00-12:00, 13:00-17:30" not in someone.get("/calendar").text


def test_a_further_year_is_added_by_a_button(page):
    someone = page.as_(admin)
    answer = someone.post("/calendar/years")
    assert answer.headers["Location"].endswith("year=2029")
    assert "Tết Nguyên đán" in someone.get("/calendar?year=2029").text


@pytest.mark.parametrize("path", ["days", "hours", "years"])
def test_others_change_nothing(page, path):
    assert page.as_(clerk).get("/calendar").status_code == 403
    assert page.as_(clerk).post(f"/calendar/{path}", {**DAY, **HOURS}).status_code == 403
