"""An outgoing document is drafted, signed, numbered, sealed, sent to each, corrected, recalled."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from adapters.signing import reading
from adapters.signing.sandbox import Authority
from app.config import ROOT
from app.demo import paper
from app.operations.models import Setting
from app.papers.desk import folder
from app.people.models import Account, Grant
from engine import scenarios
from engine.bundles import Bundle, scenarios_path
from engine.dry import DryRun
from engine.forms import FormErrors
from engine.tables import Case, File, Wait
from tests import papers
from tests.cases import CaseUnderTest
from tests.clocks import MONDAY
from tests.processes.in_force import database_with
from tests.worlds import BASIS, applicant, chief, clerk, director, leader, office, stranger

KEY = "document-outgoing"
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
AGENCY = "Ban Quản lý Khu kinh tế Sơn Hải"
TO = {"name": "Văn phòng", "part": "to", "channel": "unit", "unit": "vp"}
MAIL = {
    "name": "Công ty TNHH Thép Sơn Hải",
    "part": "copy",
    "channel": "email",
    "address": "vanphong@thepsonhai.example",
}
DOC: dict[str, Any] = {
    "type": "Công văn",
    "title": "về việc báo cáo tình hình đầu tư quý IV",
    "urgency": "0",
    "circulation": "none",
    "content": "text",
    "text": "Đề nghị các đơn vị báo cáo trước ngày 15/12/2026.\nTrân trọng./.",
    "capacity": "direct",
    "signer": director.name,
    "recipients": [TO, MAIL],
}


def in_force(case: CaseUnderTest) -> None:
    """The process, the place of the agency, and an officer who keeps its key."""
    case.deploy(KEY)
    with case.engine.writing() as session:
        said = {"effective_from": date(2026, 1, 1), "legal_basis": BASIS}
        for name, value in (
            ("documents.outgoing.place", "Sơn Hải"),
            ("numbers.unit_symbols", ["ban => BQL", "p-dautu => ĐT"]),
        ):
            session.add(Setting(name=name, value=value, changed_by="x", changed_at=MONDAY, **said))
        account = session.scalars(sa.select(Account).where(Account.user_name == office.name)).one()
        grant = Grant(
            account_id=account.id, group_key="van-thu", unit_code="vp", with_below=False,
            granted_at=MONDAY, granted_by="system", valid_from=date(2026, 1, 1), basis=BASIS,
        )  # fmt: skip
        session.add(grant)


database_url = database_with("outgoing", in_force)


@pytest.fixture
def authority(settings: Any) -> Authority:
    """Keys of the director and of the agency."""
    made = Authority(folder(settings), MONDAY - timedelta(days=400))
    made.person(director.name, director.label, unit=AGENCY)
    made.organisation("ban", AGENCY)
    return made


def signed(case: Any, mode: str = "electronic", **doc: Any) -> None:
    """A case whose document the director has signed; mode: on paper too, with "both"."""
    case.start(KEY, clerk, unit="p-dautu")
    case.complete("Soạn thảo văn bản", clerk, doc=DOC | doc, draft={"choice": "submit"})
    case.complete("Duyệt dự thảo", leader, head={"choice": "approve"})
    case.complete("Ký ban hành", director, sign={"choice": "sign", "mode": mode})


def issued(case: Any, **doc: Any) -> None:
    """A case whose document has its number, both signatures, and is on its way."""
    signed(case, **doc)
    case.complete("Kiểm tra, phát hành", office, issue={"choice": "issue"})


def send(case: Any, element: str, as_: Any, **data: Any) -> None:
    """The button of a message of the drawing is pressed."""
    query = sa.select(Wait.token).where(Wait.case_id == case.id, Wait.element == element)
    with case.engine.reading() as session:
        token = session.scalars(query).one()
    case.engine.send(case.id, token, data, actor=case.actor(as_))
    case.tick()


def data(case: Any) -> Any:
    from engine import views

    with case.engine.reading() as session:
        return views.case(
            session, case.engine.mover, case.id, case.actor(director), case.engine.clock()
        ).data


def states(case: Any) -> dict[str, str]:
    return {one["name"]: one["state"] for one in data(case)["deliveries"]}


def proven(case: Any) -> bool:
    return all(verdict.holds for verdict in case.engine.verify_all())


def test_a_document_is_commented_on_signed_numbered_sealed_and_received(
    case, authority, tmp_path, clock
):
    case.start(KEY, clerk, unit="p-dautu")
    asked = [
        {"body": "p-moitruong", "person": stranger.name, "due": "2026-11-26"},
        {"body": "vp", "due": "2026-11-26"},
    ]
    case.complete("Soạn thảo văn bản", clerk, doc=DOC, draft={"choice": "comment", "asked": asked})
    mine = next(task for task in case.tasks() if task.assignee == stranger.name)
    said = {"opinion": {"choice": "change", "text": "Nêu rõ biểu mẫu."}}
    case.engine.complete(mine.id, said, actor=case.actor(stranger))
    case.tick()
    case.complete("Góp ý dự thảo", office, opinion={"choice": "agree", "text": "Nhất trí."})
    with pytest.raises(FormErrors):  # What comes next is chosen anew in each round.
        case.complete("Soạn thảo văn bản", clerk, doc=DOC)
    doc = DOC | {"response": "Đã bổ sung biểu mẫu."}
    case.complete("Soạn thảo văn bản", clerk, doc=doc, draft={"choice": "submit"})
    case.complete("Duyệt dự thảo", leader, head={"choice": "approve"})
    why = {"choice": "return", "reason": "Bổ sung thời hạn."}
    case.complete("Ký ban hành", director, sign=why)
    case.complete("Soạn thảo văn bản", clerk, doc=doc, draft={"choice": "submit"})
    case.complete("Duyệt dự thảo", leader, head={"choice": "approve"})
    case.complete("Ký ban hành", director, sign={"choice": "sign", "mode": "electronic"})
    assert data(case).get("symbol") is None
    case.complete("Kiểm tra, phát hành", office, issue={"choice": "issue"})
    assert case.row.columns["symbol"] == "01/BQL-ĐT"
    case.complete("Tiếp nhận văn bản", chief, receipt={"choice": "receive"})
    assert states(case) == {TO["name"]: "received", MAIL["name"]: "sent"}
    _holds(case, authority, tmp_path)
    case.complete("Lưu văn bản", office, filing={"code": "12.ĐT", "retention": "10"})
    clock.at("2037-01-04 08:00")
    case.tick()
    assert case.row.outcome == "Đã phát hành, lưu"
    assert proven(case)


NINE = {
    "country": "Quốc hiệu và tiêu ngữ",
    "agency": "Tên cơ quan, tổ chức ban hành",
    "symbol": "Số, ký hiệu của văn bản",
    "place": "Địa danh và thời gian ban hành",
    "title": "Tên loại và trích yếu nội dung",
    "content": "Nội dung văn bản",
    "signature": "Chức vụ, họ tên và chữ ký của người có thẩm quyền",
    "seal": "Dấu, chữ ký số của cơ quan, tổ chức",
    "receivers": "Nơi nhận",
}
"""The parts that khoản 2 Điều 8 Nghị định 30/2020/NĐ-CP names, by what the form calls them."""
BY_FILE = "Tệp thiếu quốc hiệu và chỗ ký số"
"""The example whose document is a file, of which its author says what is in it."""


@ONE_DATABASE
def test_each_of_the_nine_parts_of_a_document_is_missed_and_nothing_else(engine):
    bundle, runs = Bundle.read(ROOT, KEY), []
    # What is wrong comes back at once, before the head has read anything.
    begun, drafted = json.loads(bundle.files[scenarios_path(KEY)])[BY_FILE][:2]

    def ticked(*parts: str, **more: str) -> dict[str, Any]:
        doc = {**drafted["data"]["doc"], "parts": list(parts), **more}
        return {**drafted, "data": {**drafted["data"], "doc": doc}}

    examples = {
        lacking: [begun, ticked(*(p for p in NINE if p != lacking))]
        for lacking in NINE
    }  # fmt: skip
    examples["nothing"] = [begun, {**ticked(*NINE), "open": ["Duyệt dự thảo"]}]
    files = {**bundle.files, scenarios_path(KEY): json.dumps(examples)}

    def begin(program: Any, **around: Any) -> DryRun:
        runs.append(DryRun(program, **around))
        return runs[-1]

    with engine.reading() as session:
        given = {"surroundings": engine.surroundings, "session": session, "begin": begin}
        results = scenarios.run(Bundle(KEY, files), **given)
    assert [result.problem for result in results if not result.passed] == []
    missed = [[one["part"] for one in run.case.frame.view()["missing"]] for run in runs]
    assert missed == [*([NINE[part]] for part in NINE), []]


@ONE_DATABASE
def test_the_paper_bears_the_number_that_the_register_has(case, authority):
    issued(case, type="Quyết định", grounds="Căn cứ Nghị định số 35/2022/NĐ-CP")
    content = case.engine.store.get(data(case)["original"][0]["sha256"])
    said = " ".join(PdfReader(io.BytesIO(content)).pages[0].extract_text().split())
    symbol = case.row.columns["symbol"]
    assert symbol == "01/QĐ-BQL"
    parts = (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "BAN QUẢN LÝ KHU", f"Số: {symbol}",
        "Sơn Hải, ngày 23 tháng 11 năm 2026", "QUYẾT ĐỊNH", "Trân trọng./.", "TRƯỞNG BAN",
        "Đỗ Quang Hải", "Nơi nhận:",
    )  # fmt: skip
    assert [part for part in parts if part not in said] == []


def _holds(case: Any, authority: Authority, folder_: Path) -> None:
    """Both signatures hold, by two libraries; with one changed byte neither says so."""
    content = case.engine.store.get(data(case)["original"][0]["sha256"])
    found = reading.signatures(content, authority.keys.trusted(), now=MONDAY)
    assert [(one.kind, one.name, one.holds) for one in found] == [
        ("person", director.label, True),
        ("organisation", AGENCY, True),
    ]
    changed = bytearray(content)
    changed[len(changed) // 4] ^= 1
    broken = reading.signatures(bytes(changed), authority.keys.trusted(), now=MONDAY)
    assert not any(one.is_intact for one in broken)
    assert papers.faults(content) == []
    if papers.poppler() is None:
        return
    for file, holds in ((content, 2), (bytes(changed), 0)):
        told = papers.through("pdfsig", file, folder_, "-nocert").decode()
        assert told.count("Signature is Valid.") == holds


@ONE_DATABASE
def test_what_has_no_valid_certificate_is_not_issued_and_keeps_its_number(case, authority):
    authority.organisation("ban", AGENCY, until=MONDAY - timedelta(days=1))
    issued(case)
    assert case.waits_at("Kiểm tra, phát hành")
    assert "hết hiệu lực" in data(case)["problem"]["error_message"]
    authority.organisation("ban", AGENCY)
    case.complete("Kiểm tra, phát hành", office, issue={"choice": "issue"})
    assert case.row.columns["symbol"] == "01/BQL-ĐT"
    assert case.waits_at("Tiếp nhận văn bản")
    assert proven(case)


@ONE_DATABASE
def test_a_document_is_corrected_then_replaced_by_others_that_say_so(case, authority):
    issued(case)
    first = case.id
    for kind, note in (("correct", "Đính chính bởi 02/BQL-ĐT"), ("replace", "Thay thế bởi 03/")):
        case.id = first
        send(case, "Boundary_Amend", clerk, kind=kind, reason="Sai thời hạn báo cáo.")
        with case.engine.reading() as session:
            case.id = session.scalars(sa.select(sa.func.max(Case.id))).one()
        doc = DOC | {"title": "về việc sửa văn bản trước"}
        case.complete("Soạn thảo văn bản", clerk, doc=doc, draft={"choice": "submit"})
        case.complete("Duyệt dự thảo", leader, head={"choice": "approve"})
        case.complete("Ký ban hành", director, sign={"choice": "sign", "mode": "electronic"})
        case.complete("Kiểm tra, phát hành", office, issue={"choice": "issue"})
        case.id = first
        case.tick()
        assert case.row.columns["note"].startswith(note)
    assert case.row.outcome == "Đã được thay thế"
    assert proven(case)


@ONE_DATABASE
def test_what_one_recipient_waits_for_loses_nothing_of_what_the_others_did(case, authority):
    issued(case, mode="both", recipients=[TO, MAIL | {"copies": 1}])
    case.tick()
    case.complete("Tiếp nhận văn bản", chief, receipt={"choice": "receive"})
    on = MONDAY.date().isoformat()
    case.complete("Gửi bản giấy", office, post={"on": on, "number": "EA 1234"})
    assert states(case) == {TO["name"]: "received", MAIL["name"]: "sent"}


@ONE_DATABASE
def test_a_recall_ends_what_is_on_its_way_and_tells_every_recipient(case, authority, settings):
    issued(case)
    send(case, "Boundary_Recall", chief, reason="Ban hành trái thẩm quyền.")
    assert (case.row.outcome, case.row.columns["note"]) == ("Đã thu hồi", "Đã thu hồi")
    assert proven(case)


@ONE_DATABASE
def test_an_answer_tells_the_case_that_asked_for_it_and_so_does_its_withdrawal(case, authority):
    asked = {"incoming": "VBDEN-2026-0001", "incoming_number": 7, "incoming_title": "hỏi số liệu"}
    case.start(KEY, clerk, unit="p-dautu", **asked, drafting_unit="p-dautu")
    send(case, "Boundary_Withdraw", clerk, reason="Đã trả lời qua điện thoại.")
    assert case.row.outcome == "Đã rút dự thảo"
    assert proven(case)


@ONE_DATABASE
def test_a_signed_document_is_withdrawn_until_it_has_a_number(case, authority):
    authority.organisation("ban", AGENCY, until=MONDAY - timedelta(days=1))
    signed(case)
    send(case, "Boundary_Drop", leader, reason="Không cần gửi nữa.")
    assert (case.row.outcome, case.row.columns["symbol"]) == ("Đã rút văn bản", None)
    issued(case)
    assert case.waits_at("Kiểm tra, phát hành")
    with pytest.raises(FormErrors) as refused:
        send(case, "Boundary_Drop", leader, reason="Không cần gửi nữa.")
    assert list(refused.value.errors) == ["numbered"]
    assert proven(case)


@ONE_DATABASE
def test_a_file_keeps_what_the_leader_signed_and_bears_its_number_in_the_agencys_signature(
    case, authority, tmp_path
):
    case.start(KEY, clerk, unit="p-dautu")
    scan = io.BytesIO(paper.scan(case.code))
    file = case.engine.attach(case.id, "du-thao.pdf", scan, actor=case.actor(clerk))
    parts = ["country", "agency", "symbol", "place", "title", "content", "signature", "seal"]
    parts.append("receivers")
    doc = {name: value for name, value in DOC.items() if name != "text"} | {"parts": parts}
    case.complete(
        "Soạn thảo văn bản", clerk, doc=doc | {"content": "file", "file": [file.id]},
        draft={"choice": "submit"},
    )  # fmt: skip
    case.complete("Duyệt dự thảo", leader, head={"choice": "approve"})
    case.complete("Ký ban hành", director, sign={"choice": "sign", "mode": "electronic"})
    shown = data(case)["paper"][0]["sha256"]
    case.complete("Kiểm tra, phát hành", office, issue={"choice": "issue"})
    assert case.waits_at("Tiếp nhận văn bản")
    (original,) = data(case)["original"]
    store = case.engine.store
    content = store.get(original["sha256"])
    assert content.startswith(store.get(shown))  # Nothing but the agency's signature was added.
    signatures = reading.signatures(content, authority.keys.trusted(), now=case.engine.clock())
    assert [one.kind for one in signatures] == ["person", "organisation"]
    assert data(case)["symbol"] == "01/BQL-ĐT"
    if papers.poppler():
        text = " ".join(papers.through("pdftotext", content, tmp_path).decode().split())
        assert "Số: 01/BQL-ĐT" in text and "Ngày 23 tháng 11 năm 2026" in text


@ONE_DATABASE
def test_a_recipient_gets_the_document_and_nothing_of_how_it_came_about(case, authority, page):
    to = {"name": "Công ty", "part": "to", "channel": "account", "address": applicant.name}
    case.start(KEY, clerk, unit="p-dautu")
    sent = {"doc": DOC | {"recipients": [to]}, "draft": {"choice": "submit"}}
    case.complete("Soạn thảo văn bản", clerk, **sent)
    case.complete("Duyệt dự thảo", leader, head={"choice": "approve"})
    case.complete("Ký ban hành", director, sign={"choice": "return", "reason": "NOIBO chưa ký."})
    case.complete("Soạn thảo văn bản", clerk, **sent)
    case.complete("Duyệt dự thảo", leader, head={"choice": "approve"})
    case.complete("Ký ban hành", director, sign={"choice": "sign", "mode": "electronic"})
    case.complete("Kiểm tra, phát hành", office, issue={"choice": "issue"})
    task = next(one for one in case.tasks() if one.name == "Tiếp nhận văn bản")
    theirs = page.as_(applicant)
    for address in (f"/tasks/{task.id}", *(f"/cases/{case.id}?tab={t}" for t in ("", "journal"))):
        reply = theirs.get(address)
        assert reply.status_code == 200 and "NOIBO" not in reply.text
    original = {one["file"] for one in data(case)["original"]}
    with case.engine.reading() as session:
        files = session.scalars(sa.select(File.id).where(File.case_id == case.id)).all()
    opened = {number for number in files if theirs.get(f"/files/{number}").status_code == 200}
    assert opened == original and len(files) > len(original)
