"""An account goes for ever, and who it was stays, as the drawing has it."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.sandbox import Mailbox
from app.demo import paper
from app.people import accounts
from app.people.accounts import endings, usernames
from app.people.factors import recovery
from app.people.log import Origin
from app.people.login import logins
from app.people.models import Account, FirstLink, Grant, Login, OldPassword
from app.people.queries import find_account
from app.people.rights import grants
from engine.errors import NotPermitted, NotYourTask, SameHand
from engine.forms import FormErrors
from tests import worlds
from tests.cases import CaseUnderTest
from tests.processes import test_account_closing as closing
from tests.processes.in_force import database_with
from tests.worlds import admin, applicant, chief, clerk, colleague, director, leader, office, owner

KEY = "account-delete"
PROPOSE, SIGN, CHECK = "Lập đề nghị", "Chánh Văn phòng ký", "Kiểm tra lưu trữ"
archivist = owner
"""Somebody of the Office who holds the archive record against the request."""
LEFT = {
    "account": colleague.name,
    "reason": "left",
    "facts": "Đã nghỉ hưu từ ngày 01/11/2026, không còn tham gia.",
    "archive_no": "07/BB-LT",
    "archived_on": date(2026, 11, 20),
}
VIOLATION = {**LEFT, "reason": "violation", "violation_no": "Kết luận số 12/KL-TTr"}


def in_force(case: CaseUnderTest) -> None:
    """The Office has a clerk."""
    case.deploy(KEY)
    with case.engine.writing() as session:
        held = find_account(session, archivist.name)
        membership = grants.Membership("van-thu", "vp")
        origin = Origin("system", case.engine.clock())
        grants.grant(session, held, membership, origin=origin, basis=worlds.BASIS)


database_url = database_with("deleting", in_force)


def propose(case: Any, **request: Any) -> None:
    case.start(KEY, office)
    scan = io.BytesIO(paper.scan(case.code))
    file = case.engine.attach(case.id, "de-nghi.pdf", scan, actor=case.actor(office))
    case.complete(PROPOSE, office, request={**request, "scan": [file.id]})


def deleted(case: Any, **changed: Any) -> None:
    """The leadership has had the colleague's account deleted for a violation."""
    propose(case, **{**VIOLATION, **changed})
    case.complete(SIGN, chief, confirm=closing.AGREED)
    case.complete(CHECK, archivist, check=closing.FORWARD)
    case.complete(closing.LEADER, director, decision=closing.APPROVED)


def origin_of(case: Any) -> Origin:
    return Origin("quantri", case.engine.clock())


def left_of(case: Any, table: Any) -> int:
    """How many rows of the table belong to the colleague's account."""
    query = sa.select(sa.func.count(table.id)).join(Account, Account.id == table.account_id)
    with case.engine.reading() as session:
        return session.scalar(query.where(Account.user_name == colleague.name)) or 0


def close(case: Any, name: str) -> None:
    with case.engine.writing() as session:
        account = find_account(session, name)
        endings.close(session, account, origin=origin_of(case), basis="QĐ 4")


def test_what_lets_in_is_gone_and_who_it_was_is_known(case, settings):
    with case.engine.writing() as session:
        holder, now = find_account(session, colleague.name), case.engine.clock()
        logins.begin(session, holder, now=now, where=logins.Where())
        session.add(OldPassword(account=holder, password_hash="x", set_at=now))
        recovery.make(session, holder.id, now)
    deleted(case)
    assert case.row.outcome == "Đã xóa tài khoản"
    gone = closing.account(case, colleague.name)
    assert (gone.status, gone.password_hash, gone.deleted_at) == (
        "closed",
        None,
        case.engine.clock(),
    )
    assert [left_of(case, table) for table in (Login, OldPassword, FirstLink)] == [0, 0, 0]
    with case.engine.reading() as session:
        assert recovery.left(session, gone.id) == 0
        rights_left = sa.select(Grant).where(
            Grant.account_id == gone.id, Grant.revoked_at.is_(None)
        )
        assert session.scalars(rights_left).all() == []
    person = gone.person
    assert (person.full_name, person.birth_date) == (colleague.label, worlds.BORN)
    assert (person.address, person.phone, person.email, person.sex) == ("", None, None, None)
    assert closing.events(case, colleague.name)[-3:] == [
        "account_closed",
        "revoked",
        "account_deleted",
    ]
    assert not logins.log_in(case.engine, colleague.name, worlds.PASSWORD, logins.Where())
    assert case.verify().holds


def test_a_deleted_account_never_comes_back_and_its_name_is_given_to_nobody(case, page):
    deleted(case)
    listed = page.as_(admin).get("/people?status=deleted").text.partition("<tbody>")[2]
    assert colleague.name in listed and "Đã xóa" in listed and "Đã đóng" not in listed
    with case.engine.writing() as session:
        gone, origin = find_account(session, colleague.name), origin_of(case)
        for door in (endings.reopen, endings.follow):
            with pytest.raises(endings.AccountDeleted):
                door(session, gone, origin=origin, basis="QĐ 5")
        with pytest.raises(usernames.NameTaken):
            usernames.take_wanted(session, "internal", colleague.name, origin.now)
    propose(case, **VIOLATION)
    assert case.waits_at(PROPOSE)


def test_the_same_person_may_get_another_account(case):
    deleted(case)
    with case.engine.writing() as session:
        again = accounts.Application(
            full_name=colleague.label, birth_date=worlds.BORN, unit="p-dautu", wanted="binhmoi"
        )
        assert accounts.open_account(session, again, origin=origin_of(case)).name == "binhmoi"


def test_the_page_of_the_account_says_that_it_is_deleted(case, page):
    deleted(case)
    shown = page.as_(leader).get(f"/people/{colleague.name}").text
    assert "Đã xóa lúc" in shown and colleague.label in shown
    listed = page.as_(leader).get("/people?status=deleted").text
    assert f"/people/{colleague.name}" in listed and f"/people/{clerk.name}" not in listed


def test_both_who_proposed_and_who_held_it_are_told(case, settings):
    deleted(case)
    (letter,) = Mailbox(settings.home / "mail").letters()
    assert f"{office.name}@sonhai.example" in letter.to
    assert f"{colleague.name}@sonhai.example" in letter.to


def test_who_takes_part_no_more_is_closed_before_and_deleted_after(case):
    propose(case, **LEFT)
    assert case.waits_at(PROPOSE)
    assert "đóng tài khoản trước" in closing.data(case, office)["rule"]["note"]
    close(case, colleague.name)
    deleted(case, **LEFT)
    assert case.row.outcome == "Đã xóa tài khoản"


def test_nothing_is_deleted_before_the_archive_has_the_data(case):
    to_come = case.engine.clock().date() + timedelta(days=9)
    with pytest.raises(FormErrors) as refused:
        propose(case, **{**VIOLATION, "archived_on": to_come})
    assert set(refused.value.errors) == {"request.archived_on"}


def test_the_chief_of_office_decides_on_a_customers_account(case):
    close(case, applicant.name)
    propose(case, **{**LEFT, "account": applicant.name})
    case.complete(CHECK, archivist, check=closing.FORWARD)
    case.complete(closing.CHIEF, chief, decision=closing.APPROVED)
    assert case.row.outcome == "Đã xóa tài khoản"


@pytest.mark.parametrize("by", ["archivist", "director"])
def test_a_refusal_leaves_the_account_as_it_is(case, by):
    propose(case, **VIOLATION)
    case.complete(SIGN, chief, confirm=closing.AGREED)
    no = {"choice": "refuse", "reason": "Đang có khiếu nại cần giữ tài khoản."}
    if by == "archivist":
        case.complete(CHECK, archivist, check=no)
    else:
        case.complete(CHECK, archivist, check=closing.FORWARD)
        case.complete(closing.LEADER, director, decision=no)
    assert case.row.outcome == "Không xóa tài khoản"
    assert closing.account(case, colleague.name).status == "active"


def test_a_returned_proposal_comes_again_and_its_time_begins_anew(case, clock):
    propose(case, **VIOLATION)
    case.complete(SIGN, chief, confirm={"choice": "return", "reason": "Ghi rõ số biên bản."})
    assert case.waits_at(PROPOSE)
    case.complete(PROPOSE, office, request={})
    case.complete(SIGN, chief, confirm=closing.AGREED)
    first = case.row.due_at
    case.complete(CHECK, archivist, check={"choice": "return", "reason": "Thiếu danh mục hồ sơ."})
    assert case.row.due_at is None
    clock.at("2026-12-01 09:00")
    case.complete(PROPOSE, office, request={})
    case.complete(SIGN, chief, confirm=closing.AGREED)
    assert case.row.due_at > first
    clock.at("2026-12-02 17:00")
    assert case.waits_at(CHECK, closing.URGE)


def test_only_the_office_proposes_and_hands_are_kept_apart(case):
    for by in (clerk, leader, director):
        with pytest.raises(NotPermitted):
            case.start(KEY, by)
    propose(case, **VIOLATION)
    with pytest.raises(NotYourTask):
        case.complete(SIGN, leader, confirm=closing.AGREED)
    case.complete(SIGN, chief, confirm=closing.AGREED)
    with pytest.raises(SameHand):
        case.complete(CHECK, office, check=closing.FORWARD)
    with pytest.raises(NotPermitted):
        closing.withdraw(case, clerk)
    closing.withdraw(case, office)
    assert case.row.outcome == "Đã rút đề nghị"
