"""The pages that say who could do what on a day, and why somebody may or may not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.people import accounts, queries
from app.people.models import Grant
from app.people.rights import explaining, grants, groups
from app.people.rights.explaining import Question
from tests import worlds
from tests.worlds import BASIS, SINCE, admin, clerk, director, leader, stranger

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
    assert before.allowed and before.status == "active"
    assert not after.allowed and after.status == "suspended"
    assert [line.reason for line in after.lines] == ["revoked"]


def test_the_page_says_yes_and_no_with_reasons(page, engine, clock):
    here = page.as_(admin)
    yes = here.get("/people/anhpt/why?right=inbox.work&unit=p-dautu").text
    assert "Được:" in yes and "có quyền này, phạm vi gồm đơn vị này" in yes
    no = here.get("/people/anhpt/why?right=inbox.work&unit=vp").text
    assert "Không được:" in no and "chỉ trong phạm vi:" in no
    barred = here.get("/people/quantri/why?right=inbox.work&unit=vp").text
    assert "HP-6.3" in barred


def test_the_page_of_a_day_lists_who_could(page):
    shown = page.as_(admin).get("/people/rights?right=tasks.assign&unit=p-dautu").text
    assert "Nguyễn Thị Châu" in shown and "Phạm Thị Anh" not in shown


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
