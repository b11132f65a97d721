"""The holder of an account moves on: the account changes, the work is handed over with it."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.sandbox import Mailbox
from app.demo import paper
from app.people import accounts
from app.people.accounts import changes, endings
from app.people.acting import delegations
from app.people.log import Origin
from app.people.login import logins
from app.people.models import Account, AccountLog, Delegation, Post
from app.people.organisation import units
from app.people.queries import actor_of, find_account
from app.people.rights import grants, reviews
from app.people.rights import words as rights_words
from engine.errors import NotYourTask, SameHand
from engine.tables import Draft, Entry, Task
from tests.cases import CaseUnderTest
from tests.clocks import Clock
from tests.engine.drawings import text
from tests.processes import test_account_closing as closing
from tests.processes.in_force import database_with
from tests.worlds import (
    BORN,
    Character,
    admin,
    clerk,
    colleague,
    director,
    leader,
    office,
    stranger,
)

KEY = "account-change"
DRAFT, CONFIRM, CHECK = "Lập đề nghị", "Xác nhận đề nghị", "Kiểm tra đề nghị"
LEADER, TAKE, LEFT = "Lãnh đạo quyết định", "Nhận bàn giao", "Giao việc còn lại"
DAY = date(2026, 11, 30)
WORK = """start s
    user a "Draft" candidateGroups=chuyen-vien
    user b "Check" candidateGroups=chuyen-vien apart=a
    user c "Mine" assignee==initiator
    end e
    s > a > b > c > e"""
REQUEST = {
    "account": clerk.name,
    "kind": "resignation",
    "decision_no": "15/QĐ-BQL",
    "decided_on": date(2026, 11, 20),
    "effective_on": DAY,
    "successor": colleague.name,
    "files": [{"code": "03-HS", "title": "Dự án khu phi thuế quan"}],
    "mailboxes": [{"address": "dautu@sonhai.example"}],
}
PERSON = {
    "kind": "new_holder",
    "successor": None,
    "position": "Chuyên viên",
    "full_name": "Lê Văn Mới",
    "birth_date": date(1990, 1, 2),
    "sex": "male",
    "address": "Tổ 4, phường Hải Đông",
    "phone": "0900 000 009",
    "email": "moilv@sonhai.example",
}


def in_force(case: CaseUnderTest) -> None:
    case.deploy(KEY)
    case.deploy("work", {"processes/bpmn/work.bpmn": text(WORK, "work")})


database_url = database_with("changing", in_force)


def ask(case: Any, by: Character = colleague, **changed: Any) -> None:
    """The request is filled in and sent."""
    case.start(KEY, by)
    scan = io.BytesIO(paper.scan(case.code))
    file = case.engine.attach(case.id, "de-nghi.pdf", scan, actor=case.actor(by))
    given = {k: v for k, v in {**REQUEST, **changed}.items() if v is not None}
    case.complete(DRAFT, by, request={**given, "scan": [file.id]})


def approved(case: Any, **changed: Any) -> None:
    """The leadership has approved it."""
    ask(case, **changed)
    case.complete(CONFIRM, leader, confirm={"choice": "confirm"})
    case.complete(CHECK, office, check={"choice": "forward"})
    case.complete(LEADER, director, decision={"choice": "approve"})


def in_effect(case: Any, clock: Clock) -> None:
    clock.at(f"{DAY} 00:00")
    case.tick()


def account(case: Any, name: str = clerk.name) -> Account:
    with case.engine.reading() as session:
        found = find_account(session, name)
        assert found is not None
        return found


def claimed(case: Any) -> tuple[int, int]:
    """The case and the task of some work that the clerk holds, with a draft."""
    moved = case.engine.start("work", {}, actor=case.actor(clerk))
    case.engine.claim(moved.tasks[0], actor=case.actor(clerk))
    case.engine.save_draft(moved.tasks[0], {"x": "half"}, actor=case.actor(clerk))
    return moved.case_id, moved.tasks[0]


def assignee(case: Any, task: int) -> str | None:
    with case.engine.reading() as session:
        return session.get(Task, task).assignee


def test_work_and_drafts_are_the_successors_on_the_day_of_the_decision(case, clock, page):
    other, task = claimed(case)
    approved(case)
    clock.at("2026-11-29 23:59")
    case.tick()
    assert account(case).status == "active"
    assert assignee(case, task) == clerk.name
    in_effect(case, clock)
    assert account(case).status == "closed"
    assert assignee(case, task) == colleague.name
    with case.engine.reading() as session:
        assert session.get(Draft, (task, colleague.name)).posted == {"x": "half"}
        entry = session.scalars(sa.select(Entry).where(Entry.kind == "work_handed_over")).one()
    assert (entry.case_id, entry.right) == (other, case.code)
    assert case.engine.verify(other).holds
    shown = page.as_(colleague).get(f"/tasks/{case.task(TAKE).id}").text
    assert "Dự án khu phi thuế quan" in shown and "dautu@sonhai.example" in shown
    assert f'href="/tasks/{task}">Draft</a>' in shown
    came = page.as_(colleague).get(f"/tasks/{task}").text
    assert f"Bàn giao từ {clerk.label} theo {case.code}" in came
    case.complete(TAKE, colleague, taken={"received": True})
    assert case.row.outcome == "Đã thay đổi, bàn giao"
    assert case.verify().holds


def test_what_later_comes_to_who_has_left_is_the_successors(case, clock):
    other, task = claimed(case)
    approved(case)
    in_effect(case, clock)
    case.engine.complete(task, {}, actor=case.actor(colleague))
    with case.engine.reading() as session:
        query = sa.select(Task).where(Task.case_id == other, Task.status == "open")
        assert session.scalars(query).one().name == "Check"
    assert case.engine.verify(other).holds


def test_a_decision_in_effect_already_changes_the_account_at_once(case):
    approved(case, effective_on=date(2026, 11, 20))
    case.tick()
    assert case.waits_at(TAKE)
    assert account(case).status == "closed"


def test_who_leaves_holds_no_post_and_no_other_account_of_the_agency(case, clock):
    with case.engine.writing() as session:
        by = Origin("quantri", clock())
        person = find_account(session, clerk.name).person
        units.give_post(
            session, person, "p-moitruong", kind="head", title="Trưởng phòng",
            valid_from=clock().date(), origin=by, basis="QĐ 1",
        )  # fmt: skip
        other = accounts.Application(
            full_name=person.full_name, birth_date=person.birth_date, kind="administrator",
            unit="p-dautu", groups=(grants.Membership("quan-tri-c1", "ban", below=True),),
            basis="QĐ 1", training="CC 123",
        )  # fmt: skip
        name = accounts.open_account(session, other, origin=by).name
    approved(case)
    in_effect(case, clock)
    assert (account(case).status, account(case, name).status) == ("closed", "closed")
    with case.engine.reading() as session:
        left = sa.select(Post.unit_code).where(
            Post.person_id == account(case).person_id,
            sa.or_(Post.valid_to.is_(None), Post.valid_to >= DAY),
        )
        assert session.scalars(left).all() == []


@pytest.mark.parametrize(("group", "post"), [("chuyen-vien", "member"), ("truong-phong", "head")])
def test_a_transfer_brings_the_rights_and_the_post_of_the_new_unit_alone(case, clock, group, post):
    approved(
        case, kind="transfer", unit="p-moitruong", position="Chức vụ mới", groups=[group]
    )  # fmt: skip
    in_effect(case, clock)
    found = account(case)
    assert (found.status, found.unit_code) == ("active", "p-moitruong")
    assert case.actor(clerk).candidacies == {f"{group}@p-moitruong"}
    with case.engine.reading() as session:
        query = sa.select(Post).where(Post.person_id == found.person_id).order_by(Post.id)
        posts = [(row.unit_code, row.kind, row.valid_to) for row in session.scalars(query)]
    assert posts == [("p-dautu", "member", date(2026, 11, 29)), ("p-moitruong", post, None)]


def test_a_transfer_ends_the_rights_of_the_old_unit_that_were_still_to_come(case, clock):
    with case.engine.writing() as session:
        origin, later = Origin("quantri", case.engine.clock()), date(2027, 1, 4)
        coming = grants.Membership("van-thu", "p-dautu")
        found = find_account(session, clerk.name)
        grants.grant(session, found, coming, origin=origin, valid_from=later)
        words = [row["label"] for row in rights_words.rights_of(session, origin.now, clerk.name)]
        assert words[0].endswith("(trong đơn vị, từ 04/01/2027)")
        (row,) = [
            one
            for one in reviews.accounts_to_review(session, origin.now, "p-dautu")
            if one["account"] == clerk.name
        ]
        assert "từ 04/01/2027" in row["rights"]
    approved(
        case, kind="transfer", unit="p-moitruong", position="Chuyên viên chính",
        groups=["chuyen-vien"],
    )  # fmt: skip
    in_effect(case, clock)
    clock.at("2027-01-04 09:00")
    assert case.actor(clerk).candidacies == {"chuyen-vien@p-moitruong"}


def test_a_new_holder_gets_name_and_work_but_not_the_password(case, clock, settings):
    _other, task = claimed(case)
    approved(case, **PERSON)
    clock.at("2026-11-29 23:00")
    with case.engine.writing() as session:
        logins.begin(session, find_account(session, clerk.name), now=clock(), where=logins.Where())
    in_effect(case, clock)
    found = account(case)
    assert (found.status, found.person.full_name) == ("active", "Lê Văn Mới")
    assert found.password_hash is None
    assert assignee(case, task) == clerk.name
    letters = Mailbox(settings.home / "mail").letters()
    (letter,) = [one for one in letters if "moilv@sonhai.example" in one.to]
    assert "/first-password/" in letter.text
    with case.engine.reading() as session:
        query = sa.select(AccountLog.event).where(AccountLog.account == clerk.name)
        assert {"account_handed_over", "session_ended", "link_issued"} <= set(
            session.scalars(query)
        )
    assert case.waits_at(TAKE)
    assert case.verify().holds


def test_an_account_that_is_suspended_by_then_gets_no_new_holder(case, clock, settings):
    approved(case, **PERSON)
    before = account(case).person_id
    with case.engine.writing() as session:
        by = Origin("quantri", clock())
        accounts.suspend(session, find_account(session, clerk.name), origin=by, basis="QĐ 7")
    in_effect(case, clock)
    assert account(case).person_id == before
    letters = [one.text for one in Mailbox(settings.home / "mail").letters()]
    assert any("không còn ở trạng thái đang sử dụng" in one for one in letters)
    assert case.row.status == "completed"


def test_who_had_the_account_stays_the_hand_of_what_they_did_with_it(case, clock):
    moved = case.engine.start("work", {}, actor=case.actor(clerk))
    case.engine.complete(moved.tasks[0], {}, actor=case.actor(clerk))
    with case.engine.writing() as session:
        origin, known = Origin("x", clock()), find_account(session, clerk.name)
        once = accounts.Application(
            clerk.label, birth_date=known.person.birth_date, unit="p-dautu",
            groups=(grants.Membership("chuyen-vien", "p-dautu"),),
        )  # fmt: skip
        new = changes.Change("new_holder", "QĐ 1", holder=accounts.Application("Lê Văn Mới"))
        changes.carry_out(session, known, new, origin=origin)
        own = accounts.open_account(session, once, origin=origin).name
        check = session.scalars(sa.select(Task.id).where(Task.name == "Check")).one()
        actor = actor_of(session, own, clock())
    with pytest.raises(SameHand):
        case.engine.complete(check, {}, actor=actor)
    assert case.engine.verify(moved.case_id).holds


def test_who_has_an_account_cannot_get_another_units_as_well(case):
    ask(case, **{**PERSON, "email": f"{stranger.name}@sonhai.example"})
    assert case.waits_at(DRAFT)
    told = closing.data(case, leader)["unknown"]["error_message"]
    assert "Người này đã có tài khoản" in told
    assert stranger.name not in told and stranger.label not in told


def test_an_account_whose_rights_do_not_go_with_another_of_the_person_cannot_be_asked_for(case):
    with case.engine.writing() as session:
        origin, known = Origin("x", case.engine.clock()), find_account(session, clerk.name)
        editor = grants.Membership("bien-tap-vien", "p-dautu")
        grants.grant(session, known, editor, origin=origin)
    ask(case, **{**PERSON, "full_name": admin.label, "birth_date": BORN})
    assert case.waits_at(DRAFT)
    assert "không biên tập nội dung" in closing.data(case, leader)["unknown"]["error_message"]


def test_substitutions_pass_to_the_successor_and_others_end(case, clock):
    today = date(2026, 11, 23)
    with case.engine.writing() as session:
        origin = Origin(leader.name, clock())
        for number, (grantor, grantee) in enumerate(((leader, clerk), (clerk, colleague))):
            order = delegations.Order(
                "substitution", grantor.name, grantee.name, today, date(2026, 12, 31)
            )
            delegations.permit(session, f"UQ-{number}", order, origin=origin)
    approved(case)
    in_effect(case, clock)
    with case.engine.reading() as session:
        rows = session.scalars(sa.select(Delegation).order_by(Delegation.id)).all()
        live = [row for row in rows if row.ended_at is None]
        assert len(rows) == 3
        assert [row.grantee_id for row in live] == [account(case, colleague.name).id]


def test_what_the_successor_may_not_do_is_left_for_the_head(case, clock):
    moved = case.engine.start("work", {}, actor=case.actor(colleague))
    case.engine.complete(moved.tasks[0], {}, actor=case.actor(colleague))
    with case.engine.reading() as session:
        query = sa.select(Task.id).where(Task.case_id == moved.case_id, Task.status == "open")
        task = session.scalars(query).one()
    case.engine.claim(task, actor=case.actor(clerk))
    approved(case)
    in_effect(case, clock)
    assert assignee(case, task) is None
    assert case.engine.verify(moved.case_id).holds


def test_work_goes_to_no_account_that_was_closed_before_the_day(case, clock, settings):
    _case, task = claimed(case)
    approved(case)
    with case.engine.writing() as session:
        gone = find_account(session, colleague.name)
        endings.close(session, gone, origin=Origin(admin.name, clock()), basis="QĐ 9")
    in_effect(case, clock)
    assert assignee(case, task) is None
    head = account(case, leader.name).person.email
    letter = next(one for one in Mailbox(settings.home / "mail").letters() if head in one.to)
    assert "không còn dùng tài khoản" in letter.text
    case.complete(TAKE, leader, taken={"received": True})
    assert case.row.status == "completed"


def test_the_link_goes_to_the_address_that_is_kept_of_who_is_known(case, clock, settings):
    known = {**PERSON, "full_name": admin.label, "birth_date": BORN, "email": "ke-gian@vi-du.vn"}
    approved(case, **known)
    in_effect(case, clock)
    linked = [
        one for one in Mailbox(settings.home / "mail").letters() if "Đặt mật khẩu" in one.text
    ]
    assert [one.to for one in linked] == [account(case, admin.name).person.email]


def test_nobody_approves_what_they_asked_for(case):
    ask(case)
    with pytest.raises((SameHand, NotYourTask)):
        case.complete(CONFIRM, colleague, confirm={"choice": "confirm"})
    case.complete(CONFIRM, leader, confirm={"choice": "confirm"})
    with pytest.raises((SameHand, NotYourTask)):
        case.complete(CHECK, leader, check={"choice": "forward"})


@pytest.mark.parametrize(
    "changed",
    [
        {"account": stranger.name},
        {"successor": clerk.name},
        {"kind": "transfer", "unit": "p-khong", "position": "x", "groups": ["chuyen-vien"]},
    ],
)
def test_what_does_not_fit_the_register_cannot_be_asked_for(case, changed):
    with pytest.raises(Exception, match="correction"):
        ask(case, **changed)
    assert case.waits_at(DRAFT)


def test_nobody_is_moved_to_the_unit_where_they_are(case, page):
    ask(case, kind="transfer", unit="p-dautu", position="Chuyên viên", groups=["chuyen-vien"])
    assert case.waits_at(DRAFT)
    told = page.as_(colleague).get(f"/tasks/{case.task(DRAFT).id}").text
    assert "“Phòng Quản lý đầu tư” là đơn vị hiện nay của tài khoản" in told


def test_a_refusal_leaves_account_and_work_as_they_are(case):
    _other, task = claimed(case)
    ask(case)
    case.complete(CONFIRM, leader, confirm={"choice": "confirm"})
    case.complete(CHECK, office, check={"choice": "refuse", "reason": "Chưa có quyết định."})
    assert case.row.outcome == "Không thay đổi"
    assert account(case).status == "active"
    assert assignee(case, task) == clerk.name
