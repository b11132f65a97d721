"""A document comes in: numbered, directed, handled by a unit, answered by another, filed."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.sandbox import Mailbox
from app.demo import paper
from app.inbox.queries import begins_another
from engine import views
from engine.errors import NotYourTask, TaskClaimed
from engine.forms import FormErrors
from engine.tables import Case, Wait
from tests import papers
from tests.cases import CaseUnderTest
from tests.engine.drawings import text
from tests.processes.in_force import database_with
from tests.worlds import clerk, colleague, director, leader, office, stranger

KEY = "document-incoming"
RECEIVE, DIRECT, TAKE = "Tiếp nhận, đăng ký", "Cho ý kiến chỉ đạo", "Phân công trong đơn vị"
WORK, FILE = "Xử lý văn bản", "Lập hồ sơ"
ANSWERING = """start s
    user a "Soạn thảo" candidateGroups=chuyen-vien
    service t topic=cases.message in:name=document.answered in:key==incoming in:data==\
{code:incoming,number:5,symbol:"05/BQL-VP",date:today()}
    end e
    s > a > t > e"""
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LETTER = {
    "secrecy": "none",
    "channel": "network",
    "urgency": "normal",
    "kind": "Công văn",
    "author": "Sở Khoa học và Công nghệ",
    "symbol": "123/SKHCN-VP",
    "dated": date(2026, 11, 20),
    "title": "Góp ý dự thảo kế hoạch chuyển đổi số",
    "arrived_on": date(2026, 11, 23),
}
ASSIGNED = {
    "choice": "assign",
    "lead": "p-dautu",
    "due": date(2026, 11, 30),
    "text": "Nghiên cứu, tham mưu trả lời.",
}


def in_force(case: CaseUnderTest) -> None:
    case.deploy(KEY)
    drawn = text(ANSWERING, "document-outgoing", started_from=KEY)
    case.deploy("document-outgoing", {"processes/bpmn/document-outgoing.bpmn": drawn})


database_url = database_with("incoming", in_force)


def received(case: Any, choice: str = "register", **changed: Any) -> None:
    """The Office has taken in a document, scanned or with the file that came."""
    case.start(KEY, office, unit="vp")
    scan = io.BytesIO(paper.scan(case.code))
    file = case.engine.attach(case.id, "van-ban.pdf", scan, actor=case.actor(office))
    document = {**LETTER, "files": [file.id], **changed}
    case.complete(RECEIVE, office, document=document, intake={"choice": choice})


def handled_by(case: Any, **direction: Any) -> None:
    """The leaders have given it to the investment division, its head to the specialist."""
    received(case)
    case.complete(DIRECT, director, direction={**ASSIGNED, **direction})
    case.complete(TAKE, leader, take={"choice": "assign", "officer": clerk.name})


def data(case: Any) -> dict[str, Any]:
    with case.engine.reading() as session:
        now = case.engine.clock()
        return views.case(session, case.engine.mover, case.id, case.actor(office), now).data


def further(case: Any) -> bool:
    with case.engine.reading() as session:
        return begins_another(session, case.id)


def test_a_document_gets_its_number_goes_down_to_a_person_and_into_a_file(case, page):
    handled_by(case, informed=["vp"])
    assert data(case)["slip"]
    with pytest.raises(TaskClaimed):
        case.complete(WORK, colleague, step={"choice": "done", "text": "Không phải việc mình."})
    case.complete(WORK, clerk, step={"choice": "done", "text": "Đã góp ý trực tiếp."})
    filing = {"code": "03-QLĐT", "keep": "10", "title": "Hồ sơ chuyển đổi số năm 2026"}
    case.complete(FILE, clerk, filing=filing)
    case.complete("Xem để biết", office)
    assert (case.row.outcome, case.row.columns["progress"]) == ("Đã lập hồ sơ", "Đã lập hồ sơ")
    entered = page.as_(office).get("/registers/documents-incoming").text
    assert "123/SKHCN-VP" in entered
    assert "Góp ý dự thảo kế hoạch" in entered
    assert case.verify().holds


@ONE_DATABASE
def test_it_is_answered_by_an_outgoing_document_which_tells_its_number(case):
    handled_by(case)
    incoming = case.id
    answer = {"step": {"choice": "answer"}}
    case.engine.complete(case.task(WORK).id, answer, actor=case.actor(clerk))
    # Whoever asks for the answer is told that a case of its own is being begun.
    assert further(case)
    case.tick()
    assert not further(case)
    assert case.waits_at()
    with case.engine.reading() as session:
        outgoing = session.scalars(sa.select(Case.id).order_by(Case.id.desc()).limit(1)).one()
    case.id = outgoing
    case.complete("Soạn thảo", clerk)
    case.id = incoming
    assert case.waits_at(FILE)
    assert case.row.columns["answered_by"] == "05/BQL-VP"
    assert all(verdict.holds for verdict in case.engine.verify_all())


@ONE_DATABASE
def test_an_answer_that_is_withdrawn_comes_back_to_whoever_handles_the_document(case):
    case.deploy("document-outgoing")
    handled_by(case)
    incoming = case.id
    case.complete(WORK, clerk, step={"choice": "answer"})
    with case.engine.reading() as session:
        case.id = session.scalars(sa.select(Case.id).order_by(Case.id.desc()).limit(1)).one()
        query = sa.select(Wait.token).where(Wait.case_id == case.id)
        token = session.scalars(query.where(Wait.element == "Boundary_Withdraw")).one()
    # The answer begins with whom it answers, how urgent that was, and its files to read.
    begun = data(case)
    assert [one["name"] for one in begun["doc"]["recipients"]] == [LETTER["author"]]
    assert (begun["doc"]["urgency"], len(begun["incoming_files"])) == ("0", 1)
    reason = {"reason": "Đã trao đổi trực tiếp."}
    case.engine.send(case.id, token, reason, actor=case.actor(clerk))
    case.id = incoming
    assert case.waits_at(WORK)
    assert data(case)["dropped"]["reason"] == reason["reason"]


@ONE_DATABASE
def test_a_document_its_sender_recalls_needs_no_answer_any_more(case):
    case.deploy("document-outgoing")
    handled_by(case)
    incoming = case.id
    case.complete(WORK, clerk, step={"choice": "answer"})
    with case.engine.reading() as session:
        answer = session.scalars(sa.select(Case.id).order_by(Case.id.desc()).limit(1)).one()
    _recall(case)
    assert case.row.outcome == "Đã thu hồi"
    case.id = answer
    case.tick()
    assert case.row.outcome == "Đã rút dự thảo"
    assert data(case)["withdrawal"]["reason"].endswith("Văn bản ban hành nhầm.")
    case.id = incoming
    assert case.verify().holds


def _recall(case: Any) -> None:
    """The clerk notes that the sender has taken the document back."""
    with case.engine.reading() as session:
        query = sa.select(Wait.token).where(Wait.case_id == case.id)
        token = session.scalars(query.where(Wait.element == "Scope_Recall")).one()
    said = {"reason": "Văn bản ban hành nhầm.", "notice": "130/SKHCN-VP"}
    case.engine.send(case.id, token, said, actor=case.actor(office))
    case.tick()


@ONE_DATABASE
def test_a_secret_document_leaves_nothing_but_that_it_was_refused(case, page):
    received(case, secrecy="secret")
    assert case.row.outcome == "Từ chối văn bản mật"
    assert data(case)["document"] == {"secrecy": "secret"}
    assert case.row.columns["number_in"] is None
    case.tick()
    with case.engine.reading() as session:
        [file] = views.files(session, case.id)
    assert (file.name, case.engine.store.has(file.sha256)) == ("", False)
    told = page.as_(office).get(f"/files/{file.id}")
    assert told.status_code == 410
    assert "Văn bản có dấu mật: không nhận" in told.text
    for tab in ("files", "history", "journal"):
        shown = page.as_(office).get(f"/cases/{case.id}?tab={tab}").text
        assert "Đã hủy" in shown
        assert "van-ban.pdf" not in shown
    assert case.verify().holds


@ONE_DATABASE
def test_an_express_decree_is_told_at_once_and_reminded_of_later(case, settings, clock):
    def letters() -> list[str]:
        return [one.subject for one in Mailbox(settings.home / "mail").letters()]

    received(case, urgency="express", kind="Nghị định", symbol="118/2025/NĐ-CP")
    case.tick()
    reminder = "chờ ý kiến"
    assert not [one for one in letters() if reminder in one]
    clock.advance(minutes=45)
    case.tick()
    assert [one for one in letters() if reminder in one]
    assert "Nghị định 118/2025/NĐ-CP" in case.row.title
    case.complete(DIRECT, director, direction=ASSIGNED)
    # The slip says how urgent it is, and who directed under which post.
    slip = data(case)["slip"][0]["sha256"]
    said = " ".join(papers.read(bytes(case.engine.store.get(slip))).split())
    assert "HỎA TỐC" in said and f"Trưởng ban {director.label}" in said


@ONE_DATABASE
def test_what_was_registered_before_is_pointed_out_before_it_gets_another_number(case):
    received(case)
    first = case.code
    received(case, symbol="123 /skhcn-vp", author="Sở KH và CN tỉnh")
    assert case.waits_at(RECEIVE)
    assert first in data(case)["twins"]
    case.complete(RECEIVE, office, intake={"choice": "duplicate"})
    assert case.row.outcome == "Đã đăng ký trước"
    received(case, symbol="124/SKHCN-VP")
    assert case.row.columns["number_in"] == 2


def assert_told_that_it_is_over(case: Any, settings: Any) -> None:
    case.tick()
    letters = Mailbox(settings.home / "mail").letters()
    (told,) = [one for one in letters if "Không phải làm tiếp" in one.subject]
    assert colleague.user_name in told.to and "đã xử lý xong" in told.text


@ONE_DATABASE
def test_units_work_beside_each_other_and_one_returns_what_is_not_its_business(
    case, page, settings
):
    received(case)
    later = [{"unit": "p-moitruong", "due": date(2027, 11, 27)}]
    with pytest.raises(FormErrors):  # Nobody who helps has longer than who answers.
        case.complete(DIRECT, director, direction={**ASSIGNED, "cooperating": later})
    partner = [{"unit": "p-moitruong", "due": date(2026, 11, 27)}]
    case.complete(DIRECT, director, direction={**ASSIGNED, "cooperating": partner})
    opinion = {"choice": "give", "text": "Thống nhất với dự thảo."}
    case.complete("Phối hợp xử lý", stranger, opinion=opinion)
    why = {"choice": "return", "reason": "Không thuộc chức năng của phòng."}
    case.complete(TAKE, leader, take=why)
    again = {"lead": "p-dautu", "due": date(2026, 12, 4), "text": "Phòng được giao theo kế hoạch."}
    case.complete("Giao lại đơn vị", director, redirect=again)
    helper = {"person": colleague.name, "work": "Tổng hợp số liệu", "due": date(2026, 11, 27)}
    assert data(case)["take"] is None  # The next unit begins with an empty form.
    take = {"choice": "assign", "officer": clerk.name, "helpers": [helper]}
    case.complete(TAKE, leader, take=take)
    assert case.waits_at(WORK, "Thực hiện phần việc")
    assert case.task("Thực hiện phần việc").subject == "Tổng hợp số liệu"
    more = {"choice": "extend", "due": date(2026, 12, 11), "reason": "Chờ số liệu của thuế."}
    with pytest.raises(FormErrors):
        case.complete(WORK, clerk, step={**more, "due": date(2026, 12, 4)})
    case.complete(WORK, clerk, step=more)
    with pytest.raises(NotYourTask):
        case.complete("Duyệt gia hạn", clerk, extension={"choice": "allow"})
    allowed = {"choice": "allow", "due": date(2026, 12, 11)}
    case.complete("Duyệt gia hạn", director, extension=allowed)
    assert case.waits_at(WORK, "Thực hiện phần việc")
    assert case.row.due_at.date() == date(2026, 12, 11)
    assert [one["name"] for one in data(case)["opinions"]] == ["Phòng Quản lý môi trường"]
    work = page.as_(clerk).get(f"/tasks/{case.task(WORK).id}").text
    assert "Đã được gia hạn đến 11/12/2026" in work
    assert f"{colleague.label} (Tổng hợp số liệu, hạn 27/11/2026)" in work
    # What the helper had not done yet is over, and they are told.
    case.complete(WORK, clerk, step={"choice": "done", "text": "Đã góp ý trực tiếp."})
    assert_told_that_it_is_over(case, settings)
    assert case.verify().holds
