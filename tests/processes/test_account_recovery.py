"""A lost or disclosed password, from the report to the new one, as the drawing has it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from adapters.sandbox import Mailbox
from app.people import accounts
from app.people.factors import asking
from app.people.log import Origin
from app.people.login import logins
from app.people.models import Account, Grant, Login
from app.people.queries import find_account
from engine.errors import NotPermitted, NotYourTask, OwnMatter, SameHand
from engine.forms import FormErrors
from engine.tables import Case
from tests import worlds
from tests.app.people.test_rolls import ONE_DATABASE
from tests.cases import CaseUnderTest
from tests.processes import test_account_closing as closing
from tests.processes.in_force import database_with
from tests.worlds import PASSWORD, admin, applicant, chief, clerk, colleague, office, stranger

KEY = "account-recover"
REPORT, VERIFY, CHIEF, URGE = (
    "Ghi nhận báo mất",
    "Xác minh người giữ",
    "Chánh Văn phòng xác minh",
    "Đôn đốc giải quyết",
)
keeper = clerk
"""The administrator of the investment division, besides her own work."""
LOST = {
    "account": colleague.name,
    "kind": "lost",
    "reported_by": colleague.label,
    "channel": "in_person",
    "facts": "Quên mật khẩu sau kỳ nghỉ, không đăng nhập được.",
}
SEEN = {
    "choice": "verified",
    "method": "in_person",
    "evidence": "Đã xem thẻ căn cước, đúng ảnh và họ tên.",
}
NO = {"choice": "refuse", "reason": "Gọi lại số đã đăng ký, người giữ nói không yêu cầu."}


def in_force(case: CaseUnderTest) -> None:
    """A division has an administrator."""
    case.deploy(KEY)
    with case.engine.writing() as session:
        held = find_account(session, keeper.name)
        grant = session.scalars(sa.select(Grant).where(Grant.account_id == held.id)).one()
        grant.group_key = "quan-tri-don-vi"


database_url = database_with("recovery", in_force)


def report(case: Any, by: Any = keeper, **changed: Any) -> None:
    """Somebody has told of the password, and it was written down."""
    case.start(KEY, by)
    case.complete(REPORT, by, request={**LOST, **changed})


def held(case: Any, name: str = colleague.name) -> Account:
    with case.engine.reading() as session:
        found = find_account(session, name)
        assert found is not None
        return found


def log_in(case: Any) -> None:
    """The colleague is logged in on some machine."""
    with case.engine.writing() as session:
        account = find_account(session, colleague.name)
        logins.begin(session, account, now=case.engine.clock(), where=logins.Where())


def stays(case: Any) -> int:
    query = sa.select(sa.func.count(Login.id)).where(Login.ended_at.is_(None))
    with case.engine.reading() as session:
        return session.scalar(query) or 0


def test_a_lost_password_works_until_the_holder_is_verified(case, settings):
    log_in(case)
    report(case)
    assert case.waits_at(VERIFY)
    assert stays(case) == 1 and logins.log_in(
        case.engine, colleague.name, PASSWORD, logins.Where()
    )
    case.complete(VERIFY, keeper, verify=SEEN)
    assert stays(case) == 0 and held(case).password_hash is None
    closing.choose_password(case, settings)
    assert case.row.outcome == "Đã cấp lại"
    assert closing.events(case, colleague.name).count("password_voided") == 0
    assert case.verify().holds


def test_a_disclosed_password_is_void_before_anybody_has_verified_anything(case, settings):
    log_in(case)
    report(case, kind="disclosed")
    assert case.waits_at(VERIFY)
    assert stays(case) == 0
    assert (held(case).status, held(case).password_hash) == ("active", None)
    assert closing.events(case, colleague.name)[-2:] == ["session_ended", "password_voided"]
    case.complete(VERIFY, office, verify={**SEEN, "method": "call_back"})
    closing.choose_password(case, settings)
    assert case.row.outcome == "Đã cấp lại"
    assert case.verify().holds


def test_the_link_goes_to_the_holder_alone_and_is_not_in_the_case(case, settings):
    report(case)
    case.complete(VERIFY, keeper, verify=SEEN)
    (letter,) = Mailbox(settings.home / "mail").letters()
    assert letter.to == f"{colleague.name}@sonhai.example"
    assert closing.data(case)["first_link"] is None


def mailed_anew(session: Any, account: Account, _by: Any) -> None:
    account.person.email = "moi@sonhai.example"


def suspended(session: Any, account: Account, by: Any) -> None:
    accounts.suspend(session, account, origin=by, basis="QĐ 7")


@pytest.mark.parametrize(
    ("meanwhile", "told", "answer"),
    [
        (mailed_anew, "moi@sonhai.example", "Đặt mật khẩu mới"),
        (suspended, keeper.name, "không còn ở trạng thái đang sử dụng"),
        (closing.handed_over, keeper.name, "đã được giao cho người khác giữ"),
    ],
)
def test_the_link_is_the_present_holders_of_an_account_in_use_or_there_is_none(
    case, settings, meanwhile, told, answer
):
    report(case)
    with case.engine.writing() as session:
        by = Origin("quantri", case.engine.clock())
        meanwhile(session, find_account(session, colleague.name), by)
    case.complete(VERIFY, keeper, verify=SEEN)
    letter = next(iter(Mailbox(settings.home / "mail").letters()))
    assert letter.to.startswith(told) and answer in letter.text


def test_a_unit_reports_for_its_own_people_alone(case):
    others = (stranger.name, admin.name, applicant.name)
    for name in (*others, "khongcoai"):
        report(case, account=name, kind="disclosed")
        assert case.waits_at(REPORT)
        assert closing.data(case).get("found") is None
    assert all(held(case, name).password_hash for name in others)


def test_the_office_reports_for_anyone_and_an_enterprise_is_verified_there(case, settings):
    report(case, office, account=applicant.name)
    with pytest.raises(NotYourTask):
        case.complete(VERIFY, keeper, verify=SEEN)
    case.complete(VERIFY, office, verify={**SEEN, "method": "head"})
    closing.choose_password(case, settings)
    assert case.row.outcome == "Đã cấp lại"


def test_the_chief_of_office_verifies_for_an_administration_account(case):
    report(case, office, account=admin.name)
    assert case.waits_at(CHIEF)
    with pytest.raises((NotYourTask, SameHand)):
        case.complete(CHIEF, office, verify=SEEN)
    case.complete(CHIEF, chief, verify=SEEN)
    assert case.waits_at() and held(case, admin.name).password_hash is None


def test_nobody_verifies_for_themselves(case):
    report(case, account=keeper.name)
    assert case.waits_at(CHIEF)


def test_who_is_not_the_holder_gets_nothing_and_the_holder_learns_of_it(case, settings):
    report(case)
    case.complete(VERIFY, keeper, verify=NO)
    assert case.row.outcome == "Không cấp lại"
    assert held(case).password_hash is not None
    (letter,) = Mailbox(settings.home / "mail").letters()
    assert f"{colleague.name}@sonhai.example" in letter.to and NO["reason"] in letter.text


def test_how_the_holder_was_verified_has_to_be_written_down(case):
    report(case)
    with pytest.raises(FormErrors) as refused:
        case.complete(VERIFY, keeper, verify={"choice": "verified"})
    assert set(refused.value.errors) == {"verify.method", "verify.evidence"}


@pytest.mark.parametrize("status", ["closed", "suspended"])
def test_an_account_that_is_not_in_use_gets_no_password(case, status):
    with case.engine.writing() as session:
        find_account(session, colleague.name).status = status
    report(case)
    with pytest.raises(FormErrors) as refused:
        case.complete(VERIFY, keeper, verify=SEEN)
    assert set(refused.value.errors) == {"verify.choice"}


def test_a_returned_report_comes_again_and_its_time_begins_anew(case, clock):
    report(case)
    first = case.row.due_at
    case.complete(VERIFY, office, verify={"choice": "return", "reason": "Ghi rõ ai báo."})
    assert case.row.due_at is None and case.waits_at(REPORT)
    clock.at("2026-12-01 09:00")
    case.complete(REPORT, keeper, request={})
    assert case.waits_at(VERIFY) and case.row.due_at > first


def test_what_is_late_is_urged_by_the_chief_of_office(case, clock):
    report(case)
    clock.at("2026-11-25 17:00")
    assert case.waits_at(VERIFY, URGE)
    case.complete(URGE, chief, follow_up={"action": "urged", "note": "Đã nhắc quản trị."})
    assert case.waits_at(VERIFY)


def test_only_who_reported_may_withdraw_and_a_void_password_stays_void(case):
    report(case, kind="disclosed")
    with pytest.raises(NotPermitted):
        closing.withdraw(case, stranger)
    closing.withdraw(case, keeper)
    assert case.row.outcome == "Đã rút yêu cầu"
    assert held(case).password_hash is None


def test_who_looks_after_no_accounts_cannot_begin(case):
    with pytest.raises(NotPermitted):
        case.start(KEY, stranger)


def ask(case: Any, name: str = colleague.name, *, suspected: bool = False) -> int:
    """A stranger asks on the login page; how many recoveries there are afterwards."""
    where = logins.Where("203.0.113.7")
    asking.ask(case.engine, name, suspected=suspected, where=where)
    while case.engine.run_due():
        pass
    with case.engine.reading() as session:
        ids = session.scalars(sa.select(Case.id).where(Case.process_key == KEY)).all()
    case.id = max(ids, default=0)
    return len(ids)


def test_who_asks_on_the_login_page_is_verified_before_anything_happens(case, settings):
    log_in(case)
    assert ask(case, suspected=True) == 1 == ask(case)
    assert case.waits_at(VERIFY)
    assert stays(case) == 1 and held(case).password_hash is not None
    with pytest.raises(NotYourTask):
        case.complete(VERIFY, colleague, verify=SEEN)
    case.complete(VERIFY, keeper, verify={**SEEN, "method": "call_back"})
    assert stays(case) == 0 and held(case).password_hash is None
    (letter,) = Mailbox(settings.home / "mail").letters()
    assert letter.to == f"{colleague.name}@sonhai.example"
    assert ask(case) == 1
    closing.choose_password(case, settings)
    assert case.row.outcome == "Đã cấp lại"
    told = closing.events(case, colleague.name)
    assert told.count("recovery_asked") == 3 and told.count("password_voided") == 1
    assert case.verify().holds


def test_a_refused_asking_is_told_and_can_come_again_after_the_hours_of_the_setting(
    case, settings, clock
):
    assert ask(case) == 1
    with pytest.raises(FormErrors):
        case.complete(VERIFY, keeper, verify={"choice": "return", "reason": "Hỏi lại cho rõ."})
    case.complete(VERIFY, keeper, verify=NO)
    (letter,) = Mailbox(settings.home / "mail").letters()
    assert f"{colleague.name}@sonhai.example" in letter.to
    assert "Hệ thống" not in letter.text and NO["reason"] in letter.text
    assert ask(case) == 1
    clock.advance(hours=4, minutes=1)
    assert ask(case) == 2 and case.waits_at(VERIFY)


def test_a_link_that_is_too_old_keeps_nobody_from_asking_again(case, clock):
    ask(case)
    case.complete(VERIFY, keeper, verify=SEEN)
    clock.advance(hours=71)
    assert ask(case) == 1
    clock.advance(hours=2)
    assert ask(case) == 2 and case.waits_at(VERIFY)


def test_nobody_is_asked_about_names_without_an_open_account(case):
    with case.engine.writing() as session:
        find_account(session, colleague.name).status = "closed"
    assert ask(case) == ask(case, "khongcoai") == 0


def test_a_customers_asking_goes_to_the_office_and_an_administrators_to_its_chief(case):
    ask(case, applicant.name)
    assert case.row.unit == "vp"
    with pytest.raises(NotYourTask):
        case.complete(VERIFY, keeper, verify=SEEN)
    case.complete(VERIFY, office, verify=SEEN)
    assert ask(case, admin.name) == 2 and case.waits_at(CHIEF)


@ONE_DATABASE
def test_the_chief_of_office_does_not_verify_another_account_of_theirs(case):
    with case.engine.writing() as session:
        worlds.open_second(session, chief, "giangvtqt", "administrator", admin.name)
    report(case, office, account="giangvtqt")
    with pytest.raises(OwnMatter) as refused:
        case.complete(CHIEF, chief, verify=SEEN)
    assert refused.value.fields["who"] == "giangvtqt"
    assert held(case, "giangvtqt").status == "active"


def test_who_verifies_reads_the_number_to_call_and_the_unit(case, page):
    with case.engine.writing() as session:
        find_account(session, colleague.name).person.phone = "+84912345678"
    report(case)
    told = page.as_(office).get(f"/tasks/{case.task(VERIFY).id}").text
    assert "Số điện thoại đã đăng ký: 0912 345 678" in told
    assert "Đơn vị: Phòng Quản lý đầu tư" in told


def test_who_is_of_no_unit_is_sent_to_the_desk(page):
    told = page.as_(applicant).get("/account").text
    assert "báo bộ phận một cửa" in told
    assert "Đơn vị</dt>" not in told
    assert "Đơn vị</dt>" in page.as_(clerk).get("/account").text
