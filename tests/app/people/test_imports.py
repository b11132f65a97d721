"""A list of people imported: judged row by row, entered in the background, never by halves."""

import csv
import io
import re
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from app import cli_content
from app.people import accounts, queries
from app.people.imports import decisions, entering, turns
from app.people.imports.models import RollImport, RollImportRow
from app.people.log import Origin
from app.people.models import Account, AccountLog, FirstLink, Grant, Person
from engine import Bundle
from engine.ports import SYSTEM
from engine.tables import Job
from tests.app.people.test_rolls import book_of, legacy
from tests.worlds import admin, clerk, leader, office

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HEADER = "STT;Họ và tên;Đơn vị;Ngày sinh;Thư điện tử;Nhóm quyền"
PEOPLE = [
    "1;Nguyễn Văn An;p-dautu;01/02/1990;an@x.vn;",
    "2;Trần Thị Bé;Văn phòng;03/04/1991;;Văn thư",
    "3;Nguyễn Văn An;p-dautu;05/06/1992;an2@x.vn;",
]
WRONG = ["4;Lê Văn Sai;Phòng không có;31/02/1990;;", "5;Trần Thị Bé;vp;03/04/1991;;"]
DECIDED = {"number": "15/QĐ-BQL", "decided_on": "20/11/2026", "case_code": "CTK-2026-0007"}
COLUMNS = {"column_1": "full_name", "column_2": "unit", "column_3": "birth_date",
           "column_4": "email", "column_5": "groups", "group": "chuyen-vien"}  # fmt: skip


GRANTED = decisions.GRANTED["account-grant-list"]


SMALL = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 targetNamespace="urn:quytrinh:tests">
 <process id="account-grant-list" name="Cấp theo danh sách" isExecutable="true">
  <startEvent id="Begin"/><sequenceFlow id="On" sourceRef="Begin" targetRef="{last}"/>
  {middle}<endEvent id="End" name="{end}"/>
 </process></definitions>"""
WAITING = """<intermediateCatchEvent id="Wait"><timerEventDefinition id="Later">
 <timeDuration>P9D</timeDuration></timerEventDefinition></intermediateCatchEvent>
 <sequenceFlow id="Off" sourceRef="Wait" targetRef="End"/>"""
AN = {"full_name": "Nguyễn Văn An", "birth_date": date(1990, 2, 1)}
YOUNGER = {"full_name": "NGUYỄN VĂN AN", "birth_date": date(1992, 6, 5)}


def case_of(engine, unit="p-dautu", outcome=GRANTED, people=(AN, YOUNGER)):
    """The code of a case of the list procedure as it ends; open where there is no outcome."""
    last, middle = ("End", "") if outcome else ("Wait", WAITING)
    drawn = SMALL.format(last=last, middle=middle, end=outcome or GRANTED)
    key = "account-grant-list"
    engine.deploy(
        Bundle(key, {f"processes/bpmn/{key}.bpmn": drawn}),
        actor=cli_content.RELEASE,
        legal_basis="QĐ 1",
    )
    data = {"granted": {"people": list(people)}}
    return engine.start(key, data, actor=SYSTEM, unit=unit).case_code


def unit_administrator(engine, clock):
    with engine.writing() as session:
        account = queries.find_account(session, leader.name)
        session.add(Grant(
            account_id=account.id, group_key="quan-tri-don-vi", unit_code="p-dautu",
            valid_from=date(2026, 1, 1), granted_at=clock(), granted_by="x",
        ))  # fmt: skip


def text(*rows):
    return "\r\n".join([HEADER, *rows]).encode("utf-8-sig")


@pytest.fixture
def sent(page, engine):
    """Sends a list as somebody and has its rows judged; its page and path."""

    def send(data, who=admin, check=True, code=DECIDED["case_code"]):
        here = page.as_(who)
        given = DECIDED | {"case_code": code, "file": (io.BytesIO(data), "ds.csv")}
        answer = here.post("/people/imports", given)
        assert answer.status_code == 303, answer.text
        path = answer.headers["Location"]
        if check:
            assert here.post(f"{path}/check", dict(COLUMNS)).status_code == 303
            engine.run_due()
        return here, path

    return send


def statuses(engine):
    with engine.reading() as session:
        rows = session.scalars(sa.select(RollImportRow).order_by(RollImportRow.id))
        return [(row.row, row.status) for row in rows]


def made(engine):
    with engine.reading() as session:
        rows = sa.select(Account).where(Account.basis.contains("15/QĐ-BQL")).order_by(Account.id)
        return [account.name for account in session.scalars(rows)]


def test_good_rows_become_accounts_with_their_rights_and_links(sent, engine):
    here, path = sent(text(*PEOPLE, *WRONG))
    assert statuses(engine) == [(2, "good"), (3, "good"), (4, "good"), (5, "wrong"), (6, "twice")]
    assert made(engine) == []
    assert here.post(f"{path}/enter", {"choice": "good", "links": "yes"}).status_code == 303
    engine.run_due()
    names = made(engine)
    assert names == ["annv.bql", "bett.bql", "annv1992.bql"]
    with engine.reading() as session:
        an, be, _ = (queries.find_account(session, name) for name in names)
        assert an.password_hash is None and an.basis.startswith("15/QĐ-BQL ngày 20/11/2026; CTK")
        held = session.scalars(sa.select(Grant).where(Grant.account_id == be.id)).one()
        assert (held.group_key, held.unit_code) == ("van-thu", "vp")
        links = session.scalars(sa.select(FirstLink.account_id)).all()
        assert an.id in links and be.id not in links
        log = sa.select(AccountLog).where(AccountLog.event == "list_imported")
        told = session.scalars(log).one().details
        assert (told["lines"], told["state"]) == (3, "done")
        assert session.scalars(sa.select(RollImport)).one().data is None
        letters = session.scalars(sa.select(Job.payload).where(Job.name == "mail.send")).all()
        assert {letter["to"] for letter in letters} == {"an@x.vn", "an2@x.vn"}
    file = here.get(f"{path}/result.csv").get_data().decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(file), delimiter=";"))
    assert [row[4] for row in table[1:4]] == names
    assert "Ngày, tháng, năm sinh “31/02/1990”: Không phải ngày" in table[4][6]


@ONE_DATABASE
def test_a_second_import_of_the_same_file_opens_no_account(sent, engine):
    here, path = sent(text(*PEOPLE))
    here.post(f"{path}/enter", {"choice": "all"})
    engine.run_due()
    before = made(engine)
    assert len(before) == 3
    here, path = sent(text(*PEOPLE), check=False)
    assert "Tệp này đã được nhập trước đây" in here.get(path).text
    here.post(f"{path}/check", dict(COLUMNS))
    engine.run_due()
    assert {status for _, status in statuses(engine)[3:]} == {"there"}
    here.post(f"{path}/enter", {"choice": "all"})
    engine.run_due()
    assert made(engine) == before


class Killed(BaseException):
    """Stands for the end of a process: nothing of the machine catches it."""


@ONE_DATABASE
def test_a_process_that_dies_leaves_whole_rows_and_another_goes_on(sent, engine):
    many = [f"{n};Người Số {chr(65 + n // 26)}{chr(65 + n % 26)};vp;;so{n}@x.vn;"
            for n in range(entering.AT_ONCE + 5)]  # fmt: skip
    here, path = sent(text(*many))
    here.post(f"{path}/enter", {"choice": "good"})
    number = int(path.rpartition("/")[2])

    class Dying:
        """The engine of a process that ends within its second transaction."""

        clock = engine.clock
        begun = 0

        def writing(self):
            self.begun += 1
            if self.begun > 2:
                raise Killed
            return engine.writing()

    with pytest.raises(Killed):
        entering.go_on(Dying(), number, "http://x")
    assert len(made(engine)) == entering.AT_ONCE
    entering.go_on(engine, number, "http://x")
    entering.go_on(engine, number, "http://x")
    assert len(made(engine)) == len(set(made(engine))) == len(many)
    assert {status for _, status in statuses(engine)} == {"entered"}


@ONE_DATABASE
def test_an_import_that_is_cancelled_enters_no_further_row(sent, engine):
    here, path = sent(text(*PEOPLE))
    here.post(f"{path}/enter", {"choice": "good"})
    asks = {"headers": {"HX-Request": "true"}}
    assert "HX-Refresh" not in here.get(path, **asks).headers
    assert here.post(f"{path}/cancel").status_code == 303
    assert here.get(path, **asks).headers["HX-Refresh"] == "true"
    engine.run_due()
    assert made(engine) == []
    assert here.post(f"{path}/enter").status_code == 409
    assert "Đã hủy" in here.get(path).text


@ONE_DATABASE
def test_nobody_imports_beyond_their_units_their_rights_and_their_time(sent, page, engine, clock):
    assert page.as_(leader).get("/people/imports").status_code == 403
    unit_administrator(engine, clock)
    here, path = sent(text(*PEOPLE), who=leader, code=case_of(engine))
    assert [status for _, status in statuses(engine)] == ["good", "wrong", "good"]
    assert page.as_(admin).get(path).status_code == 404
    here.post(f"{path}/enter", {"choice": "good"})
    with engine.writing() as session:
        session.execute(sa.update(Grant).where(Grant.group_key == "quan-tri-don-vi").values(
            revoked_at=clock(), revoked_by="x"))  # fmt: skip
    engine.run_due()
    assert made(engine) == []
    assert [status for _, status in statuses(engine)] == ["refused", "wrong", "refused"]


def test_a_list_never_changes_where_links_to_somebody_with_an_account_go(sent, engine, clock):
    chief = accounts.Application(
        "Nguyễn Văn An", kind="administrator", birth_date=date(1990, 2, 1), email="an@that.vn"
    )
    with engine.writing() as session:
        accounts.open_account(session, chief, origin=Origin("x", clock()))
    here, path = sent(text(*PEOPLE))
    assert statuses(engine) == [(2, "wrong"), (3, "good"), (4, "good")]
    assert "đã có trong hệ thống với thư điện tử hoặc số điện thoại khác" in here.get(path).text
    with engine.writing() as session:
        session.execute(sa.update(RollImportRow).values(status="good"))
    here.post(f"{path}/enter", {"choice": "good"})
    engine.run_due()
    assert statuses(engine) == [(2, "refused"), (3, "entered"), (4, "entered")]
    with engine.reading() as session:
        kept = sa.select(Person.email).where(Person.birth_date == date(1990, 2, 1))
        assert session.scalars(kept).all() == ["an@that.vn"]


@ONE_DATABASE
def test_an_import_is_looked_at_anew_once_nobody_else_can_change_it(sent, engine):
    _, path = sent(text(*PEOPLE))
    with engine.writing() as session:
        number = int(path.rpartition("/")[2])
        before = session.get(RollImport, number)
        other = sa.update(RollImport).values(status="cancelled")
        session.execute(other, execution_options={"synchronize_session": False})
        assert before.status == "checked"
        assert turns.held(session, number).status == "cancelled"


@ONE_DATABASE
def test_who_administers_a_unit_imports_by_a_closed_case_of_it_and_no_other(page, engine, clock):
    unit_administrator(engine, clock)
    refused = case_of(engine, outcome="Không cấp tài khoản")
    still_open = case_of(engine, outcome=None)
    elsewhere = case_of(engine, unit="vp")
    granted = case_of(engine)

    def answer(code, who=leader):
        given = DECIDED | {"case_code": code, "file": (io.BytesIO(text(*PEOPLE)), "ds.csv")}
        return page.as_(who).post("/people/imports", given)

    for code in (refused, still_open, elsewhere, "NOWHERE"):
        assert f"Mã “{code}” không phải của vụ việc đã kết thúc" in answer(code).text
    nothing = answer("")
    assert nothing.status_code == 422 and 'id="case_code-error"' in nothing.text
    assert answer(granted).status_code == 303
    assert answer("", who=admin).status_code == 303


def test_the_ends_that_grant_accounts_are_those_of_the_drawings():
    for key, end in decisions.GRANTED.items():
        file = Path(__file__).parents[3] / "processes/bpmn" / f"{key}.bpmn"
        assert re.search(f'<bpmn:endEvent id="[^"]*" name="{end}">', file.read_text("utf-8"))


@ONE_DATABASE
def test_what_was_read_is_shown_with_its_encoding_before_anything_is_checked(sent, page, engine):
    here, path = sent("Họ và tên;Đơn vị\r\nĐỗ Bá;vp".encode("utf-16"), check=False)
    shown = here.get(path).text
    assert "Đỗ Bá" in shown and "Unicode (UTF-8) – có khả năng nhất" in shown
    other = here.get(f"{path}?encoding=vni").text
    assert "Đỗ Bá" in other or 'value="vni" selected' in other
    assert here.post(f"{path}/check", {"column_0": "full_name"}).status_code == 422
    answer = here.post("/people/imports", {"file": (io.BytesIO(b"%PDF\0"), "a.pdf")})
    assert answer.status_code == 422
    assert "Ghi số văn bản" in answer.text and "không phải bảng tính" in answer.text


@ONE_DATABASE
def test_the_template_names_the_units_and_groups_of_its_reader_and_can_be_read_back(page):
    data = page.as_(admin).get("/people/imports/template.xlsx").get_data()
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Danh sách", "Đơn vị", "Nhóm quyền"]
    assert ("p-dautu", "Phòng Quản lý đầu tư") in list(book["Đơn vị"].values)
    names = {name for _, name in book["Nhóm quyền"].values}
    assert "Văn thư" in names and "Quản trị cấp 1" not in names
    for who in (clerk, office):
        assert page.as_(who).get("/people/imports/template.xlsx").status_code == 403


@ONE_DATABASE
def test_a_case_serves_those_alone_to_whom_it_granted_accounts_and_each_once(sent, engine, clock):
    unit_administrator(engine, clock)
    code = case_of(engine)
    other = "4;Lý Thị Lạ;p-dautu;01/02/1990;la@x.vn;"
    older = "5;Nguyễn Văn An;p-dautu;02/02/1990;an3@x.vn;"
    here, path = sent(text(PEOPLE[0], other, older), who=leader, code=code)
    assert statuses(engine) == [(2, "good"), (3, "wrong"), (4, "wrong")]
    assert f"Vụ việc {code} không cấp tài khoản cho người có họ tên" in here.get(path).text
    again, second = sent(text(PEOPLE[0], PEOPLE[2]), who=leader, code=code)
    here.post(f"{path}/enter", {"choice": "good"})
    engine.run_due()
    assert made(engine) == ["annv.bql"]
    again.post(f"{second}/enter", {"choice": "good"})
    engine.run_due()
    assert made(engine) == ["annv.bql", "annv1992.bql"]
    assert [status for _, status in statuses(engine)][-2:] == ["refused", "entered"]
    assert f"theo vụ việc {code}. Mỗi vụ việc chỉ dùng một lần" in again.get(second).text


@ONE_DATABASE
def test_an_account_granted_alone_is_compared_with_its_request(sent, engine, clock):
    data = {"request": AN, "granted": {"people": [YOUNGER]}}
    key = "account-grant-internal"
    drawn = SMALL.format(last="End", middle="", end=decisions.GRANTED[key])
    files = {f"processes/bpmn/{key}.bpmn": drawn.replace("account-grant-list", key)}
    engine.deploy(Bundle(key, files), actor=cli_content.RELEASE, legal_basis="QĐ 1")
    code = engine.start(key, data, actor=SYSTEM, unit="p-dautu").case_code
    unit_administrator(engine, clock)
    sent(text(PEOPLE[0], PEOPLE[2]), who=leader, code=code)
    assert statuses(engine) == [(2, "good"), (3, "wrong")]


@ONE_DATABASE
@pytest.mark.parametrize("kind", ["tcvn3.xlsx", "vni.csv"])
def test_a_list_in_the_letters_of_before_unicode_is_entered_as_its_reader_sees_it(
    page, engine, kind
):
    encoding, _, form = kind.partition(".")
    table = [legacy(line, encoding).split(";") for line in (HEADER, *PEOPLE[:2])]
    written = "\r\n".join(map(";".join, table)).encode("latin-1", "replace")
    here = page.as_(admin)
    file = (io.BytesIO(book_of(table) if form == "xlsx" else written), f"ds.{form}")
    path = here.post("/people/imports", DECIDED | {"file": file}).headers["Location"]
    here.post(f"{path}/check", dict(COLUMNS))
    engine.run_due()
    here.post(f"{path}/enter", {"choice": "all"})
    engine.run_due()
    with engine.reading() as session:
        names = [queries.find_account(session, name).person.full_name for name in made(engine)]
    assert names == ["Nguyễn Văn An", "Trần Thị Bé"]


@ONE_DATABASE
def test_while_rows_are_entered_the_page_counts_them(sent, engine):
    here, path = sent(text(*PEOPLE, *WRONG))
    assert "Nhập được: 3" in here.get(path).text
    here.post(f"{path}/enter", {"choice": "good"})
    shown = here.get(path).text
    assert 'hx-trigger="every 2s"' in shown and "Nhập được: 3" in shown
    engine.run_due()
    over = here.get(path).text
    assert 'hx-trigger="every 2s"' not in over and "Đã cấp tài khoản: 3" in over
