"""Closing an account and opening it again, as their drawings have it."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.sandbox import Mailbox
from app.demo import paper
from app.people.accounts import Application, changes
from app.people.log import Origin
from app.people.login import choosing, links, logins, passwords
from app.people.models import Account, AccountLog
from app.people.queries import find_account
from app.people.rights import grants
from engine import views
from engine.errors import NotPermitted, NotYourTask, SameHand
from engine.forms import FormErrors
from engine.tables import Task, Wait
from tests.cases import CaseUnderTest
from tests.engine.drawings import text
from tests.processes.in_force import database_with
from tests.worlds import (
    applicant,
    auditor,
    chief,
    clerk,
    colleague,
    director,
    leader,
    office,
    owner,
    stranger,
)

CLOSE, REOPEN = "account-close", "account-reopen"
desk = owner
DRAFT, CONFIRM, CHECK = "Lập đề nghị", "Xác nhận đề nghị", "Kiểm tra đề nghị"
LEADER, CHIEF, URGE = (
    "Lãnh đạo quyết định",
    "Chánh Văn phòng quyết định",
    "Đôn đốc giải quyết",
)
WORK = """start s
    user a "Draft" candidateGroups=chuyen-vien
    end e
    s > a > e"""
OWN_WORK = WORK.replace("candidateGroups=chuyen-vien", "assignee==initiator")
APPROVED, AGREED, FORWARD = {"choice": "approve"}, {"choice": "confirm"}, {"choice": "forward"}
FACTS = "Có văn bản của đơn vị kèm theo đề nghị này."
AWAY = {"kind": "internal", "account": colleague.name, "reason": "away", "facts": FACTS}
BACK = {**AWAY, "reason": "back"}
CUSTOMER = {"kind": "enterprise", "other_account": applicant.name, "facts": FACTS}
INTRUDED = {
    **CUSTOMER,
    "reason": "intruded",
}


def in_force(case: CaseUnderTest) -> None:
    for key in (CLOSE, REOPEN):
        case.deploy(key)
    with case.engine.writing() as session:
        held, origin = find_account(session, desk.name), Origin("system", case.engine.clock())
        grants.grant(
            session, held, grants.Membership("van-thu", "vp"), origin=origin, basis="QĐ 1"
        )


database_url = database_with("closing", in_force)


def draft(case: Any, key: str, by: Any = None, **request: Any) -> None:
    """A case with its request filled in and sent; for a customer's account by the Office's."""
    by = by or (desk if request["kind"] == "enterprise" else clerk)
    case.start(key, by)
    scan = io.BytesIO(paper.scan(case.code))
    file = case.engine.attach(case.id, "de-nghi.pdf", scan, actor=case.actor(by))
    case.complete(DRAFT, by, request={**request, "scan": [file.id]})


def closed(case: Any, **changed: Any) -> None:
    """The leadership has had the colleague's account closed."""
    draft(case, CLOSE, **{**AWAY, **changed})
    case.complete(CONFIRM, leader, confirm=AGREED)
    case.complete(CHECK, office, check=FORWARD)
    case.complete(LEADER, director, decision=APPROVED)


def handed_over(session: Any, held: Account, by: Origin) -> None:
    """The account is somebody else's from now on."""
    new = Application(
        full_name="Lê Văn Mới", birth_date=date(1990, 1, 2), email="moi@sonhai.example",
        unit="p-dautu",
    )  # fmt: skip
    order = changes.Change("new_holder", "QĐ 7", position="Chuyên viên", holder=new)
    changes.carry_out(session, held, order, origin=by)


def closed_customer(case: Any) -> None:
    """The Chief of Office has had the customer's account closed after an intrusion."""
    draft(case, CLOSE, **INTRUDED)
    case.complete(CHECK, office, check=FORWARD)
    case.complete(CHIEF, chief, decision=APPROVED)


def account(case: Any, name: str) -> Account:
    with case.engine.reading() as session:
        found = find_account(session, name)
        assert found is not None
        return found


def events(case: Any, name: str) -> list[str]:
    query = sa.select(AccountLog.event).where(AccountLog.account == name)
    with case.engine.reading() as session:
        return list(session.scalars(query.order_by(AccountLog.id)))


def data(case: Any, reader: Any = auditor) -> dict[str, Any]:
    with case.engine.reading() as session:
        actor, now = case.actor(reader), case.engine.clock()
        return views.case(session, case.engine.mover, case.id, actor, now).data


def choose_password(case: Any, settings: Any) -> None:
    """The holder opens the one link that still works and chooses a password."""
    letters = Mailbox(settings.home / "mail").letters()
    sent = [part for one in letters for part in one.text.split("/first-password/")[1:]]
    now = case.engine.clock()
    with case.engine.writing() as session:
        found = [links.find(session, one.split()[0].partition(".")[0], now) for one in sent]
        (link,) = filter(None, found)
        origin = Origin(link.account.name, now)
        links.use(session, link, origin=origin)
        choosing.choose_password(
            case.engine, session, link.account, "Mat-khau-rieng-26!", origin=origin
        )
    case.tick()


def withdraw(case: Any, by: Any) -> None:
    query = sa.select(Wait.token).where(Wait.case_id == case.id, Wait.kind == "message")
    with case.engine.reading() as session:
        token = session.scalars(query).one()
    reason = {"reason": "Đơn vị không cần đóng tài khoản nữa."}
    case.engine.send(case.id, token, reason, actor=case.actor(by))


def test_a_closed_account_is_logged_out_and_lets_nobody_in(case):
    with case.engine.writing() as session:
        holder = find_account(session, colleague.name)
        logins.begin(session, holder, now=case.engine.clock(), where=logins.Where())
    closed(case)
    assert (case.row.status, case.row.outcome) == ("completed", "Đã đóng tài khoản")
    found = account(case, colleague.name)
    assert (found.status, found.password_hash) == ("closed", None)
    assert events(case, colleague.name)[-2:] == ["session_ended", "account_closed"]
    assert not case.actor(colleague).candidacies
    assert case.verify().holds


@pytest.mark.parametrize(("successor", "holder"), [(None, None), (clerk.name, clerk.name)])
def test_open_work_of_a_closed_account_goes_on(case, settings, successor, holder):
    case.deploy("p", {"processes/bpmn/p.bpmn": text(WORK, "p")})
    began = case.engine.start("p", actor=case.actor(clerk))
    case.engine.claim(began.tasks[0], actor=case.actor(colleague))
    closed(case, **({"successor": successor} if successor else {}))
    case.tick()
    with case.engine.reading() as session:
        assert session.get(Task, began.tasks[0]).assignee == holder
    told = [letter.text for letter in Mailbox(settings.home / "mail").letters()]
    to = clerk.label if successor else "người nhận"
    words = f"1 việc chuyển cho {to}, 0" if successor else f"0 việc chuyển cho {to}, 1"
    assert any(words in one for one in told)
    assert any("- Draft: " in one for one in told) is bool(successor)
    assert case.row.outcome == "Đã đóng tài khoản"
    assert all(verdict.holds for verdict in case.engine.verify_all())


def test_both_who_asked_and_who_held_it_are_told(case, settings):
    closed(case)
    (letter,) = Mailbox(settings.home / "mail").letters()
    assert f"{clerk.name}@sonhai.example" in letter.to
    assert f"{colleague.name}@sonhai.example" in letter.to


def test_the_chief_of_office_decides_on_a_customers_account_without_a_head(case):
    closed_customer(case)
    assert case.row.outcome == "Đã đóng tài khoản"
    assert account(case, applicant.name).status == "closed"
    assert data(case)["rule"]["clause"] == "KH-12.6a4"


def test_content_is_no_reason_before_the_customers_time_to_correct_is_over(case, clock):
    dates = {"noticed_on": date(2026, 11, 2), "correct_by": date(2026, 11, 30)}
    draft(case, CLOSE, **{**INTRUDED, "reason": "uncorrected", **dates})
    assert case.waits_at(DRAFT)
    assert data(case)["rule"]["note"].startswith("Chưa hết hạn sửa")


def test_a_returned_request_comes_again_and_its_time_begins_anew(case, clock):
    draft(case, CLOSE, **AWAY)
    case.complete(CONFIRM, leader, confirm={"choice": "return", "reason": "Ghi rõ thời gian."})
    assert case.waits_at(DRAFT)
    case.complete(DRAFT, clerk, request={})
    case.complete(CONFIRM, leader, confirm=AGREED)
    first = case.row.due_at
    case.complete(CHECK, office, check={"choice": "return", "reason": "Thiếu trang thứ hai."})
    assert case.row.due_at is None
    clock.at("2026-12-01 09:00")
    case.complete(DRAFT, clerk, request={})
    case.complete(CONFIRM, leader, confirm=AGREED)
    assert case.row.due_at > first


@pytest.mark.parametrize("key", [CLOSE, REOPEN])
def test_a_refusal_leaves_the_account_as_it_is(case, key):
    if key == REOPEN:
        closed(case)
    before = account(case, colleague.name).status
    draft(case, key, **(AWAY if key == CLOSE else BACK))
    case.complete(CONFIRM, leader, confirm=AGREED)
    case.complete(CHECK, office, check={"choice": "refuse", "reason": "Không đúng trường hợp."})
    assert case.row.outcome in ("Không đóng tài khoản", "Không mở lại")
    assert account(case, colleague.name).status == before
    assert case.verify().holds


def test_only_who_asked_may_withdraw_and_nothing_is_closed(case):
    draft(case, CLOSE, **AWAY)
    with pytest.raises(NotPermitted):
        withdraw(case, stranger)
    withdraw(case, clerk)
    assert case.row.outcome == "Đã rút đề nghị"
    assert account(case, colleague.name).status == "active"


def test_what_is_late_is_urged_by_the_chief_of_office(case, clock):
    draft(case, CLOSE, **AWAY)
    case.complete(CONFIRM, leader, confirm=AGREED)
    clock.at("2026-11-25 17:00")
    assert case.waits_at(CHECK, URGE)
    case.complete(URGE, chief, follow_up={"action": "urged", "note": "Đã nhắc chuyên viên."})
    assert case.waits_at(CHECK)


def test_hands_are_kept_apart(case):
    draft(case, CLOSE, office, **INTRUDED)
    with pytest.raises(SameHand):
        case.complete(CHECK, office, check=FORWARD)
    draft(case, CLOSE, **AWAY)
    with pytest.raises(NotYourTask):
        case.complete(CONFIRM, stranger, confirm=AGREED)


def test_an_account_opens_again_under_its_old_name_with_a_new_password(case, settings):
    closed(case)
    draft(case, REOPEN, **BACK)
    case.complete(CONFIRM, leader, confirm=AGREED)
    case.complete(CHECK, office, check=FORWARD)
    case.complete(LEADER, director, decision=APPROVED)
    assert case.waits_at() and case.row.status == "open"
    assert data(case)["first_link"] is None
    choose_password(case, settings)
    assert case.row.outcome == "Đã mở lại tài khoản"
    found = account(case, colleague.name)
    assert found.status == "active"
    assert passwords.matches("Mat-khau-rieng-26!", found.password_hash)
    assert case.actor(colleague).candidacies == {"chuyen-vien@p-dautu"}
    assert case.verify().holds


def test_an_account_may_be_closed_and_opened_again_more_than_once(case, clock, settings):
    for day in ("2026-11-23 09:00", "2026-11-25 09:00"):
        clock.at(day)
        closed(case)
        draft(case, REOPEN, **BACK)
        case.complete(CONFIRM, leader, confirm=AGREED)
        case.complete(CHECK, office, check=FORWARD)
        case.complete(LEADER, director, decision=APPROVED)
        choose_password(case, settings)
        assert case.row.outcome == "Đã mở lại tài khoản"


def test_after_an_intrusion_name_and_password_are_new_and_the_rights_the_same(case, settings):
    mark = 'isExecutable="true"'
    theirs = text(OWN_WORK, "work").replace(
        mark, f'{mark} camunda:candidateStarterGroups="khach-hang-to-chuc"'
    )
    case.deploy("work", {"processes/bpmn/work.bpmn": theirs})
    (own,) = case.engine.start("work", {}, actor=case.actor(applicant)).tasks
    closed_customer(case)
    draft(case, REOPEN, **CUSTOMER, reason="mended")
    case.complete(CHECK, office, check=FORWARD)
    case.complete(CHIEF, chief, decision=APPROVED)
    new = f"{applicant.name}001"
    assert data(case)["user_name"] == new
    choose_password(case, settings)
    assert case.row.outcome == "Đã mở lại tài khoản"
    assert account(case, applicant.name).status == "closed"
    assert account(case, new).person_id == account(case, applicant.name).person_id
    assert events(case, applicant.name)[-1] == "revoked"
    assert {"account_created", "granted", "link_issued"} <= set(events(case, new))
    with case.engine.reading() as session:  # What was theirs under the old name is theirs still.
        assert session.get(Task, own).assignee == new


def test_the_course_tells_what_the_machine_did_and_sent_back(case, page):
    draft(case, REOPEN, **{**CUSTOMER, "other_account": "khongcoai", "reason": "mended"})
    course = page.as_(desk).get(f"/cases/{case.id}").text
    not_done = "Hệ thống không thực hiện được “Tìm tài khoản”"
    said = ("Trở lại bước “Lập đề nghị”", not_done, "Vụ việc bắt đầu")
    assert [*map(course.index, said)] == sorted(map(course.index, said))
    closed(case)
    course = page.as_(clerk).get(f"/cases/{case.id}").text
    journal = page.as_(clerk).get(f"/cases/{case.id}?tab=journal").text
    assert "Văn phòng" in journal and ", vp" not in journal and ", ban<" not in journal
    listed = page.as_(clerk).get("/cases").text
    assert listed.index(">Đóng tài khoản<") < listed.index(">Mở lại tài khoản<")
    assert course.index("thực hiện “Đóng tài khoản”") < course.index(
        "Đã xong “Lãnh đạo quyết định”"
    )


def test_a_reason_that_does_not_fit_the_closing_opens_nothing(case):
    closed(case)
    with pytest.raises(FormErrors) as refused:
        draft(case, REOPEN, **{**BACK, "reason": "mended"})
    assert set(refused.value.errors) == {"request.reason"}


def test_an_account_in_use_cannot_be_opened_again(case):
    with pytest.raises(FormErrors) as refused:
        draft(case, REOPEN, **BACK)
    assert set(refused.value.errors) == {"request.account"}
    named = {**BACK, "kind": "elsewhere", "other_account": colleague.name}
    draft(case, REOPEN, office, **named)
    assert case.waits_at(DRAFT)
    assert data(case, office)["rule"]["note"] == "Tài khoản này không ở trạng thái đóng."


def test_an_account_is_closed_on_the_day_that_was_asked_for(case, clock):
    closed(case, effective_on=date(2026, 11, 25))
    assert account(case, colleague.name).status == "active"
    clock.at("2026-11-25 00:01")
    case.tick()
    assert account(case, colleague.name).status == "closed"
    assert case.verify().holds


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_the_process_finds_wrong_is_said_with_the_form_and_never_as_done(case, page):
    case.start(CLOSE, office)
    task = case.task(DRAFT)
    scan = io.BytesIO(paper.scan(case.code))
    file = case.engine.attach(case.id, "de-nghi.pdf", scan, actor=case.actor(office))
    request = {**CUSTOMER, "other_account": "khongco.dau", "reason": "dissolved"}
    request["scan"] = str(file.id)
    posted = {f"request.{name}": value for name, value in request.items() if name != "account"}
    browser = page.as_(office)
    answer = browser.post(f"/tasks/{task.id}/complete", posted)
    again = case.task(DRAFT)
    assert again.id != task.id
    assert answer.headers["Location"] == f"/tasks/{again.id}"
    shown = browser.get(answer.headers["Location"]).text
    assert "bị trả lại cho bạn" in shown and "Đã xong" not in shown
    assert "Không có tài khoản “khongco.dau”" in shown
    assert 'value="khongco.dau"' in shown


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_takes_over_the_work_of_their_own_closed_account(case):
    with pytest.raises(FormErrors) as refused:
        draft(case, CLOSE, **{**AWAY, "successor": colleague.name})
    assert set(refused.value.errors) == {"request.successor"}


def test_what_was_approved_for_one_holder_is_not_done_to_the_next(case, settings):
    draft(case, CLOSE, **AWAY)
    case.complete(CONFIRM, leader, confirm=AGREED)
    case.complete(CHECK, office, check=FORWARD)
    with case.engine.writing() as session:
        held = find_account(session, colleague.name)
        handed_over(session, held, Origin("quantri", case.engine.clock()))
    case.complete(LEADER, director, decision=APPROVED)
    assert account(case, colleague.name).status == "active"
    (letter,) = Mailbox(settings.home / "mail").letters()
    assert "đã được giao cho người khác giữ" in letter.text
