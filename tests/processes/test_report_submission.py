"""A report is asked for, handed down, signed, sent up, returned, corrected and approved."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.signing import reading
from adapters.signing.sandbox import Authority
from app.operations.models import Setting
from app.papers.desk import folder
from app.people.settings import setting
from engine import views
from engine.errors import SameHand
from engine.tables import Case, Wait
from tests import papers
from tests.cases import CaseUnderTest
from tests.clocks import MONDAY
from tests.processes.in_force import database_with
from tests.worlds import (
    BASIS,
    chief,
    clerk,
    colleague,
    director,
    leader,
    office,
    stranger,
)

KEY = "report-submission"
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""The drawing is the same on both databases; two walks see to what is not."""
INDICATOR = "Dự án cấp mới"
REQUEST = {
    "title": "Báo cáo thu hút đầu tư",
    "kind": "periodic",
    "legal": "QĐ 12/QĐ-UBND",
    "unit": "p-dautu",
    "cycle": "month",
    "outline": "Tình hình thu hút đầu tư trong kỳ.",
    "indicators": [{"name": INDICATOR, "measure": "dự án"}],
}
AD_HOC = {**REQUEST, "kind": "adhoc", "due": "2026-11-25"}
GIVEN = {
    "given": True, "requester_unit": "ubnd", "reporter_unit": "p-dautu",
    "request": {key: value for key, value in REQUEST.items() if key != "cycle"},
}  # fmt: skip
ASK, RECEIVE, WRITE = "Giao báo cáo", "Tiếp nhận, phân công", "Lập báo cáo"
SIGN, SEAL, CHECK = "Ký số báo cáo", "Đóng dấu, phát hành", "Kiểm tra, duyệt"
REASON = "Chưa khớp giấy chứng nhận đã cấp."


def in_force(case: CaseUnderTest) -> None:
    """The process, in an agency that has set an end to corrections: the law sets none."""
    case.deploy(KEY)
    with case.engine.writing() as session:
        assert setting(session, MONDAY, "reports.correction.working_days") == 0
        session.add(
            Setting(
                name="reports.correction.working_days", value=250, changed_by="x",
                changed_at=MONDAY, effective_from=date(2026, 1, 1), legal_basis=BASIS,
            )
        )  # fmt: skip


database_url = database_with("reporting", in_force)


@pytest.fixture
def keys(settings: Any) -> Authority:
    """Keys of the heads who sign, and of the authority of the zone."""
    made = Authority(folder(settings), MONDAY)
    made.person(leader.name, leader.label, unit="Phòng Quản lý đầu tư")
    made.person(director.name, director.label, unit="Ban Quản lý Khu kinh tế Sơn Hải")
    made.organisation("ban", "Ban Quản lý Khu kinh tế Sơn Hải")
    return made


def written(value: int, **more: Any) -> dict[str, Any]:
    said = "Tăng so với kỳ trước."
    return {"rows": [{"value": value}], "summary": said, "next": "send", **more}


def at(case: Any, code: str) -> Any:
    """The same hands, in another case."""
    with case.engine.reading() as session:
        case.id = session.scalars(sa.select(Case.id).where(Case.code == code)).one()
    return case


def asked(case: Any, request: dict[str, Any] = REQUEST) -> str:
    """The code of a report that the Office has asked of the investment division."""
    case.start(KEY, office, unit="vp")
    case.complete(ASK, office, request=request)
    return str(case.code)


def sent(case: Any, value: int, **more: Any) -> None:
    """The division has written its report, and its head has signed."""
    case.complete(WRITE, clerk, report=written(value, **more))
    case.complete(SIGN, leader, sign={"choice": "sign"})


def handed(case: Any, to: str, by: Any) -> str:
    """The code of the part that is handed to a unit or "@account"."""
    received = {"choice": "hand", "recipients": [{"to": to}]}
    case.complete(RECEIVE, by, received=received)
    return str(data(case)["parts"][-1]["case"])


def data(case: Any) -> dict[str, Any]:
    with case.engine.reading() as session:
        found = views.case(
            session, case.engine.mover, case.id, case.actor(chief), case.engine.clock()
        )
    return dict(found.data)


def send(case: Any, element: str, character: Any, **posted: Any) -> None:
    """Somebody sends a message that the case waits for."""
    waits = sa.select(Wait.token).where(Wait.case_id == case.id, Wait.element == element)
    with case.engine.reading() as session:
        token = session.scalars(waits).one()
    case.engine.send(case.id, token, posted, actor=case.actor(character))
    case.tick()


def test_a_part_goes_down_comes_back_and_is_added_up_and_returned_once(case, keys, page):
    top = asked(case)
    part = handed(case, f"@{colleague.name}", clerk)
    at(case, part).complete(RECEIVE, colleague, received={"choice": "self"})
    case.complete(WRITE, colleague, report=written(7))
    case.complete(CHECK, leader, decision={"choice": "approve"})
    at(case, top).complete(WRITE, clerk, report=written(8))
    head = page.as_(leader)
    task = f"/tasks/{case.task(SIGN).id}"
    assert f"{INDICATOR}: 8 / 7." in head.get(task).text  # Not what the parts add up to.
    case.complete(SIGN, leader, sign={"choice": "return", "reason": REASON})
    sent(case, 7)
    with pytest.raises(SameHand):
        case.complete(CHECK, office, decision={"choice": "approve"})
    case.complete(CHECK, chief, decision={"choice": "return", "reason": REASON})
    sent(case, 8)
    case.complete(CHECK, chief, decision={"choice": "approve"})
    assert (case.row.columns["version"], case.row.columns["state"]) == (2, "Đã duyệt")
    assert [one["rows"][0]["value"] for one in data(case)["versions"]] == [7, 8]
    (changed,) = data(case)["changes"]
    assert (changed["before"], changed["value"], changed["change"]) == (7, 8, 1)
    assert all(verdict.holds for verdict in case.engine.verify_all())


@SQLITE
def test_parts_go_down_three_levels_and_their_sums_come_up_beside_each_other(case, keys):
    top = asked(case)
    middle = handed(case, "p-moitruong", clerk)
    low = handed(at(case, middle), f"@{stranger.name}", stranger)
    lowest = handed(at(case, low), "p-dautu", stranger)
    for code, hand, value in ((lowest, clerk, 5), (low, stranger, 5), (middle, stranger, 5)):
        at(case, code)
        if code == lowest:
            case.complete(RECEIVE, hand, received={"choice": "self"})
        assert case.task(WRITE).name == WRITE
        case.complete(WRITE, hand, report=written(value))
        if code != low:
            case.complete(SIGN, leader if hand is clerk else director, sign={"choice": "sign"})
        checker = {lowest: director, low: director, middle: leader}[code]
        case.complete(CHECK, checker, decision={"choice": "approve"})
    at(case, top)
    shown = data(case)
    assert [row["value"] for row in shown["report"]["rows"]] == [5]
    assert [(p["name"], p["rows"][0]["value"]) for p in shown["parts"]] == [
        ("Phòng Quản lý môi trường", 5)
    ]
    assert all(verdict.holds for verdict in case.engine.verify_all())


@SQLITE
def test_the_report_is_a_paper_with_its_number_that_the_head_has_signed(case, keys):
    asked(case)
    case.complete(RECEIVE, clerk, received={"choice": "self"})
    case.complete(WRITE, clerk, report=written(12))
    case.complete(SIGN, leader, sign={"choice": "sign"})
    found = data(case)
    assert re.fullmatch(r"01/BC-\w+", found["report_number"])
    content = kept(case, found["signed_files"][0]["file"])
    signatures = reading.signatures(content, folder_of(case).trusted(), now=case.engine.clock())
    assert [(one.name, one.holds) for one in signatures] == [(leader.label, True)]
    assert papers.faults(content) == []
    said = papers.read(content)
    assert f"Số: {found['report_number']}" in said and found["report_number"] == symbol(case)
    # Who signed stands there under the post they have.
    assert "TRƯỞNG PHÒNG" in said and leader.label in said and "...." not in said
    assert "Dự án cấp mới dự án 12" in said
    case.complete(CHECK, chief, decision={"choice": "return", "reason": REASON})
    sent(case, 13)
    again = data(case)
    # What has been sent is replaced by a document of its own (Điều 18 Nghị định 30/2020/NĐ-CP).
    assert (again["report_number"][:2], symbol(case)) == ("02", again["report_number"])
    said = papers.read(kept(case, again["signed_files"][0]["file"]))
    assert f"thay thế Báo cáo số {found['report_number']} ngày 23 tháng 11" in " ".join(
        said.split()
    )
    assert found["report_number"] in case.row.columns["note"]
    assert [one["files"][0]["file"] for one in again["versions"]] == [
        found["signed_files"][0]["file"],
        again["signed_files"][0]["file"],
    ]


def symbol(case: Any) -> Any:
    """The number under which the case stands in the register of outgoing documents."""
    return case.row.columns["symbol"]


def kept(case: Any, number: int) -> bytes:
    from engine.tables import File

    with case.engine.reading() as session:
        return bytes(case.engine.store.get(session.get_one(File, number).sha256))


def folder_of(case: Any) -> Any:
    return folder(case.app.extensions["settings"])


@SQLITE
def test_a_report_that_goes_outside_bears_the_agencys_signature_too(case, keys):
    papers.made_clerk(case)
    case.start(KEY, leader, unit="p-dautu", **GIVEN)
    case.complete(RECEIVE, clerk, received={"choice": "self"})
    sent(case, 9)
    assert case.waits_at(SEAL)
    case.complete(SEAL, office, seal={"checked": True})
    assert case.waits_at(CHECK)
    content = kept(case, data(case)["signed_files"][0]["file"])
    signatures = reading.signatures(content, folder_of(case).trusted(), now=case.engine.clock())
    assert [(one.kind, one.holds) for one in signatures] == [
        ("person", True),
        ("organisation", True),
    ]


@SQLITE
def test_without_the_agencys_key_the_clerk_reads_why_and_nothing_is_sent(case, settings):
    made = Authority(folder(settings), MONDAY)
    made.person(leader.name, leader.label, unit="Phòng Quản lý đầu tư")
    papers.made_clerk(case)
    case.start(KEY, leader, unit="p-dautu", **GIVEN)
    case.complete(RECEIVE, clerk, received={"choice": "self"})
    sent(case, 9)
    case.complete(SEAL, office, seal={"checked": True})
    assert case.waits_at(SEAL)
    assert data(case)["no_seal"]["error_message"]
    assert data(case)["versions"] == []


@SQLITE
def test_without_a_key_nothing_is_sent_and_the_head_reads_why(case):
    asked(case)
    case.complete(RECEIVE, clerk, received={"choice": "self"})
    sent(case, 9)
    assert case.waits_at(SIGN)
    assert "Chưa có chứng thư số" in data(case)["no_key"]["error_message"]
    assert data(case)["versions"] == []


@SQLITE
def test_a_sent_report_is_recalled_and_an_approved_one_is_corrected_on_request(case, keys, clock):
    asked(case)
    case.complete(RECEIVE, clerk, received={"choice": "self"})
    sent(case, 1)
    send(case, "Boundary_Recall", clerk, reason=REASON)
    sent(case, 2)
    case.complete(CHECK, chief, decision={"choice": "approve"})
    send(case, "Message_Correction", clerk, reason=REASON)
    case.complete("Xem xét đính chính", chief, correct={"choice": "reject"})
    sent(case, 3)
    case.complete(CHECK, chief, decision={"choice": "approve"})
    versions = data(case)["versions"]
    assert [one["basis"].partition(":")[0] for one in versions] == [
        "Gửi lần đầu", "Nơi gửi thu hồi", "Đính chính",
    ]  # fmt: skip
    # A year later an approved report can be corrected still.
    clock.advance(days=300)
    case.tick()
    assert case.row.status == "open"
    clock.advance(days=120)
    assert case.waits_at()
    assert (case.row.status, case.row.outcome) == ("completed", "Báo cáo đã duyệt")
    assert case.verify().holds


@SQLITE
def test_what_is_late_is_urged_and_the_urging_holds_up_nothing(case, keys, clock):
    asked(case, AD_HOC)
    case.complete(RECEIVE, clerk, received={"choice": "self"})
    clock.at("2026-11-26 08:00")
    assert case.waits_at(WRITE, "Đôn đốc giải quyết")
    sent(case, 4)
    assert case.waits_at(CHECK)
    assert case.row.columns["timely"] == "Trễ hạn"
    clock.advance(days=30)
    assert case.waits_at(CHECK, "Đôn đốc trả lời")
    case.complete(CHECK, chief, decision={"choice": "approve"})
    assert case.waits_at()
    clock.advance(days=420)
    case.tick()
    assert case.row.outcome == "Báo cáo đã duyệt"


@SQLITE
def test_urging_writes_to_the_unit_what_the_requester_says(case, clock):
    asked(case, AD_HOC)
    clock.at("2026-11-26 08:00")
    case.tick()
    note = {"action": "urged", "note": "Gửi ngay trong buổi sáng."}
    case.complete("Đôn đốc giải quyết", chief, follow_up=note)
    calls = [job for job in case.jobs("done") if job.element == "Task_Press"]
    assert calls and "Gửi ngay trong buổi sáng." in str(calls[0].payload)


@SQLITE
def test_a_report_sent_outside_in_an_outage_counts_by_its_true_day(case, keys, clock):
    asked(case, AD_HOC)
    case.complete(RECEIVE, clerk, received={"choice": "self"})
    clock.at("2026-11-27 08:00")
    scan = case.engine.attach(case.id, "bc.pdf", io.BytesIO(b"%PDF-1.4"), actor=case.actor(clerk))
    outage = {
        "outage": True, "outage_way": "documents", "outage_no": "45/BC-QLĐT",
        "outage_on": "2026-11-25", "outage_cause": "Hệ thống ngừng hai ngày.",
        "outage_scan": [scan.id],
    }  # fmt: skip
    sent(case, 6, **outage)
    row = case.row.columns
    assert (str(row["sent_on"]), row["timely"]) == ("2026-11-25", "Đúng hạn")


@SQLITE
def test_a_refused_request_is_let_go_and_a_withdrawn_one_ends_its_parts(case):
    asked(case)
    case.complete(RECEIVE, clerk, received={"choice": "refuse", "reason": REASON})
    case.complete("Xem xét từ chối", chief, review={"choice": "release"})
    assert case.row.outcome == "Không phải báo cáo"
    top = asked(case)
    part = handed(case, "p-moitruong", clerk)
    send(case, "Scope_Withdraw", office, reason=REASON)
    assert case.row.outcome == "Đã rút"
    assert at(case, part).row.outcome == "Thôi báo cáo"
    assert at(case, top).verify().holds


@SQLITE
def test_the_next_period_is_asked_for_by_itself_and_reviewed_once_a_year(case, clock):
    clock.at("2026-11-23 08:00")
    asked(case, {**REQUEST, "cycle": "quarter", "repeat": True})
    handed(case, "p-moitruong", clerk)
    clock.at("2026-12-16 08:00")
    case.tick()
    found = newest(case)
    assert found.waits_at(RECEIVE)
    assert data(found)["period"]["key"] == "2027-Q1"
    assert data(found)["received"]["recipients"][0]["to"] == "p-moitruong"
    for day in ("2027-03-16", "2027-06-16", "2027-09-16", "2027-12-16"):
        clock.at(f"{day} 08:00")
        case.tick()
    assert newest(case).waits_at(ASK)
    case.complete(ASK, office, request={**REQUEST, "cycle": "quarter", "title": "Báo cáo mới"})
    assert case.waits_at(RECEIVE)
    assert case.verify().holds


@SQLITE
def test_a_change_of_policy_brings_the_review_forward(case, clock):
    asked(case, {**REQUEST, "repeat": True})
    send(case, "Message_Review", office, reason="Thông tư mới đổi biểu mẫu.")
    clock.at("2026-12-16 08:00")
    case.tick()
    assert newest(case).waits_at(ASK)
    assert data(case)["asked_reason"] == "Thông tư mới đổi biểu mẫu."


def newest(case: Any) -> Any:
    with case.engine.reading() as session:
        case.id = session.scalars(sa.select(sa.func.max(Case.id))).one()
    return case
