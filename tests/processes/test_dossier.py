"""A dossier from submission to its endings, by the procedure that is in force when received."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from app.catalogues import changing
from app.catalogues.changing import Hand, Order
from app.people.models import Account, Grant
from engine import views
from engine.errors import NotPermitted
from engine.forms import FormErrors
from engine.tables import Case, Wait
from tests import papers
from tests.app.catalogues.test_changing import PROCEDURES
from tests.cases import CaseUnderTest
from tests.engine.drawings import text
from tests.processes.in_force import database_with
from tests.processes.test_procedure_life import CONTENT
from tests.processes.test_report_pages import register_enterprise
from tests.worlds import SINCE, applicant, clerk, colleague, director, leader, office, stranger

KEY = "dossier"
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
COMPONENTS = ("Văn bản đề nghị điều chỉnh", "Báo cáo tình hình thực hiện dự án")
REQUEST: dict[str, Any] = {
    "channel": "direct",
    "copies": 1,
    "kind": "organisation",
    "name": "Công ty TNHH Thép Sơn Hải",
    "id_no": "0201234505",
    "phone": "0225 3123 456",
    "address": "Lô C2, khu công nghiệp Tân Khê",
    "parts": [{"form": "original", "count": 1} for _name in COMPONENTS],
}
PDF = b"%PDF-1.4 signed"
ALL_THERE = {"parts": [{"ok": "yes"}, {"ok": "yes"}]}


def change(engine: Any, action: str, on: date = SINCE, **content: Any) -> None:
    order = Order("procedures", PROCEDURES, action, CONTENT["code"], content, on, "QĐ 1520")
    with engine.writing() as session:
        changing.keep(session, order, Hand("khanhbt", engine.clock()))


def in_force(case: CaseUnderTest) -> None:
    """The officer of the Office sits at the desk, and the catalogue has one procedure."""
    case.deploy("dossier-consult")
    case.deploy(KEY)
    change(case.engine, "add", **CONTENT)
    with case.engine.writing() as session:
        account = session.scalars(sa.select(Account).where(Account.user_name == office.name)).one()
        session.add(
            Grant(
                account_id=account.id, group_key="mot-cua", unit_code="vp", with_below=False,
                granted_at=case.engine.clock(), granted_by="system", valid_from=SINCE,
                basis="QĐ 01/QĐ-BQL",
            )
        )  # fmt: skip


database_url = database_with("dossiers", in_force)


def chosen(case: Any, who: Any = office) -> None:
    case.start(KEY, who, unit="vp" if who is office else None)
    case.complete("Chọn thủ tục", who, request={"procedure": CONTENT["code"]})


def submitted(case: Any, who: Any = office, **request: Any) -> None:
    chosen(case, who)
    if request.get("channel") == "online":
        scan = case.engine.attach(case.id, "a.pdf", io.BytesIO(PDF), actor=case.actor(who)).id
        parts = [{"form": "electronic", "count": 1, "files": [scan]} for _name in COMPONENTS]
        request = {"parts": parts, **request}
    sent = {"request": {**REQUEST, **request}, "draft": {"choice": "submit"}}
    case.complete("Lập, nộp hồ sơ", who, **sent)


def received(case: Any, **more: Any) -> None:
    submitted(case, **more)
    case.complete("Kiểm tra hồ sơ", office, request=ALL_THERE, check={"choice": "receive"})
    case.complete("Phân công", leader, officer=clerk.name)


def examined(case: Any, choice: str) -> None:
    step = {"choice": choice, "reason": "Đã thẩm định theo quy định."}
    case.complete("Thẩm định hồ sơ", clerk, step=step)


def paper(case: Any, name: str) -> bytes:
    """The paper that the variable of the case holds."""
    with case.engine.reading() as session:
        now, actor = case.engine.clock(), case.actor(director)
        shown = views.case(session, case.engine.mover, case.id, actor, now).data
    return bytes(case.engine.store.get(shown[name][0]["sha256"]))


def whole(content: bytes) -> str:
    """What a paper says, in one line; it has nothing left to be filled in by hand."""
    said = " ".join(papers.read(content).split())
    assert "...." not in said and "(Chữ ký, dấu)" not in said
    return said


@ONE_DATABASE
def test_the_desk_files_nothing_as_online_and_finds_nothing_there_that_is_not(case, page):
    with pytest.raises(FormErrors):
        submitted(case, channel="online")
    parts = [{"form": "none", "count": 0}, {"form": "original", "count": 1}]
    submitted(case, parts=parts)
    shown = page.as_(office).get(f"/tasks/{case.task('Kiểm tra hồ sơ').id}").text
    assert f"còn thiếu hoặc chưa hợp lệ:</strong> {COMPONENTS[0]}." in shown
    with pytest.raises(FormErrors):
        case.complete("Kiểm tra hồ sơ", office, request=ALL_THERE, check={"choice": "refuse"})


def test_a_dossier_is_received_examined_returned_once_signed_and_rated(case):
    with pytest.raises(FormErrors):  # An account hands in online alone, and its copies as files.
        submitted(case, who=applicant)
    received(case, who=applicant, channel="online")
    assert case.row.columns["dossier_code"].endswith("-261123-0001")
    slip = paper(case, "receipt")
    assert papers.faults(slip) == []
    # Who received the dossier stands on the receipt.
    assert office.label in papers.read(slip)
    assert f"Số: {case.row.columns['dossier_code']}/TNHS" in whole(slip)
    examined(case, "approve")
    back = {"choice": "return", "reason": "Nêu rõ căn cứ điều chỉnh."}
    case.complete("Ký duyệt kết quả", director, decision=back)
    examined(case, "approve")
    case.complete("Ký duyệt kết quả", director, decision={"choice": "sign", "note": "Đồng ý."})
    # Nobody here has a key, so the result is signed on paper.
    scan = io.BytesIO(PDF)
    said = whole(paper(case, "result_files"))
    # It has its number, and who signed it stands there by name and post.
    assert director.label in said and "TRƯỞNG BAN" in said
    assert f"Số: {case.row.columns['symbol']}" in said and "/TB-" in said
    file = case.engine.attach(case.id, "ket-qua.pdf", scan, actor=case.actor(office)).id
    case.complete("Ký, đóng dấu giấy", office, paper={"files": [file]})
    over = {"way": "direct", "to": "Lưu Bảo An", "on": "2026-11-23"}
    case.complete("Trả kết quả", office, handover=over)
    rating = {"satisfied": "very", "contacts": "one", "attitude": "good"}
    case.complete("Đánh giá kết quả", applicant, rating=rating)
    assert (case.row.outcome, case.row.columns["state"]) == ("Đã đánh giá", "Đã trả")
    # Who had the dossier when stands on the slip that is written again at each hand-over.
    said = papers.read(paper(case, "control"))
    for hand in (office.label, leader.label, clerk.label, director.label, "Lưu Bảo An"):
        assert hand in said
    assert "Trả lại để thẩm định thêm" in " ".join(said.split())
    assert case.verify().holds


@ONE_DATABASE
def test_a_running_dossier_goes_on_by_the_procedure_it_was_received_under(case, clock):
    received(case)
    due = case.row.columns["deadline"]
    submitted(case)
    waiting = case.id
    change(case.engine, "lock", date(2026, 11, 23))
    with pytest.raises(FormErrors):
        submitted(case)
    # What was submitted before is not received any more, it is refused with a reason.
    case.id = waiting
    with pytest.raises(FormErrors):
        case.complete("Kiểm tra hồ sơ", office, request=ALL_THERE, check={"choice": "receive"})
    why = {"choice": "refuse", "reason": "Thủ tục đã khóa."}
    case.complete("Kiểm tra hồ sơ", office, request=ALL_THERE, check=why)
    assert (case.row.outcome, case.row.columns["state"]) == ("Từ chối tiếp nhận",) * 2
    change(case.engine, "replace", date(2026, 11, 23), **{**CONTENT, "working_days": 3})
    submitted(case)
    case.complete("Kiểm tra hồ sơ", office, request=ALL_THERE, check={"choice": "receive"})
    assert case.row.columns["deadline"] < due
    with case.engine.reading() as session:
        first = session.scalars(sa.select(Case).order_by(Case.id)).first()
    case.id = first.id
    examined(case, "approve")
    assert (case.row.columns["deadline"], case.row.status) == (due, "open")


@ONE_DATABASE
def test_a_dossier_is_deleted_supplemented_once_and_given_up(case, clock):
    chosen(case)
    case.complete("Lập, nộp hồ sơ", office, request=REQUEST, draft={"choice": "delete"})
    assert (case.row.outcome, case.row.columns["state"]) == ("Đã xóa hồ sơ", "Đã xóa")
    submitted(case)
    lacking = {"parts": [{"ok": "yes"}, {"ok": "no"}]}
    asked = {"choice": "supplement", "reason": "Báo cáo chưa ký."}
    with pytest.raises(FormErrors):
        case.complete("Kiểm tra hồ sơ", office, request=lacking, check={"choice": "receive"})
    case.complete("Kiểm tra hồ sơ", office, request=lacking, check=asked)
    parts = {"parts": REQUEST["parts"]}
    case.complete("Bổ sung hồ sơ", office, request=parts, completion={"choice": "send"})
    with pytest.raises(FormErrors):
        case.complete("Kiểm tra hồ sơ", office, request=lacking, check=asked)
    case.complete("Kiểm tra hồ sơ", office, request=ALL_THERE, check={"choice": "receive"})
    submitted(case)
    case.complete("Kiểm tra hồ sơ", office, request=lacking, check=asked)
    clock.advance(days=60)
    case.tick()
    assert (case.row.outcome, case.row.columns["state"]) == ("Thôi giải quyết",) * 2


@ONE_DATABASE
def test_a_dossier_begins_its_consultation_and_nobody_else_does(case):
    received(case)
    with pytest.raises(NotPermitted):
        case.engine.start("dossier-consult", {}, actor=case.actor(colleague), unit="p-dautu")
    examined(case, "consult")
    case.tick()
    with case.engine.reading() as session:
        asked = session.scalars(sa.select(Case).where(Case.process_key == "dossier-consult")).one()
    assert (asked.started_by, asked.status) == (clerk.name, "open")


@ONE_DATABASE
def test_a_received_dossier_is_not_taken_back_and_keeps_when_it_was_received(case, clock):
    received(case)
    first, due = case.row.columns["received_at"], case.row.columns["deadline"]
    clock.advance(days=1)
    examined(case, "supplement")
    parts = {"parts": REQUEST["parts"]}
    case.complete("Bổ sung hồ sơ", office, request=parts, completion={"choice": "send"})
    with case.engine.reading() as session:
        assert session.scalars(sa.select(Wait).where(Wait.case_id == case.id)).all() == []
    case.complete("Kiểm tra bổ sung", office, request=ALL_THERE, check={"choice": "receive"})
    assert case.row.columns["received_at"] == first
    assert case.row.columns["deadline"] > due


@ONE_DATABASE
def test_an_applicants_account_begins_a_dossier_and_nothing_else(case, page):
    submitted(case, id_no="0101243150")
    others = case.code
    anybodys = 'start s\n user a "Việc" candidateGroups=chuyen-vien\n end e\n s > a > e'
    case.deploy("open", {"processes/bpmn/open.bpmn": text(anybodys, "open")})
    assert 'href="/start/open"' in page.as_(clerk).get("/").text
    theirs = page.as_(applicant)
    home = theirs.get("/").text
    assert set(re.findall(r'href="/start/([^"]+)"', home)) == {KEY}
    assert 'href="/cases/own"' in home
    assert theirs.get("/start/open").status_code == 403
    assert theirs.post("/start/open").status_code == 403
    assert "trực tuyến" in theirs.get(f"/start/{KEY}").text
    task = theirs.post(f"/start/{KEY}").headers["Location"]
    register_enterprise(case)
    again = {"request.procedure": CONTENT["code"]}
    assert CONTENT["name"] in theirs.get(task).text
    shown = theirs.get(theirs.post(f"{task}/complete", again).headers["Location"]).text
    # What the desk has verified of the enterprise need not be typed again.
    assert 'value="0201234505"' in shown and 'value="Công ty TNHH ABC"' in shown
    rows = re.findall(r'qt-cell2 qt-code">([^<]+)<', theirs.get("/cases/own").text)
    assert len(rows) == 1 and rows != [others]
    assert theirs.get("/cases").headers["Location"] == "/cases/own"
    own = page.actor(applicant)
    assert own.unit is None and not own.rights.get("cases.view")


@ONE_DATABASE
def test_an_applicant_follows_their_dossier_and_reads_no_reason_of_an_official(case, page):
    received(case, who=applicant, channel="online")
    step = {"choice": "approve", "reason": "NOIBO chuyên viên nghi hồ sơ giả."}
    case.complete("Thẩm định hồ sơ", clerk, step=step)
    case.complete(
        "Ký duyệt kết quả",
        director,
        decision={"choice": "return", "reason": "NOIBO lãnh đạo chưa đồng ý."},
    )
    address = f"/cases/{case.id}"
    assert "NOIBO" in page.as_(clerk).get(address).text
    theirs = page.as_(applicant)
    for tab in ("", "?tab=history", "?tab=data", "?tab=files", "?tab=comments", "?tab=journal"):
        shown = theirs.get(address + tab).text
        assert "NOIBO" not in shown and case.row.code in shown and "Lập, nộp hồ sơ" in shown
    for door in ("/versions", "/diagram", "/cancel"):
        assert theirs.get(address + door).status_code in (403, 404)
    assert "NOIBO" not in theirs.get("/inbox?list=waiting").text
    assert page.as_(office).get(address).status_code == 200


@ONE_DATABASE
def test_whoever_it_is_for_follows_a_dossier_that_the_desk_took_in_and_rates_it(case, page):
    register_enterprise(case)
    submitted(case, id_no="0201 234 505")
    theirs, address = page.as_(applicant), f"/cases/{case.id}"
    assert page.as_(stranger).get(address).status_code == 404
    assert "Chờ tiếp nhận" in theirs.get("/cases/own").text
    shown = theirs.get(address).text
    assert "Bạn chưa phải làm gì" in shown and "Chờ tiếp nhận" in shown
    case.complete("Kiểm tra hồ sơ", office, request=ALL_THERE, check={"choice": "receive"})
    shown, due = theirs.get(address).text, f"{case.row.due_at:%d/%m/%Y}"
    # The day of return, what it leaves out, and the receipt, which is theirs to keep.
    assert due in shown and due[:5] in theirs.get("/cases/own").text
    assert "24/11/2026 (Ngày Văn hóa Việt Nam)" in shown
    assert "không tính ngày nghỉ lễ 24/11/2026" in whole(paper(case, "receipt"))
    receipt = re.findall(r'href="(/files/[0-9]+)"', shown)
    assert len(receipt) == 1 and theirs.get(receipt[0]).status_code == 200
    assert page.as_(stranger).get(receipt[0]).status_code == 404
    for door in ("/versions", "/diagram", "/cancel"):
        assert theirs.get(address + door).status_code in (403, 404)
    case.complete("Phân công", leader, officer=clerk.name)
    examined(case, "approve")
    case.complete("Ký duyệt kết quả", director, decision={"choice": "sign", "note": "Đồng ý."})
    # Before it is issued nothing of the result is theirs.
    assert re.findall(r'href="(/files/[0-9]+)"', theirs.get(address).text) == receipt
    scan = case.engine.attach(case.id, "a.pdf", io.BytesIO(PDF), actor=case.actor(office)).id
    case.complete("Ký, đóng dấu giấy", office, paper={"files": [scan]})
    assert f'href="/files/{scan}"' in theirs.get(address).text
    over = {"way": "direct", "to": "Lưu Bảo An", "on": "2026-11-23"}
    case.complete("Trả kết quả", office, handover=over)
    assert case.task("Đánh giá kết quả").assignee == applicant.name
    assert case.verify().holds
