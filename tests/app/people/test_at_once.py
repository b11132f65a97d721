"""Two hands at once on units, rights and delegations: one wins, the other reads a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from app.corrections import subjects
from app.people import accounts, acting, queries
from app.people.accounts import Application, endings
from app.people.acting import delegations
from app.people.correctable import Units
from app.people.log import Origin
from app.people.models import Account, AccountLog, Grant, Post, UnitChange, UnitSpan
from app.people.organisation import calling_off, placing, reorganising, units
from app.people.organisation.placing import Place
from app.people.organisation.plans import Plan
from app.people.rights import changes, founding, grants
from app.people.rights.grants import Membership
from tests.worlds import clerk, colleague

pytestmark = [
    pytest.mark.parametrize("database", ["postgres"], indirect=True),
    pytest.mark.postgres,
]
DAY = date(2026, 12, 10)
MERGER = Plan("merge", "p-dautu", DAY, "QĐ 9", into="p-moitruong")


def decided(engine, clock, plan=MERGER):
    with engine.writing() as session:
        return reorganising.decide(session, engine, plan, origin=Origin("quantri", clock())).id


def off(engine, number):
    """What calls that change off."""

    def work(session, origin):
        change = session.get_one(UnitChange, number)
        calling_off.call_off(session, engine, change, origin=origin, reason="QĐ 12")

    return work


def counted(session, event):
    query = sa.select(sa.func.count()).select_from(AccountLog).where(AccountLog.event == event)
    return session.scalar(query)


def test_of_two_who_call_a_merger_off_the_second_reads_that_it_is(engine, clock, race):
    number = decided(engine, clock)
    assert race(off(engine, number), off(engine, number)) == [None, "AlreadyCalledOff"]
    with engine.reading() as session:
        assert counted(session, "unit_change_called_off") == 1


def rename(session, origin):
    place = Place("rename", "p-dautu", date(2026, 12, 20), "QĐ 3", "Mới", None, "division", "ban")
    placing.decide(session, place, origin=origin)


@pytest.mark.parametrize("is_called_off_first", [True, False])
def test_a_further_change_and_a_calling_off_see_each_other(
    engine, clock, race, is_called_off_first
):
    number = decided(engine, clock)
    both = (off(engine, number), rename)
    found = race(*(both if is_called_off_first else both[::-1]))
    # While the merger stands there is no such unit to be called otherwise on that day.
    assert found == ([None, None] if is_called_off_first else ["UnitUnknown", None])
    with engine.reading() as session:
        spans = session.execute(
            sa.select(UnitSpan.name, UnitSpan.valid_to)
            .where(UnitSpan.unit_code == "p-dautu")
            .order_by(UnitSpan.valid_from)
        ).all()
    assert spans[-1].valid_to is None
    assert [span.name for span in spans][1:] == (["Mới"] if is_called_off_first else [])


@pytest.mark.parametrize("is_called_off_first", [True, False])
def test_no_day_is_lost_or_won_by_who_withdraws_a_right_beside_a_calling_off(
    engine, clock, race, is_called_off_first
):
    number = decided(engine, clock)

    def withdraw(session, origin):
        account = queries.find_account(session, clerk.name)
        rows = session.scalars(sa.select(Grant).where(Grant.account_id == account.id)).all()
        first = min(row.id for row in rows if row.group_key == "chuyen-vien")
        order = changes.Order((), (first,), "QĐ 3", date(2026, 12, 15))
        changes.carry_out(session, account, order, origin=origin)

    both = (off(engine, number), withdraw)
    assert race(*(both if is_called_off_first else both[::-1])) == [None, None]
    with engine.reading() as session:
        for day in (11, 15, 16, 31):
            held = queries.actor_of(session, clerk.name, date(2026, 12, day)).candidacies
            assert ("chuyen-vien@p-dautu" in held) is (day > 15)
            assert "chuyen-vien@p-moitruong" not in held


def test_a_right_that_was_called_off_stays_so_by_the_hand_that_was_first(engine, clock, race):
    number = decided(engine, clock)
    moved = sa.select(Grant).where(Grant.continues_id.is_not(None)).order_by(Grant.id).limit(1)

    def withdraw(session, _origin):
        row = session.scalars(moved).one()
        account = session.get_one(Account, row.account_id)
        grants.revoke(session, row, account, origin=Origin("haidq", clock()), basis="QĐ 3")

    assert race(off(engine, number), withdraw) == [None, None]
    with engine.reading() as session:
        row = session.scalars(moved).one()
        assert (row.revoked_by, row.revoked_basis) == ("quantri", "QĐ 12")
        assert not counted(session, "revoked")


def test_an_account_that_follows_another_beside_a_calling_off_has_its_rights_once(
    engine, clock, race
):
    number = decided(engine, clock)
    with engine.writing() as session:
        origin = Origin("quantri", clock())
        account = queries.find_account(session, clerk.name)
        endings.close(session, account, origin=origin, basis="Lộ mật khẩu")
    names = []

    def follow(session, origin):
        account = queries.find_account(session, clerk.name)
        names.append(endings.follow(session, account, origin=origin, basis="QĐ 9").name)

    assert race(off(engine, number), follow) == [None, None]
    with engine.reading() as session:
        for day in (9, 10, 31):
            held = queries.actor_of(session, names[0], date(2026, 12, day)).candidacies
            assert "chuyen-vien@p-dautu" in held
            assert "chuyen-vien@p-moitruong" not in held


def test_of_two_groups_that_do_not_go_together_one_is_given(race):
    def give(group):
        def work(session, origin):
            account = queries.find_account(session, clerk.name)
            membership = Membership(group, "p-dautu")
            grants.grant(session, account, membership, origin=origin, basis="QĐ", trained="CC 1")

        return work

    both = give("quan-tri-don-vi"), give("bien-tap-thu-ky")
    assert race(*both) == [None, "DutiesClash"]


def test_no_account_is_opened_in_a_unit_that_is_just_merged_into_another(engine, clock, race):
    plan = replace(MERGER, day=clock().date())

    def merge(session, origin):
        reorganising.decide(session, engine, plan, origin=origin)

    def enter(session, origin):
        wanted = Application(
            "Đỗ Thị Em", unit="p-dautu", groups=(Membership("van-thu", "p-dautu"),)
        )
        made = accounts.open_accounts(session, [wanted], origin=origin)
        assert [type(one).__name__ for one in made] == ["UnitUnknown"]

    assert race(merge, enter) == [None, None]


@pytest.mark.parametrize("is_given_first", [True, False])
def test_nothing_is_given_in_a_unit_that_is_just_merged_into_another(
    engine, clock, race, is_given_first
):
    plan = replace(MERGER, day=clock().date())

    def give(session, origin):
        account = queries.find_account(session, clerk.name)
        grants.grant(session, account, Membership("van-thu", "p-dautu"), origin=origin, basis="QĐ")
        units.give_post(
            session, account.person, "p-dautu", kind="deputy", title="", origin=origin,
            valid_from=plan.day,
        )  # fmt: skip

    def merge(session, origin):
        reorganising.decide(session, engine, plan, origin=origin)

    found = race(*((give, merge) if is_given_first else (merge, give)))
    assert found == ([None, None] if is_given_first else [None, "UnitUnknown"])
    with engine.reading() as session:
        held = queries.actor_of(session, clerk.name, clock()).candidacies
        # In the old unit by what the heir has taken over, and by no right of its own.
        assert {one for one in held if one.startswith("van-thu@")} == (
            {"van-thu@p-moitruong", "van-thu@p-dautu"} if is_given_first else set()
        )
        for row in (Grant, Post):
            still = sa.or_(row.valid_to.is_(None), row.valid_to >= plan.day)
            left = sa.select(row.id).where(row.unit_code == "p-dautu", still)
            if row is Grant:
                left = left.where(Grant.revoked_at.is_(None))
            assert not session.scalars(left).all()


@pytest.mark.parametrize("is_corrected_first", [True, False])
def test_a_unit_that_is_corrected_beside_its_merger_is_no_more_all_the_same(
    engine, clock, race, is_corrected_first
):
    def correct(session, origin):
        place = subjects.Place(session, origin.now, "p-dautu")
        Units().write(place, {"name": "Phòng Đầu tư"}, subjects.Hand(origin.actor, "TĐ-1"))

    def merge(session, origin):
        reorganising.decide(session, engine, MERGER, origin=origin)

    pair = (correct, merge) if is_corrected_first else (merge, correct)
    race(*pair)
    with engine.reading() as session:
        assert "p-dautu" not in [unit.code for unit in queries.tree(session, DAY)]


@pytest.mark.parametrize("is_ended_first", [True, False])
def test_nobody_comes_into_a_group_that_is_just_ending(engine, clock, race, is_ended_first):
    with engine.writing() as session:
        new = founding.NewGroup("Tổ A", "", ("inbox.work",), "QĐ")
        founding.make(session, new, origin=Origin("quantri", clock()))

    def end(session, origin):
        founding.end(session, "to-a", clock().date(), origin=origin)

    def give(session, origin):
        account = queries.find_account(session, clerk.name)
        grants.grant(session, account, Membership("to-a", "p-dautu"), origin=origin, basis="QĐ")

    found = race(*((end, give) if is_ended_first else (give, end)))
    assert found == ([None, "GroupNotForKind"] if is_ended_first else [None, None])
    with engine.reading() as session:
        assert "to-a@p-dautu" not in queries.actor_of(session, clerk.name, clock()).candidacies
        given = session.scalar(sa.select(sa.func.count()).where(Grant.group_key == "to-a"))
        assert given == (0 if is_ended_first else 1)


def test_a_step_for_another_is_done_before_the_delegation_ends_or_not_at_all(engine, clock, race):
    today = clock().date()
    order = delegations.Order("substitution", clerk.name, colleague.name, today, today)
    with engine.writing() as session:
        row = delegations.permit(session, "UQ-1", order, origin=Origin("quantri", clock()))
        session.flush()
        actor = acting.actor_for(session, row, clock())
    stood = []

    def step(session, _origin):
        stood.append(acting.standing(session, actor, clock()) is not None)

    def end(session, origin):
        assert delegations.end(session, "UQ-1", origin=origin)

    assert race(step, end) == [None, None]
    with engine.writing() as session:
        assert acting.standing(session, actor, clock()) is None
    assert stood == [True]


def test_of_two_heads_named_at_once_one_stays(engine, race):
    def named(name):
        def work(session, origin):
            person = queries.find_account(session, name).person
            units.give_post(
                session, person, "p-dautu", kind="head", title="", valid_from=DAY, origin=origin
            )

        return work

    assert race(named(clerk.name), named(colleague.name)) == [None, None]
    with engine.reading() as session:
        heads = sa.select(Post).where(Post.unit_code == "p-dautu", Post.kind == "head")
        last = [post for post in session.scalars(heads) if not post.valid_to]
        assert len(last) == 1
