"""The account log as a file, and stays that an administrator ends."""

import csv
import io
from datetime import date, datetime

import pytest
import sqlalchemy as sa

from app.operations.models import Setting
from app.people import log, log_pages, queries
from app.people.log import Origin, record
from app.people.models import AccountLog, Login
from tests.worlds import PASSWORD, admin, auditor, clerk, leader, stranger


def rows(answer):
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig")), delimiter=";"))


def test_the_log_is_saved_as_the_page_lists_it_and_the_reader_is_logged(page, engine):
    page.post("/login", {"user_name": clerk.name, "password": "Sai-mat-khau-1!"})
    page.post("/login", {"user_name": clerk.name, "password": PASSWORD})
    here = page.as_(auditor)
    lines = rows(here.get("/people/log.csv", query_string={"account": clerk.name}))
    assert [line[2] for line in lines] == ["Nội dung", "Đăng nhập", "Đăng nhập không thành công"]
    assert lines[1][0] == "23/11/2026 08:00:00"
    assert lines[1][3:7] == [clerk.name, clerk.name, "Phòng Quản lý đầu tư", "127.0.0.1"]
    assert rows(here.get("/people/log.csv", query_string={"until": "2026-11-01"}))[1:] == []
    read = rows(here.get("/people/log.csv", query_string={"event": "log_read"}))[1]
    assert read[7] == "điều kiện: until=2026-11-01; lưu thành: csv"
    assert '"format": "csv"' in read[8]
    with engine.reading() as session:
        read = sa.select(AccountLog).where(AccountLog.event == "log_read")
        line = session.scalars(read.order_by(AccountLog.id)).first()
    assert (line.actor, line.details["format"], line.details["lines"]) == (auditor.name, "csv", 2)


def test_the_file_holds_no_line_of_a_unit_that_the_reader_does_not_look_after(page):
    page.post("/login", {"user_name": stranger.name, "password": PASSWORD})
    page.post("/login", {"user_name": clerk.name, "password": PASSWORD})
    text = page.as_(leader).get("/people/log.csv").text
    assert clerk.name in text
    assert stranger.name not in text


def test_no_cell_is_taken_for_a_formula(page, engine, clock, world):
    assert log_pages.plain("anhpt") == "anhpt"
    assert [log_pages.plain(text)[0] for text in ("\n=1+1", " @x", "＝1+1")] == ["'"] * 3
    with engine.writing() as session:
        origin = Origin("=1+1", clock(), "@x")
        record(session, "login_failed", "-2+3", origin=origin, unit="p-dautu")
    line = rows(page.as_(leader).get("/people/log.csv", query_string={"account": "=1+1"}))[1]
    assert (line[3], line[4], line[6]) == ("'-2+3", "'=1+1", "'@x")


def stay(engine, character):
    with engine.reading() as session:
        account = queries.find_account(session, character.name)
        return session.scalars(
            sa.select(Login.id).where(Login.account_id == account.id).order_by(Login.id)
        ).first()


def test_an_administrator_ends_one_login_or_all_of_an_account(page, engine):
    here, at_home, away = page.as_(admin), page.as_(clerk), page.as_(clerk)
    path = f"/people/{clerk.name}/stays/{stay(engine, clerk)}/end"
    assert path in here.get(f"/people/{clerk.name}").text
    assert here.post(path).status_code == 303
    assert at_home.get("/account").status_code == 303
    assert away.get("/account").status_code == 200
    assert here.post(f"/people/{clerk.name}/stays/end").status_code == 303
    assert away.get("/account").status_code == 303


def test_nobody_ends_logins_of_those_they_do_not_look_after(page, engine):
    page.as_(stranger)
    number = stay(engine, stranger)
    for path in (
        f"/people/{stranger.name}/stays/{number}/end",
        f"/people/{stranger.name}/stays/end",
    ):
        assert page.as_(leader).post(path).status_code == 403
    assert page.as_(admin).post(f"/people/{clerk.name}/stays/{number}/end").status_code == 404


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_what_is_older_than_the_law_asks_may_be_archived(session, clock, app):
    old = log.age(session, clock()).older
    for day in ("2025-11-22 23:59", "2025-11-23 00:00"):
        at = datetime.fromisoformat(f"{day}:00+07:00")
        log.record(session, "login", "anhpt", origin=Origin("anhpt", at))
    session.flush()
    found = log.age(session, clock())
    assert (found.kept_from, found.older - old) == (date(2025, 11, 23), 1)
    kept = Setting(name="log.months", value=3, legal_basis="QĐ 9")
    kept.effective_from, kept.changed_by, kept.changed_at = clock().date(), "x", clock()
    session.add(kept)
    session.flush()
    assert log.age(session, clock()).kept_from == date(2025, 11, 23)
    session.commit()
    told = app.test_cli_runner().invoke(args=["log"], env={"QUYTRINH_LANGUAGE": "en"}).output
    assert "before 23/11/2025" in told and "none is taken out" in told


def test_what_was_corrected_is_told_in_the_readers_language(page, engine, clock):
    with engine.writing() as session:
        origin = Origin(admin.name, clock())
        given = {"fields": "birth_date, sex", "unit": "p-dautu"}
        record(session, "person_corrected", clerk.name, origin=origin, **given)
    here = page.as_(auditor)
    query = {"query_string": {"event": "person_corrected"}}
    assert rows(here.get("/people/log.csv", **query))[1][7] == "mục: ngày sinh, giới tính"
    here.post("/language", {"language": "en", "next": "/"})
    assert rows(here.get("/people/log.csv", **query))[1][7] == "fields: date of birth, sex"


def test_who_reads_what_was_done_to_an_account_on_its_page_is_logged(page, engine):
    page.as_(admin).get(f"/people/{clerk.name}")
    read = sa.select(AccountLog.details).where(AccountLog.event == "log_read")
    with engine.reading() as session:
        assert [row["about"] for row in session.scalars(read)] == [clerk.name]
