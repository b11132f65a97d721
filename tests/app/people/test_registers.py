"""Registers of users and customers: counted, listed and saved by criteria, each within reach."""

import csv
import io
import re
from datetime import date, timedelta

import openpyxl
import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from app.people import accounts, queries
from app.people.accounts import endings
from app.people.factors.models import Passkey
from app.people.log import Origin
from app.people.login import terms
from app.people.models import Account, AccountLog, Grant, Post
from app.people.organisation.organisations import Organisation
from app.people.registers import counting, customers, files, finding
from app.people.registers.criteria import Criteria
from app.people.registers.finding import View
from app.people.rights import grants
from tests import worlds
from tests.worlds import admin, auditor, clerk, director, leader

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
EVERYWHERE = frozenset(("ban", "vp", "p-dautu", "p-moitruong"))


@pytest.fixture
def people(engine, world, clock):
    """Two who came on Monday; a week later one has gone to another unit and one is closed."""
    monday = clock()
    with engine.writing() as session:
        origin = Origin("quantri", monday)
        an = accounts.open_account(session, asked("Nguyễn Văn An", "0901000001"), origin=origin)
        le = accounts.open_account(session, asked("Lê Thị Lệ", "0901000002"), origin=origin)
        names = an.name, le.name
    later = Origin("quantri", monday + timedelta(days=7))
    with engine.writing() as session:
        an, le = (queries.find_account(session, name) for name in names)
        endings.close(session, le, origin=later, basis="QĐ 2")
        accounts.suspend(session, an, origin=later, basis="QĐ 2")
    return names


def asked(name, phone, **more):
    groups = (grants.Membership("chuyen-vien", "p-dautu"),)
    return accounts.Application(
        name, unit="p-dautu", phone=phone, position="Chuyên viên", groups=groups, **more
    )


def all_of(engine, clock, **conditions):
    with engine.reading() as session:
        seen = View(EVERYWHERE, clock())
        rows = finding.stream(session, seen, Criteria(**conditions))
        return {customers.name_of(row): row for row in rows}


def test_states_are_those_of_today_or_of_a_day_in_the_past(engine, people, clock):
    an, le = people
    monday = clock().date()
    clock.advance(days=30)
    now = all_of(engine, clock, text="")
    assert (now[an]["state"], now[le]["state"]) == ("suspended", "closed")
    then = all_of(engine, clock, on=monday)
    assert (then[an]["state"], then[le]["state"]) == ("active", "active")
    assert then[an]["title"] == "Chuyên viên"
    assert then[an]["groups"] == ["chuyen-vien"]
    assert an not in all_of(engine, clock, on=monday - timedelta(days=1))
    assert list(all_of(engine, clock, state="closed")) == [le]
    assert le in all_of(engine, clock, on=monday, state="active", group="chuyen-vien")


def test_who_has_left_is_found_on_a_past_day_without_what_is_private_today(engine, people, clock):
    an, monday = people[0], clock().date()
    clock.advance(days=30)
    with engine.writing() as session:
        queries.find_account(session, an).unit_code = "vp"
    with engine.reading() as session:
        for units, number in ((EVERYWHERE, "+84901000001"), (frozenset(("p-dautu",)), None)):
            seen = View(units, clock())
            rows = {customers.name_of(row): row for row in
                    finding.stream(session, seen, Criteria(on=monday))}  # fmt: skip
            assert (rows[an]["full_name"], rows[an]["mobile"]) == ("Nguyễn Văn An", number)
            assert rows[people[1]]["mobile"] == "+84901000002"


def test_customers_are_those_who_have_rights_here_on_the_day(engine, world, clock):
    name = enterprise(engine, clock, 1)
    monday = clock().date()
    clock.advance(days=7)
    with engine.writing() as session:
        session.execute(sa.update(Grant).values(revoked_at=clock(), revoked_by="x"))
    clock.advance(days=7)
    sunday = clock().date() - timedelta(days=1)
    assert name not in all_of(engine, clock, register="customers", on=sunday)
    assert all_of(engine, clock, register="customers", on=monday)[name]["email"] is None
    with engine.writing() as session:
        session.execute(
            sa.update(Account).where(Account.kind == "enterprise").values(status="closed")
        )
    assert name in all_of(engine, clock, register="customers", state="closed")


@ONE_DATABASE
def test_closed_is_what_was_closed_by_the_day(engine, people, clock):
    monday = clock().date()
    clock.advance(days=30)
    with engine.writing() as session:
        origin = Origin("quantri", clock())
        endings.reopen(session, queries.find_account(session, people[1]), origin=origin, basis="x")
    assert people[1] not in all_of(engine, clock, closed_from=monday)
    then = all_of(engine, clock, on=monday + timedelta(days=10), closed_from=monday)
    assert then[people[1]]["closed_at"].date() == monday + timedelta(days=7)
    assert people[1] not in all_of(engine, clock, on=monday, closed_from=monday)


@ONE_DATABASE
def test_a_passkey_that_opens_something_is_a_second_factor(engine, people, clock):
    key = {"public_key": b"x", "sign_count": 1, "transports": [], "name": "x", "user_handle": "x"}
    with engine.writing() as session:
        ids = [queries.find_account(session, name).id for name in people]
        for number, copied in zip(ids, (None, clock()), strict=True):
            session.add(Passkey(account_id=number, credential_id=str(number), added_at=clock(),
                                copied_at=copied, **key))  # fmt: skip
    assert list(all_of(engine, clock, factor="yes")) == [people[0]]


CONDITIONS = (
    {"state": "suspended"}, {"unit": "p-dautu"}, {"unit": "ban", "only": True},
    {"kind": "administrator"}, {"group": "truong-phong"}, {"position": "CHUYEN vien"},
    {"label": "Chuyên viên"}, {"login": "never"}, {"login": "30"}, {"factor": "yes"},
    {"factor": "no"}, {"created_from": date(2026, 11, 23)}, {"created_to": date(2026, 1, 1)},
    {"closed_from": date(2026, 11, 1)}, {"text": "an nguyễn"}, {"on": date(2026, 11, 23)},
    {"on": date(2026, 11, 23), "closed_from": date(2026, 11, 1)},
)  # fmt: skip


@ONE_DATABASE
def test_every_number_is_as_long_as_the_list_behind_it(engine, people, clock):
    with engine.reading() as session:
        seen = View(EVERYWHERE, clock())
        for conditions in CONDITIONS:
            found = counting.statistics(session, seen, Criteria(**conditions))
            assert found.total == finding.count(session, seen, Criteria(**conditions))
            for name, lines in found.tables.items():
                for line in lines:
                    count = finding.count(session, seen, line.criteria)
                    assert count == line.number, (conditions, name, line.key)
                if name != "group":
                    assert sum(line.number for line in lines) == found.total


@ONE_DATABASE
def test_the_numbers_are_saved_in_words_without_anybodys_name(page, engine, people):
    with engine.writing() as session:
        queries.find_account(session, clerk.name).label = "Thư ký của Phạm Thị Anh"
        for name in people:
            queries.find_account(session, name).label = "Tổ một cửa"
    answer = page.as_(director).get("/people/statistics/figures.csv?unit=p-dautu")
    lines = answer.get_data().decode("utf-8-sig").splitlines()
    assert any(line.endswith(";Tổ một cửa;2;40") for line in lines)
    assert not any("Phạm Thị Anh" in line for line in lines)
    assert lines[:2] == ["STT;Thống kê;Mục;Số tài khoản;Tỷ lệ (%)", "1;Tổng số tài khoản;;5;100"]
    assert any(";Phòng Quản lý đầu tư;5;100" in line for line in lines)
    assert any(line.endswith(";Đang dùng;3;60") for line in lines)
    assert page.as_(director).get("/people/statistics/figures.xlsx").data[:2] == b"PK"
    assert page.as_(director).get("/people/statistics/figures.doc").status_code == 404


def test_the_numbers_are_the_same_on_both_databases(engine, people, clock):
    with engine.reading() as session:
        found = counting.statistics(session, View(EVERYWHERE, clock()), Criteria(unit="p-dautu"))
    numbers = {name: [(one.key, one.number) for one in lines] for name, lines in
               found.tables.items()}  # fmt: skip
    assert numbers["unit"] == [("p-dautu", 5)]
    assert numbers["state"] == [("active", 3), ("suspended", 1), ("closed", 1)]
    assert numbers["group"] == [("chuyen-vien", 4), ("truong-phong", 1)]


@ONE_DATABASE
def test_each_reader_counts_no_further_than_their_right_reaches(page, people):
    whole = page.as_(director).get("/people/statistics").text
    assert "Phòng Quản lý đầu tư" in whole and "Văn phòng" in whole
    own = page.as_(leader).get("/people/statistics/list").text
    assert clerk.label in own
    assert worlds.office.label not in own and worlds.stranger.label not in own
    foreign = page.as_(leader).get("/people/statistics/list", query_string={"unit": "vp"}).text
    assert worlds.office.label not in foreign and clerk.label not in foreign
    assert page.as_(clerk).get("/people/statistics").status_code == 403
    assert page.as_(leader).get("/people/statistics/file.xlsx").status_code == 403


def give(engine, clock, group, unit="ban"):
    with engine.writing() as session:
        account = queries.find_account(session, auditor.name)
        session.add(Grant(
            account_id=account.id, group_key=group, unit_code=unit, with_below=True,
            valid_from=worlds.SINCE, granted_at=clock(), granted_by="x",
        ))  # fmt: skip


def read_with(reader, data):
    if reader == "openpyxl":
        return [list(row) for row in openpyxl.load_workbook(io.BytesIO(data)).active.values]
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [[cell if cell != "" else None for cell in row]
            for row in book.get_sheet_by_index(0).to_python()]  # fmt: skip


@ONE_DATABASE
def test_a_supervisor_takes_the_register_as_a_spreadsheet(page, engine, people, clock):
    give(engine, clock, "quan-ly-chuyen-mon")
    with engine.writing() as session:
        account = queries.find_account(session, people[0])
        account.person.full_name, account.label = "=HYPERLINK(1)", "@x"
        account.person.birth_date, account.person.phone = date(1990, 12, 31), "0012345"
    answer = page.as_(auditor).get("/people/statistics/file.xlsx?state=suspended")
    header, row = read_with("openpyxl", answer.get_data())
    again_header, again = read_with("calamine", answer.get_data())
    assert (again_header, again[1:3]) == (header, row[1:3])
    assert header[1:6] == ["Tên tài khoản", "Họ và tên", "Ngày, tháng, năm sinh", "Giới tính",
                           "Địa chỉ thường trú"]  # fmt: skip
    told = dict(zip(header, row, strict=True))
    assert told["Họ và tên"] == "=HYPERLINK(1)" and told["Nhãn"] == "@x"
    assert f"{told['Ngày, tháng, năm sinh']:%d/%m/%Y}" == "31/12/1990"
    assert told["Số điện thoại liên hệ"] == "0012345"
    assert (told["Trạng thái"], told["Đơn vị công tác"]) == ("Tạm dừng", "Phòng Quản lý đầu tư")
    sheet = answer.get_data()
    assert b"<f>" not in re.sub(rb"PK.*?xl/", b"", sheet)
    with engine.reading() as session:
        line = session.scalars(
            sa.select(AccountLog).where(AccountLog.event == "list_exported")
        ).one()
    assert (line.actor, line.details["lines"], line.details["format"]) == (auditor.name, 1, "xlsx")
    assert "suspended" in line.details["conditions"]


@ONE_DATABASE
def test_a_csv_begins_with_the_sign_of_utf_8_and_holds_no_formula(page, engine, people, clock):
    give(engine, clock, "quan-ly-chuyen-mon")
    with engine.writing() as session:
        queries.find_account(session, people[0]).label = "-1+1"
    answer = page.as_(auditor).get("/people/statistics/file.csv?state=suspended")
    assert answer.headers["Content-Disposition"].endswith("=nguoi-dung-2026-11-23.csv")
    data = answer.get_data()
    assert data.startswith(b"\xef\xbb\xbfSTT;")
    header, row = csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";")
    assert dict(zip(header, row, strict=True))["Nhãn"] == "'-1+1"
    assert page.as_(auditor).get("/people/statistics/file.doc").status_code == 404


@ONE_DATABASE
def test_nobodys_name_stands_where_their_post_would(page, engine, people, clock):
    give(engine, clock, "quan-ly-chuyen-mon")
    with engine.writing() as session:
        row = queries.find_account(session, people[0])
        row.label = row.person.full_name
        session.execute(sa.delete(Post).where(Post.person_id == row.person_id))
    data = page.as_(auditor).get("/people/statistics/file.csv?state=suspended").get_data()
    header, row = csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";")
    assert dict(zip(header, row, strict=True))["Chức vụ"] == ""
    shown = page.as_(admin).get("/people?q=Nguyễn+Văn+An").text
    assert shown.count("Nguyễn Văn An</") == 1


def test_a_file_of_any_length_is_made_of_pieces_as_its_rows_are_read():
    taken = 0

    def rows():
        nonlocal taken
        for number in range(3000):
            taken = number
            yield {"name": f"a{number}", "full_name": "Nguyễn Văn An", "address": "x" * 50}

    pieces = files.csv_lines("users", rows(), mark=";")
    assert next(pieces) == b"\xef\xbb\xbf" and taken == 0
    assert len(next(pieces)) < 70_000 and taken < 1000
    assert sum(piece.count(b"\r\n") for piece in pieces) + taken > 2000


def enterprise(engine, clock, number, **more):
    given = {"enterprise_code": f"010000000{number}", "organisation": f"Công ty {number}",
             "phone": "02251234567", "email": f"ct{number}@x.vn", "address": "Số 1, Hải Phòng",
             **more}  # fmt: skip
    application = accounts.Application(
        f"Trần Văn {'ABCD'[number]}", kind="enterprise", position="Giám đốc",
        groups=(grants.Membership("dai-dien-doanh-nghiep", "ban"),), **given,
    )  # fmt: skip
    with engine.writing() as session:
        return accounts.open_account(session, application, origin=Origin("x", clock())).name


@ONE_DATABASE
def test_data_of_customers_that_are_missing_wrong_or_twice_are_found(page, engine, world, clock):
    enterprise(engine, clock, 1)
    enterprise(engine, clock, 2, email="", phone="12", address="")
    with engine.reading() as session:
        found = customers.findings(session, View(EVERYWHERE, clock()))
    ours = [one for one in found if one.holder.startswith("Công")]
    assert [(one.holder, one.field, one.what) for one in ours] == [
        ("Công ty 2", "phone", "wrong"), ("Công ty 2", "address", "missing"),
        ("Công ty 2", "email", "missing"),
    ]  # fmt: skip
    enterprise(engine, clock, 3)
    shown = page.as_(admin).get("/people/statistics/findings").text
    assert "Điện thoại: trùng với khách hàng khác" in shown
    assert page.as_(director).get("/people/statistics/findings").status_code == 403


@ONE_DATABASE
def test_data_of_customers_leave_with_reason_purpose_and_the_consent_of_each(
    page, engine, world, clock
):
    one, two = (enterprise(engine, clock, number) for number in (1, 2))
    here = page.as_(admin)
    path = "/people/statistics/customers-file"
    asked_first = here.get("/people/statistics/file.csv?register=customers")
    assert asked_first.headers["Location"].startswith(path)
    given = {"reason": "Đối soát", "purpose": "Cục Thuế", "consent": "CV 5/2026", "kind": "csv"}
    assert here.post(path, given).status_code == 422
    assert here.post(path, given | {"agreed": "9999999999"}).status_code == 422
    text = here.post(path, given | {"agreed": "0100000001"}).text
    assert "Công ty 1" in text and "Công ty 2" not in text
    assert "0100000001" in text
    with engine.reading() as session:
        event = sa.select(AccountLog).where(AccountLog.event == "list_exported")
        (line,) = session.scalars(event).all()
    kept = line.details
    assert (kept["reason"], kept["purpose"], kept["consent"]) == ("Đối soát", "Cục Thuế",
                                                                  "CV 5/2026")  # fmt: skip
    assert kept["accounts"] == one and two not in str(kept)


def test_criteria_are_kept_for_their_owner_alone(page, world):
    here = page.as_(director)
    here.post("/people/statistics/saved?state=closed", {"name": "  Họp   quý "})
    shown = here.get("/people/statistics").text
    assert "Họp quý" in shown and "state=closed" in shown
    number = re.search(r"saved/(\d+)/delete", shown)[1]
    other = page.as_(leader)
    assert "Họp quý" not in other.get("/people/statistics").text
    assert other.post(f"/people/statistics/saved/{number}/delete").status_code == 404
    assert here.post(f"/people/statistics/saved/{number}/delete").status_code == 303
    assert "Họp quý" not in here.get("/people/statistics").text


@ONE_DATABASE
def test_an_enterprise_updates_its_own_address_and_telephone_and_nothing_else(
    page, engine, world, clock
):
    name = enterprise(engine, clock, 1)
    enterprise(engine, clock, 2)
    with engine.writing() as session:
        holder = queries.find_account(session, name)
        holder.password_set_at, holder.must_change = clock(), False
        holder.terms_version = terms.version(session, clock())
    here = page.as_(worlds.Character(name, "the head of enterprise 1"))
    assert "Công ty 1" in here.get("/account").text
    wrong = here.post(
        "/account/enterprise", {"address": "Lô CN5, KCN Nam Tràng Cát", "phone": "9"}
    )
    assert wrong.status_code == 422 and "Lô CN5, KCN Nam Tràng Cát" in wrong.text
    assert "“9” không phải số điện thoại" in wrong.text
    given = {"address": "Lô CN5, KCN Nam Tràng Cát", "phone": "0225 382 3202", "name": "Khác"}
    assert here.post("/account/enterprise", given).status_code == 303
    with engine.reading() as session:
        kept = session.scalars(sa.select(Organisation).order_by(Organisation.id)).all()
        line = session.scalars(sa.select(AccountLog).where(AccountLog.account == name)).all()[-1]
    assert [(one.name, one.address, one.phone) for one in kept] == [
        ("Công ty 1", given["address"], "+842253823202"),
        ("Công ty 2", "Số 1, Hải Phòng", "+842251234567"),
    ]
    assert line.event == "enterprise_updated"
    assert line.details["address"] == ["Số 1, Hải Phòng", given["address"]]
    log = page.as_(admin).get(f"/people/log?account={name}").text
    assert f"địa chỉ: Số 1, Hải Phòng thành {given['address']}" in log
    assert page.as_(clerk).post("/account/enterprise", given).status_code == 404
