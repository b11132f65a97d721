"""What was approved of an account as it stood is not done to it once it stands otherwise."""

from __future__ import annotations

from datetime import date

import pytest

from app.people.accounts import changes, endings, former
from app.people.log import Origin
from app.people.queries import find_account
from engine.errors import OwnMatter
from engine.forms import FormErrors
from tests.processes import test_account_change as changing
from tests.processes import test_account_deleting as deleting
from tests.processes.in_force import database_with
from tests.processes.test_account_closing import (
    AGREED,
    APPROVED,
    BACK,
    CHECK,
    CHIEF,
    CLOSE,
    CONFIRM,
    CUSTOMER,
    DRAFT,
    FACTS,
    FORWARD,
    INTRUDED,
    LEADER,
    REOPEN,
    account,
    choose_password,
    closed,
    closed_customer,
    data,
    desk,
    draft,
)
from tests.worlds import (
    applicant,
    chief,
    clerk,
    colleague,
    director,
    leader,
    office,
    stranger,
)

DELETE, SIGN, ARCHIVE = deleting.KEY, deleting.SIGN, deleting.CHECK
archivist = deleting.archivist
LATE = {"noticed_on": date(2026, 11, 2), "correct_by": date(2026, 11, 20)}
UNCORRECTED = {**INTRUDED, "reason": "uncorrected", **LATE}


def in_force(case):
    for key in (CLOSE, REOPEN):
        case.deploy(key)
    deleting.in_force(case)
    case.deploy(changing.KEY)


database_url = database_with("standing", in_force)


def asked_to_delete(case, reason, name):
    about = deleting.VIOLATION if reason == "violation" else deleting.LEFT
    deleting.propose(case, **{**about, "account": name})
    return case.id


def transfer(session, who, now):
    order = changes.Change("transfer", "QĐ 9", unit="vp", position="Chuyên viên")
    changes.carry_out(session, find_account(session, who.name), order, origin=Origin("x", now))


def reopened(case, settings):
    draft(case, REOPEN, **BACK)
    case.complete(CONFIRM, leader, confirm=AGREED)
    case.complete(CHECK, office, check=FORWARD)
    case.complete(LEADER, director, decision=APPROVED)
    choose_password(case, settings)


def test_an_account_that_is_in_use_again_is_not_deleted_as_closed(case, settings):
    closed(case)
    row = asked_to_delete(case, "left", colleague.name)
    reopened(case, settings)
    case.id = row
    case.complete(SIGN, chief, confirm=AGREED)
    case.complete(ARCHIVE, archivist, check=FORWARD)
    case.complete(LEADER, director, decision=APPROVED)
    assert case.row.outcome == "Không xóa tài khoản"
    assert "đã được mở lại sau khi lập đề nghị" in data(case)["not_done"]["error_message"]
    found = account(case, colleague.name)
    assert (found.status, found.deleted_at) == ("active", None)


def test_a_reopening_of_one_closing_opens_nothing_after_a_graver_one(case):
    with case.engine.writing() as session:
        by, held = Origin("x", case.engine.clock()), find_account(session, applicant.name)
        endings.close(session, held, origin=by, basis="x", reason="uncorrected")
    rows = []
    for _ in range(2):
        draft(case, REOPEN, **CUSTOMER, reason="corrected")
        case.complete(CHECK, office, check=FORWARD)
        rows.append(case.id)
    case.id = rows[0]
    case.complete(CHIEF, chief, decision=APPROVED)
    closed_customer(case)
    case.id = rows[1]
    case.complete(CHIEF, chief, decision=APPROVED)
    assert case.row.outcome == "Không mở lại"
    assert account(case, applicant.name).status == "closed"


def test_a_graver_reason_that_is_found_afterwards_binds(case):
    draft(case, CLOSE, **INTRUDED)
    case.complete(CHECK, office, check=FORWARD)
    first = case.id
    draft(case, CLOSE, **UNCORRECTED)
    case.complete(CHECK, office, check=FORWARD)
    case.complete(CHIEF, chief, decision=APPROVED)
    case.id = first
    case.complete(CHIEF, chief, decision=APPROVED)
    with case.engine.reading() as session:
        told = former.closing(session, find_account(session, applicant.name))
    assert (told["reason"], told["reasons"]) == ("uncorrected", ["uncorrected", "intruded"])
    draft(case, REOPEN, **CUSTOMER, reason="corrected")
    assert "đóng vì bị xâm nhập" in data(case)["rule"]["note"]
    draft(case, REOPEN, **CUSTOMER, reason="mended")
    assert data(case)["rule"]["new_name"]


def test_nobody_judges_the_closing_of_their_own_account(case):
    draft(case, CLOSE, kind="internal", account=leader.name, reason="away", facts=FACTS)
    assert case.waits_at(CHECK)  # Only the head could have confirmed.
    draft(case, CLOSE, archivist, kind="internal", account=office.name, reason="away", facts=FACTS)
    case.complete(CONFIRM, chief, confirm=AGREED)
    with pytest.raises(OwnMatter):
        case.complete(CHECK, office, check={"choice": "refuse", "reason": "Không."})


def test_nobody_signs_or_checks_the_deletion_of_their_own_account(case):
    asked_to_delete(case, "violation", chief.name)
    assert case.waits_at(ARCHIVE)  # The Chief of Office does not sign it.
    asked_to_delete(case, "violation", archivist.name)
    case.complete(SIGN, chief, confirm=AGREED)
    with pytest.raises(OwnMatter):
        case.complete(ARCHIVE, archivist, check={"choice": "refuse", "reason": "Không."})


def test_a_closing_asked_by_one_unit_ends_where_the_account_is_anothers(case, clock):
    draft(case, CLOSE, **{**BACK, "reason": "moved", "effective_on": date(2026, 12, 15)})
    case.complete(CONFIRM, leader, confirm=AGREED)
    case.complete(CHECK, office, check=FORWARD)
    case.complete(LEADER, director, decision=APPROVED)
    with case.engine.writing() as session:
        transfer(session, colleague, case.engine.clock())
    clock.at("2026-12-15 08:00")
    case.tick()
    assert case.row.outcome == "Không đóng tài khoản"
    assert account(case, colleague.name).status == "active"


def test_only_the_office_asks_for_a_customers_account(case):
    with pytest.raises(FormErrors):
        draft(case, REOPEN, clerk, **CUSTOMER, reason="corrected")


def test_nobody_comes_after_a_holder_who_has_left_the_unit_that_asked(case, clock):
    changing.approved(case, **changing.PERSON)
    with case.engine.writing() as session:
        transfer(session, clerk, case.engine.clock())
    changing.in_effect(case, clock)
    assert "đã chuyển sang đơn vị khác" in data(case)["not_done"]["error_message"]
    assert account(case, clerk.name).person.full_name == clerk.label


def test_another_units_account_is_as_unknown_as_none(case):
    for name in (stranger.name, "khongcoai", "quantri"):
        with pytest.raises(FormErrors):
            draft(case, REOPEN, **{**BACK, "account": name})
    draft(case, REOPEN, **{**CUSTOMER, "other_account": "khongcoai", "reason": "corrected"})
    assert case.waits_at(DRAFT)
    assert "Không có tài khoản “khongcoai”" in data(case)["unknown"]["error_message"]


def test_what_was_closed_for_an_intrusion_does_not_open_under_its_old_name(case, page):
    closed_customer(case)
    first = case.code
    draft(case, REOPEN, **CUSTOMER, reason="corrected")
    assert "vì bị xâm nhập" in page.as_(desk).get(f"/tasks/{case.task(DRAFT).id}").text
    case.complete(DRAFT, desk, request={**CUSTOMER, "reason": "mended"})
    shown = page.as_(office).get(f"/tasks/{case.task(CHECK).id}").text
    for said in ("Lộ tên, mật khẩu", f"vụ việc {first}", "lúc 23/11/2026"):
        assert said in shown
    assert case.row.title.endswith(f"({applicant.label})")


def test_a_closing_on_the_day_that_was_asked_for_is_done_in_time(case, clock, page):
    closed(case, reason="moved", effective_on=date(2026, 12, 15))
    clock.at("2026-12-15 00:01")
    case.tick()
    assert case.row.outcome == "Đã đóng tài khoản"
    assert case.row.due_at > case.row.closed_at
    assert "Xong trễ" not in page.as_(director).get(f"/cases/{case.id}").text
    assert case.verify().holds


def test_a_request_that_names_another_account_forgets_the_first(case):
    draft(case, REOPEN, **CUSTOMER, reason="corrected")  # Is not closed, so that it comes back.
    case.complete(DRAFT, desk, request={**CUSTOMER, "other_account": "khongco"})
    assert case.waits_at(DRAFT)
    assert case.row.title == "Mở lại tài khoản"
