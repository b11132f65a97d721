"""An enterprise asks for its account through the one-stop desk, as the drawing has it."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.sandbox import Mailbox
from app.demo import paper
from app.people.accounts import AccountExists, deleting, endings
from app.people.log import Origin
from app.people.models import Account, Grant
from app.people.organisation.organisations import Organisation
from app.people.queries import find_account
from engine import views
from engine.errors import NotPermitted, NotYourTask, SameHand
from engine.forms import FormErrors
from tests import worlds
from tests.cases import CaseUnderTest
from tests.processes import test_account_closing as closing
from tests.processes.in_force import database_with
from tests.worlds import chief, clerk, office

KEY = "account-grant-enterprise"
ENTER, CHECK, CHIEF, URGE = (
    "Lập hồ sơ đề nghị",
    "Kiểm tra hồ sơ",
    "Chánh Văn phòng quyết định",
    "Đôn đốc giải quyết",
)
FORWARD, APPROVED = {"choice": "forward"}, {"choice": "approve"}
desk = worlds.stranger
"""Received at the one-stop desk by somebody of another division than the Office."""
STEEL = {
    "organisation": "Công ty TNHH Thép Sơn Hải",
    "enterprise_code": "0201234505",
    "tax_code": "0201234505",
    "address": "Lô C2, khu công nghiệp Tân Khê, tỉnh Sơn Hải",
    "phone": "0912 345 999",
    "email": "vanphong@thepsonhai.example",
    "head_name": "Lưu Bảo An",
    "head_position": "Giám đốc",
    "signed_by": "Lưu Bảo An",
    "signed_on": date(2026, 11, 20),
}


def in_force(case: CaseUnderTest) -> None:
    """The desk is manned."""
    case.deploy(KEY)
    with case.engine.writing() as session:
        held = session.scalars(sa.select(Grant).where(Grant.group_key == "chuyen-vien"))
        for grant in held:
            if grant.unit_code == desk.unit:
                grant.group_key = "mot-cua"


database_url = database_with("enterprise", in_force)


def enter(case: Any, **changed: Any) -> None:
    """A case with what the enterprise handed in."""
    case.start(KEY, desk)
    scan = io.BytesIO(paper.scan(case.code))
    file = case.engine.attach(case.id, "de-nghi.pdf", scan, actor=case.actor(desk))
    case.complete(ENTER, desk, request={**STEEL, **changed, "scan": [file.id]})


def granted(case: Any, **changed: Any) -> None:
    """The Chief of Office has decided for the account."""
    enter(case, **changed)
    case.complete(CHECK, office, check=FORWARD)
    case.complete(CHIEF, chief, decision=APPROVED)


def letters(settings: Any) -> list[Any]:
    return list(Mailbox(settings.home / "mail").letters())


def refusal(settings: Any) -> Any:
    """The letter that says no."""
    (letter,) = [one for one in letters(settings) if one.subject.startswith("Không cấp")]
    return letter


def data(case: Any) -> dict[str, Any]:
    """What the clerk at the desk sees of the case."""
    with case.engine.reading() as session:
        actor, now = case.actor(desk), case.engine.clock()
        return views.case(session, case.engine.mover, case.id, actor, now).data


def account(case: Any, name: str) -> Account | None:
    with case.engine.reading() as session:
        return find_account(session, name)


def test_the_account_bears_the_enterprise_code_and_its_first_login_ends_the_case(case, settings):
    granted(case)
    assert case.waits_at() and case.row.status == "open"
    (letter,) = letters(settings)
    assert letter.to == STEEL["email"]
    closing.choose_password(case, settings)
    assert case.row.outcome == "Đã bàn giao tài khoản"
    made = account(case, "0201234505")
    assert (made.kind, made.label, made.unit_code) == (
        "enterprise",
        "Công ty TNHH Thép Sơn Hải",
        None,
    )
    with case.engine.reading() as session:
        kept = session.get_one(Organisation, made.organisation_id)
        assert (kept.enterprise_code, kept.name) == ("0201234505", STEEL["organisation"])
    assert case.verify().holds


def test_a_branch_goes_by_its_thirteen_digits(case):
    granted(case, enterprise_code="0201234505-001", tax_code="0201234505-001")
    assert account(case, "0201234505001").status == "active"


def test_a_household_may_pay_tax_under_the_twelve_digits_of_its_head(case):
    granted(case, tax_code="030085123456")
    query = sa.select(Organisation.tax_code).where(Organisation.enterprise_code == "0201234505")
    with case.engine.reading() as session:
        assert session.scalars(query).one() == "030085123456"


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("enterprise_code", "0201234506"),
        ("tax_code", "0201234511"),
        ("tax_code", "0201234505-000"),
        ("tax_code", "000085123456"),
        ("head_id", "000085123456"),
    ],
)
def test_what_cannot_be_right_comes_back_to_the_clerk_at_once(case, field, given):
    enter(case, **{field: given})
    assert case.waits_at(ENTER)
    assert not data(case)["rule"]["allowed"]
    case.complete(ENTER, desk, request={field: STEEL.get(field, "030085123456")})
    assert case.waits_at(CHECK)


def test_all_that_is_wrong_comes_back_at_once(case):
    enter(case, enterprise_code="0201234506", tax_code="0201234511")
    assert "doanh nghiệp sai" in data(case)["rule"]["note"]
    assert "thuế sai" in data(case)["rule"]["note"]


def test_nobody_has_signed_on_a_day_to_come(case):
    with pytest.raises(FormErrors) as refused:
        enter(case, signed_on=date(2026, 12, 31))
    assert set(refused.value.errors) == {"request.signed_on"}


def test_codes_with_too_few_digits_are_not_taken_in(case):
    with pytest.raises(FormErrors) as refused:
        enter(case, enterprise_code="020123", tax_code="02012345056", head_id="03008512345")
    wrong = {f"request.{name}" for name in ("enterprise_code", "tax_code", "head_id")}
    assert set(refused.value.errors) == wrong


def test_the_same_head_may_stand_for_two_enterprises(case):
    granted(case)
    granted(case, enterprise_code="0201234512", tax_code="0201234512")
    assert account(case, "0201234512").status == "active"


@pytest.mark.parametrize("same", ["enterprise_code", "tax_code"])
def test_an_enterprise_with_an_account_gets_no_second_and_only_the_clerk_reads_its_name(
    case, settings, page, same
):
    granted(case)
    other = {"enterprise_code": "0201234512", "tax_code": "0201234512", same: "0201234505"}
    enter(case, **other)
    assert case.waits_at(ENTER)
    assert "“0201234505”" in data(case)["present"]["error_message"]
    assert "“0201234505”" in page.as_(desk).get(f"/tasks/{case.task(ENTER).id}").text
    for reader in (office, chief):
        assert "“0201234505”" not in page.as_(reader).get(f"/cases/{case.id}").text, reader
    case.complete(ENTER, desk, request={}, desk={"choice": "refuse"})
    assert case.row.outcome == "Không cấp tài khoản"
    letter = refusal(settings)
    assert "vanphong@thepsonhai.example" in letter.to
    assert "đã được cấp tài khoản" in letter.text and "0201234505" not in letter.text
    assert case.verify().holds


def test_an_enterprise_in_whose_name_another_had_an_account_gets_its_own(case, clock, page):
    def ended(name: str, how: Any, **more: Any) -> None:
        with case.engine.writing() as session:
            given = {"origin": Origin("quantri", clock()), "basis": "KL 3/KL-CA", **more}
            how(session, find_account(session, name), **given)

    granted(case)
    ended("0201234505", endings.close, reason="misused")
    enter(case)
    assert case.waits_at(ENTER) and data(case)["former"] is None
    ended("0201234505", endings.reopen)
    ended("0201234505", endings.close, reason="not_genuine")
    enter(case, head_name="Lưu Bảo Ngọc")
    shown = page.as_(office).get(f"/tasks/{case.task(CHECK).id}").text
    assert "từng có tài khoản 0201234505, đã xóa" in shown
    case.complete(CHECK, office, check=FORWARD)
    case.complete(CHIEF, chief, decision=APPROVED)
    own = account(case, "0201234505.01")
    assert (own.status, account(case, "0201234505").status) == ("active", "closed")
    assert own.organisation_id == account(case, "0201234505").organisation_id
    assert own.person_id != account(case, "0201234505").person_id
    with pytest.raises(AccountExists):
        ended("0201234505", endings.reopen)
    ended("0201234505.01", deleting.delete)
    granted(case)
    assert data(case)["former"] == "0201234505.01, 0201234505"
    assert account(case, "0201234505.02").status == "active"
    assert case.verify().holds


def test_the_codes_of_another_enterprise_can_be_corrected(case):
    granted(case)
    enter(case)
    right = {"enterprise_code": "0201234512", "tax_code": "0201234512"}
    case.complete(ENTER, desk, request=right, desk={"choice": "again"})
    assert case.waits_at(CHECK)


def test_a_request_that_was_overtaken_is_refused_without_the_name_of_the_account(case, settings):
    enter(case)
    first = case.id
    granted(case)
    case.id = first
    case.complete(CHECK, office, check=FORWARD)
    case.complete(CHIEF, chief, decision=APPROVED)
    assert case.row.outcome == "Không cấp tài khoản"
    assert "0201234505" not in refusal(settings).text


def test_a_returned_request_comes_again_and_its_time_begins_anew(case, clock):
    enter(case)
    first = case.row.due_at
    case.complete(CHECK, office, check={"choice": "return", "reason": "Thiếu trang có chữ ký."})
    assert case.row.due_at is None and case.waits_at(ENTER)
    clock.at("2026-12-01 09:00")
    case.complete(ENTER, desk, request={})
    assert case.row.due_at > first
    case.complete(CHECK, office, check=FORWARD)
    case.complete(CHIEF, chief, decision={"choice": "return", "reason": "Chưa rõ chức vụ."})
    assert case.waits_at(ENTER)


@pytest.mark.parametrize("by", ["office", "chief"])
def test_a_refusal_makes_no_account_and_tells_the_enterprise_why(case, settings, by):
    enter(case)
    if by == "chief":
        case.complete(CHECK, office, check=FORWARD)
    no = {"choice": "refuse", "reason": "Doanh nghiệp đang làm thủ tục giải thể."}
    task, who, name = {"office": (CHECK, office, "check"), "chief": (CHIEF, chief, "decision")}[by]
    case.complete(task, who, **{name: no})
    assert case.row.outcome == "Không cấp tài khoản"
    assert account(case, "0201234505") is None
    assert no["reason"] in refusal(settings).text


def test_only_who_took_it_in_may_withdraw(case):
    enter(case)
    with pytest.raises(NotPermitted):
        closing.withdraw(case, clerk)
    closing.withdraw(case, desk)
    assert case.row.outcome == "Đã rút đề nghị"


def test_what_is_late_is_urged_by_the_chief_of_office(case, clock):
    enter(case)
    clock.at("2026-11-25 17:00")
    assert case.waits_at(CHECK, URGE)
    case.complete(URGE, chief, follow_up={"action": "urged", "note": "Đã nhắc chuyên viên."})
    assert case.waits_at(CHECK)


def test_only_the_desk_begins_and_the_hands_are_kept_apart(case):
    with pytest.raises(NotPermitted):
        case.start(KEY, clerk)
    enter(case)
    with pytest.raises(NotYourTask):
        case.complete(CHECK, clerk, check=FORWARD)
    case.complete(CHECK, office, check=FORWARD)
    with pytest.raises((NotYourTask, SameHand)):
        case.complete(CHIEF, office, decision=APPROVED)
