"""The grant of an internal account as its drawing has it: who does what, and what follows."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.sandbox import Letter, Mailbox
from app.demo import paper
from app.operations.models import Setting
from app.operations.operations import change_setting
from app.people.log import Origin
from app.people.login import choosing, links
from app.people.models import Account, Grant, Person
from engine import views
from engine.errors import NobodyWaits, NotPermitted, NotYourTask, SameHand
from engine.forms import FormErrors
from engine.tables import Wait
from tests import worlds
from tests.cases import CaseUnderTest
from tests.clocks import VIETNAM
from tests.processes.in_force import database_with
from tests.worlds import chief, clerk, colleague, director, leader, office, stranger

KEY = "account-grant-internal"
DRAFT, CONFIRM, CHECK = "Lập đề nghị", "Xác nhận đề nghị", "Kiểm tra đề nghị"
DECIDE, DELEGATED, URGE = "Lãnh đạo quyết định", "Quyết định theo ủy quyền", "Đôn đốc giải quyết"
APPROVED = {"choice": "approve"}
HOLDER = {
    "account_name": "Nguyễn Thị Thu Hương",
    "full_name": "Nguyễn Thị Thu Hương",
    "birth_date": date(1994, 8, 12),
    "sex": "female",
    "address": "Thôn Đông, xã Tân Khê, tỉnh Sơn Hải",
    "position": "Chuyên viên",
    "phone": "0900 000 901",
    "email": "huongntt@sonhai.example",
    "groups": ["chuyen-vien"],
    "document_no": "15/ĐN-QLĐT",
}


def in_force(case: CaseUnderTest) -> None:
    case.deploy(KEY)


database_url = database_with("granting", in_force)


def draft(case: Any, by: Any = clerk, *, unit: str | None = None, **changed: Any) -> None:
    """A case with its request filled in, the scan attached, and sent to the unit's head."""
    case.start(KEY, by, unit=unit)
    scan = io.BytesIO(paper.scan(case.code))
    file = case.engine.attach(case.id, "de-nghi.pdf", scan, actor=case.actor(by))
    case.complete(DRAFT, by, request={**HOLDER, **changed, "scan": [file.id]})


def reach(case: Any, task: str, **changed: Any) -> None:
    """The case waits at the task on the good path."""
    draft(case, **changed)
    if task == CONFIRM:
        return
    case.complete(CONFIRM, leader, confirm={"choice": "confirm"})
    if task == CHECK:
        return
    case.complete(CHECK, office, check={"choice": "forward"})


def delegate(case: Any, *, last: date | None = None) -> None:
    """A delegation of the leadership to the Chief of Office holds from today on."""
    now = case.engine.clock()
    row = Setting(
        name="delegation.account_internal",
        value={"in_force": True, "document": "312/QĐ-BQL"},
        effective_from=now.astimezone(VIETNAM).date(),
        effective_to=last,
        legal_basis="HP-8.5a",
    )
    with case.engine.writing() as session:
        change_setting(session, row, actor=case.actor(worlds.admin), now=now)


def letters(settings: Any) -> list[Letter]:
    """All letters that left, the first one first."""
    return sorted(Mailbox(settings.home / "mail").letters(), key=lambda letter: letter.at)


def log_in_first(case: Any, letter: Letter) -> None:
    """The holder opens the letter's link and chooses a password."""
    token = letter.text.partition("/first-password/")[2].split()[0]
    number = token.partition(".")[0]
    now = case.engine.clock()
    with case.engine.writing() as session:
        link = links.find(session, number, now)
        assert link is not None
        origin = Origin(link.account.name, now)
        links.use(session, link, origin=origin)
        choosing.choose_password(
            case.engine, session, link.account, "Mat-khau-rieng-26!", origin=origin
        )
    case.tick()


def data(case: Any) -> dict[str, Any]:
    """What the case knows."""
    with case.engine.reading() as session:
        actor, now = case.actor(clerk), case.engine.clock()
        return views.case(session, case.engine.mover, case.id, actor, now).data


def due(case: Any) -> datetime:
    """The case's deadline in Vietnamese time."""
    return case.row.due_at.astimezone(VIETNAM)


def withdraw(case: Any, by: Any, reason: str = "Đơn vị không cần tài khoản nữa.") -> None:
    """The character sends the withdrawal, if the case waits for one."""
    query = sa.select(Wait.token).where(
        Wait.case_id == case.id, Wait.name == "account.request_withdrawn"
    )
    with case.engine.reading() as session:
        token = session.scalar(query)
    case.engine.send(case.id, token or 0, {"reason": reason}, actor=case.actor(by))


def test_the_leadership_grants_the_account_and_its_first_login_ends_the_case(case, settings):
    reach(case, DECIDE)
    case.complete(DECIDE, director, decision=APPROVED)
    assert case.waits_at()
    (letter,) = letters(settings)
    assert letter.to == "huongntt@sonhai.example"
    assert "huongntt.bql" in letter.text
    log_in_first(case, letter)
    assert (case.row.status, case.row.outcome) == ("completed", "Đã bàn giao tài khoản")
    assert case.verify().holds


def test_the_account_has_the_groups_asked_for_within_the_unit_that_asked(case):
    reach(case, DECIDE, groups=["van-thu", "bao-cao"])
    case.complete(DECIDE, director, decision=APPROVED)
    query = sa.select(Grant.group_key, Grant.unit_code, Grant.basis).join(
        Account, Account.id == Grant.account_id
    )
    with case.engine.reading() as session:
        granted = session.execute(query.where(Account.user_name == "huongntt.bql")).all()
    assert {tuple(row) for row in granted} == {
        ("van-thu", "p-dautu", case.code),
        ("bao-cao", "p-dautu", case.code),
    }


def test_a_reach_below_that_was_asked_for_stands_in_the_right(case):
    reach(case, DECIDE, groups=["van-thu"], scope="below")
    case.complete(DECIDE, director, decision=APPROVED)
    query = sa.select(Grant.group_key, Grant.unit_code, Grant.with_below).join(
        Account, Account.id == Grant.account_id
    )
    with case.engine.reading() as session:
        granted = session.execute(query.where(Account.user_name == "huongntt.bql")).all()
    assert [tuple(row) for row in granted] == [("van-thu", "p-dautu", True)]


def test_the_link_is_no_longer_in_the_case_once_the_letter_has_left(case):
    reach(case, DECIDE)
    case.complete(DECIDE, director, decision=APPROVED)
    assert data(case)["first_link"] is None


def test_the_chief_of_office_decides_while_a_delegation_is_in_force(case):
    delegate(case)
    reach(case, DECIDE)
    assert case.waits_at(DELEGATED)
    with pytest.raises(NotYourTask):
        case.complete(DELEGATED, stranger, decision=APPROVED)
    case.complete(DELEGATED, chief, decision=APPROVED)
    assert data(case)["authority"] == {
        "decider": "chanh-van-phong",
        "capacity": "TUQ.",
        "document": "312/QĐ-BQL",
    }


def test_the_leadership_decides_again_when_the_delegation_has_ended(case, clock):
    delegate(case, last=date(2026, 11, 23))
    clock.at("2026-11-25 08:00")
    reach(case, DECIDE)
    assert case.waits_at(DECIDE)


def test_the_time_to_decide_begins_when_the_confirmed_request_reaches_the_office(case):
    draft(case)
    assert case.row.due_at is None
    case.complete(CONFIRM, leader, confirm={"choice": "confirm"})
    # Tuesday, 24 November is Vietnam Culture Day, so the first working day is Wednesday.
    assert due(case) == datetime(2026, 11, 25, 17, 0, tzinfo=VIETNAM)
    assert case.task(CHECK).due_at == case.row.due_at


def test_the_head_returns_a_request_and_the_drafter_sends_it_again(case):
    reach(case, CONFIRM)
    case.complete(CONFIRM, leader, confirm={"choice": "return", "reason": "Sửa số điện thoại."})
    assert case.waits_at(DRAFT)
    assert data(case)["returned"]["reason"] == "Sửa số điện thoại."
    case.complete(DRAFT, clerk, request={"phone": "0900 000 902"})
    assert data(case)["request"]["phone"] == "+84900000902"
    assert data(case)["returned"] is None
    assert case.waits_at(CONFIRM)


def test_no_time_runs_at_the_unit_and_it_begins_anew_at_the_office(case, clock):
    reach(case, CHECK)
    case.complete(CHECK, office, check={"choice": "return", "reason": "Thiếu trang có chữ ký."})
    assert case.row.paused_at is not None
    assert case.row.due_at is None
    clock.at("2026-12-01 09:00")
    assert case.waits_at(DRAFT)
    case.complete(DRAFT, clerk, request={})
    case.complete(CONFIRM, leader, confirm={"choice": "confirm"})
    assert case.row.paused_at is None
    assert due(case) == datetime(2026, 12, 2, 17, 0, tzinfo=VIETNAM)


def test_the_leadership_returns_a_request_to_the_unit(case):
    reach(case, DECIDE)
    case.complete(DECIDE, director, decision={"choice": "return", "reason": "Nêu rõ nhiệm vụ."})
    assert case.waits_at(DRAFT)
    assert data(case)["returned"]["by"] == f"Lãnh đạo Ban, {director.label}"


@pytest.mark.parametrize(
    ("task", "by", "field", "where"),
    [(CHECK, office, "check", "Văn phòng"), (DECIDE, director, "decision", "Lãnh đạo Ban")],
)
def test_a_refusal_ends_the_case_and_tells_the_drafter_why(case, settings, task, by, field, where):
    reach(case, task)
    refused = {"choice": "refuse", "reason": "Không thuộc đối tượng được cấp."}
    case.complete(task, by, **{field: refused})
    assert (case.row.status, case.row.outcome) == ("completed", "Không cấp tài khoản")
    (letter,) = letters(settings)
    assert letter.to == f"{clerk.name}@sonhai.example"
    assert "Không thuộc đối tượng được cấp." in letter.text
    assert where in letter.text


def test_returning_and_refusing_need_a_reason(case):
    reach(case, CHECK)
    with pytest.raises(FormErrors) as refused:
        case.complete(CHECK, office, check={"choice": "refuse"})
    assert set(refused.value.errors) == {"check.reason"}


def test_the_drafter_withdraws_the_request_while_it_is_examined(case):
    reach(case, CHECK)
    withdraw(case, clerk)
    assert (case.row.status, case.row.outcome) == ("completed", "Đã rút đề nghị")
    assert case.waits_at()
    assert data(case)["withdrawal"] == {"reason": "Đơn vị không cần tài khoản nữa."}
    assert case.verify().holds


def test_only_the_drafter_may_withdraw(case):
    reach(case, CHECK)
    with pytest.raises(NotPermitted):
        withdraw(case, colleague)


def test_nothing_can_be_withdrawn_after_the_decision(case):
    reach(case, DECIDE)
    case.complete(DECIDE, director, decision=APPROVED)
    with pytest.raises(NobodyWaits):
        withdraw(case, clerk)


def test_a_person_with_an_account_gets_no_second_one(case):
    taken = {"full_name": colleague.label, "birth_date": worlds.BORN}
    reach(case, CHECK, **taken)
    with pytest.raises(FormErrors) as refused:
        case.complete(CHECK, office, check={"choice": "forward"})
    assert set(refused.value.errors) == {"check.choice"}
    case.complete(CHECK, office, check={"choice": "refuse", "reason": "Đã có tài khoản."})
    assert case.row.outcome == "Không cấp tài khoản"


def test_two_requests_for_one_person_give_one_account(case, settings):
    reach(case, DECIDE)
    first = case.id
    reach(case, DECIDE)
    case.complete(DECIDE, director, decision=APPROVED)
    case.id = first
    case.complete(DECIDE, director, decision=APPROVED)
    assert case.row.outcome == "Không cấp tài khoản"
    (refusal,) = (found for found in letters(settings) if found.to != HOLDER["email"])
    assert "mỗi người chỉ có một tài khoản" in refusal.text


def test_who_asked_for_an_account_may_not_check_the_request(case):
    draft(case, office, unit="p-dautu")
    case.complete(CONFIRM, leader, confirm={"choice": "confirm"})
    with pytest.raises(SameHand):
        case.complete(CHECK, office, check={"choice": "forward"})


def test_heads_of_other_units_cannot_confirm(case):
    reach(case, CONFIRM)
    for other in (colleague, office, director):
        with pytest.raises(NotYourTask):
            case.complete(CONFIRM, other, confirm={"choice": "confirm"})


def test_a_request_lacking_what_the_regulation_asks_for_is_not_sent(case):
    case.start(KEY, clerk)
    with pytest.raises(FormErrors) as refused:
        case.complete(DRAFT, clerk, request={"full_name": "Hương", "phone": "12345"})
    wanted = "account_name full_name birth_date sex address position phone email groups scan"
    assert set(refused.value.errors) == {f"request.{name}" for name in wanted.split()}


def test_the_office_is_reminded_before_the_time_is_over(case, clock, settings):
    reach(case, CHECK)
    clock.at("2026-11-25 10:59")
    case.tick()
    assert letters(settings) == []
    clock.at("2026-11-25 11:00")
    case.tick()
    (letter,) = letters(settings)
    assert "4 giờ làm việc" in letter.text
    assert f"{office.name}@sonhai.example" in letter.to
    assert case.waits_at(CHECK)


def test_who_has_no_address_keeps_no_reminder_from_the_others(case, clock, settings, bind):
    with bind.begin() as connection:
        without = sa.update(Person).where(Person.full_name == office.label).values(email=None)
        connection.execute(without)
    reach(case, CHECK)
    clock.at("2026-11-25 11:00")
    case.tick()
    (letter,) = letters(settings)
    assert f"{chief.name}@sonhai.example" in letter.to
    assert f"{office.name}@sonhai.example" not in letter.to


def test_where_nobody_of_the_office_has_an_address_the_drafter_is_reminded(
    case, clock, settings, bind
):
    reach(case, CHECK)
    with bind.begin() as connection:
        at_office = sa.select(Account.person_id).where(Account.unit_code == "vp")
        without = sa.update(Person).where(Person.id.in_(at_office)).values(email=None)
        connection.execute(without)
    clock.at("2026-11-25 11:00")
    case.tick()
    (letter,) = letters(settings)
    assert f"{clerk.name}@sonhai.example" in letter.to


def test_the_chief_of_office_urges_what_is_late_and_the_work_goes_on(case, clock):
    reach(case, CHECK)
    clock.at("2026-11-25 17:00")
    assert case.waits_at(CHECK, URGE)
    assert case.task(URGE).priority > case.task(CHECK).priority
    case.complete(URGE, chief, follow_up={"action": "urged", "note": "Đã nhắc chuyên viên."})
    assert case.waits_at(CHECK)
    case.complete(CHECK, office, check={"choice": "forward"})
    case.complete(DECIDE, director, decision=APPROVED)
    assert case.verify().holds


def test_nobody_is_urged_any_more_once_there_is_a_decision(case, clock):
    reach(case, DECIDE)
    clock.at("2026-11-26 08:00")
    assert case.waits_at(DECIDE, URGE)
    case.complete(DECIDE, director, decision=APPROVED)
    assert case.waits_at()


def test_waiting_for_the_holder_is_not_late(case, clock):
    reach(case, DECIDE)
    case.complete(DECIDE, director, decision=APPROVED)
    assert case.row.paused_at is not None
    clock.at("2026-12-10 08:00")
    assert case.waits_at()
