"""Acting for another: what the permission gives, and when it gives nothing any more."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.people import acting, queries
from app.people.acting import delegations
from app.people.acting.delegations import Order
from app.people.log import Origin
from app.people.models import Delegation
from app.people.queries import find_account
from app.people.rights import grants
from app.people.rights.grants import Membership
from tests.worlds import clerk, colleague, leader


@pytest.fixture
def permit(session, clock, origin):
    """Permits somebody, a colleague if not said, to act for another: permit(clerk, groups=...)."""

    def put(grantor, **scope):
        today = clock().date()
        order = Order(
            "delegation", grantor.name, colleague.name, today, today + timedelta(days=3), **scope
        )
        row = delegations.permit(session, "UQ-1", order, origin=origin)
        session.flush()
        return row

    return put


def test_a_delegation_ended_before_the_step_gives_nothing_whichever_clock_was_ahead(
    session, clock, origin, permit
):
    row = permit(clerk)
    actor = acting.actor_for(session, row, clock())
    assert acting.standing(session, actor, clock()).whose == clerk.name
    later = replace(origin, now=clock() + timedelta(minutes=1))
    assert delegations.end(session, row.number, origin=later)
    session.flush()
    assert acting.standing(session, actor, clock()) is None


def test_acting_in_some_groups_gives_what_these_give_and_nothing_by_name(
    session, clock, origin, permit
):
    account = queries.find_account(session, leader.name)
    days = {"valid_from": clock().date(), "valid_to": None}
    grants.grant(session, account, Membership("van-thu", "vp"), origin=origin, **days)
    session.flush()
    actor = acting.actor_for(session, permit(leader, groups=("van-thu",)), clock())
    assert actor.candidacies == {"van-thu@vp"}
    assert not actor.may("cases.view", "p-dautu")
    assert actor.mandate.groups == {"van-thu"}


def test_acting_in_some_units_gives_what_lies_in_these(session, clock, permit):
    actor = acting.actor_for(session, permit(clerk, units=("p-dautu",)), clock())
    assert actor.candidacies == {"chuyen-vien@p-dautu", f"={clerk.name}"}
    assert actor.mandate.reaches("p-dautu") and not actor.mandate.reaches("vp")


def test_nobody_lets_act_in_a_unit_that_they_reach_on_the_last_day_only(
    session, clock, origin, permit
):
    account, today = queries.find_account(session, leader.name), clock().date()
    for unit, first in (("p-moitruong", today), ("vp", today + timedelta(days=1))):
        membership = Membership("van-thu", unit)
        grants.grant(session, account, membership, origin=origin, valid_from=first)
    session.flush()
    with pytest.raises(delegations.UnitNotReached):
        permit(leader, groups=("van-thu",), units=("vp",))
    permit(leader, groups=("van-thu",), units=("p-moitruong",))


def test_a_delegation_gives_nothing_before_its_first_day_and_after_its_last(
    session, clock, permit
):
    row = permit(clerk)
    for days in (-1, 4):
        assert acting.actor_for(session, row, clock() + timedelta(days=days)) is None


def test_what_was_permitted_does_not_grow_with_its_grantor(engine, clock, world):
    days = date(2026, 11, 23), date(2026, 12, 20)
    order = delegations.Order("substitution", colleague.name, clerk.name, *days)
    with engine.writing() as session:
        by = Origin(leader.name, clock())
        number = delegations.permit(session, "UQ-1", order, origin=by).number
    clock.at("2026-11-25 09:00")
    with engine.writing() as session:
        held, later = find_account(session, colleague.name), Origin("quantri", clock())
        new = grants.Membership("chanh-van-phong", "vp")
        grants.grant(session, held, new, origin=later, basis="QĐ 3")
    with engine.reading() as session:
        query = sa.select(Delegation.id).where(Delegation.number == number)
        row = delegations.find(session, session.scalars(query).one())
        actor = acting.actor_for(session, row, clock())
    assert actor.candidacies == {"=binhtv", "chuyen-vien@p-dautu"}
