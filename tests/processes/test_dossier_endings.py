"""How a dossier ends otherwise than by its result, what time does to it, and its consultation.

Every step is a door of the engine, which saves the case and loads it again.
"""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.sandbox import Mailbox
from engine import views
from engine.errors import NotPermitted
from engine.tables import Case, Wait
from engine.tasks import NotYourTask, TaskClaimed
from tests.processes.in_force import database_with
from tests.processes.test_dossier import (
    CONTENT,
    KEY,
    PDF,
    change,
    examined,
    in_force,
    paper,
    received,
    submitted,
    whole,
)  # fmt: skip
from tests.worlds import applicant, chief, clerk, colleague, director, leader, office, stranger

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WHY = "Không tiếp tục thực hiện dự án."
ANSWER = {"choice": "agree", "text": "Thống nhất với dự thảo."}


database_url = database_with("dossier-endings", in_force)


def send(case: Any, element: str, as_: Any, **data: Any) -> None:
    """The button of a message of the drawing is pressed."""
    query = sa.select(Wait.token).where(Wait.case_id == case.id, Wait.element == element)
    with case.engine.reading() as session:
        token = session.scalars(query).one()
    case.engine.send(case.id, token, data, actor=case.actor(as_))
    case.tick()


def stopped_on_paper(case: Any) -> str:
    """The director signs the notice of stopping; nobody has a key, so it goes out as a scan. What
    the notice says.
    """
    case.complete("Ký thông báo dừng", director, stop={"choice": "sign"})
    said = whole(paper(case, "result_files"))
    file = case.engine.attach(case.id, "scan.pdf", io.BytesIO(PDF), actor=case.actor(office)).id
    case.complete("Ký, đóng dấu giấy", office, paper={"files": [file]})
    return said


def proven(case: Any) -> bool:
    return all(verdict.holds for verdict in case.engine.verify_all())


def told(settings: Any) -> list[tuple[str, str]]:
    """To whom which letters went."""
    return [(one.to, one.subject) for one in Mailbox(settings.home / "mail").letters()]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("element", "who", "kind", "state", "listed"),
    [
        ("Boundary_Withdraw", applicant, "withdraw", "Đã rút hồ sơ", "Đã rút"),
        ("Boundary_Stop", leader, "stop", "Đã dừng giải quyết", "Dừng giải quyết"),
    ],
)
def test_a_dossier_is_withdrawn_or_stopped_while_others_are_asked(
    case, settings, element, who, kind, state, listed
):
    received(case, who=applicant, channel="online")
    examined(case, "consult")
    dossier, asked = case.id, consultation(case)
    case.id = dossier
    with pytest.raises(NotPermitted):
        send(case, element, stranger, reason=WHY)
    legal = {} if kind == "withdraw" else {"legal": "Quyết định số 05/2026/QĐ-TA"}
    letters = len(told(settings))
    send(case, element, who, reason=WHY, **legal)
    case.id = dossier
    # Nothing goes out in the head's name before the head has signed it.
    assert len(told(settings)) == letters
    said = stopped_on_paper(case)
    assert all(word in said for word in ("01/TB-", "TRƯỞNG BAN", director.label, WHY))
    assert legal.get("legal", "Đề nghị rút hồ sơ")[1:] in said
    assert (case.row.status, case.row.outcome, case.tasks()) == ("completed", state, [])
    assert case.row.columns["state"] == listed
    case.id = asked
    assert (case.row.outcome, case.tasks()) == ("Dừng theo hồ sơ", [])
    assert proven(case)


@ONE_DATABASE
def test_who_does_not_pay_is_reminded_then_stopped(case, clock, settings):
    change(case.engine, "replace", date(2026, 11, 23), **{**CONTENT, "fee": 500_000})
    received(case, email="vanphong@thepsonhai.example")
    examined(case, "fee")
    assert case.waits_at("Xác nhận nộp phí")
    clock.advance(days=12)
    assert case.waits_at("Xác nhận nộp phí")
    before = len(told(settings))
    clock.advance(days=5)
    case.tick()
    stopped_on_paper(case)
    ended = (case.row.outcome, case.row.columns["state"])
    assert ended == ("Đã dừng giải quyết", "Dừng giải quyết")
    assert len(told(settings)) > before
    assert proven(case)


@ONE_DATABASE
def test_a_late_dossier_is_apologised_for_and_appointed_again_once(case, clock, settings):
    received(case, email="vanphong@thepsonhai.example")
    due = case.row.columns["deadline"]
    clock.advance(days=11, hours=10)
    assert case.waits_at("Thẩm định hồ sơ", "Xin lỗi, hẹn lại")
    again = {"choice": "postpone", "new_day": "2026-12-18", "reason": "Chờ số liệu của thuế."}
    before = set(told(settings))
    case.complete("Xin lỗi, hẹn lại", leader, apology=again)
    assert case.row.columns["deadline"] > due
    assert any("vanphong@" in to for to, _subject in set(told(settings)) - before)
    clock.advance(days=13)
    assert case.waits_at("Thẩm định hồ sơ")  # No second appointment.
    clock.advance(days=4)
    assert case.waits_at("Thẩm định hồ sơ", "Đôn đốc giải quyết")
    case.complete(
        "Đôn đốc giải quyết",
        chief,
        follow_up={"action": "urged", "note": "Đã nhắc người giải quyết."},
    )
    assert case.waits_at("Thẩm định hồ sơ")
    assert proven(case)


@ONE_DATABASE
def test_the_applicant_takes_a_dossier_back_before_it_is_received(case):
    submitted(case, who=applicant, channel="online")
    send(case, "Boundary_Recall", applicant, reason=WHY)
    assert case.waits_at("Lập, nộp hồ sơ")
    assert case.row.columns["state"] == "Đang lập hồ sơ"
    case.complete("Lập, nộp hồ sơ", applicant, draft={"choice": "delete"})
    assert case.row.outcome == "Đã xóa hồ sơ"
    submitted(case, who=applicant, channel="online")
    lacking = {"parts": [{"ok": "yes"}, {"ok": "no"}]}
    asked = {"choice": "supplement", "reason": "Báo cáo chưa ký."}
    case.complete("Kiểm tra hồ sơ", office, request=lacking, check=asked)
    case.complete("Bổ sung hồ sơ", applicant, completion={"choice": "withdraw"})
    assert (case.row.outcome, case.row.columns["dossier_code"]) == ("Rút trước giải quyết", None)
    assert proven(case)


@ONE_DATABASE
def test_whoever_is_late_with_a_dossier_is_reminded(case, clock):
    """Composing, asking others, signing on paper and returning the result."""
    case.start(KEY, office, unit="vp")
    case.complete("Chọn thủ tục", office, request={"procedure": CONTENT["code"]})

    def reminds(element: str, days: int) -> bool:
        clock.advance(days=days)
        case.tick()
        return any(f"-{element}" in entry.path for entry in case.entries())

    assert not reminds("Task_DraftRemind", 3) and reminds("Task_DraftRemind", 6)
    received(case)
    examined(case, "consult")
    consultation(case)
    assert reminds("Task_LateRemind", 4)
    received(case)
    examined(case, "approve")
    case.complete("Ký duyệt kết quả", director, decision={"choice": "sign", "note": "Đồng ý."})
    assert reminds("Task_IssueUrge", 4)
    scan = case.engine.attach(case.id, "a.pdf", io.BytesIO(PDF), actor=case.actor(office)).id
    case.complete("Ký, đóng dấu giấy", office, paper={"files": [scan]})
    assert not reminds("Task_ReturnRemind", 1) and reminds("Task_ReturnRemind", 6)


def consultation(case: Any) -> int:
    """The consultation that the dossier has begun is the case now."""
    with case.engine.reading() as session:
        query = sa.select(Case.id).where(Case.process_key == "dossier-consult")
        case.id = session.scalars(query.order_by(Case.id.desc())).first()
    return case.id


def asked_two(case: Any) -> int:
    """The Office and another division are asked; the number of the dossier."""
    received(case)
    examined(case, "consult")
    dossier = case.id
    consultation(case)
    bodies = [{"unit": "p-moitruong", "due": "2026-11-26"}, {"unit": "vp", "due": "2026-11-27"}]
    slip = {"question": "Đề nghị cho ý kiến về tác động môi trường.", "bodies": bodies}
    case.complete("Lập phiếu lấy ý kiến", clerk, consult=slip)
    with pytest.raises(NotYourTask):
        case.complete("Duyệt phiếu lấy ý kiến", stranger, confirm={"choice": "confirm"})
    case.complete("Duyệt phiếu lấy ý kiến", leader, confirm={"choice": "confirm"})
    return dossier


@ONE_DATABASE
def test_bodies_answer_beside_each_other_and_the_lead_sums_up_for_the_dossier(case):
    dossier = asked_two(case)
    assert case.waits_at("Trả lời ý kiến", "Trả lời ý kiến")
    first, second = case.tasks()
    # Who is asked for one body answers for no other.
    with pytest.raises(NotYourTask):
        case.engine.complete(second.id, {"answer": ANSWER}, actor=case.actor(stranger))
    case.engine.complete(second.id, {"answer": ANSWER}, actor=case.actor(chief))
    assert case.waits_at("Trả lời ý kiến")
    change_it = {"choice": "change", "text": "Bổ sung số liệu nước thải."}
    case.engine.complete(first.id, {"answer": change_it}, actor=case.actor(stranger))
    assert case.waits_at("Tổng hợp ý kiến")
    with pytest.raises(TaskClaimed):
        case.complete("Tổng hợp ý kiến", colleague, summary={"text": WHY})
    case.complete("Tổng hợp ý kiến", clerk, summary={"text": "Một cơ quan đề nghị bổ sung."})
    assert case.row.outcome == "Đã lấy ý kiến"
    case.id = dossier
    assert case.waits_at("Thẩm định hồ sơ")
    with case.engine.reading() as session:
        view = views.case(
            session, case.engine.mover, dossier, case.actor(director), case.engine.clock()
        )
    found = view.data["consulted"]
    assert found["summary"] == "Một cơ quan đề nghị bổ sung."
    assert [one["choice"] for one in found["answers"]] == ["agree", "change"]
    assert proven(case)


@ONE_DATABASE
def test_who_answers_late_is_urged_and_told_of_and_the_lead_need_not_wait(case, clock, settings):
    asked_two(case)
    answers, summary = ["Trả lời ý kiến"] * 2, ["Tổng hợp ý kiến"]
    clock.advance(days=3)
    case.tick()
    late = "giangvt@sonhai.example, anhpt@sonhai.example"
    assert late not in {to for to, _subject in told(settings)}
    clock.advance(days=3)
    assert case.waits_at(*answers)
    # The head of the desk reads who is late (Điều 19 Nghị định 61/2018/NĐ-CP).
    assert late in {to for to, _subject in told(settings)}
    with pytest.raises(NotPermitted):
        send(case, "Boundary_NoWait", stranger, reason=WHY)
    send(case, "Boundary_NoWait", clerk, reason="Hồ sơ sắp hết hạn giải quyết.")
    assert case.waits_at(*summary)
    case.complete("Tổng hợp ý kiến", clerk, summary={"text": "Chưa có ý kiến trả lời."})
    assert case.row.outcome == "Đã lấy ý kiến"
    assert proven(case)


@ONE_DATABASE
def test_a_consultation_that_is_called_off_gives_the_dossier_back_without_an_opinion(case):
    dossier = asked_two(case)
    send(case, "Boundary_Withdraw", clerk, reason="Đã đủ căn cứ, không cần ý kiến nữa.")
    assert (case.row.outcome, case.tasks()) == ("Đã thôi lấy ý kiến", [])
    case.id = dossier
    assert case.waits_at("Thẩm định hồ sơ")
    assert proven(case)
