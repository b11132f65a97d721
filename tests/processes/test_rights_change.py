"""Rights of an account or a group change: asked, approved once or twice, kept apart, dated."""

from __future__ import annotations

import contextlib
import io
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.demo import paper
from app.people.log import Origin
from app.people.models import Account, AccountLog, Grant
from app.people.queries import actor_of, find_account
from app.people.rights import founding, grants, groups
from app.people.rights.in_force import day_of
from engine.errors import NotYourTask, SameHand
from engine.forms import FormErrors
from tests.cases import CaseUnderTest
from tests.processes.in_force import database_with
from tests.worlds import (
    Character,
    chief,
    clerk,
    colleague,
    director,
    leader,
    office,
    owner,
    stranger,
)

KEY = "rights-change"
DRAFT, CONFIRM, CHECK = "Lập đề nghị", "Xác nhận đề nghị", "Kiểm tra đề nghị"
CHIEF, LEADER, SECOND = "Chánh Văn phòng duyệt", "Lãnh đạo Ban duyệt", "Duyệt lần hai"
DAY, LAST = date(2026, 11, 30), date(2026, 12, 31)
CLERKS_DESK = {"group": "van-thu", "unit": "p-dautu", "scope": "unit"}
REQUEST = {
    "subject": "account",
    "account": clerk.name,
    "adds": [CLERKS_DESK],
    "effective_on": DAY,
    "grounds": "Được giao thêm việc văn thư của phòng.",
}


def in_force(case: CaseUnderTest) -> None:
    """The procedure, and a further officer and a further leader."""
    case.deploy(KEY)
    with case.engine.writing() as session:
        for character, group, unit in (
            (owner, "van-phong", "vp"),
            (stranger, "lanh-dao-ban", "ban"),
        ):
            give(session, character, group, unit, case.engine.clock())


def give(session: Session, to: Character, group: str, unit: str, now: datetime) -> None:
    """The group is theirs, whatever else they have."""
    account = find_account(session, to.name)
    row = Grant(account_id=account.id, group_key=group, unit_code=unit, valid_from=day_of(now))
    row.granted_at, row.granted_by, row.basis = now, "quantri", "QĐ 9"
    session.add(row)


database_url = database_with("rights", in_force)


def ask(case: Any, by: Character = colleague, **changed: Any) -> None:
    """The request is filled in and sent."""
    case.start(KEY, by)
    scan = io.BytesIO(paper.scan(case.code))
    file = case.engine.attach(case.id, "de-nghi.pdf", scan, actor=case.actor(by))
    given = {k: v for k, v in {**REQUEST, **changed}.items() if v is not None}
    case.complete(DRAFT, by, request={**given, "scan": [file.id]})


def forwarded(case: Any, **changed: Any) -> None:
    """The Office has put the request forward."""
    ask(case, **changed)
    case.complete(CONFIRM, leader, confirm={"choice": "confirm"})
    case.complete(CHECK, office, check={"choice": "forward"})


def approved(case: Any, **changed: Any) -> None:
    forwarded(case, **changed)
    case.complete(LEADER, director, decision={"choice": "approve"})


def on(case: Any, clock: Any, day: date) -> None:
    clock.at(f"{day} 00:00")
    case.tick()


def who(case: Any, name: str = clerk.name) -> set[str]:
    with case.engine.reading() as session:
        return set(actor_of(session, name, case.engine.clock()).candidacies)


def grant_of(case: Any, name: str, group: str) -> Grant:
    with case.engine.reading() as session:
        query = sa.select(Grant).join(Account).where(
            Account.user_name == name, Grant.group_key == group
        )  # fmt: skip
        return session.scalars(query.order_by(Grant.id)).first()


def log_of(case: Any, event: str) -> list[AccountLog]:
    with case.engine.reading() as session:
        return list(session.scalars(sa.select(AccountLog).where(AccountLog.event == event)))


def test_a_right_is_given_on_its_day_and_ends_by_itself(case, clock):
    approved(case, until=LAST)
    on(case, clock, date(2026, 11, 29))
    assert who(case) == {"chuyen-vien@p-dautu"}
    on(case, clock, DAY)
    assert who(case) == {"chuyen-vien@p-dautu", "van-thu@p-dautu"}
    assert case.row.outcome == "Đã thay đổi quyền"
    assert [line.details["basis"] for line in log_of(case, "granted")] == [case.code]
    on(case, clock, date(2027, 1, 1))
    assert who(case) == {"chuyen-vien@p-dautu"}
    assert case.verify().holds


def test_a_right_withdrawn_for_some_days_comes_back(case, clock):
    row = grant_of(case, clerk.name, "chuyen-vien")
    approved(case, adds=None, ends=[str(row.id)], until=LAST)
    on(case, clock, DAY)
    assert who(case) == set()
    on(case, clock, date(2027, 1, 1))
    assert who(case) == {"chuyen-vien@p-dautu"}


def test_a_right_to_come_that_is_withdrawn_for_some_days_comes_no_sooner(case, clock):
    with case.engine.writing() as session:
        origin = Origin("quantri", case.engine.clock())
        coming, first = grants.Membership("van-thu", "p-dautu"), date(2027, 3, 1)
        account = find_account(session, clerk.name)
        row = grants.grant(session, account, coming, origin=origin, valid_from=first)
        session.flush()
        number = str(row.id)
    approved(case, adds=None, ends=[number], until=LAST)
    on(case, clock, date(2027, 1, 4))
    assert who(case) == {"chuyen-vien@p-dautu"}
    on(case, clock, date(2027, 3, 1))
    assert who(case) == {"chuyen-vien@p-dautu", "van-thu@p-dautu"}


def test_a_powerful_right_needs_two_hands(case, clock, page):
    administrator = {**CLERKS_DESK, "group": "quan-tri-don-vi"}
    forwarded(case, adds=[administrator], training_no="15/CN-ĐT")
    assert case.waits_at(CHIEF)
    decided = {"decision.choice": "approve"}
    went = page.as_(chief).post(f"/tasks/{case.task(CHIEF).id}/complete", decided)
    assert case.waits_at(SECOND)
    assert not went.location.endswith(f"/tasks/{case.task(SECOND).id}")
    asked = page.as_(office).get(f"/tasks/{case.task(SECOND).id}").text
    held = "Chuyên viên, nhân viên, Phòng Quản lý đầu tư (trong đơn vị)"
    assert f"{chief.label} đã duyệt lần một" in asked and held in asked
    with pytest.raises((SameHand, NotYourTask)):
        case.complete(SECOND, chief, second={"choice": "approve"})
    on(case, clock, DAY)
    assert "quan-tri-don-vi@p-dautu" not in who(case)
    case.complete(SECOND, director, second={"choice": "approve"})
    assert "quan-tri-don-vi@p-dautu" in who(case)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_made_group_that_administers_is_joined_with_the_number_of_a_certificate(case, clock):
    with case.engine.writing() as session:
        new = founding.NewGroup("Tổ quản trị", "", ("people.manage", "people.view"), "QĐ 9")
        key = founding.make(session, new, origin=Origin("quantri", clock())).key
    held = str(grant_of(case, clerk.name, "chuyen-vien").id)
    wanted = {"adds": [{**CLERKS_DESK, "group": key}], "ends": [held]}
    ask(case, **wanted)
    assert case.waits_at(DRAFT)
    ask(case, **wanted, training_no="15/CN-ĐT")
    assert case.waits_at(CONFIRM)


def test_duties_that_came_together_meanwhile_stop_the_change(case, clock):
    approved(case)
    with case.engine.writing() as session:
        give(session, clerk, "quan-ly-chuyen-mon", "p-dautu", case.engine.clock())
    on(case, clock, DAY)
    assert case.row.outcome == "Không thay đổi quyền"
    assert "van-thu@p-dautu" not in who(case)
    assert case.verify().holds


NOT_THEIRS_TO_ASK: tuple[dict[str, Any], ...] = (
    {"account": stranger.name},
    {"adds": [{**CLERKS_DESK, "group": "quan-tri-c1"}]},
    {"adds": [{**CLERKS_DESK, "unit": "vp"}]},
    {"adds": [{**CLERKS_DESK, "scope": "province"}]},
    {"adds": []},
    {"adds": None, "ends": ["999999"]},
    {"until": date(2026, 11, 29)},
    {"subject": "group", "group": "van-thu", "duties_added": ["cases.view_all"]},
)


def test_what_the_unit_may_not_ask_for_goes_no_further(case):
    for changed in NOT_THEIRS_TO_ASK:
        with contextlib.suppress(FormErrors):
            ask(case, **changed)
        assert case.waits_at(DRAFT), changed


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("asker", "account", "unit"),
    [(clerk, "request.account", "p-dautu"), (office, "request.other_account", "p-moitruong")],
)
def test_an_empty_row_offers_groups_and_the_units_within_reach(case, page, asker, account, unit):
    case.start(KEY, asker)
    asked = {"request.subject": "account", account: clerk.name, "_add": "request.adds"}
    shown = page.as_(asker).post(f"/tasks/{case.task(DRAFT).id}/preview", asked).text
    assert '<option value="van-thu"' in shown
    assert f'<option value="{unit}"' in shown


def test_what_is_refused_at_the_request_leaves_no_trace(case):
    watching = [{**CLERKS_DESK, "group": "quan-ly-chuyen-mon"}]
    before = who(case)
    ask(case, adds=[*watching, CLERKS_DESK])
    assert case.waits_at(DRAFT)
    assert who(case) == before
    assert log_of(case, "granted") == []
    assert case.verify().holds


def test_the_head_does_not_confirm_their_own_rights(case):
    ask(case, account=leader.name)
    assert case.waits_at(CHECK)


def test_a_groups_duties_change_for_everybody_and_only_for_a_time(case, clock):
    given = {"account": None, "adds": None, "subject": "group", "group": "chuyen-vien"}
    ask(case, owner, **given, duties_added=["cases.view_all"], until=LAST)
    case.complete(CONFIRM, chief, confirm={"choice": "confirm"})
    case.complete(CHECK, office, check={"choice": "forward"})
    case.complete(LEADER, director, decision={"choice": "approve"})
    with pytest.raises((SameHand, NotYourTask)):
        case.complete(SECOND, director, second={"choice": "approve"})
    case.complete(SECOND, stranger, second={"choice": "approve"})
    seen = {}
    for day in (DAY, date(2027, 1, 1)):
        on(case, clock, day)
        with case.engine.reading() as session:
            seen[day] = "cases.view_all" in groups.on_day(session, day)["chuyen-vien"].permissions
    assert seen == {DAY: True, date(2027, 1, 1): False}
    assert [line.details["group"] for line in log_of(case, "group_changed")] == ["chuyen-vien"]
    assert case.verify().holds


def decided(case: Any, **given: Any) -> None:
    """The Office asks of a group, and both leaders approve where two must."""
    ask(case, owner, account=None, adds=None, **given)
    case.complete(CONFIRM, chief, confirm={"choice": "confirm"})
    case.complete(CHECK, office, check={"choice": "forward"})
    case.complete(LEADER, director, decision={"choice": "approve"})
    if case.waits_at(SECOND):
        case.complete(SECOND, stranger, second={"choice": "approve"})


def test_the_office_has_a_group_made_and_later_ended(case, clock):
    decided(case, subject="new_group", new_name="Tổ giúp việc", duties_added=["inbox.work"])
    on(case, clock, DAY)
    assert case.row.outcome == "Đã thay đổi quyền"
    with case.engine.writing() as session:
        made = groups.on_day(session, DAY)["to-giup-viec"]
        assert (made.name, made.permissions) == ("Tổ giúp việc", {"inbox.work"})
        give(session, clerk, "to-giup-viec", "p-dautu", clock())
    assert "to-giup-viec@p-dautu" in who(case)
    ended = DAY + timedelta(days=1)
    decided(case, subject="end_group", group="to-giup-viec", effective_on=ended)
    assert "to-giup-viec@p-dautu" in who(case)
    on(case, clock, ended)
    assert "to-giup-viec@p-dautu" not in who(case)
    assert case.verify().holds


@pytest.mark.parametrize(
    "asked",
    [
        {"subject": "new_group", "new_name": "Văn thư", "duties_added": ["inbox.work"]},
        {"subject": "new_group", "new_name": "Tổ không", "duties_added": []},
        {"subject": "end_group", "group": "van-thu"},
    ],
)
def test_a_group_of_the_regulations_neither_ends_nor_is_made_twice(case, asked):
    with contextlib.suppress(FormErrors):
        ask(case, owner, account=None, adds=None, **asked)
    assert case.waits_at(DRAFT)


def test_the_page_of_a_group_tells_its_days_and_begins_a_request_filled_in(case, page, clock):
    given = {"subject": "group", "group": "chuyen-vien", "duties_added": ["cases.view_all"]}
    decided(case, **given, until=LAST)
    on(case, clock, DAY)
    shown = page.as_(owner).get("/people/groups/chuyen-vien").text
    assert "cơ quan thêm" in shown and "thay đổi từ 01/01/2027" in shown and case.code in shown
    assert (
        "cơ quan thêm" not in page.as_(owner).get("/people/groups/chuyen-vien?on=2027-01-01").text
    )
    assert "Khác quy chế" in page.as_(owner).get("/people/groups").text
    begun = page.as_(owner).post("/people/groups/ask", {"group": "van-thu", "subject": "group"})
    assert begun.status_code == 303
    form = page.as_(owner).get(begun.headers["Location"]).text
    assert re.search(r'value="van-thu"[^>]* selected', form)
    # Who is not of the Office reads and is told whom to ask; nothing else changes a group.
    assert page.as_(leader).get("/people/groups/van-thu").status_code == 200
    refused = page.as_(leader).post("/people/groups/ask", {"group": "van-thu"})
    assert refused.status_code == 404
