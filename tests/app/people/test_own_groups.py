"""A group of the agency's own is called by its name and granted like any other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.cli_content import RELEASE
from app.people import queries
from app.people.acting.calls import groups_of
from app.people.log import Origin
from app.people.models import Grant
from app.people.rights import (
    changes,
    drawn,
    duties,
    founding,
    grants,
    groups,
    training,
    words,
)
from app.people.rights.grants import Membership
from engine import Bundle
from tests.engine.drawings import text
from tests.worlds import BASIS, admin, auditor, clerk

DAYS = timedelta(days=9)
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def own_group(engine, world, clock):
    with engine.writing() as session:
        new = founding.NewGroup("Tổ giúp việc", "", ("inbox.work",), BASIS)
        return founding.make(session, new, origin=Origin("quantri", clock())).key


def test_it_is_granted_on_the_page_of_an_account_and_told_by_name(page, engine, clock, own_group):
    here = page.as_(admin)
    assert ">Tổ giúp việc</option>" in here.get(f"/people/{clerk.name}").text
    given = {"group": own_group, "unit": "p-dautu", "scope": "unit", "basis": BASIS}
    assert here.post(f"/people/{clerk.name}/grants", given).status_code == 303
    for url in (f"/people/{clerk.name}", "/people/log"):
        assert "nhóm: Tổ giúp việc" in here.get(url).text
    assert "Tổ giúp việc" in page.as_(clerk).get("/account").text
    with engine.reading() as session:
        told = groups_of(session, clock(), clerk.name)
    assert {"label": "Tổ giúp việc", "value": own_group} in told


def test_nothing_of_the_regulations_is_ended(engine, own_group, clock):
    with engine.writing() as session:
        origin = Origin("quantri", clock())
        with pytest.raises(founding.GroupShipped):
            founding.end(session, "van-thu", clock().date(), origin=origin)
        again = founding.NewGroup("tổ  giúp việc", "", ("inbox.work",), BASIS)
        with pytest.raises(founding.NameTaken):
            founding.make(session, again, origin=origin)


def make(session, origin, *permissions, name="Tổ quản trị"):
    return founding.make(session, founding.NewGroup(name, "", permissions, BASIS), origin=origin)


@ONE_DATABASE
def test_a_made_or_changed_group_does_not_administer_and_work_in_cases(session, origin):
    with pytest.raises(duties.PairApart, match=r"people\.manage.*inbox\.work"):
        make(session, origin, "inbox.work", "people.manage", "people.view")
    for group, gained in (
        ("van-thu", "rights.grant"), ("kiem-toan", "inbox.work"), ("chu-quan", "settings.manage"),
    ):  # fmt: skip
        with pytest.raises(duties.PairApart):
            order = changes.GroupOrder(group, (gained,), (), BASIS)
            changes.change_group(session, order, origin=origin)
    # What the regulations themselves put together is left alone.
    kept = changes.GroupOrder("quan-tri-don-vi", ("studio.view",), (), BASIS)
    changes.change_group(session, kept, origin=origin)


@ONE_DATABASE
def test_who_administers_by_a_made_group_is_in_none_that_works_in_cases(session, origin):
    group = make(session, origin, "people.manage", "people.view")
    works, looks = (queries.find_account(session, one.name) for one in (clerk, auditor))
    here = Membership(group.key, "p-dautu")
    # Drawings ask for what it brings: its name and key say nothing of administering.
    assert words.administers(session, origin.now, ["van-thu", group.key])
    assert not words.administers(session, origin.now, ["van-thu", "khong-co"])
    with pytest.raises(duties.DutiesClash, match="Tổ quản trị"):
        grants.grant(session, works, here, origin=origin, trained="CC 12")
    grants.grant(session, looks, here, origin=origin, trained="CC 12")
    with pytest.raises(duties.DutiesClash, match=r"Khoản 3 Điều 6, "):
        grants.grant(session, looks, Membership("van-thu", "vp"), origin=origin)
    session.add(
        Grant(
            account_id=works.id, group_key=group.key, unit_code="p-dautu",
            valid_from=origin.now.date(), granted_at=origin.now, granted_by="x",
        )
    )  # fmt: skip
    session.flush()
    actor = queries.actor_of(session, works, origin.now)
    assert actor.only_sees and not actor.may("inbox.work") and actor.may("people.view", "p-dautu")


@ONE_DATABASE
def test_a_group_is_judged_on_every_day_on_which_it_is_held(session, origin):
    today, looks = origin.now.date(), queries.find_account(session, auditor.name)
    make(session, origin, "people.manage", "cases.view")
    away = changes.GroupOrder("to-quan-tri", (), ("people.manage",), BASIS, today + DAYS)
    changes.change_group(session, away, origin=origin)
    here = Membership("to-quan-tri", "p-dautu")
    with pytest.raises(training.TrainingMissing):
        grants.grant(session, looks, here, origin=origin)
    works = queries.find_account(session, clerk.name)
    with pytest.raises(duties.DutiesClash):
        grants.grant(session, works, here, origin=origin, trained="CC 12")
    grants.grant(session, works, here, origin=origin, valid_to=today + DAYS)
    brought = grants.over(session, here.group, duties.Days(today))
    assert {"people.manage" in one.permissions for one in brought} == {True, False}


@ONE_DATABASE
def test_a_group_for_some_days_is_changed_and_ends_early_and_is_ended_then(session, origin):
    today, last = origin.now.date(), origin.now.date() + DAYS
    new = founding.NewGroup("Tổ công tác", "", ("inbox.work",), BASIS, until=last)
    key = founding.make(session, new, origin=origin).key
    more = changes.GroupOrder(key, ("cases.view",), (), BASIS)
    changes.change_group(session, more, origin=origin)
    assert groups.on_day(session, last)[key].permissions == {"inbox.work", "cases.view"}
    account = queries.find_account(session, clerk.name)
    grants.grant(session, account, Membership(key, "p-dautu"), origin=origin)
    founding.end(session, key, today + timedelta(days=1), origin=origin)
    on = today + timedelta(days=1)
    assert all(groups.on_day(session, day)[key].is_ended for day in (on, last + DAYS))
    with pytest.raises(grants.GroupUnknown):
        changes.change_group(session, more, origin=origin, day=on)


@ONE_DATABASE
def test_a_right_in_an_ended_group_is_revoked_on_screen(page, engine, clock, own_group):
    with engine.writing() as session:
        account, origin = queries.find_account(session, clerk.name), Origin("quantri", clock())
        row = grants.grant(session, account, Membership(own_group, "p-dautu"), origin=origin)
        founding.end(session, own_group, clock().date(), origin=origin)
        session.flush()
        number = row.id
    url = f"/people/{clerk.name}/grants/{number}/revoke"
    assert page.as_(admin).post(url, {"basis": BASIS}).status_code == 303


@ONE_DATABASE
def test_a_groups_page_tells_a_past_day_as_it_was_and_says_when_it_shows_not_all(
    page, engine, clock
):
    before = clock().date()
    clock.advance(days=2)
    here = page.as_(admin)
    with engine.writing() as session:
        account, origin = queries.find_account(session, clerk.name), Origin("quantri", clock())
        for row in grants.not_over(session, account, clock().date()):
            grants.revoke(session, row, account, origin=origin, basis=BASIS)
    url = "/people/groups/chuyen-vien"
    assert clerk.label in here.get(f"{url}?on={before}").text
    assert clerk.label not in here.get(url).text
    assert "dòng đầu" not in here.get(url).text
    with engine.writing() as session:
        account = queries.find_account(session, auditor.name)
        session.add_all(
            Grant(
                account_id=account.id, group_key="chuyen-vien", unit_code="vp", valid_from=before,
                granted_at=clock(), granted_by="x",
            )
            for _ in range(201)
        )  # fmt: skip
    assert "Chỉ hiển thị 200 dòng đầu" in here.get(url).text


@ONE_DATABASE
def test_a_group_that_drawings_name_does_not_end_and_they_are_named(engine, own_group, clock):
    flow = f"""start s
    user a "Soạn" candidateGroups={own_group}
    end e
    s > a > e"""
    files = {"processes/bpmn/viec-cua-to.bpmn": text(flow, "viec-cua-to")}
    engine.deploy(Bundle("viec-cua-to", files), actor=RELEASE, legal_basis="QĐ")
    with pytest.raises(founding.GroupDrawn, match="viec-cua-to"), engine.writing() as session:
        founding.end(session, own_group, clock().date(), origin=Origin("quantri", clock()))


@pytest.mark.parametrize(
    ("offered", "is_named"),
    [
        ("to-giup-viec@ban", True),
        ("chuyen-vien, to-giup-viec", True),
        ("chuyen-vien@to-giup-viec", False),
        ('chuyen-vien@"to-giup-viec"', False),
        ("to-giup-viec-2", False),
    ],
)
def test_a_drawing_names_a_group_where_it_offers_it_work_and_not_its_unit(offered, is_named):
    drawing = (
        f"<definitions><process><userTask candidateGroups='{offered}'/></process></definitions>"
    )
    assert drawn.names({"processes/bpmn/viec.bpmn": drawing}, "to-giup-viec") is is_named
    assert not drawn.names({"processes/bpmn/viec.bpmn": drawing}, "process")


@pytest.mark.parametrize(
    ("path", "content", "is_named"),
    [
        ("processes/dmn/x.dmn", '<d><text>"to-giup-viec@vp"</text></d>', True),
        ("processes/dmn/x.dmn", "<d><text>nhóm to-giup-viec</text></d>", False),
        ("processes/bpmn/x.bpmn", '<d><lane name="to-giup-viec"/></d>', True),
        ("processes/bpmn/x.bpmn", '<d><task name="to-giup-viec"/></d>', False),
        ("forms/x/a.form", '{"values": [{"value": "to-giup-viec"}]}', True),
        ("forms/x/a.form", '{"to-giup-viec": "Tổ"}', False),
        ("processes/scenarios/x.json", '{"group": "to-giup-viec"}', False),
    ],
)
def test_a_table_a_lane_or_a_form_names_a_group_by_its_key_alone(path, content, is_named):
    assert drawn.names({path: content}, "to-giup-viec") is is_named
