"""The pages that say who could do what on a day, and why somebody may or may not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.people import accounts, queries
from app.people.acting import delegations
from app.people.acting.delegations import Order
from app.people.log import Origin
from app.people.models import AccountLog, Grant
from app.people.rights import explaining, grants, groups
from app.people.rights.explaining import Question
from tests import worlds
from tests.worlds import BASIS, SINCE, admin, clerk, colleague, director, leader, stranger

UNITS = [row[0] for row in worlds.UNITS]


def test_the_explanation_and_the_actor_always_come_to_the_same_end(session, origin):
    """For each character, right and unit, with grants that have ended, clash, are everywhere."""
    day = origin.now
    account = queries.find_account(session, worlds.office.name)
    for group, changes in (
        ("quan-ly-chuyen-mon", {"with_below": True, "unit_code": "ban"}),
        ("chu-quy-trinh", {"everywhere": True, "valid_to": date(2026, 11, 1)}),
        ("quan-tri-c1", {}),
    ):
        values = {"unit_code": "vp", "valid_from": SINCE} | changes
        session.add(
            Grant(account_id=account.id, group_key=group, granted_at=day, granted_by="x", **values)
        )
    session.flush()
    different = []
    for character in worlds.CHARACTERS:
        account = queries.find_account(session, character.name)
        actor = queries.actor_of(session, account, day)
        for right in groups.permissions():
            for unit in ("ban", "vp", "p-dautu"):
                told = explaining.explain(session, account, Question(right, unit, day)).allowed
                if told is not actor.may(right, unit):
                    different.append((character.name, right, unit, told))
    assert different == []


def test_who_is_listed_for_a_day_is_who_the_explanation_allows(session, origin):
    everywhere = frozenset(UNITS)
    asked = Question("cases.view", "vp", origin.now)
    listed = {row.account.name for row in explaining.able(session, asked, everywhere)}
    told = {
        character.name
        for character in worlds.CHARACTERS
        if character.unit
        and explaining.explain(
            session, queries.find_account(session, character.name), asked
        ).allowed
    }
    assert listed == told and director.name in listed and clerk.name not in listed
    only = explaining.able(session, asked, frozenset({"vp"}))
    assert {row.account.unit_code for row in only} == {"vp"}


def test_a_day_in_the_past_answers_as_it_was(session, origin, clock):
    account = queries.find_account(session, clerk.name)
    yesterday = origin.now.date()
    row = session.query(Grant).filter_by(account_id=account.id).one()
    clock.advance(days=1)
    later = origin.__class__("quantri", clock())
    grants.revoke(session, row, account, origin=later, basis="QĐ 2")
    accounts.suspend(session, account, origin=later, basis="QĐ 3")
    session.flush()
    before, after = (
        explaining.explain(session, account, Question("inbox.work", "p-dautu", day))
        for day in (yesterday, yesterday + timedelta(days=1))
    )
    assert before.allowed and before.status == "active" and before.until is None
    assert not after.allowed and after.status == "suspended" and after.until == clock()
    assert [line.reason for line in after.lines] == ["revoked"]
    next_day = yesterday + timedelta(days=1)
    for day, until in ((yesterday, None), (next_day, clock()), (clock(), clock())):
        asked = Question("inbox.work", "p-dautu", day)
        told = {one.account.name: one for one in explaining.able(session, asked, {*UNITS})}
        assert told[clerk.name].until == until and told[colleague.name].until is None
        assert told[clerk.name].groups == ["chuyen-vien"]
    gone = explaining.able(
        session, Question("inbox.work", "p-dautu", next_day + timedelta(days=1)), {*UNITS}
    )
    assert clerk.name not in {one.account.name for one in gone}


def test_the_page_says_yes_and_no_with_reasons(page, engine, clock):
    here = page.as_(admin)
    yes = here.get("/people/anhpt/why?right=inbox.work&unit=p-dautu").text
    assert "Được:" in yes and "có quyền này, phạm vi gồm đơn vị này" in yes
    no = here.get("/people/anhpt/why?right=inbox.work&unit=vp").text
    assert "Không được:" in no and "chỉ trong phạm vi:" in no
    barred = here.get("/people/quantri/why?right=inbox.work&unit=vp").text
    assert "Khoản 3 Điều 6, Quy chế" in barred and "HP-6.3" not in barred


def test_the_page_of_a_day_lists_who_could(page):
    shown = page.as_(admin).get("/people/rights?right=tasks.assign&unit=p-dautu").text
    assert "Nguyễn Thị Châu" in shown and "Phạm Thị Anh" not in shown


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_could_is_saved_as_a_file_by_who_may_export(page, engine):
    asked = "right=tasks.assign&unit=p-dautu&on=2026-11-23"
    saved = page.as_(admin).get(f"/people/rights/file.csv?{asked}").text
    assert "Nguyễn Thị Châu" in saved and "Phạm Thị Anh" not in saved
    assert saved.splitlines()[1].endswith("23/11/2026")
    assert page.as_(admin).get(f"/people/rights/file.xlsx?{asked}").data[:2] == b"PK"
    assert "file.xlsx" in page.as_(admin).get(f"/people/rights?{asked}").text
    assert page.as_(leader).get(f"/people/rights/file.csv?{asked}").status_code == 403
    assert "file.xlsx" not in page.as_(leader).get(f"/people/rights?{asked}").text
    with engine.reading() as session:
        noted = session.query(AccountLog).filter_by(event="list_exported").all()
    assert [row.details["register"] for row in noted] == ["rights", "rights"]


@pytest.mark.parametrize("url", ["/people/{}/why?right=inbox.work", "/people/{}/why"])
def test_who_sees_one_unit_asks_of_nobody_else(page, url):
    assert page.as_(leader).get(url.format(stranger.name)).status_code == 404
    assert page.as_(leader).get(url.format(clerk.name)).status_code == 200
    beyond = page.as_(leader).get("/people/rights?right=inbox.work&unit=p-moitruong")
    assert beyond.status_code == 404
    inside = page.as_(leader).get("/people/rights?right=inbox.work&unit=p-dautu").text
    assert worlds.director.label not in inside


def test_a_grant_of_a_field_is_entered_on_the_page_and_none_beyond_ones_own_reach(page, engine):
    data = {"group": "chu-tri-bao-cao", "unit": "ban", "basis": BASIS}
    here = page.as_(admin)  # An administrator of "ban" and below, not of the province.
    assert here.post("/people/anhpt/grants", data | {"scope": "province"}).status_code == 403
    field = {"scope": "field", "field": "dau-tu"}
    assert here.post("/people/binhtv/grants", data | field).status_code == 303
    with engine.reading() as session:
        assert [row.scope for row in queries_of(session, "binhtv")] == ["unit", "field"]
        assert [row.scope for row in queries_of(session, "anhpt")] == ["unit"]


def queries_of(session, name):
    account = queries.find_account(session, name)
    return session.query(Grant).filter_by(account_id=account.id).order_by(Grant.id).all()


def test_days_before_and_after_a_merger_answer_apart_until_it_is_called_off(page, clock, engine):
    here = page.as_(admin)
    merged = {"into": "p-moitruong", "work_to": "p-moitruong", "day": "01/12/2026", "basis": BASIS}
    assert here.post("/units/p-dautu/change/merge", merged).status_code == 303
    clock.at("2026-12-02 08:00")
    while engine.run_due():
        pass
    yes, no = "Được:", "Không được:"
    why = f"/people/{clerk.name}/why?right=inbox.work&unit="

    def told(unit, day):
        shown = page.as_(admin).get(f"{why}{unit}&on={day}").text
        return no if no in shown else yes if yes in shown else shown

    # The unit that is gone can still be asked about on a day on which it was.
    assert told("p-dautu", "2026-11-30") == yes and told("p-moitruong", "2026-11-30") == no
    assert told("p-moitruong", "2026-12-01") == yes
    here = page.as_(admin)
    assert "Phòng Quản lý đầu tư" in here.get("/units?on=2026-11-30").text
    assert "Phòng Quản lý đầu tư" not in here.get("/units?on=2026-12-01").text
    able = here.get("/people/rights?right=inbox.work&unit=p-dautu&on=2026-11-30").text
    assert clerk.label in able
    # What is only planned is called off, and that day answers as today again.
    here.post("/units/p-moitruong/change/close", {"day": "2027-01-01", "basis": BASIS})
    assert told("p-moitruong", "2026-12-31") == yes
    assert (
        here.post("/units/p-moitruong/changes/2/call-off", {"reason": "QĐ 3"}).status_code == 303
    )
    assert told("p-moitruong", "2027-01-01") == yes
    assert "Phòng" in here.get("/units?on=2027-01-01").text


def test_the_page_tells_what_one_case_keeps_apart_besides(page):
    shown = page.as_(admin).get(f"/people/{clerk.name}/why?right=inbox.work").text
    assert "Người đề nghị không phê duyệt" in shown
    other = page.as_(admin).get(f"/people/{clerk.name}/why?right=people.view").text
    assert "Người đề nghị không phê duyệt" not in other


def test_who_stands_in_for_somebody_is_told_with_the_case_and_the_days(page, engine, clock):
    last = clock().date() + timedelta(days=7)
    order = Order("substitution", leader.name, stranger.name, clock().date(), last)
    with engine.writing() as session:
        delegations.permit(session, "UQ-2026-0001", order, origin=Origin("x", clock()))
    here, asked = page.as_(admin), "right=inbox.work&unit=p-dautu"
    why = here.get(f"/people/{stranger.name}/why?{asked}").text
    assert "UQ-2026-0001" in why and "Chỉ khi làm thay người khác" in why
    assert "UQ-2026-0001" in here.get(f"/people/rights?{asked}").text
    for elsewhere in ("right=inbox.work&unit=vp", f"{asked}&on={last + timedelta(days=1)}"):
        assert "UQ-2026-0001" not in here.get(f"/people/{stranger.name}/why?{elsewhere}").text
    assert "UQ-2026-0001" not in here.get("/people/rights?right=cases.start&unit=p-dautu").text
