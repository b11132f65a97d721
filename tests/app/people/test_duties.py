"""Separation of duties among groups, and how far a grant reaches (requirements §11)."""

from datetime import date, timedelta

import pytest

from app.people import accounts, queries
from app.people.accounts import endings
from app.people.models import Grant, GroupChange
from app.people.organisation import fields, units
from app.people.rights import duties, grants
from app.people.rights.grants import Membership
from tests import worlds
from tests.worlds import BASIS, SINCE

SUPERVISOR = "quan-ly-chuyen-mon"


def give(session, origin, who, *memberships):
    account = queries.find_account(session, who.name)
    for membership in memberships:
        grants.grant(session, account, membership, origin=origin, trained="CC 12")
    session.flush()
    return queries.actor_of(session, account, origin.now)


def test_who_works_in_cases_cannot_supervise_and_the_other_way_round(session, origin):
    with pytest.raises(duties.DutiesClash, match=r"Điểm b khoản 1 Điều 6, "):
        give(session, origin, worlds.clerk, Membership(SUPERVISOR, "ban", True))
    row = next(iter(queries_of(session, worlds.clerk)))
    grants.revoke(
        session, row, queries.find_account(session, worlds.clerk.name), origin=origin, basis="x"
    )
    actor = give(session, origin, worlds.clerk, Membership(SUPERVISOR, "ban", True))
    assert actor.only_sees and actor.may("cases.view_all")
    with pytest.raises(duties.DutiesClash):
        give(session, origin, worlds.clerk, Membership("van-thu", "vp"))


def queries_of(session, who):
    account = queries.find_account(session, who.name)
    return session.query(Grant).filter_by(account_id=account.id).all()


def test_two_groups_that_never_meet_on_one_day_do_not_clash(session, origin):
    account = queries.find_account(session, worlds.clerk.name)
    (row,) = queries_of(session, worlds.clerk)
    row.valid_to = last = date(2026, 12, 1)
    session.flush()
    supervisor = Membership(SUPERVISOR, "ban", True)
    with pytest.raises(duties.DutiesClash):
        grants.grant(session, account, supervisor, origin=origin, valid_from=last)
    day = last + timedelta(days=1)
    grants.grant(session, account, supervisor, origin=origin, valid_from=day)
    session.flush()
    back = Membership("van-thu", "vp")
    with pytest.raises(duties.DutiesClash):
        grants.grant(session, account, back, origin=origin, valid_to=day)
    grants.grant(session, account, back, origin=origin, valid_to=last)


def test_no_right_and_no_post_begins_in_the_past_or_ends_before_it_begins(session, origin):
    account, today = queries.find_account(session, worlds.clerk.name), origin.now.date()
    yesterday, held = today - timedelta(days=1), Membership("van-thu", "vp")
    with pytest.raises(grants.BackDated):
        grants.grant(session, account, held, origin=origin, valid_from=yesterday)
    with pytest.raises(units.EndsBeforeItBegins):
        grants.grant(session, account, held, origin=origin, valid_to=yesterday)
    with pytest.raises(units.EndsBeforeItBegins):
        units.give_post(
            session, account.person, "vp", kind="head", title="", valid_from=today,
            valid_to=yesterday, origin=origin,
        )  # fmt: skip


def test_a_group_bars_by_what_the_tenant_has_made_of_it(session, origin):
    session.add(
        GroupChange(
            group_key="chuyen-vien", name="Chuyên viên", name_en="Staff", kinds=["internal"],
            permissions=["cases.view"], effective_from=SINCE, basis=BASIS,
            changed_at=origin.now, changed_by="x",
        )
    )  # fmt: skip
    session.flush()
    assert give(session, origin, worlds.clerk, Membership(SUPERVISOR, "ban", True)).only_sees


def test_a_clash_that_stands_there_all_the_same_gives_only_sight(session, origin):
    account = queries.find_account(session, worlds.clerk.name)
    session.add(
        Grant(
            account_id=account.id, group_key=SUPERVISOR, unit_code="ban", valid_from=SINCE,
            granted_at=origin.now, granted_by="x",
        )
    )  # fmt: skip
    session.flush()
    actor = queries.actor_of(session, account, origin.now)
    assert actor.only_sees and not actor.may("inbox.work") and actor.may("cases.view", "p-dautu")


def test_an_administrator_edits_no_content_with_their_other_account_either(session, origin):
    administrator = queries.find_account(session, worlds.admin.name)
    work = accounts.Application(
        full_name=administrator.person.full_name,
        birth_date=administrator.person.birth_date,
        unit="vp",
        groups=(Membership("chuyen-vien", "vp"),),
        wanted="tringq",
    )
    other = accounts.open_account(session, work, origin=origin)
    assert other.person_id == administrator.person_id
    with pytest.raises(duties.DutiesClash, match=r"Khoản 3 Điều 6, "):
        grants.grant(session, other, Membership("bien-tap-vien", "vp"), origin=origin)
    endings.close(session, administrator, origin=origin, basis="QĐ 1")
    grants.grant(session, other, Membership("bien-tap-vien", "vp"), origin=origin)
    for opened in (endings.reopen, endings.follow):
        with pytest.raises(duties.DutiesClash), session.begin_nested():
            opened(session, administrator, origin=origin, basis="QĐ 2", trained="CC 12")


def test_a_unit_administrator_is_no_editor_and_an_editor_becomes_none(session, origin):
    give(session, origin, worlds.leader, Membership("quan-tri-don-vi", "p-dautu"))
    with pytest.raises(duties.DutiesClash):
        give(session, origin, worlds.leader, Membership("bien-tap-thu-ky", "vp"))
    give(session, origin, worlds.office, Membership("bien-tap-thu-ky", "vp"))
    with pytest.raises(duties.DutiesClash):
        give(session, origin, worlds.office, Membership("quan-tri-don-vi", "vp"))


def test_an_administrators_account_only_sees(session, origin):
    assert queries.actor_of(session, worlds.admin.name, origin.now).only_sees
    assert not queries.actor_of(session, worlds.clerk.name, origin.now).only_sees


def test_a_grant_of_a_field_reaches_the_units_below_that_work_in_it_from_that_day(session, origin):
    day = date(2026, 12, 1)
    for unit in ("p-dautu", "vp"):
        fields.set_fields(session, unit, {"dau-tu"}, SINCE, origin=origin, basis=BASIS)
    fields.set_fields(session, "vp", {"lao-dong"}, day, origin=origin, basis=BASIS)
    give(session, origin, worlds.office, Membership("chu-tri-bao-cao", "ban", field="dau-tu"))
    before, after = (
        queries.actor_of(session, worlds.office.name, on) for on in (day - timedelta(days=1), day)
    )
    assert before.rights["tasks.assign"] == {"p-dautu", "vp"}
    assert after.rights["tasks.assign"] == {"p-dautu"}


def test_a_grant_everywhere_reaches_units_that_come_later(session, origin):
    actor = give(
        session, origin, worlds.office, Membership("chu-tri-bao-cao", "vp", everywhere=True)
    )
    assert actor.rights["tasks.assign"] == {row[0] for row in worlds.UNITS}


def test_a_field_that_is_not_there_is_refused(session, origin):
    with pytest.raises(grants.FieldUnknown):
        give(session, origin, worlds.office, Membership("chu-tri-bao-cao", "vp", field="ma"))


def test_the_tenant_changes_a_group_from_a_day_on(session, origin):
    day = date(2026, 12, 1)
    session.add(
        GroupChange(
            group_key="chuyen-vien", name="Chuyên viên", name_en="Staff", kinds=["internal"],
            permissions=["inbox.work"], effective_from=day, basis=BASIS,
            changed_at=origin.now, changed_by="x",
        )
    )  # fmt: skip
    session.flush()
    before, after = (
        queries.actor_of(session, worlds.clerk.name, on) for on in (day - timedelta(days=1), day)
    )
    assert before.may("cases.start") and not after.may("cases.start")
    assert after.may("inbox.work") and after.candidacies == {"chuyen-vien@p-dautu"}
