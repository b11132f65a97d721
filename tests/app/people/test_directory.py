"""The pages on which people, units and the account log are looked after."""

import email
import email.policy
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.people import queries
from app.people.models import Account, AccountLog, Grant, Person
from engine.tables import Job
from tests import worlds
from tests.app.people.test_rolls import ONE_DATABASE
from tests.clocks import MONDAY
from tests.worlds import (
    SINCE,
    admin,
    auditor,
    chief,
    clerk,
    director,
    leader,
    nobody,
    owner,
    stranger,
)

VIEWERS = (admin, auditor, director, chief, leader)


def listed(answer):
    return re.findall(r'qt-main-link" href="/people/([^"]+)"', answer.text)


def grant_data(**changes):
    return {
        "group": "van-thu", "unit": "p-dautu", "valid_from": "2026-11-23", "basis": "QĐ 9",
    } | changes  # fmt: skip


def may(engine, name, candidacy, clock):
    with engine.reading() as session:
        return candidacy in queries.actor_of(session, name, clock()).candidacies


def test_a_last_day_that_is_none_is_told_beside_its_field_and_nothing_typed_is_lost(page):
    sent = grant_data(valid_to="31/2/2027", basis="QĐ 77")
    answer = page.as_(admin).post("/people/anhpt/grants", sent)
    assert answer.status_code == 422
    assert 'id="valid_to-error"' in answer.text and 'value="31/2/2027"' in answer.text
    assert 'value="QĐ 77"' in answer.text
    taken = grant_data(valid_from="23/11/2026", valid_to="1-2-2027")
    assert page.as_(admin).post("/people/anhpt/grants", taken).status_code == 303
    assert "01/02/2027" in page.as_(admin).get("/people/anhpt").text


@pytest.mark.parametrize("path", ["/units?on={}", "/people/log?since={}", "/people/log?until={}"])
def test_a_day_to_look_at_is_typed_as_people_write_it(page, path):
    here = page.as_(admin)
    assert "govuk-error-message" not in here.get(path.format("1/12/2026")).text
    text = here.get(path.format("mai")).text
    assert "“mai” không phải là một ngày trên lịch" in text and 'value="mai"' in text


@pytest.fixture
def unit_admin(engine, world, clock):
    """The leader of the investment division administers its accounts too (HP-8.3b)."""
    with engine.writing() as session:
        account = session.scalar(sa.select(Account.id).where(Account.user_name == leader.name))
        session.add(
            Grant(
                account_id=account, group_key="quan-tri-don-vi", unit_code="p-dautu",
                valid_from=clock().date(), granted_at=clock(), granted_by="system",
            )
        )  # fmt: skip
    return leader


@pytest.mark.parametrize("path", ["/people", "/people/anhpt", "/units", "/people/log"])
def test_only_who_may_see_people_sees_their_pages(page, path):
    for character in VIEWERS:
        assert page.as_(character).get(path).status_code in (200, 404), character.name
    for character in (clerk, stranger, owner):
        assert page.as_(character).get(path).status_code == 403
    assert page.as_(nobody).get(path).status_code == 303


def test_people_are_listed_in_the_order_of_vietnamese_names(page):
    names = ["anhpt", "chaunt", "binhtv", "dungld", "giangvt", "haidq", "khanhbt", "lanhtm"]
    shown = listed(page.as_(admin).get("/people"))
    assert shown == ["anhpt", "binhtv", "chaunt", *names[3:], "minhnv", "quantri"]


@pytest.mark.parametrize("text", ["trịnh mai", "TRINH MAI", "lanhtm", "lanhtm@son"])
def test_people_are_found_with_and_without_marks(page, text):
    assert listed(page.as_(admin).get("/people", query_string={"q": text})) == ["lanhtm"]


def test_who_is_written_with_the_same_marks_comes_first(page, engine):
    from app.people.models import Person

    with engine.writing() as session:
        person = session.scalar(sa.select(Person).where(Person.full_name == "Trần Văn Bình"))
        person.full_name = "Trần Văn Đúng"
    both = listed(page.as_(admin).get("/people", query_string={"q": "dung"}))
    assert both == ["dungld", "binhtv"]
    assert listed(page.as_(admin).get("/people", query_string={"q": "đúng"}))[0] == "binhtv"


def test_a_unit_shows_its_people_and_those_below(page):
    shown = listed(page.as_(admin).get("/people", query_string={"unit": "p-dautu"}))
    assert shown == ["anhpt", "binhtv", "chaunt"]


def test_who_looks_after_one_unit_sees_nobody_else(page):
    here = page.as_(leader)
    assert listed(here.get("/people")) == ["anhpt", "binhtv", "chaunt"]
    assert listed(here.get("/people", query_string={"unit": "vp"})) == []
    assert here.get(f"/people/{stranger.name}").status_code == 404
    assert stranger.name not in here.get("/people/log").text


def test_a_long_list_goes_on_without_gap_or_repeat(engine, world, clock):
    from app.people import directory, queries

    with engine.reading() as session:
        actor = queries.actor_of(session, admin.name, clock())
        seen, after = [], None
        while True:
            wanted = directory.Wanted(after=after)
            part = directory.people(session, actor, wanted, clock(), limit=3)
            seen += [row.name for row in part.rows]
            after = part.more
            if after is None:
                break
    assert len(seen) == len(set(seen)) == part.total == 10


def test_the_page_of_a_person_shows_rights_and_their_clauses(page):
    text = page.as_(admin).get("/people/anhpt").text
    assert "Phạm Thị Anh" in text and "Chuyên viên, nhân viên" in text and "KH-6.1b2" not in text
    assert "khoản 1 Điều 6, " in text


def test_a_right_is_granted_and_revoked_with_its_basis(page, engine, clock):
    here = page.as_(admin)
    assert here.post("/people/anhpt/grants", grant_data()).status_code == 303
    assert may(engine, "anhpt", "van-thu@p-dautu", clock)
    again = here.post("/people/anhpt/grants", grant_data())
    assert again.status_code == 409 and "đã có quyền này" in again.text
    with engine.reading() as session:
        row = session.scalar(sa.select(Grant).order_by(Grant.id.desc()).limit(1))
    path = f"/people/anhpt/grants/{row.id}/revoke"
    assert here.post(path).status_code == 422
    assert here.post(path, {"basis": "QĐ 10; HP-8.4a"}).status_code == 303
    assert not may(engine, "anhpt", "van-thu@p-dautu", clock)
    assert here.post(path, {"basis": "QĐ 11"}).status_code == 409
    assert here.post("/people/anhpt/grants", grant_data()).status_code == 303
    shown = here.get("/people/anhpt").text
    assert "QĐ 10; khoản 4 Điều 8, Quy chế" in shown and "HP-8.4a" not in shown
    assert f"{admin.label} ({admin.name}) thu hồi" in shown
    assert "23/11/2026 đến 23/11/2026" in shown


def test_a_change_without_basis_or_with_a_broken_day_is_refused(page):
    here = page.as_(admin)
    assert here.post("/people/anhpt/grants", grant_data(basis=" ")).status_code == 422
    assert here.post("/people/anhpt/grants", grant_data(valid_from="x")).status_code == 422
    assert here.post("/people/anhpt/grants", grant_data(group="khong-co")).status_code == 422
    assert here.post("/people/anhpt/grants", grant_data(scope="khong-co")).status_code == 400


def test_a_unit_administrator_grants_within_the_unit_alone(page, unit_admin, engine, clock):
    here = page.as_(unit_admin)
    assert here.post("/people/anhpt/grants", grant_data()).status_code == 303
    for beyond in ({"unit": "vp"}, {"unit": "ban", "below": "yes"}, {"group": "chu-quy-trinh"}):
        assert here.post("/people/anhpt/grants", grant_data(**beyond)).status_code == 403
    assert here.post("/people/minhnv/grants", grant_data()).status_code == 404
    assert here.post("/people/minhnv/link").status_code == 404


def test_a_unit_administrator_hands_out_nothing_that_reaches_beyond_the_unit(page, unit_admin):
    here = page.as_(unit_admin)
    for group in ("quan-ly-chuyen-mon", "chu-quan", "lanh-dao-ban", "van-phong", "kiem-toan"):
        assert here.post("/people/anhpt/grants", grant_data(group=group)).status_code == 403
        assert f'value="{group}"' not in here.get("/people/anhpt").text
        assert f'value="{group}"' in page.as_(admin).get("/people/anhpt").text
    assert page.as_(clerk).get("/operations").status_code == 403


def test_one_who_sees_all_cases_still_hands_that_out_in_no_single_unit(page, unit_admin, engine):
    with engine.writing() as session:
        account = session.scalar(sa.select(Account).where(Account.user_name == unit_admin.name))
        session.add(
            Grant(
                account_id=account.id, group_key="quan-ly-chuyen-mon", unit_code="p-dautu",
                valid_from=SINCE, granted_at=MONDAY, granted_by="system",
            )
        )  # fmt: skip
    data = grant_data(group="quan-ly-chuyen-mon")
    assert page.as_(unit_admin).post("/people/anhpt/grants", data).status_code == 403


def test_the_administrator_of_the_whole_agency_lets_others_see_all_cases(page, engine, clock):
    data = grant_data(group="van-phong", unit="vp", below="yes")
    assert page.as_(admin).post("/people/dungld/grants", data).status_code == 303


def test_a_unit_administrator_cannot_take_over_who_sees_all_cases(page, unit_admin, engine):
    page.as_(admin).post("/people/anhpt/grants", grant_data(group="van-phong"))
    here = page.as_(unit_admin)
    assert here.post("/people/anhpt/link").status_code == 403
    assert here.post("/people/binhtv/unlock").status_code == 303


def test_whoever_leads_is_locked_out_from_above(page, unit_admin):
    page.as_(admin).post("/people/binhtv/grants", grant_data(group="truong-phong"))
    for path in ("link", "second-factor/reset", "suspend"):
        data = {"basis": "QĐ 7"}
        assert page.as_(unit_admin).post(f"/people/binhtv/{path}", data).status_code == 403
        assert page.as_(admin).post(f"/people/binhtv/{path}", data).status_code == 303


def test_nobody_changes_their_own_rights(page, unit_admin):
    here = page.as_(unit_admin)
    assert here.post(f"/people/{leader.name}/grants", grant_data()).status_code == 403
    assert here.post(f"/people/{leader.name}/suspend", {"basis": "x"}).status_code == 403
    assert "/grants" not in here.get(f"/people/{leader.name}").text


@ONE_DATABASE
def test_nobody_changes_the_rights_of_another_account_of_theirs(page, engine, clock):
    with engine.writing() as session:
        worlds.open_second(session, admin, "tringq", "internal", chief.name)
    here = page.as_(admin)
    answers = [
        here.post("/people/tringq/grants", grant_data(group="lanh-dao-ban", unit="ban")),
        here.post("/people/tringq/link"),
        here.post("/people/tringq/suspend", {"basis": "x"}),
        here.post("/units/ban/posts", {"account": "tringq", "kind": "head", "day": "23/11/2026",
                                       "title": "Trưởng ban", "basis": "x"}),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [403] * 4
    assert "/grants" not in here.get("/people/tringq").text
    assert not may(engine, "tringq", "lanh-dao-ban@ban", clock)


def test_a_unit_administrator_cannot_take_over_a_mightier_account(page, unit_admin, engine):
    with engine.writing() as session:
        session.execute(
            sa.update(Account).where(Account.user_name == admin.name).values(unit_code="p-dautu")
        )
    here = page.as_(unit_admin)
    assert here.post(f"/people/{admin.name}/link").status_code == 403
    assert "/link" not in here.get(f"/people/{admin.name}").text


LINK = re.compile(r"/first-password/[\w.-]+")


def forget_address(engine, name):
    with engine.writing() as session:
        person = session.scalar(sa.select(Account.person_id).where(Account.user_name == name))
        session.execute(sa.update(Person).where(Person.id == person).values(email=None))


@pytest.mark.parametrize("who", ["unit", "agency"])
def test_a_new_link_goes_to_its_holder_alone_and_works(page, unit_admin, engine, settings, who):
    here = page.as_(unit_admin if who == "unit" else admin)
    answer = here.post("/people/anhpt/link")
    assert answer.status_code == 303
    after = here.get("/people/anhpt").text
    assert "anhpt@sonhai.example" in after and not LINK.search(answer.text + after)
    engine.run_due()
    (sent,) = (settings.home / "mail").rglob("*.eml")
    letter = email.message_from_bytes(sent.read_bytes(), policy=email.policy.default)
    assert letter["To"] == "anhpt@sonhai.example"
    path = LINK.search(letter.get_body().get_content()).group(0)
    assert page.as_(nobody).get(path).status_code == 200
    with engine.reading() as session:
        payload = session.scalar(sa.select(Job.payload).where(Job.name == "mail.send"))
    waiting = LINK.search(payload["text"]).group(0)
    assert page.as_(nobody).get(waiting).status_code == 404


def test_without_an_address_the_whole_agencys_administrator_hands_the_link_over(page, engine):
    forget_address(engine, "anhpt")
    here = page.as_(admin)
    path = LINK.search(here.post("/people/anhpt/link").text).group(0)
    assert path not in here.get("/people/anhpt").text
    assert page.as_(nobody).get(path).status_code == 200


def test_without_an_address_a_unit_administrator_gets_no_link(page, unit_admin, engine):
    forget_address(engine, "anhpt")
    there = page.as_(clerk)
    answer = page.as_(unit_admin).post("/people/anhpt/link")
    assert answer.status_code == 422 and not LINK.search(answer.text)
    assert there.get("/account").status_code == 200


def test_a_suspended_account_is_out_at_once_and_comes_back(page):
    there, here = page.as_(clerk), page.as_(admin)
    here.post("/people/anhpt/suspend", {"basis": "QĐ 7"})
    assert there.get("/account").status_code == 303
    here.post("/people/anhpt/resume", {"basis": "QĐ 8"})
    assert page.as_(clerk).get("/account").status_code == 200


def test_the_tree_of_units_is_shown_for_any_day(page):
    here = page.as_(admin)
    assert "Văn phòng" in here.get("/units").text
    assert "Văn phòng" not in here.get("/units", query_string={"on": "2025-01-01"}).text


def test_the_account_log_is_filtered_and_its_readers_are_logged(page, engine):
    here = page.as_(admin)
    page.as_(clerk)
    here.post("/people/anhpt/suspend", {"basis": "QĐ 7"})
    text = here.get("/people/log", query_string={"event": "account_suspended"}).text
    assert "QĐ 7" in text and text.count("<tr>") == 2
    assert "QĐ 7" not in here.get("/people/log", query_string={"since": "2026-11-24"}).text
    assert "QĐ 7" in here.get("/people/log", query_string={"account": "quantri"}).text
    with engine.reading() as session:
        readers = session.scalars(
            sa.select(AccountLog.actor).where(AccountLog.event == "log_read")
        )
        assert set(readers) == {admin.name}


def test_ones_own_page_shows_ones_rights(page):
    text = page.as_(clerk).get("/account").text
    assert "Phạm Thị Anh" in text and "Phòng Quản lý đầu tư" in text


def test_rights_to_come_and_ended_ones_are_shown_and_what_is_to_come_can_be_revoked(page, engine):
    here = page.as_(admin)
    data = grant_data(valid_from="2026-12-01")
    assert here.post("/people/anhpt/grants", data).status_code == 303
    with engine.writing() as session:
        holder = queries.find_account(session, clerk.name).id
        session.add(
            Grant(
                account_id=holder, group_key="mot-cua", unit_code="p-dautu", valid_from=SINCE,
                valid_to=MONDAY.date() - timedelta(days=3), granted_at=MONDAY, granted_by="system",
            )
        )  # fmt: skip
    shown = here.get("/people/anhpt").text
    coming, ended = shown.split("Quyền sắp có hiệu lực")[1].split("Quyền đã hết hiệu lực")
    assert "Văn thư" in coming and "Tiếp nhận và trả kết quả" not in coming
    assert "Đã qua ngày cuối" in ended
    own = page.as_(clerk).get("/account").text
    assert "Quyền sắp có hiệu lực" in own and "Quyền đã hết hiệu lực" in own
    with engine.reading() as session:
        row = session.scalar(sa.select(Grant.id).where(Grant.group_key == "van-thu"))
    here.post(f"/people/anhpt/grants/{row}/revoke", {"basis": "QĐ 10"})
    assert "QĐ 10" in here.get("/people/anhpt").text.split("Quyền đã hết hiệu lực")[1]
    assert "Quyền sắp có hiệu lực" not in page.as_(clerk).get("/account").text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_page_of_a_person_tells_a_day_and_changes_nothing_there(page, clock):
    clock.at("2026-11-25 09:00")
    here = page.as_(admin)
    here.post("/people/anhpt/suspend", {"basis": "QĐ 7"})
    past = here.get("/people/anhpt?on=24/11/2026").text
    assert "Tài khoản tại ngày 24/11/2026" in past and "Đang dùng" in past
    assert "Thu hồi quyền" not in past and "Cho hoạt động lại" not in past
    before = here.get("/people/anhpt?on=2020-01-01").text
    assert "Chưa thuộc nhóm nào" in before and "đăng nhập được" not in before
    here.post("/people/anhpt/resume", {"basis": "QĐ 8"})
    one_day = {"valid_from": "27/11/2026", "valid_to": "27/11/2026"}
    here.post("/people/anhpt/grants", grant_data(basis="QĐ 99", **one_day))
    pages = [here.get(f"/people/anhpt?on=2026-11-{day}").text for day in (26, 27, 28)]
    held = [re.split("Quyền sắp có|Quyền đã hết", text)[0] for text in pages]
    assert ["QĐ 99" in text for text in held] == [False, True, False]
    here.post("/people/anhpt/suspend", {"basis": "QĐ 7"})
    today = here.get("/people/anhpt?on=25/11/2026").text
    assert "Tài khoản tại ngày" not in today and "Tạm dừng" in today
    assert 'id="on-error"' in here.get("/people/anhpt?on=32/13/2026").text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_basis_left_empty_is_told_at_its_field(page, engine):
    here = page.as_(admin)
    with engine.reading() as session:
        account = queries.find_account(session, "anhpt")
        row = session.query(Grant).filter_by(account_id=account.id).first().id
    for path, field in (
        ("/people/anhpt/suspend", "basis-access"),
        (f"/people/anhpt/grants/{row}/revoke", f"basis-{row}"),
    ):
        again = here.post(path, {"basis": " "})
        assert again.status_code == 422
        assert f'id="{field}-error"' in again.text and "Chưa lưu gì" in again.text
        assert again.text.count('id="basis"') == 1
