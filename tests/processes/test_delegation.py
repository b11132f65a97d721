"""Acting for somebody else: asked for, permitted, done under both names, ended."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from app.people.acting import calls, delegations
from app.people.log import Origin
from app.people.models import AccountLog, Delegation, Grant, Login
from app.people.queries import find_account
from engine import HAND_OVER
from engine.errors import NotPermitted, NotYourTask, Rejected, SameHand
from engine.forms import FormErrors
from engine.ports import Call
from engine.tables import Entry, Task, Wait
from tests.app.people.test_rolls import ONE_DATABASE
from tests.cases import CaseUnderTest
from tests.engine.drawings import text
from tests.processes.in_force import database_with
from tests.worlds import admin, chief, clerk, colleague, director, leader, office, owner, stranger

KEY = "delegation"
DRAFT, HEAD, LEADERS = "Lập đề nghị", "Trưởng đơn vị cho phép", "Lãnh đạo Ban cho phép"
WORK = """start s
    user a "Draft" candidateGroups=chuyen-vien
    user b "Mine" assignee==initiator
    end e
    s > a > b > e"""
TODAY = date(2026, 11, 23)


def in_force(case: CaseUnderTest) -> None:
    case.deploy(KEY)
    for key in ("work", "other"):
        case.deploy(key, {f"processes/bpmn/{key}.bpmn": text(WORK, key)})


database_url = database_with("delegating", in_force)


def ask(case: Any, by: Any = clerk, to: Any = colleague, **asked: Any) -> None:
    """A case in which somebody asks that another may act for them."""
    case.start(KEY, by, unit=by.unit)
    request = {
        "kind": "substitution",
        "grantee": to.name,
        "valid_from": TODAY,
        "valid_to": TODAY + timedelta(days=4),
        "reason": "Nghỉ phép năm.",
    }
    case.complete(DRAFT, by, request={**request, **asked})


def permitted(case: Any, **asked: Any) -> int:
    """The head has permitted it; the delegation's id."""
    ask(case, **asked)
    case.complete(HEAD, leader, decision={"choice": "permit"})
    with case.engine.reading() as session:
        return session.scalars(sa.select(Delegation.id).order_by(Delegation.id.desc())).first()


def work(case: Any, key: str = "work") -> int:
    """The task of a new case that the clerk has begun."""
    return case.engine.start(key, {}, actor=case.actor(clerk)).tasks[0]


def acting(page: Any, delegation: int, who: Any = colleague) -> Any:
    """A browser of the colleague, who has chosen to act."""
    browser = page.as_(who)
    assert browser.post(f"/acting/{delegation}/begin").status_code == 303
    return browser


def end_early(case: Any, by: Any) -> None:
    query = sa.select(Wait.token).where(Wait.case_id == case.id, Wait.kind == "message")
    with case.engine.reading() as session:
        token = session.scalars(query).one()
    case.engine.send(case.id, token, {"reason": "Đã về sớm."}, actor=case.actor(by))
    case.tick()


def last_entry(case: Any) -> Entry:
    with case.engine.reading() as session:
        query = sa.select(Entry).where(Entry.behalf_of.is_not(None))
        return session.scalars(query.order_by(Entry.at.desc(), Entry.seq.desc())).first()


def status_of(case: Any, task: int) -> str:
    with case.engine.reading() as session:
        return session.get(Task, task).status


def test_nothing_is_in_force_before_the_head_has_permitted_it(case):
    ask(case)
    with case.engine.reading() as session:
        assert session.scalars(sa.select(Delegation)).all() == []
    case.complete(HEAD, leader, decision={"choice": "permit"})
    with case.engine.reading() as session:
        row = session.scalars(sa.select(Delegation)).one()
    assert (row.number, row.permitted_by) == (case.code, leader.name)
    assert case.verify().holds


def test_the_head_reads_who_is_to_act_and_over_what_in_words(case, page):
    ask(case, processes=["work"])
    form = page.as_(leader).get(f"/tasks/{case.task(HEAD).id}").text
    assert f"{colleague.label} ({colleague.name})" in form
    said = re.sub(r"<[^>]+>", "", form)
    assert "Nhóm: toàn bộ" in said and "Đơn vị: toàn bộ" in said
    assert "Quy trình: toàn bộ" not in said and "Chưa nhập" not in said.split("Văn bản")[0]


def test_while_it_lasts_its_case_says_so_and_home_and_its_page_lead_on(case, page):
    permitted(case)
    for address in (f"/cases/{case.id}", "/cases?mine=1"):
        shown = page.as_(clerk).get(address).text
        assert "Đang có hiệu lực đến hết 27/11/2026" in shown
        assert "đang ở “Chấm dứt sớm”" not in shown
    assert f"làm thay {clerk.label} đến hết 27/11/2026" in page.as_(colleague).get("/").text
    for who in (clerk, colleague):
        browser = page.as_(who)
        way = re.search(r'href="(/cases/\d+/send/\d+)"', browser.get("/acting").text)
        assert browser.post(way[1], {"reason": ""}).status_code == 422
    assert page.as_(clerk).post(way[1], {"reason": "Đã về sớm."}).status_code == 303
    assert "/send/" not in page.as_(clerk).get("/acting").text


def test_nobody_permits_their_own_request_nor_acting_by_themselves(case):
    ask(case)
    with pytest.raises((NotYourTask, SameHand)):
        case.complete(HEAD, clerk, decision={"choice": "permit"})
    ask(case, to=leader)
    assert case.waits_at(LEADERS)
    ask(case, leader, clerk)
    assert case.waits_at(LEADERS)
    case.complete(LEADERS, director, decision={"choice": "permit"})
    assert case.verify().holds


def test_what_is_permitted_for_these_days_already_comes_back_with_its_number(case, page):
    permitted(case)
    number = case.code
    ask(case)
    assert case.waits_at(DRAFT)
    form = page.as_(clerk).get(f"/tasks/{case.task(DRAFT).id}").text
    assert f"{number} đã cho phép như vậy" in form
    with pytest.raises(FormErrors):  # A delegation is in writing, and for some work.
        ask(case, kind="delegation")
    ask(case, kind="delegation", groups=["chuyen-vien"], document_no="05/UQ")
    assert case.waits_at(HEAD)


@ONE_DATABASE
def test_between_two_leaders_the_chief_of_office_records_what_they_decided(case):
    with case.engine.writing() as session:
        deputy = find_account(session, colleague.name)
        deputy.unit_code = "ban"
        held = session.scalars(sa.select(Grant).where(Grant.account_id == deputy.id)).one()
        held.group_key, held.unit_code = "lanh-dao-ban", "ban"
    ask(case, director, colleague)
    for who in (director, colleague):
        with pytest.raises(SameHand):
            case.complete(LEADERS, who, decision={"choice": "permit"})
    case.complete(LEADERS, chief, decision={"choice": "permit"})
    with case.engine.reading() as session:
        assert session.scalars(sa.select(Delegation.permitted_by)).all() == [chief.name]


def test_the_journal_names_both_and_the_case_that_permits_it(case, page):
    delegation, task = permitted(case), work(case)
    browser = acting(page, delegation)
    assert browser.post(f"/tasks/{task}/claim").status_code == 303
    assert browser.post(f"/tasks/{task}/complete").status_code == 303
    entry = last_entry(case)
    assert (entry.actor, entry.behalf_of) == (colleague.name, clerk.name)
    assert entry.input["mandate"] == case.code
    assert case.engine.verify(entry.case_id).holds
    seen = page.as_(clerk).get("/acting").text
    assert "Draft" in seen
    assert colleague.label in seen
    history = page.as_(clerk).get(f"/cases/{entry.case_id}").text
    assert f"{colleague.label} thay {clerk.label} theo {case.code}" in history


def test_every_page_says_for_whom_one_acts_while_it_lasts(case, page):
    browser = acting(page, permitted(case))
    for path in ("/", "/inbox", "/cases", "/acting", "/account"):
        answer = browser.get(path)
        assert f"<strong>{clerk.label}</strong>" in answer.text and case.code in answer.text, path
    assert "Bạn đang làm thay người khác" in browser.get("/start/work").text
    assert browser.post("/acting/stop").status_code == 303
    assert f"<strong>{clerk.label}</strong>" not in browser.get("/inbox").text


def test_the_others_own_task_is_in_the_inbox_only_while_acting(case, page):
    delegation, task = permitted(case), work(case)
    case.engine.complete(task, {}, actor=case.actor(clerk))
    browser = page.as_(colleague)
    assert "Mine" not in browser.get("/inbox").text
    browser.post(f"/acting/{delegation}/begin")
    assert "Mine" in browser.get("/inbox").text
    browser.post("/acting/stop")
    assert "Mine" not in browser.get("/inbox").text


def test_what_ends_while_a_form_is_open_does_nothing(case, page):
    delegation, task = permitted(case), work(case)
    browser = acting(page, delegation)
    browser.post(f"/tasks/{task}/claim")
    opened = browser.get(f"/tasks/{task}").text
    assert f'name="_hand" value="{case.code}"' in opened
    end_early(case, clerk)
    answer = browser.post(f"/tasks/{task}/complete", {"_hand": case.code})
    assert answer.status_code == 409
    assert "Chưa có gì được gửi đi" in answer.text
    assert status_of(case, task) == "open"
    assert f"<strong>{clerk.label}</strong>" not in browser.get("/inbox").text


def test_it_ends_by_itself_after_the_last_day(case, page, clock):
    delegation, task = permitted(case), work(case)
    clock.at("2026-11-27 16:00")
    browser = acting(page, delegation)
    assert browser.get(f"/tasks/{task}").status_code == 200
    clock.at("2026-11-28 00:01")
    case.tick()
    assert case.row.outcome == "Đã hết hạn"
    again = page.as_(colleague)
    assert again.post(f"/acting/{delegation}/begin").status_code == 403
    assert case.verify().holds


@ONE_DATABASE
def test_who_stands_in_for_the_head_does_not_permit_that_others_let_them_act(case, page):
    ask(case, leader, colleague)
    case.complete(LEADERS, director, decision={"choice": "permit"})
    with case.engine.reading() as session:
        first = session.scalars(sa.select(Delegation.id)).one()
    ask(case, clerk, colleague)
    browser, task = acting(page, first), case.task(HEAD).id
    assert browser.post(f"/tasks/{task}/claim").status_code == 403
    case.complete(HEAD, leader, decision={"choice": "permit"})


@ONE_DATABASE
@pytest.mark.parametrize("who", [clerk, leader, chief])
def test_what_was_taken_over_is_ended_with_the_case_that_permitted_it(case, page, who):
    first = permitted(case)
    with case.engine.writing() as session:
        origin = Origin(admin.name, case.engine.clock())
        held = [find_account(session, one.name) for one in (colleague, owner, chief)]
        for old, new in pairwise(held):
            assert delegations.hand_over(session, old, new, origin=origin) == 1
    for number, (old, new) in enumerate(pairwise((colleague, owner, chief))):
        call = Call(
            "k", case.engine.clock(), 0, f"DOI-{number}", "system", "vp", engine=case.engine
        )
        HAND_OVER.run(call, {"holder": old.name, "to": new.name})
    last = first + 2
    acting(page, last, chief)
    if who is not leader:
        assert f'href="/cases/{case.id}/send/' in page.as_(who).get("/acting").text
    end_early(case, who)
    with case.engine.reading() as session:
        rows = session.scalars(sa.select(Delegation).order_by(Delegation.id)).all()
        assert [row.ended_at is not None for row in rows] == [True] * 3
    assert page.as_(chief).post(f"/acting/{last}/begin").status_code == 403


@pytest.mark.parametrize("who", [clerk, colleague, leader])
def test_either_side_and_who_permitted_it_end_it_early(case, page, who):
    delegation = permitted(case)
    end_early(case, who)
    assert case.row.outcome == "Đã chấm dứt sớm"
    assert page.as_(colleague).post(f"/acting/{delegation}/begin").status_code == 403
    assert case.verify().holds


@pytest.mark.parametrize("who", [stranger, office, admin, clerk, director])
def test_nobody_acts_by_a_permission_of_somebody_else(case, page, who):
    delegation = permitted(case)
    browser = page.as_(who)
    assert browser.post(f"/acting/{delegation}/begin").status_code == 403
    assert browser.post("/acting/999/begin").status_code == 403
    with case.engine.reading() as session:
        assert set(session.scalars(sa.select(Login.delegation_id))) == {None}


def test_a_stranger_neither_sees_nor_ends_it(case, page):
    permitted(case)
    assert page.as_(stranger).get(f"/cases/{case.id}").status_code == 404
    with pytest.raises(NotPermitted):
        end_early(case, stranger)


def test_what_lies_outside_its_processes_is_not_there(case, page):
    delegation = permitted(case, processes=["other"])
    inside, outside = work(case, "other"), work(case)
    browser = acting(page, delegation)
    assert browser.get(f"/tasks/{inside}").status_code == 200
    assert browser.get(f"/tasks/{outside}").status_code == 404
    assert browser.post(f"/tasks/{outside}/complete").status_code in (403, 404)
    assert status_of(case, outside) == "open"


def test_within_a_group_alone_tasks_for_the_person_stay_theirs(case, page):
    delegation, task = permitted(case, groups=["chuyen-vien"]), work(case)
    case.engine.complete(task, {}, actor=case.actor(clerk))
    assert "Mine" not in acting(page, delegation).get("/inbox").text


def test_what_one_does_for_another_is_not_passed_on(case, page):
    ask(case, leader, clerk)
    case.complete(LEADERS, director, decision={"choice": "permit"})
    order = delegations.Order(
        "delegation", clerk.name, colleague.name, TODAY, TODAY, groups=("truong-phong",)
    )
    with case.engine.reading() as session, pytest.raises(delegations.PassedOn):
        delegations.check(session, order, case.engine.clock())
    with pytest.raises(FormErrors):
        ask(case, clerk, colleague, groups=["truong-phong"])
    with case.engine.reading() as session:
        delegation = session.scalars(sa.select(Delegation.id)).one()
    browser = acting(page, delegation, clerk)
    assert browser.get("/start/delegation").status_code in (403, 404)
    assert browser.post("/start/delegation").status_code in (403, 404, 409)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"valid_from": TODAY - timedelta(days=1)}, "valid_from"),
        ({"valid_to": TODAY - timedelta(days=1)}, "valid_to"),
        ({"valid_to": TODAY + timedelta(days=180)}, "valid_to"),
    ],
)
def test_days_that_cannot_be_are_refused_at_their_field(case, asked, field):
    with pytest.raises(FormErrors) as refused:
        ask(case, **asked)
    assert set(refused.value.errors) == {f"request.{field}"}


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (-1, 4, "đã qua"),
        (3, 2, "ở trước ngày bắt đầu"),
        (0, 180, "nhiều nhất 180 ngày; đề nghị này là 181 ngày"),
    ],
)
def test_one_sentence_names_the_rule_on_days_that_is_broken(case, first, last, said):
    days = {"valid_from": TODAY + timedelta(first), "valid_to": TODAY + timedelta(last)}
    asked = {"kind": "delegation", "grantor": clerk.name, "grantee": colleague.name, **days}
    with case.engine.reading() as session, pytest.raises(Rejected) as refused:
        call = Call("", case.engine.clock(), 0, "", clerk.name, None, session)
        calls.check(call, asked)
    assert said in str(refused.value)
    assert str(refused.value).count(".") == 1


@pytest.mark.parametrize("asked", [{"groups": ["lanh-dao-ban"]}, {"units": ["p-moitruong"]}])
def test_nobody_gives_what_is_not_theirs(case, asked):
    with pytest.raises(FormErrors):
        ask(case, **asked)
    order = delegations.Order(
        "delegation", clerk.name, colleague.name, TODAY, TODAY,
        **{name: tuple(keys) for name, keys in asked.items()},
    )  # fmt: skip
    refusals = (delegations.NotOwnGroup, delegations.UnitNotReached)
    with case.engine.reading() as session, pytest.raises(refusals):
        delegations.check(session, order, case.engine.clock())


def test_the_account_log_tells_who_permitted_began_and_stopped(case, page):
    browser = acting(page, permitted(case))
    browser.post("/acting/stop")
    with case.engine.reading() as session:
        events = list(session.scalars(sa.select(AccountLog.event).order_by(AccountLog.id)))
    assert [e for e in events if "acting" in e or "delegation" in e] == [
        "delegation_permitted",
        "acting_begun",
        "acting_ended",
    ]


def test_a_late_answer_is_urged(case, clock):
    ask(case)
    clock.at("2026-11-26 09:00")
    case.tick()
    case.complete(
        "Đôn đốc trả lời", chief, follow_up={"action": "urged", "note": "Đã nhắc trưởng phòng."}
    )
    assert case.waits_at(HEAD)
    assert case.verify().holds
