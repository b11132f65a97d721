"""The accounts of each unit are looked at once a quarter; what nobody confirms is suspended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.sandbox import Mailbox
from app.operations.models import Setting
from app.operations.operations import change_setting
from app.people.accounts import Application, changes, endings
from app.people.accounts.changes import Change
from app.people.acting import delegations
from app.people.log import Origin
from app.people.models import AccountReview
from app.people.queries import actor_of, find_account
from app.people.rights import grants, reviews
from engine.errors import NotYourTask, OwnMatter, SameHand
from engine.tables import Case, Job, Task
from tests.cases import CaseUnderTest
from tests.processes.in_force import database_with
from tests.processes.test_account_deadlines import overdue
from tests.processes.test_rights_change import give
from tests.worlds import admin, chief, clerk, colleague, director, leader, office, stranger

KEY = "account-review"
LIST, EACH, SUPERIOR = "Rà soát danh sách", "Quyết định từng tài khoản", "Cấp trên rà soát"
APPROVE = "Duyệt kết quả rà soát"
KEEP = {"choice": "keep"}
CLOSE = {"choice": "close", "reason": "Đã chuyển sang việc khác từ tháng trước."}


def in_force(case: CaseUnderTest) -> None:
    case.deploy(KEY)


database_url = database_with("reviewing", in_force)


def begin(case: Any, unit: str = "p-dautu") -> None:
    """The round has begun the reviews, and the case is that of the unit."""
    reviews.look_after(case.engine)
    case.tick()
    with case.engine.reading() as session:
        row = session.scalars(sa.select(Case).where(Case.unit == unit)).one()
    case.id, case.code = row.id, row.code


def status(case: Any, name: str) -> str:
    with case.engine.reading() as session:
        found = find_account(session, name)
        assert found is not None
        return found.status


def confirm(case: Any, *doubtful: str) -> None:
    review = {"doubtful": list(doubtful)} if doubtful else {}
    case.complete(LIST, leader, review={**review, "confirmed": True})


def test_each_unit_is_reviewed_once_a_quarter_however_often_the_clock_asks(case, clock):
    begin(case)
    assert reviews.look_after(case.engine) == 0
    case.tick()
    with case.engine.reading() as session:
        units = session.scalars(sa.select(Case.unit).order_by(Case.unit)).all()
        begun = session.scalars(sa.select(AccountReview.period).distinct()).all()
    assert units == ["ban", "p-dautu", "p-moitruong", "vp"]
    assert begun == ["2026-10"]
    clock.at("2027-01-14 09:00")
    assert reviews.look_after(case.engine) == 0
    clock.at("2027-01-15 09:00")
    assert reviews.look_after(case.engine) == 4
    case.tick()
    assert case.verify().holds


def test_no_review_begins_where_the_agency_has_set_none(case):
    with case.engine.writing() as session:
        row = Setting(name="account.review.schedule", value="never", legal_basis="QĐ 9")
        row.effective_from = case.engine.clock().date()
        change_setting(session, row, actor=case.actor(admin), now=case.engine.clock())
    assert reviews.look_after(case.engine) == 0


def test_what_is_kept_needs_one_form_and_what_is_in_doubt_one_task_each(case, settings):
    begin(case)
    assert case.waits_at(LIST, SUPERIOR)
    confirm(case, colleague.name)
    case.complete(EACH, leader, answer=CLOSE)
    case.complete(SUPERIOR, chief, answer=KEEP)
    assert status(case, colleague.name) == "active"
    with pytest.raises((SameHand, NotYourTask)):
        case.complete(APPROVE, leader, decision={"choice": "approve"})
    case.complete(APPROVE, director, decision={"choice": "approve"})
    assert status(case, colleague.name) == "closed"
    assert status(case, clerk.name) == "active"
    assert case.row.outcome == "Đã rà soát"
    assert [case.row.columns[name] for name in ("kept", "closed", "unanswered")] == [2, 1, 0]
    letters = Mailbox(settings.home / "mail").letters()
    told = [one.text for one in letters if f"{colleague.name}@sonhai.example" in one.to]
    assert len(told) == 1
    assert "Đã chuyển sang việc khác" in told[0]
    assert case.verify().holds


def test_rights_that_are_not_right_any_more_are_withdrawn(case):
    begin(case)
    confirm(case, clerk.name)
    with case.engine.reading() as session:
        facts = reviews.rights_words.rights_of(session, case.engine.clock(), clerk.name)
    ends = [row["value"] for row in facts]
    case.complete(EACH, leader, answer={**CLOSE, "choice": "change", "ends": ends})
    case.complete(SUPERIOR, chief, answer=KEEP)
    case.complete(APPROVE, director, decision={"choice": "approve"})
    with case.engine.reading() as session:
        assert actor_of(session, clerk.name, case.engine.clock()).candidacies == frozenset()
    assert status(case, clerk.name) == "active"


def test_what_nobody_answers_is_urged_and_then_suspended(case, clock, settings):
    begin(case)
    confirm(case)
    clock.at("2026-12-04 08:00")
    case.tick()
    assert case.waits_at(SUPERIOR)
    clock.at("2026-12-09 08:00")
    case.tick()
    assert case.waits_at(SUPERIOR, "Đôn đốc rà soát")
    assert SUPERIOR in overdue(case, chief)
    clock.at("2026-12-18 08:00")
    case.tick()
    assert status(case, leader.name) == "suspended"
    assert status(case, clerk.name) == "active"
    assert case.row.outcome == "Đã rà soát"
    letters = list(Mailbox(settings.home / "mail").letters())
    told = [one.text for one in letters if f"{leader.name}@sonhai.example" in one.to]
    assert any("không có ai xác nhận" in text for text in told)
    assert any("Sắp hết hạn rà soát tài khoản" in one.subject for one in letters)
    assert case.verify().holds


def test_accounts_closed_meanwhile_drop_out_and_new_rounds_ask_for_none_of_them(case):
    begin(case)
    close_elsewhere(case, clerk.name)
    confirm(case)
    case.complete(SUPERIOR, chief, answer=KEEP)
    assert case.row.columns["kept"] == 2
    assert case.row.columns["unanswered"] == 0


def test_the_open_task_of_an_account_that_another_procedure_closes_ends_by_itself(case):
    begin(case)
    confirm(case, clerk.name, colleague.name)
    close_elsewhere(case, colleague.name)
    left = [task.subject for task in case.tasks() if task.name == EACH]
    assert left == [f"Phạm Thị Anh ({clerk.name})"]
    case.complete(EACH, leader, answer=KEEP)
    close_elsewhere(case, leader.name)
    assert case.row.outcome == "Đã rà soát"
    assert [case.row.columns[name] for name in ("kept", "gone", "unanswered")] == [1, 2, 0]
    told = [entry for entry in case.entries() if entry.kind == "message_received"]
    assert len(told) == 2
    assert case.verify().holds


def test_what_is_closed_before_the_approval_is_told_there_and_not_closed_again(case, settings):
    begin(case)
    confirm(case, colleague.name)
    case.complete(EACH, leader, answer=CLOSE)
    case.complete(SUPERIOR, chief, answer=KEEP)
    close_elsewhere(case, colleague.name)
    case.complete(APPROVE, director, decision={"choice": "approve"})
    assert case.row.columns["gone"] == 1
    letters = [one.text for one in Mailbox(settings.home / "mail").letters()]
    assert any(f"Đã đóng trong khi rà soát: {colleague.name}." in text for text in letters)


def test_nothing_is_sent_of_an_account_for_whose_end_no_case_waits(case):
    close_elsewhere(case, colleague.name)
    with case.engine.reading() as session:
        sent = session.scalars(sa.select(Job.key).where(Job.name == "deliver")).all()
    assert sent == []


def set_silence(case: Any, what: str) -> None:
    """What becomes of accounts that nobody answers for."""
    with case.engine.writing() as session:
        row = Setting(name="account.review.silence", value=what, legal_basis="QĐ 9")
        row.effective_from = case.engine.clock().date()
        change_setting(session, row, actor=case.actor(admin), now=case.engine.clock())


def close_elsewhere(case: Any, name: str) -> None:
    """Another procedure has closed the account."""
    with case.engine.writing() as session:
        origin = Origin("quantri", case.engine.clock())
        endings.close(session, find_account(session, name), origin=origin, basis="QĐ 9")
    case.tick()


def test_nobody_reviews_their_own_account(case):
    begin(case, "vp")
    own = [task for task in case.tasks() if task.name == SUPERIOR]
    assert len(own) == 2  # The Chief of Office's and the administration account.
    with pytest.raises((SameHand, NotYourTask)):
        case.engine.complete(own[0].id, {"answer": KEEP}, actor=case.actor(chief))
    case.engine.complete(own[0].id, {"answer": KEEP}, actor=case.actor(director))


def test_who_comes_to_review_meanwhile_does_not_and_their_new_rights_are_read(case, page):
    begin(case)
    with case.engine.writing() as session:
        origin = Origin("quantri", case.engine.clock())
        found = find_account(session, colleague.name)
        administrator = grants.Membership("quan-tri-don-vi", "p-dautu")
        grants.grant(session, found, administrator, origin=origin, trained="CC 12")
    with pytest.raises(OwnMatter):
        case.complete(LIST, colleague, review={"confirmed": True})
    shown = page.as_(leader).get(f"/tasks/{case.task(LIST).id}").text
    assert "Quản trị đơn vị" in shown
    confirm(case, colleague.name)
    shown = page.as_(leader).get(f"/tasks/{case.task(EACH).id}").text
    assert "Quản trị đơn vị" in shown.partition("Quyền hiện nay")[2][:200]


def test_who_stands_in_for_the_head_does_not_review_their_own_account(case):
    with case.engine.writing() as session:
        today = case.engine.clock().date()
        order = delegations.Order(
            "substitution", leader.name, colleague.name, today, today + timedelta(days=30)
        )
        origin = Origin(director.name, case.engine.clock())
        delegations.permit(session, "UQ-1", order, origin=origin)
    begin(case)
    own = [task.subject for task in case.tasks() if task.name == SUPERIOR]
    assert len(own) == 2 and any(colleague.name in subject for subject in own)


def test_who_opens_accounts_is_left_when_nobody_answers_any_review(case, clock):
    begin(case, "vp")
    clock.at("2026-12-18 08:00")
    case.tick()
    kept = (admin, chief, director, office)
    assert {status(case, character.name) for character in kept} == {"active"}
    assert status(case, leader.name) == "suspended"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_agency_may_have_silence_told_only(case, clock):
    set_silence(case, "tell")
    begin(case)
    clock.at("2026-12-18 08:00")
    case.tick()
    assert status(case, leader.name) == "active"
    assert (case.row.outcome, case.row.columns["unanswered"]) == ("Đã rà soát", 3)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_agency_may_have_what_nobody_answers_closed_once_it_was_urged_and_approved(
    case, clock, settings
):
    set_silence(case, "close")
    begin(case)
    confirm(case)
    clock.at("2026-12-09 08:00")
    case.tick()
    assert case.waits_at(SUPERIOR, "Đôn đốc rà soát")
    clock.at("2026-12-18 08:00")
    case.tick()
    assert case.waits_at(APPROVE) and status(case, leader.name) == "active"
    case.complete(APPROVE, director, decision={"choice": "approve"})
    assert status(case, leader.name) == "closed"
    assert [case.row.columns[name] for name in ("kept", "closed", "unanswered")] == [2, 0, 1]
    letters = [one.text for one in Mailbox(settings.home / "mail").letters()]
    assert any(f"Đóng sau khi duyệt: {leader.name}." in text for text in letters)
    assert case.verify().holds


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_leaders_account_is_reviewed_by_another_leader_never_by_the_chief_below(case):
    with case.engine.writing() as session:
        give(session, stranger, "lanh-dao-ban", "ban", case.engine.clock())
    begin(case, "ban")
    own = [task for task in case.tasks() if director.name in str(task.subject)]
    for character in (chief, director):
        with pytest.raises((SameHand, NotYourTask)):
            case.engine.complete(own[0].id, {"answer": KEEP}, actor=case.actor(character))
    case.engine.complete(own[0].id, {"answer": KEEP}, actor=case.actor(stranger))


@pytest.mark.parametrize(
    "change",
    [
        Change("transfer", "QĐ 9", unit="p-moitruong"),
        Change("new_holder", "QĐ 9", holder=Application("Đỗ Thị Em", phone="0912345678")),
        None,
    ],
    ids=["moved", "handed over", "closed and opened again"],
)
def test_what_was_found_on_an_account_ends_with_its_move_its_holder_and_its_end(
    case, clock, change
):
    begin(case)
    confirm(case, colleague.name)
    case.complete(EACH, leader, answer=CLOSE)
    case.complete(SUPERIOR, chief, answer=KEEP)
    clock.at("2026-11-24 09:00")
    with case.engine.writing() as session:
        origin = Origin("quantri", case.engine.clock())
        found = find_account(session, colleague.name)
        if change is None:
            endings.close(session, found, origin=origin, basis="QĐ 9")
            endings.reopen(session, found, origin=origin, basis="QĐ 9")
        else:
            changes.carry_out(session, found, change, origin=origin)
    case.complete(APPROVE, director, decision={"choice": "approve"})
    assert status(case, colleague.name) == "active"
    assert case.row.outcome == "Đã rà soát"
    assert case.verify().holds


def test_what_nobody_answered_for_stays_open_where_it_has_moved_meanwhile(case, clock):
    begin(case)
    with case.engine.writing() as session:
        origin = Origin("quantri", case.engine.clock())
        moved = Change("transfer", "QĐ 9", unit="p-moitruong")
        changes.carry_out(session, find_account(session, clerk.name), moved, origin=origin)
    clock.at("2026-12-18 08:00")
    case.tick()
    assert status(case, clerk.name) == "active"
    assert status(case, colleague.name) == "suspended"


def test_who_is_the_last_administrator_is_asked_when_accounts_are_closed(case, clock):
    begin(case, "vp")
    with case.engine.writing() as session:
        later = case.engine.clock()
        other = find_account(session, office.name)
        other.kind, other.activated_at, other.last_login_at = "administrator", later, later
        session.flush()
        assert reviews.last_administrator(session, later, office.name)
        assert not reviews.last_administrator(session, later, admin.name)
    clock.at("2026-12-18 08:00")
    case.tick()
    assert (status(case, office.name), status(case, admin.name)) == ("active", "suspended")


def test_a_unit_without_a_head_is_reviewed_by_its_superior(case):
    begin(case, "p-moitruong")
    assert {task.name for task in case.tasks()} == {LIST, SUPERIOR}
    with case.engine.reading() as session:
        rows = reviews.accounts_to_review(session, case.engine.clock(), "p-moitruong")
        stuck = session.scalars(sa.select(Job.id).where(Job.status == "stuck")).all()
        tasks = session.scalars(sa.select(Task.id).where(Task.case_id == case.id)).all()
    assert [(row["account"], row["by"]) for row in rows] == [(stranger.name, "superior")]
    assert stuck == []
    assert len(tasks) == 2
